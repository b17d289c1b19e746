#!/bin/sh
# Shared by load.sh and wait.sh: logs mc in to the storage. Credentials go through standard input and a configuration on a memory
# volume, never through arguments or the environment.

say() { printf '%s\n' "$*"; }

fail() {
  printf 'ERROR: %s\n' "$*" >&2
  exit 1
}

# Prints the two files as two lines.
two_lines() { printf '%s\n%s\n' "$(cat "$1")" "$(cat "$2")"; }

# Runs the given command until it succeeds, for WAIT_SECONDS at most. The first argument says what is waited for.
wait_until() {
  what=$1
  shift
  started=$(date +%s)
  logged=
  until answer=$("$@" 2>&1); do
    now=$(date +%s)
    if [ $((now - started)) -ge "$WAIT_SECONDS" ]; then
      fail "gave up after $WAIT_SECONDS s of waiting for this: $what. Last answer: $answer"
    fi
    if [ -z "$logged" ] || [ $((now - logged)) -ge 15 ]; then
      say "Waiting: $what. Last answer: $answer"
      logged=$now
    fi
    sleep 2
  done
}

# Logs in as "$1" with the user and the password in the files "$2" and "$3". The first call checks the credentials by trying them, but
# settles for the old signature S3v2 if S3v4 fails just once, as it may while the storage starts; uploads would then have no checksum.
# So the second call asks for S3v4, which it does not try.
log_in() {
  two_lines "$2" "$3" | mc alias set "$1" "$ENDPOINT" && two_lines "$2" "$3" | mc alias set "$1" "$ENDPOINT" --api S3v4
}
