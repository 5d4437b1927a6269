/* crypto/envelope.c — a credential's values in one sealed blob, bound to its row and version. Knows no SQL
 * and no app. Format: docs/formats.md "Sealed values". Plaintext exists in locked memory only, between the
 * two functions of this file, and is wiped before they return. Threads: any. */
#include "crypto/envelope.h"

#include <sodium.h>

#include "crypto/crypto_internal.h"

#define PLAIN_FORMAT 1
#define PLAIN_HEAD   2       /* format, number of values */
#define VALUE_HEAD   (2 + 4) /* length of the name, length of the value */

/* Locked bytes: from the pool of secrets when they fit, else with guard pages of their own. */
typedef struct locked {
    ks_secret *pooled;
    char      *large;
    char      *p;
} locked;

static bool locked_init(locked *l, size_t n)
{
    *l = (locked){0};
    if (n <= KS_MAX_SECRET_TEXT)
        l->pooled = ks_secret_blank(n, &l->p);
    else
        l->p = l->large = ks_guarded_new(n);
    return l->p != NULL;
}

static void locked_done(locked *l)
{
    ks_secret_free(l->pooled);
    sodium_free(l->large);
}

static ks_status mismatch(ks_ctx *cx)
{
    return ks_fail_code(cx, KS_INTERNAL, "sealed_mismatch", NULL,
                        "The sealed values do not belong to this row: it was moved, mixed up or changed.");
}

static ks_status not_open(ks_ctx *cx)
{
    return ks_fail(cx, KS_INTERNAL, NULL, "The key of this project is not open.");
}

/* Bytes the values take; 0 when one of them cannot be written. */
static size_t plain_size(const ks_value *values, size_t n)
{
    size_t size = PLAIN_HEAD;
    for (size_t i = 0; i < n; i++) {
        if (values[i].name.n > UINT16_MAX)
            return 0;
        size += VALUE_HEAD + values[i].name.n + ks_secret_len(values[i].secret);
    }
    return n > KS_MAX_FIELDS ? 0 : size;
}

static void plain_write(char *to, const ks_value *values, size_t n)
{
    unsigned char *at = (unsigned char *)to;
    ks_put_be(at, PLAIN_FORMAT, 1);
    ks_put_be(at + 1, n, 1);
    at += PLAIN_HEAD;
    for (size_t i = 0; i < n; i++) {
        ks_str name = values[i].name, bytes = ks_secret_reveal(values[i].secret);
        ks_put_be(at, name.n, 2);
        ks_put_be(at + 2, bytes.n, 4);
        at += VALUE_HEAD;
        if (name.n)
            memcpy(at, name.p, name.n);
        if (bytes.n)
            memcpy(at + name.n, bytes.p, bytes.n);
        at += name.n + bytes.n;
    }
}

/* One value off the front of *rest. */
static ks_status read_value(ks_ctx *cx, ks_str *rest, ks_value *out)
{
    if (rest->n < VALUE_HEAD)
        return mismatch(cx);
    size_t name_n = (size_t)ks_get_be(ks_u8(*rest), 2), n = (size_t)ks_get_be(ks_u8(*rest) + 2, 4);
    *rest = ks_str_sub(*rest, VALUE_HEAD, SIZE_MAX);
    if (name_n > rest->n || n > rest->n - name_n)
        return mismatch(cx);
    out->name = ks_copy(cx, ks_str_sub(*rest, 0, name_n));
    if (out->name.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_secret_new(cx, rest->p + name_n, n, &out->secret));
    *rest = ks_str_sub(*rest, name_n + n, SIZE_MAX);
    return KS_OK;
}

static ks_status plain_read(ks_ctx *cx, ks_str plain, ks_value **values, size_t *n)
{
    if (plain.n < PLAIN_HEAD || ks_get_be(ks_u8(plain), 1) != PLAIN_FORMAT)
        return mismatch(cx);
    size_t count = (size_t)ks_get_be(ks_u8(plain) + 1, 1);
    ks_str rest = ks_str_sub(plain, PLAIN_HEAD, SIZE_MAX);
    if (count > KS_MAX_FIELDS)
        return mismatch(cx);
    ks_value *v = ks_zalloc(cx, (count ? count : 1) * sizeof *v);
    if (v == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        KS_TRY(read_value(cx, &rest, &v[i]));
    if (rest.n != 0)
        return mismatch(cx);
    *values = v;
    *n = count;
    return KS_OK;
}

/* The part of sealing that needs the key. */
static ks_status seal_with_key(ks_ctx *cx, const ks_keyring *k, const ks_place *place, ks_str plain,
                               ks_sealed *s)
{
    const char          *id;
    const unsigned char *key = ks_project_key_hold(k, place->project_id, &id);
    if (key == NULL)
        return not_open(cx);
    ks_status status = KS_NO_MEMORY;
    s->alg = KS_S(KS_ALG);
    s->kek_id = ks_copy(cx, (ks_str){id, KS_KEY_ID_LEN});
    ks_str ad = s->kek_id.p ? ks_place_bytes(cx, place, s->alg, s->kek_id) : KS_NO_STR;
    if (ad.p != NULL)
        status = ks_aead_seal(cx, key, ad, plain, &s->nonce, &s->ct);
    ks_project_key_drop(k);
    return status;
}

ks_status ks_envelope_seal(ks_ctx *cx, const ks_keyring *k, const ks_place *place, const ks_value *values,
                           size_t n, ks_sealed *out)
{
    size_t    size = plain_size(values, n);
    locked    plain;
    ks_sealed s = {0};
    if (size == 0)
        return ks_fail(cx, KS_INTERNAL, NULL, "A credential has at most %d values.", KS_MAX_FIELDS);
    if (!locked_init(&plain, size))
        return ks_no_memory(cx);
    plain_write(plain.p, values, n);
    ks_status status = seal_with_key(cx, k, place, (ks_str){plain.p, size}, &s);
    if (status == KS_OK)
        *out = s;
    locked_done(&plain);
    return status;
}

/* The part of opening that needs the key: into `plain`. */
static ks_status open_with_key(ks_ctx *cx, const ks_keyring *k, const ks_place *place, const ks_sealed *s,
                               char *plain)
{
    const char          *id;
    const unsigned char *key = ks_project_key_hold(k, place->project_id, &id);
    if (key == NULL)
        return not_open(cx);
    /* the AEAD does not commit to its key, so the key's id is compared first (rule C4) */
    bool   fits = ks_str_eq(s->kek_id, (ks_str){id, KS_KEY_ID_LEN}) && ks_str_eq(s->alg, KS_S(KS_ALG));
    ks_str ad = fits ? ks_place_bytes(cx, place, s->alg, s->kek_id) : KS_NO_STR;
    bool   good = ad.p != NULL && ks_aead_open(key, ad, s->nonce, s->ct, plain);
    ks_project_key_drop(k);
    if (fits && ad.p == NULL)
        return KS_NO_MEMORY;
    return good ? KS_OK : mismatch(cx);
}

ks_status ks_envelope_open(ks_ctx *cx, const ks_keyring *k, const ks_place *place, const ks_sealed *sealed,
                           ks_value **values, size_t *n)
{
    locked plain;
    if (sealed->ct.n < KS_TAG_LEN)
        return mismatch(cx);
    size_t size = sealed->ct.n - KS_TAG_LEN;
    if (!locked_init(&plain, size))
        return ks_no_memory(cx);
    ks_status status = open_with_key(cx, k, place, sealed, plain.p);
    if (status == KS_OK)
        status = plain_read(cx, (ks_str){plain.p, size}, values, n);
    locked_done(&plain);
    return status;
}

ks_status ks_envelope_seal_bytes(ks_ctx *cx, const ks_keyring *k, const ks_place *place, ks_str plain,
                                 ks_sealed *out)
{
    ks_sealed s = {0};
    KS_TRY(seal_with_key(cx, k, place, plain, &s));
    *out = s;
    return KS_OK;
}

ks_status ks_envelope_open_bytes(ks_ctx *cx, const ks_keyring *k, const ks_place *place,
                                 const ks_sealed *sealed, ks_str *plain)
{
    if (sealed->ct.n < KS_TAG_LEN)
        return mismatch(cx);
    size_t n = sealed->ct.n - KS_TAG_LEN;
    char  *p = ks_alloc(cx, n + 1);
    if (p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(open_with_key(cx, k, place, sealed, p));
    p[n] = '\0';
    *plain = (ks_str){p, n};
    return KS_OK;
}
