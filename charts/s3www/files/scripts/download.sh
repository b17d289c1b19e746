# shellcheck shell=sh
# Downloads a file, with retries. Shared by fetch.sh and test.sh, which set TIMEOUT_SECONDS, MAX_BYTES and ATTEMPTS.
# Exit code 65 means: trying again cannot help. The loader's failure policy gives up on it at once.

say() { printf '%s\n' "$*"; }

fail() {
  code=$1
  shift
  printf 'ERROR: %s\n' "$*" >&2
  exit "$code"
}

# Sets the variables of file number "$1". Files are numbered variables, since a list in one would need quoting.
file() {
  # shellcheck disable=SC2034 # used by those who source this
  key='' path='' sha256='' url='' curl_config=''
  eval "key=\$KEY_$1 path=\$PATH_$1 sha256=\${SHA256_$1:-} url=\${URL_$1:-} curl_config=\${CURL_CONFIG_$1:-}"
  # What stands behind the question mark may be a signature, and before an @ a password, so neither is shown.
  shown=${url%%\?*}
  case ${shown#*://} in
    *@*/* | *@*) shown=${shown%%://*}://${shown#*@} ;;
  esac
}

# Prints the SHA-256 of the file "$1".
hash_of() {
  sum=$(sha256sum "$1")
  # A name with a backslash or a newline makes sha256sum put a backslash before the hash.
  sum=${sum#\\}
  printf '%s' "${sum%% *}"
}

# Runs curl for the present file, into "$1"; prints the status. --config is for headers that must not show in the process list.
transfer() {
  target=$1
  if [ -n "$curl_config" ]; then
    set -- --config "$curl_config"
  else
    set --
  fi
  curl --disable --silent --show-error --fail --location --max-redirs 5 \
    --proto '=http,https' --proto-redir '=http,https' \
    --connect-timeout 10 --max-time "$TIMEOUT_SECONDS" --max-filesize "$MAX_BYTES" \
    --write-out '%{http_code}' --output "$target" "$@" -- "$url"
}

too_large() { fail 65 "the file at $shown is larger than $MAX_BYTES bytes. Raise loader.fetch.maxSizeMiB."; }

# Downloads the present file into "$1".
download() {
  attempt=1
  pause=1
  while :; do
    say "Downloading $shown (attempt $attempt of $ATTEMPTS)"
    result=0
    # --write-out alone goes to stdout; the message of --show-error stays on stderr.
    status=$(transfer "$1") || result=$?
    [ "$result" -ne 0 ] || break

    case "$result:$status" in
      22:408 | 22:425 | 22:429) ;;
      22:401 | 22:403) fail 65 "the server refused the download of $shown with HTTP $status. Check the credentials in the Secret that curlConfig names." ;;
      22:4??) fail 65 "the server answered HTTP $status for $shown. Check the file's url." ;;
      26:*) fail 65 "the curl configuration for $shown cannot be read (curl exit code 26). Check the Secret that curlConfig names." ;;
      1:* | 3:*) fail 65 "$shown is not an http or https URL that can be fetched. Check the file's url." ;;
      60:* | 77:*) fail 65 "the certificate of $shown is not trusted (curl exit code $result). If its authority is a private one, name it in loader.fetch.caBundle." ;;
      63:*) too_large ;;
      23:*) fail 1 "$shown could not be written to the temporary volume (curl exit code 23): it is full. Raise loader.fetch.maxSizeMiB, or make room on the node." ;;
    esac
    if [ "$attempt" -ge "$ATTEMPTS" ]; then
      fail 1 "$shown could not be downloaded in $ATTEMPTS attempts; the last one ended with curl exit code $result, HTTP status $status (000: no answer). Check the file's url, the network and networkPolicy."
    fi
    say "Attempt $attempt failed (curl exit code $result, HTTP status $status). Next one in $pause s."
    sleep "$pause"
    attempt=$((attempt + 1))
    pause=$((pause * 2))
    [ "$pause" -le 30 ] || pause=30
  done
  # An empty file makes curl write none.
  [ -e "$1" ] || : >"$1"
  # A server that does not say how much it sends gets past --max-filesize.
  [ "$(wc -c <"$1")" -le "$MAX_BYTES" ] || too_large
}
