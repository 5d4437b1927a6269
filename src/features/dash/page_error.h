/* features/dash/page_error.h — what the server's wiring needs of the pages for people. Threads: the loop's.
 */
#pragma once
#include "http/exchange.h"

/* The page a person sees when something failed on the way (ks_http_app.page_error), of whatever feature the
 * page is. NO_MEMORY  STORE */
KS_MUST ks_status ks_page_error(ks_ctx *cx, const ks_req *rq, ks_res *rs);
