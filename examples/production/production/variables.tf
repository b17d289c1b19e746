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
