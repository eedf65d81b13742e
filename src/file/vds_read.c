/*
 * vds_read.c - reading the elements of virtual datasets
 *
 * Mapping by mapping: its source is opened, and what is wanted of it read and put where it
 * belongs. Everything is the fill value first, for what no source gives.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/vds.h"
#include "space/convert.h"
#include <string.h>

/* One mapping as it is to be read: both selections limited, of the same count. */
struct vds_piece {
    const char *file, *dataset;
    hi5_selection *virt, *source; /* owned; source has the extent of its dataset */
    hi5_dataset *from;         /* owned */
    /* A block that the extent cuts: out of every `whole` elements of the source, the
     * first `kept` are there. 0: it is not cut. */
    uint64_t kept, whole;
};

/* ---- elements ---- */

static void
vds_scatter(const struct read_request *q, const struct vds_wanted *common,
            const uint8_t *from)
{
    const size_t each = q->memory->size;

    for (size_t i = 0; i < common->n; i++) {
        uint8_t *to = q->buf + (size_t)common->run[i].pos * each;
        const size_t n = (size_t)common->run[i].n;
        if (q->memory->has_vlen)
            conv_reclaim(q->memory, q->give, to, n);
        memcpy(to, from, n * each);
        from += n * each;
    }
}

/* Read the common elements from the source and put them where they belong. */
static hi5_status
vds_transfer(const struct vds_piece *p, const struct vds_wanted *common,
             const struct read_request *q)
{
    struct mem *mem = &p->from->file->mem;
    hi5_selection *some = NULL;
    struct read_request inner = *q;
    uint64_t n = 0, bytes;
    hi5_status s;

    for (size_t i = 0; i < common->n; i++)
        n += common->run[i].n;
    if (n == 0)
        return HI5_OK;
    if (!ckd_mul64(n, q->memory->size, &bytes) || bytes > SIZE_MAX)
        return err_plain(q->err, HI5_E_LIMIT, "too much to read at once");
    TRY(vds_spend(p->from->above, q->work, bytes / VDS_WORK_BYTES, q->err));
    TRY(vds_narrow(p->source, &p->from->shape, common, n, mem, &some, q->err));
    inner.selection = some != NULL ? some : p->source;
    if (common->n == 1 && !q->memory->has_vlen) {
        inner.buf = q->buf + (size_t)common->run[0].pos * q->memory->size;
        s = dataset_read(p->from, &inner);
    } else {
        inner.buf = mem_zalloc(mem, (size_t)n, q->memory->size);
        s = inner.buf != NULL ? dataset_read(p->from, &inner)
                              : mem_fail(mem, bytes, q->err);
        if (s == HI5_OK)
            vds_scatter(q, common, inner.buf);
        else if (inner.buf != NULL && q->memory->has_vlen)
            conv_reclaim(q->memory, q->give, inner.buf, (size_t)n);
        mem_free(mem, inner.buf, inner.buf != NULL ? (size_t)bytes : 0);
    }
    hi5_selection_free(some);
    return s;
}

/* A list of points may name an element more than once: each turn takes it once. */
static hi5_status
vds_transfer_turns(const struct vds_piece *p, struct vds_wanted *common,
                   const struct read_request *q)
{
    hi5_status s = HI5_OK;

    while (s == HI5_OK && common->n > 0) {
        struct vds_wanted once = {.mem = common->mem};
        uint64_t end = 0;
        size_t left = 0;
        for (size_t i = 0; s == HI5_OK && i < common->n; i++) {
            const struct sel_run r = common->run[i];
            if (once.n > 0 && r.at < end) {
                common->run[left++] = r;
                continue;
            }
            s = vds_wanted_add(&once, &r, q->err);
            end = r.at + r.n;
        }
        common->n = left;
        if (s == HI5_OK)
            s = vds_transfer(p, &once, q);
        vds_wanted_done(&once);
    }
    return s;
}

/* Places in the order of a cut block become those in the order of its source. */
static hi5_status
vds_uncut(const struct vds_piece *p, struct vds_wanted *common, hi5_error *err)
{
    struct vds_wanted out = {.mem = common->mem};
    hi5_status s = HI5_OK;

    for (size_t i = 0; s == HI5_OK && i < common->n; i++) {
        struct sel_run r = common->run[i];
        while (s == HI5_OK && r.n > 0) {
            const uint64_t row = r.at / p->kept, in = r.at % p->kept;
            const uint64_t n = r.n < p->kept - in ? r.n : p->kept - in;
            const struct sel_run to = {row * p->whole + in, r.pos, n};
            s = vds_wanted_add(&out, &to, err);
            r = (struct sel_run){r.at + n, r.pos + n, r.n - n};
        }
    }
    vds_wanted_done(common);
    *common = out;
    return s;
}

static hi5_status
vds_piece_fits(const struct vds_piece *p, hi5_error *err)
{
    uint64_t n = hi5_selection_count(p->virt);

    if (p->kept != 0)
        n = n / p->kept * p->whole;
    if (n != hi5_selection_count(p->source))
        return err_plain(err, HI5_E_CORRUPT, "a mapping of %llu elements to %llu",
                         (unsigned long long)n,
                         (unsigned long long)hi5_selection_count(p->source));
    if (!sel_fits(p->virt))
        return err_plain(err, HI5_E_CORRUPT, "a mapping selects elements outside of "
                         "the virtual dataset");
    if (!sel_fits(p->source))
        return err_plain(err, HI5_E_CORRUPT, "a mapping selects elements outside of "
                         "its source, %s", p->dataset);
    return HI5_OK;
}

/* Can the source's elements become those that are wanted? A source that is virtual, too,
 * has to be looked into. */
static hi5_status
vds_piece_converts(const struct vds_piece *p, const struct read_request *q)
{
    const struct conv_env env = object_conv_env(p->from->file);
    struct read_request inner = *q;
    const struct conv *conv;
    struct arena a;
    hi5_status s;

    inner.selection = p->source;
    if (p->from->vds != NULL)
        return vds_read(p->from, &inner);
    arena_init(&a, &p->from->file->mem);
    s = conv_open(p->from->type, q->memory, &env, &a, &conv, q->err);
    arena_done(&a);
    return s;
}

static hi5_status
vds_read_piece(const struct vds_piece *p, const struct vds_wanted *wanted,
               const struct read_request *q)
{
    struct vds_wanted common = {.mem = wanted->mem};
    hi5_status s;

    TRY(vds_piece_fits(p, q->err));
    if (q->buf == NULL)
        return vds_piece_converts(p, q);
    s = vds_common(p->virt, wanted, &common, q->err);
    if (s == HI5_OK && p->kept != 0)
        s = vds_uncut(p, &common, q->err);
    if (s == HI5_OK) {
        vds_wanted_sort(&common);
        s = hi5_selection_get_kind(q->selection) == HI5_SELECTION_POINTS
                ? vds_transfer_turns(p, &common, q)
                : vds_transfer(p, &common, q);
    }
    vds_wanted_done(&common);
    return s;
}

/* ---- pieces ---- */

static void
vds_warn_missing(hi5_dataset *d, const char *file, const char *name)
{
    file_warn(d->file, "%.100s: source %.60s of %.60s is missing: fill values instead",
              d->object->path, name, file);
}

static hi5_status
vds_view(const hi5_dataset *d, const hi5_selection *s, const uint64_t *dims,
         hi5_selection **out, hi5_error *err)
{
    if (hi5_selection_get_kind(s) == HI5_SELECTION_POINTS)
        return err_plain(err, HI5_E_UNSUPPORTED, "a mapping of points");
    return sel_view(&d->file->mem, s, dims, out, err);
}

/* Open the source of a piece and give its selection the extent of it. false in *there:
 * the source is missing. */
static hi5_status
vds_piece_source(hi5_dataset *d, const struct vds_map *m, struct vds_piece *p, bool *there,
                 uint64_t *work, hi5_error *err)
{
    const hi5_status s = vds_open_source(d, p->file, p->dataset, work, &p->from, err);
    hi5_selection *source;

    *there = s == HI5_OK;
    if (s == HI5_E_NOTFOUND) {
        vds_warn_missing(d, p->file, p->dataset);
        err_clear(err);
        return HI5_OK;
    }
    TRY(s);
    if (hi5_selection_get_kind(m->entry.source) == HI5_SELECTION_ALL)
        return sel_create(&d->file->mem, &p->from->shape, &p->source, err);
    if (hi5_selection_rank(m->entry.source) != p->from->shape.rank)
        return err_plain(err, HI5_E_CORRUPT, "a mapping of rank %u to source %s of rank "
                         "%u", hi5_selection_rank(m->entry.source), p->dataset,
                         p->from->shape.rank);
    TRY(vds_view(d, m->entry.source, p->from->shape.dims, &source, err));
    p->source = source;
    return HI5_OK;
}

static void
vds_piece_done(struct vds_piece *p)
{
    hi5_selection_free(p->virt);
    hi5_selection_free(p->source);
    hi5_dataset_close(p->from);
}

/* Limit an unlimited pair: as many slices as both the extent and the source have. */
static hi5_status
vds_limit(const hi5_dataset *d, const struct vds_map *m, struct vds_piece *p,
          hi5_error *err)
{
    const unsigned u = (unsigned)m->virt_dim, w = (unsigned)m->source_dim;
    const uint64_t have = vds_slices(m->entry.source, w, p->from->shape.dims[w]);
    const uint64_t room = vds_slices(m->entry.virt, u, d->shape.dims[u]);
    const uint64_t n = have < room ? have : room;

    TRY(sel_limit(p->virt, u, vds_extent(m->entry.virt, u, n, false), err));
    return sel_limit(p->source, w, vds_extent(m->entry.source, w, n, false), err);
}

/* Have they nothing in common, to judge by their bounding boxes? Then the source need
 * not be opened. VDS-10 */
static bool
vds_apart(const hi5_selection *a, const hi5_selection *b)
{
    uint64_t low[2][HI5_MAX_RANK], high[2][HI5_MAX_RANK];

    if (!hi5_selection_bounds(a, low[0], high[0]) ||
        !hi5_selection_bounds(b, low[1], high[1]))
        return true;
    for (unsigned k = 0; k < hi5_selection_rank(a); k++)
        if (low[0][k] > high[1][k] || low[1][k] > high[0][k])
            return true;
    return false;
}

static hi5_status
vds_read_map(hi5_dataset *d, const struct vds_map *m, const struct vds_wanted *wanted,
             const struct read_request *q)
{
    struct vds_piece p = {.file = m->entry.file, .dataset = m->entry.dataset};
    char file[VDS_NAME], name[VDS_NAME];
    bool there;
    hi5_status s;

    if (vds_expand(file, p.file, 0) && vds_expand(name, p.dataset, 0)) {
        p.file = file; /* %% means % here too */
        p.dataset = name;
    }
    s = vds_view(d, m->entry.virt, d->shape.dims, &p.virt, q->err);
    there = s == HI5_OK && !vds_apart(p.virt, q->selection);
    if (there)
        s = vds_piece_source(d, m, &p, &there, q->work, q->err);
    if (s == HI5_OK && there && m->virt_dim >= 0 && m->source_dim >= 0)
        s = vds_limit(d, m, &p, q->err);
    if (s == HI5_OK && there)
        s = vds_read_piece(&p, wanted, q);
    vds_piece_done(&p);
    return s;
}

/* Cut a block, v, that reaches beyond the extent: its number of elements along `u` is
 * v[3][u]. False: all of it is beyond. */
static bool
vds_cut_block(const hi5_dataset *d, uint64_t v[4][HI5_MAX_RANK], unsigned u,
              struct vds_piece *p)
{
    uint64_t each = 1;

    if (v[0][u] >= d->shape.dims[u])
        return false;
    if (v[3][u] <= d->shape.dims[u] - v[0][u])
        return true;
    /* What does not fit the extent in other dimensions is refused later. */
    for (unsigned k = u + 1; k < d->shape.rank; k++)
        if (!ckd_mul64(each, v[2][k], &each) || !ckd_mul64(each, v[3][k], &each))
            return false;
    if (!ckd_mul64(each, v[3][u], &p->whole))
        return false;
    v[3][u] = d->shape.dims[u] - v[0][u];
    p->kept = each * v[3][u];
    return true;
}

/* Block b of a printf-style mapping. */
static hi5_status
vds_read_block(hi5_dataset *d, const struct vds_map *m, uint64_t b,
               const struct vds_wanted *wanted, const struct read_request *q)
{
    char file[VDS_NAME], name[VDS_NAME];
    struct vds_piece p = {.file = file, .dataset = name};
    uint64_t v[4][HI5_MAX_RANK];
    const unsigned u = (unsigned)m->virt_dim;
    bool there;
    hi5_status s;

    if (!vds_expand(file, m->entry.file, b) || !vds_expand(name, m->entry.dataset, b))
        return err_plain(q->err, HI5_E_LIMIT, "the name of a source is too long");
    if (!hi5_selection_get_regular(m->entry.virt, v[0], v[1], v[2], v[3]))
        return err_plain(q->err, HI5_E_CORRUPT, "%%b without a regular selection");
    v[0][u] += b * v[1][u];
    v[2][u] = 1;
    if (!vds_cut_block(d, v, u, &p))
        return HI5_OK;
    s = sel_create(&d->file->mem, &d->shape, &p.virt, q->err);
    if (s == HI5_OK)
        s = hi5_selection_hyperslab(p.virt, HI5_SELECT_SET, v[0], v[1], v[2], v[3],
                                    q->err);
    there = s == HI5_OK && !vds_apart(p.virt, q->selection);
    if (there)
        s = vds_piece_source(d, m, &p, &there, q->work, q->err);
    if (s == HI5_OK && there && sel_fits(p.virt))
        s = vds_read_piece(&p, wanted, q);
    vds_piece_done(&p);
    return s;
}

static hi5_status
vds_read_mapping(hi5_dataset *d, const struct vds_map *m, const struct vds_wanted *wanted,
                 const struct read_request *q)
{
    hi5_status s = HI5_OK;

    if (!m->printf_style)
        return vds_read_map(d, m, wanted, q);
    for (uint64_t b = 0; s == HI5_OK && b < m->blocks; b++)
        s = vds_read_block(d, m, b, wanted, q);
    return s;
}

/* A request without a buffer only asks whether it could be done. */
HI5_INT hi5_status
vds_read(hi5_dataset *d, const struct read_request *asked)
{
    const uint64_t n = hi5_selection_count(asked->selection);
    const uint64_t bytes = n * asked->memory->size; /* the caller has a buffer for it */
    uint64_t work = VDS_WORK + bytes / VDS_WORK_BYTES * VDS_WORK_AGAIN;
    struct vds_wanted wanted = {.mem = &d->file->mem};
    struct read_request own = *asked;
    const struct read_request *const q = &own;
    hi5_status s;

    if (own.work == NULL)
        own.work = &work;
    if (q->buf != NULL) {
        TRY(dataset_fill(d, q, q->buf, n));
        s = vds_list_runs(q->selection, &wanted, q->err);
    } else {
        s = HI5_OK;
    }
    for (size_t i = 0; s == HI5_OK && i < d->vds->n; i++)
        s = vds_read_mapping(d, &d->vds->map[i], &wanted, q);
    vds_wanted_done(&wanted);
    return s;
}

HI5_INT hi5_status
vds_probe(hi5_dataset *d, size_t i, hi5_error *err)
{
    const struct vds_wanted nothing = {.mem = &d->file->mem};
    uint64_t work = VDS_WORK;
    struct read_request q = {.give = &d->file->mem, .err = err, .work = &work};
    hi5_selection *all = NULL;
    hi5_type *memory = NULL;
    hi5_status s;

    TRY(sel_create(&d->file->mem, &d->shape, &all, err));
    s = hi5_type_memory(d->type, &memory, err);
    q.selection = all;
    q.memory = memory;
    if (s == HI5_OK)
        s = vds_read_mapping(d, &d->vds->map[i], &nothing, &q);
    hi5_type_free(memory);
    hi5_selection_free(all);
    return s;
}
