/* features/connections/credential.c — from a JSON object to checked values. Later sources win: defaults (read
 * at use, so that they follow the catalogue), then the integration's own values, then the user's. */
#include "features/connections/credential.h"

#include "features/apps/catalog.h"
#include "features/apps/template.h"
#include "upstream/url.h"

ks_status ks_credential_new(ks_ctx *cx, const ks_app *app, const ks_app_scheme *scheme, ks_credential *out)
{
    *out = (ks_credential){.app = app, .scheme = scheme};
    out->values = ks_zalloc(cx, (scheme->fields_n + 1) * sizeof *out->values);
    return out->values != NULL ? KS_OK : KS_NO_MEMORY;
}

static void put(ks_credential *c, ks_str name, ks_secret *value)
{
    for (size_t i = 0; i < c->n; i++) {
        if (ks_str_eq(c->values[i].name, name)) {
            c->values[i].secret = value;
            return;
        }
    }
    if (c->n < c->scheme->fields_n)
        c->values[c->n++] = (ks_value){name, value};
}

ks_secret *ks_credential_get(const ks_credential *c, ks_str field)
{
    for (size_t i = 0; i < c->n; i++) {
        if (ks_str_eq(c->values[i].name, field))
            return c->values[i].secret;
    }
    return NULL;
}

/* For each derived value also what comes beside it: a refresh token, the key a ghost checks with. */
ks_status ks_credential_extend(ks_ctx *cx, const ks_credential *c, ks_credential *out)
{
    *out = *c;
    out->values = ks_zalloc(cx, (c->scheme->fields_n + 2 * c->scheme->derive_n + 1) * sizeof *out->values);
    if (out->values == NULL)
        return KS_NO_MEMORY;
    if (c->n > 0)
        memcpy(out->values, c->values, c->n * sizeof *out->values);
    return KS_OK;
}

void ks_credential_derive(ks_credential *c, ks_str name, ks_secret *value, bool plain)
{
    size_t at = 0;
    while (at < c->n && !ks_str_eq(c->values[at].name, name))
        at++;
    if (at == c->scheme->fields_n + 2 * c->scheme->derive_n + 1)
        return; /* no more names than that are derived */
    if (plain)
        ks_secret_publish(value);
    c->values[at] = (ks_value){name, value};
    c->n += at == c->n;
}

static ks_secret_kind kind_of(const ks_app_field *f)
{
    if (f->kind == KS_APP_BLOB)
        return KS_SECRET_TEXT;
    return f->kind == KS_APP_UTF8 ? KS_SECRET_UTF8 : KS_SECRET_HEADER;
}

/* What is wrong with a value of this field, as an unfinished sentence; NULL when it will do. */
static const char *fault(ks_ctx *cx, const ks_app_field *f, const ks_secret *s, ks_str text)
{
    const char *why = ks_secret_fault(s, kind_of(f));
    if (why != NULL || ks_secret_len(s) == 0)
        return why;
    if (f->kind == KS_APP_LABEL && !ks_label_ok(text))
        return "may hold letters, digits and inner hyphens only (one part of a host name, without dots)";
    if (f->kind == KS_APP_CHOICE)
        return ks_list_holds(f->values, text) ? NULL : "is not one of the values this field allows";
    if (f->kind == KS_APP_URL || f->kind == KS_APP_HOST) {
        ks_url url;
        ks_ctx probe = *cx; /* its error detail is not ours */
        ks_str whole = f->kind == KS_APP_HOST ? ks_fmt(cx, "https://" KS_FMT, KS_ARG(text)) : text;
        bool   parsed = whole.p != NULL && ks_url_parse(&probe, NULL, whole, &url) == KS_OK;
        cx->starved |= probe.starved; /* that it could not be parsed may mean no more than that */
        if (!parsed || url.query.n > 0 || (f->kind == KS_APP_HOST && !ks_str_eq(url.path, KS_S("/"))))
            return f->kind == KS_APP_URL
                       ? "is not an absolute https URL without user info, query and fragment"
                       : "is not a plain host name";
    }
    return NULL;
}

/* One member of the object. Empty strings count as not given, so that a required field is then named as
 * missing. */
static ks_status take(ks_ctx *cx, ks_credential *c, const ks_app_field *f, const ks_json *v, const char *path)
{
    ks_str     text = ks_json_scalar(cx, v);
    ks_secret *s;
    if (text.p == NULL) {
        ks_fail_also(cx, ks_fmt(cx, "%s" KS_FMT, path, KS_ARG(f->name)),
                     KS_S("must be a text, not an object or a list"));
        return KS_INVALID;
    }
    if (f->kind != KS_APP_BLOB)
        text = ks_secret_trim(text);
    if (text.n == 0)
        return KS_OK;
    if (text.n > KS_MAX_SECRET_TEXT)
        text.n = KS_MAX_SECRET_TEXT; /* judged below as too long: every kind but blob ends at 8 kB */
    KS_TRY(ks_secret_new(cx, text.p, text.n, &s));
    const char *why = ks_json_kind(v) == KS_JSON_STR && ks_json_str(v).n > KS_MAX_SECRET_TEXT
                          ? "is longer than 64 kB"
                          : fault(cx, f, s, text);
    if (why != NULL) {
        ks_fail_also(cx, ks_fmt(cx, "%s" KS_FMT, path, KS_ARG(f->name)), ks_str_of(why));
        return KS_INVALID;
    }
    if (!f->secret)
        ks_secret_publish(s);
    put(c, f->name, s);
    return KS_OK;
}

/* Turn the details gathered so far into one failure whose message reads as a sentence. */
static ks_status gathered(ks_ctx *cx, const char *code, const char *lead)
{
    ks_err had = cx->err;
    (void)!ks_fail_code(cx, KS_INVALID, code, NULL, "%s: " KS_FMT " " KS_FMT ".", lead,
                        KS_ARG(had.details[0].field), KS_ARG(had.details[0].reason));
    memcpy(cx->err.details, had.details, sizeof had.details);
    cx->err.n = had.n;
    return KS_INVALID;
}

/* ---- addresses: names the v3 API has for them in every scheme ---- */

static const char *const address_names[] = {"base_url", "full", "api_url"};

static bool is_address(ks_str name)
{
    for (size_t i = 0; i < KS_COUNT(address_names); i++) {
        if (ks_str_eq(name, ks_str_of(address_names[i])))
            return true;
    }
    return false;
}

/* The one field that is a whole address, whatever it is called. */
static const ks_app_field *address_field(const ks_app_scheme *s)
{
    const ks_app_field *only = NULL;
    for (size_t i = 0; i < s->fields_n; i++) {
        if (s->fields[i].kind != KS_APP_URL)
            continue;
        if (only != NULL)
            return NULL;
        only = &s->fields[i];
    }
    return only;
}

ks_str ks_credential_address(const ks_app_scheme *scheme, const ks_json *data)
{
    for (size_t i = 0; address_field(scheme) == NULL && i < KS_COUNT(address_names); i++) {
        ks_str text = ks_json_str(ks_json_get(data, address_names[i]));
        if (text.n > 0 && ks_app_field_find(scheme, ks_str_of(address_names[i])) == NULL)
            return text;
    }
    return KS_NO_STR;
}

/* Does the text say what the app file says anyway? */
static bool is_own_base(const ks_app_scheme *s, ks_str text)
{
    while (text.n > 0 && text.p[text.n - 1] == '/')
        text.n--;
    return ks_str_ieq(text, s->base);
}

/* "names an address, but that of this app is made from: shop" */
static ks_str made_from(ks_ctx *cx, const ks_credential *c)
{
    ks_buf *b = ks_ctx_buf(cx, 4096);
    bool    any = false;
    if (b == NULL)
        return KS_NO_STR;
    ks_buf_z(b, "names an address, but ");
    for (size_t i = 0; i < c->scheme->fields_n; i++) {
        const ks_app_field *f = &c->scheme->fields[i];
        if (f->kind != KS_APP_LABEL && f->kind != KS_APP_HOST && f->kind != KS_APP_URL)
            continue;
        ks_buf_fmt(b, "%s" KS_FMT, any ? ", " : "that of this app is made from: ", KS_ARG(f->name));
        any = true;
    }
    ks_buf_z(b, any ? "" : "this app has one of its own; leave it out");
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* The field a member stands for; NULL when it is to be ignored. INVALID for an address that cannot be used.
 */
static ks_status field_of(ks_ctx *cx, const ks_credential *c, const ks_json *data, ks_str name,
                          const ks_json *v, const char *path, const ks_app_field **out)
{
    *out = ks_app_field_find(c->scheme, name);
    if (*out != NULL || !is_address(name) || c->own_address || ks_json_str(v).n == 0)
        return KS_OK;
    const ks_app_field *f = address_field(c->scheme);
    if (f != NULL && ks_json_get(data, f->name.p) == NULL)
        *out = f;
    if (f != NULL || is_own_base(c->scheme, ks_json_str(v)))
        return KS_OK;
    ks_fail_also(cx, ks_fmt(cx, "%s" KS_FMT, path, KS_ARG(name)), made_from(cx, c));
    return KS_INVALID;
}

ks_status ks_credential_take(ks_ctx *cx, ks_credential *c, const ks_json *data, const char *path)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *v;
    bool     bad = false;
    if (data == NULL || ks_json_kind(data) == KS_JSON_NULL)
        return KS_OK;
    if (ks_json_kind(data) != KS_JSON_OBJ)
        return ks_fail(cx, KS_INVALID, ks_fmt(cx, "%.*s", (int)(strlen(path) ? strlen(path) - 1 : 0), path).p,
                       "must be an object of field names and values");
    cx->err = (ks_err){0};
    while (ks_json_each(data, &it, &name, &v)) {
        const ks_app_field *f;
        ks_status           st = field_of(cx, c, data, name, v, path, &f);
        if (st == KS_OK && f != NULL && ks_json_kind(v) != KS_JSON_NULL)
            st = take(cx, c, f, v, path);
        if (st == KS_NO_MEMORY)
            return st;
        bad |= st != KS_OK;
    }
    return bad ? gathered(cx, "value_unusable", "A value cannot be used") : KS_OK;
}

void ks_credential_fill(ks_credential *c, const ks_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ks_app_field_find(c->scheme, values[i].name) != NULL &&
            ks_credential_get(c, values[i].name) == NULL)
            put(c, values[i].name, values[i].secret);
    }
}

/* Is the field part of an address that tokens are asked for at, or is such an address made of it? */
static bool steers_tokens(const ks_app_scheme *s, const ks_app_field *f)
{
    bool hit = false;
    for (size_t i = 0; i < s->derive_n; i++) {
        const ks_app_derived *d = &s->derive[i];
        hit |= ks_tpl_uses(d->url, f->name) || ks_tpl_uses(d->refresh_url, f->name) ||
               (d->make == KS_MAKE_LABEL && ks_tpl_uses(d->text, f->name));
    }
    return hit;
}

/* Is the field part of the address? */
static bool steers(const ks_app_scheme *s, const ks_app_field *f)
{
    bool hit = ks_tpl_uses(s->base, f->name);
    for (size_t i = 0; i < s->dsn.n; i++)
        hit |= ks_tpl_uses(s->dsn.at[i].value, f->name);
    return (hit || steers_tokens(s, f)) && !f->secret;
}

bool ks_credential_free(const ks_app_scheme *s, const ks_app_field *f)
{
    return steers(s, f) && (s->hosts.n == 0 || steers_tokens(s, f)) &&
           (f->kind == KS_APP_URL || f->kind == KS_APP_HOST);
}

bool ks_credential_trusts(const ks_app_scheme *s, const ks_app_field *f)
{
    static const char *const members[] = {"port", "tls", "ca"};
    bool                     hit = false;
    for (size_t i = 0; i < s->dsn.n; i++) {
        for (size_t k = 0; k < KS_COUNT(members); k++)
            hit |= ks_str_eq(s->dsn.at[i].name, ks_str_of(members[k])) &&
                   ks_tpl_uses(s->dsn.at[i].value, f->name);
    }
    return hit && !f->secret;
}

ks_status ks_credential_keep(ks_ctx *cx, ks_credential *c, const ks_credential *kept,
                             const ks_credential *old, const char *path)
{
    const ks_app_field *moved = NULL;
    for (size_t i = 0; i < kept->n; i++) {
        const ks_app_field *f = ks_app_field_find(c->scheme, kept->values[i].name);
        if (f != NULL && !f->secret)
            ks_credential_fill(c, &kept->values[i], 1);
    }
    ks_credential_publish(c);
    for (size_t i = 0; i < c->scheme->fields_n; i++) {
        const ks_app_field *f = &c->scheme->fields[i];
        if (steers(c->scheme, f) &&
            !ks_str_eq(ks_credential_text(c, f->name), ks_credential_text(old, f->name)))
            moved = f;
    }
    for (size_t i = 0; i < kept->n; i++) {
        const ks_app_field *f = ks_app_field_find(c->scheme, kept->values[i].name);
        if (moved != NULL && f != NULL && f->secret && ks_credential_get(c, kept->values[i].name) == NULL)
            return ks_fail_code(cx, KS_INVALID, "address_moved",
                                ks_fmt(cx, "%s" KS_FMT, path, KS_ARG(f->name)).p,
                                "A stored secret does not follow to another address. Send `" KS_FMT
                                "` together with `" KS_FMT "`.",
                                KS_ARG(f->name), KS_ARG(moved->name));
        ks_credential_fill(c, &kept->values[i], 1);
    }
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

bool ks_credential_has(const ks_credential *c, ks_str field)
{
    const ks_app_field *f = ks_app_field_find(c->scheme, field);
    return ks_credential_get(c, field) != NULL || (f != NULL && f->fallback.p != NULL);
}

ks_status ks_credential_complete(ks_ctx *cx, const ks_credential *c, const char *path)
{
    cx->err = (ks_err){0};
    for (size_t i = 0; i < c->scheme->fields_n; i++) {
        const ks_app_field *f = &c->scheme->fields[i];
        if (f->required && !ks_credential_has(c, f->name))
            ks_fail_also(cx, ks_fmt(cx, "%s" KS_FMT, path, KS_ARG(f->name)),
                         ks_fmt(cx, "is required (" KS_FMT ")", KS_ARG(f->label)));
    }
    return cx->err.n ? gathered(cx, "field_missing", "A value is missing") : KS_OK;
}

ks_str ks_credential_text(const ks_credential *c, ks_str field)
{
    const ks_secret    *s = ks_credential_get(c, field);
    const ks_app_field *f = ks_app_field_find(c->scheme, field);
    if (ks_app_derived_find(c->scheme, field) != NULL)
        return s != NULL ? ks_secret_text(s) : KS_NO_STR;
    if (f == NULL || f->secret)
        return KS_NO_STR;
    return s != NULL ? ks_secret_text(s) : f->fallback;
}

const ks_app_field *ks_credential_lacks(const ks_credential *c)
{
    for (size_t i = 0; i < c->scheme->fields_n; i++) {
        const ks_app_field *f = &c->scheme->fields[i];
        if ((f->required || f->to_act) && !ks_credential_has(c, f->name))
            return f;
    }
    return NULL;
}

void ks_credential_publish(ks_credential *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const ks_app_field *f = ks_app_field_find(c->scheme, c->values[i].name);
        if (f != NULL && !f->secret)
            ks_secret_publish(c->values[i].secret);
    }
}

void ks_credential_display(ks_ctx *cx, const ks_credential *c, ks_jw *w, const char *name)
{
    ks_jw_obj(w, name);
    for (size_t i = 0; i < c->n; i++) {
        ks_str plain = ks_secret_text(c->values[i].secret);
        ks_jw_name(w, c->values[i].name);
        ks_jw_str(w, NULL, plain.p ? plain : ks_secret_mask(cx, c->values[i].secret));
    }
    ks_jw_end(w, '}');
}
