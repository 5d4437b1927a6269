/* upstream/db_name_test.c — names that hang, names of places inside, addresses; a function plays getaddrinfo,
 * and nothing leaves this machine. */
#include "upstream/db_name.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/time.h"
#include "tests/support/arena.h"

static _Atomic int looked, ended, gate_open;

/* "hangs" has no answer until the gate opens; "db-ADDRESS" has that address. */
static int play(const char *host, const char *port, const struct addrinfo *want, struct addrinfo **list)
{
    looked++;
    while (strcmp(host, "hangs") == 0 && !gate_open)
        poll(NULL, 0, 1);
    int rc = getaddrinfo(host + strlen("db-"), port,
                         &(struct addrinfo){.ai_socktype = want->ai_socktype, .ai_flags = AI_NUMERICHOST},
                         list);
    ended++;
    return rc;
}

static ks_db_limit within(int ms)
{
    return (ks_db_limit){.deadline_us = ks_mono_us() + ms * INT64_C(1000), .stop_fd = -1};
}

static bool look(ks_db_names *d, const char *host, const ks_db_limit *l, ks_db_error *e)
{
    const ks_db_target t = {.host = ks_str_of(host), .port = 5432};
    struct addrinfo   *list = NULL;
    *e = (ks_db_error){.why = ""};
    bool found = ks_db_look_up(d, &t, l, &list, e);
    assert_true(found == (list != NULL));
    if (list != NULL)
        freeaddrinfo(list);
    return found;
}

/* Nothing of a test goes on behind it. */
static void let_all_end(int n)
{
    int64_t until = ks_mono_us() + 20000000;
    gate_open = 1;
    while (ended != n && ks_mono_us() < until)
        poll(NULL, 0, 1);
    assert_int_equal(ended, n);
}

static ks_db_names *begin(void)
{
    looked = ended = gate_open = 0;
    ks_db_names *d = ks_db_names_new(play);
    assert_non_null(d);
    return d;
}

static void a_name_that_hangs_is_given_up_in_time(void **state)
{
    ks_db_names *d = begin();
    ks_db_limit  l = within(20);
    ks_db_error  e;
    (void)state;
    assert_false(look(d, "hangs", &l, &e));
    assert_int_equal(e.step, KS_DB_NAME);
    assert_string_equal(e.why, "the name of the host was not resolved in time");
    ks_db_names_free(d); /* while it still hangs */
    let_all_end(1);
}

static void who_leaves_does_not_wait_for_a_name(void **state)
{
    ks_db_names   *d = begin();
    ks_db_limit    l = within(20000);
    ks_db_error    e;
    const uint64_t one = 1;
    (void)state;
    l.stop_fd = eventfd(0, EFD_CLOEXEC);
    assert_int_equal(write(l.stop_fd, &one, sizeof one), sizeof one);
    assert_false(look(d, "hangs", &l, &e));
    assert_int_equal(e.step, KS_DB_STOPPED);
    close(l.stop_fd);
    ks_db_names_free(d);
    let_all_end(1);
}

static void names_that_hang_are_bounded_and_their_places_come_back(void **state)
{
    ks_db_names *d = begin();
    ks_db_error  e;
    (void)state;
    for (int i = 0; i < KS_DB_NAMES; i++) {
        ks_db_limit l = within(0);
        assert_false(look(d, "hangs", &l, &e));
    }
    ks_db_limit l = within(20000);
    assert_false(look(d, "db-127.0.0.1", &l, &e));
    assert_string_equal(e.why, "too many names are being looked up");
    assert_true(look(d, "127.0.0.1", &l, &e)); /* an address is no name */
    let_all_end(KS_DB_NAMES);
    while (!look(d, "db-127.0.0.1", &l, &e) && ks_mono_us() < l.deadline_us)
        poll(NULL, 0, 1);
    assert_int_equal(e.step, KS_DB_FINE);
    ks_db_names_free(d);
    let_all_end(KS_DB_NAMES + 1);
}

static void an_address_is_taken_as_it_is_and_a_name_without_one_is_told(void **state)
{
    ks_db_names *d = begin();
    ks_db_limit  l = within(20000);
    ks_db_error  e;
    (void)state;
    assert_true(look(d, "::1", &l, &e));
    assert_int_equal(looked, 0);
    assert_false(look(d, "nowhere", &l, &e));
    assert_int_equal(e.step, KS_DB_NAME);
    assert_false(look(d, "", &l, &e));
    assert_int_equal(e.step, KS_DB_NAME);
    ks_db_names_free(d);
    let_all_end(1);
}

static void a_name_of_a_place_inside_is_not_dialled_N4(void **state)
{
    static const char *const inside[] = {"127.0.0.1",   "10.1.2.3",   "169.254.169.254",
                                         "192.168.0.1", "100.64.0.1", "0.0.0.0",
                                         "::1",         "fd00::1",    "::ffff:10.0.0.1"};
    ks_db_names             *d = begin();
    ks_db_limit              l = within(20000);
    ks_db_options            o = {0};
    (void)state;
    for (size_t i = 0; i <= KS_COUNT(inside); i++) {
        const char   *address = i < KS_COUNT(inside) ? inside[i] : "93.184.215.14";
        ks_db_target  t = {.host = ks_fmt(&cx, "db-%s", address), .port = 5432, .tls = KS_DB_TLS_FULL};
        ks_db_address at[KS_DB_ADDRESSES];
        ks_db_error   e = {.why = ""};
        size_t        n;
        assert_true(ks_db_resolve(&o, d, &t, &l, at, &n, &e) == (i == KS_COUNT(inside)));
        assert_int_equal(e.step, i < KS_COUNT(inside) ? KS_DB_REFUSED : KS_DB_FINE);
    }
    ks_db_names_free(d);
    let_all_end((int)KS_COUNT(inside) + 1);
}

KS_TESTS_WITH(arena_setup, arena_teardown, a_name_that_hangs_is_given_up_in_time,
              who_leaves_does_not_wait_for_a_name, names_that_hang_are_bounded_and_their_places_come_back,
              an_address_is_taken_as_it_is_and_a_name_without_one_is_told,
              a_name_of_a_place_inside_is_not_dialled_N4)
