#!/bin/sh
# The commands of this project. `./run.sh` alone lists them.
set -eu
cd "$(dirname "$0")"

usage() {
  cat <<'EOF'
usage: ./run.sh COMMAND

  demo              start everything with demo data: web, workers, beat, sandbox network
  test [ARGS]       the test suite on SQLite; ARGS go to pytest
  check [STEPS]     every check there is; --list names them, --except leaves some out
  bench [AREA]      measured figures beside their limits; --size ci|full
  networks          write the tables of docs/networks.md from the adapters
  reliability       every fault on every network, writes docs/reliability.md
  realnet           the tests against real network software
  manage ARGS       Django's manage.py
  lock              lock requirements*.in with hashes
  secrets           print fresh secrets for a production installation

PORT (8000), SANDBOX_PORT (8090) and ODOO_PORT (8091) choose other ports for demo.
EOF
}

say() { echo "run.sh: $*" >&2; }
die() { say "$1"; exit "${2:-1}"; }

# -- the virtual environment --------------------------------------------------------

# Some packages have no release for a newer Python that is tested here, none for an older one.
find_python() {
  for candidate in "${PYTHON:-python3.11}" python3.11 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  die "Python 3.11 is needed. On Debian 12: apt-get install python3 python3-venv"
}

apt_install() {
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
  say "installing $*"
  apt-get update -qq >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

make_venv() {
  python=$(find_python)
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    apt_install python3-venv ||
      die "Python's venv module is missing; as root: apt-get install python3-venv"
  fi
  # --clear: an interrupted start may have left half of one.
  "$python" -m venv --clear .venv
}

# The lines of one package in requirements.txt, hashes included.
locked() { sed -n "/^$1==/,/[^\\\\]\$/p" requirements.txt; }

# packages FILE...: make .venv hold exactly what the lock files name.
packages() {
  stamp=$(cat "$@" run.sh | cksum)
  [ "$(cat .venv/.installed 2>/dev/null)" != "$stamp" ] || return 0
  say "installing packages, once"
  [ -x .venv/bin/pip ] || make_venv
  if [ ! -x .venv/bin/uv ]; then
    locked uv >.venv/uv.txt
    .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.txt ||
      say "uv cannot be installed here, using pip"
  fi
  if ! { [ -x .venv/bin/uv ] && VIRTUAL_ENV=$PWD/.venv .venv/bin/uv -q pip sync --require-hashes "$@"; }
  then
    for file in "$@"; do
      .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r "$file" ||
        die "the packages of $file cannot be installed"
    done
  fi
  echo "$stamp" >.venv/.installed
}

# install [dev]: two starts at once wait for each other; the second finds everything done.
install() {
  if command -v flock >/dev/null; then
    exec 9>>.venv.lock
    flock 9
  fi
  # Tools once installed stay, so that demo and test do not take turns in removing them.
  if [ "${1:-}" = dev ] || [ -e .venv/.dev ]; then
    packages requirements.txt requirements-dev.txt
    : >.venv/.dev
  else
    packages requirements.txt
  fi
  exec 9>&-
}

# -- commands ------------------------------------------------------------------------

lock() {
  install
  for name in requirements requirements-chromium requirements-dev; do
    .venv/bin/uv pip compile -q --generate-hashes --no-annotate --python-version 3.11 \
      --custom-compile-command "./run.sh lock" "$@" "$name.in" -o "$name.txt"
  done
}

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
demo)
  install
  exec .venv/bin/python manage.py demo "$@"
  ;;
test)
  install dev
  unset DATABASE_URL REDIS_URL DATABASE_URL_FILE REDIS_URL_FILE
  # Most tests wait for other processes, so more run at once than there are cores.
  exec .venv/bin/python -m pytest -n 4 "$@"
  ;;
check)
  install dev
  exec .venv/bin/python contrib/check.py "$@"
  ;;
bench)
  install dev
  exec .venv/bin/python -m bench "$@"
  ;;
networks)
  install
  exec .venv/bin/python contrib/networks.py
  ;;
reliability)
  install dev
  unset DATABASE_URL REDIS_URL DATABASE_URL_FILE REDIS_URL_FILE
  SOCIALHUB_RELIABILITY_PAGE=1 exec .venv/bin/python -m pytest -q -m thorough \
    socialhub/tests/stack/test_reliability.py
  ;;
realnet)
  install dev
  exec .venv/bin/python contrib/check.py realnet
  ;;
manage)
  install
  exec .venv/bin/python manage.py "$@"
  ;;
secrets)
  install
  unset DATABASE_URL REDIS_URL DATABASE_URL_FILE REDIS_URL_FILE
  exec .venv/bin/python manage.py secrets
  ;;
lock) lock "$@" ;;
help | -h | --help) usage ;;
*)
  usage >&2
  exit 2
  ;;
esac
