#!/usr/bin/env bash
# Destroys what the demo made and removes its files; the local cluster too.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/scripts/workspace.sh
. "$(dirname "$0")/workspace.sh"

if [ -r "$DEMO/kubeconfig" ]; then
  KUBECONFIG=$(cat "$DEMO/kubeconfig")
  workspace
  if [ ! -s "$EXAMPLE/terraform.tfstate" ]; then
    say "There is no state: nothing to destroy"
  elif is_local && ! "$CLUSTER" status >/dev/null 2>&1; then
    say "The local cluster does not run: what was in it is gone with it"
  else
    say "$(basename "$TF") destroy"
    "$TF" -chdir="$EXAMPLE" destroy -auto-approve "${ARGUMENTS[@]}"
  fi
fi
if is_local; then
  "$CLUSTER" down
fi
rm -rf "$DEMO" "$MIRROR" "$KUBECACHEDIR" "$EXAMPLE/.terraform" "$EXAMPLE/.terraform.lock.hcl" \
  "$EXAMPLE/terraform.tfstate" "$EXAMPLE/terraform.tfstate.backup" "$EXAMPLE/crash.log"
say "Nothing of the demo is left but the programs in $CACHE and $TARGET"
