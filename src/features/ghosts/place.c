/* features/ghosts/place.c — see place.h. Compares bytes; decides nothing about good and bad values. */
#include "features/ghosts/place.h"

#include "base/enc.h"
#include "base/json.h"
#include "features/apps/template.h"

/* ---- values ---- */

/* Note a value; false when the field was met with another one before. */
static bool note(ks_ghost_values *v, ks_str name, ks_str value)
{
    for (size_t i = 0; i < v->n; i++) {
        if (ks_str_eq(v->at[i].name, name))
            return ks_str_eq(v->at[i].value, value);
    }
    if (v->n == KS_COUNT(v->at))
        return false;
    v->at[v->n].name = name;
    v->at[v->n++].value = value;
    return true;
}

/* Where a value ends: before the next literal of the template, or at the end. */
static size_t value_end(ks_str tpl_rest, ks_str text)
{
    ks_tpl_part next;
    if (!ks_tpl_next(&tpl_rest, &next) || next.is_value)
        return text.n;
    return ks_str_find(text, next.text);
}

bool ks_ghost_text(ks_str tpl, ks_str text, ks_ghost_values *v)
{
    ks_tpl_part part;
    while (ks_tpl_next(&tpl, &part)) {
        size_t n = part.is_value ? value_end(tpl, text) : part.text.n;
        if (n == SIZE_MAX ||
            (part.is_value ? !note(v, part.text, ks_str_sub(text, 0, n)) : !ks_str_starts(text, part.text)))
            return false;
        text = ks_str_sub(text, n, SIZE_MAX);
    }
    return text.n == 0;
}

ks_str ks_ghost_decoded(ks_ctx *cx, ks_str s, bool plus)
{
    ks_buf *b = ks_ctx_buf(cx, s.n + 1);
    return b != NULL && ks_dec_percent(b, s, plus) ? ks_buf_view(b) : KS_NO_STR;
}

bool ks_ghost_path(ks_ctx *cx, ks_str tpl, ks_str path, ks_ghost_values *v, ks_str *rest)
{
    ks_tpl_part part;
    while (ks_tpl_next(&tpl, &part)) {
        size_t n = part.text.n;
        if (!part.is_value) {
            if (!ks_str_starts(path, part.text))
                return false;
        } else {
            size_t slash = ks_str_chr(path, '/'), end = value_end(tpl, path);
            n = end < slash ? end : slash == SIZE_MAX ? path.n : slash;
            ks_str value = ks_ghost_decoded(cx, ks_str_sub(path, 0, n), false);
            if (value.n == 0 || !note(v, part.text, value))
                return false;
        }
        path = ks_str_sub(path, n, SIZE_MAX);
    }
    if (rest == NULL)
        return path.n == 0;
    *rest = path;
    return path.n == 0 || path.p[0] == '/';
}

ks_str ks_ghost_base(const ks_app_scheme *s, ks_str base, bool *open)
{
    ks_tpl_part part;
    ks_str      rest = base, host = KS_S("https://");
    *open = false;
    if (s != NULL && ks_tpl_next(&rest, &part) && part.is_value) {
        *open = true;
    } else {
        size_t from = ks_str_starts(base, host) ? host.n : 0;
        size_t slash = ks_str_chr(ks_str_sub(base, from, SIZE_MAX), '/');
        rest = slash == SIZE_MAX ? KS_S("") : ks_str_sub(base, from + slash, SIZE_MAX);
    }
    while (ks_str_starts(rest, KS_S("/api")) && (rest.n == 4 || rest.p[4] == '/'))
        rest = ks_str_sub(rest, 4, SIZE_MAX);
    return rest;
}

/* ---- finding places ---- */

ks_str ks_ghost_query(ks_ctx *cx, ks_str query, ks_str name)
{
    ks_str pair, found = KS_NO_STR;
    while (ks_str_cut(&query, '&', &pair)) {
        size_t eq = ks_str_chr(pair, '=');
        ks_str key = ks_ghost_decoded(cx, ks_str_sub(pair, 0, eq), true);
        if (key.p == NULL || !ks_str_eq(key, name))
            continue;
        if (found.p != NULL)
            return KS_NO_STR;
        found = eq == SIZE_MAX ? KS_S("") : ks_ghost_decoded(cx, ks_str_sub(pair, eq + 1, SIZE_MAX), true);
    }
    return found;
}

ks_str ks_ghost_header(const ks_ghost_ask *ask, ks_str name)
{
    ks_str found = KS_NO_STR;
    for (size_t i = 0; i < ask->headers_n; i++) {
        if (!ks_str_ieq(ask->headers[i].name, name))
            continue;
        if (found.p != NULL)
            return KS_NO_STR;
        found = ask->headers[i].value;
    }
    return found;
}

static bool is_optional(const ks_app_field *f)
{
    return f != NULL && !f->required && !f->to_act && f->fallback.p == NULL;
}

/* A place may be empty when its template uses a field that may be left out. */
static bool may_lack(const ks_app_scheme *s, ks_str tpl)
{
    ks_tpl_part part;
    while (ks_tpl_next(&tpl, &part)) {
        if (part.is_value && is_optional(ks_app_field_find(s, part.text)))
            return true;
    }
    return false;
}

bool ks_ghost_fits(const ks_app_scheme *s, ks_str tpl, ks_str found, ks_ghost_values *v)
{
    return found.p == NULL ? may_lack(s, tpl) : ks_ghost_text(tpl, found, v);
}

/* "Bearer {{pair}}" where `pair` is base64 of a text: decoded first. NULL when the template is of another
 * kind. */
static const ks_app_derived *encoded_tail(const ks_app_scheme *s, ks_str tpl, ks_str *lead)
{
    ks_tpl_part part;
    *lead = ks_str_sub(tpl, 0, ks_str_find(tpl, KS_S("{{")));
    tpl = ks_str_sub(tpl, lead->n, SIZE_MAX);
    const ks_app_derived *d = ks_tpl_next(&tpl, &part) ? ks_app_derived_find(s, part.text) : NULL;
    return d != NULL && d->make == KS_MAKE_BASE64 ? d : NULL;
}

static bool header_fits(ks_ctx *cx, const ks_app_scheme *s, const ks_app_put *put, const ks_ghost_ask *ask,
                        ks_ghost_values *v)
{
    ks_str                lead, sent = ks_ghost_header(ask, put->name);
    const ks_app_derived *d = encoded_tail(s, put->value, &lead);
    if (d == NULL || sent.p == NULL)
        return ks_ghost_fits(s, d != NULL ? d->text : put->value, sent, v);
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_HEADER_BYTES);
    return b != NULL && ks_str_starts(sent, lead) && ks_dec_base64(b, ks_str_sub(sent, lead.n, SIZE_MAX)) &&
           ks_ghost_text(d->text, ks_buf_view(b), v);
}

bool ks_ghost_basic(ks_ctx *cx, ks_str user, ks_str password, const ks_ghost_ask *ask, ks_ghost_values *v)
{
    ks_str  sent = ks_ghost_header(ask, KS_S("authorization")), lead = KS_S("Basic ");
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_HEADER_BYTES);
    if (b == NULL || !ks_str_starts(sent, lead) || !ks_dec_base64(b, ks_str_sub(sent, lead.n, SIZE_MAX)))
        return false;
    ks_str pair = ks_buf_view(b);
    size_t colon = ks_str_chr(pair, ':');
    return colon != SIZE_MAX && ks_ghost_text(user, ks_str_sub(pair, 0, colon), v) &&
           ks_ghost_text(password, ks_str_sub(pair, colon + 1, SIZE_MAX), v);
}

static bool basic_fits(ks_ctx *cx, const ks_app_scheme *s, const ks_ghost_ask *ask, ks_ghost_values *v)
{
    return (s->basic_user.p == NULL && s->basic_password.p == NULL) ||
           ks_ghost_basic(cx, s->basic_user, s->basic_password, ask, v);
}

static bool has_body(ks_str method)
{
    return !ks_str_eq(method, KS_S("GET")) && !ks_str_eq(method, KS_S("HEAD")) &&
           !ks_str_eq(method, KS_S("DELETE"));
}

/* Members of the body: of a form, or of a JSON object. */
static bool body_fits(ks_ctx *cx, const ks_app_scheme *s, const ks_ghost_ask *ask, ks_ghost_values *v)
{
    ks_str   type = ks_ghost_header(ask, KS_S("content-type"));
    bool     form = ks_str_starts(type, KS_S("application/x-www-form-urlencoded"));
    ks_json *body = NULL;
    if (s->body.n == 0 || !has_body(ask->method))
        return true;
    if (!form && ks_json_parse(cx, ask->body, &body) != KS_OK)
        return false;
    for (size_t i = 0; i < s->body.n; i++) {
        const ks_app_put *put = &s->body.at[i];
        ks_str            found = form ? ks_ghost_query(cx, ask->body, put->name)
                                       : ks_json_scalar(cx, ks_json_get(body, put->name.p));
        if (!ks_ghost_fits(s, put->value, found, v))
            return false;
    }
    return true;
}

/* Emptiness is told from a value left out: only optional fields may be empty. */
static bool none_empty(const ks_app_scheme *s, const ks_ghost_values *v)
{
    for (size_t i = 0; i < v->n; i++) {
        if (v->at[i].value.n == 0 && !is_optional(ks_app_field_find(s, v->at[i].name)))
            return false;
    }
    return true;
}

bool ks_ghost_in_place(ks_ctx *cx, const ks_app_scheme *s, const ks_ghost_ask *ask, ks_ghost_values *v)
{
    for (size_t i = 0; i < s->headers.n; i++) {
        if (!header_fits(cx, s, &s->headers.at[i], ask, v))
            return false;
    }
    for (size_t i = 0; i < s->query.n; i++) {
        if (!ks_ghost_fits(s, s->query.at[i].value, ks_ghost_query(cx, ask->query, s->query.at[i].name), v))
            return false;
    }
    return basic_fits(cx, s, ask, v) && body_fits(cx, s, ask, v) && none_empty(s, v);
}
