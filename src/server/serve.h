/* server/serve.h — `keysteward serve`. */
#pragma once

/* Run the server with the words behind `serve`, until SIGTERM or SIGINT. Exit code: 0 stopped in order, 2
 * wrong settings, 5 it could not start. */
int ks_serve(int argc, char *const *argv);
