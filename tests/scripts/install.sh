#!/usr/bin/env bash
# Installs the built provider for this user, and says how to use it.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

plugins=$HOME/.terraform.d/plugins
version=$(version)
say "Installing for this user"
"$(dirname "$0")/mirror.sh" "$plugins"

# Prints the client configuration that is in use, if it names places to install
# from: then the clients look nowhere else.
restricting() {
  local file
  for file in "${TF_CLI_CONFIG_FILE:-}" "$HOME/.terraformrc" "$HOME/.tofurc" "${XDG_CONFIG_HOME:-$HOME/.config}/opentofu/tofurc"; do
    if [ -f "$file" ] && grep -q '^[[:space:]]*provider_installation\>' "$file"; then
      printf '%s\n' "$file"
    fi
  done
}

cat <<END
    Terraform and OpenTofu find it there without any configuration. Put this into yours,
    and run \`terraform init\` or \`tofu init\` (with -upgrade in a folder that had an older version):

terraform {
  required_providers {
    s3www = {
      source  = "$SOURCE"
      version = "~> $version"
    }
  }
}

    To uninstall: rm -r $plugins/$SOURCE
END
for file in $(restricting); do
  cat >&2 <<END
Warning: $file has a provider_installation block, and a client that reads it looks only where that block says. Add to the block:

  filesystem_mirror {
    path    = "$plugins"
    include = ["$SOURCE"]
  }

and exclude = ["$SOURCE"] to the other methods in it.
END
done
