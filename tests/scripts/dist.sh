#!/usr/bin/env bash
# Builds and packs what a release consists of, as Terraform's registry wants it:
# for each platform an archive and a bill of materials, for all of them a
# manifest and the checksums, and a mirror of the archives (target/dist, or DIST).
# Arguments are Rust targets; without any, the one for this machine.
#
# A commit gives the same bytes in whatever folder it is built: paths are taken
# out of the binary, times are that of the commit, and the files of an archive
# have an order and modes of their own. PROVIDER names a binary to pack instead
# of building one.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/scripts/linked.sh
. "$(dirname "$0")/linked.sh"
cd "$ROOT"

version=$(version)
name=terraform-provider-s3www
# The time of the commit, but none that a zip file cannot say.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315619200)}
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C
dist=${DIST:-$TARGET/dist}
mirror=$dist/mirror/$SOURCE
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints the platform of a Rust target as Terraform writes it.
platform_of() {
  case $1 in
    x86_64-unknown-linux-*) echo linux_amd64 ;;
    aarch64-unknown-linux-*) echo linux_arm64 ;;
    *) fail "Releases are made for Linux on x86_64 and aarch64, for example for aarch64-unknown-linux-musl; \`$1\` is something else." ;;
  esac
}

# Sets the C compiler and linker for a target, where cargo does not find them.
compilers() {
  local target=$1 compiler='' package='' linker=''
  case $target in
    "$(uname -m)-unknown-linux-musl") compiler=musl-gcc package=musl-tools ;;
    aarch64-unknown-linux-*) compiler=aarch64-linux-gnu-gcc package='gcc-aarch64-linux-gnu libc6-dev-arm64-cross' linker=$compiler ;;
    x86_64-unknown-linux-musl) compiler=x86_64-linux-gnu-gcc package='gcc-x86-64-linux-gnu libc6-dev-amd64-cross' linker=$compiler ;;
  esac
  [ -n "$compiler" ] || return 0
  command -v "$compiler" >/dev/null ||
    fail "For $target the program $compiler is needed. Install it: apt-get install $package"
  export "CC_${target//-/_}=$compiler"
  if [ -n "$linker" ]; then
    target=${target^^}
    export "CARGO_TARGET_${target//-/_}_LINKER=$linker"
  fi
}

# Builds the provider for a target.
build() {
  local target=$1 registry flags='' c_flags='' folder
  if [ ! -d "$(rustc --print target-libdir --target "$target")" ]; then
    rustup target add "$target" || fail "Rust's library for $target cannot be installed, so nothing can be built for it."
  fi
  compilers "$target"
  registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
  # The last that fits is taken, so the folders go from the outer to the inner.
  for folder in "$ROOT=/source" "$registry=/registry"; do
    flags+=${flags:+$'\x1f'}--remap-path-prefix=$folder
    c_flags+=" -ffile-prefix-map=$folder"
  done
  export "CFLAGS_${target//-/_}=${c_flags# }"
  # Incremental builds, which some people's environment asks for, divide the code otherwise.
  S3WWW_VERSION=$version CARGO_INCREMENTAL=0 CARGO_ENCODED_RUSTFLAGS=$flags \
    cargo build --release --locked --target "$target"
}

# Packs a binary for a target: its archive and its bill of materials.
pack() {
  local target=$1 binary=$2 platform stage=$scratch/$1 archive file
  platform=$(platform_of "$target")
  archive=${name}_${version}_$platform.zip
  [ ! -e "$dist/$archive" ] || fail "There are two targets for $platform; the registry takes one archive for each platform."
  mkdir "$stage"
  linked "$target" "$scratch/linked.json"
  install -m 755 "$binary" "$stage/${name}_v$version"
  install -m 644 LICENSE README.md CHANGELOG.md "$stage"
  licence_texts "$scratch/linked.json" >"$stage/THIRD_PARTY_LICENSES"
  chmod 644 "$stage/THIRD_PARTY_LICENSES"
  bill_of_materials "$scratch/linked.json" "$version" "$SOURCE_DATE_EPOCH" >"$dist/${name}_${version}_$platform.cdx.json"
  touch -d "@$SOURCE_DATE_EPOCH" "$stage"/*
  (cd "$stage" && zip -q -X "$dist/$archive" ./*)
  # What a client compares with its lock file: of the files, and of the archive.
  file=$(cd "$stage" && sha256sum -- * | sha256sum | cut -d' ' -f1 | tr a-f A-F | basenc --base16 --decode | base64)
  jq -n --arg platform "$platform" --arg url "$archive" --arg h1 "h1:$file" \
    --arg zh "zh:$(sha256sum "$dist/$archive" | cut -d' ' -f1)" \
    '{ ($platform): { $url, hashes: [$h1, $zh] } }' >>"$scratch/archives"
  ln "$dist/$archive" "$mirror/$archive"
}

(($# > 0)) || set -- "$(uname -m)-unknown-linux-musl"
for target in "$@"; do
  platform_of "$target" >/dev/null
done
rm -rf "$dist"
mkdir -p "$mirror"
for target in "$@"; do
  if [ -n "${PROVIDER:-}" ]; then
    pack "$target" "$PROVIDER"
  else
    say "Building for $target"
    build "$target"
    pack "$target" "$TARGET/$target/release/$name"
  fi
done
printf '{ "version": 1, "metadata": { "protocol_versions": ["6.0"] } }\n' >"$dist/${name}_${version}_manifest.json"
(cd "$dist" && sha256sum -- "$name"_* >"$scratch/sums" && mv "$scratch/sums" "${name}_${version}_SHA256SUMS")
# A client reads these two if the mirror is served over HTTPS.
jq -n --arg version "$version" '{ versions: { ($version): {} } }' >"$mirror/index.json"
jq -s '{ archives: add }' "$scratch/archives" >"$mirror/$version.json"
chmod -R u=rwX,go=rX "$dist"
(cd "$dist" && find . -type f -printf '%10s  %P\n' | sort -k 2)
