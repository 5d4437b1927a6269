/* cli/client.c — see client.h. One call at a time over a loop of its own. */
#include "cli/client_in.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/loop.h"
#include "crypto/keyring.h"
#include "upstream/send.h"

#define DEFAULT_URL "http://127.0.0.1:9899"
#define KEY_MAX     4096
#define WAIT_MS     320000 /* a statement may take its 300 s */
#define SILENCE_S   320    /* it may say nothing all that time: the server itself gives up what is dead */
#define ANSWER_MAX  (64 * 1024 * 1024)

ks_str ks_client_url(const ks_cli *c)
{
    ks_str      given = ks_cli_option(c, "url");
    const char *env = getenv("KEYSTEWARD_URL");
    return given.p ? given : env && env[0] ? ks_str_of(env) : KS_S(DEFAULT_URL);
}

bool ks_client_has_key(const ks_cli *c)
{
    const char *env = getenv("KEYSTEWARD_API_KEY");
    return ks_cli_has(c, "key-file") || (env != NULL && env[0] != '\0');
}

void ks_client_free(ks_client *cl)
{
    if (cl == NULL)
        return;
    ks_upstream_free(cl->upstream);
    ks_loop_free(cl->loop);
    ks_exceptions_free(cl->exceptions);
    ks_secret_free(cl->key);
    ks_free(cl);
}

/* ---- the key ---- */

static ks_secret *secret_of(ks_str pasted)
{
    ks_str key = ks_secret_trim(pasted);
    return key.n > 0 ? ks_secret_heap(key.p, key.n) : NULL;
}

static int read_key_file(ks_cli *c, ks_client *cl, ks_str path)
{
    char        text[KEY_MAX];
    struct stat st;
    ks_str      z = ks_copy(&c->cx, path);
    int         fd = z.p ? open(z.p, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t     n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
        fprintf(c->err, "! The key file can be read by others; chmod 600 it.\n");
    if (fd >= 0)
        close(fd);
    if (n > 0 && n < KEY_MAX)
        cl->key = secret_of((ks_str){text, (size_t)n});
    explicit_bzero(text, sizeof text);
    return cl->key ? KS_EXIT_OK : ks_cli_fail(c, KS_EXIT_USAGE, "The key file cannot be read or is empty.");
}

static int read_key(ks_cli *c, ks_client *cl)
{
    ks_str file = ks_cli_option(c, "key-file");
    char  *env = getenv("KEYSTEWARD_API_KEY");
    if (file.p != NULL)
        return read_key_file(c, cl, file);
    if (env != NULL)
        cl->key = secret_of(ks_str_of(env));
    return KS_EXIT_OK;
}

/* ---- the server ---- */

static bool is_loopback(ks_str host)
{
    return ks_str_starts(host, KS_S("127.")) || ks_str_eq(host, KS_S("::1")) ||
           ks_str_eq(host, KS_S("localhost"));
}

/* An operator's own server may stand anywhere; in the clear only on this machine. */
static ks_status admit(ks_cli *c, ks_client *cl)
{
    static const ks_str loopback[] = {KS_S_INIT("127.0.0.0/8"), KS_S_INIT("::1/128")};
    static const ks_str anywhere[] = {KS_S_INIT("0.0.0.0/0"), KS_S_INIT("::/0")};
    bool                plain = ks_str_eq(cl->url.origin.scheme, KS_S("http"));
    if (plain && !is_loopback(cl->url.origin.host))
        return ks_fail(
            &c->cx, KS_INVALID, "url",
            "Plain http would send the API key in the clear: give an https address, or one on this "
            "machine.");
    if (plain && ks_str_eq(cl->url.origin.host, KS_S("localhost")))
        cl->url.origin.host = KS_S("127.0.0.1");
    return ks_exceptions_new(&c->cx, plain ? loopback : anywhere, 2, &cl->exceptions);
}

/* "unix:/PATH" is a socket of the server; what it is asked under does not matter. */
static ks_str address_of(ks_cli *c, ks_client *cl)
{
    ks_str url = ks_client_url(c);
    if (!ks_str_starts(url, KS_S("unix:")))
        return url;
    cl->unix_path = ks_copy(&c->cx, ks_str_sub(url, 5, SIZE_MAX)).p;
    return KS_S("http://127.0.0.1");
}

static ks_status open_client(ks_cli *c, ks_client *cl)
{
    ks_upstream_options o = {0};
    KS_TRY(ks_url_parse(&c->cx, "url", address_of(c, cl), &cl->url));
    KS_TRY(admit(c, cl));
    if (!ks_upstream_start())
        return ks_fail(&c->cx, KS_INTERNAL, NULL, "libcurl could not be started.");
    cl->loop = ks_loop_new();
    if (cl->loop == NULL)
        return ks_no_memory(&c->cx);
    o.exceptions = cl->exceptions;
    o.unix_path = cl->unix_path;
    if (ks_cli_has(c, "ca-file"))
        o.ca_file = ks_copy(&c->cx, ks_cli_option(c, "ca-file"));
    return ks_upstream_new(&c->cx, cl->loop, &o, &cl->upstream);
}

int ks_client_open(ks_cli *c, ks_client **out)
{
    if (c->client == NULL) {
        ks_alloc_install();
        c->client = ks_calloc(1, sizeof *c->client);
        if (c->client == NULL || !ks_crypto_start())
            return ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
        int code = read_key(c, c->client);
        if (code != KS_EXIT_OK)
            return code;
        if (open_client(c, c->client) != KS_OK)
            return ks_cli_fail_err(c);
    }
    *out = c->client;
    return KS_EXIT_OK;
}

/* ---- a call ---- */

static ks_text literal(ks_ctx *cx, ks_str s)
{
    ks_piece *p = ks_zalloc(cx, sizeof *p);
    if (p == NULL || s.n == 0)
        return (ks_text){0};
    p->text = s;
    return (ks_text){.pieces = p, .n = 1};
}

static ks_status fill_headers(ks_ctx *cx, const ks_client *cl, ks_call *call)
{
    ks_out_header *h = ks_zalloc(cx, (1 + KS_CALL_HEADERS) * sizeof *h);
    ks_piece      *key = ks_zalloc(cx, sizeof *key);
    if (h == NULL || key == NULL)
        return KS_NO_MEMORY;
    if (cl->key != NULL) {
        *key = (ks_piece){.text = KS_S("api_key"), .secret = cl->key};
        h[call->headers_n++] = (ks_out_header){.name = KS_S("x-api-key"), .value = {.pieces = key, .n = 1}};
    }
    call->headers = h;
    return KS_OK;
}

ks_call *ks_client_call(ks_cli *c, const ks_client *cl, ks_str method, ks_str target)
{
    ks_call *call = ks_zalloc(&c->cx, sizeof *call);
    size_t   q = ks_str_chr(target, '?');
    ks_str   base = ks_str_eq(cl->url.path, KS_S("/")) ? KS_S("") : cl->url.path;
    if (call == NULL || target.p == NULL)
        return NULL;
    if (ks_str_ends(base, KS_S("/")))
        base.n--;
    ks_str path = ks_fmt(&c->cx, KS_FMT KS_FMT, KS_ARG(base), KS_ARG(ks_str_sub(target, 0, q)));
    call->method = method;
    call->origin = cl->url.origin;
    call->path = literal(&c->cx, path);
    call->query = literal(&c->cx, q == SIZE_MAX ? KS_NO_STR : ks_str_sub(target, q + 1, target.n));
    call->total_ms = WAIT_MS;
    call->silence_s = SILENCE_S;
    call->max_answer = ANSWER_MAX;
    call->own_origin = true;
    return fill_headers(&c->cx, cl, call) == KS_OK && path.p ? call : NULL;
}

static void on_done(void *arg, ks_answer *a)
{
    ks_client *cl = arg;
    cl->done = a;
}

int ks_client_unreached(ks_cli *c, const ks_client *cl)
{
    const ks_answer *a = cl->done;
    if (a->outcome == KS_UP_REFUSED)
        return ks_cli_fail(c, KS_EXIT_USAGE, "Nothing was sent: %s.", a->why);
    ks_cli_fail(c, 0, "The server at " KS_FMT " gave no answer: %s.", KS_ARG(ks_client_url(c)), a->why);
    if (ks_str_eq(cl->url.origin.scheme, KS_S("https")))
        fputs("  Is it up, and its certificate trusted here? --ca-file names further authorities.\n", c->err);
    else
        fputs("  Start it with: keysteward serve    or name another with --url.\n", c->err);
    return KS_EXIT_SERVER;
}

static int perform(ks_cli *c, ks_client *cl, const ks_call *call)
{
    cl->done = NULL;
    ks_upstream_send(cl->upstream, &c->cx, call, NULL, on_done, cl);
    while (cl->done == NULL)
        ks_loop_turn(cl->loop, 1000);
    return cl->done->outcome == KS_UP_ANSWERED ? KS_EXIT_OK : ks_client_unreached(c, cl);
}

int ks_client_send(ks_cli *c, const char *method, ks_str path, const ks_payload *body, ks_reply *out)
{
    ks_client *cl = NULL;
    int        code = ks_client_open(c, &cl);
    if (code != KS_EXIT_OK)
        return code;
    ks_call *call = ks_client_call(c, cl, ks_str_of(method), path);
    if (call == NULL || (body != NULL && body->failed))
        return ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
    if (body != NULL) {
        call->body = body->text;
        call->has_body = true;
        call->content_type = KS_S("application/json");
    }
    code = perform(c, cl, call);
    if (code != KS_EXIT_OK)
        return code;
    *out = (ks_reply){.status = cl->done->status, .body = cl->done->body};
    if (out->body.n > 0 && ks_json_parse(&c->cx, out->body, &out->json) != KS_OK)
        out->json = NULL;
    return KS_EXIT_OK;
}

int ks_client_ask(ks_cli *c, const char *method, ks_str path, const ks_payload *body, ks_reply *out)
{
    int code = ks_client_send(c, method, path, body, out);
    if (code != KS_EXIT_OK)
        return code;
    if (out->status >= 400)
        return ks_client_say(c, out);
    if (out->json == NULL)
        return ks_cli_fail(c, KS_EXIT_SERVER, "The answer is not JSON: is this a Keysteward server?");
    return KS_EXIT_OK;
}
