/* server/config_file.c — see config_file.h. libyaml events; aliases, tags and second documents are refused.
 */
#include "server/config_file.h"

#include <stdio.h>
#include <yaml.h>

#define LIST_MAX 256

typedef struct reader {
    ks_ctx       *cx;
    ks_str        path;
    yaml_parser_t parser;
    yaml_event_t  event;
    bool          has_event;
} reader;

static ks_status wrong(reader *r, const char *what)
{
    size_t line = r->has_event ? r->event.start_mark.line : r->parser.problem_mark.line;
    return ks_fail(r->cx, KS_INVALID, "config", KS_FMT ":%zu: %s", KS_ARG(r->path), line + 1, what);
}

static ks_status next(reader *r)
{
    if (r->has_event)
        yaml_event_delete(&r->event);
    r->has_event = yaml_parser_parse(&r->parser, &r->event) != 0;
    if (!r->has_event)
        return wrong(r, "this is not well-formed YAML.");
    return KS_OK;
}

static ks_status expect(reader *r, yaml_event_type_t type, const char *what)
{
    KS_TRY(next(r));
    return r->event.type == type ? KS_OK : wrong(r, what);
}

static ks_status take_scalar(reader *r, ks_str *out)
{
    if (r->event.type != YAML_SCALAR_EVENT || r->event.data.scalar.tag != NULL ||
        r->event.data.scalar.anchor != NULL)
        return wrong(r, "a plain value is wanted here: text, a number, true or false.");
    *out = ks_copy(r->cx, (ks_str){(const char *)r->event.data.scalar.value, r->event.data.scalar.length});
    return out->p ? KS_OK : ks_no_memory(r->cx);
}

static ks_status take_list(reader *r, ks_texts *out)
{
    ks_str *list = ks_alloc(r->cx, LIST_MAX * sizeof *list);
    size_t  n = 0;
    if (list == NULL)
        return KS_NO_MEMORY;
    for (;;) {
        KS_TRY(next(r));
        if (r->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        if (n == LIST_MAX)
            return wrong(r, "this list is too long.");
        KS_TRY(take_scalar(r, &list[n++]));
    }
    *out = (ks_texts){list, n};
    return KS_OK;
}

static ks_status find_option(reader *r, ks_str name, size_t *at)
{
    for (size_t i = 0; i < ks_options_n; i++)
        if (ks_str_eq(ks_option_key(r->cx, &ks_options[i]), name) && !ks_str_eq(name, KS_S("config"))) {
            *at = i;
            return KS_OK;
        }
    return wrong(r, "there is no setting of this name; keysteward serve --help lists them.");
}

static ks_status take_member(reader *r, ks_texts *values)
{
    ks_str name = KS_NO_STR, *one;
    size_t i = 0;
    KS_TRY(take_scalar(r, &name));
    KS_TRY(find_option(r, name, &i));
    if (values[i].n > 0)
        return wrong(r, "this setting was given before.");
    KS_TRY(next(r));
    if (r->event.type == YAML_SEQUENCE_START_EVENT && ks_options[i].kind == KS_OPT_LIST)
        return take_list(r, &values[i]);
    if ((one = ks_alloc(r->cx, sizeof *one)) == NULL)
        return KS_NO_MEMORY;
    KS_TRY(take_scalar(r, one));
    values[i] = (ks_texts){one, 1};
    return KS_OK;
}

static ks_status take_document(reader *r, ks_texts *values)
{
    const char *shape = "the file holds one mapping of settings, \"name: value\" on each line.";
    KS_TRY(expect(r, YAML_STREAM_START_EVENT, shape));
    KS_TRY(next(r));
    if (r->event.type == YAML_STREAM_END_EVENT) /* an empty file sets nothing */
        return KS_OK;
    KS_TRY(expect(r, YAML_MAPPING_START_EVENT, shape));
    for (;;) {
        KS_TRY(next(r));
        if (r->event.type == YAML_MAPPING_END_EVENT)
            break;
        KS_TRY(take_member(r, values));
    }
    KS_TRY(expect(r, YAML_DOCUMENT_END_EVENT, shape));
    return expect(r, YAML_STREAM_END_EVENT, shape);
}

static ks_status read_file(ks_ctx *cx, ks_str path, ks_str *out)
{
    char *text = ks_alloc(cx, KS_CONFIG_FILE_MAX + 1);
    if (text == NULL)
        return KS_NO_MEMORY;
    FILE *f = fopen(path.p, "re"); /* path is NUL-terminated: it comes from ks_copy */
    if (f == NULL)
        return ks_fail(cx, KS_INVALID, "config", "The settings file cannot be read: " KS_FMT, KS_ARG(path));
    size_t n = fread(text, 1, KS_CONFIG_FILE_MAX + 1, f);
    bool   bad = ferror(f) != 0;
    fclose(f);
    if (bad || n > KS_CONFIG_FILE_MAX)
        return ks_fail(cx, KS_INVALID, "config",
                       "The settings file cannot be read or is over %d bytes: " KS_FMT, KS_CONFIG_FILE_MAX,
                       KS_ARG(path));
    *out = (ks_str){text, n};
    return KS_OK;
}

ks_status ks_config_file(ks_ctx *cx, ks_str path, ks_texts *values)
{
    reader r = {.cx = cx, .path = path};
    ks_str text = KS_NO_STR;
    KS_TRY(read_file(cx, path, &text));
    if (!yaml_parser_initialize(&r.parser))
        return ks_no_memory(cx);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
    ks_status s = take_document(&r, values);
    if (r.has_event)
        yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return s;
}
