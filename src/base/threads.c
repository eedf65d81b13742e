/*
 * threads.c - work done by several threads at once
 */
#ifdef __linux__
#define _GNU_SOURCE 1 /* sched_getaffinity */
#endif
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE 1
#include "base/threads.h"
#include "base/mem.h"

#ifdef HI5_NO_THREADS

HI5_INT unsigned
threads_cores(void)
{
    return 1;
}

HI5_INT void
threads_late_init(struct threads_late *l, const hi5_allocator *a)
{
    (void)a;
    l->n = 0;
}

HI5_INT void
threads_late_done(struct threads_late *l)
{
    (void)l;
}

HI5_INT void
threads_run(struct threads_late *late, unsigned n, void (*work)(void *arg, unsigned i),
            void *arg)
{
    (void)late;
    for (unsigned i = 0; i < n; i++)
        work(arg, i);
}

#else
#include <sched.h>
#include <unistd.h>

#define THREADS_MOST 64u

/* Those that this thread may use, where the system tells; it tells faster than how many
 * there are, which takes as long as writing a row. */
static long
threads_allowed(void)
{
#ifdef __linux__
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
#endif
    return sysconf(_SC_NPROCESSORS_ONLN);
}

HI5_INT unsigned
threads_cores(void)
{
    const long n = threads_allowed();

    return n < 1 ? 1 : n > (long)THREADS_MOST ? THREADS_MOST : (unsigned)n;
}

#define THREADS_LATE 4u /* teams; with more the machine is too busy for others */

/* Threads that share the calls of one threads_run. */
struct threads_team {
    struct mutex lock; /* guards what follows */
    pthread_cond_t idle;
    unsigned next, n;        /* the call that is to be taken next, and how many */
    unsigned running, ended; /* calls in threads of ours; threads that have ended */
    /* These stay as they are: */
    void (*work)(void *arg, unsigned i);
    void *arg;
    unsigned threads, room;
    struct threads_team *older;
    pthread_t thread[];
};

static size_t
team_size(unsigned room)
{
    return sizeof(struct threads_team) + room * sizeof(pthread_t);
}

/* Calls, until all are taken. `by` one of our threads they are counted. */
static void
team_work(struct threads_team *t, bool ours)
{
    mutex_lock(&t->lock);
    while (t->next < t->n) {
        const unsigned i = t->next++;

        t->running += ours;
        mutex_unlock(&t->lock);
        t->work(t->arg, i);
        mutex_lock(&t->lock);
        t->running -= ours;
    }
    if (ours) {
        t->ended++;
        pthread_cond_signal(&t->idle);
    }
    mutex_unlock(&t->lock);
}

static void *
team_main(void *p)
{
    team_work(p, true);
    return NULL;
}

static struct threads_team *
team_new(const hi5_allocator *a, unsigned room, unsigned n,
         void (*work)(void *arg, unsigned i), void *arg)
{
    struct threads_team *const t = mem_raw(a, NULL, 0, team_size(room));

    if (t == NULL)
        return NULL;
    *t = (struct threads_team){.n = n, .work = work, .arg = arg, .room = room};
    mutex_init(&t->lock);
    pthread_cond_init(&t->idle, NULL);
    while (t->threads < room &&
           pthread_create(&t->thread[t->threads], NULL, team_main, t) == 0)
        t->threads++;
    return t;
}

static void
team_join(const hi5_allocator *a, struct threads_team *t)
{
    for (unsigned i = 0; i < t->threads; i++)
        pthread_join(t->thread[i], NULL);
    pthread_cond_destroy(&t->idle);
    mutex_done(&t->lock);
    mem_raw(a, t, team_size(t->room), 0);
}

/* Wait for the calls that run. @return  have all threads ended? */
static bool
team_wait(struct threads_team *t)
{
    bool ended;

    mutex_lock(&t->lock);
    while (t->running != 0)
        pthread_cond_wait(&t->idle, &t->lock.m);
    ended = t->ended == t->threads;
    mutex_unlock(&t->lock);
    return ended;
}

HI5_INT void
threads_late_init(struct threads_late *l, const hi5_allocator *a)
{
    *l = (struct threads_late){.n = 0};
    if (a != NULL)
        l->alloc = *a;
    mutex_init(&l->lock);
}

HI5_INT void
threads_late_done(struct threads_late *l)
{
    while (l->first != NULL) {
        struct threads_team *const t = l->first;
        l->first = t->older;
        team_join(&l->alloc, t);
    }
    mutex_done(&l->lock);
}

/* Let those go that have ended meanwhile. @return  how many are left */
static unsigned
late_sweep(struct threads_late *l)
{
    struct threads_team *ended = NULL;
    unsigned n;

    mutex_lock(&l->lock);
    for (struct threads_team **p = &l->first; *p != NULL;) {
        struct threads_team *const t = *p;
        if (team_wait(t)) {
            *p = t->older;
            t->older = ended;
            ended = t;
            l->n--;
        } else {
            p = &t->older;
        }
    }
    n = l->n;
    mutex_unlock(&l->lock);
    while (ended != NULL) {
        struct threads_team *const t = ended;
        ended = t->older;
        team_join(&l->alloc, t);
    }
    return n;
}

static void
late_keep(struct threads_late *l, struct threads_team *t)
{
    mutex_lock(&l->lock);
    t->older = l->first;
    l->first = t;
    l->n++;
    mutex_unlock(&l->lock);
}

HI5_INT void
threads_run(struct threads_late *late, unsigned n, void (*work)(void *arg, unsigned i),
            void *arg)
{
    const unsigned others = (n < THREADS_MOST ? n : THREADS_MOST) - 1;
    struct threads_team *t = NULL;

    if (late_sweep(late) < THREADS_LATE)
        t = team_new(&late->alloc, others, n, work, arg);
    if (t == NULL) {
        for (unsigned i = 0; i < n; i++)
            work(arg, i);
        return;
    }
    team_work(t, false);
    if (team_wait(t))
        team_join(&late->alloc, t);
    else
        late_keep(late, t);
}

#endif
