/* crypto/pair.c — see pair.h. OpenSSL reads both from memory; what it made is freed by the wiping allocator.
 * Never asks for a passphrase. Threads: any. */
#include "crypto/pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* A key that wants one is no good here; without this OpenSSL would ask on the terminal. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
    (void)buf, (void)size, (void)writing, (void)arg;
    return -1;
}

static BIO *over(const ks_secret *s)
{
    ks_str text = ks_secret_reveal(s);
    return BIO_new_mem_buf(text.n > 0 ? text.p : "", (int)text.n); /* at most KS_MAX_SECRET_TEXT */
}

ks_pair_fault ks_pair_judge(const ks_secret *certificate, const ks_secret *key)
{
    ks_pair_fault fault = KS_PAIR_MEMORY;
    X509         *x = NULL;
    EVP_PKEY     *k = NULL;
    BIO          *from_x = over(certificate), *from_k = over(key);
    if (from_x == NULL || from_k == NULL)
        goto done;
    fault = KS_PAIR_NO_CERTIFICATE;
    x = PEM_read_bio_X509(from_x, NULL, no_passphrase, NULL);
    if (x == NULL)
        goto done;
    fault = KS_PAIR_NO_KEY;
    k = PEM_read_bio_PrivateKey(from_k, NULL, no_passphrase, NULL);
    if (k == NULL)
        goto done;
    fault = X509_check_private_key(x, k) == 1 ? KS_PAIR_FITS : KS_PAIR_OTHER_KEY;
done:
    EVP_PKEY_free(k);
    X509_free(x);
    BIO_free(from_x);
    BIO_free(from_k);
    ERR_clear_error();
    return fault;
}
