/* features/links/page_hint_test.c — hints in a language that the app file does not speak: shared sentences
 * are translated, declared facts stand in for others, and these follow in English. Promise LNK-12. */
#include "features/links/page.h"

#include "tests/support/arena.h"

static ks_str shown(const char *lang, const ks_app_field *f)
{
    ks_page_view v = {.lang = ks_lang_find(ks_str_of(lang))};
    ks_html      h = ks_html_new(ks_ctx_buf(&cx, 16384));
    v.places.at[KS_AT_APP] = KS_S("Acme");
    ks_page_hint(&cx, &v, f, &h);
    assert_true(ks_html_ok(&h));
    return ks_buf_view(h.b);
}

#define assert_shows(lang, want, ...)                                                                        \
    do {                                                                                                     \
        const ks_app_field f_ = {.name = KS_S_INIT("key"), __VA_ARGS__};                                     \
        ks_str             is_ = shown(lang, &f_);                                                           \
        if (!ks_str_eq(is_, KS_S("<p class=\"hint\" id=\"h-key\">" want "</p>\n")))                          \
            fail_msg("%.*s", KS_ARG(is_));                                                                   \
    } while (0)

static void english_pages_show_the_app_file_as_it_stands(void **state)
{
    (void)state;
    assert_shows(
        "en", "<span lang=\"en\" dir=\"auto\">Begins with ak_.</span> Example: <code dir=\"ltr\">ak_x</code>",
        .help = KS_S_INIT("Begins with ak_."), .example = KS_S_INIT("ak_x"), .pattern = KS_S_INIT("^ak_"));
}

static void shared_sentences_are_translated_with_what_stands_in_them_LNK_12(void **state)
{
    (void)state;
    assert_shows(
        "de",
        "Wird in Ihrem Konto bei <bdi>Acme</bdi> erstellt, meist in den Einstellungen unter API oder "
        "Developers. Besteht aus <bdi>32</bdi> hexadezimalen Zeichen.",
        .help = KS_S_INIT("Made in your Acme account, as a rule under API or Developers in its settings. "
                          "It has 32 hexadecimal digits."),
        .pattern = KS_S_INIT("^[a-f0-9]{32}$"));
    assert_shows("de",
                 "Beginnt mit <code dir=\"ltr\">sk_</code> oder <code dir=\"ltr\">rk_</code>. "
                 "Funktioniert hier nicht: <bdi lang=\"en\">A publishable key (pk_)</bdi>.",
                 .help = KS_S_INIT("Begins with sk_ or rk_. A publishable key (pk_) does not work here."));
    assert_shows(
        "de",
        "<bdi lang=\"en\">A personal access token</bdi>; beginnt mit <code dir=\"ltr\">sbp_</code>.<br>"
        "<span lang=\"en\" dir=\"ltr\">Odd.</span>",
        .help = KS_S_INIT("A personal access token, beginning with sbp_. Odd."),
        .pattern = KS_S_INIT("^sbp_[a-z]+$")); /* the beginning was told */
    assert_shows("de", "Der Teil Ihrer Adresse bei <bdi>Acme</bdi> vor <code dir=\"ltr\">.acme.io</code>.",
                 .help = KS_S_INIT("The part of your Acme address before .acme.io."),
                 .suffix = KS_S_INIT(".acme.io"));
}

static void what_is_declared_stands_in_for_other_sentences_and_these_follow_LNK_12(void **state)
{
    (void)state;
    assert_shows(
        "fr",
        "Commence par <code dir=\"ltr\">SG.</code>. <bdi lang=\"en\">Acme</bdi> ne l’affiche qu’une fois, "
        "à la création.<br><span lang=\"en\" dir=\"ltr\">Begins with SG. and has two dots. Guard "
        "it.</span><br>Exemple : <code dir=\"ltr\">SG.x</code>",
        .help = KS_S_INIT("Begins with SG. and has two dots. Acme shows it once, when it is created. "
                          "Guard it."),
        .pattern = KS_S_INIT("^SG\\.[A-Za-z0-9_-]{22}$"), .example = KS_S_INIT("SG.x"));
    assert_shows(
        "it",
        "La parte dell’indirizzo che precede <code dir=\"ltr\">.acme.io</code>.<br><span lang=\"en\" "
        "dir=\"ltr\">Your shop.</span>",
        .help = KS_S_INIT("Your shop."), .suffix = KS_S_INIT(".acme.io"));
    assert_shows("es",
                 "La dirección completa, con https:// al principio. Déjelo como está si no conoce otro "
                 "valor.<br><span lang=\"en\" dir=\"ltr\">Odd.</span>",
                 .help = KS_S_INIT("Odd."), .kind = KS_APP_URL, .fallback = KS_S_INIT("https://a.example"));
    assert_shows(
        "ja",
        "https:// で始まるアドレス全体です。ほかの値をご存じなければ、そのままにしてください。<br><span "
        "lang=\"en\" dir=\"ltr\">Odd.</span>",
        .help = KS_S_INIT("Odd."), .kind = KS_APP_URL, .fallback = KS_S_INIT("https://a.example"));
    assert_shows("ja", "<span lang=\"en\" dir=\"ltr\">Odd &amp; odder.</span>",
                 .help = KS_S_INIT("Odd & odder."));
}

#define BEGINS(a) "Beginnt mit <code dir=\"ltr\">" a "</code>.<br><span lang=\"en\" dir=\"ltr\">Odd.</span>"
#define BEGINS_TWO(a, b)                                                                                     \
    "Beginnt mit <code dir=\"ltr\">" a "</code> oder <code dir=\"ltr\">" b "</code>.<br><span lang=\"en\" "  \
    "dir=\"ltr\">Odd.</span>"
#define NOTHING                  "<span lang=\"en\" dir=\"ltr\">Odd.</span>"
#define assert_pattern(re, want) assert_shows("de", want, .help = KS_S_INIT("Odd."), .pattern = KS_S_INIT(re))

static void a_pattern_says_how_a_key_begins_only_when_it_is_sure(void **state)
{
    (void)state;
    assert_pattern("^ak_[a-z]+$", BEGINS("ak_"));
    assert_pattern("^v1[.]0-[a-z]+$", BEGINS("v1.0-"));
    assert_pattern("^abc?[0-9]", BEGINS("ab"));
    assert_pattern("^(sk|rk)_(test|live)_[a-z]+$", BEGINS_TWO("sk_", "rk_"));
    assert_pattern("^(glsa_|eyJ)[a-z]+$", BEGINS_TWO("glsa_", "eyJ"));
    assert_pattern("^(ak_[a-z]{2}|bk_[0-9]+)$", BEGINS_TWO("ak_", "bk_"));
    assert_pattern("^ak_(a|b)$", BEGINS("ak_"));
    assert_pattern("^(ak_)?[a-z]+$", NOTHING);
    assert_pattern("^ak_|bk_$", NOTHING);
    assert_pattern("^(aa|bb|cc)", NOTHING);
    assert_pattern("^((aa|bb)_)", NOTHING);
    assert_pattern("^([a-z]+|bb)$", NOTHING);
    assert_pattern("^a[0-9]", NOTHING);
    assert_pattern("^(aa", NOTHING);
    assert_pattern("ak_", NOTHING);
    assert_pattern("^", NOTHING);
}

KS_TESTS_WITH(arena_setup, arena_teardown, english_pages_show_the_app_file_as_it_stands,
              shared_sentences_are_translated_with_what_stands_in_them_LNK_12,
              what_is_declared_stands_in_for_other_sentences_and_these_follow_LNK_12,
              a_pattern_says_how_a_key_begins_only_when_it_is_sure)
