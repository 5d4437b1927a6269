/* tools/catalogc_write.c — apps as C source: constant tables whose arrays are named by their place. Only what
 * is set is written; the rest is zero. Keep in step with features/apps/app.h. */
#include "tools/catalogc.h"

/* A C string literal. Octal escapes end after three digits, so no text can run into one; "??" is cut. */
static void put_literal(FILE *f, ks_str s)
{
    fputc('"', f);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            fprintf(f, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f || c == '?')
            fprintf(f, "\\%03o", (unsigned)c);
        else
            fputc(c, f);
    }
    fputc('"', f);
}

static void put_value(FILE *f, ks_str s)
{
    fputs("T(", f);
    put_literal(f, s);
    fputs(")", f);
}

/* `.name = T("..."), `; nothing for absent text. */
static void put_text(FILE *f, const char *name, ks_str s)
{
    if (s.p == NULL)
        return;
    fprintf(f, ".%s = ", name);
    put_value(f, s);
    fputs(", ", f);
}

static void put_flag(FILE *f, const char *name, bool v)
{
    if (v)
        fprintf(f, ".%s = true, ", name);
}

static void put_number(FILE *f, const char *name, int v)
{
    if (v != 0)
        fprintf(f, ".%s = %d, ", name, v);
}

/* Arrays are named by their place: PREFIX_name. */
static void def_list(FILE *f, const char *prefix, const char *name, ks_list l)
{
    if (l.n == 0)
        return;
    fprintf(f, "static const ks_str %s_%s[] = {", prefix, name);
    for (size_t i = 0; i < l.n; i++) {
        put_value(f, l.at[i]);
        fputs(", ", f);
    }
    fputs("};\n", f);
}

static void def_puts(FILE *f, const char *prefix, const char *name, ks_app_puts p)
{
    if (p.n == 0)
        return;
    fprintf(f, "static const ks_app_put %s_%s[] = {", prefix, name);
    for (size_t i = 0; i < p.n; i++) {
        fputs("{", f);
        put_text(f, "name", p.at[i].name);
        put_text(f, "value", p.at[i].value);
        fputs("}, ", f);
    }
    fputs("};\n", f);
}

static void def_answers(FILE *f, const char *prefix, const char *name, ks_app_answers a)
{
    if (a.n == 0)
        return;
    fprintf(f, "static const ks_app_answer %s_%s[] = {", prefix, name);
    for (size_t i = 0; i < a.n; i++) {
        fputs("{", f);
        put_number(f, "status", a.at[i].status);
        put_text(f, "pointer", a.at[i].pointer);
        put_text(f, "value", a.at[i].value);
        put_text(f, "cause", a.at[i].cause);
        fputs("}, ", f);
    }
    fputs("};\n", f);
}

/* `.member = {PREFIX_name, n}, ` for what a def_ function wrote. */
static void put_ref(FILE *f, const char *member, const char *prefix, const char *name, size_t n)
{
    if (n > 0)
        fprintf(f, ".%s = {%s_%s, %zu}, ", member, prefix, name, n);
}

/* `.member = PREFIX_member, .member_n = n, ` */
static void put_array(FILE *f, const char *member, const char *prefix, size_t n)
{
    if (n > 0)
        fprintf(f, ".%s = %s_%s, .%s_n = %zu, ", member, prefix, member, member, n);
}

/* "k_demo_a3": where names of arrays begin. */
static const char *sub(ks_ctx *cx, const char *prefix, char kind, size_t i)
{
    ks_str s = ks_fmt(cx, "%s_%c%zu", prefix, kind, i);
    return s.p != NULL ? s.p : "no_memory";
}

static void def_fields(ks_ctx *cx, FILE *f, const char *prefix, const ks_app_scheme *s)
{
    for (size_t i = 0; i < s->fields_n; i++) {
        def_list(f, sub(cx, prefix, 'f', i), "aliases", s->fields[i].aliases);
        def_list(f, sub(cx, prefix, 'f', i), "values", s->fields[i].values);
    }
    if (s->fields_n > 0)
        fprintf(f, "static const ks_app_field %s_fields[] = {\n", prefix);
    for (size_t i = 0; i < s->fields_n; i++) {
        const ks_app_field *d = &s->fields[i];
        fputs("{", f);
        put_text(f, "name", d->name);
        put_text(f, "label", d->label);
        put_text(f, "help", d->help);
        put_text(f, "example", d->example);
        put_text(f, "pattern", d->pattern);
        put_text(f, "fallback", d->fallback);
        put_text(f, "prefix", d->prefix);
        put_text(f, "suffix", d->suffix);
        put_ref(f, "aliases", sub(cx, prefix, 'f', i), "aliases", d->aliases.n);
        put_ref(f, "values", sub(cx, prefix, 'f', i), "values", d->values.n);
        put_number(f, "kind", (int)d->kind);
        put_flag(f, "secret", d->secret);
        put_flag(f, "required", d->required);
        put_flag(f, "to_act", d->to_act);
        put_flag(f, "developer", d->developer);
        fputs("},\n", f);
    }
    if (s->fields_n > 0)
        fputs("};\n", f);
}

static void put_check(FILE *f, const char *prefix, const ks_app_check *c)
{
    if (c->method.p == NULL)
        return;
    fputs("\n  .check = {", f);
    put_text(f, "method", c->method);
    put_text(f, "path", c->path);
    put_ref(f, "headers", prefix, "check_headers", c->headers.n);
    put_text(f, "body", c->body);
    put_number(f, "encoding", (int)c->encoding);
    put_ref(f, "good", prefix, "good", c->good.n);
    put_ref(f, "limited", prefix, "limited", c->limited.n);
    put_ref(f, "bad", prefix, "bad", c->bad.n);
    put_flag(f, "trusted", c->trusted);
    put_text(f, "identity.id", c->identity.id);
    put_text(f, "identity.name", c->identity.name);
    put_text(f, "identity.email", c->identity.email);
    put_text(f, "identity.account", c->identity.account);
    put_text(f, "identity.plan", c->identity.plan);
    fputs("}, ", f);
}

static void put_derived(FILE *f, const char *p, const ks_app_derived *d)
{
    fputs("{", f);
    put_text(f, "name", d->name);
    put_number(f, "make", (int)d->make);
    put_text(f, "text", d->text);
    put_text(f, "at", d->at);
    put_text(f, "method", d->method);
    put_text(f, "url", d->url);
    put_ref(f, "headers", p, "headers", d->headers.n);
    put_text(f, "basic_user", d->basic_user);
    put_text(f, "basic_password", d->basic_password);
    put_number(f, "encoding", (int)d->encoding);
    put_text(f, "body", d->body);
    put_text(f, "pointer", d->pointer);
    put_text(f, "lasts", d->lasts);
    put_text(f, "until", d->until);
    put_text(f, "refresh_pointer", d->refresh_pointer);
    put_text(f, "refresh_url", d->refresh_url);
    put_text(f, "refresh_body", d->refresh_body);
    put_text(f, "alg", d->alg);
    put_text(f, "key", d->key);
    put_text(f, "key_as", d->key_as);
    put_text(f, "header", d->header);
    put_text(f, "claims", d->claims);
    put_ref(f, "stamps", p, "stamps", d->stamps.n);
    put_text(f, "from", d->from);
    fputs("},\n", f);
}

static void def_derive(ks_ctx *cx, FILE *f, const char *prefix, const ks_app_scheme *s)
{
    for (size_t i = 0; i < s->derive_n; i++) {
        def_puts(f, sub(cx, prefix, 'd', i), "headers", s->derive[i].headers);
        def_list(f, sub(cx, prefix, 'd', i), "stamps", s->derive[i].stamps);
    }
    if (s->derive_n > 0)
        fprintf(f, "static const ks_app_derived %s_derive[] = {\n", prefix);
    for (size_t i = 0; i < s->derive_n; i++)
        put_derived(f, sub(cx, prefix, 'd', i), &s->derive[i]);
    if (s->derive_n > 0)
        fputs("};\n", f);
}

static void def_scheme_parts(ks_ctx *cx, FILE *f, const char *prefix, const ks_app_scheme *s)
{
    def_fields(cx, f, prefix, s);
    def_derive(cx, f, prefix, s);
    def_puts(f, prefix, "sign_with", s->sign_with);
    def_puts(f, prefix, "dsn", s->dsn);
    def_list(f, prefix, "hosts", s->hosts);
    def_puts(f, prefix, "headers", s->headers);
    def_puts(f, prefix, "query", s->query);
    def_puts(f, prefix, "body", s->body);
    def_puts(f, prefix, "check_headers", s->check.headers);
    def_answers(f, prefix, "good", s->check.good);
    def_answers(f, prefix, "limited", s->check.limited);
    def_answers(f, prefix, "bad", s->check.bad);
    def_list(f, prefix, "steps", s->find_steps);
}

static void def_schemes(ks_ctx *cx, FILE *f, const char *prefix, const ks_app *app)
{
    for (size_t i = 0; i < app->schemes_n; i++)
        def_scheme_parts(cx, f, sub(cx, prefix, 's', i), &app->schemes[i]);
    if (app->schemes_n > 0)
        fprintf(f, "static const ks_app_scheme %s_schemes[] = {\n", prefix);
    for (size_t i = 0; i < app->schemes_n; i++) {
        const ks_app_scheme *s = &app->schemes[i];
        const char          *p = sub(cx, prefix, 's', i);
        fputs("{", f);
        put_text(f, "scheme", s->scheme);
        put_array(f, "fields", p, s->fields_n);
        put_text(f, "base", s->base);
        put_ref(f, "hosts", p, "hosts", s->hosts.n);
        put_ref(f, "headers", p, "headers", s->headers.n);
        put_ref(f, "query", p, "query", s->query.n);
        put_ref(f, "body", p, "body", s->body.n);
        put_text(f, "basic_user", s->basic_user);
        put_text(f, "basic_password", s->basic_password);
        put_array(f, "derive", p, s->derive_n);
        put_text(f, "sign", s->sign);
        put_ref(f, "sign_with", p, "sign_with", s->sign_with.n);
        put_ref(f, "dsn", p, "dsn", s->dsn.n);
        put_check(f, p, &s->check);
        put_text(f, "find_url", s->find_url);
        put_ref(f, "find_steps", p, "steps", s->find_steps.n);
        fputs("},\n", f);
    }
    if (app->schemes_n > 0)
        fputs("};\n", f);
}

static void def_params(ks_ctx *cx, FILE *f, const char *prefix, const ks_app_action *a)
{
    for (size_t i = 0; i < a->params_n; i++)
        def_list(f, sub(cx, prefix, 'p', i), "values", a->params[i].values);
    if (a->params_n > 0)
        fprintf(f, "static const ks_app_param %s_params[] = {\n", prefix);
    for (size_t i = 0; i < a->params_n; i++) {
        const ks_app_param *p = &a->params[i];
        fputs("{", f);
        put_text(f, "name", p->name);
        put_text(f, "about", p->about);
        put_text(f, "target", p->target);
        put_text(f, "fallback", p->fallback);
        put_text(f, "fixed", p->fixed);
        put_text(f, "from", p->from);
        put_ref(f, "values", sub(cx, prefix, 'p', i), "values", p->values.n);
        put_number(f, "in", (int)p->in);
        put_number(f, "type", (int)p->type);
        put_number(f, "items", (int)p->items);
        put_flag(f, "required", p->required);
        fputs("},\n", f);
    }
    if (a->params_n > 0)
        fputs("};\n", f);
}

static void def_actions(ks_ctx *cx, FILE *f, const char *prefix, const ks_app *app)
{
    for (size_t i = 0; i < app->actions_n; i++) {
        def_params(cx, f, sub(cx, prefix, 'a', i), &app->actions[i]);
        def_list(f, sub(cx, prefix, 'a', i), "tags", app->actions[i].tags);
    }
    if (app->actions_n > 0)
        fprintf(f, "static const ks_app_action %s_actions[] = {\n", prefix);
    for (size_t i = 0; i < app->actions_n; i++) {
        const ks_app_action *a = &app->actions[i];
        const char          *p = sub(cx, prefix, 'a', i);
        fputs("{", f);
        put_text(f, "name", a->name);
        put_text(f, "title", a->title);
        put_text(f, "about", a->about);
        put_text(f, "method", a->method);
        put_text(f, "path", a->path);
        put_text(f, "graphql", a->graphql);
        put_number(f, "encoding", (int)a->encoding);
        put_text(f, "content_type", a->content_type);
        put_ref(f, "tags", p, "tags", a->tags.n);
        put_array(f, "params", p, a->params_n);
        put_text(f, "docs", a->docs);
        fputs("},\n", f);
    }
    if (app->actions_n > 0)
        fputs("};\n", f);
}

static void def_app(ks_ctx *cx, FILE *f, const ks_app *app)
{
    ks_str prefix = ks_fmt(cx, "k_" KS_FMT, KS_ARG(app->key));
    if (prefix.p == NULL)
        return;
    def_list(f, prefix.p, "categories", app->categories);
    def_list(f, prefix.p, "aliases", app->aliases);
    def_list(f, prefix.p, "after", app->rate_after);
    def_list(f, prefix.p, "at", app->rate_at);
    def_puts(f, prefix.p, "pages", app->pages);
    def_schemes(cx, f, prefix.p, app);
    def_actions(cx, f, prefix.p, app);
    fprintf(f, "static const ks_app %s = {", prefix.p);
    put_text(f, "key", app->key);
    put_text(f, "name", app->name);
    put_text(f, "about", app->about);
    put_text(f, "id", app->id);
    put_ref(f, "categories", prefix.p, "categories", app->categories.n);
    put_ref(f, "aliases", prefix.p, "aliases", app->aliases.n);
    put_text(f, "home", app->home);
    put_text(f, "docs", app->docs);
    put_text(f, "openapi", app->openapi);
    put_ref(f, "rate_after", prefix.p, "after", app->rate_after.n);
    put_ref(f, "rate_at", prefix.p, "at", app->rate_at.n);
    put_ref(f, "pages", prefix.p, "pages", app->pages.n);
    put_array(f, "schemes", prefix.p, app->schemes_n);
    put_text(f, "open_base", app->open_base);
    put_array(f, "actions", prefix.p, app->actions_n);
    put_flag(f, "ghost_only", app->ghost_only);
    fputs("};\n", f);
}

static void def_indexes(FILE *f, const ks_app *const *apps, size_t n, const ks_app_name *names,
                        size_t names_n, const ks_action_ref *refs, size_t refs_n)
{
    fputs("const ks_app *const ks_builtin_apps[] = {\n", f);
    for (size_t i = 0; i < n; i++)
        fprintf(f, "&k_" KS_FMT ",\n", KS_ARG(apps[i]->key));
    fprintf(f, "};\nconst size_t ks_builtin_apps_n = %zu;\nconst ks_app_name ks_builtin_names[] = {\n", n);
    for (size_t i = 0; i < names_n; i++) {
        fputs("{", f);
        put_value(f, names[i].name);
        fprintf(f, ", &k_" KS_FMT "},\n", KS_ARG(names[i].app->key));
    }
    fprintf(f, "};\nconst size_t ks_builtin_names_n = %zu;\n", names_n);
    fputs("const ks_action_ref ks_builtin_actions[] = {\n", f);
    for (size_t i = 0; i < refs_n; i++)
        fprintf(f, "{&k_" KS_FMT ", &k_" KS_FMT "_actions[%zu]},\n", KS_ARG(refs[i].app->key),
                KS_ARG(refs[i].app->key), (size_t)(refs[i].action - refs[i].app->actions));
    fprintf(f, "};\nconst size_t ks_builtin_actions_n = %zu;\n", refs_n);
}

void ks_catalogc_write(ks_ctx *cx, FILE *f, const ks_app *const *apps, size_t n, const ks_app_name *names,
                       size_t names_n, const ks_action_ref *refs, size_t refs_n)
{
    fputs("/* Generated by tools/catalogc.c from catalog/. Do not edit. */\n"
          "#include \"features/apps/catalog.h\"\n#include \"features/apps/catalog_index.h\"\n\n"
          "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
          "#define T(s) {s, sizeof(s) - 1}\n\n",
          f);
    for (size_t i = 0; i < n; i++)
        def_app(cx, f, apps[i]);
    def_indexes(f, apps, n, names, names_n, refs, refs_n);
}
