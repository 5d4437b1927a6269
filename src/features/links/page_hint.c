/* features/links/page_hint.c — what stands below a label (see page.h). App files speak English, and English
 * pages show them as they stand. In other languages a sentence that many apps share is translated; in place
 * of others the page says what the app file declares (pattern, suffix, kind, default), and they follow in
 * English. */
#include "features/links/page.h"

#define SENTENCES 8 /* more are shown as the last one */
#define HEADS     2 /* a key that may begin in more ways is told by its example */

typedef struct sentence {
    ks_str    text;
    ks_msg    is; /* KS_MSGS: none that is translated */
    ks_places at;
} sentence;

/* One hint. */
typedef struct hint {
    ks_ctx             *cx;
    ks_html            *h;
    const ks_page_view *v;
    const ks_app_field *f;
    sentence            says[SENTENCES];
    size_t              n;
    bool                begun; /* something was written */
} hint;

/* ---- what the app file says ---- */

/* Take the first sentence off *rest: up to a full stop with a capital or a digit behind it. */
static ks_str first_sentence(ks_str *rest)
{
    size_t end = 0;
    for (size_t i = 1; i + 1 < rest->n && end == 0; i++) {
        char next = rest->p[i + 1];
        if (rest->p[i] == ' ' && rest->p[i - 1] == '.' && (ks_is_digit(next) || (next >= 'A' && next <= 'Z')))
            end = i;
    }
    ks_str out = ks_str_sub(*rest, 0, end ? end : SIZE_MAX);
    *rest = ks_str_sub(*rest, end ? end + 1 : SIZE_MAX, SIZE_MAX);
    return out;
}

static void read_help(hint *t)
{
    ks_str rest = t->f->help;
    while (rest.n > 0 && t->n < SENTENCES) {
        sentence *s = &t->says[t->n++];
        s->text = t->n < SENTENCES ? first_sentence(&rest) : rest;
        s->at = t->v->places;
        s->is = ks_say_known(s->text, KS_MSG_HINT_MADE, KS_MSG_HINT_DB_KEY, &s->at);
    }
}

static bool told(const hint *t, ks_msg from, ks_msg to)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->says[i].is >= from && t->says[i].is <= to)
            return true;
    }
    return false;
}

/* ---- what a pattern says ---- */

/* Take the characters that every match has here off *rest. */
static void literal(ks_str *rest, ks_buf *out)
{
    while (rest->n > 0 && strchr("^$.()|?*+{}", rest->p[0]) == NULL) {
        bool   escaped = rest->p[0] == '\\' && rest->n > 1, dot = ks_str_starts(*rest, KS_S("[.]"));
        size_t n = dot ? 3 : escaped ? 2 : 1;
        if ((rest->p[0] == '[' && !dot) || (rest->n > n && strchr("?*+{", rest->p[n]) != NULL))
            return;
        ks_buf_c(out, rest->p[n == 1 ? 0 : 1]);
        *rest = ks_str_sub(*rest, n, SIZE_MAX);
    }
}

static ks_str head_of(ks_ctx *cx, ks_str alternative, ks_str behind)
{
    ks_buf *b = ks_ctx_buf(cx, 256);
    if (b == NULL)
        return KS_NO_STR;
    literal(&alternative, b);
    if (alternative.n == 0)
        literal(&behind, b);
    return ks_buf_view(b);
}

/* Are there alternatives outside of groups? */
static bool divided(ks_str pattern)
{
    int depth = 0;
    for (size_t i = 0; i < pattern.n; i++) {
        depth += pattern.p[i] == '(' ? 1 : pattern.p[i] == ')' ? -1 : 0;
        if (pattern.p[i] == '|' && depth == 0)
            return true;
    }
    return false;
}

/* How a match begins: in one way, or in two when the pattern opens with alternatives. 0: nothing is sure. */
static size_t heads_of(ks_ctx *cx, ks_str pattern, ks_str heads[HEADS])
{
    ks_str rest = ks_str_sub(pattern, 1, SIZE_MAX), one;
    size_t n = 0, open = ks_str_starts(rest, KS_S("(")) ? 1 : 0, end = open ? ks_str_chr(rest, ')') : rest.n;
    if (!ks_str_starts(pattern, KS_S("^")) || end == SIZE_MAX)
        return 0;
    ks_str set = ks_str_sub(rest, open, end - open), behind = ks_str_sub(rest, end + open, SIZE_MAX);
    bool   sure = !divided(open ? behind : set) && (!open || ks_str_chr(set, '(') == SIZE_MAX);
    if (!sure || (behind.n > 0 && strchr("?*{", behind.p[0]) != NULL))
        return 0;
    while (ks_str_cut(&set, '|', &one)) {
        ks_str head = n < HEADS ? head_of(cx, one, behind) : KS_NO_STR;
        if (head.n < 2)
            return 0;
        heads[n++] = head;
        if (!open)
            break;
    }
    return n;
}

static bool one_of(ks_str set, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ks_str_eq(set, ks_str_of(names[i])))
            return true;
    }
    return false;
}

/* "^[a-f0-9]{32}$": what it is made of, and *number of how many; KS_MSGS when it is not of that form. */
static ks_msg count_of(ks_str pattern, ks_str *number)
{
    static const char *const hex[] = {"a-f0-9", "0-9a-f", "A-F0-9", "a-fA-F0-9", "A-Fa-f0-9", "0-9a-fA-F"};
    static const char *const any[] = {"A-Za-z0-9", "a-zA-Z0-9", "0-9A-Za-z", "0-9a-zA-Z", "a-z0-9", "A-Z0-9"};
    size_t                   end = ks_str_find(pattern, KS_S("]{"));
    if (end == SIZE_MAX || !ks_str_starts(pattern, KS_S("^[")) || !ks_str_ends(pattern, KS_S("}$")))
        return KS_MSGS;
    ks_str set = ks_str_sub(pattern, 2, end - 2);
    *number = ks_str_sub(pattern, end + 2, pattern.n - end - 4);
    if (number->n == 0 || !ks_str_only(*number, "0123456789"))
        return KS_MSGS;
    if (one_of(set, hex, KS_COUNT(hex)))
        return KS_MSG_HINT_HAS_HEX;
    return one_of(set, any, KS_COUNT(any)) ? KS_MSG_HINT_HAS_LETTERS : KS_MSGS;
}

/* ---- what the page says ---- */

static void say(hint *t, ks_msg m, const ks_places *at)
{
    if (t->begun)
        KS_HTML_WITH(t->h, "{}", ks_say_gap(t->v->lang));
    ks_say(t->h, t->v->lang, m, at);
    t->begun = true;
}

static void say_pattern(hint *t, ks_places at)
{
    ks_str heads[HEADS] = {{0}};
    size_t n = heads_of(t->cx, t->f->pattern, heads);
    ks_msg count = count_of(t->f->pattern, &at.at[KS_AT_NUMBER]);
    at.at[KS_AT_BEGINS] = heads[0];
    at.at[KS_AT_OTHER] = heads[1];
    if (n > 0 && t->f->kind != KS_APP_URL && !told(t, KS_MSG_HINT_BEGINS, KS_MSG_HINT_BEGINS_TWO))
        say(t, n > 1 ? KS_MSG_HINT_BEGINS_TWO : KS_MSG_HINT_BEGINS, &at);
    if (count != KS_MSGS && !told(t, KS_MSG_HINT_HAS_HEX, KS_MSG_HINT_CHARACTERS))
        say(t, count, &at);
    if (ks_str_eq(t->f->pattern, KS_S("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")) &&
        !told(t, KS_MSG_HINT_UUID, KS_MSG_HINT_UUID))
        say(t, KS_MSG_HINT_UUID, &at);
}

/* What is declared, as far as no sentence has said it. */
static void say_declared(hint *t)
{
    const ks_app_field *f = t->f;
    ks_places           at = t->v->places;
    at.at[KS_AT_PART] = f->suffix;
    if (f->suffix.n > 0 && !told(t, KS_MSG_HINT_PART, KS_MSG_HINT_PART_SITE))
        say(t, KS_MSG_HINT_PART_ANY, &at);
    if (f->kind == KS_APP_URL && !told(t, KS_MSG_HINT_WHOLE, KS_MSG_HINT_ADDRESS))
        say(t, KS_MSG_HINT_ADDRESS, &at);
    if (f->kind == KS_APP_HOST && !told(t, KS_MSG_HINT_HOST, KS_MSG_HINT_HOST_ANY) &&
        !told(t, KS_MSG_HINT_DB_HOST, KS_MSG_HINT_DB_HOST))
        say(t, KS_MSG_HINT_HOST_ANY, &at);
    if (f->pattern.n > 0)
        say_pattern(t, at);
    if (f->fallback.n > 0 && !told(t, KS_MSG_HINT_DB_PORT, KS_MSG_HINT_DB_PORT))
        say(t, KS_MSG_HINT_LEAVE, &at);
}

static void translated(hint *t)
{
    read_help(t);
    bool all = !told(t, KS_MSGS, KS_MSGS);
    if (!all)
        say_declared(t);
    for (size_t i = 0; i < t->n; i++) {
        if (t->says[i].is != KS_MSGS)
            say(t, t->says[i].is, &t->says[i].at);
    }
    if (all)
        return;
    /* two languages in one line are hard to read, in two directions above all */
    if (t->begun)
        KS_HTML(t->h, "<br>");
    KS_HTML(t->h, "<span lang=\"en\" dir=\"ltr\">");
    for (size_t i = 0, n = 0; i < t->n; i++) {
        if (t->says[i].is == KS_MSGS)
            KS_HTML_WITH(t->h, "{}{}", n++ > 0 ? KS_S(" ") : KS_S(""), t->says[i].text);
    }
    KS_HTML(t->h, "</span>");
}

void ks_page_hint(ks_ctx *cx, const ks_page_view *v, const ks_app_field *f, ks_html *h)
{
    hint      t = {.cx = cx, .h = h, .v = v, .f = f};
    bool      english = v->lang == &ks_langs[0];
    ks_places at = {{{0}}};
    at.at[KS_AT_EXAMPLE] = f->example;
    KS_HTML_WITH(h, "<p class=\"hint\" id=\"h-{}\">", f->name);
    if (english)
        KS_HTML_WITH(h, "<span lang=\"en\" dir=\"auto\">{}</span>", f->help);
    else
        translated(&t);
    if (f->example.n > 0) {
        if (english)
            KS_HTML(h, " ");
        else
            KS_HTML(h, "<br>");
        ks_say(h, v->lang, KS_MSG_EXAMPLE, &at);
    }
    KS_HTML(h, "</p>\n");
}
