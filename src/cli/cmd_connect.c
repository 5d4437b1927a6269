/* cli/cmd_connect.c — connect an end user, and replace a credential: the fields an app asks for, from files,
 * standard input or hidden prompts, checked by the server before anything is kept. */
#include "cli/fields.h"
#include "cli/output.h"

/* What the words are for. */
typedef struct target {
    const ks_json *fields;
    ks_str         app; /* its key */
} target;

static const ks_json *scheme_of(ks_cli *c, const ks_json *app, ks_str scheme)
{
    const ks_json *schemes = ks_json_get(app, "auth_schemes");
    if (scheme.p == NULL)
        return ks_json_at(schemes, 0);
    for (size_t i = 0; i < ks_json_count(schemes); i++)
        if (ks_str_ieq(ks_member(c, ks_json_at(schemes, i), "auth_mode"), scheme))
            return ks_json_at(schemes, i);
    return NULL;
}

static int find_target(ks_cli *c, ks_str app, ks_str scheme, ks_str integration, target *out)
{
    ks_reply r;
    bool     set_up = integration.p != NULL;
    ks_str   path = set_up ? KS_PATH(&c->cx, "/v1/integrations/%s", integration)
                           : KS_PATH(&c->cx, "/v1/apps/%s", app);
    int      code = ks_client_ask(c, "GET", path, NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    out->app = ks_member(c, r.json, set_up ? "appName" : "key");
    out->fields = set_up ? ks_json_get(r.json, "expectedInputFields")
                         : ks_json_get(scheme_of(c, r.json, scheme), "fields");
    if (!set_up && scheme.p != NULL && out->fields == NULL)
        return ks_cli_fail(c, KS_EXIT_NOT_FOUND,
                           "The app has no such scheme; keysteward app show tells those it has.");
    return KS_EXIT_OK;
}

static void write_labels(ks_cli *c, ks_payload *b)
{
    ks_buf *list = ks_ctx_buf(&c->cx, 16384);
    if (list == NULL) {
        b->failed = true;
        return;
    }
    ks_jw w = ks_jw_new(list);
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; i < c->values_n; i++)
        if (ks_str_eq(c->values[i].name, KS_S("label")))
            ks_jw_str(&w, NULL, c->values[i].value);
    ks_jw_end(&w, ']');
    ks_payload_name(b, KS_S("labels"));
    ks_payload_raw(b, ks_buf_view(list));
}

/* POST /v1/connectedAccounts: the integration is known. */
static int by_integration(ks_cli *c, ks_str integration, ks_str entity, const ks_words *w, ks_reply *r)
{
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    ks_payload_str(&b, "integrationId", integration);
    ks_payload_str(&b, "entityId", entity);
    write_labels(c, &b);
    ks_payload_open(&b, "data");
    ks_words_write(w, &b);
    ks_payload_raw(&b, KS_S("}}"));
    return ks_client_ask(c, "POST", KS_S("/v1/connectedAccounts"), &b, r);
}

/* POST /v2/connectedAccounts/initiateConnection: the server reuses or makes one. */
static int by_app(ks_cli *c, ks_str app, ks_str scheme, ks_str entity, const ks_words *w, ks_reply *r)
{
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    ks_payload_open(&b, "app");
    ks_payload_str(&b, "uniqueKey", app);
    ks_payload_close(&b);
    ks_payload_open(&b, "config");
    ks_payload_str(&b, "name", app);
    ks_payload_str(&b, "authScheme", scheme);
    ks_payload_close(&b);
    ks_payload_open(&b, "connection");
    ks_payload_str(&b, "entityId", entity);
    ks_payload_open(&b, "initiateData");
    ks_words_write(w, &b);
    ks_payload_close(&b);
    ks_payload_open(&b, "extra");
    write_labels(c, &b);
    ks_payload_raw(&b, KS_S("}}}"));
    return ks_client_ask(c, "POST", KS_S("/v2/connectedAccounts/initiateConnection"), &b, r);
}

static void say_asking(ks_cli *c, ks_str app)
{
    if (!c->tty_err)
        return;
    fputs("Asking ", c->err);
    ks_put(c->err, app);
    fputs(" whether it takes this credential ...\n", c->err);
}

/* "ca_...  ACTIVE" and, in words, why it is not plainly so. */
static int show_connection(ks_cli *c, ks_str id)
{
    ks_reply r;
    int      code = ks_client_ask(c, "GET", KS_PATH(&c->cx, "/ks/connections/%s", id), NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    ks_str reason = ks_member(c, r.json, "status_reason");
    fprintf(c->out, KS_FMT "  " KS_FMT "  " KS_FMT "\n", KS_ARG(id), KS_ARG(ks_member(c, r.json, "status")),
            KS_ARG(ks_member(c, r.json, "verdict")));
    if (reason.n > 0) {
        fputs("  ", c->err);
        ks_put(c->err, reason);
        putc('\n', c->err);
    } else if (ks_str_eq(ks_member(c, r.json, "verdict"), KS_S("unreachable")))
        fputs("  The app did not answer; the credential is kept and will be checked again.\n", c->err);
    return KS_EXIT_OK;
}

static int say_nothing_stored(ks_cli *c, int code)
{
    if (code == KS_EXIT_REJECTED)
        fputs("  keysteward app fields tells where a key is found.\n", c->err);
    return code;
}

int ks_cmd_connect(ks_cli *c)
{
    ks_words w;
    target   t;
    ks_reply r;
    ks_str   app = ks_cli_arg(c, 0), scheme = ks_cli_option(c, "scheme");
    ks_str   integration = ks_cli_option(c, "integration"), entity = ks_cli_option(c, "entity");
    int      code = ks_words_take(c, 1, &w);
    if (code == KS_EXIT_OK)
        code = find_target(c, app, scheme, integration, &t);
    if (code == KS_EXIT_OK)
        code = ks_words_complete(c, t.fields, ks_str_eq(t.app, KS_S("demo")), &w);
    if (code != KS_EXIT_OK)
        return code;
    say_asking(c, t.app);
    entity = entity.n ? entity : KS_S("default");
    if (integration.p != NULL)
        code = by_integration(c, integration, entity, &w, &r);
    else
        code = by_app(c, t.app, scheme, entity, &w, &r);
    if (code != KS_EXIT_OK)
        return say_nothing_stored(c, code);
    const ks_json *made = integration.p ? r.json : ks_json_get(r.json, "connectionResponse");
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    return show_connection(c, ks_member(c, made, "connectedAccountId"));
}

int ks_cmd_connection_replace(ks_cli *c)
{
    ks_words w;
    ks_reply old, r;
    target   t = {0};
    ks_str   id = ks_cli_arg(c, 0);
    int      code = ks_words_take(c, 1, &w);
    if (code == KS_EXIT_OK)
        code = ks_client_ask(c, "GET", KS_PATH(&c->cx, "/ks/connections/%s", id), NULL, &old);
    if (code == KS_EXIT_OK)
        code = find_target(c, KS_NO_STR, KS_NO_STR, ks_member(c, old.json, "integration_id"), &t);
    if (code == KS_EXIT_OK)
        code = ks_words_complete(c, t.fields, ks_str_eq(t.app, KS_S("demo")), &w);
    if (code != KS_EXIT_OK)
        return code;
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    ks_payload_open(&b, "data");
    ks_words_write(&w, &b);
    ks_payload_raw(&b, KS_S("}}"));
    say_asking(c, t.app);
    code = ks_client_ask(c, "PUT", KS_PATH(&c->cx, "/ks/connections/%s/credential", id), &b, &r);
    if (code != KS_EXIT_OK)
        return say_nothing_stored(c, code);
    return show_connection(c, id);
}
