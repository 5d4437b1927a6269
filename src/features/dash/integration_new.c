/* features/dash/integration_new.c — /dash/apps/KEY/integration: a form for a new integration of an app. Its
 * secrets are typed unseen and shown by no page, not even when the form is refused (rule S4).
 * docs/dashboard.md DASH-47. */
#include "features/apps/view.h"
#include "features/dash/connections.h"
#include "features/dash/inputs.h"
#include "features/dash/integrations.h"
#include "features/routes.h"

#define AREA_ROWS 6

/* One rendering. */
typedef struct page {
    ks_dash              d;
    const ks_app        *app;
    const ks_app_scheme *scheme;
    const ks_form       *form;  /* what was sent and is shown again; NULL: nothing */
    const ks_err        *wrong; /* why it was refused; NULL: it was not */
} page;

static ks_status need_scheme(ks_ctx *cx, const ks_app *app, ks_str name, const ks_app_scheme **out)
{
    *out = ks_app_scheme_find(app, name.n > 0 ? name : KS_NO_STR);
    if (*out != NULL)
        return KS_OK;
    return ks_fail(cx, KS_INVALID, "scheme",
                   app->schemes_n > 0 ? "The app has no such scheme. Its page lists them."
                                      : "The app needs no credential and no integration.");
}

/* ---- the form ---- */

/* What the form calls a field; errors name it so, too. */
static ks_str input_name(ks_ctx *cx, const ks_app_field *f)
{
    return ks_fmt(cx, "f." KS_FMT, KS_ARG(f->name));
}

static ks_str typed(const page *p, ks_str name)
{
    ks_str sent = p->form != NULL ? ks_form_get(p->form, name) : KS_NO_STR;
    return sent.p != NULL ? sent : KS_S("");
}

static void put_choice(page *p, const ks_app_field *f, const ks_dash_input *in)
{
    ks_str *values = ks_zalloc(p->d.cx, (f->values.n + 1) * sizeof *values);
    if (values == NULL)
        return;
    values[0] = KS_S("");
    for (size_t i = 0; i < f->values.n; i++)
        values[i + 1] = f->values.at[i];
    ks_dash_input_choice(&p->d, in, values, values, f->values.n + 1);
}

static void put_field(page *p, const ks_app_field *f)
{
    ks_ctx       *cx = p->d.cx;
    ks_str        name = input_name(cx, f);
    ks_dash_input in = {.name = name,
                        .label = f->label,
                        .hint = f->fallback.n > 0 ? ks_fmt(cx, KS_FMT " Default: " KS_FMT, KS_ARG(f->help),
                                                           KS_ARG(f->fallback))
                                                  : f->help,
                        .value = typed(p, name),
                        .wrong = p->wrong,
                        .rows = f->kind == KS_APP_BLOB ? AREA_ROWS : 0,
                        .secret = f->secret,
                        .need = f->developer && f->required && f->fallback.p == NULL};
    if (f->kind == KS_APP_CHOICE)
        put_choice(p, f, &in);
    else
        ks_dash_input_put(&p->d, &in);
}

/* The fields asked of the developer, or the others; how many there are. */
static size_t put_fields(page *p, bool developer, bool write)
{
    size_t n = 0;
    for (size_t i = 0; i < p->scheme->fields_n; i++) {
        if (p->scheme->fields[i].developer != developer)
            continue;
        n++;
        if (write)
            put_field(p, &p->scheme->fields[i]);
    }
    return n;
}

static void put_schemes(page *p)
{
    if (p->app->schemes_n < 2)
        return;
    KS_HTML(&p->d.h, "<form class=\"filters\"><div><label for=\"scheme\">Scheme</label>"
                     "<select id=\"scheme\" name=\"scheme\">");
    for (size_t i = 0; i < p->app->schemes_n; i++) {
        ks_str s = p->app->schemes[i].scheme;
        KS_HTML_WITH(&p->d.h, "<option value=\"{}\"", s);
        if (&p->app->schemes[i] == p->scheme)
            KS_HTML(&p->d.h, " selected");
        KS_HTML_WITH(&p->d.h, ">{}</option>", s);
    }
    KS_HTML(&p->d.h, "</select></div><button class=\"plain\">Choose</button></form>\n");
}

static void put_form(page *p)
{
    ks_dash *d = &p->d;
    KS_HTML_WITH(&d->h, "<form class=\"card\" method=\"post\" action=\"{}/dash/apps/{}/integration\">\n",
                 d->root, p->app->key);
    ks_dash_csrf(d);
    KS_HTML_WITH(&d->h,
                 "<input type=\"hidden\" name=\"scheme\" value=\"{}\">\n<p>Scheme: <code>{}</code></p>\n",
                 p->scheme->scheme, p->scheme->scheme);
    ks_dash_input_put(d, &(ks_dash_input){.name = KS_S("name"),
                                          .label = KS_S("Name (optional)"),
                                          .hint = KS_S("Yours, to tell integrations apart."),
                                          .value = typed(p, KS_S("name")),
                                          .wrong = p->wrong});
    put_fields(p, true, true);
    if (put_fields(p, false, false) > 0) {
        if (p->form != NULL)
            KS_HTML(&d->h, "<details open>");
        else
            KS_HTML(&d->h, "<details>");
        KS_HTML(&d->h, "<summary>Values that all its connections share</summary>\n<p class=\"hint\">Users "
                       "are not asked for what is given here. Leave a field empty to ask them.</p>\n");
        put_fields(p, false, true);
        KS_HTML(&d->h, "</details>\n");
    }
    KS_HTML(&d->h, "<button>Make the integration</button>\n</form>\n");
}

static ks_status draw(ks_ctx *cx, const ks_req *rq, ks_res *rs, page *p)
{
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_APPS,
                         ks_fmt(cx, "New integration of " KS_FMT, KS_ARG(p->app->name)), &p->d));
    ks_dash_wrong_put(&p->d, p->wrong);
    put_schemes(p);
    put_form(p);
    return KS_DASH_END(&p->d, ks_fmt(cx, "keysteward integration create " KS_FMT " --scheme " KS_FMT,
                                     KS_ARG(p->app->key), KS_ARG(p->scheme->scheme)));
}

static ks_status get_new(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    page p = {0};
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), NULL, ks_req_param(rq, "app"), &p.app));
    KS_TRY(need_scheme(cx, p.app, ks_req_query(cx, rq, "scheme"), &p.scheme));
    return draw(cx, rq, rs, &p);
}

/* ---- making it ---- */

/* What was filled in, as the object the rule wants. */
static ks_status values_of(ks_ctx *cx, const ks_app_scheme *scheme, const ks_form *form, ks_json **out)
{
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_FORM_BYTES * 6);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < scheme->fields_n; i++) {
        const ks_app_field *f = &scheme->fields[i];
        ks_str              sent = ks_form_field(cx, form, f->name);
        if (sent.n == 0)
            continue;
        ks_jw_name(&w, f->name);
        ks_jw_str(&w, NULL, f->kind == KS_APP_BLOB ? ks_form_lines(cx, sent) : sent);
    }
    ks_jw_end(&w, '}');
    return ks_buf_ok(b) ? ks_json_parse(cx, ks_buf_view(b), out) : ks_no_memory(cx);
}

static ks_status add(ks_ctx *cx, ks_change *change, const page *p, ks_integration *made)
{
    ks_json *values;
    KS_TRY(values_of(cx, p->scheme, p->form, &values));
    ks_integration_new in = {.app = p->app,
                             .scheme = p->scheme->scheme,
                             .name = ks_str_trim(ks_form_get(p->form, KS_S("name")), " "),
                             .values = values,
                             .path = "f.",
                             .complete = true};
    return ks_integration_add(cx, change, &in, made);
}

static ks_status post_new(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form        form;
    page           p = {.form = &form};
    ks_integration made;
    ks_change     *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), NULL, ks_req_param(rq, "app"), &p.app));
    KS_TRY(need_scheme(cx, p.app, ks_form_get(&form, KS_S("scheme")), &p.scheme));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = add(cx, change, &p, &made);
    if (st == KS_INVALID) {
        ks_err why = cx->err;
        ks_change_free(change);
        p.wrong = &why;
        return draw(cx, rq, rs, &p);
    }
    if (st == KS_OK)
        st = ks_dash_go(cx, rs, ks_fmt(cx, "/dash/integrations/" KS_FMT, KS_ARG(made.id)), KS_DONE_MADE);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

#define P(method, run, flags, text)                                                                          \
    {                                                                                                        \
        method, "/dash/apps/{app}/integration", KS_SCOPE_CONNECT, run, KS_VIEW_PAGE, KS_SESSION | (flags),   \
            text                                                                                             \
    }
const ks_route ks_dash_integration_new_routes[] = {
    P("GET", get_new, 0, "a form for a new integration of the app"),
    P("POST", post_new, KS_ONCE, "make it"),
    {0},
};
