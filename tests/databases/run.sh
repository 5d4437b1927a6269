#!/bin/sh
# tests/databases/run.sh: real database servers on loopback, in folders of their own, against $KEYSTEWARD_BIN (default
# build/release/keysteward). Arguments: modules; none: all. Standard library only; the servers come from Debian.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls test_*.py | sed 's/\.py$//')
exec python3 ../support/run_unittest.py databases "$@"
