/*
 * stagefile.h - a file in memory that grows, with a stage, for tests of what changes
 * structures in place; with an allocator that fails when it is told to
 */
#ifndef STAGEFILE_H
#define STAGEFILE_H

#include "base/stage.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

enum { STAGEFILE_START = 64 }; /* no structure is at address 0 */

struct stagefile {
    uint8_t *bytes;
    size_t n, room;
    uint64_t calls,
        fail_at; /* allocations; the one that fails (0: none), and all after */
    struct mem mem;
    struct meta meta;
    struct arena arena;
    hi5_error err;
};

static inline hi5_status
stagefile_read(void *ctx, uint64_t at, void *buf, size_t n, hi5_error *err)
{
    const struct stagefile *const f = ctx;

    (void)err;
    if (at > f->n || n > f->n - at)
        return HI5_E_TRUNCATED;
    memcpy(buf, f->bytes + at, n);
    return HI5_OK;
}

static inline hi5_status
stagefile_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct stagefile *)ctx)->n;
    return HI5_OK;
}

static inline hi5_status
stagefile_truncate(void *ctx, uint64_t size, hi5_error *err)
{
    struct stagefile *const f = ctx;

    (void)err;
    if (size > f->room) {
        f->room = 2 * (size_t)size;
        f->bytes = realloc(f->bytes, f->room);
        ck_assert_ptr_nonnull(f->bytes);
    }
    if (size > f->n)
        memset(f->bytes + f->n, 0, (size_t)size - f->n);
    f->n = (size_t)size;
    return HI5_OK;
}

static inline hi5_status
stagefile_write(void *ctx, uint64_t at, const void *buf, size_t n, hi5_error *err)
{
    struct stagefile *const f = ctx;

    if (at + n > f->n)
        stagefile_truncate(ctx, at + n, err);
    memcpy(f->bytes + at, buf, n);
    return HI5_OK;
}

static inline void *
stagefile_resize(void *ctx, void *p, size_t old, size_t n)
{
    struct stagefile *const f = ctx;

    (void)old;
    if (n != 0 && ++f->calls >= f->fail_at && f->fail_at != 0)
        return NULL;
    return plain_resize(p, n);
}

/* Make metadata and stage over the bytes that there are. */
static inline void
stagefile_begin(struct stagefile *f, unsigned off_w, unsigned len_w)
{
    const hi5_io io = {.size = sizeof io,
                       .ctx = f,
                       .read_at = stagefile_read,
                       .get_size = stagefile_size,
                       .write_at = stagefile_write,
                       .truncate = stagefile_truncate};
    const hi5_allocator a = {.ctx = f, .resize = stagefile_resize};

    mem_init(&f->mem, &a, (uint64_t)1 << 32);
    meta_init(&f->meta, &f->mem, &io, NULL);
    f->meta.off_w = (uint8_t)off_w;
    f->meta.len_w = (uint8_t)len_w;
    f->meta.eof = f->n;
    arena_init(&f->arena, &f->mem);
    ck_ok(stage_open(&f->meta, f->n > STAGEFILE_START ? f->n : 0, &f->err), &f->err);
}

static inline void
stagefile_open(struct stagefile *f, unsigned off_w, unsigned len_w)
{
    memset(f, 0, sizeof *f);
    stagefile_truncate(f, STAGEFILE_START, NULL);
    stagefile_begin(f, off_w, len_w);
}

/* Give back all memory but the bytes. */
static inline void
stagefile_end(struct stagefile *f)
{
    f->fail_at = 0;
    arena_done(&f->arena);
    stage_close(&f->meta);
    meta_done(&f->meta);
    ck_assert_uint_eq(f->mem.used, 0);
    mem_done(&f->mem);
}

static inline void
stagefile_close(struct stagefile *f)
{
    stagefile_end(f);
    free(f->bytes);
}

static inline void
stagefile_commit(struct stagefile *f)
{
    stage_trim(&f->meta);
    ck_ok(stage_commit(&f->meta, false, &f->err), &f->err);
}

/* Commit, and look at the bytes anew. */
static inline void
stagefile_reopen(struct stagefile *f)
{
    const unsigned off_w = f->meta.off_w, len_w = f->meta.len_w;

    stagefile_commit(f);
    stagefile_end(f);
    stagefile_begin(f, off_w, len_w);
}

/* Numbers that look random, and are the same each time. */
static inline uint64_t
stagefile_random(uint64_t *state, uint64_t below)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return (x ^ (x >> 31)) % below;
}

#endif
