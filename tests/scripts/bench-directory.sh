#!/usr/bin/env bash
# Measures a `minio_directory` on a MinIO of its own on loopback, beside `mc mirror` in the same
# run: the upload of 1,000 small files, and a plan (refresh included) with nothing to do of 1,000,
# 10,000 and 20,000 keys. Files have 400 to 1,200 bytes.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

TF=$(client)
MINIO=${MINIO:-$TOOLS/minio}
MC=${MC:-$TOOLS/mc}
PROVIDER=$TARGET/release/terraform-provider-s3www
PORT=${PORT:-19977}
[ -x "$PROVIDER" ] || fail "The provider is not built. Run \`make build\` first."

work=$(mktemp -d)
server=''
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

export MINIO_ROOT_USER=bench MINIO_ROOT_PASSWORD=bench-secret HOME=$work
export MC_HOST_local="http://$MINIO_ROOT_USER:$MINIO_ROOT_PASSWORD@127.0.0.1:$PORT" MC_QUIET=1
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
"$MINIO" server --quiet --address "127.0.0.1:$PORT" --console-address 127.0.0.1:0 "$work/data" >"$work/minio.log" 2>&1 &
server=$!
tries=0
until "$MC" ls local >/dev/null 2>&1; do
  ((++tries <= 200)) || fail "MinIO did not start: $(cat "$work/minio.log")"
  sleep 0.1
done

installed=$work/mirror/$SOURCE/0.1.0/$(platform)
mkdir -p "$installed"
cp "$PROVIDER" "$installed/terraform-provider-s3www_v0.1.0"
printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$work/mirror" >"$work/cli.tfrc"
export TF_CLI_CONFIG_FILE=$work/cli.tfrc

# Makes a working directory with so many files, and a bucket.
prepare() {
  local count=$1 folder=$work/$1 number line
  mkdir -p "$folder/site"
  line=$(printf 'x%.0s' {1..400})
  for ((number = 0; number < count; number++)); do
    ((number % 100)) || mkdir -p "$folder/site/$((number / 100))"
    printf '%s %s\n' "$number" "$line${line:0:$((number % 400))}${line:0:$((number % 397))}" >"$folder/site/$((number / 100))/$number.html"
  done
  "$MC" mb "local/bench-$count" "local/mirror-$count" >/dev/null
  cat >"$folder/main.tf" <<EOF
terraform {
  required_providers {
    s3www = { source = "$SOURCE" }
  }
}

provider "s3www" {
  minio = {
    endpoint   = "http://127.0.0.1:$PORT"
    access_key = "$MINIO_ROOT_USER"
    secret_key = "$MINIO_ROOT_PASSWORD"
  }
}

resource "minio_directory" "site" {
  provider = s3www
  bucket   = "bench-$count"
  source   = "site"
}
EOF
  "$TF" "-chdir=$folder" init >/dev/null
}

# Prints the milliseconds that a command takes.
milliseconds() {
  local begin
  begin=$(date +%s%N)
  "$@" >/dev/null
  echo $((($(date +%s%N) - begin) / 1000000))
}

# Prints the least of so many runs of a command: what else the machine does only adds.
least() {
  local run runs=$1
  shift
  for ((run = 0; run < runs; run++)); do
    milliseconds "$@"
  done | sort -n | head -n 1
}

mkdir -p "$work/empty"
printf '# nothing\n' >"$work/empty/main.tf"
printf 'plan, empty configuration          %6s ms\n' "$(least 3 "$TF" "-chdir=$work/empty" plan)"
for count in 1000 10000 20000; do
  prepare "$count"
  folder=$work/$count
  if ((count <= 10000)); then
    printf '%5d files, mc mirror             %6s ms\n' "$count" "$(milliseconds "$MC" mirror "$folder/site" "local/mirror-$count")"
  fi
  printf '%5d files, apply                 %6s ms\n' "$count" "$(milliseconds "$TF" "-chdir=$folder" apply -auto-approve)"
  "$TF" "-chdir=$folder" plan -detailed-exitcode >/dev/null || fail "The plan is not empty."
  printf '%5d keys,  plan, nothing to do   %6s ms\n' "$count" "$(least 3 "$TF" "-chdir=$folder" plan)"
  printf '%5d keys,  plan without refresh  %6s ms\n' "$count" "$(least 3 "$TF" "-chdir=$folder" plan -refresh=false)"
  same=-
  if ((count <= 10000)); then
    same=$(milliseconds "$MC" mirror "$folder/site" "local/mirror-$count")
  fi
  printf '%5d keys,  mc mirror, same       %6s ms\n' "$count" "$same"
  printf '%5d keys,  state %5d kB, private data in it %5d kB\n' "$count" \
    "$(($(stat -c %s "$folder/terraform.tfstate") / 1024))" \
    "$(($(jq -r '.resources[0].instances[0].private' "$folder/terraform.tfstate" | wc -c) / 1024))"
  echo changed >"$folder/site/0/1.html"
  printf '%5d keys,  one changed, apply    %6s ms\n' "$count" "$(milliseconds "$TF" "-chdir=$folder" apply -auto-approve)"
done
