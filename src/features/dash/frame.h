/* features/dash/frame.h — what all pages of the dashboard share: what stands around them, and the pieces they
 * are made of. A page is a handler of a KS_SESSION route: it reads what it shows, then begins, writes with
 * KS_HTML, ends. What changes something is a posted form: ks_dash_posted, one rule, ks_dash_go. English only:
 * it is for whoever runs Keysteward. It works without scripts. docs/dashboard.md. Threads: as the caller. */
#pragma once
#include "features/links/form.h"
#include "features/links/html.h"
#include "features/tails.h"
#include "features/tokens/session.h"

/* The entries of the menu. */
typedef enum ks_dash_place {
    KS_DASH_OVERVIEW,
    KS_DASH_CONNECTIONS,
    KS_DASH_INTEGRATIONS,
    KS_DASH_APPS,
    KS_DASH_LINKS,
    KS_DASH_CALLS,
    KS_DASH_AUDIT,
    KS_DASH_KEYS,
    KS_DASH_SETTINGS,
    KS_DASH_PLACES
} ks_dash_place;

/* A page while it is written. */
typedef struct ks_dash {
    ks_ctx       *cx;
    const ks_req *rq;
    ks_res       *rs;
    ks_html       h;
    const ks_err *wrong; /* why the form that was posted is drawn again; NULL: it was not */
    ks_str        root;  /* of our addresses: path of the public URL, often "". Write href="{}/dash/..." */
    unsigned      tables;
} ks_dash;

/* Begin: status 200, headers, the menu with `place` (KS_DASH_PLACES: none of it), the heading, and what the
 * form before has done (ks_dash_go).  NO_MEMORY */
KS_MUST ks_status ks_dash_begin(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_dash_place place, ks_str title,
                                ks_dash *d);

/* Finish, with the commands that do the same in a terminal. */
KS_MUST ks_status ks_dash_finish(ks_dash *d, const ks_str *commands, size_t n);
#define KS_DASH_END(d, ...)                                                                                  \
    ks_dash_finish(d, (const ks_str[]){__VA_ARGS__}, sizeof((const ks_str[]){__VA_ARGS__}) / sizeof(ks_str))

/* ---- forms that change something ---- */

/* Write the hidden field that proves where a form comes from; first thing in every form that is posted. */
void ks_dash_csrf(ks_dash *d);

/* The form that was posted. FORBIDDEN (code form_stale) when it is not from a page of this session. */
KS_MUST ks_status ks_dash_posted(ks_ctx *cx, const ks_req *rq, ks_form *out);

/* What a posted form has done, told at the top of the next page. */
typedef enum ks_dash_done {
    KS_DONE_NOTHING,
    KS_DONE_CHECKED,
    KS_DONE_ENABLED,
    KS_DONE_DISABLED,
    KS_DONE_DELETED,
    KS_DONE_REVOKED,
    KS_DONE_UNFROZEN,
    KS_DONE_SAVED,
    KS_DONE_MADE,
    KS_DONES
} ks_dash_done;

/* Answer a posted form: go to `path` ("/dash/connections"), which tells that this was done. Before
 * ks_res_commit_built.  NO_MEMORY */
KS_MUST ks_status ks_dash_go(ks_ctx *cx, ks_res *rs, ks_str path, ks_dash_done done);

/* ---- pieces of a page ---- */

/* A time as people say it ("4 min ago"), with the exact one behind it; 0: "never". */
void ks_dash_when(ks_dash *d, int64_t us);

/* What is known, by name, in a <dl class="facts">: a text ("-" for none), a time. */
void ks_dash_fact(ks_dash *d, const char *name, ks_str value);
void ks_dash_fact_time(ks_dash *d, const char *name, int64_t us);

/* A state: a word, a shape and a colour, so that none of them is needed. */
typedef enum ks_dash_mark { KS_MARK_OK, KS_MARK_WARN, KS_MARK_BAD, KS_MARK_OFF, KS_MARK_INFO } ks_dash_mark;
void ks_dash_mark_put(ks_dash *d, ks_dash_mark mark, ks_str word);
/* Its class and its shape, static. */
const char *ks_dash_mark_css(ks_dash_mark mark);
const char *ks_dash_mark_shape(ks_dash_mark mark);

/* Begin a table: its caption, and a heading for each column; "" for one of buttons. Then <tr>s. */
void ks_dash_table(ks_dash *d, const char *caption, const char *const *titles, size_t n);
#define KS_DASH_TABLE(d, caption, ...)                                                                       \
    ks_dash_table(d, caption, (const char *const[]){__VA_ARGS__},                                            \
                  sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))
/* After the last row. */
void ks_dash_table_end(ks_dash *d);

/* Instead of an empty table: why there is nothing, and the command that fills it (absent: none). */
void ks_dash_empty(ks_dash *d, const char *why, ks_str command);

/* Text to be copied, with a button for it where scripts run. */
void ks_dash_copy(ks_dash *d, ks_str text);

/* ---- lists: filters and pages ---- */

/* A filter of a list; `name` is that of its query parameter. */
typedef struct ks_dash_param {
    const char *name;
    ks_str      value; /* absent or empty: does not filter */
} ks_dash_param;

/* Does any of them filter? */
bool ks_dash_filtered(const ks_dash_param *filters, size_t n);

/* A text field, and a choice among `values` with "" for any, in a <form class="filters">. */
void ks_dash_text_filter(ks_dash *d, const char *label, const ks_dash_param *p);
void ks_dash_choice_filter(ks_dash *d, const char *label, const ks_dash_param *p, const char *const *values,
                           size_t n);

/* Where a page of a list begins: behind a row, towards the older or the newer ones. */
typedef struct ks_dash_at {
    int64_t us;    /* its time */
    ks_str  id;    /* absent: at the newest */
    bool    newer; /* the page before it, not the one after */
} ks_dash_at;

/* Out of the query: ?older=US.ID or ?newer=US.ID. INVALID naming the parameter when it is none. */
KS_MUST ks_status ks_dash_at_get(ks_ctx *cx, const ks_req *rq, ks_dash_at *out);

/* "Older" and "Newer" with the filters kept, where there are such pages: `at` as it was asked for, `first`
 * and `last` the rows that are shown (id absent: none is), `more`: the list goes on in the direction of `at`.
 */
void ks_dash_pager(ks_dash *d, const ks_dash_param *filters, size_t n, const ks_dash_at *at,
                   const ks_dash_at *first, const ks_dash_at *last, bool more);
