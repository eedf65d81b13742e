/*
 * msg_type.c - the datatype message                                [FMT IV.A.2.d]
 *
 * What an element is, as a tree: every compound member, and the base of every array,
 * sequence and enumeration, is a datatype message again, with a version of its own. The
 * tree goes to the cursor's arena; its depth is bounded by the caller.
 *
 * NOTE(lib): the size of a vlen or reference in a file follows from the file alone, and
 * libhdf5 does not look at the stored one. Some of its releases stored the size in
 * memory (4 for a string, 64 for a reference). So the right size is put in place of a
 * wrong one, and whatever holds the type grows or shrinks with it: functions here
 * return by how much. Only older references can truly be wider (mtype_is_wide_ref).
 */
#include "base/ckd.h"
#include "format/messages.h"
#include <string.h>

static const char mtype_name[] = "datatype message";

static int64_t mtype_code(struct cur *c, const hi5_type **t, unsigned depth);

/* Number `v` in, or out of, the class bit field. */
static unsigned
mtype_bit(bool get, uint64_t *bits, unsigned shift, unsigned width, unsigned v)
{
    const uint64_t mask = ((uint64_t)1 << width) - 1;

    if (get)
        return (unsigned)(*bits >> shift & mask);
    *bits |= (v & mask) << shift;
    return v;
}

static void
mtype_order_bits(bool get, uint64_t *bits, hi5_type *t)
{
    const unsigned be = mtype_bit(get, bits, 0, 1, t->order != HI5_LE);
    unsigned vax = 0;

    if (t->cls == HI5_FLOAT && t->version >= 3)
        vax = mtype_bit(get, bits, 6, 1, t->order == HI5_VAX);
    t->order = vax ? HI5_VAX : be ? HI5_BE : HI5_LE;
}

/* The tag as it is stored: to a multiple of 8, and without a NUL if it is one. */
static unsigned
mtype_tag_size(const hi5_type *t)
{
    return t->tag != NULL ? (unsigned)(strlen(t->tag) + 7) / 8 * 8 : 0;
}

/*
 * Class bit field                                                  [FMT IV.A.2.d]
 *
 *   integer, bitfield   0 big-endian, 1 low pad, 2 high pad, 3 signed (integer)
 *   float               0 and 6 byte order (00 LE, 01 BE, 11 VAX), 1 to 3 low, high and
 *                       inner pad, 4-5 normalization, 8-15 position of the sign
 *   time                0 big-endian
 *   string              0-3 padding, 4-7 character set
 *   opaque              0-7 bytes of the tag
 *   compound, enum      0-15 members
 *   reference           0-3 kind, 4-7 encoding version (kinds 2 to 4)
 *   vlen                0-3 string, 4-7 padding, 8-11 character set
 *   complex             0 homogeneous, 1-2 form
 *
 * @param tag_n  opaque: bytes of the tag
 */
static void
mtype_bits(bool get, uint64_t *b, hi5_type *t, unsigned *tag_n)
{
    switch (t->cls) {
    case HI5_FLOAT:
        t->inner_pad = (hi5_pad)mtype_bit(get, b, 3, 1, t->inner_pad);
        t->norm = (hi5_norm)mtype_bit(get, b, 4, 2, t->norm);
        t->sign_pos = (uint8_t)mtype_bit(get, b, 8, 8, t->sign_pos);
        /* fall through */
    case HI5_INTEGER:
    case HI5_BITFIELD:
        mtype_order_bits(get, b, t);
        t->lsb_pad = (hi5_pad)mtype_bit(get, b, 1, 1, t->lsb_pad);
        t->msb_pad = (hi5_pad)mtype_bit(get, b, 2, 1, t->msb_pad);
        if (t->cls == HI5_INTEGER)
            t->is_signed = mtype_bit(get, b, 3, 1, t->is_signed) != 0;
        break;
    case HI5_TIME:
        mtype_order_bits(get, b, t);
        break;
    case HI5_STRING:
        t->string_pad = (hi5_string_pad)mtype_bit(get, b, 0, 4, t->string_pad);
        t->charset = (hi5_charset)mtype_bit(get, b, 4, 4, t->charset);
        break;
    case HI5_OPAQUE:
        *tag_n = mtype_bit(get, b, 0, 8, *tag_n);
        break;
    case HI5_COMPOUND:
    case HI5_ENUM:
        t->members = mtype_bit(get, b, 0, 16, t->members);
        break;
    case HI5_REFERENCE:
        t->ref_kind = (hi5_ref_kind)mtype_bit(get, b, 0, 4, t->ref_kind);
        t->ref_version = (uint8_t)mtype_bit(get, b, 4, 4, t->ref_version);
        break;
    case HI5_VLEN:
        t->is_vlen_string = mtype_bit(get, b, 0, 4, t->is_vlen_string) == 1;
        t->string_pad = (hi5_string_pad)mtype_bit(get, b, 4, 4, t->string_pad);
        t->charset = (hi5_charset)mtype_bit(get, b, 8, 4, t->charset);
        break;
    case HI5_COMPLEX:
        mtype_bit(get, b, 0, 1, 1);
        break;
    case HI5_ARRAY:
        break;
    }
}

/* Does the bit field say something that no version of the format knows, or that the
 * message has no room for? */
static void
mtype_bits_check(struct cur *c, uint64_t bits, const hi5_type *t)
{
    static const uint8_t member[] = {8 + 4 + 28 + 8, 8 + 4 + 8, 1 + 1 + 8}; /* least */
    const char *const field = "class bit field";

    if (t->cls == HI5_FLOAT) {
        cur_require(c, t->norm <= HI5_NORM_IMPLIED, field, "unknown normalization");
        cur_require(c, t->version < 3 || (bits & 0x41) != 0x40, field,
                    "unknown byte order");
    }
    if (t->cls == HI5_VLEN)
        cur_require(c, (bits & 0x0f) <= 1, field, "neither sequence nor string");
    if (t->cls == HI5_STRING || t->cls == HI5_VLEN) {
        cur_expect(c, t->string_pad <= HI5_SPACE_PADDED, field,
                   "unknown string padding");
        cur_expect(c, t->charset <= HI5_UTF8, field, "unknown character set");
    }
    if (t->cls == HI5_REFERENCE) {
        cur_require(c, t->ref_kind <= HI5_REF_ATTRIBUTE, field,
                    "unknown kind of reference");
        cur_expect(c, t->ref_version == (t->ref_kind >= HI5_REF_OBJECT2 ? 1 : 0), field,
                   "unknown encoding version of a reference");
    }
    if (t->cls == HI5_COMPLEX)
        cur_require(c, (bits & 0x07) == 1, field,
                    "a complex type that is not homogeneous and rectangular");
    if (t->cls == HI5_COMPOUND) {
        cur_require(c, t->members != 0, field, "a compound without members");
        cur_need(c, field, t->members, member[t->version < 3 ? t->version - 1 : 2]);
    }
    if (t->cls == HI5_ENUM) {
        cur_expect(c, t->members != 0, field, "an enumeration without members");
        cur_need(c, field, t->members, t->version < 3 ? 8 : 1);
    }
    if (t->cls == HI5_OPAQUE)
        cur_expect(c, (bits & 7) == 0, field, "the tag is not padded to 8 bytes");
}

/* [at, at + n) inside `size` bytes, in bits. */
static bool
mtype_bits_fit(unsigned at, unsigned n, size_t size)
{
    return n != 0 && ((uint64_t)at + n + 7) / 8 <= size;
}

/*
 * Integer and bitfield properties                                  [FMT IV.A.2.d]
 *
 *   size  field
 *      2  bit offset
 *      2  precision       bits; offset and precision inside the element
 */
static void
mtype_bits_code(struct cur *c, hi5_type *t)
{
    cur_u16(c, "bit offset", &t->offset);
    cur_u16(c, "precision", &t->precision);
    cur_require(c, mtype_bits_fit(t->offset, t->precision, t->size), "precision",
                "no bits, or bits outside the element");
}

/*
 * Float properties                                                 [FMT IV.A.2.d]
 *
 *   size  field
 *      2  bit offset
 *      2  precision
 *      1  exponent position
 *      1  exponent size
 *      1  mantissa position
 *      1  mantissa size
 *      4  exponent bias
 *
 * Positions are counted from bit 0 of the element. That the parts lie within the
 * precision and do not overlap is what sane files have; readers need less.
 */
static void
mtype_float_code(struct cur *c, hi5_type *t)
{
    mtype_bits_code(c, t);
    cur_require(c, mtype_bits_fit(t->sign_pos, 1, t->size), "class bit field",
                "the sign is outside the element");
    cur_u8(c, "exponent position", &t->exp_pos);
    cur_u8(c, "exponent size", &t->exp_size);
    cur_require(c, mtype_bits_fit(t->exp_pos, t->exp_size, t->size), "exponent size",
                "no bits, or bits outside the element");
    cur_u8(c, "mantissa position", &t->man_pos);
    cur_u8(c, "mantissa size", &t->man_size);
    cur_require(c, mtype_bits_fit(t->man_pos, t->man_size, t->size), "mantissa size",
                "no bits, or bits outside the element");
    cur_expect(c,
               t->exp_pos + t->exp_size <= t->man_pos ||
                   t->man_pos + t->man_size <= t->exp_pos,
               "mantissa size", "exponent and mantissa overlap");
    cur_expect(c,
               t->exp_pos + t->exp_size <= t->offset + t->precision &&
                   t->man_pos + t->man_size <= t->offset + t->precision &&
                   t->sign_pos < t->offset + t->precision,
               "mantissa size", "parts outside the precision");
    cur_u32(c, "exponent bias", &t->exp_bias);
}

/* A name of a member, padded to 8 bytes before version 3. Names are copied, since the
 * type outlives the message. */
static void
mtype_name_code(struct cur *c, const char **name, unsigned version)
{
    const size_t at = c->pos;

    cur_cstr(c, "member name", name);
    if (version < 3 && (c->pos - at) % 8 != 0)
        cur_skip(c, "padding", 8 - (c->pos - at) % 8);
    if (!cur_reading(c) || !cur_ok(c))
        return;
    cur_expect(c, **name != '\0', "member name", "it is empty");
    *name = arena_str(c->arena, *name, strlen(*name));
    if (*name == NULL)
        cur_fail(c, mem_fail(c->arena->mem, 1, NULL), "member name", "no memory");
}

/* An array type, made for the dimensions that a version-1 member says of itself; its
 * version is 0, as no message of its own describes it. */
static const hi5_type *
mtype_member_array(struct cur *c, const hi5_type *base, unsigned rank,
                   const uint32_t *dim)
{
    hi5_type *const t = cur_alloc(c, 1, sizeof *t);
    uint32_t *const dims = cur_alloc(c, rank, sizeof *dims);
    uint64_t size = base != NULL ? base->size : 0;

    for (unsigned i = 0; i < rank && cur_ok(c); i++) {
        cur_require(c, dim[i] != 0, "member dimension", "it is zero");
        cur_require(c, ckd_mul64(size, dim[i], &size) && size <= UINT32_MAX,
                    "member dimension", "the member is too large");
        if (cur_ok(c))
            dims[i] = dim[i];
    }
    if (!cur_ok(c))
        return NULL;
    *t = (hi5_type){.cls = HI5_ARRAY,
                    .size = (size_t)size,
                    .committed = ADDR_NONE,
                    .has_vlen = base->has_vlen,
                    .has_ref = base->has_ref,
                    .base = base,
                    .rank = rank,
                    .dims = dims};
    return t;
}

/*
 * Dimensions of a member, version 1                                [FMT IV.A.2.d]
 *
 *   size  field
 *      1  dimensionality   0 to 4; not 0: the member is an array of its type
 *      3  reserved
 *      4  permutation
 *      4  reserved
 *     16  dimensions       four
 */
static void
mtype_member_dims_code(struct cur *c, uint8_t *rank, uint32_t dim[4])
{
    cur_u8(c, "member dimensionality", rank);
    cur_require(c, *rank <= 4, "member dimensionality", "more than 4");
    cur_reserved(c, 3);
    cur_skip(c, "permutation", 4);
    cur_reserved(c, 4);
    for (unsigned i = 0; i < 4; i++)
        cur_u32(c, "member dimension", &dim[i]);
}

/* What happened so far to the members of a compound: see the note at the top. */
struct mtype_resize {
    int64_t shift; /* to add to the offsets that follow */
    uint64_t end;  /* of the members so far, as stored */
};

/* Place a member that has been decoded, `growth` bytes larger than stored. */
static void
mtype_place(struct cur *c, const hi5_type *t, hi5_member *m, uint64_t offset,
            int64_t growth, struct mtype_resize *r)
{
    const uint64_t stored = (uint64_t)((int64_t)m->type->size - growth);

    cur_require(c, ckd_inside(offset, stored, t->size), "member offset",
                "the member is not inside the compound");
    cur_require(c, (growth == 0 && r->shift == 0) || offset >= r->end, "member offset",
                "members of wrong size, and not in order");
    if (!cur_ok(c))
        return;
    if (offset + stored > r->end)
        r->end = offset + stored;
    m->offset = (size_t)((int64_t)offset + r->shift);
    r->shift += growth;
}

/*
 * Compound member                                                  [FMT IV.A.2.d]
 *
 *   size  field
 *      n  name          NUL-terminated; versions 1 and 2: padded to a multiple of 8
 *      4  offset        from version 3: as many bytes as the compound's size needs
 *     28  dimensions    version 1
 *      ?  type          a datatype message
 */
static void
mtype_member_code(struct cur *c, const hi5_type *t, hi5_member *m, unsigned depth,
                  struct mtype_resize *r)
{
    uint64_t offset = m->offset;
    uint32_t dim[4] = {0};
    uint8_t rank = 0;
    const hi5_type *base = m->type;
    int64_t growth;

    mtype_name_code(c, &m->name, t->version);
    cur_uint(c, "member offset", t->version < 3 ? 4 : ckd_enc_size(t->size), &offset);
    if (!cur_reading(c) && t->version == 1 && base->cls == HI5_ARRAY &&
        base->version == 0 && base->rank <= 4) {
        rank = (uint8_t)base->rank;
        memcpy(dim, base->dims, rank * sizeof *dim);
        base = base->base;
    }
    if (t->version == 1)
        mtype_member_dims_code(c, &rank, dim);
    growth = mtype_code(c, &base, depth);
    if (!cur_ok(c))
        return;
    if (cur_reading(c)) {
        m->type = rank != 0 ? mtype_member_array(c, base, rank, dim) : base;
        if (cur_ok(c) && rank != 0)
            growth *= (int64_t)(m->type->size / base->size);
    }
    if (cur_ok(c))
        mtype_place(c, t, m, offset, growth, r);
}

static void
mtype_compound_code(struct cur *c, hi5_type *t, unsigned depth)
{
    struct mtype_resize r = {0};
    hi5_member *fresh = NULL, m;

    if (cur_reading(c)) {
        fresh = cur_alloc(c, t->members, sizeof *fresh);
        t->member = fresh;
    }
    for (unsigned i = 0; i < t->members && cur_ok(c); i++) {
        m = cur_reading(c) ? (hi5_member){0} : t->member[i];
        mtype_member_code(c, t, &m, depth, &r);
        if (!cur_ok(c))
            return;
        t->has_vlen |= m.type->has_vlen;
        t->has_ref |= m.type->has_ref;
        if (fresh != NULL)
            fresh[i] = m;
    }
    cur_require(c, (int64_t)t->size + r.shift <= UINT32_MAX, "size", "it is too large");
    if (cur_ok(c))
        t->size = (size_t)((int64_t)t->size + r.shift);
}

/*
 * Enumeration properties                                           [FMT IV.A.2.d]
 *
 *   size   field
 *      ?   base        a datatype message: an integer of the same size
 *      n   names       each NUL-terminated; versions 1 and 2: padded to 8 bytes
 * size*n   values      in the order of the names, as the base type stores them
 */
static void
mtype_enum_code(struct cur *c, hi5_type *t, unsigned depth)
{
    const char **fresh = NULL, *name;
    const uint8_t *values = t->values;

    mtype_code(c, &t->base, depth);
    if (!cur_ok(c))
        return;
    cur_require(c, t->base->size == t->size, "size", "not the size of the base type");
    cur_require(c, t->base->cls <= HI5_OPAQUE, "base",
                "enumeration of something composite");
    cur_expect(c, t->base->cls == HI5_INTEGER, "base", "it is not an integer");
    if (cur_reading(c)) {
        fresh = cur_alloc(c, t->members, sizeof *fresh);
        t->names = fresh;
    }
    for (unsigned i = 0; i < t->members && cur_ok(c); i++) {
        name = cur_reading(c) ? NULL : t->names[i];
        mtype_name_code(c, &name, t->version);
        if (fresh != NULL)
            fresh[i] = name;
    }
    cur_need(c, "values", t->members, t->size);
    cur_view(c, "values", &values, cur_ok(c) ? t->members * t->size : 0);
    if (!cur_reading(c) || !cur_ok(c))
        return;
    t->values = arena_copy(c->arena, values, t->members * t->size);
    if (t->values == NULL)
        cur_fail(c, mem_fail(c->arena->mem, t->members * t->size, NULL), "values",
                 "no memory");
}

/*
 * Array properties                                                 [FMT IV.A.2.d]
 *
 *   size   field
 *      1   dimensionality   1 to 32
 *      3   reserved         version 2
 *   4*n    dimensions
 *   4*n    permutations     version 2; never anything but 0, 1, ...
 *      ?   base             a datatype message
 *
 * NOTE(lib): early releases wrote version 1, laid out like version 2.
 */
static void
mtype_array_code(struct cur *c, hi5_type *t, unsigned depth)
{
    uint8_t rank = (uint8_t)t->rank;
    uint32_t *dims = NULL;
    uint64_t count = 1, size;
    int64_t growth;

    cur_u8(c, "dimensionality", &rank);
    cur_require(c, rank >= 1 && rank <= HI5_MAX_RANK, "dimensionality", "not 1 to 32");
    if (t->version < 3)
        cur_reserved(c, 3);
    if (cur_reading(c)) {
        dims = cur_alloc(c, rank, sizeof *dims);
        t->dims = dims;
    }
    for (unsigned i = 0; i < rank && cur_ok(c); i++) {
        uint32_t dim = cur_reading(c) ? 0 : t->dims[i];
        cur_u32(c, "dimension", &dim);
        cur_require(c, dim != 0 && ckd_mul64(count, dim, &count) && count <= UINT32_MAX,
                    "dimension", "zero, or too large together");
        if (dims != NULL)
            dims[i] = dim;
    }
    t->rank = rank;
    for (uint32_t i = 0; i < rank && t->version < 3 && cur_ok(c); i++) {
        uint32_t permutation = i;
        cur_u32(c, "permutation", &permutation);
    }
    growth = mtype_code(c, &t->base, depth);
    if (!cur_ok(c))
        return;
    size = (uint64_t)((int64_t)t->base->size - growth);
    cur_require(c, ckd_mul64(count, size, &size) && size == t->size, "size",
                "not the size of the elements");
    cur_require(c, ckd_mul64(count, t->base->size, &size) && size <= UINT32_MAX, "size",
                "it is too large");
    t->size = cur_ok(c) ? (size_t)size : t->size;
}

static void
mtype_opaque_code(struct cur *c, hi5_type *t, unsigned tag_n)
{
    const uint8_t *tag = (const uint8_t *)t->tag;
    const size_t n = t->tag != NULL ? strlen(t->tag) : 0;
    const uint8_t *nul;

    if (!cur_reading(c)) {
        cur_view(c, "tag", &tag, n);
        cur_skip(c, "padding", tag_n - n);
        return;
    }
    cur_view(c, "tag", &tag, tag_n);
    if (!cur_ok(c))
        return;
    nul = tag_n != 0 ? memchr(tag, 0, tag_n) : NULL;
    t->tag = arena_str(c->arena, tag, nul != NULL ? (size_t)(nul - tag) : tag_n);
    if (t->tag == NULL)
        cur_fail(c, mem_fail(c->arena->mem, tag_n, NULL), "tag", "no memory");
}

/* References of the older kinds as libhdf5 made them before 1.12: 8 and 12 bytes, however
 * small addresses are, with zeros behind the address or the heap ID. */
static bool
mtype_is_wide_ref(const hi5_type *t)
{
    return t->cls == HI5_REFERENCE &&
           ((t->ref_kind == HI5_REF_OBJECT && t->size == 8) ||
            (t->ref_kind == HI5_REF_REGION && t->size == 12));
}

/* Vlen, reference: the size that such elements have in this file. */
static void
mtype_set_size(struct cur *c, hi5_type *t)
{
    const size_t size = type_file_size(t->cls, t->ref_kind, c->off_w);

    cur_expect(c, t->size == size || mtype_is_wide_ref(t), "size",
               "not the size of such elements in this file");
    if (!cur_reading(c))
        cur_require(c, t->size == size || mtype_is_wide_ref(t), "size",
                    "not the size of such elements in a file");
    if (size > t->size || !mtype_is_wide_ref(t))
        t->size = size;
}

/* What follows the 8 bytes that all datatypes have. */
static void
mtype_class_code(struct cur *c, hi5_type *t, unsigned tag_n, unsigned depth)
{
    switch (t->cls) {
    case HI5_INTEGER:
    case HI5_BITFIELD:
        mtype_bits_code(c, t);
        break;
    case HI5_FLOAT:
        mtype_float_code(c, t);
        break;
    case HI5_TIME:
        cur_u16(c, "precision", &t->precision);
        cur_require(c, mtype_bits_fit(0, t->precision, t->size), "precision",
                    "no bits, or bits outside the element");
        break;
    case HI5_STRING:
        break;
    case HI5_OPAQUE:
        mtype_opaque_code(c, t, tag_n);
        break;
    case HI5_COMPOUND:
        mtype_compound_code(c, t, depth);
        break;
    case HI5_REFERENCE:
        mtype_set_size(c, t);
        t->has_ref = true;
        break;
    case HI5_ENUM:
        mtype_enum_code(c, t, depth);
        break;
    case HI5_VLEN:
        mtype_set_size(c, t);
        mtype_code(c, &t->base, depth);
        if (cur_ok(c) && t->is_vlen_string)
            cur_expect(c, t->base->size == 1, "base", "not a character of one byte");
        break;
    case HI5_ARRAY:
        mtype_array_code(c, t, depth);
        break;
    case HI5_COMPLEX:
        mtype_code(c, &t->base, depth);
        if (cur_ok(c))
            cur_require(c, t->base->cls == HI5_FLOAT && t->size == 2 * t->base->size,
                        "base", "not a float of half the size");
        break;
    }
    if (cur_ok(c) && t->base != NULL) {
        t->has_vlen |= t->base->has_vlen;
        t->has_ref |= t->base->has_ref;
    }
    t->has_vlen |= t->cls == HI5_VLEN;
}

/*
 * Datatype message                                                 [FMT IV.A.2.d]
 *
 *   size  field
 *      1  class and version   low and high four bits; version 1 to 5
 *      3  class bit field     see mtype_bits
 *      4  size                bytes of an element, not 0
 *      ?  properties          of the class
 */
static int64_t
mtype_node_code(struct cur *c, hi5_type *t, unsigned depth)
{
    uint8_t head = (uint8_t)((unsigned)t->version << 4 | (unsigned)t->cls);
    uint64_t bits = 0;
    uint32_t size = (uint32_t)t->size;
    unsigned tag_n = mtype_tag_size(t);

    cur_begin(c, mtype_name, "IV.A.2.d");
    if (!cur_reading(c)) {
        cur_require(c, t->version != 0 && !t->in_memory && t->size <= UINT32_MAX,
                    "version", "not a type that files have");
        cur_require(c, tag_n <= 248, "tag", "it is longer than 248 bytes");
        cur_require(c, t->members <= UINT16_MAX, "class bit field", "too many members");
        cur_require(c, t->order != HI5_VAX || t->version >= 3, "version",
                    "VAX order came with version 3");
    }
    cur_u8(c, "class and version", &head);
    cur_require(c, (head & 0x0f) <= HI5_COMPLEX, "class and version", "unknown class");
    if (cur_ok(c) && head >> 4 > 5)
        cur_fail(c, HI5_E_UNSUPPORTED, "class and version",
                 "version %u is newer than 5", head >> 4);
    cur_expect(c, head >> 4 != 0, "class and version", "version 0");
    if (!cur_ok(c))
        return 0;
    t->cls = (hi5_class)(head & 0x0f);
    t->version = head >> 4 != 0 ? head >> 4 : 1;
    if (!cur_reading(c))
        mtype_bits(false, &bits, t, &tag_n);
    cur_uint(c, "class bit field", 3, &bits);
    if (cur_reading(c))
        mtype_bits(true, &bits, t, &tag_n);
    mtype_bits_check(c, bits, t);
    cur_u32(c, "size", &size);
    cur_require(c, size != 0, "size", "it is zero");
    t->size = size;
    if (cur_ok(c))
        mtype_class_code(c, t, tag_n, depth);
    return cur_ok(c) ? (int64_t)t->size - (int64_t)size : 0;
}

/* One node of the tree and all below it; `depth` levels are left.
 * @return by how much it is larger than stored */
static int64_t
mtype_code(struct cur *c, const hi5_type **t, unsigned depth)
{
    const size_t start = c->start;
    hi5_type tmp, *fresh;
    int64_t growth;

    if (!cur_ok(c))
        return 0;
    if (depth == 0) {
        cur_fail(c, HI5_E_LIMIT, "class and version",
                 "datatypes are nested too deeply");
        return 0;
    }
    if (!cur_reading(c)) {
        tmp = **t;
        return mtype_node_code(c, &tmp, depth - 1);
    }
    fresh = cur_alloc(c, 1, sizeof *fresh);
    if (fresh == NULL)
        return 0;
    fresh->committed = ADDR_NONE;
    growth = mtype_node_code(c, fresh, depth - 1);
    c->start = start; /* what follows is about the node above again */
    *t = fresh;
    return growth;
}

HI5_INT void
msg_type_code(struct cur *c, const hi5_type **t, unsigned max_depth)
{
    cur_begin(c, mtype_name, "IV.A.2.d");
    if (cur_reading(c))
        *t = NULL;
    mtype_code(c, t, max_depth);
    if (cur_reading(c) && !cur_ok(c))
        *t = NULL;
}
