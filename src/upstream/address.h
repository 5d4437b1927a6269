/* upstream/address.h — which addresses may be dialled (rule N4), judged on the sockaddr about to be
 * connected. Threads: any. */
#pragma once
#include <sys/socket.h>

#include "base/ctx.h"

/* What the operator admits beside public addresses: "IP:PORT", "[IP6]:PORT" or "CIDR" (any port). Never
 * tenant-set. */
typedef struct ks_exceptions ks_exceptions;

/* Parse n texts. INVALID naming the one that is malformed. Free with ks_exceptions_free. */
KS_MUST ks_status ks_exceptions_new(ks_ctx *cx, const ks_str *texts, size_t n, ks_exceptions **out);
/* NULL is fine. No upstream may still use it. */
void ks_exceptions_free(ks_exceptions *e);

/* May this be dialled: public by the policy, or listed? IPv4-mapped and NAT64 addresses are judged by their
 * IPv4. */
bool ks_address_ok(const ks_exceptions *e, const struct sockaddr *sa);

/* Is it listed? (Plain http is allowed to listed addresses only, rule N3.) */
bool ks_address_listed(const ks_exceptions *e, const struct sockaddr *sa);

/* The same for a host that is an IP literal, with a port. False for names. */
bool ks_host_listed(const ks_exceptions *e, ks_str host, uint16_t port);
