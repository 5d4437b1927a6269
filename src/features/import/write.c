/* features/import/write.c — an app of an import as the text of an app file. Checks nothing: app_file.c reads
 * it again. Defaults of parameters are YAML already (schema.c). Format: docs/formats.md "App files". Threads:
 * none shared. */
#include "base/json.h"
#include "features/import/importer.h"
#include "features/import/text.h"

enum {
    FILE_TEXT = 24 << 20
}; /* bytes; far more than an app file may have, so that the caller can see how much */

/* How long texts may be at each step of shortening: of actions, of parameters, and what lies inside these,
 * which comes without words from the second step on and is left out where it is longer. */
static const struct {
    size_t action, param, inside;
} lengths[KS_IMPORT_TERSE + 1] = {
    {500, 300, SIZE_MAX}, {160, 80, SIZE_MAX}, {80, 40, 1000}, {80, 40, 200}, {80, 40, 0}};

typedef struct writer {
    ks_ctx  *cx;
    ks_buf  *b;
    unsigned terse;
} writer;

static void put(writer *w, const char *before, ks_str text)
{
    if (text.p == NULL)
        return;
    ks_buf_z(w->b, before);
    ks_yaml_text(w->b, text, false);
    ks_buf_c(w->b, '\n');
}

/* The same, cut to `max` bytes; a text that is gone stays as it was. */
static void put_short(writer *w, const char *before, ks_str text, size_t max)
{
    ks_str cut = text.n > max ? ks_prose(w->cx, text, max) : text;
    put(w, before, cut.n > 0 ? cut : text);
}

static void put_list(writer *w, const char *before, ks_list list)
{
    if (list.n == 0)
        return;
    ks_buf_fmt(w->b, "%s[", before);
    for (size_t i = 0; i < list.n; i++) {
        ks_buf_z(w->b, i ? ", " : "");
        ks_yaml_text(w->b, list.at[i], true);
    }
    ks_buf_z(w->b, "]\n");
}

static void put_puts(writer *w, const char *before, ks_app_puts puts)
{
    if (puts.n == 0)
        return;
    ks_buf_z(w->b, before);
    for (size_t i = 0; i < puts.n; i++) {
        ks_buf_z(w->b, "        ");
        ks_yaml_text(w->b, puts.at[i].name, true);
        ks_buf_z(w->b, ": ");
        ks_yaml_text(w->b, puts.at[i].value, true);
        ks_buf_c(w->b, '\n');
    }
}

/* ---- schemes ---- */

static void put_field(writer *w, const ks_app_field *f)
{
    static const char *const kinds[] = {"text", "utf8", "blob", "label", "url", "host", "choice"};
    put(w, "      - name: ", f->name);
    put(w, "        label: ", f->label);
    put(w, "        help: ", f->help);
    if (f->kind != KS_APP_TEXT)
        ks_buf_fmt(w->b, "        kind: %s\n", kinds[f->kind]);
    if (f->secret)
        ks_buf_z(w->b, "        secret: true\n");
    if (!f->required)
        ks_buf_z(w->b, "        required: false\n");
    put(w, "        default: ", f->fallback);
    put_list(w, "        values: ", f->values);
}

static void put_pointer(writer *w, const char *name, ks_str pointer)
{
    if (pointer.p == NULL)
        return;
    ks_buf_fmt(w->b, "        %s: ", name);
    ks_yaml_text(w->b, pointer, false);
    ks_buf_c(w->b, '\n');
}

static void put_check(writer *w, const ks_app_check *c)
{
    if (c->method.p == NULL) {
        ks_buf_z(w->b, "    check: none\n");
        return;
    }
    ks_buf_z(w->b, "    check:\n      method: GET\n");
    put(w, "      path: ", c->path);
    ks_buf_fmt(w->b, "      good: [{status: %d}]\n", c->good.at[0].status);
    ks_buf_fmt(w->b, "      bad: [{status: %d, cause: " KS_FMT "}]\n", c->bad.at[0].status,
               KS_ARG(c->bad.at[0].cause));
    if (c->identity.id.p == NULL && c->identity.name.p == NULL && c->identity.email.p == NULL)
        return;
    ks_buf_z(w->b, "      identity:\n");
    put_pointer(w, "id", c->identity.id);
    put_pointer(w, "name", c->identity.name);
    put_pointer(w, "email", c->identity.email);
}

static void put_scheme(writer *w, const ks_app_scheme *s)
{
    put(w, "  - scheme: ", s->scheme);
    if (s->fields_n > 0)
        ks_buf_z(w->b, "    fields:\n");
    for (size_t i = 0; i < s->fields_n; i++)
        put_field(w, &s->fields[i]);
    put(w, "    base: ", s->base);
    put_list(w, "    hosts: ", s->hosts);
    if (s->headers.n > 0 || s->query.n > 0 || s->basic_user.p != NULL)
        ks_buf_z(w->b, "    send:\n");
    put_puts(w, "      headers:\n", s->headers);
    put_puts(w, "      query:\n", s->query);
    if (s->basic_user.p != NULL)
        ks_buf_fmt(w->b, "      basic: {user: \"" KS_FMT "\", password: \"" KS_FMT "\"}\n",
                   KS_ARG(s->basic_user), KS_ARG(s->basic_password));
    put_check(w, &s->check);
    ks_buf_z(w->b, "    find: none\n");
}

/* ---- actions ---- */

/* What lies inside, where each `word` other than a description stands; `names`: members are names, not words.
 */
static void put_wordless(ks_jw *w, const char *name, const ks_json *v, bool names)
{
    void    *it = NULL;
    ks_str   word;
    ks_json *inner;
    if (ks_json_kind(v) == KS_JSON_ARR) {
        ks_jw_arr(w, name);
        for (size_t i = 0; i < ks_json_count(v); i++)
            put_wordless(w, NULL, ks_json_at(v, i), false);
        ks_jw_end(w, ']');
        return;
    }
    if (ks_json_kind(v) != KS_JSON_OBJ) {
        ks_jw_value(w, name, v);
        return;
    }
    ks_jw_obj(w, name);
    while (ks_json_each(v, &it, &word, &inner)) {
        if (!names && ks_str_eq(word, KS_S("description")))
            continue;
        ks_jw_name(w, word);
        put_wordless(w, NULL, inner, !names && ks_str_eq(word, KS_S("properties")));
    }
    ks_jw_end(w, '}');
}

static void put_inside(writer *w, ks_str schema)
{
    ks_buf  *b = schema.p != NULL ? ks_ctx_buf(w->cx, schema.n + 64) : NULL;
    ks_json *tree;
    if (b == NULL)
        return;
    if (w->terse == 0) {
        ks_buf_str(b, schema);
    } else if (ks_json_parse(w->cx, schema, &tree) == KS_OK) {
        ks_jw jw = ks_jw_new(b);
        put_wordless(&jw, NULL, tree, false);
    }
    if (b->n == 0 || b->n > lengths[w->terse].inside || !ks_buf_ok(b))
        return;
    ks_buf_fmt(w->b, "        schema: " KS_FMT "\n", KS_ARG(ks_buf_view(b)));
}

static void put_param(writer *w, const ks_app_param *p)
{
    static const char *const places[] = {"path", "query", "header", "body", "form"};
    static const char *const types[] = {"string", "integer", "number", "boolean", "array", "object", "file"};
    put(w, "      - name: ", p->name);
    ks_buf_fmt(w->b, "        in: %s\n", places[p->in]);
    if (p->type != KS_T_STRING)
        ks_buf_fmt(w->b, "        type: %s\n", types[p->type]);
    if (p->type == KS_T_ARRAY && p->items != KS_T_STRING)
        ks_buf_fmt(w->b, "        items: %s\n", types[p->items]);
    if (p->required)
        ks_buf_z(w->b, "        required: true\n");
    put_short(w, "        about: ", p->about, lengths[w->terse].param);
    if (p->fallback.p != NULL)
        ks_buf_fmt(w->b, "        default: " KS_FMT "\n", KS_ARG(p->fallback));
    put_list(w, "        values: ", p->values);
    put_inside(w, p->schema);
    put(w, "        target: ", p->target);
}

static void put_action(writer *w, const ks_app_action *a)
{
    static const char *const encodings[] = {"none", "json", "form", "multipart", "raw"};
    put(w, "  - name: ", a->name);
    put(w, "    title: ", a->title);
    put_short(w, "    about: ", a->about, lengths[w->terse].action);
    put(w, "    method: ", a->method);
    put(w, "    path: ", a->path);
    if (a->encoding != KS_ENCODE_NONE)
        ks_buf_fmt(w->b, "    encoding: %s\n", encodings[a->encoding]);
    if (a->form == KS_FORM_INDICES)
        ks_buf_z(w->b, "    form: indices\n");
    put(w, "    content_type: ", a->content_type);
    put_list(w, "    tags: ", a->tags);
    if (w->terse == 0)
        put(w, "    docs: ", a->docs);
    if (a->params_n > 0)
        ks_buf_z(w->b, "    params:\n");
    for (size_t i = 0; i < a->params_n; i++)
        put_param(w, &a->params[i]);
}

ks_str ks_app_write(ks_ctx *cx, const ks_app *app, size_t actions, unsigned terse)
{
    writer w = {cx, ks_ctx_buf(cx, FILE_TEXT), terse};
    if (w.b == NULL)
        return KS_NO_STR;
    put(&w, "app: ", app->key);
    put(&w, "name: ", app->name);
    put(&w, "about: ", app->about);
    put_list(&w, "categories: ", app->categories);
    put(&w, "home: ", app->home);
    put(&w, "docs: ", app->docs);
    if (app->docs.p == NULL)
        ks_buf_z(w.b, "docs: none\n");
    put(&w, "openapi: ", app->openapi);
    put(&w, "base: ", app->open_base);
    if (app->schemes_n > 0)
        ks_buf_z(w.b, "schemes:\n");
    for (size_t i = 0; i < app->schemes_n; i++)
        put_scheme(&w, &app->schemes[i]);
    ks_buf_z(w.b, "actions:\n");
    for (size_t i = 0; i < actions; i++)
        put_action(&w, &app->actions[i]);
    return ks_buf_ok(w.b) ? ks_buf_view(w.b) : KS_NO_STR;
}
