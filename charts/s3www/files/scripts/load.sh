#!/bin/sh
# Makes the bucket and s3www's read-only user, and uploads what is to be served. Every step may be repeated.
set -eu
here=${0%/*}
# shellcheck source-path=SCRIPTDIR source=storage.sh
. "$here/storage.sh"

admin=/run/s3/admin
reader=/run/s3/reader

# Runs a command; if it fails, says what failed, with the command's own words.
step() {
  what=$1
  shift
  answer=$("$@" 2>&1) || fail "$what failed at $ENDPOINT. Answer: $answer"
  say "$what: done"
}

add_user() { two_lines "$reader/accessKey" "$reader/secretKey" | mc admin user add store; }

# The policy has the user's name: one user, one policy, and a changed bucket takes the right to the old one away.
make_user() {
  user=$(cat "$reader/accessKey")
  step "Policy $user" mc admin policy create store "$user" "$here/policy.json"
  step "User $user" add_user
  step "Policy of user $user" mc admin policy attach store "$user" --user "$user"
}

# Uploads "$1" as key "$2" with the content type "$3" (may be empty), then reads it back as s3www will.
upload() {
  expected=$(sha256sum "$1")
  expected=${expected#\\}
  expected=${expected%% *}
  attributes="sha256=$expected${3:+;Content-Type=$3}"
  step "Upload of $2" mc cp --quiet --checksum CRC64NVME --attr "$attributes" "$1" "store/$BUCKET/$2"
  step "Reading $2 as s3www's user" mc stat "reader/$BUCKET/$2"
  actual=$(mc cat "reader/$BUCKET/$2" | sha256sum)
  actual=${actual%% *}
  [ "$actual" = "$expected" ] ||
    fail "what s3www's user reads from $BUCKET/$2 is not what was uploaded: expected SHA-256 $expected, got $actual. Something else may be writing to that key."
  say "Read back $BUCKET/$2 as s3www's user: SHA-256 $actual"
}

wait_until "the storage at $ENDPOINT accepts the administrator's credentials" log_in store "$admin/user" "$admin/password"

if mc stat "store/$BUCKET" >/dev/null 2>&1; then
  say "Bucket $BUCKET: exists"
else
  step "Bucket $BUCKET" mc mb --ignore-existing "store/$BUCKET"
fi

[ "$MANAGE_USER" != true ] || make_user
wait_until "the storage at $ENDPOINT accepts s3www's own credentials" log_in reader "$reader/accessKey" "$reader/secretKey"
wait_until "s3www's own user can read bucket $BUCKET" mc ls "reader/$BUCKET/s3www-readable"

[ -z "$KEY" ] || upload "$FILE" "$KEY" "$CONTENT_TYPE"
[ "$INDEX" != true ] || upload "$here/index.html" index.html text/html
say "Everything is in place"
