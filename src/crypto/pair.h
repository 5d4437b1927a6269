/* crypto/pair.h — does a private key belong to a certificate? Asked when a client certificate is connected,
 * so that a mix-up is told at once and not by the vendor's TLS. Says nothing of who signed the certificate.
 * Threads: any. */
#pragma once
#include "base/secret.h"

typedef enum ks_pair_fault {
    KS_PAIR_FITS,
    KS_PAIR_NO_CERTIFICATE, /* no PEM certificate can be read */
    KS_PAIR_NO_KEY,         /* no PEM key without a passphrase can be read */
    KS_PAIR_OTHER_KEY,      /* the key belongs to another certificate */
    KS_PAIR_MEMORY
} ks_pair_fault;

/* What stands against using the two together. The first certificate of a chain is meant. */
KS_MUST ks_pair_fault ks_pair_judge(const ks_secret *certificate, const ks_secret *key);
