/* features/files/files.c — see files.h. Bytes are sealed whole: a file is at most KS_MAX_FILE_BYTES, like one
 * that stands in an argument, so memory is bounded by that. */
#include "features/files/files.h"

#include "base/enc.h"
#include "base/ids.h"
#include "crypto/md5.h"
#include "features/files/files_rows.h"
#include "features/pass.h"
#include "features/tokens/tokens.h"

#define MAX_TEXT 255 /* bytes of a name or type */

/* Names and types go into headers of a body part later (rule T1). */
static bool plain(ks_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return s.n <= MAX_TEXT && ks_str_utf8(s);
}

static bool type_ok(ks_str s)
{
    size_t slash = ks_str_chr(s, '/');
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] > 0x7e)
            return false;
    return plain(s) && slash != SIZE_MAX && slash > 0 && slash + 1 < s.n;
}

static ks_place place_of(const ks_kept_file *f)
{
    return (ks_place){KS_S("files"), f->project_id, f->id, KS_S(""), 1};
}

static bool md5_ok(ks_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (ks_hex_digit(s.p[i]) < 0)
            return false;
    return s.n == KS_MD5_HEX;
}

static ks_status check_wish(ks_ctx *cx, const ks_file_wish *w)
{
    if (w->filename.n == 0 || !plain(w->filename))
        return ks_fail(cx, KS_INVALID, "filename",
                       "Give a file name of 1 to %d bytes without line breaks and control characters.",
                       MAX_TEXT);
    if (w->mimetype.n > 0 && !type_ok(w->mimetype))
        return ks_fail(cx, KS_INVALID, "mimetype", "mimetype must be like application/pdf.");
    if (w->md5.n > 0 && !md5_ok(w->md5))
        return ks_fail(cx, KS_INVALID, "md5",
                       "md5 must be the MD5 of the file in %d hex digits, or left out.", KS_MD5_HEX);
    return KS_OK;
}

static ks_status new_file(ks_ctx *cx, ks_str name, ks_str mimetype, ks_kept_file *out)
{
    *out = (ks_kept_file){.id = ks_id_new(cx, KS_ID_FILE),
                          .project_id = cx->project_id,
                          .name = name,
                          .mimetype = mimetype.n > 0 ? mimetype : KS_S("application/octet-stream"),
                          .expires_at = cx->now_us + KS_FILE_LIFE_S * INT64_C(1000000)};
    return out->id.p != NULL ? KS_OK : ks_no_memory(cx);
}

/* The check sum is in the pass, which nobody can change, and so needs no place in the store: "ID-MD5". */
ks_status ks_file_announce(ks_ctx *cx, ks_change *change, const ks_file_wish *wish, ks_kept_file *out,
                           ks_str *pass)
{
    KS_TRY(check_wish(cx, wish));
    KS_TRY(new_file(cx, wish->filename, wish->mimetype, out));
    ks_str named = wish->md5.n > 0 ? ks_fmt(cx, KS_FMT "-" KS_FMT, KS_ARG(out->id), KS_ARG(wish->md5))
                                   : out->id;
    *pass = ks_pass_new(cx, KS_FILE_PUT, named, cx->now_us + KS_FILE_PUT_S * INT64_C(1000000));
    if (named.p == NULL || pass->p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_file_row_add(cx, change, out));
    return ks_change_note(cx, change, "file.announce", out->id, KS_S("ok"));
}

static ks_status check_sum(ks_ctx *cx, ks_str wanted, ks_str bytes)
{
    ks_str sum;
    if (wanted.n == 0)
        return KS_OK;
    KS_TRY(ks_md5(cx, bytes, &sum));
    return ks_str_ieq(sum, wanted)
               ? KS_OK
               : ks_fail(cx, KS_INVALID, "md5",
                         "These bytes have another MD5 than was announced; send the file again.");
}

ks_status ks_file_put_add(ks_ctx *cx, ks_change *change, ks_str named, ks_str bytes)
{
    ks_kept_file f;
    bool         found;
    ks_str       md5 = named, id = KS_NO_STR;
    (void)ks_str_cut(&md5, '-', &id);
    KS_TRY(ks_file_row(cx, id, &f, &found));
    if (!found || f.expires_at <= cx->now_us)
        return ks_fail_code(cx, KS_NOT_FOUND, "file_not_found", NULL, "There is no such file.");
    if (bytes.n > KS_MAX_FILE_BYTES)
        return ks_fail(cx, KS_TOO_LARGE, NULL, "The file is larger than 5 MiB.");
    KS_TRY(check_sum(cx, md5, bytes));
    cx->project_id = f.project_id;
    f.size = (int64_t)bytes.n;
    ks_place place = place_of(&f);
    KS_TRY(ks_project_unlock(cx, cx->project_id));
    KS_TRY(ks_envelope_seal_bytes(cx, cx->env->keys, &place, bytes, &f.sealed));
    KS_TRY(ks_file_row_fill(cx, change, &f));
    return ks_change_note(cx, change, "file.upload", f.id, KS_S("ok"));
}

ks_status ks_file_keep(ks_ctx *cx, ks_str name, ks_str mimetype, ks_str bytes, ks_kept_file *out,
                       ks_str *pass)
{
    KS_TRY(new_file(cx, name, mimetype, out));
    ks_place place = place_of(out);
    out->size = (int64_t)bytes.n;
    KS_TRY(ks_envelope_seal_bytes(cx, cx->env->keys, &place, bytes, &out->sealed));
    *pass = ks_pass_new(cx, KS_FILE_GET, out->id, out->expires_at);
    return pass->p != NULL ? KS_OK : ks_no_memory(cx);
}

ks_status ks_file_keep_add(ks_ctx *cx, ks_change *change, const ks_kept_file *f)
{
    KS_TRY(ks_file_row_add(cx, change, f));
    KS_TRY(ks_file_row_fill(cx, change, f));
    return ks_change_note(cx, change, "file.keep", f->id, KS_S("ok"));
}

ks_status ks_file_fetch(ks_ctx *cx, ks_str id, ks_kept_file *out)
{
    bool found;
    KS_TRY(ks_file_row(cx, id, out, &found));
    if (found) {
        cx->project_id = out->project_id;
        KS_TRY(ks_project_unlock(cx, cx->project_id));
    }
    return ks_file_open(cx, id, out);
}

ks_status ks_file_open(ks_ctx *cx, ks_str id, ks_kept_file *out)
{
    bool found = false;
    if (ks_id_valid(id, KS_ID_FILE))
        KS_TRY(ks_file_row(cx, id, out, &found));
    if (!found || !ks_str_eq(out->project_id, cx->project_id) || out->expires_at <= cx->now_us ||
        out->sealed.ct.p == NULL)
        return ks_fail_code(cx, KS_NOT_FOUND, "file_not_found", NULL, "There is no such file.");
    ks_place place = place_of(out);
    return ks_envelope_open_bytes(cx, cx->env->keys, &place, &out->sealed, &out->content);
}
