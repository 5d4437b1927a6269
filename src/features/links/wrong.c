/* features/links/wrong.c — see wrong.h. */
#include "features/links/wrong.h"

#include "features/apps/recognise.h"
#include "http/reply.h"

static bool is(const ks_err *why, const char *code)
{
    return ks_str_eq(why->code, ks_str_of(code));
}

/* ---- fields ---- */

/* Reasons of credential.c and what we say for them. */
static ks_msg message_of(ks_str reason)
{
    static const struct {
        const char *part;
        ks_msg      says;
    } known[] = {
        {"line break", KS_MSG_ERROR_CONTROL},         {"control", KS_MSG_ERROR_CONTROL},
        {"longer than", KS_MSG_ERROR_LONG},           {"characters", KS_MSG_ERROR_CHARACTERS},
        {"inner hyphens", KS_MSG_ERROR_PART},         {"one of the values", KS_MSG_ERROR_CHOICE},
        {"absolute https URL", KS_MSG_ERROR_ADDRESS}, {"plain host name", KS_MSG_ERROR_HOST},
    };
    for (size_t i = 0; i < KS_COUNT(known); i++) {
        if (ks_str_iholds(reason, ks_str_of(known[i].part)))
            return known[i].says;
    }
    return KS_MSG_ERROR_VALUE;
}

static ks_status add_field(ks_ctx *cx, const ks_page_view *v, const ks_err *why, const ks_detail *d,
                           ks_wrong *out)
{
    const ks_app_field *f = NULL;
    ks_places           at = v->places;
    for (size_t i = 0; i < v->scheme->fields_n; i++) {
        if (ks_str_eq(v->scheme->fields[i].name, d->field) && ks_page_asks(v, &v->scheme->fields[i]))
            f = &v->scheme->fields[i];
    }
    if (f == NULL)
        return KS_OK;
    bool   refused = is(why, "credential_rejected"), odd = is(why, "key_kind");
    ks_msg says = is(why, "field_missing") ? KS_MSG_ERROR_EMPTY
                  : refused || odd         ? KS_MSG_PASTE_AGAIN
                                           : message_of(d->reason);
    at.at[KS_AT_LABEL] = ks_page_label(v, f);
    ks_str entry = ks_say_text(cx, v->lang, says, &at);
    ks_str text = entry;
    if (refused || odd)
        text = ks_say_text(cx, v->lang, odd ? KS_MSG_KIND_TITLE : KS_MSG_REJECTED_TITLE, &at);
    if (entry.p == NULL || text.p == NULL)
        return ks_no_memory(cx);
    out->fields[out->n++] = (ks_wrong_field){f, text, entry};
    return KS_OK;
}

/* ---- the shape of the key ---- */

static bool begins(ks_str key, const ks_key_shape *s)
{
    return s->begins[0] != '\0' && ks_str_starts(key, ks_str_of(s->begins));
}

/* Of all shapes of this app that fit the beginning, the longest. */
static const ks_key_shape *shape_of(ks_str app, ks_str key)
{
    const ks_key_shape *best = NULL;
    for (size_t i = 0; i < ks_key_shapes_n; i++) {
        const ks_key_shape *s = &ks_key_shapes[i];
        if (ks_str_eq(app, ks_str_of(s->app)) && begins(key, s) &&
            (best == NULL || strlen(s->begins) > strlen(best->begins)))
            best = s;
    }
    return best;
}

/* How the key that is wanted begins; absent when that is not known. */
static ks_str wanted(ks_str app)
{
    for (size_t i = 0; i < ks_key_shapes_n; i++) {
        if (ks_key_shapes[i].kind == KS_SHAPE_SECRET && ks_key_shapes[i].begins[0] != '\0' &&
            ks_str_eq(app, ks_str_of(ks_key_shapes[i].app)))
            return ks_str_of(ks_key_shapes[i].begins);
    }
    return KS_NO_STR;
}

/* What to say about keys of a kind; absent for those that will do. */
static ks_str say_shape(ks_ctx *cx, const ks_page_view *v, ks_shape_kind kind, const char *what)
{
    ks_places at = v->places;
    ks_msg    m = KS_MSG_LOOK_PUBLIC;
    if (kind == KS_SHAPE_SECRET)
        return KS_NO_STR;
    at.at[KS_AT_WORDS] = ks_str_of(what);
    at.at[KS_AT_BEGINS] = wanted(v->app->key);
    if (kind == KS_SHAPE_PUBLIC && at.at[KS_AT_BEGINS].n > 0)
        m = KS_MSG_LOOK_PUBLIC_BEGINS;
    else if (kind == KS_SHAPE_RESTRICTED)
        m = KS_MSG_LOOK_RESTRICTED;
    else if (kind == KS_SHAPE_TEST)
        m = KS_MSG_LOOK_TEST;
    return ks_say_text(cx, v->lang, m, &at);
}

/* A key of the form this field asks for is no key for another purpose, whatever else it looks like. */
static bool as_asked(ks_ctx *cx, const ks_app_field *f, ks_str key)
{
    ks_secret *s;
    return f->pattern.n > 0 && ks_secret_new(cx, key.p, key.n, &s) == KS_OK &&
           ks_secret_matches(s, ks_fmt(cx, KS_FMT, KS_ARG(f->pattern)).p);
}

/* Are keys known that look like this app's and will not do? */
static bool has_shapes(ks_str app)
{
    for (size_t i = 0; i < ks_key_shapes_n; i++) {
        if (ks_key_shapes[i].kind != KS_SHAPE_SECRET && ks_str_eq(app, ks_str_of(ks_key_shapes[i].app)))
            return true;
    }
    return false;
}

ks_str ks_wrong_shapes(ks_ctx *cx, const ks_page_view *v, const ks_app_field *f)
{
    bool    any = f->secret && has_shapes(v->app->key);
    ks_buf *b = any ? ks_ctx_buf(cx, 16384) : NULL;
    if (b == NULL)
        return KS_NO_STR;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < ks_key_shapes_n; i++) {
        const ks_key_shape *s = &ks_key_shapes[i];
        if (!ks_str_eq(v->app->key, ks_str_of(s->app)) || shape_of(v->app->key, ks_str_of(s->begins)) != s)
            continue; /* of another app, or one of several that begin alike */
        ks_str says = say_shape(cx, v, s->kind, s->what);
        ks_jw_arr(&w, s->begins);
        ks_jw_z(&w, NULL, ks_shape_kind_word(s->kind));
        ks_jw_str(&w, NULL, says.p != NULL ? says : KS_S(""));
        ks_jw_end(&w, ']');
    }
    ks_jw_end(&w, '}');
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* The shape of the first key among what was sent that has one, and *where it is; NULL: none. */
static const ks_key_shape *shape_sent(ks_ctx *cx, const ks_page_view *v, const ks_form *posted,
                                      const ks_app_field **where)
{
    for (size_t i = 0; posted != NULL && i < v->scheme->fields_n; i++) {
        const ks_app_field *f = &v->scheme->fields[i];
        ks_str              key = ks_form_field(cx, posted, f->name);
        const ks_key_shape *s = f->secret && key.n > 0 ? shape_of(v->app->key, key) : NULL;
        *where = f;
        if (s != NULL && !(s->kind == KS_SHAPE_RESTRICTED && as_asked(cx, f, key)))
            return s;
    }
    return NULL;
}

static ks_str look_of(ks_ctx *cx, const ks_page_view *v, const ks_form *posted)
{
    const ks_app_field *f;
    const ks_key_shape *s = shape_sent(cx, v, posted, &f);
    return s != NULL ? say_shape(cx, v, s->kind, s->what) : KS_NO_STR;
}

const ks_app_field *ks_wrong_kind(ks_ctx *cx, const ks_page_view *v, const ks_form *posted)
{
    const ks_app_field *f;
    const ks_key_shape *s = shape_sent(cx, v, posted, &f);
    ks_secret          *key;
    /* a restricted key is what some fields ask for: only a pattern that it misses tells otherwise */
    bool odd = s != NULL &&
               (s->kind == KS_SHAPE_PUBLIC || (s->kind == KS_SHAPE_RESTRICTED && f->pattern.n > 0));
    if (!odd)
        return NULL;
    ks_str sent = ks_form_field(cx, posted, f->name);
    return ks_secret_new(cx, sent.p, sent.n, &key) == KS_OK && ks_secret_matches(key, s->pattern) ? f : NULL;
}

/* ---- the whole ---- */

/* Our sentence for why the vendor refused, out of the message that has more around it. */
static ks_str cause_of(const ks_err *why)
{
    size_t at = ks_str_find(why->message, KS_S(": "));
    ks_str cause = at == SIZE_MAX ? why->message : ks_str_sub(why->message, at + 2, SIZE_MAX);
    ks_str end = KS_S(" Nothing was stored.");
    return ks_str_ends(cause, end) ? ks_str_sub(cause, 0, cause.n - end.n) : cause;
}

static void tell_refusal(ks_ctx *cx, const ks_page_view *v, const ks_form *posted, const ks_err *why,
                         ks_wrong *out)
{
    ks_str    cause = cause_of(why);
    ks_places at = v->places;
    ks_msg    m = ks_say_known(cause, KS_MSG_CAUSE_KEY, KS_MSG_CAUSE_USER, &at);
    if (m != KS_MSGS)
        out->cause = ks_say_text(cx, v->lang, m, &at);
    else
        out->cause_en = cause;
    out->look = look_of(cx, v, posted);
}

/* Failures that are told as a title and a text. */
static void titled(ks_ctx *cx, const ks_page_view *v, const ks_err *why, ks_wrong *out)
{
    static const struct {
        const char *code;
        ks_msg      title, text;
    } known[] = {
        {"credential_rejected", KS_MSG_REJECTED_TITLE, KS_MSG_REJECTED},
        {"vendor_unreachable", KS_MSG_REQUIRED_TITLE, KS_MSG_REQUIRED},
        {"link_tries", KS_MSG_TRIES_TITLE, KS_MSG_TRIES},
        {"form_stale", KS_MSG_STALE_TITLE, KS_MSG_STALE},
        {"key_kind", KS_MSG_KIND_TITLE, KS_MSG_KIND},
        {"field_missing", KS_MSG_FIELDS_TITLE, KS_MSGS},
        {"value_unusable", KS_MSG_FIELDS_TITLE, KS_MSGS},
    };
    ks_msg title = KS_MSG_STORE_TITLE, text = KS_MSG_STORE;
    if (why->status == KS_INVALID) { /* rare, and for whoever set this up: what the API says */
        title = KS_MSG_FAILED_TITLE;
        text = KS_MSGS;
        out->cause_en = why->message;
    }
    for (size_t i = 0; i < KS_COUNT(known); i++) {
        if (!is(why, known[i].code))
            continue;
        title = known[i].title;
        text = known[i].text;
        out->cause_en = KS_NO_STR;
    }
    out->title = ks_say_text(cx, v->lang, title, &v->places);
    if (text != KS_MSGS)
        out->text = ks_say_text(cx, v->lang, text, &v->places);
}

ks_status ks_wrong_tell(ks_ctx *cx, const ks_page_view *v, const ks_form *posted, const ks_err *why,
                        ks_wrong *out)
{
    *out = (ks_wrong){.status = ks_status_http(why->status), .code = why->code};
    titled(cx, v, why, out);
    if (is(why, "credential_rejected"))
        tell_refusal(cx, v, posted, why, out);
    if (is(why, "key_kind")) {
        out->look = look_of(cx, v, posted);
        out->anyway = v->lang->text[KS_MSG_BUTTON_ANYWAY];
    }
    if (is(why, "credential_rejected") || is(why, "field_missing") || is(why, "value_unusable") ||
        is(why, "key_kind")) {
        for (size_t i = 0; i < why->n; i++)
            KS_TRY(add_field(cx, v, why, &why->details[i], out));
    }
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_wrong_answer(ks_ctx *cx, ks_res *rs, const ks_wrong *wrong)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, wrong->status, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "code", wrong->code);
    ks_jw_str(&w, "title", wrong->title);
    ks_jw_arr(&w, "text");
    ks_jw_str(&w, NULL, wrong->cause);
    ks_jw_str(&w, NULL, wrong->text);
    ks_jw_str(&w, NULL, wrong->look);
    ks_jw_end(&w, ']');
    ks_jw_str(&w, "english", wrong->cause_en);
    ks_jw_str(&w, "anyway", wrong->anyway);
    ks_jw_arr(&w, "fields");
    for (size_t i = 0; i < wrong->n; i++) {
        ks_jw_obj(&w, NULL);
        ks_jw_str(&w, "name", wrong->fields[i].field->name);
        ks_jw_str(&w, "text", wrong->fields[i].text);
        ks_jw_str(&w, "entry", wrong->fields[i].entry);
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, ']');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}
