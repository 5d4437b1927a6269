/* features/databases/database.h — actions and checks of apps that are databases: fields to a target,
 * arguments to one statement. What runs it is upstream/database.h; whose act it is, features/actions/act.c.
 * Rule N1: where it goes and whether it may write is settled by connection and integration, never by a
 * caller. Pure but for opening the integration's own values. Threads: as the caller. */
#pragma once
#include "features/actions/build.h"
#include "features/integrations/integration.h"
#include "upstream/database.h"

/* Is this scheme a database? (Whether there is a driver for it says ks_scheme_lacks.) */
bool ks_scheme_is_database(const ks_app_scheme *s);

/* The statement of an action with its arguments. `in`: the integration of the connection, which says whether
 * it may write; NULL: all credentials came with the call, and say it themselves. INVALID as ks_build_action;
 * codes scheme_unavailable, read_only. */
KS_MUST ks_status ks_database_action(ks_ctx *cx, const ks_subject *s, const ks_integration *in,
                                     const ks_app_action *action, const ks_json *input, ks_db_call **out);

/* The check of the scheme. *out NULL: there is none, or a field it needs has no value. */
KS_MUST ks_status ks_database_check(ks_ctx *cx, const ks_subject *s, const ks_integration *in,
                                    ks_db_call **out);

/* What an answer says that is no result, as a sentence; absent when it is one. */
ks_str ks_database_error(ks_ctx *cx, const ks_app *app, const ks_answer *a);
