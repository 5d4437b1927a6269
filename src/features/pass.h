/* features/pass.h — a right to one thing for some time, in an address: id, end and a tag over both and the
 * purpose. Nothing is stored of it. Whether it is used once is its feature's to see to. Threads: as the
 * handler. */
#pragma once
#include "features/env.h"

/* The pass for `id` (an id of ours) until `until_us`; `what` names the purpose. Absent when memory is short.
 */
ks_str ks_pass_new(ks_ctx *cx, const char *what, ks_str id, int64_t until_us);

/* The id of a pass that is genuine, for this purpose and not over; absent otherwise. A view of `pass`. */
ks_str ks_pass_id(ks_ctx *cx, const char *what, ks_str pass);
