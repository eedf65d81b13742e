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
};

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
    if (b->rows == 0)
        f->allocated += b->size;
    if (bad != NULL)
        check_failed(k, bad);
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
        meta_cursor_at(k->meta, record, fheap_huge_record_size(h), addr, NULL, NULL);
    struct fheap_huge o = {0};

    fheap_huge_code(&c, &o, filtered, true);
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

static void
fheap_check_counts(struct check *k, uint64_t addr, const struct frhp *h,
                   uint64_t allocated)
{
    if (h->man_alloc != allocated && h->root != ADDR_NONE)
        check_report(k, "FH-010", addr, "FRHP", "allocated managed space",
                     "%llu bytes, but blocks have %llu",
                     (unsigned long long)h->man_alloc, (unsigned long long)allocated);
    if (h->root == ADDR_NONE && h->man_nobjs != 0)
        check_report(k, "FH-010", addr, "FRHP", "managed objects",
                     "%llu, but there is no block", (unsigned long long)h->man_nobjs);
    if (h->huge_nobjs != 0 && h->huge_bt2 == ADDR_NONE)
        check_report_as(k, "FH-003", HI5_WARNING, addr, "FRHP", "huge objects",
                        "%llu, but there is no tree of them",
                        (unsigned long long)h->huge_nobjs);
}

HI5_INT void
check_fheap(struct check *k, uint64_t addr, struct arena *a, const struct fheap **out)
{
    struct fheap_check f = {.k = k};
    const struct fheap *h;
    const struct frhp *head;
    hi5_error err = {0};
    uint64_t total;

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
    check_claim(k, addr, fheap_head_size(k, head), "FRHP", HI5_USE_METADATA);
    if (fheap_blocks_each(h, fheap_check_block, &f, &err) != HI5_OK)
        check_failed(k, &err);
    fheap_check_counts(k, addr, head, f.allocated);
    if (head->huge_bt2 != ADDR_NONE) {
        const struct check_bt2 b = {NULL, fheap_check_huge, &f};

        f.heap = h;
        check_btree2(k, head->huge_bt2,
                     head->filter_len > 0 ? BT2_HUGE_INDIRECT_FILTERED
                                          : BT2_HUGE_INDIRECT,
                     fheap_huge_record_size(h), &b, &total);
        if (total != head->huge_nobjs)
            check_report(k, "FH-010", addr, "FRHP", "huge objects",
                         "%llu, but the tree has %llu",
                         (unsigned long long)head->huge_nobjs,
                         (unsigned long long)total);
    }
    if (head->fs_addr != ADDR_NONE)
        check_free_space(k, head->fs_addr, h);
    *out = h;
}

HI5_INT void
check_fheap_settle(struct check *k, const struct fheap *h, uint64_t objects,
                   uint64_t bytes)
{
    const struct frhp *const head = fheap_header(h);

    (void)bytes;
    if (head->man_nobjs != objects)
        check_report(k, "FH-010", head->root, "FRHP", "managed objects",
                     "%llu, but the indexes lead to %llu",
                     (unsigned long long)head->man_nobjs, (unsigned long long)objects);
}

/* ---- global heap collections ---- */

static size_t
gcol_head_size(const struct check *k)
{
    return (8u + k->meta->len_w + 7u) / 8u * 8u;
}

/* One object; its size with header and padding, or 0 at the end. */
static uint64_t
gcol_object(struct check *k, struct check_collection *col, const uint8_t *bytes,
            uint64_t left, uint64_t addr)
{
    const size_t head = gcol_head_size(k);
    struct cur c = meta_cursor_at(k->meta, bytes, head, addr, NULL, NULL);
    struct gheap_object o;
    uint64_t step;

    gheap_object_code(&c, &o);
    if (!cur_ok(&c))
        return 0;
    if (o.index == 0) {
        if (o.size != left)
            check_report_as(k, "GH-002", HI5_WARNING, addr, "global heap object",
                            "object size",
                            "%llu bytes of free space, but %llu are left",
                            (unsigned long long)o.size, (unsigned long long)left);
        return 0;
    }
    if (o.size > left - head) {
        check_report(k, "GH-003", addr + 8, "global heap object", "object size",
                     "%llu bytes, but the collection has %llu left",
                     (unsigned long long)o.size, (unsigned long long)(left - head));
        return 0;
    }
    if (check_set_add(k, col->present, o.index))
        check_report(k, "GH-002", addr, "global heap object", "heap object index",
                     "a second object %u", (unsigned)o.index);
    col->objects++;
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
    c[lo].present = arena_zalloc(&k->arena, 2, sizeof *c[lo].present);
    if (c[lo].present == NULL) {
        check_no_memory(k, 2 * sizeof *c[lo].present);
        memmove(&c[lo], &c[lo + 1], (--k->collections.n - lo) * sizeof *c);
        return NULL;
    }
    c[lo].used = c[lo].present + 1;
    gcol_check(k, &c[lo]);
    return &c[lo];
}

HI5_INT bool
check_gheap_use(struct check *k, uint64_t collection, uint32_t index)
{
    struct check_collection *const c = gcol_find(k, collection);

    if (c == NULL || !check_set_has(c->present, index))
        return false;
    check_set_add(k, c->used, index);
    return true;
}

HI5_INT void
check_gheap_settle(struct check *k)
{
    const struct check_collection *const c = k->collections.p;

    k->path = "";
    for (size_t i = 0; i < k->collections.n && k->data; i++) {
        const uint64_t used = c[i].used->n + c[i].used->zero;
        if (used < c[i].objects)
            check_report(k, "GH-005", c[i].addr, "GCOL", "",
                         "nothing refers to %llu of its %lu objects",
                         (unsigned long long)(c[i].objects - used),
                         (unsigned long)c[i].objects);
    }
}
