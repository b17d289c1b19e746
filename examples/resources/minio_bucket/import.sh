terraform import minio_bucket.site web/site//site
