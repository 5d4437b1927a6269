/* features/import/text.c — see text.h. Knows nothing of OpenAPI. Threads: any. */
#include "features/import/text.h"

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* ---- prose ---- */

/* Length of an HTML tag at the beginning of `s`; 0: there is none. */
static size_t tag_length(ks_str s)
{
    if (s.n < 3 || s.p[0] != '<' || !(ks_is_alnum(s.p[1]) || s.p[1] == '/' || s.p[1] == '!'))
        return 0;
    size_t end = ks_str_chr(ks_str_sub(s, 0, 512), '>');
    return end == SIZE_MAX ? 0 : end + 1;
}

/* Length of "](target)" behind the words of a link. */
static size_t target_length(ks_str s)
{
    if (!ks_str_starts(s, KS_S("](")))
        return 0;
    size_t end = ks_str_chr(ks_str_sub(s, 0, 2048), ')');
    return end == SIZE_MAX ? 0 : end + 1;
}

/* Bytes of a character that is better left out: C0, DEL, C1, what YAML cannot print. 0: keep. */
static size_t unprintable(ks_str s)
{
    unsigned char c = (unsigned char)s.p[0];
    if (c == 0x7f)
        return 1;
    if (c == 0xc2 && s.n > 1 && (unsigned char)s.p[1] < 0xa0)
        return 2;
    if (ks_str_starts(s, KS_S("\xef\xbb\xbf")) || ks_str_starts(s, KS_S("\xef\xbf\xbe")) ||
        ks_str_starts(s, KS_S("\xef\xbf\xbf")) || ks_str_starts(s, KS_S("\xe2\x80\xa8")) ||
        ks_str_starts(s, KS_S("\xe2\x80\xa9")))
        return 3;
    return 0;
}

/* Bytes of markup at the beginning of `s`. `begin`: a line begins here. 0: none. */
static size_t markup(ks_str s, bool begin)
{
    size_t n = 0;
    if (begin) {
        while (n < s.n && (s.p[n] == '#' || s.p[n] == '>' || s.p[n] == '-' || s.p[n] == '*' || s.p[n] == '='))
            n++;
        if (n > 0 && (n == s.n || (unsigned char)s.p[n] <= ' '))
            return n;
    }
    if (s.p[0] == '`' || s.p[0] == '|' || s.p[0] == '*')
        return 1;
    if (ks_str_starts(s, KS_S("![")))
        return 2;
    if (s.p[0] == '[')
        return 1;
    if ((n = target_length(s)) > 0)
        return n;
    if (s.p[0] == ']' || ks_str_starts(s, KS_S("__")))
        return s.p[0] == ']' ? 1 : 2;
    n = tag_length(s);
    return n > 0 ? n : unprintable(s);
}

/* Where to cut a text that is longer than `max`: behind a sentence in the second half, else before a word. */
static size_t cut_at(ks_str s, size_t max)
{
    for (size_t i = max; i > max / 2; i--) {
        if ((s.p[i - 1] == '.' || s.p[i - 1] == '!' || s.p[i - 1] == '?') && s.p[i] == ' ')
            return i;
    }
    size_t i = max - 3;
    while (i > max / 2 && s.p[i] != ' ')
        i--;
    while (i > 0 && ((unsigned char)s.p[i] & 0xc0) == 0x80)
        i--;
    return i;
}

ks_str ks_prose(ks_ctx *cx, ks_str raw, size_t max)
{
    ks_buf *b = ks_ctx_buf(cx, 4 * max + 64);
    bool    begin = true, blank = false;
    while (b != NULL && raw.n > 0 && b->n <= 2 * max) {
        size_t n = raw.p[0] == ' ' || raw.p[0] == '\t' ? 0 : markup(raw, begin);
        if (n == 0) {
            bool white = (unsigned char)raw.p[0] <= ' ';
            if (!white && blank && b->n > 0)
                ks_buf_c(b, ' ');
            if (!white)
                ks_buf_c(b, raw.p[0]);
            blank = white || (blank && white);
            begin = raw.p[0] == '\n' || (begin && white);
            n = 1;
        } else {
            blank |= raw.p[0] == '<' || raw.p[0] == '|' || begin;
        }
        raw = ks_str_sub(raw, n, SIZE_MAX);
    }
    if (b == NULL || !ks_buf_ok(b) || b->n == 0)
        return KS_NO_STR;
    ks_str all = ks_buf_view(b);
    if (all.n <= max)
        return all;
    size_t n = cut_at(all, max);
    return all.p[n] == ' ' && all.p[n - 1] == '.' ? ks_str_sub(all, 0, n)
                                                  : ks_fmt(cx, "%.*s...", (int)n, all.p);
}

/* ---- names ---- */

/* Does a new word begin at s.p[i], inside letters and digits? "listPets", "HTTPServer". */
static bool word_begins(ks_str s, size_t i)
{
    if (i == 0 || !is_upper(s.p[i]))
        return false;
    return is_lower(s.p[i - 1]) || ks_is_digit(s.p[i - 1]) ||
           (is_upper(s.p[i - 1]) && i + 1 < s.n && is_lower(s.p[i + 1]));
}

ks_str ks_words(ks_ctx *cx, ks_str raw, bool upper)
{
    ks_buf *b = ks_ctx_buf(cx, 8192);
    bool    gap = false;
    for (size_t i = 0; b != NULL && i < raw.n && i < 2048; i++) {
        char c = raw.p[i];
        if (!ks_is_alnum(c)) {
            gap = c != '\''; /* "user's" is one word */
            continue;
        }
        if (b->n > 0 && (gap || word_begins(raw, i)))
            ks_buf_c(b, '_');
        gap = false;
        ks_buf_c(b, upper && is_lower(c) ? (char)(c - 32) : !upper && is_upper(c) ? (char)(c + 32) : c);
    }
    return b != NULL && ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

ks_str ks_plain_name(ks_ctx *cx, ks_str raw)
{
    bool plain = raw.n > 0 && raw.n <= 64;
    for (size_t i = 0; i < raw.n && plain; i++)
        plain = ks_is_alnum(raw.p[i]) || raw.p[i] == '_';
    if (plain)
        return raw;
    ks_buf *b = ks_ctx_buf(cx, 8192);
    bool    gap = false;
    for (size_t i = 0; b != NULL && i < raw.n && i < 2048; i++) {
        if (!ks_is_alnum(raw.p[i]) && raw.p[i] != '_') {
            gap = true;
            continue;
        }
        if (gap && b->n > 0)
            ks_buf_c(b, '_');
        gap = false;
        ks_buf_c(b, raw.p[i]);
    }
    return b != NULL && ks_buf_ok(b) ? ks_short_name(cx, ks_buf_view(b), 64) : KS_NO_STR;
}

ks_str ks_text_mark(ks_ctx *cx, ks_str s)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619u;
    return ks_fmt(cx, "%04X", (unsigned)((h ^ h >> 16) & 0xffff));
}

ks_str ks_short_name(ks_ctx *cx, ks_str name, size_t max)
{
    if (name.n <= max)
        return name;
    return ks_fmt(cx, "%.*s_" KS_FMT, (int)max - 5, name.p, KS_ARG(ks_text_mark(cx, name)));
}

ks_str ks_slug(ks_ctx *cx, ks_str raw)
{
    ks_buf *b = ks_ctx_buf(cx, 256);
    bool    gap = false;
    for (size_t i = 0; b != NULL && i < raw.n && b->n < 40; i++) {
        char c = is_upper(raw.p[i]) ? (char)(raw.p[i] + 32) : raw.p[i];
        if (!ks_is_alnum(c)) {
            gap = true;
            continue;
        }
        if (gap && b->n > 0)
            ks_buf_c(b, '-');
        gap = false;
        ks_buf_c(b, c);
    }
    return b != NULL && ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* ---- YAML ---- */

static bool is_reserved(ks_str s)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "none"};
    for (size_t i = 0; i < KS_COUNT(words); i++) {
        if (ks_str_ieq(s, ks_str_of(words[i])))
            return true;
    }
    return false;
}

/* A letter or '/' first, then only what never means anything to YAML in this place. */
static bool is_unmistakable(ks_str s, bool flow)
{
    if (s.n == 0 || !(is_lower(s.p[0]) || is_upper(s.p[0]) || s.p[0] == '/') || is_reserved(s))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == ' ' && (i + 1 == s.n || s.p[i - 1] == ' '))
            return false;
        bool colon = c == ':' && i + 1 < s.n && s.p[i + 1] != ' ';
        if (!ks_is_alnum(c) && !(c != '\0' && strchr(" _-./()'+;%", c) != NULL) &&
            (flow || !(colon || c == ',' || c == '{' || c == '}')))
            return false;
    }
    return true;
}

void ks_yaml_text(ks_buf *b, ks_str s, bool flow)
{
    if (is_unmistakable(s, flow)) {
        ks_buf_str(b, s);
        return;
    }
    ks_buf_c(b, '"');
    while (s.n > 0) {
        unsigned char c = (unsigned char)s.p[0];
        size_t        odd = unprintable(s);
        if (c == '"' || c == '\\')
            ks_buf_fmt(b, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            ks_buf_fmt(b, "\\u%04x", c);
        else if (odd == 2)
            ks_buf_fmt(b, "\\u%04x", (unsigned char)s.p[1]);
        else if (odd == 3)
            ks_buf_z(b, "\\ufffd");
        else
            ks_buf_c(b, s.p[0]);
        s = ks_str_sub(s, odd > 1 ? odd : 1, SIZE_MAX);
    }
    ks_buf_c(b, '"');
}
