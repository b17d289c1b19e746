provider "s3www" {
  minio = {
    endpoint   = "https://minio.example.com"
    access_key = var.access_key
    secret_key = var.secret_key
  }
}

variable "access_key" {
  description = "Access key of the S3 server."
  type        = string
}

variable "secret_key" {
  description = "Secret key that belongs to it."
  type        = string
  sensitive   = true
}

resource "minio_bucket" "assets" {
  provider = s3www

  bucket = "assets"
}
