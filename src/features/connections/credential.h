/* features/connections/credential.h — the values a person or a developer gave, checked against the fields of
 * the app's scheme. Rules T1, T3; names and aliases from the app file. No I/O. Threads: any. */
#pragma once
#include "base/json.h"
#include "crypto/envelope.h"
#include "features/apps/app.h"

/* Values in effect for one scheme, at most KS_MAX_FIELDS, in the order of the scheme's fields. */
typedef struct ks_credential {
    const ks_app        *app;
    const ks_app_scheme *scheme;
    ks_value            *values;
    size_t               n;
    bool own_address; /* all of it came with the call: then an address that is no field is none of a
                         credential's business (see ks_credential_address) */
    bool stands_in;   /* some derived values are stand-ins: to be shown, never sent */
} ks_credential;

/* An empty credential with room for every field of `scheme`. */
KS_MUST ks_status ks_credential_new(ks_ctx *cx, const ks_app *app, const ks_app_scheme *scheme,
                                    ks_credential *out);

/* Take the members of the JSON object `data` whose names are fields (or aliases) of the scheme; later calls
 * win. Names that are no fields are ignored, null counts as not given; but base_url, full and api_url name an
 * address: they stand for the one field of kind url, and where there is none they are INVALID, because a
 * credential goes to the app's own address alone (rule N1). `path` is put before field names in errors:
 * "data.". Pasted values are trimmed. INVALID naming every value that is no scalar, too long, holds control
 * bytes, is no host label or not among the choices. */
KS_MUST ks_status ks_credential_take(ks_ctx *cx, ks_credential *c, const ks_json *data, const char *path);

/* The address in `data` that no field of the scheme takes, or absent: for calls that bring all their
 * credentials along. */
ks_str ks_credential_address(const ks_app_scheme *scheme, const ks_json *data);

/* Add values that were sealed before, where none is set yet. */
void ks_credential_fill(ks_credential *c, const ks_value *values, size_t n);

/* The same with the values `kept` of an `old` one of the same scheme, whose texts are published; but INVALID
 * (code address_moved, `path` before the field) when a secret among them would go to another address than it
 * did (rule N1). */
KS_MUST ks_status ks_credential_keep(ks_ctx *cx, ks_credential *c, const ks_credential *kept,
                                     const ks_credential *old, const char *path);

/* Does the field alone say at which host it is, and may that be any? */
bool ks_credential_free(const ks_app_scheme *s, const ks_app_field *f);

/* Does the field say at which port of a database's host secrets are sent, or who there is believed? */
bool ks_credential_trusts(const ks_app_scheme *s, const ks_app_field *f);

/* INVALID naming each required field that has no value and no default. */
KS_MUST ks_status ks_credential_complete(ks_ctx *cx, const ks_credential *c, const char *path);

/* A client certificate and its private key, where the scheme signs with them (mtls): INVALID naming the field
 * that is no PEM, or the key when it belongs to another certificate. credential_pair.c */
KS_MUST ks_status ks_credential_pair(ks_ctx *cx, const ks_credential *c, const char *path);

/* The value of a field, or NULL. Defaults are not in it (see ks_credential_text). */
ks_secret *ks_credential_get(const ks_credential *c, ks_str field);

/* Is there a value or a default? */
bool ks_credential_has(const ks_credential *c, ks_str field);

/* A value that is no secret, or the field's default; absent for secrets and missing values. */
ks_str ks_credential_text(const ks_credential *c, ks_str field);

/* A copy of `c` with room for the derived values of its scheme; the values themselves are shared. NO_MEMORY
 */
KS_MUST ks_status ks_credential_extend(ks_ctx *cx, const ks_credential *c, ks_credential *out);

/* Add a derived value to such a copy, or another in its place. `plain`: it is no secret (an address out of a
 * vendor's answer, what was made of values that are none). */
void ks_credential_derive(ks_credential *c, ks_str name, ks_secret *value, bool plain);

/* The first field that is needed to act but has no value; NULL when the credential is ready. */
const ks_app_field *ks_credential_lacks(const ks_credential *c);

/* Mark values of fields that are no secret as readable; after ks_envelope_open. */
void ks_credential_publish(ks_credential *c);

/* {"name": shown, ...}: plain for what is no secret, masked for what is. */
void ks_credential_display(ks_ctx *cx, const ks_credential *c, ks_jw *w, const char *name);
