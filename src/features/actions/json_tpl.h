/* features/actions/json_tpl.h — a JSON document of an app file with templates in its texts: bodies of token
 * requests, headers and claims of signed tokens. Internal to features/actions. Pure. Threads: none shared. */
#pragma once
#include "features/actions/pieces.h"

/* The members of the object `json`, without its braces, behind what is there; *any: something stands there
 * already. A member is left out when a value for it is missing. INVALID when `json` is no object. */
KS_MUST ks_status ks_json_tpl_members(ks_pieces *p, const ks_credential *c, ks_str json, bool *any);

/* The same as pairs of a form. */
KS_MUST ks_status ks_json_tpl_form(ks_pieces *p, const ks_credential *c, ks_str json);
