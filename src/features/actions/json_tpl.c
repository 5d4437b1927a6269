/* features/actions/json_tpl.c — see json_tpl.h. Recursion is as deep as the app file's own document, which
 * the JSON reader bounds. */
#include "features/actions/json_tpl.h"

#include "base/json.h"

static void put_tree(ks_pieces *p, const ks_json *v)
{
    ks_buf *b = ks_ctx_buf(p->cx, KS_MAX_BODY_BYTES);
    if (b == NULL) {
        p->failed = true;
        return;
    }
    ks_jw w = ks_jw_new(b);
    ks_jw_value(&w, NULL, v);
    ks_pieces_lit(p, ks_buf_view(b));
}

static void put_name(ks_pieces *p, ks_str name, bool *any)
{
    ks_pieces_lit(p, *any ? KS_S(",\"") : KS_S("\""));
    ks_pieces_enc(p, name, KS_ENC_JSON);
    ks_pieces_lit(p, KS_S("\":"));
    *any = true;
}

static bool put_value(ks_pieces *p, const ks_credential *c, const ks_json *v);

static void put_members(ks_pieces *p, const ks_credential *c, const ks_json *obj, bool *any)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *v;
    while (ks_json_each(obj, &it, &name, &v)) {
        size_t mark = ks_pieces_mark(p);
        bool   had = *any;
        put_name(p, name, any);
        if (put_value(p, c, v))
            continue;
        ks_pieces_cut(p, mark);
        *any = had;
    }
}

static void put_elements(ks_pieces *p, const ks_credential *c, const ks_json *list)
{
    bool any = false;
    for (size_t i = 0; i < ks_json_count(list); i++) {
        size_t mark = ks_pieces_mark(p);
        ks_pieces_lit(p, any ? KS_S(",") : KS_S(""));
        if (put_value(p, c, ks_json_at(list, i)))
            any = true;
        else
            ks_pieces_cut(p, mark);
    }
}

/* False when it is a text whose value is missing. */
static bool put_value(ks_pieces *p, const ks_credential *c, const ks_json *v)
{
    bool whole = true, any = false;
    switch (ks_json_kind(v)) {
    case KS_JSON_STR:
        ks_pieces_lit(p, KS_S("\""));
        whole = ks_pieces_tpl_plain(p, c, ks_json_str(v), KS_ENC_JSON);
        ks_pieces_lit(p, KS_S("\""));
        break;
    case KS_JSON_OBJ:
        ks_pieces_lit(p, KS_S("{"));
        put_members(p, c, v, &any);
        ks_pieces_lit(p, KS_S("}"));
        break;
    case KS_JSON_ARR:
        ks_pieces_lit(p, KS_S("["));
        put_elements(p, c, v);
        ks_pieces_lit(p, KS_S("]"));
        break;
    default:
        put_tree(p, v);
    }
    return whole;
}

static ks_status parse(ks_pieces *p, ks_str json, ks_json **out)
{
    *out = NULL;
    return json.n == 0 ? KS_OK : ks_json_parse(p->cx, json, out);
}

ks_status ks_json_tpl_members(ks_pieces *p, const ks_credential *c, ks_str json, bool *any)
{
    ks_json *tree;
    KS_TRY(parse(p, json, &tree));
    put_members(p, c, tree, any);
    return ks_pieces_ok(p) ? KS_OK : ks_no_memory(p->cx);
}

ks_status ks_json_tpl_form(ks_pieces *p, const ks_credential *c, ks_str json)
{
    ks_json *tree, *v;
    void    *it = NULL;
    ks_str   name;
    KS_TRY(parse(p, json, &tree));
    while (ks_json_each(tree, &it, &name, &v)) {
        size_t mark = ks_pieces_mark(p);
        if (p->text.n > 0)
            ks_pieces_lit(p, KS_S("&"));
        ks_pieces_enc(p, name, KS_ENC_PERCENT);
        ks_pieces_lit(p, KS_S("="));
        if (ks_json_kind(v) != KS_JSON_STR)
            ks_pieces_enc(p, ks_json_scalar(p->cx, v), KS_ENC_PERCENT);
        else if (!ks_pieces_tpl_plain(p, c, ks_json_str(v), KS_ENC_PERCENT))
            ks_pieces_cut(p, mark);
    }
    return ks_pieces_ok(p) ? KS_OK : ks_no_memory(p->cx);
}
