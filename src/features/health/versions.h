/* features/health/versions.h — the versions of this program and of the libraries it runs with. Threads: any.
 */
#pragma once
#include "base/ctx.h"

typedef struct ks_version {
    const char *name;
    ks_str      version; /* in the arena */
} ks_version;

#define KS_VERSIONS 9

/* keysteward first, then the libraries as loaded, not as compiled against. */
void ks_versions(ks_ctx *cx, ks_version out[KS_VERSIONS]);
