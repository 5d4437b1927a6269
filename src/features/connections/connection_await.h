/* features/connections/connection_await.h — connections that have an id before they have a credential:
 * INITIATED until a link is used (features/links/), EXPIRED when it was not. Nothing acts with them. Threads:
 * as the caller. */
#pragma once
#include "features/connections/connection.h"

/* Add to `change` a connection that waits for its credential until `until_us` (wall clock). in->values: what
 * is known already, no secrets; in->change is not used. INVALID naming the entity or a value. */
KS_MUST ks_status ks_connection_await_add(ks_ctx *cx, ks_change *change, const ks_connect *in,
                                          int64_t until_us, ks_connection *out);

/* Add to `change`: when it still waits, it is EXPIRED. Does nothing to any other. */
KS_MUST ks_status ks_connection_lapse_add(ks_ctx *cx, ks_change *change, ks_str id);
