/* features/apps/app_image.c — reads an image: every offset and length is checked before it is followed.
 * Writes nothing. Layout: app_image_layout.h. Threads: any. */
#include "features/apps/app_image.h"

#include "base/alloc.h"
#include "features/apps/app_image_layout.h"

/* Bytes being read; `bad` sticks. */
typedef struct cursor {
    const ks_image *im;
    size_t          at;
    bool            bad;
} cursor;

static uint32_t word(const ks_image *im, size_t at)
{
    uint32_t v;
    memcpy(&v, im->p + at, sizeof v);
    return v;
}

static bool part_fits(const ks_image *im, uint32_t at, uint32_t n, size_t size)
{
    return at <= im->n && (size_t)n * size <= im->n - at;
}

bool ks_image_open(ks_str bytes, ks_image *out)
{
    ks_image im = {.p = (const unsigned char *)bytes.p, .n = bytes.n};
    if (bytes.n < KS_IMAGE_HEAD || memcmp(bytes.p, KS_IMAGE_MAGIC, sizeof KS_IMAGE_MAGIC - 1) != 0 ||
        word(&im, KS_IMAGE_AT(KS_IMAGE_SIZE)) != bytes.n ||
        word(&im, KS_IMAGE_AT(KS_IMAGE_LAYOUT)) != KS_IMAGE_VERSION)
        return false;
    im.apps_n = word(&im, KS_IMAGE_AT(KS_IMAGE_APPS_N));
    im.names_n = word(&im, KS_IMAGE_AT(KS_IMAGE_NAMES_N));
    im.actions_n = word(&im, KS_IMAGE_AT(KS_IMAGE_ACTIONS_N));
    im.apps = word(&im, KS_IMAGE_AT(KS_IMAGE_APPS));
    im.names = word(&im, KS_IMAGE_AT(KS_IMAGE_NAMES));
    im.actions = word(&im, KS_IMAGE_AT(KS_IMAGE_ACTIONS));
    im.text = word(&im, KS_IMAGE_AT(KS_IMAGE_TEXT_AT));
    if (!part_fits(&im, im.apps, im.apps_n, KS_IMAGE_APP) ||
        !part_fits(&im, im.names, im.names_n, KS_IMAGE_NAME) ||
        !part_fits(&im, im.actions, im.actions_n, KS_IMAGE_ACTION) || !part_fits(&im, im.text, 0, 1))
        return false;
    *out = im;
    return true;
}

/* ---- values ---- */

/* Seven bits a byte, the low ones first; the last byte has no high bit. */
static uint32_t number(cursor *c)
{
    uint32_t v = 0;
    for (unsigned shift = 0; shift < 32; shift += 7) {
        if (c->bad || c->at >= c->im->n)
            break;
        unsigned char b = c->im->p[c->at++];
        v |= (uint32_t)(b & 0x7f) << shift;
        if (b < 0x80)
            return v;
    }
    c->bad = true;
    return 0;
}

/* The text at `offset` of the text part: its length, its bytes, a NUL. */
static ks_str text_at(cursor *c, uint32_t offset)
{
    cursor   t = {c->im, (size_t)c->im->text + offset, false};
    uint32_t n = number(&t);
    if (t.bad || n >= c->im->n - t.at || c->im->p[t.at + n] != '\0') {
        c->bad = true;
        return KS_NO_STR;
    }
    return (ks_str){(const char *)c->im->p + t.at, n};
}

/* 0: absent; else one more than the offset. */
static ks_str text(cursor *c)
{
    uint32_t ref = number(c);
    return ref == 0 ? KS_NO_STR : text_at(c, ref - 1);
}

/* ---- structs ---- */

/* Memory that structs are put into; NULL: only count what they need. */
typedef struct room {
    char  *p;
    size_t n;
} room;

/* Every size is a multiple of the strictest alignment in use, so pieces need no filling. */
static void *take(room *r, size_t n)
{
    void *p = r->p != NULL ? r->p + r->n : NULL;
    r->n += n;
    return p;
}

static void read_struct(cursor *c, const ks_image_shape *shape, void *out, room *r);

static void read_items(cursor *c, const ks_image_member *m, void *out, room *r)
{
    size_t n = number(c), size = m->shape->size;
    if (n > c->im->n - c->at) /* each needs a byte at least */
        c->bad = true;
    if (c->bad || n == 0)
        return;
    char *items = take(r, n * size);
    for (size_t i = 0; i < n && !c->bad; i++)
        read_struct(c, m->shape, items != NULL ? items + i * size : NULL, r);
    if (out != NULL) {
        memcpy((char *)out + m->at, &items, sizeof items);
        memcpy((char *)out + m->count, &n, sizeof n);
    }
}

static void read_member(cursor *c, const ks_image_member *m, void *out, room *r)
{
    if (m->kind == KS_IMAGE_ITEMS) {
        read_items(c, m, out, r);
    } else if (m->kind == KS_IMAGE_TEXT) {
        ks_str s = text(c);
        if (out != NULL)
            memcpy((char *)out + m->at, &s, sizeof s);
    } else {
        uint32_t v = number(c);
        bool     flag = v != 0;
        c->bad |= m->kind == KS_IMAGE_NUMBER && v > m->count;
        if (out != NULL && m->kind == KS_IMAGE_FLAG)
            memcpy((char *)out + m->at, &flag, sizeof flag);
        else if (out != NULL)
            memcpy((char *)out + m->at, &v, sizeof v);
    }
}

static void read_struct(cursor *c, const ks_image_shape *shape, void *out, room *r)
{
    for (size_t i = 0; i < shape->n && !c->bad; i++)
        read_member(c, &shape->members[i], out, r);
}

/* Where the record of app `i` begins. */
static cursor record(const ks_image *im, size_t i)
{
    cursor c = {.im = im, .bad = i >= im->apps_n};
    if (!c.bad)
        c.at = word(im, im->apps + i * KS_IMAGE_APP);
    c.bad |= c.at >= im->n;
    return c;
}

static ks_status read_app(ks_ctx *cx, const ks_image *im, size_t i, void *(*alloc)(ks_ctx *cx, size_t n),
                          const ks_app **out)
{
    room   need = {0};
    cursor c = record(im, i);
    take(&need, sizeof(ks_app));
    read_struct(&c, &ks_image_app, NULL, &need);
    if (c.bad)
        return ks_fail(cx, KS_INTERNAL, NULL,
                       "The built-in catalogue is damaged. Install the program again.");

    room fill = {.p = alloc(cx, need.n)};
    if (fill.p == NULL)
        return ks_no_memory(cx);
    memset(fill.p, 0, need.n);
    ks_app *app = take(&fill, sizeof *app);
    c = record(im, i);
    read_struct(&c, &ks_image_app, app, &fill);
    *out = app;
    return KS_OK;
}

static void *from_heap(ks_ctx *cx, size_t n)
{
    (void)cx;
    return ks_malloc(n);
}

ks_status ks_image_app_in(ks_ctx *cx, const ks_image *im, size_t i, const ks_app **out)
{
    return read_app(cx, im, i, ks_alloc, out);
}

ks_status ks_image_app_new(ks_ctx *cx, const ks_image *im, size_t i, const ks_app **out)
{
    return read_app(cx, im, i, from_heap, out);
}

/* ---- indexes ---- */

static ks_str entry_text(const ks_image *im, size_t at)
{
    cursor c = {.im = im};
    return text_at(&c, word(im, at));
}

ks_str ks_image_key(const ks_image *im, size_t i)
{
    cursor c = record(im, i);
    return c.bad ? KS_NO_STR : text(&c);
}

ks_str ks_image_action(const ks_image *im, size_t i)
{
    return i < im->actions_n ? entry_text(im, im->actions + i * KS_IMAGE_ACTION) : KS_NO_STR;
}

bool ks_image_action_place(const ks_image *im, size_t i, size_t *app, size_t *within)
{
    size_t at = im->actions + i * KS_IMAGE_ACTION;
    if (i >= im->actions_n)
        return false;
    *app = word(im, at + 4);
    *within = word(im, at + 8);
    return *app < im->apps_n;
}

/* Search n sorted entries of `size` bytes, each beginning with a text. SIZE_MAX: none. */
static size_t find(const ks_image *im, size_t part, size_t n, size_t size, ks_str name)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int    order = ks_str_cmp(entry_text(im, part + mid * size), name);
        if (order == 0)
            return mid;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return SIZE_MAX;
}

size_t ks_image_find(const ks_image *im, ks_str name)
{
    size_t hit = name.n > 0 ? find(im, im->names, im->names_n, KS_IMAGE_NAME, name) : SIZE_MAX;
    size_t app = hit != SIZE_MAX ? word(im, im->names + hit * KS_IMAGE_NAME + 4) : SIZE_MAX;
    return app < im->apps_n ? app : SIZE_MAX;
}

size_t ks_image_find_action(const ks_image *im, ks_str name)
{
    return name.n > 0 ? find(im, im->actions, im->actions_n, KS_IMAGE_ACTION, name) : SIZE_MAX;
}
