/* features/actions/allow.h — may this key, with this integration, do this? Asked for every act before
 * anything is sent or explained: what the key is limited to (features/reach.h) and what the integration
 * allows (limitedActions, allowed requests). Docs: docs/api.md KEY-3, INT-11. Threads: as the handler. */
#pragma once
#include "features/actions/act.h"

/* Before an action is built. FORBIDDEN (code key_limited)   INVALID (code action_not_allowed) */
KS_MUST ks_status ks_allow_action(ks_ctx *cx, const ks_act *act);

/* Before a request in the caller's own words is built: its method, and members that could change it on the
 * way. Codes as above, and request_not_allowed. */
KS_MUST ks_status ks_allow_words(ks_ctx *cx, const ks_act *act, const ks_raw_request *raw);

/* The same once it is built, when the whole path is known. INVALID (code request_not_allowed) */
KS_MUST ks_status ks_allow_path(ks_ctx *cx, const ks_act *act);
