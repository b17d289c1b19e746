#!/usr/bin/env bash
# Proves that a release can be made again: builds the last commit in two fresh
# clones, in folders of different names and depths, and compares every file.
# Arguments are Rust targets, as for dist.sh. It takes two whole builds.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
first=$scratch/a
second=$scratch/another-place/with-a-longer-name
for folder in "$first" "$second"; do
  git clone --quiet "$ROOT" "$folder"
  # Not even what a person's umask does may show.
  (umask "$([ "$folder" = "$first" ] && echo 022 || echo 077)" && "$folder/tests/scripts/dist.sh" "$@")
done
diff --recursive --brief "$first/target/dist" "$second/target/dist" ||
  fail "The two releases above are of one commit and differ, so this is not reproducible."
say "Both releases are the same, byte for byte"
(cd "$first/target/dist" && cat ./*_SHA256SUMS)
