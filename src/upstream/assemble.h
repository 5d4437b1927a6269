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
    ks_buf             tokens; /* the base64 of Basic credentials, each terminated: not to come back either */
} ks_wire;

/* Build all of `call`. `dial`: the origin to dial, "https://host:port" without a path; `ghost`: not the
 * vendor's own, so its Host and the ghost's header are added. NULL when it is done, else what stands against
 * sending it, as a sentence; KS_WIRE_MEMORY when memory is short. Values are checked once more (rule T1):
 * nothing with a line break leaves. End with ks_wire_done in either case. */
KS_MUST const char *ks_wire_build(const ks_call *call, ks_str dial, bool ghost, ks_wire *w);
/* Wipe and free what ks_wire_build made, or began to make. The list goes with it. */
void ks_wire_done(ks_wire *w);

extern const char KS_WIRE_MEMORY[];
