terraform import minio_directory.site web/site//site/docs
