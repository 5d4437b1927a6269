#!/bin/sh
# tests/peers/run.sh [MODULE...]: requests before judges that are not ours: vendors' own OpenAPI documents in Prism, Stripe's
# stripe-mock, nginx over TLS. Installs below build/ what the modules need, once, pinned by package.json and go.sum; then nothing
# leaves the machine. PEERS_ALL=1: every operation of every document. The server under test: $KEYSTEWARD_BIN, default
# build/release/keysteward.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
log=$root/build/peers-install.log

fail() {
    tail -n 20 "$log" >&2
    echo "peers: 0 passed, 1 failed"
    exit 1
}

prism() {
    . "$root/tests/support/npm.sh"
    npm_install "$root/build/node-peers" "$here/package.json" @stoplight/prism-cli || fail
    export PEERS_NODE="$npm_node" PEERS_MODULES="$root/build/node-peers/node_modules"
}

# Go 1.19 (Debian's golang-go) or newer; it brings no other Go of its own.
stripe_mock() {
    export GOTOOLCHAIN=local GOFLAGS='-mod=readonly -modcacherw' GOMODCACHE="$root/build/go/mod" GOCACHE="$root/build/go/cache"
    mkdir -p "$root/build"
    (cd "$here/stripe-mock" && go build -o "$root/build/go/" github.com/stripe/stripe-mock &&
        go list -m -f '{{.Dir}}' github.com/stripe/stripe-mock >"$root/build/go/where") >"$log" 2>&1 || fail
    export STRIPE_MOCK="$root/build/go/stripe-mock" STRIPE_DOCUMENT="$(cat "$root/build/go/where")/embedded/openapi/spec3.json"
}

[ $# -gt 0 ] || set -- test_nginx test_prism test_stripe
case " $* " in *test_prism*) prism ;; esac
case " $* " in *test_stripe*) stripe_mock ;; esac
cd "$here"
exec python3 ../support/run_unittest.py peers "$@"
