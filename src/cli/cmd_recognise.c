/* cli/cmd_recognise.c — name the likely apps of a pasted key. Works on this machine alone; the key is never
 * printed. */
#include "cli/input.h"
#include "cli/output.h"
#include "features/apps/recognise.h"

static int put_guesses(ks_cli *c, const ks_recognition *r)
{
    enum { COLUMNS = 4 };
    ks_str *cells = ks_alloc(&c->cx, COLUMNS * (r->n + 1) * sizeof *cells);
    if (cells == NULL)
        return ks_cli_fail_err(c);
    static const char *const head[COLUMNS] = {"APP", "CERTAINTY", "KIND", "WHAT IT IS"};
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = ks_str_of(head[i]);
    for (size_t i = 0; i < r->n; i++) {
        const ks_guess *g = &r->guesses[i];
        ks_str         *row = cells + COLUMNS * (i + 1);
        row[0] = ks_str_of(g->shape->app);
        row[1] = g->cut ? KS_S("incomplete") : g->likely ? KS_S("likely") : KS_S("possible");
        row[2] = ks_str_of(ks_shape_kind_word(g->shape->kind));
        row[3] = ks_str_of(g->shape->what);
    }
    if (r->n > 0)
        ks_put_table(c->out, cells, r->n + 1, COLUMNS);
    else
        fputs("No known app has keys that look so. Connect it to the app it is for all the same.\n", c->out);
    for (size_t i = 0; i < r->warnings_n; i++)
        fprintf(c->out, "%s! %s\n", i == 0 ? "\n" : "", r->warnings[i].text);
    return KS_EXIT_OK;
}

static int put_all(ks_cli *c, const ks_recognition *r)
{
    if (!ks_cli_has(c, "json"))
        return put_guesses(c, r);
    ks_buf *b = ks_ctx_buf(&c->cx, 64 * 1024);
    if (b == NULL)
        return ks_cli_fail_err(c);
    ks_jw w = ks_jw_new(b);
    ks_recognition_put(&w, r);
    ks_put(c->out, ks_buf_view(b));
    putc('\n', c->out);
    return KS_EXIT_OK;
}

int ks_cmd_recognise(ks_cli *c)
{
    ks_catalog    *catalog;
    ks_recognition r;
    ks_secret     *key = c->tty_in ? ks_input_prompt(c, KS_S("Key"), KS_NO_STR, true)
                                   : ks_input_secret(c, KS_S("-"));
    if (key == NULL)
        return ks_cli_usage(c, "Paste the key when asked, or give it on standard input.");
    if (ks_catalog_open(&c->cx, KS_NO_STR, &catalog) != KS_OK)
        return ks_cli_fail_err(c);
    int code = ks_recognise(&c->cx, catalog, key, &r) == KS_OK ? put_all(c, &r) : ks_cli_fail_err(c);
    ks_catalog_free(catalog);
    return code;
}
