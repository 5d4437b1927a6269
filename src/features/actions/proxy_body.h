/* features/actions/proxy_body.h — the body of a proxied call, of any API version: decoded with its `body` cut
 * out, which goes on to the vendor byte for byte. No I/O. Threads: none shared. */
#pragma once
#include "features/actions/build.h"
#include "http/shape.h"

/* Decode the envelope by `fields` into *out. *body: what is to be sent, the bytes as they stand, a JSON text
 * as the text it is; absent for none or null. INVALID as ks_req_body. */
KS_MUST ks_status ks_proxy_envelope(ks_ctx *cx, const ks_req *rq, const ks_field *fields, void *out,
                                    ks_str *body);

/* `parameters`: [{name, value, PLACE: "header" or "query"}], PLACE being "in" or "type". INVALID naming them.
 */
KS_MUST ks_status ks_proxy_params(ks_ctx *cx, const ks_json *list, const char *place, ks_raw_request *r);
