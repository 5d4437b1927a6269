/* features/actions/pieces.h — lists of text pieces, grown in the arena; templates to pieces (rule T2).
 * Internal to features/actions. Threads: none shared. */
#pragma once
#include "features/connections/credential.h"
#include "upstream/call.h"

/* A text under construction. A failure sticks; ask ks_pieces_ok once. */
typedef struct ks_pieces {
    ks_ctx *cx;
    ks_text text;
    size_t  room;
    bool    failed;
} ks_pieces;

/* No pieces yet; memory is that of `cx`. */
ks_pieces ks_pieces_new(ks_ctx *cx);

/* Literal text that is already encoded for its place. */
void ks_pieces_lit(ks_pieces *p, ks_str text);
/* Text of a caller, written with `enc`. */
void ks_pieces_enc(ks_pieces *p, ks_str text, ks_enc enc);
/* A secret by reference, shown as ‹name›. */
void ks_pieces_secret(ks_pieces *p, ks_str name, const ks_secret *s, ks_enc enc);

/* Expand a template with the values of `c` (which may be NULL when it uses none). Optional values that are
 * missing: nothing is written and false is returned, so that the caller can leave the whole member out. */
bool ks_pieces_tpl(ks_pieces *p, const ks_credential *c, ks_str tpl, ks_enc enc);

/* The same where the literals of the template are plain text, too, and are written with `enc` like values. */
bool ks_pieces_tpl_plain(ks_pieces *p, const ks_credential *c, ks_str tpl, ks_enc enc);

/* How many pieces there are: a place to go back to. */
size_t ks_pieces_mark(const ks_pieces *p);
/* Forget what came after that mark. */
void ks_pieces_cut(ks_pieces *p, size_t mark);

static inline bool ks_pieces_ok(const ks_pieces *p)
{
    return !p->failed;
}
