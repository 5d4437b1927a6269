/* features/links/form.h — the body of a posted form, application/x-www-form-urlencoded (WHATWG URL, 5.1),
 * read strictly: a broken escape, NUL, malformed UTF-8, a name that comes twice and too much of anything are
 * refused. Values lie in the arena, which is wiped. Threads: any. */
#pragma once
#include "features/env.h"
#include "http/exchange.h"

#define KS_MAX_FORM_BYTES (512 * 1024) /* two values of 64 kB, each byte written with three */
#define KS_MAX_FORM_PAIRS 64           /* a field each, and the form's own */

typedef struct ks_form {
    struct {
        ks_str name, value;
    } at[KS_MAX_FORM_PAIRS];
    size_t n;
} ks_form;

/* INVALID without a field   TOO_LARGE   NO_MEMORY */
KS_MUST ks_status ks_form_parse(ks_ctx *cx, ks_str body, ks_form *out);

/* The value of `name`; absent when the form has none. */
ks_str ks_form_get(const ks_form *f, ks_str name);

/* The value of the app's field `name`, which the form calls "f.NAME"; absent as above. */
ks_str ks_form_field(ks_ctx *cx, const ks_form *f, ks_str name);

/* The value of a text area with LF for the CR LF that browsers make of every line break; absent when memory
 * is short. */
ks_str ks_form_lines(ks_ctx *cx, ks_str s);

/* Put another value there; a name that is not there is added while there is room. `value` lives as long. */
KS_MUST ks_status ks_form_field_set(ks_ctx *cx, ks_form *f, ks_str name, ks_str value);

/* The form a request brings. MEDIA for a body of another kind; the rest as ks_form_parse. */
KS_MUST ks_status ks_form_read(ks_ctx *cx, const ks_req *rq, ks_form *out);

/* Was it sent from a page of ours? Under no-referrer browsers send the origin "null" with a form, so that
 * alone says nothing; then Sec-Fetch-Site must. What is no browser sends neither (rule H4). */
bool ks_form_own(const ks_ctx *cx, const ks_req *rq);
