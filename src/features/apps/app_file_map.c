/* features/apps/app_file_map.c — fills structs from the tree by the tables of app_file_schema.c. Knows kinds
 * of members, not their meaning. Threads: none shared. */
#include <assert.h>

#include "base/json.h"
#include "features/apps/app_file_shape.h"

static_assert(sizeof(ks_app_kind) == sizeof(unsigned) && sizeof(ks_param_in) == sizeof(unsigned) &&
                  sizeof(ks_param_type) == sizeof(unsigned) && sizeof(ks_encoding) == sizeof(unsigned) &&
                  sizeof(ks_app_make) == sizeof(unsigned) && sizeof(ks_answer_kind) == sizeof(unsigned) &&
                  sizeof(ks_form_style) == sizeof(unsigned),
              "enums are stored as unsigned");

static void store(char *out, size_t at, const void *value, size_t n)
{
    memcpy(out + at, value, n);
}

/* A text of one line, or false after a fault. */
static bool one_text(ks_app_reader *r, const ks_node *n, bool lines, bool empty)
{
    if (n->kind != KS_NODE_TEXT) {
        ks_file_fault(r, n->line, "a text is wanted here");
        return false;
    }
    if (n->text.n == 0 && (!empty || n->plain)) {
        ks_file_fault(r, n->line, "this is empty; give it a value or leave it out");
        return false;
    }
    for (size_t i = 0; i < n->text.n; i++) {
        unsigned char c = (unsigned char)n->text.p[i];
        if (c == 0x7f || (c < 0x20 && !(lines && (c == '\n' || c == '\t')))) {
            ks_file_fault(r, n->line,
                          "a line break or control character stands in this text; one line is wanted");
            return false;
        }
    }
    return true;
}

static void map_flag(ks_app_reader *r, const ks_node *n, char *out, size_t at)
{
    bool yes = ks_str_eq(n->text, KS_S("true"));
    if (n->kind != KS_NODE_TEXT || !n->plain || (!yes && !ks_str_eq(n->text, KS_S("false"))))
        ks_file_fault(r, n->line, "true or false is wanted here");
    store(out, at, &yes, sizeof yes);
}

static void map_number(ks_app_reader *r, const ks_node *n, char *out, size_t at)
{
    uint64_t v = 0;
    if (n->kind != KS_NODE_TEXT || !ks_str_u64(n->text, &v) || v > 999)
        ks_file_fault(r, n->line, "an HTTP status (100 to 599) is wanted here");
    int number = (int)v;
    store(out, at, &number, sizeof number);
}

static void map_word(ks_app_reader *r, const ks_member *m, const ks_node *n, char *out)
{
    unsigned i = 0;
    while (m->words[i] != NULL && !ks_str_eq(n->text, ks_str_of(m->words[i])))
        i++;
    if (n->kind == KS_NODE_TEXT && m->words[i] != NULL) {
        if (m->kind == ONLY)
            store(out, m->at, &(bool){true}, sizeof(bool));
        else
            store(out, m->at, &i, sizeof i);
        return;
    }
    ks_buf *all = ks_ctx_buf(r->cx, 1024);
    for (i = 0; all != NULL && m->words[i] != NULL; i++)
        ks_buf_fmt(all, "%s%s", i ? ", " : "", m->words[i]);
    ks_file_fault(r, n->line, "`%s` must be one of: " KS_FMT, m->name,
                  KS_ARG(all != NULL ? ks_buf_view(all) : KS_NO_STR));
}

static void map_texts(ks_app_reader *r, const ks_node *n, char *out, size_t at)
{
    if (n->kind != KS_NODE_LIST) {
        ks_file_fault(r, n->line, "a list of texts is wanted here: [one, two]");
        return;
    }
    ks_str *texts = ks_file_alloc(r, (n->n + 1) * sizeof *texts);
    ks_list list = {texts, 0};
    for (const ks_node *e = n->first; e != NULL && texts != NULL; e = e->next) {
        if (one_text(r, e, false, false))
            texts[list.n++] = e->text;
    }
    store(out, at, &list, sizeof list);
}

static void map_puts(ks_app_reader *r, const ks_node *n, char *out, size_t at)
{
    if (n->kind != KS_NODE_MAP) {
        ks_file_fault(r, n->line, "a map of texts is wanted here: {Name: value}");
        return;
    }
    ks_app_put *puts = ks_file_alloc(r, (n->n + 1) * sizeof *puts);
    ks_app_puts all = {puts, 0};
    for (const ks_node *e = n->first; e != NULL && puts != NULL; e = e->next) {
        if (one_text(r, e, false, false))
            puts[all.n++] = (ks_app_put){e->name, e->text};
    }
    store(out, at, &all, sizeof all);
}

void ks_file_note(ks_app_reader *r, const void *at, const ks_node *node)
{
    ks_node_of *o = ks_file_alloc(r, sizeof *o);
    if (o == NULL)
        return;
    *o = (ks_node_of){at, node, r->nodes};
    r->nodes = o;
}

static void map_parts(ks_app_reader *r, const ks_member *m, const ks_node *n, char *out)
{
    const ks_shape *sh = m->shape;
    if (n->kind != KS_NODE_LIST || (m->required && n->n == 0)) {
        ks_file_fault(r, n->line, "a list is wanted here, each element %s", sh->what);
        return;
    }
    char  *all = ks_file_alloc(r, n->n * sh->size + 1);
    size_t i = 0;
    if (all == NULL)
        return;
    for (const ks_node *e = n->first; e != NULL; e = e->next, i++) {
        ks_file_note(r, all + i * sh->size, e);
        ks_file_map(r, sh, e, all + i * sh->size);
    }
    store(out, m->at, &all, sizeof all);
    store(out, m->count, &n->n, sizeof n->n);
}

static bool is_none(const ks_node *n)
{
    return n->kind == KS_NODE_TEXT && ks_str_eq(n->text, KS_S("none"));
}

static void map_member(ks_app_reader *r, const ks_member *m, const ks_node *n, char *out)
{
    switch (m->kind) {
    case TEXT:
    case LINES:
    case OR_NONE:
        if (m->kind == OR_NONE && is_none(n))
            return;
        if (one_text(r, n, m->kind == LINES, m->empty))
            store(out, m->at, &n->text, sizeof n->text);
        return;
    case FLAG:
        map_flag(r, n, out, m->at);
        return;
    case NUMBER:
        map_number(r, n, out, m->at);
        return;
    case WORD:
    case ONLY:
        map_word(r, m, n, out);
        return;
    case TEXTS:
        map_texts(r, n, out, m->at);
        return;
    case PUTS:
        map_puts(r, n, out, m->at);
        return;
    case PART:
        if (m->none && is_none(n))
            return;
        if (m->at != 0)
            ks_file_note(r, out + m->at, n);
        ks_file_map(r, m->shape, n, out + m->at);
        return;
    case PARTS:
        map_parts(r, m, n, out);
        return;
    case JSON: /* by shape.end, when the type is known */
        return;
    }
}

/* Edits between two names, for "did you mean"; names longer than the table are far from everything. */
static size_t distance(ks_str a, ks_str b)
{
    size_t row[33];
    if (a.n >= KS_COUNT(row) || b.n >= KS_COUNT(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = corner + (a.p[i - 1] != b.p[j - 1]);
            corner = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[b.n];
}

static void unknown_member(ks_app_reader *r, const ks_shape *sh, const ks_node *n)
{
    const char *near = sh->members[0].name;
    size_t      best = SIZE_MAX;
    for (size_t i = 0; i < sh->n; i++) {
        size_t d = distance(n->name, ks_str_of(sh->members[i].name));
        if (d < best) {
            best = d;
            near = sh->members[i].name;
        }
    }
    ks_file_fault(r, n->line, "%s has no member of this name; the nearest known one is `%s`", sh->what, near);
}

void ks_file_map(ks_app_reader *r, const ks_shape *sh, const ks_node *map, void *out)
{
    if (map->kind != KS_NODE_MAP) {
        ks_file_fault(r, map->line, "%s is wanted here, as `name: value` members", sh->what);
        return;
    }
    if (sh->begin != NULL)
        sh->begin(out);
    for (const ks_node *n = map->first; n != NULL; n = n->next) {
        size_t i = 0;
        while (i < sh->n && !ks_str_eq(n->name, ks_str_of(sh->members[i].name)))
            i++;
        if (i < sh->n)
            map_member(r, &sh->members[i], n, out);
        else
            unknown_member(r, sh, n);
    }
    for (size_t i = 0; i < sh->n; i++) {
        if (sh->members[i].required && ks_node_get(map, sh->members[i].name) == NULL)
            ks_file_fault(r, map->line, "%s lacks `%s`", sh->what, sh->members[i].name);
    }
    if (sh->end != NULL)
        sh->end(r, map, out);
}

/* ---- values as JSON ---- */

/* A number as RFC 8259 writes it; `whole`: an integer. */
static bool is_number(ks_str s, bool whole)
{
    size_t i = s.n > 0 && s.p[0] == '-', digits = i;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    if (i == digits || (s.p[digits] == '0' && i - digits > 1))
        return false;
    if (i == s.n || whole)
        return i == s.n;
    return s.p[i] == '.' && i + 1 < s.n && ks_str_u64(ks_str_sub(s, i + 1, SIZE_MAX), &(uint64_t){0});
}

static bool is_literal(ks_str s)
{
    return ks_str_eq(s, KS_S("true")) || ks_str_eq(s, KS_S("false"));
}

/* Any node; the depth is bounded by KS_FILE_DEPTH. */
static void put_json(ks_buf *b, const ks_node *n)
{
    if (n->kind == KS_NODE_TEXT) {
        if (n->plain && (is_number(n->text, false) || is_literal(n->text)))
            ks_buf_str(b, n->text);
        else
            ks_json_quote(b, n->text);
        return;
    }
    bool map = n->kind == KS_NODE_MAP;
    ks_buf_c(b, map ? '{' : '[');
    for (const ks_node *e = n->first; e != NULL; e = e->next) {
        if (map) {
            ks_json_quote(b, e->name);
            ks_buf_c(b, ':');
        }
        put_json(b, e);
        if (e->next != NULL)
            ks_buf_c(b, ',');
    }
    ks_buf_c(b, map ? '}' : ']');
}

static bool fits(const ks_node *n, ks_param_type type)
{
    switch (type) {
    case KS_T_STRING:
        return n->kind == KS_NODE_TEXT;
    case KS_T_INTEGER:
        return n->kind == KS_NODE_TEXT && is_number(n->text, true);
    case KS_T_NUMBER:
        return n->kind == KS_NODE_TEXT && is_number(n->text, false);
    case KS_T_BOOLEAN:
        return n->kind == KS_NODE_TEXT && is_literal(n->text);
    case KS_T_ARRAY:
        return n->kind == KS_NODE_LIST;
    case KS_T_OBJECT:
        return n->kind == KS_NODE_MAP;
    case KS_T_FILE: /* an app file brings no files along */
        return false;
    }
    return false;
}

ks_str ks_file_json(ks_app_reader *r, const ks_node *node, ks_param_type type)
{
    if (node == NULL)
        return KS_NO_STR;
    if (!fits(node, type)) {
        ks_file_fault(r, node->line, "this value is not of the type that is declared");
        return KS_NO_STR;
    }
    ks_buf *b = ks_ctx_buf(r->cx, KS_APP_FILE_MAX);
    if (b == NULL) {
        r->no_memory = true;
        return KS_NO_STR;
    }
    if (type == KS_T_STRING)
        ks_json_quote(b, node->text); /* 2022-06-28 and 1 are texts where a string is wanted */
    else if (node->kind == KS_NODE_TEXT)
        ks_buf_str(b, node->text);
    else
        put_json(b, node);
    r->no_memory |= !ks_buf_ok(b);
    return ks_buf_view(b);
}
