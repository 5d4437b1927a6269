/* cli/fields_test.c — secrets on the command line, and what reaches a terminal. */
#include "cli/fields.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/output.h"
#include "tests/support/test.h"

static ks_cli cli;
static char  *said;
static size_t said_n;

static int set_up(void **state)
{
    (void)state;
    memset(&cli, 0, sizeof cli);
    cli.cx = ks_ctx_new(ks_arena_new(1 << 22), NULL);
    cli.err = open_memstream(&said, &said_n);
    return cli.cx.arena && cli.err ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fclose(cli.err);
    free(said);
    ks_arena_free(cli.cx.arena);
    return 0;
}

static const char stripe[] = "[{\"name\":\"api_key\",\"is_secret\":true,\"required\":true},"
                             "{\"name\":\"account\",\"is_secret\":false,\"required\":false}]";

static int take(char *word, bool demo, ks_words *w)
{
    char    *words[] = {word};
    ks_json *fields;
    cli.args = words;
    cli.args_n = 1;
    assert_int_equal(ks_json_parse(&cli.cx, ks_str_of(stripe), &fields), KS_OK);
    int code = ks_words_take(&cli, 0, w);
    return code == KS_EXIT_OK ? ks_words_judge(&cli, fields, demo, w) : code;
}

static void a_plain_secret_is_refused_and_wiped_from_argv(void **state)
{
    (void)state;
    ks_words w;
    char     word[] = "api_key=sk_live_canary_value";
    assert_int_equal(take(word, false, &w), KS_EXIT_USAGE);
    assert_string_equal(word, "api_key=");
    assert_null(memmem(word, sizeof word, "canary", 6));
    fflush(cli.err);
    assert_null(strstr(said, "canary"));
    assert_non_null(strstr(said, "@FILE"));
}

static void an_unknown_field_counts_as_a_secret(void **state)
{
    (void)state;
    ks_words w;
    char     word[] = "apikey=sk_live_canary_value";
    assert_int_equal(take(word, false, &w), KS_EXIT_USAGE);
}

static void a_plain_value_is_fine_where_the_field_is_no_secret(void **state)
{
    (void)state;
    ks_words w;
    char     word[] = "account=acct_1";
    assert_int_equal(take(word, false, &w), KS_EXIT_OK);
    assert_int_equal(w.n, 1);
    assert_int_equal(ks_secret_len(w.at[0].value), 6);
}

static void the_demo_app_takes_a_plain_secret_and_argv_is_wiped_all_the_same(void **state)
{
    (void)state;
    ks_words w;
    char     word[] = "api_key=demo_1";
    assert_int_equal(take(word, true, &w), KS_EXIT_OK);
    assert_string_equal(word, "api_key=");
}

static void a_file_gives_a_secret_without_its_last_line_break(void **state)
{
    (void)state;
    ks_words w;
    char     path[] = "/tmp/ks-field-XXXXXX", word[64];
    int      fd = mkstemp(path);
    assert_int_equal(write(fd, "  sk_live_1\n", 12), 12);
    close(fd);
    snprintf(word, sizeof word, "api_key=@%s", path);
    assert_int_equal(take(word, false, &w), KS_EXIT_OK);
    unlink(path);
    assert_int_equal(ks_secret_len(w.at[0].value), 9);
}

static void a_word_without_a_field_name_is_wiped_too(void **state)
{
    (void)state;
    ks_words w;
    char     word[] = "sk_live_canary_value";
    assert_int_equal(take(word, false, &w), KS_EXIT_USAGE);
    assert_int_equal(word[0], '\0');
    assert_null(memmem(word, sizeof word, "canary", 6));
}

static int complete(char *word)
{
    ks_words w;
    ks_json *fields;
    cli.args = &word;
    cli.args_n = 1;
    assert_int_equal(ks_json_parse(&cli.cx, ks_str_of(stripe), &fields), KS_OK);
    assert_int_equal(ks_words_take(&cli, 0, &w), KS_EXIT_OK);
    return ks_words_complete(&cli, fields, false, &w);
}

static void a_missing_field_is_named_when_there_is_nobody_to_ask(void **state)
{
    (void)state;
    char word[] = "account=acct_1";
    assert_int_equal(complete(word), KS_EXIT_USAGE);
    fflush(cli.err);
    assert_non_null(strstr(said, "api_key is missing"));
}

static void a_name_the_list_does_not_hold_may_be_an_alias_so_the_server_decides(void **state)
{
    (void)state;
    char path[] = "/tmp/ks-field-XXXXXX", word[64];
    int  fd = mkstemp(path);
    assert_int_equal(write(fd, "sk_live_1", 9), 9);
    close(fd);
    snprintf(word, sizeof word, "secret_key=@%s", path);
    assert_int_equal(complete(word), KS_EXIT_OK);
    unlink(path);
}

static const char database[] =
    "[{\"name\":\"host\",\"is_secret\":false,\"required\":true},{\"name\":\"port\",\"is_secret\":false},"
    "{\"name\":\"database\",\"is_secret\":false,\"required\":true},{\"name\":\"username\",\"is_secret\":"
    "false,"
    "\"required\":true},{\"name\":\"password\",\"is_secret\":true}]";

static int complete_database(char **words, int n, ks_words *w)
{
    ks_json *fields;
    cli.args = words;
    cli.args_n = n;
    assert_int_equal(ks_json_parse(&cli.cx, ks_str_of(database), &fields), KS_OK);
    assert_int_equal(ks_words_take(&cli, 0, w), KS_EXIT_OK);
    return ks_words_complete(&cli, fields, false, w);
}

static void a_database_url_in_the_place_of_the_host_is_divided(void **state)
{
    (void)state;
    static const char *const names[] = {"host", "port", "username", "password"}, *const values[] = {
                                                                                     "db.example", "5433",
                                                                                     "other", "s@cret"};
    static const char url[] = "postgres://ada:s%40cret@db.example:5433/shop?sslmode=require";
    ks_words          w;
    char              path[] = "/tmp/ks-field-XXXXXX", host[64], user[] = "username=other";
    char             *words[] = {host, user};
    int               fd = mkstemp(path);
    assert_int_equal(write(fd, url, sizeof url - 1), sizeof url - 1);
    close(fd);
    snprintf(host, sizeof host, "host=@%s", path);
    assert_int_equal(complete_database(words, 2, &w), KS_EXIT_OK);
    unlink(path);
    assert_int_equal(w.n, 5); /* with the database; the user name that was given stays */
    for (size_t i = 0; i < KS_COUNT(names); i++) {
        size_t at = 0;
        while (at < w.n && !ks_str_eq(w.at[at].name, ks_str_of(names[i])))
            at++;
        assert_true(at < w.n && ks_secret_begins(w.at[at].value, ks_str_of(values[i]), false));
        assert_int_equal(ks_secret_len(w.at[at].value), strlen(values[i]));
    }
}

static void a_database_url_with_a_password_is_refused_on_the_command_line(void **state)
{
    (void)state;
    ks_words w;
    char     word[] = "host=postgres://ada:canary_pass@db.example/shop", *words[] = {word};
    assert_int_equal(complete_database(words, 1, &w), KS_EXIT_USAGE);
    fflush(cli.err);
    assert_non_null(strstr(said, "holds a password"));
    assert_null(strstr(said, "canary"));
    assert_null(memmem(word, sizeof word, "canary", 6));
    char bare[] = "host=postgres://ada@db.example/shop", *again[] = {bare};
    assert_int_equal(complete_database(again, 1, &w), KS_EXIT_OK);
}

static void secrets_stand_in_a_body_by_reference(void **state)
{
    (void)state;
    ks_words   w;
    ks_payload b = ks_payload_new(&cli.cx);
    char       word[] = "api_key=demo_1";
    assert_int_equal(take(word, true, &w), KS_EXIT_OK);
    ks_payload_open(&b, NULL);
    ks_payload_str(&b, "id", KS_S("a\"b"));
    ks_words_write(&w, &b);
    ks_payload_close(&b);
    assert_str(ks_text_explain(&cli.cx, &b.text), "{\"id\":\"a\\\"b\",\"api_key\":\"‹api_key›\"}");
}

static void control_characters_of_others_do_not_reach_the_terminal(void **state)
{
    (void)state;
    char  text[64] = "";
    FILE *f = fmemopen(text, sizeof text, "w");
    ks_put(f, KS_S("a\033[2Jb\x7f\xc2\x9b"
                   "c\nd\xc3\xa9\r"));
    fclose(f);
    assert_string_equal(text, "a[2Jbc d\xc3\xa9");
}

static void trees_are_valid_json_again(void **state)
{
    (void)state;
    const char *json = "{\"a\":[1,{\"b\":[]},\"x\\\"y\"],\"c\":{},\"d\":null,\"e\":true,\"f\":1.5}";
    char        text[512] = "";
    ks_json    *v, *again;
    FILE       *f = fmemopen(text, sizeof text, "w");
    assert_int_equal(ks_json_parse(&cli.cx, ks_str_of(json), &v), KS_OK);
    ks_put_tree(f, v);
    fclose(f);
    assert_int_equal(ks_json_parse(&cli.cx, ks_str_of(text), &again), KS_OK);
    assert_int_equal(ks_json_count(again), 5);
    assert_str(ks_json_str(ks_json_at(ks_json_get(again, "a"), 2)), "x\"y");
}

KS_TESTS_WITH(set_up, tear_down, a_plain_secret_is_refused_and_wiped_from_argv,
              an_unknown_field_counts_as_a_secret, a_plain_value_is_fine_where_the_field_is_no_secret,
              the_demo_app_takes_a_plain_secret_and_argv_is_wiped_all_the_same,
              a_file_gives_a_secret_without_its_last_line_break, a_word_without_a_field_name_is_wiped_too,
              a_missing_field_is_named_when_there_is_nobody_to_ask,
              a_name_the_list_does_not_hold_may_be_an_alias_so_the_server_decides,
              a_database_url_in_the_place_of_the_host_is_divided,
              a_database_url_with_a_password_is_refused_on_the_command_line,
              secrets_stand_in_a_body_by_reference, control_characters_of_others_do_not_reach_the_terminal,
              trees_are_valid_json_again)
