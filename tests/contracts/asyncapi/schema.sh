#!/usr/bin/env bash
# Prints the path of AsyncAPI's own JSON Schema; the first time, fetches it with npm (0.4 MB).
#
# It is kept per version of package-lock.json in $XDG_CACHE_HOME/hemu/asyncapi (~/.cache/hemu/asyncapi).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hemu/asyncapi
specs=$cache/$(sha256sum "$here/package-lock.json" | cut -c 1-12)

if [[ ! -d $specs ]]; then
  command -v npm > /dev/null || { echo "AsyncAPI's schema is missing, and npm, which fetches it" >&2; exit 69; }
  mkdir -p "$cache"
  exec 9> "$cache/lock"
  flock 9 # two test runs at once fetch it once
  if [[ ! -d $specs ]]; then
    echo "Fetching AsyncAPI's schema into $specs" >&2
    draft=$(mktemp -d "$cache/draft.XXXXXX")
    trap 'rm -rf "$draft"' EXIT
    cp "$here/package.json" "$here/package-lock.json" "$draft"
    npm ci --prefix "$draft" --ignore-scripts --no-audit --no-fund --silent >&2
    chmod 755 "$draft"
    mv "$draft" "$specs" # whole or not at all
  fi
fi
echo "$specs/node_modules/@asyncapi/specs/schemas/3.0.0-without-\$id.json"
