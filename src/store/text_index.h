/* store/text_index.h — ranked full-text search over short documents, held in memory: SQLite FTS5 with
 * Porter's stemmer and BM25. Nothing of it reaches a disk. Made once, then read. Threads: any once made (a
 * lock inside). Source: SQLite's page "FTS5 Extension". */
#pragma once
#include "base/ctx.h"

enum { KS_TEXT_COLUMNS = 5 };

typedef struct ks_text_index ks_text_index;

/* An empty index; `weights` say how much a word counts in each column. Free with ks_text_index_free. */
KS_MUST ks_status ks_text_index_new(ks_ctx *cx, const double weights[KS_TEXT_COLUMNS], ks_text_index **out);
void              ks_text_index_free(ks_text_index *ix); /* NULL is fine */

/* Add a document; its number is the count of those before it. Texts are copied; absent ones are empty. */
KS_MUST ks_status ks_text_index_add(ks_ctx *cx, ks_text_index *ix, const ks_str texts[KS_TEXT_COLUMNS]);

/* No more documents come: from now on it may be searched. */
KS_MUST ks_status ks_text_index_done(ks_ctx *cx, ks_text_index *ix);

/* Numbers of the documents that hold any of the `n` terms (a word, or several as a phrase; UTF-8), best
 * first, in the arena. Without terms there are no hits. */
KS_MUST ks_status ks_text_index_find(ks_ctx *cx, ks_text_index *ix, const ks_str *terms, size_t n,
                                     size_t **hits, size_t *hits_n);
