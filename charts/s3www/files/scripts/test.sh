#!/bin/sh
# Fetches the site through its Service and compares what comes with what was to be served. The status alone proves nothing: s3www
# answers 200 for a missing key when the bucket has a 404.html.
set -eu

: "${SITE_URL:?}" "${SHA256=}" "${FILE_URL=}" "${TIMEOUT_SECONDS:=60}"

fail() {
  printf 'ERROR: %s\n' "$*" >&2
  exit 1
}

fetch() { curl --silent --show-error --fail --location --max-redirs 5 --connect-timeout 10 --max-time "$TIMEOUT_SECONDS" --retry 3 --retry-connrefused --output "$2" -- "$1"; }

hash_of() {
  sum=$(sha256sum "$1")
  printf '%s' "${sum%% *}"
}

fetch "$SITE_URL" /tmp/served || fail "$SITE_URL could not be fetched."
served=$(hash_of /tmp/served)

expected=$SHA256
if [ -z "$expected" ] && [ -n "$FILE_URL" ]; then
  printf 'file.sha256 is empty: comparing with a download from %s\n' "${FILE_URL%%\?*}"
  fetch "$FILE_URL" /tmp/source || fail "${FILE_URL%%\?*} could not be fetched."
  expected=$(hash_of /tmp/source)
fi

if [ -z "$expected" ]; then
  printf 'OK: %s answers (no file is set, so there is no content to compare)\n' "$SITE_URL"
elif [ "$served" = "$expected" ]; then
  printf 'OK: %s serves SHA-256 %s\n' "$SITE_URL" "$served"
else
  fail "$SITE_URL serves another content than expected: expected SHA-256 $expected, got $served."
fi
