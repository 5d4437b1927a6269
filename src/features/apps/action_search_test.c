/* features/apps/action_search_test.c — fifty things people want to do, and the actions that do them: one of
 * those named is among the first three hits in at least forty-five (docs/api.md ACT-11). Conditions beside
 * the words. */
#include <stdlib.h>

#include "features/apps/action_search.h"
#include "tests/support/catalog.h"

static const struct {
    const char *query, *wanted; /* any of these, with commas */
} tasks[] = {
    {"send an sms", "TWILIO_SEND_MESSAGE,DIALPAD_SEND_SMS"},
    {"refund a payment", "SQUARE_REFUND_PAYMENT,STRIPE_CREATE_REFUND,PAYPAL_REFUND_CAPTURED_PAYMENT"},
    {"send an email", "RESEND_SEND_EMAIL,MAILGUN_SEND_EMAIL,POSTMARK_SEND_EMAIL,GMAIL_SEND_EMAIL,"
                      "SENDGRID_SEND_EMAIL_WITH_TWILIO_SEND_GRID"},
    {"create a github issue", "GITHUB_CREATE_AN_ISSUE"},
    {"open a pull request", "GITHUB_CREATE_A_PULL_REQUEST"},
    {"merge a pull request", "GITHUB_MERGE_A_PULL_REQUEST"},
    {"post a message to a slack channel", "SLACKBOT_CHAT_POST_MESSAGE"},
    {"list my stripe customers", "STRIPE_LIST_CUSTOMERS"},
    {"cancel a subscription",
     "STRIPE_CANCEL_SUBSCRIPTION,LEMON_SQUEEZY_CANCEL_SUBSCRIPTION,PADDLE_CANCEL_SUBSCRIPTION"},
    {"create an invoice", "STRIPE_CREATE_INVOICE,SQUARE_CREATE_INVOICE,PAYPAL_CREATE_INVOICE"},
    {"make a phone call", "TWILIO_MAKE_CALL,VAPI_CREATE_CALL,CALLINGLY_CREATE_CALL"},
    {"buy a phone number", "TWILIO_BUY_PHONE_NUMBER"},
    {"turn text into speech",
     "ELEVENLABS_TEXT_TO_SPEECH,ELEVENLABS_TEXT_TO_SPEECH_STREAM,DEEPGRAM_TEXT_TO_SPEECH,"
     "OPENAI_CREATE_SPEECH,XAI_CREATE_TEXT_TO_SPEECH,GROQCLOUD_CREATE_SPEECH"},
    {"transcribe an audio file",
     "OPENAI_CREATE_TRANSCRIPTION,DEEPGRAM_TRANSCRIBE_FILE,DEEPGRAM_TRANSCRIBE_URL,"
     "GROQCLOUD_CREATE_TRANSCRIPTION,ELEVENLABS_SPEECH_TO_TEXT"},
    {"generate an image from a prompt", "OPENAI_CREATE_IMAGE,STABILITY_AI_GENERATE_IMAGE_CORE,"
                                        "STABILITY_AI_GENERATE_IMAGE_ULTRA,STABILITY_AI_GENERATE_IMAGE_SD3"},
    {"search the web",
     "BRAVE_SEARCH_WEB_SEARCH,TAVILY_TAVILY_SEARCH,EXA_SEARCH,SERPAPI_SEARCH,FIRECRAWL_SEARCH,"
     "PERPLEXITYAI_SEARCH"},
    {"scrape a web page", "FIRECRAWL_SCRAPE_EXTRACT_DATA_LLM,FIRECRAWL_BATCH_SCRAPE,TAVILY_EXTRACT"},
    {"crawl a whole site", "FIRECRAWL_CRAWL_URLS,TAVILY_CRAWL"},
    {"add a row to a notion database", "NOTION_INSERT_ROW_DATABASE"},
    {"create a notion page", "NOTION_CREATE_NOTION_PAGE"},
    {"update an airtable record", "AIRTABLE_UPDATE_RECORD"},
    {"add a task in todoist", "TODOIST_CREATE_TASK"},
    {"mark a task as done", "TODOIST_CLOSE_TASK"},
    {"create a trello card", "TRELLO_ADD_CARDS"},
    {"create a jira ticket", "JIRA_CREATE_ISSUE"},
    {"move a jira issue to another status", "JIRA_TRANSITION_ISSUE"},
    {"reply to a zendesk ticket", "ZENDESK_REPLY_ZENDESK_TICKET"},
    {"open a support ticket",
     "FRESHDESK_CREATE_TICKET,ZENDESK_CREATE_ZENDESK_TICKET,HUBSPOT_CREATE_TICKET_OBJECT"},
    {"create a contact in hubspot", "HUBSPOT_CREATE_CONTACT_OBJECT_WITH_PROPERTIES"},
    {"new deal in pipedrive", "PIPEDRIVE_ADD_A_DEAL"},
    {"who is on call right now", "PAGERDUTY_RETRIEVE_ONCALL_LIST"},
    {"acknowledge an incident", "PAGERDUTY_UPDATE_INCIDENT_BY_ID"},
    {"purge the cdn cache", "CLOUDFLARE_PURGE_CACHE,BUNNYCDN_PURGE_URL"},
    {"add a dns record", "CLOUDFLARE_CREATE_DNS_RECORD,DIGITAL_OCEAN_CREATE_DOMAIN_RECORD"},
    {"start a virtual machine", "DIGITAL_OCEAN_CREATE_DROPLET,DIGITAL_OCEAN_RUN_DROPLET_ACTION"},
    {"list deployments", "VERCEL_LIST_ALL_DEPLOYMENTS,NETLIFY_LIST_SITE_DEPLOYS,ROLLBAR_LIST_DEPLOYS"},
    {"set an environment variable", "VERCEL_ADD_ENVIRONMENT_VARIABLE"},
    {"search logs", "DATADOG_SEARCH_LOGS"},
    {"store vectors", "PINECONE_UPSERT_VECTORS,QDRANT_UPSERT_POINTS"},
    {"compute embeddings of a text", "OPENAI_CREATE_EMBEDDING,COHERE_EMBED,MISTRAL_AI_CREATE_EMBEDDINGS"},
    {"schedule a meeting link", "CALENDLY_CREATE_SCHEDULING_LINK,SAVVYCAL_CREATE_PERSONAL_SCHEDULING_LINK,"
                                "SAVVYCAL_LIST_SCHEDULING_LINKS"},
    {"create a calendar event", "GOOGLECALENDAR_CREATE_EVENT"},
    {"form responses", "TYPEFORM_LIST_RESPONSES,TALLY_LIST_FORM_SUBMISSIONS,REFINER_LIST_RESPONSES,"
                       "NETLIFY_LIST_FORM_SUBMISSIONS"},
    {"subscribe someone to a mailing list",
     "MAILCHIMP_ADD_MEMBER_TO_LIST,KLAVIYO_SUBSCRIBE_PROFILES,"
     "MAILGUN_ADD_LIST_MEMBER,MAILCHIMP_ADD_OR_UPDATE_LIST_MEMBER,"
     "KLAVIYO_ADD_PROFILE_TO_LIST,ACTIVE_CAMPAIGN_MANAGE_LIST_SUBSCRIPTION"},
    {"check whether an email address exists", "ZEROBOUNCE_VALIDATE_EMAIL,NEVERBOUNCE_VERIFY_EMAIL,"
                                              "SENDGRID_VALIDATE_AN_EMAIL"},
    {"shop orders",
     "SHOPIFY_GET_ORDER_LIST,WOOCOMMERCE_LIST_ORDERS,BIGCOMMERCE_LIST_ORDERS,BOOQABLE_LIST_ORDERS"},
    {"download an s3 object", "AWS_S3_GET_OBJECT"},
    {"run sql", "SUPABASE_BETA_RUN_SQL_QUERY,SNOWFLAKE_EXECUTE_SQL,GOOGLEBIGQUERY_QUERY,"
                "CLICKHOUSE_EXECUTE_QUERY,POSTGRESQL_EXECUTE_QUERY,MYSQL_EXECUTE_QUERY"},
    {"create a shipping label",
     "SHIPPO_CREATE_LABEL_WITH_RATE_ID,EASYPOST_CREATE_SHIPMENT,SHIPPO_CREATE_SHIPMENT"},
    {"delete a file from dropbox", "DROPBOX_DELETE_FILE_OR_FOLDER"},
};

enum { FIRST = 3, ENOUGH = 45 };

static bool is_wanted(ks_str list, ks_str name)
{
    ks_str part;
    while (ks_str_cut(&list, ',', &part)) {
        if (ks_str_eq(part, name))
            return true;
    }
    return false;
}

static size_t search(ks_action_ask ask, ks_action_ref **hits)
{
    size_t n;
    assert_int_equal(ks_action_search(&cx, catalog, &ask, hits, &n), KS_OK);
    return n;
}

static void what_people_want_is_among_the_first_three(void **state)
{
    (void)state;
    size_t found = 0;
    assert_int_equal(KS_COUNT(tasks), 50);
    for (size_t i = 0; i < KS_COUNT(tasks); i++) {
        ks_action_ref *hits;
        size_t         n = search((ks_action_ask){.words = ks_str_of(tasks[i].query)}, &hits);
        bool           good = false;
        for (size_t k = 0; k < n && k < FIRST; k++)
            good |= is_wanted(ks_str_of(tasks[i].wanted), hits[k].action->name);
        found += good;
        for (size_t k = 0; k < n && k < FIRST && !good; k++)
            print_message("%s: %zu. " KS_FMT "\n", tasks[i].query, k + 1, KS_ARG(hits[k].action->name));
    }
    print_message("%zu of %zu\n", found, KS_COUNT(tasks));
    assert_true(found >= ENOUGH);
}

static void conditions_hold_beside_the_words(void **state)
{
    (void)state;
    ks_action_ref *hits;
    size_t n = search((ks_action_ask){.words = KS_S("send a message"), .apps = KS_S("twilio")}, &hits);
    assert_true(n > 0);
    assert_str(hits[0].action->name, "TWILIO_SEND_MESSAGE");
    for (size_t i = 0; i < n; i++)
        assert_str(hits[i].app->key, "twilio");
    n = search((ks_action_ask){.words = KS_S("customers"), .tags = KS_S("destructive")}, &hits);
    assert_true(n > 0);
    n = search((ks_action_ask){.words = KS_S("customers"), .names = KS_S("STRIPE_LIST_CUSTOMERS")}, &hits);
    assert_int_equal(n, 1);
}

static void words_nobody_uses_find_nothing_unless_an_app_is_named(void **state)
{
    (void)state;
    ks_action_ref *hits;
    assert_int_equal(search((ks_action_ask){.words = KS_S("xyzzy plugh")}, &hits), 0);
    assert_true(search((ks_action_ask){.words = KS_S("xyzzy"), .apps = KS_S("stripe")}, &hits) > 1);
    assert_int_equal(search((ks_action_ask){.words = KS_S("the of \" ' * (")}, &hits), 0);
}

KS_TESTS_WITH(catalog_setup, catalog_teardown, what_people_want_is_among_the_first_three,
              conditions_hold_beside_the_words, words_nobody_uses_find_nothing_unless_an_app_is_named)
