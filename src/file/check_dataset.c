/*
 * check_dataset.c - where a dataset's elements are                 [FMT IV.A.2.i]
 */
#include "base/ckd.h"
#include "file/check.h"
#include "format/msg_select.h"
#include <string.h>

#define DATASET_WINDOW (256u * 1024u)

/* Contiguous elements that lead elsewhere, a window at a time. */
static void
dataset_values(struct check_header *x, uint64_t bytes)
{
    struct check *const k = x->k;
    const size_t each = x->type->size;
    const uint64_t most = each < DATASET_WINDOW ? DATASET_WINDOW / each : 1;
    uint64_t left = bytes / each, at = x->layout.addr;
    uint8_t *const buf = mem_alloc(&k->mem, (size_t)most * each);

    if (buf == NULL) {
        check_no_memory(k, most * each);
        return;
    }
    while (left > 0 && !check_broken(k)) {
        const uint64_t n = left < most ? left : most;
        hi5_error err = {0};

        if (meta_read(k->meta, at, buf, (size_t)n * each, &err) != HI5_OK) {
            check_failed(k, &err);
            break;
        }
        check_values(k, x->type, buf, n, at);
        at += n * each;
        left -= n;
    }
    mem_free(&k->mem, buf, (size_t)most * each);
}

static void
dataset_plain(struct check_header *x)
{
    const struct msg_layout *const l = &x->layout;
    const uint64_t n = hi5_shape_count(&x->space.shape);
    const bool leads = x->type->has_vlen || x->type->has_ref;
    struct check *const k = x->k;
    uint64_t bytes, size;

    if (n == UINT64_MAX || !ckd_mul64(n, x->type->size, &bytes))
        return;
    if (l->cls == HI5_COMPACT) {
        if (leads && l->size >= bytes)
            check_values(k, x->type, l->data, n, l->data_addr);
        return;
    }
    if (l->addr == ADDR_NONE)
        return;
    size = l->version >= 3 && l->size > bytes ? l->size : bytes;
    if (ckd_inside(l->addr, size, k->meta->eof))
        check_claim(k, l->addr, size, "contiguous data", HI5_USE_DATA);
    else if (l->addr < k->meta->eof) /* MS-050 says so */
        check_claim(k, l->addr, k->meta->eof - l->addr, "contiguous data",
                    HI5_USE_DATA);
    if (leads && (k->data || k->space_only) && ckd_inside(l->addr, bytes, k->meta->eof))
        dataset_values(x, bytes);
}

/* ---- external files ---- */

static void
dataset_external(struct check_header *x)
{
    struct check *const k = x->k;
    struct lheap_view heap;
    const uint64_t slots = x->efl_addr + 8 + k->meta->off_w;
    uint64_t sum = 0, bytes, end;
    bool open_ended = false;

    k->role = CHECK_EXTERNAL;
    check_local_heap(k, x->efl.heap);
    k->role = CHECK_DATA;
    k->mute = true;
    if (lheap_open(k->meta, x->efl.heap, &heap, NULL) != HI5_OK) {
        k->mute = false;
        return;
    }
    k->mute = false;
    for (unsigned i = 0; i < x->efl.nused; i++) {
        const struct msg_efl_slot *const s = &x->efl.slot[i];
        const char *name;
        hi5_error err = {0};

        if (lheap_string(&heap, s->name_off, &name, &err) != HI5_OK)
            check_report(k, "MS-037", slots + 3u * i * k->meta->len_w,
                         "external file list message", "name offset", "%s", err.cause);
        else if (name[0] == '\0')
            check_report(k, "MS-037", slots + 3u * i * k->meta->len_w,
                         "external file list message", "name offset",
                         "file %u has no name", i);
        open_ended |= s->size == UINT64_MAX;
        if (!ckd_add64(s->offset, s->size != UINT64_MAX ? s->size : 0, &end) ||
            end == UINT64_MAX)
            check_report(k, "MS-036", x->h->addr, "external file list message", "offset",
                         "file %u would have to have 2^64 bytes or more", i);
        if (s->size != UINT64_MAX && !ckd_add64(sum, s->size, &sum))
            check_report(k, "MS-036", x->h->addr, "external file list message", "size",
                         "the sizes add up to 2^64 or more");
    }
    if (!open_ended &&
        ckd_mul64(hi5_shape_count(&x->space.shape), x->type->size, &bytes) &&
        bytes > sum)
        check_report(k, "MS-036", x->h->addr, "external file list message", "size",
                     "the sizes add up to %llu bytes, but the dataset has %llu",
                     (unsigned long long)sum, (unsigned long long)bytes);
    lheap_close(k->meta, &heap);
}

/* ---- virtual datasets ---- */

/* VD-003: sources in this very file; others are not opened. */
static void
dataset_check_source(struct check_header *x, const struct vds_entry *e, uint64_t addr)
{
    struct check *const k = x->k;
    hi5_file *f = NULL;
    uint64_t found;
    hi5_status s;

    if (strcmp(e->file, ".") != 0 || strchr(e->dataset, '%') != NULL)
        return;
    k->mute = true;
    s = path_find(k->file, k->file->super.root, e->dataset, &f, &found, NULL);
    k->mute = false;
    if (s == HI5_OK)
        file_unref(f);
    else
        check_report(k, "VD-003", addr, "virtual dataset block", "source dataset",
                     "there is no '%.100s'", e->dataset);
}

static void
dataset_mappings(struct check_header *x, const uint8_t *bytes, size_t n, uint64_t addr)
{
    struct check *const k = x->k;
    hi5_error err = {0};
    struct cur c = meta_cursor_at(k->meta, bytes, n, addr, &x->arena, &err);
    struct vds_entry *e;
    size_t count;

    if (vds_block_decode(&c, &k->mem, &x->space.shape, &e, &count) != HI5_OK) {
        check_failed(k, &err);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const int virt = sel_unlimited_dim(e[i].virt);
        const int source = sel_unlimited_dim(e[i].source);

        if (virt < 0 && source < 0 &&
            hi5_selection_get_kind(e[i].source) != HI5_SELECTION_ALL &&
            hi5_selection_count(e[i].virt) != hi5_selection_count(e[i].source))
            check_report(k, "VD-002", addr, "virtual dataset block", "selection",
                         "mapping %zu: %llu elements from %llu", i,
                         (unsigned long long)hi5_selection_count(e[i].virt),
                         (unsigned long long)hi5_selection_count(e[i].source));
        if (virt < 0 && source >= 0)
            check_report(k, "VD-002", addr, "virtual dataset block", "selection",
                         "mapping %zu: a limited selection of an "
                         "unlimited source",
                         i);
        dataset_check_source(x, &e[i], addr);
        hi5_selection_free(e[i].virt);
        hi5_selection_free(e[i].source);
    }
}

/* Why the reader could not open it, unless that has been said in other words. */
static void
dataset_not_open(struct check_header *x, const hi5_error *err)
{
    hi5_error e = *err;

    if (e.status == HI5_E_STATE) /* it needs other files, which may not be opened */
        return;
    if (strcmp(e.structure, "chunk index") == 0 && strcmp(e.field, "entries") == 0)
        e.address += 8; /* of a fixed array's header */
    if (x->k->result->errors == x->errors || e.status == HI5_E_NOMEM ||
        e.status == HI5_E_IO)
        check_failed(x->k, &e);
}

/* What only shows when sources are opened, as a reader does. What another file has is
 * not this file's fault. */
static void
dataset_probe(struct check_header *x, uint64_t addr)
{
    struct check *const k = x->k;
    hi5_dataset *d = NULL;
    hi5_object *o;
    hi5_error err = {0};
    hi5_mapping m;

    k->mute = true;
    if (object_open(k->file, x->h->addr, k->path, &o, &err) != HI5_OK) {
        k->mute = false;
        dataset_not_open(x, &err);
        return;
    }
    if (dataset_open(o, NULL, &d, &err) != HI5_OK) {
        k->mute = false;
        dataset_not_open(x, &err);
    }
    for (size_t i = 0; d != NULL && vds_mapping(d, i, &m) && !check_broken(k); i++) {
        const bool here = strcmp(m.file, ".") == 0;
        const size_t warnings = k->file->nwarnings;
        hi5_status s;

        k->mute = true;
        s = vds_probe(d, i, &err);
        k->mute = false;
        if (s == HI5_E_NOMEM || (s == HI5_E_IO && here))
            check_failed(k, &err);
        else if (s != HI5_OK && (here || (s != HI5_E_STATE && s != HI5_E_IO)))
            check_report_as(k, "VD-002", here ? HI5_ERROR : HI5_WARNING, addr,
                            "virtual dataset block", "selection",
                            "mapping %zu cannot be read: %s", i, err.cause);
        else if (k->file->nwarnings != warnings)
            check_report(k, "VD-003", addr, "virtual dataset block", "source dataset",
                         "there is no '%.100s' in %.100s", m.dataset, m.file);
    }
    k->mute = false;
    hi5_dataset_close(d);
    hi5_object_close(o);
}

static void
dataset_virtual(struct check_header *x)
{
    const struct msg_layout *const l = &x->layout;
    struct check *const k = x->k;
    const uint8_t *bytes;
    hi5_error err = {0};
    uint64_t where;
    void *held;
    size_t n;

    if (l->addr == ADDR_NONE || l->heap_index == 0)
        return;
    if (!check_gheap_use(k, l->addr, l->heap_index, &where)) {
        check_report(k, "GH-004", x->at.layout + k->meta->off_w, "data layout message",
                     "heap index",
                     "object %lu of the collection at 0x%llx is not there",
                     (unsigned long)l->heap_index, (unsigned long long)l->addr);
        return;
    }
    if (where == ADDR_NONE)
        return; /* the collection is damaged, which has been said */
    if (gheap_get(k->file->gheap, l->addr, l->heap_index, &bytes, &n, &held, &err) !=
        HI5_OK) {
        check_failed(k, &err);
        return;
    }
    dataset_mappings(x, bytes, n, where);
    gheap_release(k->file->gheap, held);
    if (k->data && k->result->errors == x->errors)
        dataset_probe(x, where);
}

/* ---- chunks ---- */

/* Open the dataset as a reader does. */
static void
dataset_chunked(struct check_header *x)
{
    struct check *const k = x->k;
    hi5_dataset *d = NULL;
    hi5_object *o;
    hi5_error err = {0};

    if (object_open(k->file, x->h->addr, k->path, &o, &err) != HI5_OK) {
        dataset_not_open(x, &err);
        return;
    }
    if (dataset_open(o, NULL, &d, &err) != HI5_OK) {
        dataset_not_open(x, &err);
    } else {
        check_chunks(x, d);
        hi5_dataset_close(d);
    }
    hi5_object_close(o);
}

HI5_INT void
check_dataset(struct check_header *x)
{
    if (!x->has_layout || !x->has_space || x->type == NULL)
        return;
    if (x->has_efl)
        dataset_external(x);
    if (x->layout.cls == HI5_CHUNKED && x->layout.addr != ADDR_NONE)
        dataset_chunked(x);
    else if (x->layout.cls == HI5_VIRTUAL)
        dataset_virtual(x);
    else if (x->layout.cls != HI5_CHUNKED && !x->has_efl)
        dataset_plain(x);
}
