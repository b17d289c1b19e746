# The least that serves something: a stack, and one page in its bucket.

terraform {
  required_providers {
    s3www = {
      source = "terraform.local/s3www/s3www"
    }
  }
}

resource "s3www_stack" "site" {
  name = "site"
}

resource "minio_object" "index" {
  provider = s3www

  stack   = s3www_stack.site.id
  bucket  = s3www_stack.site.bucket
  key     = "index.html"
  content = "<h1>Hello</h1>\n"
}
