terraform {
  required_version = ">= 1.11"

  required_providers {
    s3www = {
      source  = "terraform.local/s3www/s3www"
      version = "~> 0.1"
    }
  }
}
