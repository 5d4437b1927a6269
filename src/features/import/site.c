/* features/import/site.c — addresses of servers as text: which may be the base of an app. Resolves nothing.
 * RFC 3986, rules N2 and N3 (judged again by upstream/ when a call is made). Threads: any. */
#include "features/import/site.h"

bool ks_site_is_host(ks_str s)
{
    size_t dot = ks_str_chr(s, '.');
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return false;
        if (c == '.' && (i == 0 || i + 1 == s.n || s.p[i - 1] == '.'))
            return false;
    }
    return s.n > 0 && s.n < 254 && dot != SIZE_MAX;
}

static bool is_ipv4(ks_str s)
{
    size_t dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
            return false;
        dots += s.p[i] == '.';
    }
    return dots == 3;
}

ks_str ks_site_host(ks_str url)
{
    size_t at = ks_str_find(url, KS_S("://")), n = 0;
    ks_str rest = at == SIZE_MAX ? KS_NO_STR : ks_str_sub(url, at + 3, SIZE_MAX);
    while (n < rest.n && strchr("/:?#", rest.p[n]) == NULL)
        n++;
    return ks_str_sub(rest, 0, n);
}

bool ks_site_clean(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`|@", (int)c) != NULL)
            return false;
    }
    return s.n > 0 && s.n < KS_SITE_MAX;
}

const char *ks_site_fault(ks_str url)
{
    ks_str host = ks_site_host(url);
    if (url.n == 0 || url.p[0] == '/')
        return "a server has no address of its own; tell with --base where it is, https://host/path";
    if (!ks_site_clean(url) || ks_str_chr(url, '?') != SIZE_MAX || ks_str_chr(url, '#') != SIZE_MAX ||
        ks_str_chr(url, '{') != SIZE_MAX)
        return "a server is https://host/path without query";
    if (ks_str_starts(url, KS_S("http://")) && is_ipv4(host))
        return NULL;
    if (ks_str_starts(url, KS_S("http://")))
        return "a server is asked with plain http, which would show the credential to everyone on the way; "
               "give its https "
               "address with --base";
    if (!ks_str_starts(url, KS_S("https://")))
        return "a server is no https address; tell with --base where it is, https://host/path";
    return ks_site_is_host(host)
               ? NULL
               : "a server's host is a lower-case name with a dot; give the address with --base";
}

ks_str ks_site_small(ks_ctx *cx, ks_str url)
{
    ks_str host = ks_site_host(url);
    char  *p = ks_alloc(cx, url.n + 1);
    bool   inside = false;
    for (size_t i = 0; p != NULL && i < url.n; i++) {
        char c = url.p[i];
        bool here = host.n > 0 && url.p + i >= host.p && url.p + i < host.p + host.n;
        inside = c == '{' || (inside && c != '}');
        p[i] = here && !inside && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return p != NULL ? (ks_str){p, url.n} : KS_NO_STR;
}

ks_str ks_site_cut(ks_str url)
{
    while (url.n > 0 && url.p[url.n - 1] == '/')
        url.n--;
    return url;
}

bool ks_site_sisters(ks_str a, ks_str b)
{
    ks_str up_a = ks_str_sub(a, ks_str_chr(a, '.'), SIZE_MAX),
           up_b = ks_str_sub(b, ks_str_chr(b, '.'), SIZE_MAX);
    return ks_str_eq(up_a, up_b) && ks_str_chr(ks_str_sub(up_a, 1, SIZE_MAX), '.') != SIZE_MAX;
}

bool ks_site_is_link(ks_str url)
{
    for (size_t i = 0; i < url.n; i++) {
        if ((unsigned char)url.p[i] <= ' ' || (unsigned char)url.p[i] >= 0x7f)
            return false;
    }
    return ks_str_starts(url, KS_S("https://")) && url.n > 9 && url.n < 512 && url.p[8] != '/' &&
           url.p[8] != ':' && url.p[8] != '?' && ks_str_find(url, KS_S("{{")) == SIZE_MAX;
}
