/*
 * threads.h - the only place that knows how this system locks
 *
 * Locks are held for a few instructions only, never across I/O. With HI5_NO_THREADS
 * they are nothing, and a hi5_file belongs to one thread.
 */
#ifndef HI5_THREADS_H
#define HI5_THREADS_H

#include "base/cc.h"

/** How many processors this machine has; at least 1. */
HI5_INT unsigned threads_cores(void);

/** Call work(arg, i) for each i below n, at the same time where that is possible, and wait
 *  for all of them. What no thread can be had for is done here. */
HI5_INT void threads_run(unsigned n, void (*work)(void *arg, unsigned i), void *arg);

#ifdef HI5_NO_THREADS
struct mutex {
    char unused;
};
static inline void mutex_init(struct mutex *m) { m->unused = 0; }
static inline void mutex_done(struct mutex *m) { (void)m; }
static inline void mutex_lock(struct mutex *m) { (void)m; }
static inline void mutex_unlock(struct mutex *m) { (void)m; }
#else
#include <pthread.h>
struct mutex {
    pthread_mutex_t m;
};
static inline void mutex_init(struct mutex *m) { pthread_mutex_init(&m->m, NULL); }
static inline void mutex_done(struct mutex *m) { pthread_mutex_destroy(&m->m); }
static inline void mutex_lock(struct mutex *m) { pthread_mutex_lock(&m->m); }
static inline void mutex_unlock(struct mutex *m) { pthread_mutex_unlock(&m->m); }
#endif

#endif
