/*
 * several.c - files that consist of others, and files that lead to others
 *
 * All of them together are one image, one after the other, so that a mutant is what it is
 * in a single file: some bytes that change. Behind them is a number for each file, its
 * size, which can be changed like any field: a file may be cut, longer, empty or gone.
 * Members of a family, and what a file is split into, are opened by their names: these are
 * put into a folder of their own. Others are asked for through HI5_OTHERS_CALL.
 */
#define _DEFAULT_SOURCE /* mkdtemp */
#define _DARWIN_C_SOURCE
#include "mutate.h"

#include "base/io.h"
#include "file/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEVERAL_MOST ((size_t)1 << 20) /* bytes of one of them */
#define SEVERAL_SAMPLES 24u            /* fields of a raw file */

/* ---- names ---- */

static void
several_folder(const char *path, char *folder, size_t size)
{
    const char *const slash = strrchr(path, '/');

    snprintf(folder, size, "%.*s", slash != NULL ? (int)(slash - path) : 1,
             slash != NULL ? path : ".");
}

static const char *
several_base(const char *path)
{
    const char *const slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static uint8_t *
several_load(const char *folder, const char *name, size_t *n)
{
    uint8_t *bytes = NULL;
    char path[2048];
    FILE *in;

    *n = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    in = fopen(path, "rb");
    if (in != NULL) {
        bytes = malloc(SEVERAL_MOST);
        if (bytes != NULL)
            *n = fread(bytes, 1, SEVERAL_MOST, in);
        fclose(in);
    }
    return bytes;
}

/* ---- the image ---- */

/* Append a file; its place in the list. */
static size_t
several_add(struct mut_file *f, const char *name, const uint8_t *bytes, size_t n,
            uint64_t start)
{
    struct mut_part *const p = realloc(f->part, (f->nparts + 1) * sizeof *p);
    uint8_t *const all = realloc(f->bytes, f->n + n + 1);

    if (p == NULL || all == NULL)
        exit(2);
    f->part = p;
    f->bytes = all;
    if (n != 0)
        memcpy(all + f->n, bytes, n);
    p[f->nparts] = (struct mut_part){.at = f->n, .n = n, .start = start};
    snprintf(p[f->nparts].name, sizeof p->name, "%s", name);
    f->n += n;
    return f->nparts++;
}

/* The sizes, behind all bytes. */
static void
several_seal(struct mut_file *f)
{
    f->bytes = realloc(f->bytes, f->n + 8 * f->nparts + 1);
    if (f->bytes == NULL)
        exit(2);
    for (size_t i = 0; i < f->nparts; i++) {
        f->part[i].slot = f->n;
        for (unsigned k = 0; k < 8; k++)
            f->bytes[f->n++] = (uint8_t)((uint64_t)f->part[i].n >> 8 * k);
    }
}

/* The size that a file has now; false: there is none. */
static bool
several_size(const struct mut_file *f, const struct mut_part *p, size_t *n)
{
    const size_t most = 2 * p->n + 65536;
    uint64_t size = 0;

    for (unsigned k = 0; k < 8; k++)
        size |= (uint64_t)f->bytes[p->slot + k] << 8 * k;
    *n = size < most ? (size_t)size : most;
    return size != UINT64_MAX;
}

/* ---- one of the files as a source ---- */

struct several_source {
    const struct mut_file *f;
    const struct mut_part *p;
    size_t n;
};

static hi5_status
several_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct several_source *const s = ctx;
    size_t there;

    if (offset > s->n || n > s->n - offset) {
        if (err != NULL)
            *err = (hi5_error){.status = HI5_E_TRUNCATED, .structure = "", .field = "",
                               .section = "", .message = "it ends before"};
        return HI5_E_TRUNCATED;
    }
    there = offset < s->p->n ? s->p->n - (size_t)offset : 0;
    there = there < n ? there : n;
    if (there != 0)
        memcpy(buf, s->f->bytes + s->p->at + offset, there);
    if (there < n)
        memset((uint8_t *)buf + there, 0, n - there);
    return HI5_OK;
}

static hi5_status
several_get_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct several_source *)ctx)->n;
    return HI5_OK;
}

static hi5_status
several_open(const struct mut_file *f, const struct mut_part *p, hi5_io *io,
             hi5_error *err)
{
    struct several_source *const s = malloc(sizeof *s);

    if (s == NULL)
        exit(2);
    *s = (struct several_source){.f = f, .p = p};
    if (!several_size(f, p, &s->n)) {
        free(s);
        if (err != NULL)
            *err = (hi5_error){.status = HI5_E_NOTFOUND, .structure = "", .field = "",
                               .section = "", .message = "no such file"};
        return HI5_E_NOTFOUND;
    }
    *io = (hi5_io){.size = sizeof *io, .ctx = s, .read_at = several_read,
                   .get_size = several_get_size, .close = free};
    return HI5_OK;
}

static hi5_status
several_other(void *ctx, hi5_other_kind kind, const char *name, hi5_io *io,
              hi5_error *err)
{
    const struct mut_file *const f = ctx;

    (void)kind;
    for (size_t i = 0; i < f->nparts; i++)
        if (strcmp(several_base(name), f->part[i].name) == 0)
            return several_open(f, &f->part[i], io, err);
    if (err != NULL)
        *err = (hi5_error){.status = HI5_E_NOTFOUND, .structure = "", .field = "",
                           .section = "", .message = "no such file"};
    return HI5_E_NOTFOUND;
}

hi5_open_options
mut_options(const struct mut_file *f, const hi5_open_options *open)
{
    hi5_open_options o = *open;

    if (f->nparts != 0 && !f->members) {
        o.others = HI5_OTHERS_CALL;
        o.others_open = several_other;
        o.others_ctx = (void *)(uintptr_t)f;
    }
    return o;
}

/* ---- members ---- */

/* Put them into their folder, as they are now. */
static void
several_put(const struct mut_file *f)
{
    for (size_t i = 0; i < f->nparts; i++) {
        const struct mut_part *const p = &f->part[i];
        char path[2048];
        FILE *out;
        size_t n;

        snprintf(path, sizeof path, "%s/%s", f->folder, p->name);
        if (!several_size(f, p, &n)) {
            remove(path);
            continue;
        }
        out = fopen(path, "wb");
        if (out == NULL)
            exit(2);
        if (p->n != 0 && n != 0)
            fwrite(f->bytes + p->at, 1, n < p->n ? n : p->n, out);
        if (fclose(out) != 0 || truncate(path, (off_t)n) != 0)
            exit(2);
    }
}

hi5_status
mut_several_source(const struct mut_file *f, hi5_io *io)
{
    char path[2048];

    if (!f->members)
        return several_open(f, &f->part[0], io, NULL);
    several_put(f);
    snprintf(path, sizeof path, "%s/%s", f->folder, several_base(f->path));
    return file_open_driver(NULL, path, HI5_DRIVER_AUTO, io, NULL);
}

/* Which file of the folder is part `i`? The one that has its bytes. */
static bool
several_member(struct mut_file *f, hi5_io *io, uint64_t start, size_t n,
               const char *folder)
{
    const char *const base = several_base(f->path);
    const size_t prefix = strcspn(base, "%");
    uint8_t *const bytes = malloc(n + 1);
    DIR *const d = opendir(folder);
    const struct dirent *e;
    bool found = false;

    if (bytes == NULL || d == NULL || io->read_at(io->ctx, start, bytes, n, NULL) != HI5_OK)
        exit(2);
    while (!found && (e = readdir(d)) != NULL) {
        uint8_t *got;
        size_t size;

        if (strncmp(e->d_name, base, prefix) != 0)
            continue;
        got = several_load(folder, e->d_name, &size);
        found = got != NULL && size == n && memcmp(got, bytes, n) == 0;
        free(got);
        for (size_t i = 0; i < f->nparts; i++)
            found = found && strcmp(f->part[i].name, e->d_name) != 0;
        if (found)
            several_add(f, e->d_name, bytes, n, start);
    }
    closedir(d);
    free(bytes);
    return found;
}

bool
mut_several_members(struct mut_file *f)
{
    const char *const tmp = getenv("TMPDIR");
    char folder[1024];
    uint64_t start, size;
    bool found = true;
    hi5_io io;

    if (file_open_driver(NULL, f->path, HI5_DRIVER_AUTO, &io, NULL) != HI5_OK)
        return false;
    several_folder(f->path, folder, sizeof folder);
    for (size_t i = 0; found && io_range(&io, i, &start, &size); i++)
        found = size < SEVERAL_MOST && several_member(f, &io, start, (size_t)size, folder);
    io_close(&io);
    if (!found || f->nparts == 0)
        return false;
    f->members = true;
    several_seal(f);
    snprintf(f->folder, sizeof f->folder, "%s/hi5-mutate-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(f->folder) == NULL)
        exit(2);
    return true;
}

/* ---- others ---- */

/* Those that are asked for. */
struct several_names {
    char folder[1024];
    char name[16][256];
    size_t n;
};

static hi5_status
several_note(void *ctx, hi5_other_kind kind, const char *name, hi5_io *io, hi5_error *err)
{
    struct several_names *const s = ctx;
    char path[2048];
    bool known = false;

    (void)kind;
    snprintf(path, sizeof path, "%s/%s", s->folder, several_base(name));
    for (size_t i = 0; i < s->n; i++)
        known |= strcmp(s->name[i], several_base(name)) == 0;
    if (!known && s->n < 16 && strlen(name) < sizeof s->name[0] && io_exists(path))
        snprintf(s->name[s->n++], sizeof s->name[0], "%s", several_base(name));
    return io_open_file(NULL, path, io, err);
}

/* The fields of another file become those of the image. */
static void
several_fields(struct mut_file *f, const struct mut_part *p, const hi5_open_options *open)
{
    struct mut_file other;
    char path[1400];

    snprintf(path, sizeof path, "%s/%s", f->folder, p->name);
    if (mut_map_one(&other, path, open)) {
        for (size_t i = 0; i < other.nfields; i++) {
            other.field[i].offset += p->at;
            mut_field_add(f, &other.field[i]);
        }
        for (size_t i = 0; i < other.nsums; i++) {
            other.sum[i].from += p->at;
            other.sum[i].to += p->at;
            other.sum[i].at += p->at;
            mut_sum_add(f, &other.sum[i]);
        }
    } else {
        for (size_t i = 0; i < SEVERAL_SAMPLES && p->n >= 8; i++)
            mut_field_add(f, &(struct mut_field){
                                 "data", "(other file)",
                                 p->at + i * (p->n - 8) / SEVERAL_SAMPLES, 8, 0});
    }
    mut_unmap(&other);
}

void
mut_several_others(struct mut_file *f, const hi5_open_options *open)
{
    struct several_names names = {.n = 0};
    hi5_open_options o = *open;
    struct mut_reading r;
    uint8_t *main;
    size_t n = f->n;

    several_folder(f->path, names.folder, sizeof names.folder);
    memcpy(f->folder, names.folder, sizeof f->folder);
    o.others = HI5_OTHERS_CALL;
    o.others_open = several_note;
    o.others_ctx = &names;
    mut_read(f, &o, &r);
    if (names.n == 0)
        return;
    main = f->bytes;
    f->bytes = NULL;
    f->n = 0;
    several_add(f, several_base(f->path), main, n, 0);
    free(main);
    for (size_t i = 0; i < names.n; i++) {
        uint8_t *const bytes = several_load(names.folder, names.name[i], &n);
        if (bytes != NULL && n < SEVERAL_MOST &&
            strcmp(names.name[i], f->part[0].name) != 0)
            several_add(f, names.name[i], bytes, n, 0);
        free(bytes);
    }
    several_seal(f);
    for (size_t i = 1; i < f->nparts; i++)
        several_fields(f, &f->part[i], open);
}

/* ---- both ---- */

uint64_t
mut_several_place(const struct mut_file *f, uint64_t address, size_t n)
{
    for (size_t i = 0; i < f->nparts; i++) {
        const struct mut_part *const p = &f->part[i];
        if (address >= p->start && address - p->start < p->n &&
            n <= p->n - (address - p->start))
            return p->at + (address - p->start);
    }
    return UINT64_MAX;
}

void
mut_several_sizes(struct mut_file *f)
{
    for (size_t i = 0; i < f->nparts; i++)
        mut_field_add(f, &(struct mut_field){f->members ? "member" : "other file", "size",
                                             f->part[i].slot, 8, 0});
}

void
mut_several_done(struct mut_file *f)
{
    for (size_t i = 0; f->members && i < f->nparts; i++) {
        char path[2048];
        snprintf(path, sizeof path, "%s/%s", f->folder, f->part[i].name);
        remove(path);
    }
    if (f->members)
        rmdir(f->folder);
    free(f->part);
}
