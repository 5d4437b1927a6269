/* tests/fuzz/fuzz_url.c — URLs that credentials may go to: what passes has no way round its origin (rules N1,
 * N2, T3). */
#include "tests/fuzz/fuzz.h"
#include "upstream/url.h"

static bool plain(ks_str s, const char *banned)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] <= 0x20 || (unsigned char)s.p[i] >= 0x7f || strchr(banned, s.p[i]) != NULL)
            return false;
    }
    return true;
}

static void judge(ks_ctx *cx, const ks_url *u)
{
    ks_url again;
    ks_str text = ks_origin_text(cx, &u->origin);
    must(u->origin.host.n > 0 && plain(u->origin.host, "@/\\#?"));
    must(!ks_str_ends(u->origin.host, KS_S(".")));
    must(ks_str_eq(u->origin.scheme, KS_S("https")) || ks_str_eq(u->origin.scheme, KS_S("http")));
    must(u->origin.port != 0);
    must(u->path.n > 0 && u->path.p[0] == '/' && plain(u->path, "\\#?"));
    must(ks_origin_holds(&u->origin, u));
    must(ks_url_parse(cx, "url", text, &again) == KS_OK); /* what is shown means the same */
    must(ks_str_eq(again.origin.host, u->origin.host) && again.origin.port == u->origin.port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_ctx cx = fuzz_ctx();
    ks_str text = fuzz_text(data, size);
    ks_url u;
    if (ks_url_parse(&cx, "url", text, &u) == KS_OK)
        judge(&cx, &u);
    if (ks_path_fault(text) == NULL)
        must(size > 0 && text.p[0] == '/' && plain(text, "\\#?") && !ks_str_starts(text, KS_S("//")));
    if (ks_label_ok(text))
        must(size > 0 && size <= 63 && plain(text, "./:@\\#?%"));
    if (ks_host_matches(text, KS_S("*.example.com")))
        must(size > 12 && ks_str_ieq(ks_str_sub(text, size - 12, 12), KS_S(".example.com")));
    fuzz_done(&cx);
    return 0;
}
