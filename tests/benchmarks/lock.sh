#!/usr/bin/env bash
# Writes requirements.lock: Hemu in the versions it runs with, and what it is measured against.
#
# usage: lock.sh [--upgrade]      without it, versions that are locked stay as they are
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=${VENV:-.venv}/bin
here=tests/benchmarks

echo "Locking $here/requirements.lock"
env --unset=PIP_FIND_LINKS "$bin/pip-compile" --quiet --generate-hashes --strip-extras \
  --allow-unsafe --no-header --no-emit-options --no-emit-index-url --no-emit-find-links \
  --no-emit-trusted-host --constraint=requirements.lock --output-file="$here/requirements.lock" \
  "$@" pyproject.toml "$here/requirements.in"
sed -i -e '/^$/d' -e '/^# The following packages are considered/d' "$here/requirements.lock"
deploy/without_django.sh "$here/requirements.lock"
sed -i "1i # Written by $here/lock.sh from pyproject.toml and requirements.in. Do not edit.\n#" \
  "$here/requirements.lock"
