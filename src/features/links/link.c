/* features/links/link.c — see link.h. */
#include "features/links/link.h"

#include "base/enc.h"
#include "base/ids.h"
#include "features/connections/connection_await.h"
#include "features/links/link_rows.h"
#include "features/links/say.h"
#include "features/own_url.h"
#include "features/reach.h"
#include "features/settings/settings.h"
#include "features/tokens/tokens.h"
#include "upstream/url.h"

#define JUST_USED_US INT64_C(600000000) /* ten minutes: the result page, and a second submission */

/* ---- tokens and tags ---- */

/* Whatever its form: a malformed token costs what an unknown one does (rule K2). */
static void digest_of(const ks_ctx *cx, ks_str token, unsigned char out[KS_MAC_LEN])
{
    const ks_str parts[] = {KS_S("token"), token};
    ks_mac(cx->env->keys, KS_FOR_LINKS, parts, KS_COUNT(parts), out);
}

static ks_str tag_of(ks_ctx *cx, const char *what, ks_str id)
{
    unsigned char mac[KS_MAC_LEN];
    const ks_str  parts[] = {ks_str_of(what), id};
    ks_buf       *b = ks_ctx_buf(cx, KS_LINK_TAG + 1);
    ks_mac(cx->env->keys, KS_FOR_LINKS, parts, KS_COUNT(parts), mac);
    if (b == NULL)
        return KS_NO_STR;
    ks_enc_hex(b, mac, KS_LINK_TAG / 2);
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

ks_str ks_link_csrf(ks_ctx *cx, const ks_link *l)
{
    return tag_of(cx, "form", l->id);
}

ks_str ks_link_receipt(ks_ctx *cx, const ks_link *l)
{
    ks_str tag = tag_of(cx, "receipt", l->id);
    return tag.p != NULL ? ks_fmt(cx, KS_FMT "." KS_FMT, KS_ARG(l->id), KS_ARG(tag)) : KS_NO_STR;
}

ks_str ks_link_again_token(ks_ctx *cx, const ks_link *l)
{
    unsigned char mac[KS_MAC_LEN];
    const ks_str  parts[] = {KS_S("again"), l->id};
    ks_mac(cx->env->keys, KS_FOR_LINKS, parts, KS_COUNT(parts), mac);
    return ks_token_of(cx, KS_TOKEN_LINK, mac);
}

/* ---- making ---- */

static ks_status check_return(ks_ctx *cx, const ks_link_wish *wish, const ks_project_settings *own,
                              ks_str *out)
{
    ks_url url;
    *out = KS_NO_STR;
    if (wish->return_url.n == 0)
        return KS_OK;
    if (wish->return_url.n > KS_MAX_RETURN_URL)
        return ks_fail(cx, KS_INVALID, wish->return_field, "Use at most %d bytes for the return URL.",
                       KS_MAX_RETURN_URL);
    KS_TRY(ks_url_parse(cx, wish->return_field, wish->return_url, &url));
    ks_str origin = ks_origin_text(cx, &url.origin);
    if (own->return_origins.n > 0 && origin.p != NULL && !ks_origins_have(own->return_origins, origin))
        return ks_fail_code(cx, KS_INVALID, "return_origin", wish->return_field,
                            "The project's settings do not let links lead there. Use one of their "
                            "return_origins, or add this one.");
    *out = ks_fmt(cx, KS_FMT KS_FMT "%s" KS_FMT, KS_ARG(origin), KS_ARG(url.path), url.query.n ? "?" : "",
                  KS_ARG(url.query));
    return out->p != NULL ? KS_OK : ks_no_memory(cx);
}

/* Without a wish those of the project. */
static ks_status check_origins(ks_ctx *cx, const ks_json *given, const ks_project_settings *own, ks_str *out)
{
    if (ks_json_kind(given) != KS_JSON_NULL)
        return ks_origins_take(cx, "allowed_origins", given, out);
    *out = own->origins;
    return KS_OK;
}

static ks_status check_lang(ks_ctx *cx, ks_str given, ks_str *out)
{
    const ks_lang *l = given.n > 0 ? ks_lang_find(given) : NULL;
    if (given.n > 0 && l == NULL)
        return ks_fail(cx, KS_INVALID, "language",
                       "The pages do not speak this language; use en, de, fr, es, pt-BR, it, pl, ja, zh-Hans "
                       "or ar.");
    *out = l != NULL ? l->code : KS_NO_STR;
    return KS_OK;
}

static ks_status check_life(ks_ctx *cx, int64_t *life_s)
{
    if (*life_s == 0)
        *life_s = KS_LINK_LIFE_S;
    if (*life_s < 1 || *life_s > KS_LINK_MAX_LIFE_S)
        return ks_fail(cx, KS_INVALID, "life_s", "life_s must be a number of seconds from 1 to %d.",
                       KS_LINK_MAX_LIFE_S);
    return KS_OK;
}

/* The connection it is for: there already, or INITIATED by the same change. */
static ks_status target(ks_ctx *cx, ks_change *change, const ks_link_wish *wish, ks_link *l)
{
    ks_connection made;
    if (wish->replace != NULL) {
        l->connection_id = wish->replace->id;
        l->entity_id = wish->replace->entity_id;
        l->replaces = true;
        return KS_OK;
    }
    const ks_connect in = {.app = wish->app,
                           .integration = wish->integration,
                           .entity_id = wish->entity_id,
                           .entity_field = wish->entity_field,
                           .values = wish->values,
                           .path = wish->path,
                           .labels = wish->labels};
    KS_TRY(ks_connection_await_add(cx, change, &in, l->life.expires_at, &made));
    l->connection_id = made.id;
    l->entity_id = made.entity_id;
    return KS_OK;
}

static ks_status note(ks_ctx *cx, ks_change *change, const char *action, ks_str id)
{
    return ks_change_audit(
        cx, change,
        &(ks_audit_record){cx->project_id, cx->actor, ks_str_of(action), id, KS_S("ok"), cx->request_id});
}

ks_status ks_link_add(ks_ctx *cx, ks_change *change, const ks_link_wish *wish, ks_link *out, ks_str *token)
{
    unsigned char       mac[KS_MAC_LEN];
    ks_project_settings own;
    ks_clocks           now;
    int64_t             life_s = wish->life_s;
    if (!wish->integration.enabled)
        return ks_fail_code(cx, KS_NOT_FOUND, "integration_disabled", "integrationId",
                            "This integration is disabled. Enable it, or use another one.");
    KS_TRY(check_life(cx, &life_s));
    *out = (ks_link){.id = ks_id_new(cx, KS_ID_LINK),
                     .project_id = cx->project_id,
                     .integration_id = wish->integration.id};
    KS_TRY(ks_project_settings_get(cx, &own));
    KS_TRY(check_return(cx, wish, &own, &out->return_url));
    KS_TRY(check_lang(cx, wish->lang, &out->lang));
    KS_TRY(check_origins(cx, wish->origins, &own, &out->origins));
    ks_clocks_read(cx, &now);
    out->life = ks_life_new(&now, life_s);
    out->life.boot = ks_copy(cx, out->life.boot);
    out->left_us = life_s * 1000000;
    *token = ks_token_new(cx, KS_TOKEN_LINK);
    if (cx->starved)
        return ks_no_memory(cx);
    KS_TRY(target(cx, change, wish, out));
    digest_of(cx, *token, mac);
    KS_TRY(ks_link_row_put(cx, change, out, (ks_str){(const char *)mac, sizeof mac}));
    return note(cx, change, "link.create", out->id);
}

bool ks_link_again_may(const ks_link *l)
{
    return l->chain < KS_LINK_CHAIN;
}

ks_status ks_link_again_add(ks_ctx *cx, ks_change *change, const ks_link *l)
{
    unsigned char mac[KS_MAC_LEN];
    ks_clocks     now;
    ks_link       next = *l;
    ks_str        token = ks_link_again_token(cx, l);
    if (!ks_link_again_may(l))
        return KS_OK;
    ks_clocks_read(cx, &now);
    next.id = ks_id_new(cx, KS_ID_LINK);
    next.replaces = true;
    next.chain++;
    next.life = ks_life_new(&now, KS_LINK_LIFE_S);
    if (token.p == NULL || next.id.p == NULL)
        return ks_no_memory(cx);
    digest_of(cx, token, mac);
    KS_TRY(ks_link_row_put(cx, change, &next, (ks_str){(const char *)mac, sizeof mac}));
    return note(cx, change, "link.create", next.id);
}

ks_status ks_link_url(ks_ctx *cx, const ks_req *rq, ks_str token, ks_str *out)
{
    ks_str path = ks_fmt(cx, "/connect/" KS_FMT, KS_ARG(token));
    return path.p != NULL ? ks_own_url(cx, rq, path, out) : ks_no_memory(cx);
}

/* ---- finding ---- */

ks_status ks_link_dead(ks_ctx *cx)
{
    return ks_fail_code(cx, KS_NOT_FOUND, "link_dead", NULL, "This link can no longer be used.");
}

static ks_status judge(ks_ctx *cx, ks_link *l, ks_clocks *now)
{
    if (now->newest == 0)
        KS_TRY(ks_link_row_newest(cx, &now->newest));
    l->left_us = ks_life_left(&l->life, now);
    l->state = l->used_at                  ? KS_LINK_USED
               : l->revoked_at             ? KS_LINK_REVOKED
               : l->left_us == 0           ? KS_LINK_EXPIRED
               : l->tries >= KS_LINK_TRIES ? KS_LINK_SPENT
                                           : KS_LINK_OPEN;
    return KS_OK;
}

/* From here on the call is the link's. */
static ks_status adopt(ks_ctx *cx, ks_link *l)
{
    ks_clocks now;
    ks_clocks_read(cx, &now);
    KS_TRY(judge(cx, l, &now));
    cx->project_id = l->project_id;
    cx->actor = l->id;
    return ks_project_unlock(cx, cx->project_id);
}

ks_status ks_link_look(ks_ctx *cx, ks_str token, ks_link *out)
{
    unsigned char mac[KS_MAC_LEN];
    bool          found;
    digest_of(cx, token, mac);
    KS_TRY(ks_link_row_by_digest(cx, (ks_str){(const char *)mac, sizeof mac}, out, &found));
    return found ? adopt(cx, out) : ks_link_dead(cx);
}

ks_status ks_link_by_receipt(ks_ctx *cx, ks_str receipt, ks_link *out)
{
    bool   found;
    size_t dot = ks_str_chr(receipt, '.');
    ks_str id = ks_str_sub(receipt, 0, dot),
           tag = ks_str_sub(receipt, dot == SIZE_MAX ? receipt.n : dot + 1, SIZE_MAX);
    ks_str want = tag_of(cx, "receipt", id);
    if (want.p == NULL)
        return ks_no_memory(cx);
    if (tag.n != want.n || !ks_same(tag.p, want.p, want.n) || !ks_id_valid(id, KS_ID_LINK))
        return ks_link_dead(cx);
    KS_TRY(ks_link_row_by_id(cx, id, out, &found));
    if (!found || !ks_link_just_used(cx, out))
        return ks_link_dead(cx);
    return adopt(cx, out);
}

bool ks_link_just_used(const ks_ctx *cx, const ks_link *l)
{
    return l->used_at != 0 && cx->now_us >= l->used_at - JUST_USED_US &&
           cx->now_us < l->used_at + JUST_USED_US;
}

/* ---- small changes, lists ---- */

ks_status ks_link_try_add(ks_ctx *cx, ks_change *change, const ks_link *l)
{
    ks_clocks now;
    ks_clocks_read(cx, &now);
    return ks_link_row_try(cx, change, l->id, now.boot);
}

ks_status ks_link_use_add(ks_ctx *cx, ks_change *change, const ks_link *l)
{
    KS_TRY(ks_link_row_use(cx, change, l->id));
    return note(cx, change, "link.use", l->id);
}

ks_status ks_link_revoke_add(ks_ctx *cx, ks_change *change, ks_str id)
{
    ks_link l;
    bool    found = false;
    if (ks_id_valid(id, KS_ID_LINK))
        KS_TRY(ks_link_row_by_id(cx, id, &l, &found));
    if (!found || !ks_str_eq(l.project_id, cx->project_id))
        return ks_fail_code(cx, KS_NOT_FOUND, "link_not_found", "id",
                            "There is no link with this id that could still be used.");
    if (ks_reach_limited(cx)) { /* 404 for what the key does not reach */
        ks_connection c;
        KS_TRY(ks_connection_get(cx, l.connection_id, &c));
    }
    KS_TRY(ks_link_row_revoke(cx, change, id));
    KS_TRY(ks_connection_lapse_add(cx, change, l.connection_id));
    return note(cx, change, "link.revoke", id);
}

ks_status ks_link_list(ks_ctx *cx, int64_t offset, int64_t limit, ks_link **out, size_t *n, int64_t *total)
{
    ks_clocks now;
    KS_TRY(ks_link_rows(cx, offset, limit, out, n, total));
    ks_clocks_read(cx, &now);
    for (size_t i = 0; i < *n; i++)
        KS_TRY(judge(cx, &(*out)[i], &now));
    return KS_OK;
}

const char *ks_link_state_word(ks_link_state s)
{
    static const char *const words[] = {"open", "used", "expired", "spent", "revoked"};
    return words[s];
}

ks_str ks_link_return(ks_ctx *cx, const ks_link *l, const char *status)
{
    if (l->return_url.n == 0)
        return KS_NO_STR;
    return ks_fmt(cx, KS_FMT "%cstatus=%s&connected_account_id=" KS_FMT, KS_ARG(l->return_url),
                  ks_str_chr(l->return_url, '?') == SIZE_MAX ? '?' : '&', status, KS_ARG(l->connection_id));
}
