# A folder of files. (minio_directory does it in one resource.)
resource "minio_object" "site" {
  for_each = fileset("${path.module}/site", "**")
  provider = s3www

  stack  = s3www_stack.site.id
  bucket = s3www_stack.site.bucket
  key    = each.value
  source = "${path.module}/site/${each.value}"
}

# Content from the configuration itself, with headers.
resource "minio_object" "config" {
  provider = s3www

  stack   = s3www_stack.site.id
  bucket  = s3www_stack.site.bucket
  key     = "config.json"
  content = jsonencode({ version = 1 })

  cache_control = "max-age=60"
  metadata      = { author = "terraform" }
}

# A file that is published elsewhere, such as a release's archive.
resource "minio_object" "download" {
  provider = s3www

  stack      = s3www_stack.site.id
  bucket     = s3www_stack.site.bucket
  key        = "tool.tar.gz"
  source_url = "https://example.com/releases/v1.2.3/tool.tar.gz"
  sha256     = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}
