/* features/dash/sign_in.c — signing in and out, and which project the dashboard shows. GET changes nothing:
 * what opens addresses by itself (a terminal, a chat) uses no code up. Rules K1 to K4, H4, H5. */
#include "features/dash/sign_in.h"

#include "base/enc.h"
#include "features/own_url.h"
#include "features/routes.h"

#define LIST_MAX 1000 /* projects to choose from */
#define NEXT_MAX 1000 /* bytes of the page to come back to */

/* ---- where to, afterwards ---- */

/* A path of a page of ours, with its query; "/dash" for everything else. */
static ks_str next_ok(ks_str next)
{
    bool fine = next.n <= NEXT_MAX && ks_str_starts(next, KS_S("/dash"));
    for (size_t i = 0; i < next.n && fine; i++)
        fine = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-?=&%~:+",
                      next.p[i]) != NULL &&
               next.p[i] != '\0';
    return fine && (next.n == 5 || next.p[5] == '/' || next.p[5] == '?') ? next : KS_S("/dash");
}

static ks_status put_cookie(ks_ctx *cx, ks_res *rs, ks_str token, int64_t life_s)
{
    const char *name = ks_session_cookie_name(cx);
    bool        secure = name[0] == '_'; /* the prefix __Host- asks for it */
    ks_str      value = ks_fmt(cx, "%s=" KS_FMT "; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", name,
                               KS_ARG(token), (long long)life_s, secure ? "; Secure" : "");
    return value.p != NULL ? ks_res_header(cx, rs, "set-cookie", value) : ks_no_memory(cx);
}

/* ---- with an API key ---- */

static ks_status login_page(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_str next, const ks_err *why)
{
    ks_dash d;
    KS_TRY(ks_dash_open(cx, rq, rs, why != NULL ? ks_status_http(why->status) : 200,
                        why != NULL ? KS_S("Error: Sign in") : KS_S("Sign in"), &d));
    KS_HTML(&d.h, "<main class=\"narrow\">\n<h1>Sign in to Keysteward</h1>\n");
    if (why != NULL)
        KS_HTML_WITH(
            &d.h,
            "<div class=\"box bad\" role=\"alert\" tabindex=\"-1\" autofocus><p id=\"e-key\">{}</p></div>\n",
            why->message);
    KS_HTML(&d.h, "<p>On the machine where Keysteward runs, this prints an address that signs you in:</p>\n");
    ks_dash_copy(&d, KS_S("keysteward dash"));
    KS_HTML_WITH(&d.h, "<form method=\"post\" action=\"{}/dash/login\">\n", d.root);
    KS_HTML_WITH(&d.h, "<input type=\"hidden\" name=\"next\" value=\"{}\">\n", next_ok(next));
    KS_HTML(&d.h, "<label for=\"key\">Or an API key with the right <code>dashboard</code></label>\n"
                  "<input id=\"key\" name=\"key\" type=\"password\" autocomplete=\"new-password\" "
                  "autocapitalize=\"none\" spellcheck=\"false\" required maxlength=\"200\"");
    if (why != NULL)
        KS_HTML(&d.h, " aria-invalid=\"true\" aria-describedby=\"e-key\"");
    KS_HTML(&d.h, ">\n<button>Sign in</button>\n</form>\n");
    KS_HTML_WITH(&d.h,
                 "<p class=\"hint\">Signed in already, and led here from another site? "
                 "<a href=\"{}/dash\">Open the dashboard</a></p>\n",
                 d.root);
    return ks_dash_close(&d);
}

static ks_status get_login(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return login_page(cx, rq, rs, ks_req_query(cx, rq, "next"), NULL);
}

/* From our own page, or from what is no browser: nobody is signed in as somebody else from afar. */
static ks_status read_own(ks_ctx *cx, const ks_req *rq, ks_form *form)
{
    if (!ks_form_own(cx, rq))
        return ks_fail_code(cx, KS_FORBIDDEN, "form_stale", NULL,
                            "This form was not sent from its own page.");
    return ks_form_read(cx, rq, form);
}

static ks_status post_login(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form    form;
    ks_change *change;
    ks_str     token;
    KS_TRY(read_own(cx, rq, &form));
    ks_str key = ks_str_trim(ks_form_get(&form, KS_S("key")), " \t\r\n");
    KS_TRY(ks_session_by_key_add(cx, &change, key, &token));
    ks_status st = ks_dash_go(cx, rs, next_ok(ks_form_get(&form, KS_S("next"))), KS_DONE_NOTHING);
    if (st == KS_OK)
        st = put_cookie(cx, rs, token, KS_SESSION_LIFE_S);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

bool ks_sign_in_failed(const ks_req *rq)
{
    return rq->route != NULL && (rq->route->flags & KS_SIGN_IN);
}

ks_status ks_sign_in_again(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_err *why)
{
    ks_form form;
    ks_str  next = ks_form_read(cx, rq, &form) == KS_OK ? ks_form_get(&form, KS_S("next")) : KS_NO_STR;
    return login_page(cx, rq, rs, next, why);
}

ks_status ks_sign_in_first(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    bool   get = ks_str_eq(rq->method, KS_S("GET"));
    ks_buf next = ks_buf_new(3 * NEXT_MAX);
    if (get && rq->path.n + rq->query.n < NEXT_MAX) {
        ks_buf raw = ks_buf_new(NEXT_MAX + 1);
        ks_buf_fmt(&raw, KS_FMT "%s" KS_FMT, KS_ARG(rq->path), rq->query.n ? "?" : "", KS_ARG(rq->query));
        ks_enc_percent(&next, ks_buf_view(&raw));
        ks_buf_done(&raw);
    }
    ks_str to = ks_fmt(cx, "/dash/login%s" KS_FMT, next.n ? "?next=" : "", KS_ARG(ks_buf_view(&next)));
    ks_buf_done(&next);
    return to.p != NULL ? ks_dash_go(cx, rs, to, KS_DONE_NOTHING) : ks_no_memory(cx);
}

/* ---- with a code ---- */

static ks_status get_code(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_dash d;
    KS_TRY(ks_session_code_look(cx, ks_req_param(rq, "code")));
    KS_TRY(ks_dash_open(cx, rq, rs, 200, KS_S("Sign in"), &d));
    KS_HTML(&d.h, "<main class=\"narrow\">\n<h1>Sign in to Keysteward</h1>\n"
                  "<p>This address signs one browser in, once.</p>\n");
    KS_HTML_WITH(&d.h,
                 "<form method=\"post\" action=\"{}/dash/in/{}\"><button autofocus>Sign in</button></form>\n",
                 d.root, ks_req_param(rq, "code"));
    return ks_dash_close(&d);
}

static ks_status post_code(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form    form;
    ks_change *change;
    ks_str     token;
    KS_TRY(read_own(cx, rq, &form));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_session_redeem_add(cx, change, ks_req_param(rq, "code"), &token);
    if (st == KS_OK)
        st = ks_dash_go(cx, rs, KS_S("/dash"), KS_DONE_NOTHING);
    if (st == KS_OK)
        st = put_cookie(cx, rs, token, KS_SESSION_LIFE_S);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

struct invite {
    ks_str project;
};
static const ks_field invite_fields[] = {KS_FIELD(struct invite, project, STR, 0), KS_FIELDS_END};

/* The project that is named; without a name the only one there is. */
static ks_status project_of(ks_ctx *cx, ks_str name, ks_str *id)
{
    ks_project *all;
    size_t      n;
    *id = KS_NO_STR;
    KS_TRY(ks_project_list(cx, LIST_MAX, &all, &n));
    for (size_t i = 0; i < n && id->p == NULL; i++) {
        if (name.n == 0 ? n == 1 || ks_str_eq(all[i].name, KS_S("default")) : ks_str_eq(all[i].name, name))
            *id = all[i].id;
    }
    if (id->p != NULL)
        return KS_OK;
    return ks_fail_code(cx, KS_NOT_FOUND, "project_not_found", "project",
                        name.n > 0 ? "There is no project of this name. List them with: keysteward key list"
                        : n == 0 ? "There is no project yet. Make one with its first API key: keysteward key "
                                   "create --project NAME"
                                 : "There are several projects. Name one: --project NAME");
}

/* With the address where the server knows it; the path alone is enough for who knows the rest. */
static ks_status post_invite(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct invite b;
    ks_change    *change;
    ks_str        id, code;
    ks_jw         w;
    KS_TRY(ks_req_body(cx, rq, invite_fields, &b));
    KS_TRY(project_of(cx, b.project, &id));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_session_invite_add(cx, change, id, &code);
    if (st == KS_OK)
        st = ks_res_begin(cx, rs, 200, &w);
    if (st == KS_OK) {
        ks_jw_obj(&w, NULL);
        ks_jw_str(&w, "path", ks_fmt(cx, "/dash/in/" KS_FMT, KS_ARG(code))); /* the only time it is shown */
        ks_jw_str(&w, "base", cx->env->settings->public_url.n ? cx->env->settings->public_url : KS_NO_STR);
        ks_jw_time(&w, "expires_at", cx->now_us + KS_CODE_LIFE_S * INT64_C(1000000));
        ks_jw_end(&w, '}');
        st = ks_res_end(cx, rs);
    }
    return ks_res_commit_built(cx, rq, rs, change, st);
}

/* ---- signing out ---- */

static ks_status post_logout(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form    form;
    ks_change *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_dash_go(cx, rs, KS_S("/dash/login"), KS_DONE_NOTHING));
    KS_TRY(put_cookie(cx, rs, KS_S(""), 0));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_session_end_add(cx, change));
}

/* ---- another project ---- */

static ks_status get_project(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_dash     d;
    ks_project *all;
    size_t      n;
    KS_TRY(ks_project_list(cx, LIST_MAX, &all, &n));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_PLACES, KS_S("Projects"), &d));
    KS_DASH_TABLE(&d, "Projects", "Name", "Id", "Made", "");
    for (size_t i = 0; i < n; i++) {
        bool here = ks_str_eq(all[i].id, cx->project_id);
        KS_HTML_WITH(&d.h, "<tr><th scope=\"row\"><bdi>{}</bdi></th><td><code>{}</code></td><td>",
                     all[i].name, all[i].id);
        ks_dash_when(&d, all[i].created_at);
        KS_HTML(&d.h, "</td><td>");
        if (here) {
            ks_dash_mark_put(&d, KS_MARK_INFO, KS_S("shown now"));
        } else {
            KS_HTML_WITH(&d.h, "<form method=\"post\" action=\"{}/dash/project\">", d.root);
            ks_dash_csrf(&d);
            KS_HTML_WITH(&d.h,
                         "<input type=\"hidden\" name=\"project\" value=\"{}\">"
                         "<button class=\"plain\">Show <bdi>{}</bdi></button></form>",
                         all[i].id, all[i].name);
        }
        KS_HTML(&d.h, "</td></tr>\n");
    }
    ks_dash_table_end(&d);
    return KS_DASH_END(&d, KS_S("keysteward dash --project NAME"),
                       KS_S("keysteward key create --project NAME"));
}

static ks_status post_project(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form    form;
    ks_change *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_dash_go(cx, rs, KS_S("/dash"), KS_DONE_NOTHING));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_session_project_add(cx, change, ks_form_get(&form, KS_S("project")));
    return ks_res_commit_built(cx, rq, rs, change, st);
}

#define P(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, path, scope, run, KS_VIEW_PAGE, flags, text                                                  \
    }
const ks_route ks_sign_in_routes[] = {
    P("GET", "/dash/login", 0, get_login, KS_PUBLIC, "how to sign in to the dashboard"),
    P("POST", "/dash/login", 0, post_login, KS_PUBLIC | KS_SIGN_IN | KS_ONCE, "sign in with an API key"),
    P("GET", "/dash/in/{code}", 0, get_code, KS_PUBLIC, "what a one-time address opens; changes nothing"),
    P("POST", "/dash/in/{code}", 0, post_code, KS_PUBLIC | KS_ONCE, "sign in with it, once"),
    P("POST", "/dash/logout", KS_SCOPE_READ, post_logout, KS_SESSION | KS_ONCE, "end the session"),
    P("GET", "/dash/project", KS_SCOPE_ADMIN, get_project, KS_SESSION | KS_WORKER, "projects to look at"),
    P("POST", "/dash/project", KS_SCOPE_ADMIN, post_project, KS_SESSION | KS_ONCE, "look at another project"),
    {"POST", "/ks/admin/dash", KS_SCOPE_ADMIN, post_invite, KS_VIEW_NATIVE, KS_LOCAL | KS_WORKER | KS_ONCE,
     "An address that signs in to the dashboard, once. Shown this once."},
    {0},
};
