/*
 * dataset_map.c - elements where they are: a pointer into the file
 *
 * For data in one piece that nothing has to be done to. A mapping is made once for each
 * dataset handle, when it is first asked for, and ends with the handle.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/dataset.h"

/* What there is for a dataset without elements. */
static const uint64_t map_nothing[2] = {0, 0};

static hi5_status
map_check_layout(const hi5_dataset *d, hi5_error *err)
{
    switch ((hi5_layout_kind)d->layout.cls) {
    case HI5_CHUNKED:
        return err_plain(err, HI5_E_TYPE, "the data is in chunks");
    case HI5_VIRTUAL:
        return err_plain(err, HI5_E_TYPE, "a virtual dataset has no data of its own");
    case HI5_CONTIGUOUS:
        if (d->nexternals != 0)
            return err_plain(err, HI5_E_STATE, "the data is in external files");
        if (d->layout.addr == ADDR_NONE)
            return err_plain(err, HI5_E_STATE, "nothing has been written yet");
        break;
    case HI5_COMPACT:
        break;
    }
    return HI5_OK;
}

static hi5_status
map_check_type(const hi5_dataset *d, const hi5_type *memory, hi5_error *err)
{
    if (memory == NULL || type_same_bytes(d->type, memory))
        return HI5_OK;
    return err_plain(err, HI5_E_TYPE, "elements of %zu bytes (%s) are not stored as the "
                     "%zu bytes (%s) that are wanted", d->type->size,
                     type_class_name(d->type->cls), memory->size,
                     type_class_name(memory->cls));
}

/* Elements that are wanted as such must lie where C could have put them. */
static hi5_status
map_check_align(const void *p, const hi5_type *memory, hi5_error *err)
{
    const size_t align = memory != NULL ? type_align(memory) : 1;

    if ((uintptr_t)p % align == 0)
        return HI5_OK;
    return err_plain(err, HI5_E_STATE, "the data is not aligned to %zu bytes", align);
}

/* The bytes of contiguous data, the same for all calls. */
static hi5_status
map_contiguous(hi5_dataset *d, size_t n, const uint8_t **p, hi5_error *err)
{
    const struct meta *const meta = &d->file->meta;
    const uint64_t addr = d->layout.addr;
    struct io_map m = {0};

    mutex_lock(&d->file->lock);
    *p = d->map.bytes;
    mutex_unlock(&d->file->lock);
    if (*p != NULL)
        return HI5_OK;
    if (!ckd_inside(addr, n, meta->eof))
        return err_set(err, HI5_E_TRUNCATED, addr, "data layout message", "address",
                       "IV.A.2.i", "%zu bytes run past the end of the file, 0x%llx", n,
                       (unsigned long long)meta->eof);
    TRY(io_map(&meta->io, meta->base + addr, n, &m, err));
    mutex_lock(&d->file->lock);
    if (d->map.bytes == NULL) {
        d->map = m;
        m = (struct io_map){0};
    }
    *p = d->map.bytes;
    mutex_unlock(&d->file->lock);
    io_unmap(&m); /* somebody else was faster */
    return HI5_OK;
}

static hi5_status
dataset_map(hi5_dataset *d, const hi5_type *memory, const uint8_t **p, size_t *n,
            hi5_error *err)
{
    const struct msg_layout *const l = &d->layout;
    uint64_t bytes = 0;

    TRY(dataset_bytes(d, &bytes, err));
    TRY(map_check_type(d, memory, err));
    if (!ckd_size(bytes, n))
        return err_plain(err, HI5_E_LIMIT, "the data does not fit into memory");
    if (bytes == 0) {
        *p = (const uint8_t *)map_nothing;
        return HI5_OK;
    }
    TRY(map_check_layout(d, err));
    if (l->cls == HI5_CONTIGUOUS) {
        TRY(map_contiguous(d, *n, p, err));
    } else {
        if (bytes > l->size)
            return err_set(err, HI5_E_CORRUPT, l->data_addr, "data layout message", "size",
                           "IV.A.2.i", "%llu bytes of compact data are too few",
                           (unsigned long long)l->size);
        *p = l->data;
    }
    return map_check_align(*p, memory, err);
}

hi5_status
hi5_dataset_map(hi5_dataset *d, const hi5_type *memory, const void **bytes, size_t *n,
                hi5_error *err)
{
    const uint8_t *p = NULL;
    size_t size = 0;
    hi5_status s;

    *bytes = NULL;
    *n = 0;
    err_clear(err);
    s = dataset_map(d, memory, &p, &size, err);
    if (s == HI5_OK) {
        *bytes = p;
        *n = size;
    }
    return object_error(d->object, s, err);
}
