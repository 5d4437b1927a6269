/* tests/support/sample.h — made-up arguments that fit what an app file says of a parameter: the first allowed
 * value, and of objects inside it what is required. Threads: one. */
#pragma once
#include "base/json.h"
#include "features/apps/app.h"
#include "tests/support/test.h"

static KS_UNUSED void sample_put(ks_jw *w, const char *name, const ks_json *schema)
{
    static const struct {
        const char *type, *text;
    } plain[] = {
        {"string", "\"x\""}, {"integer", "7"}, {"number", "0.5"}, {"boolean", "true"}, {"array", "[]"}};
    ks_str         type = ks_json_str(ks_json_get(schema, "type"));
    const ks_json *first = ks_json_at(ks_json_get(schema, "enum"), 0), *any = ks_json_get(schema, "anyOf");
    const ks_json *required = ks_json_get(schema, "required"), *members = ks_json_get(schema, "properties");
    if (any != NULL) {
        sample_put(w, name, ks_json_at(any, 0));
        return;
    }
    if (first != NULL) {
        ks_jw_value(w, name, first);
        return;
    }
    for (size_t i = 0; i < KS_COUNT(plain); i++) {
        if (ks_str_eq(type, ks_str_of(plain[i].type))) {
            ks_jw_raw(w, name, ks_str_of(plain[i].text));
            return;
        }
    }
    ks_jw_obj(w, name);
    for (size_t i = 0; i < ks_json_count(required); i++) {
        const char *member = ks_json_str(ks_json_at(required, i)).p;
        sample_put(w, member, ks_json_get(members, member));
    }
    ks_jw_end(w, '}');
}

/* One member of the arguments. */
static KS_UNUSED void sample_param(ks_ctx *cx, ks_jw *w, const ks_app_param *p)
{
    static const char *const texts[] = {
        "\"x\"",
        "7",
        "0.5",
        "true",
        "[]",
        "{\"a\":1}",
        "{\"name\":\"a.txt\",\"mimetype\":\"text/plain\",\"content\":\"YQ==\"}"};
    ks_json *schema;
    if (p->type == KS_T_OBJECT && p->schema.p != NULL) {
        assert_int_equal(ks_json_parse(cx, p->schema, &schema), KS_OK);
        sample_put(w, p->name.p, schema);
    } else if (p->values.n > 0 && p->type == KS_T_STRING) {
        ks_jw_str(w, p->name.p, p->values.at[0]);
    } else {
        ks_jw_raw(w, p->name.p, p->values.n > 0 ? p->values.at[0] : ks_str_of(texts[p->type]));
    }
}

/* Arguments for all parameters of an action, or for the required ones alone. */
static KS_UNUSED ks_json *sample_input(ks_ctx *cx, const ks_app_action *a, bool all)
{
    ks_buf  *b = ks_ctx_buf(cx, 64 * 1024);
    ks_json *input = NULL;
    assert_non_null(b);
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < a->params_n; i++) {
        if (a->params[i].fixed.p == NULL && (all || a->params[i].required))
            sample_param(cx, &w, &a->params[i]);
    }
    ks_jw_end(&w, '}');
    assert_int_equal(ks_json_parse(cx, ks_buf_view(b), &input), KS_OK);
    return input;
}
