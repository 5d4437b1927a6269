/* upstream/again.c — calls that wait and calls that go once more: vendors that asked for a pause, origins
 * that are down, connections that broke. Does not send. docs/limits.md has all of it as tables. Source: RFC
 * 9110 sections 9.2.2, 10.2.3, 15.6. Threads: the loop's own. */
#include "base/time.h"
#include "upstream/reserve.h"
#include "upstream/transfer.h"

#define SLACK_US INT64_C(50000) /* libcurl's clock and ours differ by some milliseconds */

/* ---- whose turn is it ---- */

/* The key of the breaker, "PROJECT ORIGIN"; the part behind the blank is what all projects share. Ghosts are
 * ours and have none. */
static ks_str origin_key(ks_transfer *t)
{
    const ks_call             *call = t->call;
    const ks_upstream_options *o = &t->u->o;
    if (call->ghost_only ||
        (o->ghost_port != 0 && !ks_host_listed(o->exceptions, call->origin.host, call->origin.port)))
        return KS_NO_STR;
    return ks_fmt(t->cx, KS_FMT " " KS_FMT "://" KS_FMT ":%u", KS_ARG(call->project_id),
                  KS_ARG(call->origin.scheme), KS_ARG(call->origin.host), call->origin.port);
}

/* Without the project; ids of projects hold no blank. */
static ks_str shared_key(ks_str key)
{
    return ks_str_sub(key, ks_str_chr(key, ' ') + 1, SIZE_MAX);
}

static int whole_seconds(int64_t us)
{
    return us <= 0 ? 1 : (int)((us + 999999) / 1000000);
}

/* False: the origin is down, and the call has failed. */
static bool origin_open(ks_transfer *t, int64_t now_us)
{
    ks_gate_shut shut;
    if (t->origin.p == NULL)
        t->origin = origin_key(t);
    if (t->origin.p == NULL || (ks_gate_pass(t->u->o.gate, shared_key(t->origin), now_us, &shut) &&
                                ks_gate_pass(t->u->o.gate, t->origin, now_us, &shut)))
        return true;
    char since[KS_ISO_LEN];
    int  wait_s = whole_seconds(shut.wait_us);
    ks_time_iso(shut.since_us, since);
    ks_str why = ks_fmt(t->cx, "it cannot be reached since %s and is tried again in %d s", since, wait_s);
    t->answer->retry_after_s = wait_s;
    ks_transfer_fail(t, KS_UP_UNREACHED, why.p != NULL ? why.p : "it cannot be reached");
    ks_metric_add(t->u->o.metrics, KS_M_SHUT_CALLS, 1);
    return false;
}

/* How much longer the call may wait for its vendor. */
static int64_t patience_us(const ks_transfer *t, int64_t now_us)
{
    int     ms = t->call->max_wait_ms != 0 ? t->call->max_wait_ms : t->u->o.max_wait_ms;
    int64_t most_us = ms < 0 ? 0 : ms > 0 ? (int64_t)ms * 1000 : KS_UP_MAX_WAIT_S * INT64_C(1000000);
    int64_t left_us = t->began_us + most_us - now_us;
    if (t->deadline_us != 0 && t->deadline_us - now_us < left_us)
        left_us = t->deadline_us - now_us;
    return left_us;
}

/* Stand in the line of the connection. 0: nothing to wait for; -1: it waits; else what there is to wait, too
 * long. */
static int64_t stand_in_line(ks_transfer *t, int64_t now_us)
{
    int64_t most_us = patience_us(t, now_us);
    int64_t wait_us = ks_gate_wait(t->u->o.gate, t->call->connection_id, now_us, most_us, &t->placed);
    if (wait_us == 0 || !t->placed)
        return wait_us;
    if (ks_timer_set(t->u->loop, &t->wait, wait_us / 1000 + 1)) {
        ks_metric_add(t->u->o.metrics, KS_M_WAITS, 1);
        return -1;
    }
    ks_transfer_leave_line(t);
    return wait_us;
}

void ks_transfer_leave_line(ks_transfer *t)
{
    if (t->placed)
        ks_gate_leave(t->u->o.gate, t->call->connection_id);
    t->placed = false;
}

bool ks_transfer_admit(ks_transfer *t)
{
    int64_t now_us = ks_mono_us();
    ks_transfer_leave_line(t);
    int64_t wait_us = t->call->connection_id.n > 0 ? stand_in_line(t, now_us) : 0;
    if (wait_us < 0)
        return false;
    if (wait_us == 0 && origin_open(t, now_us))
        return true;
    if (wait_us > 0) {
        t->answer->retry_after_s = whole_seconds(wait_us);
        ks_transfer_fail(t, KS_UP_HELD, "the vendor asked to wait");
        ks_metric_add(t->u->o.metrics, KS_M_HELD, 1);
    }
    ks_engine_due(t, KS_DUE_END);
    return false;
}

/* ---- what an answer, or none, tells ---- */

void ks_transfer_learn(ks_transfer *t)
{
    int hold_s = ks_answer_hold_s(t);
    if (t->origin.p != NULL) {
        ks_gate_reached(t->u->o.gate, t->origin);
        ks_gate_reached(t->u->o.gate, shared_key(t->origin));
    }
    if (hold_s > KS_UP_HOLD_S)
        hold_s = KS_UP_HOLD_S;
    if (hold_s > 0 && t->call->connection_id.n > 0)
        ks_gate_hold(t->u->o.gate, t->call->connection_id, ks_mono_us() + hold_s * INT64_C(1000000));
}

/* Only what no caller can bring about speaks against an origin for all projects: its name and its port. Not a
 * short time of the call's own, not an address we refuse, not a certificate. Silence may be the doing of a
 * request (a long poll), a broken handshake that of a client certificate: they count for the caller's own
 * project alone. */
void ks_transfer_blame(ks_transfer *t, CURLcode rc)
{
    int64_t now_us = ks_mono_us(), took_us = now_us - t->attempt_us + SLACK_US;
    bool    late = rc == CURLE_OPERATION_TIMEDOUT;
    bool    connecting = t->tries == 0;
    bool    failed = rc == CURLE_COULDNT_RESOLVE_HOST || (rc == CURLE_COULDNT_CONNECT && !t->denied);
    bool    silent = late && !connecting && took_us >= KS_UP_TOTAL_MS * INT64_C(1000);
    if (t->failed || t->origin.p == NULL || t->head_bytes > 0)
        return;
    failed |= late && connecting && took_us >= KS_UP_CONNECT_MS * INT64_C(1000);
    if (!failed && !silent && rc != CURLE_SSL_CONNECT_ERROR)
        return;
    ks_str key = failed ? shared_key(t->origin) : t->origin;
    if (ks_gate_missed(t->u->o.gate, key, now_us, ks_now_us()))
        ks_metric_add(t->u->o.metrics, KS_M_SHUT, 1);
}

/* ---- once more ---- */

bool ks_transfer_reads(const ks_transfer *t)
{
    return ks_str_eq(t->call->method, KS_S("GET")) || ks_str_eq(t->call->method, KS_S("HEAD"));
}

bool ks_transfer_repeatable(const ks_transfer *t)
{
    return t->in == NULL && (t->call->keyed || ks_transfer_reads(t));
}

/* 50..150 ms, then 200..600 ms: spread, so that those who failed together do not come back together. That
 * needs no secrecy. */
static int64_t backoff_ms(const ks_transfer *t)
{
    uint32_t base = t->attempts < 2 ? 100 : 400;
    uint32_t x = (uint32_t)ks_mono_us() ^ (uint32_t)((uintptr_t)t >> 6);
    return base / 2 + ((x * 2654435761u) >> 12) % base;
}

/* Nothing left, or what left may be sent twice, and no byte of an answer came: did the connection fail? */
static bool connection_failed(const ks_transfer *t, CURLcode rc)
{
    if (rc == CURLE_COULDNT_RESOLVE_HOST || (rc == CURLE_COULDNT_CONNECT && !t->denied))
        return true;
    return (rc == CURLE_GOT_NOTHING || rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR) &&
           t->head_bytes == 0 && ks_transfer_repeatable(t);
}

/* 502 to 504 of what may be sent twice. The head of a stream has been handed on by now. */
static bool vendor_failed(const ks_transfer *t, CURLcode rc)
{
    int status = t->answer->status;
    return rc == CURLE_OK && status >= 502 && status <= 504 && !t->call->stream && ks_transfer_repeatable(t);
}

/* Too many requests: the vendor has not acted, so any call may stand in line and go once more, if there is
 * time. */
static bool wait_for_vendor(ks_transfer *t, CURLcode rc)
{
    int64_t now_us = ks_mono_us(), wait_us = t->answer->retry_after_s * INT64_C(1000000);
    if (rc != CURLE_OK || t->answer->status != 429 || wait_us == 0 || t->call->stream || t->waited)
        return false;
    t->waited = true;
    if (t->call->connection_id.n > 0)
        return stand_in_line(t, now_us) < 0;
    return wait_us <= patience_us(t, now_us) && ks_timer_set(t->u->loop, &t->wait, wait_us / 1000);
}

static bool plan_again(ks_transfer *t, CURLcode rc)
{
    if (t->tries > 1)
        t->attempts += t->tries - 1;   /* libcurl itself had found a warm connection dead */
    bool    body_read = t->in != NULL; /* a stream that was begun cannot be read again */
    bool    broke = connection_failed(t, rc) && !body_read;
    int64_t wait_ms = backoff_ms(t);
    if ((!broke && !vendor_failed(t, rc)) || t->attempts > KS_UP_RETRIES || ks_reserve_short() != t->short_of)
        return false; /* where memory was short, once more would make it worse */
    if (!broke && t->answer->retry_after_s > 0) {
        wait_ms = t->answer->retry_after_s * INT64_C(1000);
        if (wait_ms * 1000 > patience_us(t, ks_mono_us()))
            return false;
    }
    if ((t->deadline_us != 0 && ks_mono_us() + wait_ms * 1000 >= t->deadline_us) ||
        !ks_timer_set(t->u->loop, &t->wait, wait_ms))
        return false;
    ks_metric_add(t->u->o.metrics, KS_M_RETRIES, 1);
    return true;
}

/* A handle whose attempt failed early keeps buffers, and then takes no options (libcurl 7.88): each attempt
 * has its own. */
bool ks_transfer_again(ks_transfer *t, CURLcode rc)
{
    if (t->failed)
        return false;
    if (t->stale) { /* nothing was sent, and libcurl has closed it: at once, on the next one or a new one */
        t->attempts--;
        ks_engine_due(t, KS_DUE_START);
    } else if (wait_for_vendor(t, rc))
        t->attempts = 0;
    else if (!plan_again(t, rc))
        return false;
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
    return true;
}
