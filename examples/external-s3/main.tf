# s3www in front of storage that exists already: no MinIO is installed, the bucket and
# its files are kept by the provider directly, and s3www reads it with keys of its own.

terraform {
  required_version = ">= 1.11"

  required_providers {
    s3www = {
      source  = "terraform.local/s3www/s3www"
      version = "~> 0.1"
    }
  }
}

# Resources without `stack` use this server. Its keys are in no state.
provider "s3www" {
  minio = {
    endpoint   = var.endpoint
    access_key = var.access_key
    secret_key = var.secret_key
  }
}

resource "minio_bucket" "site" {
  provider = s3www

  bucket        = var.bucket
  versioning    = true
  force_destroy = var.force_destroy
}

resource "minio_object" "index" {
  provider = s3www

  bucket = minio_bucket.site.bucket
  key    = "index.html"
  source = "${path.module}/index.html"
}

resource "s3www_stack" "site" {
  name             = var.name
  namespace        = var.namespace
  create_namespace = true

  values = {
    minio      = { enabled = false }
    externalS3 = { endpoint = var.endpoint }
    bucket     = { name = minio_bucket.site.bucket }

    # After changing the keys, change `rotation` too: the pods then restart.
    auth = { existingSecret = "${var.name}-keys", rotation = var.rotation }
  }

  # The Secret with s3www's keys, in neither plan nor state.
  values_wo = {
    extraObjects = [{
      apiVersion = "v1"
      kind       = "Secret"
      metadata   = { name = "${var.name}-keys" }
      stringData = {
        accessKey = var.site_access_key
        secretKey = var.site_secret_key
      }
    }]
  }
}
