/* features/actions/act_file.c — the answer of an action that gives a file (`answer: file`): kept as uploaded
 * files are, and told as {name, mimetype, s3url}, which SDKs fetch on their own. docs/api.md FILE-6. Threads:
 * as the handler. */
#include "features/actions/act.h"
#include "features/actions/file.h"
#include "features/own_url.h"

#define MAX_NAME   100 /* bytes: SDKs make longer ones up anew */
#define MAX_ENDING 5

/* What may stand in a file name without meaning a folder, a parameter or anything to a shell. */
static bool plain(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' || c == '-' ||
           c == '_';
}

/* A name as a vendor says it becomes a plain one: the part behind the last slash, other characters as '_', no
 * dot in front. */
static ks_str plain_name(ks_ctx *cx, ks_str said)
{
    ks_buf *b = ks_ctx_buf(cx, MAX_NAME + 1);
    size_t  from = 0;
    for (size_t i = 0; i < said.n; i++)
        if (said.p[i] == '/' || said.p[i] == '\\')
            from = i + 1;
    for (size_t i = from; b != NULL && i < said.n && i - from < MAX_NAME; i++) {
        char c = plain(said.p[i]) && (i > from || said.p[i] != '.') ? said.p[i] : '_';
        ks_buf_str(b, (ks_str){&c, 1});
    }
    return b != NULL ? ks_buf_view(b) : KS_NO_STR;
}

/* The file name in Content-Disposition (RFC 6266), without filename*: absent when there is none. */
static ks_str said_name(const ks_answer *a)
{
    ks_str rest = ks_answer_header(a, KS_S("content-disposition")), piece, key;
    while (ks_str_cut(&rest, ';', &piece)) {
        ks_str value = ks_str_trim(piece, " \t");
        if (ks_str_cut(&value, '=', &key) && ks_str_ieq(ks_str_trim(key, " \t"), KS_S("filename")))
            return ks_str_trim(value, " \t\"");
    }
    return KS_NO_STR;
}

/* "application/pdf; x" ends in "pdf", "text/plain" in "txt"; nothing for types that end in no such word. */
static ks_str ending(ks_str type)
{
    ks_str rest = type, kind = KS_NO_STR, sub = KS_NO_STR;
    (void)ks_str_cut(&rest, ';', &kind);
    rest = kind;
    (void)(ks_str_cut(&rest, '/', &kind) && ks_str_cut(&rest, ' ', &sub));
    if (ks_str_ieq(sub, KS_S("plain")))
        return KS_S("txt");
    for (size_t i = 0; i < sub.n; i++)
        if (!plain(sub.p[i]) || sub.p[i] == '.' || sub.p[i] == '-')
            return KS_NO_STR;
    return sub.n <= MAX_ENDING ? sub : KS_NO_STR;
}

static ks_str name_of(ks_ctx *cx, const ks_act *act, const ks_answer *a, ks_str type)
{
    ks_str name = plain_name(cx, said_name(a)), end = ending(type);
    if (name.n > 0)
        return name;
    return ks_fmt(cx, KS_FMT "%s" KS_FMT, KS_ARG(act->action->name), end.n > 0 ? "." : "", KS_ARG(end));
}

bool ks_act_gives_file(const ks_act *act, const ks_answer *a)
{
    return act->action != NULL && act->action->answer == KS_ANSWER_FILE && a->outcome == KS_UP_ANSWERED &&
           a->status >= 200 && a->status < 300;
}

ks_status ks_act_take_file(ks_ctx *cx, const ks_req *rq, ks_act *act, const ks_answer *a)
{
    ks_str pass,
        type = a->type.n > 0 && ks_file_type_ok(a->type) ? a->type : KS_S("application/octet-stream");
    ks_str name = name_of(cx, act, a, type);
    if (name.p == NULL || (act->file = ks_zalloc(cx, sizeof *act->file)) == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_file_keep(cx, name, type, a->body, act->file, &pass));
    ks_str path = ks_fmt(cx, "/f/" KS_FMT "/" KS_FMT, KS_ARG(pass), KS_ARG(name));
    return path.p != NULL ? ks_own_url(cx, rq, path, &act->file_url) : ks_no_memory(cx);
}

void ks_act_put_file(ks_jw *w, const char *name, const ks_act *act)
{
    ks_jw_obj(w, name);
    ks_jw_obj(w, "file");
    ks_jw_str(w, "name", act->file->name);
    ks_jw_str(w, "mimetype", act->file->mimetype);
    ks_jw_str(w, "s3url", act->file_url);
    ks_jw_end(w, '}');
    ks_jw_end(w, '}');
}
