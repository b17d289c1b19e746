resource "s3www_stack" "site" {
  name             = "site"
  namespace        = "web"
  create_namespace = true

  file = {
    url = "https://media.giphy.com/media/VdiQKDAguhDSi37gn1/giphy.gif"
    key = "giphy.gif"
    # sha256 = "..." refuses any other content.
  }

  values = {
    replicaCount = 3

    ingress = {
      enabled   = true
      className = "nginx"
      hosts = [{
        host  = "www.example.com"
        paths = [{ path = "/", pathType = "Prefix" }]
      }]
    }

    minio = {
      persistence = { size = "20Gi" }
    }
  }

  timeout             = "10m"
  rollback_on_failure = true
}

output "url" {
  description = "URL from outside."
  value       = s3www_stack.site.url
}
