/* features/integrations/integration.c — the rules. HTTP, CLI and later MCP enter here. */
#include "features/integrations/integration.h"

#include "base/ids.h"
#include "features/apps/view.h"
#include "features/budgets/budget.h"
#include "features/integrations/integration_cache.h"
#include "features/integrations/integration_rows.h"
#include "features/reach.h"

#define DISABLE_PAGE 200 /* rows read at once */

static ks_status not_found(ks_ctx *cx)
{
    return ks_fail_code(cx, KS_NOT_FOUND, KS_NO_INTEGRATION);
}

ks_status ks_integration_get(ks_ctx *cx, ks_str id, ks_integration *out)
{
    bool found = true;
    if (!ks_id_valid(id, KS_ID_INTEGRATION))
        return not_found(cx);
    if (!ks_integration_cached(cx, id, out)) {
        uint64_t epoch = ks_epoch(cx->env->store,
                                  id); /* before the row: a commit in between makes it stale */
        KS_TRY(ks_integration_row_get(cx, id, out, &found));
        if (found)
            ks_integration_keep(cx, out, epoch);
    }
    return found && ks_reach_app(cx, out->app) ? KS_OK : not_found(cx);
}

/* Integrations are shared by all entities: with one of them, somebody else's keys could be sent elsewhere. */
ks_status ks_integration_shared(ks_ctx *cx)
{
    return ks_reach_by_entity(cx)
               ? ks_reach_refuse(cx, NULL, "integrations are shared by all entities, and it is for some")
               : KS_OK;
}

ks_status ks_integration_find(ks_ctx *cx, const ks_app *app, ks_str scheme, ks_integration *out)
{
    bool found;
    KS_TRY(ks_integration_row_find(cx, app->key, scheme, out, &found));
    if (!found)
        *out = (ks_integration){0};
    return KS_OK;
}

ks_status ks_integration_list(ks_ctx *cx, ks_str app_key, bool disabled_too, int64_t offset, int64_t limit,
                              ks_integration **out, size_t *n, int64_t *total)
{
    ks_integration_filter f = {
        .apps = app_key, .disabled_too = disabled_too, .offset = offset, .limit = limit};
    return ks_integration_rows(cx, &f, out, n, total);
}

ks_status ks_integration_search(ks_ctx *cx, const ks_integration_filter *f, ks_integration **out, size_t *n,
                                int64_t *total)
{
    return ks_integration_rows(cx, f, out, n, total);
}

ks_status ks_integration_uses(ks_ctx *cx, ks_str id, int64_t *n)
{
    return ks_integration_row_uses(cx, id, n);
}

ks_status ks_integration_used(ks_ctx *cx, ks_str id, int64_t *used_at)
{
    return ks_integration_row_used(cx, id, used_at);
}

static ks_place place_of(const ks_ctx *cx, const ks_integration *in)
{
    return (ks_place){KS_S("integrations"), cx->project_id, KS_S(""), in->id, in->version};
}

/* Check, seal and describe the integration's own values. `old`, when given, lends those not named. */
static ks_status set_values(ks_ctx *cx, const ks_app *app, const ks_json *values, const char *path,
                            const ks_integration *old, ks_integration *in)
{
    ks_credential c;
    ks_place      place = place_of(cx, in);
    ks_buf       *display = ks_ctx_buf(cx, KS_MAX_BODY_BYTES), *given = ks_ctx_buf(cx, 16 * 1024);
    if (display == NULL || given == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_credential_new(cx, app, ks_app_scheme_find(app, in->scheme), &c));
    KS_TRY(ks_credential_take(cx, &c, values, path));
    if (old != NULL)
        KS_TRY(ks_integration_fill(cx, old, &c));
    ks_jw dw = ks_jw_new(display), gw = ks_jw_new(given);
    ks_credential_display(cx, &c, &dw, NULL);
    ks_jw_arr(&gw, NULL);
    for (size_t i = 0; i < c.n; i++)
        ks_jw_str(&gw, NULL, c.values[i].name);
    ks_jw_end(&gw, ']');
    if (!ks_buf_ok(display) || !ks_buf_ok(given))
        return ks_no_memory(cx);
    in->display = ks_buf_view(display);
    in->given = ks_buf_view(given);
    in->sealed = (ks_sealed){0};
    return c.n ? ks_envelope_seal(cx, cx->env->keys, &place, c.values, c.n, &in->sealed) : KS_OK;
}

static ks_status audit(ks_ctx *cx, ks_change *change, const char *action, ks_str id)
{
    KS_TRY(ks_change_touch(cx, change, id));
    return ks_change_note(cx, change, action, id, KS_S("ok"));
}

/* Every field that is asked of the developer has a value or a default. */
static ks_status need_developers(ks_ctx *cx, const ks_app_scheme *scheme, const char *path,
                                 const ks_integration *in)
{
    ks_err lacking = {0};
    for (size_t i = 0; i < scheme->fields_n; i++) {
        const ks_app_field *f = &scheme->fields[i];
        if (f->developer && f->required && f->fallback.p == NULL && !ks_integration_gives(in, f->name) &&
            lacking.n < KS_MAX_DETAILS)
            lacking.details[lacking.n++] = (ks_detail){ks_fmt(cx, "%s" KS_FMT, path, KS_ARG(f->name)),
                                                       KS_S("is required")};
    }
    if (lacking.n == 0)
        return KS_OK;
    (void)!ks_fail_code(cx, KS_INVALID, "field_missing", NULL,
                        "Fields that the application itself must give are missing.");
    for (size_t i = 0; i < lacking.n; i++)
        ks_fail_also(cx, lacking.details[i].field, lacking.details[i].reason);
    return KS_INVALID;
}

ks_status ks_integration_add(ks_ctx *cx, ks_change *change, const ks_integration_new *in, ks_integration *out)
{
    const ks_app_scheme *scheme = ks_app_scheme_find(in->app, in->scheme);
    KS_TRY(ks_integration_shared(cx));
    if (scheme == NULL)
        return ks_fail_code(cx, KS_INVALID, "scheme_not_offered", "authScheme",
                            in->app->schemes_n ? KS_FMT
                                " does not offer this scheme. Read the app for its schemes."
                                               : KS_FMT
                                " needs no credential and no integration. Run its actions right away.",
                            KS_ARG(in->app->name));
    if (in->name.n > KS_MAX_NAME)
        return ks_fail(cx, KS_INVALID, "name", "Use at most %d bytes.", KS_MAX_NAME);
    *out = (ks_integration){.id = ks_id_new(cx, KS_ID_INTEGRATION),
                            .app = in->app->key,
                            .scheme = scheme->scheme,
                            .name = in->name.n ? in->name : in->app->key,
                            .enabled = true,
                            .verify = in->verify,
                            .ambiguous = in->ambiguous,
                            .limited = in->limited,
                            .requests = in->requests,
                            .created_at = cx->now_us,
                            .updated_at = cx->now_us,
                            .version = 1};
    if (out->id.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(set_values(cx, in->app, in->values, in->path, NULL, out));
    if (in->complete)
        KS_TRY(need_developers(cx, scheme, in->path, out));
    KS_TRY(ks_integration_row_put(cx, change, out));
    return audit(cx, change, "integration.create", out->id);
}

/* What is patched, without its record. */
static ks_status patch(ks_ctx *cx, ks_change *change, const ks_integration *old,
                       const ks_integration_patch *p)
{
    ks_integration next = *old;
    const ks_app  *app;
    KS_TRY(ks_integration_shared(cx));
    next.version++;
    if (p->enabled != NULL)
        next.enabled = *p->enabled;
    if (p->verify != NULL)
        next.verify = *p->verify;
    if (p->ambiguous != NULL)
        next.ambiguous = *p->ambiguous;
    if (p->limited != NULL)
        next.limited = *p->limited;
    if (p->requests != NULL)
        next.requests = *p->requests;
    if (p->values != NULL) { /* without new ones, an app that is gone from the catalogue is no hindrance */
        KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "integrationId", old->app, &app));
        KS_TRY(
            set_values(cx, app, p->values, p->path ? p->path : "authConfig.", p->merge ? old : NULL, &next));
    } else if (old->sealed.kek_id.p != NULL) { /* the version is part of the seal: seal again */
        ks_value *values;
        size_t    n;
        ks_place  was = place_of(cx, old), now = place_of(cx, &next);
        KS_TRY(ks_envelope_open(cx, cx->env->keys, &was, &old->sealed, &values, &n));
        KS_TRY(ks_envelope_seal(cx, cx->env->keys, &now, values, n, &next.sealed));
    }
    KS_TRY(ks_integration_row_update(cx, change, &next, old->version));
    return ks_change_touch(cx, change, old->id);
}

ks_status ks_integration_patch_add(ks_ctx *cx, ks_change *change, const ks_integration *old,
                                   const ks_integration_patch *p)
{
    KS_TRY(patch(cx, change, old, p));
    return ks_change_note(cx, change, "integration.update", old->id, KS_S("ok"));
}

ks_status ks_integration_disable_all_add(ks_ctx *cx, ks_change *change)
{
    ks_integration      *page;
    size_t               n;
    int64_t              total;
    bool                 off = false;
    ks_integration_patch disable = {.enabled = &off};
    for (int64_t at = 0;; at += (int64_t)n) {
        KS_TRY(ks_integration_list(cx, KS_NO_STR, false, at, DISABLE_PAGE, &page, &n, &total));
        for (size_t i = 0; i < n; i++)
            KS_TRY(patch(cx, change, &page[i], &disable));
        if (n < DISABLE_PAGE)
            return ks_change_note(cx, change, "integration.disable_all", cx->project_id, KS_S("ok"));
    }
}

ks_status ks_integration_delete_add(ks_ctx *cx, ks_change *change, ks_str id)
{
    KS_TRY(ks_integration_shared(cx));
    KS_TRY(ks_integration_row_delete(cx, change, id));
    KS_TRY(ks_budget_drop(cx, change, id));
    return audit(cx, change, "integration.delete", id);
}

/* A secret that all connections share goes to no host that one of them names, to no other port of a database
 * and under no trust of theirs: who connects must not learn it by that (rule N1). */
static ks_status judge_address(ks_ctx *cx, const ks_credential *c, const ks_credential *shared)
{
    bool secret = false;
    for (size_t i = 0; i < shared->n; i++) {
        const ks_app_field *f = ks_app_field_find(c->scheme, shared->values[i].name);
        secret |= f != NULL && f->secret && ks_credential_get(c, f->name) == NULL;
    }
    for (size_t i = 0; secret && i < c->scheme->fields_n; i++) {
        const ks_app_field *f = &c->scheme->fields[i];
        bool                leads = ks_credential_free(c->scheme, f) || ks_credential_trusts(c->scheme, f);
        if (leads && ks_credential_get(c, f->name) != NULL &&
            !ks_str_eq(ks_credential_text(c, f->name), ks_credential_text(shared, f->name)))
            return ks_fail_code(cx, KS_INVALID, "address_moved", f->name.p,
                                "The secret is the integration's, so the address must be, too. Leave `" KS_FMT
                                "` out, or send the secret with it.",
                                KS_ARG(f->name));
    }
    return KS_OK;
}

ks_status ks_integration_fill(ks_ctx *cx, const ks_integration *in, ks_credential *c)
{
    ks_value *values;
    size_t    n;
    ks_place  place = place_of(cx, in);
    if (in->sealed.kek_id.p == NULL)
        return KS_OK;
    KS_TRY(ks_envelope_open(cx, cx->env->keys, &place, &in->sealed, &values, &n));
    ks_credential shared;
    KS_TRY(ks_credential_new(cx, c->app, c->scheme, &shared));
    ks_credential_fill(&shared, values, n);
    ks_credential_publish(&shared);
    KS_TRY(judge_address(cx, c, &shared));
    ks_credential_fill(c, values, n);
    ks_credential_publish(c);
    return KS_OK;
}

static const char *const ambiguous_words[] = {"default", "newest", "refuse"};

const char *ks_ambiguous_word(ks_ambiguous a)
{
    return ambiguous_words[a];
}

ks_status ks_ambiguous_parse(ks_ctx *cx, const char *field, ks_str word, ks_ambiguous *out)
{
    for (size_t i = 0; i < KS_COUNT(ambiguous_words); i++) {
        if (word.n == 0 || ks_str_eq(word, ks_str_of(ambiguous_words[i]))) {
            *out = (ks_ambiguous)i;
            return KS_OK;
        }
    }
    return ks_fail(cx, KS_INVALID, field, "ambiguous must be default, newest or refuse.");
}

bool ks_integration_gives(const ks_integration *in, ks_str field)
{
    char quoted[128];
    if (field.n + 3 > sizeof quoted)
        return false;
    quoted[0] = '"';
    memcpy(quoted + 1, field.p, field.n);
    quoted[field.n + 1] = '"';
    return ks_str_find(in->given, (ks_str){quoted, field.n + 2}) != SIZE_MAX;
}
