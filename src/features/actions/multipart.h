/* features/actions/multipart.h — a body of parts, multipart/form-data (RFC 7578), in pieces: secrets stay
 * references. Internal to features/actions. No I/O but for the random boundary. Threads: none shared. */
#pragma once
#include "features/actions/draft.h"
#include "features/actions/file.h"

typedef struct ks_multipart {
    ks_ctx   *cx;
    ks_pieces body;
    ks_str    boundary; /* 128 random bits: no part holds it */
} ks_multipart;

/* No parts yet. NO_MEMORY */
KS_MUST ks_status ks_multipart_new(ks_ctx *cx, ks_multipart *m);

/* Add a part. Names are escaped as browsers do (WHATWG form submission): '"' is %22. INVALID for a name with
 * line breaks or control characters: browsers escape those, but a member name that holds them is no honest
 * one. */
KS_MUST ks_status ks_multipart_text(ks_multipart *m, ks_str name, ks_str value);
/* A file with its name and type; without a type it is application/octet-stream. */
KS_MUST ks_status ks_multipart_file(ks_multipart *m, ks_str name, const ks_file *f);

/* The declared body members of the credential as parts; those without a value are left out. `c` NULL: none.
 */
KS_MUST ks_status ks_multipart_credential(ks_multipart *m, const ks_credential *c);

/* Close the body; *type is its content type. NO_MEMORY */
KS_MUST ks_status ks_multipart_end(ks_multipart *m, ks_str *type);
