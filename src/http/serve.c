/* http/serve.c — requests between libmicrohttpd's callbacks and exchanges: collects or streams the body,
 * parks the connection while an exchange waits. The answer leaves by serve_answer.c. The first callback for a
 * request never answers or suspends, save to refuse: the library would close the connection. Threads: the
 * loop's. */
#include <arpa/inet.h>
#include <sys/epoll.h>

#include "base/alloc.h"
#include "base/time.h"
#include "http/listener_in.h"

#define IDLE_MAX 64 /* requests kept for reuse */

/* ---- requests ---- */

static void gone(ks_exchange *x, void *arg);

void ks_serve_free(request *r)
{
    ks_buf_done(&r->body);
    ks_arena_free(r->arena);
    ks_free(r);
}

static request *make(void)
{
    request *r = ks_calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->arena = ks_arena_new(KS_ARENA_MAX);
    if (r->arena == NULL) {
        ks_free(r);
        return NULL;
    }
    return r;
}

static request *take(ks_listener *l, conn *c)
{
    request *r = l->idle;
    if (r != NULL) {
        l->idle = r->next;
        l->idle_n--;
    } else if ((r = make()) == NULL) {
        return NULL;
    }
    ks_arena *arena = r->arena;
    *r = (request){
        .l = l, .c = c, .arena = arena, .body = ks_buf_new(KS_MAX_ACT_BODY_BYTES), .next = l->requests};
    if (r->next != NULL)
        r->next->prev = r;
    l->requests = r;
    l->busy++;
    return r;
}

/* Nothing refers to it any more: keep it for the next one, or free it. */
static void put_back(request *r)
{
    ks_listener *l = r->l;
    ks_pipe_unref(r->upload);
    r->upload = NULL;
    ks_buf_done(&r->body);
    if (l == NULL) {
        ks_serve_free(r);
        return;
    }
    *(r->prev != NULL ? &r->prev->next : &l->requests) = r->next;
    if (r->next != NULL)
        r->next->prev = r->prev;
    l->busy--;
    if (l->idle_n == IDLE_MAX) {
        ks_serve_free(r);
        return;
    }
    r->next = l->idle;
    l->idle = r;
    l->idle_n++;
}

static void gone(ks_exchange *x, void *arg)
{
    (void)x;
    put_back(arg);
}

/* ---- parking ---- */

/* The client is gone, or has said that it will send no more: nobody waits for the answer. (So do the common
 * proxies take half a close.) */
static void client_left(void *arg, uint32_t events)
{
    conn    *c = arg;
    request *r = c->now;
    (void)events;
    ks_watch_del(c->leaving); /* between requests the library sees for itself */
    c->leaving = NULL;
    if (r == NULL || !r->watched)
        return;
    r->watched = false;
    ks_exchange_leave(&r->x);
    if (r->parked != PARK_DATA)
        return; /* the answer comes all the same, and finds the client gone */
    ks_pipe_break(r->download);
    ks_serve_resume(r);
}

/* While the library sleeps on a connection it sees no end of it. Where a vendor is waited for we are told;
 * the watch stays with the connection for its next request. Without memory for it nobody is told. */
static void watch_client(request *r, park what)
{
    const ks_route *route = r->x.rq.route;
    conn           *c = r->c;
    if ((what != PARK_ANSWER && what != PARK_DATA) || route == NULL || !(route->scope & KS_SCOPE_ACT) ||
        r->x.left)
        return;
    r->watched = true;
    if (c->leaving == NULL)
        c->leaving = ks_watch_add(r->l->o.app->loop, c->wire->fd, EPOLLRDHUP, client_left, c);
}

void ks_serve_park(request *r, park what)
{
    r->parked = what;
    watch_client(r, what);
    MHD_suspend_connection(r->c->mhd);
}

void ks_serve_resume(request *r)
{
    if (r->parked == PARK_NO || r->c == NULL)
        return;
    r->parked = PARK_NO;
    r->watched = false;
    r->since_us = ks_mono_us();
    r->l->run = true;
    MHD_resume_connection(r->c->mhd);
}

static void done(ks_exchange *x, void *arg)
{
    request *r = arg;
    r->ready = true;
    if (r->upload != NULL && x->rs.stream == NULL)
        ks_pipe_break(r->upload); /* whoever read it is done: what still comes is dropped */
    if (r->parked == PARK_ANSWER)
        ks_serve_resume(r);
}

static void space(void *arg)
{
    request *r = arg;
    if (r->parked == PARK_SPACE)
        ks_serve_resume(r);
}

/* ---- the end of a request ---- */

/* Let go of the pipes; who is on their other side sees a break unless all went through. */
static void drop_pipes(request *r)
{
    if (r->upload != NULL) {
        ks_pipe_on_space(r->upload, NULL, NULL);
        ks_pipe_break(r->upload);
    }
    if (r->download != NULL) {
        ks_pipe_on_data(r->download, NULL, NULL);
        if (!ks_pipe_ended(r->download))
            ks_pipe_break(r->download);
        ks_pipe_unref(r->download);
        r->download = NULL;
    }
}

void ks_serve_forget(request *r)
{
    conn *c = r->c;
    if (c != NULL && c->now == r)
        c->now = NULL;
    r->c = NULL;
    r->parked = PARK_NO;
    r->watched = false;
    drop_pipes(r);
    if (r->begun)
        ks_exchange_end(&r->x, r->sent); /* leads to put_back */
    else
        put_back(r);
}

void ks_serve_completed(void *cls, struct MHD_Connection *mhd, void **req,
                        enum MHD_RequestTerminationCode why)
{
    request *r = *req;
    (void)cls;
    (void)mhd;
    (void)why;
    *req = NULL;
    if (r != NULL)
        ks_serve_forget(r);
}

/* ---- the beginning ---- */

void *ks_serve_target(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    ks_listener                    *l = cls;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    conn                           *c = info != NULL ? info->socket_context : NULL;
    if (c == NULL)
        return NULL;
    if (c->now != NULL)
        ks_serve_forget(c->now);
    request *r = take(l, c);
    c->seq++;
    c->now = r;
    if (r == NULL)
        return NULL;
    r->begun = ks_exchange_begin(&r->x, l->o.app, r->arena, done, r);
    r->x.on_gone = gone;
    r->since_us = r->x.began_us;
    ks_str target = ks_copy(&r->x.cx, ks_str_of(uri));
    size_t mark = ks_str_chr(target, '?');
    r->x.rq.path = ks_str_sub(target, 0, mark);
    r->x.rq.query = mark == SIZE_MAX ? KS_S("") : ks_str_sub(target, mark + 1, SIZE_MAX);
    r->short_of_memory = target.p == NULL;
    return r;
}

static enum MHD_Result one_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                  const char *value, size_t value_n)
{
    request *r = cls;
    ks_req  *rq = &r->x.rq;
    (void)kind;
    if (rq->headers_n == r->pairs_room)
        return MHD_NO;
    ks_req_pair *p = &r->pairs[rq->headers_n++];
    *p = (ks_req_pair){ks_copy(&r->x.cx, (ks_str){name, name_n}),
                       ks_copy(&r->x.cx, (ks_str){value ? value : "", value_n})};
    r->short_of_memory |= p->name.p == NULL || p->value.p == NULL;
    return MHD_YES;
}

/* The peer as the proxy in front of us says: the last address of the last X-Forwarded-For. */
static ks_str forwarded(request *r, ks_str otherwise)
{
    ks_str  found = KS_NO_STR;
    char    text[INET6_ADDRSTRLEN];
    uint8_t bin[16];
    for (size_t i = 0; i < r->x.rq.headers_n; i++)
        if (ks_str_ieq(r->x.rq.headers[i].name, KS_S("x-forwarded-for")))
            found = r->x.rq.headers[i].value;
    for (size_t comma; (comma = ks_str_chr(found, ',')) != SIZE_MAX;)
        found = ks_str_sub(found, comma + 1, SIZE_MAX);
    found = ks_str_trim(found, " \t");
    if (found.n == 0 || found.n >= sizeof text)
        return otherwise;
    memcpy(text, found.p, found.n);
    text[found.n] = '\0';
    int family = inet_pton(AF_INET, text, bin) == 1    ? AF_INET
                 : inet_pton(AF_INET6, text, bin) == 1 ? AF_INET6
                                                       : 0;
    if (family == 0)
        return otherwise;
    ks_peer_text(family, bin, text);
    ks_str copy = ks_copy(&r->x.cx, ks_str_of(text));
    return copy.p != NULL ? copy : otherwise;
}

/* Count the connection under the forwarded address. False: that address has too many. */
static bool count_forwarded(request *r)
{
    conn *c = r->c;
    if (c->counted != NULL && ks_str_eq(ks_peer_address(c->counted), r->x.rq.peer))
        return true;
    ks_peers_drop(r->l->peers, c->counted);
    c->counted = ks_peers_add(r->l->peers, r->x.rq.peer);
    return c->counted != NULL;
}

static int64_t announced_body(const ks_req *rq)
{
    uint64_t n;
    if (ks_req_header(rq, "transfer-encoding").p != NULL)
        return -1;
    return ks_str_u64(ks_req_header(rq, "content-length"), &n) ? (int64_t)n : 0;
}

static void describe(request *r, const char *method)
{
    ks_req *rq = &r->x.rq;
    int     n = MHD_get_connection_values_n(r->c->mhd, MHD_HEADER_KIND, NULL, NULL);
    r->pairs_room = n < 0 ? 0 : (size_t)n;
    r->pairs = ks_alloc(&r->x.cx, (r->pairs_room + 1) * sizeof *r->pairs);
    rq->method = ks_copy(&r->x.cx, ks_str_of(method));
    rq->headers = r->pairs;
    r->short_of_memory |= r->pairs == NULL || rq->method.p == NULL;
    if (!r->short_of_memory)
        MHD_get_connection_values_n(r->c->mhd, MHD_HEADER_KIND, one_header, r);
    rq->body_size = announced_body(rq);
    rq->local = r->l->o.local;
    rq->peer = ks_str_of(r->c->peer);
    if (r->l->o.behind_proxy)
        rq->peer = forwarded(r, rq->peer);
}

static enum MHD_Result refuse(request *r, ks_status status, const char *message)
{
    ks_exchange_refuse(&r->x, status, message);
    r->close = true;
    return ks_serve_answer(r);
}

/* Streamed bodies: the handler runs now and reads while the client sends. */
static enum MHD_Result begin_stream(request *r)
{
    r->upload = ks_pipe_new();
    if (r->upload == NULL)
        return refuse(r, KS_NO_MEMORY, "The server is short of memory. Try again in a moment.");
    ks_pipe_on_space(r->upload, space, r);
    r->x.rq.body_pipe = r->upload;
    r->running = true;
    ks_exchange_run(&r->x);
    if (r->ready && r->x.rs.status >= 400)
        return ks_serve_answer(r);
    return MHD_YES;
}

static enum MHD_Result first_call(request *r, const char *method)
{
    ks_status   status;
    const char *message;
    describe(r, method);
    if (ks_wire_refused(r->c->wire, r->c->seq, &status, &message))
        return refuse(r, status, message);
    if (r->short_of_memory)
        return refuse(r, KS_NO_MEMORY, "The server is short of memory. Try again in a moment.");
    if (r->l->o.behind_proxy && !count_forwarded(r))
        return refuse(r, KS_RATE, "This address has too many connections open.");
    if (ks_exchange_headers(&r->x) != KS_OK)
        return ks_serve_answer(r);
    if ((r->x.rq.route->flags & KS_STREAM) && r->x.rq.body_size != 0)
        return begin_stream(r);
    return MHD_YES;
}

/* ---- body and answer ---- */

static void stream_data(request *r, const char *data, size_t *size)
{
    r->since_us = ks_mono_us();
    if (ks_pipe_broken(r->upload) || ks_pipe_write(r->upload, data, *size))
        *size = 0;
    else if (ks_pipe_broken(r->upload)) /* nobody reads it any more; the answer says why */
        *size = 0;
    else
        ks_serve_park(r, PARK_SPACE);
}

static void take_data(request *r, const char *data, size_t *size)
{
    if (r->upload != NULL) {
        stream_data(r, data, size);
        return;
    }
    if (!(r->x.rq.route->flags & KS_NO_BODY))
        ks_buf_put(&r->body, data, *size);
    *size = 0;
}

static enum MHD_Result last_call(request *r)
{
    if (r->upload != NULL)
        ks_pipe_close(r->upload);
    if (!r->running) {
        r->running = true;
        r->x.rq.body = ks_buf_view(&r->body);
        if (!ks_buf_ok(&r->body))
            return refuse(r, KS_NO_MEMORY, "The server is short of memory. Try again in a moment.");
        ks_exchange_run(&r->x);
    }
    if (r->ready)
        return ks_serve_answer(r);
    ks_serve_park(r, PARK_ANSWER);
    return MHD_YES;
}

enum MHD_Result ks_serve_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *data, size_t *size, void **req)
{
    request *r = *req;
    (void)cls;
    (void)mhd;
    (void)url;
    (void)version;
    if (r == NULL) /* no memory for even that: cut */
        return MHD_NO;
    if (r->x.rq.method.p == NULL)
        return first_call(r, method);
    if (*size > 0) {
        take_data(r, data, size);
        return MHD_YES;
    }
    return last_call(r);
}
