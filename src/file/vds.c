/*
 * vds.c - virtual datasets: elements that are in other datasets      [FMT IV.A.2.i]
 *
 * A mapping pairs a selection of this dataset with one of a source, element by element in
 * order. An unlimited mapping grows with its source; a printf-style one names a source
 * for each block of the virtual selection. What no source gives is the fill value.
 *
 * Sources are opened when they are needed and closed again: a virtual dataset may have
 * more of them than a process may have files.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/vds.h"
#include <stdio.h>
#include <string.h>

#define VDS_DEPTH 4u       /* virtual datasets of virtual datasets */

/* ---- names ---- */

HI5_INT bool
vds_expand(char *out, const char *template, uint64_t block)
{
    size_t n = 0;

    for (const char *p = template; *p != '\0'; p++) {
        char digits[24] = {*p, '\0'};
        if (p[0] == '%' && p[1] == 'b') {
            snprintf(digits, sizeof digits, "%llu", (unsigned long long)block);
            p++;
        } else if (p[0] == '%' && p[1] == '%') {
            p++;
        }
        if (n + strlen(digits) >= VDS_NAME)
            return false;
        memcpy(out + n, digits, strlen(digits));
        n += strlen(digits);
    }
    out[n] = '\0';
    return true;
}

static bool
vds_has_block(const char *name)
{
    for (; *name != '\0'; name++) {
        if (name[0] == '%' && name[1] == 'b')
            return true;
        name += name[0] == '%' && name[1] == '%';
    }
    return false;
}

/* ---- bounded work ---- */

HI5_INT hi5_status
vds_spend(const hi5_dataset *d, uint64_t *work, uint64_t cost, hi5_error *err)
{
    if (d->above == NULL || work == NULL)
        return HI5_OK;
    if (cost > *work)
        return err_plain(err, HI5_E_LIMIT, "virtual datasets of virtual datasets: there "
                         "are too many sources");
    *work -= cost;
    return HI5_OK;
}

/* ---- sources ---- */

/* A dataset cannot be a source of itself, directly or through others. */
static hi5_status
vds_check_source(const hi5_dataset *d, const hi5_object *source, hi5_error *err)
{
    unsigned depth = 1;

    for (const hi5_dataset *x = d; x != NULL; x = x->above) {
        if (x->file == source->file && x->object->head->addr == source->head->addr)
            return err_plain(err, HI5_E_CORRUPT, "the virtual dataset is made of itself");
        if (depth++ > VDS_DEPTH)
            return err_plain(err, HI5_E_LIMIT, "virtual datasets nest more than %u deep",
                             VDS_DEPTH);
    }
    return HI5_OK;
}

HI5_INT hi5_status
vds_open_source(hi5_dataset *d, const char *file, const char *name, uint64_t *work,
                hi5_dataset **out, hi5_error *err)
{
    const struct vds_use use = {d, work};
    hi5_file *f = d->file;
    hi5_object *o;
    hi5_status s;

    *out = NULL;
    TRY(vds_spend(d, work, VDS_WORK_OPEN, err));
    if (strcmp(file, ".") == 0)
        file_ref(f);
    else
        TRY(file_open_other(d->file, HI5_OTHER_VDS_SOURCE, file, &f, err));
    s = hi5_object_open(f, name, &o, err);
    if (s == HI5_OK) {
        s = vds_check_source(d, o, err);
        if (s == HI5_OK)
            s = dataset_open(o, &use, out, err);
        hi5_object_close(o);
    }
    file_unref(f);
    return s;
}

/* ---- how far unlimited mappings reach ---- */

HI5_INT uint64_t
vds_slices(const hi5_selection *s, unsigned dim, uint64_t end)
{
    uint64_t v[4][HI5_MAX_RANK], whole, rest;

    if (!hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]) || end <= v[0][dim])
        return 0;
    end -= v[0][dim];
    if (v[3][dim] == HI5_UNLIMITED)
        return end;
    whole = end / v[1][dim];
    rest = end % v[1][dim];
    return whole * v[3][dim] + (rest < v[3][dim] ? rest : v[3][dim]);
}

HI5_INT uint64_t
vds_extent(const hi5_selection *s, unsigned dim, uint64_t slices, bool trail)
{
    uint64_t v[4][HI5_MAX_RANK], start, stride, block, whole, rest;

    if (!hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]))
        return 0;
    start = v[0][dim];
    stride = v[1][dim];
    block = v[3][dim];
    if (slices == 0)
        return trail ? start : 0;
    if (block == HI5_UNLIMITED || block == stride)
        return start + slices;
    whole = slices / block;
    rest = slices % block;
    if (rest != 0)
        return start + whole * stride + rest;
    return trail ? start + whole * stride : start + (whole - 1) * stride + block;
}

/* The extent in the unlimited dimension that a mapping with one growing source gives. */
static hi5_status
vds_reach_source(hi5_dataset *d, struct vds_map *m, bool trail, uint64_t *end,
                 hi5_error *err)
{
    hi5_dataset *source;
    uint64_t slices = 0;
    const hi5_status s =
        vds_open_source(d, m->entry.file, m->entry.dataset, d->work, &source, err);

    if (s == HI5_OK) {
        if (source->shape.rank == hi5_selection_rank(m->entry.source))
            slices = vds_slices(m->entry.source, (unsigned)m->source_dim,
                                source->shape.dims[m->source_dim]);
        hi5_dataset_close(source);
    } else {
        return s != HI5_E_NOTFOUND ? s : HI5_OK;
    }
    *end = vds_extent(m->entry.virt, (unsigned)m->virt_dim, slices, trail);
    return HI5_OK;
}

/* Count the blocks of a printf-style mapping whose sources exist, looking past gaps of
 * at most the length that the caller allows. */
static hi5_status
vds_reach_blocks(hi5_dataset *d, struct vds_map *m, bool trail, uint64_t *end,
                 hi5_error *err)
{
    const uint64_t gap = d->file->options.vds_gap;
    char file[VDS_NAME], name[VDS_NAME];
    uint64_t v[4][HI5_MAX_RANK], found = 0;

    for (uint64_t b = 0; b <= found + gap; b++) {
        hi5_dataset *source;
        hi5_status s;
        if (!vds_expand(file, m->entry.file, b) || !vds_expand(name, m->entry.dataset, b))
            return err_plain(err, HI5_E_LIMIT, "the name of a source is too long");
        s = vds_open_source(d, file, name, d->work, &source, err);
        if (s == HI5_OK) {
            hi5_dataset_close(source);
            found = b + 1;
        } else if (s != HI5_E_NOTFOUND) {
            return s;
        } else if (trail) {
            break; /* the first one missing ends it */
        }
    }
    m->blocks = found;
    if (!hi5_selection_get_regular(m->entry.virt, v[0], v[1], v[2], v[3]))
        return err_plain(err, HI5_E_CORRUPT, "%%b without a regular selection");
    if (found != 0)
        *end = vds_extent(m->entry.virt, (unsigned)m->virt_dim,
                          found * v[3][m->virt_dim], trail);
    return HI5_OK;
}

/* Give the dataset the extent that its sources allow, its maximum at most. Limited
 * mappings set the least. A mapping whose source is missing reaches nowhere, not even to
 * where it starts, as libhdf5 has it. */
static hi5_status
vds_set_extent(hi5_dataset *d, hi5_error *err)
{
    const bool first = d->file->options.vds_view == HI5_VDS_FIRST_MISSING;
    uint64_t least[HI5_MAX_RANK] = {0}, reach[HI5_MAX_RANK];
    bool open[HI5_MAX_RANK] = {false};

    for (size_t i = 0; i < d->vds->n; i++) {
        struct vds_map *m = &d->vds->map[i];
        uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK], end = 0;
        const int u = m->virt_dim;
        if (hi5_selection_get_kind(m->entry.virt) != HI5_SELECTION_ALL &&
            hi5_selection_bounds(m->entry.virt, low, high))
            for (int k = 0; k < (int)d->shape.rank; k++)
                if (k != u && high[k] != UINT64_MAX && high[k] >= least[k])
                    least[k] = high[k] + 1;
        if (u < 0)
            continue;
        if (m->printf_style)
            TRY(vds_reach_blocks(d, m, first, &end, err));
        else if (m->source_dim >= 0)
            TRY(vds_reach_source(d, m, first, &end, err));
        if (!open[u] || (first ? end < reach[u] : end > reach[u]))
            reach[u] = end;
        open[u] = true;
    }
    for (unsigned k = 0; k < d->shape.rank; k++) {
        if (!open[k])
            continue;
        if (reach[k] < least[k])
            reach[k] = least[k];
        d->shape.dims[k] = reach[k] < d->shape.max[k] ? reach[k] : d->shape.max[k];
    }
    return HI5_OK;
}

/* ---- opening ---- */

static hi5_status
vds_load(hi5_dataset *d, hi5_error *err)
{
    const uint8_t *bytes, *copy;
    struct vds_entry *entries;
    struct cur c;
    void *held;
    size_t n;

    TRY(gheap_get(d->file->gheap, d->layout.addr, d->layout.heap_index, &bytes, &n, &held,
                  err));
    copy = arena_copy(&d->arena, bytes, n);
    gheap_release(d->file->gheap, held);
    if (copy == NULL)
        return mem_fail(&d->file->mem, n, err);
    TRY(vds_spend(d, d->work, n, err));
    c = meta_cursor_at(&d->file->meta, copy, n, ADDR_NONE, &d->arena, err);
    TRY(vds_block_decode(&c, &d->file->mem, &d->shape, &entries, &n));
    d->vds->n = n;
    d->vds->map = arena_zalloc(&d->arena, n, sizeof *d->vds->map);
    if (d->vds->map == NULL) {
        for (size_t i = 0; i < n; i++) {
            hi5_selection_free(entries[i].source);
            hi5_selection_free(entries[i].virt);
        }
        d->vds->n = 0;
        return mem_fail(&d->file->mem, n * sizeof *d->vds->map, err);
    }
    for (size_t i = 0; i < n; i++) {
        struct vds_map *m = &d->vds->map[i];
        m->entry = entries[i];
        m->virt_dim = sel_unlimited_dim(m->entry.virt);
        m->source_dim = sel_unlimited_dim(m->entry.source);
        m->printf_style = m->virt_dim >= 0 && m->source_dim < 0 &&
                          (vds_has_block(m->entry.file) ||
                           vds_has_block(m->entry.dataset));
    }
    return HI5_OK;
}

HI5_INT hi5_status
vds_open(hi5_dataset *d, hi5_error *err)
{
    uint64_t work = VDS_WORK;
    hi5_status s;

    d->vds = arena_zalloc(&d->arena, 1, sizeof *d->vds);
    if (d->vds == NULL)
        return mem_fail(&d->file->mem, sizeof *d->vds, err);
    if (d->layout.addr == ADDR_NONE || d->layout.heap_index == 0)
        return HI5_OK; /* no mappings */
    TRY(vds_load(d, err));
    if (d->above != NULL)
        return vds_set_extent(d, err);
    d->work = &work;
    s = vds_set_extent(d, err);
    d->work = NULL;
    return s;
}

HI5_INT void
vds_close(hi5_dataset *d)
{
    for (size_t i = 0; i < d->vds->n; i++) {
        hi5_selection_free(d->vds->map[i].entry.source);
        hi5_selection_free(d->vds->map[i].entry.virt);
    }
}

HI5_INT size_t
vds_count(const hi5_dataset *d)
{
    return d->vds != NULL ? d->vds->n : 0;
}

HI5_INT bool
vds_mapping(const hi5_dataset *d, size_t i, hi5_mapping *m)
{
    const struct vds_entry *e;

    if (i >= vds_count(d))
        return false;
    e = &d->vds->map[i].entry;
    *m = (hi5_mapping){e->file, e->dataset, e->source, e->virt};
    return true;
}
