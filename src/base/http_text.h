/* base/http_text.h — what may stand in the parts of an HTTP message, wherever it is made or read. RFC 9110,
 * RFC 3986. No state. Threads: any. */
#pragma once
#include "base/str.h"

#define KS_HTTP_NAME_MAX 128 /* bytes of a header name that somebody else chooses */

/* Is this one of the methods we send to vendors, in capitals? */
bool ks_http_method(ks_str m);

/* A header name: the characters of a token (RFC 9110, 5.6.2), at least one. The length is the caller's. */
bool ks_http_name(ks_str s);

/* A header value: no control characters but tabs, so nothing that ends a line (5.5). May be empty. */
bool ks_http_value(ks_str s);

/* The request target or its query as it is sent: visible ASCII without '#' and '\'. May be empty. */
bool ks_http_target(ks_str s);

/* Does this header frame the message, name the way or keep a session (any case)? Then only we may set it
 * (rule T4).
 */
bool ks_http_reserved(ks_str name);
