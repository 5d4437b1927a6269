/* features/actions/body.c — the tree is as deep as a target has dots, which the app file bounds. */
#include "features/actions/body.h"

struct ks_members {
    ks_str      name, json; /* json: a leaf */
    ks_members *child, *last, *next;
};

ks_members *ks_members_new(ks_ctx *cx)
{
    return ks_zalloc(cx, sizeof(ks_members));
}

static ks_members *member(ks_ctx *cx, ks_members *b, ks_str name)
{
    for (ks_members *m = b->child; m != NULL; m = m->next) {
        if (ks_str_eq(m->name, name))
            return m;
    }
    ks_members *m = ks_members_new(cx);
    if (m == NULL)
        return NULL;
    m->name = name;
    if (b->last != NULL)
        b->last->next = m;
    else
        b->child = m;
    b->last = m;
    return m;
}

ks_status ks_members_set(ks_ctx *cx, ks_members *b, ks_str path, ks_str json)
{
    ks_str part;
    while (ks_str_cut(&path, '.', &part)) {
        b = member(cx, b, part);
        if (b == NULL)
            return KS_NO_MEMORY;
    }
    b->json = json;
    return KS_OK;
}

static void name_into(ks_pieces *p, ks_str name, bool *any)
{
    if (*any)
        ks_pieces_lit(p, KS_S(","));
    *any = true;
    ks_pieces_lit(p, KS_S("\""));
    ks_pieces_enc(p, name, KS_ENC_JSON);
    ks_pieces_lit(p, KS_S("\":"));
}

/* Depth is that of the targets in the app file (at most 8), so recursion is bounded. */
static void write_members(ks_pieces *p, const ks_members *b, bool *any)
{
    for (const ks_members *m = b->child; m != NULL; m = m->next) {
        bool inner = false;
        name_into(p, m->name, any);
        if (m->child == NULL) {
            ks_pieces_lit(p, m->json);
            continue;
        }
        ks_pieces_lit(p, KS_S("{"));
        write_members(p, m, &inner);
        ks_pieces_lit(p, KS_S("}"));
    }
}

static void write_credential(ks_pieces *p, const ks_credential *c, bool *any)
{
    for (size_t i = 0; c != NULL && i < c->scheme->body.n; i++) {
        const ks_app_put *put = &c->scheme->body.at[i];
        size_t            mark = ks_pieces_mark(p);
        bool              had = *any;
        name_into(p, put->name, any);
        ks_pieces_lit(p, KS_S("\""));
        if (ks_pieces_tpl(p, c, put->value, KS_ENC_JSON)) {
            ks_pieces_lit(p, KS_S("\""));
            continue;
        }
        ks_pieces_cut(p, mark);
        *any = had;
    }
}

void ks_members_write(ks_pieces *p, const ks_members *b, const ks_credential *c, ks_str extra_members)
{
    bool any = false;
    ks_pieces_lit(p, KS_S("{"));
    if (b != NULL)
        write_members(p, b, &any);
    if (extra_members.n) {
        ks_pieces_lit(p, any ? KS_S(",") : KS_S(""));
        ks_pieces_lit(p, extra_members);
        any = true;
    }
    write_credential(p, c, &any);
    ks_pieces_lit(p, KS_S("}"));
}

/* One pair of a form. */
static ks_status form_pair(void *arg, ks_str name, ks_str value)
{
    ks_pieces *p = arg;
    if (p->text.n)
        ks_pieces_lit(p, KS_S("&"));
    ks_pieces_enc(p, name, KS_ENC_PERCENT);
    ks_pieces_lit(p, KS_S("="));
    ks_pieces_enc(p, value, KS_ENC_PERCENT);
    return KS_OK;
}

typedef struct form_walk {
    ks_ctx       *cx;
    ks_form_style style;
    ks_form_put   put;
    void         *arg;
} form_walk;

/* A list or object where the style has no place for it: as JSON text. */
static ks_str form_text(ks_ctx *cx, const ks_json *v)
{
    ks_str text = ks_json_scalar(cx, v);
    if (text.p != NULL)
        return text;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_STR;
    ks_jw w = ks_jw_new(b);
    ks_jw_value(&w, NULL, v);
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

static ks_status form_value(const form_walk *f, ks_str name, const ks_json *v);

static ks_status form_text_put(const form_walk *f, ks_str name, const ks_json *v)
{
    ks_str text = form_text(f->cx, v);
    return text.p != NULL ? f->put(f->arg, name, text) : KS_NO_MEMORY;
}

static ks_status form_list(const form_walk *f, ks_str name, const ks_json *v)
{
    /* names that are the same cannot say which members belong together: those go as JSON texts */
    bool same = f->style == KS_FORM_REPEAT || f->style == KS_FORM_BRACKETS;
    for (size_t i = 0; i < ks_json_count(v); i++) {
        const ks_json *one = ks_json_at(v, i);
        ks_str         full = f->style == KS_FORM_REPEAT     ? name
                              : f->style == KS_FORM_BRACKETS ? ks_fmt(f->cx, KS_FMT "[]", KS_ARG(name))
                              : f->style == KS_FORM_INDICES  ? ks_fmt(f->cx, KS_FMT "[%zu]", KS_ARG(name), i)
                                                             : ks_fmt(f->cx, KS_FMT ".%zu", KS_ARG(name), i);
        if (full.p == NULL)
            return KS_NO_MEMORY;
        KS_TRY(same ? form_text_put(f, full, one) : form_value(f, full, one));
    }
    return KS_OK;
}

/* As deep as JSON may be (KS_MAX_JSON_DEPTH). */
static ks_status form_value(const form_walk *f, ks_str name, const ks_json *v)
{
    void    *it = NULL;
    ks_str   key;
    ks_json *inner;
    if (ks_json_kind(v) == KS_JSON_ARR)
        return form_list(f, name, v);
    if (ks_json_kind(v) != KS_JSON_OBJ)
        return form_text_put(f, name, v);
    while (ks_json_each(v, &it, &key, &inner)) {
        ks_str full = f->style == KS_FORM_DOTS
                          ? ks_fmt(f->cx, KS_FMT "." KS_FMT, KS_ARG(name), KS_ARG(key))
                          : ks_fmt(f->cx, KS_FMT "[" KS_FMT "]", KS_ARG(name), KS_ARG(key));
        if (full.p == NULL)
            return KS_NO_MEMORY;
        KS_TRY(form_value(f, full, inner));
    }
    return KS_OK;
}

ks_status ks_form_walk(ks_ctx *cx, ks_form_style style, ks_str name, const ks_json *v, ks_form_put put,
                       void *arg)
{
    form_walk f = {.cx = cx, .style = style, .put = put, .arg = arg};
    return form_value(&f, name, v);
}

ks_status ks_form_add(ks_ctx *cx, ks_form_style style, ks_pieces *p, ks_str name, const ks_json *v)
{
    return ks_form_walk(cx, style, name, v, form_pair, p);
}

void ks_form_credential(ks_pieces *p, const ks_credential *c)
{
    for (size_t i = 0; c != NULL && i < c->scheme->body.n; i++) {
        size_t mark = ks_pieces_mark(p);
        if (p->text.n)
            ks_pieces_lit(p, KS_S("&"));
        ks_pieces_enc(p, c->scheme->body.at[i].name, KS_ENC_PERCENT);
        ks_pieces_lit(p, KS_S("="));
        if (!ks_pieces_tpl(p, c, c->scheme->body.at[i].value, KS_ENC_PERCENT))
            ks_pieces_cut(p, mark);
    }
}
