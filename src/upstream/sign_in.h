/* upstream/sign_in.h — what the ways of signing share: hashes (OpenSSL's), times as vendors write them,
 * sorted pairs of a query. Internal to upstream/sign*.c. Threads: any. */
#pragma once
#include "upstream/sign.h"

#define KS_HASH_MAX 64 /* bytes of the longest hash */

/* What a hash function gave. */
typedef struct ks_hash {
    unsigned char bytes[KS_HASH_MAX];
    size_t        n; /* 0: it could not be made */
} ks_hash;

typedef enum ks_hash_kind {
    KS_HASH_MD5,
    KS_HASH_SHA1,
    KS_HASH_SHA256,
    KS_HASH_SHA384,
    KS_HASH_SHA512
} ks_hash_kind;

/* Which hash does the name of an algorithm end in? False: none that is known. */
bool ks_hash_find(ks_str algorithm, ks_hash_kind *kind);

/* Hash of the text. n is 0 when OpenSSL cannot. */
ks_hash ks_hash_of(ks_hash_kind kind, ks_str text);
/* RFC 2104 over the text. Wipe what is secret of it with ks_hash_wipe. */
ks_hash ks_hash_keyed(ks_hash_kind kind, ks_str key, ks_str text);
/* Forget it. */
void ks_hash_wipe(ks_hash *h);

/* In hex behind what is there. A hash that could not be made fails the buffer. */
void ks_hash_hex(ks_buf *b, const ks_hash *h);
/* The same in base64. */
void ks_hash_base64(ks_buf *b, const ks_hash *h);

/* "20260131T235959Z" behind what is there. */
void ks_sign_time_basic(ks_buf *b, int64_t us);
/* "2026-01-31T23:59:59Z". */
void ks_sign_time_iso(ks_buf *b, int64_t us);
/* "Sat, 31 Jan 2026 23:59:59 GMT" (RFC 9110). */
void ks_sign_time_http(ks_buf *b, int64_t us);

/* Percent-decoded bytes; what is no escape stays as it is. `plus`: '+' is a blank. */
void ks_sign_decode(ks_buf *b, ks_str s, bool plus);
/* All but unreserved characters as %XX, and '/' too unless `slash`. */
void ks_sign_encode(ks_buf *b, ks_str s, bool slash);

/* Pairs in the order of their encoded names and values (RFC 5849 3.4.1.3.2; AWS asks for the same). */
typedef struct ks_sign_pairs {
    ks_buf text;  /* encoded names and values */
    ks_buf index; /* of internal entries */
    size_t n;
} ks_sign_pairs;

/* None yet. */
ks_sign_pairs ks_sign_pairs_new(void);
/* Wipe and free. */
void ks_sign_pairs_done(ks_sign_pairs *p);
/* One pair, as it is; it is encoded here. */
void ks_sign_pairs_add(ks_sign_pairs *p, ks_str name, ks_str value);
/* All pairs of a query or form. */
void ks_sign_pairs_query(ks_sign_pairs *p, ks_str query);
/* Sorted, as "name=value&name=value". Fails `out` when memory was short. */
void ks_sign_pairs_join(ks_sign_pairs *p, ks_buf *out);

/* One header line: "name: value" and a NUL. NULL, or what stands against the value. */
KS_MUST const char *ks_sign_line(ks_buf *lines, size_t *n, ks_str name, ks_str value);

/* Said when memory is short; the same address as KS_WIRE_MEMORY. */
extern const char KS_WIRE_MEMORY[];

/* A part that a way cannot do without. NULL, or what stands against it. */
KS_MUST const char *ks_sign_need(const ks_sign *s, const char *part, ks_buf *out);

/* aws-sigv4; as ks_sign_make, as are the next three. */
KS_MUST const char *ks_sign_aws4(const ks_sign_ask *ask, ks_buf *lines, size_t *n);
/* hmac */
KS_MUST const char *ks_sign_hmac(const ks_sign_ask *ask, ks_buf *lines, size_t *n);
/* wsse */
KS_MUST const char *ks_sign_wsse(const ks_sign_ask *ask, ks_buf *lines, size_t *n);
/* oauth1 */
KS_MUST const char *ks_sign_oauth1(const ks_sign_ask *ask, ks_buf *lines, size_t *n);

/* AWS: is this host one of S3's kind, where names keep their slashes and bodies may go unsigned? */
bool ks_sign_is_s3(const ks_sign *s, ks_str host);
