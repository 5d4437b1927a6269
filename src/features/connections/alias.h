/* features/connections/alias.h — the alias of a connection, kept as its label "alias:NAME". Pure; that an
 * alias is free is for ks_connection_label_free_add. Threads: any. */
#pragma once
#include "features/connections/connection.h"

/* The alias a label stands for; absent for any other label. */
ks_str ks_alias_of(ks_str label);

/* The label of an alias. INVALID naming `field` when it is too long. */
KS_MUST ks_status ks_alias_label(ks_ctx *cx, ks_str alias, const char *field, ks_str *out);

/* The labels in `old` (JSON) without an alias, and `label` behind them unless it is absent. */
KS_MUST ks_status ks_alias_labels(ks_ctx *cx, ks_str old, ks_str label, ks_json **out);
