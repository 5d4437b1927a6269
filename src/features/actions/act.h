/* features/actions/act.h — acting for a user: whose connection, which call, what the answer means for the
 * connection. Used by v1 execute and proxy and by the native API. Rules N1, S6, A2. Threads: as the
 * handler. */
#pragma once
#include "features/connections/connection.h"
#include "features/databases/database.h"

/* One call on somebody's behalf; lives in the arena. */
typedef struct ks_act ks_act;
/* What follows once a call is ready; a plain function again. */
typedef ks_status (*ks_act_then)(ks_ctx *cx, ks_res *rs, ks_act *act);
struct ks_act {
    const ks_app        *app;
    const ks_app_action *action; /* NULL: a proxied or raw call */
    ks_connection        connection;
    ks_integration       integration; /* of the connection */
    bool                 connected;   /* false: no credential needed, or all of them came with the call */
    bool                 canary;      /* nothing is built or sent: ks_act_tripped is the answer */
    ks_credential        credential;
    ks_subject           subject;
    const ks_own_auth   *own;
    ks_call             *call; /* NULL: it is a database */
    ks_db_call          *db;
    bool                 lines; /* of a database: its rows leave while they come */
    const ks_json *input;  /* of the action, or the request in the caller's own words: what `call` is built */
    ks_raw_request raw;    /* of, once more when derived values are there */
    bool           cached; /* a derived token in it was not asked for just now (ready.h) */
    ks_act_then    then;   /* what waits for that */
    bool           again;  /* the call is under way for the second time, with fresh tokens */
    const char    *audit_action; /* "action.execute", "proxy", "call" */
    ks_str         audit_object;
    ks_kept_file  *file; /* the answer, where it is a file that was given; else NULL */
    ks_str         file_url;
    /* Writes the answer of the vendor as the caller's API shows it. */
    ks_status (*encode)(ks_ctx *cx, ks_res *rs, const ks_act *act, const ks_answer *a);
};

/* Credentials of a call, as v1 authConfig: {"base_url"?, "parameters": [{"in","name","value"}], "body"?}.
 * `app` gives the fields that path and subdomain parameters stand for. *own NULL when `config` is absent or
 * null. */
KS_MUST ks_status ks_own_auth_parse(ks_ctx *cx, const ks_json *config, ks_own_auth **own);

/* An act in the arena: how its record of use names it, and who encodes its answer (may be set later).
 * NO_MEMORY. */
KS_MUST ks_status ks_act_new(ks_ctx *cx, const char *audit_action, ks_str audit_object,
                             ks_status (*encode)(ks_ctx *cx, ks_res *rs, const ks_act *act,
                                                 const ks_answer *a),
                             ks_act **out);

/* Choose and open the connection (or none, for apps without credentials and for `own`), and fill in the
 * subject. INVALID (code integration_disabled) when its integration is disabled; else as
 * ks_connection_choose. */
KS_MUST ks_status ks_act_prepare(ks_ctx *cx, ks_act *act, ks_str connection_id, ks_str entity);

/* Credentials that come with the call by the names of fields, of one scheme of act->app: used once, never
 * stored, and nothing stored goes along; an address among them (base_url) is used though it is no field.
 * Instead of ks_act_prepare. `path` is put before names in errors. INVALID naming the scheme or the value at
 * fault. */
KS_MUST ks_status ks_act_once(ks_ctx *cx, ks_act *act, ks_str scheme, const ks_json *values,
                              const char *path);

/* Build the call of act->action. INVALID naming the argument at fault, or code action_not_allowed when the
 * integration limits it. */
KS_MUST ks_status ks_act_build(ks_ctx *cx, ks_act *act, const ks_json *input);

/* The same for a request in the caller's own words. INVALID when the integration limits its actions. */
KS_MUST ks_status ks_act_request(ks_ctx *cx, ks_act *act, const ks_raw_request *raw);

/* Count the call that is about to be sent; RATE when a budget is used up. ks_act_send does it by itself. */
KS_MUST ks_status ks_act_charge(ks_ctx *cx, const ks_act *act);

/* Send act->call and answer by act->encode; counts 401s, checks the credential after the second in a row,
 * writes the record of use. With an Idempotency-Key it is committed as begun before anything leaves, and its
 * answer is kept (features/replay.h). Last line of a handler. */
KS_MUST ks_status ks_act_send(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_act *act);

/* The connection is a canary: raise the alarm, freeze the key, and answer as if the server were busy.
 * Handlers that do not end in ks_act_send ask act->canary and end in this. */
KS_MUST ks_status ks_act_tripped(ks_ctx *cx, ks_res *rs, const ks_act *act);

/* What the vendor answered is encoded in `rs`: write down the use, the count of 401s, and the answer for an
 * Idempotency-Key; ends in whatever must be waited for. `expired`: counts as a 401. */
KS_MUST ks_status ks_act_done(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_act *act, const ks_answer *a,
                              bool expired);

/* The change that writes down what became of the act, as `result` in the audit trail, and with its line in
 * the log of calls. Freed or submitted by the caller.  NO_MEMORY */
KS_MUST ks_status ks_act_use(ks_ctx *cx, const ks_act *act, const ks_answer *a, const char *result,
                             ks_change **out);

/* The line alone, when a streamed call is over: its use was written down before it began. A line that cannot
 * be written is left out. */
void ks_act_log(ks_ctx *cx, const ks_act *act, const ks_answer *a);

/* Go on with `then` once act->call holds what is sent: at once, or after its derived values were made and the
 * call was built again with them (docs/formats.md "Derived values"). When they cannot be made, the caller
 * gets the reason. Use as: return ks_act_ready(...); */
KS_MUST ks_status ks_act_ready(ks_ctx *cx, ks_res *rs, ks_act *act, ks_act_then then);

/* The vendor answered 401. When that was to a token out of the cache, the token is dropped and the call is
 * built again with a fresh one for `then`, once (a 401 means that nothing was done); *renewed says whether.
 */
KS_MUST ks_status ks_act_renew(ks_ctx *cx, ks_res *rs, ks_act *act, ks_act_then then, bool *renewed);

/* After a token endpoint refused what a connection holds, or its values cannot be made: answer, count,
 * record. */
KS_MUST ks_status ks_act_unready(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_act *act, ks_str why,
                                 bool refused);
/* The failure for an answer that is KS_UP_BUSY or KS_UP_HELD: 503, or 429 with the vendor's time. */
KS_MUST ks_status ks_unsent(ks_ctx *cx, const ks_app *app, const ks_answer *a);

/* Why arguments in words are refused; %s: where to put them instead. */
#define KS_NO_TEXT                                                                                           \
    "Arguments in words are not understood here, because no language model is asked: send `%s`."

/* The vendor's body as JSON that is always an object: objects as they are; lists, texts and bytes wrapped; of
 * act->file where it is. */
void ks_act_data(ks_ctx *cx, ks_jw *w, const char *name, const ks_act *act, const ks_answer *a);

/* Is this answer a file that is kept for the caller (`answer: file` of the app file)? */
bool ks_act_gives_file(const ks_act *act, const ks_answer *a);
/* Seal it into act->file, to be committed with the record of use. INVALID when no address of ours is known.
 */
KS_MUST ks_status ks_act_take_file(ks_ctx *cx, const ks_req *rq, ks_act *act, const ks_answer *a);
/* Write act->file as an object `name` for SDKs. */
void ks_act_put_file(ks_jw *w, const char *name, const ks_act *act);

/* NULL when the vendor did it; else a sentence for people and models. */
ks_str ks_act_error(ks_ctx *cx, const ks_act *act, const ks_answer *a);
