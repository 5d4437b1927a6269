/* features/apps/recognise.c — see recognise.h. First what came along with the key is peeled off, each layer
 * with a warning; then the table of shapes is asked. A pattern is compiled only when beginning and length fit
 * already, because compiling is the dear part (5 to 400 us each). Threads: any. */
#include "features/apps/recognise.h"

#include <stdlib.h>

#include "features/reach.h"

#define BLANKS " \t\r\n"

enum { BEGINNING = 3 }; /* bytes of a beginning that mean something: "sk" alone is many vendors' */

const char *ks_shape_kind_word(ks_shape_kind kind)
{
    static const char *const words[] = {"secret", "restricted", "test", "publishable"};
    return words[kind];
}

/* ---- what came along ---- */

static void warn(ks_recognition *r, const char *code, const char *text)
{
    for (size_t i = 0; i < r->warnings_n; i++) {
        if (strcmp(r->warnings[i].code, code) == 0)
            return;
    }
    if (r->warnings_n < KS_KEY_WARNINGS_MAX)
        r->warnings[r->warnings_n++] = (ks_key_warning){code, text};
}

static ks_status cut_ends(ks_ctx *cx, const ks_secret **s, size_t front, size_t back)
{
    ks_secret *rest;
    size_t     n = ks_secret_len(*s);
    KS_TRY(ks_secret_slice(cx, *s, front, n - front - back, &rest));
    *s = rest;
    return KS_OK;
}

/* Take one layer off; *more tells whether there was one. */
static ks_status peel_blanks(ks_ctx *cx, ks_recognition *r, const ks_secret **s, bool *more)
{
    size_t front, back;
    ks_secret_edges(*s, BLANKS, &front, &back);
    *more = front + back > 0;
    if (*more)
        warn(r, "blanks", "Blanks or line breaks surround the key. Paste it without them.");
    return *more ? cut_ends(cx, s, front, back) : KS_OK;
}

static ks_status peel_quotes(ks_ctx *cx, ks_recognition *r, const ks_secret **s, bool *more)
{
    static const char *const pairs[][2] = {{"\"", "\""},
                                           {"'", "'"},
                                           {"`", "`"},
                                           {"<", ">"},
                                           {"\xe2\x80\x9c", "\xe2\x80\x9d"},
                                           {"\xe2\x80\x98", "\xe2\x80\x99"}};
    *more = false;
    for (size_t i = 0; i < KS_COUNT(pairs) && !*more; i++) {
        ks_str open = ks_str_of(pairs[i][0]), close = ks_str_of(pairs[i][1]);
        if (ks_secret_len(*s) <= open.n + close.n || !ks_secret_begins(*s, open, false) ||
            !ks_secret_ends(*s, close))
            continue;
        *more = true;
        warn(r, "quoted", "The key stands in quotes. They are no part of it; paste what is between them.");
        KS_TRY(cut_ends(cx, s, open.n, close.n));
    }
    return KS_OK;
}

/* "Authorization: Bearer KEY", "STRIPE_KEY=KEY" */
static ks_status peel_prefix(ks_ctx *cx, ks_recognition *r, const ks_secret **s, bool *more)
{
    static const char *const heads[] = {"authorization:", "x-api-key:", "bearer ", "token ", "basic "};
    size_t                   front = 0;
    for (size_t i = 0; i < KS_COUNT(heads) && front == 0; i++) {
        if (ks_secret_begins(*s, ks_str_of(heads[i]), true))
            front = strlen(heads[i]);
    }
    if (front == 0 && ks_secret_matches(*s, "^(export +)?[A-Z][A-Z0-9_]*_[A-Z0-9_]*=."))
        front = ks_secret_find(*s, '=') + 1;
    *more = front > 0 && front < ks_secret_len(*s);
    if (*more)
        warn(r, "prefixed", "Something stands before the key, such as Bearer or NAME=. Paste the key alone.");
    return *more ? cut_ends(cx, s, front, 0) : KS_OK;
}

static ks_status peel(ks_ctx *cx, ks_recognition *r, const ks_secret **s)
{
    bool a = true, b = true, c = true;
    for (int i = 0; i < 8 && (a || b || c); i++) {
        KS_TRY(peel_blanks(cx, r, s, &a));
        KS_TRY(peel_quotes(cx, r, s, &b));
        KS_TRY(peel_prefix(cx, r, s, &c));
    }
    if (ks_secret_matches(*s, "[[:space:]]")) {
        ks_secret *joined;
        warn(r, "blanks", "Blanks or line breaks stand inside the key. Copy it again, in one line.");
        KS_TRY(ks_secret_without(cx, *s, BLANKS, &joined));
        *s = joined;
    }
    if (ks_secret_matches(*s, "\\.\\.\\.|\xe2\x80\xa6|\\*\\*\\*|\xe2\x80\xa2\xe2\x80\xa2"))
        warn(r, "truncated",
             "Dots or stars stand for a part of the key. Copy the whole key where it is shown in full.");
    else if (ks_secret_matches(*s, "[^ -~]"))
        warn(r, "characters",
             "The key holds characters that keys do not have. Copy it again from the vendor's page.");
    return KS_OK;
}

/* ---- shapes ---- */

/* Does such a beginning say whose key it is? Two letters do when the length is one and only. */
static bool tells(const ks_key_shape *shape)
{
    size_t begins = strlen(shape->begins);
    return begins >= BEGINNING || (begins + 1 == BEGINNING && shape->min == shape->max);
}

static void judge(const ks_key_shape *shape, const ks_secret *s, ks_recognition *r, bool cut)
{
    size_t begins = strlen(shape->begins), n = ks_secret_len(s);
    bool   whole = n >= shape->min && (shape->max == 0 || n <= shape->max);
    if (r->n == KS_GUESSES_MAX || whole == cut || !ks_secret_begins(s, ks_str_of(shape->begins), false))
        return;
    bool hit = cut ? begins > BEGINNING && n < shape->min && n > begins
                   : ks_secret_matches(s, shape->pattern);
    if (hit)
        r->guesses[r->n++] = (ks_guess){.shape = shape, .likely = tells(shape), .cut = cut};
}

static int likelier(const void *a, const void *b)
{
    const ks_guess *x = a, *y = b;
    size_t          bx = strlen(x->shape->begins), by = strlen(y->shape->begins);
    bool            ex = x->shape->min == x->shape->max, ey = y->shape->min == y->shape->max;
    bool kx = x->app != NULL && x->app->actions_n > 0, ky = y->app != NULL && y->app->actions_n > 0;
    if (bx != by)
        return bx > by ? -1 : 1;
    if (ex != ey)
        return ex ? -1 : 1;
    if (kx != ky) /* apps with actions are the ones people use most */
        return kx ? -1 : 1;
    return x->shape < y->shape ? -1 : 1;
}

static void warn_of_kind(ks_recognition *r)
{
    static const char *const texts[][2] = {
        [KS_SHAPE_RESTRICTED] = {"restricted",
                                 "Keys that look so work for a part of the API only, or for something else. "
                                 "The first guess says what it is."},
        [KS_SHAPE_TEST] = {"test",
                           "This looks like a key of a test mode or sandbox: it never touches live data."},
        [KS_SHAPE_PUBLIC] = {"publishable",
                             "This looks like a publishable key or an identifier, which opens nothing by "
                             "itself. The secret one is needed."}};
    const ks_guess *first = r->guesses;
    if (r->n > 0 && first->likely && first->cut)
        warn(r, "truncated", "The key begins like a known one and is too short for it. Copy it whole.");
    if (r->n > 0 && first->likely && first->shape->kind != KS_SHAPE_SECRET)
        warn(r, texts[first->shape->kind][0], texts[first->shape->kind][1]);
}

ks_status ks_recognise(ks_ctx *cx, const ks_catalog *c, const ks_secret *pasted, ks_recognition *out)
{
    const ks_secret *s = pasted;
    *out = (ks_recognition){.n = 0};
    KS_TRY(peel(cx, out, &s));
    if (ks_secret_len(s) == 0)
        return ks_fail(cx, KS_INVALID, "key", "The key is empty. Paste the key to look at.");
    for (size_t i = 0; i < ks_key_shapes_n; i++)
        judge(&ks_key_shapes[i], s, out, false);
    bool sure = false;
    for (size_t i = 0; i < out->n; i++)
        sure |= out->guesses[i].likely;
    for (size_t i = 0; i < ks_key_shapes_n && !sure; i++)
        judge(&ks_key_shapes[i], s, out, true);
    for (size_t i = 0; i < out->n; i++) {
        const ks_app *app = ks_catalog_app(cx, c, ks_str_of(out->guesses[i].shape->app));
        out->guesses[i].app = app != NULL && ks_reach_app(cx, app->key) ? app : NULL;
    }
    qsort(out->guesses, out->n, sizeof *out->guesses, likelier);
    warn_of_kind(out);
    return KS_OK;
}

/* ---- the answer ---- */

static void put_guess(ks_jw *w, const ks_guess *g)
{
    ks_jw_obj(w, NULL);
    ks_jw_z(w, "app", g->shape->app);
    ks_jw_bool(w, "in_catalogue", g->app != NULL);
    if (g->app != NULL)
        ks_jw_str(w, "name", g->app->name);
    ks_jw_z(w, "what", g->shape->what);
    ks_jw_z(w, "kind", ks_shape_kind_word(g->shape->kind));
    ks_jw_z(w, "certainty", g->likely ? "likely" : "possible");
    ks_jw_bool(w, "complete", !g->cut);
    ks_jw_end(w, '}');
}

void ks_recognition_put(ks_jw *w, const ks_recognition *r)
{
    ks_jw_obj(w, NULL);
    ks_jw_arr(w, "guesses");
    for (size_t i = 0; i < r->n; i++)
        put_guess(w, &r->guesses[i]);
    ks_jw_end(w, ']');
    ks_jw_arr(w, "warnings");
    for (size_t i = 0; i < r->warnings_n; i++) {
        ks_jw_obj(w, NULL);
        ks_jw_z(w, "code", r->warnings[i].code);
        ks_jw_z(w, "text", r->warnings[i].text);
        ks_jw_end(w, '}');
    }
    ks_jw_end(w, ']');
    ks_jw_end(w, '}');
}
