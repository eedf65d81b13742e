/*
 * cur.h - the cursor: one field list, five uses
 *
 * Every structure on disk has one function, `<name>_code(struct cur *, struct <name> *)`,
 * that names its fields in order. The cursor's op decides what that does:
 *   CUR_GET   decode from `in`         CUR_PUT   encode to `out`
 *   CUR_SIZE  only measure             with `watch`: also print, also check
 *
 * Invariants: pos <= size. Only cur.c moves pos. A cursor that has failed stays failed:
 * failing sets size = pos, so that the one bounds test is also the error test; every
 * later call does nothing, and a GET then yields zero. So a field list is straight-line
 * code, and its caller tests once, at the end.
 *
 * Order in a codec: shape, then checksum, then meaning (cur_require). cur_require runs
 * when writing too: what the reader would refuse cannot be written.
 */
#ifndef HI5_CUR_H
#define HI5_CUR_H

#include "base/cc.h"
#include "base/mem.h"
#include <hi5.h>
#include <string.h>

#define ADDR_NONE HI5_NO_ADDRESS

enum cur_op { CUR_GET, CUR_PUT, CUR_SIZE };

struct cur;

/* Somebody who looks over the codec's shoulder: the annotated dump, the validator. */
struct cur_watch {
    /* A field of n bytes at offset `at` has been passed; `value` if it is a number. */
    void (*field)(struct cur_watch *w, const struct cur *c, const char *field, size_t at,
                  size_t n, uint64_t value);
    /* Something is wrong. `fatal`: a reader refuses it. Return true to go on. */
    bool (*finding)(struct cur_watch *w, const struct cur *c, const char *field,
                    size_t at, bool fatal, const char *what);
};

struct cur {
    const uint8_t *in;
    uint8_t *out;
    size_t pos, size;
    enum cur_op op;
    hi5_status status;
    uint8_t off_w, len_w;  /* size of offsets (O), size of lengths (L) */
    uint64_t addr;         /* file address of byte 0; ADDR_NONE: not from a file */
    uint64_t eof;          /* first address beyond the file */
    size_t start;          /* where the current structure began */
    size_t field_at;       /* where the last field began */
    const char *structure; /* "FAHD" */
    const char *section;   /* "VII.C" */
    struct arena *arena;   /* decoded parts of variable size */
    hi5_error *err;
    struct cur_watch *watch;
};

/** A cursor over bytes to decode; off_w and len_w 8, eof unlimited, no arena. */
HI5_INT struct cur cur_reader(const void *in, size_t n, hi5_error *err);
/** A cursor that encodes into `n` bytes at `out`; the same defaults. */
HI5_INT struct cur cur_writer(void *out, size_t n, hi5_error *err);
/** A cursor that measures. */
HI5_INT struct cur cur_sizer(hi5_error *err);

static inline bool
cur_ok(const struct cur *c)
{
    return c->status == HI5_OK;
}

static inline bool
cur_reading(const struct cur *c)
{
    return c->op == CUR_GET;
}

/** Bytes left to decode. */
static inline size_t
cur_left(const struct cur *c)
{
    return c->size - c->pos;
}

/** Start a structure here: names for errors, start for checksums and padding. */
static inline void
cur_begin(struct cur *c, const char *structure, const char *section)
{
    c->structure = structure;
    c->section = section;
    c->start = c->field_at = c->pos;
}

/** Fail; the first failure stays. `field` and the like are static strings. */
HI5_INT void cur_fail(struct cur *c, hi5_status s, const char *field, const char *fmt, ...)
    CC_PRINTF(4, 5);

/* Raw little-endian access for bulk paths whose bounds have been checked already. */
static inline uint64_t
cur_raw_uint(const uint8_t *p, unsigned width)
{
    uint64_t v = 0;

    if (width == 8) /* written so that it becomes a single load */
        return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
               (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
               (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
    if (width == 4)
        return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
               (uint64_t)p[3] << 24;
    if (width == 2)
        return (uint64_t)p[0] | (uint64_t)p[1] << 8;
    for (unsigned i = 0; i < width; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

/** Write a number, or an address or length: all-ones at any width is UINT64_MAX. */
static inline void
cur_raw_store(uint8_t *p, unsigned width, uint64_t v)
{
    if (width == 8) { /* written so that it becomes a single store */
        p[0] = (uint8_t)v;
        p[1] = (uint8_t)(v >> 8);
        p[2] = (uint8_t)(v >> 16);
        p[3] = (uint8_t)(v >> 24);
        p[4] = (uint8_t)(v >> 32);
        p[5] = (uint8_t)(v >> 40);
        p[6] = (uint8_t)(v >> 48);
        p[7] = (uint8_t)(v >> 56);
        return;
    }
    for (unsigned i = 0; i < width; i++)
        p[i] = (uint8_t)(i < 8 ? v >> (8 * i) : v == UINT64_MAX ? 0xff : 0);
}

HI5_INT uint64_t cur_raw_wide(const uint8_t *p, unsigned width);

/** The same for an address `width` bytes wide: all-ones is ADDR_NONE. */
static inline uint64_t
cur_raw_addr(const uint8_t *p, unsigned width)
{
    return width == 8 ? cur_raw_uint(p, 8) : cur_raw_wide(p, width);
}

/* A field to decode, with nobody looking, is the usual case: that is done where the field
 * is named. Functions whose names end in _any do it in every case. */

/* Is this the usual case? Of a cursor that has failed, nothing is left. */
static inline bool
cur_quick(const struct cur *c, size_t n)
{
    return c->op == CUR_GET && c->watch == NULL && n <= c->size - c->pos;
}

static inline const uint8_t *
cur_take(struct cur *c, size_t n)
{
    c->field_at = c->pos;
    c->pos += n;
    return c->in + c->field_at;
}

HI5_INT void cur_u8_any(struct cur *c, const char *field, uint8_t *v);
HI5_INT void cur_u16_any(struct cur *c, const char *field, uint16_t *v);
HI5_INT void cur_u32_any(struct cur *c, const char *field, uint32_t *v);
HI5_INT void cur_uint_any(struct cur *c, const char *field, unsigned width, uint64_t *v);
HI5_INT void cur_wide_any(struct cur *c, const char *field, unsigned width,
                          unsigned taken, uint64_t *v);
HI5_INT void cur_signature_any(struct cur *c, const char sig[4]);
HI5_INT void cur_reserved_any(struct cur *c, size_t n);
HI5_INT void cur_skip_any(struct cur *c, const char *field, size_t n);
HI5_INT void cur_view_any(struct cur *c, const char *field, const uint8_t **p, size_t n);

/* Numbers, little-endian. On GET *v is written (0 after a failure). */
static inline void
cur_u8(struct cur *c, const char *field, uint8_t *v)
{
    if (cur_quick(c, 1))
        *v = *cur_take(c, 1);
    else
        cur_u8_any(c, field, v);
}

static inline void
cur_u16(struct cur *c, const char *field, uint16_t *v)
{
    if (cur_quick(c, 2))
        *v = (uint16_t)cur_raw_uint(cur_take(c, 2), 2);
    else
        cur_u16_any(c, field, v);
}

static inline void
cur_u32(struct cur *c, const char *field, uint32_t *v)
{
    if (cur_quick(c, 4))
        *v = (uint32_t)cur_raw_uint(cur_take(c, 4), 4);
    else
        cur_u32_any(c, field, v);
}

/** A number of `width` bytes, 0 to 8. PUT fails if it does not fit. */
static inline void
cur_uint(struct cur *c, const char *field, unsigned width, uint64_t *v)
{
    if (width > 0 && cur_quick(c, width))
        *v = cur_raw_uint(cur_take(c, width), width);
    else
        cur_uint_any(c, field, width, v);
}

static inline void
cur_u64(struct cur *c, const char *field, uint64_t *v)
{
    cur_uint(c, field, 8, v);
}

/* `taken`: of addresses, the largest number is not one. */
static inline void
cur_wide(struct cur *c, const char *field, unsigned width, unsigned taken, uint64_t *v)
{
    if (width == 8 && cur_quick(c, 8))
        *v = cur_raw_uint(cur_take(c, 8), 8);
    else
        cur_wide_any(c, field, width, taken, v);
}

/** L bytes wide. All-ones stay all-ones: UINT64_MAX <-> L bytes of 0xff. */
static inline void
cur_len(struct cur *c, const char *field, uint64_t *v)
{
    cur_wide(c, field, c->len_w, 0, v);
}

/** O bytes wide; all-ones <-> ADDR_NONE. */
static inline void
cur_addr(struct cur *c, const char *field, uint64_t *v)
{
    cur_wide(c, field, c->off_w, 1, v);
}

/** Four signature bytes. */
static inline void
cur_signature(struct cur *c, const char sig[4])
{
    if (cur_quick(c, 4) && memcmp(c->in + c->pos, sig, 4) == 0)
        cur_take(c, 4);
    else
        cur_signature_any(c, sig);
}

/** A number that must have one value, such as a version. */
static inline void
cur_const(struct cur *c, const char *field, unsigned width, uint64_t value)
{
    uint64_t v = value;

    cur_uint(c, field, width, &v);
    if (v != value)
        cur_fail(c, HI5_E_CORRUPT, field, "%llu, expected %llu", (unsigned long long)v,
                 (unsigned long long)value);
}

/** `n` bytes that should be zero: written so, not looked at by a reader, a finding for
 *  the validator. */
static inline void
cur_reserved(struct cur *c, size_t n)
{
    if (n > 0 && cur_quick(c, n))
        cur_take(c, n);
    else
        cur_reserved_any(c, n);
}

/** `n` bytes that mean nothing: written zero, skipped. */
static inline void
cur_skip(struct cur *c, const char *field, size_t n)
{
    if (n > 0 && cur_quick(c, n))
        cur_take(c, n);
    else
        cur_skip_any(c, field, n);
}

/** Skip to a multiple of `to`, counted from the start of the structure. */
HI5_INT void cur_pad(struct cur *c, size_t to);

/** `n` bytes, copied to or from `p`. */
HI5_INT void cur_bytes(struct cur *c, const char *field, void *p, size_t n);
/** `n` bytes: GET points *p into the input (valid as long as that is); PUT copies. */
static inline void
cur_view(struct cur *c, const char *field, const uint8_t **p, size_t n)
{
    if (n > 0 && cur_quick(c, n))
        *p = cur_take(c, n);
    else
        cur_view_any(c, field, p, n);
}

/** A string with its NUL: GET points *s into the input. The NUL must be there. */
HI5_INT void cur_cstr(struct cur *c, const char *field, const char **s);

/** A window on the next `n` bytes, as a cursor of its own; `c` moves past it at once.
 *  A failure in the window must be handed back with cur_join. GET only. */
HI5_INT struct cur cur_sub(struct cur *c, const char *field, size_t n);
HI5_INT void cur_join(struct cur *c, const struct cur *sub);

/** GET: fail unless `count` things of at least `each` bytes can still follow. Before
 *  any loop or allocation that a count from the file controls. */
HI5_INT void cur_need(struct cur *c, const char *field, uint64_t count, size_t each);
/** GET: `count` * `size` zero bytes from the arena; NULL, and failed, if there is no
 *  room (or no arena). Call cur_need first. */
HI5_INT void *cur_alloc(struct cur *c, uint64_t count, size_t size);

/** The lookup3 checksum of everything from cur_begin to here. */
HI5_INT void cur_checksum(struct cur *c);

/** What must be true of values that have been read, or are to be written. */
static inline void
cur_require(struct cur *c, bool truth, const char *field, const char *what)
{
    if (!truth)
        cur_fail(c, HI5_E_CORRUPT, field, "%s", what);
}

/** What should be true: nothing to a reader or writer, a finding to the validator. */
HI5_INT void cur_expect(struct cur *c, bool truth, const char *field, const char *what);
/** An old form that is only read: PUT and SIZE fail with HI5_E_UNSUPPORTED. */
HI5_INT void cur_read_only(struct cur *c);

#endif
