#define _XOPEN_SOURCE 700 /* mkdtemp, popen */

#include "written.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char written_folder[256];

static void
written_clear(void)
{
    char command[300];

    snprintf(command, sizeof(command), "rm -rf '%s'", written_folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", written_folder);
}

/* One for each process: tests run in children of their own, which do not run atexit. */
const char *
written_path(const char *name)
{
    static char path[4][512];
    static unsigned next;
    static pid_t owner;

    if (owner != getpid()) {
        const char *const tmp = getenv("TMPDIR");
        snprintf(written_folder, sizeof(written_folder), "%s/hi5-written-XXXXXX",
                 tmp != NULL ? tmp : "/tmp");
        ck_assert_ptr_nonnull(mkdtemp(written_folder));
        owner = getpid();
        atexit(written_clear);
    }
    next = (next + 1) % 4;
    snprintf(path[next], sizeof(path[next]), "%s/%s", written_folder, name);
    return path[next];
}

hi5_file *
written_create(const char *name, hi5_compat compat)
{
    const hi5_open_options open = {.size = sizeof(open), .compat = compat};
    const hi5_create_options create = {.size = sizeof(create), .open = &open};
    hi5_file *f;
    hi5_error err;

    ck_ok(hi5_create(written_path(name), &create, &f, &err), &err);
    return f;
}

hi5_file *
written_open(const char *name)
{
    const hi5_open_options open = {.size = sizeof(open), .write = true};
    hi5_file *f;
    hi5_error err;

    ck_ok(hi5_open(written_path(name), &open, &f, &err), &err);
    return f;
}

uint64_t
written_size(const char *name)
{
    struct stat st;

    ck_assert_int_eq(stat(written_path(name), &st), 0);
    return (uint64_t)st.st_size;
}

struct written_notes {
    const char *id;
    uint64_t n;
    char worst[300];
};

static void
written_finding(void *ctx, const hi5_finding *finding)
{
    struct written_notes *const notes = ctx;

    if (notes->id != NULL && strcmp(finding->rule, notes->id) == 0)
        notes->n++;
    if (finding->severity != HI5_NOTE)
        snprintf(notes->worst, sizeof(notes->worst), "%s %s: %s", finding->rule,
                 finding->path, finding->message);
}

void
written_check(const char *name, const char *id, uint64_t n)
{
    struct written_notes notes = {.id = id};
    hi5_check_result r;
    hi5_error err;

    ck_ok(hi5_check(written_path(name), NULL, NULL, written_finding, &notes, &r, &err),
          &err);
    ck_assert_msg(r.errors == 0 && r.warnings == 0, "%s", notes.worst);
    ck_assert_uint_eq(notes.n, id != NULL ? n : 0);
}

const char *
written_dump(const char *name, const char *arguments)
{
    static char text[1 << 16];
    char command[1024];
    size_t n = 0;
    FILE *p;
    int c;

    snprintf(command, sizeof(command),
             "command -v h5dump >/dev/null && timeout 60 h5dump %s '%s' 2>&1", arguments,
             written_path(name));
    p = popen(command, "r");
    ck_assert_ptr_nonnull(p);
    while ((c = fgetc(p)) != EOF && n + 1 < sizeof(text)) {
        if (isspace(c) && (n == 0 || text[n - 1] == ' '))
            continue;
        text[n++] = isspace(c) ? ' ' : (char)c;
    }
    text[n] = '\0';
    c = pclose(p);
    if (n == 0)
        return NULL;
    ck_assert_msg(c == 0, "h5dump %s %s: status %d, %s", arguments, name, c, text);
    return text;
}
