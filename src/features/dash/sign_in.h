/* features/dash/sign_in.h — the pages before the others, and what frame.c and they share. Threads: as the
 * caller. */
#pragma once
#include "features/dash/frame.h"

/* The path of our addresses before "/dash": that of the public URL, "" without one. NO_MEMORY */
KS_MUST ks_status ks_dash_root(ks_ctx *cx, ks_str *out);

/* Begin a page without menu: status, headers, everything up to <body>. */
KS_MUST ks_status ks_dash_open(ks_ctx *cx, const ks_req *rq, ks_res *rs, int status, ks_str title,
                               ks_dash *d);
/* Finish one. */
KS_MUST ks_status ks_dash_close(ks_dash *d);

/* Was it a try to sign in that failed? */
bool ks_sign_in_failed(const ks_req *rq);
/* Then: the form again, with the reason. */
KS_MUST ks_status ks_sign_in_again(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_err *why);

/* To the form, and back to this page from there. */
KS_MUST ks_status ks_sign_in_first(ks_ctx *cx, const ks_req *rq, ks_res *rs);
