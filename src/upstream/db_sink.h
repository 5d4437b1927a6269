/* upstream/db_sink.h — a result on its way into JSON, within its limits. Internal to upstream/. Threads: one.
 */
#pragma once
#include "upstream/db_driver.h"

struct ks_db_sink {
    ks_buf  *b;
    ks_jw    w, row_w; /* row_w: as it stood before the row */
    size_t   max_rows, max_bytes, rows, row_at;
    int64_t  changed; /* -1: not said */
    unsigned depth, skipped;
    uint64_t maps, keyed; /* by depth: is it a map; stands its next name there */
    bool     listing, in_row, truncated;
};

/* Results go into `b`, whose cap is raised and lowered here. */
void ks_db_sink_begin(ks_db_sink *s, ks_buf *b, size_t max_rows, size_t max_bytes);
/* The result is complete; how long it took. */
void ks_db_sink_end(ks_db_sink *s, int64_t took_ms);
