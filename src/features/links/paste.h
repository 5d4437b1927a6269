/* features/links/paste.h — what comes along when a key is pasted, taken off again: the same rules as
 * connect.js, out of one table (web/paste.json), with one list of examples for both
 * (src/features/links/paste_examples.json). Characters inside a key stay as they are; text areas are not
 * touched. No I/O. Threads: any. */
#pragma once
#include "features/apps/app.h"
#include "features/links/form.h"

/* What was done; each is announced to the person by scripts. */
enum {
    KS_PASTE_INVISIBLE = 1, /* zero-width characters and marks of direction */
    KS_PASTE_BLANKS = 2,    /* around it; also those that do not break */
    KS_PASTE_QUOTES = 4,    /* or backticks or <> */
    KS_PASTE_PREFIX = 8,    /* "Authorization:", "Bearer ", "NAME_X=" */
    KS_PASTE_JOINED = 16    /* line breaks inside, when it then looks as it should */
};

/* Out of web/paste.json (tools/paste_rules.py). */
typedef struct ks_paste_rules {
    const ks_str *invisible, *blanks, *pairs, *heads, *drivers; /* pairs: opening, closing, opening, ... */
    size_t        invisible_n, blanks_n, pairs_n, heads_n, drivers_n, name_leaves;
} ks_paste_rules;
extern const ks_paste_rules ks_paste;

/* How much is taken off: "key" all, "text" (names, passwords, addresses: quotes may be theirs) invisible
 * characters and blanks, "none" nothing. */
ks_str ks_paste_manner(const ks_app_field *f);

/* What the app puts before this field's value in a header, "Bearer "; absent: nothing. */
ks_str ks_paste_prefix(const ks_app_scheme *s, const ks_app_field *f);

/* Which part of a database URL this field takes: host, port, user, password, database; absent: none. */
ks_str ks_paste_part(const ks_app_scheme *s, const ks_app_field *f);

/* Clean one value. `prefix`, `pattern` may be absent. *did: of the enum above. NO_MEMORY */
KS_MUST ks_status ks_paste_clean(ks_ctx *cx, ks_str pasted, ks_str manner, ks_str prefix, ks_str pattern,
                                 ks_str *out, unsigned *did);

/* A database URL in its parts. */
typedef struct ks_paste_url {
    ks_str host, port, user, password, database;
} ks_paste_url;

/* Divide it; absent parts are not there. *is false: it is no such URL. NO_MEMORY */
KS_MUST ks_status ks_paste_split(ks_ctx *cx, ks_str pasted, ks_paste_url *out, bool *is);

/* All of it for a form: every field that is asked, and a database URL in any of them divided. NO_MEMORY */
KS_MUST ks_status ks_paste_form(ks_ctx *cx, const ks_app_scheme *s, ks_form *form);
