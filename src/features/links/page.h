/* features/links/page.h — the pages of a link as HTML: form, result, and the one for links that open nothing.
 * They work without scripts; with scripts the same answers are asked for as JSON (connect.js). Words: say.h;
 * states: docs/pages.md; rules H4, S5. Threads: as the caller. */
#pragma once
#include "features/links/form.h"
#include "features/links/link.h"
#include "features/links/look.h"
#include "features/links/say.h"

/* What a page of a link is made from. */
typedef struct ks_page_view {
    const ks_link       *link;
    const ks_app        *app;
    const ks_app_scheme *scheme;
    const ks_lang       *lang;
    ks_places            places; /* app, client, time are there */
    ks_look              look;
    ks_integration       integration;
    ks_verify_mode       verify; /* never KS_VERIFY_DEFAULT */
    ks_connection        connection;
    ks_credential        stored; /* what is known already; no values when it cannot be opened */
} ks_page_view;

/* Read what the link's pages need, in the language that `rq` asks for. NOT_FOUND (code link_dead) when its
 * integration or its app is not there or switched off.  STORE  NO_MEMORY */
KS_MUST ks_status ks_page_load(ks_ctx *cx, const ks_req *rq, const ks_link *l, ks_page_view *out);

/* Is this field asked of the person? Not one of the developer, not one the integration has a value for. */
bool ks_page_asks(const ks_page_view *v, const ks_app_field *f);

/* Is it yes or no: a choice of "true" and "false"? Then the form sends nothing for no. */
bool ks_page_switch(const ks_app_field *f);

/* Optional at connect, but useless without: a person is asked for it all the same. */
bool ks_page_needed(const ks_app_field *f);

/* Is what is entered checked with the vendor before it is stored? */
bool ks_page_checks(const ks_page_view *v);

/* What a field is called, in the language of the page when we know the word. */
ks_str ks_page_label(const ks_page_view *v, const ks_app_field *f);

/* Does the answer go to connect.js, which wants JSON? */
bool ks_page_scripted(const ks_req *rq);

/* The headers of every page for people (rule H4). `form_to`: a URL its forms may lead to besides, absent:
 * none. `origins`: that may show it in a frame, separated by blanks; absent: none.  NO_MEMORY */
KS_MUST ks_status ks_page_secure(ks_ctx *cx, ks_res *rs, ks_str form_to, ks_str origins);

/* What stands around a page. */
typedef struct ks_page_frame {
    int                 status;
    const ks_lang      *lang;
    ks_str              title;
    bool                error;   /* the title says so */
    const ks_page_view *view;    /* NULL: of no link; then no frame may show it, and it looks like all */
    ks_str              form_to; /* a URL its form may lead to besides; absent: none */
    ks_str              state;   /* for connect.js: form, done, dead */
} ks_page_frame;

/* Begin a page: status, headers (rule H4), policy, everything before its heading. */
KS_MUST ks_status ks_page_begin(ks_ctx *cx, ks_res *rs, const ks_page_frame *f, ks_html *h);
/* Finish it. NO_MEMORY when a piece did not fit. */
KS_MUST ks_status ks_page_end(ks_ctx *cx, ks_html *h);

/* The form. `posted`: what was sent and is shown again, without its secrets; NULL: nothing. `why`: what was
 * wrong with it; NULL: nothing. */
KS_MUST ks_status ks_page_form(ks_ctx *cx, ks_res *rs, const ks_page_view *v, const ks_form *posted,
                               const ks_err *why);

/* How it went, for a link that was used. */
KS_MUST ks_status ks_page_done(ks_ctx *cx, ks_res *rs, const ks_page_view *v);

/* The same page for a link that is wrong, used, expired, spent or revoked (rule K4). */
KS_MUST ks_status ks_page_dead(ks_ctx *cx, const ks_req *rq, ks_res *rs);

/* A page of two sentences, for what has no other. */
KS_MUST ks_status ks_page_plain(ks_ctx *cx, ks_res *rs, int status, const ks_lang *l, ks_msg title,
                                ks_str text);

/* What stands below the label of a field: what it holds, and an example (page_hint.c). */
void ks_page_hint(ks_ctx *cx, const ks_page_view *v, const ks_app_field *f, ks_html *h);

/* The steps to find the key, when the app file knows any (page_find.c). */
void ks_page_find(const ks_page_view *v, ks_html *h);
