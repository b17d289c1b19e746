// terraform-docs, pinned. `go install` asks the module proxy for a list of its
// versions, which not every proxy has; building it from a module does not.
module terraform.local/s3www/tools/terraform-docs

go 1.26.3

require github.com/terraform-docs/terraform-docs v0.24.0
