/* features/actions/file.c — see file.h. RFC 4648 with padding; names and types are checked here because they
 * go into headers of a body part (rule T1). */
#include "features/actions/file.h"

#include "base/enc.h"

enum { MAX_NAME = 255 };

const char *ks_file_decode(ks_ctx *cx, ks_str base64, ks_str *content)
{
    if (base64.n / 4 * 3 > KS_MAX_FILE_BYTES + 2)
        return "is larger than 5 MiB";
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_FILE_BYTES + 3);
    if (b == NULL)
        return "could not be read";
    if (!ks_dec_base64(b, base64)) {
        if (b->failed)
            (void)!ks_no_memory(cx);
        return "must be in base64 (standard alphabet, with padding)";
    }
    if (b->n > KS_MAX_FILE_BYTES)
        return "is larger than 5 MiB";
    *content = b->n > 0 ? ks_buf_view(b) : KS_S("");
    return NULL;
}

static bool plain(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    }
    return true;
}

bool ks_file_type_ok(ks_str type)
{
    size_t slash = ks_str_chr(type, '/');
    for (size_t i = 0; i < type.n; i++) {
        if ((unsigned char)type.p[i] > 0x7e)
            return false;
    }
    return type.n <= MAX_NAME && plain(type) && slash != SIZE_MAX && slash > 0 && slash + 1 < type.n;
}

const char *ks_file_take(ks_ctx *cx, const ks_json *v, ks_file *out)
{
    ks_str content = ks_json_str(ks_json_get(v, "content"));
    *out = (ks_file){.name = ks_json_str(ks_json_get(v, "name")),
                     .mimetype = ks_json_str(ks_json_get(v, "mimetype"))};
    if (out->name.n == 0 || content.p == NULL)
        return "must be a file: an object with name, mimetype and content (base64)";
    if (out->name.n > MAX_NAME || !plain(out->name))
        return "needs a file name of at most 255 bytes without line breaks and control characters";
    if (out->mimetype.n == 0)
        out->mimetype = KS_NO_STR;
    else if (!ks_file_type_ok(out->mimetype))
        return "needs a mimetype like application/pdf, or none";
    return ks_file_decode(cx, content, &out->content);
}
