/* features/links/say.c — see say.h. */
#include "features/links/say.h"

/* ---- which language ---- */

static const ks_lang *of_code(ks_str code)
{
    for (size_t i = 0; i < ks_langs_n; i++) {
        if (ks_str_ieq(ks_langs[i].code, code))
            return &ks_langs[i];
    }
    return NULL;
}

/* Chinese is written in two ways: without a word on it, or for these places, it is the simplified one. */
static ks_str simplified(ks_str code)
{
    static const char *const names[] = {"zh", "zh-CN", "zh-SG", "zh-Hans-CN", "zh-Hans-SG"};
    for (size_t i = 0; i < KS_COUNT(names); i++) {
        if (ks_str_ieq(code, ks_str_of(names[i])))
            return KS_S("zh-Hans");
    }
    return code;
}

const ks_lang *ks_lang_find(ks_str code)
{
    ks_str         whole = simplified(ks_str_trim(code, " \t"));
    ks_str         first = ks_str_sub(whole, 0, ks_str_chr(whole, '-'));
    const ks_lang *hit = of_code(whole);
    if (hit == NULL && ks_str_ieq(first, KS_S("pt")))
        return of_code(KS_S("pt-BR"));
    return hit != NULL || ks_str_ieq(first, KS_S("zh")) ? hit : of_code(first);
}

/* "q=0.8" in thousandths; 1000 without, 0 for what cannot be read (RFC 9110, 12.4.2). */
static int weight(ks_str params)
{
    size_t at = ks_str_find(params, KS_S("q="));
    ks_str q = at == SIZE_MAX ? KS_S("1") : ks_str_trim(ks_str_sub(params, at + 2, SIZE_MAX), " \t");
    int    out = q.n > 0 && q.p[0] == '1' ? 1000 : 0;
    int    digit = 100;
    if (q.n == 0 || (q.p[0] != '0' && q.p[0] != '1'))
        return 0;
    for (size_t i = 2; i < q.n && i < 5 && out < 1000 && ks_is_digit(q.p[i]); i++, digit /= 10)
        out += (q.p[i] - '0') * digit;
    return out;
}

/* The best of Accept-Language that we speak, or NULL. */
static const ks_lang *accepted(const ks_req *rq)
{
    ks_str         rest = ks_req_header(rq, "accept-language"), part;
    const ks_lang *best = NULL;
    int            top = 0;
    for (int n = 0; n < 32 && ks_str_cut(&rest, ',', &part); n++) {
        size_t         end = ks_str_chr(part, ';');
        const ks_lang *l = ks_lang_find(ks_str_sub(part, 0, end));
        int            w = end == SIZE_MAX ? 1000 : weight(ks_str_sub(part, end, SIZE_MAX));
        if (l != NULL && w > top) {
            best = l;
            top = w;
        }
    }
    return best;
}

const ks_lang *ks_lang_choose(ks_ctx *cx, const ks_req *rq, ks_str link, ks_str project)
{
    ks_str         asked = ks_req_query(cx, rq, "lang");
    const ks_lang *l = asked.n > 0 ? ks_lang_find(asked) : NULL;
    if (l == NULL && link.n > 0)
        l = ks_lang_find(link);
    if (l == NULL)
        l = accepted(rq);
    if (l == NULL && project.n > 0)
        l = ks_lang_find(project);
    return l != NULL ? l : &ks_langs[0];
}

/* ---- sentences ---- */

/* The place that byte stands for; KS_PLACES for a byte of text. */
static int place_of(char c)
{
    int i = 0;
    while (i < KS_PLACES && ks_say_bytes[i] != c)
        i++;
    return i;
}

/* Take the text up to the next place off *rest; the place, or KS_PLACES at the end. */
static int cut(ks_str *rest, ks_str *text)
{
    size_t i = 0;
    while (i < rest->n && place_of(rest->p[i]) == KS_PLACES)
        i++;
    int place = i < rest->n ? place_of(rest->p[i]) : KS_PLACES;
    *text = ks_str_sub(*rest, 0, i);
    *rest = ks_str_sub(*rest, place == KS_PLACES ? i : i + 1, SIZE_MAX);
    return place;
}

/* "14:30 UTC" out of RFC 3339. */
static ks_str clock_of(ks_str time)
{
    return ks_str_sub(time, 11, 5);
}

ks_str ks_say_text(ks_ctx *cx, const ks_lang *l, ks_msg m, const ks_places *p)
{
    ks_str  rest = l->text[m], text;
    ks_buf *b = ks_ctx_buf(cx, 8192);
    if (b == NULL)
        return KS_NO_STR;
    for (int place = 0; place != KS_PLACES;) {
        place = cut(&rest, &text);
        ks_buf_str(b, text);
        if (place == KS_AT_TIME)
            ks_buf_fmt(b, KS_FMT " UTC", KS_ARG(clock_of(p->at[place])));
        else if (place != KS_PLACES)
            ks_buf_str(b, p->at[place]);
    }
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

static void put_place(ks_html *h, int place, ks_str s)
{
    switch (place) {
    case KS_AT_WORDS: /* the vendor's words stay as they are */
        KS_HTML_WITH(h, "<bdi lang=\"en\">{}</bdi>", s);
        break;
    case KS_AT_BEGINS:
    case KS_AT_EXAMPLE:
        KS_HTML_WITH(h, "<code dir=\"ltr\">{}</code>", s);
        break;
    case KS_AT_TIME:
        KS_HTML_WITH(h, "<time datetime=\"{}\" dir=\"ltr\">{} UTC</time>", s, clock_of(s));
        break;
    default:
        KS_HTML_WITH(h, "<bdi>{}</bdi>", s);
    }
}

void ks_say(ks_html *h, const ks_lang *l, ks_msg m, const ks_places *p)
{
    ks_str rest = l->text[m], text;
    for (int place = 0; place != KS_PLACES;) {
        place = cut(&rest, &text);
        KS_HTML_WITH(h, "{}", text);
        if (place != KS_PLACES)
            put_place(h, place, p->at[place]);
    }
}

/* Is this the sentence `m` in English? Compared piece by piece: a page asks this many times. */
static bool fits(ks_str english, ks_msg m, const ks_places *p)
{
    ks_str rest = ks_langs[0].text[m], text;
    for (int place = 0; place != KS_PLACES;) {
        place = cut(&rest, &text);
        if (!ks_str_starts(english, text))
            return false;
        english = ks_str_sub(english, text.n, SIZE_MAX);
        if (place != KS_PLACES && !ks_str_starts(english, p->at[place]))
            return false;
        if (place != KS_PLACES)
            english = ks_str_sub(english, p->at[place].n, SIZE_MAX);
    }
    return english.n == 0;
}

ks_msg ks_say_known(ks_str english, ks_msg from, ks_msg to, const ks_places *p)
{
    for (int m = (int)from; m <= (int)to; m++) {
        if (fits(english, (ks_msg)m, p))
            return (ks_msg)m;
    }
    return KS_MSGS;
}
