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
  description = "Namespace of the release. It exists already, with its quota and its Pod Security level."
  type        = string
  default     = "web"
}

variable "host" {
  description = "Host name of the site."
  type        = string
  default     = "www.example.com"
}

variable "force_destroy" {
  description = "Whether a destroy deletes what is in the bucket. It must have been applied before."
  type        = bool
  default     = false
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

output "url" {
  description = "URL from outside."
  value       = module.site.url
}

output "revision" {
  description = "Revision of the release, for `helm rollback` in a hurry."
  value       = module.site.revision
}

output "fingerprint" {
  description = "Changes when any file of the site does."
  value       = module.site.fingerprint
}
