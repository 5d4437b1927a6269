/* base/pipe.h — a bounded byte queue between two callbacks of one loop thread: a streamed body on its way.
 * The reading side and the writing side each leave a wake-up. Threads: one. */
#pragma once
#include "base/str.h"

typedef struct ks_pipe ks_pipe;

#define KS_PIPE_HIGH (256 * 1024) /* the writer pauses above */
#define KS_PIPE_LOW  (128 * 1024) /* and is woken below */

/* Reference-counted: one for each side. NULL when memory is short. The content is wiped as it leaves. */
KS_MUST ks_pipe *ks_pipe_new(void);
void             ks_pipe_unref(ks_pipe *p); /* NULL is fine */
ks_pipe         *ks_pipe_ref(ks_pipe *p);

/* Append n bytes. False when the pipe is at or over KS_PIPE_HIGH (nothing taken: pause and wait for
 * on_space), broken, or memory is short (then it is broken). An append that begins below the mark is taken
 * whole. */
bool ks_pipe_write(ks_pipe *p, const void *data, size_t n);
void ks_pipe_close(ks_pipe *p); /* no more will come: the reader sees the end */
void ks_pipe_break(ks_pipe *p); /* either side gives up: both see it */

/* Up to n bytes; 0 when there are none now. */
size_t ks_pipe_read(ks_pipe *p, void *to, size_t n);

size_t ks_pipe_held(const ks_pipe *p);   /* bytes waiting */
bool   ks_pipe_closed(const ks_pipe *p); /* what waits is all that will come */
bool   ks_pipe_ended(const ks_pipe *p);  /* closed and empty */
bool   ks_pipe_broken(const ks_pipe *p); /* either side has given up */

/* fn(arg) when: data, the end or a break can be seen by the reader / space or a break by the writer. Called
 * from inside the other side's call; must only schedule work. NULL to forget it. */
void ks_pipe_on_data(ks_pipe *p, void (*fn)(void *arg), void *arg);
/* The writer's. */
void ks_pipe_on_space(ks_pipe *p, void (*fn)(void *arg), void *arg);
