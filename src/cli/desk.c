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

static ks_status desk_open(ks_cli *c, ks_str data, desk *d)
{
    ks_config config = {.data = data, .root_key_fd = -1, .audit_uses = KS_S("batched")};
    ks_alloc_install();
    if (!ks_crypto_start())
        return ks_fail(&c->cx, KS_INTERNAL, NULL, "The cryptographic self-test failed.");
    KS_TRY(ks_vault_open(&c->cx, &config, NULL, &d->vault));
    KS_TRY(ks_reader_open(&c->cx, d->vault.store, &d->reader));
    d->env = (ks_env){.keys = d->vault.keys, .store = d->vault.store, .reader = d->reader};
    c->cx.env = &d->env;
    return KS_OK;
}

static void desk_close(ks_cli *c, desk *d)
{
    c->cx.env = NULL;
    ks_reader_close(d->reader);
    ks_vault_close(&d->vault);
}

int ks_desk_or_server(ks_cli *c, const char *method, ks_str path, ks_str body,
                      ks_status (*offline)(ks_cli *c), ks_reply *out, bool *answered)
{
    const struct timespec wait = {.tv_nsec = TRY_WAIT_MS * 1000000L};
    ks_str                data = ks_cli_data(c);
    ks_status             st = KS_CONFLICT;
    for (int i = 0; i < TRIES && st == KS_CONFLICT; i++) {
        st = ks_control_send(c, data, method, path, body, out);
        *answered = st == KS_OK;
        if (st == KS_NOT_FOUND) {
            desk d = {0};
            st = desk_open(c, data, &d);
            if (st == KS_OK)
                st = offline(c);
            fflush(c->out);
            desk_close(c, &d);
        }
        if (st == KS_CONFLICT)
            nanosleep(&wait, NULL);
    }
    if (st != KS_OK)
        return ks_cli_fail_err(c);
    return *answered && out->status >= 400 ? ks_client_say(c, out) : KS_EXIT_OK;
}
