/* upstream/db_name.h — the name of a host to addresses, within a limit of time. Judges none of them
 * (db_dial.c does). Internal to upstream/. Threads: any. */
#pragma once
#include <netdb.h>

#include "upstream/db_driver.h"

/* getaddrinfo(3), or what plays it. Its list is freed with freeaddrinfo(3). */
typedef int (*ks_db_look)(const char *host, const char *port, const struct addrinfo *want,
                          struct addrinfo **list);

/* Those who look up names, and how many are at it now. NULL when memory is short. */
KS_MUST ks_db_names *ks_db_names_new(ks_db_look look);
/* A look-up that nobody waits for any more goes on, and ends by itself. NULL is fine. */
void ks_db_names_free(ks_db_names *d);

/* The addresses of the target's host, at least one; freed with freeaddrinfo(3). An address is taken as it is.
 * False: *e says NAME (none, not in time, too many at it), STOPPED or MEMORY. */
KS_MUST bool ks_db_look_up(ks_db_names *d, const ks_db_target *t, const ks_db_limit *l, struct addrinfo **out,
                           ks_db_error *e);
