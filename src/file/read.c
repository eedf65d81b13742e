/*
 * read.c - reading the elements of a dataset
 *
 * A selection is walked chunk by chunk and strip by strip; what the layout keeps there is
 * converted into its place in the caller's buffer. Nothing is copied twice when the
 * file's elements are the caller's.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/read.h"
#include "file/strings.h"
#include <string.h>

#define READ_STREAM ((uint64_t)8 << 20) /* bytes that are written past the caches */

/* ---- strips ---- */

#define READ_GATHER(type)                                                                \
    do {                                                                                 \
        for (size_t i = 0; i < n; i++)                                                   \
            memcpy(dst + i * sizeof(type), src + i * step, sizeof(type));                \
    } while (0)

/* n blocks that lie `step` bytes apart, packed. The common sizes become single moves. */
static void
reader_gather(uint8_t *dst, const uint8_t *src, size_t block, size_t step, size_t n)
{
    switch (block) {
    case 1:
        READ_GATHER(uint8_t);
        break;
    case 2:
        READ_GATHER(uint16_t);
        break;
    case 4:
        READ_GATHER(uint32_t);
        break;
    case 8:
        READ_GATHER(uint64_t);
        break;
    default:
        for (size_t i = 0; i < n; i++)
            memcpy(dst + i * block, src + i * step, block);
    }
}

HI5_INT hi5_status
reader_convert(const struct reader *r, const uint8_t *src, uint8_t *dst, size_t n)
{
    return r->stream ? conv_run_stream(r->conv, src, dst, n, r->err)
                     : conv_run(r->conv, src, dst, n, r->err);
}

HI5_INT hi5_status
reader_put(const struct reader *r, const uint8_t *base, const struct sel_strip *s)
{
    const uint8_t *src = base + (size_t)s->at * r->from;
    const size_t n = (size_t)s->count, block = (size_t)s->block;
    const size_t step = (size_t)s->step * r->from;
    uint8_t *dst = reader_at(r, s->pos);

    if (r->plain && n == 1)
        memcpy(dst, src, block * r->from);
    else if (r->plain)
        reader_gather(dst, src, block * r->from, step, n);
    else if (block == 1)
        return conv_run_apart(r->conv, src, n > 1 ? step : r->from, dst, n, r->err);
    else
        for (size_t i = 0; i < n; i++)
            TRY(reader_convert(r, src + i * step, dst + i * block * r->to, block));
    return HI5_OK;
}

/* ---- threads ---- */

HI5_INT void
share_init(struct read_share *s, uint64_t end, uint64_t piece)
{
    *s = (struct read_share){.end = end, .piece = piece};
    mutex_init(&s->lock);
}

HI5_INT bool
share_take(struct read_share *s, uint64_t *from, uint64_t *to)
{
    bool some;

    mutex_lock(&s->lock);
    some = s->status == HI5_OK && s->next < s->end;
    if (some) {
        *from = s->next;
        s->next = s->end - *from < s->piece ? s->end : *from + s->piece;
        *to = s->next;
    }
    mutex_unlock(&s->lock);
    return some;
}

HI5_INT void
share_fail(struct read_share *s, hi5_status status, const hi5_error *err)
{
    mutex_lock(&s->lock);
    if (s->status == HI5_OK) {
        s->status = status;
        s->err = *err;
    }
    mutex_unlock(&s->lock);
}

HI5_INT hi5_status
share_done(struct read_share *s, hi5_error *err)
{
    mutex_done(&s->lock);
    if (s->status != HI5_OK && err != NULL)
        *err = s->err;
    return s->status;
}

HI5_INT unsigned
reader_threads(const struct reader *r, uint64_t cost, uint64_t least)
{
    const unsigned asked = r->d->file->options.threads;
    const uint64_t worth = cost / least;
    unsigned n;

    /* Variable-length data shares heaps; exceptions come one by one. */
    if (asked == 1 || worth < 2 || r->q->memory->has_vlen || r->q->how != NULL)
        return 1;
    n = threads_asked(asked);
    return n < worth ? n : (unsigned)worth;
}

HI5_INT void
reader_run(const struct reader *r, unsigned n, void (*work)(void *arg, unsigned i),
           void *arg)
{
    const struct file_options *const o = &r->d->file->options;

    if (n == 1)
        work(arg, 0);
    else if (o->run != NULL)
        o->run(o->run_ctx, n, work, arg);
    else
        threads_run(&r->d->file->late, n, work, arg);
}

/* ---- all layouts ---- */

static hi5_status
read_layout(struct reader *r)
{
    hi5_dataset *d = r->d;
    bool done;

    TRY(read_points(r, &done));
    if (done)
        return HI5_OK;
    switch ((hi5_layout_kind)d->layout.cls) {
    case HI5_COMPACT:
        return read_compact(r);
    case HI5_CONTIGUOUS:
        if (d->nexternals != 0)
            return read_external(r);
        return d->layout.addr == ADDR_NONE ? read_fill_all(r) : read_contiguous(r);
    case HI5_CHUNKED:
        return read_chunked(r);
    case HI5_VIRTUAL:
        return vds_read(d, r->q);
    }
    return err_plain(r->err, HI5_E_INTERNAL, "layout class %u", (unsigned)d->layout.cls);
}

HI5_INT hi5_status
dataset_read(hi5_dataset *d, const struct read_request *q)
{
    struct conv_env env = object_conv_env(d->file);
    struct reader r = {.d = d, .q = q, .from = d->type->size, .to = q->memory->size,
                       .err = q->err};
    struct arena a;
    hi5_status st;

    if (hi5_selection_count(q->selection) == 0)
        return HI5_OK;
    env.mem = q->give;
    env.how = q->how;
    arena_init(&a, &d->file->mem);
    st = conv_open(d->type, q->memory, &env, &a, &r.conv, q->err);
    if (st == HI5_OK) {
        r.plain = conv_is_copy(r.conv);
        r.stream = hi5_selection_count(q->selection) >= READ_STREAM / r.to;
        st = read_layout(&r);
    }
    arena_done(&a);
    return st;
}

/* Check what the caller gave against the dataset. */
static hi5_status
read_check(const hi5_dataset *d, const hi5_selection *s, const hi5_type *memory,
           hi5_error *err)
{
    const uint64_t n = hi5_selection_count(s);
    uint64_t bytes;

    if (hi5_selection_rank(s) != d->shape.rank)
        return err_plain(err, HI5_E_ARG, "a selection of rank %u for a dataset of rank "
                         "%u", hi5_selection_rank(s), d->shape.rank);
    for (unsigned i = 0; i < d->shape.rank; i++)
        if (sel_extent(s)[i] != d->shape.dims[i])
            return err_plain(err, HI5_E_ARG, "the selection was made for another shape: "
                             "dimension %u is %llu, not %llu", i,
                             (unsigned long long)d->shape.dims[i],
                             (unsigned long long)sel_extent(s)[i]);
    if (!sel_fits(s))
        return err_plain(err, HI5_E_RANGE, "the selection exceeds the dataset");
    if (n == UINT64_MAX || !ckd_mul64(n, memory->size, &bytes) || bytes > SIZE_MAX)
        return err_plain(err, HI5_E_RANGE, "the selection does not fit into memory");
    return HI5_OK;
}

static hi5_status
read_checked(hi5_dataset *d, const hi5_selection *s, const hi5_type *memory, void *buf,
             const hi5_transfer *how, hi5_error *err)
{
    const struct read_request q = {.selection = s, .memory = memory,
                                   .give = &d->file->mem, .buf = buf, .err = err,
                                   .how = how};
    size_t n;
    hi5_status st;

    TRY(read_check(d, s, memory, err));
    n = (size_t)hi5_selection_count(s);
    if (memory->has_vlen && n != 0)
        memset(buf, 0, n * memory->size);
    st = dataset_read(d, &q);
    if (st != HI5_OK && memory->has_vlen)
        hi5_reclaim(d->file, memory, n, buf);
    return st;
}

/* Read with whatever the caller left out filled in. */
static hi5_status
read_any_with(hi5_dataset *d, const hi5_selection *s, const hi5_type *memory, void *buf,
              const hi5_transfer *how, hi5_error *err)
{
    hi5_selection *all = NULL;
    hi5_type *made = NULL;
    hi5_status st = HI5_OK;

    if (s == NULL) {
        st = sel_create(&d->file->mem, &d->shape, &all, err);
        s = all;
    }
    if (st == HI5_OK && memory == NULL) {
        st = hi5_type_memory(d->type, &made, err);
        memory = made;
    }
    if (st == HI5_OK)
        st = read_checked(d, s, memory, buf, how, err);
    hi5_selection_free(all);
    hi5_type_free(made);
    return st;
}

static hi5_status
read_any(hi5_dataset *d, const hi5_selection *s, const hi5_type *memory, void *buf,
         hi5_error *err)
{
    return read_any_with(d, s, memory, buf, NULL, err);
}

#define READ_SMALL 1024u

/* All of a small dataset, as it is: by way of the pages that metadata are read in, since
 * what is next to it is likely to be next. A failure is left to the long way; so is what
 * somebody may be writing. */
static bool
read_small(hi5_dataset *d, const hi5_type *memory, void *buf)
{
    hi5_file *const f = d->file;
    uint64_t n = 0;

    return memory != NULL && d->layout.cls == HI5_CONTIGUOUS && d->nexternals == 0 &&
           d->layout.addr != ADDR_NONE && (f->super.flags & 5) == 0 &&
           dataset_bytes(d, &n, NULL) == HI5_OK && n - 1 < READ_SMALL &&
           type_same_bytes(d->type, memory) &&
           meta_copy(&f->meta, d->layout.addr, (size_t)n, "data", buf, NULL) == HI5_OK;
}

hi5_status
hi5_dataset_read(hi5_dataset *d, const hi5_selection *selection, const hi5_type *memory,
                 void *buf, hi5_error *err)
{
    err_clear(err);
    TRY(dataset_current(d, &d, err));
    if (selection == NULL && read_small(d, memory, buf))
        return HI5_OK;
    return object_error(d->object, read_any(d, selection, memory, buf, err), err);
}

hi5_status
hi5_dataset_read_with(hi5_dataset *d, const hi5_selection *selection,
                      const hi5_type *memory, void *buf, const hi5_transfer *how,
                      hi5_error *err)
{
    err_clear(err);
    if (how != NULL && how->size != sizeof *how)
        return err_plain(err, HI5_E_ARG, "hi5_transfer: size is %zu", how->size);
    if (how != NULL && how->exception == NULL)
        how = NULL;
    return object_error(d->object, read_any_with(d, selection, memory, buf, how, err),
                        err);
}

hi5_status
hi5_dataset_read_slab(hi5_dataset *d, const uint64_t *start, const uint64_t *count,
                      const hi5_type *memory, void *buf, hi5_error *err)
{
    hi5_selection *s;
    hi5_status st;
    bool done;

    err_clear(err);
    TRY(dataset_current(d, &d, err));
    st = read_box(d, start, count, memory, buf, &done, err);
    if (done)
        return object_error(d->object, st, err);
    TRY(sel_create(&d->file->mem, &d->shape, &s, err));
    st = d->shape.rank == 0 ? HI5_OK
                            : hi5_selection_hyperslab(s, HI5_SELECT_SET, start, NULL,
                                                      count, NULL, err);
    if (st == HI5_OK)
        st = read_any(d, s, memory, buf, err);
    hi5_selection_free(s);
    return object_error(d->object, st, err);
}

hi5_status
hi5_dataset_read_points(hi5_dataset *d, size_t n, const uint64_t *points,
                        const hi5_type *memory, void *buf, hi5_error *err)
{
    hi5_selection *s;
    hi5_status st;

    err_clear(err);
    TRY(dataset_current(d, &d, err));
    TRY(sel_create(&d->file->mem, &d->shape, &s, err));
    st = hi5_selection_points(s, HI5_SELECT_SET, n, points, err);
    if (st == HI5_OK)
        st = read_any(d, s, memory, buf, err);
    hi5_selection_free(s);
    return object_error(d->object, st, err);
}

/* ---- one member of a compound ---- */

/* Find "a.b.c" in a compound; a member's own name may hold dots. The type that selects
 * just this member is built from the inside out. */
HI5_INT hi5_status
read_field_type(const hi5_type *t, const char *field, const hi5_type *memory,
                hi5_type **out, hi5_error *err)
{
    *out = NULL;
    for (uint32_t i = 0; t->cls == HI5_COMPOUND && i < t->members; i++) {
        const hi5_member *m = &t->member[i];
        const size_t n = strlen(m->name);
        hi5_member one = {m->name, 0, memory};
        hi5_type *inner = NULL;
        hi5_status s;

        if (strncmp(m->name, field, n) != 0 || (field[n] != '\0' && field[n] != '.'))
            continue;
        if (field[n] == '\0' && memory == NULL)
            s = hi5_type_memory(m->type, &inner, err);
        else
            s = field[n] == '.' ? read_field_type(m->type, field + n + 1, memory, &inner,
                                                  err)
                                : HI5_OK;
        if (s == HI5_E_NOTFOUND)
            continue;
        TRY(s);
        if (inner != NULL)
            one.type = inner;
        s = hi5_type_compound(one.type->size, &one, 1, out, err);
        hi5_type_free(inner);
        return s;
    }
    return err_plain(err, HI5_E_NOTFOUND, "no member '%s'", field);
}

hi5_status
hi5_dataset_read_field(hi5_dataset *d, const char *field, const hi5_selection *selection,
                       const hi5_type *memory, void *buf, hi5_error *err)
{
    hi5_type *t;
    hi5_status s;

    err_clear(err);
    TRY(dataset_current(d, &d, err));
    s = read_field_type(d->type, field, memory, &t, err);
    if (s == HI5_OK) {
        s = read_any(d, selection, t, buf, err);
        hi5_type_free(t);
    }
    return object_error(d->object, s, err);
}

/* ---- strings ---- */

struct read_strings {
    hi5_dataset *d;
    const hi5_selection *s;
};

static hi5_status
read_strings_values(void *ctx, const hi5_type *memory, void *buf, hi5_error *err)
{
    const struct read_strings *r = ctx;

    return read_any(r->d, r->s, memory, buf, err);
}

hi5_status
hi5_dataset_read_strings(hi5_dataset *d, const hi5_selection *selection, char ***strings,
                         size_t *count, hi5_error *err)
{
    struct read_strings r = {d, selection};
    uint64_t n;

    *strings = NULL;
    *count = 0;
    err_clear(err);
    TRY(dataset_current(d, &d, err));
    r.d = d;
    n = selection != NULL ? hi5_selection_count(selection) : hi5_shape_count(&d->shape);
    return object_error(d->object,
                        strings_read(d->file, d->type, n, d->layout.cls != HI5_VIRTUAL,
                                     read_strings_values, &r, strings, count, err),
                        err);
}
