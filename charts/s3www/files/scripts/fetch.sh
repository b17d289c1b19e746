#!/bin/sh
# Downloads the files that come from a URL and checks their SHA-256.
set -eu
here=${0%/*}
# shellcheck source-path=SCRIPTDIR source=download.sh
. "$here/download.sh"

number=1
while [ "$number" -le "$FILES" ]; do
  file "$number"
  number=$((number + 1))
  [ -n "$url" ] || continue
  mkdir -p "${path%/*}"
  download "$path"
  actual=$(hash_of "$path")
  if [ -z "$sha256" ]; then
    say "Downloaded $shown; SHA-256 $actual was not checked, because none is set"
  elif [ "$actual" = "$sha256" ]; then
    say "Downloaded $shown; SHA-256 $actual is the expected one"
  else
    rm -f "$path"
    fail 65 "the file at $shown has another SHA-256 than the values say. Expected $sha256, got $actual. Either the file has changed (then set the new hash) or it is not the file that was meant."
  fi
done
