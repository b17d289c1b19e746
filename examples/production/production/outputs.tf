output "url" {
  description = "URL from outside."
  value       = module.site.url
}

output "revision" {
  description = "Revision of the release, for `helm rollback` in a hurry."
  value       = module.site.revision
}

output "fingerprint" {
  description = "Changes when any file of the site does."
  value       = module.site.fingerprint
}
