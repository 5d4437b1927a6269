/* features/apps/app_file.c — reads an app file: tree, shape, rules, in this order, and gathers what is wrong.
 * Opens no files. Format: docs/formats.md "App files". Threads: none shared. */
#include "features/apps/app_file_tree.h"

#include <stdarg.h>

KS_PRINTF(3, 0)
static void fault_at_line(ks_app_reader *r, unsigned line, const char *fmt, va_list ap)
{
    if (r->n++ >= KS_FILE_FAULTS)
        return;
    ks_buf_fmt(r->faults, KS_FMT ":%u: ", KS_ARG(r->file), line);
    ks_buf_vfmt(r->faults, fmt, ap);
    ks_buf_c(r->faults, '\n');
}

void ks_file_fault(ks_app_reader *r, unsigned line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fault_at_line(r, line, fmt, ap);
    va_end(ap);
}

void ks_file_fault_at(ks_app_reader *r, const void *at, const char *name, const char *fmt, ...)
{
    const ks_node *node = NULL;
    for (const ks_node_of *o = r->nodes; o != NULL && node == NULL; o = o->next)
        node = o->at == at ? o->node : NULL;
    const ks_node *member = name != NULL ? ks_node_get(node, name) : NULL;
    unsigned       line = member != NULL ? member->line : node != NULL ? node->line : 1;

    va_list ap;
    va_start(ap, fmt);
    fault_at_line(r, line, fmt, ap);
    va_end(ap);
}

void *ks_file_alloc(ks_app_reader *r, size_t n)
{
    void *p = ks_zalloc(r->cx, n);
    r->no_memory |= p == NULL;
    return p;
}

static ks_app *read_file(ks_app_reader *r, ks_str text)
{
    if (text.n > KS_APP_FILE_MAX) {
        ks_file_fault(r, 1, "larger than %d bytes; leave out what is not needed", KS_APP_FILE_MAX);
        return NULL;
    }
    const ks_node *top = ks_file_tree(r, text);
    ks_app        *app = top != NULL ? ks_file_shape(r, top) : NULL;
    if (app == NULL || r->n > 0) /* rules assume the shape */
        return NULL;
    ks_file_check(r, app);
    ks_file_check_actions(r, app);
    return app;
}

ks_status ks_app_file_lint(ks_ctx *cx, ks_str name, ks_str text, ks_buf *faults, const ks_app **out)
{
    ks_app_reader r = {.cx = cx, .file = name, .faults = faults};
    size_t        before = faults->n;
    ks_app       *app = read_file(&r, text);

    if (r.no_memory || !ks_buf_ok(faults))
        return ks_no_memory(cx);
    if (r.n > 0) {
        ks_str all = ks_str_sub(ks_buf_view(faults), before, SIZE_MAX), first;
        if (!ks_str_cut(&all, '\n', &first))
            first = name;
        return ks_fail_code(cx, KS_INVALID, "app_file_invalid", NULL, KS_FMT, KS_ARG(first));
    }
    *out = app;
    return KS_OK;
}

ks_status ks_app_file_parse(ks_ctx *cx, ks_str name, ks_str text, const ks_app **out)
{
    ks_buf *faults = ks_ctx_buf(cx, 256 * 1024);
    if (faults == NULL)
        return KS_NO_MEMORY;
    return ks_app_file_lint(cx, name, text, faults, out);
}
