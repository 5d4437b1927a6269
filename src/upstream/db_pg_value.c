/* upstream/db_pg_value.c — PostgreSQL's values in their text form to ours, and back for parameters. Built-in
 * types by their number; what is not listed is text. Source: PostgreSQL 15, chapter 8 and 8.15.6 "Array Input
 * and Output Syntax", pg_type.dat. Threads: any; nothing is kept. */
#include "base/alloc.h"
#include "base/enc.h"
#include "upstream/db_pg.h"

typedef enum form { TEXT, TRUTH, WHOLE, REAL, EXACT, BYTES, JSON, MOMENT, ZONED } form;

typedef struct type {
    Oid         oid, array;
    form        form;
    const char *name;
} type;

static const type types[] = {
    {16, 1000, TRUTH, "boolean"},      {17, 1001, BYTES, "bytea"},
    {18, 1002, TEXT, "char"},          {19, 1003, TEXT, "name"},
    {20, 1016, WHOLE, "bigint"},       {21, 1005, WHOLE, "smallint"},
    {23, 1007, WHOLE, "integer"},      {24, 1008, TEXT, "regproc"},
    {25, 1009, TEXT, "text"},          {26, 1028, WHOLE, "oid"},
    {27, 1010, TEXT, "tid"},           {28, 1011, TEXT, "xid"},
    {114, 199, JSON, "json"},          {142, 143, TEXT, "xml"},
    {600, 1017, TEXT, "point"},        {650, 651, TEXT, "cidr"},
    {700, 1021, REAL, "real"},         {701, 1022, REAL, "double precision"},
    {718, 719, TEXT, "circle"},        {790, 791, TEXT, "money"},
    {829, 1040, TEXT, "macaddr"},      {869, 1041, TEXT, "inet"},
    {1042, 1014, TEXT, "character"},   {1043, 1015, TEXT, "character varying"},
    {1082, 1182, TEXT, "date"},        {1083, 1183, TEXT, "time"},
    {1114, 1115, MOMENT, "timestamp"}, {1184, 1185, ZONED, "timestamp with time zone"},
    {1186, 1187, TEXT, "interval"},    {1266, 1270, TEXT, "time with time zone"},
    {1560, 1561, TEXT, "bit"},         {1562, 1563, TEXT, "bit varying"},
    {1700, 1231, EXACT, "numeric"},    {2205, 2210, TEXT, "regclass"},
    {2206, 2211, TEXT, "regtype"},     {2249, 2287, TEXT, "record"},
    {2278, 0, TEXT, "void"},           {2950, 2951, TEXT, "uuid"},
    {3614, 3643, TEXT, "tsvector"},    {3615, 3645, TEXT, "tsquery"},
    {3802, 3807, JSON, "jsonb"},       {3904, 3905, TEXT, "int4range"},
    {3906, 3907, TEXT, "numrange"},    {3908, 3909, TEXT, "tsrange"},
    {3910, 3911, TEXT, "tstzrange"},   {3912, 3913, TEXT, "daterange"},
    {3926, 3927, TEXT, "int8range"},   {4089, 4090, TEXT, "regnamespace"},
    {4096, 4097, TEXT, "regrole"},     {705, 0, TEXT, "unknown"},
};

static const type *find(Oid oid, bool array)
{
    for (size_t i = 0; i < KS_COUNT(types); i++) {
        if (oid != 0 && (array ? types[i].array : types[i].oid) == oid)
            return &types[i];
    }
    return NULL;
}

ks_str ks_pg_type_name(Oid oid)
{
    const type *t = find(oid, false);
    if (t == NULL && find(oid, true) != NULL)
        return KS_S("array");
    return t != NULL ? ks_str_of(t->name) : KS_S("other");
}

/* ---- values ---- */

static void put(ks_db_sink *s, ks_db_kind kind, ks_str text)
{
    ks_db_sink_value(s, &(ks_db_value){.kind = kind, .s = text});
}

static void put_whole(ks_db_sink *s, ks_str text)
{
    bool     minus = text.n > 0 && text.p[0] == '-';
    uint64_t u;
    if (ks_str_u64(ks_str_sub(text, minus, SIZE_MAX), &u) && u <= INT64_MAX)
        ks_db_sink_value(s, &(ks_db_value){.kind = KS_DB_INT, .i = minus ? -(int64_t)u : (int64_t)u});
    else
        put(s, KS_DB_EXACT, text);
}

/* "\x6b7973"; the old form with backslashes is not asked for, and shown as it is. */
static void put_bytes(ks_db_sink *s, ks_str text)
{
    size_t n = text.n >= 2 ? (text.n - 2) / 2 : 0;
    char  *raw = ks_str_starts(text, KS_S("\\x")) ? ks_malloc(n + 1) : NULL;
    if (raw != NULL && ks_dec_hex(ks_str_sub(text, 2, SIZE_MAX), raw, n))
        put(s, KS_DB_BYTES, (ks_str){raw, n});
    else
        put(s, KS_DB_TEXT, text);
    ks_free(raw);
}

/* "2026-01-02 03:04:05.5" to "2026-01-02T03:04:05.5", "+00" at the end to "Z"; infinity and years before 1
 * stay. */
static void put_moment(ks_db_sink *s, ks_str text, bool zoned)
{
    char   out[64];
    size_t n = text.n;
    if (n < 19 || n >= sizeof out || text.p[10] != ' ' || ks_str_ends(text, KS_S("BC"))) {
        put(s, KS_DB_TEXT, text);
        return;
    }
    memcpy(out, text.p, n);
    out[10] = 'T';
    if (zoned && ks_str_ends(text, KS_S("+00"))) {
        n -= 2;
        out[n - 1] = 'Z';
    }
    put(s, KS_DB_TEXT, (ks_str){out, n});
}

static void put_form(ks_db_sink *s, form f, ks_str text)
{
    static const ks_db_kind kinds[] = {
        [TEXT] = KS_DB_TEXT, [REAL] = KS_DB_REAL, [EXACT] = KS_DB_EXACT, [JSON] = KS_DB_JSON};
    if (f == TRUTH)
        ks_db_sink_value(s, &(ks_db_value){.kind = KS_DB_BOOL, .i = ks_str_eq(text, KS_S("t"))});
    else if (f == WHOLE)
        put_whole(s, text);
    else if (f == BYTES)
        put_bytes(s, text);
    else if (f == MOMENT || f == ZONED)
        put_moment(s, text, f == ZONED);
    else
        put(s, kinds[f], text);
}

/* ---- arrays ---- */

/* One element behind *at: quoted with backslashes, or plain up to a comma or brace. The text without quotes
 * goes to `b`. False: this is no array after all. */
static bool element(ks_str text, size_t *at, ks_buf *b, bool *quoted)
{
    size_t i = *at;
    ks_buf_clear(b);
    *quoted = i < text.n && text.p[i] == '"';
    if (!*quoted) {
        size_t begin = i;
        while (i < text.n && text.p[i] != ',' && text.p[i] != '}')
            i++;
        ks_buf_str(b, ks_str_sub(text, begin, i - begin));
        *at = i;
        return i < text.n && i > begin;
    }
    for (i++; i < text.n && text.p[i] != '"'; i++) {
        if (text.p[i] == '\\' && ++i == text.n)
            return false;
        ks_buf_c(b, text.p[i]);
    }
    *at = i + 1;
    return i < text.n;
}

/* Walks the text once; without a sink it only says whether it is well-formed, so that nothing half is put. */
static bool walk(ks_db_sink *s, form f, ks_str text, ks_buf *b)
{
    static const ks_db_value open = {.kind = KS_DB_LIST}, shut = {.kind = KS_DB_END},
                             null = {.kind = KS_DB_NULL};
    unsigned depth = 0;
    bool     quoted;
    for (size_t i = 0; i < text.n;) {
        char c = text.p[i];
        if (c == '{' || (c == '}' && depth > 0)) {
            if (s != NULL)
                ks_db_sink_value(s, c == '{' ? &open : &shut);
            depth += c == '{' ? 1u : -1u;
            i++;
            if (depth == 0)
                return i == text.n;
        } else if (depth == 0)
            return false; /* "[2:3]={...}": bounds of its own */
        else if (c == ',')
            i++;
        else if (!element(text, &i, b, &quoted))
            return false;
        else if (s != NULL && !quoted && ks_str_ieq(ks_buf_view(b), KS_S("NULL")))
            ks_db_sink_value(s, &null);
        else if (s != NULL)
            put_form(s, f, ks_buf_view(b));
    }
    return false;
}

static void put_array(ks_db_sink *s, form f, ks_str text)
{
    ks_buf b = ks_buf_new(text.n + 1);
    if (walk(NULL, f, text, &b))
        (void)walk(s, f, text, &b);
    else
        put(s, KS_DB_TEXT, text);
    ks_buf_done(&b);
}

void ks_pg_value(ks_db_sink *s, Oid oid, ks_str text)
{
    const type *t = find(oid, false), *array = t == NULL ? find(oid, true) : NULL;
    if (array != NULL)
        put_array(s, array->form, text);
    else
        put_form(s, t != NULL ? t->form : TEXT, text);
}

/* ---- parameters ---- */

static void quote_element(ks_buf *b, ks_str s)
{
    ks_buf_c(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            ks_buf_c(b, '\\');
        ks_buf_c(b, s.p[i]);
    }
    ks_buf_c(b, '"');
}

static void tree(ks_buf *b, const ks_json *v)
{
    ks_jw w = ks_jw_new(b);
    ks_jw_value(&w, NULL, v);
}

/* A JSON list as "{1,\"two\",NULL}"; lists within become further dimensions, objects JSON in quotes. */
static void array_text(ks_buf *b, const ks_json *list)
{
    ks_buf_c(b, '{');
    for (size_t i = 0; i < ks_json_count(list); i++) {
        const ks_json *v = ks_json_at(list, i);
        if (i > 0)
            ks_buf_c(b, ',');
        if (ks_json_kind(v) == KS_JSON_ARR)
            array_text(b, v); /* as deep as JSON may be: KS_MAX_JSON_DEPTH */
        else if (ks_json_kind(v) == KS_JSON_NULL)
            ks_buf_z(b, "NULL");
        else if (ks_json_kind(v) == KS_JSON_STR)
            quote_element(b, ks_json_str(v));
        else {
            ks_buf one = ks_buf_new(b->cap);
            tree(&one, v);
            quote_element(b, ks_buf_view(&one));
            b->failed |= !ks_buf_ok(&one);
            ks_buf_done(&one);
        }
    }
    ks_buf_c(b, '}');
}

bool ks_pg_param(ks_buf *b, const ks_db_value *v, Oid oid)
{
    if (v->kind == KS_DB_LIST && oid != 114 && oid != 3802)
        array_text(b, v->json);
    else if (v->kind == KS_DB_LIST || v->kind == KS_DB_JSON)
        tree(b, v->json);
    else if (v->kind == KS_DB_BOOL)
        ks_buf_z(b, v->i ? "true" : "false");
    else if (v->kind == KS_DB_INT)
        ks_buf_fmt(b, "%lld", (long long)v->i);
    else if (v->kind != KS_DB_NULL)
        ks_buf_str(b, v->s);
    bool fine = v->s.p == NULL || memchr(v->s.p, 0, v->s.n) == NULL;
    ks_buf_c(b, '\0');
    return fine;
}
