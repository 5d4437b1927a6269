/* http/peers.h — how many connections an address has (rule H5). Counts only. Threads: one listener's. */
#pragma once
#include <netinet/in.h>

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

/* How an address counts: IPv4 as it is, also when it is mapped into IPv6; IPv6 by its first 64 bits, because
 * whoever has one such address has them all. `family`: AF_INET or AF_INET6; `bytes`: in network order. */
void ks_peer_text(int family, const void *bytes, char out[INET6_ADDRSTRLEN]);
