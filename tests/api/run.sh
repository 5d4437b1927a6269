#!/bin/sh
# tests/api/run.sh: the black-box tests against $KEYSTEWARD_BIN (default build/release/keysteward). Arguments: modules;
# none: all. Standard library only.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls test_*.py | sed 's/\.py$//')
exec python3 ../support/run_unittest.py api "$@"
