import {
  provider = s3www
  to       = minio_object.index
  id       = "web/site//site/index.html"
}
