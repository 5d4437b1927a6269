/* features/dash/connections.h — how pages show connections. Threads: as the caller. */
#pragma once
#include "features/connections/connection.h"
#include "features/dash/frame.h"
#include "features/links/link.h"

/* Its state: how it is marked, and the word for it, in the arena. */
ks_dash_mark ks_dash_connection_state(ks_ctx *cx, const ks_connection *c, ks_str *word);

/* Whose account the vendor says it is; absent when nobody knows. */
ks_str ks_dash_account(ks_ctx *cx, const ks_connection *c);

/* The name of an app, its key when the catalogue has it no more. */
ks_str ks_dash_app_name(ks_ctx *cx, ks_str key);

/* Add the link of `wish` to `change`, and draw the page that shows its address, this once. As ks_link_add;
 * INVALID when the server does not know its own address. */
KS_MUST ks_status ks_dash_link_made(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_change *change,
                                    const ks_link_wish *wish);

/* A table of these connections. */
void ks_dash_connections_table(ks_dash *d, const char *caption, const ks_connection *all, size_t n);
