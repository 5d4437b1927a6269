/* features/apps/project_apps.c — the rules of a project's own apps; see the header. HTTP and imports enter
 * here.
 */
#include "features/apps/project_apps.h"

#include "base/ids.h"
#include "features/apps/app_file.h"
#include "features/apps/app_follow.h"
#include "features/apps/project_apps_rows.h"
#include "features/apps/view.h"
#include "features/env.h"

#define STAMP "st_" /* prefix of a row's stamp */

/* ---- reading the file ---- */

/* The file's name for messages: the reader wants it to agree with the key. */
static ks_str file_name(ks_ctx *cx, ks_str text)
{
    ks_str line, key = KS_S("app");
    while (ks_str_cut(&text, '\n', &line)) {
        if (!ks_str_starts(line, KS_S("app:")))
            continue;
        ks_str word = ks_str_sub(line, 4, SIZE_MAX);
        word = ks_str_trim(ks_str_sub(word, 0, ks_str_chr(word, '#')), " \t\r\"'");
        if (word.n > 0 && word.n <= KS_APP_NAME_MAX && ks_str_chr(word, '/') == SIZE_MAX && ks_str_utf8(word))
            key = word;
        break;
    }
    return ks_fmt(cx, KS_FMT ".yaml", KS_ARG(key));
}

/* Each fault as a detail: "acme.yaml:12" and what is wrong there. */
static void tell_faults(ks_ctx *cx, ks_str faults)
{
    ks_str line;
    while (ks_str_cut(&faults, '\n', &line)) {
        size_t end = ks_str_find(line, KS_S(": "));
        if (end != SIZE_MAX)
            ks_fail_also(cx, ks_copy(cx, ks_str_sub(line, 0, end)),
                         ks_copy(cx, ks_str_sub(line, end + 2, SIZE_MAX)));
    }
}

static ks_status read_file(ks_ctx *cx, ks_str text, const ks_app **out)
{
    if (text.n > KS_APP_FILE_MAX)
        return ks_fail(cx, KS_TOO_LARGE, "file", "An app file has at most %d bytes.", KS_APP_FILE_MAX);
    if (text.n == 0)
        return ks_fail(cx, KS_INVALID, "file", "Send the text of an app file.");
    ks_buf *faults = ks_ctx_buf(cx, 256 * 1024);
    ks_str  name = file_name(cx, text);
    if (faults == NULL || name.p == NULL)
        return KS_NO_MEMORY;
    ks_status status = ks_app_file_lint(cx, name, text, faults, out);
    if (status == KS_INVALID)
        tell_faults(cx, ks_buf_view(faults));
    return status;
}

/* ---- what stands against it ---- */

static const ks_project_app_row *row_of(const ks_project_app_row *rows, size_t n, ks_str key)
{
    for (size_t i = 0; i < n; i++) {
        if (ks_str_eq(rows[i].key, key))
            return &rows[i];
    }
    return NULL;
}

static ks_status check_room(ks_ctx *cx, const ks_project_app_row *rows, size_t n,
                            const ks_project_app_row *old, ks_str text)
{
    int64_t bytes = (int64_t)text.n - (old != NULL ? old->size : 0);
    for (size_t i = 0; i < n; i++)
        bytes += rows[i].size;
    if (old == NULL && n >= KS_PROJECT_APPS_MAX)
        return ks_fail_code(cx, KS_CONFLICT, "too_many_apps", NULL,
                            "A project has at most %d apps of its own. Remove one first.",
                            KS_PROJECT_APPS_MAX);
    if (bytes > KS_PROJECT_APPS_BYTES)
        return ks_fail_code(cx, KS_CONFLICT, "too_many_apps", NULL,
                            "The app files of a project have at most %d bytes together. Remove one first.",
                            KS_PROJECT_APPS_BYTES);
    return KS_OK;
}

static bool in_catalogue(ks_ctx *cx, ks_str key)
{
    return ks_str_eq(ks_catalog_key(cx->env->catalog, key), key);
}

static ks_status check_place(ks_ctx *cx, const ks_app *app, const ks_project_app_row *old, bool replace)
{
    if (old == NULL && !replace && in_catalogue(cx, app->key))
        return ks_fail_code(
            cx, KS_CONFLICT, "app_taken", "app",
            "The catalogue has an app of this key. Send replace=true to use yours instead in this "
            "project, or choose another key.");
    return ks_catalog_fits(cx, app);
}

static bool is_used(const ks_str *used, size_t n, const ks_app_scheme *s)
{
    for (size_t i = 0; i < n; i++) {
        if (ks_scheme_same(used[i], s->scheme))
            return true;
    }
    return false;
}

/* What is left of an app or a scheme that nobody knows any more: where it went cannot be told. */
static void find_orphans(ks_ctx *cx, const ks_str *used, size_t n, const ks_app *was, ks_app_losses *lost)
{
    for (size_t i = 0; i < n && lost->n < KS_MAX_DETAILS; i++) {
        bool known = false;
        for (size_t k = 0; was != NULL && k < was->schemes_n; k++)
            known |= ks_scheme_same(used[i], was->schemes[k].scheme);
        if (!known)
            lost->at[lost->n++] = (ks_detail){ks_fmt(cx, KS_FMT ".scheme", KS_ARG(used[i])),
                                              KS_S("connections are left of what is gone")};
    }
}

/* What uses of the app lose with its next version; and on `change`, that nothing begins meanwhile to use what
 * would lose. */
static ks_status find_losses(ks_ctx *cx, ks_change *change, const ks_app *app, ks_app_losses *lost)
{
    ks_str       *used;
    size_t        n;
    const ks_app *was = ks_catalog_app(cx, ks_catalog_of(cx), app->key);
    KS_TRY(ks_project_app_schemes(cx, app->key, &used, &n));
    find_orphans(cx, used, n, was, lost);
    if (was == NULL)
        return n > 0 ? KS_OK : ks_project_app_unused(cx, change, app->key, KS_NO_STR);
    for (size_t i = 0; i < was->schemes_n; i++) {
        const ks_app_scheme *s = &was->schemes[i], *next = ks_app_scheme_find(app, s->scheme);
        ks_app_losses        here = {.n = 0};
        ks_app_follow(cx, s, next, is_used(used, n, s) ? lost : &here);
        if (here.n > 0)
            KS_TRY(ks_project_app_unused(cx, change, app->key, s->scheme));
    }
    return cx->starved ? KS_NO_MEMORY : KS_OK;
}

static ks_status in_use(ks_ctx *cx, const ks_app_losses *lost)
{
    (void)!ks_fail_code(
        cx, KS_CONFLICT, "app_in_use", NULL,
        "Connections of the project cannot go on with this version. Keep what they need, or send "
        "force=true: then they and their integrations are deleted.");
    for (size_t i = 0; i < lost->n; i++)
        ks_fail_also(cx, lost->at[i].field, lost->at[i].reason);
    return KS_CONFLICT;
}

/* Stored credentials stay with what they were given for (app_follow.h), or go. */
static ks_status settle_uses(ks_ctx *cx, ks_change *change, const ks_project_app_ask *ask,
                             ks_project_app *out)
{
    ks_app_losses lost = {.n = 0};
    KS_TRY(ks_project_app_uses(cx, out->key, &out->connections, &out->integrations));
    KS_TRY(find_losses(cx, change, out->app, &lost));
    if (lost.n == 0)
        return KS_OK;
    if (!ask->force)
        return in_use(cx, &lost);
    out->erased = true;
    return ks_project_app_erase(cx, change, out->key);
}

/* ---- changing ---- */

static ks_status audit(ks_ctx *cx, ks_change *change, const char *action, ks_str key)
{
    char room[KS_PROJECT_APPS_ID];
    KS_TRY(ks_change_touch(cx, change, ks_project_apps_id(cx->project_id, room)));
    return ks_change_note(cx, change, action, key, KS_S("ok"));
}

ks_status ks_project_app_add(ks_ctx *cx, ks_change *change, const ks_project_app_ask *ask,
                             ks_project_app *out)
{
    const ks_app       *app = NULL;
    ks_project_app_row *rows;
    size_t              n;
    KS_TRY(read_file(cx, ask->text, &app));
    KS_TRY(ks_project_app_rows(cx, &rows, &n)); /* before the view: what is newer there fails the change */
    const ks_project_app_row *old = row_of(rows, n, app->key);
    KS_TRY(check_room(cx, rows, n, old, ask->text));
    KS_TRY(check_place(cx, app, old, ask->replace));
    *out = (ks_project_app){.key = app->key,
                            .version = old != NULL ? old->version + 1 : 1,
                            .created_at = old != NULL ? old->created_at : cx->now_us,
                            .updated_at = cx->now_us,
                            .replaces = in_catalogue(cx, app->key),
                            .app = app};
    KS_TRY(settle_uses(cx, change, ask, out));
    const ks_project_app_row row = {.key = app->key,
                                    .stamp = ks_id_new(cx, STAMP),
                                    .version = out->version,
                                    .created_at = out->created_at,
                                    .updated_at = out->updated_at};
    if (row.stamp.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_project_app_put(cx, change, &row, ask->text, rows, n));
    return audit(cx, change, "app.add", app->key);
}

/* The row of the own app that `ref` names: its key in any spelling. It needs no readable file, and no view.
 */
static ks_status need_own(ks_ctx *cx, ks_str ref, const ks_project_app_row **out)
{
    ks_project_app_row *rows;
    size_t              n;
    char                room[KS_APP_NAME_MAX];
    KS_TRY(ks_project_app_rows(cx, &rows, &n));
    *out = row_of(rows, n, ks_app_name_norm(ref, room));
    return *out != NULL
               ? KS_OK
               : ks_fail_code(cx, KS_NOT_FOUND, "app_not_found", NULL,
                              "The project has no app of its own of this key. GET /ks/apps?own=true lists "
                              "those it has.");
}

ks_status ks_project_app_remove(ks_ctx *cx, ks_change *change, ks_str ref, bool force, ks_project_app *out)
{
    const ks_project_app_row *row;
    KS_TRY(need_own(cx, ref, &row));
    *out = (ks_project_app){.key = row->key,
                            .version = row->version,
                            .created_at = row->created_at,
                            .updated_at = row->updated_at,
                            .replaces = in_catalogue(cx, row->key)};
    KS_TRY(ks_project_app_uses(cx, row->key, &out->connections, &out->integrations));
    if (!force && out->connections + out->integrations > 0)
        return ks_fail_code(cx, KS_CONFLICT, "app_in_use", NULL,
                            "%lld connections and %lld integrations use the app. Delete them first, or send "
                            "force=true: then they are deleted, too.",
                            (long long)out->connections, (long long)out->integrations);
    out->erased = out->connections + out->integrations > 0;
    KS_TRY(force ? ks_project_app_erase(cx, change, row->key)
                 : ks_project_app_unused(cx, change, row->key, KS_NO_STR));
    KS_TRY(ks_project_app_drop(cx, change, row->key));
    return audit(cx, change, "app.remove", row->key);
}

ks_status ks_project_app_list(ks_ctx *cx, ks_project_app **out, size_t *n)
{
    ks_project_app_row *rows;
    KS_TRY(ks_project_app_rows(cx, &rows, n));
    *out = ks_zalloc(cx, (*n + 1) * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (ks_project_app){.key = rows[i].key,
                                     .version = rows[i].version,
                                     .created_at = rows[i].created_at,
                                     .updated_at = rows[i].updated_at,
                                     .replaces = in_catalogue(cx, rows[i].key)};
    return KS_OK;
}

ks_status ks_project_app_file(ks_ctx *cx, ks_str ref, ks_str *out)
{
    const ks_project_app_row *row;
    KS_TRY(need_own(cx, ref, &row));
    KS_TRY(ks_project_app_text(cx, row->key, out));
    return out->p != NULL ? KS_OK : need_own(cx, KS_S(""), &row);
}
