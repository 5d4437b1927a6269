/* base/secret.c — a pool of locked pages for credential values, cut into slots of four sizes.
 * Guard pages are for the few long-lived keys (crypto/keyring.c): 30 us an allocation is too dear per
 * request. Threads: any; one short lock. Source of the rules: docs/threats.md (S1, S2, S4, T1). */
#include "base/secret.h"

#include <pthread.h>
#include <regex.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"

#define CHUNK_BYTES ((size_t)256 * 1024)

struct ks_secret {
    size_t            n;
    struct ks_secret *next_free;
    unsigned          slot; /* index into slots[] */
    bool              is_public;
    char              bytes[];
};

static struct {
    size_t     size; /* whole slot, head included */
    ks_secret *free;
} slots[] = {{128, NULL}, {1024, NULL}, {16 * 1024, NULL}, {KS_MAX_SECRET_TEXT + 64, NULL}};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool            all_locked = true;

/* Map one more chunk and cut it into slots of class k. With the lock held. */
static bool grow(unsigned k)
{
    size_t size = slots[k].size;
    char  *p = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return false;
    if (mlock2(p, CHUNK_BYTES, MLOCK_ONFAULT) != 0)
        all_locked = false;
    madvise(p, CHUNK_BYTES, MADV_DONTDUMP);
    madvise(p, CHUNK_BYTES, MADV_DONTFORK);
    for (size_t at = 0; at + size <= CHUNK_BYTES; at += size) {
        ks_secret *s = (ks_secret *)(void *)(p + at);
        s->slot = k;
        s->next_free = slots[k].free;
        slots[k].free = s;
        if (k == 0 && at + size >= 16 * 1024)
            break; /* small secrets: do not touch the whole chunk for them */
    }
    return true;
}

ks_secret *ks_secret_blank(size_t n, char **room)
{
    unsigned k = 0;
    if (n > KS_MAX_SECRET_TEXT)
        return NULL;
    while (slots[k].size < sizeof(ks_secret) + n + 1)
        k++;
    if (!ks_alloc_permit())
        return NULL;
    pthread_mutex_lock(&lock);
    ks_secret *s = slots[k].free != NULL || grow(k) ? slots[k].free : NULL;
    if (s != NULL)
        slots[k].free = s->next_free;
    pthread_mutex_unlock(&lock);
    if (s == NULL)
        return NULL;
    s->n = n;
    s->is_public = false;
    s->bytes[n] = '\0';
    *room = s->bytes;
    return s;
}

ks_secret *ks_secret_heap(const void *p, size_t n)
{
    char      *room;
    ks_secret *s = ks_secret_blank(n, &room);
    if (s != NULL && n)
        memcpy(room, p, n);
    return s;
}

void ks_secret_free(ks_secret *s)
{
    if (s == NULL)
        return;
    explicit_bzero(s->bytes, s->n + 1);
    pthread_mutex_lock(&lock);
    s->n = 0;
    s->next_free = slots[s->slot].free;
    slots[s->slot].free = s;
    pthread_mutex_unlock(&lock);
}

static void free_deferred(void *s)
{
    ks_secret_free(s);
}

ks_status ks_secret_new(ks_ctx *cx, const void *p, size_t n, ks_secret **out)
{
    if (n > KS_MAX_SECRET_TEXT)
        return ks_fail(cx, KS_TOO_LARGE, NULL, "A value is longer than %d bytes.", KS_MAX_SECRET_TEXT);
    ks_secret *s = ks_secret_heap(p, n);
    if (s == NULL || !ks_arena_defer(cx->arena, free_deferred, s)) {
        ks_secret_free(s);
        return ks_no_memory(cx);
    }
    *out = s;
    return KS_OK;
}

ks_secret_state ks_secret_pool_state(void)
{
    pthread_mutex_lock(&lock);
    ks_secret_state state = {.locked = all_locked};
    pthread_mutex_unlock(&lock);
    return state;
}

size_t ks_secret_len(const ks_secret *s)
{
    return s->n;
}

bool ks_secret_equal(const ks_secret *a, const ks_secret *b)
{
    unsigned char diff = a->n != b->n;
    for (size_t i = 0; i < a->n; i++)
        diff |= (unsigned char)(a->bytes[i] ^ (i < b->n ? b->bytes[i] : 0));
    return diff == 0;
}

ks_str ks_secret_reveal(const ks_secret *s)
{
    return (ks_str){s->bytes, s->n};
}

void ks_secret_publish(ks_secret *s)
{
    s->is_public = true;
}

ks_str ks_secret_text(const ks_secret *s)
{
    return s->is_public ? (ks_str){s->bytes, s->n} : KS_NO_STR;
}

ks_str ks_secret_mask(ks_ctx *cx, const ks_secret *s)
{
    size_t shown = s->n < KS_MASK_MIN ? 0 : KS_MASK_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        if ((unsigned char)s->bytes[i] < 0x20 || (unsigned char)s->bytes[i] >= 0x7f)
            shown = i; /* never half a character */
    }
    return ks_fmt(cx, "%.*s********", (int)shown, s->bytes);
}

const char *ks_secret_fault(const ks_secret *s, ks_secret_kind kind)
{
    size_t max = kind == KS_SECRET_TEXT ? KS_MAX_SECRET_TEXT : KS_MAX_SECRET;
    if (s->n == 0)
        return "is empty";
    if (s->n > max)
        return kind == KS_SECRET_TEXT ? "is longer than 64 kB" : "is longer than 8 kB";
    bool high = false;
    for (size_t i = 0; i < s->n; i++) {
        unsigned char c = (unsigned char)s->bytes[i];
        bool          line = c == '\n' || c == '\r' || c == '\t';
        if (c == 0x7f || (c < 0x20 && !(line && kind == KS_SECRET_TEXT)))
            return "contains a line break or control character; copy it again";
        high |= c >= 0x80;
    }
    if (high && kind == KS_SECRET_HEADER)
        return "contains a character outside ASCII; copy it again";
    if (high && !ks_str_utf8((ks_str){s->bytes, s->n}))
        return "is not well-formed UTF-8";
    return NULL;
}

bool ks_secret_holds(const ks_secret *s, char c)
{
    return ks_secret_find(s, c) != SIZE_MAX;
}

ks_str ks_secret_trim(ks_str pasted)
{
    if (ks_str_ends(pasted, KS_S("\r\n")))
        pasted.n -= 2;
    else if (ks_str_ends(pasted, KS_S("\n")) || ks_str_ends(pasted, KS_S("\r")))
        pasted.n -= 1;
    return ks_str_trim(pasted, " \t");
}

bool ks_secret_matches(const ks_secret *s, const char *ere)
{
    regex_t re;
    if (regcomp(&re, ere, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    bool hit = regexec(&re, s->bytes, 0, NULL, 0) == 0;
    regfree(&re);
    return hit;
}

void ks_secret_edges(const ks_secret *s, const char *set, size_t *front, size_t *back)
{
    size_t n = s->n, f = 0, b = 0;
    while (f < n && s->bytes[f] != '\0' && strchr(set, s->bytes[f]) != NULL)
        f++;
    while (b < n - f && s->bytes[n - 1 - b] != '\0' && strchr(set, s->bytes[n - 1 - b]) != NULL)
        b++;
    *front = f;
    *back = b;
}

bool ks_secret_begins(const ks_secret *s, ks_str with, bool any_case)
{
    if (with.n > s->n)
        return false;
    ks_str front = {s->bytes, with.n};
    return any_case ? ks_str_ieq(front, with) : ks_str_eq(front, with);
}

bool ks_secret_ends(const ks_secret *s, ks_str with)
{
    return ks_str_ends((ks_str){s->bytes, s->n}, with);
}

size_t ks_secret_find(const ks_secret *s, char c)
{
    const char *at = memchr(s->bytes, c, s->n);
    return at != NULL ? (size_t)(at - s->bytes) : SIZE_MAX;
}

ks_status ks_secret_slice(ks_ctx *cx, const ks_secret *s, size_t from, size_t n, ks_secret **out)
{
    return ks_secret_new(cx, s->bytes + from, n, out);
}

ks_status ks_secret_without(ks_ctx *cx, const ks_secret *s, const char *set, ks_secret **out)
{
    KS_TRY(ks_secret_new(cx, s->bytes, s->n, out));
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->bytes[i] == '\0' || strchr(set, s->bytes[i]) == NULL)
            (*out)->bytes[n++] = s->bytes[i];
    }
    explicit_bzero((*out)->bytes + n, s->n - n);
    (*out)->n = n;
    (*out)->bytes[n] = '\0';
    return KS_OK;
}
