/* features/settings/settings.c — see settings.h. */
#include "features/settings/settings.h"

#include "features/settings/settings_rows.h"
#include "upstream/url.h"

/* ---- origins ---- */

/* Add one more origin to `all`: scheme, host and port alone. */
static ks_status take_origin(ks_ctx *cx, const char *field, ks_str given, ks_buf *all)
{
    ks_url url;
    if (given.n == 0 || given.n > KS_MAX_RETURN_URL || ks_url_parse(cx, NULL, given, &url) != KS_OK ||
        url.query.n > 0 || url.path.n > 1)
        return ks_fail(cx, KS_INVALID, field,
                       "An origin is like https://app.example.com: no path, no user, no wildcard.");
    ks_str text = ks_origin_text(cx, &url.origin);
    ks_buf_fmt(all, "%s" KS_FMT, all->n > 0 ? " " : "", KS_ARG(text));
    return text.p != NULL && ks_buf_ok(all) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_origins_take(ks_ctx *cx, const char *field, const ks_json *list, ks_str *out)
{
    *out = KS_NO_STR;
    if (ks_json_kind(list) == KS_JSON_NULL)
        return KS_OK;
    ks_buf *all = ks_ctx_buf(cx, KS_MAX_ORIGINS * (KS_MAX_RETURN_URL + 1));
    if (all == NULL)
        return KS_NO_MEMORY;
    if (ks_json_kind(list) != KS_JSON_ARR || ks_json_count(list) > KS_MAX_ORIGINS)
        return ks_fail(cx, KS_INVALID, field, "%s is a list of at most %d origins.", field, KS_MAX_ORIGINS);
    for (size_t i = 0; i < ks_json_count(list); i++)
        KS_TRY(take_origin(cx, field, ks_json_str(ks_json_at(list, i)), all));
    if (all->n > 0)
        *out = ks_buf_view(all);
    return KS_OK;
}

bool ks_origins_have(ks_str all, ks_str origin)
{
    ks_str one;
    while (ks_str_cut(&all, ' ', &one)) {
        if (ks_str_eq(one, origin))
            return true;
    }
    return false;
}

/* ---- checking keys ---- */

static const char *const verify_words[] = {
    [KS_VERIFY_DEFAULT] = "default",
    [KS_VERIFY_ON] = "on",
    [KS_VERIFY_OFF] = "off",
    [KS_VERIFY_REQUIRED] = "required",
};

const char *ks_verify_word(ks_verify_mode m)
{
    return verify_words[m];
}

ks_status ks_verify_parse(ks_ctx *cx, const char *field, ks_str word, ks_verify_mode *out)
{
    for (size_t i = 0; i < KS_COUNT(verify_words); i++) {
        if (ks_str_eq(word, ks_str_of(verify_words[i]))) {
            *out = (ks_verify_mode)i;
            return KS_OK;
        }
    }
    return ks_fail(cx, KS_INVALID, field, "%s is default, on, off or required.", field);
}

static ks_status take_verify(ks_ctx *cx, const ks_json *v, ks_verify_mode *out)
{
    *out = KS_VERIFY_DEFAULT;
    if (ks_json_kind(v) == KS_JSON_NULL)
        return KS_OK;
    for (size_t i = KS_VERIFY_ON; i < KS_COUNT(verify_words); i++) {
        if (ks_str_eq(ks_json_str(v), ks_str_of(verify_words[i])))
            *out = (ks_verify_mode)i;
    }
    return *out != KS_VERIFY_DEFAULT
               ? KS_OK
               : ks_fail(cx, KS_INVALID, "verify",
                         "verify is on, off or required; null leaves it to the server.");
}

ks_status ks_verify_of(ks_ctx *cx, ks_verify_mode own, ks_verify_mode *out)
{
    ks_project_settings s = {.verify = own};
    if (s.verify == KS_VERIFY_DEFAULT)
        KS_TRY(ks_project_settings_row_get(cx, &s));
    *out = s.verify != KS_VERIFY_DEFAULT ? s.verify : cx->env->settings->verify;
    return KS_OK;
}

/* ---- rules ---- */

ks_status ks_project_settings_get(ks_ctx *cx, ks_project_settings *out)
{
    return ks_project_settings_row_get(cx, out);
}

static ks_status take(ks_ctx *cx, ks_str name, const ks_json *v, ks_project_settings *s)
{
    if (ks_str_eq(name, KS_S("verify")))
        return take_verify(cx, v, &s->verify);
    if (ks_str_eq(name, KS_S("allowed_origins")))
        return ks_origins_take(cx, "allowed_origins", v, &s->origins);
    if (ks_str_eq(name, KS_S("return_origins")))
        return ks_origins_take(cx, "return_origins", v, &s->return_origins);
    return ks_fail(cx, KS_INVALID, NULL,
                   "The settings of a project are verify, allowed_origins and return_origins.");
}

ks_status ks_project_settings_set_add(ks_ctx *cx, ks_change *change, const ks_json *given,
                                      ks_project_settings *out)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *v;
    if (ks_json_kind(given) != KS_JSON_OBJ)
        return ks_fail(cx, KS_INVALID, NULL, "The settings are one JSON object.");
    KS_TRY(ks_project_settings_row_get(cx, out));
    while (ks_json_each(given, &it, &name, &v))
        KS_TRY(take(cx, name, v, out));
    out->updated_at = cx->now_us;
    KS_TRY(ks_project_settings_row_put(cx, change, out));
    return ks_change_note(cx, change, "settings.set", cx->project_id, KS_S("ok"));
}
