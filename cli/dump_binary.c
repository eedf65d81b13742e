/*
 * dump_binary.c - -b: values as bytes
 *
 * The bytes of numbers are written as they were read, those of strings without what
 * pads them, the parts of compounds, arrays and sequences one after another.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <string.h>

/* Is this machine big-endian? */
static bool
big_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;

    memcpy(&first, &one, 1);
    return first == 0;
}

static void
write_numbers(struct dump *d, const unsigned char *p, size_t size, uint64_t n)
{
    bool swap = (d->o.binary == DUMP_LITTLE && big_endian()) ||
                (d->o.binary == DUMP_BIG && !big_endian());

    if (!swap || size == 1) {
        cli_write(d->o.data_out, p, (size_t)n * size);
        return;
    }
    for (uint64_t i = 0; i < n; i++, p += size)
        for (size_t k = size; k-- > 0;)
            cli_write(d->o.data_out, p + k, 1);
}

static void
write_strings(struct dump *d, const hi5_type_info *t, const char *p, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++, p += t->size) {
        const char *s = p, *end;
        size_t length = t->size;

        if (t->is_vlen_string) {
            memcpy(&s, p, sizeof s);
            length = s ? strlen(s) : 0;
        } else if (t->string_pad == HI5_NULL_TERMINATED &&
                   (end = memchr(s, 0, length))) {
            length = (size_t)(end - s);
        }
        cli_write(d->o.data_out, s, length);
    }
}

static void
write_compounds(struct dump *d, const hi5_type *t, const char *p, size_t size,
                uint64_t n)
{
    hi5_member m;

    for (uint64_t i = 0; i < n; i++, p += size)
        for (unsigned k = 0; hi5_type_member(t, k, &m); k++)
            dump_write_binary(d, m.type, p + m.offset, 1);
}

static void
write_sequences(struct dump *d, const hi5_type_info *t, const char *p, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++, p += t->size) {
        hi5_vlen sequence;
        memcpy(&sequence, p, sizeof sequence);
        dump_write_binary(d, t->base, sequence.p, sequence.n);
    }
}

void
dump_write_binary(struct dump *d, const hi5_type *t, const void *values, uint64_t n)
{
    hi5_type_info info;
    size_t base;

    hi5_type_get_info(t, &info);
    switch (info.cls) {
    case HI5_INTEGER:
    case HI5_FLOAT:
    case HI5_BITFIELD:
        write_numbers(d, values, info.size, n);
        break;
    case HI5_ENUM:
    case HI5_TIME:
    case HI5_OPAQUE:
    case HI5_COMPLEX:
        cli_write(d->o.data_out, values, (size_t)n * info.size);
        break;
    case HI5_STRING:
        write_strings(d, &info, values, n);
        break;
    case HI5_COMPOUND:
        write_compounds(d, t, values, info.size, n);
        break;
    case HI5_ARRAY:
        base = hi5_type_size(info.base);
        dump_write_binary(d, info.base, values, base ? n * (info.size / base) : 0);
        break;
    case HI5_VLEN:
        if (info.is_vlen_string)
            write_strings(d, &info, values, n);
        else
            write_sequences(d, &info, values, n);
        break;
    case HI5_REFERENCE:
        break; /* nothing that would mean anything elsewhere */
    }
}
