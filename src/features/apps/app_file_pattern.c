/* features/apps/app_file_pattern.c — may a pattern of an app file be run at all? POSIX extended expressions
 * are taken when they cannot explode: no back-reference, no repetition inside a repeated group, and not too
 * large once their counts are written out. That holds for an automaton (glibc) and for a backtracking matcher
 * (browsers). Matches nothing itself. Source: POSIX.1-2017, XBD 9.4. Threads: any. */
#include <regex.h>

#include "features/apps/app_file_tree.h"

enum { PATTERN_MAX = 512, WEIGHT_MAX = 8192, GROUPS_MAX = 16, OPEN_ENDED_MAX = 12 };

/* A group, or the whole expression. */
typedef struct group {
    uint64_t weight;     /* atoms with their counts written out */
    bool     open_ended; /* holds a repetition without an end */
} group;

typedef struct scan {
    ks_str   text;
    size_t   at;
    group    open[GROUPS_MAX];
    size_t   depth;
    unsigned open_ended;
} scan;

/* Past a bracket expression: "]" first, or after "^", is a member; "[:alpha:]" is skipped whole. */
static void skip_set(scan *s)
{
    size_t i = s->at + 1;
    i += i < s->text.n && s->text.p[i] == '^';
    i += i < s->text.n && s->text.p[i] == ']';
    while (i < s->text.n && s->text.p[i] != ']') {
        bool class = s->text.p[i] == '[' && i + 1 < s->text.n && s->text.p[i + 1] == ':';
        size_t end = class ? ks_str_find(ks_str_sub(s->text, i, SIZE_MAX), KS_S(":]")) : SIZE_MAX;
        i += end != SIZE_MAX ? end + 2 : 1;
    }
    s->at = i + 1;
}

/* The highest count of "{n}", "{n,}" or "{n,m}"; `open` when it has no end. False when it is no count. */
static bool bounds(scan *s, uint64_t *most, bool *open)
{
    ks_str rest = ks_str_sub(s->text, s->at + 1, SIZE_MAX);
    size_t end = ks_str_chr(rest, '}');
    ks_str inside = ks_str_sub(rest, 0, end), least;
    if (end == SIZE_MAX)
        return false;
    s->at += end + 2;
    bool comma = ks_str_chr(inside, ',') != SIZE_MAX;
    if (!ks_str_cut(&inside, ',', &least) || !ks_str_u64(least, most))
        return false;
    *open = comma && inside.n == 0;
    return !comma || *open || ks_str_u64(inside, most);
}

/* What may follow an atom: *, +, ?, counts. */
static const char *take_repeat(scan *s, group atom)
{
    group   *g = &s->open[s->depth];
    uint64_t most = 1;
    bool     open = false;
    char     c = s->at < s->text.n ? s->text.p[s->at] : '\0';
    if (c == '*' || c == '+' || c == '?') {
        s->at++;
        open = c != '?';
    } else if (c == '{' && !bounds(s, &most, &open)) {
        return "has a { that begins no count; write [{] for the character";
    }
    if (atom.open_ended && (open || most > 1))
        return "repeats a group that holds a repetition without an end; such patterns can take for ever";
    s->open_ended += open;
    g->open_ended |= open || atom.open_ended;
    g->weight += atom.weight * (most ? most : 1);
    if (g->weight > WEIGHT_MAX || s->open_ended > OPEN_ENDED_MAX)
        return "is too large once its counts are written out";
    return NULL;
}

static const char *take_escape(scan *s)
{
    char c = s->at + 1 < s->text.n ? s->text.p[s->at + 1] : '\0';
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\0')
        return "has \\ before a letter or digit; POSIX expressions know no \\d or \\w, and references are "
               "refused";
    s->at += 2;
    return take_repeat(s, (group){.weight = 1});
}

static const char *take(scan *s)
{
    group done;
    switch (s->text.p[s->at]) {
    case '\\':
        return take_escape(s);
    case '[':
        skip_set(s);
        return take_repeat(s, (group){.weight = 1});
    case '(':
        if (s->depth + 1 == GROUPS_MAX)
            return "nests too many groups";
        if (s->at + 1 < s->text.n && s->text.p[s->at + 1] == '?')
            return "has (?, which POSIX expressions do not know";
        s->at++;
        s->open[++s->depth] = (group){0};
        return NULL;
    case ')':
        if (s->depth == 0)
            return "closes a group that is not open";
        done = s->open[s->depth--];
        s->at++;
        return take_repeat(s, done);
    case '^':
    case '$':
    case '|':
        s->at++;
        return NULL;
    default:
        s->at++;
        return take_repeat(s, (group){.weight = 1});
    }
}

const char *ks_file_pattern_fault(ks_str pattern)
{
    scan    s = {.text = pattern};
    regex_t re;
    if (pattern.n > PATTERN_MAX)
        return "is longer than 512 characters";
    while (s.at < pattern.n) {
        const char *fault = take(&s);
        if (fault != NULL)
            return fault;
    }
    if (regcomp(&re, pattern.p, REG_EXTENDED | REG_NOSUB) != 0) /* scalars end in NUL */
        return "is no POSIX extended regular expression";
    regfree(&re);
    return NULL;
}
