#!/usr/bin/env bash
# Packs the release binary as Terraform's registry protocol wants it.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

command -v zip >/dev/null || fail "The program zip is not installed. Install the package zip."
version=$(version)
folder=$TARGET/dist
name=terraform-provider-s3www_${version}_$(platform)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$TARGET/release/terraform-provider-s3www" "$scratch/terraform-provider-s3www_v$version"
cp "$ROOT/LICENSE" "$scratch/"
mkdir -p "$folder"
rm -f "$folder/$name.zip"
(cd "$scratch" && zip -q -X "$folder/$name.zip" ./*)
(cd "$folder" && sha256sum "$name.zip" >"terraform-provider-s3www_${version}_SHA256SUMS")
ls -l "$folder"
