/* upstream/transfer.c — libcurl's callbacks during a call: addresses judged as they are dialled, requests
 * counted, answers limited, searched and handed on; pipes that are full or empty pause their side. Calls
 * nothing that ends the transfer: that happens outside libcurl (upstream/engine.c). Threads: the loop's own.
 */
#include "upstream/transfer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "upstream/sign.h"

#define RATIO_SLACK ((size_t)32 * 1024) /* received bytes that libcurl may not have counted yet */

void ks_transfer_fail(ks_transfer *t, ks_outcome outcome, const char *why)
{
    if (t->failed)
        return;
    t->failed = true;
    t->outcome = outcome;
    t->why = why;
}

/* A pipe says that it moved; called from inside the other side's call, so only a note is made. */
static void nudge(void *arg)
{
    ks_engine_due(arg, KS_DUE_WAKE);
}

void ks_transfer_watch_in(ks_transfer *t)
{
    ks_pipe_on_data(t->in, nudge, t);
}

/* ---- connecting ---- */

static bool is_ghost(const struct sockaddr *sa, uint16_t port)
{
    struct sockaddr_in in;
    if (sa->sa_family != AF_INET)
        return false;
    memcpy(&in, sa, sizeof in);
    return in.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && ntohs(in.sin_port) == port;
}

static bool may_dial(const ks_transfer *t, const struct sockaddr *sa)
{
    if (t->u->o.unix_path != NULL || sa->sa_family == AF_UNIX)
        return t->u->o.unix_path != NULL && sa->sa_family == AF_UNIX;
    if (t->ghost_port != 0)
        return is_ghost(sa, t->ghost_port);
    if (ks_str_eq(t->call->origin.scheme, KS_S("https")))
        return ks_address_ok(t->u->o.exceptions, sa);
    return ks_address_listed(t->u->o.exceptions, sa);
}

curl_socket_t ks_on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    ks_transfer *t = arg;
    if (purpose != CURLSOCKTYPE_IPCXN || !may_dial(t, &address->addr)) {
        t->denied = true;
        return CURL_SOCKET_BAD;
    }
    t->dialled = true;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            ks_transfer_fail(t, KS_UP_BUSY,
                             "no descriptor is left for another connection; try again in a moment");
        return CURL_SOCKET_BAD;
    }
    if (!ks_engine_keep(t->u, fd)) {
        ks_transfer_fail(t, KS_UP_BUSY, "memory is short; try again in a moment");
        close(fd);
        return CURL_SOCKET_BAD;
    }
    t->u->sockets++;
    return fd;
}

int ks_on_close(void *upstream, curl_socket_t fd)
{
    ks_upstream *u = upstream;
    u->sockets--;
    ks_engine_drop(u, fd);
    return close(fd);
}

/* Is the connection a warm one whose vendor has said goodbye? Without TLS libcurl sees that itself. */
static bool vendor_left(ks_transfer *t, int local_port)
{
    long opened = 1;
    if (t->ghost_port != 0 || !ks_str_eq(t->call->origin.scheme, KS_S("https")))
        return false;
    return curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &opened) == CURLE_OK && opened == 0 &&
           ks_engine_left(t->u, local_port);
}

/* A connection is there and the request is about to leave on it. libcurl comes here again by itself when a
 * warm connection turns out dead; for a write that is too late once bytes have left. */
int ks_on_request(void *arg, char *remote, char *local, int remote_port, int local_port)
{
    ks_transfer *t = arg;
    long         bytes = 0;
    (void)remote, (void)local, (void)remote_port;
    if (t->held && !t->challenged) { /* the answer to a challenge: nothing was done yet, no body has left */
        t->challenged = true;
        return CURL_PREREQFUNC_OK;
    }
    if (curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK && bytes > 0)
        t->sent = true;
    t->tries++;
    if (t->tries > 2 || (t->sent && !ks_transfer_repeatable(t))) {
        ks_transfer_fail(t, KS_UP_BROKEN,
                         "the connection broke after the request was sent; it is not repeated");
        return CURL_PREREQFUNC_ABORT;
    }
    t->stale = vendor_left(t, local_port);
    if (t->stale)
        return CURL_PREREQFUNC_ABORT;
    t->left = true;
    return CURL_PREREQFUNC_OK;
}

/* ---- the request's body ---- */

size_t ks_on_read(char *p, size_t size, size_t n, void *arg)
{
    ks_transfer *t = arg;
    if (ks_pipe_broken(t->in)) {
        ks_transfer_fail(t, KS_UP_BROKEN, "the request ended before its body was complete");
        return CURL_READFUNC_ABORT;
    }
    size_t got = ks_pipe_read(t->in, p, size * n);
    if (got > 0 || ks_pipe_ended(t->in))
        return got;
    t->paused |= CURLPAUSE_SEND;
    return CURL_READFUNC_PAUSE;
}

int ks_on_seek(void *arg, curl_off_t at, int origin)
{
    (void)arg, (void)at, (void)origin;
    return CURL_SEEKFUNC_FAIL; /* what was read of a stream is gone */
}

/* ---- the answer's head ---- */

/* The first answer to a digest call may be one that libcurl replies to: a challenge, or the agreement to a
 * request whose body it had kept back. */
static bool may_be_challenge(const ks_transfer *t, long status)
{
    bool digest = t->call->sign != NULL && t->call->sign->how == KS_SIGN_DIGEST;
    return digest && !t->challenged && (status == 401 || (status < 300 && !ks_transfer_reads(t)));
}

static bool take_head(ks_transfer *t, long status)
{
    t->headed = true;
    if (!ks_answer_read(t, (int)status))
        return false;
    ks_transfer_learn(t);
    ks_buf_clear(&t->head);
    if ((t->paused & CURLPAUSE_SEND) != 0)
        ks_engine_due(t, KS_DUE_WAKE);
    if (!t->call->stream || t->on_head == NULL)
        return true;
    if (ks_str_starts(t->answer->type, KS_S("text/event-stream")))
        curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, (long)KS_UP_EVENTS_S);
    t->out = t->on_head(t->arg, t->answer);
    if (t->out != NULL)
        ks_pipe_on_space(t->out, nudge, t);
    return true;
}

static bool head_complete(ks_transfer *t)
{
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 100 && status < 200) { /* an interim answer; the real one follows */
        ks_buf_clear(&t->head);
        return true;
    }
    if (may_be_challenge(t, status)) {
        t->held = true;
        return true;
    }
    return take_head(t, status);
}

bool ks_transfer_unhold(ks_transfer *t)
{
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    t->held = false;
    return take_head(t, status);
}

/* Another head follows the one held back: that was a challenge, and this is the answer. */
static void drop_held(ks_transfer *t)
{
    t->held = false;
    t->challenged = true;
    t->head_bytes = t->head_lines = 0;
    ks_buf_clear(&t->head);
}

size_t ks_on_header(char *p, size_t size, size_t n, void *arg)
{
    ks_transfer *t = arg;
    ks_str       line = {p, size * n};
    if (t->held && ks_str_starts(line, KS_S("HTTP/")))
        drop_held(t);
    t->head_bytes += line.n;
    t->head_lines++;
    if (t->head_bytes > KS_UP_MAX_HEADERS || t->head_lines > KS_UP_MAX_LINES) {
        ks_transfer_fail(t, KS_UP_TOO_LARGE, "the answer has more than 64 kB or 200 lines of headers");
        return 0;
    }
    if (t->headed || ks_str_starts(line, KS_S("HTTP/")))
        return line.n; /* trailers are not handed on; the status is asked for at the end of the head */
    if (ks_str_trim(line, "\r\n").n == 0)
        return head_complete(t) ? line.n : 0;
    ks_buf_str(&t->head, line);
    if (!ks_buf_ok(&t->head)) {
        ks_transfer_fail(t, KS_UP_BUSY, "memory is short; try again in a moment");
        return 0;
    }
    return line.n;
}

/* ---- the answer's body ---- */

/* Too much, or far more than was received: a compressed answer made to burst. */
static bool too_large(ks_transfer *t, size_t n)
{
    size_t     max = t->call->max_answer ? t->call->max_answer : KS_UP_MAX_ANSWER;
    curl_off_t received = 0;
    if (t->call->stream)
        return false;
    t->decoded += n;
    if (t->decoded > max) {
        ks_transfer_fail(t, KS_UP_TOO_LARGE, "the answer is larger than allowed");
        return true;
    }
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    if (t->decoded / KS_UP_MAX_RATIO > (size_t)received + RATIO_SLACK) {
        ks_transfer_fail(t, KS_UP_TOO_LARGE, "the answer grows suspiciously when it is unpacked");
        return true;
    }
    return false;
}

/* Hand on what the search lets through. False: the transfer has failed. */
static bool deliver(ks_transfer *t, ks_str part)
{
    if (part.p == NULL) {
        ks_transfer_fail(t, KS_UP_BUSY, "memory is short; try again in a moment");
        return false;
    }
    if (part.n == 0)
        return true;
    if (!t->call->stream) {
        ks_buf_str(t->body, part);
        if (!ks_buf_ok(t->body))
            ks_transfer_fail(t, KS_UP_BUSY, "memory is short; try again in a moment");
    } else if (t->out != NULL && !ks_pipe_write(t->out, part.p, part.n)) {
        ks_transfer_fail(t, KS_UP_BROKEN, "the reader of the answer left");
    }
    return !t->failed;
}

size_t ks_on_body(char *p, size_t size, size_t n, void *arg)
{
    ks_transfer *t = arg;
    ks_str       in = {p, size * n};
    if (t->failed || (t->held && !ks_transfer_unhold(t)))
        return 0;
    if (t->out != NULL && !ks_pipe_broken(t->out) && ks_pipe_held(t->out) >= KS_PIPE_HIGH) {
        t->paused |= CURLPAUSE_RECV;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (too_large(t, in.n) || !deliver(t, ks_scrub_feed(t->scrub, in, false)))
        return 0;
    return in.n;
}

bool ks_transfer_flush(ks_transfer *t)
{
    if (t->out != NULL && !ks_pipe_broken(t->out) && ks_pipe_held(t->out) >= KS_PIPE_HIGH)
        return false;
    (void)deliver(t, ks_scrub_feed(t->scrub, KS_S(""), true));
    return true;
}

/* ---- pipes that move ---- */

/* The vendor turned the request down before it had all of it: libcurl sends no more, but a paused upload
 * would keep it from seeing that all is over. */
static bool refused_early(const ks_transfer *t)
{
    return t->headed && t->answer->status >= 300;
}

void ks_transfer_wake(ks_transfer *t)
{
    int go = 0;
    if (t->out != NULL && ks_pipe_broken(t->out))
        ks_transfer_fail(t, KS_UP_BROKEN, "the reader of the answer left");
    if (t->in != NULL && ks_pipe_broken(t->in))
        ks_transfer_fail(t, KS_UP_BROKEN, "the request ended before its body was complete");
    if (t->failed) {
        ks_transfer_over(t, CURLE_ABORTED_BY_CALLBACK);
        return;
    }
    if (t->over) {
        ks_transfer_over(t, CURLE_OK);
        return;
    }
    if ((t->paused & CURLPAUSE_RECV) != 0 && (t->out == NULL || ks_pipe_held(t->out) < KS_PIPE_HIGH))
        go |= CURLPAUSE_RECV;
    if ((t->paused & CURLPAUSE_SEND) != 0 &&
        (ks_pipe_held(t->in) > 0 || ks_pipe_ended(t->in) || refused_early(t)))
        go |= CURLPAUSE_SEND;
    if (go == 0 || !t->added)
        return;
    t->paused &= ~go;
    int still = t->paused; /* the callbacks may pause again while this runs */
    if (curl_easy_pause(t->easy, still) != CURLE_OK)
        ks_transfer_over(t, CURLE_WRITE_ERROR);
}
