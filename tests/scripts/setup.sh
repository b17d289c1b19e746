#!/usr/bin/env bash
# Installs what is missing. Arguments choose what for:
#   build    the provider        (system packages; Rust has to be there)
#   cluster  the local cluster   (system packages, programs built with Go)
#   command  the local cluster's command alone
#   demo     what the demo needs beside the provider: the local cluster, unless
#            KUBECONFIG names another, and a Terraform client
#   test     what tests use beside the cluster: Helm, OpenTofu, the linters
#   dist     what packs a release
#   deny     cargo-deny
#   operators  Prometheus, its operator, Traefik, kube-router and so on: `make test-operators` alone
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/scripts/workspace.sh
. "$(dirname "$0")/workspace.sh"

# Prints the packages whose program (or file) is not there.
missing() {
  local wanted package
  while (($# > 1)); do
    wanted=$1 package=$2
    shift 2
    case $wanted in
      /*) [ -e "$wanted" ] || printf '%s\n' "$package" ;;
      *) command -v "$wanted" >/dev/null || printf '%s\n' "$package" ;;
    esac
  done
}

# Debian starts the services of etcd-server and containerd when it installs
# them; this cluster brings its own, so that is prevented meanwhile.
install_packages() {
  local policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ]; then
    policy=''
  else
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get update -qq
  # Its progress bar is for terminals; the names of the packages are enough.
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" |
    sed -n 's/^Setting up /    /p'
  if [ -n "$policy" ]; then
    rm -f "$policy"
    trap - EXIT
  fi
}

system_packages() {
  local packages
  mapfile -t packages < <(missing "$@" | sort -u)
  ((${#packages[@]} > 0)) || return 0
  if ! command -v apt-get >/dev/null; then
    fail "These Debian packages, or what corresponds to them here, are missing: ${packages[*]}. This machine has no apt-get, so install them by hand."
  fi
  if [ "$(id -u)" != 0 ]; then
    fail "These packages are missing: ${packages[*]}. Run the command as root, or install them: apt-get install ${packages[*]}"
  fi
  say "Installing ${packages[*]}"
  install_packages "${packages[@]}"
}

need_rust() {
  command -v cargo >/dev/null ||
    fail "Rust is not installed. Install rustup (https://rustup.rs); it then takes the version from rust-toolchain.toml by itself."
}

need_go() {
  command -v go >/dev/null ||
    fail "Go is not installed. Install Go 1.26 or newer (https://go.dev/doc/install)."
}

# Puts a finished program into the cache and links it.
keep() {
  local built=$1 name=$2 version=$3
  mkdir -p "$CACHE/tools/$name"
  rm -rf "${CACHE:?}/tools/$name/$version"
  mkdir "$CACHE/tools/$name/$version"
  mv "$built" "$CACHE/tools/$name/$version/$name"
}

# Links a cached program into target/tools. Fails if it is not cached.
link() {
  local name=$1 version=$2 path
  path=$CACHE/tools/$name/$version/$name
  [ -x "$path" ] || return 1
  ln -sfn "$path" "$TOOLS/$name"
}

# Builds a program of the list tools.txt.
tool() {
  local name package version settings flags='-s -w' setting scratch tags=''
  read -r name package version settings < <(grep -E "^$1 " "$ROOT/tests/tools/tools.txt")
  link "$name" "$version" && return
  need_go
  say "Building $name $version"
  for setting in ${settings:-}; do
    case $setting in
      -tags=*) tags=${setting#-tags=} ;;
      *) flags+=" -X $setting" ;;
    esac
  done
  scratch=$(mktemp -d)
  GOBIN=$scratch quietly "$name" go install -v -tags "$tags" -ldflags "$flags" "$package@$version"
  keep "$scratch/$(basename "$package")" "$name" "$version"
  rmdir "$scratch"
  link "$name" "$version"
}

# Builds a program of one of our own modules that pins what it builds: the
# module's files decide whether the cached one is still right.
pinned() {
  local name=$1 folder=$2 package=$3 flags=$4 version scratch
  version=$(cat "$folder"/go.mod "$folder"/go.sum "${@:5}" | sha256sum | cut -c1-16)
  link "$name" "$version" && return
  need_go
  say "Building $name"
  scratch=$(mktemp -d)
  quietly "$name" go -C "$folder" build -v -ldflags "$flags" -o "$scratch/$name" "$package"
  keep "$scratch/$name" "$name" "$version"
  rmdir "$scratch"
  link "$name" "$version"
}

# Builds a program of this project. It is quick, so Go decides what to do; a
# program that came out the same is not touched, nor the images made from it.
own() {
  local name=$1 folder=$2 package=$3
  need_go
  [ -e "$TOOLS/$name" ] || say "Building $name"
  quietly "$name" go -C "$folder" build -v -ldflags '-s -w' -o "$TOOLS/.new-$name" "$package"
  if cmp -s "$TOOLS/.new-$name" "$TOOLS/$name"; then
    rm "$TOOLS/.new-$name"
  else
    mv "$TOOLS/.new-$name" "$TOOLS/$name"
  fi
}

kubernetes() {
  local folder=$ROOT/tests/cluster version component=k8s.io/component-base/version
  version=$(sed -n 's/^\tk8s.io\/kubernetes \(v1[0-9.]*\)$/\1/p' "$folder/go.mod")
  pinned kube "$folder" ./cmd/kube \
    "-s -w -X $component.gitVersion=$version -X $component.gitMajor=1 -X $component.gitMinor=$(cut -d. -f2 <<<"$version") -X $component.gitTreeState=clean" \
    "$folder/cmd/kube/main.go"
  ln -sfn kube "$TOOLS/kubectl"
}

opentofu() {
  pinned tofu "$ROOT/tests/tools/tofu" github.com/opentofu/opentofu/cmd/tofu "-s -w -X github.com/opentofu/opentofu/version.dev=no"
}

# Builds cargo-deny. It runs for a second or two, so that it is not optimised
# saves more time than it costs.
cargo_deny() {
  local version=0.20.2 scratch
  need_rust
  link cargo-deny "$version" && return
  say "Building cargo-deny $version"
  scratch=$(mktemp -d)
  quietly cargo-deny env CARGO_TARGET_DIR="$scratch/target" CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install --debug --locked --no-track --root "$scratch" "cargo-deny@$version"
  strip "$scratch/bin/cargo-deny"
  keep "$scratch/bin/cargo-deny" cargo-deny "$version"
  rm -r "$scratch"
  link cargo-deny "$version"
}

# Builds a program of tests/tools/monitoring.
monitoring() {
  pinned "$1" "$ROOT/tests/tools/monitoring" "$2" '-s -w'
}

# Copies the custom resource definitions of a list out of the Go modules of
# their projects, into a folder of the list's name.
definitions() {
  local list=$1 module version files folder
  need_go
  rm -rf "${TOOLS:?}/$list"
  mkdir -p "$TOOLS/$list"
  while read -r module version files; do
    case $module in '' | '#'*) continue ;; esac
    folder=$(go mod download -json "$module@$version" | jq -r .Dir)
    # shellcheck disable=SC2086 # it may be a pattern
    (cd "$folder" && install -m 644 $files "$TOOLS/$list/")
  done <"$ROOT/tests/tools/$list.txt"
}

set_up() {
  case $1 in
    build)
      system_packages protoc protobuf-compiler /usr/include/google/protobuf/empty.proto libprotobuf-dev \
        cc gcc make make cmake cmake git git
      need_rust
      ;;
    cluster)
      system_packages etcd etcd-server containerd containerd runc runc /usr/lib/cni/ptp containernetworking-plugins \
        iptables iptables conntrack conntrack ip iproute2 busybox busybox-static curl curl \
        /etc/ssl/certs/ca-certificates.crt ca-certificates
      kubernetes
      tool coredns
      tool minio
      tool mc
      own pause "$ROOT/tests/cluster" ./cmd/pause
      own s3www "$ROOT/tests/cluster/cmd/s3www" .
      set_up command
      ;;
    command) own cluster "$ROOT/tests/cluster" ./cmd/cluster ;;
    demo)
      system_packages curl curl jq jq
      set_up command
      # Of a cluster that is not ours, nothing has to be built.
      if is_local; then
        set_up cluster
        command -v helm >/dev/null || tool helm4
      else
        command -v kubectl >/dev/null || kubernetes
      fi
      command -v "${TERRAFORM:-terraform}" >/dev/null || opentofu
      ;;
    test)
      system_packages curl curl jq jq shellcheck shellcheck git git zip zip gpg gpg
      tool helm4
      tool helm3
      tool kube-score
      tool kubeconform
      tool tfplugindocs
      # With nothing cached they take 135 s and 45 s: little enough for every run.
      tool tflint
      pinned terraform-docs "$ROOT/tests/tools/terraform-docs" github.com/terraform-docs/terraform-docs '-s -w'
      opentofu
      definitions crds
      ;;
    operators)
      system_packages ipset ipset
      tool kube-router
      tool metrics-server
      tool prometheus
      tool promtool
      monitoring prometheus-operator github.com/prometheus-operator/prometheus-operator/cmd/operator
      monitoring prometheus-config-reloader github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader
      monitoring blackbox_exporter github.com/prometheus/blackbox_exporter
      monitoring kube-state-metrics k8s.io/kube-state-metrics/v2
      pinned traefik "$ROOT/tests/tools/traefik" github.com/traefik/traefik/v3/cmd/traefik '-s -w'
      pinned cert-manager "$ROOT/tests/tools/cert-manager" . '-s -w' "$ROOT/tests/tools/cert-manager/main.go"
      definitions operator-crds
      ;;
    dist) system_packages jq jq zip zip musl-gcc musl-tools ;;
    deny) cargo_deny ;;
    *) fail "setup.sh does not know \`$1\`." ;;
  esac
}

mkdir -p "$TOOLS"
for group in "$@"; do
  set_up "$group"
done
