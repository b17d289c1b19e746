# shellcheck shell=bash
# shellcheck disable=SC2153 # what is set by those who source it
# Which crates are linked into the provider, and what has to be said of them.
# Source it behind lib.sh.

# Writes what is linked into the provider for a Rust target to a file: a JSON
# array of cargo's descriptions, the provider itself among them, each with the
# checksum of its package and the names of what it uses. What runs at build
# time only (build scripts, macros) is not in the binary, so not in here.
linked() {
  local target=$1 file=$2 scratch
  scratch=$(mktemp -d)
  # `cargo metadata` unites the features of tests and build scripts with the
  # binary's; `cargo tree` does not, so it decides what belongs in.
  cargo tree --locked --target "$target" --edges normal,no-proc-macro --prefix none --format '{p}' |
    awk '{ sub(/^v/, "", $2); print $1 " " $2 }' | LC_ALL=C sort -u >"$scratch/linked"
  cargo metadata --locked --format-version 1 --filter-platform "$target" >"$scratch/metadata"
  # Each crate's name, version and checksum.
  awk -F '"' '
    /^name = / { name = $2 }
    /^version = / { version = $2 }
    /^checksum = / { print name " " version " " $2 }' "$ROOT/Cargo.lock" >"$scratch/checksums"
  jq --rawfile linked "$scratch/linked" --rawfile checksums "$scratch/checksums" '
    def lines: split("\n") | map(select(. != ""));
    ($linked | lines | map({ key: ., value: true }) | from_entries) as $linked
    | ($checksums | lines | map(split(" ") | { key: "\(.[0]) \(.[1])", value: .[2] }) | from_entries) as $checksums
    | (.packages | map({ key: .id, value: "\(.name) \(.version)" }) | from_entries) as $names
    | (.resolve.nodes | map({ key: .id, value: [.deps[] | select(any(.dep_kinds[]; .kind == null)) | $names[.pkg] | select($linked[.])] | sort })
        | from_entries) as $uses
    | [.packages[] | select($linked["\(.name) \(.version)"])
        | { name, version, description, authors, license, repository, manifest_path,
            own: (.source == null), checksum: $checksums["\(.name) \(.version)"], uses: $uses[.id] }]
    | sort_by(.name, .version)' "$scratch/metadata" >"$file"
  rm -r "$scratch"
}

# Prints the bill of materials of what is linked (a file of `linked`) in
# CycloneDX's JSON. The version and the time are those of the release.
bill_of_materials() {
  jq --arg version "$2" --argjson time "$3" '
    def reference: "pkg:cargo/\(.name)@\(if .own then $version else .version end)";
    # Older manifests separate the licences that one may choose from by a slash.
    def licence: if .license then { licenses: [{ expression: (.license | gsub("(?<a>[^ ])/(?<b>[^ ])"; "\(.a) OR \(.b)")) }] } else {} end;
    def component($type): {
        type: $type, "bom-ref": reference, name, version: (if .own then $version else .version end), purl: reference
      } + licence
      + (if .description then { description: (.description | gsub("\\s+"; " ") | ltrimstr(" ") | rtrimstr(" ")) } else {} end)
      + (if .checksum then { hashes: [{ alg: "SHA-256", content: .checksum }] } else {} end)
      + (if .repository then { externalReferences: [{ type: "vcs", url: .repository }] } else {} end);
    (map({ key: "\(.name) \(.version)", value: reference }) | from_entries) as $references
    | {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        version: 1,
        metadata: {
          timestamp: ($time | todate),
          lifecycles: [{ phase: "build" }],
          component: (.[] | select(.own) | component("application"))
        },
        components: map(select(.own | not) | component("library")),
        dependencies: map({ ref: reference, dependsOn: [.uses[] | $references[.]] })
      }' "$1"
}

# Prints the licences of what is linked (a file of `linked`): for each text the
# crates that it came with. A few crates name a licence and leave out its text:
# of the two licences that this is accepted for, the text is there all the same.
# Copyright lines cannot be, so who wrote those crates is said instead.
licence_texts() (
  crates=$1
  scratch=$(mktemp -d)
  trap 'rm -r "$scratch"' EXIT
  without=() wrong=() texts=()
  shopt -s nullglob nocaseglob
  while IFS=$'\t' read -r crate folder expression origin; do
    found=''
    for text in "$folder"/{licen[sc]e,copying,copyright,notice,unlicense}* "$folder"/LICENSES/*; do
      [[ -s $text && -f $text && $text != *.rs ]] || continue
      found=yes
      texts+=("$text")
      printf '  %s (%s)\n' "$crate" "$expression"
    done >>"$scratch/users"
    if [ -z "$found" ]; then
      without+=("$crate ($expression), $origin")
      [[ $expression =~ (^|[ /])(MIT|Apache-2.0)($|[ /]) && $expression != *AND* ]] || wrong+=("$crate ($expression)")
    fi
  done < <(jq -r '.[] | select(.own | not) | ["\(.name) \(.version)", (.manifest_path | rtrimstr("/Cargo.toml")),
      .license // "see its text", "by \(.authors | if . == [] then "its contributors" else join(", ") end), \(.repository)"] | @tsv' "$crates")
  ((${#wrong[@]} == 0)) ||
    fail "These crates come without the text of their licence, so a binary with them must not be passed on: ${wrong[*]}"
  without+=("the standard library of Rust $(rustc --version | cut -d' ' -f2) (MIT OR Apache-2.0), by the Rust Project contributors, https://github.com/rust-lang/rust")
  printf 'The provider is made with the crates below, each followed by its licence.\n'
  printf '\nThese come without a text, under the MIT licence or the Apache License 2.0, whose terms stand below:\n'
  printf '  %s\n' "${without[@]}"
  # Each text once, in the order in which they came, below all who came with it.
  printf '%s\0' "${texts[@]}" | xargs -0 sha256sum | paste - "$scratch/users" |
    awk -F '\t' '
      { sum = substr($1, 1, 64) }
      !(sum in users) { order[++count] = sum; text[sum] = substr($1, 67) }
      { users[sum] = users[sum] $2 "\n" }
      END {
        for (at = 1; at <= count; at++) {
          sum = order[at]
          line = sprintf("%80s", ""); gsub(/ /, "=", line)
          printf "\n%s\n%s", line, users[sum]
          gsub(/=/, "-", line)
          print line "\n"
          while ((getline content < text[sum]) > 0) { sub(/[ \t\r]+$/, "", content); print content }
          close(text[sum])
        }
      }'
)
