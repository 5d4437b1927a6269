/* features/ghosts/grant.c — see grant.h. */
#include "features/ghosts/grant.h"

#include "features/actions/derive.h"
#include "features/apps/template.h"

/* One request for one token. */
typedef struct wanted {
    const ks_ghost_proof *p;
    const ks_app_derived *t;
    ks_str                method, url, body;
    ks_ghost_values       v;
} wanted;

/* ---- where ---- */

/* The last stretch of the path that fits, with an unknown path before it when `open`. */
static bool path_ends_as(wanted *w, ks_str tpl, bool open)
{
    ks_str path = w->p->ask->path;
    for (;;) {
        ks_ghost_values v = w->v;
        if (ks_ghost_path(w->p->cx, tpl, path, &v, NULL)) {
            w->v = v;
            return true;
        }
        size_t slash = open && path.n > 0 ? ks_str_chr(ks_str_sub(path, 1, SIZE_MAX), '/') : SIZE_MAX;
        if (slash == SIZE_MAX)
            return false;
        path = ks_str_sub(path, slash + 1, SIZE_MAX);
    }
}

/* An address that the ghost itself handed out ends in its name. */
static ks_str handed_out(const wanted *w, ks_str url)
{
    ks_tpl_part part;
    if (!ks_tpl_next(&url, &part) || !part.is_value || ks_app_derived_find(w->p->s, part.text) == NULL)
        return KS_S("");
    return ks_fmt(w->p->cx, "/ghost-" KS_FMT, KS_ARG(part.text));
}

static bool is_there(wanted *w)
{
    bool   open = false;
    ks_str url = ks_str_sub(w->url, 0, ks_str_chr(w->url, '?')), tpl;
    if (!ks_str_eq(w->method, w->p->ask->method))
        return false;
    if (ks_str_starts(url, KS_S("/"))) {
        ks_str base = ks_ghost_base(w->p->s, w->p->s->base, &open);
        tpl = base.n > 0 ? ks_fmt(w->p->cx, KS_FMT KS_FMT, KS_ARG(base), KS_ARG(url))
                         : ks_ghost_base(NULL, url, &(bool){false});
    } else {
        tpl = ks_fmt(w->p->cx, KS_FMT KS_FMT, KS_ARG(handed_out(w, url)),
                     KS_ARG(ks_ghost_base(w->p->s, url, &open)));
    }
    return tpl.p != NULL && path_ends_as(w, tpl.n > 0 ? tpl : KS_S("/"), open);
}

/* ---- what ---- */

static bool query_fits(wanted *w)
{
    ks_ctx *cx = w->p->cx;
    ks_str  rest = ks_str_sub(ks_str_sub(w->url, ks_str_chr(w->url, '?'), SIZE_MAX), 1, SIZE_MAX), pair;
    while (ks_str_cut(&rest, '&', &pair)) {
        size_t eq = ks_str_chr(pair, '=');
        ks_str found = ks_ghost_query(cx, w->p->ask->query, ks_str_sub(pair, 0, eq));
        ks_str tpl = eq == SIZE_MAX ? KS_S("") : ks_str_sub(pair, eq + 1, SIZE_MAX);
        if (!ks_ghost_fits(w->p->s, tpl, found, &w->v))
            return false;
    }
    return true;
}

static bool form_fits(wanted *w, const ks_json *tpl)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *want;
    while (ks_json_each(tpl, &it, &name, &want)) {
        if (!ks_ghost_fits(w->p->s, ks_json_scalar(w->p->cx, want),
                           ks_ghost_query(w->p->cx, w->p->ask->body, name), &w->v))
            return false;
    }
    return true;
}

static bool body_fits(wanted *w)
{
    ks_json *tpl, *sent = NULL;
    ks_ctx   own = *w->p->cx; /* a body that is no JSON is refused */
    if (w->t->encoding == KS_ENCODE_NONE)
        return w->p->ask->body.n == 0;
    if (ks_json_parse(&own, w->body, &tpl) != KS_OK)
        return false;
    if (w->t->encoding == KS_ENCODE_FORM)
        return form_fits(w, tpl);
    return ks_json_parse(&own, w->p->ask->body, &sent) == KS_OK && ks_ghost_json(w->p, tpl, sent, &w->v);
}

static bool all_fits(wanted *w)
{
    const ks_app_derived *t = w->t;
    bool                  ok = query_fits(w);
    for (size_t i = 0; i < t->headers.n && ok; i++)
        ok = ks_ghost_fits(w->p->s, t->headers.at[i].value, ks_ghost_header(w->p->ask, t->headers.at[i].name),
                           &w->v);
    if (ok && (t->basic_user.p != NULL || t->basic_password.p != NULL))
        ok = ks_ghost_basic(w->p->cx, t->basic_user, t->basic_password, w->p->ask, &w->v);
    return ok && body_fits(w);
}

/* ---- the answer ---- */

static bool says(const wanted *w, const char *word)
{
    bool hit = false;
    for (size_t i = 0; i < w->v.n; i++)
        hit |= ks_str_find(w->v.at[i].value, ks_str_of(word)) != SIZE_MAX;
    return hit;
}

/* The moment an hour from now for `until`, the seconds for `lasts`. */
static ks_str end_of(const wanted *w)
{
    return w->t->until.p != NULL ? ks_fmt(w->p->cx, "%lld", (long long)(w->p->cx->now_us / 1000000 + 3600))
                                 : KS_S("3600");
}

static ks_status hand_out(const wanted *w, ks_str word, ks_ghost_answer *out)
{
    const ks_ghost_proof *p = w->p;
    ks_ghost_leaf         leaves[KS_MAX_FIELDS];
    size_t                n = 0;
    ks_str                token = ks_derive_is_address(p->s, w->t->name) ? ks_ghost_member(p, w->t->name)
                                                                         : ks_ghost_issue(p, w->t->name, &w->v, word);
    ks_str                again = ks_fmt(p->cx, KS_FMT KS_DERIVE_REFRESH, KS_ARG(w->t->name));
    if (token.p == NULL || again.p == NULL)
        return ks_no_memory(p->cx);
    out->status = 200;
    out->body = token;
    if (w->t->pointer.n == 0)
        return KS_OK;
    leaves[n++] = (ks_ghost_leaf){w->t->pointer, token};
    if (w->t->until.p != NULL || ks_str_starts(w->t->lasts, KS_S("/")))
        leaves[n++] = (ks_ghost_leaf){w->t->until.p != NULL ? w->t->until : w->t->lasts, end_of(w)};
    if (w->t->refresh_pointer.p != NULL)
        leaves[n++] = (ks_ghost_leaf){w->t->refresh_pointer, ks_ghost_issue(p, again, &w->v, word)};
    for (size_t i = 0; i < p->s->derive_n && n < KS_COUNT(leaves); i++) {
        const ks_app_derived *m = &p->s->derive[i];
        if (m->make == KS_MAKE_MEMBER && ks_str_eq(m->from, w->t->name))
            leaves[n++] = (ks_ghost_leaf){m->pointer, ks_ghost_member(p, m->name)};
    }
    return ks_ghost_tree(p->cx, leaves, n, out);
}

static ks_status judge(wanted *w, ks_ghost_answer *out)
{
    ks_ghost_proof proof = *w->p;
    if (!all_fits(w) || !ks_ghost_proven(&proof, &w->v) || says(w, "wrong"))
        return ks_ghost_error(w->p->cx, 401, "invalid_client", out);
    if (says(w, "down"))
        return ks_ghost_error(w->p->cx, 503, "the simulated vendor is down", out);
    out->slow = says(w, "slow");
    return hand_out(w, says(w, "limited") ? KS_S("limited") : proof.word, out);
}

/* With what renews it: that is the credential then. */
static ks_status judge_renewal(wanted *w, ks_ghost_answer *out)
{
    ks_ghost_values none = {.n = 0};
    ks_str          value = KS_NO_STR, name = ks_fmt(w->p->cx, KS_FMT KS_DERIVE_REFRESH, KS_ARG(w->t->name));
    ks_ghost_proof  proof = *w->p;
    for (size_t i = 0; all_fits(w) && i < w->v.n; i++) {
        if (ks_str_eq(w->v.at[i].name, KS_S("refresh_token")))
            value = w->v.at[i].value;
    }
    if (name.p == NULL || !ks_ghost_issued(&proof, name, value, &none))
        return ks_ghost_error(w->p->cx, 401, "invalid_grant", out);
    return hand_out(w, proof.word, out);
}

ks_status ks_ghost_grant(const ks_ghost_proof *p, ks_ghost_answer *out, bool *is)
{
    *is = false;
    for (size_t i = 0; i < p->s->derive_n; i++) {
        const ks_app_derived *t = &p->s->derive[i];
        wanted                w = {p, t, t->method, t->url, t->body, {.n = 0}};
        wanted                r = {p, t, KS_S("POST"), t->refresh_url, t->refresh_body, {.n = 0}};
        if (t->make != KS_MAKE_TOKEN)
            continue;
        *is = true;
        if (is_there(&w))
            return judge(&w, out);
        if (t->refresh_url.p != NULL && is_there(&r))
            return judge_renewal(&r, out);
        *is = false;
    }
    return KS_OK;
}
