/* features/apps/tools_v3.c — routes of tools, which are actions, that look and do not act. Running them:
 * features/actions. docs/api.md V3-2. Threads: the loop's. */
#include "features/apps/action_schema.h"
#include "features/apps/action_search.h"
#include "features/apps/apps_v1.h"
#include "features/apps/view.h"
#include "features/routes.h"
#include "features/v3.h"

/* Tags with a meaning to models, and what they are called in app files. */
static const struct {
    ks_str v3, ours;
} hints[] = {
    {KS_S_INIT("readOnlyHint"), KS_S_INIT("read")},
    {KS_S_INIT("destructiveHint"), KS_S_INIT("destructive")},
};

/* ---- the tool object ---- */

static void put_tags(ks_jw *w, const ks_app_action *a)
{
    ks_jw_arr(w, "tags");
    for (size_t i = 0; i < a->tags.n; i++) {
        ks_str tag = a->tags.at[i];
        for (size_t k = 0; k < KS_COUNT(hints); k++) {
            if (ks_str_eq(a->tags.at[i], hints[k].ours))
                tag = hints[k].v3;
        }
        ks_jw_str(w, NULL, tag);
    }
    ks_jw_end(w, ']');
}

static void put_versions(ks_jw *w)
{
    ks_jw_z(w, "version", KS_V3_VERSION);
    ks_jw_raw(w, "available_versions", KS_S("[\"" KS_V3_VERSION "\"]"));
    ks_jw_bool(w, "is_deprecated", false);
}

static void put_tool(ks_jw *w, const ks_app *app, const ks_app_action *a)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "slug", a->name);
    ks_jw_str(w, "name", a->title);
    ks_jw_str(w, "description", a->about);
    ks_jw_str(w, "human_description", a->about);
    ks_jw_obj(w, "toolkit");
    ks_jw_str(w, "slug", app->key);
    ks_jw_str(w, "name", app->name);
    ks_jw_z(w, "logo", KS_V3_LOGO);
    ks_jw_end(w, '}');
    ks_action_put_parameters(w, "input_parameters", app, a);
    ks_action_put_response(w, "output_parameters", app, a);
    ks_jw_bool(w, "no_auth", ks_app_no_auth(app));
    ks_jw_raw(w, "scopes", KS_S("[]"));
    put_tags(w, a);
    put_versions(w);
    ks_jw_obj(w, "deprecated");
    ks_jw_str(w, "displayName", a->title);
    put_versions(w);
    ks_jw_obj(w, "toolkit");
    ks_jw_z(w, "logo", KS_V3_LOGO);
    ks_jw_end(w, '}');
    ks_jw_end(w, '}');
    ks_jw_end(w, '}');
}

/* ---- lists ---- */

/* A comma list of tags in the words of app files. */
static ks_status tags_of(ks_ctx *cx, ks_str list, ks_str *out)
{
    ks_str  one;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_TARGET_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    while (ks_str_cut(&list, ',', &one)) {
        for (size_t k = 0; k < KS_COUNT(hints); k++) {
            if (ks_str_ieq(one, hints[k].v3))
                one = hints[k].ours;
        }
        ks_buf_z(b, b->n ? "," : "");
        ks_buf_str(b, one);
    }
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

static ks_status ask_of(ks_ctx *cx, const ks_req *rq, ks_action_ask *out)
{
    ks_str words = ks_req_query(cx, rq, "query"), slugs = ks_req_query(cx, rq, "tool_slugs");
    *out = (ks_action_ask){.names = slugs};
    if (slugs.n > 0) /* wins over the rest */
        return KS_OK;
    out->apps = ks_req_query(cx, rq, "toolkit_slug");
    out->words = words.n ? words : ks_req_query(cx, rq, "search");
    return tags_of(cx, ks_req_query(cx, rq, "tags"), &out->tags);
}

static bool flags_any(const ks_app *app)
{
    for (size_t i = 0; i < app->actions_n; i++) {
        if (ks_action_tagged(&app->actions[i], KS_S("important")))
            return true;
    }
    return false;
}

/* Important tools, and all of a toolkit that has none flagged. */
static size_t keep_important(ks_action_ref *refs, size_t n)
{
    size_t        kept = 0;
    const ks_app *last = NULL;
    bool          any = false;
    for (size_t i = 0; i < n; i++) {
        if (refs[i].app != last)
            any = flags_any(refs[i].app);
        last = refs[i].app;
        if (!any || ks_action_tagged(refs[i].action, KS_S("important")))
            refs[kept++] = refs[i];
    }
    return kept;
}

static ks_status list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_action_ask  ask;
    ks_action_ref *refs;
    ks_v3_page     page;
    size_t         n;
    ks_jw          w;
    KS_TRY(ks_v3_page_of(cx, rq, "tools", &page));
    KS_TRY(ks_v3_version_asked(cx, rq, "action_not_found", NULL));
    KS_TRY(ask_of(cx, rq, &ask));
    KS_TRY(ks_action_search(cx, ks_catalog_of(cx), &ask, &refs, &n));
    if (ask.names.n == 0 && ks_v3_flag(cx, rq, "important"))
        n = keep_important(refs, n);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (int64_t i = page.offset; i < (int64_t)n && i - page.offset < page.limit; i++)
        put_tool(&w, refs[i].app, refs[i].action);
    ks_jw_end(&w, ']');
    ks_v3_page_end(cx, &w, &page, (int64_t)n);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_app        *app;
    const ks_app_action *a;
    ks_jw                w;
    KS_TRY(ks_catalog_need_action(cx, ks_catalog_of(cx), ks_req_param(rq, "slug"), &app, &a));
    KS_TRY(ks_v3_version_asked(cx, rq, "action_not_found", app));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    put_tool(&w, app, a);
    return ks_res_end(cx, rs);
}

#define R KS_V3_ROUTE
const ks_route ks_tools_v3_routes[] = {
    R("GET", "/tools", READ, list, 0, "tools, all or those asked for"),
    R("GET", "/tools/enum", READ, ks_list_action_names, 0, "slugs of all tools"),
    R("GET", "/tools/{slug}", READ, get_one, 0, "one tool with its schemas"),
    {0},
};
