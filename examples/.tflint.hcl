# What `make lint` asks of every configuration in this folder: each rule of the ruleset
# that tflint brings. tests/scripts/lint.sh has the exceptions, with their reasons.

tflint {
  required_version = ">= 0.64"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}
