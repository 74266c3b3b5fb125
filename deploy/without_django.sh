#!/usr/bin/env bash
# Takes Django and what only it needs out of a lock file: django-htmx is wanted for the one file of
# htmx that it ships, and nothing of it is imported. What is locked is installed with --no-deps.
#
# usage: without_django.sh LOCK
set -euo pipefail

awk '/^(asgiref|django|sqlparse)==/ { out = 1; next } /^[^ ]/ { out = 0 } !out' "$1" > "$1.new"
mv "$1.new" "$1"
