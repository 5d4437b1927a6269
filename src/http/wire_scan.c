/* http/wire_scan.c — a state machine over single bytes with runs for the plain ones, so that a cut anywhere
 * gives the same verdict. Stricter than RFC 9112 where leniency is a way to smuggle: no obs-fold, no bare LF,
 * no chunk extensions or trailers, origin-form targets only. Keeps nothing but the name of the current header
 * line. */
#include "http/wire_scan.h"

enum { /* ks_scan.state; the order matters: up to S_HEAD_LF a header block, then a body */
       S_START,
       S_START_LF,
       S_METHOD,
       S_TARGET_FIRST,
       S_TARGET,
       S_PERCENT,
       S_PERCENT_2,
       S_VERSION,
       S_VERSION_CR,
       S_LINE_LF,
       S_LINE,
       S_NAME,
       S_VALUE,
       S_VALUE_LF,
       S_HEAD_LF,
       S_BODY,
       S_CHUNK,
       S_CHUNK_LF,
       S_DATA,
       S_DATA_CR,
       S_DATA_LF,
       S_LAST_CR,
       S_LAST_LF
};

enum { V_PLAIN, V_LENGTH, V_CODING, V_HOST }; /* ks_scan.kind: what the value means */

enum { TOKEN = 1, TARGET = 2, VALUE = 4, HEX = 8, HOST = 16 };

/* What each byte may be part of: RFC 9110 5.6.2 tokens; visible ASCII but '#', '%' and '&' (counted) in
 * targets; RFC 9110 5.5 field values (TAB, visible, obs-text); host names with port. Sixteen a row. The test
 * compares it with the rules. */
static const uint8_t classes[256] = {
    /* clang-format off */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    4, 23, 6, 5, 23, 21, 21, 23, 22, 22, 23, 23, 22, 23, 23, 6,
    31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 22, 22, 6, 22, 6, 6,
    6, 31, 31, 31, 31, 31, 31, 23, 23, 23, 23, 23, 23, 23, 23, 23,
    23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 22, 6, 22, 7, 23,
    7, 31, 31, 31, 31, 31, 31, 23, 23, 23, 23, 23, 23, 23, 23, 23,
    23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 6, 7, 6, 23, 0,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    /* clang-format on */
};

static void bad(ks_scan *s, ks_status status, const char *message)
{
    s->status = status;
    s->message = message;
}

/* A byte that may not stand here: what it is tells the client more than where it is. */
static void odd(ks_scan *s, unsigned char c, const char *otherwise)
{
    if (c == '\0')
        bad(s, KS_INVALID, "The request holds a NUL byte.");
    else if (c == '\n')
        bad(s, KS_INVALID, "A line ends with a bare LF. Lines end with CR LF.");
    else if (c == '\r')
        bad(s, KS_INVALID, "A CR stands alone. Lines end with CR LF.");
    else if ((c < 0x20 && c != '\t') || c == 0x7f)
        bad(s, KS_INVALID, "The request holds a control character.");
    else
        bad(s, KS_INVALID, otherwise);
}

static void want_lf(ks_scan *s, unsigned char c, uint8_t next)
{
    if (c == '\n')
        s->state = next;
    else
        odd(s, '\r', NULL);
}

/* ---- request line ---- */

static void on_start(ks_scan *s, unsigned char c)
{
    if (c == '\r' && !s->skipped) { /* RFC 9112 2.2: one empty line before the request line is let pass */
        s->skipped = true;
        s->state = S_START_LF;
    } else if (classes[c] & TOKEN) {
        s->state = S_METHOD;
    } else {
        odd(s, c, "The request line must begin with a method.");
    }
}

static void on_method(ks_scan *s, unsigned char c)
{
    if (c == ' ')
        s->state = S_TARGET_FIRST;
    else if (!(classes[c] & TOKEN))
        odd(s, c, "The method must be a token followed by one blank.");
}

static void on_target_first(ks_scan *s, unsigned char c)
{
    s->target_n = 1;
    if (c == '/')
        s->state = S_TARGET;
    else
        odd(s, c, "The request target must be a path that begins with '/'.");
}

static void on_target(ks_scan *s, unsigned char c)
{
    if (c == ' ') {
        s->state = S_VERSION;
        s->at = 0;
        return;
    }
    if (s->target_n == KS_MAX_TARGET_BYTES) {
        bad(s, KS_URI_TOO_LONG, "The request target is longer than 8 KiB.");
        return;
    }
    s->target_n++;
    if (c == '%')
        s->state = S_PERCENT;
    else if (c == '&' && s->pairs_n++ < KS_MAX_PAIRS)
        return;
    else if (c == '&')
        bad(s, KS_URI_TOO_LONG, "The query has more than 128 parameters.");
    else if (c == '\r' || c == '\n')
        bad(s, KS_INVALID, "The request line must end with the HTTP version.");
    else if (!(classes[c] & TARGET))
        odd(s, c, "The request target holds a byte that must be percent-encoded.");
}

static void on_percent(ks_scan *s, unsigned char c)
{
    if (s->target_n++ >= KS_MAX_TARGET_BYTES)
        bad(s, KS_URI_TOO_LONG, "The request target is longer than 8 KiB.");
    else if (!(classes[c] & HEX))
        odd(s, c, "A '%' in the request target must be followed by two hexadecimal digits.");
    else
        s->state = s->state == S_PERCENT ? S_PERCENT_2 : S_TARGET;
}

static void on_version(ks_scan *s, unsigned char c)
{
    static const char name[] = "HTTP/1.";
    if (s->at < sizeof name - 1 && c == (unsigned char)name[s->at]) {
        s->at++;
    } else if (s->at == sizeof name - 1 && (c == '0' || c == '1')) {
        s->minor = c == '1';
        s->state = S_VERSION_CR;
    } else {
        bad(s, KS_INVALID, "The request line must end with HTTP/1.1 or HTTP/1.0 after one blank.");
    }
}

static void on_version_cr(ks_scan *s, unsigned char c)
{
    if (c == '\r')
        s->state = S_LINE_LF;
    else
        odd(s, c, "The request line must end with HTTP/1.1 or HTTP/1.0.");
}

/* ---- header lines ---- */

static void note_name(ks_scan *s, const char *p, size_t n)
{
    for (size_t i = 0; i < n && s->name_n < sizeof s->name; i++)
        s->name[s->name_n++] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i]);
}

static void on_line(ks_scan *s, unsigned char c)
{
    char one = (char)c;
    s->name_n = 0;
    if (c == '\r')
        s->state = S_HEAD_LF;
    else if (c == ' ' || c == '\t')
        bad(s, KS_INVALID, "A header line begins with a blank. Folded header lines are not accepted.");
    else if (c == ':')
        bad(s, KS_INVALID, "A header line has no name.");
    else if (!(classes[c] & TOKEN))
        odd(s, c, "A header name holds a byte that is not allowed there.");
    else if (s->headers_n++ == KS_MAX_HEADERS)
        bad(s, KS_HEADERS, "The request has more than 100 header lines.");
    if (s->status == KS_OK && s->state == S_LINE) {
        s->state = S_NAME;
        note_name(s, &one, 1);
    }
}

static bool is_name(const ks_scan *s, ks_str name)
{
    return s->name_n == name.n && memcmp(s->name, name.p, name.n) == 0;
}

static void name_ends(ks_scan *s)
{
    s->state = S_VALUE;
    s->kind = V_PLAIN;
    s->blank = false;
    s->empty = true;
    s->at = 0;
    if (is_name(s, KS_S("content-length"))) {
        s->kind = V_LENGTH;
        if (s->length)
            bad(s, KS_INVALID, "Content-Length is given twice.");
        s->length = true;
        s->left = 0;
    } else if (is_name(s, KS_S("transfer-encoding"))) {
        s->kind = V_CODING;
        if (s->chunked)
            bad(s, KS_INVALID, "Transfer-Encoding is given twice.");
        s->chunked = true;
    } else if (is_name(s, KS_S("host"))) {
        s->kind = V_HOST;
        if (s->host)
            bad(s, KS_INVALID, "Host is given twice.");
        s->host = true;
    }
}

static void on_name(ks_scan *s, unsigned char c)
{
    char one = (char)c;
    if (c == ':')
        name_ends(s);
    else if (c == ' ' || c == '\t')
        bad(s, KS_INVALID, "A header name is followed by a blank. The colon must follow at once.");
    else if (!(classes[c] & TOKEN))
        odd(s, c, "A header name holds a byte that is not allowed there.");
    else
        note_name(s, &one, 1);
}

static const char coding[] = "chunked";

static void value_ends(ks_scan *s)
{
    s->state = S_VALUE_LF;
    if (s->kind == V_LENGTH && s->empty)
        bad(s, KS_INVALID, "Content-Length must be a plain decimal number.");
    else if (s->kind == V_CODING && s->at != sizeof coding - 1)
        bad(s, KS_INVALID, "Transfer-Encoding may only be \"chunked\".");
    else if (s->kind == V_HOST && s->empty)
        bad(s, KS_INVALID, "Host is empty.");
}

/* One byte of a value that decides about framing or routing; `s->blank`: the value has already ended. */
static void special(ks_scan *s, unsigned char c)
{
    bool fine = !s->blank;
    if (s->kind == V_LENGTH) {
        fine = fine && c >= '0' && c <= '9' && s->left < INT64_MAX / 10;
        s->left = s->left * 10 + (uint64_t)(c - '0');
        if (!fine)
            bad(s, KS_INVALID, "Content-Length must be a plain decimal number.");
    } else if (s->kind == V_CODING) {
        if (!fine || s->at == sizeof coding - 1 || (c | 0x20) != coding[s->at])
            bad(s, KS_INVALID, "Transfer-Encoding may only be \"chunked\".");
        s->at++;
    } else if (!fine || !(classes[c] & HOST)) {
        bad(s, KS_INVALID, "Host is not a host name with an optional port.");
    }
    s->empty = false;
}

static void on_value(ks_scan *s, unsigned char c)
{
    if (c == '\r')
        value_ends(s);
    else if (!(classes[c] & VALUE))
        odd(s, c, "A header value holds a byte that is not allowed there.");
    else if (s->kind == V_PLAIN)
        return;
    else if (c != ' ' && c != '\t')
        special(s, c);
    else if (s->empty)
        return;
    else if (s->kind == V_HOST)
        s->blank = true;
    else /* libmicrohttpd keeps it: "chunked " is no coding to it, and the body goes on to the end of all */
        bad(s, KS_INVALID, "Content-Length and Transfer-Encoding must not end with a blank.");
}

/* ---- the end of the header block, bodies ---- */

static void next_request(ks_scan *s)
{
    *s = (ks_scan){.heads = s->heads};
}

static void on_head_lf(ks_scan *s, unsigned char c)
{
    if (c != '\n')
        odd(s, '\r', NULL);
    else if (s->minor == 1 && !s->host)
        bad(s, KS_INVALID, "The Host header is missing.");
    else if (s->chunked && s->length)
        bad(s, KS_INVALID, "Content-Length and Transfer-Encoding exclude each other.");
    else if (s->chunked && s->minor == 0)
        bad(s, KS_INVALID, "HTTP/1.0 has no Transfer-Encoding.");
    if (s->status != KS_OK)
        return;
    s->heads++;
    s->at = 0;
    if (s->chunked) {
        s->state = S_CHUNK;
        s->left = 0;
    } else if (s->length && s->left > 0) {
        s->state = S_BODY;
    } else {
        next_request(s);
    }
}

static void on_chunk(ks_scan *s, unsigned char c)
{
    if (classes[c] & HEX) {
        s->left = s->left * 16 + (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        if (++s->at > 8 || s->left > KS_MAX_CHUNK_BYTES)
            bad(s, KS_INVALID, "A chunk is larger than 16 MiB.");
    } else if (c == '\r' && s->at > 0) {
        s->state = S_CHUNK_LF;
    } else {
        odd(s, c, "A chunk size must be a plain hexadecimal number.");
    }
}

static void on_chunk_lf(ks_scan *s, unsigned char c)
{
    want_lf(s, c, s->left == 0 ? S_LAST_CR : S_DATA);
}

static void on_data_cr(ks_scan *s, unsigned char c)
{
    if (c == '\r')
        s->state = S_DATA_LF;
    else
        odd(s, c, "A chunk is longer than its size says.");
}

static void on_data_lf(ks_scan *s, unsigned char c)
{
    want_lf(s, c, S_CHUNK);
    s->at = 0;
}

static void on_last_cr(ks_scan *s, unsigned char c)
{
    if (c == '\r')
        s->state = S_LAST_LF;
    else
        odd(s, c, "Trailer fields are not accepted.");
}

static void on_last_lf(ks_scan *s, unsigned char c)
{
    want_lf(s, c, S_START);
    if (s->status == KS_OK)
        next_request(s);
}

/* ---- driving ---- */

static void on_line_lf(ks_scan *s, unsigned char c)
{
    want_lf(s, c, S_LINE);
}

static void on_start_lf(ks_scan *s, unsigned char c)
{
    want_lf(s, c, S_START);
}

static void (*const step[])(ks_scan *s, unsigned char c) = {
    [S_START] = on_start,
    [S_START_LF] = on_start_lf,
    [S_METHOD] = on_method,
    [S_TARGET_FIRST] = on_target_first,
    [S_TARGET] = on_target,
    [S_PERCENT] = on_percent,
    [S_PERCENT_2] = on_percent,
    [S_VERSION] = on_version,
    [S_VERSION_CR] = on_version_cr,
    [S_LINE_LF] = on_line_lf,
    [S_LINE] = on_line,
    [S_NAME] = on_name,
    [S_VALUE] = on_value,
    [S_VALUE_LF] = on_line_lf,
    [S_HEAD_LF] = on_head_lf,
    [S_CHUNK] = on_chunk,
    [S_CHUNK_LF] = on_chunk_lf,
    [S_DATA_CR] = on_data_cr,
    [S_DATA_LF] = on_data_lf,
    [S_LAST_CR] = on_last_cr,
    [S_LAST_LF] = on_last_lf,
};

/* Length of the run of bytes at p that leave the state as it is; the limits of the head are seen by
 * head_byte().
 */
static size_t run(ks_scan *s, const char *p, size_t n)
{
    size_t  room = KS_MAX_HEADER_BYTES - s->head_n, i = 0;
    uint8_t want = s->state == S_TARGET ? TARGET : s->state == S_NAME ? TOKEN : VALUE;
    if (s->state == S_TARGET && room > KS_MAX_TARGET_BYTES - s->target_n)
        room = KS_MAX_TARGET_BYTES - s->target_n;
    if (n > room)
        n = room;
    while (i < n && (classes[(unsigned char)p[i]] & want))
        i++;
    if (s->state == S_TARGET)
        s->target_n += (uint32_t)i;
    else if (s->state == S_NAME)
        note_name(s, p, i);
    s->head_n += (uint32_t)i;
    return i;
}

static size_t skip_body(ks_scan *s, size_t n)
{
    if (n > s->left)
        n = (size_t)s->left;
    s->left -= n;
    if (s->left == 0 && s->state == S_BODY)
        next_request(s);
    else if (s->left == 0)
        s->state = S_DATA_CR;
    return n;
}

static void head_byte(ks_scan *s, unsigned char c)
{
    if (s->head_n == KS_MAX_HEADER_BYTES) {
        bad(s, KS_HEADERS, "Request line and header lines are longer than 16 KiB together.");
        return;
    }
    s->head_n++;
    step[s->state](s, c);
}

size_t ks_scan_feed(ks_scan *s, ks_str b)
{
    size_t i = 0, begin = 0; /* begin: of the header block that is not finished */
    if (s->status != KS_OK)
        return 0;
    while (i < b.n && s->status == KS_OK) {
        if (s->state == S_BODY || s->state == S_DATA) {
            i += skip_body(s, b.n - i);
        } else if (s->state > S_HEAD_LF) {
            step[s->state](s, (unsigned char)b.p[i++]);
        } else {
            if (s->state == S_START && s->head_n == 0)
                begin = i;
            if (s->state == S_TARGET || s->state == S_NAME || (s->state == S_VALUE && s->kind == V_PLAIN))
                i += run(s, b.p + i, b.n - i);
            if (i < b.n)
                head_byte(s, (unsigned char)b.p[i++]);
        }
    }
    return ks_scan_where(s) == KS_SCAN_HEAD ? begin : s->status == KS_OK ? i : i - 1;
}

ks_scan_phase ks_scan_where(const ks_scan *s)
{
    if (s->state > S_HEAD_LF)
        return KS_SCAN_BODY;
    return s->head_n > 0 ? KS_SCAN_HEAD : KS_SCAN_IDLE;
}
