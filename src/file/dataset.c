/*
 * dataset.c - opening datasets, and what can be asked of them
 */
#include "file/dataset.h"
#include "base/ckd.h"
#include "base/err.h"
#include "file/strings.h"
#include "format/lheap.h"
#include "space/convert.h"
#include <string.h>

/* ---- opening ---- */

/* A cursor on the first message of a type; false if there is none. */
static hi5_status
dataset_message(hi5_dataset *d, unsigned type, bool needed, bool *found, struct cur *c,
                hi5_error *err)
{
    const struct ohdr_msg *m = ohdr_first(d->object->head, type);

    *found = m != NULL;
    if (m == NULL && needed)
        return err_set(err, HI5_E_CORRUPT, d->object->head->addr, "object header", "",
                       "IV.A.1", "a dataset without a %s message", msg_name(type));
    if (m == NULL)
        return HI5_OK;
    return object_message(d->file, m, &d->arena, c, NULL, err);
}

static hi5_status
dataset_load_space(hi5_dataset *d, hi5_error *err)
{
    struct msg_space m;
    struct cur c;
    bool found;

    TRY(dataset_message(d, MSG_SPACE, true, &found, &c, err));
    msg_space_code(&c, &m);
    d->shape = m.shape;
    return c.status;
}

static hi5_status
dataset_load_pipeline(hi5_dataset *d, hi5_error *err)
{
    struct cur c;
    bool found;

    TRY(dataset_message(d, MSG_PLINE, false, &found, &c, err));
    if (!found)
        return HI5_OK;
    msg_pline_code(&c, &d->pipeline);
    return c.status;
}

/* A fill value that cannot be decoded matters only where it is needed. */
static void
dataset_load_fill(hi5_dataset *d)
{
    static const uint8_t usual_time[] = {1, 2, 3, 3}; /* by layout class */
    struct cur c;
    bool found;

    /* Without a message: what libhdf5 reports for files that old. */
    const struct msg_fill none = {.status = HI5_FILL_UNDEFINED,
                                  .alloc_time = usual_time[d->layout.cls & 3],
                                  .write_time = 2};

    d->fill = none;
    d->fill_status = dataset_message(d, MSG_FILL, false, &found, &c, NULL);
    if (d->fill_status == HI5_OK && found) {
        msg_fill_code(&c, &d->fill);
        d->fill_status = c.status;
    } else if (d->fill_status == HI5_OK) {
        d->fill_status = dataset_message(d, MSG_FILL_OLD, false, &found, &c, NULL);
        if (d->fill_status == HI5_OK && found) {
            msg_fill_old_code(&c, &d->fill);
            d->fill_status = c.status;
        }
    }
    if (d->fill_status != HI5_OK)
        d->fill = none;
}

static hi5_status
dataset_load_externals(hi5_dataset *d, hi5_error *err)
{
    struct lheap_view heap;
    struct msg_efl m = {0};
    struct cur c;
    bool found;
    hi5_status s = HI5_OK;

    TRY(dataset_message(d, MSG_EFL, false, &found, &c, err));
    if (!found)
        return HI5_OK;
    msg_efl_code(&c, &m);
    if (!cur_ok(&c))
        return c.status;
    d->external = arena_zalloc(&d->arena, m.nused, sizeof *d->external);
    if (d->external == NULL)
        return mem_fail(&d->file->mem, m.nused * sizeof *d->external, err);
    TRY(lheap_open(&d->file->meta, m.heap, &heap, err));
    for (unsigned i = 0; s == HI5_OK && i < m.nused; i++) {
        const char *name;
        s = lheap_string(&heap, m.slot[i].name_off, &name, err);
        if (s != HI5_OK)
            break;
        d->external[i].name = arena_str(&d->arena, name, strlen(name));
        d->external[i].offset = m.slot[i].offset;
        d->external[i].size = m.slot[i].size;
        if (d->external[i].name == NULL)
            s = mem_fail(&d->file->mem, strlen(name), err);
    }
    lheap_close(&d->file->meta, &heap);
    d->nexternals = m.nused;
    return s;
}

HI5_INT void
dataset_grid(const struct msg_layout *l, const hi5_shape *shape, size_t each,
             struct cix_params *g)
{
    *g = (struct cix_params){
        .kind = l->version >= 4 ? (hi5_chunk_index)l->index : HI5_INDEX_BTREE1,
        .layout_version = l->version,
        .rank = shape->rank,
        .chunk_bytes = each,
        .addr = l->addr,
        .single_size = l->single_size,
        .single_mask = l->single_mask,
        .fa_page_bits = l->fa_page_bits,
        .ea_max_bits = l->ea_max_bits,
        .ea_index_elements = l->ea_index_elements,
        .ea_min_pointers = l->ea_min_pointers,
        .ea_min_elements = l->ea_min_elements,
        .ea_page_bits = l->ea_page_bits,
        .bt2_node_size = l->bt2_node_size,
        .bt2_split = l->bt2_split,
        .bt2_merge = l->bt2_merge,
    };
    for (unsigned i = 0; i < g->rank; i++) {
        g->chunk[i] = l->dim[i];
        g->dims[i] = shape->dims[i];
        g->max[i] = shape->max[i];
        if (!ckd_mul64(g->chunk_bytes, l->dim[i], &g->chunk_bytes))
            g->chunk_bytes = UINT64_MAX;
    }
}

/* Grid and index of a chunked dataset, from layout, dataspace and pipeline. */
static hi5_status
dataset_load_chunks(hi5_dataset *d, hi5_error *err)
{
    const struct msg_layout *l = &d->layout;
    struct cix_params *g = &d->grid;

    if (l->ndims != d->shape.rank + 1 || d->shape.rank == 0)
        return err_set(err, HI5_E_CORRUPT, d->object->head->addr, "data layout message",
                       "dimensionality", "IV.A.2.i",
                       "chunks of rank %d for a dataspace of rank %u", l->ndims - 1,
                       d->shape.rank);
    if (l->dim[d->shape.rank] != d->type->size)
        return err_set(err, HI5_E_CORRUPT, d->object->head->addr, "data layout message",
                       "dataset element size", "IV.A.2.i",
                       "%llu bytes, but the datatype has %zu",
                       (unsigned long long)l->dim[d->shape.rank], d->type->size);
    dataset_grid(l, &d->shape, d->type->size, g);
    g->filtered = d->pipeline.n > 0;
    g->k = d->file->super.chunk_k;
    if (l->addr == ADDR_NONE)
        return HI5_OK;
    d->table_pays = cix_table_pays(g, d->file->meta.limits.cache);
    atomic_store_explicit(&d->table_tried, d->table_pays == UINT64_MAX,
                          memory_order_relaxed);
    return cix_open(&d->file->meta, g, &d->arena, &d->cix, err);
}

static hi5_status
dataset_load(hi5_dataset *d, hi5_error *err)
{
    struct cur c;
    bool found;

    TRY(dataset_load_space(d, err));
    TRY(dataset_message(d, MSG_LAYOUT, true, &found, &c, err));
    msg_layout_code(&c, &d->layout);
    if (!cur_ok(&c))
        return c.status;
    TRY(dataset_load_pipeline(d, err));
    dataset_load_fill(d);
    switch ((hi5_layout_kind)d->layout.cls) {
    case HI5_CONTIGUOUS:
        return dataset_load_externals(d, err);
    case HI5_CHUNKED:
        return dataset_load_chunks(d, err);
    case HI5_VIRTUAL:
        return vds_open(d, err);
    case HI5_COMPACT:
        break;
    }
    return HI5_OK;
}

/* Data in one piece need few pages. */
static void
dataset_cache_init(hi5_dataset *d)
{
    const bool chunked = d->layout.cls == HI5_CHUNKED;
    const uint64_t asked = d->file->options.chunk_cache;
    uint64_t budget = asked != 0 ? asked : CHUNK_CACHE_DEFAULT;

    if (!chunked && budget > AHEAD_PAGES * AHEAD_PAGE)
        budget = AHEAD_PAGES * AHEAD_PAGE;
    chunk_cache_init(&d->cache, &d->file->mem, chunked ? d->shape.rank : 1, budget);
    ahead_init(&d->ahead);
}

HI5_INT hi5_status
dataset_open(hi5_object *o, const struct vds_use *use, hi5_dataset **out, hi5_error *err)
{
    struct mem *mem = &o->file->mem;
    hi5_dataset *d;
    hi5_status s;

    *out = NULL;
    if (o->kind != HI5_KIND_DATASET)
        return object_error(o, err_plain(err, HI5_E_TYPE, "not a dataset"), err);
    d = mem_zalloc(mem, 1, sizeof *d);
    if (d == NULL)
        return mem_fail(mem, sizeof *d, err);
    object_ref(o);
    d->object = o;
    d->file = o->file;
    d->above = use != NULL ? use->above : NULL;
    d->work = use != NULL ? use->work : NULL;
    arena_init(&d->arena, mem);
    s = object_read_type(o, &d->arena, &d->type, err);
    if (s == HI5_OK)
        s = dataset_load(d, err);
    dataset_cache_init(d);
    if (s != HI5_OK) {
        object_error(o, s, err);
        hi5_dataset_close(d);
        return s;
    }
    *out = d;
    return HI5_OK;
}

hi5_status
hi5_object_dataset(hi5_object *o, hi5_dataset **d, hi5_error *err)
{
    err_clear(err);
    return dataset_open(o, NULL, d, err);
}

hi5_status
hi5_dataset_open(hi5_file *f, const char *path, hi5_dataset **d, hi5_error *err)
{
    hi5_object *o;
    hi5_status s;

    *d = NULL;
    TRY(hi5_object_open(f, path, &o, err));
    s = hi5_object_dataset(o, d, err);
    hi5_object_close(o);
    return s;
}

void
hi5_dataset_close(hi5_dataset *d)
{
    hi5_object *o;
    struct mem *mem;

    if (d == NULL)
        return;
    o = d->object;
    mem = &d->file->mem;
    dataset_edit_leave(d);
    if (d->vds != NULL)
        vds_close(d);
    ahead_done(&d->ahead);
    chunk_cache_done(&d->cache);
    cix_table_free(atomic_load_explicit(&d->table, memory_order_relaxed));
    io_unmap(&d->map);
    arena_done(&d->arena);
    mem_free(mem, d, sizeof *d);
    hi5_object_close(o);
}

/* ---- asking ---- */

hi5_object *
hi5_dataset_object(hi5_dataset *d)
{
    return d->object;
}

const hi5_type *
hi5_dataset_type(const hi5_dataset *d)
{
    return d->type;
}

const hi5_shape *
hi5_dataset_shape(const hi5_dataset *d)
{
    return d->file->edit != NULL ? dataset_edit_shape(d) : &d->shape;
}

HI5_INT hi5_status
dataset_bytes(const hi5_dataset *d, uint64_t *n, hi5_error *err)
{
    const uint64_t count = hi5_shape_count(&d->shape);

    if (count == UINT64_MAX || !ckd_mul64(count, d->type->size, n))
        return err_plain(err, HI5_E_LIMIT, "the dataset has 2^64 bytes or more");
    return HI5_OK;
}

void
hi5_dataset_get_layout(const hi5_dataset *d, hi5_layout *l)
{
    const struct msg_layout *m = &d->layout;

    *l = (hi5_layout){
        .kind = (hi5_layout_kind)m->cls,
        .version = m->version,
        .address = m->cls == HI5_COMPACT ? m->data_addr : m->addr,
        .size = m->size,
        .index = d->grid.kind,
        .unfiltered_edges = m->cls == HI5_CHUNKED && m->version >= 4 &&
                            (m->flags & 1) != 0,
        .filters = d->pipeline.n,
        .externals = d->nexternals,
        .mappings = vds_count(d),
    };
    if (m->cls == HI5_CONTIGUOUS && m->version < 3 &&
        dataset_bytes(d, &l->size, NULL) != HI5_OK)
        l->size = 0;
    if (m->cls == HI5_CHUNKED) {
        l->rank = d->grid.rank;
        memcpy(l->chunk, d->grid.chunk, l->rank * sizeof *l->chunk);
    }
}

bool
hi5_dataset_filter(const hi5_dataset *d, size_t i, hi5_filter *f)
{
    if (i >= d->pipeline.n)
        return false;
    *f = d->pipeline.filter[i];
    if (f->name == NULL || f->name[0] == '\0')
        f->name = hi5_filter_known_name(f->id);
    return true;
}

bool
hi5_dataset_external(const hi5_dataset *d, size_t i, const char **name, uint64_t *offset,
                     uint64_t *size)
{
    if (i >= d->nexternals)
        return false;
    *name = d->external[i].name;
    *offset = d->external[i].offset;
    *size = d->external[i].size;
    return true;
}

bool
hi5_dataset_mapping(const hi5_dataset *d, size_t i, hi5_mapping *m)
{
    return vds_mapping(d, i, m);
}

void
hi5_dataset_get_fill(const hi5_dataset *d, hi5_fill *f)
{
    *f = (hi5_fill){
        .status = d->fill.status,
        .alloc_time = d->fill.alloc_time,
        .write_time = d->fill.write_time,
        .value = d->fill.value,
        .size = d->fill.size,
    };
}

hi5_status
hi5_dataset_read_fill(hi5_dataset *d, const hi5_type *memory, void *value,
                      hi5_error *err)
{
    hi5_type *made = NULL;
    hi5_status s;

    err_clear(err);
    if (memory == NULL) {
        TRY(hi5_type_memory(d->type, &made, err));
        memory = made;
    }
    s = dataset_fill_value(
        d, &(struct read_request){.memory = memory, .give = &d->file->mem, .err = err},
        value, 1);
    hi5_type_free(made);
    return object_error(d->object, s, err);
}

static hi5_status
dataset_add_size(void *ctx, const struct cix_chunk *chunk, hi5_error *err)
{
    (void)err;
    *(uint64_t *)ctx += chunk->size;
    return HI5_OK;
}

hi5_status
hi5_dataset_storage(hi5_dataset *d, uint64_t *bytes, hi5_error *err)
{
    hi5_status s = HI5_OK;

    err_clear(err);
    TRY(dataset_current(d, &d, err));
    *bytes = 0;
    switch ((hi5_layout_kind)d->layout.cls) {
    case HI5_COMPACT:
        *bytes = d->layout.size;
        break;
    case HI5_CONTIGUOUS:
        if (d->layout.addr == ADDR_NONE && d->nexternals == 0)
            break;
        /* NOTE(lib): libhdf5 works out no size for external data of version 1 and 2. */
        if (d->layout.version >= 3)
            *bytes = d->layout.size;
        else if (d->nexternals == 0)
            s = dataset_bytes(d, bytes, err);
        break;
    case HI5_CHUNKED:
        if (d->cix != NULL)
            s = cix_each(d->cix, dataset_add_size, bytes, err);
        break;
    case HI5_VIRTUAL:
        break;
    }
    return object_error(d->object, s, err);
}

/* ---- chunks as stored ---- */

struct dataset_chunk_ctx {
    const hi5_dataset *d;
    hi5_chunk_fn fn;
    void *ctx;
};

static void
dataset_public_chunk(const hi5_dataset *d, const struct cix_chunk *c, hi5_chunk *out)
{
    *out = (hi5_chunk){.address = c->addr, .size = c->size, .mask = c->mask};
    for (unsigned i = 0; i < d->grid.rank; i++)
        out->offset[i] = c->scaled[i] * d->grid.chunk[i];
}

static hi5_status
dataset_each_chunk_one(void *ctx, const struct cix_chunk *c, hi5_error *err)
{
    const struct dataset_chunk_ctx *x = ctx;
    hi5_chunk chunk;

    dataset_public_chunk(x->d, c, &chunk);
    return x->fn(x->ctx, &chunk, err);
}

static hi5_status
dataset_need_chunks(const hi5_dataset *d, hi5_error *err)
{
    if (d->layout.cls == HI5_CHUNKED)
        return HI5_OK;
    return err_plain(err, HI5_E_TYPE, "the dataset is not chunked");
}

hi5_status
hi5_dataset_each_chunk(hi5_dataset *d, hi5_chunk_fn fn, void *ctx, hi5_error *err)
{
    struct dataset_chunk_ctx x = {d, fn, ctx};
    hi5_status s;

    err_clear(err);
    TRY(dataset_current(d, &d, err));
    s = dataset_need_chunks(d, err);
    if (s == HI5_OK && d->cix != NULL)
        s = cix_each(d->cix, dataset_each_chunk_one, &x, err);
    return object_error(d->object, s, err);
}

hi5_status
hi5_dataset_get_chunk(hi5_dataset *d, const uint64_t *coord, hi5_chunk *chunk,
                      hi5_error *err)
{
    uint64_t scaled[HI5_MAX_RANK];
    struct cix_chunk c;
    hi5_status s;

    err_clear(err);
    TRY(dataset_current(d, &d, err));
    s = dataset_need_chunks(d, err);
    for (unsigned i = 0; s == HI5_OK && i < d->grid.rank; i++) {
        scaled[i] = coord[i] / d->grid.chunk[i];
        if (coord[i] >= d->shape.dims[i])
            s = err_plain(err, HI5_E_RANGE, "element %llu is outside of dimension %u",
                          (unsigned long long)coord[i], i);
    }
    if (s == HI5_OK)
        s = d->cix != NULL ? cix_find(d->cix, scaled, &c, err) : HI5_E_NOTFOUND;
    if (s == HI5_OK)
        dataset_public_chunk(d, &c, chunk);
    else if (s == HI5_E_NOTFOUND)
        err_plain(err, s, "the chunk has not been written");
    return object_error(d->object, s, err);
}

hi5_status
hi5_dataset_read_raw_chunk(hi5_dataset *d, const hi5_chunk *chunk, void *buf,
                           hi5_error *err)
{
    size_t n;

    err_clear(err);
    if (!ckd_size(chunk->size, &n))
        return object_error(d->object, err_plain(err, HI5_E_LIMIT, "chunk too large"),
                            err);
    return object_error(d->object,
                        meta_read(&d->file->meta, chunk->address, buf, n, err), err);
}
