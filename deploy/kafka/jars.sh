#!/usr/bin/env bash
# Prints the folder of Kafka's jars; the first time, fetches them from Maven Central (54 MB).
#
# usage: jars.sh
# KAFKA_JARS   a folder that holds the jars already; nothing is fetched then
#
# They are kept per version of pom.xml in $XDG_CACHE_HOME/hemu/kafka (~/.cache/hemu/kafka).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [[ -n ${KAFKA_JARS:-} ]]; then
  echo "$KAFKA_JARS"
  exit
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/hemu/kafka
jars=$cache/$(sha256sum "$here/pom.xml" | cut -c 1-12)

if [[ ! -d $jars ]]; then
  command -v mvn > /dev/null || { echo "Kafka's jars are missing, and mvn, which fetches them" >&2; exit 69; }
  mkdir -p "$cache"
  exec 9> "$cache/lock"
  flock 9 # two test runs at once fetch them once
  if [[ ! -d $jars ]]; then
    echo "Fetching Kafka's jars from Maven Central into $jars" >&2
    draft=$(mktemp -d "$cache/draft.XXXXXX")
    trap 'rm -rf "$draft"' EXIT
    mvn --quiet --batch-mode --file "$here/pom.xml" dependency:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$draft" >&2
    chmod 755 "$draft"
    mv "$draft" "$jars" # whole or not at all
  fi
fi
echo "$jars"
