#!/usr/bin/env bash
# Runs nginx as the gateway until it is stopped.
#
# usage: gateway.sh CONFIGURATION PID_FILE     the pid file that the configuration names
#
# Workers of an nginx that was killed would go on serving, on the port that the new one needs. They
# are ended first; they are in the process group of their master, which its pid names.
set -euo pipefail

configuration=${1:?usage: gateway.sh CONFIGURATION PID_FILE}
pid_file=$2

if [[ -s $pid_file ]]; then
  pkill -KILL --pgroup "$(< "$pid_file")" --exact nginx || true # none left is as well
fi

exec "$(PATH=$PATH:/usr/sbin command -v nginx)" -e stderr -c "$configuration" -g 'daemon off;'
