/* http/peers.h — how many connections an address has (rule H5). Counts only. Threads: one listener's. */
#pragma once
#include "base/str.h"

typedef struct ks_peer  ks_peer;
typedef struct ks_peers ks_peers;

KS_MUST ks_peers *ks_peers_new(unsigned max); /* NULL: no memory */
void              ks_peers_free(ks_peers *p); /* every connection must be gone; NULL is fine */

/* Count one more connection of `address`. NULL when it has `max` already or memory is short. */
KS_MUST ks_peer *ks_peers_add(ks_peers *p, ks_str address);
void             ks_peers_drop(ks_peers *p, ks_peer *one); /* NULL is fine */

/* The address as text, as long as the entry is counted. */
ks_str ks_peer_address(const ks_peer *one);
