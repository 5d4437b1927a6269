/* cli/fields.c — see fields.h. */
#include "cli/fields.h"

#include "cli/input.h"
#include "cli/output.h"
#include "features/links/paste.h"

int ks_words_take(ks_cli *c, int from, ks_words *out)
{
    *out = (ks_words){.n = 0};
    for (int i = from; i < c->args_n; i++) {
        ks_str word = ks_str_of(c->args[i]);
        size_t eq = ks_str_chr(word, '=');
        if (eq == SIZE_MAX || eq == 0) {
            explicit_bzero(c->args[i], word.n);
            return ks_cli_usage(c, "Fields are given as FIELD=VALUE, FIELD=@FILE or FIELD=-.");
        }
        if (out->n == KS_FIELD_WORDS)
            return ks_cli_usage(c, "More than %d fields were given.", KS_FIELD_WORDS);
        ks_str   value = ks_str_sub(word, eq + 1, word.n);
        ks_word *w = &out->at[out->n++];
        w->name = ks_copy(&c->cx, ks_str_sub(word, 0, eq));
        w->plain = value.n > 0 && value.p[0] != '@' && !ks_str_eq(value, KS_S("-"));
        w->value = ks_input_secret(c, value);
        explicit_bzero(c->args[i] + eq + 1, value.n); /* also what ps shows */
        if (w->value == NULL || w->name.p == NULL)
            return KS_EXIT_FAILED;
    }
    return KS_EXIT_OK;
}

static const ks_json *field_of(ks_cli *c, const ks_json *fields, ks_str name)
{
    for (size_t i = 0; i < ks_json_count(fields); i++)
        if (ks_str_eq(ks_member(c, ks_json_at(fields, i), "name"), name))
            return ks_json_at(fields, i);
    return NULL;
}

static bool is_secret(const ks_json *field)
{
    const ks_json *v = ks_json_get(field, "is_secret");
    return field == NULL || v == NULL || ks_json_true(v);
}

static int say_seen(ks_cli *c, ks_str name, const char *why)
{
    ks_cli_mark(c);
    ks_put(c->err, name);
    fprintf(
        c->err,
        " %s, and other users of this machine can read command lines: the word was wiped, but take it for "
        "seen.\n  Give it as FIELD=@FILE, as FIELD=- on standard input, or leave it out to be asked.\n",
        why);
    return KS_EXIT_USAGE;
}

int ks_words_judge(ks_cli *c, const ks_json *fields, bool demo, const ks_words *w)
{
    for (size_t i = 0; i < w->n && !demo; i++)
        if (w->at[i].plain && is_secret(field_of(c, fields, w->at[i].name)))
            return say_seen(c, w->at[i].name, "is a secret");
    return KS_EXIT_OK;
}

static bool has_word(const ks_words *w, ks_str name)
{
    for (size_t i = 0; i < w->n; i++)
        if (ks_str_eq(w->at[i].name, name))
            return true;
    return false;
}

/* One part of a database URL for the first of these fields that the app has, unless it was given. */
static bool add_part(ks_cli *c, const ks_json *fields, ks_words *w, ks_str names, ks_str part)
{
    ks_str name;
    while (part.n > 0 && ks_str_cut(&names, ' ', &name)) {
        if (field_of(c, fields, name) == NULL)
            continue;
        if (has_word(w, name) || w->n == KS_FIELD_WORDS)
            return true;
        w->at[w->n].name = name;
        w->at[w->n].plain = false;
        return ks_secret_new(&c->cx, part.p, part.n, &w->at[w->n++].value) == KS_OK;
    }
    return true;
}

/* A database URL in the place of a host is what people have at hand: divided, as on the connect page. `w` may
 * hold a host by now, or not. */
static int divide_url(ks_cli *c, const ks_json *fields, ks_words *w)
{
    const ks_json *host = field_of(c, fields, KS_S("host"));
    size_t         at = 0;
    ks_paste_url   url;
    bool           is;
    while (at < w->n && !ks_str_eq(w->at[at].name, KS_S("host")))
        at++;
    if (at == w->n || host == NULL || is_secret(host))
        return KS_EXIT_OK;
    ks_secret_publish(w->at[at].value);
    if (ks_paste_split(&c->cx, ks_secret_text(w->at[at].value), &url, &is) != KS_OK)
        return ks_cli_fail_err(c);
    if (!is)
        return KS_EXIT_OK;
    if (w->at[at].plain && url.password.n > 0)
        return say_seen(c, w->at[at].name, "holds a password");
    bool fine = ks_secret_new(&c->cx, url.host.p, url.host.n, &w->at[at].value) == KS_OK &&
                add_part(c, fields, w, KS_S("port"), url.port) &&
                add_part(c, fields, w, KS_S("username"), url.user) &&
                add_part(c, fields, w, KS_S("password"), url.password) &&
                add_part(c, fields, w, KS_S("database db"), url.database);
    return fine ? KS_EXIT_OK : ks_cli_fail_err(c);
}

/* Aliases are the server's business: with a name that the list does not hold it decides what is missing. */
static bool all_known(ks_cli *c, const ks_json *fields, const ks_words *w)
{
    for (size_t i = 0; i < w->n; i++)
        if (field_of(c, fields, w->at[i].name) == NULL)
            return false;
    return true;
}

static bool is_missing(ks_cli *c, const ks_json *field, const ks_words *w)
{
    return ks_json_true(ks_json_get(field, "required")) && !has_word(w, ks_member(c, field, "name"));
}

/* Nobody to ask. */
static int say_missing(ks_cli *c, const ks_json *fields, const ks_words *w)
{
    int code = KS_EXIT_OK;
    for (size_t i = 0; i < ks_json_count(fields); i++) {
        const ks_json *f = ks_json_at(fields, i);
        if (!is_missing(c, f, w))
            continue;
        ks_cli_mark(c);
        ks_put(c->err, ks_member(c, f, "name"));
        fputs(" is missing (", c->err);
        ks_put(c->err, ks_member(c, f, "displayName"));
        fputs("): give it as FIELD=@FILE, or as FIELD=- on standard input.\n", c->err);
        code = KS_EXIT_USAGE;
    }
    return code;
}

static int ask_missing(ks_cli *c, const ks_json *fields, ks_words *w)
{
    for (size_t i = 0; i < ks_json_count(fields); i++) {
        const ks_json *f = ks_json_at(fields, i);
        ks_str         name = ks_member(c, f, "name"), label = ks_member(c, f, "displayName");
        if (!is_missing(c, f, w) || w->n == KS_FIELD_WORDS)
            continue;
        ks_secret *s = ks_input_prompt(c, label.n ? label : name, ks_member(c, f, "description"),
                                       is_secret(f));
        if (s == NULL)
            return ks_cli_fail(c, KS_EXIT_USAGE, "Nothing was given; nothing was stored.");
        w->at[w->n++] = (ks_word){name, s, false};
        int code = divide_url(c, fields, w);
        if (code != KS_EXIT_OK)
            return code;
    }
    return KS_EXIT_OK;
}

int ks_words_complete(ks_cli *c, const ks_json *fields, bool demo, ks_words *w)
{
    int code = ks_words_judge(c, fields, demo, w);
    if (code == KS_EXIT_OK)
        code = divide_url(c, fields, w);
    if (code != KS_EXIT_OK || !all_known(c, fields, w))
        return code;
    return c->tty_in && !ks_cli_has(c, "no-input") ? ask_missing(c, fields, w) : say_missing(c, fields, w);
}

void ks_words_write(const ks_words *w, ks_payload *b)
{
    for (size_t i = 0; i < w->n; i++)
        ks_payload_secret(b, w->at[i].name, w->at[i].value);
}
