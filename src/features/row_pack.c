/* features/row_pack.c — see row_pack.h. */
#include "features/row_pack.h"

#include "features/row_cache.h"

#define MOST ((size_t)256 * 1024) /* bytes of one row; the cache takes no larger ones */

bool ks_row_unpack(ks_ctx *cx, ks_str key, const ks_row_shape *shape)
{
    ks_str   held = ks_row_cache_get(cx->env->cache, cx->env->store, key);
    uint32_t len;
    ks_metric_add(cx->env->metrics, held.p != NULL ? KS_M_CACHE_HITS : KS_M_CACHE_MISSES, 1);
    ks_str copy = held.p != NULL ? ks_copy(cx, held)
                                 : held; /* the view ends with the next use of the cache */
    if (copy.p == NULL)
        return false;
    memcpy(shape->numbers, copy.p, shape->numbers_n);
    const char *at = copy.p + shape->numbers_n;
    for (size_t i = 0; i < shape->texts_n; i++) {
        memcpy(&len, at, sizeof len);
        at += sizeof len;
        *shape->texts[i] = len == UINT32_MAX ? KS_NO_STR : (ks_str){at, len};
        at += len == UINT32_MAX ? 0 : len;
    }
    return true;
}

void ks_row_pack(ks_ctx *cx, ks_str key, uint64_t epoch, const ks_row_shape *shape)
{
    ks_buf b = ks_buf_new(MOST);
    ks_buf_put(&b, shape->numbers, shape->numbers_n);
    for (size_t i = 0; i < shape->texts_n; i++) {
        const ks_str *text = shape->texts[i];
        uint32_t      len = text->p ? (uint32_t)text->n : UINT32_MAX;
        ks_buf_put(&b, &len, sizeof len);
        if (text->p != NULL)
            ks_buf_str(&b, *text);
    }
    if (ks_buf_ok(&b) && !cx->starved) /* a text that found no memory would be missing for good */
        ks_row_cache_put(cx->env->cache, key, epoch, ks_buf_view(&b));
    ks_buf_done(&b);
}
