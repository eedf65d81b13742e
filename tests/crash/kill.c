/*
 * kill.c - a writer that is killed at any moment, of a file, or of a family of files
 */
#define _POSIX_C_SOURCE 200809L
#include "crash.h"
#include <hdf5.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILL_COMMITS 60u
#define KILL_MEMBER 65536u

static bool
kill_is_family(const char *path)
{
    return strchr(path, '%') != NULL;
}

/* "build/crash%02d.h5": the only number in it is that of the file. */
static const char *
kill_member(const char *path, unsigned i)
{
    static char name[512];
    const char *const at = strchr(path, '%');

    if (at == NULL)
        return i == 0 ? path : NULL;
    snprintf(name, sizeof name, "%.*s%02u%s", (int)(at - path), path, i, at + 4);
    return name;
}

static bool
kill_note(void *ctx)
{
    return write(*(const int *)ctx, "c", 1) == 1;
}

/* The child: it ends with the script, or before. */
static void
kill_write(const char *path, uint64_t seed, int out)
{
    const hi5_open_options o = {.size = sizeof o, .write = true, .threads = 1};
    hi5_error err;
    hi5_file *f;

    if (hi5_open(path, &o, &f, &err) != HI5_OK ||
        crash_script(f, seed, KILL_COMMITS, HI5_SAFE, kill_note, &out, &err) != HI5_OK ||
        hi5_close(f, &err) != HI5_OK) {
        fprintf(stderr, "kill: the writer: %s\n", err.message);
        _exit(1);
    }
    _exit(0);
}

static double
kill_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
kill_wait(double seconds)
{
    const double end = kill_now() + seconds;

    while (kill_now() < end)
        continue; /* sleeping is not as exact */
}

/* Kill it after some seconds, or, if they are less than 0, let it come to its end.
 * @return commits that the child has told of; -1: it failed by itself */
static int
kill_one(const char *path, uint64_t seed, double after)
{
    const hi5_open_options open = {
        .size = sizeof open,
        .driver = kill_is_family(path) ? HI5_DRIVER_FAMILY : HI5_DRIVER_PLAIN};
    hi5_create_options o = {.size = sizeof o, .open = &open, .member_size = KILL_MEMBER};
    int pipes[2], status, n = 0;
    hi5_file *f;
    char c;
    pid_t child;

    crash_space(seed, &o);
    if (hi5_create(path, &o, &f, NULL) != HI5_OK || hi5_close(f, NULL) != HI5_OK ||
        pipe(pipes) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        close(pipes[0]);
        kill_write(path, seed, pipes[1]);
    }
    close(pipes[1]);
    if (after >= 0) {
        kill_wait(after);
        kill(child, SIGKILL);
    }
    waitpid(child, &status, 0);
    while (read(pipes[0], &c, 1) == 1)
        n++;
    close(pipes[0]);
    return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? -1 : n;
}

/* The bytes of all files, one after the other. */
static unsigned char *
kill_load(const char *path, size_t *n)
{
    const char *name;
    unsigned char *bytes = NULL;

    *n = 0;
    for (unsigned i = 0; (name = kill_member(path, i)) != NULL; i++) {
        FILE *const in = fopen(name, "rb");
        size_t size;

        if (in == NULL)
            break;
        fseek(in, 0, SEEK_END);
        size = (size_t)ftell(in);
        rewind(in);
        bytes = realloc(bytes, *n + size + 1);
        if (bytes == NULL || fread(bytes + *n, 1, size, in) != size)
            abort();
        fclose(in);
        *n += size;
    }
    return bytes;
}

static herr_t
kill_visit(hid_t o, const char *name, const H5O_info_t *info, void *ctx)
{
    (void)o;
    (void)name;
    *(unsigned *)ctx += info->type == H5O_TYPE_DATASET;
    return 0;
}

/* Can libhdf5 open it, and everything in it? */
static bool
kill_libhdf5(const char *path)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    const hid_t f = (kill_is_family(path)
                         ? H5Pset_fapl_family(access, KILL_MEMBER, H5P_DEFAULT)
                         : 0) < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, access);
    unsigned datasets = 0;
    bool ok = f >= 0 && H5Ovisit2(f, H5_INDEX_NAME, H5_ITER_INC, kill_visit, &datasets,
                                  H5O_INFO_ALL) >= 0;

    if (f >= 0)
        H5Fclose(f);
    H5Pclose(access);
    return ok;
}

/* A journal at the end: only hi5 can finish that commit. */
static bool
kill_recover(const char *path, const unsigned char *bytes, size_t n, hi5_error *err)
{
    hi5_open_options o = {.size = sizeof o, .write = true};
    hi5_file *f;

    if (n < 64 || memcmp(bytes + n - 64, "hi5 journal 1", 13) != 0)
        return false;
    if (hi5_open(path, &o, &f, err) == HI5_OK)
        hi5_close(f, NULL);
    return true;
}

static bool
kill_case(const char *path, const uint64_t *digest, int n, unsigned *recovered)
{
    hi5_error err = {0};
    size_t size;
    unsigned char *const bytes = kill_load(path, &size);
    const uint64_t found = crash_look(bytes, size, &err);
    const bool known = found != 0 && (found == digest[n] ||
                                      (n < (int)KILL_COMMITS && found == digest[n + 1]));
    bool ok = known;

    if (!known)
        fprintf(stderr, "kill: after commit %d: %s\n", n,
                found != 0 ? "no committed state" : err.message);
    *recovered += kill_recover(path, bytes, size, &err);
    if (!kill_libhdf5(path)) {
        fprintf(stderr, "kill: after commit %d: libhdf5 cannot open it\n", n);
        ok = false;
    }
    free(bytes);
    return ok;
}

unsigned
crash_kill(uint64_t seed, unsigned count, const char *path, unsigned *done)
{
    uint64_t digest[KILL_COMMITS + 1], state = seed;
    unsigned good = 0, recovered = 0, ended = 0;
    double whole = 0;

    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    for (unsigned i = 0; i < count; i++, ++*done) {
        const double part = (double)crash_random(&state, 1000) / 1000;
        int n;

        if (i % 50 == 0) { /* another script; how long does it take? */
            if (!crash_states(++seed, KILL_COMMITS, digest))
                return good;
            whole = kill_now();
            kill_one(path, seed, -1);
            whole = 1.2 * (kill_now() - whole);
        }
        n = kill_one(path, seed, part * whole);
        ended += n == (int)KILL_COMMITS;
        good += n >= 0 && kill_case(path, digest, n, &recovered);
    }
    printf("%u writers%s killed, %u of them when they were done; %u files with a commit "
           "to be finished\n", count, kill_is_family(path) ? " of families" : "", ended,
           recovered);
    for (unsigned i = 0; kill_member(path, i) != NULL && !remove(kill_member(path, i));)
        i++;
    return good;
}
