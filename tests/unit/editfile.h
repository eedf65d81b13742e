/*
 * editfile.h - a file in memory to be changed, for tests of what changes files
 *
 * Allocations can be made to fail; what has been committed can be opened again.
 */
#ifndef EDITFILE_H
#define EDITFILE_H

#include "base/io.h"
#include "base/stage.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

struct editfile {
    struct mem mem;
    hi5_io io;
    struct meta meta;
    struct arena arena;
    hi5_error err;
    long fail_in;              /* the allocation after so many fails; < 0: none */
    uint64_t random;
    struct cur_watch watch;
};

static inline void *
editfile_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    struct editfile *const f = ctx;

    (void)old_size;
    if (new_size != 0 && f->fail_in >= 0 && f->fail_in-- == 0)
        return NULL;
    return plain_resize(p, new_size);
}

/** A number below n. */
static inline unsigned
editfile_random(struct editfile *f, unsigned n)
{
    f->random ^= f->random << 13;
    f->random ^= f->random >> 7;
    f->random ^= f->random << 17;
    return (unsigned)((f->random >> 16) % n);
}

/* What a validator would complain about must not be there. */
static inline bool
editfile_finding(struct cur_watch *w, const struct cur *c, const char *field, size_t at,
                 bool fatal, const char *what)
{
    (void)w;
    ck_abort_msg("%s at 0x%llx + %zu, %s: %s%s", c->structure,
                 (unsigned long long)c->addr, at, field, what, fatal ? "" : " (minor)");
    return false;
}

static inline void
editfile_meta(struct editfile *f, unsigned off_w, unsigned len_w, uint64_t eof)
{
    meta_init(&f->meta, &f->mem, &f->io, NULL);
    f->meta.off_w = (uint8_t)off_w;
    f->meta.len_w = (uint8_t)len_w;
    f->meta.eof = eof;
    ck_ok(stage_open(&f->meta, eof, &f->err), &f->err);
}

/** An empty file with these widths; no structure is at address 0. */
static inline void
editfile_open(struct editfile *f, unsigned off_w, unsigned len_w, unsigned seed)
{
    const hi5_allocator a = {f, editfile_resize};
    uint64_t addr;

    memset(f, 0, sizeof *f);
    f->fail_in = -1;
    f->random = 0x9e3779b97f4a7c15u * (seed + 1);
    f->watch.finding = editfile_finding;
    mem_init(&f->mem, &a, 1u << 30);
    ck_ok(io_write_memory(NULL, "", 0, &f->io, &f->err), &f->err);
    editfile_meta(f, off_w, len_w, 0);
    arena_init(&f->arena, &f->mem);
    ck_ok(stage_alloc(&f->meta, STAGE_META, 48, &addr, &f->err), &f->err);
}

static inline void
editfile_commit(struct editfile *f)
{
    ck_ok(stage_commit(&f->meta, false, &f->err), &f->err);
}

/** Commit, and begin again with nothing but the bytes. */
static inline void
editfile_reopen(struct editfile *f)
{
    const struct meta old = f->meta;

    editfile_commit(f);
    arena_done(&f->arena);
    stage_close(&f->meta);
    meta_done(&f->meta);
    editfile_meta(f, old.off_w, old.len_w, f->meta.eof);
}

/** All memory must have come back. */
static inline void
editfile_close(struct editfile *f)
{
    arena_done(&f->arena);
    stage_close(&f->meta);
    meta_done(&f->meta);
    ck_assert_uint_eq(f->mem.used, 0);
    io_close(&f->io);
    mem_done(&f->mem);
}

#endif
