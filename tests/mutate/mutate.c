/*
 * mutate.c - change one field of one structure at a time, and judge what becomes of it
 *
 *   mutate [-s SEED] [-c COUNT] [-a N] [-e N] [-x OFFSET=HEX] [-w OUT] FILE...
 *
 *   -c COUNT  so many random mutants (default 20000)
 *   -a N      instead: every kind of field in every file, N of each kind, all values
 *   -e N      edit one of N mutants, too, by a random script (default 1: all; 0: none)
 *   -x        one mutant of one file, with the findings
 *   -w OUT    write the mutant of -x there; else all of them into the folder OUT, and
 *             try none: what is to be tried then are programs
 *
 * What must hold: no crash, no sanitizer's report, no HI5_E_INTERNAL, at most MUT_SECONDS
 * of processor time and MUT_MEMORY bytes for a mutant, and as much to edit it; and if the
 * validator finds no error, everything reads, and still does when it was edited. Mutants are tried in a child process; a dead one is a failure
 * like others. Each failure is a line that says how to repeat it with -x.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, setitimer */
#define _DARWIN_C_SOURCE
#include "mutate.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUT_MEMORY ((size_t)256 << 20)
#define MUT_VALUES 12u
#define MUT_TOLD 40u /* failures that are printed */
#define MUT_SCRIPT 48u
#define MUT_OPERATIONS 29u /* about so many there are */

#if defined(__SANITIZE_ADDRESS__)
#define MUT_SECONDS 20
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MUT_SECONDS 20
#endif
#endif
#ifndef MUT_SECONDS
#define MUT_SECONDS 2
#endif

/* What both processes know. */
struct mut_board {
    uint64_t next, tried, sound, warned, wrong, unreadable, failed, slow;
    uint64_t edited, steps, done;
    double worst;       /* seconds */
    size_t peak;        /* bytes */
    char line[512];     /* the mutant being tried */
    char worst_line[512], peak_line[512];
};

struct mut_memory {
    size_t used, peak;
};

struct mutate {
    struct mut_board *board;
    struct mut_file *file;
    size_t nfiles;
    unsigned skipped;
    uint64_t seed, count, all, budget, edit;
    hi5_limits limits;
    struct mut_memory memory;
    hi5_allocator allocator;
    hi5_open_options open;
    char folder[1024];
    const char *out; /* -w */
    bool talk;
};

/* A mutant: a field, and what it becomes. */
struct mutant {
    struct mut_file *f;
    const struct mut_field *at;
    uint8_t value[8], was[8];
    uint64_t offset; /* of the bytes that change: wide fields change in part */
    unsigned n;
};

static struct mut_board *mut_shown; /* for signal handlers */

static uint64_t
mut_random(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* ---- making mutants ---- */

static uint64_t
mut_number(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < n; i++)
        v |= (uint64_t)p[i] << 8 * i;
    return v;
}

/* Value i of the different ones that a field may get. */
static uint64_t
mut_value(const struct mut_file *f, const struct mutant *m, unsigned i, uint64_t *state)
{
    const uint64_t v = mut_number(m->was, m->n), r = mut_random(state);

    switch (i) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2:
        return UINT64_MAX;
    case 3:
        return v + 1;
    case 4:
        return v - 1;
    case 5:
        return v * 2;
    case 6:
        return v ^ (uint64_t)1 << r % (8 * m->n);
    case 7:
        return f->naddresses != 0 ? f->address[r % f->naddresses] : v / 2;
    case 8:
        return f->n - f->base + (r % 3 - 1);
    case 9:
        return UINT64_MAX >> 1;
    case 10:
        return r % (v < UINT64_MAX / 4 ? 2 * v + 16 : v);
    default:
        return r;
    }
}

/* False if nothing would change. */
static bool
mut_make(struct mut_file *f, const struct mut_field *at, unsigned i, uint64_t *state,
         struct mutant *m)
{
    uint64_t v;

    m->f = f;
    m->at = at;
    m->n = at->n < 8 ? at->n : 8;
    m->offset = at->offset;
    if (at->n > 8) { /* a name, a table: some bytes of it */
        m->n = 1u << mut_random(state) % 4;
        m->offset += mut_random(state) % (at->n - m->n + 1);
    }
    memcpy(m->was, f->bytes + m->offset, m->n);
    v = mut_value(f, m, i, state);
    for (unsigned k = 0; k < m->n; k++)
        m->value[k] = (uint8_t)(v >> 8 * k);
    return memcmp(m->value, m->was, m->n) != 0;
}

static void
mut_describe(const struct mutate *u, const struct mutant *m, char *line, size_t size)
{
    char value[17] = "", was[17] = "";

    for (unsigned i = 0; i < m->n; i++) {
        snprintf(value + 2 * i, 3, "%02x", (unsigned)m->value[i]);
        snprintf(was + 2 * i, 3, "%02x", (unsigned)m->was[i]);
    }
    snprintf(line, size, "-s %llu -x %llu=%s %s (%s \"%s\", was %s)",
             (unsigned long long)u->seed, (unsigned long long)m->offset, value, m->f->path,
             m->at != NULL ? m->at->structure : "", m->at != NULL ? m->at->field : "",
             was);
}

/* ---- memory ---- */

static void *
mut_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    struct mut_memory *const m = ctx;
    void *q;

    if (new_size == 0) {
        m->used -= old_size;
        free(p);
        return NULL;
    }
    q = realloc(p, new_size);
    if (q == NULL)
        return NULL;
    m->used += new_size - old_size;
    if (m->used > m->peak)
        m->peak = m->used;
    return q;
}

/* ---- judging ---- */

static void
mut_fail(struct mutate *u, const char *what, const char *more)
{
    if (u->board->failed++ < MUT_TOLD || u->talk)
        printf("FAIL: %s%s%s\n      %s\n", what, more[0] != '\0' ? ": " : "", more,
               u->board->line);
}

/* The memory that was used for one thing. */
static void
mut_judge_memory(struct mutate *u)
{
    char why[64];

    if (u->memory.used != 0) {
        snprintf(why, sizeof why, "%zu bytes", u->memory.used);
        mut_fail(u, "memory leaked", why);
    }
    if (u->memory.peak > MUT_MEMORY) {
        snprintf(why, sizeof why, "%zu MiB", u->memory.peak >> 20);
        mut_fail(u, "too much memory", why);
    }
}

static void
mut_judge(struct mutate *u, const struct mut_verdict *v, const struct mut_reading *r)
{
    char why[1200];

    snprintf(why, sizeof why, "%s: %s", r->what, r->first.message);
    if (r->internal)
        mut_fail(u, "an internal error", why);
    if (v->status != HI5_OK && v->status != HI5_E_LIMIT)
        mut_fail(u, "the validator gave up", hi5_status_name(v->status));
    if (!mut_agree(v, r))
        mut_fail(u, "unreadable, and no error is found", why);
    mut_judge_memory(u);
}

/* ---- trying ---- */

static double
mut_clock(void)
{
    struct itimerval t;

    getitimer(ITIMER_PROF, &t);
    return MUT_SECONDS - ((double)t.it_value.tv_sec + (double)t.it_value.tv_usec / 1e6);
}

static void
mut_timer(int seconds)
{
    const struct itimerval t = {.it_value = {seconds, 0}};

    setitimer(ITIMER_PROF, &t, NULL);
}

static void
mut_note(struct mutate *u, const struct mut_verdict *v, const struct mut_reading *r)
{
    struct mut_board *const b = u->board;

    b->tried++;
    b->wrong += v->errors != 0;
    b->warned += v->errors == 0 && v->warnings != 0;
    b->sound += v->errors == 0 && v->warnings == 0;
    b->unreadable += r->failures != 0;
}

/* What one thing took. */
static void
mut_note_costs(struct mutate *u, double seconds)
{
    struct mut_board *const b = u->board;

    if (seconds > b->worst) {
        b->worst = seconds;
        memcpy(b->worst_line, b->line, sizeof b->line);
    }
    if (u->memory.peak > b->peak) {
        b->peak = u->memory.peak;
        memcpy(b->peak_line, b->line, sizeof b->line);
    }
}

static void
mut_write(const struct mut_file *f, const char *path)
{
    FILE *const out = fopen(path, "wb");

    if (out == NULL || fwrite(f->bytes, 1, f->n, out) != f->n || fclose(out) != 0) {
        fprintf(stderr, "mutate: cannot write %s\n", path);
        _exit(0);
    }
}

/* Write the mutant, instead of trying it, and say which it is. */
static void
mut_keep(struct mutate *u, const struct mut_file *f)
{
    char path[2048];

    snprintf(path, sizeof path, "%s/%llu.h5", u->out,
             (unsigned long long)u->board->tried++);
    mut_write(f, path);
    printf("%s: %s\n", path, u->board->line);
}

/* Edit the mutant by a script that follows from what it is. */
static void
mut_try_editing(struct mutate *u, const struct mutant *m, const struct mut_verdict *v)
{
    uint64_t state = u->seed * 0x100000001b3u ^ m->offset << 20 ^ mut_number(m->value, m->n);
    struct mut_edited e = {.talk = u->talk};
    uint8_t script[MUT_SCRIPT];

    if (u->edit == 0 || (mut_random(&state) % u->edit != 0 && !u->talk))
        return;
    for (unsigned i = 0; i < MUT_SCRIPT; i++) {
        const uint64_t r = mut_random(&state);
        script[i] = (uint8_t)(i % 3 == 0 ? r % MUT_OPERATIONS : r);
    }
    u->memory = (struct mut_memory){0};
    mut_timer(MUT_SECONDS);
    if (!mut_edit_holds(m->f, &u->open, v, script, sizeof script, &e))
        mut_fail(u, "edited", e.wrong);
    mut_note_costs(u, mut_clock());
    mut_judge_memory(u);
    u->board->edited += e.done > 1;
    u->board->steps += e.steps;
    u->board->done += e.done;
}

static void
mut_try(struct mutate *u, const struct mutant *m)
{
    struct mut_file *const f = m->f;
    const bool foreign = !f->members && f->nparts != 0 && m->offset >= f->part[0].n;
    struct mut_verdict v = {.talk = u->talk, .elsewhere = foreign};
    struct mut_reading r;

    mut_describe(u, m, u->board->line, sizeof u->board->line);
    memcpy(f->bytes + m->offset, m->value, m->n);
    mut_sums(f, m->offset, m->n);
    if (u->out != NULL) {
        mut_keep(u, f);
    } else {
        u->memory = (struct mut_memory){0};
        mut_timer(MUT_SECONDS);
        mut_check(f, &u->open, &v);
        mut_read(f, &u->open, &r);
        mut_note(u, &v, &r);
        mut_note_costs(u, mut_clock());
        mut_judge(u, &v, &r);
        mut_try_editing(u, m, &v);
    }
    mut_sums_back(f, m->offset, m->n);
    memcpy(f->bytes + m->offset, m->was, m->n);
}

/* Random mutant i: files in turn, then a kind of field, one such field, a value. */
static void
mut_one_random(struct mutate *u, uint64_t i)
{
    uint64_t state = u->seed * 0x100000001b3u + i;
    struct mut_file *const f = &u->file[i % u->nfiles];
    const size_t kind = (size_t)(mut_random(&state) % f->nkinds);
    const size_t n = f->kind[kind + 1] - f->kind[kind];
    const struct mut_field *const at = &f->field[f->kind[kind] + mut_random(&state) % n];
    struct mutant m;

    if (mut_make(f, at, (unsigned)(mut_random(&state) % MUT_VALUES), &state, &m))
        mut_try(u, &m);
}

/* All values of `u->all` fields of each kind, spread evenly. */
static uint64_t
mut_each_of(struct mutate *u, struct mut_file *f, size_t kind, uint64_t number,
            uint64_t from)
{
    const size_t n = f->kind[kind + 1] - f->kind[kind];
    const size_t most = u->all < n ? (size_t)u->all : n;

    for (size_t i = 0; i < most; i++)
        for (unsigned value = 0; value < MUT_VALUES; value++, number++) {
            uint64_t state = u->seed * 0x100000001b3u + number;
            struct mutant m;

            if (number < from)
                continue;
            u->board->next = number + 1;
            if (mut_make(f, &f->field[f->kind[kind] + i * n / most], value, &state, &m))
                mut_try(u, &m);
        }
    return number;
}

static void
mut_run(struct mutate *u)
{
    const uint64_t from = u->board->next;
    uint64_t number = 0;

    for (uint64_t i = from; u->all == 0 && i < u->count; i++) {
        u->board->next = i + 1;
        mut_one_random(u, i);
    }
    for (size_t f = 0; u->all != 0 && f < u->nfiles; f++)
        for (size_t kind = 0; kind < u->file[f].nkinds; kind++)
            number = mut_each_of(u, &u->file[f], kind, number, from);
}

/* ---- processes ---- */

static void
mut_died(int signal)
{
    static const char slow[] = "FAIL: too slow\n      ", dead[] = "FAIL: crashed\n      ";
    const char *const what = signal == SIGPROF ? slow : dead;

    if (write(STDOUT_FILENO, what, strlen(what)) > 0 &&
        write(STDOUT_FILENO, mut_shown->line, strlen(mut_shown->line)) > 0 &&
        write(STDOUT_FILENO, "\n", 1) > 0)
        _exit(3);
    _exit(4);
}

/* Run in children until all has been tried. */
static void
mut_fork(struct mutate *u)
{
    for (bool done = false; !done;) {
        int status = 0;
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid < 0)
            exit(2);
        if (pid == 0) {
            signal(SIGPROF, mut_died);
            mut_run(u);
            fflush(stdout);
            _exit(0);
        }
        while (waitpid(pid, &status, 0) < 0)
            continue;
        done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!done) {
            u->board->failed++;
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 3)
                printf("FAIL: the process died, status 0x%x\n      %s\n",
                       (unsigned)status, u->board->line);
        }
    }
}

/* ---- one mutant ---- */

static int
mut_single(struct mutate *u, const char *change)
{
    struct mutant m = {.f = u->file};
    char *hex;

    m.offset = strtoull(change, &hex, 0);
    for (hex++; hex[0] != '\0' && hex[1] != '\0' && m.n < 8; hex += 2) {
        const char two[] = {hex[0], hex[1], '\0'};
        m.value[m.n++] = (uint8_t)strtoul(two, NULL, 16);
    }
    if (m.offset > m.f->n || m.n > m.f->n - m.offset)
        return 2;
    memcpy(m.was, m.f->bytes + m.offset, m.n);
    if (u->out != NULL) {
        memcpy(m.f->bytes + m.offset, m.value, m.n);
        mut_sums(m.f, m.offset, m.n);
        mut_write(m.f, u->out);
        mut_sums_back(m.f, m.offset, m.n);
        memcpy(m.f->bytes + m.offset, m.was, m.n);
        u->out = NULL;
    }
    u->talk = true;
    mut_try(u, &m);
    printf("%.3f s, %zu KiB\n", u->board->worst, u->board->peak >> 10);
    return u->board->failed != 0;
}

/* ---- main ---- */

static void
mut_report(const struct mutate *u)
{
    const struct mut_board *const b = u->board;
    size_t fields = 0, kinds = 0;

    for (size_t i = 0; i < u->nfiles; i++) {
        fields += u->file[i].nfields;
        kinds += u->file[i].nkinds;
    }
    printf("%llu mutants of %zu files, %zu fields, %zu kinds of field: %llu with "
           "errors, %llu with warnings, %llu sound; %llu not wholly readable\n",
           (unsigned long long)b->tried, u->nfiles, fields, kinds,
           (unsigned long long)b->wrong, (unsigned long long)b->warned,
           (unsigned long long)b->sound, (unsigned long long)b->unreadable);
    printf("%llu edited: %llu operations, of which %llu were done\n",
           (unsigned long long)b->edited, (unsigned long long)b->steps,
           (unsigned long long)b->done);
    if (u->skipped != 0)
        printf("%u files left out: they do not open by themselves\n", u->skipped);
    printf("slowest: %.3f s: %s\nlargest: %zu KiB: %s\n", b->worst, b->worst_line,
           b->peak >> 10, b->peak_line);
    printf("%llu passed, %llu failed\n", (unsigned long long)(b->tried - b->failed),
           (unsigned long long)b->failed);
}

static void
mut_init(struct mutate *u)
{
    u->allocator = (hi5_allocator){&u->memory, mut_resize};
    u->open = (hi5_open_options){.size = sizeof u->open,
                                 .allocator = &u->allocator,
                                 .others = HI5_OTHERS_CONFINE,
                                 .others_folder = u->folder,
                                 .threads = 1};
    u->board = mmap(NULL, sizeof *u->board, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (u->board == MAP_FAILED)
        exit(2);
    mut_shown = u->board;
    memset(u->board, 0, sizeof *u->board);
}

static void
mut_add_file(struct mutate *u, const char *path)
{
    const char *const slash = strrchr(path, '/');

    snprintf(u->folder, sizeof u->folder, "%.*s",
             slash != NULL ? (int)(slash - path) : 1, slash != NULL ? path : ".");
    if (mut_map(&u->file[u->nfiles], path, &u->open)) {
        u->nfiles++;
    } else {
        mut_unmap(&u->file[u->nfiles]);
        u->skipped++;
    }
}

int
main(int argc, char **argv)
{
    struct mutate u = {.seed = 1, .count = 20000, .edit = 1};
    const char *change = NULL;
    int c, status = 0;

    mut_init(&u);
    while ((c = getopt(argc, argv, "s:c:a:e:x:w:")) != -1) {
        if (c == 's')
            u.seed = strtoull(optarg, NULL, 0);
        else if (c == 'c')
            u.count = strtoull(optarg, NULL, 0);
        else if (c == 'a')
            u.all = strtoull(optarg, NULL, 0);
        else if (c == 'e')
            u.edit = strtoull(optarg, NULL, 0);
        else if (c == 'x')
            change = optarg;
        else if (c == 'w')
            u.out = optarg;
        else
            return 2;
    }
    u.file = calloc((size_t)argc, sizeof *u.file);
    for (; optind < argc; optind++)
        mut_add_file(&u, argv[optind]);
    if (u.file == NULL || u.nfiles == 0)
        return 2;
    if (change != NULL) {
        status = mut_single(&u, change);
    } else {
        mut_fork(&u);
        if (u.out == NULL)
            mut_report(&u);
        status = u.board->failed != 0;
    }
    while (u.nfiles > 0)
        mut_unmap(&u.file[--u.nfiles]);
    free(u.file);
    return status;
}
