/* upstream/answer.c — the head of an answer: which headers are handed on, whether the body can be searched,
 * when to come back. Hop-by-hop headers, cookies and what speaks of the vendor's origin stay here. Does not
 * touch the body. Source: RFC 9110 sections 7.6.1, 8.4, 10.2.3. Threads: the loop's own. */
#include <curl/curl.h>

#include "base/http_text.h"
#include "base/time.h"

#include "upstream/transfer.h"

#define MAX_WAIT_S 86400 /* later moments are cut to a day */

static bool ends_here(ks_str name)
{
    static const char *const names[] = {
        "connection",     "keep-alive", "te",          "trailer", "transfer-encoding",
        "upgrade",        "set-cookie", "set-cookie2", "alt-svc", "strict-transport-security",
        "clear-site-data"};
    for (size_t i = 0; i < KS_COUNT(names); i++) {
        if (ks_str_eq(name, ks_str_of(names[i])))
            return true;
    }
    return ks_str_starts(name, KS_S("proxy-"));
}

/* Is `name` in the comma-separated list? */
static bool in_list(ks_str list, ks_str name)
{
    ks_str item;
    while (ks_str_cut(&list, ',', &item)) {
        if (ks_str_ieq(ks_str_trim(item, " \t"), name))
            return true;
    }
    return false;
}

/* Take the next header off `rest`. False at the end; lines that are no header are passed over. */
static bool next_header(ks_str *rest, ks_str *name, ks_str *value)
{
    ks_str line;
    while (ks_str_cut(rest, '\n', &line)) {
        size_t colon = ks_str_chr(line, ':');
        if (colon == SIZE_MAX)
            continue;
        *name = ks_str_sub(line, 0, colon);
        *value = ks_str_trim(ks_str_sub(line, colon + 1, SIZE_MAX), " \t\r");
        if (ks_http_value(*value) &&
            ks_http_name(*name)) /* "content-length " is no name: handed on, somebody might read it as one */
            return true;
    }
    return false;
}

/* Take the lines of `rest` up to the next header called `wanted`. False at the end. Judges no line but those
 * of that name: it is asked several times for each answer. */
static bool next_named(ks_str *rest, ks_str wanted, ks_str *value)
{
    ks_str line;
    while (ks_str_cut(rest, '\n', &line)) {
        if (wanted.n == 0 || line.n <= wanted.n || line.p[wanted.n] != ':' ||
            !ks_str_ieq(ks_str_sub(line, 0, wanted.n), wanted))
            continue;
        *value = ks_str_trim(ks_str_sub(line, wanted.n + 1, SIZE_MAX), " \t\r");
        if (ks_http_value(*value))
            return true;
    }
    return false;
}

/* Value of a raw header; absent when missing. `count` (or NULL): how often it stands there. */
static ks_str raw_header(ks_str head, ks_str wanted, size_t *count)
{
    ks_str value, found = KS_NO_STR;
    size_t n = 0;
    while (next_named(&head, wanted, &value)) {
        if (n++ == 0)
            found = value;
    }
    if (count != NULL)
        *count = n;
    return found;
}

/* An answer whose body, if it has one, is not sent: its length is that of another answer. */
static bool bodiless(const ks_transfer *t)
{
    return ks_str_eq(t->call->method, KS_S("HEAD")) || t->answer->status == 304;
}

/* Can the body be read through? One gzip that libcurl unpacks, or nothing; a part of something packed does
 * not unpack. */
static bool can_inspect(ks_transfer *t, ks_str head)
{
    size_t contents, transfers;
    ks_str content = raw_header(head, KS_S("content-encoding"), &contents);
    ks_str transfer = raw_header(head, KS_S("transfer-encoding"), &transfers);
    bool   plain = contents == 0 ||
                 (contents == 1 && (content.n == 0 || ks_str_ieq(content, KS_S("identity"))));
    bool gzip = contents == 1 && t->answer->status != 206 &&
                (ks_str_ieq(content, KS_S("gzip")) || ks_str_ieq(content, KS_S("x-gzip")));
    bool framed = transfers == 0 || (transfers == 1 && ks_str_ieq(transfer, KS_S("chunked")));
    if (framed && (plain || gzip || ks_answer_raw(t) || bodiless(t)))
        return true;
    ks_transfer_fail(t, KS_UP_BROKEN, "the answer is encoded in a way that cannot be searched for secrets");
    return false;
}

static bool fits(ks_transfer *t, ks_str head)
{
    uint64_t size;
    size_t   max = t->call->max_answer ? t->call->max_answer : KS_UP_MAX_ANSWER;
    if (t->call->stream || ks_str_eq(t->call->method, KS_S("HEAD")) ||
        !ks_str_u64(raw_header(head, KS_S("content-length"), NULL), &size) || size <= max)
        return true;
    ks_transfer_fail(t, KS_UP_TOO_LARGE, "the answer is larger than allowed");
    return false;
}

/* ---- when to come back ---- */

static int clamp_s(int64_t s)
{
    return s < 0 ? 0 : s > MAX_WAIT_S ? MAX_WAIT_S : (int)s;
}

/* "7", "6.2", "1s", "6m0s", "250ms": seconds, rounded up; -1 for anything else. */
static int64_t span_s(ks_str text)
{
    int64_t total_ms = 0;
    size_t  i = 0;
    while (i < text.n) {
        int64_t ms = 0, unit = 100;
        size_t  from = i;
        for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && ms < INT64_C(1000000000000); i++)
            ms = ms * 10 + (text.p[i] - '0') * 1000;
        if (i == from)
            return -1;
        if (i < text.n && text.p[i] == '.') {
            for (i++; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++, unit /= 10)
                ms += (text.p[i] - '0') * unit;
        }
        ks_str left = ks_str_sub(text, i, SIZE_MAX);
        if (ks_str_starts(left, KS_S("ms")))
            ms /= 1000, i += 2;
        else if (ks_str_starts(left, KS_S("s")))
            i++;
        else if (ks_str_starts(left, KS_S("m")))
            ms *= 60, i++;
        else if (ks_str_starts(left, KS_S("h")))
            ms *= 3600, i++;
        else if (left.n > 0)
            return -1;
        total_ms += ms;
    }
    return text.n ? (total_ms + 999) / 1000 : -1;
}

/* A moment: an HTTP date or ISO time, seconds or milliseconds since the epoch; the seconds until then, -1 for
 * anything else. */
static int64_t until_s(ks_ctx *cx, ks_str text, int64_t now_s)
{
    uint64_t number;
    ks_str   z = ks_copy(cx, text);
    if (ks_str_u64(text, &number) && number < UINT64_C(100000000000000))
        return (int64_t)(number > UINT64_C(100000000000) ? number / 1000 : number) - now_s;
    time_t at = z.p ? curl_getdate(z.p, NULL) : -1;
    return at == -1 ? -1 : at > now_s ? (int64_t)at - now_s : 0;
}

/* The first of these headers that says a time; -1: none does. */
static int64_t spans_s(ks_str head, ks_names names)
{
    int64_t wait = -1;
    for (size_t i = 0; i < names.n && wait < 0; i++)
        wait = span_s(raw_header(head, names.at[i], NULL));
    return wait;
}

static int64_t moments_s(ks_transfer *t, ks_str head, int64_t now_s)
{
    int64_t wait = -1;
    for (size_t i = 0; i < t->call->rate_at.n && wait < 0; i++) {
        ks_str at = raw_header(head, t->call->rate_at.at[i], NULL);
        wait = at.n ? until_s(t->cx, at, now_s) : -1;
    }
    return wait;
}

static int come_back_s(ks_transfer *t, ks_str head)
{
    int64_t now_s = ks_now_us() / 1000000;
    ks_str  after = raw_header(head, KS_S("retry-after"), NULL);
    int64_t wait = after.p ? span_s(after) : -1;
    if (after.p && wait < 0)
        wait = until_s(t->cx, after, now_s);
    if (wait < 0)
        wait = spans_s(head, t->call->rate_after);
    if (wait < 0)
        wait = moments_s(t, head, now_s);
    return clamp_s(wait);
}

int ks_answer_hold_s(ks_transfer *t)
{
    ks_str head = ks_buf_view(&t->head);
    if (t->answer->status == 429)
        return t->answer->retry_after_s;
    for (size_t i = 0; i < t->call->rate_left.n; i++) {
        if (ks_str_eq(raw_header(head, t->call->rate_left.at[i], NULL), KS_S("0")))
            return come_back_s(t, head);
    }
    return 0;
}

/* ---- headers handed on ---- */

static ks_str lower(ks_ctx *cx, ks_str s)
{
    ks_str copy = ks_copy(cx, s);
    for (size_t i = 0; copy.p != NULL && i < copy.n; i++) {
        char *c = (char *)(uintptr_t)&copy.p[i];
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
    }
    return copy;
}

/* Name lower-case, secrets replaced in both. False when memory is short. */
static bool add_header(ks_transfer *t, ks_str name, ks_str value)
{
    struct ks_answer_header *h = &t->answer->headers[t->answer->headers_n];
    ks_str                   clean = ks_scrub_feed(t->scrub, name, true);
    if (clean.p == NULL)
        return false;
    h->name = lower(t->cx, clean);
    clean = ks_scrub_feed(t->scrub, value, true);
    if (clean.p == NULL || h->name.p == NULL)
        return false;
    h->value = ks_copy(t->cx, clean);
    if (h->value.p == NULL)
        return false;
    if (ks_str_eq(h->name, KS_S("content-type")))
        t->answer->type = h->value;
    t->answer->headers_n++;
    return true;
}

/* Does this header speak of the body as the vendor sent it, while the body that is handed on may be longer,
 * shorter, or unpacked? */
static bool of_another_body(const ks_transfer *t, ks_str head, ks_str low)
{
    bool size = ks_str_eq(low, KS_S("content-length")), coding = ks_str_eq(low, KS_S("content-encoding"));
    if ((!size && !coding) || ks_answer_raw(t))
        return false;
    if (bodiless(t))
        return t->call->stream && /* packed: not what GET would be answered with */
               raw_header(head, KS_S("content-encoding"), NULL).p != NULL;
    return true;
}

static bool read_headers(ks_transfer *t, ks_str head)
{
    ks_str hops = raw_header(head, KS_S("connection"), NULL), rest = head, name, value;
    size_t lines = 1;
    for (size_t i = 0; i < head.n; i++)
        lines += head.p[i] == '\n';
    t->answer->headers = ks_zalloc(t->cx, lines * sizeof *t->answer->headers);
    t->answer->headers_n = 0;
    if (t->answer->headers == NULL)
        return false;
    while (next_header(&rest, &name, &value)) {
        ks_str low = lower(t->cx, name);
        if (low.p == NULL)
            return false;
        bool stays = ends_here(low) || in_list(hops, low) || of_another_body(t, head, low);
        if (!stays && !add_header(t, name, value))
            return false;
    }
    return true;
}

/* Two lengths that differ: whose is the rest? libcurl would take the last (RFC 9112, 6.3). */
static bool one_length(ks_transfer *t, ks_str head)
{
    ks_str value, first = KS_NO_STR;
    while (next_named(&head, KS_S("content-length"), &value)) {
        if (first.p == NULL)
            first = value;
        if (!ks_str_eq(value, first)) {
            ks_transfer_fail(t, KS_UP_BROKEN, "the answer says two lengths");
            return false;
        }
    }
    return true;
}

bool ks_answer_read(ks_transfer *t, int status)
{
    ks_str head = ks_buf_view(&t->head);
    t->answer->status = status;
    t->answer->type = KS_NO_STR;
    if (!one_length(t, head) || !can_inspect(t, head) || !fits(t, head))
        return false;
    if (!read_headers(t, head)) {
        ks_transfer_fail(t, KS_UP_BUSY, "memory is short; try again in a moment");
        return false;
    }
    t->answer->retry_after_s = status == 429 || status == 503 ? come_back_s(t, head) : 0;
    t->answer->redacted = ks_scrub_found(t->scrub);
    t->answer->outcome = KS_UP_ANSWERED;
    t->answer->why = "answered";
    return true;
}
