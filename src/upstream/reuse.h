/* upstream/reuse.h — which calls may share warm connections: those of one project (rule N6,
 * docs/decisions/0002-connection-reuse-by-project.md). Counts the calls of each project on the way. Internal
 * to upstream/. Threads: one. */
#pragma once
#include <curl/curl.h>

#include "base/ctx.h"

typedef struct ks_reuse   ks_reuse;   /* the projects a loop has called for lately */
typedef struct ks_project ks_project; /* one of them, while it is held */

/* For `max` projects at a time, no fewer than calls that may be under way: then there is always one to give
 * up. NULL when memory is short. */
KS_MUST ks_reuse *ks_reuse_new(size_t max);
void              ks_reuse_free(ks_reuse *r); /* closes all warm connections; nothing may be held any more */

/* Hold the project for one more call. NULL when memory is short or it has `max` calls already; *full tells
 * which. */
KS_MUST ks_project *ks_reuse_hold(ks_reuse *r, ks_str project_id, unsigned max, bool *full);
void                ks_reuse_release(ks_reuse *r, ks_project *p); /* NULL is fine */

/* Its connections and TLS sessions, made when first asked for. NULL when memory is short. */
CURLSH *ks_reuse_share(ks_project *p);

/* Close the connections of projects that have been quiet for idle_us. */
void ks_reuse_sweep(ks_reuse *r, int64_t now_us, int64_t idle_us);

/* Close those of the project that has been quiet for longest. False when all are in use. */
bool ks_reuse_evict(ks_reuse *r);
