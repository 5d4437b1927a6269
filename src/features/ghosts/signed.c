/* features/ghosts/signed.c — see signed.h. The time and the nonce are taken from the request itself; one that
 * is more than a quarter of an hour old is refused. Signatures are made by upstream/sign.h, digests (RFC
 * 7616) here, because libcurl makes them on the other side. */
#include "features/ghosts/signed.h"

#include "base/enc.h"
#include "base/time.h"
#include "features/actions/signing.h"
#include "features/apps/template.h"
#include "upstream/sign.h"

#define SKEW_US   (INT64_C(15) * 60 * 1000000)
#define MAX_LINES ((size_t)64 * 1024)
#define MAX_PAIRS 100
#define NONCE     "5f3c1e7a9b2d4068"

/* One judgement under way. */
typedef struct judging {
    ks_ctx              *cx;
    const ks_app_scheme *s;
    const ks_ghost_ask  *ask;
    ks_sign              sign;
    int64_t              now_us;
    ks_str               nonce;
} judging;

/* ---- what the signature was made with ---- */

/* The part `name` of "name=base64,..."; absent: not there. */
static ks_str told(ks_ctx *cx, ks_str list, ks_str name)
{
    ks_str pair;
    while (ks_str_cut(&list, ',', &pair)) {
        size_t eq = ks_str_chr(pair, '=');
        if (eq == SIZE_MAX || !ks_str_eq(ks_str_sub(pair, 0, eq), name))
            continue;
        ks_buf *b = ks_ctx_buf(cx, pair.n + 1);
        return b != NULL && ks_dec_base64(b, ks_str_sub(pair, eq + 1, SIZE_MAX)) ? ks_buf_view(b) : KS_NO_STR;
    }
    return KS_NO_STR;
}

/* Fit what was told to the templates of the app file: that gives the values by field. */
static bool take_values(judging *j, ks_ghost_values *v)
{
    ks_str list = ks_ghost_header(j->ask, KS_S("ks-ghost-sign"));
    for (size_t i = 0; i < j->s->sign_with.n; i++) {
        const ks_app_put *put = &j->s->sign_with.at[i];
        ks_str            value = told(j->cx, list, put->name);
        if (value.p == NULL && j->sign.how == KS_SIGN_HMAC && ks_str_eq(put->name, KS_S("value")))
            value = ks_ghost_header(j->ask,
                                    told(j->cx, list, KS_S("header"))); /* holds a signature, and more */
        if (value.p != NULL && j->sign.how != KS_SIGN_MTLS && !ks_ghost_text(put->value, value, v))
            return false;
    }
    return list.n > 0;
}

static ks_str with_of(const ks_app_scheme *s, ks_str name)
{
    for (size_t i = 0; i < s->sign_with.n; i++) {
        if (ks_str_eq(s->sign_with.at[i].name, name))
            return s->sign_with.at[i].value;
    }
    return KS_NO_STR;
}

/* What stands beside the signature in its header ("public_key:signature") is told nowhere else. The signature
 * itself is not taken from there: it is made again. */
static void learn_beside(judging *j, ks_ghost_values *v)
{
    ks_ghost_values found = *v;
    ks_str          sent = ks_ghost_header(j->ask, with_of(j->s, KS_S("header")));
    if (sent.n == 0 || !ks_ghost_text(with_of(j->s, KS_S("value")), sent, &found))
        return;
    for (size_t i = v->n; i < found.n; i++) {
        if (!ks_signing_word(found.at[i].name))
            v->at[v->n++] = found.at[i];
    }
}

static ks_str value_of(const ks_ghost_values *v, ks_str name)
{
    for (size_t i = 0; i < v->n; i++) {
        if (ks_str_eq(v->at[i].name, name))
            return v->at[i].value;
    }
    return KS_NO_STR;
}

/* A template with the values in it, as features/actions/signing.c lays it out. False: one is missing. */
static bool lay_out(judging *j, const ks_ghost_values *v, ks_str tpl, ks_text *out)
{
    ks_tpl_part part;
    ks_piece   *at = ks_zalloc(j->cx, (tpl.n / 2 + 2) * sizeof *at);
    *out = (ks_text){.pieces = at};
    while (at != NULL && ks_tpl_next(&tpl, &part)) {
        bool   word = part.is_value && j->sign.how == KS_SIGN_HMAC && ks_signing_word(part.text);
        ks_str value = word ? KS_NO_STR : part.is_value ? value_of(v, part.text) : part.text;
        if (value.p == NULL && !word)
            return false;
        at[out->n++] = (ks_piece){.text = word ? part.text : value,
                                  .enc = word ? KS_ENC_REQUEST : KS_ENC_NONE};
    }
    return at != NULL;
}

static void make_sign(judging *j, const ks_ghost_values *v)
{
    for (size_t i = 0; i < j->s->sign_with.n && j->sign.n < KS_SIGN_PARTS; i++) {
        ks_sign_part *p = &j->sign.parts[j->sign.n];
        p->name = j->s->sign_with.at[i].name;
        j->sign.n += lay_out(j, v, j->s->sign_with.at[i].value, &p->text);
    }
}

/* ---- when it was made ---- */

/* The text behind `name="`, up to the next quote. */
static ks_str quoted(ks_str in, const char *name)
{
    size_t at = ks_str_find(in, ks_str_of(name));
    ks_str rest = ks_str_sub(in, at == SIZE_MAX ? in.n : at + strlen(name), SIZE_MAX);
    return ks_str_sub(rest, 0, ks_str_chr(rest, '"'));
}

/* "20260131T235959Z" or "2026-01-31T23:59:59Z". */
static bool moment(ks_str s, int64_t *us)
{
    char   iso[KS_ISO_LEN] = "0000-00-00T00:00:00.000Z";
    size_t at = 0;
    for (size_t i = 0; i < s.n && at < 19; i++) {
        if (!ks_is_digit(s.p[i]))
            continue;
        iso[at++] = s.p[i];
        at += at < 19 && !ks_is_digit(iso[at]); /* over the sign between two numbers */
    }
    return at == 19 && ks_time_parse_iso(iso, sizeof iso - 1, us);
}

/* Time and nonce of the request, wherever its way of signing keeps them. */
static bool read_when(judging *j)
{
    ks_str   authorization = ks_ghost_header(j->ask, KS_S("authorization"));
    ks_buf  *b = ks_ctx_buf(j->cx, 256);
    uint64_t seconds;
    j->now_us = j->cx->now_us;
    j->nonce = KS_S("00000000000000000000000000000000");
    if (b == NULL)
        return false;
    if (j->sign.how == KS_SIGN_AWS4)
        return moment(ks_ghost_header(j->ask, KS_S("x-amz-date")), &j->now_us);
    if (j->sign.how == KS_SIGN_OAUTH1) {
        j->nonce = quoted(authorization, "oauth_nonce=\"");
        if (!ks_str_u64(quoted(authorization, "oauth_timestamp=\""), &seconds) || seconds > UINT32_MAX)
            return false;
        j->now_us = (int64_t)seconds * 1000000;
    }
    if (j->sign.how != KS_SIGN_WSSE)
        return true;
    for (size_t i = 0; i < j->sign.n; i++) {
        if (!ks_str_eq(j->sign.parts[i].name, KS_S("header")))
            continue;
        ks_str token = ks_ghost_header(j->ask, j->sign.parts[i].text.pieces[0].text);
        ks_str nonce = quoted(token, "Nonce=\"");
        bool   plain = nonce.n == 32 && ks_dec_base64(b, nonce) && b->n != 16;
        if (!plain && b->n == 16) {
            ks_str  raw = ks_buf_view(b);
            ks_buf *hex = ks_ctx_buf(j->cx, 64);
            if (hex == NULL)
                return false;
            ks_enc_hex(hex, raw.p, raw.n);
            nonce = ks_buf_view(hex);
        }
        j->nonce = nonce;
        return moment(quoted(token, "Created=\""), &j->now_us);
    }
    return false;
}

/* ---- made once more ---- */

static size_t headers_of(const judging *j, ks_sign_header *all, ks_str *type, ks_str *host)
{
    size_t n = 0;
    for (size_t i = 0; i < j->ask->headers_n && n < MAX_PAIRS; i++) {
        const ks_req_pair *h = &j->ask->headers[i];
        if (ks_str_ieq(h->name, KS_S("content-type")))
            *type = h->value;
        if (ks_str_ieq(h->name, KS_S("host")))
            *host = h->value;
        if (!ks_sign_makes_header(&j->sign, h->name))
            all[n++] = (ks_sign_header){h->name, h->value};
    }
    return n;
}

/* Does every line stand in the request as it was made again? */
static bool lines_stand(const judging *j, ks_str lines)
{
    ks_str line;
    bool   any = false;
    while (ks_str_cut(&lines, '\0', &line)) {
        size_t colon = ks_str_chr(line, ':');
        ks_str sent = ks_ghost_header(j->ask, ks_str_sub(line, 0, colon));
        any = true;
        if (colon == SIZE_MAX || !ks_str_eq(sent, ks_str_sub(line, colon + 2, SIZE_MAX)))
            return false;
    }
    return any;
}

static bool same_again(judging *j)
{
    ks_sign_header headers[MAX_PAIRS];
    ks_sign_ask    ask = {.sign = &j->sign,
                          .https = true,
                          .method = j->ask->method,
                          .path = j->ask->raw_path.n ? j->ask->raw_path : j->ask->path,
                          .query = j->ask->query,
                          .body = j->ask->body,
                          .headers = headers,
                          .now_us = j->now_us,
                          .nonce = j->nonce};
    ks_buf        *lines = ks_ctx_buf(j->cx, MAX_LINES);
    size_t         n = 0;
    ask.streams = ks_str_eq(ks_ghost_header(j->ask, KS_S("x-amz-content-sha256")), KS_S("UNSIGNED-PAYLOAD"));
    ask.headers_n = headers_of(j, headers, &ask.type, &ask.host);
    return lines != NULL && ks_sign_make(&ask, lines, &n) == NULL && lines_stand(j, ks_buf_view(lines));
}

/* ---- digest ---- */

static void put_hash(ks_ctx *cx, ks_buf *out, ks_str a, ks_str b, ks_str c)
{
    ks_str text = ks_fmt(cx, KS_FMT ":" KS_FMT "%s" KS_FMT, KS_ARG(a), KS_ARG(b), c.p ? ":" : "", KS_ARG(c));
    out->failed |= text.p == NULL;
    ks_sign_sha256(out, text);
}

/* RFC 7616 3.4.1 with SHA-256 and qop=auth. */
static bool digest_fits(judging *j, const ks_ghost_values *v)
{
    ks_str  sent = ks_ghost_header(j->ask, KS_S("authorization"));
    ks_buf *a1 = ks_ctx_buf(j->cx, 256), *a2 = ks_ctx_buf(j->cx, 256), *whole = ks_ctx_buf(j->cx, 256);
    ks_str  target = ks_fmt(j->cx, KS_FMT "%s" KS_FMT, KS_ARG(j->ask->raw_path), j->ask->query.n ? "?" : "",
                            KS_ARG(j->ask->query));
    ks_str  list = ks_ghost_header(j->ask, KS_S("ks-ghost-sign"));
    ks_str  user = told(j->cx, list, KS_S("user")), password = told(j->cx, list, KS_S("password"));
    size_t  at = ks_str_find(sent, KS_S("nc="));
    (void)v;
    if (a1 == NULL || a2 == NULL || whole == NULL || target.p == NULL || at == SIZE_MAX ||
        !ks_str_starts(sent, KS_S("Digest ")) || !ks_str_eq(quoted(sent, "username=\""), user) ||
        !ks_str_eq(quoted(sent, "uri=\""), target) || !ks_str_eq(quoted(sent, " nonce=\""), KS_S(NONCE)))
        return false;
    put_hash(j->cx, a1, user, KS_S("ghost"), password);
    put_hash(j->cx, a2, j->ask->method, target, KS_NO_STR);
    ks_str middle = ks_fmt(j->cx, NONCE ":" KS_FMT ":" KS_FMT ":auth", KS_ARG(ks_str_sub(sent, at + 3, 8)),
                           KS_ARG(quoted(sent, "cnonce=\"")));
    put_hash(j->cx, whole, ks_buf_view(a1), middle, ks_buf_view(a2));
    return middle.p != NULL && ks_buf_ok(whole) && ks_str_eq(quoted(sent, "response=\""), ks_buf_view(whole));
}

/* A ghost listens without TLS: what it is told of the certificate must be a SHA-256. */
static bool certificate_told(const judging *j)
{
    ks_str list = ks_ghost_header(j->ask, KS_S("ks-ghost-sign"));
    ks_str print = told(j->cx, list, KS_S("certificate"));
    return print.n == 64 && ks_str_only(print, "0123456789abcdef");
}

bool ks_ghost_signed(ks_ctx *cx, const ks_app_scheme *s, const ks_ghost_ask *ask, ks_ghost_values *v)
{
    judging j = {.cx = cx, .s = s, .ask = ask};
    if (s->sign.p == NULL)
        return true;
    if (!ks_sign_find(s->sign, &j.sign.how) || !take_values(&j, v))
        return false;
    if (j.sign.how == KS_SIGN_MTLS)
        return certificate_told(&j);
    if (j.sign.how == KS_SIGN_DIGEST)
        return digest_fits(&j, v);
    if (j.sign.how == KS_SIGN_HMAC)
        learn_beside(&j, v);
    make_sign(&j, v);
    if (!read_when(&j) || j.now_us - cx->now_us > SKEW_US || cx->now_us - j.now_us > SKEW_US)
        return false;
    return same_again(&j);
}

ks_str ks_ghost_challenge(const ks_app_scheme *s)
{
    if (s == NULL || !ks_str_eq(s->sign, KS_S("http-digest")))
        return KS_NO_STR;
    return KS_S("Digest realm=\"ghost\", nonce=\"" NONCE "\", qop=\"auth\", algorithm=SHA-256");
}
