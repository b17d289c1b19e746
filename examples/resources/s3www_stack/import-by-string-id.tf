import {
  to = s3www_stack.site
  id = "web/site"
}
