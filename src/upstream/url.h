/* upstream/url.h — URLs parsed once, judged, and handed on as parts (rules N1, N2, T3). Uses the URL API of
 * the linked libcurl, so what is judged is what is dialled. No network. Threads: any. */
#pragma once
#include "base/ctx.h"

/* Where a credential may go. All parts lower-case ASCII (IDNA applied); base_path without a final '/', "" for
 * none. */
typedef struct ks_origin {
    ks_str   scheme; /* "https" or "http" */
    ks_str   host;   /* name or address; IPv6 without brackets */
    uint16_t port;   /* explicit or the scheme's own */
    ks_str   base_path;
} ks_origin;

typedef struct ks_url {
    ks_origin origin; /* base_path is empty here */
    ks_str    path;   /* raw, begins with '/' */
    ks_str    query;  /* raw, without '?' */
} ks_url;

/* Parse an absolute URL. INVALID naming `field` for user info, fragment, backslash, control, blank,
 * non-ASCII, empty or trailing-dot host, another scheme, port 0; dot segments in the path, also
 * percent-encoded ones. The value is never echoed. */
KS_MUST ks_status ks_url_parse(ks_ctx *cx, const char *field, ks_str text, ks_url *out);

/* Does `url` lie on `o`: same scheme, host and port, and path equal to or below base_path (whole segments)?
 */
bool ks_origin_holds(const ks_origin *o, const ks_url *url);

/* A relative path is safe below an origin: begins with '/', no "//" at its start, no dot segment ("..", also
 * encoded), no backslash, control, blank, '#', '?'. NULL when fine, else an unfinished sentence. */
const char *ks_path_fault(ks_str path);

/* Host rule of an app file: exact, or "*.example.com" for one or more whole labels before it, never the bare
 * suffix. */
bool ks_host_matches(ks_str host, ks_str rule);

/* A label field (rule T3): ^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$ over the whole length. */
bool ks_label_ok(ks_str s);

/* "https://host[:port]/base/path" for people and for explain. */
ks_str ks_origin_text(ks_ctx *cx, const ks_origin *o);
