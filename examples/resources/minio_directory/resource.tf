# A site, with headers for some of its files.
resource "minio_directory" "site" {
  provider = s3www

  stack  = s3www_stack.site.id
  bucket = s3www_stack.site.bucket
  source = "${path.module}/dist"

  exclude = ["**/*.map", ".git"]

  settings = [
    { pattern = "**", cache_control = "public, max-age=31536000, immutable" },
    { pattern = "**/*.html", cache_control = "no-cache" },
  ]
}

# Only some files, under a prefix that nobody else writes to.
resource "minio_directory" "downloads" {
  provider = s3www

  stack        = s3www_stack.site.id
  bucket       = s3www_stack.site.bucket
  prefix       = "downloads"
  source       = "${path.module}/out"
  include      = ["*.tar.gz", "*.zip"]
  delete_extra = true
}
