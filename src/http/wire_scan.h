/* http/wire_scan.h — reads the bytes a client sends and says how far they are one strict HTTP/1.1 request
 * after the other. Decides only: it keeps no bytes, changes none and knows no socket (http/wire.c does). RFC
 * 9112, rule T5. Threads: none shared. */
#pragma once
#include "base/limits.h"
#include "base/status.h"
#include "base/str.h"

#define KS_MAX_CHUNK_BYTES (16 * 1024 * 1024) /* one chunk of a chunked body */
#define KS_MAX_PAIRS       128                /* '&' in a target: libmicrohttpd keeps a struct for each */

typedef enum ks_scan_phase {
    KS_SCAN_IDLE, /* between requests: not one byte of the next has come */
    KS_SCAN_HEAD, /* inside a request line or header block */
    KS_SCAN_BODY  /* inside a body */
} ks_scan_phase;

/* Where one connection stands. Zeroed = at its first byte. Read status, message, heads; the rest is private.
 */
typedef struct ks_scan {
    ks_status   status;  /* KS_OK so far, else the verdict; final */
    const char *message; /* literal, what is wrong */
    uint64_t    heads;   /* header blocks accepted so far */

    uint8_t  state, kind, minor;
    bool     blank, empty, host, length, chunked, skipped;
    uint8_t  at;       /* place in a fixed text, or digits of a chunk size */
    uint8_t  name_n;   /* of name[] */
    char     name[20]; /* of the header line, lower case, cut */
    uint32_t head_n, target_n, headers_n, pairs_n;
    uint64_t left; /* of the body or chunk, bytes */
} ks_scan;

/* Judge the next bytes. Returns how many of them may be passed on: all up to the start of an unfinished or
 * bad header block. 0 < bytes passed on means that the header block kept back before is good too. After a
 * verdict nothing more is taken. */
size_t ks_scan_feed(ks_scan *s, ks_str bytes);

/* Where the connection stands now. After a verdict: where the fault was. */
ks_scan_phase ks_scan_where(const ks_scan *s);
