/* features/apps/action_schema.h — what an action takes and gives, as JSON Schema that function calling
 * understands: only types string, integer, number, boolean, array, object, and each property has one. What
 * lies inside stands as the app file has it (`schema`); there `anyOf` may take the place of a type. Pure.
 * Threads: any. */
#pragma once
#include "base/json.h"
#include "features/apps/app.h"

/* {"type":"object","title","properties","required"} of what is asked: parameters with `fixed` are left out,
 * those with `from` are optional. */
void ks_action_put_parameters(ks_jw *w, const char *name, const ks_app *app, const ks_app_action *a);

/* The same of the answer: data, successful, error. */
void ks_action_put_response(ks_jw *w, const char *name, const ks_app *app, const ks_app_action *a);

/* Has the action this tag (any case)? */
bool ks_action_tagged(const ks_app_action *a, ks_str tag);
