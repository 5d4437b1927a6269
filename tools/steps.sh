# tools/steps.sh: run named steps, one line each, and count. Sourced by dev. A step's output goes to
# build/logs/NAME.log; of one that fails its end is shown.
steps_passed=0
steps_failed=0

# Tests counted in a log: lines of cmocka, and "NAME: N passed, N failed" (indented ones are parts of it). Prints two numbers.
tally() {
    awk '/^\[  PASSED  \] [0-9]+ test/ { ok += $4 }
         /^\[  FAILED  \] [0-9]+ test/ { bad += $4 }
         /^[^ ].*: [0-9]+ passed, [0-9]+ failed$/ { ok += $(NF - 3); bad += $(NF - 1) }
         END { print ok + 0, bad + 0 }' "$1"
}

# step NAME COMMAND...: a function or a program; goes on after a failure.
step() {
    local name=$1 log=build/logs/$1.log began=$SECONDS word=ok good bad
    shift
    mkdir -p build/logs
    # a subshell of its own, so that `set -e` holds inside functions
    set +e
    (set -e; "$@") >"$log" 2>&1 </dev/null
    local status=$?
    set -e
    read -r good bad < <(tally "$log")
    if [ $status != 0 ]; then
        word=FAIL
        bad=$((bad + 1))
    else
        good=$((good + 1))
    fi
    steps_passed=$((steps_passed + good))
    steps_failed=$((steps_failed + bad))
    printf '%-5s %-14s %5d ok %4d bad %5d s   %s\n' "$word" "$name" "$good" "$bad" $((SECONDS - began)) "$log"
    [ $status = 0 ] || { grep -E -B 2 '^FAIL|FAILED|ERROR|error:|Error:' "$log" || tail -n 15 "$log"; } | cut -c -200 | head -n 30 | sed 's/^/      /'
}

# The last line; fails when anything did.
finish() {
    printf '%d passed, %d failed\n' "$steps_passed" "$steps_failed"
    [ "$steps_failed" = 0 ]
}
