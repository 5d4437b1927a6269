/* features/integrations/requests.h — the requests in a caller's own words that an integration allows: a list
 * of "METHOD /path" (docs/formats.md "Allowed requests"). A path that could be read in two ways is on no
 * list. Knows no HTTP and no rows. Threads: none shared. */
#pragma once
#include "base/json.h"

#define KS_MAX_REQUESTS     128 /* patterns of one integration */
#define KS_MAX_REQUEST_TEXT 512 /* bytes of one */

/* A list as a caller sends it, to the text that is stored; null gives absent text (no list). INVALID naming
 * `field` and what is wrong with an entry. */
KS_MUST ks_status ks_requests_check(ks_ctx *cx, const char *field, const ks_json *list, ks_str *out);

/* Is this request on the stored list? `path` is the whole path that goes out, without the query. *why: NULL
 * when it is, else an unfinished sentence ("is not on its list", "holds ..."). NO_MEMORY */
KS_MUST ks_status ks_requests_judge(ks_ctx *cx, ks_str list, ks_str method, ks_str path, const char **why);
