/* upstream/forms.c — spellings of a value: RFC 3986 percent-encoding (and what browsers make of it), RFC 8259
 * escapes, HTML entities, RFC 4648 base64 at any place of a longer text. Finds nothing itself
 * (upstream/scrub.c does). */
#include "upstream/forms.h"

#include "base/enc.h"
#include "base/limits.h"

#define MAX_FORM ((size_t)8 * KS_MAX_SECRET_TEXT) /* six bytes for one of the value, and room */

typedef struct sink {
    bool (*take)(void *arg, ks_str form);
    void  *arg;
    ks_buf form; /* the one being made */
    bool   ok;
} sink;

static void give(sink *s)
{
    s->ok = s->ok && ks_buf_ok(&s->form) && s->take(s->arg, ks_buf_view(&s->form));
    ks_buf_clear(&s->form);
}

/* ---- percent ---- */

static bool unreserved(char c, const char *also)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && (strchr("-._~", c) != NULL || strchr(also, c) != NULL));
}

/* Keys of letters, digits and "-._~" look the same in every spelling but base64. */
static bool unreserved_only(ks_str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (!unreserved(value.p[i], ""))
            return false;
    }
    return true;
}

/* An address inside an address: the strict escapes with their '%' escaped again. */
static void percent_twice(sink *s, ks_str value, const char *digits)
{
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        char          escape[5] = {'%', '2', '5', digits[c >> 4], digits[c & 15]};
        if (unreserved(value.p[i], ""))
            ks_buf_c(&s->form, value.p[i]);
        else
            ks_buf_put(&s->form, escape, sizeof escape);
    }
    give(s);
}

/* `also`: left alone beside the unreserved characters; `blank`: what a blank becomes, NULL for an escape. */
static void percent(sink *s, ks_str value, const char *digits, const char *also, const char *blank)
{
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        char          escape[3] = {'%', digits[c >> 4], digits[c & 15]};
        if (unreserved(value.p[i], also))
            ks_buf_c(&s->form, value.p[i]);
        else if (c == ' ' && blank != NULL)
            ks_buf_z(&s->form, blank);
        else
            ks_buf_put(&s->form, escape, sizeof escape);
    }
    give(s);
}

static void percents(sink *s, ks_str value)
{
    static const char *const digits[] = {"0123456789ABCDEF", "0123456789abcdef"};
    for (size_t i = 0; i < KS_COUNT(digits); i++) {
        percent(s, value, digits[i], "", NULL);
        percent(s, value, digits[i], "", "+");
        percent(s, value, digits[i], "!'()*", NULL);
        percent(s, value, digits[i], "!'()*;/?:@&=+$,#", NULL);
        percent_twice(s, value, digits[i]);
    }
}

/* ---- JSON ---- */

typedef struct json_style {
    const char *digits; /* for \u escapes */
    const char *also;   /* written as \u escapes beside the control characters */
    bool        slash;  /* "/" as "\/" */
    bool        ascii;  /* all beyond ASCII as \u escapes */
} json_style;

static void json_unit(ks_buf *b, unsigned unit, const char *digits)
{
    char escape[6] = {'\\',
                      'u',
                      digits[unit >> 12 & 15],
                      digits[unit >> 8 & 15],
                      digits[unit >> 4 & 15],
                      digits[unit & 15]};
    ks_buf_put(b, escape, sizeof escape);
}

/* One character of well-formed UTF-8 beyond ASCII as one or two \u escapes. Returns its bytes. */
static size_t json_beyond(ks_buf *b, const unsigned char *p, const char *digits)
{
    size_t   n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    unsigned point = p[0] & (n == 4 ? 0x07u : n == 3 ? 0x0fu : 0x1fu);
    for (size_t i = 1; i < n; i++)
        point = point << 6 | (p[i] & 0x3fu);
    if (point >= 0x10000) {
        json_unit(b, 0xd800 + ((point - 0x10000) >> 10), digits);
        json_unit(b, 0xdc00 + ((point - 0x10000) & 0x3ff), digits);
    } else {
        json_unit(b, point, digits);
    }
    return n;
}

static void json_char(ks_buf *b, unsigned char c, const json_style *style)
{
    static const char plain[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char       *at = c ? strchr(plain, c) : NULL;
    if (c != 0 && strchr(style->also, c) != NULL)
        json_unit(b, c, style->digits);
    else if (at != NULL || (c == '/' && style->slash)) {
        ks_buf_c(b, '\\');
        ks_buf_c(b, at != NULL ? letters[at - plain] : '/');
    } else if (c < 0x20) {
        json_unit(b, c, style->digits);
    } else {
        ks_buf_c(b, (char)c);
    }
}

static void json(sink *s, ks_str value, const json_style *style)
{
    for (size_t i = 0; i < value.n;) {
        const unsigned char *p = (const unsigned char *)value.p + i;
        if (style->ascii && *p >= 0x80) {
            i += json_beyond(&s->form, p, style->digits);
        } else {
            json_char(&s->form, *p, style);
            i++;
        }
    }
    give(s);
}

static bool holds_any(ks_str value, const char *set)
{
    for (const char *c = set; *c != '\0'; c++) {
        if (ks_str_chr(value, *c) != SIZE_MAX)
            return true;
    }
    return false;
}

static bool beyond_ascii(ks_str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if ((unsigned char)value.p[i] >= 0x80)
            return true;
    }
    return false;
}

/* What encoders escape: most nothing more; those of Go, Ruby and PHP; Gson; .NET. Each only where it differs.
 */
static void jsons(sink *s, ks_str value)
{
    static const char *const also[] = {"", "<>&", "<>&='", "<>&'+`\""};
    bool                     ascii = beyond_ascii(value) && ks_str_utf8(value);
    bool                     slash = ks_str_chr(value, '/') != SIZE_MAX;
    for (size_t set = 0; set < KS_COUNT(also); set++) {
        if (set > 0 && !holds_any(value, also[set]))
            continue;
        for (unsigned k = 0; k < 8; k++) {
            json_style style = {k & 1 ? "0123456789ABCDEF" : "0123456789abcdef", also[set], k & 2, k & 4};
            if ((slash || !style.slash) && (ascii || !style.ascii))
                json(s, value, &style);
        }
    }
}

/* ---- HTML ---- */

/* As a page shows it: an error page that repeats a request. */
static void html(sink *s, ks_str value, const char *apostrophe)
{
    for (size_t i = 0; i < value.n; i++) {
        char        c = value.p[i];
        const char *entity = c == '&'    ? "&amp;"
                             : c == '<'  ? "&lt;"
                             : c == '>'  ? "&gt;"
                             : c == '"'  ? "&quot;"
                             : c == '\'' ? apostrophe
                                         : NULL;
        if (entity != NULL)
            ks_buf_z(&s->form, entity);
        else
            ks_buf_c(&s->form, c);
    }
    give(s);
}

static void htmls(sink *s, ks_str value)
{
    if (!holds_any(value, "&<>\"'"))
        return;
    html(s, value, "&#39;");
    html(s, value, "&#x27;");
    html(s, value, "'");
}

/* ---- base64 ---- */

static void url_alphabet(sink *s, ks_str base64)
{
    if (ks_str_chr(base64, '+') == SIZE_MAX && ks_str_chr(base64, '/') == SIZE_MAX)
        return;
    ks_buf_str(&s->form, base64);
    for (size_t i = 0; i < s->form.n; i++) {
        char *c = &s->form.p[i];
        *c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
    }
    give(s);
}

/* What stands in the base64 of any text that holds `value` behind `before` (mod 3) other bytes: the
 * characters that depend on the value alone, in both alphabets. */
static void base64_at(sink *s, ks_str value, size_t before)
{
    ks_buf plain = ks_buf_new(MAX_FORM), encoded = ks_buf_new(MAX_FORM);
    ks_buf_put(&plain, "\0\0", before);
    ks_buf_str(&plain, value);
    ks_enc_base64(&encoded, ks_buf_view(&plain));
    s->ok = s->ok && ks_buf_ok(&plain) && ks_buf_ok(&encoded);
    size_t from = (before * 8 + 5) / 6, to = (before + value.n) * 8 / 6;
    ks_str part = ks_str_sub(ks_buf_view(&encoded), from, to - from);
    if (s->ok) {
        s->ok = s->take(s->arg, part);
        url_alphabet(s, part);
    }
    ks_buf_done(&plain);
    ks_buf_done(&encoded);
}

bool ks_forms_each(ks_str value, bool (*take)(void *arg, ks_str form), void *arg)
{
    sink s = {.take = take, .arg = arg, .form = ks_buf_new(MAX_FORM), .ok = true};
    s.ok = take(arg, value);
    if (!unreserved_only(value)) {
        percents(&s, value);
        jsons(&s, value);
        htmls(&s, value);
    }
    for (size_t before = 0; before < 3; before++)
        base64_at(&s, value, before);
    ks_buf_done(&s.form);
    return s.ok;
}

bool ks_forms_token(ks_str token, bool (*take)(void *arg, ks_str form), void *arg)
{
    sink s = {.take = take, .arg = arg, .form = ks_buf_new(MAX_FORM), .ok = true};
    while (token.n && token.p[token.n - 1] == '=')
        token.n--;
    s.ok = take(arg, token);
    if (!unreserved_only(token)) {
        percents(&s, token);
        jsons(&s, token);
        url_alphabet(&s, token);
    }
    ks_buf_done(&s.form);
    return s.ok;
}
