/* base/http_text.c — see http_text.h. */
#include "base/http_text.h"

bool ks_http_name(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return s.n > 0;
}

bool ks_http_value(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

bool ks_http_target(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= 0x20 || c >= 0x7f || c == '#' || c == '\\')
            return false;
    }
    return true;
}

static bool begins(ks_str name, ks_str lower)
{
    return ks_str_ieq(ks_str_sub(name, 0, lower.n), lower);
}

bool ks_http_method(ks_str m)
{
    static const char *const known[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};
    for (size_t i = 0; i < KS_COUNT(known); i++) {
        if (ks_str_eq(m, ks_str_of(known[i])))
            return true;
    }
    return false;
}

bool ks_http_reserved(ks_str name)
{
    static const char *const names[] = {
        "host",    "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer",
        "upgrade", "cookie",         "set-cookie",        "expect",     "via"};
    for (size_t i = 0; i < KS_COUNT(names); i++) {
        if (ks_str_ieq(name, ks_str_of(names[i])))
            return true;
    }
    return begins(name, KS_S("forwarded")) || begins(name, KS_S("x-forwarded-")) ||
           begins(name, KS_S("proxy-")) || begins(name, KS_S("ks-ghost"));
}
