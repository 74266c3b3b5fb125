#!/usr/bin/env bash
# Runs one PostgreSQL server until it is stopped; the first time, makes its data folder.
#
# usage: server.sh DIR PORT PASSWORD_FILE     of the superuser, "postgres"
#
# Not as root: PostgreSQL refuses. Everybody needs a password, also on this machine. SIGINT stops it
# at once and cleanly; after a kill -9 it recovers by itself. The programs are those of the version
# that made the data, else the newest of Debian's, else those on the PATH.
set -euo pipefail

dir=${1:?usage: server.sh DIR PORT PASSWORD_FILE}
port=$2
password_file=$3

programs() { # the folder of initdb and postgres
  local version
  if [[ -f $dir/data/PG_VERSION ]]; then
    version=$(< "$dir/data/PG_VERSION")
  else
    version=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | cut -d / -f 5 | sort -n | tail -n 1)
  fi
  if [[ -x /usr/lib/postgresql/$version/bin/postgres ]]; then
    echo "/usr/lib/postgresql/$version/bin"
  else
    dirname "$(readlink -f "$(command -v initdb)")"
  fi
}
bin=$(programs)

if [[ ! -d $dir/data ]]; then
  rm -rf "$dir/draft"
  "$bin/initdb" --pgdata="$dir/draft" --username=postgres --pwfile="$password_file" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 > /dev/null
  mv "$dir/draft" "$dir/data" # a start that is killed meanwhile leaves nothing half done
fi

exec "$bin/postgres" -D "$dir/data" -p "$port" \
  -c listen_addresses=127.0.0.1 \
  -c unix_socket_directories= \
  -c max_connections=600 \
  -c log_checkpoints=off \
  -c log_timezone=UTC
