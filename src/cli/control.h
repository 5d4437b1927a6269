/* cli/control.h — the control socket of a running server: administration for whoever may open it. One
 * request, one answer, HTTP/1.1 over AF_UNIX (unix(7), RFC 9112). Threads: one. */
#pragma once
#include "cli/client.h"

/* Send to the server that holds the data folder. KS_OK with the answer, NOT_FOUND when none runs there (no
 * socket, or nobody listens), STORE when the exchange failed. `body` absent: none. */
KS_MUST ks_status ks_control_send(ks_cli *c, ks_str data, const char *method, ks_str path, ks_str body,
                                  ks_reply *out);

/* The data folder this call is about. */
ks_str ks_cli_data(ks_cli *c);
