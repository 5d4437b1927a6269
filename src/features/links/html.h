/* features/links/html.h — HTML of our pages into a ks_buf. Every value goes through a slot, `{}`, and a slot
 * escapes for the place it stands in; there is no way to write a value as it is. A slot outside of text and
 * quoted attributes, and an unbalanced quote at the end, spoil the page. HTML Living Standard, 13.2. No I/O.
 * Threads: any. */
#pragma once
#include "base/ctx.h"

typedef struct ks_html {
    ks_buf *b;
    enum { KS_HTML_TEXT, KS_HTML_TAG, KS_HTML_ATTR } at;
    bool address, begun; /* in an attribute: it holds a URL; something of it stands already */
} ks_html;

/* A writer at the end of `b`, which must live as long. */
ks_html ks_html_new(ks_buf *b);

/* Write `lit` with values[0..n) in its slots, in order. Text and attributes: & < > " ' as entities, control
 * characters and malformed UTF-8 as U+FFFD. In href, action and src a slot that begins the attribute takes
 * only http(s) URLs and paths of ours (else it stays empty), and a later one is percent-encoded. Errors stick
 * in the buffer. Use the macros, which admit literals only. */
void ks_html_put(ks_html *h, const char *lit, const ks_str *values, size_t n);
#define KS_HTML(h, lit) ks_html_put(h, "" lit, NULL, 0)
#define KS_HTML_WITH(h, lit, ...)                                                                            \
    ks_html_put(h, "" lit, (const ks_str[]){__VA_ARGS__},                                                    \
                sizeof((const ks_str[]){__VA_ARGS__}) / sizeof(ks_str))

/* Is the page whole: everything fitted, every tag closed, every slot filled? */
bool ks_html_ok(const ks_html *h);
