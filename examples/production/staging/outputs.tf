output "service_url" {
  description = "URL inside the cluster."
  value       = module.site.service_url
}
