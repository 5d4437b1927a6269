/* features/openapi/openapi.h — the description of everything served, as prepared bytes. Written in
 * docs/openapi, joined by tools/openapi.py at build time. Constant. Threads: any. */
#pragma once
#include "base/str.h"

typedef struct ks_openapi {
    ks_str plain, zipped; /* JSON; the same in gzip (RFC 1952) */
    ks_str tag;           /* entity tag of either, with its quotes; new when the text is */
} ks_openapi;

extern const ks_openapi ks_openapi_document;
