#!/usr/bin/env bash
# Runs the tests that need Prometheus, its operator, Traefik and so on. They
# have a cluster of their own, since their custom resource definitions change
# what the chart renders. Arguments go to the tests, for example a name.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

unset KUBECONFIG
export S3WWW_CLUSTER=${S3WWW_CLUSTER:-operators}
export S3WWW_CLUSTER_SUBNET=${S3WWW_CLUSTER_SUBNET:-10.98.0.0/24}
export S3WWW_CLUSTER_OPERATORS=yes
exec "$ROOT/tests/scripts/test.sh" --test integration -- --ignored "${@:-chart::operators}"
