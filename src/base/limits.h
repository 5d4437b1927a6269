/* base/limits.h — every size a caller can choose, with its unit and its reason. Tests go to the limit and one
 * past. */
#pragma once

/* Inbound (rules H5, T5, T6; numbers repeated in docs/api.md "Limits"). */
#define KS_MAX_HEADER_BYTES   (16 * 1024)       /* request line and header fields together */
#define KS_MAX_TARGET_BYTES   (8 * 1024)        /* request target; longer is 414 */
#define KS_MAX_HEADERS        100               /* header lines in one request */
#define KS_MAX_PASSED_HEADERS (12 * 1024)       /* of a vendor's answer: with a request they fit one pool */
#define KS_MAX_BODY_BYTES     (1024 * 1024)     /* JSON bodies; streamed bodies have no limit */
#define KS_MAX_ACT_BODY_BYTES (8 * 1024 * 1024) /* the same where arguments may hold files in base64 */
#define KS_MAX_FILE_BYTES     (5 * 1024 * 1024) /* one file of an argument or proxied body, decoded */
#define KS_INLINE_BODY_BYTES  (16 * 1024)       /* larger bodies are parsed by a worker, not in the loop */
#define KS_MAX_JSON_DEPTH     64                /* nested arrays and objects */
#define KS_HEADER_DEADLINE_MS 10000             /* accept (or first byte) to the end of the headers */
#define KS_BODY_DEADLINE_MS   30000             /* end of headers to end of body */
#define KS_IDLE_MS            60000             /* keep-alive connection without a request */
#define KS_MAX_CONNS          4096              /* per loop */
#define KS_MAX_CONNS_PER_ADDR 256               /* not counted on loopback unless --behind-proxy */
#define KS_BAD_KEYS_PER_MIN   10                /* per address, then 429 */

/* One request's memory. */
#define KS_ARENA_FIRST (16 * 1024) /* first block: holds a whole common request, its headers included */
#define KS_ARENA_MAX   (64 * 1024 * 1024) /* an answer of 10 MiB with its escapes still fits */

/* Credentials (rule T1) and names. */
#define KS_MAX_SECRET      (8 * 1024)  /* one header-bound value, bytes */
#define KS_MAX_SECRET_TEXT (64 * 1024) /* PEM, service-account JSON, bytes */
#define KS_MAX_FIELDS      32          /* values of one credential */
#define KS_MAX_ENTITY      1024        /* entity id, bytes of UTF-8 */
#define KS_MAX_NAME        256         /* names of projects, integrations, keys; bytes */
#define KS_MAX_CALL_WHAT   200         /* method and path in the log of calls, bytes */
#define KS_MAX_LABELS      32          /* per connection */
#define KS_MAX_LABEL       128         /* bytes */
#define KS_MASK_MIN        16          /* shorter secrets show nothing at all (rule S4) */
#define KS_MASK_SHOWN      4           /* characters shown of a longer one */

/* Files uploaded for arguments of actions (docs/api.md FILE-1 to FILE-4). */
#define KS_FILE_LIFE_S     86400              /* then they are gone */
#define KS_FILE_PUT_S      3600               /* so long the address for the bytes works */
#define KS_MAX_FILES       1000               /* announced or there, of a project */
#define KS_MAX_FILES_BYTES (64 * 1024 * 1024) /* of all files of a project */

/* Connect links (rule K4). */
#define KS_LINK_LIFE_S     900   /* by default */
#define KS_LINK_MAX_LIFE_S 86400 /* a day */
#define KS_LINK_CHAIN      4 /* links that may follow the first one, each of KS_LINK_LIFE_S: an hour together */
#define KS_LINK_TRIES      10   /* submissions a link: nobody tests a list of keys with it */
#define KS_LINK_TRIES_MIN  5    /* and in a minute */
#define KS_MAX_RETURN_URL  2048 /* bytes */
#define KS_MAX_ORIGINS     8    /* that may show a link in a frame; all stand in a header */

/* Outbound (rule N7). */
#define KS_UP_CONNECT_MS  5000
#define KS_UP_SILENCE_S   15  /* an answer of which nothing comes for so long is given up */
#define KS_UP_EVENTS_S    300 /* the same for text/event-stream, which is silent while nothing happens */
#define KS_UP_TOTAL_MS    30000
#define KS_UP_VERIFY_MS   3000               /* the check at connect */
#define KS_UP_MAX_ANSWER  (10 * 1024 * 1024) /* decoded bytes, collected answers */
#define KS_UP_MAX_HEADERS (64 * 1024)
#define KS_UP_MAX_LINES   200
#define KS_UP_MAX_RATIO   100  /* decoded : received */
#define KS_UP_MAX_WAIT_S  10   /* longest wait for a vendor that asks for it, by default */
#define KS_UP_HOLD_S      3600 /* longest time a vendor's word keeps a connection from being tried again */
#define KS_UP_RETRIES     2    /* further attempts of what may be sent again */
#define KS_UP_PER_PROJECT 64   /* calls in flight */
#define KS_UP_PER_LOOP    512

#define KS_MAX_KEPT_ANSWER (1024 * 1024) /* answer of a vendor kept for an Idempotency-Key, bytes */
/* Databases (docs/databases.md). */
#define KS_DB_CONNECT_MS  10000 /* name, TCP, TLS, login and set-up together */
#define KS_DB_RUN_MS      30000 /* one statement; the default of --statement-seconds */
#define KS_DB_MAX_ROWS    10000 /* of one result */
#define KS_DB_WORKERS     16    /* statements at the same time */
#define KS_DB_SPARE       4     /* of them, kept for projects that run nothing just now */
#define KS_DB_PER_PROJECT 8     /* of one project at the same time */
#define KS_DB_WAITING     16    /* of one project, for their turn; full is 503 */
#define KS_DB_QUEUE       512   /* of all projects */
#define KS_DB_NAMES       64    /* names being looked up, those included that nobody waits for any more */
#define KS_DB_POOLED      64    /* connections at rest */
#define KS_DB_IDLE_S      60    /* then they are closed */

#define KS_MAX_DETAILS 8 /* fields named by one error */

/* Queues. */
#define KS_WRITE_QUEUE  4096 /* changes waiting for the writer; full is 503 */
#define KS_WRITE_BATCH  64   /* changes in one transaction */
#define KS_WORKER_QUEUE 256
#define KS_WORKERS      8
