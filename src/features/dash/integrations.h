/* features/dash/integrations.h — how pages show integrations. Threads: as the caller. */
#pragma once
#include "features/dash/frame.h"
#include "features/integrations/integration.h"

/* How many connections each of them has, in the arena.  STORE  NO_MEMORY */
KS_MUST ks_status ks_dash_integration_uses(ks_ctx *cx, const ks_integration *all, size_t n, int64_t **out);

/* A table of these integrations and the numbers of their connections. */
void ks_dash_integrations_table(ks_dash *d, const char *caption, const ks_integration *all,
                                const int64_t *uses, size_t n);

/* Is it used? As a mark. */
void ks_dash_integration_mark(ks_dash *d, const ks_integration *in);
