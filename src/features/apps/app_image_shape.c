/* features/apps/app_image_shape.c — which members of the structs of app.h an image holds: one line each. A
 * member that is added there is added here, at any place; app_image_test.c fails until it is. Threads: any.
 */
#include "features/apps/app_image.h"

#define TEXT(type, m)                                                                                        \
    {                                                                                                        \
        KS_IMAGE_TEXT, offsetof(type, m), 0, NULL                                                            \
    }
#define FLAG(type, m)                                                                                        \
    {                                                                                                        \
        KS_IMAGE_FLAG, offsetof(type, m), 0, NULL                                                            \
    }
/* An enum or an int of at most `most`, the last word of the enum: tables are indexed by it. */
#define NUMBER(type, m, most)                                                                                \
    {                                                                                                        \
        KS_IMAGE_NUMBER, offsetof(type, m), most, NULL                                                       \
    }
/* A pointer `m` and its count `m_n`. */
#define ITEMS(type, m, shape)                                                                                \
    {                                                                                                        \
        KS_IMAGE_ITEMS, offsetof(type, m), offsetof(type, m##_n), &(shape)                                   \
    }
/* A struct {at, n}: ks_list, ks_app_puts, ... */
#define LIST(type, m, shape)                                                                                 \
    {                                                                                                        \
        KS_IMAGE_ITEMS, offsetof(type, m.at), offsetof(type, m.n), &(shape)                                  \
    }
#define SHAPE(type, members)                                                                                 \
    {                                                                                                        \
        sizeof(type), members, KS_COUNT(members)                                                             \
    }

static const ks_image_member text_members[] = {{KS_IMAGE_TEXT, 0, 0, NULL}};
static const ks_image_shape  text = SHAPE(ks_str, text_members);

static const ks_image_member field_members[] = {
    TEXT(ks_app_field, name),
    TEXT(ks_app_field, label),
    TEXT(ks_app_field, help),
    TEXT(ks_app_field, example),
    TEXT(ks_app_field, pattern),
    TEXT(ks_app_field, fallback),
    TEXT(ks_app_field, prefix),
    TEXT(ks_app_field, suffix),
    LIST(ks_app_field, aliases, text),
    LIST(ks_app_field, values, text),
    NUMBER(ks_app_field, kind, KS_APP_CHOICE),
    FLAG(ks_app_field, secret),
    FLAG(ks_app_field, required),
    FLAG(ks_app_field, to_act),
    FLAG(ks_app_field, developer),
};
static const ks_image_shape field = SHAPE(ks_app_field, field_members);

static const ks_image_member put_members[] = {TEXT(ks_app_put, name), TEXT(ks_app_put, value)};
static const ks_image_shape  put = SHAPE(ks_app_put, put_members);

static const ks_image_member answer_members[] = {
    NUMBER(ks_app_answer, status, 999),
    TEXT(ks_app_answer, pointer),
    TEXT(ks_app_answer, value),
    TEXT(ks_app_answer, cause),
};
static const ks_image_shape answer = SHAPE(ks_app_answer, answer_members);

static const ks_image_member derived_members[] = {
    TEXT(ks_app_derived, name),
    NUMBER(ks_app_derived, make, KS_MAKE_DATE),
    TEXT(ks_app_derived, text),
    TEXT(ks_app_derived, at),
    TEXT(ks_app_derived, method),
    TEXT(ks_app_derived, url),
    LIST(ks_app_derived, headers, put),
    TEXT(ks_app_derived, basic_user),
    TEXT(ks_app_derived, basic_password),
    NUMBER(ks_app_derived, encoding, KS_ENCODE_RAW),
    TEXT(ks_app_derived, body),
    TEXT(ks_app_derived, pointer),
    TEXT(ks_app_derived, lasts),
    TEXT(ks_app_derived, until),
    TEXT(ks_app_derived, refresh_pointer),
    TEXT(ks_app_derived, refresh_url),
    TEXT(ks_app_derived, refresh_body),
    TEXT(ks_app_derived, alg),
    TEXT(ks_app_derived, key),
    TEXT(ks_app_derived, key_as),
    TEXT(ks_app_derived, header),
    TEXT(ks_app_derived, claims),
    LIST(ks_app_derived, stamps, text),
    TEXT(ks_app_derived, from),
};
static const ks_image_shape derived = SHAPE(ks_app_derived, derived_members);

static const ks_image_member scheme_members[] = {
    TEXT(ks_app_scheme, scheme),
    ITEMS(ks_app_scheme, fields, field),
    TEXT(ks_app_scheme, base),
    LIST(ks_app_scheme, hosts, text),
    LIST(ks_app_scheme, headers, put),
    LIST(ks_app_scheme, query, put),
    LIST(ks_app_scheme, body, put),
    TEXT(ks_app_scheme, basic_user),
    TEXT(ks_app_scheme, basic_password),
    ITEMS(ks_app_scheme, derive, derived),
    TEXT(ks_app_scheme, sign),
    LIST(ks_app_scheme, sign_with, put),
    LIST(ks_app_scheme, dsn, put),
    TEXT(ks_app_scheme, check.method),
    TEXT(ks_app_scheme, check.path),
    LIST(ks_app_scheme, check.headers, put),
    TEXT(ks_app_scheme, check.body),
    NUMBER(ks_app_scheme, check.encoding, KS_ENCODE_RAW),
    LIST(ks_app_scheme, check.good, answer),
    LIST(ks_app_scheme, check.limited, answer),
    LIST(ks_app_scheme, check.bad, answer),
    FLAG(ks_app_scheme, check.trusted),
    TEXT(ks_app_scheme, check.identity.id),
    TEXT(ks_app_scheme, check.identity.name),
    TEXT(ks_app_scheme, check.identity.email),
    TEXT(ks_app_scheme, check.identity.account),
    TEXT(ks_app_scheme, check.identity.plan),
    TEXT(ks_app_scheme, find_url),
    LIST(ks_app_scheme, find_steps, text),
};
static const ks_image_shape scheme = SHAPE(ks_app_scheme, scheme_members);

static const ks_image_member param_members[] = {
    TEXT(ks_app_param, name),
    TEXT(ks_app_param, about),
    TEXT(ks_app_param, target),
    TEXT(ks_app_param, fallback),
    TEXT(ks_app_param, fixed),
    TEXT(ks_app_param, schema),
    TEXT(ks_app_param, from),
    LIST(ks_app_param, values, text),
    NUMBER(ks_app_param, in, KS_IN_ARGUMENT),
    NUMBER(ks_app_param, type, KS_T_FILE),
    NUMBER(ks_app_param, items, KS_T_FILE),
    FLAG(ks_app_param, required),
};
static const ks_image_shape param = SHAPE(ks_app_param, param_members);

static const ks_image_member action_members[] = {
    TEXT(ks_app_action, name),
    TEXT(ks_app_action, title),
    TEXT(ks_app_action, about),
    TEXT(ks_app_action, method),
    TEXT(ks_app_action, path),
    TEXT(ks_app_action, graphql),
    NUMBER(ks_app_action, encoding, KS_ENCODE_RAW),
    NUMBER(ks_app_action, form, KS_FORM_DOTS),
    TEXT(ks_app_action, content_type),
    NUMBER(ks_app_action, answer, KS_ANSWER_FILE),
    LIST(ks_app_action, tags, text),
    ITEMS(ks_app_action, params, param),
    TEXT(ks_app_action, docs),
};
static const ks_image_shape action = SHAPE(ks_app_action, action_members);

static const ks_image_member app_members[] = {
    TEXT(ks_app, key), /* first: ks_image_key reads it alone */
    TEXT(ks_app, name),
    TEXT(ks_app, about),
    TEXT(ks_app, id),
    LIST(ks_app, categories, text),
    LIST(ks_app, aliases, text),
    TEXT(ks_app, home),
    TEXT(ks_app, docs),
    TEXT(ks_app, openapi),
    LIST(ks_app, rate_after, text),
    LIST(ks_app, rate_at, text),
    LIST(ks_app, rate_left, text),
    TEXT(ks_app, idempotency),
    LIST(ks_app, pages, put),
    ITEMS(ks_app, schemes, scheme),
    TEXT(ks_app, open_base),
    ITEMS(ks_app, actions, action),
    FLAG(ks_app, ghost_only),
};
const ks_image_shape ks_image_app = SHAPE(ks_app, app_members);

static bool same_member(const ks_image_member *m, const char *a, const char *b)
{
    switch (m->kind) {
    case KS_IMAGE_TEXT: {
        const ks_str *x = (const void *)(a + m->at), *y = (const void *)(b + m->at);
        return (x->p == NULL) == (y->p == NULL) && ks_str_eq(*x, *y);
    }
    case KS_IMAGE_FLAG:
        return *(const bool *)(a + m->at) == *(const bool *)(b + m->at);
    case KS_IMAGE_NUMBER:
        return memcmp(a + m->at, b + m->at, sizeof(int)) == 0;
    case KS_IMAGE_ITEMS:
        break;
    }
    size_t n = *(const size_t *)(const void *)(a + m->count);
    if (*(const size_t *)(const void *)(b + m->count) != n)
        return false;
    const char *x = *(const char *const *)(const void *)(a + m->at);
    const char *y = *(const char *const *)(const void *)(b + m->at);
    for (size_t i = 0; i < n; i++) {
        if (!ks_image_same(m->shape, x + i * m->shape->size, y + i * m->shape->size))
            return false;
    }
    return true;
}

bool ks_image_same(const ks_image_shape *shape, const void *a, const void *b)
{
    for (size_t i = 0; i < shape->n; i++) {
        if (!same_member(&shape->members[i], a, b))
            return false;
    }
    return true;
}
