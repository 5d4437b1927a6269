/* features/settings/settings.h — what a project has decided for what it makes: whether keys are checked,
 * which sites may show its links, where its links may lead to (docs/api.md "Settings of a project"). A wish
 * that says otherwise wins, but for the last. Rules only. Threads: the caller's. */
#pragma once
#include "base/json.h"
#include "features/env.h"
#include "features/tails.h"

typedef struct ks_project_settings {
    ks_verify_mode verify;         /* of integrations that say nothing; KS_VERIFY_DEFAULT: the server's */
    ks_str         origins;        /* that may show new links in a frame, blanks between; absent: none */
    ks_str         return_origins; /* the only ones return URLs of new links lead to, likewise; absent: any */
    int64_t        updated_at;     /* us; 0: nothing was set */
} ks_project_settings;

/* Those of the project of this call; nothing set when it has none.  STORE  NO_MEMORY */
KS_MUST ks_status ks_project_settings_get(ks_ctx *cx, ks_project_settings *out);

/* Add to `change` the members of `given`: verify ("on", "off", "required"; null: the server's),
 * allowed_origins and return_origins (lists of texts; null: none). What is not named stays. *out: all of them
 * afterwards. INVALID naming the member  STORE  NO_MEMORY */
KS_MUST ks_status ks_project_settings_set_add(ks_ctx *cx, ks_change *change, const ks_json *given,
                                              ks_project_settings *out);

/* How keys are checked where an integration says `own`: as it says, else the project, else the server.
 * STORE  NO_MEMORY */
KS_MUST ks_status ks_verify_of(ks_ctx *cx, ks_verify_mode own, ks_verify_mode *out);

/* "on", "off", "required"; "default" for KS_VERIFY_DEFAULT. Static. */
const char *ks_verify_word(ks_verify_mode m);

/* The mode of a word. INVALID naming `field` for other words. */
KS_MUST ks_status ks_verify_parse(ks_ctx *cx, const char *field, ks_str word, ks_verify_mode *out);

/* Origins as they are stored: at most KS_MAX_ORIGINS of scheme, host and port alone, normalised, with blanks
 * between; absent for null, NULL and an empty list. INVALID naming `field`  NO_MEMORY */
KS_MUST ks_status ks_origins_take(ks_ctx *cx, const char *field, const ks_json *list, ks_str *out);
/* Is this origin, normalised, among those stored? */
bool ks_origins_have(ks_str all, ks_str origin);
