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

/* Is `s` one of them, byte for byte? (app_find.c) */
bool ks_list_holds(ks_list l, ks_str s);

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

typedef enum ks_encoding {
    KS_ENCODE_NONE,
    KS_ENCODE_JSON,
    KS_ENCODE_FORM,
    KS_ENCODE_MULTIPART, /* multipart/form-data (RFC 7578): the `form` parameters are its parts */
    KS_ENCODE_RAW        /* the one `body` parameter is the whole body */
} ks_encoding;

/* How lists stand in a form: a=1&a=2, a[]=1&a[]=2, a[0]=1&a[1]=2; or, objects too, a.0=1&a.b=2. */
typedef enum ks_form_style { KS_FORM_REPEAT, KS_FORM_BRACKETS, KS_FORM_INDICES, KS_FORM_DOTS } ks_form_style;

/* How a value is made that no person types (features/actions/derive.c). */
typedef enum ks_app_make {
    KS_MAKE_BASE64, /* of `text`, whole, as UTF-8 */
    KS_MAKE_TOKEN,  /* asked for: method, url, headers, basic, encoding, body; `pointer` into the answer */
    KS_MAKE_JWT,    /* signed (RFC 7519): alg, key, header, claims, stamps */
    KS_MAKE_MEMBER, /* `pointer` into the answer of the token `from`, or into the field `from` (JSON) */
    KS_MAKE_BEFORE, /* `text` up to its first `at` */
    KS_MAKE_AFTER,  /* `text` behind its first `at` */
    KS_MAKE_UPPER,  /* `text` in capitals, '_' for '-' */
    KS_MAKE_LABEL,  /* `text` as a host label: lower case, '-' for '_' */
    KS_MAKE_FINGERPRINT, /* base64 of the SHA-256 of the public key (DER) that belongs to the private `text`
                          */
    KS_MAKE_DATE         /* the day `lasts` seconds from now, YYYY-MM-DD */
} ks_app_make;

typedef struct ks_app_derived {
    ks_str      name; /* templates that come later, and those of the scheme, may use {{name}} */
    ks_app_make make;
    ks_str      text, at;    /* text: template */
    ks_str      method, url; /* url: template, below the base or a whole one on `hosts` */
    ks_app_puts headers;
    ks_str      basic_user, basic_password;
    ks_encoding encoding;
    ks_str      body; /* JSON object, templates in its texts; with encoding form its members are the pairs */
    ks_str      pointer; /* RFC 6901; empty: the whole answer as text */
    ks_str      lasts;   /* seconds, or a pointer to them in the answer; absent: until a call is refused */
    ks_str      until;   /* pointer to the moment */
    ks_str      refresh_pointer, refresh_url, refresh_body; /* with {{refresh_token}}; POST, same encoding */
    ks_str      alg, key, key_as, header, claims; /* header, claims: as body. key_as: pem jwk hex text */
    ks_list     stamps; /* iat nbf exp jti, nonce (header), uri (method, host and path: one for each call) */
    ks_str      from;
} ks_app_derived;

typedef struct ks_app_check {
    ks_str         method; /* absent: the app has no check (uncheckable). SQL, COMMAND: `body` is run */
    ks_str         path;   /* template, may hold a query; or a whole https URL on `hosts` */
    ks_app_puts    headers;
    ks_str         body;     /* JSON template, or a form (a=b&c={{x}}), or the statement of a database */
    ks_encoding    encoding; /* of `body`: none means JSON */
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
    ks_app_puts           headers, query, body;       /* body: members added to a JSON or form body */
    ks_str                basic_user, basic_password; /* templates; both absent: no Basic */
    const ks_app_derived *derive;                     /* in the order of making */
    size_t                derive_n;
    ks_str                sign;      /* how every request is signed: aws-sigv4 ...; absent: not at all */
    ks_app_puts           sign_with; /* what signing needs: templates */
    ks_app_puts           dsn;       /* a database instead of `base`: driver, host, port, ... templates */
    ks_app_check          check;
    ks_str                find_url;   /* where the person finds the key; absent: "none" was declared */
    ks_list               find_steps; /* one sentence each */
} ks_app_scheme;

typedef enum ks_param_in {
    KS_IN_PATH,
    KS_IN_QUERY,
    KS_IN_HEADER,
    KS_IN_BODY,
    KS_IN_FORM,
    KS_IN_ARGUMENT /* of a database call */
} ks_param_in;
typedef enum ks_param_type {
    KS_T_STRING,
    KS_T_INTEGER,
    KS_T_NUMBER,
    KS_T_BOOLEAN,
    KS_T_ARRAY,
    KS_T_OBJECT,
    KS_T_FILE /* an object {name, mimetype, content in base64}: a part of a multipart body, or a raw one */
} ks_param_type;

typedef struct ks_app_param {
    ks_str  name, about;
    ks_str  target;   /* name on the wire when it differs; dots go down into objects ("message.text") */
    ks_str  fallback; /* default, as JSON text; absent: none */
    ks_str  fixed;    /* always sent, never asked, as JSON text; absent: asked */
    ks_str  schema;   /* what lies inside: a JSON Schema without its own type, as JSON text; or absent */
    ks_str  from;   /* name of a connection field that gives the value when none is given, e.g. account_sid */
    ks_list values; /* allowed values */
    ks_param_in   in;
    ks_param_type type, items; /* items: of arrays */
    bool          required;
} ks_app_param;

/* What an answer is to those who call: data, or a file that is kept for them to fetch. */
typedef enum ks_answer_kind { KS_ANSWER_DATA, KS_ANSWER_FILE } ks_answer_kind;

typedef struct ks_app_action {
    ks_str name, title, about; /* NAME begins with the app's key in capitals and '_' */
    ks_str method, path; /* path: "{param}" places, below the base; or a whole https URL on `hosts`. With
                            method SQL or COMMAND: the one word that names what is run */
    ks_str              graphql; /* a GraphQL document: POSTed with the params as variables; else absent */
    ks_encoding         encoding;
    ks_form_style       form;
    ks_str              content_type; /* of a raw body, e.g. application/x-ndjson; absent otherwise */
    ks_answer_kind      answer;
    ks_list             tags; /* read | write, destructive, important, and topics */
    const ks_app_param *params;
    size_t              params_n;
    ks_str              docs;
} ks_app_action;

typedef struct ks_app {
    ks_str               key, name, about; /* key: [a-z0-9_]+ */
    ks_str               id;               /* stable appId: "app_" + key */
    ks_list              categories, aliases;
    ks_str               home, docs, openapi;
    ks_list              rate_after, rate_at, rate_left; /* header names */
    ks_str               idempotency; /* header by which the vendor knows a repeated write; absent: none */
    ks_app_puts          pages;       /* how lists are paged: a hint for people and models */
    const ks_app_scheme *schemes;
    size_t               schemes_n; /* 0: no_auth */
    ks_str               open_base; /* base URL of an app without schemes */
    const ks_app_action *actions;
    size_t               actions_n;
    bool                 ghost_only; /* demo: always its ghost, never a network */
} ks_app;

/* The catalogue: built-in apps and the operator's, sorted by key. */
typedef struct ks_catalog ks_catalog;
