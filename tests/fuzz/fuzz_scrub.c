/* tests/fuzz/fuzz_scrub.c — the search for secrets in answers (rule S6): whatever the secret, the text and
 * the borders of its chunks, no spelling of the secret comes out, and a text that holds none comes out as it
 * went in. Input: length of the secret, size of the chunks, the secret, the text. */
#include "tests/fuzz/fuzz.h"
#include "upstream/forms.h"
#include "upstream/scrub.h"

/* A text and whether one of the spellings was seen in it. */
typedef struct look {
    ks_str text;
    bool   seen;
} look;

static bool look_for(void *arg, ks_str form)
{
    look *l = arg;
    if (form.n >= KS_SCRUB_MIN && form.n < 512) /* longer ones are replaced in pieces */
        l->seen |= ks_str_find(l->text, form) != SIZE_MAX;
    return true;
}

static bool holds(ks_str text, ks_str secret)
{
    look l = {.text = text};
    must(ks_forms_each(secret, look_for, &l));
    return l.seen;
}

static void feed(ks_scrub *s, ks_str text, size_t step, ks_buf *out)
{
    for (size_t at = 0; at < text.n; at += step) {
        ks_str part = ks_scrub_feed(s, ks_str_sub(text, at, step), false);
        must(part.p != NULL);
        ks_buf_str(out, part);
    }
    ks_buf_str(out, ks_scrub_feed(s, KS_S(""), true));
    must(ks_buf_ok(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_str all = fuzz_text(data, size);
    if (size < 2 || data[0] < KS_SCRUB_MIN || size < 2u + data[0])
        return 0;
    ks_str secret = ks_str_sub(all, 2, data[0]), text = ks_str_sub(all, 2u + data[0], SIZE_MAX);
    /* what the mark itself could complete is not a claim */
    if (ks_str_chr(secret, '[') != SIZE_MAX || ks_str_chr(secret, ']') != SIZE_MAX ||
        holds(KS_S(KS_SCRUB_MARK), secret))
        return 0;
    ks_secret *held = ks_secret_heap(secret.p, secret.n);
    must(held != NULL);
    const ks_secret *list[] = {held};
    ks_scrub        *s = ks_scrub_new(list, 1, KS_S(""));
    must(s != NULL);
    ks_buf out = ks_buf_new(16 * size + 64);
    feed(s, text, data[1] + 1u, &out);
    must(!holds(ks_buf_view(&out), secret));
    must(ks_scrub_found(s) || ks_str_eq(ks_buf_view(&out), text));
    must(ks_scrub_found(s) || !holds(text, secret));
    ks_buf_done(&out);
    ks_scrub_free(s);
    ks_secret_free(held);
    return 0;
}
