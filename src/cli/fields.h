/* cli/fields.h — FIELD=VALUE words of connect, connection replace and integration create: taken out of argv
 * at once, filled up by asking, and written into a request. A secret as a plain word is refused: other users
 * can read command lines. Threads: one. */
#pragma once
#include "base/secret.h"
#include "cli/client.h"

#define KS_FIELD_WORDS KS_MAX_FIELDS

typedef struct ks_word {
    ks_str     name;
    ks_secret *value;
    bool       plain; /* stood on the command line as it is */
} ks_word;

typedef struct ks_words {
    ks_word at[KS_FIELD_WORDS];
    size_t  n;
} ks_words;

/* Take the words from positional word `from` on; plain values are copied into locked memory and wiped in
 * argv. KS_EXIT_OK, or it has said what is wrong. */
int ks_words_take(ks_cli *c, int from, ks_words *out);

/* Refuse plain secrets by what `fields` (array of v1 field objects) says, unless `demo`; a name the app does
 * not have counts as a secret. */
int ks_words_judge(ks_cli *c, const ks_json *fields, bool demo, const ks_words *w);

/* The same, divide a database URL that stands for a host, and ask for missing required fields; with no
 * terminal name them: KS_EXIT_USAGE. */
int ks_words_complete(ks_cli *c, const ks_json *fields, bool demo, ks_words *w);

/* The words as members of the object that is open in `b`. */
void ks_words_write(const ks_words *w, ks_payload *b);
