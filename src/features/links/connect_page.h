/* features/links/connect_page.h — what the server's wiring needs of the pages. Threads: the loop's. */
#pragma once
#include "http/exchange.h"

/* The page a person sees when something failed on the way (ks_http_app.page_error): the form again with the
 * reason, the result when the same was sent twice, the dead page. NO_MEMORY  STORE */
KS_MUST ks_status ks_connect_page_error(ks_ctx *cx, const ks_req *rq, ks_res *rs);
