/* features/ghosts/ghost.c — one request to a simulated vendor, judged. Pure; see ghost.h. */
#include "features/ghosts/ghost.h"

#include "features/ghosts/answer.h"
#include "features/ghosts/grant.h"
#include "features/ghosts/place.h"
#include "features/ghosts/signed.h"

/* One judgement under way. */
typedef struct judge {
    ks_ctx              *cx;
    const ks_app        *app;
    const ks_app_scheme *scheme; /* NULL: the app needs no credential */
    const ks_ghost_ask  *ask;
    ks_ghost_values      values;
    ks_str               below; /* the path behind the base */
    ks_str               word;  /* what a token says of the credential it was handed out for */
} judge;

/* Where a private key is the secret, it cannot hold a word. */
static bool signs(const ks_app_scheme *s)
{
    bool any = false;
    for (size_t i = 0; s != NULL && i < s->derive_n; i++)
        any |= s->derive[i].make == KS_MAKE_JWT;
    return any;
}

/* Does a value hold the word? Secret ones are asked, or all when none is secret. */
static bool says(const judge *j, ks_str word)
{
    bool secret = false, any = false, hit = false, keys = signs(j->scheme);
    for (size_t i = 0; i < j->values.n; i++) {
        const ks_app_field *f = ks_app_field_find(j->scheme, j->values.at[i].name);
        ks_str              value = j->values.at[i].value; /* some vendors want it in capitals */
        bool                held = keys ? ks_str_iholds(value, word) : ks_str_find(value, word) != SIZE_MAX;
        secret |= f != NULL && f->secret;
        hit |= f != NULL && f->secret && held;
        any |= held;
    }
    return (secret && !keys ? hit : any) || ks_str_eq(j->word, word);
}

/* ---- paths ---- */

/* Try `tpl` at the beginning of the path, or with an unknown path before it. */
static bool path_fits(judge *j, ks_str tpl, bool open, ks_str *rest)
{
    ks_str path = j->ask->path;
    for (;;) {
        ks_ghost_values values = j->values;
        if (ks_ghost_path(j->cx, tpl, path, &values, rest)) {
            j->values = values;
            return true;
        }
        size_t slash = open && path.n > 0 ? ks_str_chr(ks_str_sub(path, 1, SIZE_MAX), '/') : SIZE_MAX;
        if (slash == SIZE_MAX)
            return false;
        path = ks_str_sub(path, slash + 1, SIZE_MAX);
    }
}

/* Does the path begin as that of a whole URL does, up to its first value? */
static bool begins_as(const judge *j, ks_str url)
{
    bool open;
    if (!ks_str_starts(url, KS_S("https://")))
        return false;
    ks_str tpl = ks_ghost_base(NULL, ks_str_sub(url, 0, ks_str_chr(url, '?')), &open);
    return ks_str_starts(j->ask->path, ks_str_sub(tpl, 0, ks_str_chr(tpl, '{')));
}

/* An action or a check that names a whole URL lives beside the base. */
static bool some_url_fits(const judge *j)
{
    if (j->scheme != NULL && begins_as(j, j->scheme->check.path))
        return true;
    for (size_t i = 0; i < j->app->actions_n; i++) {
        if (begins_as(j, j->app->actions[i].path))
            return true;
    }
    return false;
}

static bool base_fits(judge *j)
{
    bool   open;
    ks_str base = ks_ghost_base(j->scheme, j->scheme != NULL ? j->scheme->base : j->app->open_base, &open);
    if (path_fits(j, base, open, &j->below))
        return true;
    j->below = j->ask->path;
    return some_url_fits(j);
}

/* ---- the check ---- */

static bool check_query_fits(judge *j, ks_str wanted)
{
    ks_str pair;
    while (ks_str_cut(&wanted, '&', &pair)) {
        size_t eq = ks_str_chr(pair, '=');
        ks_str name = ks_ghost_decoded(j->cx, ks_str_sub(pair, 0, eq), true);
        ks_str found = ks_ghost_query(j->cx, j->ask->query, name);
        if (found.p == NULL ||
            (eq != SIZE_MAX && !ks_ghost_text(ks_ghost_query(j->cx, pair, name), found, &j->values)))
            return false;
    }
    return true;
}

/* Is this request the check of the scheme: method, path, query, headers, body? */
static bool is_check(const judge *j)
{
    const ks_app_check *c = &j->scheme->check;
    judge               t = *j; /* values met on the way do not count */
    bool                open = false, whole = ks_str_starts(c->path, KS_S("https://"));
    size_t              mark = ks_str_chr(c->path, '?');
    ks_str              path = ks_str_sub(c->path, 0, mark), query = ks_str_sub(c->path, mark, SIZE_MAX);
    ks_str              base = ks_ghost_base(j->scheme, whole ? path : j->scheme->base, &open);
    if (c->method.p == NULL || !ks_str_eq(c->method, j->ask->method))
        return false;
    ks_str tpl = whole ? base : ks_fmt(j->cx, KS_FMT KS_FMT, KS_ARG(base), KS_ARG(path));
    if (base.n == 0 && !whole) /* leading "/api" segments are cut off every request */
        tpl = ks_ghost_base(NULL, path, &(bool){false});
    if (tpl.p == NULL || !path_fits(&t, tpl.n > 0 ? tpl : KS_S("/"), open, NULL) ||
        !check_query_fits(&t, ks_str_sub(query, 1, SIZE_MAX)))
        return false;
    for (size_t i = 0; i < c->headers.n; i++) {
        if (!ks_ghost_text(c->headers.at[i].value, ks_ghost_header(j->ask, c->headers.at[i].name), &t.values))
            return false;
    }
    return c->body.p == NULL || j->scheme->body.n > 0 || ks_ghost_text(c->body, j->ask->body, &t.values);
}

static ks_status refuse(const judge *j, ks_ghost_answer *out)
{
    const ks_app_check *c = j->scheme != NULL ? &j->scheme->check : NULL;
    out->challenge = ks_ghost_challenge(j->scheme);
    if (out->challenge.n > 0) /* without its own status nobody would answer it */
        return ks_ghost_error(j->cx, 401, "no valid digest", out);
    if (c != NULL && c->bad.n > 0)
        return ks_ghost_say(j->cx, j->app, &c->bad.at[0], 200, NULL, out);
    return ks_ghost_error(j->cx, 401, "no valid credential in the declared place", out);
}

static ks_status answer_check(const judge *j, ks_ghost_answer *out)
{
    const ks_app_check *c = &j->scheme->check;
    if (says(j, KS_S("limited")) && c->limited.n > 0)
        return ks_ghost_say(j->cx, j->app, &c->limited.at[0], 200, NULL, out);
    return ks_ghost_say(j->cx, j->app, &c->good.at[0], 200, c, out);
}

/* ---- who is meant ---- */

static bool placed(judge *j)
{
    ks_ghost_proof proof = {.cx = j->cx, .app = j->app, .s = j->scheme, .ask = j->ask};
    if (!base_fits(j))
        return false;
    if (j->scheme != NULL &&
        !(ks_ghost_in_place(j->cx, j->scheme, j->ask, &j->values) &&
          ks_ghost_signed(j->cx, j->scheme, j->ask, &j->values) &&
          ks_ghost_proven(&proof, &j->values))) /* of a token a signature was made with, too */
        return false;
    j->word = proof.word;
    return true;
}

/* A call that brings its own credentials names no scheme: the first one whose places hold something fits. */
static bool placed_somewhere(judge *j)
{
    for (size_t i = 0; i < j->app->schemes_n; i++) {
        judge t = *j;
        t.scheme = &j->app->schemes[i];
        if (placed(&t)) {
            *j = t;
            return true;
        }
    }
    j->scheme = &j->app->schemes[0];
    return false;
}

ks_status ks_ghost_judge(ks_ctx *cx, const ks_catalog *c, const ks_ghost_ask *ask, ks_ghost_answer *out)
{
    judge  j = {.cx = cx, .ask = ask};
    size_t dot = ks_str_chr(ask->name, '.');
    ks_str scheme = ks_str_sub(ks_str_sub(ask->name, dot, SIZE_MAX), 1, SIZE_MAX);
    *out = (ks_ghost_answer){0};
    j.app = ks_catalog_app(cx, c, ks_str_sub(ask->name, 0, dot));
    if (j.app == NULL)
        return ks_ghost_error(cx, 404, "the header ks-ghost names no app of the catalogue", out);
    if (scheme.n > 0)
        j.scheme = ks_app_scheme_find(j.app, scheme);
    if (scheme.n > 0 && j.scheme == NULL)
        return ks_ghost_error(cx, 401, "the header ks-ghost names no scheme of the app", out);
    if (j.scheme != NULL) {
        const ks_ghost_proof proof = {.cx = cx, .app = j.app, .s = j.scheme, .ask = ask};
        bool                 is;
        KS_TRY(ks_ghost_grant(&proof, out, &is));
        if (is)
            return KS_OK;
    }
    bool search = j.scheme == NULL && j.app->schemes_n > 0;
    if (!(search ? placed_somewhere(&j) : placed(&j)) || says(&j, KS_S("wrong")))
        return refuse(&j, out);
    if (says(&j, KS_S("down")))
        return ks_ghost_error(cx, 503, "the simulated vendor is down", out);
    out->slow = says(&j, KS_S("slow"));
    if (j.scheme != NULL && is_check(&j))
        return answer_check(&j, out);
    return ks_ghost_echo(cx, j.app, j.scheme, ask, j.below, &j.values, out);
}
