#!/bin/sh
# tests/web/run.sh [--all] [--sheet FILE.png] [dash] [NAME]: the connect page and the dashboard (`dash`: it alone) in a real browser, against $KEYSTEWARD_BIN (default
# build/release/keysteward). --all: every state in every language, scheme and width, else a part of them in which every pair
# occurs. --sheet: draw docs/pages.png. Only the installation uses the network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
log=$root/build/web-install.log
mkdir -p "$root/build"
. "$root/tests/support/npm.sh"
if ! npm_install "$root/build/node-web" "$here/package.json" playwright-core >"$log" 2>&1; then
    echo "the browser's driver could not be installed:" >&2
    tail -n 20 "$log" >&2
    echo "web: 0 passed, 1 failed"
    exit 1
fi
exec python3 "$here/run.py" "$npm_node" "$root/build/node-web" "$@"
