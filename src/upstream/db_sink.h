/* upstream/db_sink.h — a result on its way into JSON, within its limits. Internal to upstream/. Threads: one.
 */
#pragma once
#include "upstream/db_stream.h"

struct ks_db_sink {
    ks_buf  *b;
    ks_jw    w, row_w; /* row_w: as it stood before the row */
    size_t   max_rows, max_bytes, rows, row_at;
    int64_t  changed; /* -1: not said */
    unsigned depth, skipped;
    uint64_t maps, keyed; /* by depth: is it a map; stands its next name there */
    bool     listing, in_row, truncated;
    /* a streamed result */
    ks_db_stream      *stream; /* NULL: it is collected */
    const ks_db_limit *limit;
    ks_db_error       *e;
    int64_t            put_us; /* monotonic: when a piece was handed over last, or the first row came */
    bool               starved;
};

/* Results go into `b`, whose cap is raised and lowered here. */
void ks_db_sink_begin(ks_db_sink *s, ks_buf *b, size_t max_rows, size_t max_bytes);
/* The same as lines for `stream`, each row in one of at most max_bytes; `b` then holds what is not yet handed
 * over. Waiting for the reader ends with `l`, and *e says so. */
void ks_db_sink_stream(ks_db_sink *s, ks_buf *b, size_t max_rows, size_t max_bytes, ks_db_stream *stream,
                       const ks_db_limit *l, ks_db_error *e);
/* A row that was not completed goes: an error takes its place. */
void ks_db_sink_cut(ks_db_sink *s);
/* The result is complete; how long it took. */
void ks_db_sink_end(ks_db_sink *s, int64_t took_ms);
