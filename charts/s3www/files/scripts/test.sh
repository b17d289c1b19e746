#!/bin/sh
# Fetches every file through the site's Service and compares what comes with what was to be served. The status alone proves nothing:
# s3www answers 200 for a missing key when the bucket has a 404.html.
set -eu
here=${0%/*}
# shellcheck source-path=SCRIPTDIR source=download.sh
. "$here/download.sh"

# Fetches the path "$1" of the site to /tmp/served.
fetch_served() {
  curl --silent --show-error --fail --location --max-redirs 5 --connect-timeout 10 --max-time "$TIMEOUT_SECONDS" \
    --noproxy '*' --retry 3 --retry-connrefused --output /tmp/served -- "$SITE_URL$1" || fail 1 "$SITE_URL$1 could not be fetched."
  [ -e /tmp/served ] || : >/tmp/served
}

# Compares what the site serves under the path "$1" with the SHA-256 "$2".
compare() {
  rm -f /tmp/served
  fetch_served "$1"
  served=$(hash_of /tmp/served)
  [ "$served" = "$2" ] || fail 1 "$SITE_URL$1 serves another content than expected: expected SHA-256 $2, got $served."
  say "OK: $SITE_URL$1 serves SHA-256 $served"
}

number=1
while [ "$number" -le "$FILES" ]; do
  file "$number"
  site_path=''
  eval "site_path=\$SITE_PATH_$number"
  number=$((number + 1))
  if [ -n "$url" ] && [ -z "$sha256" ]; then
    say "No SHA-256 is set for $key: comparing with a download"
    mkdir -p "${path%/*}"
    download "$path"
  fi
  compare "$site_path" "${sha256:-$(hash_of "$path")}"
done
[ "$INDEX" != true ] || compare / "$(hash_of "$here/index.html")"
if [ "$FILES" = 0 ] && [ "$INDEX" != true ]; then
  fetch_served /
  say "OK: $SITE_URL/ answers (no file is set, so there is no content to compare)"
fi
