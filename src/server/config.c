/* server/config.c — see config.h: collects what each source gives, then turns the winner into its type. */
#include "server/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "server/config_file.h"

#define GIVEN_MAX 256 /* values of one repeated flag */

/* What the sources gave for one option. */
typedef struct given {
    ks_texts    values;
    const char *source; /* NULL: nobody gave it */
} given;

static ks_str upper_env(ks_ctx *cx, const char *name)
{
    ks_str s = ks_fmt(cx, "KEYSTEWARD_%s", name);
    char  *p = s.p ? ks_alloc(cx, s.n + 1) : NULL;
    if (p == NULL)
        return KS_NO_STR;
    for (size_t i = 0; i <= s.n; i++) {
        char c = s.p[i];
        p[i] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c == '-' ? '_' : c);
    }
    return (ks_str){p, s.n};
}

ks_str ks_option_env(ks_ctx *cx, const ks_option *o)
{
    return upper_env(cx, o->flag.name);
}

ks_str ks_option_key(ks_ctx *cx, const ks_option *o)
{
    ks_str s = ks_str_of(o->flag.name);
    char  *p = ks_alloc(cx, s.n + 1);
    if (p == NULL)
        return KS_NO_STR;
    for (size_t i = 0; i <= s.n; i++)
        p[i] = (char)(s.p[i] == '-' ? '_' : s.p[i]);
    return (ks_str){p, s.n};
}

ks_str ks_default_data(ks_ctx *cx)
{
    const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (geteuid() == 0)
        return KS_S("/var/lib/keysteward");
    if (xdg != NULL && xdg[0] == '/')
        return ks_fmt(cx, "%s/keysteward", xdg);
    if (home != NULL && home[0] == '/')
        return ks_fmt(cx, "%s/.local/share/keysteward", home);
    return KS_S("./keysteward-data");
}

/* ---- sources ---- */

static ks_status add_value(ks_ctx *cx, given *g, ks_str value, const char *source, bool list)
{
    if (g->values.n > 0 && !list)
        return ks_fail(cx, KS_INVALID, source, "%s was given twice.", source);
    if (g->values.n == GIVEN_MAX)
        return ks_fail(cx, KS_INVALID, source, "%s was given more than %d times.", source, GIVEN_MAX);
    ks_str *grown = ks_alloc(cx, (g->values.n + 1) * sizeof *grown);
    if (grown == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < g->values.n; i++)
        grown[i] = g->values.at[i];
    grown[g->values.n] = value;
    g->values = (ks_texts){grown, g->values.n + 1};
    g->source = source;
    return KS_OK;
}

/* "--name", "--name=value" and, for switches, "--no-name". */
static const ks_option *match_flag(ks_str word, ks_str *value, bool *negated)
{
    size_t eq = ks_str_chr(word, '=');
    ks_str name = ks_str_sub(word, 2, eq == SIZE_MAX ? word.n : eq - 2);
    *value = eq == SIZE_MAX ? KS_NO_STR : ks_str_sub(word, eq + 1, word.n);
    *negated = false;
    for (size_t i = 0; i < ks_options_n; i++) {
        ks_str own = ks_str_of(ks_options[i].flag.name);
        if (ks_str_eq(name, own))
            return &ks_options[i];
        if (ks_options[i].kind == KS_OPT_SWITCH && eq == SIZE_MAX && ks_str_starts(name, KS_S("no-")) &&
            ks_str_eq(ks_str_sub(name, 3, name.n), own)) {
            *negated = true;
            return &ks_options[i];
        }
    }
    return NULL;
}

static ks_status read_flags(ks_ctx *cx, int argc, char *const *argv, given *all)
{
    for (int i = 0; i < argc; i++) {
        bool             negated;
        ks_str           word = ks_str_of(argv[i]), value;
        const ks_option *o = ks_str_starts(word, KS_S("--")) ? match_flag(word, &value, &negated) : NULL;
        if (o == NULL)
            return ks_fail(cx, KS_INVALID, NULL,
                           "Word %d behind serve is not an option. keysteward serve --help lists them.",
                           i + 1);
        ks_str name = ks_fmt(cx, "--%s", o->flag.name);
        if (name.p == NULL)
            return KS_NO_MEMORY;
        if (o->kind == KS_OPT_SWITCH && value.p == NULL)
            value = negated ? KS_S("false") : KS_S("true");
        else if (value.p == NULL && ++i < argc)
            value = ks_str_of(argv[i]);
        if (value.p == NULL)
            return ks_fail(cx, KS_INVALID, name.p, "--%s needs a value: %s.", o->flag.name, o->flag.arg);
        KS_TRY(add_value(cx, &all[o - ks_options], value, name.p, o->kind == KS_OPT_LIST));
    }
    return KS_OK;
}

static ks_status read_env(ks_ctx *cx, size_t i, given *g)
{
    ks_str      name = ks_option_env(cx, &ks_options[i]), rest, part;
    const char *value = name.p ? getenv(name.p) : NULL;
    if (name.p == NULL)
        return KS_NO_MEMORY;
    if (value == NULL || value[0] == '\0')
        return KS_OK;
    if (ks_options[i].kind != KS_OPT_LIST)
        return add_value(cx, g, ks_str_of(value), name.p, false);
    rest = ks_str_of(value);
    while (ks_str_cut(&rest, ',', &part))
        KS_TRY(add_value(cx, g, ks_str_trim(part, " "), name.p, true));
    return KS_OK;
}

static ks_status collect(ks_ctx *cx, int argc, char *const *argv, given *all)
{
    ks_texts *file = ks_zalloc(cx, ks_options_n * sizeof *file);
    if (file == NULL)
        return KS_NO_MEMORY;
    KS_TRY(read_flags(cx, argc, argv, all));
    for (size_t i = 0; i < ks_options_n; i++)
        if (all[i].source == NULL)
            KS_TRY(read_env(cx, i, &all[i]));
    if (all[0].source != NULL) { /* row 0 is --config */
        ks_str path = ks_copy(cx, all[0].values.at[0]);
        if (path.p == NULL)
            return KS_NO_MEMORY;
        KS_TRY(ks_config_file(cx, path, file));
    }
    for (size_t i = 0; i < ks_options_n; i++)
        if (all[i].source == NULL && file[i].n > 0) {
            ks_str name = ks_option_key(cx, &ks_options[i]);
            all[i] = (given){file[i], name.p};
        }
    return KS_OK;
}

/* ---- types ---- */

static ks_status set_switch(ks_ctx *cx, const given *g, bool *out)
{
    ks_str v = g->values.at[0];
    *out = ks_str_ieq(v, KS_S("true")) || ks_str_ieq(v, KS_S("on")) || ks_str_ieq(v, KS_S("yes")) ||
           ks_str_eq(v, KS_S("1"));
    if (*out || ks_str_ieq(v, KS_S("false")) || ks_str_ieq(v, KS_S("off")) || ks_str_ieq(v, KS_S("no")) ||
        ks_str_eq(v, KS_S("0")))
        return KS_OK;
    return ks_fail(cx, KS_INVALID, g->source, "%s wants true or false.", g->source);
}

static ks_status set_number(ks_ctx *cx, const ks_option *o, const given *g, int64_t *out)
{
    uint64_t v = 0;
    ks_str   s = g->values.at[0];
    bool     minus = ks_str_starts(s, KS_S("-"));
    bool     ok = ks_str_u64(ks_str_sub(s, minus ? 1 : 0, s.n), &v) && v <= INT32_MAX;
    int64_t  n = minus ? -(int64_t)v : (int64_t)v;
    if (!ok || n < o->min || n > o->max)
        return ks_fail(cx, KS_INVALID, g->source, "%s wants a number from %lld to %lld.", g->source,
                       (long long)o->min, (long long)o->max);
    *out = n;
    return KS_OK;
}

static ks_status set_choice(ks_ctx *cx, const ks_option *o, const given *g, ks_str *out)
{
    ks_str rest = ks_str_of(o->choices), part;
    while (ks_str_cut(&rest, '|', &part))
        if (ks_str_eq(part, g->values.at[0])) {
            *out = part;
            return KS_OK;
        }
    return ks_fail(cx, KS_INVALID, g->source, "%s wants one of: %s.", g->source, o->choices);
}

static ks_status set_text(ks_ctx *cx, const given *g, ks_str *out)
{
    if (g->values.at[0].n == 0)
        return ks_fail(cx, KS_INVALID, g->source, "%s must not be empty.", g->source);
    *out = ks_copy(cx, g->values.at[0]);
    return out->p ? KS_OK : ks_no_memory(cx);
}

static ks_status set_option(ks_ctx *cx, const ks_option *o, const given *g, ks_config *out)
{
    void *to = (char *)out + o->offset;
    switch (o->kind) {
    case KS_OPT_SWITCH:
        return set_switch(cx, g, to);
    case KS_OPT_NUMBER:
        return set_number(cx, o, g, to);
    case KS_OPT_CHOICE:
        return set_choice(cx, o, g, to);
    case KS_OPT_LIST:
        *(ks_texts *)to = g->values;
        return KS_OK;
    case KS_OPT_TEXT:
        break;
    }
    return set_text(cx, g, to);
}

ks_status ks_config_load(ks_ctx *cx, int argc, char *const *argv, ks_config *out)
{
    given *all = ks_zalloc(cx, ks_options_n * sizeof *all);
    ks_str fallback;
    if (all == NULL)
        return KS_NO_MEMORY;
    *out = (ks_config){.root_key_fd = -1};
    KS_TRY(collect(cx, argc, argv, all));
    for (size_t i = 0; i < ks_options_n; i++) {
        fallback = ks_str_of(ks_options[i].fallback);
        given g = all[i].source ? all[i] : (given){{&fallback, fallback.p ? 1 : 0}, ks_options[i].flag.name};
        if (g.values.n > 0)
            KS_TRY(set_option(cx, &ks_options[i], &g, out));
    }
    if (out->data.p == NULL)
        out->data = ks_default_data(cx);
    if ((out->tls_cert.p == NULL) != (out->tls_key.p == NULL))
        return ks_fail(cx, KS_INVALID, "tls-cert", "--tls-cert and --tls-key go together: give both.");
    return out->data.p ? KS_OK : ks_no_memory(cx);
}
