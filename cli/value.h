/*
 * value.h - values in memory, ready to be printed
 *
 * A datatype is looked at once and becomes a tree of `struct value`; printing millions
 * of elements then follows the tree. Numbers are decoded as they are stored, whatever
 * their byte order or size, so that no conversion is needed in between.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_VALUE_H
#define HI5_VALUE_H

#include "cli.h"

enum value_kind {
    VALUE_INTEGER, /* and bitfields and times of at most 8 bytes */
    VALUE_FLOAT,
    VALUE_ENUM,
    VALUE_BOOL,    /* an enum of FALSE 0 and TRUE 1, as h5py makes them */
    VALUE_STRING,  /* of fixed length */
    VALUE_TEXT,    /* char * */
    VALUE_COMPLEX, /* parts[0] twice; or a compound of two floats "r" and "i" */
    VALUE_COMPOUND,
    VALUE_ARRAY, /* count times parts[0] */
    VALUE_LIST,  /* hi5_vlen of parts[0] */
    VALUE_REFERENCE,
    VALUE_BYTES /* opaque, and what nothing else fits */
};

struct value {
    enum value_kind kind;
    size_t size;          /* bytes of one element */
    size_t offset;        /* in the compound that it is a member of */
    const char *name;     /* the member's; borrowed from the type */
    const hi5_type *type; /* borrowed */
    hi5_type_info info;
    struct value *parts; /* members; the base of enum, array, list, complex */
    size_t nparts;
    uint64_t count; /* array: elements */
};

/** Look at a type in its memory form, which must live as long as the result. */
struct value *value_compile(const hi5_type *memory);
void value_free(struct value *v);

/** An integer, sign-extended to 64 bits. */
uint64_t value_integer(const struct value *v, const void *p);
/** The same in decimal. */
void value_put_integer(struct cli_str *out, const struct value *v, const void *p);
/** A number of any floating-point format; one wider than C's is rounded. */
long double value_float(const struct value *v, const void *p);
/** The shortest decimal number that reads back as the same number of this format. */
void value_put_float(struct cli_str *out, const struct value *v, long double x);
/** The real (0) or imaginary (1) part of a complex number. */
long double value_complex(const struct value *v, const void *p, unsigned part);
/** Text of a fixed-length string at `p`, its padding removed: the length in bytes. */
size_t value_string_length(const struct value *v, const void *p);
/** Bytes in hexadecimal. */
void value_put_hex(struct cli_str *out, const void *p, size_t n);

#endif
