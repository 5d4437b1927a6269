/* features/import/import_http.c — POST /ks/apps/import: a document, or the address of one, becomes an app of
 * the project, or is only shown. The way in is that of any app file (features/apps/project_apps.h). Contract:
 * docs/api.md IMP-1 to IMP-4. Threads: a worker's; only what waits is in the loop. */
#include "features/actions/build.h"
#include "features/apps/project_apps.h"
#include "features/import/import.h"
#include "features/routes.h"
#include "features/tails.h"
#include "http/shape.h"

/* What is asked, all of it in the query; `document` is the body or what was fetched. */
typedef struct asked {
    ks_import_options options;
    ks_str            document;
    bool              dry_run, replace, force;
} asked;

/* true or false, and nothing else: a dry run that is misread would add an app. */
static ks_status flag(ks_ctx *cx, const ks_req *rq, const char *name, bool *out)
{
    ks_str v = ks_req_query(cx, rq, name);
    *out = ks_str_eq(v, KS_S("true"));
    if (v.p != NULL && !*out && !ks_str_eq(v, KS_S("false")))
        return ks_fail(cx, KS_INVALID, name, "This is true or false.");
    return KS_OK;
}

static ks_status ask_of(ks_ctx *cx, const ks_req *rq, asked **out)
{
    asked *a = ks_zalloc(cx, sizeof *a);
    if (a == NULL)
        return KS_NO_MEMORY;
    a->options = (ks_import_options){
        .file = KS_S("document"),
        .key = ks_req_query(cx, rq, "name"),
        .base = ks_req_query(cx, rq, "base"),
        .auth = ks_req_query(cx, rq, "auth"),
        .only = ks_req_query(cx, rq, "only"),
    };
    a->document = rq->body;
    KS_TRY(flag(cx, rq, "deprecated", &a->options.deprecated));
    KS_TRY(flag(cx, rq, "dry_run", &a->dry_run));
    KS_TRY(flag(cx, rq, "replace", &a->replace));
    KS_TRY(flag(cx, rq, "force", &a->force));
    *out = a;
    return KS_OK;
}

/* ---- the answer ---- */

static void put_notes(ks_jw *w, const ks_import *made)
{
    ks_jw_arr(w, "notes");
    for (size_t i = 0; i < made->notes_n; i++) {
        ks_jw_obj(w, NULL);
        if (made->notes[i].line > 0)
            ks_jw_int(w, "line", made->notes[i].line);
        ks_jw_str(w, "text", made->notes[i].text);
        ks_jw_end(w, '}');
    }
    ks_jw_end(w, ']');
    ks_jw_int(w, "more_notes", (int64_t)made->notes_more);
}

/* `app` NULL: nothing was added, and the file is shown instead. */
static ks_status put_made(ks_ctx *cx, ks_res *rs, const ks_import *made, const ks_project_app *app)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, app != NULL && app->version == 1 ? 201 : 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "key", made->key);
    ks_jw_str(&w, "name", made->name);
    if (app != NULL)
        ks_jw_int(&w, "version", app->version);
    ks_jw_bool(&w, "added", app != NULL);
    ks_jw_int(&w, "schemes", (int64_t)made->schemes);
    ks_jw_int(&w, "operations", (int64_t)made->operations);
    ks_jw_int(&w, "actions", (int64_t)made->actions);
    put_notes(&w, made);
    if (app == NULL)
        ks_jw_str(&w, "file", made->yaml);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* On a worker: a document takes up to a second. */
static ks_status take(ks_ctx *cx, const ks_req *rq, ks_res *rs, void *arg)
{
    const asked   *a = arg;
    ks_import      made;
    ks_project_app app;
    ks_change     *change;
    KS_TRY(ks_import_document(cx, a->document, &a->options, &made));
    if (a->dry_run)
        return put_made(cx, rs, &made, NULL);
    ks_project_app_ask ask = {.text = made.yaml, .replace = a->replace, .force = a->force};
    KS_TRY(ks_change_new(cx, &change));
    ks_status built = ks_project_app_add(cx, change, &ask, &app);
    if (built == KS_OK)
        built = put_made(cx, rs, &made, &app);
    return ks_res_commit_built(cx, rq, rs, change, built);
}

/* ---- by address ---- */

static ks_status fetched(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_answer *answer, void *arg)
{
    asked *a = arg;
    (void)rq;
    if (answer->outcome == KS_UP_BUSY)
        return ks_fail(cx, KS_BUSY, NULL, "Too many calls are under way. Try again in a moment.");
    if (answer->outcome == KS_UP_REFUSED)
        return ks_fail_code(cx, KS_INVALID, "host_not_allowed", "url", "This address may not be called: %s.",
                            answer->why);
    if (answer->outcome != KS_UP_ANSWERED)
        return ks_fail(cx, KS_INVALID, "url", "The document could not be fetched: %s.", answer->why);
    if (answer->status != 200)
        return ks_fail(cx, KS_INVALID, "url",
                       "The document could not be fetched: its server answered %d, not 200.", answer->status);
    a->document = answer->body;
    return ks_res_worker(cx, rs, take, a);
}

/* {"url": "https://..."}: absent for a document. */
static ks_status url_of(ks_ctx *cx, const ks_req *rq, ks_str *out)
{
    typedef struct by_url {
        ks_str url;
    } by_url;
    static const ks_field fields[] = {KS_FIELD(by_url, url, STR, KS_REQUIRED), KS_FIELDS_END};
    by_url                body = {KS_NO_STR};
    bool                  small = rq->body.n <= KS_MAX_TARGET_BYTES && ks_json_fault(rq->body) == NULL;
    *out = KS_NO_STR;
    if (!small || ks_json_slice(rq->body, KS_S("url")).p == NULL ||
        ks_json_slice(rq->body, KS_S("paths")).p != NULL)
        return KS_OK;
    KS_TRY(ks_req_body(cx, rq, fields, &body));
    *out = body.url;
    return KS_OK;
}

static ks_status post_import(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    asked   *a;
    ks_str   url;
    ks_call *call;
    KS_TRY(ask_of(cx, rq, &a));
    KS_TRY(url_of(cx, rq, &url));
    if (url.p == NULL)
        return take(cx, rq, rs, a);
    a->options.origin = ks_str_sub(url, 0, ks_str_chr(url, '?')); /* kept in the file; a query may be a key */
    KS_TRY(ks_build_fetch(cx, cx->project_id, "url", url, &call));
    call->max_answer = KS_UP_MAX_ANSWER;
    return ks_res_upstream(cx, rs, call, fetched, a);
}

const ks_route ks_import_routes[] = {
    {"POST", "/ks/apps/import", KS_SCOPE_CONNECT, post_import, KS_VIEW_NATIVE,
     KS_WORKER | KS_FILES | KS_WHOLE, "make an app of the project's own of an OpenAPI document"},
    {0},
};
