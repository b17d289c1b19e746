variable "name" {
  description = "Name of the release, which its objects are named after."
  type        = string
  default     = "site"

  validation {
    condition     = can(regex("^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$", var.name))
    error_message = "The name must have 1 to 30 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
}

variable "namespace" {
  description = "Namespace of the release."
  type        = string
}

variable "create_namespace" {
  description = "Whether to create the namespace if it is missing. It is kept on destroy."
  type        = bool
  default     = false
}

variable "content" {
  description = "Path of the folder with the site's files."
  type        = string

  validation {
    condition     = fileexists("${var.content}/index.html")
    error_message = "The folder must have an index.html, since s3www lists the bucket to everybody without one."
  }
}

variable "replicas" {
  description = "Fewest and most pods of s3www. An autoscaler works between them if they differ."
  type = object({
    min = number
    max = number
  })
  default = {
    min = 2
    max = 2
  }

  validation {
    condition     = var.replicas.min >= 2 && var.replicas.max >= var.replicas.min
    error_message = "A site that outlives the loss of a node needs at least two pods, and max must not be less than min."
  }
}

variable "storage" {
  description = "MinIO's volume: its size, and its StorageClass (the cluster's default one if empty). The size cannot be changed in place."
  type = object({
    size  = string
    class = optional(string, "")
  })
  default = {
    size = "10Gi"
  }

  validation {
    condition     = can(regex("^[1-9][0-9]*(Mi|Gi|Ti)$", var.storage.size))
    error_message = "The size must be a number with Mi, Gi or Ti."
  }
}

variable "ingress" {
  description = "Host name under which an Ingress exposes the site, with its class and the Secret of its certificate; no Ingress if null."
  type = object({
    host       = string
    class      = string
    tls_secret = string
  })
  default = null
}

variable "image_registry" {
  description = "Registry that all images come from, such as a mirror; their own ones if empty."
  type        = string
  default     = ""
}

variable "keep_old_versions_days" {
  description = "Days for which the bucket keeps files that were changed or removed."
  type        = number
  default     = 30

  validation {
    condition     = var.keep_old_versions_days >= 1
    error_message = "Old versions must be kept for at least a day."
  }
}

variable "monitoring_labels" {
  description = "Labels by which the Prometheus Operator selects alerts and scrapes. Without the operator the cluster gets none of its objects."
  type        = map(string)
  default     = {}
}

variable "force_destroy" {
  description = "Whether a destroy deletes what is in the bucket. It must have been applied before."
  type        = bool
  default     = false
}

variable "timeout" {
  description = "Time for one create, update or destroy of the stack."
  type        = string
  default     = "10m"
}
