/* features/actions/body.h — bodies of actions: JSON objects from dotted targets, and forms. Internal to
 * features/actions. Pure. Threads: none shared. */
#pragma once
#include "features/actions/draft.h"

/* A JSON object that grows by dotted paths; its members keep their order. */
typedef struct ks_members ks_members;

KS_MUST ks_members *ks_members_new(ks_ctx *cx); /* NULL: no memory */

/* Set the member at `path` ("message.text") to raw JSON. Later ones win. NO_MEMORY. */
KS_MUST ks_status ks_members_set(ks_ctx *cx, ks_members *b, ks_str path, ks_str json);

/* Write it as JSON into `p`; the declared body members of the credential come last. */
void ks_members_write(ks_pieces *p, const ks_members *b, const ks_credential *c, ks_str extra_members);

/* The pairs a value makes in a form: lists in that style, objects as name[member] (or name.member), at any
 * depth. Gives up with the first failure of `put`. NO_MEMORY */
typedef ks_status (*ks_form_put)(void *arg, ks_str name, ks_str value);
KS_MUST ks_status ks_form_walk(ks_ctx *cx, ks_form_style style, ks_str name, const ks_json *v,
                               ks_form_put put, void *arg);

/* The same pairs as name=value into `p`. */
KS_MUST ks_status ks_form_add(ks_ctx *cx, ks_form_style style, ks_pieces *p, ks_str name, const ks_json *v);

/* The same credential members for a form. */
void ks_form_credential(ks_pieces *p, const ks_credential *c);
