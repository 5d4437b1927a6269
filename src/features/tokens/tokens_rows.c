/* features/tokens/tokens_rows.c — see tokens_rows.h. Keys are looked up by digest before the project is known
 * (rule K2), and administered by id from the control socket; every other query names its project (rule T7).
 */
#include "features/tokens/tokens_rows.h"

static const ks_sql key_by_digest = {
    "SELECT id, project_id, digest, scopes, expires_at, revoked_at, frozen_at, read_only, apps, entities, "
    "entity_prefix, used_at FROM api_keys WHERE digest = $1"};
static const ks_sql key_by_id = {"SELECT digest, project_id, revoked_at FROM api_keys WHERE id = $1"};
#define LISTED                                                                                               \
    "id, project_id, prefix, name, scopes, created_at, expires_at, revoked_at, frozen_at, frozen_why, "      \
    "read_only, apps, entities, entity_prefix, used_at"
static const ks_sql keys_of_project = {"SELECT " LISTED
                                       " FROM api_keys WHERE project_id = $1 ORDER BY id LIMIT $2"};
static const ks_sql keys_of_all = {"SELECT " LISTED " FROM api_keys ORDER BY id LIMIT $1"};
static const ks_sql key_of_project = {"SELECT " LISTED " FROM api_keys WHERE project_id = $1 AND id = $2"};
static const ks_sql count_working = {
    "SELECT count(*) FROM api_keys WHERE project_id = $1 AND revoked_at IS NULL"};
static const ks_sql working = {
    "SELECT id, digest FROM api_keys WHERE project_id = $1 AND revoked_at IS NULL LIMIT $2"};
static const ks_sql project_named = {"SELECT id FROM projects WHERE name = $1"};
static const ks_sql project_key = {"SELECT root_id, kek_id, alg, nonce, ct FROM projects WHERE id = $1"};
static const ks_sql projects = {"SELECT id, name, created_at FROM projects ORDER BY name LIMIT $1"};
static const ks_sql insert_project = {"INSERT INTO projects (id, name, root_id, kek_id, alg, nonce, ct,"
                                      " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
static const ks_sql insert_key = {
    "INSERT INTO api_keys (id, project_id, digest, prefix, name, scopes, created_at, expires_at, read_only,"
    " apps, entities, entity_prefix) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};
static const ks_sql freeze_key = {
    "UPDATE api_keys SET frozen_at = $2, frozen_why = $3 WHERE id = $1 AND frozen_at IS NULL"};
static const ks_sql unfreeze_key = {"UPDATE api_keys SET frozen_at = NULL, frozen_why = NULL WHERE id = $1"};
static const ks_sql use_key = {
    "UPDATE api_keys SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $3)"};
static const ks_sql revoke_key = {"UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL"};

static unsigned char put_text(char *to, size_t room, ks_str s)
{
    size_t n = s.n < room ? s.n : room;
    if (n > 0)
        memcpy(to, s.p, n);
    return (unsigned char)n;
}

static uint32_t size_of(ks_str s)
{
    return s.p != NULL ? (uint32_t)s.n : UINT32_MAX;
}

static void read_limits(const ks_rows *rows, ks_key_row *out)
{
    out->h.read_only = ks_row_int(rows, 7) != 0;
    out->apps = ks_row_str(rows, 8);
    out->entities = ks_row_str(rows, 9);
    out->prefix = ks_row_str(rows, 10);
    out->h.apps_n = size_of(out->apps);
    out->h.entities_n = size_of(out->entities);
    out->h.prefix_n = size_of(out->prefix);
    out->h.limited = out->h.read_only || out->apps.p || out->entities.p || out->prefix.p;
}

ks_status ks_key_row_by_digest(ks_ctx *cx, ks_str digest, ks_key_row *out, bool *found)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &key_by_digest, KS_VALS(KS_VB(digest)), &rows));
    memset(out, 0, sizeof *out);
    KS_TRY(ks_rows_next(rows, found));
    if (!*found)
        return KS_OK;
    struct ks_key_head *h = &out->h;
    ks_str              stored = ks_row_str(rows, 2);
    h->id_n = put_text(h->id, sizeof h->id, ks_row_str(rows, 0));
    h->project_n = put_text(h->project, sizeof h->project, ks_row_str(rows, 1));
    if (stored.n == sizeof h->digest)
        memcpy(h->digest, stored.p, stored.n);
    h->scopes = (unsigned)ks_row_int(rows, 3);
    h->expires_at = ks_row_int(rows, 4);
    h->revoked_at = ks_row_int(rows, 5);
    h->frozen_at = ks_row_int(rows, 6);
    h->used_at = ks_row_int(rows, 11);
    read_limits(rows, out);
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK; /* half a row must not get into the cache */
}

static ks_status no_such_key(ks_ctx *cx)
{
    return ks_fail_code(cx, KS_NOT_FOUND, "key_not_found", "id",
                        "There is no API key with this id. List them with: keysteward key list");
}

ks_status ks_key_row_by_id(ks_ctx *cx, ks_str id, ks_str *digest, ks_str *project_id, bool *revoked)
{
    ks_rows *rows;
    bool     more;
    KS_TRY(ks_query(cx, cx->env->reader, &key_by_id, KS_VALS(KS_V(id)), &rows));
    KS_TRY(ks_rows_next(rows, &more));
    if (!more)
        return no_such_key(cx);
    *digest = ks_row_str(rows, 0);
    *project_id = ks_row_str(rows, 1);
    *revoked = ks_row_int(rows, 2) != 0;
    ks_rows_close(rows);
    return digest->p && project_id->p ? KS_OK : ks_no_memory(cx);
}

static ks_key read_key(const ks_rows *rows)
{
    return (ks_key){.id = ks_row_str(rows, 0),
                    .project_id = ks_row_str(rows, 1),
                    .prefix = ks_row_str(rows, 2),
                    .name = ks_row_str(rows, 3),
                    .scopes = (unsigned)ks_row_int(rows, 4),
                    .created_at = ks_row_int(rows, 5),
                    .expires_at = ks_row_int(rows, 6),
                    .revoked_at = ks_row_int(rows, 7),
                    .frozen_at = ks_row_int(rows, 8),
                    .frozen_why = ks_row_str(rows, 9),
                    .reach = {.read_only = ks_row_int(rows, 10) != 0,
                              .apps = ks_row_str(rows, 11),
                              .entities = ks_row_str(rows, 12),
                              .prefix = ks_row_str(rows, 13)},
                    .used_at = ks_row_int(rows, 14)};
}

ks_status ks_key_row_get(ks_ctx *cx, ks_str id, ks_key *out)
{
    ks_rows *rows;
    bool     more;
    KS_TRY(ks_query(cx, cx->env->reader, &key_of_project, KS_VALS(KS_V(cx->project_id), KS_V(id)), &rows));
    KS_TRY(ks_rows_next(rows, &more));
    if (!more)
        return no_such_key(cx);
    *out = read_key(rows);
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_key_row_count(ks_ctx *cx, int64_t *n)
{
    return ks_query_number(cx, cx->env->reader, &count_working, KS_VALS(KS_V(cx->project_id)), n);
}

ks_status ks_key_row_working(ks_ctx *cx, ks_key_name **out, size_t *n)
{
    ks_rows *rows;
    int64_t  max;
    bool     more;
    *n = 0;
    KS_TRY(ks_key_row_count(cx, &max));
    *out = ks_alloc(cx, (size_t)(max + 1) * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_query(cx, cx->env->reader, &working, KS_VALS(KS_V(cx->project_id), KS_VI(max)), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more)
            break;
        (*out)[(*n)++] = (ks_key_name){ks_row_str(rows, 0), ks_row_str(rows, 1)};
    }
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_key_rows(ks_ctx *cx, ks_str project_id, size_t max, ks_key **out, size_t *n)
{
    ks_rows *rows;
    ks_key  *list = ks_alloc(cx, max * sizeof *list);
    size_t   count = 0;
    bool     more;
    if (list == NULL)
        return ks_no_memory(cx);
    if (project_id.p != NULL)
        KS_TRY(ks_query(cx, cx->env->reader, &keys_of_project, KS_VALS(KS_V(project_id), KS_VI((int64_t)max)),
                        &rows));
    else
        KS_TRY(ks_query(cx, cx->env->reader, &keys_of_all, KS_VALS(KS_VI((int64_t)max)), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more)
            break;
        if (count < max)
            list[count++] = read_key(rows);
    }
    *out = list;
    *n = count;
    return KS_OK;
}

ks_status ks_project_row_named(ks_ctx *cx, ks_str name, ks_str *id)
{
    ks_rows *rows;
    bool     more;
    KS_TRY(ks_query(cx, cx->env->reader, &project_named, KS_VALS(KS_V(name)), &rows));
    KS_TRY(ks_rows_next(rows, &more));
    *id = KS_NO_STR;
    if (!more)
        return KS_OK;
    *id = ks_row_str(rows, 0);
    ks_rows_close(rows);
    return id->p ? KS_OK : ks_no_memory(cx);
}

ks_status ks_project_row_key(ks_ctx *cx, ks_str id, ks_wrapped_key *out)
{
    ks_rows *rows;
    bool     more;
    KS_TRY(ks_query(cx, cx->env->reader, &project_key, KS_VALS(KS_V(id)), &rows));
    KS_TRY(ks_rows_next(rows, &more));
    if (!more)
        return ks_fail_code(cx, KS_NOT_FOUND, "project_not_found", NULL, "There is no such project.");
    *out = (ks_wrapped_key){.root_id = ks_row_str(rows, 0),
                            .kek_id = ks_row_str(rows, 1),
                            .alg = ks_row_str(rows, 2),
                            .nonce = ks_row_str(rows, 3),
                            .ct = ks_row_str(rows, 4)};
    ks_rows_close(rows);
    return out->ct.p ? KS_OK : ks_no_memory(cx);
}

ks_status ks_project_rows(ks_ctx *cx, size_t max, ks_project **out, size_t *n)
{
    ks_rows    *rows;
    ks_project *list = ks_alloc(cx, max * sizeof *list);
    size_t      count = 0;
    bool        more;
    if (list == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_query(cx, cx->env->reader, &projects, KS_VALS(KS_VI((int64_t)max)), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more)
            break;
        if (count < max)
            list[count++] = (ks_project){
                .id = ks_row_str(rows, 0), .name = ks_row_str(rows, 1), .created_at = ks_row_int(rows, 2)};
    }
    *out = list;
    *n = count;
    return KS_OK;
}

ks_status ks_project_row_add(ks_ctx *cx, ks_change *c, const ks_project *p, const ks_wrapped_key *w)
{
    return ks_change_add(cx, c, &insert_project,
                         KS_VALS(KS_V(p->id), KS_V(p->name), KS_V(w->root_id), KS_V(w->kek_id), KS_V(w->alg),
                                 KS_VB(w->nonce), KS_VB(w->ct), KS_VI(p->created_at)),
                         (ks_guard){.rows = 1,
                                    .status = KS_CONFLICT,
                                    .code = "project_exists",
                                    .field = "project",
                                    .message = "A project with this name has just been made. Try again."});
}

ks_status ks_key_row_add(ks_ctx *cx, ks_change *c, const ks_key *k, ks_str digest)
{
    return ks_change_add(cx, c, &insert_key,
                         KS_VALS(KS_V(k->id), KS_V(k->project_id), KS_VB(digest), KS_V(k->prefix),
                                 KS_V(k->name), KS_VI(k->scopes), KS_VI(k->created_at),
                                 k->expires_at ? KS_VI(k->expires_at) : KS_VNULL, KS_VI(k->reach.read_only),
                                 KS_V(k->reach.apps), KS_V(k->reach.entities), KS_V(k->reach.prefix)),
                         (ks_guard){.rows = 1,
                                    .status = KS_CONFLICT,
                                    .code = "key_exists",
                                    .message = "The key could not be stored. Try again."});
}

ks_status ks_key_row_used(ks_ctx *cx, ks_change *c, ks_str id)
{
    return ks_change_add(cx, c, &use_key,
                         KS_VALS(KS_V(id), KS_VI(cx->now_us), KS_VI(cx->now_us - KS_KEY_USED_US)),
                         KS_ANY_ROWS);
}

ks_status ks_key_row_freeze(ks_ctx *cx, ks_change *c, ks_str id, bool frozen, ks_str why)
{
    if (!frozen)
        return ks_change_add(cx, c, &unfreeze_key, KS_VALS(KS_V(id)), KS_ANY_ROWS);
    return ks_change_add(cx, c, &freeze_key, KS_VALS(KS_V(id), KS_VI(cx->now_us), KS_V(why)), KS_ANY_ROWS);
}

ks_status ks_key_row_revoke(ks_ctx *cx, ks_change *c, ks_str id)
{
    return ks_change_add(cx, c, &revoke_key, KS_VALS(KS_V(id), KS_VI(cx->now_us)),
                         (ks_guard){.rows = 1,
                                    .status = KS_CONFLICT,
                                    .code = "key_revoked",
                                    .field = "id",
                                    .message = "This key has been revoked already."});
}
