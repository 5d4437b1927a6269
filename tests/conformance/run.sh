#!/bin/sh
# tests/conformance/run.sh: the unmodified SDKs, pinned, against a real server. Installs them below build/ (once), brings
# its own Node when the system's is older than 20, then hands over to run.py. The server under test: $KEYSTEWARD_BIN,
# default build/release/keysteward. Only the installation uses the network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/build/venv-v1
venv_v3=$root/build/venv-v3
node_dir=$root/build/node-v1
node_dir_v3=$root/build/node-v3
log=$root/build/conformance-install.log
mkdir -p "$root/build"

quiet() {
    if ! "$@" >"$log" 2>&1; then
        echo "failed: $*" >&2
        tail -n 30 "$log" >&2
        echo "conformance: 0 passed, 1 failed"
        exit 1
    fi
}

# A folder is as wanted when its stamp holds the same text as the list it was made from.
fresh() { [ -f "$1/.stamp" ] && [ "$(cat "$1/.stamp")" = "$2" ]; }

# venv DIR LIST [MORE...]: a Python environment with what the list pins.
venv() {
    want=$(cat "$2")
    fresh "$1" "$want" && return
    rm -rf "$1"
    quiet python3 -m venv "$1"
    where=$1 list=$2
    shift 2
    quiet "$where/bin/pip" install -q --disable-pip-version-check -r "$list" "$@"
    printf '%s\n' "$want" >"$where/.stamp"
}
venv "$venv" "$here/requirements.txt" httpx
venv "$venv_v3" "$here/requirements-v3.txt"

. "$root/tests/support/npm.sh"
modules() { quiet npm_install "$@"; }
modules "$node_dir" "$here/package.json" composio-core
modules "$node_dir_v3" "$here/v3-package.json" @composio/core

exec "$venv/bin/python" "$here/run.py" --node "$npm_node" --node-modules "$node_dir" --python-v3 "$venv_v3/bin/python" \
    --node-modules-v3 "$node_dir_v3"
