#!/usr/bin/env bash
# tools/demo.sh: the main job, on the screen, with the built-in `demo` app, whose vendor is simulated inside the server:
# ask what a connection needs, give a wrong key, give a right one, act with it, see where the key went. Reads
# KEYSTEWARD_URL and KEYSTEWARD_API_KEY; wants `keysteward` in the PATH.
set -uo pipefail
status=0

# show yes|no COMMAND...: the command as one would type it, and its answer; no: it has to be refused. Input passes
# through.
show() {
    local want=$1 got=0 word line=
    shift
    for word; do
        [[ $word == *[\ \{\"]* ]] && line+=" '$word'" || line+=" $word"
    done
    printf '\n$%s\n' "$line"
    "$@" 2>&1 || got=$?
    [ "$want" = "$([ $got = 0 ] && echo yes || echo no)" ] || { printf '(exit code %s was not expected)\n' "$got" && status=1; }
}

say() { printf '\n# %s\n' "$*"; }

say "What does a connection to this app need?"
show yes keysteward app fields demo
say "A user pastes a wrong key. It is tried with the vendor before it is kept."
printf 'demo-wrong-0123456789' | show no keysteward connect demo --entity user_1 api_key=-
say "The right one."
printf 'demo_4f9c1e7ab2d860355aa1' | show yes keysteward connect demo --entity user_1 api_key=-
say "Act with it."
show yes keysteward action run DEMO_ECHO --entity user_1 --input '{"message":"hello"}'
say "Which request was that, and where did the key go?"
show yes keysteward explain DEMO_ECHO --entity user_1 --input '{"message":"hello"}'
exit $status
