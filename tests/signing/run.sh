#!/bin/sh
# tests/signing/run.sh: signed requests against judges that are not ours: AWS's and OAuth's own libraries, a digest server,
# nginx that demands client certificates. Installs the libraries below build/ (once); only that uses the network. The server
# under test: $KEYSTEWARD_BIN, default build/release/keysteward.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/build/venv-signing
log=$root/build/signing-install.log
mkdir -p "$root/build"

if ! cmp -s "$here/requirements.txt" "$venv/.stamp"; then
    rm -rf "$venv"
    if ! { python3 -m venv "$venv" && "$venv/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"; } >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        echo "signing: 0 passed, 1 failed"
        exit 1
    fi
    cp "$here/requirements.txt" "$venv/.stamp"
fi
cd "$here"
[ $# -gt 0 ] || set -- test_signing test_certificates
exec "$venv/bin/python" ../support/run_unittest.py signing "$@"
