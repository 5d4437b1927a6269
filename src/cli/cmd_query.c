/* cli/cmd_query.c — `keysteward query`: one SQL statement with a connection to a database; what it gives is
 * written while it comes. Threads: one. */
#include "cli/call.h"
#include "cli/input.h"
#include "cli/lines.h"

#define REFUSAL_MAX ((size_t)64 * 1024) /* bytes of an answer that is no result */

typedef struct asked {
    ks_cli   *c;
    ks_lines *lines;
    ks_buf   *refusal;
    int       status;
} asked;

static FILE *on_head(void *arg, const ks_answer *a)
{
    asked *q = arg;
    q->status = a->status;
    return q->c->out;
}

static bool on_bytes(void *arg, ks_str bytes)
{
    asked *q = arg;
    if (q->status == 200)
        return ks_lines_take(q->lines, bytes);
    ks_buf_str(q->refusal, bytes);
    return true;
}

/* ---- the request ---- */

static int put_params(ks_cli *c, ks_payload *b)
{
    ks_str      json = ks_cli_option(c, "params"), value;
    const char *fault = json.p != NULL ? ks_json_fault(json) : NULL;
    if (fault == NULL && json.p != NULL && !ks_str_starts(ks_str_trim(json, " \t\r\n"), KS_S("[")))
        fault = "is no JSON list";
    if (fault != NULL)
        return ks_cli_usage(c, "--params %s.", fault);
    if (json.p != NULL && ks_cli_has(c, "param"))
        return ks_cli_usage(c, "Give values with -p or with --params, not with both.");
    ks_payload_name(b, KS_S("params"));
    ks_buf *list = ks_ctx_buf(&c->cx, KS_INPUT_MAX);
    if (list == NULL)
        return ks_cli_fail_err(c);
    ks_jw w = ks_jw_new(list);
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; (value = ks_cli_option_at(c, "param", i)).p != NULL; i++)
        ks_jw_str(&w, NULL, value);
    ks_jw_end(&w, ']');
    ks_payload_raw(b, json.p != NULL ? json : ks_buf_view(list));
    return KS_EXIT_OK;
}

static int put_number(ks_cli *c, ks_payload *b, const char *option, const char *member)
{
    uint64_t n;
    ks_str   given = ks_cli_option(c, option);
    if (given.p == NULL)
        return KS_EXIT_OK;
    if (!ks_str_u64(given, &n) || n == 0)
        return ks_cli_usage(c, "--%s is a whole number of at least 1.", option);
    ks_payload_name(b, ks_str_of(member));
    ks_payload_raw(b, given);
    return KS_EXIT_OK;
}

static int put_request(ks_cli *c, ks_payload *b)
{
    ks_str sql = ks_input_text(c, ks_cli_arg(c, 1));
    if (sql.p == NULL)
        return KS_EXIT_USAGE;
    *b = ks_payload_new(&c->cx);
    ks_payload_open(b, NULL);
    ks_payload_str(b, "sql", sql);
    int code = put_params(c, b);
    if (code == KS_EXIT_OK)
        code = put_number(c, b, "max-rows", "max_rows");
    if (code == KS_EXIT_OK)
        code = put_number(c, b, "seconds", "seconds");
    ks_payload_close(b);
    return code;
}

static int say_refusal(const asked *q)
{
    ks_reply r = {.status = q->status, .body = ks_buf_view(q->refusal)};
    if (ks_json_parse(&q->c->cx, r.body, &r.json) != KS_OK)
        r.json = NULL;
    return ks_client_say(q->c, &r);
}

static int ask(asked *q, const ks_payload *body)
{
    ks_cli   *c = q->c;
    ks_stream s = {.method = KS_S("POST"),
                   .target = KS_PATH(&c->cx, "/ks/query/%s", ks_cli_arg(c, 0)),
                   .text = body,
                   .on_head = on_head,
                   .on_bytes = on_bytes,
                   .arg = q};
    int       status, code = ks_client_stream(c, &s, &status);
    if (code == KS_EXIT_OK && q->status != 200)
        return say_refusal(q);
    if (code == KS_EXIT_OK)
        return ks_lines_end(q->lines);
    return code;
}

int ks_cmd_query(ks_cli *c)
{
    ks_payload body;
    asked      q = {.c = c, .refusal = ks_ctx_buf(&c->cx, REFUSAL_MAX)};
    if (ks_cli_has(c, "csv") && ks_cli_has(c, "json"))
        return ks_cli_usage(c, "Choose --csv or --json.");
    int code = put_request(c, &body);
    if (code != KS_EXIT_OK)
        return code;
    q.lines = ks_lines_new(c, ks_cli_has(c, "json")  ? KS_LINES_JSON
                              : ks_cli_has(c, "csv") ? KS_LINES_CSV
                                                     : KS_LINES_TABLE);
    if (q.lines == NULL || q.refusal == NULL)
        code = ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
    else
        code = ask(&q, &body);
    ks_lines_free(q.lines);
    return code;
}
