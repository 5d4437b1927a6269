/* features/v1.c — see v1.h. */
#include "features/v1.h"

ks_status ks_v1_positive(ks_ctx *cx, const char *name, ks_str text, int64_t *out)
{
    uint64_t v;
    if (!ks_str_u64(text, &v) || v == 0 || v > INT32_MAX)
        return ks_fail(cx, KS_INVALID, name, "%s must be a whole number from 1.", name);
    *out = (int64_t)v;
    return KS_OK;
}

ks_status ks_v1_count(ks_ctx *cx, const ks_req *rq, const char *name, int64_t *out)
{
    ks_str text = ks_req_query(cx, rq, name);
    return text.n > 0 ? ks_v1_positive(cx, name, text, out) : KS_OK;
}

ks_status ks_v1_page(ks_ctx *cx, const ks_req *rq, const char *size_name, ks_page *out)
{
    *out = (ks_page){.page = 1, .size = INT32_MAX};
    KS_TRY(ks_v1_count(cx, rq, "page", &out->page));
    KS_TRY(ks_v1_count(cx, rq, size_name, &out->size));
    out->offset = (out->page - 1) * out->size;
    return KS_OK;
}

void ks_v1_pages(ks_jw *w, const ks_page *p, int64_t total)
{
    ks_jw_int(w, "totalPages", total == 0 ? 1 : (total - 1) / p->size + 1);
    ks_jw_int(w, "page", p->page);
}

bool ks_v1_flag(ks_ctx *cx, const ks_req *rq, const char *name)
{
    return ks_str_ieq(ks_req_query(cx, rq, name), KS_S("true"));
}

void ks_v1_field(ks_ctx *cx, ks_jw *w, const ks_app_field *f, bool required)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "name", f->name);
    ks_jw_str(w, "display_name", f->label);
    ks_jw_str(w, "displayName", f->label);
    ks_jw_str(w, "description",
              f->example.n ? ks_fmt(cx, KS_FMT " Example: " KS_FMT, KS_ARG(f->help), KS_ARG(f->example))
                           : f->help);
    ks_jw_z(w, "type", "string");
    ks_jw_bool(w, "required", required);
    ks_jw_bool(w, "expected_from_customer", !f->developer);
    ks_jw_bool(w, "is_secret", f->secret);
    ks_jw_str(w, "default", f->fallback);
    ks_jw_null(w, "get_current_user_endpoint");
    ks_jw_end(w, '}');
}

ks_status ks_v1_success(ks_ctx *cx, ks_res *rs, bool count)
{
    return ks_res_fixed(cx, rs, 200, "application/json",
                        count ? KS_S("{\"status\":\"success\",\"count\":1}")
                              : KS_S("{\"status\":\"success\"}"));
}
