/*
 * io.c - byte sources: the only place that touches the file system
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE 1
#define _FILE_OFFSET_BITS 64
#include "base/io.h"
#include "base/ckd.h"
#include "base/err.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif

/* The most that one pread is asked for; some systems stop at 2 GiB. */
#define IO_MOST (1u << 30)

HI5_INT void
io_close(hi5_io *io)
{
    if (io->close != NULL)
        io->close(io->ctx);
    *io = (hi5_io){0};
}

/* A source remembers the allocator that it came from. */
static hi5_allocator
io_allocator(const hi5_allocator *a)
{
    return a != NULL ? *a : (hi5_allocator){NULL, NULL};
}

/* ---- a plain file ---- */

struct io_file {
    hi5_allocator alloc;
    int fd;
    uint64_t size; /* when it was opened */
};

HI5_INT hi5_status
io_fd_read(int fd, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    uint8_t *p = buf;

    if (!ckd_inside(offset, n, INT64_MAX))
        return err_plain(err, HI5_E_TRUNCATED, "offset beyond any file");
    while (n > 0) {
        const size_t want = n < IO_MOST ? n : IO_MOST;
        const ssize_t got = pread(fd, p, want, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_plain(err, HI5_E_IO, "read of %zu bytes at 0x%llx: %s", want,
                             (unsigned long long)offset, strerror(errno));
        if (got == 0)
            return err_plain(err, HI5_E_TRUNCATED, "the file ends at 0x%llx, %zu bytes "
                             "too early", (unsigned long long)offset, n);
        p += got;
        offset += (uint64_t)got;
        n -= (size_t)got;
    }
    return HI5_OK;
}

static hi5_status
io_file_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    return io_fd_read(((const struct io_file *)ctx)->fd, offset, buf, n, err);
}

static hi5_status
io_file_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct io_file *)ctx)->size;
    return HI5_OK;
}

static void
io_file_close(void *ctx)
{
    struct io_file *f = ctx;
    const hi5_allocator a = f->alloc;

    close(f->fd);
    mem_raw(&a, f, sizeof *f, 0);
}

/* Open without waiting for a pipe's other end, and only what has a fixed content. */
static hi5_status
io_file_fd(const char *path, int *fd, uint64_t *size, hi5_error *err)
{
    struct stat st;

    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0) {
        const int e = errno;
        return err_plain(err, e == ENOENT || e == ENOTDIR ? HI5_E_NOTFOUND : HI5_E_IO,
                         "cannot open '%s': %s", path, strerror(e));
    }
    if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(*fd);
        return err_plain(err, HI5_E_IO, "cannot open '%s': not a regular file", path);
    }
    *size = (uint64_t)st.st_size;
    return HI5_OK;
}

HI5_INT hi5_status
io_open_file(const hi5_allocator *a, const char *path, hi5_io *io, hi5_error *err)
{
    struct io_file *f;
    uint64_t size = 0;
    int fd;

    TRY(io_file_fd(path, &fd, &size, err));
    f = mem_raw(a, NULL, 0, sizeof *f);
    if (f == NULL) {
        close(fd);
        return err_nomem(err);
    }
    *f = (struct io_file){io_allocator(a), fd, size};
    *io = (hi5_io){.size = sizeof *io, .ctx = f, .read_at = io_file_read,
                   .get_size = io_file_size, .close = io_file_close};
    return HI5_OK;
}

HI5_INT bool
io_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

HI5_INT char *
io_beside(struct arena *a, const char *path)
{
    static const char suffix[] = ".hi5-new";
    const size_t n = strlen(path);
    char *const name = arena_alloc(a, n + sizeof suffix);

    if (name != NULL) {
        memcpy(name, path, n);
        memcpy(name + n, suffix, sizeof suffix);
    }
    return name;
}

HI5_INT char *
io_full_path(struct mem *mem, const char *path)
{
    char here[PATH_MAX];
    const bool relative = path[0] != '/';
    size_t n = 0;
    char *s;

    if (relative && getcwd(here, sizeof here) == NULL)
        return NULL;
    if (relative)
        n = strlen(here);
    s = mem_box(mem, n + 1 + strlen(path) + 1);
    if (s == NULL)
        return NULL;
    if (relative) {
        memcpy(s, here, n);
        s[n++] = '/';
    }
    memcpy(s + n, path, strlen(path) + 1);
    return s;
}

HI5_INT char *
io_real_path(struct mem *mem, const char *path)
{
    char *r = realpath(path, NULL), *copy = NULL;

    if (r == NULL)
        return NULL;
    copy = mem_box(mem, strlen(r) + 1);
    if (copy != NULL)
        memcpy(copy, r, strlen(r) + 1);
    (free)(r); /* realpath's own block: the one thing here that mem did not make */
    return copy;
}

HI5_INT hi5_status
io_check_confined(struct mem *mem, const char *path, const char *folder, hi5_error *err)
{
    char *const p = io_real_path(mem, path);
    char *const d = io_real_path(mem, folder);
    hi5_status s = HI5_OK;

    if (p == NULL)
        s = err_plain(err, HI5_E_NOTFOUND, "no file '%s'", path);
    else if (d == NULL)
        s = err_plain(err, HI5_E_NOTFOUND, "no folder '%s'", folder);
    else if (strcmp(d, "/") != 0 &&
             (strncmp(p, d, strlen(d)) != 0 || p[strlen(d)] != '/'))
        s = err_plain(err, HI5_E_STATE, "'%s' is outside of '%s'", path, folder);
    mem_unbox(mem, p);
    mem_unbox(mem, d);
    return s;
}

/* ---- memory ---- */

struct io_memory {
    hi5_allocator alloc;
    const uint8_t *bytes;
    size_t n;
};

static hi5_status
io_memory_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct io_memory *m = ctx;

    if (!ckd_inside(offset, n, m->n))
        return err_plain(err, HI5_E_TRUNCATED, "%zu bytes at 0x%llx are beyond the end, "
                         "0x%llx", n, (unsigned long long)offset,
                         (unsigned long long)m->n);
    if (n != 0)
        memcpy(buf, m->bytes + offset, n);
    return HI5_OK;
}

static hi5_status
io_memory_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct io_memory *)ctx)->n;
    return HI5_OK;
}

static void
io_memory_close(void *ctx)
{
    struct io_memory *m = ctx;
    const hi5_allocator a = m->alloc;

    mem_raw(&a, m, sizeof *m, 0);
}

HI5_INT hi5_status
io_open_memory(const hi5_allocator *a, const void *bytes, size_t n, hi5_io *io,
               hi5_error *err)
{
    struct io_memory *m = mem_raw(a, NULL, 0, sizeof *m);

    if (m == NULL)
        return err_nomem(err);
    *m = (struct io_memory){io_allocator(a), bytes, n};
    *io = (hi5_io){.size = sizeof *io, .ctx = m, .read_at = io_memory_read,
                   .get_size = io_memory_size, .close = io_memory_close};
    return HI5_OK;
}

/* ---- several sources as one ---- */

struct io_parts {
    hi5_allocator alloc;
    size_t n;
    struct io_part *part; /* by start */
};

/* The last part that starts at or before `offset`, or NULL. */
static const struct io_part *
io_parts_find(const struct io_parts *w, uint64_t offset)
{
    size_t low = 0, high = w->n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (w->part[mid].start <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low > 0 ? &w->part[low - 1] : NULL;
}

static hi5_status
io_parts_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct io_parts *w = ctx;
    uint8_t *to = buf;

    while (n > 0) {
        const struct io_part *p = io_parts_find(w, offset);
        uint64_t left;
        size_t k;

        if (p == NULL || offset - p->start >= p->size)
            return err_plain(err, HI5_E_TRUNCATED, "no member file holds address 0x%llx",
                             (unsigned long long)offset);
        left = p->size - (offset - p->start);
        k = left < n ? (size_t)left : n;
        TRY(p->io.read_at(p->io.ctx, offset - p->start, to, k, err));
        to += k;
        offset += k;
        n -= k;
    }
    return HI5_OK;
}

HI5_INT size_t
io_clip(const hi5_io *io, uint64_t offset, size_t n)
{
    size_t have = 0;

    if (io->read_at != io_parts_read)
        return n;
    while (have < n) {
        const struct io_part *p = io_parts_find(io->ctx, offset + have);
        uint64_t left;

        if (p == NULL || offset + have - p->start >= p->size)
            break;
        left = p->size - (offset + have - p->start);
        have = left < n - have ? have + (size_t)left : n;
    }
    return have;
}

HI5_INT bool
io_range(const hi5_io *io, size_t i, uint64_t *start, uint64_t *size)
{
    const struct io_parts *const w = io->ctx;

    if (io->read_at != io_parts_read || i >= w->n)
        return false;
    *start = w->part[i].start;
    *size = w->part[i].size;
    return true;
}

static hi5_status
io_parts_size(void *ctx, uint64_t *size, hi5_error *err)
{
    const struct io_parts *w = ctx;
    const struct io_part *last = &w->part[w->n - 1];

    (void)err;
    *size = last->start + last->size;
    return HI5_OK;
}

static void
io_parts_close(void *ctx)
{
    struct io_parts *w = ctx;
    const hi5_allocator a = w->alloc;

    for (size_t i = 0; i < w->n; i++)
        io_close(&w->part[i].io);
    mem_raw(&a, w->part, w->n * sizeof *w->part, 0);
    mem_raw(&a, w, sizeof *w, 0);
}

static int
io_part_compare(const void *a, const void *b)
{
    const uint64_t x = ((const struct io_part *)a)->start;
    const uint64_t y = ((const struct io_part *)b)->start;

    return x < y ? -1 : x > y;
}

HI5_INT hi5_status
io_open_parts(const hi5_allocator *a, const struct io_part *parts, size_t n, hi5_io *io,
              hi5_error *err)
{
    struct io_parts *w = mem_raw(a, NULL, 0, sizeof *w);
    struct io_part *copy = n != 0 ? mem_raw(a, NULL, 0, n * sizeof *copy) : NULL;

    if (w == NULL || copy == NULL) {
        for (size_t i = 0; i < n; i++) {
            hi5_io part = parts[i].io;
            io_close(&part);
        }
        if (w != NULL)
            mem_raw(a, w, sizeof *w, 0);
        if (copy != NULL)
            mem_raw(a, copy, n * sizeof *copy, 0);
        return err_nomem(err);
    }
    memcpy(copy, parts, n * sizeof *copy);
    qsort(copy, n, sizeof *copy, io_part_compare);
    *w = (struct io_parts){io_allocator(a), n, copy};
    *io = (hi5_io){.size = sizeof *io, .ctx = w, .read_at = io_parts_read,
                   .get_size = io_parts_size, .close = io_parts_close};
    return HI5_OK;
}

/* ---- mapping ---- */

static hi5_status
io_map_file(const struct io_file *f, uint64_t offset, size_t n, struct io_map *m,
            hi5_error *err)
{
    const long page = sysconf(_SC_PAGESIZE);
    const size_t before = page > 0 ? (size_t)(offset % (uint64_t)page) : 0;
    struct stat st;
    void *p;

    if (fstat(f->fd, &st) != 0)
        return err_plain(err, HI5_E_IO, "fstat: %s", strerror(errno));
    if (st.st_size < 0 || !ckd_inside(offset, n, (uint64_t)st.st_size) ||
        n > SIZE_MAX - before)
        return err_plain(err, HI5_E_TRUNCATED, "%zu bytes at 0x%llx are beyond the end of "
                         "the file", n, (unsigned long long)offset);
    p = mmap(NULL, before + n, PROT_READ, MAP_SHARED, f->fd, (off_t)(offset - before));
    if (p == MAP_FAILED)
        return err_plain(err, HI5_E_IO, "mmap of %zu bytes at 0x%llx: %s", n,
                         (unsigned long long)offset, strerror(errno));
    *m = (struct io_map){(const uint8_t *)p + before, p, before + n};
    return HI5_OK;
}

HI5_INT hi5_status
io_map(const hi5_io *io, uint64_t offset, size_t n, struct io_map *m, hi5_error *err)
{
    *m = (struct io_map){0};
    if (n == 0)
        return err_plain(err, HI5_E_INTERNAL, "nothing to be mapped");
    if (io->read_at == io_file_read)
        return io_map_file(io->ctx, offset, n, m, err);
    if (io->read_at == io_memory_read) {
        const struct io_memory *const b = io->ctx;
        if (!ckd_inside(offset, n, b->n))
            return err_plain(err, HI5_E_TRUNCATED, "%zu bytes at 0x%llx are beyond the "
                             "end, 0x%llx", n, (unsigned long long)offset,
                             (unsigned long long)b->n);
        m->bytes = b->bytes + offset;
        return HI5_OK;
    }
    if (io->read_at == io_parts_read) {
        const struct io_part *const p = io_parts_find(io->ctx, offset);
        if (p != NULL && ckd_inside(offset - p->start, n, p->size))
            return io_map(&p->io, offset - p->start, n, m, err);
        return err_plain(err, HI5_E_STATE, "the data is spread over several files");
    }
    return err_plain(err, HI5_E_STATE, "the byte source cannot be mapped");
}

HI5_INT void
io_unmap(struct io_map *m)
{
    if (m->pages != NULL)
        munmap(m->pages, m->length);
    *m = (struct io_map){0};
}
