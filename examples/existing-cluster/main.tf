# A site on a cluster that exists already, such as one of kind or minikube.
# README.md has it step by step.

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
    config_context = var.config_context
  }
}

resource "s3www_stack" "site" {
  name             = "site"
  namespace        = var.namespace
  create_namespace = true

  # A first start pulls three images.
  timeout = "10m"

  values = {
    # Two pods would not make one node safer.
    replicaCount = 1

    minio = {
      persistence = {
        size         = "1Gi"
        storageClass = var.storage_class
      }
    }
  }
}

resource "minio_object" "index" {
  provider = s3www

  stack   = s3www_stack.site.id
  bucket  = s3www_stack.site.bucket
  key     = "index.html"
  content = "<!doctype html>\n<title>Served by s3www</title>\n<h1>It works</h1>\n"
}
