/* cli/desk.c — see desk.h. */
#include "cli/desk.h"

#include <time.h>

#include "base/alloc.h"
#include "features/env.h"
#include "server/vault.h"

#define TRIES       50
#define TRY_WAIT_MS 100

/* The services of features, without a server. */
typedef struct desk {
    ks_vault   vault;
    ks_reader *reader;
    ks_env     env;
} desk;

/* Settings as serve would have them from the environment, e.g. where the root key lies. */
static ks_status desk_config(ks_cli *c, ks_str data, ks_config *out)
{
    static char flag[] = "--data";
    char       *folder = ks_alloc(&c->cx, data.n + 1);
    if (folder == NULL)
        return KS_NO_MEMORY;
    memcpy(folder, data.p, data.n);
    folder[data.n] = '\0';
    char *const words[] = {flag, folder};
    return ks_config_load(&c->cx, 2, words, out);
}

static ks_status desk_open(ks_cli *c, ks_str data, desk *d)
{
    ks_config config;
    ks_alloc_install();
    if (!ks_crypto_start())
        return ks_fail(&c->cx, KS_INTERNAL, NULL, "The cryptographic self-test failed.");
    KS_TRY(desk_config(c, data, &config));
    KS_TRY(ks_vault_open(&c->cx, &config, NULL, &d->vault));
    return ks_reader_open(&c->cx, d->vault.store, &d->reader);
}

static void desk_close(desk *d)
{
    ks_reader_close(d->reader);
    ks_vault_close(&d->vault);
}

/* With the folder ours. */
static ks_status work(ks_cli *c, desk *d, ks_status (*offline)(ks_cli *c))
{
    d->env = (ks_env){.keys = d->vault.keys, .store = d->vault.store, .reader = d->reader};
    c->cx.env = &d->env;
    ks_status st = offline(c);
    c->cx.env = NULL;
    return st;
}

int ks_desk_or_server(ks_cli *c, const char *method, ks_str path, ks_str body,
                      ks_status (*offline)(ks_cli *c), ks_reply *out, bool *answered)
{
    const struct timespec wait = {.tv_nsec = TRY_WAIT_MS * 1000000L};
    ks_str                data = ks_cli_data(c);
    ks_status             st = KS_CONFLICT;
    desk                  d = {0};
    for (int i = 0; i < TRIES && st == KS_CONFLICT; i++) {
        if (i > 0)
            nanosleep(&wait, NULL);
        st = ks_control_send(c, data, method, path, body, out);
        *answered = st == KS_OK;
        if (st == KS_NOT_FOUND)
            st = desk_open(c, data, &d);
    }
    if (st == KS_OK && !*answered)
        st = work(c, &d, offline);
    desk_close(&d);
    if (st != KS_OK)
        return ks_cli_fail_err(c);
    return *answered && out->status >= 400 ? ks_client_say(c, out) : KS_EXIT_OK;
}
