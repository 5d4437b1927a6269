/* features/links/say.h — what our pages say, in the languages of web/messages/: whole sentences with named
 * places (tools/messages.py makes the tables). Which language: the person's choice (?lang=), the link's, what
 * the browser asks for, the project's, English. Constant; no I/O. Threads: any. */
#pragma once
#include "features/links/html.h"
#include "features/links/messages_ids.h"
#include "http/exchange.h"

typedef struct ks_lang {
    ks_str code, name; /* "pt-BR", "Português (Brasil)" */
    bool   rtl;
    ks_str text[KS_MSGS]; /* a place is one byte of ks_say_bytes */
} ks_lang;

extern const ks_lang ks_langs[]; /* English first */
extern const size_t  ks_langs_n;
extern const char    ks_say_bytes[KS_PLACES];

/* What stands in the places of a sentence. `time` is RFC 3339. */
typedef struct ks_places {
    ks_str at[KS_PLACES];
} ks_places;

/* The language of a code: the same in any case, else the one for its first part ("de-AT" is de, "zh-TW" is
 * not zh-Hans). NULL when we do not speak it. */
const ks_lang *ks_lang_find(ks_str code);

/* The language of a page; absent codes do not count. */
const ks_lang *ks_lang_choose(ks_ctx *cx, const ks_req *rq, ks_str link, ks_str project);

/* A sentence as text, for titles and attributes. Absent when memory is short. */
ks_str ks_say_text(ks_ctx *cx, const ks_lang *l, ks_msg m, const ks_places *p);

/* A sentence into a page: names stand in <bdi>, what is to be copied in <code>, a time in <time>. */
void ks_say(ks_html *h, const ks_lang *l, ks_msg m, const ks_places *p);

/* What stands between two sentences: a blank, in Chinese and Japanese nothing. */
ks_str ks_say_gap(const ks_lang *l);

/* The message from..to whose English is exactly this text of the catalogue; KS_MSGS when there is none.
 * Places that are absent in *p are filled with what stands there: names of menus, beginnings and ends of
 * values, numbers. */
ks_msg ks_say_known(ks_str english, ks_msg from, ks_msg to, ks_places *p);
