# A page in the bucket of a stack that somebody else looks after.
data "s3www_stack" "shared" {
  name      = "site"
  namespace = "web"
}

resource "minio_object" "page" {
  provider = s3www

  stack   = data.s3www_stack.shared.id
  bucket  = data.s3www_stack.shared.bucket
  key     = "team/index.html"
  content = "<h1>Hello</h1>\n"
}
