#!/bin/sh
# tests/canary/run.sh: see canary.py. Server: $KEYSTEWARD_BIN, default build/release/keysteward.
exec python3 "$(dirname "$0")/canary.py"
