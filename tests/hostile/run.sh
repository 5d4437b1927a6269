#!/bin/sh
# tests/hostile/run.sh: vendors that break the rules. Server: $KEYSTEWARD_BIN, default build/release/keysteward. Arguments:
# modules; none: all.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls test_*.py | sed 's/\.py$//')
exec python3 ../support/run_unittest.py hostile "$@"
