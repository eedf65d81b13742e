/*
 * threads.c - work done by several threads at once
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE 1
#include "base/threads.h"

#ifdef HI5_NO_THREADS

HI5_INT unsigned
threads_cores(void)
{
    return 1;
}

HI5_INT void
threads_run(unsigned n, void (*work)(void *arg, unsigned i), void *arg)
{
    for (unsigned i = 0; i < n; i++)
        work(arg, i);
}

#else
#include <unistd.h>

#define THREADS_MOST 64u

HI5_INT unsigned
threads_cores(void)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : n > (long)THREADS_MOST ? THREADS_MOST : (unsigned)n;
}

struct threads_job {
    void (*work)(void *arg, unsigned i);
    void *arg;
    unsigned i;
    pthread_t thread;
    int failed;
};

static void *
threads_main(void *p)
{
    const struct threads_job *j = p;

    j->work(j->arg, j->i);
    return NULL;
}

HI5_INT void
threads_run(unsigned n, void (*work)(void *arg, unsigned i), void *arg)
{
    struct threads_job job[THREADS_MOST];
    const unsigned threads = n < THREADS_MOST ? n : THREADS_MOST;

    for (unsigned i = 1; i < threads; i++) {
        job[i] = (struct threads_job){.work = work, .arg = arg, .i = i};
        job[i].failed = pthread_create(&job[i].thread, NULL, threads_main, &job[i]);
    }
    work(arg, 0);
    for (unsigned i = threads; i < n; i++)
        work(arg, i);
    for (unsigned i = 1; i < threads; i++) {
        if (job[i].failed)
            work(arg, i);
        else
            pthread_join(job[i].thread, NULL);
    }
}

#endif
