#!/usr/bin/env bash
# Prints the folder of the npm packages that FOLDER's package-lock.json names; the first time,
# fetches them. Nothing of theirs is run while they are installed.
#
# usage: npm.sh FOLDER
#
# They are kept per version of the lock file in $XDG_CACHE_HOME/hemu/NAME (~/.cache/hemu/NAME),
# where NAME is FOLDER's own.
set -euo pipefail

here=$(cd "$1" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hemu/$(basename "$here")
found=$cache/$(sha256sum "$here/package-lock.json" | cut -c 1-12)

if [[ ! -d $found ]]; then
  command -v npm > /dev/null || { echo "npm is missing, which fetches it" >&2; exit 69; }
  mkdir -p "$cache"
  exec 9> "$cache/lock"
  flock 9 # two test runs at once fetch it once
  if [[ ! -d $found ]]; then
    echo "Fetching npm packages into $found" >&2
    draft=$(mktemp -d "$cache/draft.XXXXXX")
    trap 'rm -rf "$draft"' EXIT
    cp "$here/package.json" "$here/package-lock.json" "$draft"
    npm ci --prefix "$draft" --ignore-scripts --no-audit --no-fund --silent >&2
    chmod 755 "$draft"
    mv "$draft" "$found" # whole or not at all
  fi
fi
echo "$found"
