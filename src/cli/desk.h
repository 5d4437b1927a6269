/* cli/desk.h — administration whether or not the server runs: through its control socket, or straight in the
 * data folder when nobody holds it. The folder's lock tells which. Threads: one. */
#pragma once
#include "cli/control.h"

/* Ask the running server; when none runs, open store and root key and call `offline`, which finds them in
 * c->cx.env and prints its own result. A server that is just starting or ending is waited for (5 s).
 * *answered: there is an answer in *out. KS_EXIT_OK, or it has said what is wrong. */
int ks_desk_or_server(ks_cli *c, const char *method, ks_str path, ks_str body,
                      ks_status (*offline)(ks_cli *c), ks_reply *out, bool *answered);
