#!/usr/bin/env bash
# Runs every test there is, on the local cluster unless KUBECONFIG names
# another. Arguments go to `cargo test`, for example the name of one test; then
# only the provider's tests run.
#
# Tests find what they need in these variables, and fail without it:
#   KUBECONFIG                     the cluster; tests make namespaces of their own in it
#   TERRAFORM TOFU                 the two clients
#   HELM4 HELM3 KUBECTL            yardsticks, and hands for interference
#   KUBECONFORM                    judges what the chart renders by schemas
#   TFPLUGINDOCS                   the registry's check of the pages
#   TERRAFORM_DOCS                 writes the inputs and outputs of the examples
#   MINIO MC                       a MinIO for the machine itself, and its client
#   S3WWW_CRDS                     a folder with the custom resource definitions of others
#   PROMTOOL S3WWW_OPERATOR_CRDS   for test-operators.sh alone: Prometheus' tool, and the definitions of all operators
#   S3WWW_FILES_DIR, S3WWW_FILES_URL   a folder, and the URL under which machine and pods find its files
#   S3WWW_CLUSTER_COMMAND          the local cluster's command: `signal kube-apiserver STOP`, `logs kubelet`
#   S3WWW_CLUSTER_LOGS             the folder with a log for each component
# The last four are there on the local cluster only.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/scripts/workspace.sh
. "$(dirname "$0")/workspace.sh"

TERRAFORM=${TERRAFORM:-$(command -v terraform)} ||
  fail "Terraform is not installed, and the tests run with both clients. Install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install), or set TERRAFORM to its path."
export TERRAFORM
export TOFU=$TOOLS/tofu HELM4=$TOOLS/helm4 HELM3=$TOOLS/helm3 MINIO=$TOOLS/minio MC=$TOOLS/mc KUBECTL=$TOOLS/kubectl KUBECONFORM=$TOOLS/kubeconform TFPLUGINDOCS=$TOOLS/tfplugindocs TERRAFORM_DOCS=$TOOLS/terraform-docs
export S3WWW_CRDS=$TOOLS/crds PROMTOOL=$TOOLS/promtool S3WWW_OPERATOR_CRDS=$TOOLS/operator-crds
export CHECKPOINT_DISABLE=1
# Most tests wait for pods much of the time.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$(($(nproc) + 1))}

started=''
take_down() {
  local status=$?
  if ((status != 0)) && [ -n "${S3WWW_CLUSTER_LOGS:-}" ] && [ -d "$S3WWW_CLUSTER_LOGS" ]; then
    rm -rf "$TARGET/cluster-logs"
    cp -r "$S3WWW_CLUSTER_LOGS" "$TARGET/cluster-logs"
    printf 'The logs of the cluster are in %s\n' "$TARGET/cluster-logs" >&2
  fi
  if [ -n "$started" ]; then
    "$CLUSTER" down
  fi
  exit "$status"
}

if is_local; then
  if ! "$CLUSTER" status >/dev/null 2>&1; then
    started=yes
  fi
  trap take_down EXIT
  say "Starting the local cluster"
  "$CLUSTER" up
  local_cluster
  export S3WWW_FILES_DIR=$FILES_DIR S3WWW_FILES_URL=$FILES_URL S3WWW_CLUSTER_COMMAND=$CLUSTER
  S3WWW_CLUSTER_LOGS=$(dirname "$KUBECONFIG")/logs
  export S3WWW_CLUSTER_LOGS
else
  [ -z "${CI:-}" ] || fail "CI has to run on the local cluster, whose parts some tests stop and start; KUBECONFIG names another one."
fi
export KUBECONFIG

# Whoever wants one test of the provider does not want to wait for these.
if (($# == 0)); then
  say "Tests of the local cluster and of s3www's double"
  (cd "$ROOT/tests/cluster" && go test -count=1 ./cmd/cluster ./internal/...)
  (cd "$ROOT/tests/cluster/cmd/s3www" && go test -count=1 ./...)
fi
say "Tests of the provider"
cd "$ROOT"
cargo test --locked "$@"
