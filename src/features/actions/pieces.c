/* features/actions/pieces.c — pieces grow by doubling in the arena; the old array is left to it. */
#include "features/actions/pieces.h"

#include "features/apps/catalog.h"
#include "features/apps/template.h"

ks_pieces ks_pieces_new(ks_ctx *cx)
{
    return (ks_pieces){.cx = cx};
}

static void add(ks_pieces *p, ks_piece piece)
{
    if (p->failed)
        return;
    if (p->text.n == p->room) {
        size_t    room = p->room ? p->room * 2 : 4;
        ks_piece *fresh = ks_alloc(p->cx, room * sizeof *fresh);
        if (fresh == NULL) {
            p->failed = true;
            return;
        }
        if (p->text.n)
            memcpy(fresh, p->text.pieces, p->text.n * sizeof *fresh);
        p->text.pieces = fresh;
        p->room = room;
    }
    p->text.pieces[p->text.n++] = piece;
}

void ks_pieces_lit(ks_pieces *p, ks_str text)
{
    if (text.n)
        add(p, (ks_piece){.text = text});
}

void ks_pieces_enc(ks_pieces *p, ks_str text, ks_enc enc)
{
    if (text.n)
        add(p, (ks_piece){.text = text, .enc = enc});
}

void ks_pieces_secret(ks_pieces *p, ks_str name, const ks_secret *s, ks_enc enc)
{
    add(p, (ks_piece){.text = name, .secret = s, .enc = enc});
}

static bool expand(ks_pieces *p, const ks_credential *c, ks_str tpl, ks_enc literals, ks_enc enc)
{
    size_t      mark = ks_pieces_mark(p);
    ks_tpl_part part;
    while (ks_tpl_next(&tpl, &part)) {
        if (!part.is_value) {
            ks_pieces_enc(p, part.text, literals);
            continue;
        }
        ks_str           plain = c ? ks_credential_text(c, part.text) : KS_NO_STR;
        const ks_secret *s = c ? ks_credential_get(c, part.text) : NULL;
        if (plain.p != NULL)
            ks_pieces_enc(p, plain, enc);
        else if (s != NULL)
            ks_pieces_secret(p, part.text, s, enc);
        else {
            ks_pieces_cut(p, mark);
            return false;
        }
    }
    return true;
}

bool ks_pieces_tpl(ks_pieces *p, const ks_credential *c, ks_str tpl, ks_enc enc)
{
    return expand(p, c, tpl, KS_ENC_NONE, enc);
}

bool ks_pieces_tpl_plain(ks_pieces *p, const ks_credential *c, ks_str tpl, ks_enc enc)
{
    return expand(p, c, tpl, enc, enc);
}

size_t ks_pieces_mark(const ks_pieces *p)
{
    return p->text.n;
}

void ks_pieces_cut(ks_pieces *p, size_t mark)
{
    p->text.n = mark;
}
