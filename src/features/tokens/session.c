/* features/tokens/session.c — see session.h. */
#include "features/tokens/session.h"

#include "base/enc.h"
#include "base/ids.h"
#include "features/tokens/session_rows.h"
#include "features/tokens/tokens_rows.h"

#define TAG       32                /* hex digits: 128 bits */
#define SEEN_US   INT64_C(60000000) /* how exactly it is known when a session was used last */
#define SECOND_US INT64_C(1000000)

/* ---- digests ---- */

static ks_str digest_of(ks_ctx *cx, const char *what, ks_str token, unsigned char out[KS_MAC_LEN])
{
    const ks_str parts[] = {KS_S("session"), ks_str_of(what), token};
    ks_mac(cx->env->keys, KS_FOR_LINKS, parts, KS_COUNT(parts), out);
    return (ks_str){(const char *)out, KS_MAC_LEN};
}

ks_str ks_session_csrf(ks_ctx *cx)
{
    unsigned char mac[KS_MAC_LEN];
    ks_buf       *b = ks_ctx_buf(cx, TAG + 1);
    if (b == NULL)
        return KS_NO_STR;
    (void)digest_of(cx, "form", cx->session->id, mac);
    ks_enc_hex(b, mac, TAG / 2);
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* ---- the cookie ---- */

static bool by_https(const ks_ctx *cx)
{
    return cx->env->settings->https || ks_str_starts(cx->env->settings->public_url, KS_S("https://"));
}

const char *ks_session_cookie_name(const ks_ctx *cx)
{
    return by_https(cx) ? "__Host-keysteward" : "keysteward";
}

ks_str ks_session_cookie(ks_ctx *cx, const ks_req *rq)
{
    ks_str rest = ks_req_header(rq, "cookie"), pair, name = ks_str_of(ks_session_cookie_name(cx));
    while (ks_str_cut(&rest, ';', &pair)) {
        pair = ks_str_trim(pair, " ");
        if (ks_str_starts(pair, name) && pair.n > name.n && pair.p[name.n] == '=')
            return ks_str_sub(pair, name.n + 1, SIZE_MAX);
    }
    return KS_NO_STR;
}

/* ---- signing in ---- */

ks_status ks_session_invite_add(ks_ctx *cx, ks_change *change, ks_str project_id, ks_str *code)
{
    unsigned char mac[KS_MAC_LEN];
    ks_session    s = {.id = ks_id_new(cx, KS_ID_SESSION),
                       .project_id = project_id,
                       .expires_at = cx->now_us + KS_CODE_LIFE_S * SECOND_US};
    *code = ks_token_new(cx, KS_TOKEN_CODE);
    if (s.id.p == NULL || code->p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_session_row_add(cx, change, &s, digest_of(cx, "code", *code, mac), KS_NO_STR));
    cx->project_id = project_id;
    return ks_change_note(cx, change, "dashboard.invite", s.id, KS_S("ok"));
}

/* For every code that opens nothing. */
static ks_status code_dead(ks_ctx *cx)
{
    return ks_fail_code(
        cx, KS_NOT_FOUND, "code_dead", NULL,
        "This address signs in once, within ten minutes. Make a new one with: keysteward dash");
}

ks_status ks_session_code_look(ks_ctx *cx, ks_str code)
{
    unsigned char mac[KS_MAC_LEN];
    ks_str        id, project_id;
    KS_TRY(ks_session_row_code(cx, digest_of(cx, "code", code, mac), &id, &project_id));
    return id.p != NULL ? KS_OK : code_dead(cx);
}

ks_status ks_session_redeem_add(ks_ctx *cx, ks_change *change, ks_str code, ks_str *token)
{
    unsigned char was[KS_MAC_LEN], is[KS_MAC_LEN];
    ks_str        id, project_id, digest = digest_of(cx, "code", code, was);
    KS_TRY(ks_session_row_code(cx, digest, &id, &project_id));
    if (id.p == NULL)
        return code_dead(cx);
    *token = ks_token_new(cx, KS_TOKEN_SESSION);
    if (token->p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_session_row_redeem(cx, change, digest, digest_of(cx, "cookie", *token, is),
                                 cx->now_us + KS_SESSION_LIFE_S * SECOND_US));
    cx->project_id = project_id;
    cx->actor = id;
    return ks_change_note(cx, change, "dashboard.sign_in", id, KS_S("ok"));
}

static ks_status fill_by_key(ks_ctx *cx, ks_change *change, const ks_key_row *row, ks_str *token)
{
    unsigned char mac[KS_MAC_LEN];
    ks_session    s = {.id = ks_id_new(cx, KS_ID_SESSION),
                       .project_id = ks_copy(cx, (ks_str){row->h.project, row->h.project_n}),
                       .key_id = ks_copy(cx, (ks_str){row->h.id, row->h.id_n}),
                       .expires_at = cx->now_us + KS_SESSION_LIFE_S * SECOND_US};
    *token = ks_token_new(cx, KS_TOKEN_SESSION);
    if (s.id.p == NULL || s.project_id.p == NULL || s.key_id.p == NULL || token->p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_session_row_add(cx, change, &s, KS_NO_STR, digest_of(cx, "cookie", *token, mac)));
    KS_TRY(ks_key_row_used(cx, change, s.key_id));
    cx->project_id = s.project_id;
    cx->actor = s.key_id;
    return ks_change_note(cx, change, "dashboard.sign_in", s.id, KS_S("ok"));
}

ks_status ks_session_by_key_add(ks_ctx *cx, ks_change **change, ks_str key, ks_str *token)
{
    unsigned char mac[KS_MAC_LEN];
    ks_key_row    row;
    bool          found;
    ks_str        digest = {(const char *)mac, sizeof mac};
    ks_api_key_digest(cx->env->keys, key, mac);
    KS_TRY(ks_key_row_by_digest(cx, digest, &row, &found));
    if (!ks_key_row_good(&row, digest, cx->now_us))
        return ks_fail_code(cx, KS_UNAUTHORIZED, "not_signed_in", "key",
                            "This API key does not work: it is unknown, revoked or over.");
    if (!(row.h.scopes & KS_SCOPE_DASHBOARD))
        return ks_fail_code(
            cx, KS_FORBIDDEN, "not_for_dashboard", "key",
            "This API key may not open the dashboard. Sign in with: keysteward dash, or make a "
            "key that may: keysteward key create --scopes read,connect,act,dashboard");
    KS_TRY(ks_change_new(cx, change));
    ks_status st = fill_by_key(cx, *change, &row, token);
    if (st != KS_OK)
        ks_change_free(*change);
    return st;
}

/* ---- being recognised ---- */

static bool is_over(const ks_ctx *cx, const ks_session_row *row)
{
    return row->s.expires_at <= cx->now_us || row->s.seen_at + KS_SESSION_IDLE_S * SECOND_US <= cx->now_us ||
           row->key_bad;
}

/* A session is shown as used about when it was; nobody waits for that to be written. */
static ks_status note_seen(ks_ctx *cx, const ks_session *s)
{
    ks_change *change;
    if (s->seen_at + SEEN_US > cx->now_us)
        return KS_OK;
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_session_row_seen(cx, change, s->id);
    if (st == KS_OK)
        return ks_store_note(cx, cx->env->store, change);
    ks_change_free(change);
    return st;
}

static unsigned rights_of(const ks_session_row *row)
{
    if (row->s.key_id.p == NULL)
        return KS_SCOPE_ALL | KS_SCOPE_ADMIN;
    return row->key_scopes & (row->read_only ? (unsigned)KS_SCOPE_READ : (unsigned)KS_SCOPE_ALL);
}

ks_status ks_session_enter(ks_ctx *cx, ks_str token)
{
    unsigned char   mac[KS_MAC_LEN];
    ks_session_row *row = ks_alloc(cx, sizeof *row);
    bool            found = false;
    if (row == NULL)
        return KS_NO_MEMORY;
    ks_str digest = digest_of(cx, "cookie", token, mac);
    KS_TRY(ks_session_row_get(cx, digest, row, &found));
    if (!found || row->digest.n != digest.n || !ks_same(row->digest.p, digest.p, digest.n) ||
        is_over(cx, row))
        return ks_fail_code(cx, KS_UNAUTHORIZED, "not_signed_in", NULL, "Sign in first.");
    row->s.scopes = rights_of(row);
    cx->session = &row->s;
    cx->project_id = row->s.project_id;
    cx->actor = row->s.key_id.p != NULL ? row->s.key_id : row->s.id;
    cx->scopes = row->s.scopes;
    KS_TRY(note_seen(cx, &row->s));
    return ks_project_unlock(cx, cx->project_id);
}

const ks_session *ks_session_of(const ks_ctx *cx)
{
    return cx->session;
}

ks_status ks_session_end_add(ks_ctx *cx, ks_change *change)
{
    return ks_session_row_drop(cx, change, cx->session->id);
}

ks_status ks_session_count(ks_ctx *cx, int64_t *n)
{
    return ks_session_row_count(cx, n);
}

ks_status ks_session_end_all_add(ks_ctx *cx, ks_change *change)
{
    KS_TRY(ks_session_row_drop_all(cx, change));
    return ks_change_note(cx, change, "dashboard.end_all", cx->project_id, KS_S("ok"));
}

ks_status ks_session_project_add(ks_ctx *cx, ks_change *change, ks_str project_id)
{
    if (!(cx->session->scopes & KS_SCOPE_ADMIN))
        return ks_fail(cx, KS_FORBIDDEN, "project",
                       "An API key opens the dashboard of its own project alone.");
    return ks_session_row_project(cx, change, cx->session->id, project_id);
}
