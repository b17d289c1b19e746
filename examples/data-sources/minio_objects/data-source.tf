# The folders at the top of a bucket.
data "minio_objects" "top" {
  provider = s3www

  stack     = s3www_stack.site.id
  bucket    = s3www_stack.site.bucket
  delimiter = "/"
}

output "folders" {
  description = "Folders at the top of the bucket."
  value       = data.minio_objects.top.common_prefixes
}

# How much is in one of them.
data "minio_objects" "images" {
  provider = s3www

  stack  = s3www_stack.site.id
  bucket = s3www_stack.site.bucket
  prefix = "images/"
}

output "bytes" {
  description = "Size of all images."
  value       = sum(concat([0], data.minio_objects.images.objects[*].size))
}
