#!/usr/bin/env bash
# Puts the built provider into a filesystem mirror: into the folder that is
# given, or into target/mirror. The folders are real ones; a link inside a
# mirror is not followed. PROVIDER names another binary than the release's.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

mirror=${1:-$MIRROR}
version=$(version)
provider=$mirror/$SOURCE/$version/$(platform)/terraform-provider-s3www_v$version
mkdir -p "$(dirname "$provider")"
# A new file and a rename: the old one may be running.
cp "${PROVIDER:-$TARGET/release/terraform-provider-s3www}" "$provider.new"
mv "$provider.new" "$provider"
printf '    %s %s is in %s\n' "$SOURCE" "$version" "$mirror"
