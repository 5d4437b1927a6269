/* */
#include "tests/support/arena.h"
static void t(void **s)
{
    (void)s;
}
KS_TESTS(t)
