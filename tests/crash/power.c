/*
 * power.c - power loss, and failures of memory and disk
 */
#include "crash.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POWER_COMMITS 16u

/* ---- power loss ---- */

/* A writer whose every commit waits for the disk, and how far the disk was after each. */
struct power {
    struct disk disk;
    size_t done[POWER_COMMITS + 1]; /* operations when commit i was complete */
    unsigned n;
    uint64_t digest[POWER_COMMITS + 1];
};

static bool
power_note(void *ctx)
{
    struct power *const p = ctx;

    p->done[++p->n] = p->disk.nops;
    return true;
}

static bool
power_run(struct power *p, uint64_t seed, hi5_error *err)
{
    hi5_open_options open = {.size = sizeof open, .durable = true, .threads = 1};
    hi5_create_options o = {.size = sizeof o, .open = &open};
    hi5_status s;
    hi5_file *f;

    disk_open(&p->disk);
    p->disk.noting = true;
    p->n = 0;
    crash_space(seed, &o);
    if (hi5_create_io(&p->disk.io, "power", &o, &f, err) != HI5_OK)
        return false;
    s = hi5_flush(f, HI5_DURABLE, err);
    p->done[0] = p->disk.nops;
    if (s == HI5_OK)
        s = crash_script(f, seed, POWER_COMMITS, HI5_SAFE, power_note, p, err);
    if (hi5_close(f, err) != HI5_OK || s != HI5_OK)
        return false;
    return crash_states(seed, POWER_COMMITS, p->digest);
}

/* The disk after `end` operations, those since the last sync whole or in part. */
static bool
power_case(const struct power *p, size_t end, bool tear, uint64_t *state)
{
    struct disk d;
    unsigned c = 0;
    uint64_t found;
    hi5_error err = {0};
    bool good;

    while (c < p->n && p->done[c + 1] <= end)
        c++;
    disk_after(&d, NULL, &p->disk, end, tear ? state : NULL);
    found = crash_look(d.bytes, d.n, &err);
    good = found != 0 && (found == p->digest[c] || (c < p->n && found == p->digest[c + 1]));
    if (!good)
        fprintf(stderr, "power: after operation %zu of %zu%s, commit %u: %s\n", end,
                p->disk.nops, tear ? " (torn)" : "", c,
                found != 0 ? "no committed state" : err.message);
    disk_close(&d);
    return good;
}

unsigned
crash_power(uint64_t seed, unsigned count, unsigned *done)
{
    uint64_t state = seed;
    unsigned good = 0;
    struct power p;
    hi5_error err = {0};

    for (unsigned left = count; left > 0;) {
        if (!power_run(&p, seed++, &err)) {
            fprintf(stderr, "power: %s\n", err.message);
            ++*done;
            disk_close(&p.disk);
            return good;
        }
        for (size_t i = p.done[0]; i <= p.disk.nops && left > 0; i++, left--, ++*done)
            good += power_case(&p, i, false, &state);
        for (unsigned i = 0; i < 300 && left > 0; i++, left--, ++*done)
            good += power_case(&p, p.done[0] + (size_t)crash_random(&state, p.disk.nops -
                                                                    p.done[0] + 1),
                               true, &state);
        disk_close(&p.disk);
    }
    return good;
}

/* ---- failures ---- */

#define FAULT_COMMITS 4u

struct faults {
    struct disk disk;
    uint64_t calls, fail_at, live; /* allocations, and how many there are */
    unsigned commits;
    uint64_t digest[FAULT_COMMITS + 1];
};

static void *
fault_resize(void *ctx, void *p, size_t old, size_t n)
{
    struct faults *const x = ctx;
    void *q;

    (void)old;
    if (n == 0) {
        x->live -= p != NULL;
        free(p);
        return NULL;
    }
    if (++x->calls == x->fail_at)
        return NULL;
    q = realloc(p, n);
    x->live += p == NULL && q != NULL;
    return q;
}

static bool
fault_note(void *ctx)
{
    ((struct faults *)ctx)->commits++;
    return true;
}

/* After a failure: back to the last commit and on, or nothing but closing. */
static bool
fault_after(struct faults *x, hi5_file *f, hi5_status why, hi5_error *err)
{
    const hi5_status s = hi5_abort(f, err);

    if (why == HI5_E_INTERNAL || (s != HI5_OK && s != HI5_E_STATE))
        return false;
    (void)x;
    if (s == HI5_E_STATE)
        return hi5_flush(f, HI5_SAFE, err) == HI5_E_STATE;
    return hi5_group_create(f, "/after", NULL, NULL, err) == HI5_OK &&
           hi5_abort(f, err) == HI5_OK;
}

/* @return whether all is as it should be; *over: nothing failed any more */
static bool
fault_case(struct faults *x, uint64_t seed, bool *over)
{
    const hi5_allocator a = {x, fault_resize};
    hi5_open_options open = {.size = sizeof open, .allocator = &a, .threads = 1};
    hi5_create_options o = {.size = sizeof o, .open = &open};
    hi5_error err = {0}, why = {0};
    hi5_file *f = NULL;
    bool made, good = true;
    uint64_t found;
    hi5_status s;

    crash_space(seed, &o);
    s = hi5_create_io(&x->disk.io, "fault", &o, &f, &why);
    made = s == HI5_OK;
    x->commits = 0;
    *over = false;
    if (made)
        s = crash_script(f, seed, FAULT_COMMITS, HI5_DURABLE, fault_note, x, &why);
    x->fail_at = x->disk.fail_at = 0;
    if (made && s != HI5_OK)
        good = fault_after(x, f, s, &err);
    else
        *over = made;
    hi5_close(f, NULL);
    if (!good)
        fprintf(stderr, "fault: %s; then %s\n", why.message, err.message);
    if (x->live != 0) {
        fprintf(stderr, "fault: %llu blocks are left (%s)\n", (unsigned long long)x->live,
                why.message);
        good = false;
    }
    if (!made)
        return good;
    found = crash_look(x->disk.bytes, x->disk.n, &err);
    if (found != 0 && (found == x->digest[x->commits] ||
                       (x->commits < FAULT_COMMITS && found == x->digest[x->commits + 1])))
        return good;
    fprintf(stderr, "fault: %s; commit %u: then %s\n", why.message, x->commits,
            found != 0 ? "no committed state" : err.message);
    return false;
}

unsigned
crash_faults(uint64_t seed, unsigned *done)
{
    static struct faults x;
    unsigned good = 0;

    memset(&x, 0, sizeof x);
    if (!crash_states(seed, FAULT_COMMITS, x.digest))
        return 0;
    for (unsigned kind = 0; kind < 3; kind++) {
        bool over = false;

        for (uint64_t n = 1; !over; n++, ++*done) {
            bool ok;

            x.calls = x.live = 0;
            disk_open(&x.disk);
            if (kind == 0)
                x.fail_at = n;
            else
                x.disk.fail_at = n;
            x.disk.fail_on = kind == 2;
            ok = fault_case(&x, seed, &over);
            if (!ok)
                fprintf(stderr, "    (%s %llu)\n", kind == 0 ? "allocation" : "call",
                        (unsigned long long)n);
            good += ok;
            disk_close(&x.disk);
        }
    }
    return good;
}
