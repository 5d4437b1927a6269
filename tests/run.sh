# tests/run.sh: the list of test steps, sourced by dev (./dev test [NAME...]). A step that is not in this checkout is
# named and left out.
# name, what it is, and the program under test: asan (checked memory) or release (as shipped).
test_steps='
unit         unit
threads      threads
api          script:asan:tests/api/run.sh
canary       script:asan:tests/canary/run.sh
crash        script:release:tests/crash/run.sh
robust       script:release:tests/robust/run.sh
conformance  script:release:tests/conformance/run.sh
client       script:release:clients/python/tests/run.sh
'

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0:allocator_may_return_null=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}

# Unit tests in build/$1; what each program said goes to the log, where its tests are counted.
unit_in() {
    local status=0
    meson test -C "build/$1" --suite unit --no-rebuild --num-processes "$jobs" >/dev/null 2>&1 || status=1
    cat "build/$1/meson-logs/testlog.txt"
    return $status
}

unit() { build_asan && unit_in asan; }
threads() { build_tsan && unit_in tsan; }

# script:BUILD:PATH
script() {
    local build=$1 path=$2
    "build_$build"
    KEYSTEWARD_BIN=$PWD/build/$build/keysteward "$path"
}

# run_tests [NAME...]: those steps, or all.
run_tests() {
    local name what kind build path
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
