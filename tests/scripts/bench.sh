#!/usr/bin/env bash
# Measures `plan` with nothing to change on the demo, beside the same for an
# empty configuration, and the provider's peak memory; then objects, beside `mc`
# (`bench-objects.sh`). Run `make demo` first.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/scripts/workspace.sh
. "$(dirname "$0")/workspace.sh"

RUNS=7
[ -s "$EXAMPLE/terraform.tfstate" ] || fail "The demo is not deployed. Run \`make demo\` first."
KUBECONFIG=$(cat "$DEMO/kubeconfig")
workspace

# Prints the median of the milliseconds that a command takes.
median() {
  local run begin
  for ((run = 0; run < RUNS; run++)); do
    begin=$(date +%s%N)
    "$@" >/dev/null
    echo $((($(date +%s%N) - begin) / 1000000))
  done | sort -n | sed -n "$(((RUNS + 1) / 2))p"
}

# Prints the largest VmHWM, in kB, that a provider process shows while a
# command runs.
peak() {
  local largest=0 command status size
  "$@" >/dev/null &
  command=$!
  while kill -0 "$command" 2>/dev/null; do
    for status in $(pgrep -f "/terraform-provider-s3www_v" | sed 's|.*|/proc/&/status|'); do
      size=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "$status" 2>/dev/null || true)
      ((${size:-0} <= largest)) || largest=$size
    done
  done
  wait "$command"
  echo "$largest"
}

empty=$(mktemp -d) blind=$(mktemp -d)
trap 'rm -rf "$empty" "$blind"' EXIT
printf '# nothing\n' >"$empty/main.tf"
plan=("$TF" "-chdir=$EXAMPLE" plan -detailed-exitcode "${ARGUMENTS[@]}")
"${plan[@]}" >/dev/null || fail "The plan is not empty, so it cannot be measured."
printf 'plan, empty configuration   %6s ms (median of %d)\n' "$(median "$TF" "-chdir=$empty" plan)" "$RUNS"
printf 'plan, demo, nothing to do   %6s ms (median of %d)\n' "$(median "${plan[@]}")" "$RUNS"
printf 'provider, peak resident     %6s kB\n' "$(peak "${plan[@]}")"
# The same with drift detection off, in state and configuration: what looking at the objects costs.
cp -r "$EXAMPLE/." "$blind"
sed -i 's/^resource "s3www_stack" "site" {$/&\n  drift_detection = { mode = "disabled" }/' "$blind/main.tf"
jq '(.resources[] | select(.type == "s3www_stack").instances[].attributes.drift_detection) =
  {mode: "disabled", ignore: null, ignore_managers: null}' "$EXAMPLE/terraform.tfstate" >"$blind/terraform.tfstate"
off=("$TF" "-chdir=$blind" plan -detailed-exitcode "${ARGUMENTS[@]}")
"${off[@]}" >/dev/null || fail "The plan without drift detection is not empty, so it cannot be measured."
printf 'the same, drift not looked at %4s ms, peak %s kB\n' "$(median "${off[@]}")" "$(peak "${off[@]}")"
printf 'provider, binary            %6s kB\n' "$(($(stat -c %s "$TARGET/release/terraform-provider-s3www") / 1024))"

stack=$("$TF" "-chdir=$EXAMPLE" console "-var-file=$DEMO/demo.tfvars" <<<'s3www_stack.site.id' | tr -d '"')
STACK=$stack KUBECONFIG=$KUBECONFIG "$(dirname "$0")/bench-objects.sh"
