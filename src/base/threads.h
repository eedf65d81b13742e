/*
 * threads.h - the only place that knows how this system locks
 *
 * Locks are held for a few instructions only, never across I/O. With HI5_NO_THREADS
 * they are nothing, and a hi5_file belongs to one thread.
 */
#ifndef HI5_THREADS_H
#define HI5_THREADS_H

#include "base/cc.h"
#include <hi5.h>

/** How many processors this thread may use; at least 1. */
HI5_INT unsigned threads_cores(void);

/** As many threads as `asked`; 0: one for each processor. */
static inline unsigned
threads_asked(unsigned asked)
{
    return asked != 0 ? asked : threads_cores();
}

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

/* Where threads are kept that began too late to be of use, until they have ended. */
struct threads_team;
struct threads_late {
    hi5_allocator alloc;
    struct mutex lock;         /* guards the rest */
    unsigned n;
    struct threads_team *first;
};
HI5_INT void threads_late_init(struct threads_late *l, const hi5_allocator *a);
/** Wait for the last of them. */
HI5_INT void threads_late_done(struct threads_late *l);

/** Call work(arg, i) for each i below n, at the same time where that is possible, and wait
 *  until all that is done. What no thread has begun by then is done here: on a busy
 *  machine a thread may take longer to begin than the work does. */
HI5_INT void threads_run(struct threads_late *late, unsigned n,
                         void (*work)(void *arg, unsigned i), void *arg);

#endif
