/* http/route.c — see route.h. Routes whose first two segments are literals lie together in the index, so that
 * a look-up compares a handful of patterns: walking over all 200 was a fifth of the instructions of a GET. */
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

/* ---- the index ---- */

/* The next segment of *rest, which begins with its '/'. */
static ks_str segment(ks_str *rest)
{
    ks_str whole = ks_str_sub(*rest, 1, SIZE_MAX);
    size_t end = ks_str_chr(whole, '/');
    *rest = end == SIZE_MAX ? KS_S("") : ks_str_sub(whole, end, SIZE_MAX);
    return ks_str_sub(whole, 0, end);
}

/* FNV-1a of two segments, as the number of a shelf. */
static unsigned shelf(ks_str first, ks_str second)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < first.n; i++)
        h = (h ^ (unsigned char)first.p[i]) * 16777619u;
    h = (h ^ '/') * 16777619u;
    for (size_t i = 0; i < second.n; i++)
        h = (h ^ (unsigned char)second.p[i]) * 16777619u;
    return (h ^ (h >> 15)) % KS_ROUTE_SHELVES;
}

#define ANY KS_S("{") /* no segment of a path that is served begins so */

/* Where a pattern lies: a parameter stands for every segment. */
static unsigned shelf_of(const char *pattern)
{
    ks_str rest = ks_str_of(pattern), first = segment(&rest), second = segment(&rest);
    if (ks_str_starts(first, ANY))
        return shelf(ANY, ANY);
    return shelf(first, ks_str_starts(second, ANY) ? ANY : second);
}

bool ks_route_index_make(const ks_route *const *tables, ks_route_index *out)
{
    size_t n = 0;
    memset(out, 0, sizeof *out);
    for (unsigned at = 0; at < KS_ROUTE_SHELVES; at++) {
        out->from[at] = (uint16_t)n;
        for (const ks_route *const *t = tables; *t != NULL; t++) {
            for (const ks_route *r = *t; r->method != NULL; r++) {
                if (shelf_of(r->path) != at)
                    continue;
                if (n == KS_MAX_ROUTES)
                    return false;
                out->at[n++] = r;
            }
        }
    }
    out->from[KS_ROUTE_SHELVES] = (uint16_t)n;
    return true;
}

/* What is asked for, and the best that was found. */
typedef struct search {
    ks_str        method, path;
    bool          head, local;
    ks_route_hit *hit;
} search;

static inline void consider(search *s, const ks_route *r)
{
    ks_route_hit found;
    if (s->method.n > 0 && answers(r, s->method, s->head) && (!(r->flags & KS_LOCAL) || s->local) &&
        matches(r->path, s->path, &found) &&
        (s->hit->route == NULL || closer(r->path, s->hit->route->path))) {
        *s->hit = found;
        s->hit->route = r;
    }
}

static void look_in(search *s, const ks_route_index *index, unsigned at)
{
    for (size_t i = index->from[at]; i < index->from[at + 1]; i++)
        consider(s, index->at[i]);
}

static void look_up(search *s, const ks_route_index *index)
{
    ks_str   rest = s->path, first = segment(&rest), second = segment(&rest);
    unsigned exact = shelf(first, second), any = shelf(first, ANY), all = shelf(ANY, ANY);
    look_in(s, index, exact);
    if (any != exact)
        look_in(s, index, any);
    if (all != exact && all != any)
        look_in(s, index, all);
}

ks_status ks_route_find(const ks_route *const *tables, const ks_route_index *index, ks_str method,
                        ks_str path, bool local, ks_route_hit *hit)
{
    search s = {
        .method = method, .path = path, .head = ks_str_eq(method, KS_S("HEAD")), .local = local, .hit = hit};
    *hit = (ks_route_hit){0};
    if (path.n == 0 || path.p[0] != '/')
        return KS_NOT_FOUND;
    if (index != NULL)
        look_up(&s, index);
    for (const ks_route *const *t = tables; index == NULL && t != NULL && *t != NULL; t++)
        for (const ks_route *r = *t; r->method != NULL; r++)
            consider(&s, r);
    if (hit->route == NULL)
        return known(tables, path, local) ? KS_METHOD : KS_NOT_FOUND;
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
