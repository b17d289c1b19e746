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

# As small as the module allows, and gone without asking.
module "site" {
  source = "../modules/site"

  namespace        = var.namespace
  create_namespace = true
  content          = "${path.module}/../content"
  storage          = { size = "1Gi" }
  force_destroy    = true
}
