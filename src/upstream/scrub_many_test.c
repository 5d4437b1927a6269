/* upstream/scrub_many_test.c — rule S6 over a million seeded cases: random secrets of 8 to 200 bytes, spelled
 * by encoders of this file's own (not those of upstream/forms.c), between random text, cut at random borders.
 * What was a secret is one mark, every other byte is what it was. Prints its seed when it fails. */
#include <stdio.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "tests/support/test.h"
#include "upstream/scrub.h"

#define SECRETS    20000
#define PER_SECRET 50 /* cases: places, borders and spellings */
#define TEXT_MAX   4096

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RUNS (SECRETS / 20)
#else
#define RUNS SECRETS
#endif

static uint64_t seed;

/* xorshift64*: the same cases on every machine. */
static uint32_t draw(uint32_t below)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 2685821657736338717u) >> 33) % below;
}

typedef struct text {
    char   p[TEXT_MAX];
    size_t n;
} text;

static void put(text *t, const char *p, size_t n)
{
    assert_true(t->n + n <= TEXT_MAX);
    memcpy(t->p + t->n, p, n);
    t->n += n;
}

static void put_c(text *t, char c)
{
    put(t, &c, 1);
}

/* An escape: what it begins with, then two digits. */
typedef struct escape {
    const char *lead, *digits;
} escape;

#define UPPER "0123456789ABCDEF"
#define LOWER "0123456789abcdef"

static void put_escape(text *t, escape e, unsigned char c)
{
    put(t, e.lead, strlen(e.lead));
    put_c(t, e.digits[c >> 4]);
    put_c(t, e.digits[c & 15]);
}

/* ---- spellings, each in the words of the encoder it imitates ---- */

static bool plain_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void as_url(text *t, const unsigned char *s, size_t n, const char *keep, escape e)
{
    for (size_t i = 0; i < n; i++) {
        if (plain_letter(s[i]) || strchr(keep, s[i]) != NULL)
            put_c(t, (char)s[i]);
        else
            put_escape(t, e, s[i]);
    }
}

static void as_form(text *t, const unsigned char *s, size_t n, escape e)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == ' ')
            put_c(t, '+');
        else
            as_url(t, s + i, 1, "-._~", e);
    }
}

static void as_json(text *t, const unsigned char *s, size_t n, const char *escaped, bool slash, escape e)
{
    for (size_t i = 0; i < n; i++) {
        if (strchr(escaped, s[i]) != NULL)
            put_escape(t, e, s[i]);
        else if (s[i] == '"' || s[i] == '\\' || (slash && s[i] == '/')) {
            put_c(t, '\\');
            put_c(t, (char)s[i]);
        } else if (s[i] == '\n' || s[i] == '\t') {
            put(t, s[i] == '\n' ? "\\n" : "\\t", 2);
        } else
            put_c(t, (char)s[i]);
    }
}

static void as_html(text *t, const unsigned char *s, size_t n, const char *apostrophe)
{
    for (size_t i = 0; i < n; i++) {
        const char *e = s[i] == '&'    ? "&amp;"
                        : s[i] == '<'  ? "&lt;"
                        : s[i] == '>'  ? "&gt;"
                        : s[i] == '"'  ? "&quot;"
                        : s[i] == '\'' ? apostrophe
                                       : NULL;
        if (e != NULL)
            put(t, e, strlen(e));
        else
            put_c(t, (char)s[i]);
    }
}

/* Base64 of before + secret + behind, bit by bit. *from, *to: the characters that hang on the secret alone.
 */
static void as_base64(text *t, const text *all, size_t at, size_t n, bool url, size_t *from, size_t *to)
{
    static const char std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t            start = t->n, bits = all->n * 8;
    *from = start + (at * 8 + 5) / 6;
    *to = start + (at + n) * 8 / 6;
    for (size_t bit = 0; bit < bits; bit += 6) {
        unsigned v = 0;
        for (size_t k = bit; k < bit + 6; k++)
            v = v << 1 | (k < bits ? (unsigned char)all->p[k / 8] >> (7 - k % 8) & 1u : 0);
        put_c(t, v < 62 ? std[v] : v == 62 ? (url ? '-' : '+') : url ? '_' : '/');
    }
    while ((t->n - start) % 4 != 0 && !url)
        put_c(t, '=');
}

/* ---- cases ---- */

/* Keys as vendors make them, and passwords as people do; no square brackets, which only marks have. */
static size_t make_secret(unsigned char *s)
{
    static const char *const alphabets[] = {
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "0123456789abcdef",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=",
        "abcdefghijklmnopqrstuvwxyz0123456789-_.~",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789 !\"#$%&'()*+,-./:;<=>?@\\^_`{|}~",
        "ab",
        "ab\n\t/\"\\<&"};
    const char *from = alphabets[draw(KS_COUNT(alphabets))];
    size_t      n = 8 + draw(draw(4) == 0 ? 193 : 40), kinds = strlen(from);
    for (size_t i = 0; i < n; i++)
        s[i] = (unsigned char)from[draw((uint32_t)kinds)];
    for (size_t end = 0; end < 2; end++) /* outer blanks are trimmed from what is pasted */
        if (s[end ? n - 1 : 0] <= ' ')
            s[end ? n - 1 : 0] = 'x';
    return n;
}

typedef struct one_case {
    unsigned char secret[256];
    size_t        n;
    text          in, got;
    size_t        from, to; /* of the spelled secret in `in` */
    unsigned      kind;
} one_case;

#define KINDS      22
#define LAST_EXACT 16 /* those beyond are base64 */

static void spell(one_case *c)
{
    static const escape  fmts[] = {{"%", UPPER},   {"%", LOWER},     {"%25", UPPER},
                                   {"%25", LOWER}, {"\\u00", LOWER}, {"\\u00", UPPER}};
    const unsigned char *s = c->secret;
    text                *t = &c->in;
    size_t               n = c->n;
    c->from = t->n;
    switch (c->kind) {
    case 0:
    case 1:
        put(t, (const char *)s, n);
        break;
    case 2:
    case 3:
    case 4:
    case 5:
        as_url(t, s, n, "-._~", fmts[c->kind - 2]);
        break;
    case 6:
    case 7:
        as_form(t, s, n, fmts[c->kind - 6]);
        break;
    case 8:
        as_url(t, s, n, "-._~!'()*", fmts[0]); /* encodeURIComponent */
        break;
    case 9:
        as_url(t, s, n, "-._~!'()*;/?:@&=+$,#", fmts[0]); /* encodeURI */
        break;
    case 10:
        as_json(t, s, n, "", false, fmts[4]);
        break;
    case 11:
        as_json(t, s, n, "", true, fmts[4]); /* PHP */
        break;
    case 12:
        as_json(t, s, n, "<>&", false, fmts[4]); /* Go */
        break;
    case 13:
        as_json(t, s, n, "<>&='", false, fmts[4]); /* Gson */
        break;
    case 14:
        as_json(t, s, n, "<>&'+`\"", false, fmts[5]); /* .NET */
        break;
    case 15:
        as_html(t, s, n, "&#39;");
        break;
    case 16:
        as_html(t, s, n, "&#x27;");
        break;
    default: {
        static const char outer[] = "user:and more of it";
        text              all = {.n = 0};
        size_t            at = draw(8);
        put(&all, outer, at);
        put(&all, (const char *)s, n);
        put(&all, outer + 6, draw(12));
        as_base64(t, &all, at, n, c->kind & 1, &c->from, &c->to);
        return;
    }
    }
    c->to = t->n;
}

/* Text around it: what no spelling begins or ends with. */
static void around(text *t)
{
    static const char some[] = "{}[]()<>:;, \n";
    for (size_t i = draw(60); i > 0; i--)
        put_c(t, some[draw(sizeof some - 1)]);
    put_c(t, '\x01');
}

static void feed(one_case *c, ks_scrub *s)
{
    bool header = draw(8) == 0; /* whole, as headers are */
    c->got.n = 0;
    for (size_t at = 0; at < c->in.n && !header;) {
        size_t n = 1 + draw(draw(3) == 0 ? 3 : 300);
        n = n < c->in.n - at ? n : c->in.n - at;
        ks_str out = ks_scrub_feed(s, (ks_str){c->in.p + at, n}, false);
        put(&c->got, out.p, out.n);
        at += n;
    }
    ks_str out = ks_scrub_feed(s, header ? (ks_str){c->in.p, c->in.n} : KS_S(""), true);
    put(&c->got, out.p, out.n);
}

static bool ends_with(const text *t, const char *p, size_t n)
{
    return t->n >= n && memcmp(t->p + t->n - n, p, n) == 0;
}

/* What came out must be what went in, with one mark from the secret's first byte to its last. In base64 the
 * mark may take up to three characters more on either side, when the secret looks like itself moved by a
 * byte. */
static void compare(const one_case *c, uint64_t began)
{
    static const char mark[] = KS_SCRUB_MARK;
    size_t            n = strlen(mark), slack = c->kind > LAST_EXACT ? 3 : 0;
    for (size_t i = 0; i <= slack; i++) {
        for (size_t k = 0; k <= slack && i <= c->from && c->to + k <= c->in.n; k++) {
            size_t before = c->from - i, behind = c->in.n - c->to - k;
            if (c->got.n == before + n + behind && memcmp(c->got.p, c->in.p, before) == 0 &&
                memcmp(c->got.p + before, mark, n) == 0 && ends_with(&c->got, c->in.p + c->to + k, behind))
                return;
        }
    }
    fail_msg("seed %llu, spelling %u, secret of %zu bytes: %.*s\nbecame %.*s", (unsigned long long)began,
             c->kind, c->n, (int)c->in.n, c->in.p, (int)c->got.n, c->got.p);
}

static void hit(one_case *c, ks_scrub *s)
{
    uint64_t began = seed;
    c->kind = draw(KINDS);
    c->in.n = 0;
    around(&c->in);
    spell(c);
    put_c(&c->in, '\x01');
    around(&c->in);
    feed(c, s);
    compare(c, began);
}

/* Beginnings, ends and near misses of the secret: nothing to replace. */
static void clean(one_case *c, ks_scrub *s)
{
    uint64_t began = seed;
    c->in.n = 0;
    for (size_t i = draw(6); i > 0; i--) {
        size_t at = draw((uint32_t)c->n);
        around(&c->in);
        put(&c->in, (const char *)c->secret, at);
        put_c(&c->in, '\x02'); /* in no secret, so this is none */
        put(&c->in, (const char *)c->secret + at + 1, c->n - at - 1);
    }
    put_c(&c->in, '\x02');
    put(&c->in, (const char *)c->secret, draw((uint32_t)c->n)); /* cut off by the end */
    feed(c, s);
    if (c->got.n != c->in.n || !ends_with(&c->got, c->in.p, c->in.n))
        fail_msg("seed %llu: %.*s\nbecame %.*s", (unsigned long long)began, (int)c->in.n, c->in.p,
                 (int)c->got.n, c->got.p);
}

static void a_million_cases_leave_no_secret_and_change_nothing_else_S6(void **state)
{
    static one_case c;
    uint64_t        cases = 0;
    (void)state;
    seed = 0x5eed0f5ec7e75;
    for (unsigned run = 0; run < RUNS; run++) {
        c.n = make_secret(c.secret);
        ks_secret *secret = ks_secret_heap((const char *)c.secret, c.n);
        assert_non_null(secret);
        const ks_secret *list[] = {secret};
        ks_scrub        *s = ks_scrub_new(list, 1, KS_S(""));
        assert_non_null(s);
        for (unsigned i = 0; i < PER_SECRET; i++, cases++) {
            if (draw(4) == 0)
                clean(&c, s);
            else
                hit(&c, s);
        }
        ks_scrub_free(s);
        ks_secret_free(secret);
    }
    assert_int_equal(cases, (uint64_t)RUNS * PER_SECRET);
}

KS_TESTS(a_million_cases_leave_no_secret_and_change_nothing_else_S6)
