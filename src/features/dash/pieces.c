/* features/dash/pieces.c — see frame.h: what pages are made of. */
#include "base/time.h"
#include "features/dash/frame.h"

/* ---- words for values ---- */

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* "4 min" for a span; days up to 60, then its date says more. */
static ks_str span_text(ks_ctx *cx, int64_t us)
{
    static const struct {
        int64_t     unit, below;
        const char *word;
    } units[] = {{SECOND, MINUTE, "s"}, {MINUTE, HOUR, "min"}, {HOUR, DAY, "h"}, {DAY, 60 * DAY, "d"}};
    for (size_t i = 0; i < KS_COUNT(units); i++) {
        if (us < units[i].below)
            return ks_fmt(cx, "%lld %s", (long long)(us / units[i].unit), units[i].word);
    }
    return KS_NO_STR;
}

void ks_dash_when(ks_dash *d, int64_t us)
{
    char iso[KS_ISO_LEN];
    if (us == 0) {
        KS_HTML(&d->h, "never");
        return;
    }
    int64_t ago = d->cx->now_us - us;
    ks_time_iso(us, iso);
    ks_str exact = ks_str_of(iso), span = span_text(d->cx, ago < 0 ? -ago : ago);
    KS_HTML_WITH(&d->h, "<time datetime=\"{}\" title=\"{}\">", exact, exact);
    if (span.p == NULL)
        KS_HTML_WITH(&d->h, "{}", ks_str_sub(exact, 0, 10));
    else if (ago < 0)
        KS_HTML_WITH(&d->h, "in {}", span);
    else
        KS_HTML_WITH(&d->h, "{} ago", span);
    KS_HTML(&d->h, "</time>");
}

static const struct {
    const char *css, *shape;
} marks[] = {
    [KS_MARK_OK] = {"ok", "\xe2\x9c\x93"}, /* check mark */
    [KS_MARK_WARN] = {"warn", "!"},
    [KS_MARK_BAD] = {"bad", "\xe2\x9c\x97"},   /* ballot x */
    [KS_MARK_OFF] = {"off", "\xe2\x97\x8b"},   /* white circle */
    [KS_MARK_INFO] = {"info", "\xe2\x80\xa6"}, /* ellipsis */
};

const char *ks_dash_mark_css(ks_dash_mark mark)
{
    return marks[mark].css;
}

const char *ks_dash_mark_shape(ks_dash_mark mark)
{
    return marks[mark].shape;
}

void ks_dash_mark_put(ks_dash *d, ks_dash_mark mark, ks_str word)
{
    KS_HTML_WITH(&d->h, "<span class=\"mark {}\"><span aria-hidden=\"true\">{}</span> {}</span>",
                 ks_str_of(marks[mark].css), ks_str_of(marks[mark].shape), word);
}

void ks_dash_fact(ks_dash *d, const char *name, ks_str value)
{
    KS_HTML_WITH(&d->h, "<dt>{}</dt><dd><bdi>{}</bdi></dd>\n", ks_str_of(name),
                 value.n > 0 ? value : KS_S("-"));
}

void ks_dash_fact_time(ks_dash *d, const char *name, int64_t us)
{
    KS_HTML_WITH(&d->h, "<dt>{}</dt><dd>", ks_str_of(name));
    ks_dash_when(d, us);
    KS_HTML(&d->h, "</dd>\n");
}

void ks_dash_copy(ks_dash *d, ks_str text)
{
    KS_HTML_WITH(&d->h, "<p class=\"copy\"><code>{}</code></p>\n", text);
}

/* ---- tables ---- */

void ks_dash_table(ks_dash *d, const char *caption, const char *const *titles, size_t n)
{
    ks_str name = ks_str_of(caption);
    ks_str id = ks_fmt(d->cx, "table-%u", ++d->tables);
    KS_HTML_WITH(&d->h,
                 "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{}\"><table>\n"
                 "<caption id=\"{}\">{}</caption>\n<thead><tr>",
                 id, id, name);
    for (size_t i = 0; i < n; i++) {
        if (titles[i][0] == '\0')
            KS_HTML(&d->h, "<td></td>");
        else
            KS_HTML_WITH(&d->h, "<th scope=\"col\">{}</th>", ks_str_of(titles[i]));
    }
    KS_HTML(&d->h, "</tr></thead>\n<tbody>\n");
}

void ks_dash_table_end(ks_dash *d)
{
    KS_HTML(&d->h, "</tbody></table></div>\n");
}

void ks_dash_empty(ks_dash *d, const char *why, ks_str command)
{
    KS_HTML_WITH(&d->h, "<div class=\"empty\"><p>{}</p>\n", ks_str_of(why));
    if (command.p != NULL)
        ks_dash_copy(d, command);
    KS_HTML(&d->h, "</div>\n");
}

/* ---- filters ---- */

bool ks_dash_filtered(const ks_dash_param *filters, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (filters[i].value.n > 0)
            return true;
    }
    return false;
}

void ks_dash_text_filter(ks_dash *d, const char *label, const ks_dash_param *p)
{
    ks_str name = ks_str_of(p->name);
    KS_HTML_WITH(&d->h,
                 "<div><label for=\"q-{}\">{}</label><input id=\"q-{}\" name=\"{}\" value=\"{}\" "
                 "maxlength=\"300\" autocapitalize=\"none\" spellcheck=\"false\"></div>\n",
                 name, ks_str_of(label), name, name, p->value);
}

void ks_dash_choice_filter(ks_dash *d, const char *label, const ks_dash_param *p, const char *const *values,
                           size_t n)
{
    ks_str name = ks_str_of(p->name);
    KS_HTML_WITH(&d->h,
                 "<div><label for=\"q-{}\">{}</label><select id=\"q-{}\" name=\"{}\">"
                 "<option value=\"\">any</option>",
                 name, ks_str_of(label), name, name);
    for (size_t i = 0; i < n; i++) {
        ks_str v = ks_str_of(values[i]);
        KS_HTML_WITH(&d->h, "<option value=\"{}\"", v);
        if (ks_str_eq(v, p->value))
            KS_HTML(&d->h, " selected");
        KS_HTML_WITH(&d->h, ">{}</option>", v);
    }
    KS_HTML(&d->h, "</select></div>\n");
}

/* ---- pages of a list ---- */

/* "US.ID" of a parameter. */
static bool read_at(ks_str text, ks_dash_at *out)
{
    uint64_t us;
    size_t   dot = ks_str_chr(text, '.');
    if (dot == SIZE_MAX || !ks_str_u64(ks_str_sub(text, 0, dot), &us) || us > INT64_MAX)
        return false;
    out->us = (int64_t)us;
    out->id = ks_str_sub(text, dot + 1, SIZE_MAX);
    return out->id.n > 0 && out->id.n <= 200;
}

ks_status ks_dash_at_get(ks_ctx *cx, const ks_req *rq, ks_dash_at *out)
{
    ks_str older = ks_req_query(cx, rq, "older"), newer = ks_req_query(cx, rq, "newer");
    *out = (ks_dash_at){.newer = older.n == 0 && newer.n > 0};
    ks_str text = out->newer ? newer : older;
    if (text.n > 0 && !read_at(text, out))
        return ks_fail(cx, KS_INVALID, out->newer ? "newer" : "older",
                       "This address of a page of the list is damaged. Begin the list anew.");
    return KS_OK;
}

static void page_link(ks_dash *d, const ks_dash_param *filters, size_t n, const ks_dash_at *at,
                      const char *way, const char *text)
{
    KS_HTML(&d->h, "<a href=\"?");
    for (size_t i = 0; i < n; i++) {
        if (filters[i].value.n > 0)
            KS_HTML_WITH(&d->h, "{}={}&amp;", ks_str_of(filters[i].name), filters[i].value);
    }
    KS_HTML_WITH(&d->h, "{}={}\">{}</a>\n", ks_str_of(way),
                 ks_fmt(d->cx, "%lld." KS_FMT, (long long)at->us, KS_ARG(at->id)), ks_str_of(text));
}

void ks_dash_pager(ks_dash *d, const ks_dash_param *filters, size_t n, const ks_dash_at *at,
                   const ks_dash_at *first, const ks_dash_at *last, bool more)
{
    bool older = last->id.n > 0 && (at->newer || more);
    bool newer = first->id.n > 0 && at->id.n > 0 && (!at->newer || more);
    if (!older && !newer)
        return;
    KS_HTML(&d->h, "<nav class=\"pager\" aria-label=\"Pages\">\n");
    if (newer)
        page_link(d, filters, n, first, "newer", "Newer");
    if (older)
        page_link(d, filters, n, last, "older", "Older");
    KS_HTML(&d->h, "</nav>\n");
}
