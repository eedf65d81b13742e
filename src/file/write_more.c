/*
 * write_more.c - writing parts of elements, and chunks as they are
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/read.h"
#include "file/write.h"
#include <string.h>

hi5_status
hi5_dataset_write_field(hi5_dataset *d, const char *field, const hi5_selection *selection,
                        const hi5_type *memory, const void *buf, hi5_error *err)
{
    hi5_type *t;
    hi5_status s;

    err_clear(err);
    s = read_field_type(d->type, field, memory, &t, err);
    if (s != HI5_OK)
        return object_error(d->object, s, err);
    s = hi5_dataset_write(d, selection, t, buf, err);
    hi5_type_free(t);
    return s;
}

/* ---- chunks as they are ---- */

static hi5_status
raw_check(const struct dataset_edit *e, const uint64_t *offset, uint64_t *scaled,
          hi5_error *err)
{
    if (e->layout.cls != HI5_CHUNKED)
        return err_plain(err, HI5_E_TYPE, "the dataset is not chunked");
    for (unsigned i = 0; i < e->grid.rank; i++) {
        scaled[i] = offset[i] / e->grid.chunk[i];
        if (offset[i] % e->grid.chunk[i] != 0)
            return err_plain(err, HI5_E_ARG, "no chunk begins at %llu in dimension %u",
                             (unsigned long long)offset[i], i);
        if (offset[i] >= e->shape.dims[i])
            return err_plain(err, HI5_E_RANGE, "%llu is outside of dimension %u",
                             (unsigned long long)offset[i], i);
    }
    return HI5_OK;
}

hi5_status
hi5_dataset_write_raw_chunk(hi5_dataset *d, const uint64_t *offset, uint32_t mask,
                            const void *bytes, size_t n, hi5_error *err)
{
    uint64_t scaled[HI5_MAX_RANK];
    struct dataset_edit *e;
    hi5_status s;

    err_clear(err);
    TRY(edit_begin(d->file, err));
    s = dataset_edit_get(d, &e, err);
    if (s == HI5_OK)
        s = raw_check(e, offset, scaled, err);
    if (s == HI5_OK)
        s = chunk_write_stored(e, scaled, bytes, n, mask, err);
    return object_error(d->object, edit_end(d->file, s, err), err);
}
