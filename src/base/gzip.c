/* base/gzip.c — see gzip.h. */
#include "base/gzip.h"

#include "base/alloc.h"

enum {
    STEP = 32 * 1024, /* bytes gathered before they are compressed */
    LEVEL = 3         /* 2.4 MB of JSON: 20 ms; the default level takes twice that for a sixth less */
};
#define GZIP_WINDOW (15 + 16) /* the largest window, with a gzip head and not a zlib one */

static void *take(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return ks_calloc(n, size);
}

static void give(void *opaque, void *p)
{
    (void)opaque;
    ks_free(p);
}

bool ks_gzip_begin(ks_gzip *g, ks_buf *in, ks_buf *out)
{
    *g = (ks_gzip){.z = {.zalloc = take, .zfree = give}, .in = in, .out = out};
    g->open = deflateInit2(&g->z, LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    out->failed |= !g->open;
    return g->open;
}

/* All that is in `in`, with `flush`. */
static void step(ks_gzip *g, int flush)
{
    int rc;
    g->z.next_in = (Bytef *)g->in->p;
    g->z.avail_in = (unsigned)g->in->n;
    do {
        char *room = ks_buf_reserve(g->out, STEP);
        if (room == NULL)
            return;
        g->z.next_out = (Bytef *)room;
        g->z.avail_out = STEP;
        rc = deflate(&g->z, flush);
        g->out->n += STEP - g->z.avail_out;
    } while (rc == Z_OK && (g->z.avail_in > 0 || g->z.avail_out == 0));
    g->out->failed |= rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR;
    g->out->failed |= !ks_buf_ok(g->in); /* clearing forgets it */
    ks_buf_clear(g->in);
}

void ks_gzip_pour(ks_gzip *g)
{
    if (g != NULL && g->open && g->in->n >= STEP)
        step(g, Z_NO_FLUSH);
}

bool ks_gzip_end(ks_gzip *g)
{
    if (!g->open)
        return false;
    step(g, Z_FINISH);
    deflateEnd(&g->z);
    g->open = false;
    return ks_buf_ok(g->in) && ks_buf_ok(g->out);
}

/* The last four bytes of a gzip text: how long it is without compression. */
static size_t plain_size(ks_str gz)
{
    const unsigned char *p = (const unsigned char *)gz.p + gz.n - 4;
    return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

bool ks_gunzip(ks_str gz, ks_buf *out)
{
    z_stream z = {
        .zalloc = take, .zfree = give, .next_in = (Bytef *)(uintptr_t)gz.p, .avail_in = (unsigned)gz.n};
    int    rc = Z_DATA_ERROR;
    size_t size = gz.n > 18 ? plain_size(gz) : 0;
    char  *room = ks_buf_reserve(out, size + 1);
    if (room != NULL && inflateInit2(&z, GZIP_WINDOW) == Z_OK) {
        z.next_out = (Bytef *)room;
        z.avail_out = (unsigned)size;
        rc = inflate(&z, Z_FINISH);
        out->n += size - z.avail_out;
        room[size - z.avail_out] = '\0';
        inflateEnd(&z);
    }
    out->failed |= rc != Z_STREAM_END;
    return ks_buf_ok(out);
}

/* "q=0", "q=0.0": not at all. */
static bool weight_is_zero(ks_str params)
{
    ks_str one;
    while (ks_str_cut(&params, ';', &one)) {
        one = ks_str_trim(one, " \t");
        if (one.n > 2 && ks_str_ieq(ks_str_sub(one, 0, 2), KS_S("q=")))
            return ks_str_trim(ks_str_sub(one, 2, SIZE_MAX), "0.").n == 0;
    }
    return false;
}

bool ks_gzip_accepted(ks_str accept_encoding)
{
    ks_str one;
    bool   any = false;
    while (ks_str_cut(&accept_encoding, ',', &one)) {
        size_t semicolon = ks_str_chr(one, ';');
        ks_str name = ks_str_trim(ks_str_sub(one, 0, semicolon), " \t");
        ks_str params = semicolon != SIZE_MAX ? ks_str_sub(one, semicolon + 1, SIZE_MAX) : KS_NO_STR;
        if (ks_str_ieq(name, KS_S("gzip")) || ks_str_ieq(name, KS_S("x-gzip")))
            return !weight_is_zero(params);
        any |= ks_str_eq(name, KS_S("*")) && !weight_is_zero(params);
    }
    return any;
}
