/*
 * annotate_block.c - nodes of version-2 B-trees and blocks of fractal heaps
 *                                                             [FMT III.A.2, III.G]
 *
 * Neither says how much it holds: what points at it does. A heap's block names the
 * heap; a node names nobody, so the headers of all trees in the file are tried.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "btree/btree2.h"
#include "file/annotate.h"
#include "format/fheap_impl.h"
#include "format/sohm.h"

/* ---- B-trees ---- */

struct anblk_search {
    struct annotate *a;
    uint64_t wanted;
    bool found;
    struct bthd head;
    uint64_t capacity; /* of a leaf */
};

/* Once the wanted node has been passed there is no need to go on. */
static hi5_status
anblk_record(void *ctx, const uint8_t *record, hi5_error *err)
{
    const struct anblk_search *const s = ctx;

    (void)record;
    (void)err;
    return s->a->n != 0 ? HI5_E_EXISTS : s->a->broken;
}

/* Walk the tree whose header is at `addr`; what a cursor at the wanted node passes is
 * noted. */
static hi5_status
anblk_try_tree(void *ctx, enum recover_mark m, uint64_t addr, const uint8_t *p,
               size_t n, hi5_error *err)
{
    struct anblk_search *const s = ctx;
    struct annotate *const a = s->a;
    const struct bt2 *t;
    struct arena arena;
    unsigned total_w;

    (void)err;
    if (m != MARK_BTHD || n < 12)
        return HI5_OK;
    arena_init(&arena, a->meta->mem);
    a->on = false;
    if (bt2_open(a->meta, addr, (enum bt2_type)p[5], (size_t)cur_raw_uint(p + 10, 2),
                 &arena, &t, NULL) == HI5_OK) {
        a->on = true;
        a->only = s->wanted;
        bt2_each(t, false, anblk_record, s, NULL);
        a->only = ADDR_NONE;
        s->found = a->n != 0;
        s->head = *bt2_header(t);
        s->capacity = bt2_capacity(t, 0, &total_w);
    }
    a->on = true;
    arena_done(&arena);
    return a->broken != HI5_OK ? a->broken : s->found ? HI5_E_EXISTS : HI5_OK;
}

/* The records of links and attributes, as dense.c has them. */
static void
anblk_dense_record(struct cur *c, unsigned type)
{
    const uint8_t *id;
    uint32_t hash = 0, order = 0;
    uint64_t order8;
    uint8_t flags;

    cur_begin(c, "B-tree record", "III.A.2");
    if (type == BT2_LINK_NAME)
        cur_u32(c, "hash of the name", &hash);
    if (type == BT2_LINK_ORDER)
        cur_u64(c, "creation order", &order8);
    cur_view(c, "heap ID", &id, type <= BT2_LINK_ORDER ? 7 : 8);
    if (type <= BT2_LINK_ORDER)
        return;
    cur_u8(c, "message flags", &flags);
    cur_u32(c, "creation order", &order);
    if (type == BT2_ATTR_NAME)
        cur_u32(c, "hash of the name", &hash);
}

static void
anblk_tell_record(struct annotate *a, struct cur *c, const struct bthd *h)
{
    const unsigned off_w = a->meta->off_w;
    struct fheap_huge huge = {0};
    struct sohm_record shared = {0};
    struct cix_chunk k = {0};
    unsigned rest;

    switch (h->type) {
    case BT2_HUGE_INDIRECT:
    case BT2_HUGE_INDIRECT_FILTERED:
    case BT2_HUGE_DIRECT:
    case BT2_HUGE_DIRECT_FILTERED:
        fheap_huge_code(c, &huge, h->type % 2 == 0, h->type <= 2);
        break;
    case BT2_SHARED_MESSAGE:
        sohm_record_code(c, &shared);
        break;
    case BT2_CHUNK:
        if (h->record_size >= off_w && (h->record_size - off_w) / 8u <= HI5_MAX_RANK)
            cix_entry_code(c, &k, 0, (h->record_size - off_w) / 8u);
        break;
    case BT2_CHUNK_FILTERED: /* the size is 1 to 8 wide, a dimension 8 */
        if (h->record_size <= off_w + 4u)
            break;
        rest = h->record_size - off_w - 4u;
        if ((rest - 1) / 8 <= HI5_MAX_RANK)
            cix_entry_code(c, &k, (rest - 1) % 8 + 1, (rest - 1) / 8);
        break;
    default:
        anblk_dense_record(c, h->type);
        break;
    }
}

static void
anblk_pointers(const struct anblk_search *s, struct cur *c, size_t each)
{
    const unsigned nrec_w = ckd_enc_size(s->capacity);
    const unsigned total_w = (unsigned)each - c->off_w - nrec_w;
    uint64_t v;

    while (cur_ok(c) && cur_left(c) >= each) {
        cur_begin(c, "BTIN", "III.A.2");
        cur_addr(c, "child address", &v);
        cur_uint(c, "records in child", nrec_w, &v);
        if (total_w != 0)
            cur_uint(c, "records below", total_w, &v);
    }
}

/* Records and child pointers, in the views that were noted of them. */
static void
anblk_tell_node(const struct anblk_search *s, const struct block *b)
{
    struct annotate *const a = s->a;
    const size_t noted = a->n;
    size_t nrec = 0;

    for (size_t i = 0; i < noted; i++) {
        const struct annot_field f = a->field[i];
        const size_t each = s->head.record_size;
        const uint8_t *const p = b->bytes + (f.at - b->addr);

        if (f.name[0] == 'r') { /* "records" */
            nrec = (size_t)f.n / each;
            for (size_t j = 0; j < nrec && a->broken == HI5_OK; j++) {
                struct cur c = meta_cursor_at(a->meta, p + j * each, each,
                                              f.at + j * each, NULL, NULL);
                anblk_tell_record(a, &c, &s->head);
            }
        } else if (f.name[0] == 'c' && f.name[1] == 'h' && f.name[2] == 'i') {
            struct cur c = meta_cursor_at(a->meta, p, (size_t)f.n, f.at, NULL, NULL);
            if (f.n / (nrec + 1) > c.off_w)
                anblk_pointers(s, &c, (size_t)f.n / (nrec + 1));
        }
    }
}

HI5_INT hi5_status
annot_bt2_node(struct annotate *a, uint64_t addr, hi5_error *err)
{
    struct anblk_search s = {.a = a, .wanted = addr};
    const hi5_status status = recover_scan(a->meta, anblk_try_tree, NULL, &s, err);
    struct block *b;
    uint64_t end = addr;

    if (!s.found && status != HI5_OK)
        return status;
    if (!s.found)
        return err_plain(err, HI5_E_NOTFOUND,
                         "the node at 0x%llx cannot be told: no tree leads to it",
                         (unsigned long long)addr);
    end = a->seen;
    if (annot_pin(a, addr, end - addr, "BTLF", &b)) {
        if (b->size >= end - addr)
            anblk_tell_node(&s, b);
        meta_unpin(a->meta, b);
    }
    annot_note_range(a, addr, end);
    return HI5_OK;
}

/* ---- fractal heaps ---- */

struct anblk_heap {
    struct annotate *a;
    const struct fheap *heap;
    uint64_t wanted;
    struct fheap_block block;
};

static hi5_status
anblk_heap_found(void *ctx, const struct fheap_block *b, const hi5_error *bad,
                 hi5_error *err)
{
    struct anblk_heap *const h = ctx;

    (void)err;
    if (b->addr != h->wanted)
        return h->a->broken;
    h->block = *b;
    if (bad != NULL && bad->address != ADDR_NONE)
        annot_note_bad(h->a, bad->address, bad);
    return HI5_E_STATE; /* ends the walk */
}

/* What an indirect block points at. */
static void
anblk_indirect(const struct anblk_heap *h, const struct block *b)
{
    const struct fheap *const f = h->heap;
    const unsigned rows = h->block.rows;
    const unsigned direct = rows < f->direct_rows ? rows : f->direct_rows;
    const size_t head = 5u + f->meta->off_w + f->offset_width;
    struct cur c =
        meta_cursor_at(f->meta, b->bytes + head, (size_t)h->block.stored - head - 4,
                       b->addr + head, NULL, NULL);
    uint32_t mask = 0;
    uint64_t v;

    cur_begin(&c, "FHIB", "III.G.3");
    for (size_t i = 0; i < (size_t)rows * f->head.width && cur_ok(&c); i++) {
        if (i >= (size_t)direct * f->head.width) {
            cur_addr(&c, "indirect block address", &v);
            continue;
        }
        cur_addr(&c, "direct block address", &v);
        if (f->head.filter_len > 0) {
            cur_len(&c, "filtered size", &v);
            cur_u32(&c, "filter mask", &mask);
        }
    }
}

static void
anblk_tell_block(const struct anblk_heap *h)
{
    struct annotate *const a = h->a;
    const struct fheap_block *const k = &h->block;
    struct block *b;
    size_t n;

    if (!annot_pin(a, k->addr, k->stored, k->rows != 0 ? "FHIB" : "FHDB", &b))
        return;
    n = b->size < k->stored ? b->size : (size_t)k->stored;
    if (k->rows != 0 && n == k->stored) {
        anblk_indirect(h, b);
    } else if (k->rows == 0 && k->head < n) {
        struct cur c = meta_cursor_at(a->meta, b->bytes + k->head, n - k->head,
                                      k->addr + k->head, NULL, NULL);

        cur_begin(&c, "FHDB", "III.G.2");
        cur_skip(&c, "objects", cur_left(&c));
    }
    annot_note_range(a, k->addr, k->addr + n);
    meta_unpin(a->meta, b);
}

HI5_INT hi5_status
annot_heap_block(struct annotate *a, uint64_t addr, hi5_error *err)
{
    struct anblk_heap h = {.a = a, .wanted = addr, .block = {.addr = ADDR_NONE}};
    struct block *b;
    uint64_t header;
    hi5_status s;

    TRY(meta_pin(a->meta, addr, 5u + a->meta->off_w, "FHDB", &b, err));
    header = cur_raw_addr(b->bytes + 5, a->meta->off_w);
    meta_unpin(a->meta, b);
    a->on = false;
    s = fheap_open(a->meta, header, &a->file->options.plugins, &a->arena, &h.heap, err);
    a->on = true;
    if (s == HI5_OK) {
        a->only = addr;
        s = fheap_blocks_each(h.heap, anblk_heap_found, &h, NULL);
        a->only = ADDR_NONE;
    }
    if (s == HI5_E_NOMEM || s == HI5_E_IO)
        return s;
    if (h.block.addr == ADDR_NONE)
        return err_plain(err, HI5_E_NOTFOUND,
                         "the block at 0x%llx cannot be told: its heap's header is "
                         "gone, or does not lead to it",
                         (unsigned long long)addr);
    anblk_tell_block(&h);
    return HI5_OK;
}
