/*
 * type.h - datatypes in memory                                     [FMT IV.A.2.d]
 *
 * A hi5_type is immutable once built. All parts of one type live in one place: the arena
 * of the object that it was decoded for, or, for types that callers build, a single
 * owned arena that hi5_type_free drops. Nested types may be shared between types of the
 * same arena.
 */
#ifndef HI5_TYPE_H
#define HI5_TYPE_H

#include "base/mem.h"
#include <hi5.h>

struct hi5_type {
    hi5_class cls;
    uint8_t version;           /* of the message; 0: none */
    bool in_memory;            /* vlen, reference: the memory form */
    bool has_vlen, has_ref;    /* here or in any part */
    size_t size;
    uint64_t committed;        /* address of the committed datatype, or ADDR_NONE */

    /* numbers */
    hi5_byte_order order;
    bool is_signed;
    uint16_t offset, precision;
    hi5_pad lsb_pad, msb_pad, inner_pad;
    uint8_t sign_pos, exp_pos, exp_size, man_pos, man_size;
    uint32_t exp_bias;
    hi5_norm norm;

    /* strings, vlen strings */
    hi5_string_pad string_pad;
    hi5_charset charset;
    bool is_vlen_string;

    const char *tag;           /* opaque */
    hi5_ref_kind ref_kind;
    uint8_t ref_version;       /* encoding version nibble of a version-4 reference */

    const hi5_type *base;      /* enum, vlen, array, complex */
    uint32_t rank;             /* array */
    const uint32_t *dims;
    uint32_t members;          /* compound, enum */
    const hi5_member *member;  /* compound */
    const char *const *names;  /* enum */
    const uint8_t *values;     /* enum: [members] of base->size */

    struct arena *owned;       /* types built by callers: what hi5_type_free drops */
};

/* This machine's byte order. */
#if defined(__BYTE_ORDER__) && defined(__ORDER_BIG_ENDIAN__)
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define TYPE_NATIVE_ORDER HI5_BE
#endif
#endif
#ifndef TYPE_NATIVE_ORDER
#define TYPE_NATIVE_ORDER HI5_LE
#endif

/** The name of a class, such as "integer". */
HI5_INT const char *type_class_name(hi5_class cls);

/** How many elements an array type has; 0 if they are too many to count. */
HI5_INT size_t type_array_count(const hi5_type *t);

/** The size of elements in a file whose offsets are `off_w` wide; 0: class has any. */
HI5_INT size_t type_file_size(hi5_class cls, hi5_ref_kind kind, unsigned off_w);

/* How a file stores new types. */
struct type_target {
    unsigned off_w;
    unsigned layered;          /* version of compounds, arrays and enumerations: 1, 3, 4 */
    unsigned references;       /* 0: only the old kinds of references */
};
/** A type as the file stores it, with versions and sizes: what is in memory form becomes
 *  what it stands for. Of `committed` only that of the whole type stays. */
HI5_INT hi5_status type_for_file(const hi5_type *t, const struct type_target *target,
                                 struct arena *a, hi5_type **out, hi5_error *err);

/** A copy of a temporary description, made in an arena of its own: hi5_type_free. */
HI5_INT hi5_status type_publish(hi5_type *sketch, hi5_type **out, hi5_error *err);

/** Deep copy into an arena; NULL on failure. */
HI5_INT hi5_type *type_copy_into(struct arena *a, const hi5_type *t);

/** What elements in memory should be aligned to, as C would have it; 1 for bytes. */
HI5_INT size_t type_align(const hi5_type *t);

/** Is every bit of a and b the same in a file (equal, and not vlen or reference)?
 *  Charsets, tags and the byte order of single bytes do not change bits. */
HI5_INT bool type_same_bytes(const hi5_type *a, const hi5_type *b);

#endif
