/* upstream/address.c — the address policy as two tables of prefixes, and the operator's exceptions to it.
 * Judges what is about to be dialled, after resolving, so a name that points inwards gets nowhere. Source:
 * the IANA special-purpose address registries (RFC 6890), RFC 6052 (NAT64). Threads: any; nothing is kept. */
#include "upstream/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/alloc.h"

typedef struct prefix4 {
    uint32_t address; /* host order */
    unsigned bits;
} prefix4;

typedef struct prefix6 {
    unsigned char address[16];
    unsigned      bits;
} prefix6;

#define V4(a, b, c, d) (((uint32_t)(a) << 24) | ((b) << 16) | ((c) << 8) | (d))

static const prefix4 denied4[] = {
    {V4(0, 0, 0, 0), 8},        /* this network */
    {V4(10, 0, 0, 0), 8},       /* private */
    {V4(100, 64, 0, 0), 10},    /* carrier NAT; metadata services of some clouds */
    {V4(127, 0, 0, 0), 8},      /* loopback */
    {V4(168, 63, 129, 16), 32}, /* a cloud's host agent, reachable from its machines only */
    {V4(169, 254, 0, 0), 16},   /* link local; metadata services */
    {V4(172, 16, 0, 0), 12},    /* private */
    {V4(192, 0, 0, 0), 24},     /* protocol assignments */
    {V4(192, 0, 2, 0), 24},     /* documentation */
    {V4(192, 88, 99, 0), 24},   /* 6to4 relays */
    {V4(192, 168, 0, 0), 16},   /* private */
    {V4(198, 18, 0, 0), 15},    /* benchmarks */
    {V4(198, 51, 100, 0), 24},  /* documentation */
    {V4(203, 0, 113, 0), 24},   /* documentation */
    {V4(224, 0, 0, 0), 4},      /* multicast */
    {V4(240, 0, 0, 0), 4},      /* reserved, broadcast */
};

static const prefix6 global6 = {{0x20}, 3}; /* 2000::/3; all else is no public address */
static const prefix6 denied6[] = {
    {{0x20, 0x01}, 23},             /* protocol assignments, Teredo, benchmarks */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4: carries an IPv4 of its own */
    {{0x3f, 0xff}, 20},             /* documentation */
};
static const prefix6 mapped6 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}; /* ::ffff:0:0/96 */
static const prefix6 nat64 = {{0x00, 0x64, 0xff, 0x9b}, 96};                     /* 64:ff9b::/96 */

typedef struct exception {
    int           family;
    unsigned char address[16]; /* network order; 4 bytes of AF_INET */
    unsigned      bits;
    uint16_t      port; /* 0: any */
} exception;

struct ks_exceptions {
    size_t    n;
    exception list[];
};

/* Do the first `bits` of both agree? */
static bool same_prefix(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    unsigned whole = bits / 8, left = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return left == 0 || ((a[whole] ^ b[whole]) >> (8 - left)) == 0;
}

static bool public4(const unsigned char address[4])
{
    uint32_t a = V4((uint32_t)address[0], (uint32_t)address[1], (uint32_t)address[2], (uint32_t)address[3]);
    for (size_t i = 0; i < KS_COUNT(denied4); i++) {
        if (((a ^ denied4[i].address) >> (32 - denied4[i].bits)) == 0)
            return false;
    }
    return true;
}

static bool public6(const unsigned char address[16])
{
    if (!same_prefix(address, global6.address, global6.bits))
        return false;
    for (size_t i = 0; i < KS_COUNT(denied6); i++) {
        if (same_prefix(address, denied6[i].address, denied6[i].bits))
            return false;
    }
    return true;
}

/* What a sockaddr says: family, address bytes and port. False for families other than IPv4 and IPv6. */
static bool read_sockaddr(const struct sockaddr *sa, int *family, unsigned char address[16], uint16_t *port)
{
    *family = sa->sa_family;
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        memcpy(address, &in.sin_addr, 4);
        *port = ntohs(in.sin_port);
        return true;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, sa, sizeof in);
        memcpy(address, &in.sin6_addr, 16);
        *port = ntohs(in.sin6_port);
        return true;
    }
    return false;
}

/* The IPv4 address that an IPv6 one stands for, or NULL. */
static const unsigned char *embedded4(const unsigned char address[16])
{
    bool carries = same_prefix(address, mapped6.address, mapped6.bits) ||
                   same_prefix(address, nat64.address, nat64.bits);
    return carries ? address + 12 : NULL;
}

static bool listed(const ks_exceptions *e, int family, const unsigned char *address, uint16_t port)
{
    for (size_t i = 0; e != NULL && i < e->n; i++) {
        const exception *x = &e->list[i];
        if (x->family == family && (x->port == 0 || x->port == port) &&
            same_prefix(x->address, address, x->bits))
            return true;
    }
    const unsigned char *four = family == AF_INET6 ? embedded4(address) : NULL;
    return four != NULL && listed(e, AF_INET, four, port);
}

bool ks_address_listed(const ks_exceptions *e, const struct sockaddr *sa)
{
    int           family;
    uint16_t      port;
    unsigned char address[16];
    return read_sockaddr(sa, &family, address, &port) && listed(e, family, address, port);
}

bool ks_address_ok(const ks_exceptions *e, const struct sockaddr *sa)
{
    int           family;
    uint16_t      port;
    unsigned char address[16];
    if (!read_sockaddr(sa, &family, address, &port))
        return false;
    if (listed(e, family, address, port))
        return true;
    if (family == AF_INET)
        return public4(address);
    const unsigned char *four = embedded4(address);
    return four != NULL ? public4(four) : public6(address);
}

/* An IP literal without brackets. False for names. */
static bool read_literal(ks_str text, int *family, unsigned char address[16])
{
    char z[INET6_ADDRSTRLEN];
    if (text.n == 0 || text.n >= sizeof z)
        return false;
    memcpy(z, text.p, text.n);
    z[text.n] = '\0';
    *family = memchr(z, ':', text.n) ? AF_INET6 : AF_INET;
    return strlen(z) == text.n && inet_pton(*family, z, address) == 1;
}

bool ks_host_listed(const ks_exceptions *e, ks_str host, uint16_t port)
{
    int           family;
    unsigned char address[16];
    return read_literal(host, &family, address) && listed(e, family, address, port);
}

/* "CIDR": an address, '/', a length, no bit set behind it. */
static bool read_cidr(ks_str text, exception *x)
{
    size_t   slash = ks_str_chr(text, '/');
    uint64_t bits;
    if (slash == SIZE_MAX || !read_literal(ks_str_sub(text, 0, slash), &x->family, x->address) ||
        !ks_str_u64(ks_str_sub(text, slash + 1, SIZE_MAX), &bits))
        return false;
    unsigned size = x->family == AF_INET ? 4 : 16;
    if (bits > size * 8)
        return false;
    x->bits = (unsigned)bits;
    for (unsigned bit = x->bits; bit < size * 8; bit++) {
        if (x->address[bit / 8] & (0x80 >> (bit % 8)))
            return false;
    }
    return true;
}

/* "IP:PORT" or "[IP6]:PORT". */
static bool read_endpoint(ks_str text, exception *x)
{
    bool     v6 = ks_str_starts(text, KS_S("["));
    size_t   end = v6 ? ks_str_find(text, KS_S("]:")) : ks_str_chr(text, ':');
    uint64_t port;
    if (end == SIZE_MAX)
        return false;
    ks_str host = ks_str_sub(text, v6, end - v6);
    if (!read_literal(host, &x->family, x->address) || (x->family == AF_INET6) != v6 ||
        !ks_str_u64(ks_str_sub(text, end + (v6 ? 2 : 1), SIZE_MAX), &port) || port == 0 || port > UINT16_MAX)
        return false;
    x->bits = v6 ? 128 : 32;
    x->port = (uint16_t)port;
    return true;
}

ks_status ks_exceptions_new(ks_ctx *cx, const ks_str *texts, size_t n, ks_exceptions **out)
{
    ks_exceptions *e = ks_calloc(1, sizeof *e + n * sizeof e->list[0]);
    if (e == NULL)
        return ks_no_memory(cx);
    for (e->n = 0; e->n < n; e->n++) {
        exception *x = &e->list[e->n];
        bool       cidr = ks_str_chr(texts[e->n], '/') != SIZE_MAX;
        if (!(cidr ? read_cidr(texts[e->n], x) : read_endpoint(texts[e->n], x))) {
            size_t at = e->n + 1;
            ks_exceptions_free(e);
            return ks_fail(
                cx, KS_INVALID, "allow",
                "--allow-private, entry %zu: give IP:PORT, [IP6]:PORT, or a range as 10.1.0.0/16 with no "
                "bits set behind its prefix.",
                at);
        }
    }
    *out = e;
    return KS_OK;
}

void ks_exceptions_free(ks_exceptions *e)
{
    ks_free(e);
}
