/* upstream/scrub.h — searches answers for the secrets that were sent and replaces them (rule S6), in a
 * stream, across the borders of its chunks. Finds each secret in the spellings of
 * upstream/forms.h; does not look into compressed bytes and finds no other transformation. Internal
 * to upstream/. Threads: one at a time. */
#pragma once
#include "base/secret.h"

#define KS_SCRUB_MIN  8 /* shorter secrets are not searched: they would be found everywhere */
#define KS_SCRUB_MARK "[redacted]"

typedef struct ks_scrub ks_scrub;

/* Patterns of these secrets, and of `tokens`: NUL-terminated texts one behind the other that were sent as a
 * whole (the encoded part of Basic). Copies what it needs into memory that is wiped. NULL when memory is
 * short. */
KS_MUST ks_scrub *ks_scrub_new(const ks_secret *const *secrets, size_t n, ks_str tokens);
void              ks_scrub_free(ks_scrub *s); /* NULL is fine */

/* Is there nothing to search for? Then ks_scrub_feed hands its input on untouched. */
bool ks_scrub_idle(const ks_scrub *s);

/* The next chunk of a stream in, what may be passed on out; `last` ends the stream and begins another. Bytes
 * that may be the beginning of a secret are kept for the next call. The result is `in` itself, a part of it,
 * or memory of `s`: valid until the next call. Absent text when memory is short: pass nothing on then. */
ks_str ks_scrub_feed(ks_scrub *s, ks_str in, bool last);

/* Was anything replaced so far, in any stream? */
bool ks_scrub_found(const ks_scrub *s);
