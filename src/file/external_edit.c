/*
 * external_edit.c - datasets whose data is in other files          [FMT IV.A.2.h]
 *
 * Those files are written at once: they are no part of what is committed.
 */
#include "file/external_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include "file/write.h"
#include "format/lheap_edit.h"
#include <string.h>

#define EXTERNAL_PIECE (256u << 10)

/* How many bytes the dataset can have; UINT64_MAX: there is no bound. */
static hi5_status
external_most(const hi5_shape *shape, size_t size, uint64_t *bytes, hi5_error *err)
{
    *bytes = size;
    for (unsigned i = shape->rank; i-- > 0;) {
        if (i > 0 && shape->max[i] != shape->dims[i])
            return err_plain(err, HI5_E_ARG, "only the first dimension of external data "
                             "can grow, and dimension %u is to", i);
        if (i == 0 && shape->max[0] == HI5_UNLIMITED)
            *bytes = UINT64_MAX;
        else if (!ckd_mul64(*bytes, shape->max[i], bytes))
            return err_plain(err, HI5_E_ARG, "the dataset could have 2^64 bytes or more");
    }
    return HI5_OK;
}

static hi5_status
external_check_room(const hi5_external *list, size_t n, uint64_t bytes, hi5_error *err)
{
    uint64_t room = 0;

    if (n > UINT16_MAX)
        return err_plain(err, HI5_E_ARG, "%zu external files", n);
    for (size_t i = 0; i < n; i++) {
        if (list[i].name == NULL || list[i].name[0] == '\0')
            return err_plain(err, HI5_E_ARG, "external file %zu has no name", i);
        if (list[i].size == HI5_UNLIMITED && i + 1 < n)
            return err_plain(err, HI5_E_ARG, "only the last external file can be without "
                             "end");
        if (list[i].size == 0 || list[i].offset == HI5_UNLIMITED)
            return err_plain(err, HI5_E_ARG, "nothing is to be in external file %zu", i);
        if (list[i].size == HI5_UNLIMITED || !ckd_add64(room, list[i].size, &room))
            room = UINT64_MAX;
    }
    if (room < bytes && bytes == UINT64_MAX)
        return err_plain(err, HI5_E_ARG, "the dataset has no bound, so the last external "
                         "file can have none");
    if (room < bytes)
        return err_plain(err, HI5_E_ARG, "the external files have room for %llu bytes, the "
                         "dataset has up to %llu", (unsigned long long)room,
                         (unsigned long long)bytes);
    return HI5_OK;
}

HI5_INT hi5_status
external_check(const hi5_external *list, size_t n, const hi5_shape *shape, size_t size,
               hi5_error *err)
{
    uint64_t bytes;

    TRY(external_most(shape, size, &bytes, err));
    return external_check_room(list, n, bytes, err);
}

HI5_INT hi5_status
external_list(hi5_file *f, const hi5_external *list, size_t n, struct arena *a,
              struct msg_efl *out, hi5_error *err)
{
    struct lheap_edit heap;
    uint64_t names = 8 + 16; /* and a free block, so that the heap need not grow */

    for (size_t i = 0; i < n; i++)
        names += (strlen(list[i].name) + 8) / 8 * 8;
    *out = (struct msg_efl){.nalloc = (uint16_t)n, .nused = (uint16_t)n};
    out->slot = arena_zalloc(a, n, sizeof *out->slot);
    if (out->slot == NULL)
        return mem_fail(a->mem, n * sizeof *out->slot, err);
    TRY(lheap_create(&f->meta, names, &out->heap, err));
    TRY(lheap_edit_open(&f->meta, out->heap, &heap, err));
    for (size_t i = 0; i < n; i++) {
        TRY(lheap_add(&heap, list[i].name, strlen(list[i].name), &out->slot[i].name_off,
                      err));
        out->slot[i].offset = list[i].offset;
        out->slot[i].size = list[i].size;
    }
    return HI5_OK;
}

HI5_INT hi5_status
external_holds(const struct meta *m, const struct ohdr_msg *list, uint64_t bytes,
               hi5_error *err)
{
    struct msg_efl l = {0};
    struct arena a;
    struct cur c;
    uint64_t room = 0;

    arena_init(&a, m->mem);
    c = meta_cursor_at(m, list->body, list->size, list->addr, &a, err);
    msg_efl_code(&c, &l);
    for (unsigned i = 0; cur_ok(&c) && i < l.nused; i++)
        if (!ckd_add64(room, l.slot[i].size, &room))
            room = UINT64_MAX;
    arena_done(&a);
    if (!cur_ok(&c))
        return c.status;
    return bytes <= room ? HI5_OK
                         : err_plain(err, HI5_E_RANGE, "the external files have room for %llu "
                                     "bytes, not %llu", (unsigned long long)room,
                                     (unsigned long long)bytes);
}

/* ---- writing ---- */

/* The files of a dataset, opened as they are needed. */
struct external_out {
    struct dataset_edit *e;
    const struct write_request *q;
    const hi5_dataset *d;      /* knows the list */
    hi5_io *io;                /* [n]; read_at NULL: not open */
    uint8_t *buf;
};

/* Read what is there; what never was written is zeros. */
static hi5_status
external_get_piece(const hi5_io *io, uint64_t at, uint8_t *p, size_t n, hi5_error *err)
{
    uint64_t size;

    TRY(io->get_size(io->ctx, &size, err));
    memset(p, 0, n);
    if (at >= size)
        return HI5_OK;
    return io->read_at(io->ctx, at, p, size - at < n ? (size_t)(size - at) : n, err);
}

/* Write `n` bytes at `at` of the data, wherever that is, or read them. */
static hi5_status
external_move(struct external_out *x, uint64_t at, uint8_t *p, size_t n, bool write)
{
    hi5_error *const err = x->q->err;
    const char *name;
    uint64_t start = 0, offset, size;

    for (size_t i = 0; n > 0 && hi5_dataset_external(x->d, i, &name, &offset, &size);
         i++) {
        const uint64_t end = size == HI5_UNLIMITED ? UINT64_MAX : start + size;

        if (at < end) {
            const size_t k = n < end - at ? n : (size_t)(end - at);
            if (x->io[i].read_at == NULL)
                TRY(file_open_raw(x->d->file, name, true, &x->io[i], err));
            if (x->io[i].write_at == NULL)
                return err_plain(err, HI5_E_STATE, "external file '%s' cannot be written",
                                 name);
            if (write)
                TRY(x->io[i].write_at(x->io[i].ctx, offset + (at - start), p, k, err));
            else
                TRY(external_get_piece(&x->io[i], offset + (at - start), p, k, err));
            at += k;
            p += k;
            n -= k;
        }
        start = end;
    }
    return n == 0 ? HI5_OK
                  : err_plain(err, HI5_E_RANGE, "beyond the end of the external files");
}

static hi5_status
external_run(struct external_out *x, struct sel_run r)
{
    const size_t size = x->e->type->size;
    const uint64_t most = size < EXTERNAL_PIECE ? EXTERNAL_PIECE / size : 1;

    while (r.n > 0) {
        const uint64_t n = r.n < most ? r.n : most;

        if (x->q->keeps)
            TRY(external_move(x, r.at * size, x->buf, (size_t)n * size, false));
        TRY(write_convert(x->e, x->q, r.pos, n, x->buf));
        TRY(external_move(x, r.at * size, x->buf, (size_t)n * size, true));
        r.at += n;
        r.pos += n;
        r.n -= n;
    }
    return HI5_OK;
}

static hi5_status
external_runs(struct external_out *x)
{
    struct sel_walk *w;
    struct sel_run r;
    uint64_t scaled[HI5_MAX_RANK];
    hi5_status s = HI5_OK;

    TRY(sel_walk_open(&x->d->file->mem, x->q->selection, x->e->shape.dims, &w, x->q->err));
    while (s == HI5_OK && sel_walk_chunk(w, scaled))
        while (s == HI5_OK && sel_walk_run(w, &r))
            s = external_run(x, r);
    sel_walk_close(w);
    return s;
}

HI5_INT hi5_status
write_external(struct dataset_edit *e, const struct write_request *q)
{
    struct mem *const mem = &e->object->file->mem;
    const size_t room = e->type->size < EXTERNAL_PIECE ? EXTERNAL_PIECE : e->type->size;
    struct external_out x = {.e = e, .q = q};
    hi5_dataset *d;
    hi5_status s;
    size_t n;

    TRY(dataset_open(e->object, NULL, &d, q->err));
    n = d->nexternals;
    x.d = d;
    x.io = mem_zalloc(mem, n, sizeof *x.io);
    x.buf = mem_alloc(mem, room);
    s = x.io != NULL && x.buf != NULL ? external_runs(&x) : mem_fail(mem, room, q->err);
    for (size_t i = 0; x.io != NULL && i < n; i++)
        if (x.io[i].read_at != NULL)
            io_close(&x.io[i]);
    mem_free(mem, x.buf, room);
    mem_free(mem, x.io, n * sizeof *x.io);
    hi5_dataset_close(d);
    return s;
}
