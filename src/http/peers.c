/* http/peers.c — see peers.h. A chained hash table; entries live as long as they count something. */
#include "http/peers.h"

#include <arpa/inet.h>

#include "base/alloc.h"

#define BUCKETS 256
#define ADDRESS 64 /* bytes of address text that count */

struct ks_peer {
    ks_peer *next;
    unsigned conns;
    unsigned bucket;
    size_t   n;
    char     address[ADDRESS];
};

struct ks_peers {
    unsigned max;
    ks_peer *at[BUCKETS];
};

ks_peers *ks_peers_new(unsigned max)
{
    ks_peers *p = ks_calloc(1, sizeof *p);
    if (p != NULL)
        p->max = max;
    return p;
}

void ks_peers_free(ks_peers *p)
{
    ks_free(p);
}

static unsigned bucket_of(ks_str s)
{
    uint32_t h = 2166136261u; /* FNV-1a; at worst a chain as long as the connections */
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619u;
    return (h ^ (h >> 16)) % BUCKETS;
}

ks_peer *ks_peers_add(ks_peers *p, ks_str address)
{
    address = ks_str_sub(address, 0, ADDRESS);
    unsigned b = bucket_of(address);
    ks_peer *one = p->at[b];
    while (one != NULL && !ks_str_eq((ks_str){one->address, one->n}, address))
        one = one->next;
    if (one == NULL && (one = ks_calloc(1, sizeof *one)) != NULL) {
        *one = (ks_peer){.next = p->at[b], .bucket = b, .n = address.n};
        if (address.n > 0)
            memcpy(one->address, address.p, address.n);
        p->at[b] = one;
    }
    if (one == NULL || one->conns >= p->max)
        return NULL;
    one->conns++;
    return one;
}

void ks_peers_drop(ks_peers *p, ks_peer *one)
{
    if (one == NULL || --one->conns > 0)
        return;
    ks_peer **at = &p->at[one->bucket];
    while (*at != one)
        at = &(*at)->next;
    *at = one->next;
    ks_free(one);
}

ks_str ks_peer_address(const ks_peer *one)
{
    return (ks_str){one->address, one->n};
}

void ks_peer_text(int family, const void *bytes, char out[INET6_ADDRSTRLEN])
{
    struct in6_addr six;
    if (family != AF_INET6) {
        inet_ntop(AF_INET, bytes, out, INET6_ADDRSTRLEN);
        return;
    }
    memcpy(&six, bytes, sizeof six);
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        inet_ntop(AF_INET, six.s6_addr + 12, out, INET6_ADDRSTRLEN);
        return;
    }
    if (!IN6_IS_ADDR_LOOPBACK(&six))
        memset(six.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &six, out, INET6_ADDRSTRLEN);
}
