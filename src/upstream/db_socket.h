/* upstream/db_socket.h — a TCP connection to one of the judged addresses, and bytes through it, for the
 * drivers whose library leaves the transport to us. Internal to upstream/. Threads: one at a time. */
#pragma once
#include "upstream/db_driver.h"

/* Connect to the first of `n` addresses that answers; *fd does not block and is the caller's, *which is its
 * index (may be NULL). False: *e says TCP or STOPPED. */
bool ks_db_dial(const ks_db_address *at, size_t n, const ks_db_limit *l, int *fd, size_t *which,
                ks_db_error *e);

/* Read up to `room` bytes, waiting for the first. 0: the peer has closed. -1: *e says TIMEOUT, STOPPED or
 * BROKEN. */
ssize_t ks_db_read(int fd, void *to, size_t room, const ks_db_limit *l, const char *late, ks_db_error *e);

/* Write some of `n` bytes, waiting for room. -1 as above. */
ssize_t ks_db_write(int fd, const void *from, size_t n, const ks_db_limit *l, const char *late,
                    ks_db_error *e);

/* Nothing waits to be read: neither the end of the connection nor bytes that nobody asked for. */
bool ks_db_quiet(int fd);
