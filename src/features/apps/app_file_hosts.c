/* features/apps/app_file_hosts.c — where a credential may go: hosts of bases and of token requests, and the
 * list `hosts` (rules T3, N1). Resolves nothing. Format: docs/formats.md. Threads: none shared. */
#include "features/apps/app_file_tree.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"

static ks_str host_behind(ks_str url, ks_str scheme)
{
    ks_str rest = ks_str_sub(url, scheme.n, SIZE_MAX);
    size_t n = 0;
    while (n < rest.n && rest.p[n] != '/' && rest.p[n] != ':' && rest.p[n] != '?')
        n++;
    return ks_str_starts(url, scheme) && n ? ks_str_sub(rest, 0, n) : KS_NO_STR;
}

/* Plain http is for a vendor on an IPv4 address, which the operator must list (--allow-private); names want
 * https. */
ks_str ks_file_host(ks_str url)
{
    ks_str plain = host_behind(url, KS_S("http://"));
    if (plain.p != NULL && ks_str_only(plain, "0123456789."))
        return plain;
    return host_behind(url, KS_FILE_HTTPS);
}

bool ks_file_host_held(ks_list hosts, ks_str host)
{
    for (size_t i = 0; i < hosts.n; i++) {
        ks_str rule = hosts.at[i];
        if (ks_str_eq(rule, host))
            return true;
        if (ks_str_starts(rule, KS_S("*.")) && host.n > rule.n - 1 &&
            ks_str_ends(host, ks_str_sub(rule, 1, SIZE_MAX)))
            return true;
    }
    return false;
}

const ks_app_derived *ks_file_derived(const ks_app_scheme *s, size_t n, ks_str name)
{
    for (size_t i = 0; i < n; i++) {
        if (ks_str_eq(s->derive[i].name, name))
            return &s->derive[i];
    }
    return NULL;
}

/* Does the text use a secret field? */
static bool uses_secret(const ks_app_scheme *s, ks_str tpl)
{
    ks_tpl_part part;
    while (ks_tpl_next(&tpl, &part)) {
        const ks_app_field *f = part.is_value ? ks_app_field_find(s, part.text) : NULL;
        if (f != NULL && f->secret)
            return true;
    }
    return false;
}

/* A URL under test: where to blame, and what it may use. */
typedef struct url_at {
    const void          *at;
    const char          *member;
    const ks_app_scheme *s;
    size_t               derived;
} url_at;

/* A value in the host part must be made for it, and no secret. `alone`: it is all of it. */
static void check_host_field(ks_app_reader *r, const url_at *u, ks_str name, bool alone)
{
    const ks_app_field   *f = ks_app_field_find(u->s, name);
    const ks_app_derived *d = ks_file_derived(u->s, u->derived, name);
    if (f == NULL && d == NULL)
        return; /* told by check_template */
    if (f != NULL ? f->secret : uses_secret(u->s, d->text))
        ks_file_fault_at(r, u->at, u->member, "no secret may stand in the host part of `%s`", u->member);
    else if (f != NULL
                 ? f->kind != KS_APP_LABEL && f->kind != KS_APP_CHOICE && !(alone && f->kind == KS_APP_HOST)
                 : d->make != KS_MAKE_LABEL && !(alone && d->make == KS_MAKE_MEMBER && u->s->hosts.n > 0))
        ks_file_fault_at(r, u->at, u->member,
                         "the host part of `%s` takes fields of kind label or choice; a field of "
                         "kind host must be all of it, one of kind url must begin `%s`",
                         u->member, u->member);
}

/* The host with "x" for each label and `choice` for its field, to be held against `hosts`. */
static ks_str sample_host(ks_app_reader *r, ks_str host, ks_str field, ks_str choice)
{
    ks_buf     *b = ks_ctx_buf(r->cx, 1024);
    ks_tpl_part part;
    while (b != NULL && ks_tpl_next(&host, &part)) {
        bool chosen = part.is_value && ks_str_eq(part.text, field);
        ks_buf_str(b, !part.is_value ? part.text : chosen ? choice : KS_S("x"));
    }
    return b != NULL ? ks_buf_view(b) : KS_NO_STR;
}

static void check_host_covered(ks_app_reader *r, const url_at *u, ks_str host)
{
    const ks_app_scheme *s = u->s;
    bool                 covered = true, any = false;
    for (size_t i = 0; i < s->fields_n; i++) {
        const ks_app_field *f = &s->fields[i];
        for (size_t j = 0; f->kind == KS_APP_CHOICE && ks_tpl_uses(host, f->name) && j < f->values.n; j++) {
            any = true;
            covered &= ks_file_host_held(s->hosts, sample_host(r, host, f->name, f->values.at[j]));
        }
    }
    if (!any)
        covered = ks_file_host_held(s->hosts, sample_host(r, host, KS_NO_STR, KS_NO_STR));
    if (!covered)
        ks_file_fault_at(r, u->at, u->at == s && s->hosts.n ? "hosts" : u->member,
                         "`hosts` does not hold the host of `%s`; list it, \"*.\" for whole labels",
                         u->member);
}

bool ks_file_begins_with(const ks_app_scheme *s, ks_str text, ks_app_kind kind)
{
    ks_tpl_part         part;
    const ks_app_field *f = ks_tpl_next(&text, &part) && part.is_value ? ks_app_field_find(s, part.text)
                                                                       : NULL;
    return f != NULL && f->kind == kind;
}

/* "{{instance_url}}/x": a URL out of a token's answer; `hosts` says which ones count. */
static bool begins_with_answer(const ks_app_scheme *s, size_t derived, ks_str text)
{
    ks_tpl_part part;
    if (!ks_tpl_next(&text, &part) || !part.is_value || s->hosts.n == 0)
        return false;
    const ks_app_derived *d = ks_file_derived(s, derived, part.text);
    return d != NULL && (d->make == KS_MAKE_MEMBER || d->make == KS_MAKE_TOKEN);
}

void ks_file_check_url(ks_app_reader *r, const void *at, const char *member, const ks_app_scheme *s,
                       size_t derived, ks_str url)
{
    const url_at u = {at, member, s, derived};
    ks_str       host = ks_file_host(url), rest = host;
    ks_tpl_part  part;
    if (ks_file_begins_with(s, url, KS_APP_URL) || begins_with_answer(s, derived, url))
        return;
    if (host.p == NULL) {
        ks_file_fault_at(r, at, member,
                         "`%s` is https://host[/path] (http:// only with an IPv4 address), or begins with "
                         "a field of kind url",
                         member);
        return;
    }
    while (ks_tpl_next(&rest, &part)) {
        if (part.is_value)
            check_host_field(r, &u, part.text, part.text.n + 4 == host.n);
    }
    bool literal = ks_str_find(host, KS_S("{{")) == SIZE_MAX; /* of a token: the file itself names it */
    if (!ks_file_begins_with(s, host, KS_APP_HOST) && !begins_with_answer(s, derived, host) &&
        !(literal && at != s))
        check_host_covered(r, &u, host);
}

void ks_file_check_hosts(ks_app_reader *r, const ks_app_scheme *s)
{
    for (size_t i = 0; i < s->hosts.n; i++) {
        ks_str h = s->hosts.at[i];
        ks_str name = ks_str_starts(h, KS_S("*.")) ? ks_str_sub(h, 2, SIZE_MAX) : h;
        if (!ks_str_only(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") || ks_str_chr(name, '.') == SIZE_MAX)
            ks_file_fault_at(r, s, "hosts", "a host is lower-case with a dot, exact or \"*.example.com\"");
    }
}
