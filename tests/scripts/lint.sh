#!/usr/bin/env bash
# Looks at everything that can be judged without running it. It goes through
# all of it before it fails, so that one run shows everything.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

failed=()
check() {
  local name=$1
  shift
  say "$name"
  "$@" || failed+=("$name")
}

gofmt_clean() {
  local files
  files=$(gofmt -l tests)
  [ -z "$files" ] || { printf 'gofmt would change: %s\n' "$files" && return 1; }
}

hcl_clean() {
  local folder status=0
  for folder in examples tests docs; do
    [ ! -d "$folder" ] || "$(client)" fmt -check -diff -recursive "$folder" || status=1
  done
  return "$status"
}

chart_clean() {
  local values arguments=() status=0
  "$TOOLS/helm4" lint --strict charts/s3www || status=1
  for values in charts/s3www/ci/*.yaml; do
    [ ! -e "$values" ] || arguments+=("$values")
  done
  for values in "${arguments[@]}"; do
    "$TOOLS/helm4" lint --strict --quiet charts/s3www --values "$values" || { printf 'with %s\n' "$values" && status=1; }
  done
  return "$status"
}

# Every values file passes kube-score, but for what the list says with reasons.
chart_scored() {
  local values name file check reason found options status=0 list=tests/tools/kube-score.txt
  for values in charts/s3www/ci/*-values.yaml; do
    name=$(basename "$values" -values.yaml)
    options=()
    while read -r file check reason; do
      [ "$file" = "$name" ] || [ "$file" = '*' ] || continue
      [ -n "$reason" ] || { printf '%s has no reason for %s\n' "$list" "$check" && status=1; }
      case $check in
        cpu-limit) options+=(--ignore-container-cpu-limit) ;;
        *) options+=(--ignore-test "$check") ;;
      esac
    done < <(grep -v '^#' "$list")
    found=$("$TOOLS/helm4" template site charts/s3www --namespace web --values "$values" |
      "$TOOLS/kube-score" score --kubernetes-version v1.34 --output-format ci --exit-one-on-warning "${options[@]}" -) ||
      { printf 'with %s:\n%s\n' "$values" "$(grep -vE '^\[(OK|SKIPPED)' <<<"$found")" && status=1; }
  done
  return "$status"
}

# Every configuration in examples/ passes each rule of tflint's own ruleset, but
# for those about a whole module where there is none.
examples_clean() {
  local folder options status=0
  while read -r folder; do
    options=()
    case $folder in
      # What a page shows, piece by piece, in files whose names the registry
      # wants. The block with the provider's source stands in one of them.
      examples/provider | examples/resources/* | examples/data-sources/*)
        options=(--disable-rule=terraform_required_version --disable-rule=terraform_required_providers
          --disable-rule=terraform_standard_module_structure)
        ;;
      # One file each, to be read at a glance; the rule wants two more.
      examples/minimal | examples/static-site) options=(--disable-rule=terraform_standard_module_structure) ;;
    esac
    "$TOOLS/tflint" --chdir="$folder" --config="$ROOT/examples/.tflint.hcl" "${options[@]}" ||
      { printf 'in %s\n' "$folder" && status=1; }
  done < <(find examples -name .terraform -prune -o -name '*.tf' -printf '%h\n' | sort -u)
  return "$status"
}

scripts_clean() {
  # The chart's scripts run in whatever shell an image has.
  shellcheck -x tests/scripts/*.sh .ci/run && shellcheck --shell=sh charts/s3www/files/scripts/*.sh
}

# The generated code of the wire protocol is committed; it must be what its
# generator makes of the .proto files.
protocol_clean() {
  local before
  before=$(cat src/plugin/proto/*.rs | sha256sum)
  cargo run --quiet --locked --manifest-path tests/proto/Cargo.toml || return 1
  [ "$before" = "$(cat src/plugin/proto/*.rs | sha256sum)" ] || { printf 'src/plugin/proto was not up to date; it is now.\n' && return 1; }
}

check "cargo fmt" cargo fmt --check
check "cargo clippy" cargo clippy --locked --all-targets -- -D warnings
check "generated protocol code" protocol_clean
check "gofmt" gofmt_clean
check "go vet, cluster" go -C tests/cluster vet ./...
check "go vet, s3www's double" go -C tests/cluster/cmd/s3www vet ./...
check "terraform fmt" hcl_clean
check "tflint" examples_clean
check "helm lint" chart_clean
check "kube-score" chart_scored
check "shellcheck" scripts_clean
# Advisories appear without a change here, so they are for `make deny`.
check "cargo deny" "$TOOLS/cargo-deny" --locked check -D warnings bans licenses sources
((${#failed[@]} == 0)) || fail "These did not pass: $(IFS=,; echo "${failed[*]}")"
