/* cli/call_words.c — the options of `keysteward call`, which are curl's where both have them, as a request.
 * Sends nothing. Threads: one. */
#include <sys/stat.h>

#include "base/enc.h"
#include "base/http_text.h"
#include "base/ids.h"
#include "cli/call.h"

static const ks_str methods[] = {KS_S_INIT("GET"),   KS_S_INIT("POST"),   KS_S_INIT("PUT"),
                                 KS_S_INIT("PATCH"), KS_S_INIT("DELETE"), KS_S_INIT("HEAD")};

static ks_str method_named(ks_str word)
{
    for (size_t i = 0; i < KS_COUNT(methods); i++)
        if (ks_str_ieq(methods[i], word))
            return methods[i];
    return KS_NO_STR;
}

static bool is(const ks_cli *c, size_t i, const char *name)
{
    return ks_str_eq(c->values[i].name, ks_str_of(name));
}

/* ---- headers ---- */

static bool has_header(const ks_words_call *w, ks_str name)
{
    for (size_t i = 0; i < w->headers_n; i++)
        if (ks_str_ieq(ks_str_sub(w->headers[i], 0, ks_str_chr(w->headers[i], ':')), name))
            return true;
    return false;
}

/* What the caller may not say, because the connection says it. */
static bool is_credential(ks_str name)
{
    return ks_str_ieq(name, KS_S("authorization")) || ks_str_ieq(name, KS_S("x-api-key")) ||
           ks_str_ieq(name, KS_S("cookie"));
}

static int take_header(ks_cli *c, ks_words_call *w, ks_str line)
{
    size_t colon = ks_str_chr(line, ':');
    ks_str name = ks_str_sub(line, 0, colon);
    if (colon == SIZE_MAX || !ks_http_name(name) || !ks_http_value(line))
        return ks_cli_usage(c, "-H wants 'Name: value' without line breaks.");
    if (is_credential(name))
        return ks_cli_usage(c, "The connection brings its own credential: leave Authorization, x-api-key and "
                               "Cookie out.");
    if (w->headers_n == KS_COUNT(w->headers) - 4) /* room for those of ours */
        return ks_cli_usage(c, "Too many headers.");
    w->headers[w->headers_n++] = line;
    return KS_EXIT_OK;
}

static bool add_header(ks_cli *c, ks_words_call *w, const char *name, ks_str value)
{
    ks_str line = ks_fmt(&c->cx, "%s: " KS_FMT, name, KS_ARG(value));
    if (line.p == NULL || has_header(w, ks_str_of(name)))
        return line.p != NULL;
    w->headers[w->headers_n++] = line;
    return true;
}

/* ---- the body ---- */

/* One option of the kind of -d: its text. Absent: said. */
static ks_str piece(ks_cli *c, size_t i)
{
    ks_str value = c->values[i].value;
    if (is(c, i, "data-raw"))
        return value;
    return is(c, i, "data-urlencode") ? ks_body_encoded(c, value) : ks_body_text(c, value);
}

static bool is_piece(const ks_cli *c, size_t i)
{
    return is(c, i, "data") || is(c, i, "data-raw") || is(c, i, "data-urlencode") || is(c, i, "json");
}

/* --data-binary @FILE goes as it is, of any size. */
static bool binary(ks_words_call *w, ks_str value)
{
    bool file = ks_str_starts(value, KS_S("@")), in = ks_str_eq(value, KS_S("-"));
    if (!file && !in)
        return ks_body_data(&w->body, value, false);
    if (w->body.given && !ks_body_data(&w->body, KS_S(""), false))
        return false;
    w->body.type = KS_S("application/x-www-form-urlencoded");
    return ks_body_file(&w->body, file ? ks_str_sub(value, 1, SIZE_MAX) : value);
}

static bool form(ks_cli *c, ks_words_call *w)
{
    ks_str id = ks_id_new(&c->cx, KS_ID_REQUEST); /* 100 random bits: no part holds it */
    ks_str boundary = ks_fmt(&c->cx, "keysteward-" KS_FMT, KS_ARG(id));
    bool   ok = id.p != NULL && boundary.p != NULL;
    for (size_t i = 0; i < c->values_n && ok; i++)
        if (is(c, i, "form"))
            ok = ks_body_part(&w->body, boundary, c->values[i].value);
    w->body.type = ks_fmt(&c->cx, "multipart/form-data; boundary=" KS_FMT, KS_ARG(boundary));
    return ok && w->body.type.p != NULL && ks_body_part(&w->body, boundary, KS_NO_STR);
}

static bool make_body(ks_cli *c, ks_words_call *w)
{
    if (ks_cli_has(c, "form"))
        return form(c, w);
    if (ks_cli_has(c, "upload-file")) {
        w->body.type = KS_S("application/octet-stream");
        return ks_body_file(&w->body, ks_cli_option(c, "upload-file"));
    }
    for (size_t i = 0; i < c->values_n; i++) {
        if (is_piece(c, i) && !ks_body_data(&w->body, piece(c, i), is(c, i, "json")))
            return false;
        if (is(c, i, "data-binary") && !binary(w, c->values[i].value))
            return false;
    }
    return true;
}

/* ---- -G, -C ---- */

/* -G: the pieces go into the query instead. */
static bool data_to_query(ks_cli *c, ks_words_call *w)
{
    ks_buf *b = ks_ctx_buf(&c->cx, 65536);
    if (b == NULL)
        return false;
    ks_buf_str(b, w->path);
    bool any = ks_str_chr(w->path, '?') != SIZE_MAX;
    for (size_t i = 0; i < c->values_n; i++) {
        ks_str text = is_piece(c, i) ? piece(c, i) : KS_S("");
        if (text.p == NULL)
            return false;
        if (!is_piece(c, i))
            continue;
        ks_buf_c(b, any ? '&' : '?');
        ks_buf_str(b, text);
        any = true;
    }
    w->path = ks_buf_view(b);
    return ks_buf_ok(b) || (ks_cli_fail(c, 0, "The query is too long."), false);
}

/* -C OFFSET, or - for the size of the file of -o. Absent: said. */
static ks_str resume_at(ks_cli *c)
{
    struct stat st;
    uint64_t    at;
    ks_str      given = ks_cli_option(c, "continue-at"), file = ks_cli_option(c, "output");
    ks_str      z = file.p ? ks_copy(&c->cx, file) : KS_NO_STR;
    if (ks_str_eq(given, KS_S("-")) && z.p != NULL)
        return ks_fmt(&c->cx, "bytes=%lld-", stat(z.p, &st) == 0 ? (long long)st.st_size : 0LL);
    if (ks_str_u64(given, &at))
        return ks_fmt(&c->cx, "bytes=" KS_FMT "-", KS_ARG(given));
    ks_cli_usage(c, "-C wants an offset in bytes, or - with -o FILE.");
    return KS_NO_STR;
}

static int take_range(ks_cli *c, ks_words_call *w)
{
    ks_str range = KS_NO_STR;
    if (ks_cli_has(c, "continue-at"))
        range = resume_at(c);
    else if (ks_cli_has(c, "range"))
        range = ks_fmt(&c->cx, "bytes=" KS_FMT, KS_ARG(ks_cli_option(c, "range")));
    else
        return KS_EXIT_OK;
    return range.p != NULL && add_header(c, w, "Range", range) ? KS_EXIT_OK : KS_EXIT_USAGE;
}

/* ---- the whole ---- */

/* What goes with what: as curl has it, and said instead of guessed. */
static int judge(ks_cli *c)
{
    bool data = ks_cli_has(c, "data") || ks_cli_has(c, "data-raw") || ks_cli_has(c, "data-binary") ||
                ks_cli_has(c, "data-urlencode") || ks_cli_has(c, "json");
    unsigned bodies = data + ks_cli_has(c, "form") + ks_cli_has(c, "upload-file");
    if (ks_cli_has(c, "user"))
        return ks_cli_usage(c, "The connection brings its own credential: leave -u out.");
    if (bodies > 1)
        return ks_cli_usage(c, "Give one kind of body: -d, -F or -T.");
    if (ks_cli_has(c, "get") && (ks_cli_has(c, "form") || ks_cli_has(c, "upload-file")))
        return ks_cli_usage(c, "-G puts the data of -d into the query; -F and -T have no place there.");
    if (ks_cli_has(c, "head") && bodies > 0 && !ks_cli_has(c, "get"))
        return ks_cli_usage(c, "HEAD has no body: leave the data or -I out.");
    return KS_EXIT_OK;
}

static ks_str method_of(ks_cli *c, const ks_words_call *w)
{
    if (ks_cli_has(c, "request"))
        return method_named(ks_cli_option(c, "request"));
    if (c->args_n == 3)
        return method_named(ks_cli_arg(c, 1));
    return ks_cli_has(c, "head")          ? KS_S("HEAD")
           : ks_cli_has(c, "upload-file") ? KS_S("PUT")
           : w->body.given                ? KS_S("POST")
                                          : KS_S("GET");
}

int ks_words_call_read(ks_cli *c, ks_words_call *w)
{
    int code = judge(c);
    w->body.c = c;
    w->path = ks_cli_arg(c, c->args_n - 1);
    if (code == KS_EXIT_OK && !ks_str_starts(w->path, KS_S("/")))
        return ks_cli_usage(c, "The path begins with /; the host is the connection's own.");
    for (size_t i = 0; i < c->values_n && code == KS_EXIT_OK; i++)
        if (is(c, i, "header"))
            code = take_header(c, w, c->values[i].value);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "get") ? !data_to_query(c, w) : !make_body(c, w))
        return KS_EXIT_USAGE;
    w->method = method_of(c, w);
    if (w->method.p == NULL)
        return ks_cli_usage(c, "The method is one of GET, POST, PUT, PATCH, DELETE, HEAD.");
    if (w->body.given && !add_header(c, w, "Content-Type", w->body.type))
        return KS_EXIT_FAILED;
    if (ks_cli_has(c, "json") && !add_header(c, w, "Accept", KS_S("application/json")))
        return KS_EXIT_FAILED;
    return take_range(c, w);
}
