/* tests/fuzz/fuzz_form.c — posted forms of features/links/form.h, and their values through the writer of
 * features/links/html.h: what is accepted is text, named once, and stays text in a page. */
#include "features/links/form.h"
#include "features/links/html.h"
#include "tests/fuzz/fuzz.h"

static void stays_text(ks_ctx *cx, ks_str value)
{
    ks_buf *b = ks_ctx_buf(cx, 24 * value.n + 128);
    ks_html h = ks_html_new(b);
    KS_HTML_WITH(&h, "<{}", value);
    must(!ks_html_ok(&h));
    ks_buf_clear(b);
    b->failed = false;
    h = ks_html_new(b);
    KS_HTML_WITH(&h, "<a href=\"{}\" title=\"{}\">{}</a>", value, value, value);
    must(ks_html_ok(&h));
    size_t marks = 0;
    for (size_t i = 0; i < b->n; i++)
        marks += b->p[i] == '<' || b->p[i] == '>' || b->p[i] == '"';
    must(marks == 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_ctx   cx = fuzz_ctx();
    ks_form *f = ks_alloc(&cx, sizeof *f);
    must(f != NULL);
    stays_text(&cx, fuzz_text(data, size));
    if (ks_form_parse(&cx, fuzz_text(data, size), f) == KS_OK) {
        for (size_t i = 0; i < f->n; i++) {
            must(ks_str_utf8(f->at[i].name) && ks_str_utf8(f->at[i].value));
            must(ks_str_chr(f->at[i].value, '\0') == SIZE_MAX);
            must(ks_str_eq(ks_form_get(f, f->at[i].name), f->at[i].value));
            stays_text(&cx, f->at[i].value);
        }
    }
    fuzz_done(&cx);
    return 0;
}
