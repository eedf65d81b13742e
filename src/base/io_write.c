/*
 * io_write.c - sources that can be written
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE 1
#define _FILE_OFFSET_BITS 64
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif

#define IO_WRITE_MOST (1u << 30)

/* ---- a plain file ---- */

struct io_rw {
    hi5_allocator alloc;
    int fd;
};

static hi5_status
io_rw_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    return io_fd_read(((const struct io_rw *)ctx)->fd, offset, buf, n, err);
}

static hi5_status
io_rw_write(void *ctx, uint64_t offset, const void *buf, size_t n, hi5_error *err)
{
    const struct io_rw *const f = ctx;
    const uint8_t *p = buf;

    if (!ckd_inside(offset, n, INT64_MAX))
        return err_plain(err, HI5_E_RANGE, "offset beyond any file");
    while (n > 0) {
        const size_t want = n < IO_WRITE_MOST ? n : IO_WRITE_MOST;
        const ssize_t put = pwrite(f->fd, p, want, (off_t)offset);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return err_plain(err, HI5_E_IO, "write of %zu bytes at 0x%llx: %s", want,
                             (unsigned long long)offset,
                             put < 0 ? strerror(errno) : "nothing was written");
        p += put;
        offset += (uint64_t)put;
        n -= (size_t)put;
    }
    return HI5_OK;
}

static hi5_status
io_rw_size(void *ctx, uint64_t *size, hi5_error *err)
{
    struct stat st;

    if (fstat(((const struct io_rw *)ctx)->fd, &st) != 0)
        return err_plain(err, HI5_E_IO, "cannot ask for the file's size: %s",
                         strerror(errno));
    *size = (uint64_t)st.st_size;
    return HI5_OK;
}

/* A file that has the size is left alone: ext4 takes one that is emptied for one that is
 * being replaced, and writes all of it to the disk when it is closed. */
static bool
io_rw_resize(int fd, uint64_t size)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && (uint64_t)st.st_size == size)
        return true;
    return ftruncate(fd, (off_t)size) == 0;
}

static hi5_status
io_rw_truncate(void *ctx, uint64_t size, hi5_error *err)
{
    if (size > INT64_MAX || !io_rw_resize(((const struct io_rw *)ctx)->fd, size))
        return err_plain(err, HI5_E_IO, "cannot make the file 0x%llx bytes long: %s",
                         (unsigned long long)size, strerror(errno));
    return HI5_OK;
}

static hi5_status
io_rw_sync(void *ctx, hi5_error *err)
{
    if (fsync(((const struct io_rw *)ctx)->fd) != 0)
        return err_plain(err, HI5_E_IO, "cannot sync the file: %s", strerror(errno));
    return HI5_OK;
}

static void
io_rw_close(void *ctx)
{
    struct io_rw *const f = ctx;
    const hi5_allocator a = f->alloc;

    close(f->fd);
    mem_raw(&a, f, sizeof *f, 0);
}

static hi5_status
io_rw_check(int fd, const char *path, bool lock, hi5_error *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_plain(err, HI5_E_IO, "cannot write '%s': not a regular file", path);
    if (lock && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return err_plain(err, HI5_E_STATE, "cannot write '%s': it is locked, so that "
                         "somebody else seems to be using it", path);
    return HI5_OK;
}

/* An existing file is emptied only when the lock has been had. */
static hi5_status
io_rw_open(const char *path, enum io_create create, bool lock, int *fd, hi5_error *err)
{
    static const int flags[] = {0, O_CREAT, O_CREAT, O_CREAT | O_EXCL};
    hi5_status s;

    *fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | flags[create], 0666);
    if (*fd < 0) {
        const int e = errno;
        return err_plain(err,
                         e == EEXIST                     ? HI5_E_EXISTS
                         : e == ENOENT || e == ENOTDIR ? HI5_E_NOTFOUND
                                                         : HI5_E_IO,
                         "cannot open '%s' for writing: %s", path, strerror(e));
    }
    s = io_rw_check(*fd, path, lock, err);
    if (s == HI5_OK && create == IO_TRUNCATE && !io_rw_resize(*fd, 0))
        s = err_plain(err, HI5_E_IO, "cannot empty '%s': %s", path, strerror(errno));
    if (s != HI5_OK)
        close(*fd);
    return s;
}

HI5_INT hi5_status
io_write_file(const hi5_allocator *a, const char *path, enum io_create create, bool lock,
              hi5_io *io, hi5_error *err)
{
    struct io_rw *f;
    int fd;

    TRY(io_rw_open(path, create, lock, &fd, err));
    f = mem_raw(a, NULL, 0, sizeof *f);
    if (f == NULL) {
        close(fd);
        return err_nomem(err);
    }
    *f = (struct io_rw){.fd = fd};
    if (a != NULL)
        f->alloc = *a;
    *io = (hi5_io){.size = sizeof *io, .ctx = f, .read_at = io_rw_read,
                   .get_size = io_rw_size, .close = io_rw_close, .write_at = io_rw_write,
                   .truncate = io_rw_truncate, .sync = io_rw_sync};
    return HI5_OK;
}

HI5_INT bool
io_remove(const char *path)
{
    return unlink(path) == 0;
}

/* Where folders cannot be synced, nothing is lost. */
HI5_INT hi5_status
io_sync_folder(const char *path, hi5_error *err)
{
    const char *const slash = strrchr(path, '/');
    const size_t n = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    char folder[4096];
    int fd, failed;

    if (n >= sizeof folder)
        return err_plain(err, HI5_E_ARG, "the name is too long");
    memcpy(folder, n != 0 ? path : ".", n != 0 ? n : 1);
    folder[n != 0 ? n : 1] = '\0';
    fd = open(folder, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return HI5_OK;
    failed = fsync(fd) != 0 ? errno : 0;
    close(fd);
    return failed == 0 || failed == EINVAL || failed == EBADF
               ? HI5_OK
               : err_plain(err, HI5_E_IO, "cannot sync '%s': %s", folder, strerror(failed));
}

/* ---- memory ---- */

struct io_core {
    hi5_allocator alloc;
    uint8_t *bytes;
    size_t n, room;
};

static hi5_status
io_core_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct io_core *const m = ctx;

    if (!ckd_inside(offset, n, m->n))
        return err_plain(err, HI5_E_TRUNCATED, "%zu bytes at 0x%llx are beyond the end, "
                         "0x%llx", n, (unsigned long long)offset,
                         (unsigned long long)m->n);
    if (n != 0)
        memcpy(buf, m->bytes + offset, n);
    return HI5_OK;
}

static hi5_status
io_core_truncate(void *ctx, uint64_t size, hi5_error *err)
{
    struct io_core *const m = ctx;

    if (size > SIZE_MAX / 2)
        return err_plain(err, HI5_E_NOMEM, "0x%llx bytes are too many for memory",
                         (unsigned long long)size);
    if (size > m->room) {
        const size_t half = m->room / 2, want = (size_t)size;
        const size_t room = want > m->room + half ? want : m->room + half;
        uint8_t *const p = mem_raw(&m->alloc, m->bytes, m->room, room);
        if (p == NULL)
            return err_nomem(err);
        m->bytes = p;
        m->room = room;
    }
    if (size > m->n)
        memset(m->bytes + m->n, 0, (size_t)size - m->n);
    m->n = (size_t)size;
    return HI5_OK;
}

static hi5_status
io_core_write(void *ctx, uint64_t offset, const void *buf, size_t n, hi5_error *err)
{
    struct io_core *const m = ctx;
    uint64_t end;

    if (!ckd_add64(offset, n, &end))
        return err_plain(err, HI5_E_RANGE, "offset beyond any file");
    if (end > m->n)
        TRY(io_core_truncate(ctx, end, err));
    if (n != 0)
        memcpy(m->bytes + offset, buf, n);
    return HI5_OK;
}

static hi5_status
io_core_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct io_core *)ctx)->n;
    return HI5_OK;
}

static void
io_core_close(void *ctx)
{
    struct io_core *const m = ctx;
    const hi5_allocator a = m->alloc;

    mem_raw(&a, m->bytes, m->room, 0);
    mem_raw(&a, m, sizeof *m, 0);
}

HI5_INT hi5_status
io_write_memory(const hi5_allocator *a, const void *bytes, size_t n, hi5_io *io,
                hi5_error *err)
{
    struct io_core *const m = mem_raw(a, NULL, 0, sizeof *m);
    hi5_status s;

    if (m == NULL)
        return err_nomem(err);
    *m = (struct io_core){0};
    if (a != NULL)
        m->alloc = *a;
    *io = (hi5_io){.size = sizeof *io, .ctx = m, .read_at = io_core_read,
                   .get_size = io_core_size, .close = io_core_close,
                   .write_at = io_core_write, .truncate = io_core_truncate};
    s = io_core_write(m, 0, bytes, n, err);
    if (s != HI5_OK)
        io_close(io);
    return s;
}

HI5_INT const uint8_t *
io_memory_bytes(const hi5_io *io, size_t *n)
{
    const struct io_core *const m = io->ctx;

    if (io->read_at != io_core_read)
        return NULL;
    *n = m->n;
    return m->bytes;
}

/* ---- names ---- */

HI5_INT hi5_status
io_replace(const char *from, const char *to, bool durable, hi5_error *err)
{
    struct stat st;

    if (stat(to, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return err_plain(err, HI5_E_IO, "cannot write '%s': not a regular file", to);
        if (chmod(from, st.st_mode & 07777) != 0)
            return err_plain(err, HI5_E_IO, "cannot give '%s' the permissions of '%s': %s",
                             from, to, strerror(errno));
    }
    if (rename(from, to) != 0)
        return err_plain(err, HI5_E_IO, "cannot rename '%s' to '%s': %s", from, to,
                         strerror(errno));
    return durable ? io_sync_folder(to, err) : HI5_OK;
}

HI5_INT hi5_status
io_place(const char *from, const char *to, hi5_error *err)
{
    struct stat st;

    if (link(from, to) == 0) {
        (void)!io_remove(from);
        return HI5_OK;
    }
    /* Some file systems have no hard links. */
    if (errno == EEXIST || lstat(to, &st) == 0)
        return err_plain(err, HI5_E_EXISTS, "there is a file '%s' already", to);
    if (rename(from, to) != 0)
        return err_plain(err, HI5_E_IO, "cannot rename '%s' to '%s': %s", from, to,
                         strerror(errno));
    return HI5_OK;
}

HI5_INT bool
io_same(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

HI5_INT int64_t
io_now(void)
{
    return (int64_t)time(NULL);
}
