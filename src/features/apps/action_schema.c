/* features/apps/action_schema.c — see action_schema.h. Keeps no state and checks no values. */
#include "features/apps/action_schema.h"

static const char *const type_names[] = {"string", "integer", "number", "boolean",
                                         "array",  "object",  "object"};

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* SHOPIFY_GET_PRODUCTS and "Request" give GetProductsRequest: letters and digits only, so no escapes. */
static void put_title(ks_jw *w, const ks_app *app, const ks_app_action *a, const char *tail)
{
    char   title[96];
    size_t n = 0, len = strlen(tail);
    bool   start = true;
    for (size_t i = app->key.n + 1; i < a->name.n && n + len < sizeof title; i++) {
        char c = a->name.p[i];
        if (c != '_')
            title[n++] = start ? c : ks_lower(c);
        start = c == '_';
    }
    memcpy(title + n, tail, len);
    ks_jw_str(w, "title", (ks_str){title, n + len});
}

/* max_results gives "Max results". */
static void put_label(ks_jw *w, ks_str name)
{
    char   label[64];
    size_t n = name.n < sizeof label ? name.n : sizeof label;
    for (size_t i = 0; i < n; i++)
        label[i] = name.p[i] == '_' ? ' ' : i == 0 ? upper(name.p[0]) : name.p[i];
    ks_jw_str(w, "title", (ks_str){label, n});
}

static void put_values(ks_jw *w, const ks_app_param *p, ks_param_type type)
{
    bool plain = type == KS_T_INTEGER || type == KS_T_NUMBER || type == KS_T_BOOLEAN;
    if (p->values.n == 0)
        return;
    ks_jw_arr(w, "enum");
    for (size_t i = 0; i < p->values.n; i++) {
        if (plain)
            ks_jw_raw(w, NULL, p->values.at[i]);
        else
            ks_jw_str(w, NULL, p->values.at[i]);
    }
    ks_jw_end(w, ']');
}

static void put_items(ks_jw *w, const ks_app_param *p)
{
    ks_jw_obj(w, "items");
    ks_jw_z(w, "type", type_names[p->items]);
    if (p->items == KS_T_ARRAY) {
        ks_jw_obj(w, "items");
        ks_jw_z(w, "type", "string");
        ks_jw_end(w, '}');
    }
    put_values(w, p, p->items);
    ks_jw_end(w, '}');
}

static void put_file_member(ks_jw *w, const char *name, const char *about)
{
    ks_jw_obj(w, name);
    ks_jw_z(w, "type", "string");
    ks_jw_z(w, "description", about);
    ks_jw_end(w, '}');
}

/* A file was uploaded before, which SDKs do on their own where they see the mark, or travels inside the
 * arguments. */
static void put_file(ks_jw *w)
{
    ks_jw_bool(w, "file_uploadable", true);
    ks_jw_obj(w, "properties");
    put_file_member(w, "name", "Name of the file.");
    put_file_member(w, "mimetype", "Its type, for example application/pdf.");
    put_file_member(w, "s3key", "Key of a file that was uploaded.");
    put_file_member(w, "content", "Or its bytes, in base64.");
    ks_jw_end(w, '}');
    ks_jw_arr(w, "required");
    ks_jw_z(w, NULL, "name");
    ks_jw_end(w, ']');
}

static void put_param(ks_jw *w, const ks_app_param *p)
{
    ks_jw_name(w, p->name);
    ks_jw_obj(w, NULL);
    ks_jw_z(w, "type", type_names[p->type]);
    put_label(w, p->name);
    ks_jw_str(w, "description", p->about);
    if (p->schema.p != NULL && p->schema.n > 2) /* its members, without the braces around them */
        ks_jw_raw(w, NULL, ks_str_sub(p->schema, 1, p->schema.n - 2));
    if (p->type == KS_T_ARRAY && (p->schema.p == NULL || ks_json_slice(p->schema, KS_S("items")).p == NULL))
        put_items(w, p);
    else if (p->type == KS_T_FILE)
        put_file(w);
    else if (p->type != KS_T_ARRAY)
        put_values(w, p, p->type);
    if (p->fallback.p != NULL)
        ks_jw_raw(w, "default", p->fallback);
    ks_jw_end(w, '}');
}

void ks_action_put_parameters(ks_jw *w, const char *name, const ks_app *app, const ks_app_action *a)
{
    ks_jw_obj(w, name);
    ks_jw_z(w, "type", "object");
    put_title(w, app, a, "Request");
    ks_jw_obj(w, "properties");
    for (size_t i = 0; i < a->params_n; i++) {
        if (a->params[i].fixed.p == NULL)
            put_param(w, &a->params[i]);
    }
    ks_jw_end(w, '}');
    ks_jw_arr(w, "required");
    for (size_t i = 0; i < a->params_n; i++) {
        const ks_app_param *p = &a->params[i];
        if (p->required && p->fixed.p == NULL && p->from.p == NULL)
            ks_jw_str(w, NULL, p->name);
    }
    ks_jw_end(w, ']');
    ks_jw_end(w, '}');
}

static void begin_member(ks_jw *w, const char *name, const char *type, const char *title, const char *about)
{
    ks_jw_obj(w, name);
    ks_jw_z(w, "type", type);
    ks_jw_z(w, "title", title);
    ks_jw_z(w, "description", about);
}

static void put_member(ks_jw *w, const char *name, const char *type, const char *title, const char *about)
{
    begin_member(w, name, type, title, about);
    ks_jw_end(w, '}');
}

/* What SDKs fetch on their own where they see the mark. */
static void put_kept_file(ks_jw *w)
{
    ks_jw_obj(w, "properties");
    ks_jw_obj(w, "file");
    ks_jw_z(w, "type", "object");
    ks_jw_z(w, "title", "File");
    ks_jw_z(w, "description", "The file, to be fetched from its address within a day.");
    ks_jw_bool(w, "file_downloadable", true);
    ks_jw_obj(w, "properties");
    put_file_member(w, "name", "Name of the file.");
    put_file_member(w, "mimetype", "Its type, for example application/pdf.");
    put_file_member(w, "s3url", "Where its bytes are.");
    ks_jw_end(w, '}');
    ks_jw_arr(w, "required");
    ks_jw_z(w, NULL, "name");
    ks_jw_z(w, NULL, "mimetype");
    ks_jw_z(w, NULL, "s3url");
    ks_jw_end(w, ']');
    ks_jw_end(w, '}');
    ks_jw_end(w, '}');
}

void ks_action_put_response(ks_jw *w, const char *name, const ks_app *app, const ks_app_action *a)
{
    ks_jw_obj(w, name);
    ks_jw_z(w, "type", "object");
    put_title(w, app, a, "Response");
    ks_jw_obj(w, "properties");
    begin_member(w, "data", "object", "Data", "What the app answered.");
    if (a->answer == KS_ANSWER_FILE)
        put_kept_file(w);
    ks_jw_end(w, '}');
    put_member(w, "successful", "boolean", "Successful", "Whether the app accepted the call.");
    put_member(w, "error", "string", "Error", "What went wrong, if anything.");
    ks_jw_end(w, '}');
    ks_jw_arr(w, "required");
    ks_jw_z(w, NULL, "data");
    ks_jw_z(w, NULL, "successful");
    ks_jw_end(w, ']');
    ks_jw_end(w, '}');
}

bool ks_action_tagged(const ks_app_action *a, ks_str tag)
{
    for (size_t i = 0; i < a->tags.n; i++) {
        if (ks_str_ieq(a->tags.at[i], tag))
            return true;
    }
    return false;
}
