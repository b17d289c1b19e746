# The bucket of a stack. The chart's loader has made it, so it is taken over.
resource "minio_bucket" "site" {
  provider = s3www

  stack          = s3www_stack.site.id
  bucket         = s3www_stack.site.bucket
  adopt_existing = true

  versioning = true

  lifecycle_rule = [{
    id                         = "old-versions"
    noncurrent_expiration_days = 30
  }]

  tags = {
    purpose = "website"
  }
}

# Another bucket in the same MinIO, with a policy.
resource "minio_bucket" "downloads" {
  provider = s3www

  stack  = s3www_stack.site.id
  bucket = "downloads"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = ["*"] }
      Action    = ["s3:GetObject"]
      Resource  = ["arn:aws:s3:::downloads/*"]
    }]
  })
}
