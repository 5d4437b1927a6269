/* features/connections/connection.c — reading, choosing and small changes. Making and checking:
 * connection_make.c. */
#include "features/connections/connection.h"

#include "base/ids.h"
#include "features/apps/view.h"
#include "features/connections/connection_cache.h"
#include "features/connections/connection_rows.h"
#include "features/reach.h"

static ks_status not_found(ks_ctx *cx)
{
    return ks_fail_code(cx, KS_NOT_FOUND, KS_NO_CONNECTION);
}

/* The row, kept for the next call. Counters are taken before what they vouch for is read: a commit in between
 * makes the kept row stale. Which integration's counter it is, only a first reading tells; the second finds
 * nothing when that integration was deleted meanwhile, and its connections with it. */
static ks_status read_and_keep(ks_ctx *cx, ks_str id, ks_connection *out)
{
    bool     found;
    uint64_t epoch = ks_epoch(cx->env->store, id);
    KS_TRY(ks_connection_row_get(cx, id, out, &found));
    if (!found)
        return not_found(cx);
    uint64_t integration_epoch = ks_epoch(cx->env->store, out->integration_id);
    KS_TRY(ks_connection_row_get(cx, id, out, &found));
    if (!found)
        return not_found(cx);
    ks_connection_keep(cx, out, epoch, integration_epoch);
    return KS_OK;
}

/* What a limited key does not reach is not there for it (rule S4). */
static bool within(const ks_ctx *cx, const ks_connection *c)
{
    return ks_reach_app(cx, c->app) && ks_reach_entity(cx, c->entity_id);
}

ks_status ks_connection_get(ks_ctx *cx, ks_str id, ks_connection *out)
{
    if (!ks_id_valid(id, KS_ID_CONNECTION))
        return not_found(cx);
    if (!ks_connection_cached(cx, id, out))
        KS_TRY(read_and_keep(cx, id, out));
    return within(cx, out) ? KS_OK : not_found(cx);
}

ks_status ks_connection_read(ks_ctx *cx, ks_str id, ks_connection *out)
{
    bool found = false;
    if (ks_id_valid(id, KS_ID_CONNECTION))
        KS_TRY(ks_connection_row_get(cx, id, out, &found));
    return found && within(cx, out) ? KS_OK : not_found(cx);
}

ks_status ks_connection_list(ks_ctx *cx, const ks_connection_filter *f, ks_connection **out, size_t *n,
                             int64_t *total)
{
    return ks_connection_rows(cx, f, out, n, total);
}

ks_status ks_connection_page(ks_ctx *cx, const ks_connection_look *look, ks_connection **out, size_t *n,
                             bool *more)
{
    return ks_connection_rows_page(cx, look, out, n, more);
}

ks_status ks_connection_count(ks_ctx *cx, ks_str status, int64_t *out)
{
    return ks_connection_rows_count(cx, status, out);
}

ks_status ks_connection_troubled(ks_ctx *cx, ks_str status, int64_t since, size_t limit, ks_connection **out,
                                 size_t *n)
{
    return ks_connection_rows_troubled(cx, status, since, limit, out, n);
}

ks_status ks_connection_open(ks_ctx *cx, const ks_connection *c, ks_credential *out)
{
    const ks_app        *app = ks_catalog_app(cx, ks_catalog_of(cx), c->app);
    ks_place             place = {KS_S("connections"), cx->project_id, c->id, c->integration_id, c->version};
    ks_value            *values;
    size_t               n;
    const ks_app_scheme *scheme = app ? ks_app_scheme_find(app, c->scheme) : NULL;
    if (scheme == NULL)
        return ks_fail_code(
            cx, KS_INVALID, "app_not_found", "appName",
            "The app of this connection is not in the catalogue any more. Add its app file again (--apps).");
    KS_TRY(ks_credential_new(cx, app, scheme, out));
    KS_TRY(ks_envelope_open(cx, cx->env->keys, &place, &c->sealed, &values, &n));
    ks_credential_fill(out, values, n);
    ks_credential_publish(out);
    return KS_OK;
}

static ks_status audit(ks_ctx *cx, ks_change *change, const char *action, ks_str id, const char *result)
{
    KS_TRY(ks_change_touch(cx, change, id));
    return ks_change_note(cx, change, action, id, ks_str_of(result));
}

static ks_status need_id(ks_ctx *cx, ks_str id)
{
    ks_connection c;
    if (ks_reach_limited(cx))
        return ks_connection_get(cx, id, &c);
    return ks_id_valid(id, KS_ID_CONNECTION) ? KS_OK : not_found(cx);
}

ks_status ks_connection_enable_add(ks_ctx *cx, ks_change *change, ks_str id, bool enabled)
{
    KS_TRY(need_id(cx, id));
    KS_TRY(ks_connection_row_enable(cx, change, id, enabled));
    return audit(cx, change, enabled ? "connection.enable" : "connection.disable", id, "ok");
}

ks_status ks_labels_check(ks_ctx *cx, const ks_json *labels, ks_str *out)
{
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    if (labels != NULL && ks_json_kind(labels) != KS_JSON_ARR && ks_json_kind(labels) != KS_JSON_NULL)
        return ks_fail(cx, KS_INVALID, "labels", "labels must be a list of texts.");
    if (ks_json_count(labels) > KS_MAX_LABELS)
        return ks_fail(cx, KS_INVALID, "labels", "Use at most %d labels.", KS_MAX_LABELS);
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; labels != NULL && i < ks_json_count(labels); i++) {
        ks_str one = ks_json_str(ks_json_at(labels, i));
        if (one.p == NULL || one.n == 0 || one.n > KS_MAX_LABEL)
            return ks_fail(cx, KS_INVALID, "labels", "Each label must be a text of 1 to %d bytes.",
                           KS_MAX_LABEL);
        ks_jw_str(&w, NULL, one);
    }
    ks_jw_end(&w, ']');
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_connection_labels_add(ks_ctx *cx, ks_change *change, ks_str id, const ks_json *labels)
{
    ks_str text;
    KS_TRY(need_id(cx, id));
    KS_TRY(ks_labels_check(cx, labels, &text));
    KS_TRY(ks_connection_row_labels(cx, change, id, text));
    return audit(cx, change, "connection.label", id, "ok");
}

ks_status ks_connection_delete_add(ks_ctx *cx, ks_change *change, ks_str id)
{
    KS_TRY(need_id(cx, id));
    KS_TRY(ks_connection_row_delete(cx, change, id));
    return audit(cx, change, "connection.delete", id, "ok");
}

ks_status ks_connection_revoke_add(ks_ctx *cx, ks_change *change, const ks_connection *c)
{
    KS_TRY(ks_connection_row_revoke(cx, change, c->id));
    return audit(cx, change, "connection.revoke", c->id, "ok");
}

ks_status ks_connection_label_free_add(ks_ctx *cx, ks_change *change, ks_str entity, ks_str app,
                                       ks_str own_id, ks_str label)
{
    return ks_connection_row_label_free(cx, change, entity.n ? entity : KS_S("default"), app, own_id, label);
}

ks_str ks_connection_status(const ks_connection *c)
{
    return !c->enabled && ks_str_eq(c->status, KS_S("ACTIVE")) ? KS_S("INACTIVE") : c->status;
}

ks_status ks_connection_failures_add(ks_ctx *cx, ks_change *change, ks_str id, int64_t failures)
{
    KS_TRY(ks_connection_row_failures(cx, change, id, failures));
    return ks_change_touch(cx, change, id);
}

ks_status ks_connection_may(ks_ctx *cx, const ks_connect *in)
{
    if (!ks_reach_entity(cx, in->entity_id))
        return ks_reach_refuse(cx, in->entity_field ? in->entity_field : "entityId",
                               "it is not for this entity");
    return ks_reach_app(cx, in->app->key) ? KS_OK : ks_reach_refuse(cx, NULL, "it is not for this app");
}
