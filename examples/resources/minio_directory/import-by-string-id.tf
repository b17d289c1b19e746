import {
  provider = s3www
  to       = minio_directory.site
  id       = "web/site//site/docs"
}
