# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those who source it
# What the scripts share. Source it; it does nothing by itself.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TARGET=$ROOT/target
TOOLS=$TARGET/tools
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/s3www-provider
MIRROR=$TARGET/mirror
SOURCE=terraform.local/s3www/s3www

# Where everything is built, whatever the environment says.
export CARGO_TARGET_DIR=$TARGET

# What kubectl remembers of a cluster goes with the cluster.
export KUBECACHEDIR=$TARGET/kube-cache

# One set of flags for every Go command, so that they share what is compiled.
export CGO_ENABLED=0
GOFLAGS="${GOFLAGS:+$GOFLAGS }-trimpath"
export GOFLAGS

if [ -t 1 ]; then
  BOLD=$'\e[1m' PLAIN=$'\e[0m'
else
  BOLD='' PLAIN=''
fi

say() {
  printf '%s==> %s%s\n' "$BOLD" "$*" "$PLAIN"
}

fail() {
  printf 'Error: %s\n' "$*" >&2
  exit 1
}

# Prints the version of what is built now: on a tag that of Cargo.toml, which
# the tag has to name; else with the number of commits as its last part. A
# provider that is rebuilt under the same version breaks every lock file.
version() {
  local stated tag
  stated=$(sed -n 's/^version = "\(.*\)"$/\1/p;T;q' "$ROOT/Cargo.toml")
  if tag=$(git -C "$ROOT" describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null); then
    [ "$tag" = "v$stated" ] ||
      fail "The tag of this commit is $tag, but Cargo.toml says that it is version $stated. Make them equal: a release has the version of its tag."
    printf '%s\n' "$stated"
  else
    printf '%s.%s\n' "${stated%.*}" "$(git -C "$ROOT" rev-list --count HEAD 2>/dev/null || echo 0)"
  fi
}

# Prints the platform as Terraform writes it, such as linux_amd64.
platform() {
  local system machine
  system=$(uname -s | tr '[:upper:]' '[:lower:]')
  case $(uname -m) in
    x86_64) machine=amd64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *) machine=$(uname -m) ;;
  esac
  printf '%s_%s\n' "$system" "$machine"
}

# Prints the path of the client to use: Terraform if it is there, else OpenTofu.
client() {
  if [ -n "${TERRAFORM:-}" ]; then
    printf '%s\n' "$TERRAFORM"
  elif ! command -v terraform; then
    printf '%s\n' "$TOOLS/tofu"
  fi
}

# Runs a long command whose output nobody wants to see unless it fails, and
# says every ten seconds how far it is: the number of lines it has written.
quietly() {
  local what=$1 log start status=0
  shift
  log=$(mktemp)
  start=$SECONDS
  "$@" >"$log" 2>&1 &
  local command=$! told=$SECONDS
  # A command in the background does not hear Ctrl-C.
  trap 'kill "$command" 2>/dev/null || true; exit 130' INT TERM
  while kill -0 "$command" 2>/dev/null; do
    if ((SECONDS - told >= 10)); then
      told=$SECONDS
      printf '    %s: %d s, %d packages so far\n' "$what" $((SECONDS - start)) "$(grep -cv '^go: ' "$log" || true)"
    fi
    sleep 0.2
  done
  wait "$command" || status=$?
  trap - INT TERM
  if ((status != 0)); then
    cat "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}
