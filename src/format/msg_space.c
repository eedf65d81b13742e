/*
 * msg_space.c - the dataspace message                              [FMT IV.A.2.b]
 *
 * The shape of a dataset or attribute. Version 1 has no null space, and says scalar by
 * rank 0; version 2 says which of the three it is.
 */
#include "format/messages.h"
#include <string.h>

#define SPACE_F_MAX 0x01u

static const char space_name[] = "dataspace message";

/* A current dimension. It can be as large as L bytes allow, and is never unlimited:
 * only with fewer than 8 bytes do all-ones mean a number. */
static void
space_dim_code(struct cur *c, uint64_t *dim)
{
    cur_len(c, "dimension", dim);
    if (!cur_reading(c) || *dim != UINT64_MAX)
        return;
    cur_require(c, c->len_w < 8, "dimension",
                "a current dimension cannot be unlimited");
    if (c->len_w < 8)
        *dim = ((uint64_t)1 << (8 * c->len_w)) - 1;
}

static void
space_dims_code(struct cur *c, struct msg_space *m)
{
    hi5_shape *const s = &m->shape;
    const bool has_max = (m->flags & SPACE_F_MAX) != 0;

    for (unsigned i = 0; i < s->rank && cur_ok(c); i++)
        space_dim_code(c, &s->dims[i]);
    for (unsigned i = 0; i < s->rank && cur_ok(c); i++) {
        if (!has_max) {
            s->max[i] = s->dims[i];
            continue;
        }
        cur_len(c, "maximum dimension", &s->max[i]);
        cur_require(c, s->dims[i] <= s->max[i], "maximum dimension",
                    "smaller than the current dimension");
    }
    if (cur_ok(c))
        cur_expect(c, hi5_shape_count(s) != UINT64_MAX, "dimension",
                   "more than 2^64 elements");
}

/* What the rank and the kind may be together. */
static void
space_kind_check(struct cur *c, struct msg_space *m)
{
    hi5_shape *const s = &m->shape;

    cur_require(c, s->kind <= HI5_NULL, "type", "neither scalar, simple nor null");
    cur_require(c, s->kind == HI5_SIMPLE || s->rank == 0, "type",
                "a scalar or null dataspace has dimensions");
    if (s->kind == HI5_SIMPLE && s->rank == 0) {
        cur_expect(c, false, "type", "a simple dataspace without dimensions");
        s->kind = HI5_SCALAR;
    }
}

/*
 * Dataspace message                                                [FMT IV.A.2.b]
 *
 *   size   field
 *      1   version           1 or 2
 *      1   rank              0 to 32
 *      1   flags             0x01 maximum dimensions; version 1: 0x02 permutation
 *      1   type              version 2: 0 scalar, 1 simple, 2 null; version 1: reserved
 *      4   reserved          version 1
 *   rank*L dimensions
 *   rank*L maximum           flag 0x01; all-ones: unlimited
 *   rank*L permutation       flag 0x02; never implemented, ignored
 */
HI5_INT void
msg_space_code(struct cur *c, struct msg_space *m)
{
    uint8_t rank = (uint8_t)m->shape.rank, kind = (uint8_t)m->shape.kind;

    cur_begin(c, space_name, "IV.A.2.b");
    if (cur_reading(c))
        memset(&m->shape, 0, sizeof m->shape);
    msg_version_code(c, &m->version, 1, 2);
    cur_u8(c, "rank", &rank);
    cur_require(c, rank <= HI5_MAX_RANK, "rank", "more than 32 dimensions");
    if (!cur_ok(c))
        return;
    m->shape.rank = rank;
    if (!cur_reading(c))
        m->flags &= SPACE_F_MAX;
    cur_u8(c, "flags", &m->flags);
    cur_expect(c, (m->flags & ~SPACE_F_MAX) == 0, "flags", "unknown flags");
    if (m->version == 1) {
        cur_reserved(c, 1 + 4);
        if (cur_reading(c))
            kind = rank == 0 ? HI5_SCALAR : HI5_SIMPLE;
        cur_require(c, kind != HI5_NULL, "version", "version 1 has no null dataspace");
    } else {
        cur_u8(c, "type", &kind);
    }
    m->shape.kind = (hi5_space_kind)kind;
    space_kind_check(c, m);
    space_dims_code(c, m);
}
