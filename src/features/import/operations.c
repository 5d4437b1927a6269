/* features/import/operations.c — operations of a document to actions: which ones, their names, words and
 * tags. Parameters: params.c; bodies: body.c. OpenAPI 3.1 "Paths Object". Threads: none shared. */
#include "features/import/importer.h"
#include "features/import/site.h"
#include "features/import/text.h"

enum { TITLE = 80, ABOUT = 500, TOPICS = 3, LOOKED = 16, NAME = 64 };

static const struct {
    const char *member, *method, *verb;
} methods[] = {{"get", "GET", "GET"},       {"post", "POST", "CREATE"},     {"put", "PUT", "UPDATE"},
               {"patch", "PATCH", "PATCH"}, {"delete", "DELETE", "DELETE"}, {"head", "HEAD", "HEAD"}};

ks_app_param *ks_operation_param(ks_operation *op, bool required)
{
    if (op->params_n < KS_IMPORT_PARAMS) {
        ks_app_param *p = &op->params[op->params_n++];
        *p = (ks_app_param){.required = required};
        return p;
    }
    if (required)
        op->left_out = "it needs too many parameters";
    return NULL;
}

/* ---- names ---- */

static bool param_taken(const ks_operation *op, ks_str name)
{
    for (size_t i = 0; i < op->params_n; i++) {
        if (ks_str_eq(op->params[i].name, name))
            return true;
    }
    return false;
}

ks_str ks_operation_name(ks_importer *im, ks_operation *op, ks_str wire, ks_param_in in)
{
    static const char *const places[] = {"path", "query", "header", "body", "form"};
    ks_str                   name = ks_plain_name(im->cx, wire);
    if (name.n == 0)
        name = KS_S("value");
    if (param_taken(op, name))
        name = ks_short_name(im->cx, ks_fmt(im->cx, "%s_" KS_FMT, places[in], KS_ARG(name)), NAME);
    if (param_taken(op, name))
        name = ks_fmt(im->cx, "%.*s_" KS_FMT, NAME - 5 < (int)name.n ? NAME - 5 : (int)name.n, name.p,
                      KS_ARG(ks_text_mark(im->cx, wire)));
    return param_taken(op, name) ? KS_NO_STR : name;
}

/* "GET /pets/{petId}/toys" gives "GET_PETS_TOYS_BY_PET_ID"; a GET that ends in no parameter lists. */
static ks_str made_name(ks_importer *im, const ks_operation *op, const char *verb)
{
    ks_buf *b = ks_ctx_buf(im->cx, 4096), *by = ks_ctx_buf(im->cx, 4096);
    ks_str  rest = op->path, part;
    if (b == NULL || by == NULL)
        return KS_NO_STR;
    bool lists = ks_str_eq(op->method, KS_S("GET")) && !ks_str_ends(op->path, KS_S("}"));
    ks_buf_z(b, lists ? "LIST" : verb);
    while (ks_str_cut(&rest, '/', &part)) {
        ks_str word = ks_words(im->cx, part, true);
        bool   place = ks_str_starts(part, KS_S("{"));
        if (word.n > 0)
            ks_buf_fmt(place ? by : b, "_" KS_FMT, KS_ARG(word));
    }
    if (by->n > 0)
        ks_buf_fmt(b, "_BY" KS_FMT, KS_ARG(ks_buf_view(by)));
    return ks_buf_view(b);
}

static bool action_taken(const ks_importer *im, ks_str name)
{
    for (size_t i = 0; i < im->app.actions_n; i++) {
        if (ks_str_eq(im->app.actions[i].name, name))
            return true;
    }
    return false;
}

/* APPKEY_VERB_NOUN. Names depend on the operation alone, but where two are alike: there the later one gets a
 * mark made of its method and path. */
static ks_str action_name(ks_importer *im, const ks_operation *op, const char *verb)
{
    ks_ctx *cx = im->cx;
    ks_str  key = ks_words(cx, im->app.key, true),
           id = ks_words(cx, ks_doc_text(op->node, "operationId"), true);
    ks_str words = id.n > 0 ? id : made_name(im, op, verb);
    if (ks_str_starts(words, key) && words.n > key.n + 1 && words.p[key.n] == '_')
        words = ks_str_sub(words, key.n + 1, SIZE_MAX);
    /* the key itself may hold "__", which ks_words would have joined */
    ks_buf *b = ks_ctx_buf(cx, 256);
    for (size_t i = 0; b != NULL && i < im->app.key.n; i++) {
        char c = im->app.key.p[i];
        ks_buf_c(b, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    if (b == NULL)
        return KS_NO_STR;
    ks_str full = ks_fmt(cx, KS_FMT "_" KS_FMT, KS_ARG(ks_buf_view(b)), KS_ARG(words));
    ks_str name = ks_short_name(cx, full, NAME);
    if (action_taken(im, name)) {
        ks_str where = ks_fmt(cx, KS_FMT " " KS_FMT, KS_ARG(op->method), KS_ARG(op->path));
        int    n = name.n > NAME - 5 ? NAME - 5 : (int)name.n;
        name = ks_fmt(cx, "%.*s_" KS_FMT, n, name.p, KS_ARG(ks_text_mark(cx, where)));
    }
    return action_taken(im, name) ? KS_NO_STR : name;
}

/* ---- words and tags ---- */

/* "GITHUB_LIST_REPOS" to "List repos". */
static ks_str title_of(ks_importer *im, ks_str name)
{
    ks_buf *b = ks_ctx_buf(im->cx, 128);
    ks_str  words = ks_str_sub(name, im->app.key.n + 1, SIZE_MAX);
    for (size_t i = 0; b != NULL && i < words.n; i++) {
        char c = words.p[i];
        ks_buf_c(b, c == '_' ? ' ' : i > 0 && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
    }
    return b != NULL ? ks_buf_view(b) : KS_NO_STR;
}

static void put_words(ks_importer *im, ks_operation *op)
{
    ks_app_action *a = &op->action;
    ks_str         summary = ks_prose(im->cx, ks_doc_text(op->node, "summary"), TITLE);
    ks_str         about = ks_prose(im->cx, ks_doc_text(op->node, "description"), ABOUT);
    a->title = summary.n > 0 ? summary : title_of(im, a->name);
    a->about = about.n > 0 ? about : a->title;
    ks_str url = ks_doc_text(ks_doc_get(op->node, "externalDocs"), "url");
    if (ks_site_is_link(url))
        a->docs = url;
}

/* read or write first; then what deletes; then the document's own tags. */
static void put_tags(ks_importer *im, ks_operation *op)
{
    ks_str *at = ks_alloc(im->cx, (TOPICS + 2) * sizeof *at);
    size_t  n = 0, topics = 0, looked = 0;
    bool    reads = ks_str_eq(op->method, KS_S("GET")) || ks_str_eq(op->method, KS_S("HEAD"));
    if (at == NULL)
        return;
    at[n++] = reads ? KS_S("read") : KS_S("write");
    if (ks_str_eq(op->method, KS_S("DELETE")))
        at[n++] = KS_S("destructive");
    for (const ks_doc_node *t = ks_doc_first(ks_doc_get(op->node, "tags"));
         t != NULL && topics < TOPICS && looked++ < LOOKED; t = t->next) {
        ks_str slug = t->kind == KS_DOC_TEXT ? ks_slug(im->cx, t->text) : KS_NO_STR;
        bool   own = ks_str_eq(slug, KS_S("read")) || ks_str_eq(slug, KS_S("write")) ||
                   ks_str_eq(slug, KS_S("destructive")) || ks_str_eq(slug, KS_S("important"));
        for (size_t i = 0; i < n; i++)
            own |= ks_str_eq(at[i], slug);
        if (slug.n > 0 && !own) {
            at[n++] = slug;
            topics++;
        }
    }
    op->action.tags = (ks_list){at, n};
}

/* ---- choosing ---- */

static bool wanted(const ks_importer *im, const ks_operation *op)
{
    ks_str only = im->opt->only;
    if (only.n == 0)
        return true;
    if (only.p[0] == '/')
        return ks_str_starts(op->path, only);
    for (const ks_doc_node *t = ks_doc_first(ks_doc_get(op->node, "tags")); t != NULL; t = t->next) {
        if (t->kind == KS_DOC_TEXT && ks_str_ieq(t->text, only))
            return true;
    }
    return false;
}

/* Each '{' is closed before another one opens or a '/' comes, with a name between. */
static bool places_fit(ks_str path)
{
    size_t name = 0;
    bool   open = false;
    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i];
        if ((c == '{' && open) || (c == '/' && open) || (c == '}' && (!open || name == 0)))
            return false;
        name = c == '{' ? 0 : name + 1;
        open = c == '{' || (open && c != '}');
    }
    return !open;
}

static bool path_fits(ks_str path)
{
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];
        if (c <= ' ' || c >= 0x7f || c == '?' || c == '#' || c == '\\' || c == '"')
            return false;
    }
    return path.n > 0 && path.n < 1024 && path.p[0] == '/' && ks_str_find(path, KS_S("{{")) == SIZE_MAX;
}

/* Where the path begins, when the operation or its path names a server of its own. */
static void put_path(ks_importer *im, ks_operation *op)
{
    const ks_doc_node *servers = ks_doc_get(op->node, "servers");
    ks_str             url = KS_NO_STR;
    if (servers == NULL)
        servers = ks_doc_get(op->item, "servers");
    if (servers != NULL && im->opt->base.p == NULL && !ks_import_own_server(im, servers, &url)) {
        op->left_out = "it has a server of its own, which is not below the app's";
        return;
    }
    if (url.n > 0)
        op->action.path = ks_fmt(im->cx, KS_FMT KS_FMT, KS_ARG(url), KS_ARG(op->action.path));
}

/* Everything of one operation; left_out says why not. */
static void make(ks_importer *im, ks_operation *op, const char *verb)
{
    op->action.method = op->method;
    op->action.path = op->path;
    if (!path_fits(op->path)) {
        op->left_out = "its path holds '?', '#', a blank or another character that no path of an app has";
        return;
    }
    if (!places_fit(op->path)) {
        op->left_out = "its path has a place that is not closed or has no name";
        return;
    }
    op->action.name = action_name(im, op, verb);
    if (op->action.name.p == NULL) {
        op->left_out = "it has the same name as another one";
        return;
    }
    if (!ks_import_signable(im, op->node)) {
        op->left_out = "it wants a credential that cannot be sent";
        return;
    }
    ks_import_params(im, op);
    if (op->left_out == NULL)
        ks_import_body(im, op);
    if (op->left_out == NULL)
        put_path(im, op);
    put_words(im, op);
    put_tags(im, op);
}

/* Keep it as the next action of the app. */
static void keep(ks_importer *im, const ks_operation *op)
{
    ks_app_param  *params = ks_alloc(im->cx, (op->params_n + 1) * sizeof *params);
    ks_app_action *all = (ks_app_action *)(uintptr_t)im->app.actions;
    if (params == NULL)
        return;
    memcpy(params, op->params, op->params_n * sizeof *params);
    all[im->app.actions_n] = op->action;
    all[im->app.actions_n].params = params;
    all[im->app.actions_n++].params_n = op->params_n;
}

static void take(ks_importer *im, ks_operation *op, size_t m)
{
    im->operations++;
    bool old = ks_doc_true(op->node, "deprecated") && !im->opt->deprecated;
    im->deprecated += old;
    if (old || !wanted(im, op))
        return;
    if (im->app.actions_n == KS_IMPORT_ACTIONS || im->tried++ >= KS_IMPORT_TRIED)
        return;
    make(im, op, methods[m].verb);
    if (op->left_out != NULL)
        ks_import_note_at(im, op->node->line, KS_FMT " " KS_FMT " is left out: %s", KS_ARG(op->method),
                          KS_ARG(ks_prose(im->cx, op->path, 200)), op->left_out);
    else
        keep(im, op);
}

static void take_item(ks_importer *im, ks_operation *op, const ks_doc_node *path)
{
    const ks_doc_node *item = ks_doc_follow(im->doc, path);
    if (item == NULL || item->kind != KS_DOC_MAP) {
        ks_import_note_at(im, path->line, "this path leads to nothing and is left out");
        return;
    }
    for (size_t m = 0; m < KS_COUNT(methods) && im->doc->status == KS_OK; m++) {
        const ks_doc_node *node = ks_doc_get(item, methods[m].member);
        if (node == NULL || node->kind != KS_DOC_MAP)
            continue;
        memset(op, 0, offsetof(ks_operation, params));
        op->params_n = 0;
        op->left_out = NULL;
        op->node = node;
        op->item = item;
        op->path = path->name;
        op->method = ks_str_of(methods[m].method);
        take(im, op, m);
    }
}

void ks_import_operations(ks_importer *im)
{
    const ks_doc_node *paths = ks_doc_get(im->doc->root, "paths");
    ks_operation      *op = ks_alloc(im->cx, sizeof *op);
    im->app.actions = ks_alloc(im->cx, KS_IMPORT_ACTIONS * sizeof *im->app.actions);
    if (op == NULL || im->app.actions == NULL)
        return;
    for (const ks_doc_node *p = ks_doc_first(paths); p != NULL && im->doc->status == KS_OK; p = p->next) {
        if (p->name.n > 0 && p->name.p[0] == '/')
            take_item(im, op, p);
        else if (!ks_str_starts(p->name, KS_S("x-")))
            ks_import_note_at(im, p->line, "a path begins with '/'; this one is left out");
    }
}
