#include "tests/support/test.h"
static void x(void **state)
{
    (void)state;
}
KS_TESTS(x)
