/* store/sqlite_text.c — see text_index.h. The table is contentless: FTS5 keeps the index and none of the
 * texts. Threads: any; one query at a time, under a lock (0.2 ms for 1,800 documents). */
#include "store/text_index.h"

#include <pthread.h>

#include "base/alloc.h"
#include "store/sqlite_internal.h"

struct ks_text_index {
    sqlite3        *h;
    sqlite3_stmt   *add, *find;
    sqlite3_int64   documents;
    double          weights[KS_TEXT_COLUMNS];
    pthread_mutex_t lock; /* of `find` */
};

static ks_status fault(ks_ctx *cx, int rc)
{
    if ((rc & 0xff) == SQLITE_NOMEM)
        return ks_no_memory(cx);
    return ks_fail(cx, KS_STORE, NULL, "The search index failed (code %d). Try again.", rc);
}

static int open_index(ks_text_index *ix)
{
    ks_sqlite_start();
    int rc = sqlite3_open_v2(":memory:", &ix->h,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(
            ix->h,
            "PRAGMA journal_mode=OFF; PRAGMA temp_store=MEMORY;"
            "CREATE VIRTUAL TABLE t USING fts5(a,b,c,d,e,content='',tokenize='porter unicode61');"
            "BEGIN",
            NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(ix->h, "INSERT INTO t(rowid,a,b,c,d,e) VALUES(?,?,?,?,?,?)", -1, &ix->add,
                                NULL);
    return rc;
}

ks_status ks_text_index_new(ks_ctx *cx, const double weights[KS_TEXT_COLUMNS], ks_text_index **out)
{
    ks_text_index *ix = ks_calloc(1, sizeof *ix);
    if (ix == NULL)
        return ks_no_memory(cx);
    if (pthread_mutex_init(&ix->lock, NULL) != 0) {
        ks_free(ix);
        return ks_no_memory(cx);
    }
    memcpy(ix->weights, weights, sizeof ix->weights);
    int rc = open_index(ix);
    if (rc != SQLITE_OK) {
        ks_text_index_free(ix);
        return fault(cx, rc);
    }
    *out = ix;
    return KS_OK;
}

void ks_text_index_free(ks_text_index *ix)
{
    if (ix == NULL)
        return;
    sqlite3_finalize(ix->add);
    sqlite3_finalize(ix->find);
    sqlite3_close_v2(ix->h);
    pthread_mutex_destroy(&ix->lock);
    ks_free(ix);
}

ks_status ks_text_index_add(ks_ctx *cx, ks_text_index *ix, const ks_str texts[KS_TEXT_COLUMNS])
{
    int rc = sqlite3_bind_int64(ix->add, 1, ix->documents + 1);
    for (int i = 0; i < KS_TEXT_COLUMNS && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_text(ix->add, i + 2, texts[i].n ? texts[i].p : "", (int)texts[i].n, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(ix->add);
    if (rc != SQLITE_DONE)
        return fault(cx, rc);
    ix->documents++;
    sqlite3_reset(ix->add);
    return KS_OK;
}

ks_status ks_text_index_done(ks_ctx *cx, ks_text_index *ix)
{
    sqlite3_finalize(ix->add);
    ix->add = NULL;
    /* one segment instead of many: half the memory, and quicker */
    int rc = sqlite3_exec(ix->h, "INSERT INTO t(t) VALUES('optimize'); COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(ix->h,
                                "SELECT rowid FROM t WHERE t MATCH ? ORDER BY bm25(t,?,?,?,?,?), rowid", -1,
                                &ix->find, NULL);
    for (int i = 0; i < KS_TEXT_COLUMNS && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_double(ix->find, i + 2, ix->weights[i]);
    if (rc == SQLITE_OK)
        sqlite3_db_release_memory(ix->h);
    return rc == SQLITE_OK ? KS_OK : fault(cx, rc);
}

/* "send" OR "text message": every term a string of FTS5, in which a quote is doubled and nothing else is
 * special. */
static ks_str expression(ks_ctx *cx, const ks_str *terms, size_t n)
{
    ks_buf *b = ks_ctx_buf(cx, 64 * 1024);
    if (b == NULL)
        return KS_NO_STR;
    for (size_t i = 0; i < n; i++) {
        ks_buf_z(b, i > 0 ? " OR \"" : "\"");
        for (size_t k = 0; k < terms[i].n; k++) {
            char c = terms[i].p[k];
            ks_buf_put(b, c == '"' ? "\"\"" : &c, c == '"' ? 2 : 1);
        }
        ks_buf_z(b, "\"");
    }
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* With the lock held. */
static int collect(ks_text_index *ix, ks_str match, size_t *hits, size_t *n)
{
    int rc = sqlite3_bind_text(ix->find, 1, match.p, (int)match.n, SQLITE_STATIC);
    if (rc != SQLITE_OK)
        return rc;
    while ((rc = sqlite3_step(ix->find)) == SQLITE_ROW)
        hits[(*n)++] = (size_t)sqlite3_column_int64(ix->find, 0) - 1;
    sqlite3_reset(ix->find);
    return rc;
}

ks_status ks_text_index_find(ks_ctx *cx, ks_text_index *ix, const ks_str *terms, size_t n, size_t **hits,
                             size_t *hits_n)
{
    *hits = ks_alloc(cx, ((size_t)ix->documents + 1) * sizeof **hits);
    *hits_n = 0;
    if (*hits == NULL)
        return KS_NO_MEMORY;
    if (n == 0)
        return KS_OK;
    ks_str match = expression(cx, terms, n);
    if (match.p == NULL)
        return ks_no_memory(cx);
    pthread_mutex_lock(&ix->lock);
    int rc = collect(ix, match, *hits, hits_n);
    pthread_mutex_unlock(&ix->lock);
    return rc == SQLITE_DONE ? KS_OK : fault(cx, rc);
}
