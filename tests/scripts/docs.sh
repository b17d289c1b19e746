#!/usr/bin/env bash
# Checks the pages, and says how many options are documented. With UPDATE=1 it
# writes the parts of them that are made. It needs both clients and no cluster.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

TERRAFORM=${TERRAFORM:-$(command -v terraform)} ||
  fail "Terraform is not installed, and the pages are checked with both clients. Install Terraform 1.11 or newer, or set TERRAFORM to its path."
export TERRAFORM TOFU=$TOOLS/tofu TFPLUGINDOCS=$TOOLS/tfplugindocs TERRAFORM_DOCS=$TOOLS/terraform-docs
say "Pages"
cargo test --locked --test integration -- --show-output docs:: packaging::pages chart::schema::every_value_has
