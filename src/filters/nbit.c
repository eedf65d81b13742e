/*
 * nbit.c - filter 5: only the bits that count                     [FMT IV.A.2.l]
 *
 * Stored are the significant bits of each element, most significant first, without gaps
 * between elements. Bits that are not stored are zero. The parameters describe the
 * datatype:
 *
 *   0   how many parameters there are
 *   1   1: the type has nothing to leave out, the data is as it was
 *   2   elements in the chunk
 *   3   a node: 1 size order precision offset          atomic; order 0 LE, 1 BE
 *               2 size <node of the element>           array
 *               3 size members {offset <node>}...      compound
 *               4 size                                 stored in full
 *
 * The tree is checked as a whole before any bit is looked at; decoding relies on it.
 */
#include "filters/bits.h"
#include "filters/encode.h"
#include "filters/filter.h"
#include <string.h>

#define NBIT_DEEPEST 64u /* nodes within nodes */
#define NBIT_TREE 3u     /* where the first node is */

enum { NBIT_ATOMIC = 1, NBIT_ARRAY = 2, NBIT_COMPOUND = 3, NBIT_FULL = 4 };

/* A walk over the parameters. */
struct nbit_tree {
    const uint32_t *value;
    unsigned n, at;
};

struct nbit_atomic {
    uint32_t size, order, precision, offset;
};

/* What a node comes to. */
struct nbit_size {
    uint64_t bytes, bits;
};

static bool nbit_measure(struct nbit_tree *t, unsigned depth, struct nbit_size *s);

static uint32_t
nbit_next(struct nbit_tree *t)
{
    return t->value[t->at++];
}

static bool
nbit_left(const struct nbit_tree *t, unsigned n)
{
    return t->n - t->at >= n;
}

static struct nbit_atomic
nbit_take_atomic(struct nbit_tree *t)
{
    struct nbit_atomic a;

    a.size = nbit_next(t);
    a.order = nbit_next(t);
    a.precision = nbit_next(t);
    a.offset = nbit_next(t);
    return a;
}

static bool
nbit_measure_atomic(struct nbit_tree *t, struct nbit_size *s)
{
    struct nbit_atomic a;

    if (!nbit_left(t, 4))
        return false;
    a = nbit_take_atomic(t);
    s->bytes = a.size;
    s->bits = a.precision;
    return a.order <= 1 && a.precision > 0 &&
           (uint64_t)a.precision + a.offset <= (uint64_t)a.size * 8;
}

static bool
nbit_measure_array(struct nbit_tree *t, unsigned depth, struct nbit_size *s)
{
    struct nbit_size base;

    if (!nbit_left(t, 2))
        return false;
    s->bytes = nbit_next(t);
    if (t->value[t->at] == NBIT_FULL) {
        /* The size of variable-length elements is not to be relied on. */
        s->bits = s->bytes * 8;
        t->at += 2;
        return t->at <= t->n && s->bytes > 0;
    }
    if (!nbit_measure(t, depth + 1, &base) || s->bytes < base.bytes)
        return false;
    s->bits = s->bytes / base.bytes * base.bits;
    return true;
}

/* Members may not overlap: together they are no larger than the compound. That also
 * keeps the time for one element in proportion to its size. */
static bool
nbit_measure_compound(struct nbit_tree *t, unsigned depth, struct nbit_size *s)
{
    uint64_t used = 0;
    uint32_t members;

    if (!nbit_left(t, 2))
        return false;
    s->bytes = nbit_next(t);
    s->bits = 0;
    members = nbit_next(t);
    for (uint32_t i = 0; i < members; i++) {
        struct nbit_size m;
        uint32_t offset;

        if (!nbit_left(t, 1))
            return false;
        offset = nbit_next(t);
        if (!nbit_measure(t, depth + 1, &m) || offset + m.bytes > s->bytes)
            return false;
        used += m.bytes;
        if (used > s->bytes)
            return false;
        s->bits += m.bits;
    }
    return s->bytes > 0;
}

/* The size of a node, in memory and packed. False if it makes no sense. */
static bool
nbit_measure(struct nbit_tree *t, unsigned depth, struct nbit_size *s)
{
    if (depth >= NBIT_DEEPEST || !nbit_left(t, 2))
        return false;
    switch (nbit_next(t)) {
    case NBIT_ATOMIC:
        return nbit_measure_atomic(t, s);
    case NBIT_ARRAY:
        return nbit_measure_array(t, depth, s);
    case NBIT_COMPOUND:
        return nbit_measure_compound(t, depth, s);
    case NBIT_FULL:
        s->bytes = nbit_next(t);
        s->bits = s->bytes * 8;
        return s->bytes > 0;
    default:
        return false;
    }
}

static void
nbit_full(struct bits *in, uint8_t *dst, size_t n)
{
    if (in->at % 8 == 0) {
        memcpy(dst, in->p + in->at / 8, n);
        in->at += (uint64_t)n * 8;
        return;
    }
    for (; n >= 8; n -= 8, dst += 8)
        bits_store(dst, bits_take(in, 64), 8, true);
    for (; n > 0; n--)
        *dst++ = (uint8_t)bits_take(in, 8);
}

/* An atomic of more than 8 bytes, byte by byte from the most significant. */
static void
nbit_wide(struct bits *in, const struct nbit_atomic *a, uint8_t *dst)
{
    uint64_t end = (uint64_t)a->offset + a->precision;

    while (end > a->offset) {
        const uint64_t byte = (end - 1) / 8;
        const uint64_t low = byte * 8 > a->offset ? byte * 8 : a->offset;
        const uint64_t v = bits_take(in, (unsigned)(end - low)) << (low - byte * 8);

        dst[a->order == 0 ? byte : a->size - 1 - byte] = (uint8_t)v;
        end = low;
    }
}

static void
nbit_atomics(struct bits *in, const struct nbit_atomic *a, uint8_t *dst, size_t n)
{
    const bool big_endian = a->order != 0;
    size_t now;

    if (a->size > 8) {
        for (size_t i = 0; i < n; i++)
            nbit_wide(in, a, dst + i * a->size);
        return;
    }
    for (size_t i = 0; i < n; i += now) {
        uint64_t v[BITS_BLOCK];

        now = n - i < BITS_BLOCK ? n - i : BITS_BLOCK;
        bits_unpack(in, a->precision, v, now);
        for (size_t k = 0; a->offset != 0 && k < now; k++)
            v[k] <<= a->offset;
        bits_pack(dst + i * a->size, v, a->size, big_endian, now);
    }
}

/* Decode `n` things of `bytes` each that the node at t->at describes, and move past the
 * node. As deep as nbit_measure went. */
static void nbit_nodes(struct nbit_tree *t, struct bits *in, uint8_t *dst, size_t n);

static void
nbit_array(struct nbit_tree *t, struct bits *in, uint8_t *dst, size_t n)
{
    const size_t size = nbit_next(t);
    const unsigned base = t->at;

    for (size_t i = 0; i < n; i++) {
        t->at = base;
        if (t->value[base] == NBIT_FULL) {
            nbit_full(in, dst + i * size, size);
            t->at += 2;
        } else {
            nbit_nodes(t, in, dst + i * size, size / t->value[base + 1]);
        }
    }
}

static void
nbit_compound(struct nbit_tree *t, struct bits *in, uint8_t *dst, size_t n)
{
    const size_t size = nbit_next(t);
    const uint32_t members = nbit_next(t);
    const unsigned first = t->at;

    for (size_t i = 0; i < n; i++) {
        t->at = first;
        for (uint32_t m = 0; m < members; m++) {
            const uint32_t offset = nbit_next(t);
            nbit_nodes(t, in, dst + i * size + offset, 1);
        }
    }
}

static void
nbit_nodes(struct nbit_tree *t, struct bits *in, uint8_t *dst, size_t n)
{
    const uint32_t class = nbit_next(t);

    if (class == NBIT_ATOMIC) {
        const struct nbit_atomic a = nbit_take_atomic(t);
        nbit_atomics(in, &a, dst, n);
    } else if (class == NBIT_ARRAY) {
        nbit_array(t, in, dst, n);
    } else if (class == NBIT_COMPOUND) {
        nbit_compound(t, in, dst, n);
    } else {
        nbit_full(in, dst, n * nbit_next(t));
    }
}

HI5_INT hi5_status
nbit_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
            size_t *out, hi5_error *err)
{
    struct nbit_tree t = {f->values, f->nvalues, NBIT_TREE};
    struct bits in = {src, n, 0};
    struct nbit_size each;
    uint64_t count;

    if (f->nvalues < NBIT_TREE || f->values[0] > f->nvalues)
        return filter_fail(err, f, "%u parameters are not enough", f->nvalues);
    if (f->values[1] != 0)
        return filter_copy(f, src, n, dst, cap, out, err);
    if (!nbit_measure(&t, 0, &each))
        return filter_fail(err, f, "the parameters describe no datatype");
    count = f->values[2];
    if (count > cap / each.bytes)
        return filter_too_long(err, f, cap);
    if ((each.bits * count + 7) / 8 > n)
        return filter_cut(err, f, n, (each.bits * count + 7) / 8);
    *out = (size_t)(count * each.bytes);
    memset(dst, 0, *out);
    t.at = NBIT_TREE;
    if (count > 0)
        nbit_nodes(&t, &in, dst, (size_t)count);
    return HI5_OK;
}

/* ---- the other way ---- */

static void
nbit_give_full(struct bits_out *out, const uint8_t *src, size_t n)
{
    for (; n >= 8; n -= 8, src += 8)
        bits_give(out, bits_load_be64(src), 64);
    for (; n > 0; n--)
        bits_give(out, *src++, 8);
}

static void
nbit_give_wide(struct bits_out *out, const struct nbit_atomic *a, const uint8_t *src)
{
    uint64_t end = (uint64_t)a->offset + a->precision;

    while (end > a->offset) {
        const uint64_t byte = (end - 1) / 8;
        const uint64_t low = byte * 8 > a->offset ? byte * 8 : a->offset;
        const unsigned v = src[a->order == 0 ? byte : a->size - 1 - byte];
        const unsigned width = (unsigned)(end - low);

        bits_give(out, v >> (low - byte * 8) & bits_ones(width), width);
        end = low;
    }
}

static void
nbit_give_atomics(struct bits_out *out, const struct nbit_atomic *a, const uint8_t *src,
                  size_t n)
{
    const uint64_t ones = a->size <= 8 ? bits_ones(a->precision) : 0;
    size_t now;

    for (size_t i = 0; a->size > 8 && i < n; i++)
        nbit_give_wide(out, a, src + i * a->size);
    for (size_t i = 0; a->size <= 8 && i < n; i += now) {
        uint64_t v[BITS_BLOCK];

        now = n - i < BITS_BLOCK ? n - i : BITS_BLOCK;
        bits_load_all(v, src + i * a->size, a->size, a->order != 0, now);
        for (size_t k = 0; k < now; k++)
            bits_give(out, v[k] >> a->offset & ones, a->precision);
    }
}

/* As nbit_nodes. */
static void nbit_give_nodes(struct nbit_tree *t, struct bits_out *out,
                            const uint8_t *src, size_t n);

static void
nbit_give_array(struct nbit_tree *t, struct bits_out *out, const uint8_t *src, size_t n)
{
    const size_t size = nbit_next(t);
    const unsigned base = t->at;

    for (size_t i = 0; i < n; i++) {
        t->at = base;
        if (t->value[base] == NBIT_FULL) {
            nbit_give_full(out, src + i * size, size);
            t->at += 2;
        } else {
            nbit_give_nodes(t, out, src + i * size, size / t->value[base + 1]);
        }
    }
}

static void
nbit_give_compound(struct nbit_tree *t, struct bits_out *out, const uint8_t *src,
                   size_t n)
{
    const size_t size = nbit_next(t);
    const uint32_t members = nbit_next(t);
    const unsigned first = t->at;

    for (size_t i = 0; i < n; i++) {
        t->at = first;
        for (uint32_t m = 0; m < members; m++) {
            const uint32_t offset = nbit_next(t);
            nbit_give_nodes(t, out, src + i * size + offset, 1);
        }
    }
}

static void
nbit_give_nodes(struct nbit_tree *t, struct bits_out *out, const uint8_t *src, size_t n)
{
    const uint32_t class = nbit_next(t);

    if (class == NBIT_ATOMIC) {
        const struct nbit_atomic a = nbit_take_atomic(t);
        nbit_give_atomics(out, &a, src, n);
    } else if (class == NBIT_ARRAY) {
        nbit_give_array(t, out, src, n);
    } else if (class == NBIT_COMPOUND) {
        nbit_give_compound(t, out, src, n);
    } else {
        nbit_give_full(out, src, n * nbit_next(t));
    }
}

HI5_INT hi5_status
nbit_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
            uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    struct nbit_tree t = {f->values, f->nvalues, NBIT_TREE};
    struct bits_out b = {.p = dst};
    struct nbit_size each;

    (void)w;
    if (f->nvalues < NBIT_TREE || f->values[0] > f->nvalues)
        return filter_fail(err, f, "%u parameters are not enough", f->nvalues);
    if (f->values[1] != 0)
        return filter_copy(f, src, n, dst, cap, out, err);
    if (!nbit_measure(&t, 0, &each))
        return filter_fail(err, f, "the parameters describe no datatype");
    if (f->values[2] != n / each.bytes || n % each.bytes != 0)
        return filter_fail(err, f,
                           "the parameters are not those of a chunk of %zu bytes", n);
    if (each.bits * f->values[2] / 8 + 1 > cap)
        return HI5_E_RANGE;
    t.at = NBIT_TREE;
    if (n > 0)
        nbit_give_nodes(&t, &b, src, f->values[2]);
    *out = (size_t)(bits_end(&b) - dst);
    return HI5_OK;
}
