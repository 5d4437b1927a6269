/* tests/support/chain.h — an audit chain with fixed keys, for tests of the store, which knows no keyring. */
#pragma once
#include <sodium.h>

#include "store/store.h"

static const unsigned char test_chain_key[32] = "a key of the tests, no secret!!";

static void test_chain_mac(void *arg, ks_str record, unsigned char out[32])
{
    (void)arg;
    crypto_generichash(out, 32, (const unsigned char *)record.p, record.n, test_chain_key, 32);
}

static void test_chain_pair(unsigned char pub[32], unsigned char sk[64])
{
    crypto_sign_seed_keypair(pub, sk, test_chain_key);
}

static void test_chain_sign(void *arg, ks_str head, unsigned char sig[64])
{
    unsigned char pub[32], sk[64];
    (void)arg;
    test_chain_pair(pub, sk);
    crypto_sign_detached(sig, NULL, (const unsigned char *)head.p, head.n, sk);
}

static bool test_chain_verify(void *arg, ks_str head, const unsigned char sig[64])
{
    unsigned char pub[32], sk[64];
    (void)arg;
    test_chain_pair(pub, sk);
    return crypto_sign_verify_detached(sig, (const unsigned char *)head.p, head.n, pub) == 0;
}

static const ks_chain test_chain = {
    .mac = test_chain_mac, .sign = test_chain_sign, .verify = test_chain_verify};
