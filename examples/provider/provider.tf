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
    config_path    = "~/.kube/config"
    config_context = "production"
  }
}

resource "s3www_stack" "site" {
  name             = "site"
  namespace        = "web"
  create_namespace = true
}

resource "minio_object" "index" {
  provider = s3www

  stack   = s3www_stack.site.id
  bucket  = s3www_stack.site.bucket
  key     = "index.html"
  content = "<h1>Hello</h1>\n"
}
