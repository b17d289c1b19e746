import {
  provider = s3www
  to       = minio_bucket.site
  id       = "web/site//site"
}
