moved {
  from = helm_release.site
  to   = s3www_stack.site
}

resource "s3www_stack" "site" {
  name      = "site"
  namespace = "web"
}
