/*
 * check_heap.c - fractal heaps and global heap collections    [FMT III.G, III.E]
 */
#include "base/ckd.h"
#include "btree/btree2.h"
#include "file/check.h"
#include "format/fheap.h"
#include <string.h>

/* ---- fractal heaps ---- */

struct fheap_check {
    struct check *k;
    const struct fheap *heap;
    uint64_t allocated; /* direct blocks: bytes of address space */
    uint64_t blocks;    /* direct blocks */
};

/* FH-006: entries of an indirect block for direct blocks are an address, a size and a
 * filter mask where the heap has filters. */
static void
fheap_check_unused(struct fheap_check *f, const struct fheap_block *b)
{
    const struct frhp *const h = fheap_header(f->heap);
    const unsigned off_w = f->k->meta->off_w, len_w = f->k->meta->len_w;
    const size_t each = off_w + len_w + 4u;
    const uint64_t head = 5u + off_w + (h->max_heap_bits + 7u) / 8;
    uint64_t size = h->start_block, n = 0;
    struct block *block;

    for (unsigned row = 0; row < b->rows && size <= h->max_direct; row++) {
        n += h->width;
        size *= row == 0 ? 1 : 2;
    }
    if (n > UINT16_MAX || !check_pin(f->k, b->addr, head + n * each, "FHIB", &block))
        return;
    for (uint64_t i = 0; i < n; i++) {
        const uint8_t *const p = block->bytes + head + i * each;

        if (cur_raw_addr(p, off_w) == ADDR_NONE &&
            (cur_raw_uint(p + off_w, len_w) | cur_raw_uint(p + off_w + len_w, 4)) != 0)
            check_report(f->k, "FH-006", b->addr + head + i * each + off_w, "FHIB",
                         "filtered size", "%llu, but there is no block",
                         (unsigned long long)cur_raw_uint(p + off_w, len_w));
    }
    meta_unpin(f->k->meta, block);
}

static hi5_status
fheap_check_block(void *ctx, const struct fheap_block *b, const hi5_error *bad,
                  hi5_error *err)
{
    struct fheap_check *const f = ctx;
    struct check *const k = f->k;
    const char *const what = b->rows != 0 ? "FHIB" : "FHDB";

    (void)err;
    if (check_broken(k))
        return k->broken;
    if (check_set_add(k, &k->nodes, b->addr)) {
        check_report(k, b->rows != 0 ? "FH-005" : "FH-004", b->addr, what, "",
                     "this block has been reached before");
        return HI5_E_EXISTS;
    }
    check_claim(k, b->addr, b->stored, what, HI5_USE_METADATA);
    if (b->rows == 0) {
        f->allocated += b->size;
        f->blocks++;
    }
    if (bad != NULL)
        check_failed(k, bad);
    else if (b->rows != 0 && fheap_header(f->heap)->filter_len > 0)
        fheap_check_unused(f, b);
    return HI5_OK;
}

/* Huge objects, from the heap's own tree. */
static void
fheap_check_huge(void *ctx, const uint8_t *record, uint64_t addr)
{
    const struct fheap_check *const f = ctx;
    const struct fheap *const h = f->heap;
    struct check *const k = f->k;
    const bool filtered = fheap_header(h)->filter_len > 0;
    struct cur c =
        meta_cursor_at(k->meta, record, fheap_huge_size(h), addr, NULL, NULL);
    struct fheap_huge o = {0};

    fheap_huge_code(&c, &o, filtered, !fheap_huge_direct(h));
    if (!ckd_inside(o.addr, o.size, k->meta->eof) || o.size == 0)
        check_report(k, "FH-008", addr, "huge object", "address",
                     "%llu bytes at 0x%llx are not inside the file",
                     (unsigned long long)o.size, (unsigned long long)o.addr);
    else
        check_claim(k, o.addr, o.size, "huge object", HI5_USE_METADATA);
}

static size_t
fheap_head_size(const struct check *k, const struct frhp *h)
{
    const size_t filters = h->filter_len > 0 ? k->meta->len_w + 4u + h->filter_len : 0;

    return 26 + 12u * k->meta->len_w + 3u * k->meta->off_w + filters;
}

/* Where fields of the header are: behind 14 bytes, 2 addresses and `lengths` lengths. */
static uint64_t
fheap_field(const struct check *k, uint64_t addr, unsigned addrs, unsigned lengths)
{
    return addr + 14 + addrs * k->meta->off_w + lengths * k->meta->len_w;
}

static void
fheap_check_counts(struct check *k, uint64_t addr, const struct frhp *h,
                   uint64_t allocated)
{
    if (h->man_alloc != allocated && h->root != ADDR_NONE)
        check_report(k, "FH-010", fheap_field(k, addr, 2, 3), "FRHP",
                     "allocated managed space", "%llu bytes, but blocks have %llu",
                     (unsigned long long)h->man_alloc, (unsigned long long)allocated);
    if (h->root == ADDR_NONE && h->man_nobjs != 0)
        check_report(k, "FH-010", fheap_field(k, addr, 2, 5), "FRHP", "managed objects",
                     "%llu, but there is no block", (unsigned long long)h->man_nobjs);
    if (h->huge_nobjs != 0 && h->huge_bt2 == ADDR_NONE)
        check_report_as(k, "FH-003", HI5_WARNING, fheap_field(k, addr, 2, 7), "FRHP",
                        "huge objects", "%llu, but there is no tree of them",
                        (unsigned long long)h->huge_nobjs);
}

/* Bytes for objects in an address space of `rows` rows: that of the direct blocks which
 * are there or could be, without their heads. 0 rows: one block. */
static uint64_t
fheap_usable(const struct check *k, const struct frhp *h, unsigned rows)
{
    const uint64_t head = 5u + k->meta->off_w + (h->max_heap_bits + 7u) / 8 +
                          ((h->flags & 2) != 0 ? 4u : 0);
    uint64_t row[64], size = h->start_block, all = 0; /* of a block in each row */

    if (rows == 0)
        return h->start_block - head;
    for (unsigned r = 0; r < rows && r < 64; r++) {
        row[r] = size - head;
        if (size > h->max_direct) { /* the rows below make up its size */
            uint64_t have = 0, step = h->start_block;

            row[r] = 0;
            for (unsigned below = 0; have < size && below < r; below++) {
                have += h->width * step;
                row[r] += h->width * row[below];
                step *= below == 0 ? 1 : 2;
            }
        }
        all += h->width * row[r];
        size *= r == 0 ? 1 : 2;
    }
    return all;
}

/* NOTE(lib): blocks that are yet to be made count as free, but have no sections. */
static void
fheap_check_free(struct fheap_check *f, uint64_t addr, const struct frhp *h, bool whole)
{
    struct check *const k = f->k;
    const uint64_t sections = check_free_space(k, h->fs_addr, f->heap);
    const uint64_t all = fheap_usable(k, h, h->cur_root_rows);
    const uint64_t head = h->start_block - fheap_usable(k, h, 0);
    const uint64_t free = sections + all - (f->allocated - f->blocks * head);

    if (whole && sections != CHECK_LOST && h->root != ADDR_NONE &&
        h->free_space != free)
        check_report(k, "FH-010", fheap_field(k, addr, 1, 1), "FRHP",
                     "free managed space", "%llu bytes, but free sections have %llu",
                     (unsigned long long)h->free_space, (unsigned long long)free);
}

/* Huge objects, and free space. */
static void
fheap_check_rest(struct fheap_check *f, uint64_t addr, const struct frhp *head,
                 bool whole)
{
    struct check *const k = f->k;
    uint64_t total;

    if (head->huge_bt2 != ADDR_NONE) {
        const struct check_bt2 b = {NULL, fheap_check_huge, f};

        check_btree2(k, head->huge_bt2,
                     (enum bt2_type)fheap_huge_type(f->heap), fheap_huge_size(f->heap),
                     &b, &total);
        if (total != head->huge_nobjs && total != CHECK_LOST)
            check_report(k, "FH-010", fheap_field(k, addr, 2, 7), "FRHP",
                         "huge objects", "%llu, but the tree has %llu",
                         (unsigned long long)head->huge_nobjs,
                         (unsigned long long)total);
    }
    if (head->fs_addr != ADDR_NONE)
        fheap_check_free(f, addr, head, whole);
}

HI5_INT void
check_fheap(struct check *k, uint64_t addr, struct arena *a, const struct fheap **out)
{
    struct fheap_check f = {.k = k};
    const struct fheap *h;
    const struct frhp *head;
    const uint64_t errors = k->result->errors;
    hi5_error err = {0};
    bool whole;

    *out = NULL;
    if (check_set_add(k, &k->nodes, addr)) {
        check_report(k, "FH-001", addr, "FRHP", "",
                     "this heap has been reached before");
        return;
    }
    if (fheap_open(k->meta, addr, &k->file->options.plugins, a, &h, &err) != HI5_OK) {
        check_failed(k, &err);
        return;
    }
    head = fheap_header(h);
    f.heap = h;
    k->in_heap++;
    check_claim(k, addr, fheap_head_size(k, head), "FRHP", HI5_USE_METADATA);
    check_sum_heap(k, head->man_alloc + head->huge_size);
    if (fheap_blocks_each(h, fheap_check_block, &f, &err) != HI5_OK)
        check_failed(k, &err);
    whole = k->result->errors == errors;
    if (whole)
        fheap_check_counts(k, addr, head, f.allocated);
    fheap_check_rest(&f, addr, head, whole);
    k->in_heap--;
    *out = h;
}

HI5_INT void
check_fheap_settle(struct check *k, uint64_t addr, const struct fheap *h,
                   uint64_t objects)
{
    const struct frhp *const head = fheap_header(h);

    if (head->man_nobjs != objects)
        check_report(k, "FH-010", fheap_field(k, addr, 2, 5), "FRHP", "managed objects",
                     "%llu, but the indexes lead to %llu",
                     (unsigned long long)head->man_nobjs, (unsigned long long)objects);
}

HI5_INT void
check_fheap_object_failed(struct check *k, const hi5_error *err, uint64_t addr,
                          uint64_t errors)
{
    const bool said = k->result->errors != errors;
    hi5_severity severity;
    const char *rule;

    if (err->status == HI5_E_NOMEM || err->status == HI5_E_IO) {
        check_failed(k, err);
        return;
    }
    rule = check_match(err->structure, err->field, err->cause, true, &severity);
    if (strcmp(rule, "FH-007") == 0 || strcmp(rule, "FH-009") == 0)
        check_report(k, rule, addr, "BTLF", "heap ID", "%s", err->cause);
    else if (!said)
        check_failed(k, err);
}

/* ---- global heap collections ---- */

static size_t
gcol_head_size(const struct check *k)
{
    return (8u + k->meta->len_w + 7u) / 8u * 8u;
}

/* The object of this index. Most collections have them in order, from 1. */
static struct check_gobject *
gcol_object_of(const struct check_collection *col, uint32_t index)
{
    struct check_gobject *const o = col->objects.p;

    if (index != 0 && index <= col->objects.n && o[index - 1].index == index)
        return &o[index - 1];
    for (size_t i = 0; i < col->objects.n; i++)
        if (o[i].index == index)
            return &o[i];
    return NULL;
}

/* One object; its size with header and padding, or 0 at the end. */
static uint64_t
gcol_object(struct check *k, struct check_collection *col, const uint8_t *bytes,
            uint64_t left, uint64_t addr)
{
    const size_t head = gcol_head_size(k);
    struct cur c = meta_cursor_at(k->meta, bytes, head, addr, NULL, NULL);
    struct check_gobject *known;
    struct gheap_object o;
    uint64_t step;

    gheap_object_code(&c, &o);
    if (!cur_ok(&c)) {
        col->flawed = true;
        return 0;
    }
    if (o.index == 0) {
        if (o.size != left)
            check_report_as(k, "GH-002", HI5_WARNING, addr + 8, "global heap object",
                            "object size",
                            "%llu bytes of free space, but %llu are left",
                            (unsigned long long)o.size, (unsigned long long)left);
        return 0;
    }
    if (o.size > left - head) {
        check_report(k, "GH-003", addr + 8, "global heap object", "object size",
                     "%llu bytes, but the collection has %llu left",
                     (unsigned long long)o.size, (unsigned long long)(left - head));
        col->flawed = true;
        return 0;
    }
    if (gcol_object_of(col, o.index) != NULL)
        check_report(k, "GH-002", addr, "global heap object", "heap object index",
                     "a second object %u", (unsigned)o.index);
    known = check_list_add(k, &col->objects, sizeof *known);
    if (known != NULL)
        *known = (struct check_gobject){.addr = addr + head, .index = o.index};
    step = head + (o.size + 7) / 8 * 8;
    return step < left ? step : left;
}

static void
gcol_check(struct check *k, struct check_collection *col)
{
    const size_t head = gcol_head_size(k);
    struct gcol g;
    struct block *b;
    struct cur c;
    uint64_t size;

    col->flawed = true;
    if (!check_pin(k, col->addr, head, "GCOL", &b))
        return;
    c = meta_cursor(k->meta, b, head, NULL, NULL);
    gcol_code(&c, &g);
    meta_unpin(k->meta, b);
    if (!cur_ok(&c))
        return;
    check_claim(k, col->addr, g.size, "GCOL", HI5_USE_METADATA);
    size = g.size < k->meta->eof - col->addr ? g.size : k->meta->eof - col->addr;
    if (g.size < 4096)
        check_refused(k, 112, 0, col->addr, "GCOL", "collection size",
                      "a collection of less than 4096 bytes");
    if (!check_pin(k, col->addr, size, "GCOL", &b))
        return;
    col->flawed = size != g.size;
    for (uint64_t at = head, n; size - at >= head && !check_broken(k); at += n) {
        n = gcol_object(k, col, b->bytes + at, size - at, col->addr + at);
        if (n == 0)
            break;
    }
    meta_unpin(k->meta, b);
}

static struct check_collection *
gcol_find(struct check *k, uint64_t addr)
{
    struct check_collection *c = k->collections.p;
    size_t lo = 0, hi = k->collections.n;

    /* Most elements follow others of the same collection: the last one first. */
    if (hi != 0 && c[hi - 1].addr == addr)
        return &c[hi - 1];
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (c[mid].addr == addr)
            return &c[mid];
        if (c[mid].addr < addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (check_list_add(k, &k->collections, sizeof *c) == NULL)
        return NULL;
    c = k->collections.p;
    memmove(&c[lo + 1], &c[lo], (k->collections.n - 1 - lo) * sizeof *c);
    c[lo] = (struct check_collection){.addr = addr};
    gcol_check(k, &c[lo]);
    return &c[lo];
}

HI5_INT bool
check_gheap_use(struct check *k, uint64_t collection, uint32_t index, uint64_t *where)
{
    struct check_collection *const c = gcol_find(k, collection);
    struct check_gobject *const o = c != NULL ? gcol_object_of(c, index) : NULL;

    *where = o != NULL ? o->addr : ADDR_NONE;
    if (o != NULL && !o->used) {
        o->used = true;
        c->used++;
    }
    return o != NULL || (c != NULL && c->flawed);
}

HI5_INT bool
check_gheap_hold(struct check *k, uint64_t collection, uint32_t index, bool fill)
{
    struct check_collection *const c = gcol_find(k, collection);
    struct check_gobject *const o = c != NULL ? gcol_object_of(c, index) : NULL;
    bool alone = true;

    if (o != NULL) {
        o->fill |= fill;
        alone = o->fill || !o->held;
        o->held = true;
    }
    return alone;
}

HI5_INT void
check_gheap_settle(struct check *k)
{
    const struct check_collection *const c = k->collections.p;

    k->path = "";
    for (size_t i = 0; i < k->collections.n && k->data && !k->incomplete; i++)
        if (c[i].used < c[i].objects.n)
            check_report(k, "GH-005", c[i].addr, "GCOL", "",
                         "nothing refers to %zu of its %zu objects",
                         c[i].objects.n - c[i].used, c[i].objects.n);
}
