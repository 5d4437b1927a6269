/* features/links/look.c — see look.h. */
#include "features/links/look.h"

#include <math.h>

#include "base/enc.h"
#include "features/env.h"
#include "features/links/look_rows.h"
#include "features/links/say.h"

enum { ACCENT, ACCENT_TEXT, BG, SURFACE, TEXT, MUTED, BORDER, OK, WARN, BAD, INFO };

/* The names, and the colours of web/connect.css (look_test.c compares). */
const ks_look_colour ks_look_colours[KS_LOOK_COLOURS] = {
    {"accent", {0x1f5fbf, 0x7fb2ff}},  {"accent-text", {0xffffff, 0x0b1726}}, {"bg", {0xf3f5f8, 0x10161e}},
    {"surface", {0xffffff, 0x19222d}}, {"text", {0x16202c, 0xe8edf3}},        {"muted", {0x4b5a6b, 0xa9b6c5}},
    {"border", {0x77869a, 0x8091a5}},  {"ok", {0x166b3a, 0x74d39b}},          {"warn", {0x7a4b00, 0xf0c069}},
    {"bad", {0xa81e22, 0xff9b97}},     {"info", {0x1f5fbf, 0x7fb2ff}},
};
static const char *const modes[] = {"light", "dark"};
static const char *const lengths[] = {"radius", "gap", "width"};

/* What stands on what, and the contrast it needs, times 100. */
static const struct {
    int on, ground, needs;
} readable[] = {
    {TEXT, BG, 450},        {TEXT, SURFACE, 450},   {MUTED, SURFACE, 450}, {ACCENT_TEXT, ACCENT, 450},
    {ACCENT, SURFACE, 450}, {OK, SURFACE, 450},     {WARN, SURFACE, 450},  {BAD, SURFACE, 450},
    {INFO, SURFACE, 450},   {BORDER, SURFACE, 300},
};

/* A look in the making. */
typedef struct draft {
    uint32_t colour[2][KS_LOOK_COLOURS];
    bool     given[2][KS_LOOK_COLOURS];
    ks_str   length[KS_COUNT(lengths)], font, lang, logo_type, logo_bytes;
} draft;

/* ---- contrast ---- */

static double linear(uint32_t byte)
{
    double c = (double)byte / 255;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t rgb)
{
    return 0.2126 * linear(rgb >> 16 & 255) + 0.7152 * linear(rgb >> 8 & 255) + 0.0722 * linear(rgb & 255);
}

int ks_look_contrast(uint32_t a, uint32_t b)
{
    double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return (int)(100 * (x > y ? x / y : y / x));
}

static ks_status check_contrast(ks_ctx *cx, const draft *d)
{
    for (int m = 0; m < 2; m++) {
        for (size_t i = 0; i < KS_COUNT(readable); i++) {
            int on = readable[i].on, ground = readable[i].ground;
            int has = ks_look_contrast(d->colour[m][on], d->colour[m][ground]), needs = readable[i].needs;
            if (has < needs && (d->given[m][on] || d->given[m][ground]))
                return ks_fail_code(
                    cx, KS_INVALID, "contrast_low", ks_fmt(cx, "%s.%s", modes[m], ks_look_colours[on].name).p,
                    "%s on %s (%s) has a contrast of %d.%02d:1 and needs %d.%d:1. Change one of them.",
                    ks_look_colours[on].name, ks_look_colours[ground].name, modes[m], has / 100, has % 100,
                    needs / 100, needs % 100 / 10);
        }
    }
    return KS_OK;
}

/* ---- values ---- */

static bool colour_of(ks_str s, uint32_t *out)
{
    uint32_t rgb = 0;
    if ((s.n != 4 && s.n != 7) || s.p[0] != '#')
        return false;
    for (size_t i = 1; i < s.n; i++) {
        int digit = ks_hex_digit(s.p[i]);
        if (digit < 0)
            return false;
        rgb = s.n == 4 ? rgb << 8 | (uint32_t)digit * 17 : rgb << 4 | (uint32_t)digit;
    }
    *out = rgb;
    return true;
}

/* "8px", "0.75rem": up to three digits, and three behind the point. */
static bool length_ok(ks_str s)
{
    ks_str unit = ks_str_ends(s, KS_S("rem")) ? KS_S("rem") : KS_S("px");
    if (!ks_str_ends(s, unit))
        return false;
    ks_str number = ks_str_sub(s, 0, s.n - unit.n);
    size_t dot = ks_str_chr(number, '.');
    ks_str whole = ks_str_sub(number, 0, dot);
    ks_str part = dot == SIZE_MAX ? KS_S("0") : ks_str_sub(number, dot + 1, SIZE_MAX);
    return whole.n <= 3 && part.n <= 3 && ks_str_only(whole, "0123456789") && ks_str_only(part, "0123456789");
}

/* Names of fonts the reader's machine may have: nothing that could end a declaration. */
static bool font_ok(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!ks_is_alnum(s.p[i]) && strchr(" ,-", s.p[i]) == NULL)
            return false;
    }
    return s.n > 0 && s.n <= 200;
}

static ks_status refused(ks_ctx *cx, const char *field, const char *wanted)
{
    return ks_fail(cx, KS_INVALID, field, "%s", wanted);
}

static int index_of(ks_str name)
{
    int i = 0;
    while (i < KS_LOOK_COLOURS && !ks_str_eq(name, ks_str_of(ks_look_colours[i].name)))
        i++;
    return i;
}

static ks_status take_mode(ks_ctx *cx, const ks_json *v, int m, draft *d)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *value;
    if (ks_json_kind(v) != KS_JSON_OBJ)
        return refused(cx, modes[m], "An object of colours is wanted here.");
    while (ks_json_each(v, &it, &name, &value)) {
        int i = index_of(name);
        if (i == KS_LOOK_COLOURS)
            return refused(
                cx, modes[m],
                "Colours are accent, accent-text, bg, surface, text, muted, border, ok, warn, bad and info.");
        if (!colour_of(ks_json_str(value), &d->colour[m][i]))
            return refused(cx, ks_fmt(cx, "%s.%s", modes[m], ks_look_colours[i].name).p,
                           "A colour is written as #rgb or #rrggbb.");
        d->given[m][i] = true;
    }
    return KS_OK;
}

/* By its first bytes: nothing else is ever sent under the name of a picture. */
static ks_str picture_type(ks_str bytes)
{
    if (ks_str_starts(bytes, KS_S("\x89PNG\r\n\x1a\n")))
        return KS_S("image/png");
    if (ks_str_starts(bytes, KS_S("RIFF")) && ks_str_eq(ks_str_sub(bytes, 8, 4), KS_S("WEBP")))
        return KS_S("image/webp");
    return KS_NO_STR;
}

static ks_status take_logo(ks_ctx *cx, const ks_json *v, draft *d)
{
    ks_str text = ks_json_str(v);
    if (text.n > KS_MAX_LOGO / 3 * 4 + 8)
        return refused(cx, "logo", "A logo has at most 64 kB.");
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_LOGO + 8);
    if (b == NULL)
        return KS_NO_MEMORY;
    if (!ks_dec_base64(b, text) || picture_type(ks_buf_view(b)).n == 0)
        return ks_buf_ok(b) || !cx->starved
                   ? refused(cx, "logo", "A logo is a PNG or WebP picture in base64.")
                   : ks_no_memory(cx);
    if (b->n > KS_MAX_LOGO)
        return refused(cx, "logo", "A logo has at most 64 kB.");
    d->logo_bytes = ks_buf_view(b);
    d->logo_type = picture_type(d->logo_bytes);
    return KS_OK;
}

static ks_status take_lang(ks_ctx *cx, const ks_json *v, draft *d)
{
    const ks_lang *l = ks_lang_find(ks_json_str(v));
    if (l == NULL)
        return refused(cx, "language",
                       "The pages do not speak this language; docs/pages.md lists those they do.");
    d->lang = l->code;
    return KS_OK;
}

static ks_status take(ks_ctx *cx, ks_str name, const ks_json *v, draft *d)
{
    for (int m = 0; m < 2; m++) {
        if (ks_str_eq(name, ks_str_of(modes[m])))
            return take_mode(cx, v, m, d);
    }
    for (size_t i = 0; i < KS_COUNT(lengths); i++) {
        if (!ks_str_eq(name, ks_str_of(lengths[i])))
            continue;
        d->length[i] = ks_json_str(v);
        return length_ok(d->length[i]) ? KS_OK
                                       : refused(cx, lengths[i], "A length is written as 8px or 0.5rem.");
    }
    if (ks_str_eq(name, KS_S("font"))) {
        d->font = ks_json_str(v);
        return font_ok(d->font) ? KS_OK
                                : refused(cx, "font", "Name fonts with letters, digits, blanks and commas.");
    }
    if (ks_str_eq(name, KS_S("language")))
        return take_lang(cx, v, d);
    if (ks_str_eq(name, KS_S("logo")))
        return take_logo(cx, v, d);
    return refused(cx, NULL,
                   "A theme has the members light, dark, radius, gap, width, font, language and logo.");
}

/* ---- the sheet ---- */

static void put_colours(const draft *d, int m, const char *selector, ks_buf *b)
{
    ks_buf_z(b, selector);
    ks_buf_c(b, '{');
    for (int i = 0; i < KS_LOOK_COLOURS; i++) {
        if (d->given[m][i])
            ks_buf_fmt(b, "--ks-%s:#%06x;", ks_look_colours[i].name, (unsigned)d->colour[m][i]);
    }
    ks_buf_c(b, '}');
}

static ks_status make_sheet(ks_ctx *cx, const draft *d, ks_str *out)
{
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_LOOK_CSS);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_buf_z(b, "@layer theme{:root{");
    for (size_t i = 0; i < KS_COUNT(lengths); i++) {
        if (d->length[i].n > 0)
            ks_buf_fmt(b, "--ks-%s:" KS_FMT ";", lengths[i], KS_ARG(d->length[i]));
    }
    if (d->font.n > 0)
        ks_buf_fmt(b, "--ks-font:" KS_FMT ";", KS_ARG(d->font));
    ks_buf_c(b, '}');
    put_colours(d, 0, ":root", b);
    ks_buf_z(b, "@media (prefers-color-scheme:dark){");
    put_colours(d, 1, ":root:not([data-theme=light])", b);
    ks_buf_c(b, '}');
    put_colours(d, 1, ":root[data-theme=dark]", b);
    ks_buf_c(b, '}');
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

/* "t.0123....css": digest of the content and of whose it is. */
static ks_str name_of(ks_ctx *cx, const char *kind, ks_str bytes, const char *ending)
{
    unsigned char mac[KS_MAC_LEN];
    const ks_str  parts[] = {KS_S("look"), cx->project_id, bytes};
    ks_buf       *b = ks_ctx_buf(cx, KS_LOOK_NAME_MAX);
    ks_mac(cx->env->keys, KS_FOR_LINKS, parts, KS_COUNT(parts), mac);
    if (b == NULL)
        return KS_NO_STR;
    ks_buf_fmt(b, "%s.", kind);
    ks_enc_hex(b, mac, 12);
    ks_buf_z(b, ending);
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* What was given, without the picture, which is long. */
static ks_status remember(ks_ctx *cx, const draft *d, ks_str *out)
{
    ks_buf *b = ks_ctx_buf(cx, 8192);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (int m = 0; m < 2; m++) {
        ks_jw_obj(&w, modes[m]);
        for (int i = 0; i < KS_LOOK_COLOURS; i++) {
            if (d->given[m][i])
                ks_jw_str(&w, ks_look_colours[i].name, ks_fmt(cx, "#%06x", (unsigned)d->colour[m][i]));
        }
        ks_jw_end(&w, '}');
    }
    for (size_t i = 0; i < KS_COUNT(lengths); i++)
        ks_jw_str(&w, lengths[i], d->length[i]);
    ks_jw_str(&w, "font", d->font);
    ks_jw_str(&w, "language", d->lang);
    ks_jw_str(&w, "logo", d->logo_type);
    ks_jw_end(&w, '}');
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

/* ---- rules ---- */

ks_status ks_look_get(ks_ctx *cx, ks_look *out)
{
    return ks_look_row_get(cx, out);
}

ks_status ks_look_set_add(ks_ctx *cx, ks_change *change, const ks_json *given, ks_look *out)
{
    draft      *d = ks_zalloc(cx, sizeof *d);
    ks_look_row row = {.look = {.updated_at = cx->now_us}};
    void       *it = NULL;
    ks_str      name;
    ks_json    *v;
    if (d == NULL)
        return KS_NO_MEMORY;
    for (int i = 0; i < KS_LOOK_COLOURS; i++) {
        d->colour[0][i] = ks_look_colours[i].mode[0];
        d->colour[1][i] = ks_look_colours[i].mode[1];
    }
    while (ks_json_each(given, &it, &name, &v)) {
        if (ks_json_kind(v) != KS_JSON_NULL)
            KS_TRY(take(cx, name, v, d));
    }
    KS_TRY(check_contrast(cx, d));
    KS_TRY(make_sheet(cx, d, &row.css));
    KS_TRY(remember(cx, d, &row.look.given));
    row.look.lang = d->lang;
    row.look.sheet = name_of(cx, "t", row.css, ".css");
    row.logo_type = d->logo_type;
    row.logo_bytes = d->logo_bytes;
    if (d->logo_bytes.n > 0)
        row.look.logo = name_of(cx, "l", d->logo_bytes,
                                ks_str_eq(d->logo_type, KS_S("image/png")) ? ".png" : ".webp");
    if (cx->starved)
        return ks_no_memory(cx);
    KS_TRY(ks_look_row_put(cx, change, &row));
    *out = row.look;
    return ks_change_note(cx, change, "theme.set", cx->project_id, KS_S("ok"));
}

ks_status ks_look_drop_add(ks_ctx *cx, ks_change *change)
{
    KS_TRY(ks_look_row_drop(cx, change));
    return ks_change_note(cx, change, "theme.reset", cx->project_id, KS_S("ok"));
}

ks_status ks_look_file_get(ks_ctx *cx, ks_str name, ks_look_file *out)
{
    bool found = false;
    if (name.n < KS_LOOK_NAME_MAX)
        KS_TRY(ks_look_row_file(cx, name, out, &found));
    return found ? KS_OK : ks_fail(cx, KS_NOT_FOUND, NULL, "There is nothing at this path.");
}
