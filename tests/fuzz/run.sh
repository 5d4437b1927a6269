#!/usr/bin/env bash
# tests/fuzz/run.sh [NAME|all] [SECONDS]: each harness with its seeds and then random bytes, two at a time. Inputs that
# end a harness are kept in build/fuzz-finds/; put the small ones into tests/fuzz/seeds/ with the fix.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${2:-60}

CC=clang ./dev build-fuzz
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

one() {
    local name=$1 corpus=build/fuzz-corpus/$1 log=build/logs/fuzz-$1.log
    mkdir -p "$corpus" build/fuzz-finds "tests/fuzz/seeds/$name" build/logs
    if "build/fuzz/tests/fuzz/fuzz_$name" -max_total_time="$2" -timeout=10 -rss_limit_mb=1024 -max_len=16384 -verbosity=1 \
        -artifact_prefix="build/fuzz-finds/$name-" "$corpus" "tests/fuzz/seeds/$name" >"$log" 2>&1; then
        printf 'fuzz %s: 1 passed, 0 failed\n' "$name"
    else
        printf 'FAIL - fuzz %s: %s\n' "$name" "$(grep -m 1 -E 'ERROR|runtime error|SUMMARY|Assertion' "$log" || tail -n 1 "$log")"
        printf 'fuzz %s: 0 passed, 1 failed\n' "$name"
        return 1
    fi
    grep -m 1 '^Done ' "$log" || true
}
export -f one

if [ "${1:-all}" != all ]; then
    one "$1" "$seconds"
else
    for harness in tests/fuzz/fuzz_*.c; do
        basename "$harness" .c | cut -c 6-
    done | xargs -P 2 -I NAME bash -c "one NAME $seconds"
fi
