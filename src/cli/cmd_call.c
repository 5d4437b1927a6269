/* cli/cmd_call.c — `keysteward call`: whose connection, what is sent, where the answer goes. Used like curl;
 * the credential is the connection's. Threads: one. */
#include <errno.h>
#include <unistd.h>

#include "cli/call.h"
#include "cli/output.h"

/* Where the answer goes. */
typedef struct sink {
    ks_cli *c;
    FILE   *file;        /* of -o, or standard output */
    bool    wrong_place; /* -C, and the vendor begins at the beginning */
    int     status;
} sink;

/* The id of the connection: the word itself, or the one the server chooses for app and user. Absent: *code.
 */
static ks_str connection_of(ks_cli *c, const ks_words_call *w, int *code)
{
    ks_reply r;
    ks_str   word = ks_cli_arg(c, 0);
    *code = KS_EXIT_OK;
    if (ks_str_starts(word, KS_S("ca_")) && !ks_cli_has(c, "entity") && !ks_cli_has(c, "connection"))
        return word;
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    ks_payload_str(&b, "app", word);
    ks_payload_str(&b, "entityId", ks_cli_option(c, "entity"));
    ks_payload_str(&b, "connectedAccountId", ks_cli_option(c, "connection"));
    ks_payload_str(&b, "method", w->method);
    ks_payload_str(&b, "endpoint", w->path);
    ks_payload_close(&b);
    *code = ks_client_ask(c, "POST", KS_S("/ks/explain"), &b, &r);
    if (*code != KS_EXIT_OK)
        return KS_NO_STR;
    ks_str id = ks_copy(&c->cx, ks_member(c, r.json, "connectedAccountId"));
    if (id.n == 0)
        *code = ks_cli_fail(c, KS_EXIT_NOT_FOUND,
                            "This app needs no connection, so there is none to call with.");
    return id.n ? id : KS_NO_STR;
}

static void put_head(FILE *to, const char *mark, const ks_answer *a)
{
    fprintf(to, "%sHTTP/1.1 %d\n", mark, a->status);
    for (size_t i = 0; i < a->headers_n; i++) {
        fputs(mark, to);
        ks_put(to, a->headers[i].name);
        fputs(": ", to);
        ks_put(to, a->headers[i].value);
        putc('\n', to);
    }
    fprintf(to, "%s\n", mark);
}

static FILE *on_head(void *arg, const ks_answer *a)
{
    sink *s = arg;
    s->status = a->status;
    if (ks_cli_has(s->c, "verbose"))
        put_head(s->c->err, "< ", a);
    if (ks_cli_has(s->c, "include") || ks_cli_has(s->c, "head"))
        put_head(s->file, "", a);
    s->wrong_place = ks_cli_has(s->c, "continue-at") && a->status == 200;
    return s->wrong_place || (a->status >= 400 && ks_cli_has(s->c, "fail")) ? NULL : s->file;
}

/* No secret is in what is shown: the key is the connection's, and unknown here. */
static void put_request(ks_cli *c, const ks_words_call *w)
{
    fputs("> ", c->err);
    ks_put(c->err, w->method);
    fputs(" ", c->err);
    ks_put(c->err, w->path);
    putc('\n', c->err);
    for (size_t i = 0; i < w->headers_n; i++) {
        fputs("> ", c->err);
        ks_put(c->err, w->headers[i]);
        putc('\n', c->err);
    }
    fputs("> \n", c->err);
}

/* What the status means for the exit code. */
static int judge(ks_cli *c, const sink *s)
{
    int code = s->status == 404                       ? KS_EXIT_NOT_FOUND
               : s->status == 502 || s->status == 504 ? KS_EXIT_VENDOR
                                                      : KS_EXIT_FAILED;
    if (s->wrong_place)
        return ks_cli_fail(c, KS_EXIT_FAILED,
                           "The vendor sends the whole again: it cannot go on where -C says.");
    if (s->status < 400)
        return KS_EXIT_OK;
    return ks_cli_has(c, "silent") ? code : ks_cli_fail(c, code, "answered %d", s->status);
}

static int send_it(ks_cli *c, const ks_words_call *w, sink *s)
{
    int       code, status = 0;
    ks_str    id = connection_of(c, w, &code);
    ks_stream st = {.method = w->method,
                    .headers = w->headers,
                    .headers_n = w->headers_n,
                    .body = w->body.given ? &w->body : NULL,
                    .on_head = on_head,
                    .arg = s};
    if (code != KS_EXIT_OK)
        return code;
    st.target = ks_fmt(&c->cx, "/ks/call/" KS_FMT KS_FMT, KS_ARG(KS_PATH(&c->cx, "%s", id)), KS_ARG(w->path));
    st.progress = c->tty_err && !ks_cli_has(c, "silent") && !isatty(fileno(s->file));
    if (ks_cli_has(c, "verbose"))
        put_request(c, w);
    code = ks_client_stream(c, &st, &status);
    return code == KS_EXIT_OK ? judge(c, s) : code;
}

static FILE *open_output(ks_cli *c)
{
    ks_str file = ks_cli_option(c, "output");
    if (file.p == NULL || ks_str_eq(file, KS_S("-")))
        return c->out;
    ks_str z = ks_copy(&c->cx, file);
    return z.p != NULL ? fopen(z.p, ks_cli_has(c, "continue-at") ? "abe" : "wbe") : NULL;
}

int ks_cmd_call(ks_cli *c)
{
    ks_words_call *w = ks_zalloc(&c->cx, sizeof *w);
    sink           s = {.c = c};
    if (w == NULL)
        return ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
    int code = ks_words_call_read(c, w);
    if (code == KS_EXIT_OK && (s.file = open_output(c)) == NULL)
        code = ks_cli_fail(c, KS_EXIT_FAILED, "The file of -o cannot be written.");
    if (code == KS_EXIT_OK)
        code = send_it(c, w, &s);
    if (s.file != NULL && s.file != c->out && fclose(s.file) != 0 && code == KS_EXIT_OK)
        code = ks_cli_fail(c, KS_EXIT_FAILED, "The file of -o could not be written to its end.");
    ks_body_close(&w->body);
    return code;
}
