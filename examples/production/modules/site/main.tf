locals {
  is_scaled = var.replicas.max > var.replicas.min

  # None, or the one that was asked for.
  ingresses = var.ingress[*]
}

resource "s3www_stack" "site" {
  name             = var.name
  namespace        = var.namespace
  create_namespace = var.create_namespace

  values = {
    global       = { imageRegistry = var.image_registry }
    replicaCount = var.replicas.min
    autoscaling  = { enabled = local.is_scaled, minReplicas = var.replicas.min, maxReplicas = var.replicas.max }

    ingress = {
      enabled   = length(local.ingresses) > 0
      className = one(local.ingresses[*].class)
      hosts     = [for one in local.ingresses : { host = one.host, paths = [{ path = "/", pathType = "Prefix" }] }]
      tls       = [for one in local.ingresses : { hosts = [one.host], secretName = one.tls_secret }]
    }

    metrics = {
      prometheusRule = { enabled = true, labels = var.monitoring_labels }
    }

    minio = {
      persistence = { size = var.storage.size, storageClass = var.storage.class }
      metrics     = { serviceMonitor = { labels = var.monitoring_labels } }
    }
  }

  timeout             = var.timeout
  rollback_on_failure = true
}

resource "minio_bucket" "site" {
  provider = s3www

  stack          = s3www_stack.site.id
  bucket         = s3www_stack.site.bucket
  adopt_existing = true
  force_destroy  = var.force_destroy

  versioning = true
  lifecycle_rule = [{
    id                         = "old-versions"
    noncurrent_expiration_days = var.keep_old_versions_days
  }]
}

resource "minio_directory" "site" {
  provider = s3www

  stack   = s3www_stack.site.id
  bucket  = minio_bucket.site.bucket
  source  = var.content
  exclude = ["**/.*"]
}
