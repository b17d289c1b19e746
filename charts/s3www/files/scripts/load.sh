#!/bin/sh
# Makes the bucket and s3www's read-only user, and uploads what is to be served. Every step may be repeated.
set -eu
here=${0%/*}
# shellcheck source-path=SCRIPTDIR source=storage.sh
. "$here/storage.sh"

admin=/run/s3/admin
reader=/run/s3/reader

# Exit code 65 means: trying again cannot help. The Job's failure policy gives up on it at once.
fail_for_good() {
  printf 'ERROR: %s\n' "$*" >&2
  exit 65
}

# Prints what to do about an answer, if that is known.
hint() {
  case $1 in
    *"quota exceeded"* | *QuotaExceeded* | *XMinioStorageFull* | *"free drive threshold"*) printf ' Hint: the storage or the quota of the bucket is full. Delete objects, or enlarge it.' ;;
    *"Access Denied"* | *AccessDenied* | *"Insufficient permissions"*) printf " Hint: the loader's credentials lack a right; the chart's README lists what it needs." ;;
  esac
}

# Runs a command; if it fails, says what failed, with the command's own words.
step() {
  what=$1
  shift
  answer=$("$@" 2>&1) || fail "$what failed at $ENDPOINT. Answer: $answer$(hint "$answer")"
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

# Removes the users of earlier access keys. One that is gone already is none.
retire_users() {
  # shellcheck disable=SC2086 # access keys have no spaces
  for user in ${RETIRED_USERS:-}; do
    [ "$user" != "$(cat "$reader/accessKey")" ] ||
      fail_for_good "auth.retiredAccessKeys names $user, which s3www uses now. Give s3www another access key first."
    if mc admin user info store "$user" >/dev/null 2>&1; then
      step "Removal of user $user" mc admin user rm store "$user"
    else
      say "User $user: is gone"
    fi
    if mc admin policy info store "$user" >/dev/null 2>&1; then
      step "Removal of policy $user" mc admin policy rm store "$user"
    fi
  done
}

# Succeeds if key "$1" says that it was uploaded from content with the SHA-256 "$2", with the content type "$3" (empty: any).
is_uploaded() {
  described=$(mc stat --json "reader/$BUCKET/$1" 2>/dev/null) || return 1
  case $described in
    *"\"X-Amz-Meta-Sha256\":\"$2\""*) ;;
    *) return 1 ;;
  esac
  case $described in
    *"\"Content-Type\":\"${3:-}"*) ;;
    *) return 1 ;;
  esac
}

# Prints the SHA-256 of what s3www's user reads under key "$1".
read_back() {
  sum=$(mc cat "reader/$BUCKET/$1" | sha256sum)
  printf '%s' "${sum%% *}"
}

# Makes key "$2" have the content "$1" and the content type "$3" (may be empty), if the content has the SHA-256 "$4" (empty: any), and
# reads it back as s3www will. What is there already is not uploaded again, so that repeating makes no new versions.
upload() {
  expected=$(sha256sum "$1")
  # A name with a backslash or a newline makes sha256sum put a backslash before the hash.
  expected=${expected#\\}
  expected=${expected%% *}
  [ -z "$4" ] || [ "$4" = "$expected" ] ||
    fail_for_good "the content for $2 has another SHA-256 than the values say. Expected $4, got $expected."
  if is_uploaded "$2" "$expected" "$3" && [ "$(read_back "$2")" = "$expected" ]; then
    say "Object $2: is there already, SHA-256 $expected"
    return
  fi
  # In quotes: a content type may have a semicolon, which is what separates attributes.
  attributes="sha256=$expected${3:+;Content-Type=\"$3\"}"
  step "Upload of $2" mc cp --quiet --checksum CRC64NVME --attr "$attributes" "$1" "store/$BUCKET/$2"
  step "Reading $2 as s3www's user" mc stat "reader/$BUCKET/$2"
  actual=$(read_back "$2")
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

if [ "$MANAGE_USER" = true ]; then
  make_user
  retire_users
fi
wait_until "the storage at $ENDPOINT accepts s3www's own credentials" log_in reader "$reader/accessKey" "$reader/secretKey"
wait_until "s3www's own user can read bucket $BUCKET" mc ls "reader/$BUCKET/s3www-readable"

number=1
while [ "$number" -le "$FILES" ]; do
  eval "upload \"\$PATH_$number\" \"\$KEY_$number\" \"\${CONTENT_TYPE_$number:-}\" \"\${SHA256_$number:-}\""
  number=$((number + 1))
done
[ "$INDEX" != true ] || upload "$here/index.html" index.html text/html ""
say "Everything is in place"
