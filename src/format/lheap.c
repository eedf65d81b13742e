/*
 * lheap.c - local heaps: the names of old-style groups             [FMT III.D]
 *
 * A group's symbol table message points at the heap; the heap header points at the data
 * segment. Symbol table entries and B-tree keys are offsets into that segment. External
 * file lists keep their names in such heaps too.
 *
 * The free list is for writers: a damaged one keeps nobody from reading names.
 */
#include "format/lheap.h"
#include "base/err.h"
#include <string.h>

#define LHEAP_MOST (8u + 2 * 32 + 32) /* bytes of a header, the widths as they may be */

/*
 * Local Heap                                                       [FMT III.D]
 *
 *   size  field
 *      4  signature            "HEAP"
 *      1  version              0
 *      3  reserved
 *      L  data segment size
 *      L  free list head       offset of the first free block; 1: there is none
 *      O  data segment address
 *         padding to a multiple of 8
 *
 * U-LH-2: an empty free list is the number 1, not the undefined address.
 */
HI5_INT void
lheap_code(struct cur *c, struct lheap *h)
{
    cur_begin(c, "HEAP", "III.D");
    cur_signature(c, "HEAP");
    cur_const(c, "version", 1, 0);
    cur_reserved(c, 3);
    cur_len(c, "data segment size", &h->data_size);
    cur_len(c, "free list head", &h->free_head);
    cur_addr(c, "data segment address", &h->data_addr);
    cur_pad(c, 8);

    cur_expect(c, h->free_head == LHEAP_NO_FREE || h->free_head < h->data_size,
               "free list head", "it is outside the data segment");
    cur_require(c, h->data_size == 0 || h->data_addr != ADDR_NONE,
                "data segment address", "it is undefined, but the segment has a size");
}

HI5_INT hi5_status
lheap_read(struct meta *m, uint64_t addr, struct lheap *h, hi5_error *err)
{
    const size_t fixed = 8 + 2u * m->len_w + m->off_w;
    const size_t n = (fixed + 7) / 8 * 8;
    uint8_t bytes[LHEAP_MOST];
    struct cur c;

    TRY(meta_copy(m, addr, n, "HEAP", bytes, err));
    c = meta_cursor_at(m, bytes, n, addr, NULL, err);
    lheap_code(&c, h);
    return c.status;
}

HI5_INT hi5_status
lheap_open_data(struct meta *m, const struct lheap *h, struct lheap_view *v,
                hi5_error *err)
{
    size_t there;

    *v = (struct lheap_view){*h, NULL};
    if (h->data_size == 0)
        return HI5_OK;
    /* A segment that runs past the end of the file still has the names before it. */
    there = meta_clip(m, h->data_addr,
                      h->data_size < SIZE_MAX ? (size_t)h->data_size : SIZE_MAX);
    if (there == 0)
        return err_set(err, HI5_E_TRUNCATED, h->data_addr, "HEAP",
                       "data segment address", "III.D",
                       "the data segment lies beyond the end of the file");
    return meta_pin(m, h->data_addr, there, "local heap data segment", &v->data, err);
}

HI5_INT hi5_status
lheap_open(struct meta *m, uint64_t addr, struct lheap_view *v, hi5_error *err)
{
    struct lheap h;

    v->data = NULL;
    TRY(lheap_read(m, addr, &h, err));
    return lheap_open_data(m, &h, v, err);
}

HI5_INT void
lheap_close(struct meta *m, struct lheap_view *v)
{
    meta_unpin(m, v->data);
    v->data = NULL;
}

HI5_INT hi5_status
lheap_string(const struct lheap_view *v, uint64_t offset, const char **s,
             hi5_error *err)
{
    const struct block *b = v->data;
    const uint64_t held = b == NULL ? 0 : b->size;
    const uint64_t end = held < v->head.data_size ? held : v->head.data_size;

    *s = "";
    if (offset >= end)
        return err_set(err, HI5_E_CORRUPT, v->head.data_addr, "local heap data segment",
                       "name", "III.D", "offset %llu is outside its %llu bytes",
                       (unsigned long long)offset, (unsigned long long)end);
    if (memchr(b->bytes + offset, 0, (size_t)(end - offset)) == NULL)
        return err_set(err, HI5_E_CORRUPT, v->head.data_addr + offset,
                       "local heap data segment", "name", "III.D",
                       "the name has no terminating NUL");
    *s = (const char *)(b->bytes + offset);
    return HI5_OK;
}
