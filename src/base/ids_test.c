/* base/ids_test.c — ids are ordered, never equal, and recognised (rule K5). */
#include "base/ids.h"

#include "base/time.h"
#include "tests/support/arena.h"

static void later_ids_sort_behind_earlier_ones(void **state)
{
    (void)state;
    ks_str before = ks_id_new(&cx, KS_ID_CONNECTION);
    for (int i = 0; i < 1000; i++) {
        ks_str id = ks_id_new(&cx, KS_ID_CONNECTION);
        assert_true(ks_id_valid(id, KS_ID_CONNECTION));
        assert_true(memcmp(before.p, id.p, 13) <= 0); /* prefix and time */
        assert_false(ks_str_eq(before, id));
        before = id;
    }
}

static void the_random_part_holds_100_bits_K5(void **state)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    (void)state;
    unsigned used[20] = {0};
    for (int i = 0; i < 1000; i++) {
        ks_str id = ks_id_new(&cx, KS_ID_LOG);
        for (size_t k = 0; k < 20; k++)
            used[k] |= 1U << (strchr(alphabet, id.p[13 + k]) - alphabet);
    }
    for (size_t k = 0; k < 20; k++)
        assert_int_equal(used[k], UINT32_MAX); /* by chance false once in 10^11 runs */
}

static void other_forms_are_no_ids(void **state)
{
    (void)state;
    assert_true(ks_id_valid(KS_S("ca_0123456789abcdefghjkmnpqrstvwx"), "ca_"));
    assert_false(ks_id_valid(KS_S("ac_0123456789abcdefghjkmnpqrstvwx"), "ca_"));
    assert_false(ks_id_valid(KS_S("ca_0123456789abcdefghjkmnpqrstvw"), "ca_"));
    assert_false(ks_id_valid(KS_S("ca_0123456789abcdefghjkmnpqrstvwxy"), "ca_"));
    assert_false(ks_id_valid(KS_S("ca_0123456789abcdefghjkmnpqrstvwi"), "ca_")); /* no i in the alphabet */
    assert_false(ks_id_valid(KS_S("ca_0123456789abcdefghjkmnpqrstvwX"), "ca_"));
    assert_false(ks_id_valid(KS_S("ca_0123456789abcdefghjkmnpqrstvw\0"), "ca_"));
    assert_false(ks_id_valid(KS_S("ca_"), "ca_"));
    assert_false(ks_id_valid(KS_NO_STR, "ca_"));
}

static void an_id_tells_when_it_was_made(void **state)
{
    int64_t before = ks_now_us(), at = 0;
    (void)state;
    assert_true(ks_id_time(ks_id_new(&cx, KS_ID_REQUEST), KS_ID_REQUEST, &at));
    assert_in_range(at, before, ks_now_us());
    assert_true(ks_id_time(KS_S("ca_0000000000abcdefghjkmnpqrstvwx"), "ca_", &at));
    assert_int_equal(at, INT64_C(1704067200000000));
    assert_false(ks_id_time(KS_S("ca_x"), "ca_", &at));
}

KS_TESTS_WITH(arena_setup, arena_teardown, later_ids_sort_behind_earlier_ones,
              the_random_part_holds_100_bits_K5, other_forms_are_no_ids, an_id_tells_when_it_was_made)
