#!/usr/bin/env bash
# Runs the tests that need several nodes, on a cluster of their own. Arguments
# go to the tests, for example a name.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

unset KUBECONFIG
export S3WWW_CLUSTER=${S3WWW_CLUSTER:-nodes}
export S3WWW_CLUSTER_SUBNET=${S3WWW_CLUSTER_SUBNET:-10.97.0.0/24}
export S3WWW_CLUSTER_NODES=${S3WWW_CLUSTER_NODES:-3}
exec "$ROOT/tests/scripts/test.sh" --test integration -- --ignored "${@:-chart::nodes}"
