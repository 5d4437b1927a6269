/* features/files/files.h — files that an SDK uploads before it runs an action with them: announced with a
 * key, sent to an address that works once and for an hour, kept sealed for a day (docs/api.md FILE-1 to
 * FILE-5). Rules C3, T7. Threads: as the caller. */
#pragma once
#include "crypto/envelope.h"
#include "features/env.h"
#include "features/tails.h"

/* The route whose passes announce() gives out. */
#define KS_FILE_PUT "/f/{pass}"
/* The route of files that are kept for somebody to fetch; the name is for those who read addresses. */
#define KS_FILE_GET "/f/{pass}/{name}"

typedef struct ks_kept_file {
    ks_str    id, project_id, name, mimetype;
    int64_t   size, expires_at;
    ks_sealed sealed;  /* ct absent: not there yet */
    ks_str    content; /* ks_file_open */
} ks_kept_file;

/* What is said of a file before it comes; all but the name may be absent. */
typedef struct ks_file_wish {
    ks_str filename, mimetype;
    ks_str md5; /* in hex; its bytes are compared with it */
} ks_file_wish;

/* Add to `change`: this file will come. *pass goes into the address for its bytes. INVALID naming "filename",
 * "mimetype" or "md5"   CONFLICT when the change is made: too many files */
KS_MUST ks_status ks_file_announce(ks_ctx *cx, ks_change *change, const ks_file_wish *wish, ks_kept_file *out,
                                   ks_str *pass);

/* Add to `change`: these are the bytes of the file that `named` (what a pass of ks_file_announce names), of
 * whichever project; the call belongs to that one then. NOT_FOUND unknown or over   TOO_LARGE   INVALID
 * naming "md5": other bytes were announced   CONFLICT when the change is made: bytes are there already, or
 * the project has no room */
KS_MUST ks_status ks_file_put_add(ks_ctx *cx, ks_change *change, ks_str named, ks_str bytes);

/* Seal `bytes`, the answer of a vendor, as a file of the caller's project. *pass goes into the address to
 * fetch it from, which works until it goes. NO_MEMORY */
KS_MUST ks_status ks_file_keep(ks_ctx *cx, ks_str name, ks_str mimetype, ks_str bytes, ks_kept_file *out,
                               ks_str *pass);
/* Add that file to `change`. CONFLICT when the change is made: too many files, or no room. */
KS_MUST ks_status ks_file_keep_add(ks_ctx *cx, ks_change *change, const ks_kept_file *f);
/* Read and open the file that a pass of ks_file_keep names, of whichever project; the call belongs to that
 * one then. As ks_file_open. */
KS_MUST ks_status ks_file_fetch(ks_ctx *cx, ks_str id, ks_kept_file *out);

/* Read and open a file of the caller's project. NOT_FOUND (code file_not_found): unknown, another project's,
 * over, or its bytes never came. INTERNAL (code sealed_mismatch) when it was tampered with. */
KS_MUST ks_status ks_file_open(ks_ctx *cx, ks_str id, ks_kept_file *out);
