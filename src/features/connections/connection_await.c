/* features/connections/connection_await.c — see the header. The row has a seal from the start, over what is
 * known already; the credential comes by ks_connection_make, which replaces it. */
#include "features/connections/connection_await.h"

#include "base/ids.h"
#include "features/connections/connection_rows.h"

/* Secrets are for the person to type: whoever has one already makes the connection at once. */
static ks_status check_open(ks_ctx *cx, const ks_credential *c, const char *path)
{
    for (size_t i = 0; i < c->n; i++) {
        const ks_app_field *f = ks_app_field_find(c->scheme, c->values[i].name);
        if (f == NULL || f->secret) {
            ks_str name = ks_fmt(cx, "%s" KS_FMT, path, KS_ARG(c->values[i].name));
            return ks_fail(
                cx, KS_INVALID, name.p,
                "A link asks its user for secrets. Leave this one out, or connect without a link.");
        }
    }
    return KS_OK;
}

static ks_status take_values(ks_ctx *cx, const ks_connect *in, ks_credential *c)
{
    const ks_app_scheme *scheme = ks_app_scheme_find(in->app, in->integration.scheme);
    if (scheme == NULL)
        return ks_fail_code(
            cx, KS_INVALID, "scheme_mismatch", "integrationId",
            "The app of this integration has no such scheme any more. Make another integration.");
    KS_TRY(ks_credential_new(cx, in->app, scheme, c));
    KS_TRY(ks_credential_take(cx, c, in->values, in->path));
    return check_open(cx, c, in->path ? in->path : "");
}

static ks_status fill_in(ks_ctx *cx, const ks_credential *values, ks_connection *c)
{
    ks_subject s = {
        .credential = values, .app = values->app, .project_id = cx->project_id, .connection_id = c->id};
    ks_place place = {KS_S("connections"), cx->project_id, c->id, c->integration_id, c->version};
    ks_buf  *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    KS_TRY(ks_build_display(cx, &s, &w, NULL));
    c->display = ks_buf_view(b);
    if (!ks_buf_ok(b))
        return ks_no_memory(cx);
    return ks_envelope_seal(cx, cx->env->keys, &place, values->values, values->n, &c->sealed);
}

ks_status ks_connection_await_add(ks_ctx *cx, ks_change *change, const ks_connect *in, int64_t until_us,
                                  ks_connection *out)
{
    ks_credential values;
    if (in->entity_id.n > KS_MAX_ENTITY)
        return ks_fail(cx, KS_INVALID, in->entity_field ? in->entity_field : "entityId",
                       "Use at most %d bytes for an entity id.", KS_MAX_ENTITY);
    KS_TRY(ks_connection_may(cx, in));
    KS_TRY(take_values(cx, in, &values));
    *out = (ks_connection){.id = ks_id_new(cx, KS_ID_CONNECTION),
                           .integration_id = in->integration.id,
                           .app = in->app->key,
                           .scheme = in->integration.scheme,
                           .entity_id = in->entity_id.n ? in->entity_id : KS_S("default"),
                           .status = KS_S("INITIATED"),
                           .enabled = true,
                           .labels = in->labels.p ? in->labels : KS_S("[]"),
                           .version = 1,
                           .verdict = KS_S("unchecked"),
                           .created_at = cx->now_us / 1000 * 1000,
                           .updated_at = cx->now_us};
    if (out->id.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(fill_in(cx, &values, out));
    KS_TRY(ks_connection_row_put(cx, change, out, until_us));
    KS_TRY(ks_change_touch(cx, change, out->id));
    return ks_change_note(cx, change, "connection.initiate", out->id, KS_S("ok"));
}

ks_status ks_connection_lapse_add(ks_ctx *cx, ks_change *change, ks_str id)
{
    KS_TRY(ks_connection_row_lapse(cx, change, id));
    return ks_change_touch(cx, change, id);
}
