#!/usr/bin/env bash
# Makes or refreshes .venv-bench, in which the benchmarks and what Hemu is measured against run.
#
# usage: environment.sh
# VENV_BENCH  another folder than .venv-bench
# PYTHON      the Python to make it with; by default the one of .venv
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
venv=${VENV_BENCH:-.venv-bench}
lock=tests/benchmarks/requirements.lock
python=${PYTHON:-${VENV:-.venv}/bin/python}

"$venv/bin/python" -m pip --version > /dev/null 2>&1 || "$python" -m venv --clear "$venv"
cmp --silent "$lock" "$venv/installed.lock" && exit 0

echo "Installing $lock into $venv"
pip=("$venv/bin/python" -m pip --quiet --disable-pip-version-check --no-input)
"${pip[@]}" install --require-hashes --no-deps --requirement "$lock"
"${pip[@]}" install --no-deps --no-build-isolation --editable . > /dev/null
cp "$lock" "$venv/installed.lock"
