/* base/secret.h — a credential value: locked memory, wiped when its call ends, and no way to print it (rule
 * S1). Only crypto/ and upstream/ may call ks_secret_reveal (tools/lint.py checks the places). Threads: any.
 */
#pragma once
#include "base/ctx.h"

typedef struct ks_secret ks_secret; /* complete in base/secret.c only */

/* How the pages of secrets are held; asked once at start for the log. */
typedef struct ks_secret_state {
    bool locked; /* mlock(2) worked on every block so far */
} ks_secret_state;

/* How it stands now. */
ks_secret_state ks_secret_pool_state(void);

/* Copy n bytes into locked memory that is wiped when the arena of `cx` is reset.
 * TOO_LARGE over KS_MAX_SECRET_TEXT   NO_MEMORY */
KS_MUST ks_status ks_secret_new(ks_ctx *cx, const void *p, size_t n, ks_secret **out);

/* The same on nobody's arena; the caller ends it with ks_secret_free. NULL when memory is short or n too
 * large. */
KS_MUST ks_secret *ks_secret_heap(const void *p, size_t n);
void               ks_secret_free(ks_secret *s); /* wipes; NULL is fine */

/* The same, of n bytes that the caller writes through *room before anybody reads them. crypto/ only: there
 * plaintext comes into being. */
KS_MUST ks_secret *ks_secret_blank(size_t n, char **room);

/* Its length in bytes; no secret in itself. */
size_t ks_secret_len(const ks_secret *s);

/* Same bytes; the time taken depends on the lengths only. */
bool ks_secret_equal(const ks_secret *a, const ks_secret *b);

/* The bytes themselves, valid as long as the secret. crypto/ and upstream/ only. */
ks_str ks_secret_reveal(const ks_secret *s);

/* Declare that this value is no secret (the app file says so of its field: a shop's name, an account's id).
 * From then on ks_secret_text gives its bytes. */
void ks_secret_publish(ks_secret *s);
/* The bytes of a value that was published, as long as the secret; absent text for any other. */
ks_str ks_secret_text(const ks_secret *s);

/* What may be shown of it: at most KS_MASK_SHOWN leading characters and "********"; nothing of a secret
 * shorter than KS_MASK_MIN (rule S4). In the arena of `cx`; absent when memory is short. */
ks_str ks_secret_mask(ks_ctx *cx, const ks_secret *s);

/* What a value may hold, by where it will travel (rule T1). */
typedef enum ks_secret_kind {
    KS_SECRET_HEADER, /* printable ASCII, up to KS_MAX_SECRET */
    KS_SECRET_UTF8,   /* the same, and bytes >= 0x80 in well-formed UTF-8 */
    KS_SECRET_TEXT    /* PEM, JSON: LF, CR, TAB too, up to KS_MAX_SECRET_TEXT */
} ks_secret_kind;

/* Why a value is no good, as an unfinished sentence for an error ("contains a line break ..."), or NULL when
 * it is fine. */
const char *ks_secret_fault(const ks_secret *s, ks_secret_kind kind);

/* Does the byte c stand in it? (A Basic user name must not hold a colon, RFC 7617.) */
bool ks_secret_holds(const ks_secret *s, char c);

/* The value without outer blanks and tabs and one final line break: keys are pasted (rule T1). */
ks_str ks_secret_trim(ks_str pasted);

/* Does the value match this POSIX extended expression as a whole or in part? For warnings only. False on a
 * bad expression. */
bool ks_secret_matches(const ks_secret *s, const char *ere);

/* ---- looking at the shape of a value without seeing it ---- */

/* How many bytes of `set` stand at its front and its back; together never more than there are. */
void ks_secret_edges(const ks_secret *s, const char *set, size_t *front, size_t *back);

/* Does it begin or end so? `any_case`: ASCII letters in either case. */
bool ks_secret_begins(const ks_secret *s, ks_str with, bool any_case);
bool ks_secret_ends(const ks_secret *s, ks_str with);

/* Place of the first byte `c`; SIZE_MAX when there is none. */
size_t ks_secret_find(const ks_secret *s, char c);

/* A new secret of its n bytes from `from` on, which must be there. */
KS_MUST ks_status ks_secret_slice(ks_ctx *cx, const ks_secret *s, size_t from, size_t n, ks_secret **out);

/* A new secret without any byte of `set`. */
KS_MUST ks_status ks_secret_without(ks_ctx *cx, const ks_secret *s, const char *set, ks_secret **out);
