output "id" {
  description = "Id of the stack: namespace/name."
  value       = s3www_stack.site.id
}

output "url" {
  description = "URL from outside; null without an Ingress."
  value       = s3www_stack.site.url
}

output "service_url" {
  description = "URL inside the cluster."
  value       = s3www_stack.site.service_url
}

output "revision" {
  description = "Revision of the release, for `helm rollback` in a hurry."
  value       = s3www_stack.site.revision
}

output "fingerprint" {
  description = "Hash of everything that is served, which changes when any file does."
  value       = minio_directory.site.fingerprint
}
