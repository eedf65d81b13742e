/*
 * conv_fast.c - numbers, fast: copies, byte swaps, and the types that C has
 *
 * Integers of 1, 2, 4 and 8 bytes and IEEE floats, in either byte order, are loaded a
 * block at a time into the widest type of their kind, which then clips into or rounds
 * to what is wanted. All other pairs go through conv_num.c, one by one. Both give the
 * same results.
 */
#include "space/conv_step.h"
#include <float.h>
#include <string.h>

#define FAST_BLOCK 256u

/* The types that C has; they index the tables below. */
enum fast_kind {
    FAST_I8,
    FAST_I16,
    FAST_I32,
    FAST_I64,
    FAST_U8,
    FAST_U16,
    FAST_U32,
    FAST_U64,
    FAST_F32,
    FAST_F64,
    FAST_F16,
    FAST_BF16,
    FAST_STORED, /* the kinds up to here can be stored, too */
    /* integers of at most 8 bytes that do not fill them, or of 3, 5, 6, 7 bytes */
    FAST_ODD_SIGNED = FAST_STORED,
    FAST_ODD_UNSIGNED,
    FAST_LOADED
};

enum fast_wide { FAST_SIGNED, FAST_UNSIGNED, FAST_REAL, FAST_WIDE };

union fast_block {
    int64_t i[FAST_BLOCK];
    uint64_t u[FAST_BLOCK];
    double f[FAST_BLOCK];
};

/* ---- bytes ---- */

static uint8_t
fast_swap8(uint8_t x)
{
    return x;
}

static uint16_t
fast_swap16(uint16_t x)
{
    return (uint16_t)(x >> 8 | x << 8);
}

static uint32_t
fast_swap32(uint32_t x)
{
    return x >> 24 | (x >> 8 & 0xff00u) | (x & 0xff00u) << 8 | x << 24;
}

static uint64_t
fast_swap64(uint64_t x)
{
    return (uint64_t)fast_swap32((uint32_t)x) << 32 | fast_swap32((uint32_t)(x >> 32));
}

#define FAST_COPY_LOOP(size)                                                           \
    for (size_t i = 0; i < io->n; i++)                                                 \
    memcpy(io->dst + i * io->ds, io->src + i * io->ss, (size))

HI5_INT hi5_status
conv_fast_copy(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    const size_t size = s->src_size;

    (void)err;
    if (io->n == 0)
        return HI5_OK;
    if (io->ss == size && io->ds == size) {
        memcpy(io->dst, io->src, io->n * size);
        return HI5_OK;
    }
    switch (size) {
    case 1:
        FAST_COPY_LOOP(1);
        break;
    case 2:
        FAST_COPY_LOOP(2);
        break;
    case 4:
        FAST_COPY_LOOP(4);
        break;
    case 8:
        FAST_COPY_LOOP(8);
        break;
    default:
        FAST_COPY_LOOP(size);
        break;
    }
    return HI5_OK;
}

#define FAST_SWAP_LOOP(bits)                                                           \
    for (size_t i = 0; i < io->n; i++) {                                               \
        uint##bits##_t x;                                                              \
        memcpy(&x, io->src + i * io->ss, sizeof x);                                    \
        x = fast_swap##bits(x);                                                        \
        memcpy(io->dst + i * io->ds, &x, sizeof x);                                    \
    }

HI5_INT hi5_status
conv_fast_swap(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    (void)err;
    switch (s->src_size) {
    case 2:
        FAST_SWAP_LOOP(16)
        break;
    case 4:
        FAST_SWAP_LOOP(32)
        break;
    case 8:
        FAST_SWAP_LOOP(64)
        break;
    default:
        for (size_t i = 0; i < io->n; i++)
            for (size_t k = 0; k < s->src_size; k++)
                io->dst[i * io->ds + k] = io->src[i * io->ss + s->src_size - 1 - k];
        break;
    }
    return HI5_OK;
}

/* ---- load ---- */

typedef void (*fast_load_fn)(const struct conv_io *io, const hi5_type *t,
                             union fast_block *b);

static bool
fast_swaps(const hi5_type *t)
{
    return t->order != TYPE_NATIVE_ORDER;
}

#define FAST_LOAD(name, bits, type, wide)                                              \
    static void fast_load_##name(const struct conv_io *io, const hi5_type *t,          \
                                 union fast_block *b)                                  \
    {                                                                                  \
        const bool swap = fast_swaps(t);                                               \
        for (size_t k = 0; k < io->n; k++) {                                           \
            uint##bits##_t x;                                                          \
            type v;                                                                    \
            memcpy(&x, io->src + k * io->ss, sizeof x);                                \
            if (swap)                                                                  \
                x = fast_swap##bits(x);                                                \
            memcpy(&v, &x, sizeof v);                                                  \
            b->wide[k] = v;                                                            \
        }                                                                              \
    }

FAST_LOAD(i8, 8, int8_t, i)
FAST_LOAD(i16, 16, int16_t, i)
FAST_LOAD(i32, 32, int32_t, i)
FAST_LOAD(i64, 64, int64_t, i)
FAST_LOAD(u8, 8, uint8_t, u)
FAST_LOAD(u16, 16, uint16_t, u)
FAST_LOAD(u32, 32, uint32_t, u)
FAST_LOAD(u64, 64, uint64_t, u)
FAST_LOAD(f32, 32, float, f)
FAST_LOAD(f64, 64, double, f)

static double
fast_from_bits(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof f);
    return (double)f;
}

static double
fast_from_half(uint16_t h)
{
    const uint32_t sign = (h & 0x8000u) << 16, e = h >> 10 & 31u, m = h & 0x3ffu;

    if (e == 31)
        return fast_from_bits(sign | 0x7f800000u | m << 13);
    if (e == 0) /* denormal: m * 2^-24 */
        return (sign != 0 ? -1.0 : 1.0) * (double)m * (1.0 / 16777216.0);
    return fast_from_bits(sign | (e + 112) << 23 | m << 13);
}

static void
fast_load_f16(const struct conv_io *io, const hi5_type *t, union fast_block *b)
{
    const bool swap = fast_swaps(t);

    for (size_t k = 0; k < io->n; k++) {
        uint16_t x;
        memcpy(&x, io->src + k * io->ss, sizeof x);
        b->f[k] = fast_from_half(swap ? fast_swap16(x) : x);
    }
}

static void
fast_load_bf16(const struct conv_io *io, const hi5_type *t, union fast_block *b)
{
    const bool swap = fast_swaps(t);

    for (size_t k = 0; k < io->n; k++) {
        uint16_t x;
        memcpy(&x, io->src + k * io->ss, sizeof x);
        b->f[k] = fast_from_bits((uint32_t)(swap ? fast_swap16(x) : x) << 16);
    }
}

/* The bits of an odd integer; TYPE-07. */
static uint64_t
fast_odd_bits(const hi5_type *t, const uint8_t *p)
{
    const uint64_t mask = UINT64_MAX >> (64 - t->precision);
    const unsigned size = (unsigned)t->size;
    uint64_t x = 0;

    for (unsigned i = 0; i < size; i++)
        x = x << 8 | p[t->order == HI5_BE ? i : size - 1 - i];
    return x >> t->offset & mask;
}

static void
fast_load_odd_signed(const struct conv_io *io, const hi5_type *t, union fast_block *b)
{
    const uint64_t sign = UINT64_C(1) << (t->precision - 1);

    for (size_t k = 0; k < io->n; k++) {
        const uint64_t x = (fast_odd_bits(t, io->src + k * io->ss) ^ sign) - sign;
        memcpy(&b->i[k], &x, sizeof x);
    }
}

static void
fast_load_odd_unsigned(const struct conv_io *io, const hi5_type *t, union fast_block *b)
{
    for (size_t k = 0; k < io->n; k++)
        b->u[k] = fast_odd_bits(t, io->src + k * io->ss);
}

static const fast_load_fn fast_load[FAST_LOADED] = {
    [FAST_I8] = fast_load_i8,
    [FAST_I16] = fast_load_i16,
    [FAST_I32] = fast_load_i32,
    [FAST_I64] = fast_load_i64,
    [FAST_U8] = fast_load_u8,
    [FAST_U16] = fast_load_u16,
    [FAST_U32] = fast_load_u32,
    [FAST_U64] = fast_load_u64,
    [FAST_F32] = fast_load_f32,
    [FAST_F64] = fast_load_f64,
    [FAST_F16] = fast_load_f16,
    [FAST_BF16] = fast_load_bf16,
    [FAST_ODD_SIGNED] = fast_load_odd_signed,
    [FAST_ODD_UNSIGNED] = fast_load_odd_unsigned,
};

/* ---- store ---- */

typedef void (*fast_store_fn)(const struct conv_io *io, bool swap,
                              const union fast_block *b);

#define FAST_STORE(name, bits, type, wide, wide_type, expr)                            \
    static void fast_store_##wide##_##name(const struct conv_io *io, bool swap,        \
                                           const union fast_block *b)                  \
    {                                                                                  \
        for (size_t k = 0; k < io->n; k++) {                                           \
            const wide_type w = b->wide[k];                                            \
            const type v = (expr);                                                     \
            uint##bits##_t x;                                                          \
            memcpy(&x, &v, sizeof x);                                                  \
            if (swap)                                                                  \
                x = fast_swap##bits(x);                                                \
            memcpy(io->dst + k * io->ds, &x, sizeof x);                                \
        }                                                                              \
    }

static int64_t
fast_clip_i(int64_t w, int64_t least, int64_t most)
{
    return w < least ? least : w > most ? most : w;
}

static uint64_t
fast_clip_u(uint64_t w, uint64_t most)
{
    return w < most ? w : most;
}

/* From int64_t and uint64_t into an integer of at most `bits`. */
#define FAST_STORE_INTEGER(bits)                                                       \
    FAST_STORE(i##bits, bits, int##bits##_t, i, int64_t,                               \
               (int##bits##_t)fast_clip_i(w, INT##bits##_MIN, INT##bits##_MAX))        \
    FAST_STORE(i##bits, bits, int##bits##_t, u, uint64_t,                              \
               (int##bits##_t)fast_clip_u(w, INT##bits##_MAX))                         \
    FAST_STORE(u##bits, bits, uint##bits##_t, i, int64_t,                              \
               (uint##bits##_t)fast_clip_u(w < 0 ? 0 : (uint64_t)w, UINT##bits##_MAX)) \
    FAST_STORE(u##bits, bits, uint##bits##_t, u, uint64_t,                             \
               (uint##bits##_t)fast_clip_u(w, UINT##bits##_MAX))

FAST_STORE_INTEGER(8)
FAST_STORE_INTEGER(16)
FAST_STORE_INTEGER(32)
FAST_STORE_INTEGER(64)

/* C leaves an overflow to Annex F, which asks for what is wanted: infinity. There is no
 * way from integers to 16-bit floats: through double they would be rounded twice. */
FAST_STORE(f32, 32, float, i, int64_t, (float)w)
FAST_STORE(f32, 32, float, u, uint64_t, (float)w)
FAST_STORE(f32, 32, float, f, double, (float)w)
FAST_STORE(f64, 64, double, i, int64_t, (double)w)
FAST_STORE(f64, 64, double, u, uint64_t, (double)w)
FAST_STORE(f64, 64, double, f, double, w)

/* A double as a float of 16 bits, of which `man` are mantissa. */
static uint16_t
fast_round16(double f, unsigned man, int bias)
{
    const uint16_t infinite = (uint16_t)(0x7fffu >> man << man);
    uint64_t bits, m, code, cut;
    uint16_t sign;
    unsigned shift = 52 - man;
    int e;

    memcpy(&bits, &f, sizeof bits);
    sign = (uint16_t)(bits >> 48 & 0x8000u);
    e = (int)(bits >> 52 & 0x7ffu);
    m = bits & (UINT64_MAX >> 12);
    if (e == 0x7ff)
        return (uint16_t)(sign | infinite | m >> shift |
                          (m != 0 ? 1u << (man - 1) : 0u));
    if (e == 0)
        return sign; /* far below the least */
    e += bias - 1023;
    if (e < -(int)man)
        return sign;
    if (e < 1)
        shift += (unsigned)(1 - e);
    m |= UINT64_C(1) << 52;
    code = m >> shift;
    cut = m << (64 - shift);
    if (cut > UINT64_C(1) << 63 || (cut == UINT64_C(1) << 63 && code % 2 == 1))
        code++;
    if (e > 1) /* the leading bit of m counts as 1 in the exponent */
        code += (uint64_t)(e - 1) << man;
    return (uint16_t)(sign | (code < infinite ? code : infinite));
}

FAST_STORE(f16, 16, uint16_t, f, double, fast_round16(w, 10, 15))
FAST_STORE(bf16, 16, uint16_t, f, double, fast_round16(w, 7, 127))

static const fast_store_fn fast_store[FAST_WIDE][FAST_STORED] = {
    {fast_store_i_i8, fast_store_i_i16, fast_store_i_i32, fast_store_i_i64,
     fast_store_i_u8, fast_store_i_u16, fast_store_i_u32, fast_store_i_u64,
     fast_store_i_f32, fast_store_i_f64, NULL, NULL},
    {fast_store_u_i8, fast_store_u_i16, fast_store_u_i32, fast_store_u_i64,
     fast_store_u_u8, fast_store_u_u16, fast_store_u_u32, fast_store_u_u64,
     fast_store_u_f32, fast_store_u_f64, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, fast_store_f_f32, fast_store_f_f64,
     fast_store_f_f16, fast_store_f_bf16},
};

/* ---- from real to integer, in place ---- */

#define FAST_2_63 9223372036854775808.0

static void
fast_to_signed(union fast_block *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const double f = b->f[k];
        b->i[k] = f >= FAST_2_63   ? INT64_MAX
                  : f < -FAST_2_63 ? INT64_MIN
                  : f == f         ? (int64_t)f
                                   : 0; /* NaN */
    }
}

static void
fast_to_unsigned(union fast_block *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const double f = b->f[k];
        b->u[k] = f >= 2 * FAST_2_63 ? UINT64_MAX : f >= 1 ? (uint64_t)f : 0;
    }
}

/* ---- choice ---- */

static enum fast_wide
fast_wide_of(unsigned kind)
{
    if (kind == FAST_ODD_SIGNED)
        return FAST_SIGNED;
    if (kind == FAST_ODD_UNSIGNED)
        return FAST_UNSIGNED;
    return kind >= FAST_F32 ? FAST_REAL : kind >= FAST_U8 ? FAST_UNSIGNED : FAST_SIGNED;
}

static hi5_status
fast_run(const struct conv_step *s, const struct conv_io *all, hi5_error *err)
{
    const enum fast_wide to = fast_wide_of(s->to);
    enum fast_wide wide = fast_wide_of(s->from);
    const bool truncate = wide == FAST_REAL && to != FAST_REAL;
    struct conv_io io = *all;
    union fast_block b;

    (void)err;
    if (truncate)
        wide = to;
    for (size_t left = all->n; left > 0; left -= io.n) {
        io.n = left < FAST_BLOCK ? left : FAST_BLOCK;
        fast_load[s->from](&io, s->src, &b);
        if (truncate && to == FAST_SIGNED)
            fast_to_signed(&b, io.n);
        else if (truncate)
            fast_to_unsigned(&b, io.n);
        fast_store[wide][s->to](&io, fast_swaps(s->dst), &b);
        io.src += io.n * io.ss;
        io.dst += io.n * io.ds;
    }
    return HI5_OK;
}

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
    static const hi5_type *const type[FAST_STORED] = {
        [FAST_I8] = HI5_I8,   [FAST_I16] = HI5_I16, [FAST_I32] = HI5_I32,
        [FAST_I64] = HI5_I64, [FAST_U8] = HI5_U8,   [FAST_U16] = HI5_U16,
        [FAST_U32] = HI5_U32, [FAST_U64] = HI5_U64, [FAST_F32] = HI5_F32,
        [FAST_F64] = HI5_F64, [FAST_F16] = HI5_F16, [FAST_BF16] = HI5_BF16,
    };

    if (t->order == HI5_VAX)
        return FAST_LOADED;
    for (unsigned k = 0; k < FAST_STORED; k++)
        if ((FAST_IEEE || k < FAST_F32) &&
            (type_same_bytes(t, type[k]) || conv_fast_is_swap(t, type[k])))
            return k;
    if (t->cls == HI5_INTEGER && t->size <= 8)
        return t->is_signed ? FAST_ODD_SIGNED : FAST_ODD_UNSIGNED;
    return FAST_LOADED;
}

HI5_INT void
conv_fast_choose(struct conv_step *s)
{
    const unsigned from = fast_kind_of(s->src), to = fast_kind_of(s->dst);

    if (s->src->cls == HI5_BITFIELD)
        s->run = fast_run_bits;
    else if (from < FAST_LOADED && to < FAST_STORED &&
             (to <= FAST_F64 || fast_wide_of(from) == FAST_REAL)) {
        s->from = (uint8_t)from;
        s->to = (uint8_t)to;
        s->run = fast_run;
    } else {
        s->run = fast_run_exact;
    }
}
