/* upstream/sign_tools.c — hashes, times, and sorted pairs for the ways of signing; see sign_in.h. Knows none
 * of the ways. Source: RFC 2104, RFC 3986, RFC 5849 section 3.6, RFC 9110 section 5.6.7. Threads: any. */
#include "upstream/sign_in.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "base/enc.h"
#include "base/http_text.h"
#include "base/time.h"

#define MAX_TEXT ((size_t)4 * KS_MAX_ACT_BODY_BYTES)

/* ---- hashes ---- */

static const EVP_MD *md_of(ks_hash_kind kind)
{
    switch (kind) {
    case KS_HASH_MD5:
        return EVP_md5();
    case KS_HASH_SHA1:
        return EVP_sha1();
    case KS_HASH_SHA256:
        return EVP_sha256();
    case KS_HASH_SHA384:
        return EVP_sha384();
    case KS_HASH_SHA512:
        return EVP_sha512();
    }
    return NULL;
}

bool ks_hash_find(ks_str algorithm, ks_hash_kind *kind)
{
    static const char *const names[] = {"MD5", "SHA1", "SHA256", "SHA384", "SHA512"};
    if (ks_str_ieq(ks_str_sub(algorithm, 0, 5), KS_S("HMAC-")))
        algorithm = ks_str_sub(algorithm, 5, SIZE_MAX);
    for (size_t i = 0; i < KS_COUNT(names); i++) {
        if (ks_str_ieq(algorithm, ks_str_of(names[i]))) {
            *kind = (ks_hash_kind)i;
            return true;
        }
    }
    return false;
}

ks_hash ks_hash_of(ks_hash_kind kind, ks_str text)
{
    ks_hash  h = {.n = 0};
    unsigned n = 0;
    if (EVP_Digest(text.p ? text.p : "", text.n, h.bytes, &n, md_of(kind), NULL) == 1)
        h.n = n;
    return h;
}

ks_hash ks_hash_keyed(ks_hash_kind kind, ks_str key, ks_str text)
{
    ks_hash  h = {.n = 0};
    unsigned n = 0;
    if (HMAC(md_of(kind), key.n ? key.p : "", (int)key.n, (const unsigned char *)(text.p ? text.p : ""),
             text.n, h.bytes, &n) != NULL)
        h.n = n;
    return h;
}

void ks_hash_wipe(ks_hash *h)
{
    OPENSSL_cleanse(h, sizeof *h);
}

void ks_hash_hex(ks_buf *b, const ks_hash *h)
{
    b->failed |= h->n == 0;
    ks_enc_hex(b, h->bytes, h->n);
}

void ks_hash_base64(ks_buf *b, const ks_hash *h)
{
    b->failed |= h->n == 0;
    ks_enc_base64(b, (ks_str){(const char *)h->bytes, h->n});
}

void ks_sign_sha256(ks_buf *out, ks_str text)
{
    ks_hash h = ks_hash_of(KS_HASH_SHA256, text);
    ks_hash_hex(out, &h);
}

/* ---- times ---- */

void ks_sign_time_basic(ks_buf *b, int64_t us)
{
    char iso[KS_ISO_LEN];
    ks_time_iso(us, iso);
    for (size_t i = 0; i < 19; i++) {
        if (iso[i] != '-' && iso[i] != ':')
            ks_buf_c(b, iso[i]);
    }
    ks_buf_c(b, 'Z');
}

void ks_sign_time_iso(ks_buf *b, int64_t us)
{
    char iso[KS_ISO_LEN];
    ks_time_iso(us, iso);
    ks_buf_put(b, iso, 19);
    ks_buf_c(b, 'Z');
}

void ks_sign_time_http(ks_buf *b, int64_t us)
{
    static const char days[][4] = {"Thu", "Fri", "Sat", "Sun",
                                   "Mon", "Tue", "Wed"}; /* 1970 began on a Thursday */
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char              iso[KS_ISO_LEN];
    ks_time_iso(us, iso);
    size_t month = (size_t)(iso[5] - '0') * 10 + (size_t)(iso[6] - '0') - 1;
    ks_buf_fmt(b, "%s, %.2s %s %.4s %.8s GMT", days[us / INT64_C(86400000000) % 7], iso + 8,
               months[month % 12], iso, iso + 11);
}

/* ---- percent ---- */

void ks_sign_decode(ks_buf *b, ks_str s, bool plus)
{
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? ks_hex_digit(s.p[i + 1]) : -1;
        int low = high >= 0 ? ks_hex_digit(s.p[i + 2]) : -1;
        if (low >= 0) {
            ks_buf_c(b, (char)(high << 4 | low));
            i += 2;
        } else {
            ks_buf_c(b, s.p[i] == '+' && plus ? ' ' : s.p[i]);
        }
    }
}

void ks_sign_encode(ks_buf *b, ks_str s, bool slash)
{
    while (slash && ks_str_chr(s, '/') != SIZE_MAX) {
        size_t at = ks_str_chr(s, '/');
        ks_enc_percent(b, ks_str_sub(s, 0, at));
        ks_buf_c(b, '/');
        s = ks_str_sub(s, at + 1, SIZE_MAX);
    }
    ks_enc_percent(b, s);
}

/* ---- pairs ---- */

typedef struct entry {
    size_t at, name_n, value_n;
    ks_str name, value; /* set once the text has stopped moving */
} entry;

ks_sign_pairs ks_sign_pairs_new(void)
{
    return (ks_sign_pairs){.text = ks_buf_new(MAX_TEXT), .index = ks_buf_new(MAX_TEXT)};
}

void ks_sign_pairs_done(ks_sign_pairs *p)
{
    ks_buf_done(&p->text);
    ks_buf_done(&p->index);
}

void ks_sign_pairs_add(ks_sign_pairs *p, ks_str name, ks_str value)
{
    entry e = {.at = p->text.n};
    ks_enc_percent(&p->text, name);
    e.name_n = p->text.n - e.at;
    ks_enc_percent(&p->text, value);
    e.value_n = p->text.n - e.at - e.name_n;
    ks_buf_put(&p->index, &e, sizeof e);
    p->n++;
}

void ks_sign_pairs_query(ks_sign_pairs *p, ks_str query)
{
    ks_str pair;
    ks_buf name = ks_buf_new(MAX_TEXT), value = ks_buf_new(MAX_TEXT);
    while (ks_str_cut(&query, '&', &pair)) {
        size_t eq = ks_str_chr(pair, '=');
        if (pair.n == 0)
            continue;
        ks_buf_clear(&name);
        ks_buf_clear(&value);
        ks_sign_decode(&name, ks_str_sub(pair, 0, eq), true);
        if (eq != SIZE_MAX)
            ks_sign_decode(&value, ks_str_sub(pair, eq + 1, SIZE_MAX), true);
        ks_sign_pairs_add(p, ks_buf_view(&name), ks_buf_view(&value));
    }
    p->text.failed |= name.failed || value.failed;
    ks_buf_done(&name);
    ks_buf_done(&value);
}

static int by_name_then_value(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    int          names = ks_str_cmp(a->name, b->name);
    return names != 0 ? names : ks_str_cmp(a->value, b->value);
}

void ks_sign_pairs_join(ks_sign_pairs *p, ks_buf *out)
{
    entry *at = (void *)p->index.p; /* of malloc(3): aligned for any type */
    if (!ks_buf_ok(&p->text) || !ks_buf_ok(&p->index)) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < p->n; i++) {
        at[i].name = ks_str_sub(ks_buf_view(&p->text), at[i].at, at[i].name_n);
        at[i].value = ks_str_sub(ks_buf_view(&p->text), at[i].at + at[i].name_n, at[i].value_n);
    }
    if (p->n > 1)
        qsort(at, p->n, sizeof *at, by_name_then_value);
    for (size_t i = 0; i < p->n; i++) {
        if (i > 0)
            ks_buf_c(out, '&');
        ks_buf_str(out, at[i].name);
        ks_buf_c(out, '=');
        ks_buf_str(out, at[i].value);
    }
}

/* ---- lines ---- */

const char *ks_sign_line(ks_buf *lines, size_t *n, ks_str name, ks_str value)
{
    if (!ks_http_name(name) || !ks_http_value(value))
        return "a value of the credential cannot stand in a header; connect again with the right one";
    ks_buf_str(lines, name);
    ks_buf_z(lines, ": ");
    ks_buf_str(lines, value);
    ks_buf_c(lines, '\0');
    ++*n;
    return NULL;
}
