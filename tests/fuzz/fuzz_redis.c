/* tests/fuzz/fuzz_redis.c — a peer that says anything in place of a reply of Redis: what comes of it is JSON
 * with one row, an error of the server, or a reason why it is none. The first byte chooses the command that
 * was asked. */
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "tests/fuzz/fuzz.h"
#include "upstream/db_redis.h"
#include "upstream/db_sink.h"

#define ROOM ((size_t)8 * 1024) /* less than the longest input, so that the limit is met, too */

static void give(void *arg, const ks_db_value *v)
{
    ks_db_sink_value(arg, v);
}

/* Ask a peer that answers `reply` and hangs up. */
static bool ask(ks_str reply, ks_redis_taker *t, ks_db_error *e)
{
    const ks_db_limit l = {.deadline_us = ks_mono_us() + INT64_C(5000000), .stop_fd = -1};
    int               pair[2];
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    must(send(pair[1], reply.p, reply.n, MSG_NOSIGNAL) == (ssize_t)reply.n);
    must(shutdown(pair[1], SHUT_WR) == 0);
    ks_redis r = {.fd = pair[0]};
    bool     ok = ks_redis_ask(&r, KS_S("*1\r\n$4\r\nPING\r\n"), ROOM, t, &l, e);
    close(pair[0]);
    close(pair[1]);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_ctx         cx = fuzz_ctx();
    ks_str         text = fuzz_text(data, size);
    ks_db_error    e = {.why = ""};
    ks_db_sink     s;
    ks_buf        *b = ks_ctx_buf(&cx, 1 << 20);
    ks_redis_taker t = {.value = give, .arg = &s, .pairs = size > 0 && (data[0] & 1) != 0};
    must(b != NULL);
    ks_db_sink_begin(&s, b, 1, 16 * 1024);
    ks_db_sink_column(&s, KS_S("value"), KS_S("reply"));
    if (ask(ks_str_sub(text, 1, SIZE_MAX), &t, &e)) {
        must(e.step == KS_DB_FINE && !e.dead);
        must(t.refused || ks_db_sink_row(&s) == (s.rows == 1));
        ks_db_sink_end(&s, 0);
        must(t.refused || ks_json_fault(ks_buf_view(b)) == NULL);
    } else {
        must(e.step != KS_DB_FINE && e.dead && e.why[0] != '\0');
    }
    fuzz_done(&cx);
    return 0;
}
