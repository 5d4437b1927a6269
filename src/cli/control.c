/* cli/control.c — see control.h. */
#include "cli/control.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/config.h"
#include "server/sockets.h"

#define ANSWER_MAX (1024 * 1024)
#define WAIT_S     60

ks_str ks_cli_data(ks_cli *c)
{
    ks_str      given = ks_cli_option(c, "data");
    const char *env = getenv("KEYSTEWARD_DATA");
    return given.p ? ks_copy(&c->cx, given) : env && env[0] ? ks_str_of(env) : ks_default_data(&c->cx);
}

static ks_status dial(ks_cli *c, ks_str data, int *out)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct timeval     wait = {.tv_sec = WAIT_S};
    ks_str             path = ks_control_path(&c->cx, data);
    if (path.p == NULL || path.n >= sizeof to.sun_path)
        return ks_fail(&c->cx, KS_NOT_FOUND, "data", "There is no data folder of this name.");
    memcpy(to.sun_path, path.p, path.n);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return ks_fail(&c->cx, KS_STORE, NULL, "No descriptor is free.");
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        bool nobody = errno == ENOENT || errno == ECONNREFUSED;
        close(fd);
        if (nobody)
            return ks_fail(&c->cx, KS_NOT_FOUND, NULL, "No server runs on this data folder.");
        return ks_fail(&c->cx, KS_STORE, "data",
                       "The server's control socket cannot be opened: only the user who runs it may.");
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    *out = fd;
    return KS_OK;
}

static bool send_all(int fd, ks_str s)
{
    while (s.n > 0) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        s = ks_str_sub(s, (size_t)n, s.n);
    }
    return true;
}

/* Everything up to the end of the connection, which the request asked for. */
static bool read_all(int fd, ks_buf *b)
{
    for (;;) {
        char   *p = ks_buf_reserve(b, 4096);
        ssize_t n = p ? recv(fd, p, 4096, 0) : -1;
        if (n <= 0)
            return n == 0;
        b->n += (size_t)n;
    }
}

/* "HTTP/1.1 200 OK", header lines, a blank line, the body by Content-Length (the server sends no chunks
 * here). */
static bool parse_answer(ks_str text, ks_reply *out)
{
    uint64_t status;
    size_t   end = ks_str_find(text, KS_S("\r\n\r\n"));
    if (end == SIZE_MAX || !ks_str_starts(text, KS_S("HTTP/1.1 ")) ||
        !ks_str_u64(ks_str_sub(text, 9, 3), &status))
        return false;
    out->status = (int)status;
    out->body = ks_str_sub(text, end + 4, text.n);
    return true;
}

ks_status ks_control_send(ks_cli *c, ks_str data, const char *method, ks_str path, ks_str body, ks_reply *out)
{
    int     fd = -1;
    ks_buf *answer = ks_ctx_buf(&c->cx, ANSWER_MAX);
    ks_str  head = ks_fmt(&c->cx,
                          "%s " KS_FMT " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s"
                           "Content-Length: %zu\r\n\r\n",
                          method, KS_ARG(path), body.p ? "Content-Type: application/json\r\n" : "", body.n);
    if (answer == NULL || head.p == NULL || path.p == NULL)
        return ks_no_memory(&c->cx);
    KS_TRY(dial(c, data, &fd));
    bool ok = send_all(fd, head) && send_all(fd, body) && read_all(fd, answer);
    close(fd);
    *out = (ks_reply){0};
    if (!ok || !parse_answer(ks_buf_view(answer), out))
        return ks_fail(&c->cx, KS_STORE, NULL, "The running server gave no proper answer; see its log.");
    if (ks_json_parse(&c->cx, out->body, &out->json) != KS_OK)
        out->json = NULL;
    return KS_OK;
}
