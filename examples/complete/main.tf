# s3www and its MinIO, a bucket, and files from two sides: one that the chart's
# loader fetches at start-up, and some from this folder.

terraform {
  required_version = ">= 1.11"

  required_providers {
    s3www = {
      source  = "terraform.local/s3www/s3www"
      version = "~> 0.1"
    }
  }
}

provider "s3www" {
  kubernetes = {
    config_path = var.config_path
  }
}

resource "s3www_stack" "site" {
  name             = var.name
  namespace        = var.namespace
  create_namespace = true

  # The chart's loader fetches this file into the bucket.
  file = {
    url    = var.file_url
    sha256 = var.file_sha256
    key    = var.file_key
  }

  values = {
    replicaCount = 2

    service = {
      type = var.service_type
    }

    minio = {
      persistence = {
        size = "1Gi"
      }
    }
  }
}

# The loader has made the bucket; here its settings are kept.
resource "minio_bucket" "site" {
  provider = s3www

  stack          = s3www_stack.site.id
  bucket         = s3www_stack.site.bucket
  adopt_existing = true

  tags = {
    purpose = "website"
  }

  # The bucket goes with the example. Leave this out where content matters: a
  # bucket that holds anything is then an error on destroy.
  force_destroy = true
}

resource "minio_object" "site" {
  for_each = fileset("${path.module}/site", "**")
  provider = s3www

  stack  = s3www_stack.site.id
  bucket = minio_bucket.site.bucket
  key    = each.value
  source = "${path.module}/site/${each.value}"
}
