/* features/apps/app.h — what the catalogue says of an app. Built-in apps are read from
 * the image that tools/catalogc.c makes at build time; apps read at run time (--apps) become the same
 * structs. A member that is added here gets a line in app_image_shape.c. Format: docs/formats.md "App files".
 * Immutable; threads: any. */
#pragma once
#include "base/str.h"

/* Templates hold "{{name}}" for a value of the connection; `${...}` has no meaning. One pass, never scanned
 * again (rule T2). */

typedef struct ks_list {
    const ks_str *at;
    size_t        n;
} ks_list;

typedef enum ks_app_kind {
    KS_APP_TEXT,  /* free text bound for a header, query, path or Basic */
    KS_APP_UTF8,  /* the same, UTF-8 allowed */
    KS_APP_BLOB,  /* PEM or JSON (`text` in the file), never put into a header as it is */
    KS_APP_LABEL, /* one host label: subdomain, region, shop (rule T3) */
    KS_APP_URL,   /* a whole base URL, judged at save and at use */
    KS_APP_HOST,  /* a host name without scheme, judged likewise */
    KS_APP_CHOICE /* one of `values` */
} ks_app_kind;

typedef struct ks_app_field {
    ks_str      name, label, help, example;
    ks_str      pattern;        /* POSIX extended expression; a miss warns, never rejects */
    ks_str      fallback;       /* default value; absent: none */
    ks_str      prefix, suffix; /* shown around the input, not part of the value */
    ks_list     aliases, values;
    ks_app_kind kind;
    bool        secret;
    bool        required;  /* at connect */
    bool        to_act;    /* optional at connect, but without it no call can be made and no check */
    bool        developer; /* asked of the developer when making the integration, not of the user */
} ks_app_field;

/* A header, query member or body member; left out when its template uses an optional field that has no value.
 */
typedef struct ks_app_put {
    ks_str name, value; /* value: template */
} ks_app_put;

typedef struct ks_app_puts {
    const ks_app_put *at;
    size_t            n;
} ks_app_puts;

/* One answer of the check, matched in order. */
typedef struct ks_app_answer {
    int    status;         /* 0: any */
    ks_str pointer, value; /* RFC 6901 into a JSON answer, and the scalar it must hold; absent: status alone
                              decides. value "*": anything but null or missing */
    ks_str cause;          /* bad, limited: our words for the person, one sentence */
} ks_app_answer;

typedef struct ks_app_answers {
    const ks_app_answer *at;
    size_t               n;
} ks_app_answers;

typedef struct ks_app_check {
    ks_str         method; /* absent: the app has no check (uncheckable) */
    ks_str         path;   /* template, may hold a query; or a whole https URL on `hosts` */
    ks_app_puts    headers;
    ks_str         body; /* JSON template, or absent */
    ks_app_answers good, limited, bad;
    bool           trusted; /* two independent sources agree, or seen working: only then may it refuse
                               (docs/adding-an-app.md) */
    struct {
        ks_str id, name, email, account, plan; /* RFC 6901 into the good answer; absent: not there */
    } identity;
} ks_app_check;

typedef struct ks_app_scheme {
    ks_str              scheme; /* API_KEY, BEARER_TOKEN, BASIC, ... (docs/glossary.md) */
    const ks_app_field *fields;
    size_t              fields_n;
    ks_str              base; /* template of the base URL, no final '/' */
    ks_list hosts; /* where the credential may go: exact or "*.example.com"; empty with a url or host field:
                      its own host */
    ks_app_puts  headers, query, body;       /* body: members added to a JSON or form body */
    ks_str       basic_user, basic_password; /* templates; both absent: no Basic */
    ks_app_check check;
    ks_str       find_url;   /* where the person finds the key; absent: "none" was declared */
    ks_list      find_steps; /* one sentence each */
} ks_app_scheme;

typedef enum ks_param_in { KS_IN_PATH, KS_IN_QUERY, KS_IN_HEADER, KS_IN_BODY, KS_IN_FORM } ks_param_in;
typedef enum ks_param_type {
    KS_T_STRING,
    KS_T_INTEGER,
    KS_T_NUMBER,
    KS_T_BOOLEAN,
    KS_T_ARRAY,
    KS_T_OBJECT
} ks_param_type;

typedef struct ks_app_param {
    ks_str  name, about;
    ks_str  target;   /* name on the wire when it differs; dots go down into objects ("message.text") */
    ks_str  fallback; /* default, as JSON text; absent: none */
    ks_str  fixed;    /* always sent, never asked, as JSON text; absent: asked */
    ks_str  from;   /* name of a connection field that gives the value when none is given, e.g. account_sid */
    ks_list values; /* allowed values */
    ks_param_in   in;
    ks_param_type type, items; /* items: of arrays */
    bool          required;
} ks_app_param;

typedef enum ks_encoding { KS_ENCODE_NONE, KS_ENCODE_JSON, KS_ENCODE_FORM } ks_encoding;

typedef struct ks_app_action {
    ks_str      name, title, about; /* NAME begins with the app's key in capitals and '_' */
    ks_str      method, path; /* path: "{param}" places, below the base; or a whole https URL on `hosts` */
    ks_str      graphql;      /* a GraphQL document: POSTed with the params as variables; else absent */
    ks_encoding encoding;
    ks_list     tags; /* read | write, destructive, important, and topics */
    const ks_app_param *params;
    size_t              params_n;
    ks_str              docs;
} ks_app_action;

typedef struct ks_app {
    ks_str               key, name, about; /* key: [a-z0-9_]+ */
    ks_str               id;               /* stable appId: "app_" + key */
    ks_list              categories, aliases;
    ks_str               home, docs, openapi;
    ks_list              rate_after, rate_at; /* header names */
    const ks_app_scheme *schemes;
    size_t               schemes_n; /* 0: no_auth */
    ks_str               open_base; /* base URL of an app without schemes */
    const ks_app_action *actions;
    size_t               actions_n;
    bool                 ghost_only; /* demo: always its ghost, never a network */
} ks_app;

/* The catalogue: built-in apps and the operator's, sorted by key. */
typedef struct ks_catalog ks_catalog;
