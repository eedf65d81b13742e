/*
 * filter_params.c - the filters of a new dataset, with their parameters  [FMT IV.A.2.l]
 *
 * Some filters keep something of the dataset among their parameters: what an element is,
 * how many a chunk has. The caller says what to do, this says the rest, as libhdf5 and
 * h5py do.
 */
#include "file/filter_params.h"
#include "base/err.h"
#include "filters/encode.h"
#include <string.h>

#define PARAMS_LZF_REVISION 4u
#define PARAMS_LZF_VERSION 0x0105u

/* A pipeline in the making. */
struct params {
    struct arena *arena;
    const hi5_type *type;
    const uint64_t *chunk;
    unsigned rank;
    uint64_t count;            /* elements of a chunk */
    struct pipeline *p;
    hi5_error *err;
};

static hi5_status
params_add(struct params *k, unsigned id, unsigned flags, const char *name, unsigned n,
           const uint32_t *values)
{
    hi5_filter *f = &k->p->filter[k->p->n];

    if (k->p->n == PIPE_MOST)
        return err_plain(k->err, HI5_E_ARG, "more than %u filters", PIPE_MOST);
    if (!encode_can(id) && (flags & FILTER_OPTIONAL) == 0)
        return err_plain(k->err, HI5_E_FILTER, "filter %u (%s) cannot be applied by this "
                         "build", id, name != NULL ? name : "unknown");
    *f = (hi5_filter){.id = (uint16_t)id, .flags = (uint16_t)flags, .name = name,
                      .nvalues = n};
    if (n != 0) {
        f->values = arena_copy(k->arena, values, n * sizeof *values);
        if (f->values == NULL)
            return mem_fail(k->arena->mem, n * sizeof *values, k->err);
    }
    k->p->n++;
    return HI5_OK;
}

/* Filters that this build does not apply yet. */
static hi5_status
params_missing(struct params *k, const char *name)
{
    return err_plain(k->err, HI5_E_UNSUPPORTED, "%s is not applied by this build", name);
}

static hi5_status
params_usual(struct params *k, const hi5_dataset_options *o)
{
    const uint32_t size = (uint32_t)k->type->size;
    const uint32_t lzf[] = {PARAMS_LZF_REVISION, PARAMS_LZF_VERSION,
                            (uint32_t)(k->count * size)};
    const uint32_t level = o->deflate;

    if (o->deflate > 9)
        return err_plain(k->err, HI5_E_ARG, "deflate level %u; there are 1 to 9",
                         o->deflate);
    if (o->scaleoffset)
        return params_missing(k, "scaleoffset");
    if (o->nbit)
        return params_missing(k, "nbit");
    if (o->shuffle)
        TRY(params_add(k, FILTER_SHUFFLE, FILTER_OPTIONAL, NULL, 1, &size));
    if (o->deflate != 0)
        TRY(params_add(k, FILTER_DEFLATE, FILTER_OPTIONAL, NULL, 1, &level));
    if (o->lzf)
        TRY(params_add(k, FILTER_LZF, FILTER_OPTIONAL, "lzf", 3, lzf));
    if (o->szip != 0)
        return params_missing(k, "szip");
    if (o->fletcher32)
        TRY(params_add(k, FILTER_FLETCHER32, 0, NULL, 0, NULL));
    return HI5_OK;
}

static hi5_status
params_given(struct params *k, const hi5_filter *filter, size_t n)
{
    for (size_t i = 0; i < n; i++)
        TRY(params_add(k, filter[i].id, filter[i].flags, filter[i].name,
                       filter[i].nvalues, filter[i].values));
    return HI5_OK;
}

HI5_INT hi5_status
filter_params_make(hi5_file *f, const hi5_dataset_options *o, const hi5_type *type,
                   const uint64_t *chunk, unsigned rank, struct arena *a,
                   struct pipeline *p, hi5_error *err)
{
    struct params k = {.arena = a, .type = type, .chunk = chunk, .rank = rank, .count = 1,
                       .p = p, .err = err};

    *p = (struct pipeline){.version = f->edit->compat == HI5_COMPAT_EARLIEST ? 1 : 2};
    p->filter = arena_zalloc(a, PIPE_MOST, sizeof *p->filter);
    if (p->filter == NULL)
        return mem_fail(a->mem, PIPE_MOST * sizeof *p->filter, err);
    for (unsigned i = 0; i < rank; i++)
        k.count *= chunk[i];
    return o->nfilters != 0 ? params_given(&k, o->filters, o->nfilters)
                            : params_usual(&k, o);
}
