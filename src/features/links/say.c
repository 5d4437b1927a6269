/* features/links/say.c — see say.h. */
#include "features/links/say.h"

#define WORDS_MAX 60 /* bytes: more than that is a sentence, no name of a menu */

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
    case KS_AT_TERM:
        KS_HTML_WITH(h, "<bdi lang=\"en\">{}</bdi>", s);
        break;
    case KS_AT_VALUES:
        KS_HTML_WITH(h, "<bdi lang=\"en\" dir=\"ltr\">{}</bdi>", s);
        break;
    case KS_AT_BEGINS:
    case KS_AT_EXAMPLE:
    case KS_AT_OTHER:
    case KS_AT_PART:
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

ks_str ks_say_gap(const ks_lang *l)
{
    bool none = ks_str_eq(l->code, KS_S("ja")) || ks_str_starts(l->code, KS_S("zh"));
    return none ? KS_S("") : KS_S(" ");
}

/* ---- sentences of app files ---- */

/* Are these the words of a button or a menu: each begins with a capital, and no sentence goes on? */
static bool vendor_words(ks_str words)
{
    ks_str rest = words, one;
    while (ks_str_cut(&rest, ' ', &one)) {
        if (one.n == 0 || (!(one.p[0] >= 'A' && one.p[0] <= 'Z') && !ks_str_eq(one, KS_S("keys")) &&
                           !ks_str_eq(one, KS_S("tokens"))))
            return false;
    }
    return words.n > 0 && words.n <= WORDS_MAX && ks_str_chr(words, ',') == SIZE_MAX;
}

/* Nothing in it ends or divides a sentence. */
static bool within_sentence(ks_str s)
{
    size_t i = 0;
    while (i < s.n && strchr(".,;:", s.p[i]) == NULL)
        i++;
    return i == s.n;
}

/* May `s` stand in a place of which nothing is known? */
static bool may_stand(int place, ks_str s, const ks_places *p)
{
    switch (place) {
    case KS_AT_WORDS:
        return vendor_words(s) || (s.n > 0 && ks_str_eq(s, p->at[KS_AT_APP]));
    case KS_AT_BEGINS:
    case KS_AT_OTHER:
    case KS_AT_PART:
        return s.n > 0 && s.n <= WORDS_MAX && ks_str_chr(s, ' ') == SIZE_MAX;
    case KS_AT_TERM: /* a part of a sentence, and no more than that */
        return s.n > 0 && s.n <= WORDS_MAX && within_sentence(s);
    case KS_AT_VALUES:
        return s.n > 0 && ks_str_find(s, KS_S(". ")) == SIZE_MAX;
    case KS_AT_NUMBER:
        return s.n > 0 && s.n < 6 && ks_str_only(s, "0123456789");
    default:
        return false;
    }
}

/* Take what stands in `place`, in front of `next`, off *english. */
static bool take(ks_str *english, int place, ks_str next, bool last, ks_places *p)
{
    ks_str *at = &p->at[place];
    size_t  end = ks_str_find(*english, next);
    if (last)
        end = ks_str_ends(*english, next) ? english->n - next.n : SIZE_MAX;
    if (at->p != NULL)
        end = ks_str_starts(*english, *at) ? at->n : SIZE_MAX;
    if (end == SIZE_MAX || (at->p == NULL && !may_stand(place, ks_str_sub(*english, 0, end), p)))
        return false;
    *at = ks_str_sub(*english, 0, end);
    *english = ks_str_sub(*english, end, SIZE_MAX);
    return true;
}

/* Is this the sentence `m` in English? Compared piece by piece: a page asks this many times. */
static bool fits(ks_str english, ks_msg m, ks_places *p)
{
    ks_str rest = ks_langs[0].text[m], text;
    int    place = cut(&rest, &text);
    while (ks_str_starts(english, text)) {
        int here = place;
        english = ks_str_sub(english, text.n, SIZE_MAX);
        if (here == KS_PLACES)
            return english.n == 0;
        place = cut(&rest, &text);
        if (!take(&english, here, text, place == KS_PLACES, p))
            return false;
    }
    return false;
}

ks_msg ks_say_known(ks_str english, ks_msg from, ks_msg to, ks_places *p)
{
    for (int m = (int)from; m <= (int)to; m++) {
        ks_places found = *p;
        if (fits(english, (ks_msg)m, &found)) {
            *p = found;
            return (ks_msg)m;
        }
    }
    return KS_MSGS;
}
