/* features/import/text.h — words of a foreign document made fit for an app file: prose without markup, names,
 * YAML scalars. Pure. Threads: any. */
#pragma once
#include "base/ctx.h"

/* One line of prose: markdown, HTML tags, line breaks and control characters taken out, at most `max` bytes,
 * cut at a sentence or a word. Absent when nothing is left or memory is short. */
ks_str ks_prose(ks_ctx *cx, ks_str raw, size_t max);

/* "listPetsByID", "list-pets" to "LIST_PETS_BY_ID" / "list_pets": words joined by '_', of A-Z (or a-z), 0-9.
 * Empty when no such character is there; absent when memory is short. */
ks_str ks_words(ks_ctx *cx, ks_str raw, bool upper);

/* "filter[created_at]" to "filter_created_at": a name of [A-Za-z0-9_]+ with at most 64 bytes, case kept.
 * Empty and absent as above. */
ks_str ks_plain_name(ks_ctx *cx, ks_str raw);

/* `name` when it has at most `max` bytes, else cut and ended by four hex digits of all of it, so that
 * different long names stay different. Absent when memory is short. */
ks_str ks_short_name(ks_ctx *cx, ks_str name, size_t max);

/* Four hex digits (capitals) that depend on the text alone. */
ks_str ks_text_mark(ks_ctx *cx, ks_str s);

/* The bytes a to z, 0 to 9 and '-' of `raw`, other stretches as one '-': "Pets & Co" gives "pets-co". */
ks_str ks_slug(ks_ctx *cx, ks_str raw);

/* A text as a YAML scalar of one line: plain where that is unmistakable, else in double quotes. `flow`:
 * inside [ ] or { }. */
void ks_yaml_text(ks_buf *b, ks_str s, bool flow);
