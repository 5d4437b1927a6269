/* features/links/page_find_test.c — a person is told where their key is: for the apps that most people ask
 * for by the vendor's own words and a link, in their language; for every other app by what is known of it. */
#include "features/links/page.h"

#include "features/apps/catalog.h"
#include "tests/support/arena.h"

/* The apps most people come with. To add one, write its steps first (docs/adding-an-app.md). */
static const char well_known[] =
    "active_campaign ahrefs aircall airtable algolia alpha_vantage amplitude anthropic apify apollo "
    "asana ashby assemblyai attio auth0 aws axiom azure_devops azure_openai bamboohr baserow beehiiv "
    "better_stack bigcommerce bill bitbucket brave_search braze brevo brex browserbase_tool bugsnag "
    "buildkite bunnycdn cal calendly canny cerebras chargebee checkout_com circleci clerk clickhouse "
    "clickup clockify close cloudflare cloudflare_r2 cloudinary coda cohere coinbase coingecko "
    "coinmarketcap commercetools confluence contentful convertapi copper crisp cursor customer_io "
    "databricks datadog deepgram deepl deepseek dialpad digital_ocean discordbot discourse docuseal "
    "dropbox dropbox_sign dub dynatrace easypost elasticsearch elevenlabs etherscan exa fal_ai figma "
    "fillout finnhub firecrawl fireflies fireworks_ai flutterwave fly folk freshdesk freshsales "
    "freshservice front gemini getresponse ghost giphy github gitlab gong google_maps gorgias grafana "
    "greenhouse groqcloud heroku hetzner_cloud heygen honeycomb hubspot hugging_face hunter incident_io "
    "instantly intercom ipinfo jenkins jina_ai jira jotform kibana kit klaviyo langfuse launch_darkly "
    "lemlist lemon_squeezy lever linear linode loops_so mailchimp mailerlite mailgun mailjet make "
    "mandrill mapbox mattermost mem0 mercury metabase miro missive mistral_ai mixpanel monday "
    "mongodb_atlas n8n neon netlify new_relic newsapi ngrok notion nvidia_nim okta omnisend onesignal "
    "openai openphone openrouter opsgenie paddle pagerduty pandadoc paypal paystack peopledatalabs "
    "perplexityai personio pexels phantombuster pinecone pipedrive pipefy plaid planning_center_online "
    "plivo polygon_io posthog postman postmark productboard pushbullet pushover qdrant quickbase "
    "razorpay readwise recallai recharge recurly render replicate resend retellai rollbar salesforce "
    "sanity segment semrush sendgrid sentry serpapi shippo shipstation shopify shortcut slack slackbot "
    "smartsheet snowflake snyk sonarqube_cloud splitwise spotify square stability_ai statsig statuspage "
    "stripe supabase survey_monkey svix tableau tailscale tally tavily telegram telnyx terraform todoist "
    "together_ai toggl trello trigger_dev twilio typeform unsplash uploadcare upstash_redis uptimerobot "
    "urlscan_io vapi vercel virustotal vonage voyage_ai vultr weaviate webflow wise woocommerce "
    "wordpress workable workos wrike xai xero zendesk zenrows zulip";

static ks_catalog *catalog(void)
{
    ks_catalog *c;
    assert_int_equal(ks_catalog_open(&cx, KS_NO_STR, &c), KS_OK);
    return c;
}

/* The part of the form page for one scheme of an app. */
static ks_str part(const ks_app *app, const ks_app_scheme *scheme, const char *lang)
{
    ks_page_view v = {.app = app, .scheme = scheme, .lang = ks_lang_find(ks_str_of(lang))};
    ks_buf      *b = ks_ctx_buf(&cx, 16384);
    ks_html      h = ks_html_new(b);
    v.places.at[KS_AT_APP] = app->name;
    ks_page_find(&v, &h);
    assert_true(ks_html_ok(&h));
    return ks_buf_view(b);
}

static size_t count(ks_str s, const char *what)
{
    size_t n = 0;
    for (size_t at; (at = ks_str_find(s, ks_str_of(what))) != SIZE_MAX; n++)
        s = ks_str_sub(s, at + 1, SIZE_MAX);
    return n;
}

static bool holds(ks_str s, const char *what)
{
    return count(s, what) > 0;
}

/* The sentences that fit every vendor say nothing of this one. */
static bool general(ks_str step)
{
    static const char *const some[] = {"open the settings of your account", "the page behind the link says",
                                       "in the settings, create one"};
    for (size_t i = 0; i < KS_COUNT(some); i++) {
        if (holds(step, some[i]))
            return true;
    }
    return false;
}

/* What is wrong with the way to the key of an app; NULL: nothing. */
static const char *fault(const ks_app *app)
{
    if (app == NULL || app->schemes_n == 0)
        return "the catalogue has no such app with a credential";
    const ks_app_scheme *s = &app->schemes[0];
    ks_str               page = part(app, s, "de");
    if (!holds(page, "<a href=\"https://"))
        return "find has no link";
    if (s->find_steps.n == 0 || 2 * count(page, "<li lang=\"en\"") > s->find_steps.n)
        return "more than half of its steps are not told in German";
    for (size_t k = 0; k < s->find_steps.n; k++) {
        if (general(s->find_steps.at[k]))
            return "a step says what would fit every vendor";
    }
    return NULL;
}

static void of_well_known_apps_link_and_steps_are_told_in_the_readers_language(void **state)
{
    ks_catalog *c = catalog();
    ks_str      rest = ks_str_of(well_known), key;
    size_t      n = 0, faults = 0;
    (void)state;
    for (; ks_str_cut(&rest, ' ', &key); n++) {
        const char *what = fault(ks_catalog_app(&cx, c, key));
        if (what != NULL)
            print_error(KS_FMT ": %s\n", KS_ARG(key), what);
        faults += what != NULL;
    }
    assert_int_equal(faults, 0);
    assert_true(n >= 200);
    ks_catalog_free(c);
}

static void the_vendors_words_of_every_app_are_recognised(void **state)
{
    ks_catalog *c = catalog();
    (void)state;
    for (size_t i = 0; i < ks_catalog_apps_n(c); i++) {
        const ks_app *app = ks_catalog_app(&cx, c, ks_catalog_key_at(c, i));
        assert_non_null(app);
        for (size_t k = 0; k < app->schemes_n; k++) {
            ks_str page = part(app, &app->schemes[k], "ja");
            if (holds(page, "&quot;") || holds(page, "&#34;"))
                fail_msg("%s: a step with quotes is no sentence of web/messages/en.yaml",
                         ks_fmt(&cx, KS_FMT, KS_ARG(app->key)).p);
        }
    }
    ks_catalog_free(c);
}

static void vendors_words_stay_and_the_sentence_is_translated(void **state)
{
    static const ks_str steps[] = {KS_S_INIT("Choose \"Keys & \xc3\x9c, or more\"."),
                                   KS_S_INIT("Open \"A\" and \"B\"."), KS_S_INIT("Open \"\"."),
                                   KS_S_INIT("Copy \"Secret\"; it is shown once.")};
    (void)state;
    ks_app_field  f = {.name = KS_S("api_key")};
    ks_app_scheme s = {.fields = &f, .fields_n = 1, .find_steps = {steps, KS_COUNT(steps)}};
    ks_app        app = {.name = KS_S("Acme"), .schemes = &s, .schemes_n = 1};
    ks_str        page = part(&app, &s, "de");
    assert_true(
        holds(page, "<li>W\xc3\xa4hlen Sie <bdi lang=\"en\">Keys &amp; \xc3\x9c, or more</bdi>.</li>"));
    assert_true(holds(
        page, "<li>Kopieren Sie <bdi lang=\"en\">Secret</bdi>; der Wert wird nur einmal gezeigt.</li>"));
    assert_int_equal(count(page, "<li lang=\"en\""), 2);
}

static void of_a_vendor_nothing_is_known_of_the_general_way_is_told(void **state)
{
    static const char *const rows[][2] = {{"api_key", "Create a key, or show the one there is, and copy it."},
                                          {"token", "Create a token with the rights"},
                                          {"client_id", "Copy its identifier and its secret."},
                                          {"password", "Enter its name and password here."}};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_app_field  f = {.name = ks_str_of(rows[i][0])};
        ks_app_scheme s = {.fields = &f, .fields_n = 1};
        ks_app        app = {.name = KS_S("Acme"), .schemes = &s, .schemes_n = 1};
        assert_true(holds(part(&app, &s, "en"), rows[i][1]));
        assert_false(holds(part(&app, &s, "en"), "link"));
        app.ghost_only = true;
        assert_int_equal(part(&app, &s, "en").n, 0);
    }
}

KS_TESTS_WITH(arena_setup, arena_teardown, of_well_known_apps_link_and_steps_are_told_in_the_readers_language,
              the_vendors_words_of_every_app_are_recognised,
              vendors_words_stay_and_the_sentence_is_translated,
              of_a_vendor_nothing_is_known_of_the_general_way_is_told)
