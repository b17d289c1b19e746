#!/bin/sh
# Returns when s3www's own user can read the bucket and the objects that are to be served: s3www itself starts in any case, and would
# serve errors or a listing.
set -eu
here=${0%/*}
# shellcheck source-path=SCRIPTDIR source=storage.sh
. "$here/storage.sh"

reader=/run/s3/reader

# A folder of that name is not the object.
object_exists() {
  found=$(mc stat --json "reader/$BUCKET/$KEY" 2>&1) || {
    printf '%s\n' "$found"
    return 1
  }
  case $found in
    *'"type":"file"'*) ;;
    *)
      printf '%s is a folder\n' "$KEY"
      return 1
      ;;
  esac
}

wait_until "the storage at $ENDPOINT accepts s3www's own credentials (the loader makes the user)" log_in reader "$reader/accessKey" "$reader/secretKey"
if [ "$FILES" = 0 ]; then
  wait_until "bucket $BUCKET can be read (the loader makes it)" mc ls "reader/$BUCKET/s3www-readable"
  say "Bucket $BUCKET can be read"
fi
number=1
while [ "$number" -le "$FILES" ]; do
  eval "KEY=\$KEY_$number"
  number=$((number + 1))
  wait_until "object $KEY is in bucket $BUCKET (the loader puts it there)" object_exists
  say "Object $KEY is in bucket $BUCKET"
done
