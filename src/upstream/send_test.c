/* upstream/send_test.c — calls to a vendor on loopback: what arrives, what comes back, what is refused (rules
 * N1-N7, S6, T1). TLS, streams and left-overs in memory have tests of their own. */
#include <zlib.h>

#include "base/alloc.h"
#include "base/enc.h"
#include "upstream/test_world.h"

#define CANARY "sk-canary/0123+4567 \"x\""

static world w;

/* ---- what the vendor answers, by path ---- */

static void gzip_answer(vendor_conn *c, size_t n)
{
    unsigned       room = (unsigned)(n / 500 + 1000);
    unsigned char *plain = malloc(n), *packed = malloc(room);
    z_stream       z = {.next_in = plain, .avail_in = (unsigned)n, .next_out = packed, .avail_out = room};
    memset(plain, 'z', n);
    deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    deflate(&z, Z_FINISH);
    vendor_ok(c, "Content-Encoding: gzip\r\n", packed, z.total_out);
    deflateEnd(&z);
    free(plain);
    free(packed);
}

/* The value of x-api-key back in one spelling: /echo/raw, /echo/percent, ... */
static void echo(vendor_conn *c, const char *how)
{
    ks_buf b = ks_buf_new(1 << 20), body = ks_buf_new(1 << 20);
    char  *from = strcasestr(c->text, "x-api-key: ");
    ks_str key = {from + 11, strcspn(from + 11, "\r")};
    if (strncmp(how, "percent", 7) == 0)
        ks_enc_percent(&b, key);
    else if (strncmp(how, "base64", 6) == 0)
        ks_enc_base64(&b, key);
    else if (strncmp(how, "json", 4) == 0)
        ks_json_quote(&b, key);
    else
        ks_buf_str(&b, key);
    ks_buf_fmt(&body, "before " KS_FMT " after", KS_ARG(ks_buf_view(&b)));
    char header[1024];
    snprintf(header, sizeof header, "X-Echo: " KS_FMT "\r\n", KS_ARG(ks_buf_view(&b)));
    vendor_ok(c, header, body.p, body.n);
    ks_buf_done(&b);
    ks_buf_done(&body);
}

static void many(vendor_conn *c, const char *line, unsigned times)
{
    vendor_say(c, "HTTP/1.1 200 OK\r\n");
    for (unsigned i = 0; i < times; i++)
        vendor_say(c, line);
    vendor_say(c, "Content-Length: 2\r\n\r\nok");
}

static void answer(vendor_conn *c)
{
    char byte;
    if (strstr(c->text, " /echo/"))
        echo(c, strstr(c->text, " /echo/") + 7);
    else if (strstr(c->text, " /204"))
        vendor_say(c, "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n");
    else if (strstr(c->text, " /redirect"))
        vendor_say(c,
                   "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/stolen\r\nContent-Length: 0\r\n\r\n");
    else if (strstr(c->text, " /hang"))
        vendor_read(c, &byte, 1); /* until the other side gives up */
    else if (strstr(c->text, " /slow")) {
        vendor_say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        vendor_read(c, &byte, 1);
    } else if (strstr(c->text, " /short")) {
        vendor_say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        vendor_close(c);
    } else if (strstr(c->text, " /break") && c->nth == 1)
        vendor_close(c);
    else if (strstr(c->text, " /stale") && c->request == 2)
        vendor_close(c);
    else if (strstr(c->text, " /always-break"))
        vendor_close(c);
    else if (strstr(c->text, " /429") && c->nth == 1)
        vendor_say(c, "HTTP/1.1 429 Slow down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
    else if (strstr(c->text, " /busy"))
        vendor_say(c, "HTTP/1.1 429 Slow down\r\nX-Reset: 6m0s\r\nContent-Length: 4\r\n\r\nbusy");
    else if (strstr(c->text, " /lines"))
        many(c, "X-Many: 1\r\n", 200);
    else if (strstr(c->text, " /fat"))
        many(c,
             "X-Fat: "
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaa\r\n",
             170);
    else if (strstr(c->text, " /interim"))
        vendor_say(c,
                   "HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    else if (strstr(c->text, " /large-announced"))
        vendor_say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n");
    else if (strstr(c->text, " /large")) {
        vendor_say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (unsigned i = 0; i < 100; i++)
            vendor_say(c, "10\r\n0123456789abcdef\r\n");
        vendor_say(c, "0\r\n\r\n");
    } else if (strstr(c->text, " /gzip-bomb"))
        gzip_answer(c, 9 * 1024 * 1024);
    else if (strstr(c->text, " /gzip"))
        gzip_answer(c, 5000);
    else if (strstr(c->text, " /brotli"))
        vendor_ok(c, "Content-Encoding: br\r\n", "\x8b\x02\x80hello\x03", 9);
    else if (strstr(c->text, " /twice"))
        vendor_ok(c, "Content-Encoding: gzip, gzip\r\n", "x", 1);
    else if (strstr(c->text, " /hops"))
        vendor_ok(c,
                  "Set-Cookie: a=b\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: "
                  "5\r\nProxy-Authenticate: x\r\n"
                  "Content-Length : 1\r\nTransfer-Encoding : chunked\r\nX Y: no name\r\n"
                  "X-Kept: yes\r\nContent-Type: text/plain\r\n",
                  "ok", 2);
    else
        vendor_ok(c, "", "hello", 5);
}

static int setup(void **state)
{
    (void)state;
    world_begin(&w, vendor_start(answer, NULL), true, (ks_upstream_options){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ks_alloc_fail_at(0, false);
    world_end(&w);
    return 0;
}

static unsigned requests(void)
{
    pthread_mutex_lock(&w.v->lock);
    unsigned n = w.v->requests;
    pthread_mutex_unlock(&w.v->lock);
    return n;
}

/* ---- what arrives ---- */

static void exactly_the_declared_bytes_arrive(void **state)
{
    (void)state;
    ks_call *c = call_of(&w, "PATCH", "/v1/things");
    with_secret(&w, c, CANARY);
    ks_piece query[] = {{.text = KS_S("k=")},
                        {.text = KS_S("api_key"), .secret = c->secrets[0], .enc = KS_ENC_PERCENT}};
    ks_piece basic[] = {
        {.text = KS_S("joe")}, {.text = KS_S(":")}, {.text = KS_S("api_key"), .secret = c->secrets[0]}};
    ks_piece body[] = {{.text = KS_S("{\"key\":\"")},
                       {.text = KS_S("api_key"), .secret = c->secrets[0], .enc = KS_ENC_JSON},
                       {.text = KS_S("\"}")}};
    c->query = (ks_text){KS_S(""), query, 2, false};
    c->headers[1] = (ks_out_header){.name = KS_S("Authorization"), .value = {KS_S("Basic "), basic, 3, true}};
    c->headers[2] = (ks_out_header){.name = KS_S("X-Empty"), .value = text_of(&w, "")};
    c->headers_n = 3;
    c->content_type = KS_S("application/json");
    c->body = (ks_text){KS_S(""), body, 3, false};
    c->has_body = true;
    ks_answer *a = answer_to(&w, c);
    assert_int_equal(a->outcome, KS_UP_ANSWERED);
    assert_int_equal(a->status, 200);
    assert_str(a->body, "hello");
    assert_true(a->took_us > 0);
    char want[2048];
    snprintf(want, sizeof want,
             "PATCH /v1/things?k=sk-canary%%2F0123%%2B4567%%20%%22x%%22 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
             "Accept: */*\r\nAccept-Encoding: gzip\r\nX-Api-Key: " CANARY "\r\n"
             "Authorization: Basic am9lOnNrLWNhbmFyeS8wMTIzKzQ1NjcgIngi\r\nX-Empty:\r\nContent-Type: "
             "application/json\r\n"
             "User-Agent: Keysteward/" KS_VERSION
             "\r\nContent-Length: 35\r\n\r\n{\"key\":\"sk-canary/0123+4567 \\\"x\\\"\"}",
             w.v->port);
    assert_string_equal(w.v->seen[0], want);
}

static void a_call_without_body_sends_none_and_a_write_says_so(void **state)
{
    (void)state;
    static const char *const methods[] = {"GET", "HEAD", "DELETE", "POST", "PUT"};
    for (size_t i = 0; i < KS_COUNT(methods); i++) {
        assert_int_equal(answer_to(&w, call_of(&w, methods[i], "/x"))->outcome, KS_UP_ANSWERED);
        assert_true(strncmp(w.v->seen[i], methods[i], strlen(methods[i])) == 0);
        assert_int_equal(strcasestr(w.v->seen[i], "content-length: 0") != NULL, i >= 3);
        assert_null(strcasestr(w.v->seen[i], "content-type"));
        assert_null(strcasestr(w.v->seen[i], "expect:"));
    }
}

static void values_that_could_split_a_request_are_refused_and_nothing_is_sent(void **state)
{
    (void)state;
    static const char *const bad[] = {"abc\r\nX-Evil: 1", "abc\ndef",        "abc\x01",
                                      "abc\x7f",          "k\xc3\xb6y-utf8", "tab\there"};
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        ks_call *c = call_of(&w, "GET", "/x");
        with_secret(&w, c, bad[i]);
        assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
    }
    static const struct {
        const char *name, *value;
    } headers[] = {{"X A", "b"},
                   {"X-A:", "b"},
                   {"Host", "evil"},
                   {"content-length", "5"},
                   {"Transfer-Encoding", "chunked"},
                   {"Connection", "x"},
                   {"Cookie", "a=b"},
                   {"ks-ghost", "x.y"},
                   {"X-Forwarded-For", "1.2.3.4"},
                   {"X-A", "b\r\nc: d"},
                   {"Proxy-Authorization", "x"},
                   {"", "x"}};
    for (size_t i = 0; i < KS_COUNT(headers); i++) {
        ks_call      *c = call_of(&w, "GET", "/x");
        ks_out_header h = {.name = ks_str_of(headers[i].name), .value = text_of(&w, headers[i].value)};
        c->headers = &h;
        c->headers_n = 1;
        if (answer_to(&w, c)->outcome != KS_UP_REFUSED)
            fail_msg("sent: %s: %s", headers[i].name, headers[i].value);
    }
    static const char *const paths[] = {"",     "x",    "//x",       "/../x",     "/a b",
                                        "/a?b", "/a#b", "/%2e%2e/x", "/\xc3\xbc", "/a\r\nb"};
    for (size_t i = 0; i < KS_COUNT(paths); i++)
        assert_int_equal(answer_to(&w, call_of(&w, "GET", paths[i]))->outcome, KS_UP_REFUSED);
    ks_call *c = call_of(&w, "TRACE", "/x");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
    c = call_of(&w, "GET", "/x");
    c->query = text_of(&w, "a=b c");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
    c = call_of(&w, "GET", "/other/x");
    c->origin.base_path = KS_S("/base");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
    c = call_of(&w, "GET", "/basement");
    c->origin.base_path = KS_S("/base");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
    assert_int_equal(requests(), 0);
}

static void a_colon_in_a_basic_user_name_is_refused(void **state)
{
    (void)state;
    ks_call      *c = call_of(&w, "GET", "/x");
    ks_piece      basic[] = {{.text = KS_S("user"), .secret = secret_of(&w, "jo:e")},
                             {.text = KS_S(":")},
                             {.text = KS_S("password"), .secret = secret_of(&w, "pass:word")}};
    ks_out_header h = {.name = KS_S("Authorization"), .value = {KS_S("Basic "), basic, 3, true}};
    c->headers = &h;
    c->headers_n = 1;
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
    basic[0].secret = secret_of(&w, "j\xc3\xb6");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_ANSWERED);
    assert_non_null(strstr(w.v->seen[0], "Authorization: Basic asO2OnBhc3M6d29yZA==\r\n"));
}

/* ---- what comes back ---- */

static void a_secret_that_comes_back_is_replaced_in_every_spelling(void **state)
{
    (void)state;
    static const char *const how[] = {"raw", "percent", "base64", "json"};
    for (size_t i = 0; i < KS_COUNT(how); i++) {
        char path[32];
        snprintf(path, sizeof path, "/echo/%s", how[i]);
        ks_call *c = call_of(&w, "GET", path);
        with_secret(&w, c, CANARY);
        ks_answer *a = answer_to(&w, c);
        assert_int_equal(a->outcome, KS_UP_ANSWERED);
        assert_true(a->redacted);
        ks_str header = ks_answer_header(a, KS_S("X-Echo"));
        assert_true(ks_str_find(header, KS_S("[redacted]")) != SIZE_MAX);
        assert_true(ks_str_find(a->body, KS_S("[redacted]")) != SIZE_MAX);
        assert_true(a->body.n < sizeof "before [redacted] after" + 4);
    }
    assert_int_equal(w.metrics.count[KS_M_REDACTIONS], KS_COUNT(how));
    ks_call *c = call_of(&w, "GET", "/echo/raw");
    with_secret(&w, c, "short12");
    ks_answer *a = answer_to(&w, c);
    assert_false(a->redacted);
    assert_str(a->body, "before short12 after");
}

/* N5 */
static void redirects_are_handed_on_and_not_followed(void **state)
{
    (void)state;
    ks_answer *a = answer_to(&w, call_of(&w, "GET", "/redirect"));
    assert_int_equal(a->status, 302);
    assert_str(ks_answer_header(a, KS_S("location")), "http://127.0.0.1:1/stolen");
    assert_int_equal(requests(), 1);
}

static void cookies_and_hop_by_hop_headers_end_here(void **state)
{
    (void)state;
    ks_answer *a = answer_to(&w, call_of(&w, "GET", "/hops"));
    assert_int_equal(a->headers_n, 2);
    assert_str(ks_answer_header(a, KS_S("x-kept")), "yes");
    assert_str(a->type, "text/plain");
    a = answer_to(&w, call_of(&w, "GET", "/again"));
    assert_null(strcasestr(w.v->seen[1], "cookie"));
    a = answer_to(&w, call_of(&w, "GET", "/interim"));
    assert_int_equal(a->status, 200);
    assert_null(ks_answer_header(a, KS_S("x-early")).p);
    a = answer_to(&w, call_of(&w, "GET", "/204"));
    assert_int_equal(a->status, 204);
    assert_int_equal(a->body.n, 0);
}

static void answers_are_limited_in_every_dimension(void **state)
{
    (void)state;
    assert_int_equal(answer_to(&w, call_of(&w, "GET", "/lines"))->outcome, KS_UP_TOO_LARGE);
    assert_int_equal(answer_to(&w, call_of(&w, "GET", "/fat"))->outcome, KS_UP_TOO_LARGE);
    ks_call *c = call_of(&w, "GET", "/large");
    c->max_answer = 1600;
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_ANSWERED);
    c->max_answer = 1599;
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_TOO_LARGE);
    c = call_of(&w, "GET", "/large-announced");
    c->max_answer = 1999;
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_TOO_LARGE);
    assert_int_equal(answer_to(&w, call_of(&w, "GET", "/gzip-bomb"))->outcome, KS_UP_TOO_LARGE);
}

static void gzip_is_unpacked_and_nothing_else_is_let_through(void **state)
{
    (void)state;
    ks_answer *a = answer_to(&w, call_of(&w, "GET", "/gzip"));
    assert_int_equal(a->outcome, KS_UP_ANSWERED);
    assert_int_equal(a->body.n, 5000);
    assert_null(ks_answer_header(a, KS_S("content-encoding")).p);
    assert_null(ks_answer_header(a, KS_S("content-length")).p);
    assert_int_equal(answer_to(&w, call_of(&w, "GET", "/brotli"))->outcome, KS_UP_BROKEN);
    assert_int_equal(answer_to(&w, call_of(&w, "GET", "/twice"))->outcome, KS_UP_BROKEN);
}

/* ---- time and trouble ---- */

static void slow_vendors_are_given_up(void **state)
{
    (void)state;
    ks_call *c = call_of(&w, "GET", "/hang");
    c->total_ms = 150;
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_UNREACHED);
    c = call_of(&w, "GET", "/slow");
    c->total_ms = 150;
    ks_answer *a = answer_to(&w, c);
    assert_int_equal(a->outcome, KS_UP_BROKEN);
    assert_int_equal(a->body.n, 0);
    assert_true(a->took_us >= 140000 && a->took_us < 5000000);
}

static void a_read_that_broke_before_a_byte_came_is_tried_twice_more(void **state)
{
    (void)state;
    ks_answer *a = answer_to(&w, call_of(&w, "GET", "/break"));
    assert_int_equal(a->outcome, KS_UP_ANSWERED);
    assert_int_equal(requests(), 2);
    assert_int_equal(answer_to(&w, call_of(&w, "GET", "/always-break"))->outcome, KS_UP_BROKEN);
    assert_int_equal(requests(), 5);
    assert_int_equal(answer_to(&w, call_of(&w, "GET", "/short"))->outcome, KS_UP_BROKEN);
    assert_int_equal(requests(), 6);
}

static void a_write_is_not_repeated_once_it_has_left(void **state)
{
    (void)state;
    assert_int_equal(answer_to(&w, call_of(&w, "POST", "/break"))->outcome, KS_UP_BROKEN);
    assert_int_equal(requests(), 1);
    /* nor on a warm connection that dies: libcurl would repeat it by itself */
    static const char *const methods[] = {"POST", "DELETE", "PUT"};
    for (size_t i = 0; i < KS_COUNT(methods); i++) {
        unsigned before = requests();
        assert_int_equal(answer_to(&w, call_of(&w, methods[i], "/ok"))->outcome, KS_UP_ANSWERED);
        ks_call *c = call_of(&w, methods[i], "/stale");
        c->has_body = i == 2;
        c->body = text_of(&w, "body");
        assert_int_equal(answer_to(&w, c)->outcome, KS_UP_BROKEN);
        assert_int_equal(requests(), before + 2);
    }
}

static void a_read_on_a_warm_connection_that_died_is_repeated(void **state)
{
    (void)state;
    assert_int_equal(answer_to(&w, call_of(&w, "GET", "/ok"))->outcome, KS_UP_ANSWERED);
    assert_int_equal(answer_to(&w, call_of(&w, "GET", "/stale"))->outcome, KS_UP_ANSWERED);
    assert_int_equal(requests(), 3);
    assert_int_equal(w.v->connections, 2);
}

static void too_many_requests_is_waited_for_once_when_it_is_short(void **state)
{
    (void)state;
    ks_answer *a = answer_to(&w, call_of(&w, "POST", "/429"));
    assert_int_equal(a->status, 200);
    assert_int_equal(requests(), 2);
    assert_true(a->took_us >= 1000000);
    ks_call            *c = call_of(&w, "GET", "/busy");
    static const ks_str reset = KS_S_INIT("x-reset");
    c->rate_after = (ks_names){&reset, 1};
    a = answer_to(&w, c);
    assert_int_equal(a->status, 429);
    assert_int_equal(a->retry_after_s, 360);
    assert_str(a->body, "busy");
    assert_int_equal(requests(), 3);
}

static void no_wait_goes_beyond_the_time_of_the_call(void **state)
{
    (void)state;
    ks_call *c = call_of(&w, "GET", "/429");
    c->total_ms = 900;
    ks_answer *a = answer_to(&w, c);
    assert_int_equal(a->status, 429);
    assert_int_equal(a->retry_after_s, 1);
    assert_int_equal(requests(), 1);
}

/* ---- who may go where ---- */

/* N6 */
static void warm_connections_stay_within_a_project(void **state)
{
    (void)state;
    answer_to(&w, call_of(&w, "GET", "/a"));
    ks_call *c = call_of(&w, "GET", "/b");
    c->connection_id = KS_S("ca_two");
    answer_to(&w, c);
    assert_int_equal(w.v->connections, 1);
    c = call_of(&w, "GET", "/c");
    c->project_id = KS_S("pr_two");
    answer_to(&w, c);
    assert_int_equal(w.v->connections, 2);
    answer_to(&w, c);
    assert_int_equal(w.v->connections, 2);
    c = call_of(&w, "GET", "/d");
    c->connection_id = KS_NO_STR;
    answer_to(&w, c);
    answer_to(&w, c);
    assert_int_equal(w.v->connections, 4);
    answer_to(&w, call_of(&w, "GET", "/a"));
    assert_int_equal(w.v->connections, 4);
}

static void names_and_plain_http_do_not_reach_inner_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *scheme, *host;
    } inner[] = {{"https", "inner.test"},
                 {"https", "inner6.test"},
                 {"https", "10.0.0.1"},
                 {"https", "169.254.169.254"},
                 {"https", "::1"},
                 {"https", "127.0.0.2"},
                 {"http", "example.com"},
                 {"http", "127.0.0.2"},
                 {"http", "localhost"},
                 {"http", "vendor.test"},
                 {"ftp", "127.0.0.1"},
                 {"https", "LOUD.test"},
                 {"https", "a@b"},
                 {"https", "0x7f.1"},
                 {"https", ""}};
    for (size_t i = 0; i < KS_COUNT(inner); i++) {
        ks_call *c = call_of(&w, "GET", "/x");
        c->origin.scheme = ks_str_of(inner[i].scheme);
        c->origin.host = ks_str_of(inner[i].host);
        if (answer_to(&w, c)->outcome != KS_UP_REFUSED)
            fail_msg("not refused: %s://%s", inner[i].scheme, inner[i].host);
    }
    world_end(&w);
    world_begin(&w, vendor_start(answer, NULL), false, (ks_upstream_options){0}); /* no exception */
    ks_call *c = call_of(&w, "GET", "/x");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
    c->origin.scheme = KS_S("https");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
    c->origin.host = KS_S("localhost");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
    c->origin.host = KS_S("nowhere.test");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_UNREACHED);
    assert_int_equal(w.v->connections, 0);
}

static void under_ghost_only_ghosts_and_listed_addresses_are_dialled(void **state)
{
    (void)state;
    uint16_t            listed = w.v->port;
    vendor             *ghost = vendor_start(answer, NULL);
    ks_upstream        *plain = w.up;
    ks_upstream_options o = {.exceptions = w.exceptions, .ghost_port = ghost->port};
    vendor_run(ghost);
    assert_int_equal(ks_upstream_new(&w.cx, w.loop, &o, &w.up), KS_OK);
    unsigned asked = resolved;
    ks_call *c = call_of(&w, "GET", "/v1/me");
    with_secret(&w, c, CANARY);
    c->origin = (ks_origin){KS_S("https"), KS_S("api.example.com"), 8443, KS_S("/v1")};
    ks_answer *a = answer_to(&w, c);
    assert_int_equal(a->outcome, KS_UP_ANSWERED);
    assert_non_null(strstr(ghost->seen[0], "GET /v1/me HTTP/1.1\r\nHost: api.example.com:8443\r\n"));
    assert_non_null(strstr(ghost->seen[0], "ks-ghost: demo.API_KEY\r\n"));
    c->own_origin = true;
    a = answer_to(&w, c);
    assert_int_equal(a->outcome, KS_UP_UNREACHED);
    assert_string_equal(a->why, "not a vendor of the catalogue (ghost mode)");
    c->own_origin = false;
    c->app = KS_S("");
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_UNREACHED);
    c = call_of(&w, "GET", "/listed");
    c->origin.port = listed;
    c->own_origin = true;
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_ANSWERED);
    assert_int_equal(requests(), 1);
    c = call_of(&w, "GET", "/x");
    c->origin = (ks_origin){KS_S("https"), KS_S("a@b"), 443, KS_S("")};
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED); /* judged all the same */
    assert_int_equal(ghost->requests, 1);
    assert_int_equal(resolved, asked);
    ks_upstream_free(w.up);
    /* the demo app has its ghost always, everybody else has none */
    o = (ks_upstream_options){.exceptions = w.exceptions, .ghost_only_port = ghost->port};
    assert_int_equal(ks_upstream_new(&w.cx, w.loop, &o, &w.up), KS_OK);
    c = call_of(&w, "GET", "/demo");
    c->origin = (ks_origin){KS_S("https"), KS_S("demo.example.com"), 443, KS_S("")};
    c->ghost_only = true;
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_ANSWERED);
    assert_int_equal(resolved, asked);
    ks_upstream_free(w.up);
    w.up = plain;
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_UNREACHED);
    vendor_stop(ghost);
}

/* ---- many at once, the end, and no memory ---- */

static void a_project_has_its_own_cap_and_the_loop_another(void **state)
{
    (void)state;
    static waiting x[KS_UP_PER_PROJECT + 2];
    for (size_t i = 0; i < KS_COUNT(x); i++) {
        ks_call *c = call_of(&w, "GET", "/hang");
        if (i == KS_UP_PER_PROJECT + 1)
            c->project_id = KS_S("pr_two"), c->path = text_of(&w, "/x");
        send_one(&w, c, &x[i]);
    }
    assert_int_equal(ks_upstream_busy(w.up), KS_COUNT(x));
    turn_until(&w, &x[KS_UP_PER_PROJECT].done);
    turn_until(&w, &x[KS_UP_PER_PROJECT + 1].done);
    assert_int_equal(x[KS_UP_PER_PROJECT].answer->outcome, KS_UP_BUSY);
    assert_int_equal(x[KS_UP_PER_PROJECT + 1].answer->outcome, KS_UP_ANSWERED);
    ks_upstream_free(w.up); /* with all of them in flight */
    w.up = NULL;
    for (size_t i = 0; i < KS_UP_PER_PROJECT; i++) {
        assert_int_equal(x[i].done, 1);
        assert_int_equal(x[i].answer->outcome, KS_UP_BROKEN);
    }
}

static void the_caps_are_those_that_were_set(void **state)
{
    (void)state;
    static waiting           x[4];
    static const char *const projects[] = {"pr_one", "pr_one", "pr_two", "pr_three"};
    world_end(&w);
    world_begin(&w, vendor_start(answer, NULL), true, (ks_upstream_options){.per_project = 1, .per_loop = 2});
    for (size_t i = 0; i < KS_COUNT(x); i++) {
        ks_call *c = call_of(&w, "GET", "/hang");
        c->project_id = ks_str_of(projects[i]);
        send_one(&w, c, &x[i]);
        if (i == 1)
            turn_until(&w, &x[1].done); /* the second of its project */
    }
    turn_until(&w, &x[3].done); /* the third of the loop */
    assert_int_equal(x[1].answer->outcome, KS_UP_BUSY);
    assert_int_equal(x[3].answer->outcome, KS_UP_BUSY);
    assert_false(x[0].done || x[2].done);
    assert_int_equal(ks_upstream_busy(w.up), 2);
}

static void a_hanging_resolver_holds_neither_the_call_nor_the_loop(void **state)
{
    (void)state;
    resolver_hangs(true);
    ks_call *c = call_of(&w, "GET", "/x");
    c->origin = (ks_origin){KS_S("https"), KS_S("hung.test"), 443, KS_S("")};
    c->total_ms = 150;
    int64_t    began = ks_mono_us();
    ks_answer *a = answer_to(&w, c);
    int64_t    took = ks_mono_us() - began;
    assert_int_equal(a->outcome, KS_UP_UNREACHED);
    resolver_hangs(false);
    assert_true(took < 3000000);
}

/* libcurl 7.88 itself leaks one connection when a certain allocation fails; this test looks at outcomes. */
__attribute__((weak)) void __lsan_disable(void);
__attribute__((weak)) void __lsan_enable(void);

static void running_out_of_memory_is_an_outcome(void **state)
{
    (void)state;
    bool whole = false;
    if (__lsan_disable)
        __lsan_disable();
    for (uint64_t n = 1; n < 3000 && !whole; n += n < 100 ? 1 : 7) {
        ks_call *c = call_of(&w, "GET", "/echo/raw");
        with_secret(&w, c, CANARY);
        c->connection_id = KS_NO_STR;
        waiting x;
        ks_alloc_fail_at(n, false);
        send_one(&w, c, &x);
        turn_until(&w, &x.done);
        whole = ks_alloc_count() < n;
        ks_alloc_fail_at(0, false);
        assert_int_equal(x.done, 1);
        if (whole && x.answer->outcome != KS_UP_ANSWERED)
            fail_msg("no failure was asked for, yet: %s", x.answer->why);
        assert_true(ks_str_find(x.answer->body, KS_S("sk-canary")) == SIZE_MAX);
    }
    if (__lsan_enable)
        __lsan_enable();
    assert_true(whole);
    assert_int_equal(ks_upstream_busy(w.up), 0);
}

static int start(void)
{
    return ks_upstream_start() ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(exactly_the_declared_bytes_arrive),
        T(a_call_without_body_sends_none_and_a_write_says_so),
        T(values_that_could_split_a_request_are_refused_and_nothing_is_sent),
        T(a_colon_in_a_basic_user_name_is_refused),
        T(a_secret_that_comes_back_is_replaced_in_every_spelling),
        T(redirects_are_handed_on_and_not_followed),
        T(cookies_and_hop_by_hop_headers_end_here),
        T(answers_are_limited_in_every_dimension),
        T(gzip_is_unpacked_and_nothing_else_is_let_through),
        T(slow_vendors_are_given_up),
        T(a_read_that_broke_before_a_byte_came_is_tried_twice_more),
        T(a_write_is_not_repeated_once_it_has_left),
        T(a_read_on_a_warm_connection_that_died_is_repeated),
        T(too_many_requests_is_waited_for_once_when_it_is_short),
        T(no_wait_goes_beyond_the_time_of_the_call),
        T(warm_connections_stay_within_a_project),
        T(names_and_plain_http_do_not_reach_inner_addresses),
        T(under_ghost_only_ghosts_and_listed_addresses_are_dialled),
        T(a_project_has_its_own_cap_and_the_loop_another),
        T(the_caps_are_those_that_were_set),
        T(a_hanging_resolver_holds_neither_the_call_nor_the_loop),
        T(running_out_of_memory_is_an_outcome),
    };
    ks_log_set_fd(-1);
    return start() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
