/*
 * filter_params.c - the filters of a new dataset, with their parameters  [FMT IV.A.2.l]
 *
 * Some filters keep something of the dataset among their parameters: what an element is,
 * how many a chunk has. The caller says what to do, this says the rest, as libhdf5, h5py
 * and the usual plugins do. A pipeline that the caller brings may be complete already,
 * because it is another dataset's; then it stays as it is.
 */
#include "file/filter_params.h"
#include "base/err.h"
#include "filters/encode.h"
#include <string.h>

#define PARAMS_LZF_REVISION 4u
#define PARAMS_LZF_VERSION 0x0105u
#define PARAMS_NBIT_MOST 4096u /* libhdf5 reads no more */
#define PARAMS_NBIT_DEEPEST 64u

/* Szip: options, and bounds of a scanline. */
enum {
    PARAMS_SZIP_K13 = 1,
    PARAMS_SZIP_EC = 4,
    PARAMS_SZIP_LSB = 8,
    PARAMS_SZIP_MSB = 16,
    PARAMS_SZIP_NN = 32,
    PARAMS_SZIP_RAW = 128,
    PARAMS_SZIP_BLOCKS = 128,
    PARAMS_SZIP_PIXELS = 4096
};

enum {
    PARAMS_NBIT_ATOMIC = 1,
    PARAMS_NBIT_ARRAY,
    PARAMS_NBIT_COMPOUND,
    PARAMS_NBIT_FULL
};
enum { PARAMS_SO_DECIMAL = 0, PARAMS_SO_INTEGER = 2, PARAMS_SO_VALUES = 20 };

/* A pipeline in the making. */
struct params {
    struct arena *arena;
    const struct pipe_plugins *plugins;
    const hi5_type *type;
    const struct msg_fill *fill;
    const uint64_t *chunk;
    unsigned rank;
    uint64_t count; /* elements of a chunk */
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
    if (!encode_can(k->plugins, id) && (flags & FILTER_OPTIONAL) == 0)
        return err_plain(k->err, HI5_E_FILTER,
                         "filter %u (%s) cannot be applied by this "
                         "build",
                         id, name != NULL ? name : "unknown");
    /* NOTE(lib): a name that is not stored libhdf5 adds when it copies the dataset, in
     * place, so that it overwrites the message after this one. */
    *f = (hi5_filter){.id = (uint16_t)id,
                      .flags = (uint16_t)flags,
                      .name = name != NULL ? name : hi5_filter_known_name(id),
                      .nvalues = n};
    if (n != 0) {
        f->values = arena_copy(k->arena, values, n * sizeof *values);
        if (f->values == NULL)
            return mem_fail(k->arena->mem, n * sizeof *values, k->err);
    }
    k->p->n++;
    return HI5_OK;
}

/* Parameters hold 32 bits. */
static hi5_status
params_check_size(const struct params *k, const char *name)
{
    if (k->count > UINT32_MAX || k->type->size > UINT32_MAX)
        return err_plain(k->err, HI5_E_ARG, "the chunks are too large for %s", name);
    return HI5_OK;
}

/* ---- szip ---- */

/* Pixels that are coded as one line. */
static hi5_status
params_szip_line(const struct params *k, uint32_t block, uint32_t *line)
{
    const uint64_t most = (uint64_t)block * PARAMS_SZIP_BLOCKS;
    uint64_t n = k->rank != 0 ? k->chunk[k->rank - 1] : 1;

    if (n < block)
        n = k->count;
    if (n < block)
        return err_plain(k->err, HI5_E_ARG,
                         "szip blocks of %lu pixels; a chunk has %llu",
                         (unsigned long)block, (unsigned long long)n);
    *line = (uint32_t)(n < most ? n : most);
    return HI5_OK;
}

static hi5_status
params_szip(struct params *k, unsigned flags, uint32_t options, uint32_t block)
{
    const hi5_type *const t = k->type->cls == HI5_ENUM ? k->type->base : k->type;
    const bool number = t->cls == HI5_INTEGER || t->cls == HI5_FLOAT ||
                        t->cls == HI5_BITFIELD || t->cls == HI5_TIME;
    uint32_t bits = t->precision, values[4];

    TRY(params_check_size(k, "szip"));
    if (!number || t->order > HI5_BE ||
        (t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8))
        return err_plain(k->err, HI5_E_TYPE,
                         "szip is for numbers of 1, 2, 4 or 8 bytes");
    if (block < 2 || block > 32 || block % 2 != 0)
        return err_plain(k->err, HI5_E_ARG,
                         "szip blocks of %lu pixels; they have 2 to 32, "
                         "and an even number",
                         (unsigned long)block);
    if (t->offset != 0 || bits == 0)
        bits = (uint32_t)t->size * 8;
    if (bits > 24)
        bits = bits <= 32 ? 32 : 64;
    options &= PARAMS_SZIP_EC | PARAMS_SZIP_NN;
    values[0] = options | PARAMS_SZIP_K13 | PARAMS_SZIP_RAW |
                (t->order == HI5_BE ? PARAMS_SZIP_MSB : PARAMS_SZIP_LSB);
    values[1] = block;
    values[2] = bits;
    TRY(params_szip_line(k, block, &values[3]));
    return params_add(k, FILTER_SZIP, flags, NULL, 4, values);
}

/* ---- nbit ---- */

/* The description of a type, measured first (v NULL), then made. */
struct params_tree {
    uint32_t *v;
    unsigned n;
    bool gains; /* there is something to leave out */
    hi5_error *err;
};

static hi5_status params_nbit_node(struct params_tree *t, const hi5_type *type,
                                   uint64_t room, bool last, unsigned depth);

static void
params_put(struct params_tree *t, uint64_t v)
{
    if (t->v != NULL)
        t->v[t->n] = (uint32_t)v;
    t->n++;
}

static hi5_status
params_nbit_atomic(struct params_tree *t, const hi5_type *type)
{
    if (type->order > HI5_BE)
        return err_plain(t->err, HI5_E_TYPE, "nbit is not for numbers in VAX order");
    params_put(t, PARAMS_NBIT_ATOMIC);
    params_put(t, type->size);
    params_put(t, type->order == HI5_BE);
    params_put(t, type->precision);
    params_put(t, type->offset);
    t->gains |= type->offset != 0 || type->precision != type->size * 8;
    return HI5_OK;
}

static hi5_status
params_nbit_compound(struct params_tree *t, const hi5_type *type, bool last,
                     unsigned depth)
{
    params_put(t, PARAMS_NBIT_COMPOUND);
    params_put(t, type->size);
    params_put(t, type->members);
    for (uint32_t i = 0; i < type->members; i++) {
        const hi5_member *const m = &type->member[i];
        const uint64_t next =
            i + 1 < type->members ? type->member[i + 1].offset : type->size;

        if (t->n > PARAMS_NBIT_MOST)
            break;
        params_put(t, m->offset);
        TRY(params_nbit_node(t, m->type, next - m->offset,
                             last && i + 1 == type->members, depth + 1));
    }
    return HI5_OK;
}

/* libhdf5 loses its place in the description after an array of arrays or compounds. So
 * such an array is stored in full, unless nothing comes after it. */
static bool
params_nbit_array_is_safe(const hi5_type *type, bool last)
{
    return last || (type->base->cls != HI5_ARRAY && type->base->cls != HI5_COMPOUND);
}

static hi5_status
params_nbit_array(struct params_tree *t, const hi5_type *type, bool last,
                  unsigned depth)
{
    if (type->base->cls == HI5_VLEN)
        return err_plain(t->err, HI5_E_TYPE,
                         "nbit is not for arrays of variable-length data");
    params_put(t, PARAMS_NBIT_ARRAY);
    params_put(t, type->size);
    return params_nbit_node(t, type->base, 0, last, depth + 1);
}

/* @param room  up to the next member, which is what libhdf5 goes by for variable-length
 *              data; 0: not a member
 * @param last  nothing comes after it in the description */
static hi5_status
params_nbit_node(struct params_tree *t, const hi5_type *type, uint64_t room, bool last,
                 unsigned depth)
{
    if (depth >= PARAMS_NBIT_DEEPEST)
        return err_plain(t->err, HI5_E_LIMIT, "the type is nested too deep for nbit");
    if (type->cls == HI5_INTEGER || type->cls == HI5_FLOAT)
        return params_nbit_atomic(t, type);
    if (type->cls == HI5_COMPOUND)
        return params_nbit_compound(t, type, last, depth);
    if (type->cls == HI5_ARRAY && params_nbit_array_is_safe(type, last))
        return params_nbit_array(t, type, last, depth);
    params_put(t, PARAMS_NBIT_FULL);
    params_put(t, type->cls == HI5_VLEN && room != 0 ? room : type->size);
    return HI5_OK;
}

static hi5_status
params_nbit_tree(const struct params *k, struct params_tree *t)
{
    const hi5_class c = k->type->cls;

    t->n = 0;
    params_put(t, 0);
    params_put(t, 0);
    params_put(t, k->count);
    if (c == HI5_INTEGER || c == HI5_FLOAT || c == HI5_COMPOUND || c == HI5_ARRAY)
        TRY(params_nbit_node(t, k->type, 0, true, 0));
    if (t->n > PARAMS_NBIT_MOST)
        return err_plain(k->err, HI5_E_LIMIT, "nbit would need more than %u parameters",
                         PARAMS_NBIT_MOST);
    return HI5_OK;
}

static hi5_status
params_nbit(struct params *k, unsigned flags)
{
    struct params_tree t = {.err = k->err};

    TRY(params_check_size(k, "nbit"));
    TRY(params_nbit_tree(k, &t));
    t.v = arena_zalloc(k->arena, t.n, sizeof *t.v);
    if (t.v == NULL)
        return mem_fail(k->arena->mem, t.n * sizeof *t.v, k->err);
    TRY(params_nbit_tree(k, &t));
    t.v[0] = t.n;
    t.v[1] = !t.gains;
    return params_add(k, FILTER_NBIT, flags, NULL, t.n, t.v);
}

/* ---- scaleoffset ---- */

static hi5_status
params_scaleoffset(struct params *k, unsigned flags, int64_t factor)
{
    const hi5_type *const t = k->type;
    const bool integer = t->cls == HI5_INTEGER;
    const bool small = t->size == 1 || t->size == 2;
    uint32_t v[PARAMS_SO_VALUES] = {0};

    TRY(params_check_size(k, "scaleoffset"));
    if ((!integer && t->cls != HI5_FLOAT) || t->order > HI5_BE ||
        (t->size != 4 && t->size != 8 && !(small && integer)))
        return err_plain(k->err, HI5_E_TYPE,
                         "scaleoffset is for integers of 1, 2, 4 or 8 "
                         "bytes and floats of 4 or 8");
    if (factor < 0 || factor > (integer ? 8 * (int64_t)t->size : INT32_MAX))
        return err_plain(k->err, HI5_E_ARG, "scaleoffset by %lld %s", (long long)factor,
                         integer ? "bits" : "digits");
    v[0] = integer ? PARAMS_SO_INTEGER : PARAMS_SO_DECIMAL;
    v[1] = (uint32_t)factor;
    v[2] = (uint32_t)k->count;
    v[3] = !integer;
    v[4] = (uint32_t)t->size;
    v[5] = integer && t->is_signed;
    v[6] = t->order == HI5_BE;
    v[7] = k->fill->status != HI5_FILL_UNDEFINED;
    for (size_t i = 0; k->fill->status == HI5_FILL_USER && i < t->size; i++) {
        const size_t at = t->order == HI5_BE ? t->size - 1 - i : i;
        v[8 + i / 4] |= (uint32_t)k->fill->value[at] << 8 * (i % 4);
    }
    return params_add(k, FILTER_SCALEOFFSET, flags, NULL, PARAMS_SO_VALUES, v);
}

/* ---- the others ---- */

static hi5_status
params_shuffle(struct params *k, unsigned flags)
{
    const uint32_t size = (uint32_t)k->type->size;

    TRY(params_check_size(k, "shuffle"));
    return params_add(k, FILTER_SHUFFLE, flags, NULL, 1, &size);
}

static hi5_status
params_lzf(struct params *k, unsigned flags)
{
    const uint32_t values[] = {PARAMS_LZF_REVISION, PARAMS_LZF_VERSION,
                               (uint32_t)(k->count * k->type->size)};

    return params_add(k, FILTER_LZF, flags, "lzf", 3, values);
}

/* Given: elements per block, compression. */
static hi5_status
params_bitshuffle(struct params *k, const hi5_filter *f)
{
    uint32_t values[5] = {0, 4, (uint32_t)k->type->size};

    TRY(params_check_size(k, "bitshuffle"));
    for (unsigned i = 0; i < f->nvalues; i++)
        values[3 + i] = f->values[i];
    return params_add(k, f->id, f->flags, f->name, 3 + f->nvalues, values);
}

/* Given: nothing, or zeros for the first four. */
static hi5_status
params_blosc(struct params *k, const hi5_filter *f)
{
    const hi5_type *const t = k->type->cls == HI5_ARRAY ? k->type->base : k->type;
    const unsigned n = f->nvalues < 4 ? 4 : f->nvalues < 7 ? f->nvalues : 7;
    uint32_t values[7] = {0};

    TRY(params_check_size(k, "blosc"));
    for (unsigned i = 4; i < n; i++)
        values[i] = f->values[i];
    values[0] = values[1] = 2; /* of the plugin's parameters, of the format */
    values[2] = t->size <= 255 ? (uint32_t)t->size : 1;
    values[3] = (uint32_t)(k->count * k->type->size);
    return params_add(k, f->id, f->flags, f->name, n, values);
}

/* ---- all of them ---- */

/* A filter that was asked for by its name is there, or it is said that it is not. */
static hi5_status
params_there(const struct params *k, unsigned id)
{
    if (encode_can(k->plugins, id))
        return HI5_OK;
    return err_plain(k->err, HI5_E_FILTER,
                     "filter %u (%s) cannot be applied by this build", id,
                     hi5_filter_known_name(id));
}

static hi5_status
params_usual(struct params *k, const hi5_dataset_options *o)
{
    const uint32_t level = o->deflate;

    if (o->deflate > 9)
        return err_plain(k->err, HI5_E_ARG, "deflate level %u; there are 1 to 9",
                         o->deflate);
    if (o->scaleoffset)
        TRY(params_scaleoffset(k, FILTER_OPTIONAL, o->scale));
    if (o->nbit)
        TRY(params_nbit(k, FILTER_OPTIONAL));
    if (o->shuffle)
        TRY(params_shuffle(k, FILTER_OPTIONAL));
    if (o->deflate != 0)
        TRY(params_add(k, FILTER_DEFLATE, FILTER_OPTIONAL, NULL, 1, &level));
    if (o->lzf)
        TRY(params_lzf(k, FILTER_OPTIONAL));
    if (o->szip != 0) {
        TRY(params_there(k, FILTER_SZIP));
        TRY(params_szip(k, FILTER_OPTIONAL,
                        o->szip_ec ? PARAMS_SZIP_EC : PARAMS_SZIP_NN, o->szip));
    }
    if (o->fletcher32)
        TRY(params_add(k, FILTER_FLETCHER32, 0, NULL, 0, NULL));
    return HI5_OK;
}

/* Complete what is not complete. A caller's own filter is the caller's business. */
static hi5_status
params_given(struct params *k, const hi5_filter *f)
{
    const unsigned n = f->nvalues;
    const unsigned id = encode_can(NULL, f->id) ? f->id : 0;

    if (id == FILTER_SHUFFLE && n == 0)
        return params_shuffle(k, f->flags);
    if (id == FILTER_LZF && n == 0)
        return params_lzf(k, f->flags);
    if (id == FILTER_NBIT && n == 0)
        return params_nbit(k, f->flags);
    if (id == FILTER_SCALEOFFSET && n == 2)
        return params_scaleoffset(k, f->flags, f->values[1]);
    if (id == FILTER_SZIP && n == 2)
        return params_szip(k, f->flags, f->values[0], f->values[1]);
    if (id == FILTER_BITSHUFFLE && n <= 2)
        return params_bitshuffle(k, f);
    if (id == FILTER_BLOSC && (n < 4 || f->values[2] == 0))
        return params_blosc(k, f);
    return params_add(k, f->id, f->flags, f->name, n, f->values);
}

HI5_INT hi5_status
filter_params_make(hi5_file *f, const hi5_dataset_options *o, const hi5_type *type,
                   const struct msg_fill *fill, const uint64_t *chunk, unsigned rank,
                   struct arena *a, struct pipeline *p, hi5_error *err)
{
    struct params k = {.arena = a,
                       .plugins = &f->options.plugins,
                       .type = type,
                       .fill = fill,
                       .chunk = chunk,
                       .rank = rank,
                       .count = 1,
                       .p = p,
                       .err = err};

    *p = (struct pipeline){.version = f->edit->compat == HI5_COMPAT_EARLIEST ? 1 : 2};
    p->filter = arena_zalloc(a, PIPE_MOST, sizeof *p->filter);
    if (p->filter == NULL)
        return mem_fail(a->mem, PIPE_MOST * sizeof *p->filter, err);
    for (unsigned i = 0; i < rank; i++)
        k.count *= chunk[i];
    for (size_t i = 0; i < o->nfilters; i++)
        TRY(params_given(&k, &o->filters[i]));
    return o->nfilters != 0 ? HI5_OK : params_usual(&k, o);
}
