/* features/import/identity.c — a check of the key from an operation that tells who it belongs to, such as GET
 * /me. It only reports: nothing here has been seen working, so it is never trusted. Threads: none shared. */
#include "features/import/importer.h"

static const char *const ends[] = {"/me",         "/user",          "/users/me",     "/user/me",
                                   "/users/self", "/self",          "/whoami",       "/account",
                                   "/profile",    "/users/current", "/current_user", "/v1/account"};

/* How good an operation is for a check, 0: not at all. */
static size_t rank(const ks_app_action *a)
{
    if (!ks_str_eq(a->method, KS_S("GET")) || ks_str_chr(a->path, '{') != SIZE_MAX || a->path.p[0] != '/')
        return 0;
    for (size_t i = 0; i < a->params_n; i++) {
        if (a->params[i].required)
            return 0;
    }
    for (size_t i = 0; i < KS_COUNT(ends); i++) {
        if (ks_str_ends(a->path, ks_str_of(ends[i])) && a->path.n < 64)
            return KS_COUNT(ends) - i;
    }
    return 0;
}

/* Does it want a credential at all? One that anybody may call says nothing of the key. */
static bool wants_key(const ks_importer *im, const ks_doc_node *operation)
{
    const ks_doc_node *list = ks_doc_get(operation, "security");
    for (const ks_doc_node *a = ks_doc_first(list); a != NULL; a = a->next) {
        if (a->n == 0)
            return false;
    }
    return list == NULL || list->n > 0 || im->opt->auth.n > 0;
}

static const ks_doc_node *answer_schema(ks_importer *im, const ks_doc_node *operation)
{
    const ks_doc_node *answer = ks_doc_follow(im->doc, ks_doc_get(ks_doc_get(operation, "responses"), "200"));
    if (im->swagger)
        return ks_doc_get(answer, "schema");
    for (const ks_doc_node *m = ks_doc_first(ks_doc_get(answer, "content")); m != NULL; m = m->next) {
        if (ks_str_find(m->name, KS_S("json")) != SIZE_MAX)
            return ks_doc_get(m, "schema");
    }
    return NULL;
}

/* "/login" when the answer has a scalar member of one of these names, or "/user/login" below `above`; absent
 * otherwise. */
static ks_str pointer_to(ks_importer *im, const ks_schema *s, const char *above, const char *names)
{
    ks_str all = ks_str_of(names), name;
    while (ks_str_cut(&all, ' ', &name)) {
        for (size_t i = 0; i < s->properties_n; i++) {
            ks_schema inner;
            if (!ks_str_eq(s->properties[i].name, name))
                continue;
            ks_schema_member(im, &s->properties[i], &inner);
            if (inner.type < KS_T_ARRAY)
                return ks_fmt(im->cx, "%s%s/" KS_FMT, above ? "/" : "", above ? above : "", KS_ARG(name));
        }
    }
    return KS_NO_STR;
}

static void put_identity(ks_importer *im, ks_app_check *check, const ks_schema *s, const char *above)
{
    check->identity.id = pointer_to(im, s, above, "id uuid user_id sub");
    check->identity.name = pointer_to(im, s, above,
                                      "name login username user_name full_name display_name displayName");
    check->identity.email = pointer_to(im, s, above, "email email_address mail");
}

/* Some wrap the answer in one member. */
static void put_inner_identity(ks_importer *im, ks_app_check *check, const ks_schema *s)
{
    static const char *const wraps[] = {"user", "data", "account", "me", "result"};
    for (size_t k = 0; k < KS_COUNT(wraps) && check->identity.id.p == NULL && check->identity.email.p == NULL;
         k++) {
        for (size_t i = 0; i < s->properties_n; i++) {
            ks_schema inner;
            if (!ks_str_eq(s->properties[i].name, ks_str_of(wraps[k])))
                continue;
            ks_schema_member(im, &s->properties[i], &inner);
            put_identity(im, check, &inner, wraps[k]);
        }
    }
}

static void put_check(ks_importer *im, const ks_app_action *a, const ks_doc_node *operation)
{
    static const ks_app_answer good = {.status = 200};
    static const ks_app_answer bad = {.status = 401,
                                      .cause = KS_S_INIT("The service refused the credential.")};
    ks_schema                  s;
    ks_app_check check = {.method = KS_S("GET"), .path = a->path, .good = {&good, 1}, .bad = {&bad, 1}};
    ks_schema_read(im, answer_schema(im, operation), &s);
    put_identity(im, &check, &s, NULL);
    put_inner_identity(im, &check, &s);
    ks_app_scheme *all = (ks_app_scheme *)(uintptr_t)im->app.schemes;
    for (size_t i = 0; i < im->app.schemes_n; i++) {
        if (all[i].fields_n > im->server_fields_n)
            all[i].check = check;
    }
}

void ks_import_check(ks_importer *im)
{
    const ks_app_action *best = NULL;
    const ks_doc_node   *operation = NULL;
    for (size_t i = 0; i < im->app.actions_n; i++) {
        const ks_app_action *a = &im->app.actions[i];
        const ks_doc_node   *item = ks_doc_find(ks_doc_get(im->doc->root, "paths"), a->path);
        const ks_doc_node   *o = ks_doc_get(ks_doc_follow(im->doc, item), "get");
        if (rank(a) > (best ? rank(best) : 0) && wants_key(im, o)) {
            best = a;
            operation = o;
        }
    }
    if (best != NULL)
        put_check(im, best, operation);
}
