/* upstream/scrub.c — many patterns in one pass: a shift table over blocks of three bytes skips most of the
 * text (Wu and Manber's way), so the speed grows with the length of the secrets. Patterns longer than PIECE
 * are searched in pieces, which bounds what is kept between chunks and what a hostile text can cost. Threads:
 * one. */
#include "upstream/scrub.h"

#include "base/alloc.h"
#include "upstream/forms.h"

#define PIECE       256                        /* bytes; the last piece of a value has up to twice that */
#define MAX_SHIFT   64                         /* leading bytes of a pattern the table looks at */
#define MAX_BYTES   ((size_t)16 * 1024 * 1024) /* all patterns of a call */
#define MAX_STREAM  ((size_t)64 * 1024 * 1024) /* one chunk with what was kept, after replacing */
#define FEWEST_BITS 10 /* of the tables' index: made for each call, so no larger than its secrets need */
#define NONE        UINT16_MAX
#define DEDUPE      64 /* patterns among which a new one is looked for */

typedef struct pattern {
    uint32_t at; /* in bytes */
    uint16_t n;
    uint16_t next; /* of the same block hash, NONE ends */
} pattern;

struct ks_scrub {
    ks_buf    bytes;    /* of the patterns */
    pattern  *patterns; /* n of them, room for more */
    size_t    n, room;
    size_t    shortest;  /* length of the shortest, at most MAX_SHIFT */
    unsigned  down;      /* bits by which a hash is shifted down to an index of the tables */
    uint8_t  *shift;     /* by block: how far no pattern can end; 0 = look */
    uint16_t *first;     /* by block: the first pattern whose leading bytes end so */
    ks_buf    kept, out; /* kept: bytes that may begin a secret */
    size_t    kept_done; /* leading kept bytes that were replaced already */
    bool      glued;     /* the last thing put out was a mark */
    bool      found;
};

/* ---- patterns ---- */

static const char *pattern_bytes(const ks_scrub *s, const pattern *p)
{
    return s->bytes.p + p->at;
}

static bool known(const ks_scrub *s, ks_str piece)
{
    for (size_t i = 0; i < s->n && i < DEDUPE; i++) {
        const pattern *p = &s->patterns[i];
        if (p->n == piece.n && memcmp(pattern_bytes(s, p), piece.p, piece.n) == 0)
            return true;
    }
    return false;
}

static bool add_piece(ks_scrub *s, ks_str piece)
{
    if (known(s, piece))
        return true;
    if (s->n == s->room) {
        size_t   room = s->room ? s->room * 2 : 8;
        pattern *fresh = room < NONE ? ks_realloc(s->patterns, room * sizeof *fresh) : NULL;
        if (fresh == NULL)
            return false;
        s->patterns = fresh;
        s->room = room;
    }
    s->patterns[s->n++] = (pattern){.at = (uint32_t)s->bytes.n, .n = (uint16_t)piece.n};
    ks_buf_str(&s->bytes, piece);
    if (piece.n < s->shortest)
        s->shortest = piece.n;
    return ks_buf_ok(&s->bytes);
}

static bool add_form(void *arg, ks_str form)
{
    ks_scrub *s = arg;
    while (form.n >= 2 * PIECE) {
        size_t cut = PIECE;
        while (cut > PIECE / 2 && form.p[cut] == '\n')
            cut--; /* the end of an event must not look like the beginning of a piece: it would be kept back
                    */
        if (!add_piece(s, ks_str_sub(form, 0, cut)))
            return false;
        form = ks_str_sub(form, cut, SIZE_MAX);
    }
    return form.n < KS_SCRUB_MIN || add_piece(s, form);
}

/* ---- tables ---- */

/* Index of the block of three bytes that ends at p[0]; p[-3] must be readable. */
static inline size_t block(const ks_scrub *s, const char *p)
{
    uint32_t four;
    memcpy(&four, p - 3, sizeof four);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    four >>= 8;
#else
    four &= 0xffffff;
#endif
    return (four * 2654435761u) >> s->down;
}

static bool build_tables(ks_scrub *s)
{
    unsigned bits = FEWEST_BITS;
    while (bits < 16 && (size_t)1 << bits < s->n * s->shortest * 4)
        bits++;
    size_t size = (size_t)1 << bits;
    s->down = 32 - bits;
    s->shift = ks_malloc(size);
    s->first = ks_malloc(size * sizeof *s->first);
    if (s->shift == NULL || s->first == NULL)
        return false;
    memset(s->shift, (int)(s->shortest - 3), size);
    memset(s->first, 0xff, size * sizeof *s->first);
    for (size_t i = 0; i < s->n; i++) {
        const char *p = pattern_bytes(s, &s->patterns[i]);
        for (size_t end = 3; end < s->shortest; end++) {
            size_t at = block(s, p + end);
            if (s->shift[at] > s->shortest - 1 - end)
                s->shift[at] = (uint8_t)(s->shortest - 1 - end);
        }
        size_t last = block(s, p + s->shortest - 1);
        s->patterns[i].next = s->first[last];
        s->first[last] = (uint16_t)i;
    }
    return true;
}

static bool build(ks_scrub *s, const ks_secret *const *secrets, size_t n, ks_str tokens)
{
    ks_str token;
    for (size_t i = 0; i < n; i++) {
        if (ks_secret_len(secrets[i]) >= KS_SCRUB_MIN &&
            !ks_forms_each(ks_secret_reveal(secrets[i]), add_form, s))
            return false;
    }
    while (ks_str_cut(&tokens, '\0', &token)) {
        if (token.n >= KS_SCRUB_MIN && !ks_forms_token(token, add_form, s))
            return false;
    }
    return s->n == 0 || build_tables(s);
}

ks_scrub *ks_scrub_new(const ks_secret *const *secrets, size_t n, ks_str tokens)
{
    ks_scrub *s = ks_calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->bytes = ks_buf_new(MAX_BYTES);
    s->kept = ks_buf_new(MAX_STREAM);
    s->out = ks_buf_new(2 * MAX_STREAM);
    s->shortest = MAX_SHIFT;
    if (!build(s, secrets, n, tokens)) {
        ks_scrub_free(s);
        return NULL;
    }
    return s;
}

void ks_scrub_free(ks_scrub *s)
{
    if (s == NULL)
        return;
    ks_buf_done(&s->bytes);
    ks_buf_done(&s->kept);
    ks_buf_done(&s->out);
    ks_free(s->patterns);
    ks_free(s->shift);
    ks_free(s->first);
    ks_free(s);
}

bool ks_scrub_idle(const ks_scrub *s)
{
    return s->n == 0;
}

bool ks_scrub_found(const ks_scrub *s)
{
    return s->found;
}

/* ---- searching ---- */

/* Where the end of `data` may be the unfinished beginning of a pattern; data.n when nowhere. */
static size_t hold_from(const ks_scrub *s, ks_str data)
{
    size_t hold = data.n;
    for (size_t i = 0; i < s->n; i++) {
        const char *p = pattern_bytes(s, &s->patterns[i]);
        size_t      most = s->patterns[i].n - 1u;
        size_t      at = data.n > most ? data.n - most : 0;
        while (at < hold) {
            const char *hit = memchr(data.p + at, p[0], hold - at);
            if (hit == NULL)
                break;
            at = (size_t)(hit - data.p);
            if (memcmp(hit, p, data.n - at) == 0)
                hold = at;
            at++;
        }
    }
    return hold;
}

/* Length of the longest pattern that stands at `start`, whose leading bytes end in the block `at`; 0 = none.
 */
static size_t match(const ks_scrub *s, ks_str data, size_t start, size_t at)
{
    size_t longest = 0;
    for (uint16_t i = s->first[at]; i != NONE; i = s->patterns[i].next) {
        const pattern *p = &s->patterns[i];
        if (p->n > longest && p->n <= data.n - start &&
            memcmp(data.p + start, pattern_bytes(s, p), p->n) == 0)
            longest = p->n;
    }
    return longest;
}

/* The next match that begins at or behind *start and before `limit`: its length, or 0. */
static size_t next_match(const ks_scrub *s, ks_str data, size_t limit, size_t *start)
{
    size_t lead = s->shortest - 1;
    size_t end = limit + lead < data.n ? limit + lead : data.n;
    for (size_t i = *start + lead; i < end;) {
        size_t at = block(s, data.p + i);
        size_t far = s->shift[at];
        if (far == 0) {
            size_t n = match(s, data, i - lead, at);
            if (n > 0) {
                *start = i - lead;
                return n;
            }
            far = 1;
        }
        i += far;
    }
    return 0;
}

/* Copy data[from, hold) to s->out with marks instead of secrets. Returns up to where data is dealt with,
 * which is beyond `hold` when a secret reaches over it. Overlapping and adjoining secrets become one mark. */
static size_t replace(ks_scrub *s, ks_str data, size_t from, size_t hold, size_t start, size_t n)
{
    size_t done = from;
    while (n > 0) {
        if (start > done) {
            ks_buf_put(&s->out, data.p + done, start - done);
            s->glued = false;
        }
        if (!s->glued)
            ks_buf_z(&s->out, KS_SCRUB_MARK);
        s->glued = s->found = true;
        if (start + n > done)
            done = start + n;
        start++;
        n = next_match(s, data, hold, &start);
    }
    if (done < hold) {
        ks_buf_put(&s->out, data.p + done, hold - done);
        s->glued = false;
        done = hold;
    }
    return done;
}

/* Keep data from `hold` on for the next chunk; the first `done` - `hold` of it were replaced. */
static void keep(ks_scrub *s, ks_str data, size_t hold, size_t done)
{
    size_t n = data.n - hold;
    s->kept_done = done > hold ? done - hold : 0;
    if (data.p == s->kept.p) {
        if (n > 0)
            memmove(s->kept.p, s->kept.p + hold, n);
        if (s->kept.p != NULL)
            explicit_bzero(s->kept.p + n, s->kept.n - n);
        s->kept.n = n;
    } else {
        ks_buf_put(&s->kept, data.p + hold, n);
    }
}

ks_str ks_scrub_feed(ks_scrub *s, ks_str in, bool last)
{
    ks_str data = in;
    if (s->n == 0)
        return in.p ? in : KS_S("");
    ks_buf_clear(&s->out);
    bool joined = s->kept.n > 0;
    if (joined) {
        ks_buf_str(&s->kept, in);
        data = ks_buf_view(&s->kept);
    }
    size_t start = 0, done = s->kept_done, hold = last ? data.n : hold_from(s, data);
    size_t n = next_match(s, data, hold, &start);
    ks_str out = ks_str_sub(data, 0, hold); /* nothing found and nothing kept: no byte is moved */
    if (n > 0 || joined) {
        done = replace(s, data, done, hold, start, n);
        out = ks_buf_view(&s->out);
    } else if (hold > 0) {
        done = hold;
        s->glued = false;
    }
    bool ok = ks_buf_ok(&s->kept);
    keep(s, data, hold, done);
    if (last)
        s->glued = false;
    return ok && ks_buf_ok(&s->out) && ks_buf_ok(&s->kept) ? (out.p ? out : KS_S("")) : KS_NO_STR;
}
