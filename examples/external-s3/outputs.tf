output "id" {
  description = "Id of the stack: namespace/name."
  value       = s3www_stack.site.id
}

output "service_url" {
  description = "URL of s3www inside the cluster."
  value       = s3www_stack.site.service_url
}
