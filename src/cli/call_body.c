/* cli/call_body.c — bodies as curl's options describe them: pieces joined by '&', files as they are, and
 * forms of parts (RFC 7578). Reads files whole only where their line breaks go; sends nothing. Threads: one.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/enc.h"
#include "cli/call.h"
#include "cli/input.h"

#define TEXT_MAX ((size_t)16 * 1024 * 1024) /* bytes of a piece that is read whole */

static bool add(ks_body *b, ks_part part)
{
    if (b->n == KS_PARTS || (part.fd < 0 && part.text.p == NULL)) {
        if (part.fd > 0)
            close(part.fd);
        ks_cli_fail(b->c, 0, "The body has too many pieces.");
        return false;
    }
    b->parts[b->n++] = part;
    b->given = true;
    return true;
}

static bool add_text(ks_body *b, ks_str text)
{
    return add(b, (ks_part){.text = text, .fd = -1, .size = (int64_t)text.n});
}

/* Open a file, or standard input for "-". -1: said. */
static int open_input(ks_cli *c, ks_str name)
{
    ks_str z = ks_copy(&c->cx, name);
    int    fd = ks_str_eq(name, KS_S("-")) ? 0 : z.p ? open(z.p, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        ks_cli_fail(c, 0, "A file of the body cannot be read.");
    return fd;
}

static ks_str read_whole(ks_cli *c, ks_str name)
{
    int    fd = open_input(c, name);
    ks_str text = ks_input_fd(&c->cx, fd, TEXT_MAX);
    if (fd > 0)
        close(fd);
    if (fd >= 0 && (text.p == NULL || text.n > TEXT_MAX)) {
        ks_cli_fail(c, 0, "A piece of the body cannot be read, or is over 16 MiB; send it with -T.");
        return KS_NO_STR;
    }
    return text;
}

static ks_str without_breaks(ks_cli *c, ks_str text)
{
    ks_buf *b = text.p != NULL ? ks_ctx_buf(&c->cx, text.n + 1) : NULL;
    if (b == NULL)
        return KS_NO_STR;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\r' && text.p[i] != '\n')
            ks_buf_c(b, text.p[i]);
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

ks_str ks_body_text(ks_cli *c, ks_str value)
{
    if (ks_str_starts(value, KS_S("@")))
        return without_breaks(c, read_whole(c, ks_str_sub(value, 1, SIZE_MAX)));
    return ks_str_eq(value, KS_S("-")) ? without_breaks(c, read_whole(c, value)) : value;
}

ks_str ks_body_encoded(ks_cli *c, ks_str value)
{
    size_t  at = 0;
    ks_buf *b = ks_ctx_buf(&c->cx, 3 * TEXT_MAX);
    while (at < value.n && value.p[at] != '=' && value.p[at] != '@')
        at++;
    bool   file = at < value.n && value.p[at] == '@';
    ks_str name = at < value.n ? ks_str_sub(value, 0, at) : KS_S("");
    ks_str text = at < value.n ? ks_str_sub(value, at + 1, SIZE_MAX) : value;
    if (file)
        text = read_whole(c, text);
    if (b == NULL || text.p == NULL)
        return KS_NO_STR;
    ks_buf_str(b, name);
    ks_buf_z(b, name.n ? "=" : "");
    ks_enc_percent(b, text);
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

bool ks_body_data(ks_body *b, ks_str text, bool json)
{
    if (text.p == NULL)
        return false;
    if (b->given && !json && !add_text(b, KS_S("&")))
        return false;
    b->type = json ? KS_S("application/json") : KS_S("application/x-www-form-urlencoded");
    return add_text(b, text);
}

bool ks_body_file(ks_body *b, ks_str name)
{
    struct stat st;
    int         fd = open_input(b->c, name);
    int64_t     size = -1;
    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        size = at >= 0 && at <= st.st_size ? st.st_size - at : -1;
    }
    return add(b, (ks_part){.fd = fd, .size = size});
}

/* ---- forms of parts ---- */

/* A file's options behind its name: ";type=…" and ";filename=…". */
static void take_options(ks_str *file, ks_str *type, ks_str *shown)
{
    ks_str rest = *file, one;
    size_t slash = SIZE_MAX;
    ks_str_cut(&rest, ';', file);
    *shown = *file;
    while ((slash = ks_str_chr(*shown, '/')) != SIZE_MAX)
        *shown = ks_str_sub(*shown, slash + 1, SIZE_MAX);
    while (ks_str_cut(&rest, ';', &one)) {
        if (ks_str_starts(one, KS_S("type=")))
            *type = ks_str_sub(one, 5, SIZE_MAX);
        else if (ks_str_starts(one, KS_S("filename=")))
            *shown = ks_str_sub(one, 9, SIZE_MAX);
    }
}

/* A name within quotes, as browsers write it (WHATWG form submission). */
static void put_name(ks_buf *head, ks_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '"' || c == '\r' || c == '\n')
            ks_buf_z(head, c == '"' ? "%22" : c == '\r' ? "%0D" : "%0A");
        else
            ks_buf_c(head, c);
    }
}

static bool part_head(ks_body *b, ks_str boundary, ks_str name, ks_str shown, ks_str type)
{
    ks_buf *head = ks_ctx_buf(&b->c->cx, 16384);
    if (head == NULL)
        return false;
    ks_buf_fmt(head, "%s--" KS_FMT "\r\nContent-Disposition: form-data; name=\"", b->n ? "\r\n" : "",
               KS_ARG(boundary));
    put_name(head, name);
    ks_buf_c(head, '"');
    if (shown.p != NULL) {
        ks_buf_z(head, "; filename=\"");
        put_name(head, shown);
        ks_buf_c(head, '"');
    }
    if (type.p != NULL)
        ks_buf_fmt(head, "\r\nContent-Type: " KS_FMT, KS_ARG(type));
    ks_buf_z(head, "\r\n\r\n");
    if (ks_buf_ok(head))
        return add_text(b, ks_buf_view(head));
    ks_cli_fail(b->c, 0, "The name of a part is too long.");
    return false;
}

bool ks_body_part(ks_body *b, ks_str boundary, ks_str value)
{
    ks_str shown = KS_NO_STR, type = KS_NO_STR;
    if (value.p == NULL)
        return add_text(b, ks_fmt(&b->c->cx, "\r\n--" KS_FMT "--\r\n", KS_ARG(boundary)));
    size_t eq = ks_str_chr(value, '=');
    ks_str name = ks_str_sub(value, 0, eq), text = ks_str_sub(value, eq, SIZE_MAX);
    if (eq == SIZE_MAX || eq == 0) {
        ks_cli_fail(b->c, 0, "-F wants NAME=TEXT, NAME=@FILE or NAME=<FILE.");
        return false;
    }
    text = ks_str_sub(text, 1, SIZE_MAX);
    bool file = ks_str_starts(text, KS_S("@")), read = file || ks_str_starts(text, KS_S("<"));
    if (!read)
        return part_head(b, boundary, name, shown, type) && add_text(b, text);
    text = ks_str_sub(text, 1, SIZE_MAX);
    take_options(&text, &type, &shown);
    if (file && type.p == NULL)
        type = KS_S("application/octet-stream");
    return part_head(b, boundary, name, file ? shown : KS_NO_STR, type) && ks_body_file(b, text);
}

/* ---- the whole ---- */

int64_t ks_body_size(const ks_body *b)
{
    int64_t all = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (b->parts[i].size < 0)
            return -1;
        all += b->parts[i].size;
    }
    return all;
}

void ks_body_close(ks_body *b)
{
    for (size_t i = 0; i < b->n; i++) {
        if (b->parts[i].fd > 0)
            close(b->parts[i].fd);
        b->parts[i].fd = -1;
    }
}
