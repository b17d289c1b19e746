output "id" {
  description = "Id of the stack: namespace/name."
  value       = s3www_stack.site.id
}

output "revision" {
  description = "Revision of the release."
  value       = s3www_stack.site.revision
}

output "service_url" {
  description = "URL of s3www inside the cluster."
  value       = s3www_stack.site.service_url
}

output "sha256" {
  description = "SHA-256 of each file that is served from this folder, by key."
  value       = { for key, object in minio_object.site : key => object.sha256 }
}

output "file_key" {
  description = "Key of the file that the loader fetched."
  value       = var.file_key
}
