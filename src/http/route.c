/* http/route.c — see route.h. A walk over all tables: patterns differ in their first characters, so a miss
 * costs a few nanoseconds and the whole walk less than one microsecond for 150 routes (route_test.c measures
 * it). */
#include "http/route.h"

ks_str ks_path_strip(ks_str path)
{
    while (ks_str_starts(path, KS_S("/api")) && (path.n == 4 || path.p[4] == '/'))
        path = ks_str_sub(path, 4, SIZE_MAX);
    return path.n == 0 ? KS_S("/") : path;
}

static bool under(ks_str path, ks_str root)
{
    return ks_str_starts(path, root) &&
           (path.n == root.n || path.p[root.n] == '/' || path.p[root.n] == '.' || path.p[root.n] == '?');
}

ks_view ks_path_view(ks_str path)
{
    if (under(path, KS_S("/v1")) || under(path, KS_S("/v2")))
        return KS_VIEW_V1;
    if (under(path, KS_S("/dash")))
        return KS_VIEW_PAGE;
    return under(path, KS_S("/v3")) ? KS_VIEW_V3 : KS_VIEW_NATIVE;
}

/* Take the parameter whose pattern begins at *z (a '{') off the path. False when the segment is empty. */
static bool take_param(const char **z, ks_str path, size_t *at, ks_route_hit *hit)
{
    const char *end = strchr(*z, '}');
    if (end == NULL || hit->params_n == KS_MAX_PARAMS)
        return false;
    ks_str name = {*z + 1, (size_t)(end - *z - 1)};
    bool   rest = ks_str_ends(name, KS_S("..."));
    ks_str left = ks_str_sub(path, *at, SIZE_MAX);
    size_t slash = rest ? SIZE_MAX : ks_str_chr(left, '/');
    ks_str value = ks_str_sub(left, 0, slash);
    if (value.n == 0 && !rest)
        return false;
    hit->rest[hit->params_n] = rest;
    hit->params[hit->params_n++] = (ks_req_pair){rest ? ks_str_sub(name, 0, name.n - 3) : name, value};
    *at += value.n;
    *z = end + 1;
    return true;
}

static bool matches(const char *z, ks_str path, ks_route_hit *hit)
{
    size_t at = 0;
    while (at < path.n && *z == path.p[at] && *z != '{' && *z != '\0') { /* most routes end here */
        z++;
        at++;
    }
    if (*z != '{' && (*z != '\0' || at != path.n))
        return false;
    hit->params_n = 0;
    while (*z != '\0') {
        if (*z == '{') {
            if (!take_param(&z, path, &at, hit))
                return false;
        } else if (at < path.n && *z == path.p[at]) {
            z++;
            at++;
        } else {
            return false;
        }
    }
    return at == path.n;
}

/* Both match the same path: the one with a literal where they first differ is meant. */
static bool closer(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a != '{';
}

/* Asked of every route before its path is looked at: it rules out half of them for the price of one byte. */
static inline bool answers(const ks_route *r, ks_str method, bool head)
{
    if (r->method[0] == method.p[0])
        return strncmp(r->method, method.p, method.n) == 0 && r->method[method.n] == '\0';
    return head && strcmp(r->method, "GET") == 0;
}

static bool known(const ks_route *const *tables, ks_str path, bool local)
{
    ks_route_hit hit;
    for (; tables != NULL && *tables != NULL; tables++)
        for (const ks_route *r = *tables; r->method != NULL; r++)
            if ((!(r->flags & KS_LOCAL) || local) && matches(r->path, path, &hit))
                return true;
    return false;
}

ks_status ks_route_find(const ks_route *const *tables, ks_str method, ks_str path, bool local,
                        ks_route_hit *hit)
{
    const ks_route *best = NULL;
    ks_route_hit    found;
    bool            head = ks_str_eq(method, KS_S("HEAD"));
    *hit = (ks_route_hit){0};
    if (path.n == 0 || path.p[0] != '/')
        return KS_NOT_FOUND;
    for (const ks_route *const *t = tables; t != NULL && *t != NULL; t++) {
        for (const ks_route *r = *t; r->method != NULL; r++) {
            if (method.n > 0 && answers(r, method, head) && (!(r->flags & KS_LOCAL) || local) &&
                matches(r->path, path, &found) && (best == NULL || closer(r->path, best->path))) {
                best = r;
                *hit = found;
            }
        }
    }
    if (best == NULL)
        return known(tables, path, local) ? KS_METHOD : KS_NOT_FOUND;
    hit->route = best;
    return KS_OK;
}

void ks_route_allow(const ks_route *const *tables, ks_str path, bool local, ks_buf *b)
{
    ks_route_hit hit;
    for (; tables != NULL && *tables != NULL; tables++) {
        for (const ks_route *r = *tables; r->method != NULL; r++) {
            if (((r->flags & KS_LOCAL) && !local) || !matches(r->path, path, &hit) ||
                ks_str_find(ks_buf_view(b), ks_str_of(r->method)) != SIZE_MAX)
                continue;
            if (b->n > 0)
                ks_buf_z(b, ", ");
            ks_buf_z(b, r->method);
        }
    }
}
