/* cli/input.c — see input.h. The terminal's echo is switched off with termios(3) and back on in every case.
 */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/output.h"

/* All of a descriptor, at most KS_INPUT_MAX. Memory that held it is wiped as it moves. */
static bool read_all(int fd, ks_buf *b)
{
    for (;;) {
        char   *p = ks_buf_reserve(b, 8192);
        ssize_t n = p ? read(fd, p, 8192) : -1;
        if (n <= 0)
            return n == 0;
        b->n += (size_t)n;
    }
}

static bool read_value(ks_cli *c, ks_str value, ks_buf *b)
{
    if (ks_str_eq(value, KS_S("-")))
        return read_all(0, b) ||
               (ks_cli_fail(c, 0, "Standard input cannot be read, or is over 1 MiB."), false);
    ks_str path = ks_copy(&c->cx, ks_str_sub(value, 1, value.n));
    int    fd = path.p ? open(path.p, O_RDONLY | O_CLOEXEC) : -1;
    bool   ok = fd >= 0 && read_all(fd, b);
    if (fd >= 0)
        close(fd);
    return ok || (ks_cli_fail(c, 0, "The file behind @ cannot be read, or is over 1 MiB."), false);
}

ks_str ks_input_fd(ks_ctx *cx, int fd, size_t max)
{
    struct stat st;
    size_t      n = 0, room = max + 1; /* one more shows what is too large */
    if (fd < 0)
        return KS_NO_STR;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size < max)
        room = (size_t)st.st_size + 1;
    char   *text = ks_alloc(cx, room + 1);
    ssize_t got = text != NULL ? 1 : -1;
    while (got > 0 && n < room) {
        got = read(fd, text + n, room - n);
        n += got > 0 ? (size_t)got : 0;
        if (got < 0 && errno == EINTR)
            got = 1;
    }
    if (got < 0 || (n == room && n <= max)) /* the file grew meanwhile */
        return KS_NO_STR;
    text[n] = '\0';
    return (ks_str){text, n};
}

static bool is_reference(ks_str value)
{
    return ks_str_starts(value, KS_S("@")) || ks_str_eq(value, KS_S("-"));
}

ks_str ks_input_text(ks_cli *c, ks_str value)
{
    if (!is_reference(value))
        return value;
    ks_buf *b = ks_ctx_buf(&c->cx, KS_INPUT_MAX);
    return b != NULL && read_value(c, value, b) ? ks_buf_view(b) : KS_NO_STR;
}

ks_secret *ks_input_secret(ks_cli *c, ks_str value)
{
    ks_secret *s = NULL;
    ks_buf     b = ks_buf_new(KS_INPUT_MAX);
    bool       ok = !is_reference(value) || read_value(c, value, &b);
    ks_str     text = ks_secret_trim(is_reference(value) ? ks_buf_view(&b) : value);
    if (ok && ks_secret_new(&c->cx, text.p, text.n, &s) != KS_OK) {
        ks_cli_fail(c, 0, "The value is too large.");
        s = NULL;
    }
    ks_buf_done(&b);
    return s;
}

/* Ctrl-C at a hidden prompt: end the reading, so that the terminal is put right before the program ends. */
static void interrupted(int signal_number)
{
    (void)signal_number;
}

ks_secret *ks_input_prompt(ks_cli *c, ks_str label, ks_str help, bool hidden)
{
    struct termios was, now;
    char           line[4096];
    ks_secret     *s = NULL;
    bool           quiet = hidden && tcgetattr(0, &was) == 0;
    if (help.n > 0) {
        fputs("  ", c->err);
        ks_put(c->err, help);
        putc('\n', c->err);
    }
    ks_put(c->err, label);
    fputs(": ", c->err);
    fflush(c->err);
    if (quiet) {
        now = was;
        now.c_lflag &= ~(tcflag_t)ECHO;
        now.c_lflag |= ECHONL;
        sigaction(SIGINT, &(struct sigaction){.sa_handler = interrupted}, NULL); /* no SA_RESTART */
        quiet = tcsetattr(0, TCSAFLUSH, &now) == 0;
    }
    ssize_t n = hidden && !quiet ? -1 : read(0, line, sizeof line);
    bool    stop = n < 0 && errno == EINTR;
    if (quiet)
        tcsetattr(0, TCSAFLUSH, &was);
    signal(SIGINT, SIG_DFL);
    if (stop) {
        putc('\n', c->err);
        raise(SIGINT);
    }
    if (n > 0) {
        ks_str text = ks_secret_trim((ks_str){line, (size_t)n});
        if (text.n > 0 && ks_secret_new(&c->cx, text.p, text.n, &s) != KS_OK)
            s = NULL;
    }
    explicit_bzero(line, sizeof line);
    return s;
}

bool ks_input_confirm(ks_cli *c, const char *question)
{
    char    line[16];
    ssize_t n;
    if (ks_cli_has(c, "yes"))
        return true;
    if (!c->tty_in) {
        ks_cli_fail(c, 0, "Nobody to ask: give --yes.");
        return false;
    }
    fprintf(c->err, "%s [y/N] ", question);
    fflush(c->err);
    n = read(0, line, sizeof line);
    return n > 0 && (line[0] == 'y' || line[0] == 'Y');
}
