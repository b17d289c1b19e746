terraform import minio_object.index web/site//site/index.html
