/* base/gzip.h — gzip over buffers, for answers that are kept compressed. RFC 1952, by zlib on our allocator.
 * Threads: none shared. */
#pragma once
#include <zlib.h>

#include "base/str.h"

/* Text on its way: appended to `in`, taken from there by ks_gzip_pour, compressed behind the end of `out`. */
typedef struct ks_gzip {
    z_stream z;
    ks_buf  *in, *out;
    bool     open;
} ks_gzip;

/* Begin. False when memory is short; then `out` has failed. */
KS_MUST bool ks_gzip_begin(ks_gzip *g, ks_buf *in, ks_buf *out);

/* Compress and forget what is in `in`, once it is worth a step. NULL: nothing happens. Failures stick in
 * `out`.
 */
void ks_gzip_pour(ks_gzip *g);

/* Compress the rest and free; to be called in every case. False when anything failed, `in` included. */
KS_MUST bool ks_gzip_end(ks_gzip *g);

/* Append what `gz` holds, a text that ks_gzip made. False when it is broken or memory is short; then `out`
 * has failed. */
KS_MUST bool ks_gunzip(ks_str gz, ks_buf *out);

/* Does an Accept-Encoding header (absent: none) allow gzip? RFC 9110, 12.5.3. */
bool ks_gzip_accepted(ks_str accept_encoding);
