/* features/own_url.h — addresses of this server for people and clients. Threads: as the handler. */
#pragma once
#include "features/env.h"
#include "http/exchange.h"

/* `path` (with its leading '/') on this server: behind the setting public-url, else as the caller addressed
 * us. INVALID when neither tells an address. */
KS_MUST ks_status ks_own_url(ks_ctx *cx, const ks_req *rq, ks_str path, ks_str *out);
