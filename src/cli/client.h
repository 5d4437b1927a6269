/* cli/client.h — talk to a running server over the program's own door out (upstream/send.h): https is
 * verified, plain http goes to loopback alone. The API key comes from KEYSTEWARD_API_KEY or --key-file, never
 * from the command line. Threads: one. */
#pragma once
#include "cli/cli.h"
#include "upstream/call.h"

/* An answer of the server. */
typedef struct ks_reply {
    int      status;
    ks_str   body;
    ks_json *json; /* NULL when the body is no JSON */
} ks_reply;

/* A JSON body in the making: text and secrets in turn. Failures stick. */
typedef struct ks_payload {
    ks_ctx  *cx;
    ks_text  text;
    size_t   room;
    bool     failed;
    unsigned members; /* of the object being written */
} ks_payload;

/* An empty body; its buffer lives in the arena of `cx`. Failures stick in it. */
ks_payload ks_payload_new(ks_ctx *cx);
void       ks_payload_raw(ks_payload *b, ks_str json);  /* as it stands; must outlive the call */
void       ks_payload_name(ks_payload *b, ks_str name); /* comma, quoted name, colon */
void       ks_payload_str(ks_payload *b, const char *name, ks_str s); /* a member; absent text is left out */
void       ks_payload_secret(ks_payload *b, ks_str name, const ks_secret *s);
void       ks_payload_open(ks_payload *b, const char *name); /* an object: as a member, or NULL at the top */
void       ks_payload_close(ks_payload *b);

/* A path with its arguments: "%s" of `fmt` are ks_str values, percent-encoded. Absent when memory is short.
 */
ks_str ks_path(ks_ctx *cx, const char *fmt, const ks_str *values, size_t n);
#define KS_PATH(cx, fmt, ...)                                                                                \
    ks_path(cx, fmt, (const ks_str[]){__VA_ARGS__}, sizeof((const ks_str[]){__VA_ARGS__}) / sizeof(ks_str))

/* Send and wait. KS_EXIT_OK with any answer in *out; else it has said what is wrong. `body` NULL: none. */
int ks_client_send(ks_cli *c, const char *method, ks_str path, const ks_payload *body, ks_reply *out);

/* The same, and an answer of 400 and more is said in words: its exit code. */
int ks_client_ask(ks_cli *c, const char *method, ks_str path, const ks_payload *body, ks_reply *out);

/* Say what an answer of 400 and more means; its exit code. */
int ks_client_say(ks_cli *c, const ks_reply *r);

/* The server's address as the user gave it. */
ks_str ks_client_url(const ks_cli *c);

/* Is there an API key at hand? (doctor) */
bool ks_client_has_key(const ks_cli *c);

void ks_client_free(ks_client *cl); /* NULL is fine */
