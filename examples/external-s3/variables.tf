variable "endpoint" {
  description = "URL of the S3 API, as this machine and the pods reach it."
  type        = string
}

variable "bucket" {
  description = "Name of the bucket. It is created."
  type        = string
  default     = "site"
}

variable "access_key" {
  description = "Access key that may create the bucket and write to it."
  type        = string
}

variable "secret_key" {
  description = "Secret key that belongs to it."
  type        = string
  sensitive   = true
}

variable "site_access_key" {
  description = "Access key for s3www: s3:ListBucket and s3:GetBucketLocation on the bucket, s3:GetObject on its objects."
  type        = string
}

variable "site_secret_key" {
  description = "Secret key that belongs to it."
  type        = string
  sensitive   = true
}

variable "rotation" {
  description = "Any text; change it together with the site's keys."
  type        = string
  default     = ""
}

variable "name" {
  description = "Name of the release."
  type        = string
  default     = "site"
}

variable "namespace" {
  description = "Namespace of the release; created if it is missing."
  type        = string
  default     = "web"
}

variable "force_destroy" {
  description = "Whether a destroy deletes what is in the bucket."
  type        = bool
  default     = false
}
