output "open" {
  description = "Command that makes the site answer on http://127.0.0.1:8080/."
  value       = "kubectl --namespace ${var.namespace} port-forward service/site-s3www 8080:80"
}
