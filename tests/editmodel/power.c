/*
 * power.c - what is left of a file whose disk loses power while it is edited
 */
#include "editmodel.h"
#include "../crash/disk.h"
#include <stdlib.h>

struct em_power {
    hi5_io io;
    struct rt_file *file;
    struct disk base, log;     /* what is surely on the disk, and what came after */
    uint64_t state;
};

static hi5_status
power_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const hi5_io *const io = &((struct em_power *)ctx)->file->io;

    return io->read_at(io->ctx, offset, buf, n, err);
}

static hi5_status
power_size(void *ctx, uint64_t *size, hi5_error *err)
{
    const hi5_io *const io = &((struct em_power *)ctx)->file->io;

    return io->get_size(io->ctx, size, err);
}

static hi5_status
power_write(void *ctx, uint64_t offset, const void *buf, size_t n, hi5_error *err)
{
    struct em_power *const p = ctx;

    disk_note(&p->log, DISK_WRITE, offset, buf, n);
    return p->file->io.write_at(p->file, offset, buf, n, err);
}

static hi5_status
power_truncate(void *ctx, uint64_t size, hi5_error *err)
{
    struct em_power *const p = ctx;

    disk_note(&p->log, DISK_TRUNCATE, size, NULL, 0);
    return p->file->io.truncate(p->file, size, err);
}

static hi5_status
power_sync(void *ctx, hi5_error *err)
{
    struct em_power *const p = ctx;

    (void)err;
    disk_note(&p->log, DISK_SYNC, 0, NULL, 0);
    return HI5_OK;
}

struct em_power *
em_power_new(struct rt_file *f)
{
    struct em_power *const p = calloc(1, sizeof *p);

    if (p == NULL)
        abort();
    *p = (struct em_power){.file = f, .state = rt_random(0)};
    p->io = (hi5_io){.size = sizeof p->io, .ctx = p, .read_at = power_read,
                     .get_size = power_size, .write_at = power_write,
                     .truncate = power_truncate, .sync = power_sync};
    disk_open(&p->base);
    disk_put(&p->base, 0, f->bytes, f->n);
    disk_open(&p->log);
    p->log.noting = true;
    return p;
}

void
em_power_free(struct em_power *p)
{
    if (p != NULL) {
        disk_close(&p->base);
        disk_close(&p->log);
    }
    free(p);
}

hi5_io *
em_power_io(struct em_power *p)
{
    return &p->io;
}

bool
em_power_cuts(struct em_power *p, unsigned n, em_cut_fn fn, void *ctx)
{
    bool ok = true;

    for (unsigned i = 0; i < n && ok; i++) {
        const size_t end = (size_t)crash_random(&p->state, p->log.nops + 1);
        const bool tear = crash_random(&p->state, 3) != 0;
        struct disk d;

        disk_after(&d, &p->base, &p->log, end, tear ? &p->state : NULL);
        ok = fn(ctx, d.bytes, d.n);
        if (!ok)
            rt_bad("the disk lost power after operation %zu of %zu%s", end, p->log.nops,
                   tear ? ", torn" : "");
        disk_close(&d);
    }
    disk_fold(&p->base, &p->log);
    return ok;
}
