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

module "site" {
  source = "../modules/site"

  namespace     = var.namespace
  content       = "${path.module}/../content"
  replicas      = { min = 2, max = 6 }
  storage       = { size = "20Gi" }
  ingress       = { host = var.host, class = "nginx", tls_secret = "www-tls" }
  force_destroy = var.force_destroy

  monitoring_labels = { release = "kube-prometheus-stack" }
}
