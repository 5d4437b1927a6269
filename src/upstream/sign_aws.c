/* upstream/sign_aws.c — AWS Signature Version 4 in the Authorization header. libcurl 7.88 has one of its own,
 * which is not used: decision 0013 says what was measured. Source: AWS, "Create a signed AWS API request";
 * the examples there are the vectors of sign_test.c. Threads: any. */
#include "upstream/sign_in.h"

#include <stdlib.h>

#include "base/enc.h"

#define MAX_TEXT  ((size_t)64 * 1024)
#define ALGORITHM "AWS4-HMAC-SHA256"
#define MAX_AMZ   32 /* x-amz-* headers of one call */

/* One signature under way. */
typedef struct signing {
    const ks_sign_ask *ask;
    ks_buf             access_key, secret, token, region, service;
    ks_buf             when, scope, hash; /* hash: of the body, as it is declared */
    ks_buf             names, canonical;  /* names: of the signed headers */
    bool               s3;
} signing;

/* ---- what is signed for ---- */

static bool has_label(ks_str host, const char *label)
{
    ks_str part;
    while (ks_str_cut(&host, '.', &part)) {
        if (ks_str_ieq(part, ks_str_of(label)))
            return true;
    }
    return false;
}

/* `service: host`: the first label of the host, but for the few that sign under another name. */
static ks_str service_of(ks_str host)
{
    static const char *const others[][2] = {
        {"email", "ses"}, {"bedrock-runtime", "bedrock"}, {"runtime-sagemaker", "sagemaker"}};
    ks_str first = ks_str_sub(host, 0, ks_str_chr(host, '.'));
    if (has_label(host, "s3"))
        return KS_S("s3");
    if (has_label(host, "execute-api"))
        return KS_S("execute-api");
    for (size_t i = 0; i < KS_COUNT(others); i++) {
        if (ks_str_ieq(first, ks_str_of(others[i][0])))
            return ks_str_of(others[i][1]);
    }
    return first;
}

static void put_service(const ks_sign *s, ks_str host, ks_buf *out)
{
    if (ks_sign_bytes(s, "service", out) && ks_str_eq(ks_buf_view(out), KS_S("host"))) {
        ks_buf_clear(out);
        ks_buf_str(out, service_of(host));
    }
}

bool ks_sign_is_s3(const ks_sign *s, ks_str host)
{
    ks_buf service = ks_buf_new(MAX_TEXT);
    put_service(s, host, &service);
    bool s3 = ks_str_eq(ks_buf_view(&service), KS_S("s3"));
    ks_buf_done(&service);
    return s3;
}

/* ---- headers ---- */

static int by_name(const void *left, const void *right)
{
    return ks_str_cmp(((const ks_sign_header *)left)->name, ((const ks_sign_header *)right)->name);
}

/* A header value as it is signed: outer blanks away, inner runs of blanks as one. */
static void put_value(ks_buf *b, ks_str value)
{
    value = ks_str_trim(value, " \t");
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] != ' ' || i == 0 || value.p[i - 1] != ' ')
            ks_buf_c(b, value.p[i]);
    }
}

static void put_lower(ks_buf *b, ks_str name)
{
    for (size_t i = 0; i < name.n; i++)
        ks_buf_c(b, ks_lower(name.p[i]));
}

/* Lower-case copies in `names`, so that they sort by bytes. */
static const char *collect(const signing *s, ks_buf *names, ks_sign_header *all, size_t *n)
{
    const ks_sign_header own[] = {{KS_S("host"), s->ask->host},
                                  {KS_S("content-type"), s->ask->type},
                                  {KS_S("x-amz-date"), ks_buf_view(&s->when)},
                                  {KS_S("x-amz-content-sha256"), s->s3 ? ks_buf_view(&s->hash) : KS_S("")},
                                  {KS_S("x-amz-security-token"), ks_buf_view(&s->token)}};
    for (size_t i = 0; i < KS_COUNT(own); i++) {
        if (own[i].value.n > 0)
            all[(*n)++] = own[i];
    }
    for (size_t i = 0; i < s->ask->headers_n; i++) {
        ks_sign_header h = s->ask->headers[i];
        if (h.name.n < 6 || !ks_str_ieq(ks_str_sub(h.name, 0, 6), KS_S("x-amz-")))
            continue;
        if (*n == MAX_AMZ)
            return "it has more x-amz- headers than can be signed";
        size_t from = names->n;
        if (ks_buf_reserve(names, h.name.n) == NULL) /* room was made before: what is there does not move */
            return KS_WIRE_MEMORY;
        put_lower(names, h.name);
        all[(*n)++] = (ks_sign_header){ks_str_sub(ks_buf_view(names), from, SIZE_MAX), h.value};
    }
    qsort(all, *n, sizeof *all, by_name);
    return NULL;
}

static const char *put_headers(signing *s)
{
    ks_sign_header all[MAX_AMZ];
    size_t         n = 0;
    ks_buf         names = ks_buf_new(MAX_TEXT);
    const char    *fault = ks_buf_reserve(&names, MAX_TEXT - 1) == NULL ? KS_WIRE_MEMORY : NULL;
    if (fault == NULL)
        fault = collect(s, &names, all, &n);
    for (size_t i = 0; fault == NULL && i < n; i++) {
        if (i > 0)
            ks_buf_c(&s->names, ';');
        ks_buf_str(&s->names, all[i].name);
        ks_buf_str(&s->canonical, all[i].name);
        ks_buf_c(&s->canonical, ':');
        put_value(&s->canonical, all[i].value);
        ks_buf_c(&s->canonical, '\n');
    }
    ks_buf_done(&names);
    return fault;
}

/* ---- the canonical request ---- */

/* Services but S3 see the path encoded once more. */
static void put_path(signing *s)
{
    if (s->s3)
        ks_buf_str(&s->canonical, s->ask->path);
    else
        ks_sign_encode(&s->canonical, s->ask->path, true);
}

static const char *put_request(signing *s)
{
    ks_sign_pairs query = ks_sign_pairs_new();
    ks_buf_str(&s->canonical, s->ask->method);
    ks_buf_c(&s->canonical, '\n');
    put_path(s);
    ks_buf_c(&s->canonical, '\n');
    ks_sign_pairs_query(&query, s->ask->query);
    ks_sign_pairs_join(&query, &s->canonical);
    ks_sign_pairs_done(&query);
    ks_buf_c(&s->canonical, '\n');
    const char *fault = put_headers(s);
    ks_buf_c(&s->canonical, '\n');
    ks_buf_str(&s->canonical, ks_buf_view(&s->names));
    ks_buf_c(&s->canonical, '\n');
    ks_buf_str(&s->canonical, ks_buf_view(&s->hash));
    return fault;
}

static ks_hash signing_key(const signing *s)
{
    ks_buf       first = ks_buf_new(MAX_TEXT);
    const ks_str steps[] = {ks_str_sub(ks_buf_view(&s->when), 0, 8), ks_buf_view(&s->region),
                            ks_buf_view(&s->service), KS_S("aws4_request")};
    ks_buf_z(&first, "AWS4");
    ks_buf_str(&first, ks_buf_view(&s->secret));
    ks_str  key = ks_buf_view(&first);
    ks_hash made = {.n = 0};
    for (size_t i = 0; i < KS_COUNT(steps); i++) {
        ks_hash next = ks_hash_keyed(KS_HASH_SHA256, key, steps[i]);
        made = next;
        ks_hash_wipe(&next);
        key = (ks_str){(const char *)made.bytes, made.n};
    }
    if (!ks_buf_ok(&first))
        made.n = 0;
    ks_buf_done(&first);
    return made;
}

static void put_signature(const signing *s, ks_buf *out)
{
    ks_hash whole = ks_hash_of(KS_HASH_SHA256, ks_buf_view(&s->canonical)), key = signing_key(s);
    ks_buf  text = ks_buf_new(MAX_TEXT);
    ks_buf_fmt(&text, ALGORITHM "\n" KS_FMT "\n" KS_FMT "\n", KS_ARG(ks_buf_view(&s->when)),
               KS_ARG(ks_buf_view(&s->scope)));
    ks_hash_hex(&text, &whole);
    ks_hash mac = ks_hash_keyed(KS_HASH_SHA256, (ks_str){(const char *)key.bytes, key.n}, ks_buf_view(&text));
    if (!ks_buf_ok(&text) || key.n == 0)
        mac.n = 0;
    ks_hash_hex(out, &mac);
    ks_hash_wipe(&key);
    ks_buf_done(&text);
}

/* ---- the lines ---- */

static const char *put_lines(const signing *s, ks_buf *lines, size_t *n)
{
    ks_buf      value = ks_buf_new(MAX_TEXT);
    const char *fault = ks_sign_line(lines, n, KS_S("X-Amz-Date"), ks_buf_view(&s->when));
    if (fault == NULL && s->s3)
        fault = ks_sign_line(lines, n, KS_S("X-Amz-Content-Sha256"), ks_buf_view(&s->hash));
    if (fault == NULL && s->token.n > 0)
        fault = ks_sign_line(lines, n, KS_S("X-Amz-Security-Token"), ks_buf_view(&s->token));
    ks_buf_fmt(&value, ALGORITHM " Credential=" KS_FMT "/" KS_FMT ", SignedHeaders=" KS_FMT ", Signature=",
               KS_ARG(ks_buf_view(&s->access_key)), KS_ARG(ks_buf_view(&s->scope)),
               KS_ARG(ks_buf_view(&s->names)));
    put_signature(s, &value);
    if (fault == NULL && !ks_buf_ok(&value))
        fault = KS_WIRE_MEMORY;
    if (fault == NULL)
        fault = ks_sign_line(lines, n, KS_S("Authorization"), ks_buf_view(&value));
    ks_buf_done(&value);
    return fault;
}

static const char *read_parts(signing *s)
{
    const ks_sign *how = s->ask->sign;
    const char    *fault = ks_sign_need(how, "access_key", &s->access_key);
    if (fault == NULL)
        fault = ks_sign_need(how, "secret", &s->secret);
    if (fault == NULL)
        fault = ks_sign_need(how, "region", &s->region);
    put_service(how, s->ask->host, &s->service);
    (void)ks_sign_bytes(how, "token", &s->token);
    s->s3 = ks_str_eq(ks_buf_view(&s->service), KS_S("s3"));
    if (fault == NULL && s->ask->streams && !s->s3)
        fault = "this vendor wants the body signed, so it cannot be streamed";
    return fault;
}

static const char *prepare(signing *s)
{
    const char *fault = read_parts(s);
    if (s->ask->streams) {
        ks_buf_z(&s->hash, "UNSIGNED-PAYLOAD");
    } else {
        ks_hash body = ks_hash_of(KS_HASH_SHA256, s->ask->body);
        ks_hash_hex(&s->hash, &body);
    }
    ks_sign_time_basic(&s->when, s->ask->now_us);
    ks_buf_fmt(&s->scope, KS_FMT "/" KS_FMT "/" KS_FMT "/aws4_request",
               KS_ARG(ks_str_sub(ks_buf_view(&s->when), 0, 8)), KS_ARG(ks_buf_view(&s->region)),
               KS_ARG(ks_buf_view(&s->service)));
    return fault != NULL ? fault : put_request(s);
}

const char *ks_sign_aws4(const ks_sign_ask *ask, ks_buf *lines, size_t *n)
{
    signing       s = {.ask = ask};
    ks_buf *const all[] = {&s.access_key, &s.secret, &s.token, &s.region, &s.service,
                           &s.when,       &s.scope,  &s.hash,  &s.names,  &s.canonical};
    bool          ok = true;
    for (size_t i = 0; i < KS_COUNT(all); i++)
        *all[i] = ks_buf_new(2 * MAX_TEXT);
    const char *fault = prepare(&s);
    for (size_t i = 0; i < KS_COUNT(all); i++)
        ok = ok && ks_buf_ok(all[i]);
    if (!ok)
        fault = KS_WIRE_MEMORY;
    if (fault == NULL)
        fault = put_lines(&s, lines, n);
    for (size_t i = 0; i < KS_COUNT(all); i++)
        ks_buf_done(all[i]);
    return fault;
}
