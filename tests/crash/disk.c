/*
 * disk.c - a file in memory that notes what is done to it, and fails when it is told to
 */
#include "crash.h"
#include <stdlib.h>
#include <string.h>

void
disk_cut(struct disk *d, uint64_t size)
{
    if (size > d->room) {
        d->room = 2 * (size_t)size;
        d->bytes = realloc(d->bytes, d->room);
        if (d->bytes == NULL)
            abort();
    }
    if (size > d->n)
        memset(d->bytes + d->n, 0, (size_t)size - d->n);
    d->n = (size_t)size;
}

void
disk_put(struct disk *d, uint64_t at, const void *bytes, size_t n)
{
    if (n == 0)
        return;
    if (at + n > d->n)
        disk_cut(d, at + n);
    memcpy(d->bytes + at, bytes, n);
}

static void
disk_note(struct disk *d, enum disk_kind kind, uint64_t at, const void *bytes, size_t n)
{
    struct disk_op *op;

    if (!d->noting)
        return;
    if (d->nops == d->room_ops) {
        d->room_ops = d->room_ops != 0 ? 2 * d->room_ops : 256;
        d->op = realloc(d->op, d->room_ops * sizeof *d->op);
        if (d->op == NULL)
            abort();
    }
    op = &d->op[d->nops++];
    *op = (struct disk_op){kind, at, n, NULL};
    if (n != 0) {
        op->bytes = malloc(n);
        if (op->bytes == NULL)
            abort();
        memcpy(op->bytes, bytes, n);
    }
}

static bool
disk_fails(struct disk *d)
{
    const uint64_t now = ++d->calls;

    return d->fail_at != 0 && (now == d->fail_at || (d->fail_on && now > d->fail_at));
}

static hi5_status
disk_failed(hi5_error *err)
{
    if (err != NULL) {
        memset(err, 0, sizeof *err);
        err->status = HI5_E_IO;
        strcpy(err->message, "the disk fails");
    }
    return HI5_E_IO;
}

static hi5_status
disk_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    struct disk *const d = ctx;

    if (disk_fails(d))
        return disk_failed(err);
    if (offset > d->n || n > d->n - offset)
        return HI5_E_TRUNCATED;
    if (n != 0)
        memcpy(buf, d->bytes + offset, n);
    return HI5_OK;
}

static hi5_status
disk_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct disk *)ctx)->n;
    return HI5_OK;
}

/* A write that fails may have done a part of its work. */
static hi5_status
disk_write(void *ctx, uint64_t offset, const void *buf, size_t n, hi5_error *err)
{
    struct disk *const d = ctx;

    if (disk_fails(d)) {
        disk_put(d, offset, buf, n / 2);
        return disk_failed(err);
    }
    disk_note(d, DISK_WRITE, offset, buf, n);
    disk_put(d, offset, buf, n);
    return HI5_OK;
}

static hi5_status
disk_truncate(void *ctx, uint64_t size, hi5_error *err)
{
    struct disk *const d = ctx;

    if (disk_fails(d))
        return disk_failed(err);
    disk_note(d, DISK_TRUNCATE, size, NULL, 0);
    disk_cut(d, size);
    return HI5_OK;
}

static hi5_status
disk_sync(void *ctx, hi5_error *err)
{
    struct disk *const d = ctx;

    if (disk_fails(d))
        return disk_failed(err);
    disk_note(d, DISK_SYNC, 0, NULL, 0);
    return HI5_OK;
}

void
disk_open(struct disk *d)
{
    *d = (struct disk){0};
    d->io = (hi5_io){.size = sizeof d->io, .ctx = d, .read_at = disk_read,
                     .get_size = disk_size, .write_at = disk_write,
                     .truncate = disk_truncate, .sync = disk_sync};
}

void
disk_close(struct disk *d)
{
    for (size_t i = 0; i < d->nops; i++)
        free(d->op[i].bytes);
    free(d->op);
    free(d->bytes);
}
