/*
 * conv_enum.c - enumerations, by the names of their values
 *
 * Every name of the source must be one of the destination, too. A value that has no name
 * becomes all ones, as in libhdf5.
 */
#include "base/err.h"
#include "space/conv_step.h"
#include <stdlib.h>
#include <string.h>

/* The index of the name whose value in src is the bytes at p, or s->names. */
static size_t
conv_enum_find(const struct conv_step *s, const uint8_t *p)
{
    size_t low = 0, high = s->names;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int order = memcmp(p, s->key + mid * s->src_size, s->src_size);
        if (order == 0)
            return mid;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return s->names;
}

static hi5_status
conv_enum_run(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    const bool ask = s->env->how != NULL && s->src_size <= CONV_ASK_BYTES &&
                     s->dst_size <= CONV_ASK_BYTES;

    for (size_t i = 0; i < io->n; i++) {
        const uint8_t *const p = io->src + i * io->ss;
        const size_t k = conv_enum_find(s, p);
        uint8_t *d = io->dst + i * io->ds;

        if (k < s->names) {
            memcpy(d, s->value + k * s->dst_size, s->dst_size);
            continue;
        }
        memset(d, 0xff, s->dst_size); /* no name: as libhdf5 */
        if (ask)
            TRY(conv_ask(s, HI5_RANGE_HIGH, p, d, err));
    }
    return HI5_OK;
}

struct conv_enum_name {
    const char *name;
    const uint8_t *value;
    size_t size;
};

static int
conv_enum_by_name(const void *a, const void *b)
{
    const struct conv_enum_name *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static int
conv_enum_by_value(const void *a, const void *b)
{
    const struct conv_enum_name *x = a, *y = b;

    return memcmp(x->value, y->value, x->size);
}

static struct conv_enum_name *
conv_enum_sorted(struct arena *a, const hi5_type *t,
                 int (*by)(const void *, const void *))
{
    struct conv_enum_name *e = arena_zalloc(a, t->members, sizeof *e);

    if (e == NULL)
        return NULL;
    for (uint32_t i = 0; i < t->members; i++)
        e[i] = (struct conv_enum_name){t->names[i], t->values + i * t->base->size,
                                       t->base->size};
    qsort(e, t->members, sizeof *e, by);
    return e;
}

/* Values of src, in order of their bytes, and what the same names mean in dst. */
HI5_INT hi5_status
conv_enum_build(struct conv_build *b, const hi5_type *src, const hi5_type *dst,
                struct conv_step *s)
{
    const struct conv_enum_name *from =
        conv_enum_sorted(b->arena, src, conv_enum_by_value);
    const struct conv_enum_name *names =
        conv_enum_sorted(b->arena, dst, conv_enum_by_name);
    uint8_t *key = arena_zalloc(b->arena, src->members, src->size);
    uint8_t *value = arena_zalloc(b->arena, src->members, dst->size);

    if (from == NULL || names == NULL || key == NULL || value == NULL)
        return mem_fail(b->arena->mem, (uint64_t)src->members * dst->size, b->err);
    if (src->size != src->base->size || dst->size != dst->base->size)
        return conv_none(b, src, dst, "an enumeration's size is not that of its base");
    for (uint32_t i = 0; i < src->members; i++) {
        const struct conv_enum_name *to =
            bsearch(&from[i], names, dst->members, sizeof *names, conv_enum_by_name);
        if (to == NULL)
            return conv_none(b, src, dst, "names are missing in the second");
        memcpy(key + i * src->size, from[i].value, src->size);
        memcpy(value + i * dst->size, to->value, dst->size);
    }
    s->run = conv_enum_run;
    s->names = src->members;
    s->key = key;
    s->value = value;
    return HI5_OK;
}
