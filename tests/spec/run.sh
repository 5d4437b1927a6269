#!/bin/sh
# tests/spec/run.sh: does the server do what its /openapi.json says? OPS-2. Installs schemathesis below build/ (once), then
# hands over to run.py. The server under test: $KEYSTEWARD_BIN, default build/release/keysteward. Only the installation uses
# the network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=$here/../../build/venv-spec
want=$(cat "$here/requirements.txt")
if [ ! -f "$venv/.stamp" ] || [ "$(cat "$venv/.stamp")" != "$want" ]; then
    rm -rf "$venv"
    mkdir -p "$here/../../build"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"
    printf '%s\n' "$want" >"$venv/.stamp"
fi
exec "$venv/bin/python" "$here/run.py" "$@"
