/* tests/support/app_file.h — an app file to make mistakes in, and what its reader says of them. Brings the
 * arena of tests/support/arena.h along. */
#pragma once
#include <stdio.h>

#include "features/apps/app_file.h"
#include "tests/support/arena.h"

static KS_UNUSED const char head[] = "app: acme\nname: Acme\nabout: Things.\ncategories: [tools]\n"
                                     "home: https://acme.example\ndocs: none\n";
static KS_UNUSED const char scheme[] =
    "schemes:\n"
    "  - scheme: API_KEY\n"                                                              /* line 8 */
    "    fields:\n"                                                                      /* 9 */
    "      - {name: api_key, label: Key, help: The key., secret: true}\n"                /* 10 */
    "      - {name: shop, label: Shop, help: Its name., kind: label, required: false}\n" /* 11 */
    "    base: https://{{shop}}.acme.example\n"                                          /* 12 */
    "    hosts: [\"*.acme.example\"]\n"                                                  /* 13 */
    "    send: {headers: {X-Key: \"{{api_key}}\"}}\n"                                    /* 14 */
    "    check:\n"                                                                       /* 15 */
    "      method: GET\n"                                                                /* 16 */
    "      path: /me\n"                                                                  /* 17 */
    "      good: [{status: 200}]\n"                                                      /* 18 */
    "      bad: [{status: 401, cause: Unknown.}]\n"                                      /* 19 */
    "    find: none\n";                                                                  /* 20 */

/* `from` replaced by `to` in the file above; the first fault, or NULL when it is taken. */
static KS_UNUSED const char *fault_of(const char *from, const char *to)
{
    static char   text[16384];
    ks_ctx        own = ks_ctx_new(arena, NULL);
    const ks_app *app;
    char          whole[8192];
    snprintf(whole, sizeof whole, "%s%s", head, scheme);
    char *at = strstr(whole, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
    if (ks_app_file_parse(&own, KS_S("acme.yaml"), ks_str_of(text), &app) == KS_OK)
        return NULL;
    return own.err.message.p;
}

static KS_UNUSED void assert_fault(const char *from, const char *to, const char *wanted)
{
    const char *fault = fault_of(from, to);
    if (fault == NULL || strstr(fault, wanted) == NULL)
        fail_msg("%s -> %s: said \"%s\", wanted \"%s\"", from, to, fault ? fault : "nothing", wanted);
}
