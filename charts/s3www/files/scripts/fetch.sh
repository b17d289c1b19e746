#!/bin/sh
# Downloads the file to TARGET and checks its SHA-256.
# Exit code 65 means: trying again cannot help. The Job's failure policy gives up on it at once.
set -eu

say() { printf '%s\n' "$*"; }

fail() {
  code=$1
  shift
  printf 'ERROR: %s\n' "$*" >&2
  exit "$code"
}

# What stands behind the question mark may be a signature, so it is never shown.
shown=${URL%%\?*}

# The target's folder is this container's own volume; --config is for headers that must not show in the process list.
download() {
  if [ -n "${CURL_CONFIG:-}" ]; then
    set -- --config "$CURL_CONFIG"
  else
    set --
  fi
  curl --disable --silent --show-error --fail --location --max-redirs 5 \
    --proto '=http,https' --proto-redir '=http,https' \
    --connect-timeout 10 --max-time "$TIMEOUT_SECONDS" --max-filesize "$MAX_BYTES" \
    --write-out '%{http_code}' --output "$TARGET" "$@" -- "$URL"
}

attempt=1
pause=1
while :; do
  say "Downloading $shown (attempt $attempt of $ATTEMPTS)"
  result=0
  # --write-out alone goes to stdout; the message of --show-error stays on stderr.
  status=$(download) || result=$?
  [ "$result" -ne 0 ] || break

  case "$result:$status" in
    22:408 | 22:425 | 22:429) ;;
    22:4??) fail 65 "the server answered HTTP $status for $shown. Check file.url." ;;
    1:* | 3:*) fail 65 "$shown is not an http or https URL that can be fetched. Check file.url." ;;
    63:*) fail 65 "the file at $shown is larger than $MAX_BYTES bytes. Raise loader.fetch.maxSizeMiB." ;;
    23:*) fail 1 "$shown could not be written to the temporary volume (curl exit code 23). Raise loader.fetch.maxSizeMiB." ;;
  esac
  if [ "$attempt" -ge "$ATTEMPTS" ]; then
    fail 1 "$shown could not be downloaded in $ATTEMPTS attempts; the last one ended with curl exit code $result, HTTP status $status (000: no answer). Check file.url, the network and networkPolicy."
  fi
  say "Attempt $attempt failed (curl exit code $result, HTTP status $status). Next one in $pause s."
  sleep "$pause"
  attempt=$((attempt + 1))
  pause=$((pause * 2))
  [ "$pause" -le 30 ] || pause=30
done

actual=$(sha256sum "$TARGET")
# A name with a backslash or a newline makes sha256sum put a backslash before the hash.
actual=${actual#\\}
actual=${actual%% *}
if [ -n "$SHA256" ] && [ "$actual" != "$SHA256" ]; then
  rm -f "$TARGET"
  fail 65 "the file at $shown has another SHA-256 than file.sha256. Expected $SHA256, got $actual. Either the file has changed (then set the new hash) or it is not the file that was meant."
fi
if [ -n "$SHA256" ]; then
  say "Downloaded $shown; SHA-256 $actual is the expected one"
else
  say "Downloaded $shown; SHA-256 $actual was not checked, because file.sha256 is empty"
fi
