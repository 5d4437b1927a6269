#!/bin/sh
# tests/robust/run.sh: the server short of descriptors, memory, disk and time. Server: $KEYSTEWARD_BIN, default
# build/release/keysteward. Arguments: modules; none: all.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls test_*.py | sed 's/\.py$//')
exec python3 ../support/run_unittest.py robust "$@"
