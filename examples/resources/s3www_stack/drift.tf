resource "s3www_stack" "site" {
  name = "site"

  drift_detection = {
    ignore = [
      {
        paths  = ["/spec/replicas"]
        target = { kind = "Deployment", name = "site-s3www" }
      },
      {
        # A step into a list may be the name of the item.
        paths = ["/spec/template/spec/containers/s3www/image"]
      },
    ]
    ignore_managers = ["my-operator", "vpa-*"]
  }
}
