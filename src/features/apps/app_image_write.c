/* features/apps/app_image_write.c — apps to an image (app_image_layout.h): for the build-time compiler and
 * for tests. Reads nothing back. Threads: none shared. */
#include "features/apps/app_image.h"
#include "features/apps/app_image_layout.h"

enum { PART_MAX = 256 * 1024 * 1024 }; /* bytes; offsets have 32 bits */

/* Texts written so far, found by their bytes: open addressing, a power of two, never full. */
typedef struct texts {
    uint32_t *slots; /* offset + 1; 0: free */
    size_t    room, n;
    ks_buf   *bytes;
} texts;

typedef struct maker {
    ks_ctx *cx;
    texts   t;
    ks_buf *records;
    bool    too_large; /* a number for its member */
} maker;

static void put_number(ks_buf *b, size_t v)
{
    for (; v >= 0x80; v >>= 7)
        ks_buf_c(b, (char)(v | 0x80));
    ks_buf_c(b, (char)v);
}

static void put_word(ks_buf *b, size_t v)
{
    uint32_t w = (uint32_t)v;
    ks_buf_put(b, &w, sizeof w);
}

/* ---- texts ---- */

static uint32_t hash(ks_str s)
{
    uint32_t h = 2166136261u; /* FNV-1a; nobody hostile chooses these texts */
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619u;
    return h;
}

static ks_str written(const texts *t, uint32_t offset)
{
    const unsigned char *p = (const unsigned char *)t->bytes->p + offset;
    size_t               n = 0;
    unsigned             shift = 0;
    do {
        n |= (size_t)(*p & 0x7f) << shift;
        shift += 7;
    } while (*p++ >= 0x80);
    return (ks_str){(const char *)p, n};
}

static bool grow(maker *m)
{
    texts     old = m->t;
    size_t    room = old.room > 0 ? 2 * old.room : 4096;
    uint32_t *slots = ks_zalloc(m->cx, room * sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < old.room; i++) {
        if (old.slots[i] == 0)
            continue;
        size_t at = hash(written(&old, old.slots[i] - 1)) & (room - 1);
        while (slots[at] != 0)
            at = (at + 1) & (room - 1);
        slots[at] = old.slots[i];
    }
    m->t.slots = slots;
    m->t.room = room;
    return true;
}

/* The offset of `s` in the text part; 0 after a failure that sticks. */
static uint32_t text_ref(maker *m, ks_str s)
{
    texts *t = &m->t;
    if (!ks_buf_ok(t->bytes) || (2 * t->n >= t->room && !grow(m)))
        return 0;
    size_t at = hash(s) & (t->room - 1);
    while (t->slots[at] != 0 && !ks_str_eq(written(t, t->slots[at] - 1), s))
        at = (at + 1) & (t->room - 1);
    if (t->slots[at] == 0) {
        t->slots[at] = (uint32_t)t->bytes->n + 1;
        t->n++;
        put_number(t->bytes, s.n);
        ks_buf_str(t->bytes, s);
        ks_buf_c(t->bytes, '\0');
    }
    return t->slots[at] - 1;
}

/* ---- records ---- */

static void put_struct(maker *m, const ks_image_shape *shape, const char *p)
{
    for (size_t i = 0; i < shape->n; i++) {
        const ks_image_member *one = &shape->members[i];
        const void            *at = p + one->at;
        if (one->kind == KS_IMAGE_TEXT) {
            ks_str s = *(const ks_str *)at;
            put_number(m->records, s.p != NULL ? (size_t)text_ref(m, s) + 1 : 0);
        } else if (one->kind == KS_IMAGE_FLAG) {
            put_number(m->records, *(const bool *)at);
        } else if (one->kind == KS_IMAGE_NUMBER) {
            put_number(m->records, *(const unsigned *)at);
            m->too_large |= *(const unsigned *)at > one->count;
        } else {
            size_t      n = *(const size_t *)(const void *)(p + one->count);
            const char *items = *(const char *const *)at;
            put_number(m->records, n);
            for (size_t k = 0; k < n; k++)
                put_struct(m, one->shape, items + k * one->shape->size);
        }
    }
}

/* ---- the whole ---- */

static size_t number_of(const ks_app *const *apps, size_t n, const ks_app *app)
{
    size_t low = 0, high = n;
    while (low + 1 < high) {
        size_t mid = low + (high - low) / 2;
        if (ks_str_cmp(apps[mid]->key, app->key) <= 0)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static void put_head(ks_buf *b, size_t n, size_t names_n, size_t refs_n, size_t records, size_t text)
{
    size_t names = KS_IMAGE_HEAD, actions = names + names_n * KS_IMAGE_NAME;
    size_t apps = actions + refs_n * KS_IMAGE_ACTION;
    size_t text_at = apps + n * KS_IMAGE_APP + records;
    size_t words[KS_IMAGE_WORDS] = {[KS_IMAGE_LAYOUT] = KS_IMAGE_VERSION,
                                    [KS_IMAGE_SIZE] = text_at + text,
                                    [KS_IMAGE_APPS_N] = n,
                                    [KS_IMAGE_NAMES_N] = names_n,
                                    [KS_IMAGE_ACTIONS_N] = refs_n,
                                    [KS_IMAGE_APPS] = apps,
                                    [KS_IMAGE_NAMES] = names,
                                    [KS_IMAGE_ACTIONS] = actions,
                                    [KS_IMAGE_TEXT_AT] = text_at};
    ks_buf_put(b, KS_IMAGE_MAGIC, sizeof KS_IMAGE_MAGIC - 1);
    for (size_t i = 0; i < KS_IMAGE_WORDS; i++)
        put_word(b, words[i]);
}

ks_status ks_image_write(ks_ctx *cx, const ks_app *const *apps, size_t n, const ks_app_name *names,
                         size_t names_n, const ks_action_ref *refs, size_t refs_n, ks_buf *out)
{
    maker   m = {.cx = cx, .records = ks_ctx_buf(cx, PART_MAX), .t = {.bytes = ks_ctx_buf(cx, PART_MAX)}};
    ks_buf *index = ks_ctx_buf(cx, PART_MAX), *places = ks_ctx_buf(cx, PART_MAX);
    if (m.records == NULL || m.t.bytes == NULL || index == NULL || places == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < names_n; i++) {
        put_word(index, text_ref(&m, names[i].name));
        put_word(index, number_of(apps, n, names[i].app));
    }
    for (size_t i = 0; i < refs_n; i++) {
        put_word(index, text_ref(&m, refs[i].action->name));
        put_word(index, number_of(apps, n, refs[i].app));
        put_word(index, (size_t)(refs[i].action - refs[i].app->actions));
    }
    size_t records = KS_IMAGE_HEAD + index->n + n * KS_IMAGE_APP;
    for (size_t i = 0; i < n; i++) {
        put_word(places, records + m.records->n);
        put_struct(&m, &ks_image_app, (const char *)apps[i]);
    }
    put_head(out, n, names_n, refs_n, m.records->n, m.t.bytes->n);
    ks_buf_str(out, ks_buf_view(index));
    ks_buf_str(out, ks_buf_view(places));
    ks_buf_str(out, ks_buf_view(m.records));
    ks_buf_str(out, ks_buf_view(m.t.bytes));
    if (m.too_large)
        return ks_fail(cx, KS_INTERNAL, NULL, "a number is over the limit in app_image_shape.c");
    bool ok = ks_buf_ok(index) && ks_buf_ok(places) && ks_buf_ok(m.records) && ks_buf_ok(m.t.bytes) &&
              ks_buf_ok(out) && !cx->starved;
    return ok ? KS_OK : ks_no_memory(cx);
}

ks_status ks_image_of_apps(ks_ctx *cx, const ks_app *const *apps, size_t n, ks_buf *out)
{
    size_t names_n = 0, refs_n = 0;
    for (size_t i = 0; i < n; i++) {
        names_n += 2 + apps[i]->aliases.n;
        refs_n += apps[i]->actions_n;
    }
    ks_app_name   *names = ks_alloc(cx, (names_n + 1) * sizeof *names);
    ks_action_ref *refs = ks_alloc(cx, (refs_n + 1) * sizeof *refs);
    if (names == NULL || refs == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_catalog_index(cx, apps, n, names, &names_n, refs, &refs_n));
    return ks_image_write(cx, apps, n, names, names_n, refs, refs_n, out);
}
