#!/usr/bin/env bash
# Measures uploads and refreshes of objects, each beside `mc` on the same
# machine in the same run: directly, and through the Kubernetes API beside
# `kubectl port-forward`; then many small objects, as `minio_object`s and as one
# `minio_directory`, beside `mc mirror`. `bench.sh` runs it; SIZES and OBJECTS
# say how large, and `make bench-large` says 4 GiB and 10,000.
#
# The time of an upload is the provider's own, from its log: an apply also
# starts processes and hashes the file for the plan, which `mc` has no like of,
# and is shown beside it. Both take turns, ROUNDS times, and the median counts:
# what a disk does differs more from one minute to the next than the two do.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/scripts/workspace.sh
. "$(dirname "$0")/workspace.sh"

SIZES=${SIZES:-1 1M 512M}
OBJECTS=${OBJECTS:-1000}
ROUNDS=${ROUNDS:-5}
# Above this number of resources an apply of the client alone is not measured: 10,000 take it a
# quarter of an hour.
MOST_TO_APPLY=1000
PROVIDER=${PROVIDER:-$TARGET/release/terraform-provider-s3www}
MINIO=${MINIO:-$TOOLS/minio}
MC=${MC:-$TOOLS/mc}
KUBECTL=${KUBECTL:-$TOOLS/kubectl}
TF=$(client)
# The stack that uploads through the Kubernetes API go to, `namespace/name`;
# none, and only direct ones are measured.
STACK=${STACK:-}
export CHECKPOINT_DISABLE=1 TF_CLI_ARGS=-no-color NO_PROXY=127.0.0.1

[ -x "$PROVIDER" ] || fail "There is no release build at $PROVIDER. Run \`make build\` first."
work=$(mktemp -d)
processes=()
clean_up() {
  local process
  for process in "${processes[@]}"; do
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_up EXIT

# Prints a port of loopback that nobody listens on.
free_port() {
  local port
  while port=$((20000 + RANDOM % 20000)) && (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# Waits until a port of loopback takes connections.
wait_for_port() {
  local tries
  for ((tries = 0; tries < 200; tries++)); do
    ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null || return 0
    sleep 0.05
  done
  fail "Nobody listens on port $1."
}

# Runs a command and sets `seconds` and `peak`: how long it took, and the
# largest VmHWM in MiB of it or a process that it started, whichever has $1 in
# its command line.
measure() {
  local name=$1 begin command process size largest=0
  shift
  begin=$(date +%s%N)
  "$@" >"$work/output" 2>&1 &
  command=$!
  while kill -0 "$command" 2>/dev/null; do
    for process in "$command" $(pgrep -P "$command" || true); do
      grep -qa "$name" "/proc/$process/cmdline" 2>/dev/null || continue
      size=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$process/status" 2>/dev/null || true)
      ((${size:-0} <= largest)) || largest=$size
    done
    sleep 0.01
  done
  wait "$command" || { cat "$work/output" >&2; fail "This failed: $*"; }
  seconds=$(awk -v a="$begin" -v b="$(date +%s%N)" 'BEGIN { printf "%.3f", (b - a) / 1e9 }')
  peak=$((largest / 1024))
}

# Writes a configuration with the provider block $1 and the body $2.
configure() {
  cat >"$work/site/main.tf" <<END
terraform {
  required_providers {
    s3www = { source = "$SOURCE" }
  }
}
provider "s3www" {
  $1
}
$2
END
}

# Applies, and sets `upload` to the seconds that the provider logged.
apply() {
  local log=$work/provider.log
  rm -f "$log"
  TF_LOG_PROVIDER=INFO TF_LOG_PATH=$log measure terraform-provider-s3www_v "$TF" "-chdir=$work/site" apply -auto-approve
  upload=$(sed -n 's/.*object uploaded.*milliseconds=\([0-9]*\).*/\1/p' "$log" | tail -1)
  upload=$(awk -v ms="${upload:-0}" 'BEGIN { printf "%.3f", ms / 1000 }')
}

row() {
  printf '%-34s %9s %9s %9s\n' "$@"
}

installed=$work/mirror/$SOURCE/0.1.0/$(platform)
mkdir -p "$installed" "$work/site" "$work/data" "$work/mc"
cp "$PROVIDER" "$installed/terraform-provider-s3www_v0.1.0"
cat >"$work/cli.tfrc" <<END
provider_installation {
  filesystem_mirror {
    path    = "$work/mirror"
    include = ["$SOURCE"]
  }
}
END
export TF_CLI_CONFIG_FILE=$work/cli.tfrc

port=$(free_port)
MINIO_ROOT_USER=bench MINIO_ROOT_PASSWORD=bench-secret MINIO_PROMETHEUS_AUTH_TYPE=public HOME=$work \
  "$MINIO" server --quiet --address "127.0.0.1:$port" --console-address 127.0.0.1:0 "$work/data" >/dev/null 2>&1 &
processes+=($!)
wait_for_port "$port"
export MC_CONFIG_DIR=$work/mc MC_HOST_bench=http://bench:bench-secret@127.0.0.1:$port
"$MC" --quiet ready bench >/dev/null
"$MC" --quiet mb bench/bench >/dev/null
direct="minio = { endpoint = \"http://127.0.0.1:$port\", access_key = \"bench\", secret_key = \"bench-secret\" }"

# Prints how many requests the server has answered.
requests() {
  curl -fsS "http://127.0.0.1:$port/minio/metrics/v3/api/requests" |
    awk '/^minio_api_requests_total/ { sum += $NF } END { printf "%d", sum }'
}

# Prints the median of numbers.
median() {
  printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# Uploads every size: $1 says how, $2 is the provider block, $3 where an object
# is in, $4 the place for mc.
uploads() {
  local size round file=$work/site/file
  printf '\nUpload %s (median of %d, in turns)\n' "$1" "$ROUNDS"
  row '' seconds 'peak MiB' 'apply s'
  for size in $SIZES; do
    rm -f "$file"
    head -c "$size" /dev/urandom >"$file"
    configure "$2" "resource \"minio_object\" \"o\" {
  provider = s3www
  $3
  key      = \"file\"
  source   = \"file\"
}"
    "$TF" "-chdir=$work/site" init >/dev/null
    local ours=() applies=() ours_peak=() theirs=() theirs_peak=()
    for ((round = 0; round < ROUNDS; round++)); do
      apply
      ours+=("$upload") applies+=("$seconds") ours_peak+=("$peak")
      "$TF" "-chdir=$work/site" destroy -auto-approve >/dev/null
      measure "$MC" "$MC" --quiet cp "$file" "$4/by-mc"
      theirs+=("$seconds") theirs_peak+=("$peak")
      "$MC" --quiet rm "$4/by-mc" >/dev/null
    done
    row "$size, minio_object" "$(median "${ours[@]}")" "$(median "${ours_peak[@]}")" "$(median "${applies[@]}")"
    row "$size, mc cp" "$(median "${theirs[@]}")" "$(median "${theirs_peak[@]}")" ''
    awk -v size="$size" -v ours="$(median "${ours[@]}")" -v theirs="$(median "${theirs[@]}")" \
      'BEGIN { if (theirs > 0) printf "%-34s %9.2f\n", size ", ratio", ours / theirs }'
  done
  rm -f "$file"
}

uploads 'directly' "$direct" 'bucket = "bench"' bench/bench

if [ -n "$STACK" ]; then
  namespace=${STACK%/*} name=${STACK#*/}
  secret() {
    "$KUBECTL" -n "$namespace" get secret "$name-minio-root" -o "jsonpath={.data.$1}" | base64 -d
  }
  forwarded=$(free_port)
  "$KUBECTL" -n "$namespace" port-forward "service/$name-minio" "$forwarded:9000" >/dev/null 2>&1 &
  processes+=($!)
  wait_for_port "$forwarded"
  MC_HOST_forward=http://$(secret rootUser):$(secret rootPassword)@127.0.0.1:$forwarded
  export MC_HOST_forward
  "$MC" --quiet mb --ignore-existing forward/bench >/dev/null
  uploads 'through the Kubernetes API (mc: through kubectl port-forward)' \
    "kubernetes = { config_path = \"$KUBECONFIG\" }" "stack = \"$STACK\"
  bucket = \"bench\"" forward/bench
  "$MC" --quiet rb --force forward/bench >/dev/null
fi

# Prints a row about a command: $1 says what, the rest is how it is measured.
counted() {
  local what=$1 before
  shift
  before=$(requests)
  "$@"
  row "$what" "$seconds" "$peak" "$(($(requests) - before))"
}

# Plans, with nothing to do.
refresh() {
  measure terraform-provider-s3www_v "$TF" "-chdir=$work/site" plan -detailed-exitcode
}

# Measures what the client takes for so many resources by itself: it writes the
# whole state anew for each of them, so the time grows with their square.
client_alone() {
  cat >"$work/site/main.tf" <<END
resource "terraform_data" "o" {
  count = $1
  input = { key = "each/\${count.index}", content = "content of \${count.index}" }
}
END
  "$TF" "-chdir=$work/site" init >/dev/null
  if (($1 <= MOST_TO_APPLY)); then
    measure "$TF" "$TF" "-chdir=$work/site" apply -auto-approve
    row 'terraform_data, apply' "$seconds" "$peak" 0
  else
    # The state of one, and as many copies as there are to be.
    "$TF" "-chdir=$work/site" apply -auto-approve "-target=terraform_data.o[0]" >/dev/null
    jq -c --argjson count "$1" '.resources[0].instances |= (.[0] as $one | [range($count) as $index | $one |
      .index_key = $index |
      .attributes.input.value = {key: "each/\($index)", content: "content of \($index)"} |
      .attributes.output = .attributes.input])' "$work/site/terraform.tfstate" >"$work/state"
    mv "$work/state" "$work/site/terraform.tfstate"
  fi
  measure "$TF" "$TF" "-chdir=$work/site" plan -detailed-exitcode
  row 'terraform_data, refresh' "$seconds" "$peak" 0
  forget
}

# Forgets what was applied, faster than a destroy does.
forget() {
  rm -f "$work/site/terraform.tfstate"*
}

for count in $OBJECTS; do
  printf '\n%s small objects\n' "$count"
  row '' seconds 'peak MiB' requests
  client_alone "$count"
  mkdir "$work/site/many"
  for ((index = 0; index < count; index++)); do
    printf 'content of %d' "$index" >"$work/site/many/$index"
  done
  configure "$direct" "resource \"minio_object\" \"o\" {
  count    = $count
  provider = s3www
  bucket   = \"bench\"
  key      = \"each/\${count.index}\"
  content  = \"content of \${count.index}\"
}"
  "$TF" "-chdir=$work/site" init >/dev/null
  counted 'minio_objects, upload' apply
  counted 'minio_objects, refresh' refresh
  forget
  "$MC" --quiet rm --recursive --force bench/bench/each >/dev/null
  configure "$direct" "resource \"minio_directory\" \"d\" {
  provider = s3www
  bucket   = \"bench\"
  prefix   = \"folder\"
  source   = \"many\"
}"
  counted 'minio_directory, upload' apply
  counted 'minio_directory, refresh' refresh
  echo changed >"$work/site/many/7"
  counted 'minio_directory, one file changed' apply
  "$TF" "-chdir=$work/site" destroy -auto-approve >/dev/null
  mirror=("$MC" --quiet mirror "$work/site/many" bench/bench/by-mc)
  counted 'mc mirror, upload' measure "$MC" "${mirror[@]}"
  counted 'mc mirror, nothing to do' measure "$MC" "${mirror[@]}"
  "$MC" --quiet rm --recursive --force bench/bench/by-mc >/dev/null
  rm -rf "$work/site/many"
done
