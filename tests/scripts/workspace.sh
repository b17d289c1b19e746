# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # set for, and by, those who source it
# The demo's workspace: which cluster, which client, which variables.
# Source it behind lib.sh.

EXAMPLE=${EXAMPLE:-$ROOT/examples/complete}
DEMO=$TARGET/demo
CLUSTER=$TOOLS/cluster
# A picture of our own, in the place of the one that the example fetches from the web.
DEMO_FILE=picture.gif

# Is the demo's cluster the local one? It is, unless KUBECONFIG names another.
is_local() {
  [ -z "${KUBECONFIG:-}" ] || [ "$KUBECONFIG" = "$("$CLUSTER" kubeconfig)" ]
}

# Sets what everything on the local cluster needs.
local_cluster() {
  KUBECONFIG=$("$CLUSTER" kubeconfig)
  { read -r FILES_DIR && read -r FILES_URL; } < <("$CLUSTER" files)
  # The cluster is on this machine, whatever proxy leads to the internet.
  NO_PROXY=${NO_PROXY:+$NO_PROXY,}$(sed 's|^http://||; s|:.*||' <<<"$FILES_URL")
  export KUBECONFIG NO_PROXY no_proxy=$NO_PROXY
}

# Sets the environment of Terraform's commands, and ARGUMENTS with the file of
# variables, which is written here. FILE_SHA256 is that of the loader's file.
workspace() {
  mkdir -p "$DEMO"
  TF=$(client)
  export TF_CLI_CONFIG_FILE=$DEMO/cli.tfrc
  # A version check asks the internet.
  export CHECKPOINT_DISABLE=1
  [ -t 1 ] || export TF_CLI_ARGS=-no-color
  ARGUMENTS=(-input=false "-var-file=$DEMO/demo.tfvars")
  if is_local; then
    local_cluster
    FILE_SHA256=$(sha256sum "$ROOT/tests/scripts/$DEMO_FILE" | cut -d' ' -f1)
    # This machine reaches the ports of the node.
    cat >"$DEMO/demo.tfvars" <<END
config_path  = "$KUBECONFIG"
file_sha256  = "$FILE_SHA256"
file_url     = "$FILES_URL/$DEMO_FILE"
service_type = "NodePort"
END
  else
    export KUBECONFIG
    # The file is the example's own, or what TF_VAR_file_url and so on say.
    FILE_SHA256=${TF_VAR_file_sha256:-}
    printf 'config_path = "%s"\n' "$KUBECONFIG" >"$DEMO/demo.tfvars"
  fi
}
