/*
 * bench.c - choose, verify, time, report
 *
 *   bench FOLDER     writes FOLDER/bench.md, FOLDER/bench.json and FOLDER/data/
 *
 * Environment: BENCH_SCALE (1) shrinks the data; BENCH_ONLY selects workloads whose
 * name has it as a part, or a group; BENCH_REPEATS (5) is the least number of runs;
 * BENCH_CLOCK=cpu counts processor time of all threads, for a machine that is busy with
 * other things.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MOST_RUNS 51
#define MOST_ROWS 128
#define ENOUGH 1.0 /* seconds on one workload, if the least number of runs allows */
#define SLOW 8.0   /* seconds; when one round takes longer, three are enough */
#define ENDLESS 20.0 /* seconds; when libhdf5 takes longer, it runs but once */

double bench_scale = 1;

struct row {
    const struct workload *w;
    double hi5, libhdf5, limit; /* seconds, medians */
    double one, two;            /* the same with one and with two threads, or 0 */
    size_t peak;                /* bytes */
    int runs;
};

void
die(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

uint64_t
scaled(uint64_t n)
{
    const double m = (double)n * bench_scale;

    return m < 1 ? 1 : (uint64_t)m;
}

void *
need(size_t n)
{
    void *p = malloc(n != 0 ? n : 1);

    if (p == NULL)
        die("%zu bytes of memory are not to be had", n);
    return p;
}

uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t
digest_bytes(uint64_t seed, const void *p, size_t n)
{
    const uint8_t *b = p;
    uint64_t h = seed + n, word;

    for (; n >= 8; n -= 8, b += 8) {
        memcpy(&word, b, 8);
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    for (; n > 0; n--)
        h = (h ^ *b++) * 0x100000001b3u;
    return h;
}

void
ours(hi5_status s, const hi5_error *err)
{
    if (s != HI5_OK)
        die("hi5: %s", err->message);
}

hid_t
theirs(hid_t id, const char *what)
{
    if (id < 0)
        die("libhdf5: %s", what);
    return id;
}

hi5_file *
ours_open(const struct job *j)
{
    const hi5_open_options options = {.size = sizeof options, .allocator = j->allocator,
                                      .threads = j->threads};
    hi5_error err;
    hi5_file *f;

    ours(hi5_open(j->path, &options, &f, &err), &err);
    return f;
}

void
ours_close(hi5_file *f)
{
    hi5_error err;

    ours(hi5_close(f, &err), &err);
}

hi5_dataset *
ours_dataset(hi5_file *f, const char *path)
{
    hi5_error err;
    hi5_dataset *d;

    ours(hi5_dataset_open(f, path, &d, &err), &err);
    return d;
}

hid_t
theirs_open(const struct job *j)
{
    return THEIRS(H5Fopen(j->path, H5F_ACC_RDONLY, H5P_DEFAULT));
}

/* ---- files that are written ---- */

const char *
written_path(const struct job *j)
{
    static char path[1100];
    const char *const slash = strrchr(j->path, '/');

    snprintf(path, sizeof path, "%.*s/written.h5", (int)(slash - j->path), j->path);
    return path;
}

hi5_file *
ours_create(const struct job *j)
{
    const hi5_open_options open = {.size = sizeof open, .allocator = j->allocator,
                                   .threads = j->threads};
    const hi5_create_options options = {.size = sizeof options, .open = &open};
    hi5_error err;
    hi5_file *f;

    ours(hi5_create(written_path(j), &options, &f, &err), &err);
    return f;
}

hid_t
theirs_create(const struct job *j)
{
    const hid_t p = THEIRS(H5Pcreate(H5P_FILE_ACCESS));
    hid_t f;

    THEIRS(H5Pset_libver_bounds(p, H5F_LIBVER_V18, H5F_LIBVER_V18));
    f = THEIRS(H5Fcreate(written_path(j), H5F_ACC_TRUNC, H5P_DEFAULT, p));
    H5Pclose(p);
    return f;
}

hid_t
theirs_written(const struct job *j)
{
    return THEIRS(H5Fopen(written_path(j), H5F_ACC_RDONLY, H5P_DEFAULT));
}

/* ---- memory: what hi5 asks its allocator for ---- */

struct meter {
    atomic_size_t now, peak;
};

static void *
meter_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    struct meter *m = ctx;
    void *q = NULL;
    size_t now, peak;

    if (new_size == 0) {
        free(p);
    } else if ((q = realloc(p, new_size)) == NULL) {
        return NULL;
    }
    now = atomic_fetch_add(&m->now, new_size - old_size) + new_size - old_size;
    peak = atomic_load(&m->peak);
    while (now > peak && !atomic_compare_exchange_weak(&m->peak, &peak, now))
        continue;
    return q;
}

/* ---- one workload ---- */

static double
seconds(void)
{
    const char *clock = getenv("BENCH_CLOCK");
    const bool cpu = clock != NULL && strcmp(clock, "cpu") == 0;
    struct timespec t;

    clock_gettime(cpu ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* What is edited, as it was; what is written is not there yet. */
static void
prepare_file(struct job *j)
{
    static char buf[1 << 20];
    FILE *from, *to;
    struct stat st;
    size_t n;

    if (strcmp(j->w->group, "write") == 0 && stat(written_path(j), &st) == 0) {
        j->written = (size_t)st.st_size;
        remove(written_path(j));
    }
    if (strcmp(j->w->group, "edit") != 0 || !j->w->detail)
        return;
    from = fopen(j->path, "rb");
    to = fopen(written_path(j), "wb");
    if (from == NULL || to == NULL)
        die("%s cannot be copied", j->path);
    while ((n = fread(buf, 1, sizeof buf, from)) > 0)
        if (fwrite(buf, 1, n, to) != n)
            die("%s cannot be written", written_path(j));
    fclose(from);
    if (fclose(to) != 0)
        die("%s cannot be written", written_path(j));
}

static double
timed(void (*run)(struct job *), struct job *j)
{
    double t;

    prepare_file(j);
    t = seconds();
    run(j);
    return seconds() - t;
}

static uint64_t
verified(void (*run)(struct job *), struct job *j)
{
    memset(j->buf, 0xa5, j->size);
    j->digest = 0;
    j->verify = true;
    prepare_file(j);
    run(j);
    j->verify = false;
    return digest_bytes(j->digest, j->buf, j->size);
}

static int
by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
median(double *t, int n)
{
    qsort(t, (size_t)n, sizeof *t, by_value);
    return n % 2 != 0 ? t[n / 2] : (t[n / 2 - 1] + t[n / 2]) / 2;
}

static int
runs_for(double once)
{
    const char *s = getenv("BENCH_REPEATS");
    const int least = s != NULL && atoi(s) > 0 ? atoi(s) : 5;
    const double n = ENOUGH / once;

    if (once > SLOW && s == NULL)
        return 3;
    if (n > MOST_RUNS || least > MOST_RUNS)
        return MOST_RUNS;
    return n > least ? (int)n : least;
}

/* `theirs` is what libhdf5 took for the run that was verified. */
static void
time_all(struct job *j, struct row *r, double theirs)
{
    double hi5[MOST_RUNS], libhdf5[MOST_RUNS], limit[MOST_RUNS];
    const bool endless = theirs > ENDLESS;
    double once;

    once = timed(j->w->hi5, j) + timed(j->w->limit, j);
    if (!endless)
        once += timed(j->w->libhdf5, j);
    r->runs = runs_for(once);
    for (int i = 0; i < r->runs; i++) {
        hi5[i] = timed(j->w->hi5, j);
        libhdf5[i] = endless ? theirs : timed(j->w->libhdf5, j);
        limit[i] = timed(j->w->limit, j);
    }
    r->hi5 = median(hi5, r->runs);
    r->libhdf5 = median(libhdf5, r->runs);
    r->limit = median(limit, r->runs);
}

/* One thread of hi5 against two. */
static void
time_threads(struct job *j, struct row *r)
{
    double t[2][MOST_RUNS];
    int runs;

    j->threads = 1;
    runs = runs_for(2 * timed(j->w->hi5, j));
    for (int i = 0; i < runs; i++)
        for (unsigned k = 0; k < 2; k++) {
            j->threads = k + 1;
            t[k][i] = timed(j->w->hi5, j);
        }
    r->one = median(t[0], runs);
    r->two = median(t[1], runs);
    j->threads = 0;
}

/* false: not with these libraries. */
static bool
measure(const struct workload *w, const char *folder, struct row *r)
{
    struct meter meter = {0};
    const hi5_allocator allocator = {&meter, meter_resize};
    struct job j = {.w = w, .path = data_path(w->data, folder)};
    uint64_t a, b;
    double theirs;
    bool done = false;

    if (w->prepare(&j)) {
        j.buf = need(j.size);
        j.allocator = &allocator;
        a = verified(w->hi5, &j);
        j.allocator = NULL;
        theirs = seconds();
        b = verified(w->libhdf5, &j);
        theirs = seconds() - theirs;
        if (a != b)
            die("%s: hi5 and libhdf5 do different things", w->name);
        if (meter.now != 0)
            die("%s: hi5 still holds %zu bytes", w->name, (size_t)meter.now);
        *r = (struct row){.w = w, .peak = meter.peak};
        time_all(&j, r, theirs);
        if (w->threads)
            time_threads(&j, r);
        done = true;
    }
    free(j.buf);
    free(j.points);
    free(j.stored.bytes);
    free(j.stored.at);
    return done;
}

/* ---- the report ---- */

/* Three digits and a unit. */
static const char *
pretty(double t, char *s, size_t n)
{
    const char *unit = "s";

    if (t < 1e-3)
        t *= 1e6, unit = "us";
    else if (t < 1)
        t *= 1e3, unit = "ms";
    snprintf(s, n, "%.*f %s", t < 10 ? 2 : t < 100 ? 1 : 0, t, unit);
    return s;
}

static double
mean_ratio(const struct row *r, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += log(r[i].libhdf5 / r[i].hi5);
    return n != 0 ? exp(sum / (double)n) : 0;
}

static void
print_head(FILE *f)
{
    fprintf(f, "| %-44s | %8s | %8s | %6s | %8s | %9s | %4s |\n", "workload", "hi5",
            "libhdf5", "ratio", "limit", "peak KiB", "runs");
    fprintf(f, "|:%.44s-|-%.8s:|-%.8s:|-%.6s:|-%.8s:|-%.9s:|-%.4s:|\n",
            "--------------------------------------------", "--------", "--------",
            "--------", "--------", "---------", "----");
}

static void
print_row(FILE *f, const struct row *r)
{
    char a[24], b[24], c[24];

    fprintf(f, "| %-44s | %8s | %8s | %6.*f | %8s | %9zu | %4d |\n", r->w->name,
            pretty(r->hi5, a, sizeof a), pretty(r->libhdf5, b, sizeof b),
            r->libhdf5 < 99.5 * r->hi5 ? 2 : 0, r->libhdf5 / r->hi5,
            pretty(r->limit, c, sizeof c), (r->peak + 1023) / 1024, r->runs);
    fflush(f);
}

static void
print_threads(FILE *f, const struct row *r, size_t n)
{
    char a[24], b[24];
    bool first = true;

    for (size_t i = 0; i < n; i++) {
        if (r[i].two <= 0)
            continue;
        if (first)
            fprintf(f, "\n| %-44s | %8s | %8s | %6s |\n|:%.44s-|-%.8s:|-%.8s:|-%.6s:|\n",
                    "hi5 alone", "1 thread", "2", "ratio",
                    "--------------------------------------------", "--------",
                    "--------", "--------");
        first = false;
        fprintf(f, "| %-44s | %8s | %8s | %6.2f |\n", r[i].w->name,
                pretty(r[i].one, a, sizeof a), pretty(r[i].two, b, sizeof b),
                r[i].one / r[i].two);
    }
}

static void
print_foot(FILE *f, const struct row *r, size_t n)
{
    size_t slower = 0;

    for (size_t i = 0; i < n; i++)
        slower += r[i].hi5 > r[i].libhdf5;
    fprintf(f, "\nGeometric mean of %zu ratios: %.2f; slower than libhdf5: %zu.\n", n,
            mean_ratio(r, n), slower);
}

static void
print_what(FILE *f)
{
    unsigned major, minor, release;

    H5get_libversion(&major, &minor, &release);
    fprintf(f, "hi5 %s and libhdf5 %u.%u.%u, scale %g: medians of %s, warm page cache\n\n",
            hi5_version(), major, minor, release, bench_scale,
            getenv("BENCH_CLOCK") != NULL ? "processor time" : "time");
}

static FILE *
report_file(const char *folder, const char *name)
{
    char path[1024];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "w");
    if (f == NULL)
        die("%s cannot be written", path);
    return f;
}

static void
report(const char *folder, const struct row *r, size_t n)
{
    FILE *md = report_file(folder, "bench.md"), *json = report_file(folder, "bench.json");

    print_what(md);
    print_head(md);
    for (size_t i = 0; i < n; i++)
        print_row(md, &r[i]);
    print_foot(md, r, n);
    print_threads(md, r, n);
    fputs("\nlimit: memcpy, pread, or the bare codec on the same bytes. peak: what hi5\n"
          "asked its allocator for, the caller's buffers not counted. What takes libhdf5\n"
          "longer than 20 seconds was run by it but once.\n", md);
    fputs("[\n", json);
    for (size_t i = 0; i < n; i++)
        fprintf(json, "  {\"name\": \"%s\", \"group\": \"%s\", \"hi5\": %.9f, "
                "\"libhdf5\": %.9f, \"limit\": %.9f, \"peak_kib\": %zu}%s\n",
                r[i].w->name, r[i].w->group, r[i].hi5, r[i].libhdf5, r[i].limit,
                (r[i].peak + 1023) / 1024, i + 1 < n ? "," : "");
    fputs("]\n", json);
    if (fclose(md) != 0 || fclose(json) != 0)
        die("the reports in %s cannot be written", folder);
}

static bool
wanted(const struct workload *w)
{
    const char *only = getenv("BENCH_ONLY");

    return only == NULL || strstr(w->name, only) != NULL || strcmp(w->group, only) == 0;
}

int
main(int argc, char **argv)
{
    static const struct workload *const lists[] = {bench_arrays, bench_picks,
                                                   bench_scans, bench_tables,
                                                   bench_objects,
                                                   bench_write_arrays,
                                                   bench_write_objects, bench_edits};
    static struct row rows[MOST_ROWS];
    const char *scale = getenv("BENCH_SCALE");
    const char *folder = argc > 1 ? argv[1] : "build/bench";
    size_t n = 0;

    if (scale != NULL)
        bench_scale = strtod(scale, NULL);
    if (!(bench_scale > 0 && bench_scale <= 16))
        die("BENCH_SCALE is to be in (0, 16]");
    data_register_lzf();
    for (int i = 0; i < DATA_FILES; i++)
        data_path((enum data_file)i, folder);
    print_what(stdout);
    print_head(stdout);
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        for (const struct workload *w = lists[l]; w->name != NULL; w++)
            if (wanted(w) && n < MOST_ROWS && measure(w, folder, &rows[n]))
                print_row(stdout, &rows[n++]);
    print_foot(stdout, rows, n);
    print_threads(stdout, rows, n);
    report(folder, rows, n);
    return 0;
}
