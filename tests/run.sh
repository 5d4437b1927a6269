# tests/run.sh: the list of test steps, sourced by dev (./dev test [NAME...]). A step that is not in this checkout is
# named and left out.
# name, what it is, and the program under test: asan (checked memory) or release (as shipped).
test_steps='
unit         unit
threads      threads
oom          oom
api          script:asan:tests/api/run.sh
hostile      script:asan:tests/hostile/run.sh
spec         script:asan:tests/spec/run.sh
signing      script:asan:tests/signing/run.sh
canary       script:asan:tests/canary/run.sh
databases    script:asan:tests/databases/run.sh
web          script:release:tests/web/run.sh
crash        script:release:tests/crash/run.sh
robust       script:release:tests/robust/run.sh
conformance  script:release:tests/conformance/run.sh
import       script:release:tests/import/run.sh
peers        script:release:tests/peers/run.sh
client       script:release:clients/python/tests/run.sh
'

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0:allocator_may_return_null=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}

# Unit tests in build/$1, those named behind it or all; what each program said goes to the log, where its tests are counted.
unit_in() {
    local status=0
    meson test -C "build/$1" --suite unit --no-rebuild --num-processes "$jobs" --timeout-multiplier 3 "${@:2}" >/dev/null 2>&1 || status=1
    grep -v '^Inherited environment' "build/$1/meson-logs/testlog.txt"
    python3 - "build/$1/meson-logs/testlog.json" <<'PY'
import json, sys
for line in open(sys.argv[1]):
    t = json.loads(line)
    if t["result"] != "OK":
        print(f'FAIL - {t["name"]}: {t["result"].lower()} after {t["duration"]:.0f} s')
PY
    return $status
}

unit() { build_asan && unit_in asan; }
threads() { build_tsan && unit_in tsan; }

# Each route with each allocation failing in turn: every second one on each of two cores, because it takes longest.
oom() {
    local one=0 two=0 log=build/logs/oom-half.log
    build_asan || return
    KEYSTEWARD_TEST_HALF=1 build/asan/tests/oom/oom >"$log" 2>&1 &
    KEYSTEWARD_TEST_HALF=0 build/asan/tests/oom/oom || one=1
    wait $! || two=1
    cat "$log"
    return $((one + two > 0))
}

# script:BUILD:PATH
script() {
    local build=$1 path=$2
    "build_$build"
    KEYSTEWARD_BIN=$PWD/build/$build/keysteward "$path"
}

# Unit tests whose name holds $1, e.g. json.
unit_like() {
    local names
    build_asan
    names=$(meson test -C build/asan --suite unit --list --no-rebuild 2>/dev/null | sed 's|.* / ||' | grep -F -- "$1") || {
        echo "no test is called $1"
        return 1
    }
    unit_in asan $names
}

# run_tests [NAME...]: those steps, or all. A name that is no step means unit tests.
run_tests() {
    local name what kind build path
    for name; do
        grep -q "^$name " <<<"$test_steps" || step "unit-$name" unit_like "$name"
    done
    while read -r name what; do
        [ -n "$name" ] || continue
        [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
        IFS=: read -r kind build path <<<"$what"
        if [ "$kind" != script ]; then
            step "$name" "$kind"
        elif [ -x "$path" ]; then
            step "$name" script "$build" "$path"
        else
            printf -- '-     %-14s no %s in this checkout\n' "$name" "$path"
        fi
    done <<<"$test_steps"
}
