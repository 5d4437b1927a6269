/* features/dash/calls.h — how pages show calls. Threads: as the caller. */
#pragma once
#include "features/calls/calls.h"
#include "features/dash/frame.h"

/* A table of these lines of the log. */
void ks_dash_calls_table(ks_dash *d, const char *caption, const ks_call_line *all, size_t n);
