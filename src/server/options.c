/* server/options.c — the table of settings. `serve --help`, the man page, completion, environment names and
 * the file's names all come from it. No code beside the table. */
#include "server/config.h"

#define AT(member) offsetof(ks_config, member)

const ks_option ks_options[] = {
    {.flag = {"config", "FILE", "Read settings from this YAML file; names as the flags, with '_' for '-'."},
     .kind = KS_OPT_TEXT,
     .offset = AT(config),
     .fallback = NULL},
    {.flag =
         {"listen", "HOST:PORT",
          "Address to listen on, or unix:PATH. Plain HTTP only on loopback or a unix socket; elsewhere give "
          "--tls-cert and --tls-key, or --behind-proxy."},
     .kind = KS_OPT_TEXT,
     .offset = AT(listen),
     .fallback = "127.0.0.1:9899"},
    {.flag = {"data", "DIR",
              "Data folder, made at the first start: database, root key, control socket. Default: "
              "~/.local/share/keysteward, for root /var/lib/keysteward."},
     .kind = KS_OPT_TEXT,
     .offset = AT(data)},
    {.flag =
         {"root-key", "FILE",
          "File of the root key: 32 bytes, mode 0600, ours. Made at the first start, never again. A systemd "
          "credential root.key and, with a warning, 64 hex digits in KEYSTEWARD_ROOT_KEY_HEX are taken, too. "
          "Default: "
          "DIR/root.key."},
     .kind = KS_OPT_TEXT,
     .offset = AT(root_key)},
    {.flag = {"root-key-fd", "N", "Read the root key from this descriptor instead; it is closed afterwards."},
     .kind = KS_OPT_NUMBER,
     .offset = AT(root_key_fd),
     .fallback = "-1",
     .min = -1,
     .max = 1 << 20},
    {.flag = {"tls-cert", "FILE", "Certificate chain (PEM) for HTTPS."},
     .kind = KS_OPT_TEXT,
     .offset = AT(tls_cert)},
    {.flag = {"tls-key", "FILE", "Private key (PEM) for HTTPS."}, .kind = KS_OPT_TEXT, .offset = AT(tls_key)},
    {.flag =
         {"behind-proxy", NULL,
          "A proxy in front ends TLS: plain HTTP is accepted on any address, and the last X-Forwarded-For "
          "address "
          "counts as the client's."},
     .kind = KS_OPT_SWITCH,
     .offset = AT(behind_proxy),
     .relaxes = true},
    {.flag = {"public-url", "URL", "How clients reach this server, for links it hands out."},
     .kind = KS_OPT_TEXT,
     .offset = AT(public_url)},
    {.flag = {"apps", "DIR",
              "Add the app files of this folder to the catalogue; they replace built-in ones of the same "
              "key."},
     .kind = KS_OPT_TEXT,
     .offset = AT(apps)},
    {.flag = {"verify", "MODE",
              "Ask the vendor about a credential before it is kept, where the integration says nothing: on, "
              "off, or "
              "required (a vendor that cannot be reached refuses too)."},
     .kind = KS_OPT_CHOICE,
     .offset = AT(verify),
     .fallback = "on",
     .choices = "on|off|required",
     .relaxes = true},
    {.flag = {"ambiguous", "MODE",
              "When an action names no connection and there are several: newest takes the newest, refuse "
              "answers 400 "
              "with the list."},
     .kind = KS_OPT_CHOICE,
     .offset = AT(ambiguous),
     .fallback = "newest",
     .choices = "newest|refuse"},
    {.flag = {"ghost", NULL,
              "Simulate every vendor on loopback: nothing leaves this machine. Any credential is good but "
              "one that "
              "holds the word wrong."},
     .kind = KS_OPT_SWITCH,
     .offset = AT(ghost),
     .relaxes = true},
    {.flag = {"allow-private", "ADDRESS",
              "Admit this private or loopback address as a vendor, with plain HTTP if its URL says so: "
              "IP:PORT or a "
              "CIDR range. May be repeated."},
     .kind = KS_OPT_LIST,
     .offset = AT(allow_private),
     .relaxes = true},
    {.flag = {"ca-file", "FILE", "Certificate authorities (PEM) for vendors instead of the system's."},
     .kind = KS_OPT_TEXT,
     .offset = AT(ca_file)},
    {.flag =
         {"audit-uses", "MODE",
          "When the record of a use must be on disk: batched (within 1 s) or strict (before the answer)."},
     .kind = KS_OPT_CHOICE,
     .offset = AT(audit_uses),
     .fallback = "batched",
     .choices = "batched|strict"},
    {.flag = {"calls-keep", "DAYS", "How long a line of the log of calls is kept; 0: there is no such log."},
     .kind = KS_OPT_NUMBER,
     .offset = AT(calls_keep),
     .fallback = "30",
     .min = 0,
     .max = 3650},
    {.flag = {"require-mlock", NULL, "Refuse to start when memory for secrets cannot be locked."},
     .kind = KS_OPT_SWITCH,
     .offset = AT(require_mlock)},
    {.flag = {"threads", "N", "Event loops; 0 is one for each core."},
     .kind = KS_OPT_NUMBER,
     .offset = AT(threads),
     .fallback = "0",
     .min = 0,
     .max = 64},
    {.flag = {"max-connections", "N", "Client connections in one event loop; 0 is the built-in limit."},
     .kind = KS_OPT_NUMBER,
     .offset = AT(max_connections),
     .fallback = "0",
     .min = 0,
     .max = 65536},
    {.flag = {"calls-per-project", "N",
              "Calls of one project under way in one event loop; a further one is answered 503."},
     .kind = KS_OPT_NUMBER,
     .offset = AT(calls_per_project),
     .fallback = "64",
     .min = 1,
     .max = 65536},
    {.flag = {"calls-per-loop", "N",
              "Calls of all projects under way in one event loop. Each holds memory: docs/limits.md."},
     .kind = KS_OPT_NUMBER,
     .offset = AT(calls_per_loop),
     .fallback = "512",
     .min = 1,
     .max = 65536},
    {.flag = {"max-wait", "SECONDS",
              "Longest time a call waits for a vendor that asks for a pause; 0: never. A call's own header "
              "ks-max-wait goes first."},
     .kind = KS_OPT_NUMBER,
     .offset = AT(max_wait),
     .fallback = "10",
     .min = 0,
     .max = 60},
    {.flag = {"statement-seconds", "SECONDS", "Longest time a statement may take in a database."},
     .kind = KS_OPT_NUMBER,
     .offset = AT(statement_seconds),
     .fallback = "30",
     .min = 1,
     .max = 300},
    {.flag = {"access-log", NULL, "One log line for each request; --no-access-log turns it off."},
     .kind = KS_OPT_SWITCH,
     .offset = AT(access_log),
     .fallback = "true"},
    {.flag = {"log-level", "LEVEL", "Least level that is logged: debug, info, warn or error."},
     .kind = KS_OPT_CHOICE,
     .offset = AT(log_level),
     .fallback = "info",
     .choices = "debug|info|warn|error"},
};

const size_t ks_options_n = KS_COUNT(ks_options);
