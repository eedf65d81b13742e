/*
 * diff_value.c - comparing elements
 *
 * A type in memory is looked at once and becomes a tree of nodes. Whatever is equal bit
 * for bit is left at that, as long as bits are all there is to it; only what is not gets
 * compared part by part.
 */
#include "base/err.h"
#include "file/diff.h"
#include "space/conv_num.h"
#include "space/type.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define DIFF_STRIDE 4096u /* bytes compared at once, before one looks closer */

/* ---- from types to nodes ---- */

static enum diff_op
diff_op_of_integer(const hi5_type *t)
{
    static const enum diff_op s[] = {DIFF_I8, DIFF_I16, DIFF_I32, DIFF_I64};
    static const enum diff_op u[] = {DIFF_U8, DIFF_U16, DIFF_U32, DIFF_U64};
    const unsigned k = t->size == 1 ? 0 : t->size == 2 ? 1 : t->size == 4 ? 2 : 3;

    if (t->size > 8 || (t->size & (t->size - 1)) != 0)
        return DIFF_BYTES;
    return t->is_signed ? s[k] : u[k];
}

static enum diff_op
diff_op_of(const hi5_type *t)
{
    switch (t->cls) {
    case HI5_INTEGER:
        return diff_op_of_integer(t);
    case HI5_FLOAT:
        return t->size == 2                     ? DIFF_F16
               : t->size == 4                   ? DIFF_F32
               : t->size == 8                   ? DIFF_F64
               : t->size == sizeof(long double) ? DIFF_LONG
                                                : DIFF_BYTES;
    case HI5_STRING:
        return DIFF_STRING;
    case HI5_ENUM:
        return DIFF_ENUM;
    case HI5_COMPOUND:
        return DIFF_COMPOUND;
    case HI5_ARRAY:
    case HI5_COMPLEX:
        return DIFF_ARRAY;
    case HI5_VLEN:
        return t->is_vlen_string ? DIFF_VSTRING : DIFF_SEQUENCE;
    case HI5_REFERENCE:
        return DIFF_REFERENCE;
    default:
        return DIFF_BYTES;
    }
}

static bool
diff_compile_one(struct arena *a, const hi5_type *t, struct diff_node *n)
{
    n->op = diff_op_of(t);
    n->type = t;
    n->size = t->size;
    n->bits = !t->has_vlen && !t->has_ref;
    n->count = t->cls == HI5_ARRAY     ? type_array_count(t)
               : t->cls == HI5_COMPLEX ? 2
                                       : 1;
    n->n = n->op == DIFF_COMPOUND                          ? t->members
           : n->op == DIFF_ARRAY || n->op == DIFF_SEQUENCE ? 1
                                                           : 0;
    if (n->n == 0)
        return true;
    n->parts = arena_zalloc(a, n->n, sizeof *n->parts);
    if (n->parts == NULL)
        return false;
    for (unsigned i = 0; i < n->n; i++) {
        const bool member = n->op == DIFF_COMPOUND;

        if (!diff_compile_one(a, member ? t->member[i].type : t->base, &n->parts[i]))
            return false;
        n->parts[i].offset = member ? t->member[i].offset : 0;
    }
    return true;
}

HI5_INT struct diff_node *
diff_compile(struct arena *a, const hi5_type *memory)
{
    struct diff_node *const n = arena_zalloc(a, 1, sizeof *n);

    return n != NULL && diff_compile_one(a, memory, n) ? n : NULL;
}

/* ---- events ---- */

/* The position of the element at hand. */
static void
diff_position(const struct diff_run *r, uint64_t *at)
{
    uint64_t i = r->first + r->element;

    for (unsigned k = r->shape->rank; k-- > 0;) {
        const struct diff_pick *const p = r->pick;
        const uint64_t v = r->dims[k] != 0 ? i % r->dims[k] : 0;

        i = r->dims[k] != 0 ? i / r->dims[k] : 0;
        at[k] = p == NULL
                    ? v
                    : p->start[k] + v / p->block[k] * p->stride[k] + v % p->block[k];
    }
}

HI5_INT hi5_diff_event
diff_event(const struct diff_run *r, hi5_diff_what what, uint64_t *at)
{
    hi5_diff_event e = {.what = what,
                        .path = {r->path[0], r->path[1]},
                        .attribute = r->attribute,
                        .depth = r->depth,
                        .shape = {r->shape, r->shape},
                        .counted = true};

    diff_position(r, at);
    e.position = at;
    return e;
}

/* A number, byte or character that differs. */
static void
diff_found(struct diff_run *r, const hi5_type *t, const void *a, const void *b,
           size_t byte)
{
    uint64_t at[HI5_MAX_RANK];
    hi5_diff_event e;

    r->count++;
    if (!r->tell)
        return;
    e = diff_event(r, HI5_DIFF_VALUE, at);
    e.type[0] = e.type[1] = t;
    e.value[0] = a;
    e.value[1] = b;
    e.byte = byte;
    diff_tell(r->d, &e);
}

/* ---- numbers ---- */

/* Whether and how far two numbers are apart. */
struct diff_gap {
    bool is; /* they differ */
    bool has_relative, no_relative;
    double relative;
};

/* A double below this counts as zero where it is divided by. */
static bool
diff_is_zero(long double x)
{
    return fabsl(x) < (long double)DBL_EPSILON;
}

static void
diff_relative(const hi5_diff_options *o, long double a, long double b, long double gap,
              struct diff_gap *g)
{
    const bool no = diff_is_zero(a);

    if (no && diff_is_zero(b)) {
        g->is = false;
        return;
    }
    g->has_relative = true;
    g->no_relative = no;
    g->relative = no ? 0.0 : fabs((double)gap / (double)a);
    g->is = no || g->relative > o->relative;
    if (!no && o->use_delta)
        g->is = g->is && gap > (long double)o->delta;
}

/* Two integers that are not the same; `gap` is their distance. */
static struct diff_gap
diff_integers(const hi5_diff_options *o, long double a, long double b, uint64_t gap)
{
    struct diff_gap g = {.is = true};

    if (o->use_relative)
        diff_relative(o, a, b, (long double)gap, &g);
    else if (o->use_delta)
        g.is = (long double)gap > (long double)o->delta;
    return g;
}

static struct diff_gap
diff_signed(const hi5_diff_options *o, int64_t a, int64_t b)
{
    return diff_integers(o, (long double)a, (long double)b,
                         a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a);
}

static struct diff_gap
diff_unsigned(const hi5_diff_options *o, uint64_t a, uint64_t b)
{
    return diff_integers(o, (long double)a, (long double)b, a > b ? a - b : b - a);
}

/* Two floats whose bits are not the same; `gap` is |a - b| as it comes out in their own
 * precision. */
static struct diff_gap
diff_floats(const hi5_diff_options *o, long double a, long double b, long double gap,
            double epsilon)
{
    struct diff_gap g = {.is = true};

    if (!o->no_nan && (isnan(a) || isnan(b))) {
        g.is = !(isnan(a) && isnan(b));
        return g;
    }
    if (o->use_relative)
        diff_relative(o, a, b, gap, &g);
    else if (o->use_delta)
        g.is = gap > (long double)o->delta;
    else if (o->epsilon)
        g.is = !(gap < (long double)epsilon);
    return g;
}

static float
diff_half(const void *p)
{
    struct num v;
    float x;

    conv_num_get(HI5_F16, p, &v);
    conv_num_put(HI5_F32, &v, (uint8_t *)&x);
    return x;
}

/* Load a number of C type `T` each. */
#define DIFF_LOAD(T)                                                                   \
    T x, y;                                                                            \
    memcpy(&x, a, sizeof x);                                                           \
    memcpy(&y, b, sizeof y)
#define DIFF_CASE(OP, T, CALL)                                                         \
    case OP: {                                                                         \
        DIFF_LOAD(T);                                                                  \
        g = CALL;                                                                      \
        break;                                                                         \
    }

/* Compare two numbers whose bits are not the same. */
static void
diff_number(struct diff_run *r, const struct diff_node *n, const uint8_t *a,
            const uint8_t *b)
{
    const hi5_diff_options *const o = &r->d->o;
    struct diff_gap g = {.is = true};
    uint64_t at[HI5_MAX_RANK];
    hi5_diff_event e;

    switch (n->op) {
        DIFF_CASE(DIFF_I8, int8_t, diff_signed(o, x, y))
        DIFF_CASE(DIFF_I16, int16_t, diff_signed(o, x, y))
        DIFF_CASE(DIFF_I32, int32_t, diff_signed(o, x, y))
        DIFF_CASE(DIFF_I64, int64_t, diff_signed(o, x, y))
        DIFF_CASE(DIFF_U8, uint8_t, diff_unsigned(o, x, y))
        DIFF_CASE(DIFF_U16, uint16_t, diff_unsigned(o, x, y))
        DIFF_CASE(DIFF_U32, uint32_t, diff_unsigned(o, x, y))
        DIFF_CASE(DIFF_U64, uint64_t, diff_unsigned(o, x, y))
        DIFF_CASE(DIFF_F32, float, diff_floats(o, x, y, fabsf(x - y), FLT_EPSILON))
        DIFF_CASE(DIFF_F64, double, diff_floats(o, x, y, fabs(x - y), DBL_EPSILON))
        DIFF_CASE(DIFF_LONG, long double,
                  diff_floats(o, x, y, fabsl(x - y), (double)LDBL_EPSILON))
    default: {
        const float x = diff_half(a), y = diff_half(b);
        g = diff_floats(o, x, y, fabsf(x - y), FLT_EPSILON);
    }
    }
    if (!g.is)
        return;
    r->count++;
    if (!r->tell)
        return;
    e = diff_event(r, HI5_DIFF_VALUE, at);
    e.type[0] = e.type[1] = n->type;
    e.value[0] = a;
    e.value[1] = b;
    e.has_relative = g.has_relative;
    e.no_relative = g.no_relative;
    e.relative = g.relative;
    diff_tell(r->d, &e);
}

/* ---- bytes, characters, names ---- */

/* Bytes of opaque data and bitfields are compared as numbers. */
static void
diff_bytes(struct diff_run *r, const struct diff_node *n, const uint8_t *a,
           const uint8_t *b)
{
    const hi5_diff_options *const o = &r->d->o;

    for (size_t i = 0; i < n->size; i++) {
        uint64_t at[HI5_MAX_RANK];
        struct diff_gap g;
        hi5_diff_event e;

        if (a[i] == b[i])
            continue;
        g = diff_unsigned(o, a[i], b[i]);
        if (g.no_relative || !g.is) /* h5diff does not count these */
            continue;
        r->count++;
        if (!r->tell)
            continue;
        e = diff_event(r, HI5_DIFF_VALUE, at);
        e.type[0] = e.type[1] = n->type;
        e.value[0] = a + i;
        e.value[1] = b + i;
        e.byte = i;
        e.has_relative = g.has_relative;
        e.relative = g.relative;
        diff_tell(r->d, &e);
    }
}

/* One character of two strings; what is beyond the end of one is a NUL. */
static void
diff_character(struct diff_run *r, const hi5_type *t, const char *s0, uint64_t n0,
               const char *s1, uint64_t n1, size_t i, bool counted)
{
    static const char end = '\0';
    const char *const c0 = i < n0 ? s0 + i : &end;
    const char *const c1 = i < n1 ? s1 + i : &end;
    uint64_t at[HI5_MAX_RANK];
    hi5_diff_event e;

    if (*c0 == *c1)
        return;
    r->count += counted;
    if (!r->tell)
        return;
    e = diff_event(r, HI5_DIFF_VALUE, at);
    e.type[0] = e.type[1] = t;
    e.value[0] = c0;
    e.value[1] = c1;
    e.length[0] = n0;
    e.length[1] = n1;
    e.byte = i;
    e.counted = counted;
    diff_tell(r->d, &e);
}

/* A difference in length is one, and each character that both have and that differs; what
 * only the longer one has is shown if that is all. */
static void
diff_strings(struct diff_run *r, const hi5_type *t, const char *s0, size_t n0,
             const char *s1, size_t n1)
{
    const size_t least = n0 < n1 ? n0 : n1;
    const bool begins = least == 0 || memcmp(s0, s1, least) == 0;

    if (n0 == n1 && begins)
        return;
    if (n0 != n1) {
        uint64_t at[HI5_MAX_RANK];
        hi5_diff_event e = diff_event(r, HI5_DIFF_LENGTH, at);

        r->count++;
        e.type[0] = e.type[1] = t;
        e.length[0] = n0;
        e.length[1] = n1;
        if (r->tell)
            diff_tell(r->d, &e);
    }
    if (begins && r->tell) {
        const size_t most = n0 > n1 ? n0 : n1;
        for (size_t i = least; i < most; i++)
            diff_character(r, t, s0, n0, s1, n1, i, false);
    }
    for (size_t i = 0; !begins && i < least; i++)
        diff_character(r, t, s0, n0, s1, n1, i, true);
}

static size_t
diff_string_length(const hi5_type *t, const uint8_t *p)
{
    const uint8_t *const end = t->string_pad == HI5_NULL_TERMINATED && t->size != 0
                                   ? memchr(p, 0, t->size)
                                   : NULL;

    return end != NULL ? (size_t)(end - p) : t->size;
}

static void
diff_enum(struct diff_run *r, const struct diff_node *n, const uint8_t *a,
          const uint8_t *b)
{
    const char *const x = hi5_type_enum_name(n->type, a);
    const char *const y = hi5_type_enum_name(n->type, b);

    if (x == NULL || y == NULL || strcmp(x, y) != 0)
        diff_found(r, n->type, a, b, 0);
}

/* ---- elements ---- */

static void diff_part(struct diff_run *r, const struct diff_node *n, const uint8_t *a,
                      const uint8_t *b);

static void
diff_sequence(struct diff_run *r, const struct diff_node *n, const uint8_t *a,
              const uint8_t *b)
{
    const size_t size = n->parts->size;
    hi5_vlen x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    if (x.n != y.n) {
        uint64_t at[HI5_MAX_RANK];
        hi5_diff_event e = diff_event(r, HI5_DIFF_LENGTH, at);

        r->count++;
        e.type[0] = e.type[1] = n->type;
        e.length[0] = x.n;
        e.length[1] = y.n;
        if (r->tell)
            diff_tell(r->d, &e);
    }
    for (size_t i = 0; i < x.n && i < y.n && r->d->broken == HI5_OK; i++)
        diff_part(r, n->parts, (const uint8_t *)x.p + i * size,
                  (const uint8_t *)y.p + i * size);
}

static void
diff_reference(struct diff_run *r, const uint8_t *a, const uint8_t *b)
{
    static const hi5_reference null;
    hi5_reference x, y;
    bool no[2];

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    no[0] = x.address == null.address || x.address == HI5_NO_ADDRESS;
    no[1] = y.address == null.address || y.address == HI5_NO_ADDRESS;
    if (no[0] != no[1]) {
        uint64_t at[HI5_MAX_RANK];
        hi5_diff_event e = diff_event(r, HI5_DIFF_NULL, at);

        r->count++;
        e.in[0] = no[0];
        e.in[1] = no[1];
        if (r->tell)
            diff_tell(r->d, &e);
    } else if (!no[0]) {
        diff_references(r, &x, &y);
    }
}

static void
diff_part(struct diff_run *r, const struct diff_node *n, const uint8_t *a,
          const uint8_t *b)
{
    if (n->bits && memcmp(a, b, n->size) == 0)
        return;
    switch (n->op) {
    case DIFF_COMPOUND:
        for (unsigned i = 0; i < n->n; i++)
            diff_part(r, &n->parts[i], a + n->parts[i].offset, b + n->parts[i].offset);
        break;
    case DIFF_ARRAY:
        for (uint64_t i = 0; i < n->count; i++)
            diff_part(r, n->parts, a + i * n->parts->size, b + i * n->parts->size);
        break;
    case DIFF_SEQUENCE:
        diff_sequence(r, n, a, b);
        break;
    case DIFF_REFERENCE:
        diff_reference(r, a, b);
        break;
    case DIFF_STRING:
        diff_strings(r, n->type, (const char *)a, diff_string_length(n->type, a),
                     (const char *)b, diff_string_length(n->type, b));
        break;
    case DIFF_VSTRING: {
        const char *x, *y;
        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
        diff_strings(r, n->type, x != NULL ? x : "", x != NULL ? strlen(x) : 0,
                     y != NULL ? y : "", y != NULL ? strlen(y) : 0);
        break;
    }
    case DIFF_ENUM:
        diff_enum(r, n, a, b);
        break;
    case DIFF_BYTES:
        diff_bytes(r, n, a, b);
        break;
    default:
        diff_number(r, n, a, b);
    }
}

/* ---- many elements ---- */

#define DIFF_COUNT(T, UNLIKE)                                                          \
    do {                                                                               \
        const T *const p = (const T *)(const void *)a, *const q =                      \
                                                           (const T *)(const void *)b; \
        uint64_t sum = 0;                                                              \
        for (size_t i = 0; i < n; i++)                                                 \
            sum += UNLIKE;                                                             \
        return sum;                                                                    \
    } while (0)

/* Could be counted without a closer look: plain numbers and nothing allowed. */
static bool
diff_countable(const struct diff_run *r)
{
    const hi5_diff_options *const o = &r->d->o;

    if (r->tell || o->most != 0 || o->use_relative || o->no_nan)
        return false;
    switch (r->node->op) {
    case DIFF_I8:
    case DIFF_I16:
    case DIFF_I32:
    case DIFF_I64:
    case DIFF_U8:
    case DIFF_U16:
    case DIFF_U32:
    case DIFF_U64:
        return !o->use_delta;
    case DIFF_F32:
    case DIFF_F64:
        return !o->epsilon;
    default:
        return false;
    }
}

/* How many of `n` numbers differ; a and b are aligned for them. */
static uint64_t
diff_count(const struct diff_run *r, const uint8_t *a, const uint8_t *b, size_t n)
{
    const hi5_diff_options *const o = &r->d->o;

    switch (r->node->op) {
    case DIFF_F32:
        if (o->use_delta)
            DIFF_COUNT(float, !((double)fabsf(p[i] - q[i]) <= o->delta) &&
                                  !(isnan(p[i]) && isnan(q[i])) &&
                                  (p[i] != q[i] || isnan(p[i]) != isnan(q[i])));
        DIFF_COUNT(float,
                   (p[i] != q[i] || (p[i] == 0 && signbit(p[i]) != signbit(q[i]))) &&
                       !(isnan(p[i]) && isnan(q[i])));
    case DIFF_F64:
        if (o->use_delta)
            DIFF_COUNT(double, !(fabs(p[i] - q[i]) <= o->delta) &&
                                   !(isnan(p[i]) && isnan(q[i])) &&
                                   (p[i] != q[i] || isnan(p[i]) != isnan(q[i])));
        DIFF_COUNT(double,
                   (p[i] != q[i] || (p[i] == 0 && signbit(p[i]) != signbit(q[i]))) &&
                       !(isnan(p[i]) && isnan(q[i])));
    default:
        break;
    }
    switch (r->node->size) {
    case 1:
        DIFF_COUNT(uint8_t, p[i] != q[i]);
    case 2:
        DIFF_COUNT(uint16_t, p[i] != q[i]);
    case 4:
        DIFF_COUNT(uint32_t, p[i] != q[i]);
    default:
        DIFF_COUNT(uint64_t, p[i] != q[i]);
    }
}

HI5_INT void
diff_elements(struct diff_run *r, const uint8_t *a, const uint8_t *b, uint64_t n)
{
    const struct diff_node *const node = r->node;
    const size_t size = node->size;
    const uint64_t step = size >= DIFF_STRIDE ? 1 : DIFF_STRIDE / size;
    const bool count = diff_countable(r);

    for (uint64_t i = 0; i < n && !diff_enough(r); i += step) {
        const uint64_t m = n - i < step ? n - i : step;
        const uint8_t *const p = a + i * size, *const q = b + i * size;

        if (node->bits && memcmp(p, q, (size_t)m * size) == 0)
            continue;
        if (count) {
            r->count += diff_count(r, p, q, (size_t)m);
            continue;
        }
        for (uint64_t k = 0; k < m && !diff_enough(r); k++) {
            r->element = i + k;
            diff_part(r, node, p + k * size, q + k * size);
        }
    }
}
