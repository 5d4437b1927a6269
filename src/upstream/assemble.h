/* upstream/assemble.h — a call turned into the bytes that travel: the one place besides the search for
 * secrets where they are revealed. Internal to upstream/. Threads: any. */
#pragma once
#include <curl/curl.h>

#include "upstream/call.h"

/* What is sent. All of it lives in memory that is wiped when freed; libcurl borrows it (and copies the URL).
 */
typedef struct ks_wire {
    ks_buf             url;   /* terminated */
    ks_buf             lines; /* header lines, each terminated */
    struct curl_slist *list;  /* over `lines`; one allocation, never given to curl_slist_free_all */
    ks_str             body;  /* unless it streams: the bytes, in `made` or borrowed from the call */
    ks_buf             made;
    ks_buf tokens; /* the base64 of Basic credentials, signatures, each terminated: not to come back either */
    size_t dial_n; /* bytes of `url` before the path */
    size_t plain_n, plain_lines, plain_tokens_n; /* of `lines` and `tokens`: what stands there unsigned */
    ks_buf first, second; /* what libcurl signs with: user and password, or certificate and key */
} ks_wire;

/* Build all of `call`. `dial`: the origin to dial, "https://host:port" without a path; `ghost`: not the
 * vendor's own, so its Host and the ghost's header are added. NULL when it is done, else what stands against
 * sending it, as a sentence; KS_WIRE_MEMORY when memory is short. Values are checked once more (rule T1):
 * nothing with a line break leaves. End with ks_wire_done in either case. */
KS_MUST const char *ks_wire_build(const ks_call *call, ks_str dial, bool ghost, ks_wire *w);
/* Sign what ks_wire_build made, with the time of now and a nonce; again for every attempt. Nothing to do for
 * calls without `sign`. As ks_wire_build. */
KS_MUST const char *ks_wire_sign(const ks_call *call, ks_wire *w);
/* The list libcurl wants, over `lines` finished lines; takes the place of an earlier one. False: no memory.
 */
KS_MUST bool ks_wire_link(ks_wire *w, size_t lines);
/* Wipe and free what ks_wire_build made, or began to make. The list goes with it. */
void ks_wire_done(ks_wire *w);

extern const char KS_WIRE_MEMORY[];
