import {
  to = s3www_stack.site

  identity = {
    namespace = "web"
    name      = "site"
  }
}
