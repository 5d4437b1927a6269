/* features/apps/project_apps_http.c — a project's own apps on the wire: add, read the file, remove. They are
 * listed with all others (apps_http.c). Contract: docs/api.md NAT-20 to NAT-25. Threads: the loop's; a
 * worker's for large files. */
#include "features/apps/project_apps.h"
#include "features/routes.h"
#include "features/tails.h"
#include "http/reply.h"
#include "http/shape.h"

struct new_app {
    ks_str file;
    bool   replace, force;
};
static const ks_field new_app_fields[] = {
    KS_FIELD(struct new_app, file, STR, KS_REQUIRED),
    KS_FIELD(struct new_app, replace, BOOL, 0),
    KS_FIELD(struct new_app, force, BOOL, 0),
    KS_FIELDS_END,
};

static const ks_field made_fields[] = {
    KS_FIELD(ks_project_app, key, STR, 0),
    KS_FIELD(ks_project_app, version, I64, 0),
    KS_FIELD(ks_project_app, created_at, TIME, 0),
    KS_FIELD(ks_project_app, updated_at, TIME, 0),
    KS_FIELD(ks_project_app, replaces, BOOL, 0),
    KS_FIELD(ks_project_app, connections, I64, 0),
    KS_FIELD(ks_project_app, integrations, I64, 0),
    KS_FIELD_AS("deleted", ks_project_app, erased, BOOL, 0),
    KS_FIELDS_END,
};

/* Is the body YAML as it is? RFC 9512 and the names in use before it. */
static bool is_yaml(const ks_req *rq)
{
    static const char *const types[] = {"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"};
    ks_str                   sent = ks_req_header(rq, "content-type");
    ks_str                   type = ks_str_trim(ks_str_sub(sent, 0, ks_str_chr(sent, ';')), " \t");
    for (size_t i = 0; i < KS_COUNT(types); i++) {
        if (ks_str_ieq(type, ks_str_of(types[i])))
            return true;
    }
    return false;
}

static bool query_flag(ks_ctx *cx, const ks_req *rq, const char *name)
{
    return ks_str_ieq(ks_req_query(cx, rq, name), KS_S("true"));
}

static ks_status ask_of(ks_ctx *cx, const ks_req *rq, ks_project_app_ask *ask)
{
    struct new_app body = {.file = rq->body};
    if (is_yaml(rq) && !ks_str_utf8(rq->body))
        return ks_fail(cx, KS_INVALID, "file", "The file is not UTF-8.");
    if (!is_yaml(rq))
        KS_TRY(ks_req_body(cx, rq, new_app_fields, &body));
    *ask = (ks_project_app_ask){.text = body.file,
                                .replace = body.replace || query_flag(cx, rq, "replace"),
                                .force = body.force || query_flag(cx, rq, "force")};
    return KS_OK;
}

static ks_status post_app(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_project_app_ask ask;
    ks_project_app     made;
    ks_change         *change;
    KS_TRY(ask_of(cx, rq, &ask));
    KS_TRY(ks_change_new(cx, &change));
    ks_status built = ks_project_app_add(cx, change, &ask, &made);
    if (built == KS_OK)
        built = ks_res_json(cx, rs, made.version == 1 ? 201 : 200, made_fields, &made);
    return ks_res_commit_built(cx, rq, rs, change, built);
}

/* What became of the things that use a removed app. */
static ks_status put_removed(ks_ctx *cx, ks_res *rs, const ks_project_app *was)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_z(&w, "status", "removed");
    ks_jw_str(&w, "key", was->key);
    ks_jw_int(&w, "version", was->version);
    ks_jw_int(&w, "connections", was->connections);
    ks_jw_int(&w, "integrations", was->integrations);
    ks_jw_bool(&w, "deleted", was->erased);
    ks_jw_bool(&w, "replaced", was->replaces);
    ks_jw_z(&w, "note",
            was->erased     ? "The connections and integrations of the app were deleted."
            : was->replaces ? "The catalogue's app of this key is used again."
                            : "Nothing used the app.");
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status delete_app(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_project_app was;
    ks_change     *change;
    bool           force = query_flag(cx, rq, "force");
    KS_TRY(ks_change_new(cx, &change));
    ks_status built = ks_project_app_remove(cx, change, ks_req_param(rq, "app"), force, &was);
    if (built == KS_OK)
        built = put_removed(cx, rs, &was);
    return ks_res_commit_built(cx, rq, rs, change, built);
}

static ks_status get_file(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_str text;
    KS_TRY(ks_project_app_file(cx, ks_req_param(rq, "app"), &text));
    return ks_res_fixed(cx, rs, 200, "application/yaml", text);
}

const ks_route ks_project_apps_routes[] = {
    {"POST", "/ks/apps", KS_SCOPE_CONNECT, post_app, KS_VIEW_NATIVE, KS_WHOLE,
     "add an app of the project's own, or its next version, as the text of an app file"},
    {"GET", "/ks/apps/{app}/file", KS_SCOPE_READ, get_file, KS_VIEW_NATIVE, KS_WHOLE,
     "the app file of the project's own app"},
    {"DELETE", "/ks/apps/{app}", KS_SCOPE_CONNECT, delete_app, KS_VIEW_NATIVE, KS_NO_BODY | KS_WHOLE,
     "remove the project's own app"},
    {0},
};
