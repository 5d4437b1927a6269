/* features/reach.h — how far an API key reaches, besides its scopes: which apps, which entities, reading
 * only. Made by features/tokens when the caller is recognised, hangs on the ctx, and is asked at one place
 * for each kind of thing: apps, integrations, connections, links, acts. What lies beyond is answered as if it
 * were not there (rules S4, T7). Does no I/O. Threads: none shared. */
#pragma once
#include "base/ctx.h"

#define KS_MAX_REACH       64         /* apps, and entities, that one key is limited to */
#define KS_MAX_REACH_BYTES (8 * 1024) /* of all its entities: they are read with every request of the key */
#define KS_REACH_SEPARATOR '\x1f'     /* around each entity; no entity of a limit holds it */

/* The same as conditions of a query over the columns `app` and `entity`; A, E, P: the parameters to which
 * ks_reach_apps_text, ks_reach_entities_text and ks_reach_prefix_text are bound. An entity that holds 0x1f is
 * never within a limit: it could be taken for two that stand side by side. */
#define KS_REACH_APP(app, A) "(" A " = '' OR replace(" A ", ',' || " app " || ',', '') <> " A ")"
#define KS_REACH_ENTITY(entity, E, P)                                                                        \
    "(" E " = '' OR (replace(" entity ", '\x1f', '') = " entity " AND "                                      \
    "(replace(" E ", '\x1f' || " entity " || '\x1f', '') <> " E " "                                          \
    "OR (" P " <> '' AND substr(" entity ", 1, length(" P ")) = " P "))))"

/* Absent texts do not limit. Views live as long as the ctx they hang on. */
typedef struct ks_reach {
    bool   read_only;
    ks_str apps;     /* ",stripe,github,": keys of apps */
    ks_str entities; /* "\x1fuser_1\x1f\x1fuser_2\x1f" */
    ks_str prefix;   /* and entities that begin so */
} ks_reach;

/* Limits as a person gives them, to the texts that are stored: apps by key, entities exactly or, one of them
 * at most, by the beginning ("team_a:*"). INVALID naming "apps" or "entities"   NO_MEMORY */
KS_MUST ks_status ks_reach_make(ks_ctx *cx, const ks_str *apps, size_t apps_n, const ks_str *entities,
                                size_t entities_n, ks_reach *out);

/* May the caller have to do with this app (by key), and with this entity? A caller without limits may. */
bool ks_reach_app(const ks_ctx *cx, ks_str key);
/* Absent or empty means `default`, as everywhere. */
bool ks_reach_entity(const ks_ctx *cx, ks_str entity);

/* Is the caller limited to apps or to entities; to apps; to entities; to reading? */
bool ks_reach_limited(const ks_ctx *cx);
bool ks_reach_by_app(const ks_ctx *cx);
bool ks_reach_by_entity(const ks_ctx *cx);
bool ks_reach_read_only(const ks_ctx *cx);

/* The limits as bound values of lists: "" where there is none. */
ks_str ks_reach_apps_text(const ks_ctx *cx);
ks_str ks_reach_entities_text(const ks_ctx *cx);
ks_str ks_reach_prefix_text(const ks_ctx *cx);

/* The limits as one text, so that what was answered to one caller is not replayed to another. "" without. */
ks_str ks_reach_text(ks_ctx *cx);

/* FORBIDDEN (code key_limited), for what the limits of this key do not allow; `what` completes "This API key
 * is limited: ". `field` may be NULL. */
KS_MUST ks_status ks_reach_refuse(ks_ctx *cx, const char *field, const char *what);
