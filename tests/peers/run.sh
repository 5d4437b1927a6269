#!/bin/sh
# tests/peers/run.sh [MODULE...]: requests before a judge that is not ours: vendors' own OpenAPI documents in Prism. Installs the
# packages below build/ once; then nothing leaves the machine. PEERS_ALL=1: every operation of
# every document. The server under test: $KEYSTEWARD_BIN, default build/release/keysteward.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
log=$root/build/peers-install.log
. "$root/tests/support/npm.sh"
if ! npm_install "$root/build/node-peers" "$here/package.json" @stoplight/prism-cli; then
    tail -n 20 "$log" >&2
    echo "peers: 0 passed, 1 failed"
    exit 1
fi
export PEERS_NODE="$npm_node" PEERS_MODULES="$root/build/node-peers/node_modules"
cd "$here"
[ $# -gt 0 ] || set -- test_prism
exec python3 ../support/run_unittest.py peers "$@"
