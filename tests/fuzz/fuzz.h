/* tests/fuzz/fuzz.h — what the harnesses share. A harness is one parser: it must not crash, leak or run on,
 * and the claims it checks with must() must hold for every input. Built with -Dfuzz=true by clang; run by
 * tests/fuzz/run.sh. */
#pragma once
#include <stdlib.h>

#include "base/ctx.h"

/* The door of libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A claim about the parser; a false one ends the run with the input kept. */
static inline void must(bool claim)
{
    if (!claim)
        abort();
}

/* The input as text. */
static inline ks_str fuzz_text(const uint8_t *data, size_t size)
{
    return (ks_str){size ? (const char *)data : "", size};
}

/* A call with memory of its own; fuzz_done frees it. */
static inline ks_ctx fuzz_ctx(void)
{
    ks_arena *a = ks_arena_new(KS_ARENA_MAX);
    must(a != NULL);
    return ks_ctx_new(a, NULL);
}

static inline void fuzz_done(ks_ctx *cx)
{
    ks_arena_free(cx->arena);
}
