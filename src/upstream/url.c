/* upstream/url.c — one strict reading of a URL, its parts judged before anybody uses them.
 * The curl URL API does the parsing (the same code that will dial); what it tolerates and we do not is
 * refused around it: other slashes, user info, escapes and zone ids in the host, short ports, dot segments.
 * Does not resolve names and does not judge addresses (upstream/address.c). Source: RFC 3986 sections 3
 * and 5.2.4. Threads: any. */
#include "upstream/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include "base/enc.h"

#define MAX_HOST 253 /* RFC 1035 2.3.4, without the root's dot */

/* ---- characters ---- */

/* What no URL text of ours may hold, as an unfinished sentence; NULL when it holds none. */
static const char *text_fault(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\\')
            return "holds a backslash";
        if (c == ' ')
            return "holds a blank";
        if (c < 0x20 || c == 0x7f)
            return "holds a control character";
        if (c >= 0x80)
            return "holds a character outside ASCII; write it percent-encoded";
        if (c == '#')
            return "holds a fragment ('#')";
    }
    return NULL;
}

/* ---- paths ---- */

/* Two hex digits at `at`, or -1. */
static int hex_pair(ks_str s, size_t at)
{
    int hi = at + 2 <= s.n ? ks_hex_digit(s.p[at]) : -1;
    int lo = at + 2 <= s.n ? ks_hex_digit(s.p[at + 1]) : -1;
    return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
}

/* Take one character of a path as a lenient reader would see it. Dots and slashes are seen through repeated
 * escapes too ("%252e" is a dot to somebody who decodes twice). -1 for a broken escape. */
static int path_char(ks_str *rest)
{
    size_t used = 1;
    int    c = (unsigned char)rest->p[0];
    if (c == '%') {
        c = hex_pair(*rest, 1);
        used = 3;
        size_t deep = used;
        for (int inner = c; inner == '%' && (inner = hex_pair(*rest, deep)) >= 0;) {
            deep += 2;
            if (inner == '.' || inner == '/' || inner == '\\') {
                c = inner;
                used = deep;
            }
        }
    }
    *rest = ks_str_sub(*rest, used, SIZE_MAX);
    return c;
}

/* Faults of a path beyond its characters: escapes and dot segments. A segment ends at '/', at an encoded
 * slash, and at ';' (some servers cut "..;x" there). */
static const char *segments_fault(ks_str path)
{
    size_t dots = 0, others = 0;
    bool   parameter = false;
    while (path.n > 0) {
        int c = path_char(&path);
        if (c < 0)
            return "holds a '%' that begins no escape";
        if (c < 0x20 || c == 0x7f)
            return "holds an encoded control character";
        bool ends = c == '/' || c == '\\';
        if ((ends || c == ';') && !parameter && others == 0 && (dots == 1 || dots == 2))
            return "holds a dot segment";
        if (ends)
            dots = others = 0;
        else if (c == '.')
            dots++;
        else
            others++;
        parameter = !ends && (parameter || c == ';');
    }
    return !parameter && others == 0 && (dots == 1 || dots == 2) ? "holds a dot segment" : NULL;
}

const char *ks_path_fault(ks_str path)
{
    if (path.n == 0 || path.p[0] != '/')
        return "does not begin with '/'";
    if (path.n > KS_MAX_TARGET_BYTES)
        return "is longer than 8 kB";
    if (path.n > 1 && path.p[1] == '/')
        return "begins with '//'";
    const char *fault = text_fault(path);
    if (fault != NULL)
        return fault;
    if (ks_str_chr(path, '?') != SIZE_MAX)
        return "holds a '?'";
    return segments_fault(path);
}

/* ---- hosts ---- */

/* A name of letters, digits, '-', '_' in labels, whose last label is no number: getaddrinfo and others read
 * "0x7f.1" or "1.2.3" as addresses. (What is a valid IPv4 in any spelling, curl has made plain before.) */
static const char *name_fault(ks_str host)
{
    ks_str rest = host, label = KS_NO_STR;
    if (host.n > MAX_HOST)
        return "has a host that is too long";
    if (ks_str_ends(host, KS_S(".")))
        return "has a host that ends in a dot";
    while (ks_str_cut(&rest, '.', &label)) {
        if (label.n == 0 || label.n > 63)
            return "has a host with an empty or overlong label";
        for (size_t i = 0; i < label.n; i++) {
            if (!ks_is_alnum(label.p[i]) && label.p[i] != '-' && label.p[i] != '_')
                return "has a host with a character that no host name holds";
        }
    }
    bool digits = true, hex = label.n >= 2 && label.p[0] == '0' && label.p[1] == 'x';
    for (size_t i = 0; i < label.n; i++) {
        digits = digits && ks_is_digit(label.p[i]);
        hex = hex && (i < 2 || ks_hex_digit(label.p[i]) >= 0);
    }
    return digits || hex ? "has a host that is a malformed address" : NULL;
}

/* Set o->host from what curl made of it: lower case, addresses in their one spelling, no brackets. */
static ks_status take_host(ks_ctx *cx, const char *field, const char *from_curl, ks_origin *o)
{
    unsigned char address[16];
    char          text[INET6_ADDRSTRLEN];
    ks_str        host = ks_copy(cx, ks_str_of(from_curl));
    if (host.p == NULL)
        return cx->err.status;
    for (char *p = (char *)(uintptr_t)host.p; *p != '\0'; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p | 0x20);
    }
    if (host.n >= 2 && host.p[0] == '[') {
        ks_str bare = ks_copy(cx, ks_str_sub(host, 1, host.n - 2));
        if (bare.p == NULL)
            return cx->err.status;
        if (inet_pton(AF_INET6, bare.p, address) != 1)
            return ks_fail(cx, KS_INVALID, field, "The URL has a malformed IPv6 address.");
        host = ks_copy(cx, ks_str_of(inet_ntop(AF_INET6, address, text, sizeof text)));
    } else if (inet_pton(AF_INET, host.p, address) == 1) {
        host = ks_copy(cx, ks_str_of(inet_ntop(AF_INET, address, text, sizeof text)));
    } else {
        const char *fault = name_fault(host);
        if (fault != NULL)
            return ks_fail(cx, KS_INVALID, field, "The URL %s.", fault);
    }
    o->host = host;
    return host.p ? KS_OK : cx->err.status;
}

/* ---- whole URLs ---- */

/* The part between "//" and the path, judged before curl decodes anything in it. */
static const char *authority_fault(ks_str text)
{
    size_t at = ks_str_find(text, KS_S("://"));
    if (at == SIZE_MAX)
        return "is not absolute; begin it with https://";
    ks_str scheme = ks_str_sub(text, 0, at);
    if (!ks_str_ieq(scheme, KS_S("https")) && !ks_str_ieq(scheme, KS_S("http")))
        return "has a scheme other than https";
    ks_str rest = ks_str_sub(text, at + 3, SIZE_MAX);
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
        end++;
    rest.n = end;
    if (rest.n == 0 || rest.p[0] == ':')
        return "has no host";
    if (ks_str_chr(rest, '@') != SIZE_MAX)
        return "holds user information ('@')";
    if (ks_str_chr(rest, '%') != SIZE_MAX)
        return "has an escape or a zone in its host";
    return rest.p[rest.n - 1] == ':' ? "has a ':' without a port" : NULL;
}

/* The part `what` of `u` in the arena; absent text when the URL has none. False when memory is short. */
static bool copy_part(ks_ctx *cx, CURLU *u, CURLUPart what, unsigned flags, ks_str *out)
{
    char     *z = NULL;
    CURLUcode rc = curl_url_get(u, what, &z, flags);
    if (rc == CURLUE_OUT_OF_MEMORY) {
        (void)!ks_no_memory(cx);
        return false;
    }
    *out = rc == CURLUE_OK ? ks_copy(cx, ks_str_of(z)) : KS_NO_STR;
    curl_free(z);
    return rc != CURLUE_OK || out->p != NULL;
}

static ks_status take_parts(ks_ctx *cx, const char *field, CURLU *u, ks_url *out)
{
    ks_url   url = {.origin = {.base_path = KS_S("")}};
    ks_str   host, port;
    uint64_t number;
    if (!copy_part(cx, u, CURLUPART_SCHEME, 0, &url.origin.scheme) ||
        !copy_part(cx, u, CURLUPART_HOST, 0, &host) ||
        !copy_part(cx, u, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port) ||
        !copy_part(cx, u, CURLUPART_PATH, 0, &url.path) || !copy_part(cx, u, CURLUPART_QUERY, 0, &url.query))
        return cx->err.status;
    if (host.n == 0)
        return ks_fail(cx, KS_INVALID, field, "The URL has no host.");
    if (!ks_str_u64(port, &number) || number == 0 || number > UINT16_MAX)
        return ks_fail(cx, KS_INVALID, field, "The URL has a port outside 1 to 65535.");
    url.origin.port = (uint16_t)number;
    url.origin.scheme = ks_str_eq(url.origin.scheme, KS_S("https")) ? KS_S("https") : KS_S("http");
    KS_TRY(take_host(cx, field, host.p, &url.origin));
    const char *fault = ks_path_fault(url.path);
    if (fault != NULL)
        return ks_fail(cx, KS_INVALID, field, "The URL has a path that %s.", fault);
    *out = url;
    return KS_OK;
}

ks_status ks_url_parse(ks_ctx *cx, const char *field, ks_str text, ks_url *out)
{
    if (text.n == 0)
        return ks_fail(cx, KS_INVALID, field, "A URL is wanted.");
    if (text.n > KS_MAX_TARGET_BYTES)
        return ks_fail(cx, KS_INVALID, field, "The URL is longer than %d bytes.", KS_MAX_TARGET_BYTES);
    const char *fault = text_fault(text);
    if (fault == NULL)
        fault = authority_fault(text);
    if (fault != NULL)
        return ks_fail(cx, KS_INVALID, field, "The URL %s.", fault);
    ks_str copy = ks_copy(cx, text); /* curl wants a terminated string; no NUL is inside any more */
    CURLU *u = copy.p ? curl_url() : NULL;
    if (u == NULL)
        return ks_no_memory(cx);
    CURLUcode rc = curl_url_set(u, CURLUPART_URL, copy.p, CURLU_DISALLOW_USER | CURLU_PATH_AS_IS);
    ks_status status = rc == CURLUE_OUT_OF_MEMORY ? ks_no_memory(cx)
                       : rc != CURLUE_OK          ? ks_fail(cx, KS_INVALID, field,
                                                            "The URL cannot be read; write https://host/path.")
                                                  : take_parts(cx, field, u, out);
    curl_url_cleanup(u);
    return status;
}

bool ks_origin_holds(const ks_origin *o, const ks_url *url)
{
    if (!ks_str_eq(o->scheme, url->origin.scheme) || !ks_str_eq(o->host, url->origin.host) ||
        o->port != url->origin.port || !ks_str_starts(url->path, o->base_path))
        return false;
    return o->base_path.n == 0 || url->path.n == o->base_path.n || url->path.p[o->base_path.n] == '/';
}

bool ks_host_matches(ks_str host, ks_str rule)
{
    if (!ks_str_starts(rule, KS_S("*.")))
        return host.n > 0 && ks_str_ieq(host, rule);
    ks_str suffix = ks_str_sub(rule, 1, SIZE_MAX); /* ".example.com" */
    if (suffix.n < 2 || host.n <= suffix.n || name_fault(host) != NULL)
        return false;
    return ks_str_ieq(ks_str_sub(host, host.n - suffix.n, suffix.n), suffix);
}

bool ks_label_ok(ks_str s)
{
    if (s.n < 1 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!ks_is_alnum(s.p[i]) && s.p[i] != '-')
            return false;
    }
    return true;
}

ks_str ks_origin_text(ks_ctx *cx, const ks_origin *o)
{
    bool     v6 = ks_str_chr(o->host, ':') != SIZE_MAX;
    unsigned own = ks_str_eq(o->scheme, KS_S("https")) ? 443 : 80;
    char     port[8] = "";
    if (o->port != own) {
        ks_str text = ks_fmt(cx, ":%u", o->port);
        if (text.p == NULL)
            return KS_NO_STR;
        memcpy(port, text.p, text.n + 1);
    }
    return ks_fmt(cx, KS_FMT "://%s" KS_FMT "%s%s" KS_FMT, KS_ARG(o->scheme), v6 ? "[" : "", KS_ARG(o->host),
                  v6 ? "]" : "", port, KS_ARG(o->base_path));
}
