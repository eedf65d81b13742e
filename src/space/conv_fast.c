/*
 * conv_fast.c - numbers, fast: copies, byte swaps, and the types that C has
 *
 * Integers of 1, 2, 4 and 8 bytes and IEEE floats, in either byte order, are converted by
 * at most four loops over packed elements (conv_kernel.c): swap, one or two conversions,
 * swap. If there is one, and source and destination are packed, it runs over all of them
 * at once; else blocks of elements go from loop to loop, and stay in cache. All other
 * pairs go through conv_num.c, one by one. Both give the same results.
 */
#include "base/err.h"
#include "base/simd.h"
#include "space/conv_step.h"
#include <float.h>
#include <stddef.h>
#include <string.h>

#define FAST_BLOCK 256u

/* Where elements of a block wait for the next loop. */
union fast_buffer {
    uint8_t b[FAST_BLOCK * 8];
    uint64_t u[FAST_BLOCK];
};

/* ---- bytes ---- */

/* Pieces of constant size become single moves. Larger ones overlap at their end. */
#define FAST_MOVE(piece)                                                               \
    for (size_t i = 0; i < n; i++, src += ss, dst += ds) {                             \
        memcpy(dst, src, (piece));                                                     \
        memcpy(dst + size - (piece), src + size - (piece), (piece));                   \
    }

/* n elements of `size` bytes, from ss bytes apart to ds bytes apart. */
static void
fast_move(uint8_t *restrict dst, size_t ds, const uint8_t *restrict src, size_t ss,
          size_t size, size_t n)
{
    switch (size) {
    case 1:
        FAST_MOVE(1)
        break;
    case 2:
        FAST_MOVE(2)
        break;
    case 4:
        FAST_MOVE(4)
        break;
    case 8:
        FAST_MOVE(8)
        break;
    default:
        if (size < 4) {
            FAST_MOVE(2)
        } else if (size < 8) {
            FAST_MOVE(4)
        } else if (size <= 16) {
            FAST_MOVE(8)
        } else if (size <= 32) {
            FAST_MOVE(16)
        } else if (size <= 64) {
            FAST_MOVE(32)
        } else {
            for (size_t i = 0; i < n; i++)
                memcpy(dst + i * ds, src + i * ss, size);
        }
        break;
    }
}

HI5_INT hi5_status
conv_fast_copy(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    const size_t size = s->src_size;

    (void)err;
    if (io->n == 0)
        return HI5_OK;
    if (io->ss == size && io->ds == size)
        memcpy(io->dst, io->src, io->n * size);
    else
        fast_move(io->dst, io->ds, io->src, io->ss, size, io->n);
    return HI5_OK;
}

HI5_INT void
conv_fast_zero(uint8_t *dst, size_t ds, size_t size, size_t n)
{
    static const uint8_t zeros[16] = {0};

    if (size <= sizeof zeros)
        fast_move(dst, ds, zeros, 0, size, n);
    else
        for (size_t i = 0; i < n; i++)
            memset(dst + i * ds, 0, size);
}

/* Elements that kernel_swap does not know: of odd sizes, or of 16 bytes. */
static hi5_status
fast_run_swap(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    (void)err;
    for (size_t i = 0; i < io->n; i++)
        for (size_t k = 0; k < s->src_size; k++)
            io->dst[i * io->ds + k] = io->src[i * io->ss + s->src_size - 1 - k];
    return HI5_OK;
}

/* ---- integers that do not fill their bytes, or have an odd number of them ---- */

static void
fast_load_bytes(const hi5_type *t, const uint8_t *src, size_t ss, uint64_t *dst,
                size_t n)
{
    const unsigned size = (unsigned)t->size;

    for (size_t k = 0; k < n; k++) {
        const uint8_t *p = src + k * ss;
        uint64_t x = 0;
        for (unsigned i = 0; i < size; i++)
            x = x << 8 | p[t->order == HI5_BE ? i : size - 1 - i];
        dst[k] = x;
    }
}

/* What is in the bytes as the number that it means; TYPE-07. */
static void
fast_cut_odd(const hi5_type *t, uint64_t *x, size_t n)
{
    const uint64_t mask = UINT64_MAX >> (64 - t->precision);
    const uint64_t sign = t->is_signed ? UINT64_C(1) << (t->precision - 1) : 0;
    const unsigned offset = t->offset;

    for (size_t k = 0; k < n; k++)
        x[k] = ((x[k] >> offset & mask) ^ sign) - sign;
}

/* ---- a path of kernels ---- */

/* The packed elements that the next loop starts from. */
static const uint8_t *
fast_load(const struct conv_step *s, const struct conv_io *io, union fast_buffer *b)
{
    const struct conv_path *path = &s->path;

    if (path->odd) {
        fast_load_bytes(s->src, io->src, io->ss, b->u, io->n);
        fast_cut_odd(s->src, b->u, io->n);
        return b->b;
    }
    if (io->ss == s->src_size)
        return io->src;
    fast_move(b->b, s->src_size, io->src, io->ss, s->src_size, io->n);
    return b->b;
}

static void
fast_run_block(const struct conv_step *s, const struct conv_io *io)
{
    const struct conv_path *path = &s->path;
    const bool packed = io->ds == s->dst_size;
    union fast_buffer buffer[2];
    const uint8_t *from = fast_load(s, io, &buffer[1]);
    unsigned i = 0;

    for (; i + 1 < path->n; i++) {
        path->kernel[i](from, buffer[i % 2].b, io->n);
        from = buffer[i % 2].b;
    }
    if (packed) {
        path->kernel[i](from, io->dst, io->n);
    } else {
        path->kernel[i](from, buffer[i % 2].b, io->n);
        fast_move(io->dst, io->ds, buffer[i % 2].b, s->dst_size, s->dst_size, io->n);
    }
}

static hi5_status
fast_run_path(const struct conv_step *s, const struct conv_io *all, hi5_error *err)
{
    const struct conv_path *path = &s->path;
    struct conv_io io = *all;

    (void)err;
    if (path->n == 1 && !path->odd && io.ss == s->src_size && io.ds == s->dst_size) {
        path->kernel[0](io.src, io.dst, io.n);
        return HI5_OK;
    }
    for (size_t left = all->n; left > 0; left -= io.n) {
        io.n = left < FAST_BLOCK ? left : FAST_BLOCK;
        fast_run_block(s, &io);
        io.src += io.n * io.ss;
        io.dst += io.n * io.ds;
    }
    return HI5_OK;
}

/* ---- other numbers ---- */

static hi5_status
fast_run_exact(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    (void)err;
    for (size_t i = 0; i < io->n; i++) {
        struct num v;
        conv_num_get(s->src, io->src + i * io->ss, &v);
        conv_num_put(s->dst, &v, io->dst + i * io->ds);
    }
    return HI5_OK;
}

static hi5_status
fast_run_bits(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    (void)err;
    for (size_t i = 0; i < io->n; i++)
        conv_num_bits(s->src, io->src + i * io->ss, s->dst, io->dst + i * io->ds);
    return HI5_OK;
}

/* ---- numbers that the caller is asked about ---- */

union fast_number {
    uint8_t b[CONV_ASK_BYTES];
    max_align_t align;
};

HI5_INT hi5_status
conv_ask(const struct conv_step *s, hi5_exception what, const uint8_t *value,
         uint8_t *result, hi5_error *err)
{
    const hi5_transfer *const how = s->env->how;
    union fast_number from, to;
    hi5_status status;

    memcpy(from.b, value, s->src_size);
    memcpy(to.b, result, s->dst_size);
    err_clear(err);
    status = how->exception(how->exception_ctx, what, s->src, from.b, s->dst, to.b, err);
    if (status != HI5_OK && (err == NULL || err->status != status))
        return err_plain(err, status, "the caller would not have a number converted");
    memcpy(result, to.b, s->dst_size);
    return status;
}

static hi5_status
fast_run_asking(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    for (size_t i = 0; i < io->n; i++) {
        const uint8_t *const src = io->src + i * io->ss;
        uint8_t *const dst = io->dst + i * io->ds;
        hi5_exception what = HI5_RANGE_HIGH;
        struct num v;
        bool lost;

        if (s->src->cls == HI5_BITFIELD) {
            conv_num_bits(s->src, src, s->dst, dst);
            lost = conv_num_bits_lost(s->src, src, s->dst);
        } else {
            conv_num_get(s->src, src, &v);
            conv_num_put(s->dst, &v, dst);
            lost = conv_num_loses(s->src, &v, s->dst, &what);
        }
        if (lost)
            TRY(conv_ask(s, what, src, dst, err));
    }
    return HI5_OK;
}

/* ---- choice ---- */

HI5_INT bool
conv_fast_is_swap(const hi5_type *a, const hi5_type *b)
{
    hi5_type turned = *a;

    if (a->order == HI5_VAX || b->order == HI5_VAX)
        return false;
    turned.order = b->order;
    return type_same_bytes(&turned, b);
}

/* IEEE floats in this machine? Else conv_num.c does it all. */
#if FLT_RADIX == 2 && FLT_MANT_DIG == 24 && FLT_MAX_EXP == 128 &&                      \
    DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024
#define FAST_IEEE true
#else
#define FAST_IEEE false
#endif

static unsigned
fast_kind_of(const hi5_type *t)
{
    static const hi5_type *const type[KERNEL_KINDS] = {
        [KERNEL_I8] = HI5_I8,   [KERNEL_I16] = HI5_I16, [KERNEL_I32] = HI5_I32,
        [KERNEL_I64] = HI5_I64, [KERNEL_U8] = HI5_U8,   [KERNEL_U16] = HI5_U16,
        [KERNEL_U32] = HI5_U32, [KERNEL_U64] = HI5_U64, [KERNEL_F32] = HI5_F32,
        [KERNEL_F64] = HI5_F64, [KERNEL_F16] = HI5_F16, [KERNEL_BF16] = HI5_BF16,
    };

    if (t->order == HI5_VAX)
        return KERNEL_KINDS;
    for (unsigned k = 0; k < KERNEL_KINDS; k++)
        if ((FAST_IEEE || k < KERNEL_F32) &&
            (type_same_bytes(t, type[k]) || conv_fast_is_swap(t, type[k])))
            return k;
    return KERNEL_KINDS;
}

static void
fast_add(struct conv_path *path, kernel_fn kernel)
{
    path->kernel[path->n++] = kernel;
}

static void
fast_add_swap(struct conv_path *path, const hi5_type *t)
{
    if (t->order != TYPE_NATIVE_ORDER && t->size > 1)
        fast_add(path, kernel_swap(t->size, simd_has_avx2()));
}

/* Find the kernels between two types; false if there are none. */
static bool
fast_find_path(const hi5_type *src, const hi5_type *dst, struct conv_path *path)
{
    const bool avx2 = simd_has_avx2();
    const unsigned to = fast_kind_of(dst);
    unsigned from = fast_kind_of(src), between;

    if (from == KERNEL_KINDS && src->cls == HI5_INTEGER && src->size <= 8 &&
        src->order != HI5_VAX) {
        path->odd = true;
        from = src->is_signed ? KERNEL_I64 : KERNEL_U64;
    }
    if (from == KERNEL_KINDS || to == KERNEL_KINDS)
        return false;
    if (!path->odd)
        fast_add_swap(path, src);
    if (kernel_find(from, to, avx2) != NULL) {
        fast_add(path, kernel_find(from, to, avx2));
    } else {
        between = kernel_between(from, to);
        if (between == KERNEL_KINDS)
            return false;
        fast_add(path, kernel_find(from, between, avx2));
        fast_add(path, kernel_find(between, to, avx2));
    }
    fast_add_swap(path, dst);
    return true;
}

HI5_INT void
conv_fast_choose(struct conv_step *s)
{
    if (s->env->how != NULL)
        s->run = fast_run_asking;
    else if (s->src->cls == HI5_BITFIELD)
        s->run = fast_run_bits;
    else if (fast_find_path(s->src, s->dst, &s->path))
        s->run = fast_run_path;
    else
        s->run = fast_run_exact;
}

HI5_INT void
conv_fast_choose_swap(struct conv_step *s)
{
    kernel_fn swap = kernel_swap(s->src_size, simd_has_avx2());

    s->run = fast_run_swap;
    if (swap == NULL)
        return;
    fast_add(&s->path, swap);
    s->run = fast_run_path;
}
