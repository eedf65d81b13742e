/*
 * freespace_edit.c - free-space managers that are changed          [FMT III.H]
 */
#include "format/freespace_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include <stdlib.h>

HI5_INT size_t
fshd_size(const struct meta *m)
{
    return 18u + 7u * m->len_w + m->off_w;
}

/* ---- reading ---- */

static hi5_status
fs_load_list(struct meta *m, const struct fshd *h, unsigned heap_bits,
             struct fs_manager *g, fs_section_fn fn, void *ctx, hi5_error *err)
{
    const size_t around = 5u + m->off_w + 4u;
    struct fsse list = {0};
    struct block *b;
    struct cur c;

    if (h->sections == ADDR_NONE)
        return HI5_OK;
    if (h->used < around || !ckd_inside(h->sections, h->allocated, m->eof))
        return HI5_E_CORRUPT;
    TRY(meta_pin(m, h->sections, (size_t)h->used, "FSSE", &b, err));
    list.sections_size = (size_t)h->used - around;
    c = meta_cursor(m, b, (size_t)h->used, NULL, err);
    fsse_code(&c, &list);
    cur_require(&c, list.header == g->head, "header address",
                "it is another manager's list");
    if (cur_ok(&c)) {
        g->list = h->sections;
        g->list_size = h->allocated;
        c.status = fs_sections_each(h, &list, h->sections, heap_bits, fn, ctx, err);
    }
    meta_unpin(m, b);
    return c.status;
}

HI5_INT hi5_status
fs_load(struct meta *m, uint64_t addr, unsigned client, unsigned heap_bits,
        struct fs_manager *g, fs_section_fn fn, void *ctx, hi5_error *err)
{
    const size_t n = fshd_size(m);
    struct fshd h = {0};
    struct block *b;
    struct cur c;

    TRY(meta_pin(m, addr, n, "FSHD", &b, err));
    c = meta_cursor(m, b, n, NULL, err);
    fshd_code(&c, &h);
    cur_require(&c, h.client == client, "client",
                client == FS_FILE ? "not a file's" : "not a heap's");
    meta_unpin(m, b);
    TRY(c.status);
    g->head = addr;
    return fs_load_list(m, &h, heap_bits, g, fn, ctx, err);
}

/* ---- writing ---- */

static int
fs_by_size(const void *a, const void *b)
{
    const struct fs_range *const x = a, *const y = b;

    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

HI5_INT void
fs_sort(struct fs_range *r, size_t n)
{
    bool sorted = true; /* what lies by address is, where all sizes are the same */

    for (size_t i = 1; i < n && sorted; i++)
        sorted = fs_by_size(&r[i - 1], &r[i]) < 0;
    if (!sorted)
        qsort(r, n, sizeof *r, fs_by_size);
}

/* Code the sections, or measure them: those of one size together. */
static void
fs_code_ranges(struct cur *c, const struct fshd *h, const struct fs_range *r, size_t n)
{
    const unsigned count_w = ckd_enc_size(n), size_w = ckd_enc_size(h->max_section),
                   offset_w = (h->addr_bits + 7u) / 8u;

    for (size_t i = 0, k; i < n; i += k) {
        uint64_t count, size = r[i].size;

        for (k = 1; i + k < n && r[i + k].size == size; k++)
            ;
        count = k;
        cur_uint(c, "sections", count_w, &count);
        cur_uint(c, "size", size_w, &size);
        for (size_t j = 0; j < k; j++) {
            uint64_t offset = r[i + j].offset;
            uint8_t type = r[i + j].type;

            cur_uint(c, "offset", offset_w, &offset);
            cur_u8(c, "type", &type);
        }
    }
}

/* Bytes around the sections. */
static size_t
fs_around(const struct meta *m)
{
    return 5u + m->off_w + 4u;
}

HI5_INT hi5_status
fs_list_size(const struct meta *m, const struct fshd *h, const struct fs_range *r,
             size_t n, size_t *size, hi5_error *err)
{
    struct cur c = cur_sizer(err);

    fs_code_ranges(&c, h, r, n);
    *size = fs_around(m) + c.pos;
    return c.status;
}

static hi5_status
fs_put_list(struct meta *m, const struct fshd *h, const struct fs_range *r, size_t n,
            uint64_t header, struct staged *b, hi5_error *err)
{
    const size_t used = b->block.size, room = used - fs_around(m);
    struct fsse list = {.header = header, .sections_size = room};
    uint8_t *const bytes = mem_alloc(m->mem, room);
    struct cur c;

    if (bytes == NULL)
        return mem_fail(m->mem, room, err);
    c = cur_writer(bytes, room, err);
    fs_code_ranges(&c, h, r, n);
    if (cur_ok(&c)) {
        list.sections = bytes;
        c = stage_cursor(m, b, 0, err);
        fsse_code(&c, &list);
    }
    mem_free(m->mem, bytes, room);
    b->trusted = true; /* all of it is written */
    stage_changed(b, used - 4, used - 4);
    return c.status;
}

HI5_INT hi5_status
fs_put(struct meta *m, struct fshd *h, const struct fs_range *r, size_t n,
       struct staged *head, struct staged *list, hi5_error *err)
{
    const size_t size = fshd_size(m);
    struct cur c;

    TRY(fs_put_list(m, h, r, n, head->block.addr, list, err));
    h->space = 0;
    for (size_t i = 0; i < n; i++)
        h->space += r[i].size;
    h->nsections = h->nserial = n;
    h->nghosts = 0;
    h->sections = list->block.addr;
    h->used = h->allocated = list->block.size;
    c = stage_cursor(m, head, 0, err);
    fshd_code(&c, h);
    head->trusted = true;
    stage_changed(head, size - 4, size - 4);
    return c.status;
}
