/* server/config_test.c — sources of settings, their order, and what is refused. */
#include "server/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/test.h"

static ks_arena *arena;
static ks_ctx    cx;
static char      file[64];

static int set_up(void **state)
{
    (void)state;
    clearenv();
    arena = ks_arena_new(1 << 22);
    cx = ks_ctx_new(arena, NULL);
    file[0] = '\0';
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    if (file[0])
        unlink(file);
    ks_arena_free(arena);
    return 0;
}

static void write_file(const char *text)
{
    snprintf(file, sizeof file, "/tmp/ks-config-XXXXXX");
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

#define LOAD(out, ...)                                                                                       \
    ks_config_load(&cx, (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)), (char *[]){__VA_ARGS__}, out)

static char listen_flag[] = "--listen=127.0.0.1:1", config_flag[] = "--config", verify_flag[] = "--verify",
            off[] = "off", ghost_flag[] = "--ghost", no_log[] = "--no-access-log",
            private_flag[] = "--allow-private", one[] = "127.0.0.1:80", two[] = "10.0.0.0/8",
            threads_flag[] = "--threads", many[] = "65", secret_word[] = "sk_live_1234567890",
            nonsense[] = "--nonsense";

static void defaults_are_the_safe_ones(void **state)
{
    (void)state;
    ks_config c;
    setenv("HOME", "/home/x", 1);
    assert_int_equal(ks_config_load(&cx, 0, NULL, &c), KS_OK);
    assert_str(c.listen, "127.0.0.1:9899");
    assert_str(c.verify, "on");
    assert_false(c.ghost);
    assert_false(c.behind_proxy);
    assert_true(c.access_log);
    assert_int_equal(c.allow_private.n, 0);
    assert_int_equal(c.root_key_fd, -1);
    assert_str(c.data, geteuid() == 0 ? "/var/lib/keysteward" : "/home/x/.local/share/keysteward");
}

static void flag_beats_environment_beats_file_beats_default(void **state)
{
    (void)state;
    ks_config c;
    write_file("listen: 127.0.0.1:3\nverify: required\nthreads: 3\n");
    setenv("KEYSTEWARD_LISTEN", "127.0.0.1:2", 1);
    setenv("KEYSTEWARD_THREADS", "2", 1);
    assert_int_equal(LOAD(&c, config_flag, file, listen_flag), KS_OK);
    assert_str(c.listen, "127.0.0.1:1");
    assert_int_equal(c.threads, 2);
    assert_str(c.verify, "required");
    assert_str(c.audit_uses, "batched");
}

static void the_file_may_be_named_by_the_environment(void **state)
{
    (void)state;
    ks_config c;
    write_file("ghost: true\n");
    setenv("KEYSTEWARD_CONFIG", file, 1);
    assert_int_equal(ks_config_load(&cx, 0, NULL, &c), KS_OK);
    assert_true(c.ghost);
}

static void lists_come_from_flags_environment_and_file(void **state)
{
    (void)state;
    ks_config c;
    assert_int_equal(LOAD(&c, private_flag, one, private_flag, two), KS_OK);
    assert_int_equal(c.allow_private.n, 2);
    assert_str(c.allow_private.at[1], "10.0.0.0/8");
    write_file("allow_private:\n  - 127.0.0.1:80\n  - 127.0.0.1:81\n  - '[::1]:80'\n");
    assert_int_equal(LOAD(&c, config_flag, file), KS_OK);
    assert_int_equal(c.allow_private.n, 3);
    assert_str(c.allow_private.at[2], "[::1]:80");
    setenv("KEYSTEWARD_ALLOW_PRIVATE", "127.0.0.1:80, 10.0.0.0/8", 1);
    assert_int_equal(LOAD(&c, config_flag, file), KS_OK);
    assert_int_equal(c.allow_private.n, 2);
    assert_str(c.allow_private.at[1], "10.0.0.0/8");
}

static void switches_can_be_set_and_unset(void **state)
{
    (void)state;
    ks_config c;
    setenv("KEYSTEWARD_GHOST", "false", 1);
    assert_int_equal(LOAD(&c, ghost_flag, no_log), KS_OK);
    assert_true(c.ghost);
    assert_false(c.access_log);
}

static void a_bad_value_names_its_source_and_is_not_repeated(void **state)
{
    (void)state;
    ks_config c;
    assert_int_equal(LOAD(&c, verify_flag, secret_word), KS_INVALID);
    assert_true(ks_str_find(cx.err.message, KS_S("--verify")) != SIZE_MAX);
    assert_true(ks_str_find(cx.err.message, KS_S("sk_live")) == SIZE_MAX);
    setenv("KEYSTEWARD_VERIFY", secret_word, 1);
    assert_int_equal(ks_config_load(&cx, 0, NULL, &c), KS_INVALID);
    assert_true(ks_str_find(cx.err.message, KS_S("KEYSTEWARD_VERIFY")) != SIZE_MAX);
    assert_true(ks_str_find(cx.err.message, KS_S("sk_live")) == SIZE_MAX);
    unsetenv("KEYSTEWARD_VERIFY");
    assert_int_equal(LOAD(&c, threads_flag, many), KS_INVALID);
    assert_int_equal(LOAD(&c, secret_word), KS_INVALID);
    assert_true(ks_str_find(cx.err.message, KS_S("sk_live")) == SIZE_MAX);
    assert_int_equal(LOAD(&c, nonsense), KS_INVALID);
    assert_int_equal(LOAD(&c, threads_flag), KS_INVALID);
    assert_int_equal(LOAD(&c, verify_flag, off, verify_flag, off), KS_INVALID);
}

static void the_file_is_read_strictly(void **state)
{
    static const char *const bad[] = {
        "nothing_like_it: 1\n", "config: other.yaml\n",
        "verify: [on, off]\n",  "verify: on\nverify: off\n",
        "verify: {a: b}\n",     "- verify\n",
        "verify: *x\n",         "verify: on\n---\nghost: true\n",
        "verify: \"on\n",       "threads: !!int \"3\"\n",
        "data: ''\n",           "verify\n",
    };
    (void)state;
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        ks_config c;
        write_file(bad[i]);
        if (LOAD(&c, config_flag, file) != KS_INVALID)
            fail_msg("accepted: %s", bad[i]);
        unlink(file);
    }
}

static void a_mistake_in_the_file_is_given_with_its_line(void **state)
{
    (void)state;
    ks_config c;
    write_file("verify: on\n\nvrify: off\n");
    assert_int_equal(LOAD(&c, config_flag, file), KS_INVALID);
    assert_true(ks_str_find(cx.err.message, KS_S(":3: ")) != SIZE_MAX);
}

static void a_certificate_without_its_key_is_refused(void **state)
{
    (void)state;
    ks_config c;
    setenv("KEYSTEWARD_TLS_CERT", "cert.pem", 1);
    assert_int_equal(ks_config_load(&cx, 0, NULL, &c), KS_INVALID);
    setenv("KEYSTEWARD_TLS_KEY", "key.pem", 1);
    assert_int_equal(ks_config_load(&cx, 0, NULL, &c), KS_OK);
}

static void every_option_is_read_from_the_environment(void **state)
{
    (void)state;
    for (size_t i = 1; i < ks_options_n; i++) { /* 0 names the file */
        ks_config c;
        ks_str    name = ks_option_env(&cx, &ks_options[i]);
        ks_status want = ks_options[i].kind == KS_OPT_TEXT || ks_options[i].kind == KS_OPT_LIST ? KS_OK
                                                                                                : KS_INVALID;
        if (strncmp(ks_options[i].flag.name, "tls-", 4) == 0)
            want = KS_INVALID; /* one without the other */
        setenv(name.p, "zzz", 1);
        if (ks_config_load(&cx, 0, NULL, &c) != want)
            fail_msg("%s", name.p);
        unsetenv(name.p);
    }
}

KS_TESTS_WITH(set_up, tear_down, defaults_are_the_safe_ones, flag_beats_environment_beats_file_beats_default,
              the_file_may_be_named_by_the_environment, lists_come_from_flags_environment_and_file,
              switches_can_be_set_and_unset, a_bad_value_names_its_source_and_is_not_repeated,
              the_file_is_read_strictly, a_mistake_in_the_file_is_given_with_its_line,
              a_certificate_without_its_key_is_refused, every_option_is_read_from_the_environment)
