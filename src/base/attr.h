/* base/attr.h — compiler attributes and the few macros every file uses. No code. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KS_MUST         __attribute__((warn_unused_result))
#define KS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define KS_UNUSED       __attribute__((unused))

/* Number of elements of an array (not of a pointer). */
#define KS_COUNT(a) (sizeof(a) / sizeof((a)[0]))
