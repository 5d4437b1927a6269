/* features/actions/build_action.c — an action's arguments to the places its declaration names. */
#include "features/actions/body.h"
#include "features/actions/multipart.h"

#include "features/apps/catalog.h"
#include "features/apps/inside.h"

typedef struct args {
    ks_ctx              *cx;
    ks_draft            *d;
    const ks_app_action *action;
    ks_str              *path_values; /* by parameter; absent unless in the path */
    ks_members          *body;
    ks_pieces            form;
    ks_multipart         parts;
    ks_str               raw, raw_type; /* a raw body; absent: not given */
    const ks_json      **given;         /* by parameter, of a database call; NULL: not given */
    bool                 bad;
} args;

static void blame(args *a, const ks_app_param *p, const char *reason)
{
    ks_fail_also(a->cx, ks_fmt(a->cx, "input." KS_FMT, KS_ARG(p->name)), ks_str_of(reason));
    a->bad = true;
}

static const char *const type_words[] = {
    "must be a text",
    "must be a whole number",
    "must be a number",
    "must be true or false",
    "must be a list",
    "must be an object",
    "must be a file: an object with name, mimetype and content (base64)"};

/* Numbers and booleans may come as text (form fillers do that); lists and objects may not. */
static bool type_fits(const ks_app_param *p, const ks_json *v, ks_str text)
{
    ks_json_type t = ks_json_kind(v);
    uint64_t     u;
    switch (p->type) {
    case KS_T_STRING:
        return text.p != NULL;
    case KS_T_INTEGER:
        return t == KS_JSON_INT ||
               (t == KS_JSON_STR &&
                ks_str_u64(ks_str_starts(text, KS_S("-")) ? ks_str_sub(text, 1, 32) : text, &u));
    case KS_T_NUMBER:
        return t == KS_JSON_INT || t == KS_JSON_REAL;
    case KS_T_BOOLEAN:
        return t == KS_JSON_BOOL ||
               (t == KS_JSON_STR && (ks_str_eq(text, KS_S("true")) || ks_str_eq(text, KS_S("false"))));
    case KS_T_ARRAY:
        return t == KS_JSON_ARR;
    default:
        return t == KS_JSON_OBJ;
    }
}

static bool allowed(const ks_app_param *p, ks_str text)
{
    return p->values.n == 0 || text.p == NULL || ks_list_holds(p->values, text);
}

/* The value as JSON text for a body: texts quoted, numbers bare, whatever way they came. */
static ks_str as_json(ks_ctx *cx, const ks_app_param *p, const ks_json *v, ks_str text)
{
    if (p->type != KS_T_STRING && text.p != NULL)
        return text;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES * 2);
    if (b == NULL)
        return KS_NO_STR;
    ks_jw w = ks_jw_new(b);
    if (p->type == KS_T_STRING)
        ks_jw_str(&w, NULL, text);
    else
        ks_jw_value(&w, NULL, v);
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

static ks_str wire_name(const ks_app_param *p)
{
    return p->target.p ? p->target : p->name;
}

static ks_status into_query(args *a, const ks_app_param *p, const ks_json *v, ks_str text)
{
    ks_pieces *q = &a->d->query;
    if (ks_json_kind(v) != KS_JSON_ARR && text.p != NULL) {
        ks_draft_query(a->d, wire_name(p), text);
        return KS_OK;
    }
    return ks_form_add(a->cx, KS_FORM_REPEAT, q, wire_name(p), v);
}

static ks_status part(void *m, ks_str name, ks_str value)
{
    return ks_multipart_text(m, name, value);
}

/* One that was uploaded before, or one that stands in the argument itself. */
static const char *take_file(const args *a, const ks_json *v, ks_file *out)
{
    ks_str key = ks_json_str(ks_json_get(v, "s3key"));
    if (key.n == 0 || ks_json_get(v, "content") != NULL)
        return ks_file_take(a->cx, v, out);
    for (size_t i = 0; i < a->d->s->files_n; i++) {
        const ks_kept_file *f = &a->d->s->files[i];
        if (ks_str_eq(f->id, key)) {
            *out = (ks_file){f->name, f->mimetype, f->content};
            return NULL;
        }
    }
    return "names no file (s3key) that was uploaded and is still kept";
}

static ks_status into_parts(args *a, const ks_app_param *p, const ks_json *v)
{
    ks_file     file;
    const char *why;
    if (p->type != KS_T_FILE)
        return ks_form_walk(a->cx, a->action->form, wire_name(p), v, part, &a->parts);
    if ((why = take_file(a, v, &file)) == NULL)
        return ks_multipart_file(&a->parts, wire_name(p), &file);
    blame(a, p, why);
    return KS_OK;
}

/* The whole body. A declared type that says nothing gives way to the file's own. */
static ks_status into_raw(args *a, const ks_app_param *p, const ks_json *v, ks_str text)
{
    ks_file     file = {0};
    const char *why = NULL;
    a->raw_type = a->action->content_type;
    a->raw = p->type == KS_T_STRING ? text : as_json(a->cx, p, v, text);
    if (p->type == KS_T_FILE) {
        why = take_file(a, v, &file);
        a->raw = file.content;
    }
    if (why != NULL)
        blame(a, p, why);
    if (file.mimetype.p != NULL && ks_str_eq(a->raw_type, KS_S("application/octet-stream")))
        a->raw_type = file.mimetype;
    return a->raw.p != NULL || why != NULL ? KS_OK : ks_no_memory(a->cx);
}

static ks_status into_body(args *a, const ks_app_param *p, const ks_json *v, ks_str text)
{
    ks_str path = wire_name(p);
    if (a->action->encoding == KS_ENCODE_MULTIPART)
        return into_parts(a, p, v);
    if (a->action->encoding == KS_ENCODE_RAW)
        return into_raw(a, p, v, text);
    if (a->action->encoding == KS_ENCODE_FORM)
        return ks_form_add(a->cx, a->action->form, &a->form, path, v);
    if (a->action->graphql.p != NULL)
        path = ks_fmt(a->cx, "variables." KS_FMT, KS_ARG(path));
    ks_str json = as_json(a->cx, p, v, text);
    return path.p && json.p ? ks_members_set(a->cx, a->body, path, json) : ks_no_memory(a->cx);
}

/* Members and elements, at any depth: "input.members[2].email". */
static ks_status judge_inside(args *a, const ks_app_param *p, const ks_json *v)
{
    bool            form = p->in == KS_IN_FORM;
    ks_inside_fault f;
    KS_TRY(ks_inside_judge(a->cx, p, v, form, &f));
    if (f.why == NULL)
        return KS_OK;
    ks_fail_also(a->cx, ks_fmt(a->cx, "input." KS_FMT KS_FMT, KS_ARG(p->name), KS_ARG(f.at)),
                 ks_str_of(f.why));
    a->bad = true;
    return KS_OK;
}

static ks_status place(args *a, size_t i, const ks_json *v)
{
    const ks_app_param *p = &a->action->params[i];
    ks_str              text = ks_json_scalar(a->cx, v);
    if (!type_fits(p, v, text)) {
        blame(a, p, type_words[p->type]);
        return KS_OK;
    }
    if (!allowed(p, text)) {
        blame(a, p, "is not one of the allowed values");
        return KS_OK;
    }
    KS_TRY(judge_inside(a, p, v));
    switch (p->in) {
    case KS_IN_PATH:
        if (text.n == 0 || ks_str_eq(text, KS_S(".")) || ks_str_eq(text, KS_S("..")))
            blame(a, p, "cannot be empty or a dot segment, because it is part of the path");
        a->path_values[i] = text;
        return KS_OK;
    case KS_IN_QUERY:
        return into_query(a, p, v, text);
    case KS_IN_ARGUMENT:
        a->given[i] = v;
        return KS_OK;
    case KS_IN_HEADER:
        return ks_draft_caller_header(a->d, "input", wire_name(p), text);
    default:
        return into_body(a, p, v, text);
    }
}

/* What stands for a parameter that was not given: a field of the connection, a constant or a default. NULL:
 * nothing. */
static ks_status stand_in(args *a, const ks_app_param *p, ks_json **v)
{
    ks_ctx *cx = a->cx;
    ks_str  json = p->fixed.p ? p->fixed : p->fallback;
    *v = NULL;
    if (p->from.p != NULL && a->d->s->credential != NULL) {
        ks_str  text = ks_credential_text(a->d->s->credential, p->from);
        ks_buf *b = ks_ctx_buf(cx, KS_MAX_SECRET * 6);
        if (b == NULL)
            return KS_NO_MEMORY;
        if (text.p != NULL) {
            ks_json_quote(b, text);
            json = ks_buf_view(b);
        }
    }
    return json.p != NULL ? ks_json_parse(cx, json, v) : KS_OK;
}

static ks_status fill(args *a, const ks_json *input)
{
    for (size_t i = 0; i < a->action->params_n; i++) {
        const ks_app_param *p = &a->action->params[i];
        ks_json            *v = p->fixed.p ? NULL : ks_json_get(input, p->name.p);
        if (v == NULL || ks_json_kind(v) == KS_JSON_NULL)
            KS_TRY(stand_in(a, p, &v));
        if (v != NULL)
            KS_TRY(place(a, i, v));
        else if (p->required)
            blame(a, p, "is required");
    }
    return KS_OK;
}

/* A member that no parameter is named after would silently change what the call means. */
static void refuse_unknown(args *a, const ks_json *input)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *v;
    while (ks_json_each(input, &it, &name, &v)) {
        bool known = false;
        for (size_t i = 0; i < a->action->params_n; i++)
            known |= ks_str_eq(a->action->params[i].name, name) && a->action->params[i].fixed.p == NULL;
        if (known)
            continue;
        ks_buf *b = ks_ctx_buf(a->cx, 4096);
        if (b == NULL)
            return;
        ks_buf_z(b, "holds a member that this action does not take; it takes:");
        for (size_t i = 0; i < a->action->params_n; i++) {
            if (a->action->params[i].fixed.p == NULL)
                ks_buf_fmt(b, " " KS_FMT, KS_ARG(a->action->params[i].name));
        }
        ks_fail_also(a->cx, KS_S("input"), ks_buf_view(b));
        a->bad = true;
        return;
    }
}

/* "/orders/{id}/close" with each {param} percent-encoded. */
static void write_path(args *a, ks_str path)
{
    while (path.n > 0) {
        size_t open = ks_str_chr(path, '{');
        ks_pieces_lit(&a->d->path, ks_str_sub(path, 0, open));
        if (open == SIZE_MAX)
            return;
        size_t close = ks_str_chr(path, '}');
        ks_str name = ks_str_sub(path, open + 1, close - open - 1);
        for (size_t i = 0; i < a->action->params_n; i++) {
            if (a->action->params[i].in == KS_IN_PATH && ks_str_eq(wire_name(&a->action->params[i]), name))
                ks_pieces_enc(&a->d->path, a->path_values[i], KS_ENC_PERCENT);
        }
        path = ks_str_sub(path, close + 1, SIZE_MAX);
    }
}

static ks_status write_parts(args *a, const ks_credential *c)
{
    KS_TRY(ks_multipart_credential(&a->parts, c));
    KS_TRY(ks_multipart_end(&a->parts, &a->d->call->content_type));
    a->d->call->has_body = true;
    a->d->call->body = a->parts.body.text;
    return KS_OK;
}

static ks_status write_raw(args *a, const ks_credential *c)
{
    ks_pieces p = ks_pieces_new(a->cx);
    if (c != NULL && c->scheme->body.n > 0)
        return ks_fail(
            a->cx, KS_INVALID, NULL,
            "This app takes its credential inside the body, which this action sends as it is. Use another "
            "scheme of the app.");
    if (a->raw.p == NULL)
        return KS_OK;
    ks_pieces_lit(&p, a->raw);
    a->d->call->has_body = true;
    a->d->call->content_type = a->raw_type;
    a->d->call->body = p.text;
    return ks_pieces_ok(&p) ? KS_OK : ks_no_memory(a->cx);
}

static ks_status write_body(args *a, const ks_own_auth *own)
{
    ks_call             *call = a->d->call;
    const ks_credential *c = own == NULL ? a->d->s->credential : NULL;
    ks_pieces            p = ks_pieces_new(a->cx);
    if (a->action->encoding == KS_ENCODE_NONE)
        return KS_OK;
    if (a->action->encoding == KS_ENCODE_MULTIPART)
        return write_parts(a, c);
    if (a->action->encoding == KS_ENCODE_RAW)
        return write_raw(a, c);
    call->has_body = true;
    if (a->action->encoding == KS_ENCODE_FORM) {
        p = a->form;
        ks_form_credential(&p, c);
        call->content_type = KS_S("application/x-www-form-urlencoded");
    } else {
        ks_str extra = own ? own->body : KS_NO_STR;
        ks_members_write(&p, a->body, c,
                         extra.n > 2 ? ks_str_trim(ks_str_sub(extra, 1, extra.n - 2), " \t\r\n") : KS_NO_STR);
        call->content_type = KS_S("application/json");
    }
    call->body = p.text;
    return ks_pieces_ok(&p) ? KS_OK : ks_no_memory(a->cx);
}

static ks_status graphql_document(args *a)
{
    ks_buf *b = ks_ctx_buf(a->cx, 64 * 1024);
    if (a->action->graphql.p == NULL)
        return KS_OK;
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_json_quote(b, a->action->graphql);
    return ks_members_set(a->cx, a->body, KS_S("query"), ks_buf_view(b));
}

static ks_status gathered(args *a)
{
    ks_err had = a->cx->err;
    (void)!ks_fail(a->cx, KS_INVALID, NULL, "The input does not fit " KS_FMT ": " KS_FMT " " KS_FMT ".",
                   KS_ARG(a->action->name), KS_ARG(had.details[0].field), KS_ARG(had.details[0].reason));
    memcpy(a->cx->err.details, had.details, sizeof had.details);
    a->cx->err.n = had.n;
    return KS_INVALID;
}

ks_status ks_build_action(ks_ctx *cx, const ks_subject *s, const ks_app_action *action, const ks_json *input,
                          const ks_own_auth *own, ks_call **out)
{
    ks_draft d;
    ks_str   path = action->path;
    args     a = {.cx = cx, .d = &d, .action = action, .form = ks_pieces_new(cx), .body = ks_members_new(cx)};
    a.path_values = ks_zalloc(cx, (action->params_n + 1) * sizeof *a.path_values);
    if (a.body == NULL || a.path_values == NULL)
        return KS_NO_MEMORY;
    cx->err = (ks_err){0};
    if (action->encoding == KS_ENCODE_MULTIPART)
        KS_TRY(ks_multipart_new(cx, &a.parts));
    KS_TRY(ks_draft_new(cx, s, action->method, &d));
    KS_TRY(ks_draft_base(&d, own));
    KS_TRY(ks_draft_absolute(&d, &path));
    KS_TRY(ks_draft_credentials(&d, own));
    KS_TRY(graphql_document(&a));
    KS_TRY(fill(&a, input));
    refuse_unknown(&a, input);
    if (a.bad)
        return gathered(&a);
    write_path(&a, path);
    KS_TRY(write_body(&a, own));
    if (!ks_draft_has_header(&d, KS_S("accept")))
        KS_TRY(ks_draft_header_text(&d, "Accept", "application/json"));
    KS_TRY(ks_draft_key(&d));
    return ks_draft_finish(&d, out);
}

ks_status ks_build_arguments(ks_ctx *cx, const ks_subject *s, const ks_app_action *action,
                             const ks_json *input, const ks_json *const **values)
{
    ks_draft d = {.cx = cx, .s = s};
    args     a = {.cx = cx, .d = &d, .action = action};
    a.given = ks_zalloc(cx, (action->params_n + 1) * sizeof *a.given);
    if (a.given == NULL)
        return KS_NO_MEMORY;
    cx->err = (ks_err){0};
    KS_TRY(fill(&a, input));
    refuse_unknown(&a, input);
    *values = a.given;
    return a.bad ? gathered(&a) : KS_OK;
}
