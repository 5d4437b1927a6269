/* tests/crash/crash_writer.c — writes as fast as it can and tells what was acknowledged, to be killed in the
 * middle; or checks what the killed one left. Usage: crash_writer write|check DIR ROUND. Threads: four
 * submit. Rules D1, D4, A2, A3. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "store/store.h"
#include "tests/support/chain.h"

/* Two rows and a record a change: a half one would show. */
static const ks_sql add_row = {"INSERT INTO projects(id, name, root_id, kek_id, alg, nonce, ct, created_at) "
                               "VALUES($1, $1, '', '', '', x'', $2, 1)"};
static const ks_sql add_twin = {
    "INSERT INTO api_keys(id, project_id, digest, prefix, name, scopes, created_at) "
    "VALUES($1, $1, $2, '', '', 1, 1)"};

typedef struct submitter {
    pthread_t thread;
    ks_store *s;
    unsigned  round, number;
} submitter;

static void say(const char *what, ks_str id)
{
    char line[96];
    int  n = snprintf(line, sizeof line, "%s " KS_FMT "\n", what, KS_ARG(id));
    if (write(1, line, (size_t)n) != n)
        _exit(3); /* a short line into a pipe is written whole or not at all */
}

static ks_status write_one(ks_ctx *cx, ks_store *s, ks_str id)
{
    static const char filler[900] = {1};
    ks_change        *c;
    ks_audit_record   r = {.project_id = id, .actor = KS_S("cli"), .action = KS_S("write"), .object = id};
    KS_TRY(ks_change_new(cx, &c));
    if (ks_change_add(cx, c, &add_row, KS_VALS(KS_V(id), KS_VB(((ks_str){filler, sizeof filler}))),
                      KS_ANY_ROWS) != KS_OK ||
        ks_change_add(cx, c, &add_twin, KS_VALS(KS_V(id), KS_VB(id)), KS_ANY_ROWS) != KS_OK ||
        ks_change_audit(cx, c, &r) != KS_OK) {
        ks_change_free(c);
        return cx->err.status;
    }
    return ks_store_apply(cx, s, c);
}

static void *submit(void *arg)
{
    submitter *me = arg;
    ks_arena  *a = ks_arena_new(1 << 20);
    if (a == NULL)
        return NULL;
    ks_ctx cx = ks_ctx_new(a, NULL);
    for (unsigned i = 0;; i++) {
        ks_str id = ks_fmt(&cx, "pr_%u_%u_%u", me->round, me->number, i);
        if (write_one(&cx, me->s, id) == KS_OK)
            say("ok", id);
        ks_arena_reset(a);
    }
}

static int write_until_killed(ks_store *s, unsigned round)
{
    submitter t[4];
    for (unsigned i = 0; i < KS_COUNT(t); i++) {
        t[i] = (submitter){.s = s, .round = round, .number = i};
        if (pthread_create(&t[i].thread, NULL, submit, &t[i]) != 0)
            return 1;
    }
    for (;;)
        pause();
}

static int64_t ask(ks_ctx *cx, ks_reader *r, const ks_sql *q)
{
    ks_rows *rows;
    bool     more;
    if (ks_query(cx, r, q, NULL, 0, &rows) != KS_OK || ks_rows_next(rows, &more) != KS_OK || !more)
        return -1;
    int64_t v = ks_row_int(rows, 0);
    ks_rows_close(rows); /* before its reader is */
    return v;
}

/* Every id found, then the sums and what the audit trail says. */
static int check(ks_ctx *cx, ks_store *s)
{
    static const ks_sql ids = {"SELECT id FROM projects"};
    static const ks_sql halves = {
        "SELECT (SELECT count(*) FROM projects WHERE id NOT IN (SELECT id FROM api_keys)) + "
        "(SELECT count(*) FROM api_keys WHERE id NOT IN (SELECT object FROM audit)) + "
        "abs((SELECT count(*) FROM projects) - (SELECT count(*) FROM audit))"};
    static const ks_sql integrity = {"SELECT integrity_check = 'ok' FROM pragma_integrity_check"};
    ks_reader          *r;
    ks_rows            *rows;
    bool                more;
    int64_t             count = 0;
    if (ks_reader_open(cx, s, &r) != KS_OK || ks_query(cx, r, &ids, NULL, 0, &rows) != KS_OK)
        return 1;
    while (ks_rows_next(rows, &more) == KS_OK && more)
        say("row", ks_row_str(rows, 0));
    printf("halves %" PRId64 "\n", ask(cx, r, &halves));
    printf("integrity %" PRId64 "\n", ask(cx, r, &integrity));
    ks_status status = ks_audit_verify(cx, r, &test_chain, &count);
    printf("audit %s %" PRId64 " " KS_FMT "\n", ks_status_slug(status), count,
           KS_ARG(status == KS_OK ? KS_S("sound") : cx->err.message));
    ks_reader_close(r);
    return 0;
}

int main(int argc, char **argv)
{
    ks_arena *a = ks_arena_new(256 << 20);
    if (argc != 4 || a == NULL)
        return 2;
    ks_log_set_level(KS_LOG_ERROR);
    ks_ctx           cx = ks_ctx_new(a, NULL);
    ks_store_options o = {.dir = ks_str_of(argv[2]), .chain = test_chain};
    ks_store        *s;
    int64_t          from = ks_mono_us();
    if (ks_store_open(&cx, &o, &s) != KS_OK) {
        fprintf(stderr, KS_FMT "\n", KS_ARG(cx.err.message));
        return 1;
    }
    printf("opened %" PRId64 "\n", ks_mono_us() - from);
    fflush(stdout);
    if (strcmp(argv[1], "write") == 0)
        return write_until_killed(s, (unsigned)strtoul(argv[3], NULL, 10));
    int code = check(&cx, s);
    ks_store_close(s);
    ks_arena_free(a);
    return code;
}
