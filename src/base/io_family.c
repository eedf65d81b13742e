/*
 * io_family.c - a family to read and write: one address space in files of equal size
 *
 * Address a is in member a / size, at a % size. Every member but the last is full, at any
 * moment, so that whoever finds the files knows where each begins: before a byte goes into
 * a member, those before it are filled up; what is cut off is cut off from the end.
 */
#include "base/err.h"
#include "base/io.h"
#include <stdio.h>
#include <string.h>

#define FAMILY_PATH 4096u
#define FAMILY_MOST 100000u

/* ---- names ---- */

HI5_INT bool
io_family_is(const char *path)
{
    unsigned found = 0;

    for (; *path != '\0'; path++) {
        if (*path != '%')
            continue;
        path++;
        if (*path == '%')
            continue;
        while (*path >= '0' && *path <= '9')
            path++;
        if (*path != 'd' && *path != 'u' && *path != 'i')
            return false;
        found++;
    }
    return found == 1;
}

HI5_INT bool
io_family_name(char *out, size_t cap, const char *path, unsigned i)
{
    size_t n = 0;

    for (; *path != '\0'; path++) {
        char digits[32];
        unsigned width = 0;
        bool zeros;
        int k;

        if (n + sizeof digits >= cap)
            return false;
        if (*path != '%' || path[1] == '%') {
            path += *path == '%';
            out[n++] = *path;
            continue;
        }
        zeros = *++path == '0';
        for (; *path >= '0' && *path <= '9'; path++)
            width = width < 20 ? width * 10 + (unsigned)(*path - '0') : width;
        width = width < 20 ? width : 20;
        k = snprintf(digits, sizeof digits, zeros ? "%0*u" : "%*u", (int)width, i);
        memcpy(out + n, digits, (size_t)k);
        n += (size_t)k;
    }
    out[n] = '\0';
    return true;
}

/* ---- members ---- */

struct io_member {
    hi5_io io;
    bool dirty;                /* written since the last sync */
};

struct io_family {
    hi5_allocator alloc;
    char *path;                /* the template */
    size_t path_size;
    uint64_t member;           /* bytes of each */
    bool lock;
    bool named;                /* files have come or gone since the last sync */
    size_t n, room;
    size_t full;               /* so many, the first ones, are known to be full */
    struct io_member *m;
};

static hi5_status
family_name(const struct io_family *w, size_t i, char *name, hi5_error *err)
{
    if (i >= FAMILY_MOST)
        return err_plain(err, HI5_E_IO, "the family would have more than %u members",
                         FAMILY_MOST);
    if (!io_family_name(name, FAMILY_PATH, w->path, (unsigned)i))
        return err_plain(err, HI5_E_ARG, "the name is too long");
    return HI5_OK;
}

static bool
family_exists(const struct io_family *w, size_t i)
{
    char name[FAMILY_PATH];

    return family_name(w, i, name, NULL) == HI5_OK && io_exists(name);
}

static hi5_status
family_add(struct io_family *w, enum io_create create, hi5_error *err)
{
    char name[FAMILY_PATH];

    TRY(family_name(w, w->n, name, err));
    if (w->n == w->room) {
        const size_t room = w->room != 0 ? w->room * 2 : 8;
        struct io_member *const m = mem_raw(&w->alloc, w->m, w->room * sizeof *m,
                                            room * sizeof *m);
        if (m == NULL)
            return err_nomem(err);
        w->m = m;
        w->room = room;
    }
    TRY(io_write_file(&w->alloc, name, create, w->lock, &w->m[w->n].io, err));
    w->m[w->n++].dirty = false;
    return HI5_OK;
}

/* A new member at the end. A file that is in the way of the next but one would become a
 * part of the family. */
static hi5_status
family_make(struct io_family *w, hi5_error *err)
{
    if (family_exists(w, w->n) || family_exists(w, w->n + 1))
        return err_plain(err, HI5_E_IO, "the family '%s' needs a member %zu, and there is "
                         "a file that is in the way", w->path,
                         family_exists(w, w->n) ? w->n : w->n + 1);
    w->named = true;
    return family_add(w, IO_EXCLUSIVE, err);
}

/* Bring in member k, those before it full. */
static hi5_status
family_reach(struct io_family *w, uint64_t k, hi5_error *err)
{
    while (w->full < k) {
        hi5_io *const io = &w->m[w->full].io;
        uint64_t size;

        TRY(io->get_size(io->ctx, &size, err));
        if (size < w->member) {
            TRY(io->truncate(io->ctx, w->member, err));
            w->m[w->full].dirty = true;
        }
        if (w->full + 1 == w->n)
            TRY(family_make(w, err));
        w->full++;
    }
    return HI5_OK;
}

/* ---- the source ---- */

static hi5_status
io_family_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct io_family *const w = ctx;
    uint8_t *to = buf;

    while (n > 0) {
        const uint64_t k = offset / w->member, at = offset % w->member;
        const size_t some = w->member - at < n ? (size_t)(w->member - at) : n;

        if (k >= w->n)
            return err_plain(err, HI5_E_TRUNCATED, "no member file holds address 0x%llx",
                             (unsigned long long)offset);
        TRY(w->m[k].io.read_at(w->m[k].io.ctx, at, to, some, err));
        to += some;
        offset += some;
        n -= some;
    }
    return HI5_OK;
}

static hi5_status
io_family_write(void *ctx, uint64_t offset, const void *buf, size_t n, hi5_error *err)
{
    struct io_family *const w = ctx;
    const uint8_t *from = buf;

    while (n > 0) {
        const uint64_t k = offset / w->member, at = offset % w->member;
        const size_t some = w->member - at < n ? (size_t)(w->member - at) : n;

        TRY(family_reach(w, k, err));
        w->m[k].dirty = true;
        TRY(w->m[k].io.write_at(w->m[k].io.ctx, at, from, some, err));
        from += some;
        offset += some;
        n -= some;
    }
    return HI5_OK;
}

static hi5_status
io_family_size(void *ctx, uint64_t *size, hi5_error *err)
{
    const struct io_family *const w = ctx;
    size_t i = w->n;
    uint64_t last = 0;

    while (last == 0 && i > 0) {
        i--;
        TRY(w->m[i].io.get_size(w->m[i].io.ctx, &last, err));
    }
    *size = i * w->member + last;
    return HI5_OK;
}

/* The files behind the first `keep` go. One that cannot be removed is left empty. */
static hi5_status
family_shrink(struct io_family *w, size_t keep, hi5_error *err)
{
    char name[FAMILY_PATH];

    for (size_t i = w->n; i > keep; i--) {
        w->m[i - 1].dirty = true;
        TRY(w->m[i - 1].io.truncate(w->m[i - 1].io.ctx, 0, err));
    }
    while (w->n > keep && family_name(w, w->n - 1, name, NULL) == HI5_OK &&
           io_remove(name)) {
        io_close(&w->m[--w->n].io);
        w->named = true;
    }
    return HI5_OK;
}

static hi5_status
io_family_truncate(void *ctx, uint64_t size, hi5_error *err)
{
    struct io_family *const w = ctx;
    const uint64_t last = size != 0 ? (size - 1) / w->member : 0;

    TRY(family_reach(w, last, err));
    if (w->n > last + 1)
        TRY(family_shrink(w, (size_t)last + 1, err));
    if (w->full > last)
        w->full = (size_t)last;
    w->m[last].dirty = true;
    return w->m[last].io.truncate(w->m[last].io.ctx, size - last * w->member, err);
}

static hi5_status
io_family_sync(void *ctx, hi5_error *err)
{
    struct io_family *const w = ctx;
    char name[FAMILY_PATH];

    for (size_t i = 0; i < w->n; i++)
        if (w->m[i].dirty) {
            TRY(w->m[i].io.sync(w->m[i].io.ctx, err));
            w->m[i].dirty = false;
        }
    if (w->named) {
        TRY(family_name(w, 0, name, err));
        TRY(io_sync_folder(name, err));
        w->named = false;
    }
    return HI5_OK;
}

static void
io_family_close(void *ctx)
{
    struct io_family *const w = ctx;
    const hi5_allocator a = w->alloc;

    for (size_t i = w->n; i > 0; i--)
        io_close(&w->m[i - 1].io);
    mem_raw(&a, w->m, w->room * sizeof *w->m, 0);
    mem_raw(&a, w->path, w->path_size, 0);
    mem_raw(&a, w, sizeof *w, 0);
}

/* ---- opening ---- */

/* The first member decides whether there is a family; it has the lock. */
static hi5_status
family_open(struct io_family *w, enum io_create create, hi5_error *err)
{
    uint64_t size;
    size_t first;

    TRY(family_add(w, create == IO_TRUNCATE ? IO_CREATE : create, err));
    w->named = create != IO_EXISTING;
    while (family_exists(w, w->n)) {
        if (create == IO_EXCLUSIVE)
            return err_plain(err, HI5_E_EXISTS, "the family '%s' has a member 1 already",
                             w->path);
        TRY(family_add(w, IO_EXISTING, err));
    }
    if (create == IO_TRUNCATE)
        return io_family_truncate(w, 0, err);
    for (first = w->n; first > 1; first--) { /* empty ones at the end are none */
        TRY(w->m[first - 1].io.get_size(w->m[first - 1].io.ctx, &size, err));
        if (size > w->member)
            return err_plain(err, HI5_E_CORRUPT, "member %zu of the family has %llu bytes, "
                             "more than %llu", first - 1, (unsigned long long)size,
                             (unsigned long long)w->member);
        if (size != 0)
            break;
    }
    return family_reach(w, first - 1, err);
}

HI5_INT hi5_status
io_write_family(const hi5_allocator *a, const char *path, uint64_t member,
                enum io_create create, bool lock, hi5_io *io, hi5_error *err)
{
    struct io_family *const w = mem_raw(a, NULL, 0, sizeof *w);
    hi5_status s;

    if (w == NULL)
        return err_nomem(err);
    *w = (struct io_family){.member = member, .lock = lock,
                            .path_size = strlen(path) + 1};
    if (a != NULL)
        w->alloc = *a;
    *io = (hi5_io){.size = sizeof *io, .ctx = w, .read_at = io_family_read,
                   .get_size = io_family_size, .close = io_family_close,
                   .write_at = io_family_write, .truncate = io_family_truncate,
                   .sync = io_family_sync};
    w->path = mem_raw(a, NULL, 0, w->path_size);
    if (w->path != NULL)
        memcpy(w->path, path, w->path_size);
    s = w->path == NULL ? err_nomem(err) : family_open(w, create, err);
    if (s != HI5_OK)
        io_close(io);
    return s;
}

HI5_INT uint64_t
io_family_member(const hi5_io *io)
{
    return io->read_at == io_family_read ? ((const struct io_family *)io->ctx)->member : 0;
}
