#!/usr/bin/env bash
# Deploys examples/complete and proves that s3www serves its files. Programs
# and mirror are there already (see the Makefile).
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/scripts/workspace.sh
. "$(dirname "$0")/workspace.sh"

KUBECTL=$TOOLS/kubectl
if is_local; then
  say "Local cluster"
  "$CLUSTER" up
else
  KUBECTL=$(command -v kubectl || echo "$KUBECTL")
fi
workspace

# Everything comes from the mirror, nothing from a registry.
cat >"$TF_CLI_CONFIG_FILE" <<END
provider_installation {
  filesystem_mirror {
    path    = "$MIRROR"
    include = ["terraform.local/*/*"]
  }
  direct {
    exclude = ["terraform.local/*/*"]
  }
}
END
if is_local; then
  cp "$ROOT/tests/scripts/$DEMO_FILE" "$FILES_DIR/"
fi
# demo-down destroys where the demo applied, whatever KUBECONFIG says then.
printf '%s\n' "$KUBECONFIG" >"$DEMO/kubeconfig"

# The lock file of another build of the provider would refuse this one.
rm -f "$EXAMPLE/.terraform.lock.hcl"
say "$(basename "$TF") init"
"$TF" -chdir="$EXAMPLE" init -input=false
say "$(basename "$TF") apply"
"$TF" -chdir="$EXAMPLE" apply -auto-approve "${ARGUMENTS[@]}"

say "Fetching what is served, and comparing"
"$TF" -chdir="$EXAMPLE" output -json >"$DEMO/outputs.json"
service_url=$(jq -er .service_url.value "$DEMO/outputs.json") || fail "examples/complete has no output \`service_url\`."
# http://NAME.NAMESPACE.svc...:PORT
authority=${service_url#*://}
authority=${authority%%/*}
host=${authority%%:*}
port=80
[ "$host" = "$authority" ] || port=${authority##*:}
service=${host%%.*}
namespace=$(cut -d. -f2 <<<"$host")

# A port-forward works in every cluster, also where no Service is exposed.
"$KUBECTL" -n "$namespace" port-forward "service/$service" ":$port" >"$DEMO/port-forward.log" 2>&1 &
forward=$!
trap 'kill "$forward" 2>/dev/null || true' EXIT
deadline=$((SECONDS + 30))
until local_port=$(sed -n 's/^Forwarding from 127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$DEMO/port-forward.log") && [ -n "$local_port" ]; do
  if ! kill -0 "$forward" 2>/dev/null || ((SECONDS > deadline)); then
    fail "The port-forward to service/$service in the namespace $namespace did not start: $(cat "$DEMO/port-forward.log")"
  fi
  sleep 0.1
done

# s3www answers a missing key with another page and status 200, so only the
# content counts.
count=0
while IFS=$'\t' read -r key wanted; do
  path=$(jq -rn --arg key "$key" '$key | split("/") | map(@uri) | join("/")')
  got=$(curl --noproxy '*' -fsSL --max-time 30 "http://127.0.0.1:$local_port/$path" | sha256sum | cut -d' ' -f1)
  [ "$got" = "$wanted" ] || fail "/$key is served with the SHA-256 $got, but $wanted was deployed."
  printf '    /%s  sha256 %s\n' "$key" "$got"
  count=$((count + 1))
done < <(jq -r --arg sha256 "$FILE_SHA256" '
  .sha256.value + (if $sha256 == "" then {} else {(.file_key.value): $sha256} end)
  | to_entries[] | [.key, .value] | @tsv' "$DEMO/outputs.json")
((count > 0)) || fail "The outputs \`sha256\` and \`file_key\` of examples/complete name no file, so nothing was compared."
kill "$forward"
trap - EXIT

node_port=$("$KUBECTL" -n "$namespace" get service "$service" -o 'jsonpath={.spec.ports[0].nodePort}')
node=$("$KUBECTL" get nodes -o 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}')
helm=helm
command -v helm >/dev/null || [ ! -x "$TOOLS/helm4" ] || helm=$TOOLS/helm4
say "s3www serves byte for byte what was deployed (files compared: $count)"
printf '\nOpen it:\n'
if [ -n "$node_port" ]; then
  printf '  http://%s:%s/\n' "$node" "$node_port"
else
  printf '  %s -n %s port-forward service/%s 8080:%s   # then http://127.0.0.1:8080/\n' "$KUBECTL" "$namespace" "$service" "$port"
fi
cat <<END

Look around:
  export KUBECONFIG=$KUBECONFIG
  export TF_CLI_CONFIG_FILE=$TF_CLI_CONFIG_FILE
  $helm list -A
  $KUBECTL -n $namespace get all

Change something by hand, see it in the plan, put it right:
  $KUBECTL -n $namespace scale deployment/$service --replicas=1
  $TF -chdir=$EXAMPLE plan -var-file=$DEMO/demo.tfvars
  $TF -chdir=$EXAMPLE apply -var-file=$DEMO/demo.tfvars

Clean up:
  make demo-down
END
