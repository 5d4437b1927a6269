/* upstream/db_explain.c — a database call for people: where it goes and what would be run, secrets as names.
 * No I/O. Threads: any. */
#include "upstream/db_driver.h"

static void put_param(ks_jw *w, const ks_db_value *v)
{
    if (v->kind == KS_DB_NULL)
        ks_jw_null(w, NULL);
    else if (v->kind == KS_DB_BOOL)
        ks_jw_bool(w, NULL, v->i != 0);
    else if (v->kind == KS_DB_INT)
        ks_jw_int(w, NULL, v->i);
    else if (v->json != NULL)
        ks_jw_value(w, NULL, v->json);
    else
        ks_jw_str(w, NULL, v->s);
}

void ks_db_call_explain(ks_ctx *cx, const ks_db_call *call, ks_jw *w, const char *name)
{
    static const char *const modes[] = {"disable", "require", "verify-ca", "verify-full"};
    const ks_db_target      *t = &call->target;
    (void)cx;
    ks_jw_obj(w, name);
    ks_jw_z(w, "driver", t->driver->name);
    ks_jw_str(w, "host", t->host);
    ks_jw_int(w, "port", t->port);
    ks_jw_str(w, "database", t->database);
    ks_jw_str(w, "user", t->user);
    ks_jw_z(w, "password", t->password != NULL ? "\u2039password\u203a" : NULL);
    ks_jw_z(w, "tls", modes[t->tls]);
    ks_jw_bool(w, "read_only", !t->write);
    ks_jw_str(w, "statement", call->statement);
    ks_jw_arr(w, "parameters");
    for (size_t i = 0; i < call->params_n; i++)
        put_param(w, &call->params[i]);
    ks_jw_end(w, ']');
    ks_jw_end(w, '}');
}
