variable "config_path" {
  description = "Path of the kubeconfig; the usual one if null."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the release."
  type        = string
  default     = "site"
}

variable "namespace" {
  description = "Namespace of the release; created if it is missing."
  type        = string
  default     = "s3www"
}

variable "file_url" {
  description = "File that the chart's loader fetches into the bucket."
  type        = string
  default     = "https://media.giphy.com/media/VdiQKDAguhDSi37gn1/giphy.gif"
}

variable "file_sha256" {
  description = "SHA-256 of that file; another content is refused. Not checked if null."
  type        = string
  default     = null
}

variable "file_key" {
  description = "Key of that file in the bucket."
  type        = string
  default     = "giphy.gif"
}

variable "service_type" {
  description = "Type of s3www's Service: ClusterIP, NodePort or LoadBalancer."
  type        = string
  default     = "ClusterIP"
}
