/*
 * disk.c - a file in memory that notes what is done to it, and fails when it is told to
 */
#include "disk.h"
#include <stdlib.h>
#include <string.h>

#define DISK_SECTOR 512u

uint64_t
crash_random(uint64_t *state, uint64_t below)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    return below != 0 ? x % below : x;
}

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

void
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

/* A write that fails may have done a part of its work: sectors, not parts of them. */
static hi5_status
disk_write(void *ctx, uint64_t offset, const void *buf, size_t n, hi5_error *err)
{
    struct disk *const d = ctx;

    if (disk_fails(d)) {
        const uint64_t half = (offset + n / 2) / DISK_SECTOR * DISK_SECTOR;
        disk_put(d, offset, buf, half > offset ? (size_t)(half - offset) : 0);
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

/* ---- loss of power ---- */

static void
disk_apply(struct disk *d, const struct disk_op *op)
{
    if (op->kind == DISK_WRITE)
        disk_put(d, op->at, op->bytes, op->n);
    else if (op->kind == DISK_TRUNCATE)
        disk_cut(d, op->at);
}

/* Some sectors of what was on its way, and some changes of the size. */
static void
disk_tear(struct disk *d, const struct disk_op *op, uint64_t *state)
{
    const uint64_t odds = 1 + crash_random(state, 4);
    uint64_t at = op->at, end = op->at + op->n;

    if (op->kind != DISK_WRITE) {
        if (crash_random(state, 2))
            disk_apply(d, op);
        return;
    }
    while (at < end) {
        const uint64_t stop = (at / DISK_SECTOR + 1) * DISK_SECTOR;
        const uint64_t n = (stop < end ? stop : end) - at;
        if (crash_random(state, 5) >= odds)
            disk_put(d, at, op->bytes + (at - op->at), (size_t)n);
        at += n;
    }
}

/* How many of the first `end` operations are surely on the disk. */
static size_t
disk_synced(const struct disk *log, size_t end)
{
    while (end > 0 && log->op[end - 1].kind != DISK_SYNC)
        end--;
    return end;
}

void
disk_after(struct disk *out, const struct disk *base, const struct disk *log, size_t end,
           uint64_t *state)
{
    const size_t synced = state != NULL ? disk_synced(log, end) : end;

    disk_open(out);
    if (base != NULL)
        disk_put(out, 0, base->bytes, base->n);
    for (size_t i = 0; i < synced; i++)
        disk_apply(out, &log->op[i]);
    for (size_t i = synced; i < end; i++)
        disk_tear(out, &log->op[i], state);
}

void
disk_fold(struct disk *base, struct disk *log)
{
    const size_t n = disk_synced(log, log->nops);

    for (size_t i = 0; i < n; i++) {
        disk_apply(base, &log->op[i]);
        free(log->op[i].bytes);
    }
    log->nops -= n;
    if (log->nops != 0)
        memmove(log->op, log->op + n, log->nops * sizeof *log->op);
}
