/* features/apps/catalog_dir.c — the operator's own app files (--apps DIR), as a layer over the built-in ones.
 * Watches nothing: a change needs a restart. Threads: the opener's. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "features/apps/app_file.h"
#include "features/apps/catalog_handle.h"

enum { DIR_FILES = 4000 }; /* app files in one folder */

static ks_status unreadable(ks_ctx *cx, ks_str path)
{
    return ks_fail_code(cx, KS_INVALID, "app_file_invalid", NULL,
                        KS_FMT ": cannot be read; check that it exists and who may read it", KS_ARG(path));
}

static ks_status read_all(ks_ctx *cx, int fd, ks_str path, ks_buf *text)
{
    for (;;) {
        char *room = ks_buf_reserve(text, 16384);
        if (room == NULL) /* the parser tells that it is too large */
            return text->n > KS_APP_FILE_MAX ? KS_OK : ks_no_memory(cx);
        ssize_t n = read(fd, room, 16384);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return unreadable(cx, path);
        if (n == 0)
            return KS_OK;
        text->n += (size_t)n;
    }
}

static ks_status read_file(ks_ctx *cx, ks_str path, ks_str *out)
{
    ks_buf *text = ks_ctx_buf(cx, KS_APP_FILE_MAX + 2 * 16384);
    if (text == NULL)
        return KS_NO_MEMORY;
    int         fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0)
        return unreadable(cx, path);
    ks_status status = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read_all(cx, fd, path, text)
                                                                  : unreadable(cx, path);
    close(fd);
    *out = ks_buf_view(text);
    return status;
}

static int is_app_file(const struct dirent *e)
{
    return e->d_name[0] != '.' && ks_str_ends(ks_str_of(e->d_name), KS_S(".yaml"));
}

/* The names of app files in `dir`, sorted, so that messages are the same every time. */
static ks_status list_files(ks_ctx *cx, ks_str dir, ks_str **names, size_t *n)
{
    struct dirent **found = NULL;
    int             count = scandir(dir.p, &found, is_app_file, alphasort);
    if (count < 0)
        return unreadable(cx, dir);
    ks_status status = count <= DIR_FILES ? KS_OK
                                          : ks_fail(cx, KS_INVALID, NULL,
                                                    "More than %d app files in one folder.", DIR_FILES);
    *names = ks_alloc(cx, ((size_t)count + 1) * sizeof **names);
    *n = (size_t)count;
    for (int i = 0; i < count; i++) {
        if (*names != NULL && status == KS_OK) {
            (*names)[i] = ks_copy(cx, ks_str_of(found[i]->d_name));
            status = (*names)[i].p != NULL ? KS_OK : KS_NO_MEMORY;
        }
        free(found[i]); /* scandir's own memory */
    }
    free(found);
    return *names != NULL ? status : KS_NO_MEMORY;
}

static ks_status read_dir(ks_ctx *own, ks_catalog *layer, ks_str dir)
{
    ks_str *files = NULL;
    size_t  n = 0;
    KS_TRY(list_files(own, dir, &files, &n));
    const ks_app **apps = ks_alloc(own, (n + 1) * sizeof *apps);
    if (apps == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        ks_str text, path = ks_fmt(own, KS_FMT "/" KS_FMT, KS_ARG(dir), KS_ARG(files[i]));
        if (path.p == NULL)
            return KS_NO_MEMORY;
        KS_TRY(read_file(own, path, &text));
        KS_TRY(ks_app_file_parse(own, files[i], text, &apps[i]));
    }
    return ks_catalog_layer_fill(own, layer, apps, n, true);
}

ks_status ks_catalog_read_dir(ks_ctx *cx, const ks_catalog *base, ks_str dir, ks_catalog **out)
{
    ks_catalog *layer;
    KS_TRY(ks_catalog_layer_new(cx, base, &layer));
    ks_ctx    own = ks_ctx_new(layer->arena, NULL);
    ks_str    path = ks_copy(&own, dir); /* with a final NUL */
    ks_status status = path.p != NULL ? read_dir(&own, layer, path) : KS_NO_MEMORY;
    if (status == KS_NO_MEMORY)
        status = ks_no_memory(cx);
    else if (status != KS_OK)
        status = ks_fail_code(cx, KS_INVALID, "app_file_invalid", NULL, KS_FMT, KS_ARG(own.err.message));
    if (status != KS_OK)
        ks_catalog_free(layer);
    else
        *out = layer;
    return status;
}
