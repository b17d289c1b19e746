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
