/*
 * dataset_create.c - new datasets: from options to header messages
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/edit.h"
#include "file/dataset.h"
#include "file/external_edit.h"
#include "file/filter_params.h"
#include "file/type_edit.h"
#include "file/vds_edit.h"
#include "file/write.h"
#include "format/sohm_edit.h"
#include "space/convert.h"
#include <string.h>

#define CREATE_HEADER 256u /* bytes of messages that libhdf5 makes room for */
#define CREATE_COMPACT 65520u /* what a layout message can hold */

/* A dataset in the making. Everything lives in the arena. */
struct making {
    hi5_file *file;
    const hi5_dataset_options *o;
    struct arena arena;
    hi5_error *err;
    const hi5_type *given;     /* as the caller has it */
    const hi5_type *type;      /* as stored */
    hi5_shape shape;
    bool chunked;
    uint64_t bytes;            /* of all elements */
    uint64_t chunk_bytes;
    struct pipeline pipeline;
    struct msg_fill fill;
    struct msg_layout layout;
    struct msg_efl efl;
    struct ohdr_put put[9];
    size_t nput;
};

/* ---- shape, chunks ---- */

static hi5_status
making_check_shape(struct making *k)
{
    const hi5_shape *const s = &k->shape;
    uint64_t n;

    if (s->rank > HI5_MAX_RANK)
        return err_plain(k->err, HI5_E_ARG, "rank %u; at most 32 can be stored", s->rank);
    for (unsigned i = 0; i < s->rank; i++) {
        if (s->dims[i] == HI5_UNLIMITED)
            return err_plain(k->err, HI5_E_ARG, "dimension %u is unlimited; only its "
                             "maximum can be", i);
        if (s->max[i] < s->dims[i])
            return err_plain(k->err, HI5_E_ARG, "dimension %u is %llu, more than its "
                             "maximum %llu", i, (unsigned long long)s->dims[i],
                             (unsigned long long)s->max[i]);
    }
    n = hi5_shape_count(s);
    if (n == UINT64_MAX || !ckd_mul64(n, k->type->size, &k->bytes))
        return err_plain(k->err, HI5_E_ARG, "the dataset would have 2^64 bytes or more");
    return HI5_OK;
}

static bool
making_grows(const hi5_shape *s)
{
    for (unsigned i = 0; i < s->rank; i++)
        if (s->max[i] != s->dims[i])
            return true;
    return false;
}

static bool
making_filters(const hi5_dataset_options *o)
{
    return o->scaleoffset || o->nbit || o->shuffle || o->deflate != 0 || o->lzf ||
           o->szip != 0 || o->fletcher32 || o->nfilters != 0;
}

/* Of no mappings, too: then there is nothing but the fill value. */
static bool
making_virtual(const hi5_dataset_options *o)
{
    return o->mapping != NULL || o->nmapping != 0;
}

/* 2^(log10 x) for x > 0, without a mathematics library. */
static double
making_pow(double x)
{
    double log2 = 0, bit = 1, y, sum = 1, term = 1;

    for (; x >= 2; x /= 2)
        log2 += 1;
    for (; x < 1; x *= 2)
        log2 -= 1;
    for (unsigned i = 0; i < 52; i++) {
        x *= x;
        bit /= 2;
        if (x >= 2) {
            x /= 2;
            log2 += bit;
        }
    }
    y = log2 * 0.30102999566398119521 * 0.69314718055994530942; /* log10 2, ln 2 */
    for (unsigned i = 1; i < 40; i++) {
        term *= y / i;
        sum += term;
    }
    return sum;
}

/* h5py's guess: halve one dimension after the other until a chunk has about as many bytes
 * as a dataset of that size should have in one. */
HI5_INT void
layout_guess_chunk(const hi5_shape *shape, size_t size, uint64_t *chunk)
{
    const unsigned rank = shape->rank;
    double all = (double)size, target;

    for (unsigned i = 0; i < rank; i++) {
        chunk[i] = shape->dims[i] != 0 ? shape->dims[i] : 1024;
        all *= (double)chunk[i];
    }
    target = 16384 * making_pow(all / (1024 * 1024));
    target = target < 8192 ? 8192 : target > 1048576 ? 1048576 : target;
    for (unsigned i = 0;; i++) {
        double now = (double)size, away;
        bool ones = true;

        for (unsigned j = 0; j < rank; j++) {
            now *= (double)chunk[j];
            ones &= chunk[j] == 1;
        }
        away = (now < target ? target - now : now - target) / target;
        if (((now < target || away < 0.5) && now < 1048576) || ones)
            return;
        chunk[i % rank] = (chunk[i % rank] + 1) / 2;
    }
}

static hi5_status
making_chunks(struct making *k)
{
    const hi5_dataset_options *const o = k->o;
    const unsigned rank = k->shape.rank;
    const bool large = k->file->edit->compat >= HI5_COMPAT_V200 && k->file->meta.len_w >= 8;
    const uint64_t most = large ? INT64_MAX : UINT32_MAX;
    uint64_t bytes = k->type->size;

    k->chunked = o->chunk != NULL || o->auto_chunk || making_filters(o) ||
                 (making_grows(&k->shape) && !making_virtual(o) && o->nexternal == 0);
    if (!k->chunked)
        return HI5_OK;
    if (rank == 0)
        return err_plain(k->err, HI5_E_ARG, "a scalar cannot be chunked or filtered");
    if (o->compact || o->nexternal != 0 || making_virtual(o))
        return err_plain(k->err, HI5_E_ARG, "compact, external and virtual datasets have "
                         "no chunks and no filters; compact ones cannot grow");
    if (o->chunk == NULL)
        layout_guess_chunk(&k->shape, k->type->size, k->layout.dim);
    for (unsigned i = 0; i < rank; i++) {
        if (o->chunk != NULL)
            k->layout.dim[i] = o->chunk[i];
        if (k->layout.dim[i] == 0 || k->layout.dim[i] > most)
            return err_plain(k->err, HI5_E_ARG, "a chunk of %llu in dimension %u",
                             (unsigned long long)k->layout.dim[i], i);
        if (k->shape.max[i] == k->shape.dims[i] && k->layout.dim[i] > k->shape.dims[i] &&
            k->shape.dims[i] != 0)
            return err_plain(k->err, HI5_E_ARG, "a chunk of %llu in dimension %u, which "
                             "has %llu", (unsigned long long)k->layout.dim[i], i,
                             (unsigned long long)k->shape.dims[i]);
        if (!ckd_mul64(bytes, k->layout.dim[i], &bytes) || bytes > most)
            return err_plain(k->err, HI5_E_ARG, "a chunk would have 4 GiB or more, which "
                             "takes HI5_COMPAT_V200 and lengths of 8 bytes");
    }
    k->layout.dim[rank] = k->type->size;
    k->chunk_bytes = bytes;
    return HI5_OK;
}

/* ---- fill value ---- */

/* Of variable length, it goes to the heap, and the file is changed: `now` is then when all
 * that can be wrong with the caller's wishes has been looked at. */
static hi5_status
making_fill_value(struct making *k, bool now)
{
    const hi5_dataset_options *const o = k->o;
    const struct conv_env env = object_conv_env(k->file);
    const struct conv *path;
    hi5_type *memory = NULL;
    uint8_t *value;
    hi5_status s;

    if (o->fill_type == NULL)
        TRY(hi5_type_memory(k->type, &memory, k->err));
    value = arena_zalloc(&k->arena, 1, k->type->size);
    s = value != NULL ? conv_open(o->fill_type != NULL ? o->fill_type : memory, k->type,
                                  &env, &k->arena, &path, k->err)
                      : mem_fail(&k->file->mem, k->type->size, k->err);
    if (s == HI5_OK && k->type->cls == HI5_REFERENCE &&
        (o->fill_type == NULL || o->fill_type->in_memory))
        s = conv_check_refs(k->type, o->fill, 1, k->err);
    if (s == HI5_OK && now)
        s = conv_run(path, o->fill, value, 1, k->err);
    hi5_type_free(memory);
    k->fill.status = HI5_FILL_USER;
    k->fill.size = (uint32_t)k->type->size;
    k->fill.value = value;
    return s;
}

static bool
making_fill_is_late(const struct making *k)
{
    return k->type->has_vlen || k->type->has_ref;
}

static hi5_status
making_fill(struct making *k)
{
    static const uint8_t times[] = {2, 0, 1}; /* by hi5_fill_time */
    const hi5_dataset_options *const o = k->o;

    if ((unsigned)o->fill_time > HI5_FILL_NEVER ||
        (unsigned)o->alloc_time > HI5_ALLOC_INCREMENTAL)
        return err_plain(k->err, HI5_E_ARG, "unknown fill time or allocation time");
    if (o->no_fill && (o->fill != NULL || o->fill_time == HI5_FILL_ALLOC))
        return err_plain(k->err, HI5_E_ARG, "an undefined fill value cannot be written");
    k->fill = (struct msg_fill){
        .version = k->file->edit->compat == HI5_COMPAT_EARLIEST ? 2 : 3,
        .alloc_time = o->alloc_time != HI5_ALLOC_DEFAULT ? (uint8_t)o->alloc_time
                      : o->compact                       ? HI5_ALLOC_EARLY
                      : k->chunked                       ? HI5_ALLOC_INCREMENTAL
                                                         : HI5_ALLOC_LATE,
        .write_time = o->fill_time == HI5_FILL_IFSET && k->type->has_vlen
                          ? 0 /* as libhdf5: what it points to must be nothing */
                          : times[o->fill_time],
        .status = o->no_fill ? HI5_FILL_UNDEFINED : HI5_FILL_DEFAULT,
    };
    return o->fill != NULL ? making_fill_value(k, !making_fill_is_late(k)) : HI5_OK;
}

/* ---- layout ---- */

/* Bytes of a chunk of l->dim. */
static uint64_t
layout_chunk_bytes(const hi5_shape *s, const struct msg_layout *l)
{
    uint64_t n = 1;

    for (unsigned i = 0; i <= s->rank; i++)
        if (!ckd_mul64(n, l->dim[i], &n))
            return UINT64_MAX;
    return n;
}

/* Can the file's lengths say how many bytes a chunk has? */
static bool
layout_fits_length(const hi5_file *f, uint64_t chunk_bytes)
{
    return f->meta.len_w >= 8 || chunk_bytes >> (8 * f->meta.len_w) == 0;
}

/* From 2.0 on: 3 without chunks; 5, where sizes have the width of lengths, for chunks that
 * are filtered or have 4 GiB; else 4. 1.10 to 1.14 know 4 alone.
 * NOTE(lib): where lengths are narrower than 8 bytes libhdf5 does not know an unlimited
 * dimension when it reads it again, and then cannot open an extensible array. */
static uint8_t
layout_version(const hi5_file *f, const hi5_shape *s, bool filtered,
               const struct msg_layout *l)
{
    const hi5_compat compat = f->edit->compat;
    bool unlimited = false;
    uint64_t bytes;

    for (unsigned i = 0; i < s->rank; i++)
        unlimited |= s->max[i] == HI5_UNLIMITED;
    if (compat < HI5_COMPAT_V110 || (unlimited && f->meta.len_w < 8))
        return 3;
    if (compat < HI5_COMPAT_V200)
        return 4;
    if (l->cls != HI5_CHUNKED)
        return 3;
    bytes = layout_chunk_bytes(s, l);
    return bytes > UINT32_MAX || (filtered && layout_fits_length(f, bytes)) ? 5 : 4;
}

static void
layout_choose_index(const hi5_file *f, const hi5_shape *s, bool filtered,
                    unsigned alloc_time, struct msg_layout *l)
{
    unsigned unlimited = 0;
    bool single = true;

    l->index = HI5_INDEX_BTREE1;
    if (l->version < 4)
        return;
    for (unsigned i = 0; i < s->rank; i++) {
        unlimited += s->max[i] == HI5_UNLIMITED;
        single &= s->dims[i] == s->max[i] && s->dims[i] == l->dim[i];
    }
    if (unlimited > 1) {
        l->index = HI5_INDEX_BTREE2;
        l->bt2_node_size = 2048;
        l->bt2_split = 100;
        l->bt2_merge = 40;
    } else if (unlimited == 1) {
        l->index = HI5_INDEX_EXTENSIBLE_ARRAY;
        l->ea_max_bits = 32;
        l->ea_index_elements = 4;
        l->ea_min_pointers = 4;
        l->ea_min_elements = 16;
        l->ea_page_bits = 10;
    } else if (single && (!filtered || layout_fits_length(f, layout_chunk_bytes(s, l)))) {
        l->index = HI5_INDEX_SINGLE;
        l->flags |= filtered ? 2 : 0;
    } else if (!filtered && alloc_time == HI5_ALLOC_EARLY) {
        l->index = HI5_INDEX_IMPLICIT;
    } else {
        l->index = HI5_INDEX_FIXED_ARRAY;
        l->fa_page_bits = 10;
    }
}

HI5_INT void
layout_choose(const hi5_file *f, const hi5_shape *s, bool filtered, unsigned alloc_time,
              struct msg_layout *l)
{
    l->version = layout_version(f, s, filtered, l);
    l->addr = ADDR_NONE;
    if (l->cls == HI5_VIRTUAL)
        l->version = 4; /* no other knows this class */
    if (l->cls != HI5_CHUNKED)
        return;
    l->ndims = (uint8_t)(s->rank + 1);
    for (unsigned i = 0; i <= s->rank; i++)
        if (ckd_enc_size(l->dim[i]) > l->enc_w)
            l->enc_w = (uint8_t)ckd_enc_size(l->dim[i]);
    layout_choose_index(f, s, filtered, alloc_time, l);
}

static bool
making_is_compact(const struct making *k)
{
    return k->o->compact && !k->chunked && !making_virtual(k->o);
}

static hi5_status
making_compact(struct making *k)
{
    uint8_t *data;

    data = arena_zalloc(&k->arena, 1, (size_t)k->bytes + 1);
    if (data == NULL)
        return mem_fail(&k->file->mem, k->bytes, k->err);
    if (k->fill.status == HI5_FILL_USER && k->type->has_vlen)
        TRY(write_copies(k->file, k->type, k->fill.value, data, k->bytes / k->fill.size,
                         k->err));
    else if (k->fill.status == HI5_FILL_USER)
        for (uint64_t i = 0; i < k->bytes; i += k->fill.size)
            memcpy(data + i, k->fill.value, k->fill.size);
    k->layout.cls = HI5_COMPACT;
    k->layout.size = k->bytes;
    k->layout.data = data;
    return HI5_OK;
}

static hi5_status
making_layout(struct making *k)
{
    struct msg_layout *const l = &k->layout;

    l->cls = making_virtual(k->o)   ? HI5_VIRTUAL
             : making_is_compact(k) ? HI5_COMPACT
             : k->chunked           ? HI5_CHUNKED
                                    : HI5_CONTIGUOUS;
    layout_choose(k->file, &k->shape, k->pipeline.n != 0, k->fill.alloc_time, l);
    if (l->cls == HI5_VIRTUAL)
        return vds_put(k->file, k->o->mapping, k->o->nmapping, &l->addr, &l->heap_index,
                       k->err);
    if (l->cls == HI5_COMPACT)
        return making_compact(k);
    if (l->cls == HI5_CONTIGUOUS)
        l->size = k->bytes;
    return HI5_OK;
}

/* ---- messages ---- */

static hi5_status
making_put(struct making *k, unsigned type, unsigned flags, void *from)
{
    return edit_message(&k->file->meta, &k->arena, type, flags, from,
                        &k->put[k->nput++], k->err);
}

static hi5_status
making_messages(struct making *k)
{
    const bool old = k->file->edit->compat == HI5_COMPAT_EARLIEST;
    struct msg_space space = edit_space(k->file->edit, &k->shape);
    struct msg_fill fill_old = k->fill;

    TRY(making_put(k, MSG_SPACE, 0, &space));
    TRY(type_put(k->file, k->type, &k->arena, &k->put[k->nput++], k->err));
    TRY(making_put(k, MSG_FILL, MSG_F_CONSTANT, &k->fill));
    if (old && k->fill.status == HI5_FILL_USER) {
        fill_old.version = 0;
        TRY(making_put(k, MSG_FILL_OLD, MSG_F_CONSTANT, &fill_old));
    }
    if (k->pipeline.n != 0)
        TRY(making_put(k, MSG_PLINE, MSG_F_CONSTANT, &k->pipeline));
    TRY(making_put(k, MSG_LAYOUT, 0, &k->layout));
    if (k->o->nexternal != 0)
        TRY(making_put(k, MSG_EFL, MSG_F_CONSTANT, &k->efl));
    return HI5_OK;
}

/* ---- all of it ---- */

static hi5_status
making_prepare(struct making *k)
{
    hi5_file *const f = k->file;

    TRY(type_stored(f, k->given, &k->arena, &k->type, k->err));
    TRY(making_check_shape(k));
    TRY(making_chunks(k));
    if (making_virtual(k->o))
        TRY(vds_check(&k->shape, k->o->mapping, k->o->nmapping, k->err));
    if (k->o->nexternal != 0)
        TRY(external_check(k->o->external, k->o->nexternal, &k->shape, k->type->size,
                           k->err));
    if (making_is_compact(k) && k->bytes > CREATE_COMPACT)
        return err_plain(k->err, HI5_E_ARG, "%llu bytes of data do not fit into the header",
                         (unsigned long long)k->bytes);
    TRY(making_fill(k));
    TRY(filter_params_make(f, k->o, k->type, &k->fill, k->layout.dim, k->shape.rank,
                           &k->arena, &k->pipeline, k->err));
    return HI5_OK;
}

static struct edit_header
making_prefix(const hi5_dataset_options *o)
{
    return (struct edit_header){
        .tracked = o->track_attribute_order, .indexed = o->index_attribute_order,
        .times = o->times, .max_compact = o->max_compact_attributes,
        .min_dense = o->min_dense_attributes};
}

/* Early allocation: at once, filled. That is done by the code that writes. */
static hi5_status
making_header(struct making *k, uint64_t *addr)
{
    const struct edit_header h = making_prefix(k->o);
    const struct ohdr_prefix p = edit_prefix(k->file->edit, &h);
    int64_t now = 0;

    if (k->o->fill != NULL && making_fill_is_late(k))
        TRY(making_fill_value(k, true));
    if (k->o->nexternal != 0)
        TRY(external_list(k->file, k->o->external, k->o->nexternal, &k->arena, &k->efl,
                          k->err));
    TRY(making_layout(k));
    TRY(making_messages(k));
    if (edit_has_mtime(k->file->edit, &h, &p)) {
        now = edit_now();
        TRY(making_put(k, MSG_MTIME, 0, &now));
    }
    for (size_t i = 0; i < k->nput; i++)
        TRY(sohm_share(&k->file->shared, true, &k->put[i], &k->arena, k->err));
    TRY(ohdr_create(&k->file->meta, &p, k->put, k->nput,
                    k->o->small_header ? 0 : CREATE_HEADER, addr, k->err));
    for (size_t i = 0; i < k->nput; i++)
        TRY(sohm_enter(&k->file->shared, *addr, &k->put[i], k->err));
    return HI5_OK;
}

static hi5_status
dataset_create(hi5_file *f, uint64_t from, const char *path, struct making *k,
               uint64_t *addr)
{
    struct msg_link l = {.kind = HI5_LINK_HARD};
    uint64_t group;

    TRY(making_prepare(k));
    TRY(edit_place(f, from, path, !k->o->no_parents, &group, &l, k->err));
    TRY(making_header(k, &l.address));
    *addr = l.address;
    return edit_link(f, group, &l, NULL, k->err);
}

static hi5_status
dataset_create_open(hi5_file *f, uint64_t from, const char *path, const hi5_type *type,
                    const hi5_shape *shape, const hi5_dataset_options *options,
                    hi5_dataset **d, hi5_error *err)
{
    const hi5_dataset_options usual = {.size = sizeof usual};
    struct making k = {.file = f, .o = options != NULL ? options : &usual, .err = err,
                       .given = type, .shape = *shape};
    struct edit_header header;
    hi5_object *object;
    uint64_t addr = 0;
    hi5_status s;

    if (d != NULL)
        *d = NULL;
    if (k.o->size != sizeof *k.o)
        return err_plain(err, HI5_E_ARG, "hi5_dataset_options.size is %zu, expected %zu",
                         k.o->size, sizeof *k.o);
    header = making_prefix(k.o);
    TRY(edit_check_header(&header, err));
    TRY(edit_begin(f, err));
    arena_init(&k.arena, &f->mem);
    s = dataset_create(f, from, path, &k, &addr);
    if (s == HI5_OK && k.fill.alloc_time == HI5_ALLOC_EARLY && !k.o->compact &&
        k.o->nexternal == 0 && !making_virtual(k.o))
        s = dataset_allocate(f, addr, err);
    s = edit_end(f, s, err);
    arena_done(&k.arena);
    if (s != HI5_OK)
        return err_path(err, s, f->path, path);
    if (d == NULL)
        return HI5_OK;
    TRY(object_open(f, addr, path, &object, err));
    s = dataset_open(object, NULL, d, err);
    hi5_object_close(object);
    return s;
}

hi5_status
hi5_dataset_create(hi5_file *f, const char *path, const hi5_type *type, unsigned rank,
                   const uint64_t *dims, const hi5_dataset_options *options,
                   hi5_dataset **d, hi5_error *err)
{
    hi5_shape shape = {.kind = rank != 0 ? HI5_SIMPLE : HI5_SCALAR, .rank = rank};

    err_clear(err);
    if (rank > HI5_MAX_RANK)
        return err_plain(err, HI5_E_ARG, "rank %u; at most 32 can be stored", rank);
    for (unsigned i = 0; i < rank; i++) {
        shape.dims[i] = dims[i];
        shape.max[i] = options != NULL && options->max != NULL ? options->max[i] : dims[i];
    }
    return dataset_create_open(f, f->super.root, path, type, &shape, options, d, err);
}

hi5_status
hi5_dataset_create_at(hi5_group *parent, const char *path, const hi5_type *type,
                      const hi5_shape *shape, const hi5_dataset_options *options,
                      hi5_dataset **d, hi5_error *err)
{
    const hi5_object *const o = hi5_group_object(parent);

    err_clear(err);
    if (object_here(o, err) != HI5_OK)
        return object_error(o, HI5_E_STATE, err);
    return dataset_create_open(o->file, o->head->addr, path, type, shape, options, d, err);
}
