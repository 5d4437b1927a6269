/* features/import/import_test.h — what the tests of the import share: a document goes in, and the app file
 * that comes is read again. Included by *_test.c of this folder only. Threads: one. */
#pragma once
#include "features/apps/app_file.h"
#include "features/import/import.h"
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/arena.h"

#define HEAD "openapi: 3.0.3\ninfo: {title: Acme API, description: Things.}\n" /* 2 lines */
#define SITE "servers: [{url: https://api.acme.example/v1/}]\n"                /* 1 line */
#define GET  "paths: {/x: {get: {operationId: getX}}}\n"

static KS_UNUSED ks_import     made;
static KS_UNUSED const ks_app *app; /* the app file that came, read again */

static KS_UNUSED ks_status run(const char *text, ks_import_options o)
{
    o.file = KS_S("doc");
    cx.err = (ks_err){0};
    app = NULL;
    ks_status status = ks_import_document(&cx, ks_str_of(text), &o, &made);
    if (status != KS_OK)
        return status;
    ks_str name = ks_fmt(&cx, KS_FMT ".yaml", KS_ARG(made.key));
    assert_int_equal(ks_app_file_parse(&cx, name, made.yaml, &app), KS_OK);
    return KS_OK;
}

static KS_UNUSED void must_import(const char *text)
{
    if (run(text, (ks_import_options){0}) != KS_OK)
        fail_msg("%.*s", KS_ARG(cx.err.message));
}

static KS_UNUSED void assert_refused_with(const char *text, ks_import_options o, const char *wanted)
{
    assert_int_equal(run(text, o), KS_INVALID);
    if (!ks_str_starts(cx.err.message, ks_str_of(wanted)))
        fail_msg("\"%.*s\" was wanted to begin with \"%s\"", KS_ARG(cx.err.message), wanted);
}

static KS_UNUSED void assert_refused(const char *text, const char *wanted)
{
    assert_refused_with(text, (ks_import_options){0}, wanted);
}

static KS_UNUSED void assert_noted(unsigned line, const char *words)
{
    for (size_t i = 0; i < made.notes_n; i++) {
        if (made.notes[i].line == line && ks_str_find(made.notes[i].text, ks_str_of(words)) != SIZE_MAX)
            return;
    }
    for (size_t i = 0; i < made.notes_n; i++)
        print_message("%u: %.*s\n", made.notes[i].line, KS_ARG(made.notes[i].text));
    fail_msg("no note of line %u holds \"%s\"", line, words);
}

static KS_UNUSED const ks_app_action *action(const char *name)
{
    for (size_t i = 0; i < app->actions_n; i++) {
        if (ks_str_eq(app->actions[i].name, ks_str_of(name)))
            return &app->actions[i];
    }
    print_message("%.*s\n", KS_ARG(made.yaml));
    fail_msg("no action %s", name);
    abort(); /* fail_msg does not come back, which compilers are not told */
}

static KS_UNUSED const ks_app_param *param(const ks_app_action *a, const char *name)
{
    for (size_t i = 0; i < a->params_n; i++) {
        if (ks_str_eq(a->params[i].name, ks_str_of(name)))
            return &a->params[i];
    }
    print_message("%.*s\n", KS_ARG(made.yaml));
    fail_msg("no parameter %s", name);
    abort();
}
