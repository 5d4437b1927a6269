/* features/links/paste.c — see paste.h. connect.js does the same; change both, and the examples. */
#include "features/links/paste.h"

#include "base/enc.h"
#include "base/secret.h"

#define ROUNDS 4 /* KEY="Bearer <...>" is three layers */

/* ---- what is declared ---- */

static bool holds(ks_str name, const char *part)
{
    return ks_str_iholds(name, ks_str_of(part));
}

ks_str ks_paste_manner(const ks_app_field *f)
{
    if (f->kind == KS_APP_BLOB || f->kind == KS_APP_CHOICE)
        return KS_S("none");
    bool chosen = holds(f->name, "password") || holds(f->name, "passphrase"); /* by a person: anything goes */
    return f->secret && !chosen ? KS_S("key") : KS_S("text");
}

ks_str ks_paste_prefix(const ks_app_scheme *s, const ks_app_field *f)
{
    for (size_t i = 0; i < s->headers.n; i++) {
        ks_str v = s->headers.at[i].value;
        size_t at = ks_str_find(v, KS_S("{{"));
        if (at != SIZE_MAX && at > 1 && v.p[at - 1] == ' ' && v.n == at + f->name.n + 4 &&
            ks_str_eq(ks_str_sub(v, at + 2, f->name.n), f->name))
            return ks_str_sub(v, 0, at);
    }
    return KS_NO_STR;
}

ks_str ks_paste_part(const ks_app_scheme *s, const ks_app_field *f)
{
    static const char *const parts[] = {"host", "port", "user", "password", "database"};
    for (size_t i = 0; i < s->dsn.n; i++) {
        ks_str v = s->dsn.at[i].value;
        if (v.n != f->name.n + 4 || !ks_str_eq(ks_str_sub(v, 2, f->name.n), f->name))
            continue;
        for (size_t k = 0; k < KS_COUNT(parts); k++) {
            if (ks_str_eq(s->dsn.at[i].name, ks_str_of(parts[k])))
                return s->dsn.at[i].name;
        }
    }
    return KS_NO_STR;
}

/* ---- one value ---- */

/* The length of the one of `set` that `s` begins with; 0: none. */
static size_t first_of(ks_str s, const ks_str *set, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ks_str_starts(s, set[i]))
            return set[i].n;
    }
    return 0;
}

/* Drop what nobody sees; blanks that do not break become plain ones. */
static ks_status plain(ks_ctx *cx, ks_str s, ks_str *out, unsigned *did)
{
    ks_buf *b = ks_ctx_buf(cx, s.n + 1);
    if (b == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < s.n;) {
        ks_str rest = ks_str_sub(s, i, SIZE_MAX);
        size_t gone = first_of(rest, ks_paste.invisible, ks_paste.invisible_n);
        size_t blank = gone ? 0 : first_of(rest, ks_paste.blanks, ks_paste.blanks_n);
        if (gone)
            *did |= KS_PASTE_INVISIBLE;
        else
            ks_buf_c(b, blank ? ' ' : s.p[i]);
        i += gone ? gone : blank ? blank : 1;
    }
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

static bool trim(ks_str *s, unsigned *did)
{
    ks_str t = ks_str_trim(*s, " \t\r\n");
    bool   more = t.n < s->n;
    *did |= more ? KS_PASTE_BLANKS : 0u;
    *s = t;
    return more;
}

static bool unquote(ks_str *s, unsigned *did)
{
    for (size_t i = 0; i + 1 < ks_paste.pairs_n; i += 2) {
        ks_str open = ks_paste.pairs[i], close = ks_paste.pairs[i + 1];
        if (s->n <= open.n + close.n || !ks_str_starts(*s, open) || !ks_str_ends(*s, close))
            continue;
        *s = ks_str_sub(*s, open.n, s->n - open.n - close.n);
        *did |= KS_PASTE_QUOTES;
        return true;
    }
    return false;
}

static bool begins(ks_str s, ks_str head)
{
    return s.n > head.n && head.n > 0 && ks_str_ieq(ks_str_sub(s, 0, head.n), head);
}

/* The length of "export NAME_X=" when enough is left behind it; 0: it is none. */
static size_t named(ks_str s)
{
    size_t from = begins(s, KS_S("export ")) ? 7 : 0, eq = ks_str_chr(s, '=');
    if (eq == SIZE_MAX || eq <= from || s.n - eq - 1 < ks_paste.name_leaves)
        return 0;
    ks_str name = ks_str_sub(s, from, eq - from);
    bool   good = ks_str_only(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") && !ks_is_digit(name.p[0]) &&
                ks_str_chr(name, '_') != SIZE_MAX;
    return good ? eq + 1 : 0;
}

static bool unprefix(ks_str *s, ks_str prefix, unsigned *did)
{
    size_t n = begins(*s, prefix) ? prefix.n : named(*s);
    for (size_t i = 0; i < ks_paste.heads_n && n == 0; i++) {
        if (begins(*s, ks_paste.heads[i]))
            n = ks_paste.heads[i].n;
    }
    *s = ks_str_sub(*s, n, SIZE_MAX);
    *did |= n ? KS_PASTE_PREFIX : 0u;
    return n > 0;
}

/* Without line breaks, when only so it looks as the app file says. */
static ks_status join(ks_ctx *cx, ks_str pattern, ks_str *s, unsigned *did)
{
    ks_secret *joined;
    ks_buf    *b = ks_ctx_buf(cx, s->n + 1);
    if (pattern.n == 0 || ks_str_find(*s, KS_S("\n")) == SIZE_MAX)
        return KS_OK;
    if (b == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < s->n; i++) {
        if (s->p[i] != '\n' && s->p[i] != '\r')
            ks_buf_c(b, s->p[i]);
    }
    KS_TRY(ks_secret_new(cx, b->p, b->n, &joined));
    ks_str ere = ks_copy(cx, pattern);
    if (!ks_buf_ok(b) || ere.p == NULL)
        return ks_no_memory(cx);
    if (ks_secret_matches(joined, ere.p)) {
        *s = ks_buf_view(b);
        *did |= KS_PASTE_JOINED;
    }
    return KS_OK;
}

ks_status ks_paste_clean(ks_ctx *cx, ks_str pasted, ks_str manner, ks_str prefix, ks_str pattern, ks_str *out,
                         unsigned *did)
{
    bool key = ks_str_eq(manner, KS_S("key"));
    *did = 0;
    *out = pasted;
    if (ks_str_eq(manner, KS_S("none")) || pasted.n == 0)
        return KS_OK;
    KS_TRY(plain(cx, pasted, out, did));
    trim(out, did);
    for (int i = 0; key && i < ROUNDS; i++) {
        bool quoted = unquote(out, did), more = unprefix(out, prefix, did);
        if (!trim(out, did) && !quoted && !more)
            break;
    }
    return key ? join(cx, pattern, out, did) : KS_OK;
}

/* ---- database URLs ---- */

static ks_status undo(ks_ctx *cx, ks_str raw, ks_str *out)
{
    ks_buf *b = ks_ctx_buf(cx, raw.n + 1);
    if (b == NULL)
        return KS_NO_MEMORY;
    *out = ks_dec_percent(b, raw, false) ? ks_buf_view(b) : raw;
    return KS_OK;
}

static bool driver(ks_str s)
{
    ks_str name = ks_str_sub(s, 0, ks_str_chr(s, '+'));
    for (size_t i = 0; i < ks_paste.drivers_n; i++) {
        if (ks_str_ieq(name, ks_paste.drivers[i]))
            return true;
    }
    return false;
}

/* "host", "host:port", "[v6]:port" */
static void place(ks_str at, ks_paste_url *out)
{
    size_t close = ks_str_starts(at, KS_S("[")) ? ks_str_chr(at, ']') : SIZE_MAX;
    ks_str host = close == SIZE_MAX ? ks_str_sub(at, 0, ks_str_chr(at, ':')) : ks_str_sub(at, 0, close + 1);
    out->host = close == SIZE_MAX ? host : ks_str_sub(at, 1, close - 1);
    if (at.n > host.n + 1 && at.p[host.n] == ':')
        out->port = ks_str_sub(at, host.n + 1, SIZE_MAX);
}

ks_status ks_paste_split(ks_ctx *cx, ks_str pasted, ks_paste_url *out, bool *is)
{
    ks_str s = ks_str_trim(pasted, " \t\r\n");
    size_t at = ks_str_find(s, KS_S("://"));
    *out = (ks_paste_url){.host = KS_NO_STR};
    *is = at != SIZE_MAX && driver(ks_str_sub(s, 0, at));
    if (!*is)
        return KS_OK;
    s = ks_str_sub(s, at + 3, SIZE_MAX);
    s = ks_str_sub(s, 0, ks_str_chr(s, '?'));
    size_t slash = ks_str_chr(s, '/');
    ks_str front = ks_str_sub(s, 0, slash), who = KS_S("");
    if (slash != SIZE_MAX)
        KS_TRY(undo(cx, ks_str_sub(s, slash + 1, SIZE_MAX), &out->database));
    for (size_t end = front.n; end > 0 && who.n == 0; end--) { /* a password may hold an @ of its own */
        if (front.p[end - 1] == '@') {
            who = ks_str_sub(front, 0, end - 1);
            front = ks_str_sub(front, end, SIZE_MAX);
        }
    }
    size_t colon = ks_str_chr(who, ':');
    KS_TRY(undo(cx, ks_str_sub(who, 0, colon), &out->user));
    if (colon != SIZE_MAX)
        KS_TRY(undo(cx, ks_str_sub(who, colon + 1, SIZE_MAX), &out->password));
    place(front, out);
    return KS_OK;
}

/* ---- a form ---- */

static ks_str part_of(const ks_paste_url *u, ks_str name)
{
    return ks_str_eq(name, KS_S("host"))       ? u->host
           : ks_str_eq(name, KS_S("port"))     ? u->port
           : ks_str_eq(name, KS_S("user"))     ? u->user
           : ks_str_eq(name, KS_S("password")) ? u->password
                                               : u->database;
}

/* The URL leaves its field; other fields that hold something keep it. */
static ks_status divide(ks_ctx *cx, const ks_app_scheme *s, ks_form *form, const ks_app_field *from,
                        const ks_paste_url *u)
{
    for (size_t i = 0; i < s->fields_n; i++) {
        const ks_app_field *f = &s->fields[i];
        ks_str              part = ks_paste_part(s, f), now = ks_form_field(cx, form, f->name);
        if (part.n == 0 || (f != from && now.n > 0 && !ks_str_eq(now, f->fallback)))
            continue;
        ks_str value = part_of(u, part);
        if (value.n > 0 || f == from)
            KS_TRY(ks_form_field_set(cx, form, f->name, value.n > 0 ? value : KS_S("")));
    }
    return KS_OK;
}

ks_status ks_paste_form(ks_ctx *cx, const ks_app_scheme *s, ks_form *form)
{
    for (size_t i = 0; i < s->fields_n; i++) {
        const ks_app_field *f = &s->fields[i];
        ks_str              sent = ks_form_field(cx, form, f->name), value;
        unsigned            did;
        bool                is = false;
        ks_paste_url        url;
        if (sent.n == 0)
            continue;
        if (ks_paste_part(s, f).n > 0)
            KS_TRY(ks_paste_split(cx, sent, &url, &is));
        if (is) {
            KS_TRY(divide(cx, s, form, f, &url));
            continue;
        }
        KS_TRY(ks_paste_clean(cx, sent, ks_paste_manner(f), ks_paste_prefix(s, f), f->pattern, &value, &did));
        if (did)
            KS_TRY(ks_form_field_set(cx, form, f->name, value));
    }
    return KS_OK;
}
