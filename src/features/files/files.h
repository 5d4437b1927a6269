/* features/files/files.h — files that an SDK uploads before it runs an action with them: announced with a
 * key, sent to an address that works once and for an hour, kept sealed for a day (docs/api.md FILE-1 to
 * FILE-4). Rules C3, T7. Threads: as the caller. */
#pragma once
#include "crypto/envelope.h"
#include "features/env.h"
#include "features/tails.h"

/* The route whose passes announce() gives out. */
#define KS_FILE_PUT "/f/{pass}"

typedef struct ks_kept_file {
    ks_str    id, project_id, name, mimetype;
    int64_t   size, expires_at;
    ks_sealed sealed;  /* ct absent: not there yet */
    ks_str    content; /* ks_file_open */
} ks_kept_file;

/* Add to `change`: a file of this name and type will come. *pass goes into the address for its bytes. INVALID
 * naming name_field or "mimetype"   CONFLICT when the change is made: too many files */
KS_MUST ks_status ks_file_announce(ks_ctx *cx, ks_change *change, ks_str name, const char *name_field,
                                   ks_str mimetype, ks_kept_file *out, ks_str *pass);

/* Add to `change`: these are the bytes of file `id`, of whichever project; the call belongs to that one then.
 * NOT_FOUND unknown or over   TOO_LARGE   CONFLICT when the change is made: bytes are there already, or the
 * project has no room */
KS_MUST ks_status ks_file_put_add(ks_ctx *cx, ks_change *change, ks_str id, ks_str bytes);

/* Read and open a file of the caller's project. NOT_FOUND (code file_not_found): unknown, another project's,
 * over, or its bytes never came. INTERNAL (code sealed_mismatch) when it was tampered with. */
KS_MUST ks_status ks_file_open(ks_ctx *cx, ks_str id, ks_kept_file *out);
