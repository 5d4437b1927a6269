/* server/vault.h — data folder, store and root key, opened together in the one safe order (rules C5, C6): the
 * folder is locked first, so that no two processes make a key; the database is asked which key it wants; and
 * a key is made only where nothing was ever sealed. Used by `serve` and by commands that work without a
 * server. Threads: start-up only. */
#pragma once
#include "crypto/keyring.h"
#include "server/config.h"
#include "store/store.h"

typedef struct ks_vault {
    ks_store   *store;
    ks_keyring *keys;
    ks_str      key_from; /* where the root key was read, for people */
    bool        key_is_new;
} ks_vault;

/* Open into *v, which is zeroed and must stay where it is until ks_vault_close. Of `c`: data, root_key,
 * root_key_fd, audit_uses.
 * CONFLICT another process holds the folder: may be tried again with the same *v (its key is not read twice)
 * FORBIDDEN with code "root_key_missing" or "root_key_wrong": names the key id wanted and where it was looked
 * for STORE, FORBIDDEN, INVALID as ks_store_open and ks_keyring_open */
KS_MUST ks_status ks_vault_open(ks_ctx *cx, const ks_config *c, ks_metrics *m, ks_vault *v);
void              ks_vault_close(ks_vault *v); /* also of a half-open one */
