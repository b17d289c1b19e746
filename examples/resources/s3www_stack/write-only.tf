variable "page" {
  description = "Content of index.html."
  type        = string
  ephemeral   = true
}

resource "s3www_stack" "site" {
  name = "site"

  values_wo         = { index = { content = var.page } }
  values_wo_version = 1
}
