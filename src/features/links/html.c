/* features/links/html.c — see html.h: one pass over the literal keeps track of where it is. */
#include "features/links/html.h"

#include "base/enc.h"

ks_html ks_html_new(ks_buf *b)
{
    return (ks_html){.b = b};
}

static void spoil(ks_html *h)
{
    h->b->failed = true;
}

/* ---- values ---- */

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static bool control(char c)
{
    unsigned char u = (unsigned char)c;
    return (u < 0x20 && c != '\t' && c != '\n') || u == 0x7f;
}

static void put_escaped(ks_html *h, ks_str s)
{
    if (!ks_str_utf8(s)) {
        ks_buf_z(h->b, "\xef\xbf\xbd");
        return;
    }
    for (size_t i = 0; i < s.n; i++) {
        const char *as = control(s.p[i]) ? "\xef\xbf\xbd" : entity(s.p[i]);
        if (as != NULL)
            ks_buf_z(h->b, as);
        else
            ks_buf_c(h->b, s.p[i]);
    }
}

/* What may stand at the beginning of an address: never a scheme that runs something. */
static bool address_ok(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] <= 0x20 || s.p[i] == '\\' || control(s.p[i]))
            return false;
    }
    bool ours = s.n > 0 && s.p[0] == '/' && (s.n == 1 || s.p[1] != '/');
    return ours || ks_str_starts(s, KS_S("https://")) || ks_str_starts(s, KS_S("http://"));
}

static void put_slot(ks_html *h, ks_str s)
{
    if (h->at == KS_HTML_TAG) {
        spoil(h);
        return;
    }
    if (h->at == KS_HTML_TEXT || !h->address)
        put_escaped(h, s);
    else if (h->begun)
        ks_enc_percent(h->b, s);
    else if (address_ok(s))
        put_escaped(h, s);
    h->begun = true;
}

/* ---- literals ---- */

/* Does an attribute whose name ends the literal here hold an address? */
static bool names_address(ks_str before)
{
    return ks_str_ends(before, KS_S(" href=")) || ks_str_ends(before, KS_S(" action=")) ||
           ks_str_ends(before, KS_S(" src="));
}

static void step(ks_html *h, ks_str lit, size_t i)
{
    char c = lit.p[i];
    if (h->at == KS_HTML_TEXT) {
        h->at = c == '<' ? KS_HTML_TAG : KS_HTML_TEXT;
    } else if (h->at == KS_HTML_TAG) {
        if (c == '"') {
            h->at = KS_HTML_ATTR;
            h->address = names_address(ks_str_sub(lit, 0, i));
            h->begun = false;
        } else if (c == '>') {
            h->at = KS_HTML_TEXT;
        }
    } else if (c == '"') {
        h->at = KS_HTML_TAG;
    } else {
        h->begun = true;
    }
    ks_buf_c(h->b, c);
}

void ks_html_put(ks_html *h, const char *lit, const ks_str *values, size_t n)
{
    ks_str text = ks_str_of(lit);
    size_t used = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '{' || i + 1 == text.n || text.p[i + 1] != '}') {
            step(h, text, i);
            continue;
        }
        if (used < n)
            put_slot(h, values[used]);
        used++;
        i++;
    }
    if (used != n)
        spoil(h);
}

bool ks_html_ok(const ks_html *h)
{
    return ks_buf_ok(h->b) && h->at == KS_HTML_TEXT;
}
