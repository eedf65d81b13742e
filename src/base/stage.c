/*
 * stage.c - what has been changed since the last commit: blocks and raw bytes
 */
#include "base/stage.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/journal.h"
#include "base/lookup3.h"
#include <string.h>

#define STAGE_SLOTS 256u
#define STAGE_PAGE (64u << 10)
#define STAGE_TAIL (256u << 10)
#define STAGE_SMALL (16u << 10) /* larger pieces of raw data are written by themselves */

/* Some bytes of the page at `addr`, a multiple of STAGE_PAGE, are to change: those in
 * stage->raw. What lies between them may be anybody's, and is not known here. */
struct stage_page {
    uint64_t addr;
    uint8_t bytes[STAGE_PAGE];
};

HI5_INT hi5_status
stage_open(struct meta *m, uint64_t committed, hi5_error *err)
{
    struct stage *const s = mem_zalloc(m->mem, 1, sizeof *s);

    if (s == NULL)
        return mem_fail(m->mem, sizeof *s, err);
    if (m->io.get_size(m->io.ctx, &s->physical, err) != HI5_OK) {
        mem_free(m->mem, s, sizeof *s);
        return HI5_E_IO;
    }
    s->meta = m;
    s->txn = 1;
    s->committed = committed;
    stage_space_init(s, m->mem);
    extents_init(&s->raw, m->mem);
    meta_drop(m, 0, UINT64_MAX);
    m->stage = s;
    return HI5_OK;
}

/* ---- the table of blocks, as in meta.c: open addressing, at most half full ---- */

static size_t
stage_slot(const struct stage *s, uint64_t addr)
{
    return (size_t)((addr * 0x9e3779b97f4a7c15u) >> 32) & (s->nslots - 1);
}

static struct staged *
stage_lookup(const struct stage *s, uint64_t addr)
{
    if (s->n == 0)
        return NULL;
    for (size_t i = stage_slot(s, addr);; i = (i + 1) & (s->nslots - 1))
        if (s->slots[i].b == NULL || s->slots[i].addr == addr)
            return s->slots[i].b;
}

static void
stage_slot_in(struct stage *s, struct staged *b)
{
    size_t i = stage_slot(s, b->block.addr);

    while (s->slots[i].b != NULL)
        i = (i + 1) & (s->nslots - 1);
    s->slots[i] = (struct stage_slot){b->block.addr, b};
}

static void
stage_slot_out(struct stage *s, const struct staged *b)
{
    const size_t mask = s->nslots - 1;
    size_t i = stage_slot(s, b->block.addr), k;

    while (s->slots[i].b != b)
        i = (i + 1) & mask;
    for (k = (i + 1) & mask; s->slots[k].b != NULL; k = (k + 1) & mask) {
        const size_t home = stage_slot(s, s->slots[k].addr);
        if (((k - home) & mask) >= ((k - i) & mask)) {
            s->slots[i] = s->slots[k];
            i = k;
        }
    }
    s->slots[i] = (struct stage_slot){0, NULL};
}

/* Room for one more block, in the list and in the table. */
static bool
stage_room(struct stage *s)
{
    struct mem *const mem = s->meta->mem;

    if (s->n == s->list_room) {
        const size_t room = s->list_room != 0 ? s->list_room * 2 : STAGE_SLOTS;
        struct staged **const list =
            mem_resize(mem, s->list, s->list_room * sizeof(void *), room * sizeof(void *));
        if (list == NULL)
            return false;
        s->list = list;
        s->list_room = room;
    }
    if (s->n >= s->nslots / 2) {
        const size_t n = s->nslots != 0 ? s->nslots * 4 : STAGE_SLOTS;
        struct stage_slot *const fresh = mem_zalloc(mem, n, sizeof *fresh);
        if (fresh == NULL)
            return false;
        mem_free(mem, s->slots, s->nslots * sizeof *s->slots);
        s->slots = fresh;
        s->nslots = n;
        for (size_t i = 0; i < s->n; i++)
            stage_slot_in(s, s->list[i]);
    }
    return true;
}

/* ---- memory: small blocks lie side by side ---- */

#define STAGE_SLAB (64u << 10)
#ifdef __SANITIZE_ADDRESS__
#define STAGE_SLAB_BLOCK 0u    /* so that it sees where each ends */
#else
#define STAGE_SLAB_BLOCK 4096u /* the largest */
#endif

struct stage_slab {
    size_t used, live;         /* bytes given away, blocks that are still there */
};

static size_t
stage_block_size(size_t n)
{
    return (sizeof(struct staged) + n + 15) / 16 * 16;
}

static struct staged *
stage_block_alloc(struct stage *s, size_t n)
{
    const size_t size = stage_block_size(n);
    const size_t head = (sizeof(struct stage_slab) + 15) / 16 * 16;
    struct stage_slab *slab = s->slab;
    struct staged *b;

    if (size > STAGE_SLAB_BLOCK) {
        b = mem_alloc(s->meta->mem, size);
        if (b != NULL)
            b->slab = NULL;
        return b;
    }
    if (slab == NULL || size > STAGE_SLAB - slab->used) {
        slab = mem_alloc(s->meta->mem, STAGE_SLAB);
        if (slab == NULL)
            return NULL;
        slab->used = head;
        slab->live = 0;
        if (s->slab != NULL && s->slab->live == 0)
            mem_free(s->meta->mem, s->slab, STAGE_SLAB);
        s->slab = slab;
    }
    b = (struct staged *)(void *)((uint8_t *)slab + slab->used);
    slab->used += size;
    slab->live++;
    b->slab = slab;
    return b;
}

static void
stage_block_free(struct stage *s, struct staged *b)
{
    struct stage_slab *const slab = b->slab;

    if (slab == NULL)
        mem_free(s->meta->mem, b, stage_block_size(b->block.size));
    else if (--slab->live == 0 && slab != s->slab)
        mem_free(s->meta->mem, slab, STAGE_SLAB);
}

static hi5_status
stage_add(struct stage *s, uint64_t addr, size_t n, struct staged **out, hi5_error *err)
{
    struct staged *b;

    if (n > SIZE_MAX - sizeof *b - 16 || !stage_room(s) ||
        (b = stage_block_alloc(s, n)) == NULL)
        return mem_fail(s->meta->mem, n, err);
    *b = (struct staged){.bytes = (uint8_t *)(b + 1),
                         .fresh = stage_is_fresh(s->meta, addr),
                         .listed = s->n,
                         .slab = b->slab};
    /* `listed`: so that unpinning does not free it. */
    b->block = (struct block){.addr = addr, .size = n, .bytes = b->bytes, .listed = true};
    atomic_store_explicit(&b->block.checked, true, memory_order_relaxed);
    s->list[s->n++] = b;
    stage_slot_in(s, b);
    *(b->fresh ? &s->fresh_bytes : &s->old_bytes) += n;
    meta_forget(s->meta, addr);
    *out = b;
    return HI5_OK;
}

HI5_INT void
stage_take_out(struct stage *s, struct staged *b)
{
    struct staged *const last = s->list[s->n - 1];

    stage_slot_out(s, b);
    *(b->fresh ? &s->fresh_bytes : &s->old_bytes) -= b->block.size;
    s->list[b->listed] = last;
    last->listed = b->listed;
    s->n--;
    stage_block_free(s, b);
}

/* Fresh blocks, but for those that somebody looks at, unless `all`. */
static void
stage_drop(struct stage *s, bool all)
{
    size_t kept = 0;

    s->txn++;
    s->fresh_bytes = 0;
    if (s->n != 0)
        memset(s->slots, 0, s->nslots * sizeof *s->slots);
    for (size_t i = 0; i < s->n; i++) {
        struct staged *const b = s->list[i];
        if (b->fresh && (all || b->block.pins == 0)) {
            stage_block_free(s, b);
            continue;
        }
        s->fresh_bytes += b->fresh ? b->block.size : 0;
        b->listed = kept;
        s->list[kept++] = b;
        stage_slot_in(s, b);
    }
    s->n = kept;
}

HI5_INT void
stage_drop_fresh(struct stage *s)
{
    stage_drop(s, false);
}

HI5_INT void
stage_drop_all(struct stage *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->list[i]->fresh = true;
    stage_drop(s, true);
    s->old_bytes = 0;
    for (size_t i = 0; i < s->npages; i++)
        mem_free(s->meta->mem, s->page[i], sizeof *s->page[i]);
    s->npages = 0;
    extents_clear(&s->raw);
    s->tail_used = 0;
    meta_changed(s->meta, 0, UINT64_MAX); /* what was overlaid, or is in its place now */
}

HI5_INT void
stage_close(struct meta *m)
{
    struct stage *const s = m->stage;

    if (s == NULL)
        return;
    stage_drop_all(s);
    mem_free(m->mem, s->slab, STAGE_SLAB);
    mem_free(m->mem, s->list, s->list_room * sizeof(void *));
    mem_free(m->mem, s->slots, s->nslots * sizeof *s->slots);
    mem_free(m->mem, s->page, s->page_room * sizeof(void *));
    if (s->tail != NULL)
        mem_free(m->mem, s->tail, STAGE_TAIL);
    stage_space_done(s);
    extents_done(&s->raw);
    mem_free(m->mem, s, sizeof *s);
    m->stage = NULL;
}

/* ---- metadata ---- */

static hi5_status
stage_claimed(uint64_t addr, hi5_error *err)
{
    return err_set(err, HI5_E_CORRUPT, addr, "staged block", "", "",
                   "two structures claim its space");
}

HI5_INT hi5_status
stage_new_at(struct meta *m, uint64_t addr, size_t n, struct staged **b, hi5_error *err)
{
    if (stage_lookup(m->stage, addr) != NULL || stage_is_free(m, addr, n))
        return stage_claimed(addr, err);
    TRY(stage_add(m->stage, addr, n, b, err));
    memset((*b)->bytes, 0, n);
    (*b)->trusted = true;
    return HI5_OK;
}

HI5_INT hi5_status
stage_new(struct meta *m, size_t n, struct staged **b, hi5_error *err)
{
    uint64_t addr;

    TRY(stage_alloc(m, STAGE_META, n, &addr, err));
    return stage_new_at(m, addr, n, b, err);
}

HI5_INT hi5_status
stage_edit(struct meta *m, uint64_t addr, size_t n, const char *what, struct staged **out,
           hi5_error *err)
{
    struct staged *b = stage_lookup(m->stage, addr);
    struct block *from;
    hi5_status s;

    m->stage->changes++;
    *out = b;
    if (b != NULL && b->block.size == n)
        return HI5_OK;
    if (b != NULL)
        return err_set(err, HI5_E_CORRUPT, addr, what, "", "",
                       "%zu bytes from here are changed already as %zu", n,
                       b->block.size);
    if (stage_is_free(m, addr, n)) /* another structure had it, and gave it up */
        return stage_claimed(addr, err);
    TRY(meta_pin(m, addr, n, what, &from, err));
    s = stage_add(m->stage, addr, n, &b, err);
    if (s == HI5_OK) {
        memcpy(b->bytes, from->bytes, n);
        atomic_store_explicit(&b->block.checked, atomic_load(&from->checked),
                              memory_order_relaxed); /* not by being staged */
    }
    meta_unpin(m, from);
    *out = b;
    return s;
}

HI5_INT struct staged *
stage_find(const struct meta *m, uint64_t addr)
{
    m->stage->changes++;
    return stage_lookup(m->stage, addr);
}

HI5_INT struct staged *
stage_look(const struct meta *m, uint64_t addr)
{
    return stage_lookup(m->stage, addr);
}

HI5_INT const struct staged *
stage_peek(const struct meta *m, uint64_t addr, size_t n)
{
    const struct staged *const b = stage_lookup(m->stage, addr);

    return b != NULL && b->block.size == n && b->trusted ? b : NULL;
}

HI5_INT struct cur
stage_cursor(const struct meta *m, struct staged *b, size_t pos, hi5_error *err)
{
    struct cur c = cur_writer(b->bytes + pos, b->block.size - pos, err);

    c.off_w = m->off_w;
    c.len_w = m->len_w;
    c.addr = b->block.addr + pos;
    c.eof = m->eof;
    return c;
}

HI5_INT void
stage_sum(struct staged *b)
{
    uint32_t sum;

    if (b->summed || b->sum_of == 0)
        return;
    if (b->sum_at < b->sum_of)
        memset(b->bytes + b->sum_at, 0, 4);
    sum = lookup3(b->bytes, b->sum_of, 0);
    for (unsigned i = 0; i < 4; i++)
        b->bytes[b->sum_at + i] = (uint8_t)(sum >> (8 * i));
    b->summed = true;
}

HI5_INT struct block *
stage_pin(const struct meta *m, uint64_t addr, size_t n)
{
    struct staged *const b = stage_lookup(m->stage, addr);

    if (b == NULL || b->block.size < n)
        return NULL;
    stage_sum(b);
    b->block.pins++;
    return &b->block;
}

HI5_INT bool
stage_copy(const struct meta *m, uint64_t addr, void *buf, size_t n)
{
    struct staged *const b = stage_lookup(m->stage, addr);

    if (b == NULL || b->block.size < n)
        return false;
    stage_sum(b);
    memcpy(buf, b->bytes, n);
    return true;
}

HI5_INT size_t
stage_clip(const struct meta *m, uint64_t addr, size_t n)
{
    const struct staged *const b = stage_lookup(m->stage, addr);

    return b != NULL && b->block.size < n ? b->block.size : n;
}

/* ---- raw data ---- */

/* The index of the first page that ends behind `addr`. */
static size_t
stage_page_at(const struct stage *s, uint64_t addr)
{
    size_t low = 0, high = s->npages;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (s->page[mid]->addr + STAGE_PAGE <= addr)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

HI5_INT bool
stage_raw_entry(const struct stage *s, uint64_t addr, struct journal_entry *e)
{
    const struct stage_page *p;
    uint64_t start = 0, size = 0, left;

    extents_has(&s->raw, addr, &start, &size);
    if (size == 0)
        return false;
    if (start < addr) {
        size -= addr - start;
        start = addr;
    }
    p = s->page[stage_page_at(s, start)];
    left = p->addr + STAGE_PAGE - start;
    *e = (struct journal_entry){.target = s->meta->base + start,
                                .size = size < left ? size : left,
                                .bytes = p->bytes + (start - p->addr)};
    return true;
}

/* Put changed raw bytes over what was read. */
static void
stage_overlay(const struct meta *m, uint64_t addr, uint8_t *buf, size_t n)
{
    const uint64_t end = m->base + addr + n;
    struct journal_entry e;

    for (uint64_t at = addr; stage_raw_entry(m->stage, at, &e) && e.target < end;
         at = e.target - m->base + e.size)
        memcpy(buf + (e.target - m->base - addr), e.bytes,
               (size_t)(e.size < end - e.target ? e.size : end - e.target));
}

/* Put what waits over what was read. */
static void
stage_overlay_tail(const struct stage *s, uint64_t addr, uint8_t *buf, size_t n)
{
    const uint64_t end = s->tail_addr + s->tail_used, stop = addr + n;
    const uint64_t from = s->tail_addr > addr ? s->tail_addr : addr;
    const uint64_t to = end < stop ? end : stop;

    if (from < to)
        memcpy(buf + (from - addr), s->tail + (from - s->tail_addr), (size_t)(to - from));
}

HI5_INT hi5_status
stage_read(const struct meta *m, uint64_t addr, void *buf, size_t n, hi5_error *err)
{
    const uint64_t at = m->base + addr, end = m->stage->physical;
    const size_t there = at >= end ? 0 : n < end - at ? n : (size_t)(end - at);

    if (there != 0)
        TRY(m->io.read_at(m->io.ctx, at, buf, there, err));
    memset((uint8_t *)buf + there, 0, n - there);
    stage_overlay(m, addr, buf, n);
    stage_overlay_tail(m->stage, addr, buf, n);
    return HI5_OK;
}

HI5_INT hi5_status
stage_put(const struct meta *m, uint64_t addr, const void *buf, size_t n, hi5_error *err)
{
    struct stage *const s = m->stage;

    meta_changed(s->meta, addr, n);
    TRY(m->io.write_at(m->io.ctx, m->base + addr, buf, n, err));
    if (m->base + addr + n > s->physical)
        s->physical = m->base + addr + n;
    return HI5_OK;
}

static hi5_status
stage_page_get(struct stage *s, uint64_t addr, struct stage_page **out, hi5_error *err)
{
    struct mem *const mem = s->meta->mem;
    const size_t i = stage_page_at(s, addr);
    struct stage_page *p;

    if (i < s->npages && s->page[i]->addr == addr) {
        *out = s->page[i];
        return HI5_OK;
    }
    if (s->npages == s->page_room) {
        const size_t room = s->page_room != 0 ? s->page_room * 2 : 64;
        struct stage_page **const list = mem_resize(
            mem, s->page, s->page_room * sizeof(void *), room * sizeof(void *));
        if (list == NULL)
            return mem_fail(mem, room * sizeof(void *), err);
        s->page = list;
        s->page_room = room;
    }
    p = mem_alloc(mem, sizeof *p);
    if (p == NULL)
        return mem_fail(mem, sizeof *p, err);
    p->addr = addr;
    memmove(s->page + i + 1, s->page + i, (s->npages - i) * sizeof(void *));
    s->page[i] = p;
    s->npages++;
    *out = p;
    return HI5_OK;
}

/* ---- raw data that waits ---- */

HI5_INT hi5_status
stage_flush_tail(const struct meta *m, hi5_error *err)
{
    struct stage *const s = m->stage;
    const size_t n = s->tail_used;

    if (n == 0)
        return HI5_OK;
    TRY(stage_put(m, s->tail_addr, s->tail, n, err));
    s->tail_used = 0;
    return HI5_OK;
}

static hi5_status
stage_write_fresh_raw(struct meta *m, uint64_t addr, const void *buf, size_t n,
                      hi5_error *err)
{
    struct stage *const s = m->stage;
    const uint64_t end = s->tail_addr + s->tail_used;

    if (s->tail_used != 0 && addr >= s->tail_addr && addr + n <= end) {
        memcpy(s->tail + (addr - s->tail_addr), buf, n); /* once more */
        return HI5_OK;
    }
    if (s->tail_used != 0 && (addr != end || n > STAGE_TAIL - s->tail_used))
        TRY(stage_flush_tail(m, err));
    if (n > STAGE_SMALL)
        return stage_put(m, addr, buf, n, err);
    if (s->tail == NULL) {
        s->tail = mem_alloc(m->mem, STAGE_TAIL);
        if (s->tail == NULL)
            return stage_put(m, addr, buf, n, err);
    }
    if (s->tail_used == 0)
        s->tail_addr = addr;
    memcpy(s->tail + s->tail_used, buf, n);
    s->tail_used += n;
    return HI5_OK;
}

HI5_INT hi5_status
stage_write(struct meta *m, uint64_t addr, const void *buf, size_t n, hi5_error *err)
{
    struct stage *const s = m->stage;
    struct stage_page *page;
    const uint8_t *p = buf;

    if (!ckd_inside(addr, n, m->eof))
        return err_set(err, HI5_E_CORRUPT, addr, "raw data", "", "",
                       "%zu bytes from here run past the end of the file", n);
    s->written += n;
    s->changes++;
    meta_changed(m, addr, n);
    if (stage_is_fresh(m, addr))
        return stage_write_fresh_raw(m, addr, buf, n, err);
    if (!extents_reserve(&s->raw, 2))
        return mem_fail(m->mem, n, err);
    for (size_t at = 0; at < n; at += STAGE_PAGE - (size_t)((addr + at) % STAGE_PAGE))
        TRY(stage_page_get(s, (addr + at) / STAGE_PAGE * STAGE_PAGE, &page, err));
    extents_cut(&s->raw, addr, n);
    extents_add(&s->raw, addr, n);
    for (size_t at; n > 0; addr += at, p += at, n -= at) {
        const size_t first = (size_t)(addr % STAGE_PAGE);

        at = n < STAGE_PAGE - first ? n : STAGE_PAGE - first;
        TRY(stage_page_get(s, addr - first, &page, err)); /* it is there */
        memcpy(page->bytes + first, p, at);
    }
    return HI5_OK;
}
