/* cli/cmd_doctor.c — is everything as it should be? One line a check: ok, warn or fail, with the remedy.
 * Changes nothing. */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/control.h"
#include "cli/output.h"

#define LOCK_WANTED (8 * 1024 * 1024) /* bytes of locked memory that suffice */

typedef enum level { OK, WARN, FAIL } level;

typedef struct report {
    ks_cli *c;
    int     failed;
    size_t  n;
} report;

static void say(report *r, level l, const char *what, const char *remedy)
{
    static const char *const words[] = {"ok", "warn", "fail"};
    ks_cli                  *c = r->c;
    r->failed += l == FAIL;
    if (ks_cli_has(c, "json")) {
        fprintf(c->out, "%s{\"level\":\"%s\",\"check\":\"%s\",\"remedy\":\"%s\"}", r->n++ ? "," : "",
                words[l], what, l == OK ? "" : remedy);
        return;
    }
    fprintf(c->out, "%-4s  %s\n", words[l], what);
    if (l != OK)
        fprintf(c->out, "      %s\n", remedy);
}

/* Checks without a key: reachable, ready, same version. */
static bool check_server(report *r)
{
    ks_cli  *c = r->c;
    ks_reply now;
    FILE    *err = c->err;
    c->err = fopen("/dev/null", "we"); /* the client's own words would come twice */
    if (c->err == NULL)
        c->err = err;
    bool there = ks_client_send(c, "GET", KS_S("/version"), NULL, &now) == KS_EXIT_OK && now.status == 200;
    if (c->err != err)
        fclose(c->err);
    c->err = err;
    say(r, there ? OK : FAIL, "the server answers",
        "Start it: keysteward serve. Elsewhere: --url or KEYSTEWARD_URL.");
    if (!there)
        return false;
    bool same = ks_str_eq(ks_member(c, now.json, "version"), KS_S(KS_VERSION));
    say(r, same ? OK : WARN, "server and command have one version",
        "Use the binary the server was started from.");
    bool ready = ks_client_send(c, "GET", KS_S("/ready"), NULL, &now) == KS_EXIT_OK && now.status == 200;
    say(r, ready ? OK : FAIL, "the server is ready: key loaded, store writable",
        "Look at its log; a full disk makes writes fail until there is room.");
    return true;
}

static void check_key(report *r, bool there)
{
    ks_reply now;
    bool     has = ks_client_has_key(r->c);
    say(r, has ? OK : WARN, "an API key is at hand",
        "Set KEYSTEWARD_API_KEY; make a key with: keysteward key create --project NAME");
    if (!has || !there)
        return;
    bool works = ks_client_send(r->c, "GET", KS_S("/v1/client/auth/client_info"), NULL, &now) == KS_EXIT_OK &&
                 now.status == 200;
    say(r, works ? OK : FAIL, "the API key works",
        "It is wrong, revoked or of another server: make a new one.");
}

static void check_data(report *r)
{
    struct stat dir, key;
    ks_str      data = ks_cli_data(r->c);
    ks_str      path = ks_fmt(&r->c->cx, KS_FMT "/root.key", KS_ARG(data));
    if (data.p == NULL || path.p == NULL || stat(data.p, &dir) != 0) {
        say(r, WARN, "the data folder is on this machine",
            "None yet, or the server runs elsewhere; --data names one.");
        return;
    }
    say(r, S_ISDIR(dir.st_mode) && (dir.st_mode & 077) == 0 ? OK : FAIL,
        "only its owner can open the data folder", "chmod 700 the data folder.");
    if (access(data.p, R_OK | X_OK) != 0)
        return;
    if (lstat(path.p, &key) != 0) {
        say(r, WARN, "the root key lies in the data folder",
            "Fine when --root-key names another place; otherwise put its copy back.");
        return;
    }
    say(r, S_ISREG(key.st_mode) && (key.st_mode & 0177) == 0 && key.st_size == 32 ? OK : FAIL,
        "the root key is a file of 32 bytes only its owner can read", "chmod 600 root.key; never edit it.");
}

static void check_host(report *r)
{
    struct rlimit lock, files;
    bool          enough = getrlimit(RLIMIT_MEMLOCK, &lock) == 0 && lock.rlim_cur >= LOCK_WANTED;
    say(r, enough ? OK : WARN, "enough memory may be locked for secrets",
        "Raise it: ulimit -l 8192, or LimitMEMLOCK=8M in the unit.");
    bool many = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max >= 1024;
    say(r, many ? OK : WARN, "enough descriptors for many clients",
        "Raise it: ulimit -Hn 65536, or LimitNOFILE=65536.");
    bool sane = ks_now_us() > (int64_t)1735689600 * 1000000; /* 2025-01-01: before this program was written */
    say(r, sane ? OK : FAIL, "the clock is set", "Set it: TLS and the life of keys depend on it.");
}

int ks_cmd_doctor(ks_cli *c)
{
    report r = {.c = c};
    if (ks_cli_has(c, "json"))
        fputs("{\"checks\":[", c->out);
    bool there = check_server(&r);
    check_key(&r, there);
    check_data(&r);
    check_host(&r);
    if (ks_cli_has(c, "json"))
        fputs("]}\n", c->out);
    return r.failed ? KS_EXIT_FAILED : KS_EXIT_OK;
}
