# The images that a stack needs, to mirror them.
data "s3www_chart" "bundled" {
  values = { metrics = { probe = { enabled = true } } }
}

output "images" {
  description = "Images to mirror."
  value       = data.s3www_chart.bundled.images
}

# A check before anything is deployed.
data "s3www_chart" "site" {
  name         = "site"
  namespace    = "web"
  values       = { replicaCount = 3 }
  api_versions = ["monitoring.coreos.com/v1"]

  lifecycle {
    postcondition {
      condition     = yamldecode(self.manifests["apps/v1/Deployment/site-s3www"]).spec.replicas >= 2
      error_message = "The site needs two replicas."
    }
  }
}

output "deployment" {
  description = "What would be deployed."
  value       = data.s3www_chart.site.manifests["apps/v1/Deployment/site-s3www"]
}
