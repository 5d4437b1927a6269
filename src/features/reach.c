/* features/reach.c — see reach.h. Texts are compared byte by byte, as entities and keys of apps are
 * everywhere. */
#include "features/reach.h"

static bool app_key_ok(ks_str s)
{
    return s.n <= KS_MAX_NAME && ks_str_only(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

static ks_status apps_text(ks_ctx *cx, const ks_str *apps, size_t n, ks_str *out)
{
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_REACH * (KS_MAX_NAME + 2));
    if (b == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        if (!app_key_ok(apps[i]))
            return ks_fail(cx, KS_INVALID, "apps",
                           "apps: keys of apps as the list of apps shows them, e.g. stripe, github.");
        ks_buf_fmt(b, i ? KS_FMT "," : "," KS_FMT ",", KS_ARG(apps[i]));
    }
    *out = n > 0 ? ks_buf_view(b) : KS_NO_STR;
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

static bool entity_ok(ks_str s)
{
    bool fine = s.n > 0 && s.n <= KS_MAX_ENTITY && ks_str_utf8(s);
    for (size_t i = 0; i < s.n && fine; i++)
        fine = (unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f;
    return fine;
}

static ks_status one_entity(ks_ctx *cx, ks_str one, ks_buf *b, ks_reach *out)
{
    if (!entity_ok(one))
        return ks_fail(cx, KS_INVALID, "entities",
                       "entities: texts of 1 to %d bytes without control characters.", KS_MAX_ENTITY);
    if (one.p[one.n - 1] != '*') {
        ks_buf_fmt(b, "%c" KS_FMT "%c", KS_REACH_SEPARATOR, KS_ARG(one), KS_REACH_SEPARATOR);
        return KS_OK;
    }
    if (out->prefix.p != NULL || one.n == 1)
        return ks_fail(cx, KS_INVALID, "entities",
                       "entities: one of them at most may end in *, and has to begin with something.");
    out->prefix = ks_copy(cx, ks_str_sub(one, 0, one.n - 1));
    return out->prefix.p != NULL ? KS_OK : ks_no_memory(cx);
}

ks_status ks_reach_make(ks_ctx *cx, const ks_str *apps, size_t apps_n, const ks_str *entities,
                        size_t entities_n, ks_reach *out)
{
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_REACH_BYTES);
    *out = (ks_reach){0};
    if (b == NULL)
        return KS_NO_MEMORY;
    if (apps_n > KS_MAX_REACH)
        return ks_fail(cx, KS_INVALID, "apps", "apps: at most %d.", KS_MAX_REACH);
    KS_TRY(apps_text(cx, apps, apps_n, &out->apps));
    for (size_t i = 0; i < entities_n; i++)
        KS_TRY(one_entity(cx, entities[i], b, out));
    if (entities_n > KS_MAX_REACH || (b->failed && !cx->starved))
        return ks_fail(cx, KS_INVALID, "entities", "entities: at most %d, and %d bytes together.",
                       KS_MAX_REACH, KS_MAX_REACH_BYTES);
    if (entities_n > 0) /* with a beginning alone the list is there, and empty */
        out->entities = ks_buf_view(b);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

/* Does `list` hold `one` between two separators? */
static bool listed(ks_str list, ks_str one, char separator)
{
    size_t at = 0;
    while (at + one.n + 2 <= list.n) {
        ks_str rest = ks_str_sub(list, at, SIZE_MAX);
        if (rest.p[0] == separator && rest.p[one.n + 1] == separator &&
            ks_str_eq(ks_str_sub(rest, 1, one.n), one))
            return true;
        at++;
    }
    return false;
}

bool ks_reach_app(const ks_ctx *cx, ks_str key)
{
    const ks_reach *r = cx->reach;
    return r == NULL || r->apps.p == NULL ||
           (key.n > 0 && ks_str_chr(key, ',') == SIZE_MAX && listed(r->apps, key, ','));
}

bool ks_reach_entity(const ks_ctx *cx, ks_str entity)
{
    const ks_reach *r = cx->reach;
    ks_str          whose = entity.n > 0 ? entity : KS_S("default");
    if (r == NULL || r->entities.p == NULL)
        return true;
    if (ks_str_chr(whose, KS_REACH_SEPARATOR) != SIZE_MAX)
        return false; /* it could be taken for two that stand side by side */
    return listed(r->entities, whose, KS_REACH_SEPARATOR) ||
           (r->prefix.n > 0 && ks_str_starts(whose, r->prefix));
}

bool ks_reach_by_app(const ks_ctx *cx)
{
    return cx->reach != NULL && cx->reach->apps.p != NULL;
}

bool ks_reach_by_entity(const ks_ctx *cx)
{
    return cx->reach != NULL && cx->reach->entities.p != NULL;
}

bool ks_reach_limited(const ks_ctx *cx)
{
    return ks_reach_by_entity(cx) || ks_reach_by_app(cx);
}

bool ks_reach_read_only(const ks_ctx *cx)
{
    return cx->reach != NULL && cx->reach->read_only;
}

static ks_str or_empty(ks_str s)
{
    return s.p != NULL ? s : KS_S("");
}

ks_str ks_reach_apps_text(const ks_ctx *cx)
{
    return cx->reach != NULL ? or_empty(cx->reach->apps) : KS_S("");
}

ks_str ks_reach_entities_text(const ks_ctx *cx)
{
    if (!ks_reach_by_entity(cx))
        return KS_S("");
    return cx->reach->entities.n > 0 ? cx->reach->entities : KS_S("\x1f"); /* limited, to none by name */
}

ks_str ks_reach_prefix_text(const ks_ctx *cx)
{
    return cx->reach != NULL ? or_empty(cx->reach->prefix) : KS_S("");
}

ks_str ks_reach_text(ks_ctx *cx)
{
    if (cx->reach == NULL)
        return KS_S("");
    return ks_fmt(cx, "%d|" KS_FMT "|" KS_FMT "|" KS_FMT, cx->reach->read_only,
                  KS_ARG(ks_reach_apps_text(cx)), KS_ARG(ks_reach_entities_text(cx)),
                  KS_ARG(ks_reach_prefix_text(cx)));
}

ks_status ks_reach_refuse(ks_ctx *cx, const char *field, const char *what)
{
    return ks_fail_code(cx, KS_FORBIDDEN, "key_limited", field, "This API key is limited: %s.", what);
}
