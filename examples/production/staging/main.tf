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

variable "config_context" {
  description = "Context of the kubeconfig; the current one if null."
  type        = string
  default     = null
}

variable "namespace" {
  description = "Namespace of the release."
  type        = string
  default     = "web-staging"
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

output "service_url" {
  description = "URL inside the cluster."
  value       = module.site.service_url
}
