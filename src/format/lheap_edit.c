/*
 * lheap_edit.c - changing local heaps                              [FMT III.D]
 *
 * Free blocks are a list, in no order, through the data segment. Looking along all of it
 * for each string would make large groups slow. So only its beginning is looked at; when
 * nothing fits, the list is tidied: neighbours become one, the largest come first. If
 * there is still no block that makes up for the work, the segment grows to twice its
 * size.
 */
#include "format/lheap_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include <stdlib.h>
#include <string.h>

#define LHEDIT_FITS 16u       /* blocks looked at for a place */
#define LHEDIT_BESIDE 64u     /* and for neighbours of what becomes free */

static const char lhedit_name[] = "HEAP";

/* A free block that has been taken from the list. */
struct lhedit_block {
    uint64_t at, size;
};

/*
 * Local heap free block                                            [FMT III.D]
 *
 *   size  field
 *      L  next free block      offset in the data segment; 1: this is the last
 *      L  size                 with this head
 */
HI5_INT void
lheap_free_code(struct cur *c, struct lheap_free *f)
{
    cur_begin(c, "local heap free block", "III.D");
    cur_len(c, "next free block", &f->next);
    cur_len(c, "size of free block", &f->size);
}

static uint64_t
lhedit_round(uint64_t n)
{
    return (n + 7) / 8 * 8;
}

/* The least block that can be on the list. */
static uint64_t
lhedit_least(const struct lheap_edit *h)
{
    return lhedit_round(2u * h->meta->len_w);
}

static size_t
lhedit_head_size(const struct meta *m)
{
    return (size_t)lhedit_round(8 + 2u * m->len_w + m->off_w);
}

static void
lhedit_put_head(struct lheap_edit *h)
{
    struct cur c = stage_cursor(h->meta, h->b, 0, NULL);

    lheap_code(&c, &h->head);
    stage_changed(h->b, 0, 0);
    h->view.head = h->head;
}

static void
lhedit_set_data(struct lheap_edit *h, struct staged *data)
{
    h->data = data;
    h->view = (struct lheap_view){h->head, data != NULL ? &data->block : NULL};
}

/* The free block at `at`; false: there cannot be one. */
static bool
lhedit_get(const struct lheap_edit *h, uint64_t at, struct lheap_free *f)
{
    const uint64_t size = h->head.data_size;
    struct cur c;

    if (h->data == NULL || at > size || size - at < 2u * h->meta->len_w)
        return false;
    c = meta_cursor_at(h->meta, h->data->bytes + at, (size_t)(size - at), ADDR_NONE, NULL,
                       NULL);
    lheap_free_code(&c, f);
    return cur_ok(&c) && f->size >= 2u * h->meta->len_w && f->size <= size - at;
}

static void
lhedit_put(struct lheap_edit *h, uint64_t at, uint64_t next, uint64_t size)
{
    struct lheap_free f = {next, size};
    struct cur c = stage_cursor(h->meta, h->data, (size_t)at, NULL);

    lheap_free_code(&c, &f);
    stage_changed(h->data, 0, 0);
}

/* Let the list go on at `next` behind the block at `prev`, or behind the head of the list
 * if that is LHEAP_NO_FREE. */
static void
lhedit_link(struct lheap_edit *h, uint64_t prev, uint64_t next)
{
    struct lheap_free f;

    if (prev == LHEAP_NO_FREE) {
        h->head.free_head = next;
        lhedit_put_head(h);
    } else if (lhedit_get(h, prev, &f)) {
        lhedit_put(h, prev, next, f.size);
    }
}

/* Where the zero words from `at` on end. No string begins with one, no free block has one
 * at its head: behind a string or a free block they are nobody's, what was once too small
 * for a free block. */
static uint64_t
lhedit_zeros(const struct lheap_edit *h, uint64_t at)
{
    static const uint8_t zeros[8];

    while (ckd_inside(at, 8, h->head.data_size) &&
           memcmp(h->data->bytes + at, zeros, 8) == 0)
        at += 8;
    return at;
}

/* ---- the whole list ---- */

static int
lhedit_by_place(const void *a, const void *b)
{
    const uint64_t x = ((const struct lhedit_block *)a)->at;
    const uint64_t y = ((const struct lhedit_block *)b)->at;

    return x < y ? -1 : x > y;
}

static int
lhedit_by_size(const void *a, const void *b)
{
    const uint64_t x = ((const struct lhedit_block *)a)->size;
    const uint64_t y = ((const struct lhedit_block *)b)->size;

    return x > y ? -1 : x < y ? 1 : lhedit_by_place(a, b);
}

/* How many free blocks are there? A list without end, or with what cannot be a block:
 * none. */
static size_t
lhedit_count(const struct lheap_edit *h)
{
    const uint64_t most = h->head.data_size / (2u * h->meta->len_w);
    uint64_t at = h->head.free_head;
    struct lheap_free f;
    size_t n = 0;

    for (; at != LHEAP_NO_FREE; at = f.next)
        if (n++ >= most || !lhedit_get(h, at, &f))
            return 0;
    return n;
}

/* Strings are aligned, so only that part of a block counts that is; and at 0 there is none
 * but the empty one. */
static struct lhedit_block
lhedit_aligned(uint64_t at, uint64_t size)
{
    const uint64_t over = at != 0 ? lhedit_round(at) - at : 8;

    return (struct lhedit_block){at + over, size > over ? (size - over) / 8 * 8 : 0};
}

/* Make neighbours one, and give blocks what is nobody's behind them. */
static size_t
lhedit_merge(const struct lheap_edit *h, struct lhedit_block *list, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        struct lhedit_block *const last = kept != 0 ? &list[kept - 1] : NULL;
        struct lhedit_block b = list[i];

        if (last != NULL && last->at + last->size > b.at)
            return 0;
        b.size = lhedit_zeros(h, b.at + b.size) - b.at;
        if (i + 1 < n && list[i + 1].at < b.at + b.size)
            b.size = list[i].size;
        if (last != NULL && last->at + last->size == b.at)
            last->size += b.size;
        else if (b.size >= lhedit_least(h))
            list[kept++] = b;
    }
    return kept;
}

/* The free blocks by place, neighbours made one, with room for one more. Blocks that
 * overlap: none. */
static hi5_status
lhedit_gather(const struct lheap_edit *h, struct lhedit_block **out, size_t *room,
              size_t *n, hi5_error *err)
{
    const size_t count = lhedit_count(h);
    struct lhedit_block *const list = mem_zalloc(h->meta->mem, count + 1, sizeof *list);
    uint64_t at = h->head.free_head;

    if (list == NULL)
        return mem_fail(h->meta->mem, (count + 1) * sizeof *list, err);
    for (size_t i = 0; i < count; i++) {
        struct lheap_free f = {0};
        lhedit_get(h, at, &f);
        list[i] = lhedit_aligned(at, f.size);
        at = f.next;
    }
    if (count > 1)
        qsort(list, count, sizeof *list, lhedit_by_place);
    *out = list;
    *room = count + 1;
    *n = lhedit_merge(h, list, count);
    return HI5_OK;
}

/* Make these blocks the list, the largest first. */
static void
lhedit_rewrite(struct lheap_edit *h, struct lhedit_block *list, size_t n)
{
    if (n > 1)
        qsort(list, n, sizeof *list, lhedit_by_size);
    for (size_t i = 0; i < n; i++)
        lhedit_put(h, list[i].at, i + 1 < n ? list[i + 1].at : LHEAP_NO_FREE,
                   list[i].size);
    h->head.free_head = n != 0 ? list[0].at : LHEAP_NO_FREE;
    lhedit_put_head(h);
}

/* Move the data segment to a place with room for `need` bytes more, and at least twice as
 * large. The room becomes one of the free blocks, which are by place. */
static hi5_status
lhedit_grow(struct lheap_edit *h, uint64_t need, struct lhedit_block *list, size_t *n,
            hi5_error *err)
{
    const struct lheap old = h->head;
    const uint64_t end = lhedit_round(old.data_size);
    uint64_t more = need > end ? need : end, total;
    struct lhedit_block *const last = *n != 0 ? &list[*n - 1] : NULL;
    struct staged *data;
    size_t size;

    if (old.data_size == 0)
        more += 8;
    if (more - need < lhedit_least(h))
        more += lhedit_least(h);
    if (!ckd_add64(end, more, &total) || !ckd_size(total, &size) ||
        (h->meta->len_w < 8 && total >> (8 * h->meta->len_w) != 0))
        return err_set(err, HI5_E_LIMIT, h->addr, lhedit_name, "data segment size",
                       "III.D", "it would become too large");
    TRY(stage_new(h->meta, size, &data, err));
    if (old.data_size != 0)
        memcpy(data->bytes, h->data->bytes, (size_t)old.data_size);
    if (last != NULL && last->at + last->size == end)
        last->size += more;
    else
        list[(*n)++] = old.data_size != 0 ? (struct lhedit_block){end, more}
                                          : (struct lhedit_block){8, more - 8};
    h->head.data_addr = data->block.addr;
    h->head.data_size = total;
    lhedit_set_data(h, data);
    lhedit_rewrite(h, list, *n);
    return old.data_size == 0 ? HI5_OK
                              : stage_free(h->meta, old.data_addr, old.data_size, err);
}

/* Bring the largest free block to the beginning of the list; it has room for `need` bytes
 * and what must be left of a block. */
static hi5_status
lhedit_tidy(struct lheap_edit *h, uint64_t need, hi5_error *err)
{
    struct lhedit_block *list;
    uint64_t largest = 0;
    hi5_status s = HI5_OK;
    size_t room, n;

    TRY(lhedit_gather(h, &list, &room, &n, err));
    for (size_t i = 0; i < n; i++)
        if (list[i].size > largest)
            largest = list[i].size;
    if (largest < need + lhedit_least(h) ||
        (n > LHEDIT_BESIDE && largest < h->head.data_size / 16))
        s = lhedit_grow(h, need, list, &n, err);
    else
        lhedit_rewrite(h, list, n);
    mem_free(h->meta->mem, list, room * sizeof *list);
    return s;
}

/* ---- strings ---- */

/* Take `need` bytes from one of the first blocks of the list. */
static bool
lhedit_take(struct lheap_edit *h, uint64_t need, uint64_t *offset)
{
    uint64_t prev = LHEAP_NO_FREE, at = h->head.free_head;
    struct lheap_free f;

    for (unsigned i = 0; i < LHEDIT_FITS && at != LHEAP_NO_FREE; i++) {
        if (!lhedit_get(h, at, &f))
            return false;
        if (at % 8 == 0 && at != 0 && (f.size == need || (f.size >= need && f.size - need >=
                                                                     lhedit_least(h)))) {
            *offset = at;
            if (f.size != need)
                lhedit_put(h, at + need, f.next, f.size - need);
            lhedit_link(h, prev, f.size == need ? f.next : at + need);
            return true;
        }
        prev = at;
        at = f.next;
    }
    return false;
}

HI5_INT bool
lheap_begins_empty(const struct lheap_edit *h)
{
    uint64_t at = h->head.free_head;
    struct lheap_free f;
    bool taken = h->data == NULL || h->data->bytes[0] == 0;

    for (uint64_t n = h->head.data_size; at != LHEAP_NO_FREE && n-- != 0; at = f.next) {
        taken &= at != 0;
        if (!lhedit_get(h, at, &f))
            break;
    }
    return taken;
}

HI5_INT hi5_status
lheap_add(struct lheap_edit *h, const void *s, size_t n, uint64_t *offset,
          hi5_error *err)
{
    const uint64_t need = lhedit_round((uint64_t)n + 1);
    uint64_t at;

    if (!lhedit_take(h, need, &at)) {
        TRY(lhedit_tidy(h, need, err));
        if (!lhedit_take(h, need, &at))
            return err_set(err, HI5_E_INTERNAL, h->addr, lhedit_name, "free list",
                           "III.D", "no block of %llu bytes", (unsigned long long)need);
    }
    memcpy(h->data->bytes + at, s, n);
    memset(h->data->bytes + at + n, 0, (size_t)need - n);
    stage_changed(h->data, 0, 0);
    *offset = at;
    return HI5_OK;
}

/* What a string takes; 0: that is not sure. Who does not align strings may have put the
 * next one in what would be padding. */
static uint64_t
lhedit_string_size(const struct lheap_edit *h, uint64_t offset)
{
    const char *s;
    uint64_t n, size;

    if (offset < 8 || offset % 8 != 0 || lheap_string(&h->view, offset, &s, NULL) != HI5_OK)
        return 0;
    n = strlen(s) + 1;
    size = lhedit_round(n);
    if (!ckd_inside(offset, size, h->head.data_size))
        return 0;
    for (; n < size; n++)
        if (h->data->bytes[offset + n] != 0)
            return 0;
    return lhedit_zeros(h, offset + size) - offset;
}

/* The blocks that end and begin at the ends of a range, among the first of the list. */
struct lhedit_beside {
    uint64_t before, after;    /* LHEAP_NO_FREE: there is none */
    uint64_t after_prev;       /* what is before it on the list */
    struct lheap_free after_block;
};

static void
lhedit_look_beside(const struct lheap_edit *h, uint64_t at, uint64_t size,
                   struct lhedit_beside *x)
{
    uint64_t prev = LHEAP_NO_FREE, p = h->head.free_head;
    struct lheap_free f;

    x->before = x->after = LHEAP_NO_FREE;
    for (unsigned i = 0; i < LHEDIT_BESIDE && p != LHEAP_NO_FREE; i++) {
        if (!lhedit_get(h, p, &f))
            return;
        if (p + f.size == at)
            x->before = p;
        if (at + size == p) {
            x->after = p;
            x->after_prev = prev;
            x->after_block = f;
        }
        prev = p;
        p = f.next;
    }
}

HI5_INT void
lheap_drop(struct lheap_edit *h, uint64_t offset)
{
    uint64_t size = lhedit_string_size(h, offset);
    struct lhedit_beside x;
    struct lheap_free f;

    if (size == 0)
        return;
    memset(h->data->bytes + offset, 0, (size_t)size);
    stage_changed(h->data, 0, 0);
    lhedit_look_beside(h, offset, size, &x);
    if (x.after != LHEAP_NO_FREE) {
        size += x.after_block.size;
        lhedit_link(h, x.after_prev, x.after_block.next);
    }
    if (x.before != LHEAP_NO_FREE && lhedit_get(h, x.before, &f)) {
        lhedit_put(h, x.before, f.next, f.size + size);
    } else if (size >= lhedit_least(h)) {
        lhedit_put(h, offset, h->head.free_head, size);
        lhedit_link(h, LHEAP_NO_FREE, offset);
    }
}

/* ---- heaps ---- */

HI5_INT hi5_status
lheap_create(struct meta *m, uint64_t size, uint64_t *addr, hi5_error *err)
{
    struct lheap_edit h = {.meta = m};
    const size_t head = lhedit_head_size(m);
    struct staged *data;
    size_t n;

    size = lhedit_round(size < 8 + lhedit_least(&h) ? 8 + lhedit_least(&h) : size);
    if (!ckd_size(size, &n) || (m->len_w < 8 && size >> (8 * m->len_w) != 0))
        return err_set(err, HI5_E_LIMIT, ADDR_NONE, lhedit_name, "data segment size",
                       "III.D", "%llu bytes are too many", (unsigned long long)size);
    TRY(stage_alloc(m, STAGE_META, head + size, &h.addr, err));
    TRY(stage_new_at(m, h.addr, head, &h.b, err));
    TRY(stage_new_at(m, h.addr + head, n, &data, err));
    h.head = (struct lheap){.data_size = size, .free_head = 8,
                            .data_addr = h.addr + head};
    lhedit_set_data(&h, data);
    lhedit_put(&h, 8, LHEAP_NO_FREE, size - 8);
    lhedit_put_head(&h);
    *addr = h.addr;
    return HI5_OK;
}

/* Stage what the file has, if it has all of it. */
static hi5_status
lhedit_stage(struct meta *m, uint64_t addr, uint64_t n, struct staged **b, hi5_error *err)
{
    const uint64_t end = m->stage->committed;
    size_t size;

    if (!ckd_size(n, &size))
        return err_set(err, HI5_E_LIMIT, addr, lhedit_name, "data segment size", "III.D",
                       "too large for this machine");
    *b = stage_find(m, addr);
    if (*b == NULL && addr < end && n > end - addr)
        return err_set(err, HI5_E_UNSUPPORTED, addr, lhedit_name, "", "III.D",
                       "the end of the file cuts it off: it cannot be changed");
    return stage_edit(m, addr, size, lhedit_name, b, err);
}

/* FREE-15: a list that cannot be right is given up. */
static hi5_status
lhedit_check_list(struct lheap_edit *h, hi5_error *err)
{
    struct lhedit_block *list;
    size_t room, n;

    TRY(lhedit_gather(h, &list, &room, &n, err));
    mem_free(h->meta->mem, list, room * sizeof *list);
    if (n == 0 && h->head.free_head != LHEAP_NO_FREE) {
        h->head.free_head = LHEAP_NO_FREE;
        lhedit_put_head(h);
    }
    return HI5_OK;
}

HI5_INT hi5_status
lheap_edit_open(struct meta *m, uint64_t addr, struct lheap_edit *h, hi5_error *err)
{
    struct staged *data = NULL;
    struct cur c;
    bool known;

    *h = (struct lheap_edit){.meta = m, .addr = addr};
    TRY(lhedit_stage(m, addr, lhedit_head_size(m), &h->b, err));
    c = meta_cursor_at(m, h->b->bytes, h->b->block.size, addr, NULL, err);
    lheap_code(&c, &h->head);
    if (!cur_ok(&c))
        return c.status;
    known = h->b->trusted;
    if (h->head.data_size != 0) {
        TRY(lhedit_stage(m, h->head.data_addr, h->head.data_size, &data, err));
        known = known && data->trusted;
    }
    lhedit_set_data(h, data);
    if (!known)
        TRY(lhedit_check_list(h, err));
    h->b->trusted = true;
    if (data != NULL)
        data->trusted = true;
    return HI5_OK;
}

HI5_INT hi5_status
lheap_free_all(struct meta *m, uint64_t addr, hi5_error *err)
{
    struct lheap h;

    TRY(lheap_read(m, addr, &h, err));
    if (h.data_size != 0)
        TRY(stage_free(m, h.data_addr, h.data_size, err));
    return stage_free(m, addr, lhedit_head_size(m), err);
}
