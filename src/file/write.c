/*
 * write.c - writing the elements of a dataset
 */
#include "file/write_chunk.h"
#include "base/ckd.h"
#include "base/err.h"
#include "file/external_edit.h"
#include "file/read.h"
#include "file/vlen_edit.h"
#include <string.h>

/* ---- elements ---- */

/* The same where elements have something in the heap, piece by piece. */
static hi5_status
write_over(const struct dataset_edit *e, const struct write_request *q,
           const uint8_t *src, uint64_t n, uint8_t *dst)
{
    const uint8_t *copy = NULL;

    while (n > 0) {
        const size_t k = n < VLEN_PIECE ? (size_t)n : VLEN_PIECE;

        TRY(vlen_old_save(q->old, dst, k, &copy, q->err));
        TRY(conv_run(q->path, src, dst, k, q->err));
        TRY(vlen_old_note(q->old, copy, dst, k, q->err));
        src += k * q->memory->size;
        dst += k * e->type->size;
        n -= k;
    }
    return HI5_OK;
}

HI5_INT hi5_status
write_convert(const struct dataset_edit *e, const struct write_request *q, uint64_t pos,
              uint64_t n, uint8_t *dst)
{
    const uint8_t *const src = q->buf + (size_t)pos * q->memory->size;

    if (q->old != NULL)
        return write_over(e, q, src, n, dst);
    if (conv_is_copy(q->path)) {
        memcpy(dst, src, (size_t)n * e->type->size);
        return HI5_OK;
    }
    return conv_run(q->path, src, dst, (size_t)n, q->err);
}

HI5_INT void
write_fill(const struct dataset_edit *e, uint8_t *dst, uint64_t n)
{
    const size_t size = e->type->size, all = (size_t)n * size;
    size_t done = size;

    if (e->fill.status != HI5_FILL_USER || e->fill.size != size || n == 0) {
        memset(dst, 0, all);
        return;
    }
    memcpy(dst, e->fill.value, size);
    for (; done < all; done += done < all - done ? done : all - done)
        memcpy(dst + done, dst, done < all - done ? done : all - done);
}

/* By way of memory: what is in it is put into the heap anew for each of them. */
HI5_INT hi5_status
write_copies(hi5_file *f, const hi5_type *type, const uint8_t *value, uint8_t *dst,
             uint64_t n, hi5_error *err)
{
    const struct conv_env env = object_conv_env(f);
    const struct conv *in, *out;
    hi5_type *memory;
    uint8_t *element;
    struct arena a;
    hi5_status s;

    TRY(hi5_type_memory(type, &memory, err));
    arena_init(&a, &f->mem);
    element = arena_zalloc(&a, 1, memory->size);
    s = element != NULL ? conv_open(type, memory, &env, &a, &in, err)
                        : mem_fail(&f->mem, memory->size, err);
    if (s == HI5_OK)
        s = conv_open(memory, type, &env, &a, &out, err);
    if (s == HI5_OK)
        s = conv_run(in, value, element, 1, err);
    if (s == HI5_OK) {
        for (uint64_t i = 0; i < n; i++)
            memcpy(dst + (size_t)i * type->size, value, type->size);
        s = conv_run_apart(out, element, 0, dst, (size_t)n, err);
        conv_reclaim(memory, env.mem, element, 1);
    }
    arena_done(&a);
    hi5_type_free(memory);
    return s;
}

HI5_INT hi5_status
write_fill_own(const struct dataset_edit *e, uint8_t *dst, uint64_t n, hi5_error *err)
{
    if (n != 0 && e->type->has_vlen && e->fill.status == HI5_FILL_USER &&
        e->fill.size == e->type->size)
        return write_copies(e->object->file, e->type, e->fill.value, dst, n, err);
    write_fill(e, dst, n);
    return HI5_OK;
}

HI5_INT bool
write_fills(const struct dataset_edit *e)
{
    return e->fill.write_time == 0 ||
           (e->fill.write_time == 2 && e->fill.status == HI5_FILL_USER);
}

HI5_INT hi5_status
write_keep_fill(const struct dataset_edit *e, struct vlen_old *old, hi5_error *err)
{
    return e->fill.status == HI5_FILL_USER && e->fill.size == e->type->size
               ? vlen_old_keep(old, e->fill.value, err)
               : HI5_OK;
}

/* ---- one write ---- */

static hi5_status
write_layout(struct dataset_edit *e, const struct write_request *q)
{
    switch ((hi5_layout_kind)e->layout.cls) {
    case HI5_COMPACT:
        return write_compact(e, q);
    case HI5_CONTIGUOUS:
        return ohdr_first(e->object->head, MSG_EFL) != NULL ? write_external(e, q)
                                                            : write_contiguous(e, q);
    case HI5_CHUNKED:
        return write_chunks(e, q);
    case HI5_VIRTUAL:
        break;
    }
    return err_plain(q->err, HI5_E_UNSUPPORTED,
                     "virtual datasets are written through their sources");
}

/* Does a compound in memory leave out members of the stored one, or does an element have
 * bytes between its members? Then elements keep what is there. */
static bool
write_keeps(const hi5_type *stored, const hi5_type *memory)
{
    if (stored->cls == HI5_ARRAY)
        return memory->cls == HI5_ARRAY && write_keeps(stored->base, memory->base);
    if (stored->cls != HI5_COMPOUND || memory->cls != HI5_COMPOUND)
        return false;
    if (memory->members < stored->members)
        return true;
    for (uint32_t i = 0; i < stored->members; i++) {
        const hi5_member *const m = &stored->member[i];
        uint32_t k = 0;

        while (k < memory->members && strcmp(memory->member[k].name, m->name) != 0)
            k++;
        if (k == memory->members || write_keeps(m->type, memory->member[k].type))
            return true;
    }
    return false;
}

static hi5_status
write_check_selection(const struct dataset_edit *e, const hi5_selection *s,
                      hi5_error *err)
{
    if (hi5_selection_rank(s) != e->shape.rank)
        return err_plain(err, HI5_E_ARG, "a selection of rank %u for a dataset of rank %u",
                         hi5_selection_rank(s), e->shape.rank);
    for (unsigned i = 0; i < e->shape.rank; i++)
        if (sel_extent(s)[i] != e->shape.dims[i])
            return err_plain(err, HI5_E_ARG, "the selection was made for another shape: "
                             "dimension %u is %llu, not %llu", i,
                             (unsigned long long)sel_extent(s)[i],
                             (unsigned long long)e->shape.dims[i]);
    if (!sel_fits(s))
        return err_plain(err, HI5_E_RANGE, "the selection reaches beyond the extent");
    return HI5_OK;
}

/* What the elements have in the heap goes when others are in their place. */
static hi5_status
write_layout_over(struct dataset_edit *e, struct write_request *q)
{
    struct vlen_old old;
    hi5_status s;

    vlen_old_init(&old, e->object->file, e->type);
    q->old = &old;
    s = write_keep_fill(e, &old, q->err);
    if (s == HI5_OK)
        s = write_layout(e, q);
    if (s == HI5_OK)
        s = vlen_old_give(&old, q->err);
    vlen_old_done(&old);
    return s;
}

/* Is everything one run of elements, in this file? */
static bool
write_is_run(const struct dataset_edit *e)
{
    return e->layout.cls == HI5_CONTIGUOUS && !e->type->has_vlen &&
           ohdr_first(e->object->head, MSG_EFL) == NULL;
}

/* @param selection  NULL: everything, where that is one run */
static hi5_status
write_selected(struct dataset_edit *e, const hi5_selection *selection,
               const hi5_type *memory, const void *buf, hi5_error *err)
{
    hi5_file *const f = e->object->file;
    const struct conv_env env = object_conv_env(f);
    struct write_request q = {.selection = selection, .memory = memory, .buf = buf,
                              .keeps = write_keeps(e->type, memory), .err = err};
    struct arena a;
    hi5_status s;

    if (selection != NULL ? hi5_selection_count(selection) == 0
                          : hi5_shape_count(&e->shape) == 0)
        return HI5_OK;
    arena_init(&a, &f->mem);
    s = conv_open(memory, e->type, &env, &a, &q.path, err);
    if (s == HI5_OK && e->type->cls == HI5_REFERENCE && memory->in_memory)
        s = conv_check_refs(e->type, buf,
                            (size_t)(selection != NULL ? hi5_selection_count(selection)
                                                       : hi5_shape_count(&e->shape)),
                            err);
    if (s == HI5_OK)
        s = conv_check_lengths(memory, buf,
                               (size_t)(selection != NULL
                                            ? hi5_selection_count(selection)
                                            : hi5_shape_count(&e->shape)),
                               err);
    if (s == HI5_OK)
        s = e->type->has_vlen && e->layout.cls != HI5_VIRTUAL &&
                    ohdr_first(e->object->head, MSG_EFL) == NULL
                ? write_layout_over(e, &q)
                : write_layout(e, &q);
    arena_done(&a);
    return s;
}

/* A selection of all, where none is given. */
static hi5_status
write_any(struct dataset_edit *e, const hi5_selection *selection, const hi5_type *memory,
          const void *buf, hi5_error *err)
{
    hi5_selection *all = NULL;
    hi5_type *made = NULL;
    hi5_status s = HI5_OK;

    if (selection != NULL)
        TRY(write_check_selection(e, selection, err));
    else if (!write_is_run(e))
        TRY(sel_create(&e->object->file->mem, &e->shape, &all, err));
    if (memory == NULL)
        s = hi5_type_memory(e->type, &made, err);
    if (s == HI5_OK)
        s = write_selected(e, selection != NULL ? selection : all,
                           memory != NULL ? memory : made, buf, err);
    hi5_type_free(made);
    hi5_selection_free(all);
    return s;
}

/* ---- public ---- */

static hi5_status
write_end(hi5_dataset *d, hi5_status s, hi5_error *err)
{
    return object_error(d->object, edit_end(d->file, s, err), err);
}

hi5_status
hi5_dataset_write(hi5_dataset *d, const hi5_selection *selection, const hi5_type *memory,
                  const void *buf, hi5_error *err)
{
    struct dataset_edit *e;
    hi5_status s;

    err_clear(err);
    TRY(edit_begin(d->file, err));
    s = dataset_edit_get(d, &e, err);
    if (s == HI5_OK)
        s = write_any(e, selection, memory, buf, err);
    return write_end(d, s, err);
}

/* Numbers in chunks, a box of them inside the extent: rows that are appended. */
static bool
write_is_simple(const struct dataset_edit *e, const uint64_t *start,
                const uint64_t *count, const hi5_type *memory)
{
    if (e->layout.cls != HI5_CHUNKED || e->shape.rank == 0 || memory == NULL ||
        (e->type->cls != HI5_INTEGER && e->type->cls != HI5_FLOAT) ||
        (memory->cls != HI5_INTEGER && memory->cls != HI5_FLOAT))
        return false;
    for (unsigned i = 0; i < e->shape.rank; i++)
        if (count[i] == 0 || start[i] > e->shape.dims[i] ||
            count[i] > e->shape.dims[i] - start[i])
            return false;
    return true;
}

static hi5_status
write_simple(struct dataset_edit *e, const uint64_t *start, const uint64_t *count,
             const hi5_type *memory, const void *buf, hi5_error *err)
{
    hi5_file *const f = e->object->file;
    const struct conv_env env = object_conv_env(f);
    struct write_request q = {.memory = memory, .buf = buf, .err = err};

    TRY(pipe_encode_ready(&e->pipeline, &f->options.plugins, err));
    if (e->path == NULL || memcmp(&e->path_memory, memory, sizeof *memory) != 0) {
        e->path = NULL;
        arena_done(&e->path_arena);
        arena_init(&e->path_arena, &f->mem);
        memcpy(&e->path_memory, memory, sizeof *memory);
        TRY(conv_open(&e->path_memory, e->type, &env, &e->path_arena, &e->path, err));
    }
    q.path = e->path;
    return write_box(e, &q, start, count);
}

static hi5_status
write_slab(struct dataset_edit *e, const uint64_t *start, const uint64_t *count,
           const hi5_type *memory, const void *buf, hi5_error *err)
{
    hi5_selection *box;
    hi5_status s;

    if (write_is_simple(e, start, count, memory))
        return write_simple(e, start, count, memory, buf, err);
    TRY(sel_create(&e->object->file->mem, &e->shape, &box, err));
    s = e->shape.rank == 0 ? HI5_OK
                           : hi5_selection_hyperslab(box, HI5_SELECT_SET, start, NULL,
                                                     count, NULL, err);
    if (s == HI5_OK)
        s = write_any(e, box, memory, buf, err);
    hi5_selection_free(box);
    return s;
}

hi5_status
hi5_dataset_write_slab(hi5_dataset *d, const uint64_t *start, const uint64_t *count,
                       const hi5_type *memory, const void *buf, hi5_error *err)
{
    struct dataset_edit *e;
    hi5_status s;

    err_clear(err);
    TRY(edit_begin(d->file, err));
    s = dataset_edit_get(d, &e, err);
    if (s == HI5_OK)
        s = write_slab(e, start, count, memory, buf, err);
    return write_end(d, s, err);
}

hi5_status
hi5_dataset_write_points(hi5_dataset *d, size_t n, const uint64_t *points,
                         const hi5_type *memory, const void *buf, hi5_error *err)
{
    hi5_selection *s = NULL;
    struct dataset_edit *e;
    hi5_status st;

    err_clear(err);
    TRY(edit_begin(d->file, err));
    st = dataset_edit_get(d, &e, err);
    if (st == HI5_OK)
        st = sel_create(&d->file->mem, &e->shape, &s, err);
    if (st == HI5_OK)
        st = hi5_selection_points(s, HI5_SELECT_SET, n, points, err);
    if (st == HI5_OK)
        st = write_any(e, s, memory, buf, err);
    hi5_selection_free(s);
    return write_end(d, st, err);
}

/* ---- other extents ---- */

static hi5_status
write_check_extent(const struct dataset_edit *e, const uint64_t *dims, hi5_error *err)
{
    uint64_t n = e->type->size;

    if (e->shape.kind != HI5_SIMPLE)
        return err_plain(err, HI5_E_TYPE, "only a dataset with dimensions can be resized");
    for (unsigned i = 0; i < e->shape.rank; i++) {
        if (dims[i] > e->shape.max[i])
            return err_plain(err, HI5_E_RANGE, "dimension %u can have %llu, not %llu", i,
                             (unsigned long long)e->shape.max[i],
                             (unsigned long long)dims[i]);
        if (dims[i] == HI5_UNLIMITED)
            return err_plain(err, HI5_E_ARG, "dimension %u cannot be without end", i);
    }
    for (unsigned i = 0; i < e->shape.rank; i++)
        if (dims[i] == 0)
            return HI5_OK;
    for (unsigned i = 0; i < e->shape.rank; i++)
        if (!ckd_mul64(n, dims[i], &n))
            return err_plain(err, HI5_E_RANGE, "the dataset would have 2^64 bytes or more");
    return HI5_OK;
}

/* The files of external data stay as they are, as libhdf5 leaves them: what was cut off is
 * there again when it is uncovered. */
static hi5_status
write_resize_external(struct dataset_edit *e, const uint64_t *dims, hi5_error *err)
{
    const uint64_t was = e->shape.dims[0];
    hi5_shape now = e->shape;

    for (unsigned i = 1; i < e->shape.rank; i++)
        if (dims[i] != e->shape.dims[i])
            return err_plain(err, HI5_E_RANGE, "of external data only the first dimension "
                             "can be another");
    now.dims[0] = dims[0];
    if (dims[0] > was)
        TRY(external_holds(&e->object->file->meta, ohdr_first(e->object->head, MSG_EFL),
                           hi5_shape_count(&now) * e->type->size, err));
    e->object->file->meta.stage->changes++;
    e->shape.dims[0] = dims[0];
    e->shape_changed = true;
    if (e->layout.version >= 3 && was != dims[0]) {
        e->layout.size = hi5_shape_count(&e->shape) * e->type->size;
        e->layout_changed = true;
    }
    return HI5_OK;
}

static hi5_status
write_resize(struct dataset_edit *e, const uint64_t *dims, hi5_error *err)
{
    const unsigned rank = e->shape.rank;
    uint64_t old[HI5_MAX_RANK];

    TRY(write_check_extent(e, dims, err));
    if (memcmp(dims, e->shape.dims, rank * sizeof *dims) == 0)
        return HI5_OK;
    if (e->layout.cls == HI5_CONTIGUOUS && ohdr_first(e->object->head, MSG_EFL) != NULL)
        return write_resize_external(e, dims, err);
    if (e->layout.cls != HI5_CHUNKED)
        return err_plain(err, HI5_E_TYPE, "only a chunked or an external dataset can be "
                         "resized");
    e->object->file->meta.stage->changes++;
    TRY(chunks_resize(e, dims, err));
    memcpy(old, e->shape.dims, rank * sizeof *old);
    memcpy(e->shape.dims, dims, rank * sizeof *dims);
    memcpy(e->grid.dims, dims, rank * sizeof *dims);
    e->shape_changed = true;
    TRY(cix_edit_resize(e->index, dims, err));
    /* All chunks of an implicit index are there, whether they have been written or not. */
    return e->grid.kind == HI5_INDEX_IMPLICIT ? chunks_fill(e, old, err) : HI5_OK;
}

hi5_status
hi5_dataset_resize(hi5_dataset *d, const uint64_t *dims, hi5_error *err)
{
    struct dataset_edit *e;
    hi5_status s;

    err_clear(err);
    TRY(edit_begin(d->file, err));
    s = dataset_edit_get(d, &e, err);
    if (s == HI5_OK)
        s = write_resize(e, dims, err);
    if (s == HI5_OK)
        d->shape = e->shape;
    return write_end(d, s, err);
}

/* Can elements be converted at all? Asked before anything is changed for their sake; of
 * numbers it is known. VLEN-19 */
static hi5_status
write_check_type(const struct dataset_edit *e, const hi5_type *memory, hi5_error *err)
{
    hi5_file *const f = e->object->file;
    const struct conv_env env = object_conv_env(f);
    const struct conv *path;
    struct arena a;
    hi5_status s;

    if (memory == NULL || ((e->type->cls == HI5_INTEGER || e->type->cls == HI5_FLOAT) &&
                           (memory->cls == HI5_INTEGER || memory->cls == HI5_FLOAT)))
        return HI5_OK;
    arena_init(&a, &f->mem);
    s = conv_open(memory, e->type, &env, &a, &path, err);
    arena_done(&a);
    return s;
}

hi5_status
hi5_dataset_append(hi5_dataset *d, uint64_t n, const hi5_type *memory, const void *buf,
                   hi5_error *err)
{
    uint64_t start[HI5_MAX_RANK] = {0}, count[HI5_MAX_RANK];
    struct dataset_edit *e;
    hi5_status s;

    err_clear(err);
    TRY(edit_begin(d->file, err));
    s = dataset_edit_get(d, &e, err);
    if (s == HI5_OK && e->shape.rank == 0)
        s = err_plain(err, HI5_E_TYPE, "nothing can be appended to a scalar");
    if (s == HI5_OK)
        s = write_check_type(e, memory, err);
    if (s == HI5_OK) {
        memcpy(count, e->shape.dims, e->shape.rank * sizeof *count);
        start[0] = count[0];
        s = ckd_add64(count[0], n, &count[0])
                ? write_resize(e, count, err)
                : err_plain(err, HI5_E_RANGE, "more rows than can be counted");
    }
    if (s == HI5_OK) {
        d->shape = e->shape;
        count[0] = n;
        s = write_slab(e, start, count, memory, buf, err);
    }
    return write_end(d, s, err);
}
