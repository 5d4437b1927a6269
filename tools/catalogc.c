/* tools/catalogc.c — the catalogue compiler: app files to one C file of constant tables, at build time.
 * Prints every mistake of every file, `FILE:LINE: text`, and then writes nothing. The tables hold pointers
 * only within themselves, so loading them costs relative relocations and no symbol look-up.
 *
 *   catalogc DIR OUT.c OUT.d     OUT.d: a make rule that names the folder and its files */
#include "tools/catalogc.h"

#include <dirent.h>
#include <stdlib.h>

#include "features/apps/app_file.h"

enum { MAX_APPS = 4096, ARENA = 1 << 30 };

typedef struct book {
    ks_ctx         cx;
    const ks_app **apps;
    size_t         n, wrong; /* apps read; files with mistakes */
} book;

/* ---- reading ---- */

static bool read_text(const char *path, ks_buf *text)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL)
        return false;
    size_t n;
    do {
        char *room = ks_buf_reserve(text, 65536);
        n = room != NULL ? fread(room, 1, 65536, f) : 0;
        text->n += n;
    } while (n > 0);
    bool ok = !ferror(f) && ks_buf_ok(text);
    return fclose(f) == 0 && ok;
}

static void read_app(book *b, const char *dir, const char *name)
{
    ks_buf       *text = ks_ctx_buf(&b->cx, KS_APP_FILE_MAX + 2 * 65536);
    ks_buf       *faults = ks_ctx_buf(&b->cx, 1 << 20);
    ks_str        path = ks_fmt(&b->cx, "%s/%s", dir, name);
    const ks_app *app = NULL;
    if (text == NULL || faults == NULL || path.p == NULL || b->n == MAX_APPS || !read_text(path.p, text)) {
        fprintf(stderr, "%s/%s: cannot be read\n", dir, name);
        b->wrong++;
        return;
    }
    if (ks_app_file_lint(&b->cx, path, ks_buf_view(text), faults, &app) == KS_OK) {
        b->apps[b->n++] = app;
        return;
    }
    b->wrong++;
    if (faults->n > 0)
        fwrite(faults->p, 1, faults->n, stderr);
    else
        fprintf(stderr, "%s: " KS_FMT "\n", path.p, KS_ARG(b->cx.err.message));
}

static int is_app_file(const struct dirent *e)
{
    return e->d_name[0] != '.' && ks_str_ends(ks_str_of(e->d_name), KS_S(".yaml"));
}

/* All files of `dir`; the make rule names each, and the folder itself so that new files are seen. */
static bool read_dir(book *b, const char *dir, FILE *rule)
{
    struct dirent **names = NULL;
    int             n = scandir(dir, &names, is_app_file, alphasort);
    if (n < 0) {
        fprintf(stderr, "%s: cannot be read\n", dir);
        return false;
    }
    fprintf(rule, " %s", dir);
    for (int i = 0; i < n; i++) {
        fprintf(rule, " \\\n %s/%s", dir, names[i]->d_name);
        read_app(b, dir, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    fputc('\n', rule);
    return true;
}

static bool write_tables(book *b, const char *path)
{
    size_t names_n = 0, refs_n = 0;
    for (size_t i = 0; i < b->n; i++) {
        names_n += 2 + b->apps[i]->aliases.n;
        refs_n += b->apps[i]->actions_n;
    }
    ks_app_name   *names = ks_alloc(&b->cx, (names_n + 1) * sizeof *names);
    ks_action_ref *refs = ks_alloc(&b->cx, (refs_n + 1) * sizeof *refs);
    if (names == NULL || refs == NULL)
        return false;
    if (ks_catalog_index(&b->cx, b->apps, b->n, names, &names_n, refs, &refs_n) != KS_OK) {
        fprintf(stderr, KS_FMT "\n", KS_ARG(b->cx.err.message));
        return false;
    }
    FILE *f = fopen(path, "wbe");
    if (f == NULL)
        return false;
    ks_catalogc_write(&b->cx, f, b->apps, b->n, names, names_n, refs, refs_n);
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}

static int run(book *b, char **argv)
{
    b->apps = ks_alloc(&b->cx, MAX_APPS * sizeof *b->apps);
    FILE *rule = fopen(argv[3], "wbe");
    if (b->apps == NULL || rule == NULL) {
        fprintf(stderr, "%s: cannot be written\n", argv[3]);
        if (rule != NULL)
            (void)!fclose(rule);
        return 1;
    }
    fprintf(rule, "%s:", argv[2]);
    bool ok = read_dir(b, argv[1], rule);
    if (fclose(rule) != 0 || !ok || b->wrong > 0)
        return 1;
    qsort(b->apps, b->n, sizeof *b->apps, ks_app_order);
    return write_tables(b, argv[2]) ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: catalogc DIR OUT.c OUT.d\n");
        return 2;
    }
    ks_arena *arena = ks_arena_new(ARENA);
    if (arena == NULL)
        return 1;
    book b = {.cx = ks_ctx_new(arena, NULL)};
    int  status = run(&b, argv);
    ks_arena_free(arena);
    return status;
}
