variable "config_context" {
  description = "Context of the kubeconfig, such as kind-kind or minikube; the current one if null."
  type        = string
  default     = null
}

variable "namespace" {
  description = "Namespace of the release; created if it is missing."
  type        = string
  default     = "web"
}

variable "storage_class" {
  description = "StorageClass of MinIO's volume; the cluster's default one if empty."
  type        = string
  default     = ""
}
