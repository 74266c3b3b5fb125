#!/usr/bin/env bash
# Writes requirements.lock (to run) and requirements-dev.lock (to develop and test) from
# pyproject.toml: every package with its version and the hashes of all its files.
#
# usage: lock.sh [--upgrade]      without it, versions that are locked stay as they are
#
# Made with the lowest Python that Hemu supports, so that what is locked serves the later ones too.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=${VENV:-.venv}/bin

compile() { # compile FILE OPTION...
  local file=$1
  shift
  echo "Locking $file"
  # The machine's own pip settings stay out of it: no folder or address of theirs is written down.
  env --unset=PIP_FIND_LINKS "$bin/pip-compile" --quiet --generate-hashes --strip-extras \
    --all-build-deps --allow-unsafe --no-header --no-emit-options --no-emit-index-url \
    --no-emit-find-links --no-emit-trusted-host --output-file="$file" "$@" pyproject.toml
  sed -i -e '/^$/d' -e '/^# The following packages are considered/d' "$file"
  deploy/without_django.sh "$file"
  sed -i '1i # Written by deploy/lock.sh (make lock) from pyproject.toml. Do not edit.\n#' "$file"
}

compile requirements.lock "$@"
compile requirements-dev.lock --extra=dev --constraint=requirements.lock "$@"
