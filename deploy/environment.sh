#!/usr/bin/env bash
# Makes or refreshes the Python environment .venv from the lock files.
#
# usage: environment.sh run|dev       what is needed to run, or to develop and test as well
# PYTHON    the Python to make it with; by default the first of 3.11 or later that is found
# VENV      another folder than .venv
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
case ${1:-} in
  run) lock=requirements.lock ;;
  dev) lock=requirements-dev.lock ;;
  *) echo "usage: environment.sh run|dev" >&2 && exit 64 ;;
esac

serves() { # serves PYTHON : is it there, and new enough?
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
}

candidates=(python3 python3.11 python3.12 python3.13 python3.14)
[[ -z ${PYTHON:-} ]] || candidates=("$PYTHON")

make_venv() {
  local candidate python='' without_venv=''
  for candidate in "${candidates[@]}"; do
    serves "$candidate" || continue
    if "$candidate" -c 'import ensurepip, venv' 2> /dev/null; then
      python=$candidate
      break
    fi
    without_venv=${without_venv:-$candidate}
  done
  if [[ -z $python && -z $without_venv ]]; then
    echo "Hemu needs Python 3.11 or later; none of ${candidates[*]} is." >&2
    exit 69
  fi
  if [[ -z $python ]]; then # Debian keeps the module in a package of its own
    python=$without_venv
    deploy/debian.sh "$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')"
  fi
  echo "Making $venv with $("$python" --version)"
  "$python" -m venv --clear "$venv"
}

serves "$venv/bin/python" && "$venv/bin/python" -m pip --version > /dev/null 2>&1 || make_venv

echo "Installing $lock into $venv"
pip=("$venv/bin/python" -m pip --quiet --disable-pip-version-check --no-input)
"${pip[@]}" install --require-hashes --no-deps --requirement "$lock"
# Its build tool explains what an editable installation is, each time: of interest only if it fails.
said=$("${pip[@]}" install --no-deps --no-build-isolation --editable . 2>&1) || {
  echo "$said" >&2
  exit 1
}
