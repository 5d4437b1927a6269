/* features/tokens/tokens.c — the rules. HTTP and the command line both enter here. Threads: as tokens.h says.
 */
#include "features/tokens/tokens.h"

#include "features/pass.h"
#include "features/row_cache.h"
#include "features/tokens/session.h"
#include "features/tokens/tokens_rows.h"

#define MAX_LIFE_S ((int64_t)100 * 365 * 86400) /* a hundred years: far below an overflow of us */

static const struct {
    ks_scope scope;
    ks_str   name;
} scope_names[] = {
    {KS_SCOPE_READ, KS_S_INIT("read")},
    {KS_SCOPE_CONNECT, KS_S_INIT("connect")},
    {KS_SCOPE_ACT, KS_S_INIT("act")},
    {KS_SCOPE_DASHBOARD, KS_S_INIT("dashboard")},
};

ks_str ks_scope_name(unsigned one)
{
    for (size_t i = 0; i < KS_COUNT(scope_names); i++)
        if (scope_names[i].scope == one)
            return scope_names[i].name;
    return KS_NO_STR;
}

unsigned ks_scope_parse(ks_str name)
{
    for (size_t i = 0; i < KS_COUNT(scope_names); i++)
        if (ks_str_eq(scope_names[i].name, name))
            return scope_names[i].scope;
    return 0;
}

/* ---- recognising a caller ---- */

/* One answer for every reason (rule K2). */
static ks_status refuse(ks_ctx *cx)
{
    return ks_fail(cx, KS_UNAUTHORIZED, NULL,
                   "The API key is missing or not valid. Send a working key in the x-api-key header; make one"
                   " with: keysteward key create");
}

/* The one x-api-key header. Absent when there is none, an empty one, or two (rule K3). */
static ks_str presented_key(const ks_req *rq)
{
    ks_str key = KS_NO_STR;
    for (size_t i = 0; i < rq->headers_n; i++) {
        if (!ks_str_ieq(rq->headers[i].name, KS_S("x-api-key")))
            continue;
        if (key.p != NULL)
            return KS_NO_STR;
        key = ks_str_trim(rq->headers[i].value, " \t"); /* RFC 9110 5.5: blanks around are not of the value */
    }
    return key.n > 0 ? key : KS_NO_STR;
}

bool ks_key_row_good(const ks_key_row *row, ks_str digest, int64_t now_us)
{
    const struct ks_key_head *h = &row->h;
    bool                      same = ks_same(h->digest, digest.p, KS_MAC_LEN);
    return same && h->id_n > 0 && h->revoked_at == 0 && h->frozen_at == 0 &&
           (h->expires_at == 0 || h->expires_at > now_us);
}

static size_t length_of(uint32_t n)
{
    return n == UINT32_MAX ? 0 : n;
}

/* The next text of a kept row, taken off *rest. */
static ks_str text_of(ks_str *rest, uint32_t n)
{
    ks_str text = ks_str_sub(*rest, 0, length_of(n));
    *rest = ks_str_sub(*rest, text.n, SIZE_MAX);
    return n == UINT32_MAX ? KS_NO_STR : text;
}

/* A row as find_key keeps it: the head, then the texts, which are copied because the view ends with the next
 * use of the cache. False when it is none, or memory is short. */
static bool unpack(ks_ctx *cx, ks_str kept, ks_key_row *row)
{
    if (kept.n < sizeof row->h)
        return false;
    memcpy(&row->h, kept.p, sizeof row->h);
    ks_str rest = ks_str_sub(kept, sizeof row->h, SIZE_MAX);
    if (rest.n > 0)
        rest = ks_copy(cx, rest);
    if (kept.n != sizeof row->h + length_of(row->h.apps_n) + length_of(row->h.entities_n) +
                      length_of(row->h.prefix_n) ||
        rest.p == NULL)
        return false;
    row->apps = text_of(&rest, row->h.apps_n);
    row->entities = text_of(&rest, row->h.entities_n);
    row->prefix = text_of(&rest, row->h.prefix_n);
    return true;
}

static void keep(ks_ctx *cx, ks_str digest, uint64_t epoch, const ks_key_row *row)
{
    ks_buf b = ks_buf_new(sizeof row->h + 2 * KS_MAX_REACH_BYTES + (size_t)KS_MAX_REACH * (KS_MAX_NAME + 2));
    ks_buf_put(&b, &row->h, sizeof row->h);
    ks_buf_str(&b, row->apps);
    ks_buf_str(&b, row->entities);
    ks_buf_str(&b, row->prefix);
    if (ks_buf_ok(&b))
        ks_row_cache_put(cx->env->cache, digest, epoch, ks_buf_view(&b));
    ks_buf_done(&b);
}

/* A key is shown as used about when it was; nobody waits for that to be written, and a store that cannot
 * write refuses no reader (rule D2). */
static ks_status note_used(ks_ctx *cx, ks_key_row *row)
{
    ks_change *change;
    if (row->h.used_at + KS_KEY_USED_US > cx->now_us)
        return KS_OK;
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_key_row_used(cx, change, (ks_str){row->h.id, row->h.id_n});
    if (st == KS_OK)
        st = ks_store_note(cx, cx->env->store, change);
    else
        ks_change_free(change);
    row->h.used_at = cx->now_us;
    return st == KS_NO_MEMORY ? st : KS_OK;
}

/* From memory when it is there and good; every other key, bad ones above all, goes the whole way to the
 * store, so that the time taken tells nothing. Once a minute a good one goes, too: another thread may have
 * noted its use. */
static ks_status find_key(ks_ctx *cx, ks_str digest, ks_key_row *row, bool *good)
{
    const ks_env *env = cx->env;
    ks_str        kept = ks_row_cache_get(env->cache, env->store, digest);
    bool          found;
    if (unpack(cx, kept, row)) {
        *good = ks_key_row_good(row, digest, cx->now_us);
        if (*good && row->h.used_at + KS_KEY_USED_US > cx->now_us) {
            ks_metric_add(env->metrics, KS_M_CACHE_HITS, 1);
            return KS_OK;
        }
    }
    uint64_t epoch = ks_epoch(env->store, digest);
    ks_metric_add(env->metrics, KS_M_CACHE_MISSES, 1);
    KS_TRY(ks_key_row_by_digest(cx, digest, row, &found));
    *good = ks_key_row_good(row, digest, cx->now_us);
    if (!*good)
        return KS_OK;
    KS_TRY(note_used(cx, row));
    keep(cx, digest, epoch, row);
    return KS_OK;
}

/* What the key is limited to, and whether the route is for keys with such limits. */
static ks_status set_reach(ks_ctx *cx, const ks_req *rq, const ks_key_row *row)
{
    unsigned flags = rq->route != NULL ? rq->route->flags : 0;
    if (!row->h.limited)
        return KS_OK;
    ks_reach *r = ks_alloc(cx, sizeof *r);
    if (r == NULL)
        return KS_NO_MEMORY;
    *r = (ks_reach){row->h.read_only, row->apps, row->entities, row->prefix};
    cx->reach = r;
    if ((flags & KS_WHOLE) && ks_reach_limited(cx))
        return ks_reach_refuse(cx, NULL, "this concerns the whole project, the key only a part of it");
    return KS_OK;
}

/* The project is found with the thing the pass is for. */
static ks_status by_pass(ks_ctx *cx, const ks_req *rq)
{
    ks_str id = ks_pass_id(cx, rq->route->path, ks_req_param(rq, "pass"));
    if (id.p == NULL)
        return ks_fail(cx, KS_NOT_FOUND, NULL, "There is nothing at this path.");
    cx->actor = ks_copy(cx, id);
    return cx->actor.p != NULL ? KS_OK : ks_no_memory(cx);
}

ks_status ks_authenticate(ks_ctx *cx, const ks_req *rq)
{
    unsigned char mac[KS_MAC_LEN];
    ks_key_row    row;
    bool          good;
    ks_str        key = presented_key(rq);
    ks_str        digest = {(const char *)mac, sizeof mac};
    if (rq->route != NULL && (rq->route->flags & KS_PASS))
        return by_pass(cx, rq);
    if (rq->route != NULL && (rq->route->flags & KS_SESSION))
        return ks_session_enter(cx, ks_session_cookie(cx, rq));
    if (key.p == NULL)
        return refuse(cx);
    ks_api_key_digest(cx->env->keys, key, mac);
    KS_TRY(find_key(cx, digest, &row, &good));
    if (!good)
        return refuse(cx);
    cx->project_id = ks_copy(cx, (ks_str){row.h.project, row.h.project_n});
    cx->actor = ks_copy(cx, (ks_str){row.h.id, row.h.id_n});
    if (cx->project_id.p == NULL || cx->actor.p == NULL)
        return ks_no_memory(cx);
    cx->scopes = row.h.scopes & KS_SCOPE_ALL;
    KS_TRY(set_reach(cx, rq, &row));
    return ks_project_unlock(cx, cx->project_id);
}

/* ---- projects ---- */

/* Names are shown in lists and logs: UTF-8 without control bytes. */
static ks_status check_name(ks_ctx *cx, const char *field, ks_str name)
{
    bool fine = name.n > 0 && name.n <= KS_MAX_NAME && ks_str_utf8(name);
    for (size_t i = 0; i < name.n && fine; i++)
        fine = (unsigned char)name.p[i] >= 0x20 && name.p[i] != 0x7f;
    if (!fine)
        return ks_fail(cx, KS_INVALID, field, "%s: give a name of 1 to %d bytes without control characters.",
                       field, KS_MAX_NAME);
    return KS_OK;
}

ks_status ks_project_unlock(ks_ctx *cx, ks_str project_id)
{
    ks_wrapped_key wrapped;
    if (ks_project_key_is_open(cx->env->keys, project_id))
        return KS_OK;
    KS_TRY(ks_project_row_key(cx, project_id, &wrapped));
    return ks_project_key_open(cx, cx->env->keys, project_id, &wrapped);
}

static ks_status note(ks_ctx *cx, ks_change *c, ks_str project_id, ks_str action, ks_str object)
{
    ks_audit_record r = {.project_id = project_id,
                         .actor = cx->actor.p ? cx->actor : KS_S("system"),
                         .action = action,
                         .object = object,
                         .result = KS_S("ok"),
                         .request_id = cx->request_id.p ? cx->request_id : KS_S("")};
    return ks_change_audit(cx, c, &r);
}

static ks_status fill_project(ks_ctx *cx, ks_change *c, const ks_project *p)
{
    ks_wrapped_key wrapped;
    KS_TRY(ks_project_key_new(cx, cx->env->keys, p->id, &wrapped));
    KS_TRY(ks_project_row_add(cx, c, p, &wrapped));
    return note(cx, c, p->id, KS_S("project.create"), p->id);
}

static ks_status make_project(ks_ctx *cx, ks_str name, ks_str *id)
{
    ks_change *c;
    ks_project p = {ks_id_new(cx, KS_ID_PROJECT), name, cx->now_us};
    if (p.id.p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_change_new(cx, &c));
    ks_status s = fill_project(cx, c, &p);
    if (s != KS_OK) {
        ks_change_free(c);
        return s;
    }
    *id = p.id;
    return ks_store_apply(cx, cx->env->store, c);
}

ks_status ks_project_ensure(ks_ctx *cx, ks_str name, ks_str *id)
{
    KS_TRY(check_name(cx, "project", name));
    KS_TRY(ks_project_row_named(cx, name, id));
    if (id->p != NULL)
        return ks_project_unlock(cx, *id);
    ks_status s = make_project(cx, name, id);
    if (s != KS_CONFLICT)
        return s;
    KS_TRY(ks_project_row_named(cx, name, id)); /* somebody made it meanwhile */
    return id->p ? ks_project_unlock(cx, *id) : KS_CONFLICT;
}

ks_status ks_project_need(ks_ctx *cx, ks_str name, ks_str *id)
{
    KS_TRY(ks_project_row_named(cx, name, id));
    return id->p != NULL
               ? KS_OK
               : ks_fail_code(cx, KS_NOT_FOUND, "project_not_found", "project",
                              "There is no project of this name. List them with: keysteward key list");
}

ks_status ks_project_list(ks_ctx *cx, size_t max, ks_project **out, size_t *n)
{
    return ks_project_rows(cx, max, out, n);
}

/* ---- API keys ---- */

static ks_status fill_key(ks_ctx *cx, ks_change *c, const ks_key *k, const ks_api_key_parts *parts)
{
    ks_str digest = {(const char *)parts->digest, sizeof parts->digest};
    KS_TRY(ks_key_row_add(cx, c, k, digest));
    KS_TRY(ks_change_touch(cx, c, digest));
    return note(cx, c, k->project_id, KS_S("key.create"), k->id);
}

static ks_status check_wish(ks_ctx *cx, const ks_key_wish *w)
{
    if (w->name.p != NULL)
        KS_TRY(check_name(cx, "name", w->name));
    if ((w->scopes & ~(unsigned)KS_SCOPE_KEY) != 0)
        return ks_fail(cx, KS_INVALID, "scopes", "scopes: any of read, connect, act, dashboard.");
    if ((w->scopes & KS_SCOPE_DASHBOARD) && (!(w->scopes & KS_SCOPE_READ) || w->apps.n + w->entities.n > 0))
        return ks_fail(
            cx, KS_INVALID, "scopes",
            "scopes: the dashboard shows the whole project, so `dashboard` goes with `read` and without"
            " limits to apps or entities.");
    if (w->read_only && (w->scopes & KS_SCOPE_CONNECT))
        return ks_fail(cx, KS_INVALID, "scopes",
                       "scopes: a read-only key changes nothing, so it has read and act at most.");
    if (w->expires_in_s < 0 || w->expires_in_s > MAX_LIFE_S)
        return ks_fail(cx, KS_INVALID, "expires_in_s",
                       "expires_in_s: seconds until the key ends, or leave it out for a key that does not.");
    return KS_OK;
}

ks_status ks_key_create(ks_ctx *cx, const ks_key_wish *w, ks_key *out, ks_api_key_parts *parts)
{
    ks_change *c;
    ks_key     k = {.id = ks_id_new(cx, KS_ID_KEY), .created_at = cx->now_us};
    KS_TRY(check_wish(cx, w));
    KS_TRY(ks_reach_make(cx, w->apps.at, w->apps.n, w->entities.at, w->entities.n, &k.reach));
    KS_TRY(ks_project_ensure(cx, w->project, &k.project_id));
    KS_TRY(ks_api_key_new(cx, cx->env->keys, parts));
    if (k.id.p == NULL)
        return ks_no_memory(cx);
    k.name = w->name.p ? w->name : KS_S("default");
    k.prefix = parts->prefix;
    k.scopes = w->scopes ? w->scopes : w->read_only ? KS_SCOPE_READ | KS_SCOPE_ACT : KS_SCOPE_ALL;
    k.reach.read_only = w->read_only;
    k.expires_at = w->expires_in_s ? cx->now_us + w->expires_in_s * 1000000 : 0;
    KS_TRY(ks_change_new(cx, &c));
    ks_status s = fill_key(cx, c, &k, parts);
    if (s != KS_OK) {
        ks_change_free(c);
        return s;
    }
    KS_TRY(ks_store_apply(cx, cx->env->store, c));
    *out = k;
    return KS_OK;
}

ks_status ks_key_list(ks_ctx *cx, ks_str project, size_t max, ks_key **out, size_t *n)
{
    ks_str id = KS_NO_STR;
    if (project.p != NULL)
        KS_TRY(ks_project_need(cx, project, &id));
    return ks_key_rows(cx, id, max, out, n);
}

ks_status ks_key_get(ks_ctx *cx, ks_str id, ks_key *out)
{
    return ks_key_row_get(cx, id, out);
}

static ks_status fill_revoke(ks_ctx *cx, ks_change *c, ks_str id, ks_str digest, ks_str project_id)
{
    KS_TRY(ks_key_row_revoke(cx, c, id));
    KS_TRY(ks_change_touch(cx, c, digest)); /* cached rows are kept under the digest */
    return note(cx, c, project_id, KS_S("key.revoke"), id);
}

ks_status ks_key_revoke(ks_ctx *cx, ks_str id)
{
    ks_change *c;
    ks_str     digest, project_id;
    bool       revoked;
    KS_TRY(ks_key_row_by_id(cx, id, &digest, &project_id, &revoked));
    if (revoked)
        return KS_OK;
    KS_TRY(ks_change_new(cx, &c));
    ks_status s = fill_revoke(cx, c, id, digest, project_id);
    if (s != KS_OK) {
        ks_change_free(c);
        return s;
    }
    s = ks_store_apply(cx, cx->env->store, c);
    return s == KS_CONFLICT ? KS_OK : s; /* revoked by somebody else meanwhile: what was wanted */
}

ks_status ks_key_count(ks_ctx *cx, int64_t *n)
{
    return ks_key_row_count(cx, n);
}

ks_status ks_key_revoke_all_add(ks_ctx *cx, ks_change *change)
{
    ks_key_name *all;
    size_t       n;
    KS_TRY(ks_key_row_working(cx, &all, &n));
    for (size_t i = 0; i < n; i++) {
        KS_TRY(ks_key_row_revoke(cx, change, all[i].id));
        KS_TRY(ks_change_touch(cx, change, all[i].digest));
    }
    return note(cx, change, cx->project_id, KS_S("key.revoke_all"), cx->project_id);
}

ks_status ks_key_freeze_add(ks_ctx *cx, ks_change *change, ks_str id, ks_str why)
{
    ks_str digest, project_id;
    bool   revoked;
    KS_TRY(ks_key_row_by_id(cx, id, &digest, &project_id, &revoked));
    KS_TRY(ks_key_row_freeze(cx, change, id, true, why));
    return ks_change_touch(cx, change, digest);
}

static ks_status fill_unfreeze(ks_ctx *cx, ks_change *c, ks_str id, ks_str digest, ks_str project_id)
{
    KS_TRY(ks_key_row_freeze(cx, c, id, false, KS_NO_STR));
    KS_TRY(ks_change_touch(cx, c, digest));
    return note(cx, c, project_id, KS_S("key.unfreeze"), id);
}

ks_status ks_key_unfreeze(ks_ctx *cx, ks_str id)
{
    ks_change *c;
    ks_str     digest, project_id;
    bool       revoked;
    KS_TRY(ks_key_row_by_id(cx, id, &digest, &project_id, &revoked));
    KS_TRY(ks_change_new(cx, &c));
    ks_status s = fill_unfreeze(cx, c, id, digest, project_id);
    if (s == KS_OK)
        return ks_store_apply(cx, cx->env->store, c);
    ks_change_free(c);
    return s;
}

ks_str ks_key_limits(ks_ctx *cx, const ks_key *k)
{
    ks_str  rest = k->reach.entities, part;
    ks_buf *b = ks_ctx_buf(cx, 3 * KS_MAX_REACH_BYTES + KS_MAX_REACH * (KS_MAX_NAME + 2));
    if (b == NULL)
        return KS_NO_STR;
    if (k->reach.read_only)
        ks_buf_z(b, "read-only");
    if (k->reach.apps.p != NULL)
        ks_buf_fmt(b, "%sapps:" KS_FMT, b->n ? " " : "", KS_ARG(ks_str_trim(k->reach.apps, ",")));
    if (rest.p != NULL)
        ks_buf_fmt(b, "%sentities:", b->n ? " " : "");
    for (const char *comma = ""; ks_str_cut(&rest, KS_REACH_SEPARATOR, &part);) {
        if (part.n == 0)
            continue;
        ks_buf_fmt(b, "%s" KS_FMT, comma, KS_ARG(part));
        comma = ",";
    }
    if (k->reach.prefix.p != NULL)
        ks_buf_fmt(b, "%s" KS_FMT "*", k->reach.entities.n ? "," : "", KS_ARG(k->reach.prefix));
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}
