#!/usr/bin/env bash
# Installs Debian packages for what is named, but only where the command is missing.
#
# usage: debian.sh NAME...
#   postgresql   PostgreSQL, which tests start as servers of their own
#   kafka        Java, and Maven, which fetches Kafka's jars
#   browser      Chromium with Chinese fonts, for the tests of pages
#   gateway      nginx, and pkill, which ends what a killed one left
#   compiler     a C compiler, for the tests with a faulty disk
#   compose      docker-compose, which checks docker-compose.yml
#   schemas      npm, which fetches what docs/asyncapi.yaml is held against, and an OpenID provider
#   load         wrk, which makes the load of benchmarks
#
# Ends with 69 when something is missing and cannot be installed; says what.
set -euo pipefail

has() { command -v "$1" > /dev/null; }

packages=()
need() { # need NAME PACKAGE... : wanted, and not there
  echo "Installing $1 (${*:2}) from Debian" >&2
  packages+=("${@:2}")
}

for name in "$@"; do
  case $name in
    postgresql) has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || need PostgreSQL postgresql ;;
    kafka)
      has java || need Java default-jre-headless
      has mvn || need Maven maven
      ;;
    browser)
      has chromium || need Chromium chromium
      [[ -d /usr/share/fonts/opentype/noto ]] || need "Chinese fonts" fonts-noto-cjk
      ;;
    gateway)
      has nginx || [[ -x /usr/sbin/nginx ]] || need nginx nginx
      has pkill || need pkill procps
      ;;
    load) has wrk || need wrk wrk ;;
    compiler) has cc || need "a C compiler" gcc libc6-dev ;;
    compose) has docker-compose || need docker-compose docker-compose ;;
    schemas) has npm || need npm npm ;;
    python3*) need "the venv module of $name" "$name-venv" ;; # asked for by environment.sh only
    *) echo "$name: not one of the names above; see the top of debian.sh" >&2 && exit 64 ;;
  esac
done

((${#packages[@]})) || exit 0

root=()
if ((EUID != 0)); then
  root=(sudo --non-interactive)
  if ! has sudo || ! sudo --non-interactive true 2> /dev/null; then
    echo "Not root. Please run: sudo apt-get install ${packages[*]}" >&2
    exit 69
  fi
fi
if ! has apt-get; then
  echo "No apt-get here. Please install by other means: ${packages[*]}" >&2
  exit 69
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" < /dev/null > "$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 69
  }
}
quietly apt-get update
quietly apt-get install --yes --no-install-recommends "${packages[@]}"
