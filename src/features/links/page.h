/* features/links/page.h — the pages of a link as HTML: form, result, and the one for links that open nothing.
 * They work without scripts. Words and states: docs/api.md "Connect links"; rules H4, S5. Threads: as the
 * caller. */
#pragma once
#include "features/links/form.h"
#include "features/links/html.h"
#include "features/links/link.h"

/* What a page of a link is made from. */
typedef struct ks_page_view {
    const ks_link       *link;
    const ks_app        *app;
    const ks_app_scheme *scheme;
    ks_integration       integration;
    ks_connection        connection;
    ks_credential        stored; /* what is known already; no values when it cannot be opened */
} ks_page_view;

/* Read what the link's pages need. NOT_FOUND (code link_dead) when its integration or its app is not there or
 * switched off.  STORE  NO_MEMORY */
KS_MUST ks_status ks_page_load(ks_ctx *cx, const ks_link *l, ks_page_view *out);

/* Is this field asked of the person? Not one of the developer, not one the integration has a value for. */
bool ks_page_asks(const ks_page_view *v, const ks_app_field *f);

/* Begin a page: status, headers (rule H4), everything before its heading. `error`: its title says so. */
KS_MUST ks_status ks_page_begin(ks_ctx *cx, ks_res *rs, int status, bool error, ks_str title, ks_html *h);
/* Finish it. NO_MEMORY when a piece did not fit. */
KS_MUST ks_status ks_page_end(ks_ctx *cx, ks_res *rs, ks_html *h);
/* The policy of this page; `to`: a URL its form may lead to besides, or absent. */
KS_MUST ks_status ks_page_policy(ks_ctx *cx, ks_res *rs, ks_str to);

/* The form. `posted`: what was sent and is shown again, without its secrets; NULL: nothing. `why`: what was
 * wrong with it; NULL: nothing. */
KS_MUST ks_status ks_page_form(ks_ctx *cx, ks_res *rs, const ks_page_view *v, const ks_form *posted,
                               const ks_err *why);

/* How it went, for a link that was used. */
KS_MUST ks_status ks_page_done(ks_ctx *cx, ks_res *rs, const ks_page_view *v);

/* The same page for a link that is wrong, used, expired, spent or revoked (rule K4). */
KS_MUST ks_status ks_page_dead(ks_ctx *cx, ks_res *rs);

/* A page of one sentence, for what has no other. */
KS_MUST ks_status ks_page_plain(ks_ctx *cx, ks_res *rs, int status, ks_str title, ks_str text);
