/* features/links/link_rows.c — see the header. */
#include "features/links/link_rows.h"

#include "features/reach.h"

#define COLUMNS                                                                                              \
    "l.id, l.project_id, l.integration_id, l.connection_id, l.entity_id, p.name, l.return_url, l.replaces, " \
    "l.created_at, l.expires_at, l.boot, l.boot_ends, l.tries, l.used_at, l.revoked_at, l.digest, "          \
    "l.lang, l.origins"
#define FROM " FROM connect_links l JOIN projects p ON p.id = l.project_id WHERE "

static const ks_sql sql_by_digest = {"SELECT " COLUMNS FROM "l.digest = $1"};
static const ks_sql sql_by_id = {"SELECT " COLUMNS FROM "l.id = $1"};
/* What the caller's key is limited to (features/reach.h): $2, $3, $4. */
#define REACH                                                                                                \
    "l.project_id = $1 AND ($2 = '' OR EXISTS (SELECT 1 FROM connections c WHERE c.project_id = $1 AND "     \
    "c.id = l.connection_id AND " KS_REACH_APP("c.app", "$2") ")) AND " KS_REACH_ENTITY("l.entity_id", "$3", \
                                                                                        "$4") " "
static const ks_sql sql_list = {"SELECT " COLUMNS FROM REACH
                                "ORDER BY l.created_at DESC, l.id DESC LIMIT $5 OFFSET $6"};
static const ks_sql sql_count = {"SELECT count(*) FROM connect_links l WHERE " REACH};
static const ks_sql sql_newest = {"SELECT time FROM audit ORDER BY seq DESC LIMIT 1"};
static const ks_sql sql_put = {
    "INSERT INTO connect_links(id, project_id, integration_id, connection_id, digest, entity_id, return_url, "
    "replaces, created_at, expires_at, boot, boot_ends, lang, origins) VALUES($2, $1, $3, $4, $5, $6, $7, "
    "$8, "
    "$9, $10, $11, $12, $13, $14)"};
/* The minute begins anew when it is over, and when the clock began anew with the machine. */
#define NEW_MINUTE "(window_at > $3 OR window_at <= $3 - 60000000)"
static const ks_sql sql_try = {
    "UPDATE connect_links SET tries = tries + 1, "
    "window_tries = CASE WHEN " NEW_MINUTE " THEN 1 ELSE window_tries + 1 END, "
    "window_at = CASE WHEN " NEW_MINUTE " THEN $3 ELSE window_at END "
    "WHERE project_id = $1 AND id = $2 AND used_at IS NULL AND revoked_at IS NULL AND tries < $4 "
    "AND (" NEW_MINUTE " OR window_tries < $5)"};
static const ks_sql sql_use = {"UPDATE connect_links SET used_at = $3 WHERE project_id = $1 AND id = $2 AND "
                               "used_at IS NULL AND revoked_at IS NULL"};
static const ks_sql sql_revoke = {
    "UPDATE connect_links SET revoked_at = $3 WHERE project_id = $1 AND id = $2 "
    "AND used_at IS NULL AND revoked_at IS NULL"};

static const ks_guard too_often = {1, KS_RATE, "link_tries", NULL, "Too many tries. Wait a minute."};
static const ks_guard dead = {1, KS_CONFLICT, "link_dead", NULL, "This link can no longer be used."};
static const ks_guard gone = {1, KS_NOT_FOUND, "link_not_found", "id",
                              "There is no link with this id that could still be used."};
static const ks_guard again = {1, KS_CONFLICT, NULL, NULL, "The link could not be stored. Try again."};

/* The column `replaces`: 0 for a new connection, 1 for new values of one, n + 1 for those given by the n-th
 * link that followed another. */
static int64_t replaces_of(const ks_link *l)
{
    return l->chain > 0 ? l->chain + 1 : l->replaces;
}

static void from_row(const ks_rows *r, ks_link *out)
{
    int64_t replaces = ks_row_int(r, 7);
    *out = (ks_link){.id = ks_row_str(r, 0),
                     .project_id = ks_row_str(r, 1),
                     .integration_id = ks_row_str(r, 2),
                     .connection_id = ks_row_str(r, 3),
                     .entity_id = ks_row_str(r, 4),
                     .project = ks_row_str(r, 5),
                     .return_url = ks_row_str(r, 6),
                     .replaces = replaces != 0,
                     .chain = replaces > 1 ? replaces - 1 : 0,
                     .life = {.created_at = ks_row_int(r, 8),
                              .expires_at = ks_row_int(r, 9),
                              .boot = ks_row_str(r, 10),
                              .boot_ends = ks_row_int(r, 11)},
                     .tries = ks_row_int(r, 12),
                     .used_at = ks_row_int(r, 13),
                     .revoked_at = ks_row_int(r, 14),
                     .lang = ks_row_str(r, 16),
                     .origins = ks_row_str(r, 17)};
}

static ks_status one(ks_ctx *cx, const ks_sql *sql, ks_val key, ks_link *out, bool *found, ks_str *digest)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, sql, &key, 1, &rows));
    KS_TRY(ks_rows_next(rows, found));
    if (*found) {
        from_row(rows, out);
        *digest = ks_row_str(rows, 15);
    }
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_link_row_by_digest(ks_ctx *cx, ks_str digest, ks_link *out, bool *found)
{
    ks_str stored;
    KS_TRY(one(cx, &sql_by_digest, KS_VB(digest), out, found, &stored));
    *found = *found && stored.n == digest.n && ks_same(stored.p, digest.p, digest.n);
    return KS_OK;
}

ks_status ks_link_row_by_id(ks_ctx *cx, ks_str id, ks_link *out, bool *found)
{
    ks_str stored;
    return one(cx, &sql_by_id, KS_V(id), out, found, &stored);
}

ks_status ks_link_row_newest(ks_ctx *cx, int64_t *us)
{
    return ks_query_number(cx, cx->env->reader, &sql_newest, NULL, 0, us);
}

ks_status ks_link_rows(ks_ctx *cx, int64_t offset, int64_t limit, ks_link **out, size_t *n, int64_t *total)
{
    ks_rows *rows;
    ks_val   v[] = {KS_V(cx->project_id),
                    KS_V(ks_reach_apps_text(cx)),
                    KS_V(ks_reach_entities_text(cx)),
                    KS_V(ks_reach_prefix_text(cx)),
                    KS_VI(0),
                    KS_VI(offset)};
    bool     more;
    KS_TRY(ks_query_number(cx, cx->env->reader, &sql_count, v, 4, total));
    int64_t left = *total > offset ? *total - offset : 0;
    size_t  room = (size_t)(left < limit ? left : limit);
    *n = 0;
    *out = ks_alloc(cx, (room + 1) * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    v[4] = KS_VI((int64_t)room);
    KS_TRY(ks_query(cx, cx->env->reader, &sql_list, v, KS_COUNT(v), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more || *n == room)
            break;
        from_row(rows, &(*out)[(*n)++]);
    }
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_link_row_put(ks_ctx *cx, ks_change *ch, const ks_link *l, ks_str digest)
{
    return ks_change_add(cx, ch, &sql_put,
                         KS_VALS(KS_V(cx->project_id), KS_V(l->id), KS_V(l->integration_id),
                                 KS_V(l->connection_id), KS_VB(digest), KS_V(l->entity_id),
                                 KS_V(l->return_url), KS_VI(replaces_of(l)), KS_VI(l->life.created_at),
                                 KS_VI(l->life.expires_at), KS_V(l->life.boot), KS_VI(l->life.boot_ends),
                                 KS_V(l->lang), KS_V(l->origins)),
                         again);
}

ks_status ks_link_row_try(ks_ctx *cx, ks_change *ch, ks_str id, int64_t boot_us)
{
    return ks_change_add(cx, ch, &sql_try,
                         KS_VALS(KS_V(cx->project_id), KS_V(id), KS_VI(boot_us), KS_VI(KS_LINK_TRIES),
                                 KS_VI(KS_LINK_TRIES_MIN)),
                         too_often);
}

ks_status ks_link_row_use(ks_ctx *cx, ks_change *ch, ks_str id)
{
    return ks_change_add(cx, ch, &sql_use, KS_VALS(KS_V(cx->project_id), KS_V(id), KS_VI(cx->now_us)), dead);
}

ks_status ks_link_row_revoke(ks_ctx *cx, ks_change *ch, ks_str id)
{
    return ks_change_add(cx, ch, &sql_revoke, KS_VALS(KS_V(cx->project_id), KS_V(id), KS_VI(cx->now_us)),
                         gone);
}
