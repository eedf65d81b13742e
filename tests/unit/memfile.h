/*
 * memfile.h - a file in memory for tests of decoders, put together from hex
 */
#ifndef MEMFILE_H
#define MEMFILE_H

#include "base/io.h"
#include "base/lookup3.h"
#include "base/meta.h"
#include "support.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct memfile {
    struct mem mem;
    struct meta meta;
    struct arena arena;
    uint8_t *bytes;
    size_t n;
    hi5_error err;
};

/* Forget everything that was read: the bytes are about to change. */
static inline void
memfile_fresh(struct memfile *f)
{
    const struct meta old = f->meta;
    hi5_io io = old.io;

    arena_done(&f->arena);
    meta_done(&f->meta);
    meta_init(&f->meta, &f->mem, &io, NULL);
    f->meta.off_w = old.off_w;
    f->meta.len_w = old.len_w;
    f->meta.eof = f->n;
    memset(&f->err, 0, sizeof f->err);
}

/* `n` zero bytes, with offsets and lengths this wide. */
static inline void
memfile_open(struct memfile *f, size_t n, unsigned off_w, unsigned len_w)
{
    hi5_io io;

    memset(f, 0, sizeof *f);
    f->n = n;
    f->bytes = calloc(1, n + 1);
    ck_assert_ptr_nonnull(f->bytes);
    mem_init(&f->mem, NULL, 64u << 20);
    ck_ok(io_open_memory(NULL, f->bytes, n, &io, &f->err), &f->err);
    meta_init(&f->meta, &f->mem, &io, NULL);
    arena_init(&f->arena, &f->mem);
    f->meta.eof = n;
    f->meta.off_w = (uint8_t)off_w;
    f->meta.len_w = (uint8_t)len_w;
}

/* All memory must have come back. */
static inline void
memfile_close(struct memfile *f)
{
    arena_done(&f->arena);
    meta_done(&f->meta);
    io_close(&f->meta.io);
    ck_assert_uint_eq(f->mem.used, 0);
    mem_done(&f->mem);
    free(f->bytes);
}

static inline unsigned
memfile_digit(char c)
{
    ck_assert_msg((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'), "bad hex: %c", c);
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Put hex bytes (blanks are skipped) at an offset; the offset behind them comes back. */
static inline size_t
memfile_hex(struct memfile *f, size_t at, const char *hex)
{
    while (*hex != '\0') {
        if (*hex == ' ') {
            hex++;
            continue;
        }
        ck_assert_uint_lt(at, f->n);
        f->bytes[at++] = (uint8_t)(memfile_digit(hex[0]) << 4 | memfile_digit(hex[1]));
        hex += 2;
    }
    return at;
}

static inline size_t
memfile_text(struct memfile *f, size_t at, const char *s)
{
    ck_assert_uint_le(at + strlen(s) + 1, f->n);
    memcpy(f->bytes + at, s, strlen(s) + 1);
    return at + strlen(s);
}

static inline size_t
memfile_uint(struct memfile *f, size_t at, unsigned width, uint64_t v)
{
    ck_assert_uint_le(at + width, f->n);
    for (unsigned i = 0; i < width; i++)
        f->bytes[at++] = (uint8_t)(i < 8 ? v >> (8 * i) : 0);
    return at;
}

/* The checksum of [from, at), at `at`. */
static inline size_t
memfile_sum(struct memfile *f, size_t from, size_t at)
{
    return memfile_uint(f, at, 4, lookup3(f->bytes + from, at - from, 0));
}

#endif
