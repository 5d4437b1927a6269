/* base/json_build.h — the tree of a text the scanner has accepted. Internal to base/json_read.c. */
#pragma once
#include <jansson.h>

#include "base/str.h"

typedef enum ks_build {
    KS_BUILD_DONE,
    KS_BUILD_TWICE, /* an object names a member twice */
    KS_BUILD_RANGE, /* an integer over 64 bits, a real over the largest double */
    KS_BUILD_NO_MEMORY
} ks_build;

/* The tree of `text`, for which ks_json_fault gives NULL: nothing of its syntax is checked again. *out is the
 * caller's (json_decref), set only with DONE. */
KS_MUST ks_build ks_json_build(ks_str text, json_t **out);
