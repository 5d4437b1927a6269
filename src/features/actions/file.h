/* features/actions/file.h — a file inside JSON: {"name", "mimetype", "content"} with the content in base64.
 * No I/O: nothing is read from or written to a disk. Internal to features/actions. Threads: none shared. */
#pragma once
#include "base/json.h"

typedef struct ks_file {
    ks_str name;     /* 1 to 255 bytes without control characters */
    ks_str mimetype; /* absent: not given */
    ks_str content;  /* decoded, at most KS_MAX_FILE_BYTES */
} ks_file;

/* Read a file argument into *out. NULL when it is fine, else what is wrong as an unfinished sentence ("needs
 * ..."). When memory is short cx->starved says so. */
KS_MUST const char *ks_file_take(ks_ctx *cx, const ks_json *v, ks_file *out);

/* The same for bare base64 text: only *content is set. */
KS_MUST const char *ks_file_decode(ks_ctx *cx, ks_str base64, ks_str *content);

/* May this stand as a content type: type/subtype with parameters, ASCII, at most 255 bytes? */
bool ks_file_type_ok(ks_str type);
