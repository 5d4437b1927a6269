/* features/apps/question.c — see question.h. Word forms are the index's business; here are only words that
 * share no stem. Threads: any. */
#include "features/apps/question.h"

/* People's word, and vendors' words for the same thing. Both are asked for. */
static const struct {
    const char *word, *others[4];
} same[] = {
    {"sms", {"text message", "message"}},
    {"text", {"message"}},
    {"mail", {"email"}},
    {"email", {"mail"}},
    {"ticket", {"issue"}},
    {"issue", {"ticket"}},
    {"bug", {"issue"}},
    {"pr", {"pull request"}},
    {"repo", {"repository"}},
    {"picture", {"image"}},
    {"photo", {"image"}},
    {"image", {"picture"}},
    {"client", {"customer"}},
    {"person", {"contact", "people"}},
    {"someone", {"contact", "member", "subscriber"}},
    {"subscribe", {"subscription", "add member"}},
    {"make", {"create"}},
    {"new", {"create", "add"}},
    {"open", {"create"}},
    {"add", {"create", "insert"}},
    {"create", {"add"}},
    {"write", {"create"}},
    {"remove", {"delete"}},
    {"delete", {"remove"}},
    {"erase", {"delete"}},
    {"change", {"update"}},
    {"edit", {"update"}},
    {"update", {"edit"}},
    {"set", {"update", "add"}},
    {"fetch", {"get", "retrieve"}},
    {"show", {"list", "get"}},
    {"find", {"search"}},
    {"look", {"search"}},
    {"download", {"get"}},
    {"read", {"get"}},
    {"done", {"complete", "close"}},
    {"finish", {"complete", "close"}},
    {"complete", {"close"}},
    {"meeting", {"event", "scheduling"}},
    {"appointment", {"event"}},
    {"call", {"phone call"}},
    {"oncall", {"on call"}},
    {"machine", {"droplet", "instance", "server"}},
    {"server", {"droplet", "instance"}},
    {"vm", {"droplet", "instance"}},
    {"vectors", {"points"}},
    {"store", {"upsert"}},
    {"speech", {"voice"}},
    {"speak", {"speech"}},
    {"exists", {"valid", "verify"}},
    {"check", {"verify", "validate"}},
    {"validate", {"verify"}},
    {"verify", {"validate"}},
    {"acknowledge", {"update"}},
    {"responses", {"submissions"}},
    {"submissions", {"responses"}},
    {"status", {"transition"}},
    {"move", {"transition"}},
    {"website", {"web page", "site"}},
    {"page", {"web page"}},
    {"money", {"payment"}},
    {"pay", {"payment"}},
    {"bill", {"invoice"}},
    {"lead", {"prospect"}},
    {"weather", {"forecast"}},
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* Take the next word off *rest. */
static bool next_word(ks_str *rest, ks_str *word)
{
    size_t from = 0, to;
    while (from < rest->n && !is_letter(rest->p[from]))
        from++;
    for (to = from; to < rest->n && is_letter(rest->p[to]);)
        to++;
    *word = ks_str_sub(*rest, from, to - from);
    *rest = ks_str_sub(*rest, to, SIZE_MAX);
    return word->n > 0;
}

static bool says_nothing(ks_str word)
{
    static const char *const small[] = {"a",   "an",   "the", "to",   "of",  "in",   "on",   "at",
                                        "for", "my",   "me",  "i",    "it",  "and",  "or",   "with",
                                        "by",  "is",   "are", "from", "all", "into", "we",   "us",
                                        "our", "your", "you", "be",   "can", "want", "this", "that"};
    for (size_t i = 0; i < KS_COUNT(small); i++) {
        if (ks_str_ieq(word, ks_str_of(small[i])))
            return true;
    }
    return false;
}

static void add(ks_question *q, ks_str term)
{
    for (size_t i = 0; i < q->n; i++) {
        if (ks_str_ieq(q->terms[i], term))
            return;
    }
    if (q->n < KS_QUESTION_TERMS)
        q->terms[q->n++] = term;
}

static void add_words(ks_question *q, ks_str text)
{
    ks_str word;
    while (next_word(&text, &word)) {
        if (!says_nothing(word))
            add(q, word);
    }
}

/* "send email", "email template" of the first `own` words. */
static void add_pairs(ks_question *q, size_t own)
{
    size_t used = 0;
    for (size_t i = 0; i + 1 < own; i++) {
        ks_str a = q->terms[i], b = q->terms[i + 1];
        size_t n = a.n + 1 + b.n;
        if (n > sizeof q->pairs - used)
            return;
        char *at = q->pairs + used;
        memcpy(at, a.p, a.n);
        at[a.n] = ' ';
        memcpy(at + a.n + 1, b.p, b.n);
        used += n;
        add(q, (ks_str){at, n});
    }
}

void ks_question_read(ks_question *q, ks_str text)
{
    q->n = 0;
    add_words(q, text);
    size_t own = q->n;
    add_pairs(q, own);
    for (size_t i = 0; i < own; i++) {
        for (size_t k = 0; k < KS_COUNT(same); k++) {
            for (size_t m = 0; ks_str_ieq(q->terms[i], ks_str_of(same[k].word)) && m < 4 && same[k].others[m];
                 m++)
                add(q, ks_str_of(same[k].others[m]));
        }
    }
}
