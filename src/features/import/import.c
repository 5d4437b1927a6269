/* features/import/import.c — the way of a document to an app file: read, servers, security, operations, text,
 * and the text judged as any app file is. Opens nothing. Threads: none shared. */
#include "features/import/import.h"

#include "features/apps/app_file.h"
#include "features/import/importer.h"
#include "features/import/site.h"
#include "features/import/text.h"

enum { KEY = 32, NAME = 60, ABOUT = 300, SCRATCH = 64 << 20 };

void ks_import_note_at(ks_importer *im, unsigned line, const char *fmt, ...)
{
    va_list ap;
    ks_buf *b = im->notes_n < KS_IMPORT_NOTES ? ks_ctx_buf(im->cx, 1024) : NULL;
    if (b == NULL) {
        im->notes_more++;
        return;
    }
    va_start(ap, fmt);
    ks_buf_vfmt(b, fmt, ap);
    va_end(ap);
    im->notes[im->notes_n++] = (ks_import_note){line, ks_buf_view(b)};
}

/* ---- what the app is called ---- */

/* "Acme REST API v2" is called acme. */
static ks_str key_of(ks_importer *im, ks_str title)
{
    static const char *const empty[] = {
        "_api",    "_apis",     "_rest", "_swagger",       "_openapi", "_spec", "_http",     "_v1",
        "_v2",     "_v3",       "_s",    "_specification", "_open",    "_web",  "_official", "_documentation",
        "_public", "_reference"};
    ks_str words = ks_slug(im->cx, title);
    char  *p = ks_alloc(im->cx, words.n + 1);
    bool   again = p != NULL;
    for (size_t i = 0; p != NULL && i < words.n; i++)
        p[i] = words.p[i] == '-' ? '_' : words.p[i];
    words = p != NULL ? (ks_str){p, words.n} : KS_NO_STR;
    while (again) {
        again = false;
        for (size_t i = 0; i < KS_COUNT(empty); i++) {
            if (ks_str_ends(words, ks_str_of(empty[i]))) {
                words.n -= strlen(empty[i]);
                again = true;
            }
        }
    }
    if (words.n > KEY - 4)
        words.n = KEY - 4;
    while (words.n > 0 && words.p[words.n - 1] == '_')
        words.n--;
    bool letter = words.n > 0 && words.p[0] >= 'a' && words.p[0] <= 'z';
    return letter ? ks_copy(im->cx, words)
                  : ks_fmt(im->cx, "app_" KS_FMT, KS_ARG(words.n ? words : KS_S("imported")));
}

static bool is_key(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || ((c == '_' || (c >= '0' && c <= '9')) && i > 0)))
            return false;
    }
    return s.n > 0 && s.n <= KEY;
}

/* The first of some links that is one; else the host of the base. */
static ks_str home_of(ks_importer *im, const ks_doc_node *info)
{
    const ks_str links[] = {ks_doc_text(ks_doc_get(info, "contact"), "url"),
                            ks_doc_text(ks_doc_get(im->doc->root, "externalDocs"), "url"),
                            ks_doc_text(info, "termsOfService")};
    for (size_t i = 0; i < KS_COUNT(links); i++) {
        if (ks_site_is_link(links[i]))
            return links[i];
    }
    ks_str host = im->hosts_n > 0 ? im->hosts[0] : KS_S("example.com");
    if (ks_str_starts(host, KS_S("*.")))
        host = ks_str_sub(host, 2, SIZE_MAX);
    return ks_fmt(im->cx, "https://" KS_FMT, KS_ARG(host));
}

static void name_app(ks_importer *im)
{
    static const ks_str categories[] = {KS_S_INIT("imported")};
    const ks_doc_node  *info = ks_doc_follow(im->doc, ks_doc_get(im->doc->root, "info"));
    ks_str              title = ks_prose(im->cx, ks_doc_text(info, "title"), NAME);
    ks_str              about = ks_prose(im->cx, ks_doc_text(info, "description"), ABOUT);
    ks_str              docs = ks_doc_text(ks_doc_get(im->doc->root, "externalDocs"), "url");
    im->app.key = im->opt->key.n > 0 ? im->opt->key : key_of(im, title);
    im->app.name = title.n > 0 ? title : im->app.key;
    im->app.about = about.n > 0 ? about : ks_fmt(im->cx, "The API of " KS_FMT ".", KS_ARG(im->app.name));
    im->app.categories = (ks_list){categories, KS_COUNT(categories)};
    im->app.docs = ks_site_is_link(docs) ? docs : KS_NO_STR;
    ks_str from = ks_str_sub(im->opt->origin, 0, ks_str_chr(im->opt->origin, '?')); /* a query may be a key */
    im->app.openapi = ks_site_is_link(from) ? from : KS_NO_STR;
}

/* ---- the steps ---- */

/* Is it OpenAPI 3 or Swagger 2? */
static bool judge_version(ks_importer *im)
{
    const ks_doc_node *root = im->doc->root, *three = ks_doc_get(root, "openapi"),
                      *two = ks_doc_get(root, "swagger");
    const ks_doc_node *said = three ? three : two;
    ks_str             version = ks_doc_text(root, three ? "openapi" : "swagger");
    im->swagger = three == NULL;
    if (said == NULL)
        ks_doc_fail(im->doc, 1, "is no OpenAPI document: `openapi: 3...` or `swagger: \"2.0\"` is missing");
    else if (three ? !(ks_str_starts(version, KS_S("3.0")) || ks_str_starts(version, KS_S("3.1")))
                   : !ks_str_starts(version, KS_S("2")))
        ks_doc_fail(im->doc, said->line,
                    "this version is not known; OpenAPI 3.0 and 3.1 and Swagger 2.0 are");
    else if (ks_doc_get(root, "paths") == NULL)
        ks_doc_fail(im->doc, said->line, "the document has no `paths`, so there is nothing to call");
    return im->doc->status == KS_OK;
}

/* Servers may still have been added by operations: now they are known. */
static void place_app(ks_importer *im)
{
    static const ks_str no_auth = KS_S_INIT("NO_AUTH");
    ks_app_scheme      *all = (ks_app_scheme *)(uintptr_t)im->app.schemes;
    bool                open = im->app.schemes_n == 0 && im->server_fields_n == 0 && im->hosts_n == 1;
    if (open) {
        im->app.open_base = im->base;
        return;
    }
    if (im->app.schemes_n == 0)
        all[im->app.schemes_n++] = (ks_app_scheme){.scheme = no_auth,
                                                   .base = im->base,
                                                   .fields = im->server_fields,
                                                   .fields_n = im->server_fields_n};
    bool derived = im->hosts_n == 1 && ks_str_find(im->base, im->hosts[0]) != SIZE_MAX &&
                   im->server_fields_n == 0;
    for (size_t i = 0; i < im->app.schemes_n && !derived; i++)
        all[i].hosts = (ks_list){im->hosts, im->hosts_n};
}

/* The text, with fewer words and at last fewer actions until it is no larger than an app file may be. */
static ks_status write_text(ks_importer *im, ks_import *out)
{
    size_t   n = im->app.actions_n;
    unsigned terse = 0;
    if (im->cx->starved) /* the parts have holes */
        return ks_no_memory(im->cx);
    ks_str text = ks_app_write(im->cx, &im->app, n, terse);
    while (text.p != NULL && text.n > KS_APP_FILE_MAX && n > 1) {
        if (terse < KS_IMPORT_TERSE)
            terse++;
        else
            n = n * (KS_APP_FILE_MAX / 1024) / (text.n / 1024 + 1);
        text = ks_app_write(im->cx, &im->app, n, terse);
    }
    if (text.p == NULL)
        return ks_no_memory(im->cx);
    if (im->deprecated > 0)
        ks_import_note_at(im, 0, "deprecated operations are left out: %zu; --deprecated brings them",
                          im->deprecated);
    if (im->looks > KS_IMPORT_LOOKS)
        ks_import_note_at(im, 0,
                          "the schemas lead into each other too often; later ones came without members");
    if (terse > 0)
        ks_import_note_at(im, 0,
                          "descriptions are shortened, and less is told of what lies inside parameters: an "
                          "app file has at most "
                          "%d bytes",
                          KS_APP_FILE_MAX);
    if (n < im->app.actions_n || n == KS_IMPORT_ACTIONS)
        ks_import_note_at(im, 0, "the first %zu operations came; --only TAG or --only /PATH chooses others",
                          n);
    out->yaml = text;
    out->actions = n;
    return KS_OK;
}

static ks_status judge_text(ks_importer *im, const ks_import *made)
{
    const ks_app *app;
    ks_str        name = ks_fmt(im->cx, KS_FMT ".yaml", KS_ARG(made->key));
    ks_buf       *faults = ks_ctx_buf(im->cx, 256 * 1024);
    if (faults == NULL || name.p == NULL)
        return KS_NO_MEMORY;
    return ks_app_file_lint(im->cx, name, made->yaml, faults, &app);
}

static ks_status make(ks_importer *im, ks_import *out)
{
    if (!judge_version(im))
        return im->doc->status;
    ks_import_servers(im);
    if (im->doc->status != KS_OK)
        return im->doc->status;
    name_app(im);
    if (!is_key(im->app.key))
        return ks_fail(im->cx, KS_INVALID, "name",
                       "The key of an app is [a-z][a-z0-9_]*, at most %d characters.", KEY);
    ks_import_security(im);
    if (im->doc->status == KS_OK)
        ks_import_operations(im);
    if (im->doc->status == KS_OK && im->app.actions_n == 0)
        ks_doc_fail(im->doc, ks_doc_get(im->doc->root, "paths")->line,
                    "no operation of this document can be an action%s",
                    im->opt->only.n ? ", or none is chosen" : "");
    if (im->doc->status != KS_OK || im->cx->starved)
        return im->cx->starved ? ks_no_memory(im->cx) : im->doc->status;
    ks_import_check(im);
    place_app(im);
    im->app.home = home_of(im, ks_doc_get(im->doc->root, "info"));
    return im->cx->starved ? ks_no_memory(im->cx)
                           : write_text(im, out); /* nothing is written of half an app */
}

static void free_scratch(void *arena)
{
    ks_arena_free(arena);
}

ks_status ks_import_document(ks_ctx *cx, ks_str document, const ks_import_options *options, ks_import *out)
{
    ks_importer *im = ks_zalloc(cx, sizeof *im);
    ks_import    made = {0};
    if (im == NULL)
        return KS_NO_MEMORY;
    *im = (ks_importer){.cx = cx, .opt = options, .notes = ks_alloc(cx, KS_IMPORT_NOTES * sizeof *im->notes)};
    if (im->notes == NULL)
        return KS_NO_MEMORY;
    im->scratch = ks_arena_new(SCRATCH);
    if (im->scratch == NULL || !ks_arena_defer(cx->arena, free_scratch, im->scratch)) {
        ks_arena_free(im->scratch);
        return ks_no_memory(cx);
    }
    KS_TRY(ks_doc_read(cx, options->file, document, &im->doc));
    KS_TRY(make(im, &made));
    if (cx->starved || im->doc->status != KS_OK)
        return cx->starved ? ks_no_memory(cx) : im->doc->status;
    made.key = im->app.key;
    made.name = im->app.name;
    made.notes = im->notes;
    made.notes_n = im->notes_n;
    made.notes_more = im->notes_more;
    made.operations = im->operations;
    made.schemes = im->app.schemes_n;
    KS_TRY(judge_text(im, &made));
    *out = made;
    return KS_OK;
}
