# A whole site from a folder: a stack, a bucket that keeps old versions, and every
# file of `site` as an object. Change, add or remove a file and plan again.

terraform {
  required_version = ">= 1.11"

  required_providers {
    s3www = {
      source  = "terraform.local/s3www/s3www"
      version = "~> 0.1"
    }
  }
}

resource "s3www_stack" "site" {
  name = "static-site"
}

# The stack has made the bucket; here its settings are kept.
resource "minio_bucket" "site" {
  provider = s3www

  stack          = s3www_stack.site.id
  bucket         = s3www_stack.site.bucket
  adopt_existing = true
  versioning     = true

  # The bucket goes with the example, old versions included.
  force_destroy = true
}

resource "minio_directory" "site" {
  provider = s3www

  stack  = s3www_stack.site.id
  bucket = minio_bucket.site.bucket
  source = "${path.module}/site"

  exclude = ["**/.*", "**/*.draft.html"]

  settings = [
    { pattern = "**", cache_control = "public, max-age=3600" },
    { pattern = "**/*.html", cache_control = "no-cache" },
  ]
}

output "fingerprint" {
  description = "Changes when the site does"
  value       = minio_directory.site.fingerprint
}

output "files" {
  description = "What is served"
  value       = keys(minio_directory.site.objects)
}
