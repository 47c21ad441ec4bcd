#!/usr/bin/env bash
# A scratch PostgreSQL and Redis on spare loopback ports, for tests and a first look.
#
#   export $(contrib/pg-redis.sh start)     # sets DATABASE_URL and REDIS_URL
#   contrib/pg-redis.sh stop                # ends both and deletes their data
#
# PG_PORT (54329), REDIS_PORT (63799) and SCRATCH_DIR (/var/tmp/socialhub-scratch-$UID)
# may be set; stop needs the same values as start. Each pair of ports is an instance
# of its own. PG_OPTIONS ("-c work_mem=64MB …") adds settings of the PostgreSQL server.
# Not for data you want to keep: nothing is synced to disk.
set -euo pipefail

pg_port=${PG_PORT:-54329}
redis_port=${REDIS_PORT:-63799}
scratch=$(realpath -sm -- "${SCRATCH_DIR:-/var/tmp/socialhub-scratch-$UID}")
pg_dir=$scratch/pg-$pg_port
redis_dir=$scratch/redis-$redis_port

say() { echo "pg-redis: $*" >&2; } # stdout is for the two settings only
die() { say "$1"; exit "${2:-1}"; }

PATH=$PATH:/usr/sbin # runuser is there, and a plain "su" leaves it out

# PostgreSQL refuses to run as root, and Redis has no need to.
as_owner() { if [ "$UID" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

# A caller's own PostgreSQL settings would point psql at another server.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGDATA PGPASSWORD PGSERVICE PGOPTIONS

# Debian keeps the server programs out of PATH, one folder per version.
find_pg() {
  find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2>/dev/null |
    sort -V | tail -n 1 || true
}

need_packages() {
  local missing=()
  pg_bin=$(find_pg)
  [ -n "$pg_bin" ] || missing+=(postgresql)
  command -v redis-server >/dev/null || missing+=(redis-server)
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$UID" -eq 0 ] || die "missing; as root: apt-get install ${missing[*]}" 2
  say "installing ${missing[*]}"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >&2
  pg_bin=$(find_pg)
}

# Both servers also listen on a socket in their own folder. Asking there, never on the
# port, makes sure that the answer (and the shutdown) is from the server started here.
pg_runs() { [ -n "$pg_bin" ] && as_owner "$pg_bin/pg_isready" -q -h "$pg_dir" -p "$pg_port"; }
redis_cli() { as_owner redis-cli -s "$redis_dir/redis.sock" "$@"; }
redis_runs() { [ -S "$redis_dir/redis.sock" ] && redis_cli ping >/dev/null 2>&1; }

need_free() {
  if (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
    rmdir -- "$scratch" 2>/dev/null || true
    die "port $1 is in use by another program; set $2 to a free one"
  fi
}

new_dir() { # a fresh folder that only the servers' user can enter
  rm -rf -- "$1"
  mkdir -m 700 -- "$1"
  [ "$UID" -ne 0 ] || chown postgres: "$1"
}

start_pg() {
  local options="-p $pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$pg_dir"
  options+=" -c max_connections=300 -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
  options+=" ${PG_OPTIONS:-}"
  say "starting PostgreSQL on port $pg_port"
  new_dir "$pg_dir"
  as_owner "$pg_bin/initdb" -D "$pg_dir" -E UTF8 --locale=C.UTF-8 --no-sync \
    --auth-local=peer --auth-host=scram-sha-256 >/dev/null
  as_owner "$pg_bin/pg_ctl" -D "$pg_dir" -w -l "$pg_dir/log" -o "$options" start >/dev/null ||
    die "PostgreSQL did not start: $(as_owner tail -n 5 "$pg_dir/log" 2>&1)"
  as_owner "$pg_bin/psql" -X -q -h "$pg_dir" -p "$pg_port" -d postgres \
    -c "CREATE ROLE socialhub LOGIN CREATEDB PASSWORD 'socialhub'" \
    -c "CREATE DATABASE socialhub OWNER socialhub"
}

start_redis() {
  say "starting Redis on port $redis_port"
  new_dir "$redis_dir"
  as_owner redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no \
    --unixsocket "$redis_dir/redis.sock" --dir "$redis_dir" --logfile "$redis_dir/log" \
    --daemonize yes >/dev/null
  for _ in $(seq 1 50); do
    redis_runs && return
    sleep 0.1
  done
  die "Redis did not start: $(as_owner tail -n 5 "$redis_dir/log" 2>&1)"
}

start() {
  need_packages
  (umask 022 && mkdir -p -- "$scratch")
  # /var/tmp is open to everyone: do not work in a folder somebody else has put there.
  [ -O "$scratch" ] && [ ! -L "$scratch" ] || die "$scratch belongs to another user; set SCRATCH_DIR"
  pg_runs || need_free "$pg_port" PG_PORT
  redis_runs || need_free "$redis_port" REDIS_PORT
  pg_runs || start_pg
  redis_runs || start_redis
  echo "DATABASE_URL=postgres://socialhub:socialhub@127.0.0.1:$pg_port/socialhub"
  echo "REDIS_URL=redis://127.0.0.1:$redis_port/0"
}

stop() {
  pg_bin=$(find_pg)
  if pg_runs; then
    say "stopping PostgreSQL on port $pg_port"
    # "immediate": the data goes next, so there is nothing to write out.
    as_owner "$pg_bin/pg_ctl" -D "$pg_dir" -w -m immediate stop >/dev/null
  fi
  if redis_runs; then
    say "stopping Redis on port $redis_port"
    redis_cli shutdown nosave >/dev/null 2>&1 || true
    for _ in $(seq 1 50); do redis_runs || break; sleep 0.1; done
  fi
  [ -O "$scratch" ] || return 0
  rm -rf -- "$pg_dir" "$redis_dir"
  # Another pair of ports may still live here.
  rmdir -- "$scratch" 2>/dev/null || true
}

case "${1:-}" in
start | stop) "$1" ;;
*) sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
