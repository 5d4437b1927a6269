/* tests/fuzz/fuzz_paste.c — pastes of features/links/paste.h, as one value, as a database URL and as a form:
 * what comes out is a part of what went in, is text when that was, and is clean (rule T1). */
#include "features/links/paste.h"
#include "tests/fuzz/fuzz.h"

static const ks_app_field fields[] = {
    {.name = KS_S_INIT("host")},
    {.name = KS_S_INIT("port"), .fallback = KS_S_INIT("5432")},
    {.name = KS_S_INIT("user")},
    {.name = KS_S_INIT("password"), .secret = true},
    {.name = KS_S_INIT("api_key"), .secret = true, .pattern = KS_S_INIT("^[a-z0-9_]+$")}};
static const ks_app_put    dsn[] = {{KS_S_INIT("host"), KS_S_INIT("{{host}}")},
                                    {KS_S_INIT("port"), KS_S_INIT("{{port}}")},
                                    {KS_S_INIT("user"), KS_S_INIT("{{user}}")},
                                    {KS_S_INIT("password"), KS_S_INIT("{{password}}")}};
static const ks_app_scheme scheme = {.fields = fields, .fields_n = KS_COUNT(fields), .dsn = {dsn, 4}};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void clean(ks_ctx *cx, ks_str text, ks_str manner)
{
    ks_str   out, twice;
    unsigned did, more;
    must(ks_paste_clean(cx, text, manner, KS_S("Key "), fields[4].pattern, &out, &did) == KS_OK);
    must(out.n <= text.n && (did != 0 || ks_str_utf8(out) == ks_str_utf8(text)));
    must(!ks_str_utf8(text) || ks_str_utf8(out));
    if (ks_str_eq(manner, KS_S("none"))) {
        must(did == 0 && ks_str_eq(out, text));
        return;
    }
    must(out.n == 0 || (!blank(out.p[0]) && !blank(out.p[out.n - 1])));
    for (size_t i = 0; ks_str_utf8(text) && i < ks_paste.invisible_n; i++)
        must(ks_str_find(out, ks_paste.invisible[i]) == SIZE_MAX);
    must(ks_paste_clean(cx, out, KS_S("text"), KS_NO_STR, KS_NO_STR, &twice, &more) == KS_OK);
    must(!ks_str_utf8(text) || (more == 0 && ks_str_eq(out, twice)));
}

static void split(ks_ctx *cx, ks_str text)
{
    ks_paste_url u;
    bool         is;
    must(ks_paste_split(cx, text, &u, &is) == KS_OK);
    must(u.host.n + u.port.n + u.user.n + u.password.n + u.database.n <= text.n);
    must(is || (u.host.n == 0 && u.password.n == 0));
    must(!ks_str_utf8(text) || (ks_str_utf8(u.user) && ks_str_utf8(u.password) && ks_str_utf8(u.database)));
}

/* A form as posted: after cleaning it still names each field once, and other pairs are what they were. */
static void form(ks_ctx *cx, ks_str text)
{
    ks_form *f = ks_alloc(cx, sizeof *f), *before = ks_alloc(cx, sizeof *f);
    must(f != NULL && before != NULL);
    if (ks_form_parse(cx, text, f) != KS_OK)
        return;
    *before = *f;
    if (ks_paste_form(cx, &scheme, f) != KS_OK) { /* no room for the parts of a URL */
        must(f->n == KS_MAX_FORM_PAIRS);
        return;
    }
    for (size_t i = 0; i < f->n; i++) {
        must(ks_str_eq(ks_form_get(f, f->at[i].name), f->at[i].value) && ks_str_utf8(f->at[i].value));
        must(ks_str_starts(f->at[i].name, KS_S("f.")) || ks_str_eq(f->at[i].value, before->at[i].value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_ctx cx = fuzz_ctx();
    ks_str text = fuzz_text(data, size);
    clean(&cx, text, KS_S("key"));
    clean(&cx, text, KS_S("text"));
    clean(&cx, text, KS_S("none"));
    split(&cx, text);
    form(&cx, text);
    fuzz_done(&cx);
    return 0;
}
