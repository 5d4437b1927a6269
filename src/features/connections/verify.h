/* features/connections/verify.h — what the vendor's answer to a check means (docs/api.md CON-4). Pure.
 * Threads: any. */
#pragma once
#include "base/json.h"
#include "features/apps/app.h"
#include "upstream/call.h"

typedef enum ks_verdict {
    KS_VD_VERIFIED,    /* the vendor accepted it */
    KS_VD_LIMITED,     /* accepted, but something asked for is missing */
    KS_VD_REJECTED,    /* the vendor refused it: nothing is stored */
    KS_VD_UNREACHABLE, /* no answer, or one the app file does not name: checked again later */
    KS_VD_UNCHECKABLE, /* the app has no check, or one that may not refuse */
    KS_VD_UNCHECKED    /* checking is switched off */
} ks_verdict;

/* "verified", ...; the word stored and shown. */
const char *ks_verdict_word(ks_verdict v);

typedef struct ks_judgement {
    ks_verdict verdict;
    ks_str reason; /* rejected: the cause for the person; limited, uncheckable: status_reason, and so the step
                     at which a database could not be reached; else absent */
    ks_str account; /* identity the answer holds, as JSON {"id","name","email","account","plan"}; absent when
                       none */
} ks_judgement;

/* Judge an answer by the scheme's check. NO_MEMORY only. */
KS_MUST ks_status ks_verify_judge(ks_ctx *cx, const ks_app *app, const ks_app_scheme *scheme,
                                  const ks_answer *a, ks_judgement *out);
