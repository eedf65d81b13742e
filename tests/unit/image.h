/*
 * image.h - a small file put together byte by byte, for tests of what reads files
 *
 * Bytes are written plainly here, not by the library's codecs, so that a test does not
 * agree with a mistake. image_open() makes the metadata cache over them; image_close()
 * proves that everything was given back.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/lookup3.h"
#include "base/meta.h"
#include "support.h"

struct image {
    uint8_t *bytes;
    size_t size, room;
    unsigned off_w, len_w;
    size_t at; /* where the next byte goes */
    struct mem mem;
    hi5_io io;
    struct meta meta;
    struct arena arena;
    hi5_error err;
};

static inline void
image_init(struct image *im, unsigned off_w, unsigned len_w)
{
    memset(im, 0, sizeof *im);
    im->off_w = off_w;
    im->len_w = len_w;
    im->size = im->at = 64; /* no structure of an index is at address 0 */
    im->room = 4096;
    im->bytes = calloc(1, im->room);
    ck_assert_ptr_nonnull(im->bytes);
}

/** Go to `at`, and make the file reach it. */
static inline void
image_seek(struct image *im, size_t at)
{
    if (at > im->room) {
        const size_t room = 2 * at;
        im->bytes = realloc(im->bytes, room);
        ck_assert_ptr_nonnull(im->bytes);
        memset(im->bytes + im->room, 0, room - im->room);
        im->room = room;
    }
    im->at = at;
    if (at > im->size)
        im->size = at;
}

/** Go to the end, `n` zero bytes after it being reserved; the address. */
static inline uint64_t
image_reserve(struct image *im, size_t n)
{
    const size_t at = im->size;

    image_seek(im, at + n);
    im->at = at;
    return at;
}

static inline void
image_uint(struct image *im, unsigned width, uint64_t v)
{
    const size_t at = im->at;

    image_seek(im, at + width);
    for (unsigned i = 0; i < width; i++)
        im->bytes[at + i] = (uint8_t)(i < 8             ? v >> (8 * i)
                                      : v == UINT64_MAX ? 0xff
                                                        : 0);
}

static inline void
image_addr(struct image *im, uint64_t v)
{
    image_uint(im, im->off_w, v);
}

static inline void
image_len(struct image *im, uint64_t v)
{
    image_uint(im, im->len_w, v);
}

static inline void
image_text(struct image *im, const char *s)
{
    for (; *s != '\0'; s++)
        image_uint(im, 1, (uint8_t)*s);
}

/** The checksum of the bytes from `start` to here. */
static inline void
image_sum(struct image *im, size_t start)
{
    image_uint(im, 4, lookup3(im->bytes + start, im->at - start, 0));
}

/** Bytes in hex at `at`; blanks are skipped. */
static inline void
image_hex(struct image *im, size_t at, const char *hex)
{
    image_seek(im, at);
    while (*hex != '\0') {
        char two[3] = {0};
        if (*hex == ' ') {
            hex++;
            continue;
        }
        memcpy(two, hex, 2);
        image_uint(im, 1, strtoul(two, NULL, 16));
        hex += 2;
    }
}

static inline void
image_open(struct image *im)
{
    mem_init_libc(&im->mem);
    ck_ok(io_open_memory(NULL, im->bytes, im->size, &im->io, &im->err), &im->err);
    meta_init(&im->meta, &im->mem, &im->io, NULL);
    im->meta.off_w = (uint8_t)im->off_w;
    im->meta.len_w = (uint8_t)im->len_w;
    im->meta.eof = im->size;
    arena_init(&im->arena, &im->mem);
}

static inline void
image_close(struct image *im)
{
    meta_done(&im->meta);
    arena_done(&im->arena);
    io_close(&im->io);
    ck_assert_uint_eq(im->mem.used, 0);
    mem_done(&im->mem);
    free(im->bytes);
}

#endif
