/* features/databases/statement.c — values to be bound, and commands (redis). SQL: statement_sql.c. Threads:
 * none shared. */
#include "features/databases/statement.h"

const ks_json *ks_argument(const ks_arguments *a, const char *name)
{
    for (size_t i = 0; i < a->action->params_n; i++) {
        if (ks_str_eq(a->action->params[i].name, ks_str_of(name)))
            return a->values[i];
    }
    return NULL;
}

static ks_db_value value_of(ks_ctx *cx, const ks_json *v)
{
    ks_db_value out = {.json = v};
    switch (ks_json_kind(v)) {
    case KS_JSON_NULL:
        return out;
    case KS_JSON_BOOL:
        out.kind = KS_DB_BOOL;
        out.i = ks_json_true(v);
        return out;
    case KS_JSON_INT:
        out.kind = KS_DB_INT;
        out.i = ks_json_int(v);
        return out;
    case KS_JSON_ARR:
        out.kind = KS_DB_LIST;
        return out;
    case KS_JSON_OBJ:
        out.kind = KS_DB_JSON;
        return out;
    default:
        out.kind = ks_json_kind(v) == KS_JSON_REAL ? KS_DB_REAL : KS_DB_TEXT;
        out.s = ks_json_scalar(cx, v);
        return out;
    }
}

/* Room for one more. */
static ks_status grow(ks_statement *s)
{
    if (s->n >= KS_STATEMENT_PARAMS)
        return ks_fail(s->cx, KS_INVALID, "input", "A statement takes at most %d values.",
                       KS_STATEMENT_PARAMS);
    if (s->n < s->room)
        return KS_OK;
    size_t       room = s->room ? s->room * 2 : 8;
    ks_db_value *fresh = ks_alloc(s->cx, room * sizeof *fresh);
    if (fresh == NULL)
        return KS_NO_MEMORY;
    if (s->n > 0)
        memcpy(fresh, s->params, s->n * sizeof *fresh);
    s->params = fresh;
    s->room = room;
    return KS_OK;
}

ks_status ks_statement_bind(ks_statement *s, const ks_json *v)
{
    KS_TRY(grow(s));
    s->params[s->n++] = value_of(s->cx, v);
    return KS_OK;
}

/* ---- commands ---- */

static ks_status bind_text(ks_statement *s, ks_str text)
{
    KS_TRY(grow(s));
    s->params[s->n++] = (ks_db_value){.kind = KS_DB_TEXT, .s = text};
    return KS_OK;
}

static ks_status bind_all(ks_statement *s, const ks_json *v)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *member;
    if (ks_json_kind(v) == KS_JSON_ARR) {
        for (size_t i = 0; i < ks_json_count(v); i++)
            KS_TRY(ks_statement_bind(s, ks_json_at(v, i)));
        return KS_OK;
    }
    if (ks_json_kind(v) != KS_JSON_OBJ)
        return ks_statement_bind(s, v);
    while (ks_json_each(v, &it, &name, &member)) {
        KS_TRY(bind_text(s, name));
        KS_TRY(ks_statement_bind(s, member));
    }
    return KS_OK;
}

ks_status ks_statement_command(ks_statement *s, const ks_arguments *a)
{
    bool any = ks_str_eq(a->action->path, KS_S("*"));
    if (!any)
        ks_buf_str(s->text, a->action->path);
    for (size_t i = 0; i < a->action->params_n; i++) {
        const ks_app_param *p = &a->action->params[i];
        if (a->values[i] == NULL)
            continue;
        if (any && i == 0) {
            ks_buf_str(s->text, ks_json_str(a->values[i]));
            continue;
        }
        if (p->target.p != NULL)
            KS_TRY(bind_text(s, p->target));
        KS_TRY(bind_all(s, a->values[i]));
    }
    return ks_buf_ok(s->text) ? KS_OK : ks_no_memory(s->cx);
}
