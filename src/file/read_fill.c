/*
 * read_fill.c - elements that nobody has written: the fill value     [FMT IV.A.2.f]
 */
#include "base/err.h"
#include "file/read.h"
#include <string.h>

static hi5_status
fill_check(const hi5_dataset *d, hi5_error *err)
{
    if (d->fill_status != HI5_OK)
        return err_set(err, d->fill_status, d->object->head->addr, "fill value message",
                       "", "IV.A.2.f", "it is needed, but cannot be decoded");
    if (d->fill.status == HI5_FILL_USER && d->fill.size != d->type->size)
        return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "fill value message", "size",
                       "IV.A.2.f", "%u bytes, but the datatype has %zu",
                       (unsigned)d->fill.size, d->type->size);
    return HI5_OK;
}

/* n copies of the element at the start of buf, by doubling. */
static void
fill_repeat(uint8_t *buf, size_t each, uint64_t n)
{
    size_t have = each;
    const size_t all = each * (size_t)n;

    while (have < all) {
        const size_t k = have < all - have ? have : all - have;
        memcpy(buf + have, buf, k);
        have += k;
    }
}

/* Elements in the file's type, converted one by one: each must own its parts. */
static hi5_status
fill_converted(const uint8_t *value, const struct conv *conv, const hi5_type *memory,
               uint8_t *buf, uint64_t n, hi5_error *err)
{
    if (!memory->has_vlen) {
        TRY(conv_run(conv, value, buf, 1, err));
        fill_repeat(buf, memory->size, n);
        return HI5_OK;
    }
    for (uint64_t i = 0; i < n; i++)
        TRY(conv_run(conv, value, buf + (size_t)i * memory->size, 1, err));
    return HI5_OK;
}

HI5_INT hi5_status
dataset_fill_value(hi5_dataset *d, const struct read_request *q, void *buf, uint64_t n)
{
    struct conv_env env = object_conv_env(d->file);
    const struct conv *conv;
    struct arena a;
    hi5_status s;

    if (n == 0)
        return HI5_OK;
    TRY(fill_check(d, q->err));
    memset(buf, 0, (size_t)n * q->memory->size);
    if (d->fill.status != HI5_FILL_USER)
        return HI5_OK;
    env.mem = q->give;
    env.how = q->how;
    arena_init(&a, &d->file->mem);
    s = conv_open(d->type, q->memory, &env, &a, &conv, q->err);
    if (s == HI5_OK)
        s = fill_converted(d->fill.value, conv, q->memory, buf, n, q->err);
    arena_done(&a);
    return s;
}

HI5_INT hi5_status
dataset_fill(hi5_dataset *d, const struct read_request *q, void *buf, uint64_t n)
{
    if (d->fill_status == HI5_OK && d->fill.write_time == 1) { /* never: zeros */
        memset(buf, 0, (size_t)n * q->memory->size);
        return HI5_OK;
    }
    return dataset_fill_value(d, q, buf, n);
}

HI5_INT hi5_status
read_fill_all(struct reader *r)
{
    return dataset_fill(r->d, r->q, r->q->buf, hi5_selection_count(r->q->selection));
}
