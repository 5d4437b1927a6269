/* features/ghosts/answer.c — see answer.h. A tree grows along RFC 6901 pointers: names that are all numbers
 * make an array. Depth and width are bounded. */
#include "features/ghosts/answer.h"

#include "base/json.h"

enum { DEPTH = 16, WIDTH = 32, ANSWER_MAX = 4 * 1024 * 1024 };

typedef struct twig {
    ks_str       name, text;
    bool         leaf; /* holds text */
    struct twig *first, *next;
} twig;

static twig *grow(ks_ctx *cx, twig *up, ks_str name)
{
    twig **at = &up->first;
    while (*at != NULL && !ks_str_eq((*at)->name, name))
        at = &(*at)->next;
    if (*at == NULL) {
        *at = ks_zalloc(cx, sizeof **at);
        if (*at != NULL)
            (*at)->name = name;
    }
    return *at;
}

/* "~1" and "~0" of a pointer's segment. */
static ks_str unescaped(ks_ctx *cx, ks_str s)
{
    char  *p = ks_alloc(cx, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; p != NULL && i < s.n; i++) {
        bool tilde = s.p[i] == '~' && i + 1 < s.n;
        p[n++] = tilde ? (s.p[++i] == '1' ? '/' : '~') : s.p[i];
    }
    return p != NULL ? (ks_str){p, n} : KS_NO_STR;
}

/* Put `text` where `pointer` leads; what stands there or on the way stays. */
static ks_status plant(ks_ctx *cx, twig *root, ks_str pointer, ks_str text)
{
    ks_str rest = ks_str_sub(pointer, 1, SIZE_MAX), part;
    twig  *t = root;
    if (pointer.p == NULL)
        return KS_OK;
    for (size_t depth = 0; pointer.n > 0 && !t->leaf; depth++) {
        if (depth == DEPTH)
            return KS_OK;
        if (!ks_str_cut(&rest, '/', &part))
            break;
        part = unescaped(cx, part);
        t = part.p != NULL ? grow(cx, t, part) : NULL;
        if (t == NULL)
            return KS_NO_MEMORY;
    }
    if (!t->leaf && t->first == NULL) {
        t->leaf = true;
        t->text = text;
    }
    return KS_OK;
}

static bool is_array(const twig *t)
{
    uint64_t n;
    for (const twig *c = t->first; c != NULL; c = c->next) {
        if (!ks_str_u64(c->name, &n) || n >= WIDTH)
            return false;
    }
    return t->first != NULL;
}

static void put_scalar(ks_jw *w, ks_str text)
{
    uint64_t n;
    bool     number = ks_str_u64(text, &n) && (text.n == 1 || text.p[0] != '0') && text.n < 16;
    if (number || ks_str_eq(text, KS_S("true")) || ks_str_eq(text, KS_S("false")))
        ks_jw_raw(w, NULL, text);
    else
        ks_jw_str(w, NULL, text);
}

static void put_twig(ks_jw *w, const twig *t);

static void put_array(ks_jw *w, const twig *t)
{
    size_t left = 0;
    for (const twig *c = t->first; c != NULL; c = c->next)
        left++;
    ks_jw_arr(w, NULL);
    for (uint64_t i = 0; left > 0; i++) {
        const twig *hit = NULL;
        uint64_t    n;
        for (const twig *c = t->first; c != NULL && hit == NULL; c = c->next)
            hit = ks_str_u64(c->name, &n) && n == i ? c : NULL;
        if (hit != NULL) {
            put_twig(w, hit);
            left--;
        } else {
            ks_jw_null(w, NULL);
        }
    }
    ks_jw_end(w, ']');
}

/* Depth is bounded by DEPTH. */
static void put_twig(ks_jw *w, const twig *t)
{
    if (t->leaf) {
        put_scalar(w, t->text);
        return;
    }
    if (is_array(t)) {
        put_array(w, t);
        return;
    }
    ks_jw_obj(w, NULL);
    for (const twig *c = t->first; c != NULL; c = c->next) {
        ks_jw_name(w, c->name);
        put_twig(w, c);
    }
    ks_jw_end(w, '}');
}

static ks_status plant_identity(ks_ctx *cx, twig *root, const ks_app *app, const ks_app_check *c)
{
    ks_str name = ks_fmt(cx, "ghost-" KS_FMT, KS_ARG(app->key));
    ks_str email = ks_fmt(cx, "ghost-" KS_FMT "@keysteward.example", KS_ARG(app->key));
    if (name.p == NULL || email.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(plant(cx, root, c->identity.id, name));
    KS_TRY(plant(cx, root, c->identity.name, name));
    KS_TRY(plant(cx, root, c->identity.email, email));
    KS_TRY(plant(cx, root, c->identity.account, name));
    return plant(cx, root, c->identity.plan, KS_S("ghost"));
}

ks_status ks_ghost_say(ks_ctx *cx, const ks_app *app, const ks_app_answer *a, int otherwise,
                       const ks_app_check *identity, ks_ghost_answer *out)
{
    twig    root = {0};
    ks_buf *b = ks_ctx_buf(cx, ANSWER_MAX);
    if (b == NULL)
        return KS_NO_MEMORY;
    if (a->value.p != NULL && !ks_str_eq(a->value, KS_S("*")))
        KS_TRY(plant(cx, &root, a->pointer, a->value));
    if (identity != NULL)
        KS_TRY(plant_identity(cx, &root, app, identity));
    KS_TRY(plant(cx, &root, a->pointer, KS_S("ghost"))); /* for "*", where no identity stands */
    if (root.first == NULL && !root.leaf && identity == NULL)
        KS_TRY(plant(cx, &root, KS_S("/error"), KS_S("refused by the simulated vendor")));
    ks_jw w = ks_jw_new(b);
    put_twig(&w, &root);
    out->status = a->status != 0 ? a->status : otherwise;
    out->body = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_ghost_tree(ks_ctx *cx, const ks_ghost_leaf *leaves, size_t n, ks_ghost_answer *out)
{
    twig    root = {0};
    ks_buf *b = ks_ctx_buf(cx, ANSWER_MAX);
    if (b == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        KS_TRY(plant(cx, &root, leaves[i].pointer, leaves[i].text));
    ks_jw w = ks_jw_new(b);
    put_twig(&w, &root);
    out->status = 200;
    out->body = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_ghost_error(ks_ctx *cx, int status, const char *text, ks_ghost_answer *out)
{
    out->status = status;
    out->body = ks_fmt(cx, "{\"error\":\"%s\"}", text); /* literals of ours: nothing to escape */
    return out->body.p != NULL ? KS_OK : KS_NO_MEMORY;
}

/* ---- echo ---- */

static bool carries(const ks_ghost_values *v, ks_str text)
{
    for (size_t i = 0; i < v->n; i++) {
        if (v->at[i].value.n > 0 && ks_str_find(text, v->at[i].value) != SIZE_MAX)
            return true;
    }
    return false;
}

static bool is_put(ks_app_puts puts, ks_str name)
{
    for (size_t i = 0; i < puts.n; i++) {
        if (ks_str_eq(puts.at[i].name, name))
            return true;
    }
    return false;
}

/* Members of a query or form but those that carry the credential. */
static void put_pairs(ks_ctx *cx, ks_jw *w, const char *name, ks_str pairs, ks_app_puts hidden,
                      const ks_ghost_values *v)
{
    ks_str pair;
    ks_jw_obj(w, name);
    while (ks_str_cut(&pairs, '&', &pair)) {
        ks_str own = ks_ghost_decoded(cx, ks_str_sub(pair, 0, ks_str_chr(pair, '=')),
                                      true); /* items[0][id] */
        ks_str value = ks_ghost_query(cx, pair, own);
        if (own.n == 0 || value.p == NULL || is_put(hidden, own) || carries(v, value))
            continue;
        ks_jw_name(w, own);
        ks_jw_str(w, NULL, value);
    }
    ks_jw_end(w, '}');
}

static void put_members(ks_jw *w, const ks_json *body, ks_app_puts hidden)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *value;
    ks_jw_obj(w, "body");
    while (ks_json_each(body, &it, &name, &value)) {
        if (is_put(hidden, name))
            continue;
        ks_jw_name(w, name);
        ks_jw_value(w, NULL, value);
    }
    ks_jw_end(w, '}');
}

static void put_body(ks_ctx *cx, ks_jw *w, const ks_app_scheme *s, const ks_ghost_ask *ask,
                     const ks_ghost_values *v)
{
    ks_app_puts hidden = s != NULL ? s->body : (ks_app_puts){0};
    ks_str      type = ks_ghost_header(ask, KS_S("content-type"));
    ks_json    *body = NULL;
    if (ask->body.n == 0)
        ks_jw_null(w, "body");
    else if (ks_str_starts(type, KS_S("application/x-www-form-urlencoded")))
        put_pairs(cx, w, "body", ask->body, hidden, v);
    else if (ks_json_parse(cx, ask->body, &body) == KS_OK && ks_json_kind(body) == KS_JSON_OBJ)
        put_members(w, body, hidden);
    else if (body != NULL && !carries(v, ask->body))
        ks_jw_value(w, "body", body);
    else if (ks_str_utf8(ask->body) && !carries(v, ask->body))
        ks_jw_str(w, "body", ask->body);
    else
        ks_jw_null(w, "body");
}

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void put_header_names(ks_ctx *cx, ks_jw *w, const ks_ghost_ask *ask)
{
    ks_jw_arr(w, "headers");
    for (size_t i = 0; i < ask->headers_n; i++) {
        ks_str name = ask->headers[i].name;
        char  *p = ks_alloc(cx, name.n + 1);
        for (size_t j = 0; p != NULL && j < name.n; j++)
            p[j] = folded(name.p[j]);
        if (p != NULL && !ks_str_starts((ks_str){p, name.n}, KS_S("ks-ghost")))
            ks_jw_str(w, NULL, (ks_str){p, name.n});
    }
    ks_jw_end(w, ']');
}

ks_status ks_ghost_echo(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s, const ks_ghost_ask *ask,
                        ks_str path, const ks_ghost_values *v, ks_ghost_answer *out)
{
    ks_buf *b = ks_ctx_buf(cx, ANSWER_MAX);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "ghost", app->key);
    ks_jw_str(&w, "method", ask->method);
    ks_jw_str(&w, "path", carries(v, path) ? KS_NO_STR : path);
    put_pairs(cx, &w, "query", ask->query, s != NULL ? s->query : (ks_app_puts){0}, v);
    put_header_names(cx, &w, ask);
    put_body(cx, &w, s, ask, v);
    ks_jw_end(&w, '}');
    out->status = 200;
    out->body = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}
