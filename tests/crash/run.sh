#!/bin/sh
# tests/crash/run.sh [ROUNDS]: see http_kill.py. Server: $KEYSTEWARD_BIN, default build/release/keysteward.
exec python3 "$(dirname "$0")/http_kill.py" "$@"
