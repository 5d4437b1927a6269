#!/bin/sh
# tests/bench/run.sh [--quick]: see bench.py. Needs wrk and nginx. Server: $KEYSTEWARD_BIN, default build/release/keysteward.
PATH=$PATH:/usr/sbin exec python3 "$(dirname "$0")/bench.py" "$@"
