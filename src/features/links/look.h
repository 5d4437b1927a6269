/* features/links/look.h — what the pages of a project look like: colours, a few lengths, a logo, a language.
 * Values are checked one by one, and the style sheet is made of them here: nothing of the caller's own CSS is
 * ever served. Text that cannot be read against its ground is refused (WCAG 2.2, 1.4.3, 1.4.11). Formats:
 * docs/formats.md "Looks". Threads: as the caller. */
#pragma once
#include "base/json.h"
#include "features/tails.h"

#define KS_MAX_LOGO      (64 * 1024) /* bytes of a picture */
#define KS_MAX_LOOK_CSS  4096        /* bytes of the sheet made */
#define KS_LOOK_NAME_MAX 64          /* of a sheet or picture below /a/ */

/* A colour that a look can set, and what it is where none does: light, dark (0xRRGGBB). */
typedef struct ks_look_colour {
    char     name[12];
    uint32_t mode[2];
} ks_look_colour;
#define KS_LOOK_COLOURS 11
extern const ks_look_colour ks_look_colours[KS_LOOK_COLOURS];

typedef struct ks_look {
    ks_str  sheet, logo; /* names below /a/; absent: none */
    ks_str  lang;        /* absent: none */
    ks_str  given;       /* JSON as it was set; absent: nothing was */
    int64_t updated_at;  /* us; 0: never */
} ks_look;

/* A file that a look links to. */
typedef struct ks_look_file {
    ks_str type, bytes;
} ks_look_file;

/* The look of the project of this call; empty when it has none.  STORE  NO_MEMORY */
KS_MUST ks_status ks_look_get(ks_ctx *cx, ks_look *out);

/* Add to `change`: the look is this now. INVALID naming the value that is none or that cannot be read, with
 * the ratio it has and the one it needs. */
KS_MUST ks_status ks_look_set_add(ks_ctx *cx, ks_change *change, const ks_json *given, ks_look *out);
/* Add to `change`: no look of its own any more. */
KS_MUST ks_status ks_look_drop_add(ks_ctx *cx, ks_change *change);

/* The sheet or picture of this name, of any project: its name is its digest. NOT_FOUND */
KS_MUST ks_status ks_look_file_get(ks_ctx *cx, ks_str name, ks_look_file *out);

/* Contrast of two colours 0xRRGGBB, times 100: 100 to 2100 (WCAG 2.2, "contrast ratio"). */
int ks_look_contrast(uint32_t a, uint32_t b);
