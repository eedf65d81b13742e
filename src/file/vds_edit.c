/*
 * vds_edit.c - virtual datasets, made                              [FMT III.F]
 *
 * What libhdf5 would refuse is refused: mappings whose sides have different numbers of
 * elements read as anything later. VDS-06
 */
#include "file/vds_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include "file/edit.h"
#include "file/gheap_edit.h"
#include "format/msg_select.h"
#include <string.h>

/* ---- one mapping ---- */

/* One side of a mapping. */
struct vmake_side {
    const hi5_selection *s;
    int unlimited;             /* dimension, or -1 */
    uint64_t count;            /* elements; unlimited: with one in that dimension */
    uint64_t block;            /* unlimited: of its blocks; HI5_UNLIMITED: just one */
};

static hi5_status
vmake_side(const hi5_selection *s, size_t i, const char *which, struct vmake_side *side,
           hi5_error *err)
{
    uint64_t v[4][HI5_MAX_RANK], n = 1, m;

    if (s == NULL)
        return err_plain(err, HI5_E_ARG, "mapping %zu has no %s selection", i, which);
    if (hi5_selection_get_kind(s) == HI5_SELECTION_POINTS)
        return err_plain(err, HI5_E_UNSUPPORTED,
                         "mapping %zu: virtual datasets have no selections of points", i);
    *side = (struct vmake_side){.s = s, .unlimited = sel_unlimited_dim(s)};
    if (side->unlimited < 0) {
        side->count = hi5_selection_count(s);
        return HI5_OK;
    }
    hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]);
    for (unsigned d = 0; d < hi5_selection_rank(s); d++)
        if ((int)d != side->unlimited &&
            (!ckd_mul64(v[2][d], v[3][d], &m) || !ckd_mul64(n, m, &n)))
            return err_plain(err, HI5_E_ARG, "mapping %zu: 2^64 elements or more", i);
    side->count = n;
    side->block = v[3][side->unlimited];
    return HI5_OK;
}

/* The virtual side lies in the dataset, but for the dimension without an end. */
static hi5_status
vmake_check_place(const hi5_shape *shape, const struct vmake_side *virt, size_t i,
                  hi5_error *err)
{
    uint64_t v[4][HI5_MAX_RANK], low[HI5_MAX_RANK], high[HI5_MAX_RANK];

    if (hi5_selection_rank(virt->s) != shape->rank)
        return err_plain(err, HI5_E_ARG, "mapping %zu has rank %u, the dataset has %u",
                         i, hi5_selection_rank(virt->s), shape->rank);
    if (virt->unlimited >= 0) {
        hi5_selection_get_regular(virt->s, low, v[1], v[2], v[3]);
        for (unsigned d = 0; d < shape->rank; d++)
            high[d] = low[d] + (v[2][d] - 1) * v[1][d] + v[3][d] - 1;
    } else if (hi5_selection_get_kind(virt->s) == HI5_SELECTION_ALL ||
               !hi5_selection_bounds(virt->s, low, high)) {
        memset(high, 0, sizeof high);
        for (unsigned d = 0; d < shape->rank; d++)
            if (hi5_selection_get_kind(virt->s) == HI5_SELECTION_ALL &&
                sel_extent(virt->s)[d] != shape->dims[d])
                return err_plain(err, HI5_E_ARG, "mapping %zu: all of another shape",
                                 i);
        return HI5_OK;
    }
    for (unsigned d = 0; d < shape->rank; d++)
        if ((int)d != virt->unlimited && high[d] >= shape->dims[d])
            return err_plain(err, HI5_E_RANGE, "mapping %zu reaches beyond the dataset "
                             "in dimension %u", i, d);
    return HI5_OK;
}

static bool
vmake_numbered(const char *name)
{
    for (; *name != '\0'; name++) {
        if (name[0] == '%' && name[1] == 'b')
            return true;
        name += name[0] == '%' && name[1] == '%';
    }
    return false;
}

static hi5_status
vmake_check_counts(const struct vmake_side *virt, const struct vmake_side *source,
                   bool numbered, size_t i, hi5_error *err)
{
    uint64_t n = virt->count;

    if (virt->unlimited >= 0 && source->unlimited < 0) {
        if (!numbered)
            return err_plain(err, HI5_E_ARG, "mapping %zu has no end, but its source "
                             "has, and no %%b in its names", i);
        if (virt->block == HI5_UNLIMITED)
            return err_plain(err, HI5_E_ARG, "mapping %zu: one block without end "
                             "cannot be made of many sources", i);
        if (!ckd_mul64(n, virt->block, &n))
            n = UINT64_MAX;
    } else if (numbered) {
        return err_plain(err, HI5_E_ARG, "mapping %zu has %%b in a name, but is not "
                         "made of one block after the other", i);
    } else if (virt->unlimited < 0 && source->unlimited >= 0) {
        return err_plain(err, HI5_E_ARG, "mapping %zu: the source has no end, but the "
                         "virtual selection has", i);
    }
    if (n != source->count)
        return err_plain(err, HI5_E_ARG, "mapping %zu: %llu elements of the source for "
                         "%llu of the dataset", i, (unsigned long long)source->count,
                         (unsigned long long)n);
    return HI5_OK;
}

HI5_INT hi5_status
vds_check(const hi5_shape *shape, const hi5_mapping *mapping, size_t n, hi5_error *err)
{
    struct vmake_side virt, source;

    for (size_t i = 0; i < n; i++) {
        const hi5_mapping *const m = &mapping[i];

        if (m->dataset == NULL || m->dataset[0] == '\0')
            return err_plain(err, HI5_E_ARG, "mapping %zu names no dataset", i);
        TRY(vmake_side(m->virt, i, "virtual", &virt, err));
        TRY(vmake_side(m->source, i, "source", &source, err));
        TRY(vmake_check_place(shape, &virt, i, err));
        TRY(vmake_check_counts(&virt, &source,
                               vmake_numbered(m->dataset) ||
                                   (m->file != NULL && vmake_numbered(m->file)),
                               i, err));
    }
    return HI5_OK;
}

/* ---- all of them ---- */

/* How a mapping names the file: this one has no name, or a copy under another one would
 * not find it. VDS-02 */
static const char *
vmake_file(const hi5_file *f, const char *name)
{
    if (name == NULL || name[0] == '\0' || strcmp(name, f->path) == 0)
        return ".";
    if ((f->full_path != NULL && strcmp(name, f->full_path) == 0) ||
        (f->real_path != NULL && strcmp(name, f->real_path) == 0))
        return ".";
    return name;
}

static hi5_status
vmake_encode(hi5_file *f, struct vds_entry *e, size_t n, struct arena *a,
             uint8_t **bytes, size_t *size, hi5_error *err)
{
    const hi5_compat compat = f->edit->compat;
    struct cur c = cur_sizer(err);

    c.off_w = f->meta.off_w;
    c.len_w = f->meta.len_w;
    vds_block_encode(&c, e, n, compat);
    if (!cur_ok(&c))
        return c.status;
    *size = c.pos;
    *bytes = arena_alloc(a, c.pos);
    if (*bytes == NULL)
        return mem_fail(&f->mem, c.pos, err);
    c = cur_writer(*bytes, *size, err);
    c.off_w = f->meta.off_w;
    c.len_w = f->meta.len_w;
    vds_block_encode(&c, e, n, compat);
    return c.status;
}

HI5_INT hi5_status
vds_put(hi5_file *f, const hi5_mapping *mapping, size_t n, uint64_t *addr,
        uint32_t *index, hi5_error *err)
{
    struct vds_entry *e;
    struct arena a;
    uint8_t *bytes = NULL;
    hi5_status s;
    size_t size = 0;

    *addr = ADDR_NONE;
    *index = 0;
    if (n == 0)
        return HI5_OK;
    arena_init(&a, &f->mem);
    e = arena_zalloc(&a, n, sizeof *e);
    for (size_t i = 0; e != NULL && i < n; i++) {
        e[i].file = vmake_file(f, mapping[i].file);
        e[i].dataset = mapping[i].dataset;
        e[i].source = (hi5_selection *)(uintptr_t)mapping[i].source; /* not changed */
        e[i].virt = (hi5_selection *)(uintptr_t)mapping[i].virt;
    }
    s = e != NULL ? vmake_encode(f, e, n, &a, &bytes, &size, err)
                  : mem_fail(&f->mem, n * sizeof *e, err);
    if (s == HI5_OK)
        s = gheap_put(f, bytes, size, addr, index, err);
    arena_done(&a);
    return s;
}
