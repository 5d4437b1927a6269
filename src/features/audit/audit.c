/* features/audit/audit.c — see audit.h. What is chained and signed: docs/formats.md "Audit". */
#include "features/audit/audit.h"

#include "features/audit/audit_rows.h"

static void chain_mac(void *arg, ks_str record, unsigned char out[32])
{
    ks_keyring *const *holder = arg;
    ks_mac(*holder, KS_FOR_AUDIT, &record, 1, out);
}

static void chain_sign(void *arg, ks_str head, unsigned char sig[64])
{
    ks_keyring *const *holder = arg;
    ks_head_sign(*holder, head, sig);
}

static bool chain_verify(void *arg, ks_str head, const unsigned char sig[64])
{
    ks_keyring *const *holder = arg;
    return ks_head_verify(*holder, head, sig);
}

ks_chain ks_audit_chain(ks_keyring *const *holder)
{
    union {
        ks_keyring *const *in;
        void              *out;
    } arg = {.in = holder}; /* only read through; ks_chain has no const */
    return (ks_chain){arg.out, chain_mac, chain_sign, chain_verify};
}

ks_status ks_audit_list(ks_ctx *cx, int64_t before, size_t max, ks_audit_row **out, size_t *n)
{
    return ks_audit_rows(cx, before > 0 ? before : INT64_MAX, max, out, n);
}

ks_status ks_audit_page(ks_ctx *cx, const ks_audit_look *look, ks_audit_row **out, size_t *n, bool *more)
{
    ks_audit_look l = *look;
    if (l.behind == 0)
        l.behind = l.newer ? 0 : INT64_MAX;
    l.limit++; /* one more than asked: is there another page? */
    KS_TRY(ks_audit_rows_page(cx, &l, out, n));
    *more = *n > look->limit;
    *n -= *more;
    for (size_t i = 0; l.newer && i < *n / 2; i++) {
        ks_audit_row swap = (*out)[i];
        (*out)[i] = (*out)[*n - 1 - i];
        (*out)[*n - 1 - i] = swap;
    }
    return KS_OK;
}

ks_status ks_audit_head_get(ks_ctx *cx, ks_audit_head *out)
{
    return ks_audit_row_head(cx, out);
}

ks_status ks_audit_check(ks_ctx *cx, int64_t *count)
{
    ks_chain chain = ks_audit_chain(&cx->env->keys);
    return ks_audit_verify(cx, cx->env->reader, &chain, count);
}
