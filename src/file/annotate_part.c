/*
 * annotate_part.c - structures that a signature tells, field by field  [FMT II, III]
 *
 * Most say themselves how long they are. The others name their header, or what they
 * lack (the rank of a chunk tree, the records of a list) follows from their own bytes.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/annotate.h"
#include "format/freespace.h"
#include "format/sohm.h"
#include <string.h>

#define PART_GUESS 1024u
#define PART_RECORDS 8192u /* tried for a list that does not say how many it has */

/* ---- the file ---- */

static void
part_cache_image(struct annotate *a, uint64_t addr)
{
    struct mdci h = {0};
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, 1u << 24, "MDCI", &b))
        return;
    c = annot_cursor(a, b, b->size);
    mdci_code(&c, &h);
    for (uint32_t i = 0; i < h.nentries && cur_ok(&c); i++) {
        struct mdci_entry e;
        mdci_entry_code(&c, &e);
    }
    annot_done(a, &c, b);
}

static void
part_superblock(struct annotate *a, uint64_t addr)
{
    struct superblock s = {0};
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, PART_GUESS, "superblock", &b))
        return;
    c = annot_cursor(a, b, PART_GUESS);
    superblock_code(&c, &s);
    annot_done(a, &c, b);
}

/* ---- groups ---- */

/* Could the node be one of chunks of this rank? */
static bool
part_rank_fits(const struct annotate *a, const struct tree *t, const uint8_t *p,
               size_t n, unsigned rank)
{
    const size_t key = 16u + 8u * rank, each = key + a->meta->off_w;

    if (t->nentries * each + key > n)
        return false;
    for (unsigned i = 0; i < t->nentries; i++, p += each)
        if (cur_raw_uint(p, 4) == 0 || cur_raw_uint(p + key - 8, 8) != 0 ||
            cur_raw_addr(p + key, a->meta->off_w) >= a->meta->eof)
            return false;
    return true;
}

static void
part_tree_entries(struct annotate *a, struct cur *c, const struct tree *t)
{
    const size_t at = c->pos;
    unsigned rank = 1;

    while (t->type == BT1_CHUNK && rank <= HI5_MAX_RANK &&
           !part_rank_fits(a, t, c->in + at, c->size - at, rank))
        rank++;
    if (rank > HI5_MAX_RANK || t->nentries == 0)
        return;
    for (unsigned i = 0; i <= t->nentries && cur_ok(c); i++) {
        struct bt1_chunk_key key;
        uint64_t v;

        if (t->type == BT1_CHUNK)
            bt1_chunk_key_code(c, &key, rank);
        else
            cur_len(c, "key", &v);
        cur_begin(c, "TREE", "III.A.1");
        if (i < t->nentries)
            cur_addr(c, "child", &v);
    }
}

static void
part_tree(struct annotate *a, uint64_t addr)
{
    struct tree t = {0};
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, 1u << 20, "TREE", &b))
        return;
    c = annot_cursor(a, b, b->size);
    tree_code(&c, &t);
    if (cur_ok(&c))
        part_tree_entries(a, &c, &t);
    annot_done(a, &c, b);
}

static void
part_snod(struct annotate *a, uint64_t addr)
{
    struct snod head = {0};
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, 8 + 65536u * (24u + a->meta->off_w + a->meta->len_w),
                   "SNOD", &b))
        return;
    c = annot_cursor(a, b, b->size);
    snod_code(&c, &head);
    for (unsigned i = 0; i < head.nsyms && cur_ok(&c); i++) {
        struct ste e;
        ste_code(&c, &e);
    }
    annot_done(a, &c, b);
}

/* A block of the free list at `at`? Then its size. */
static uint64_t
part_free_block(const struct annotate *a, const struct lheap_view *v, uint64_t at)
{
    const unsigned w = a->meta->len_w;
    uint64_t free = v->head.free_head, steps = v->head.data_size / 16 + 1;

    while (steps-- > 0 && ckd_inside(free, 2u * w, v->data->size)) {
        if (free == at)
            return cur_raw_addr(v->data->bytes + free + w, w);
        free = cur_raw_addr(v->data->bytes + free, w);
    }
    return 0;
}

/* Names, and between them blocks of the free list. */
static void
part_heap_data(struct annotate *a, const struct lheap_view *v)
{
    struct cur c = annot_cursor(a, v->data, v->head.data_size);
    const size_t size = c.size;

    while (cur_ok(&c) && cur_left(&c) != 0 && a->broken == HI5_OK) {
        const uint64_t free = part_free_block(a, v, c.pos);
        const char *name;
        uint64_t x;

        cur_begin(&c, "local heap data segment", "III.D");
        if (free >= 2u * c.len_w && free <= cur_left(&c)) {
            cur_len(&c, "next free block", &x);
            cur_len(&c, "size of free block", &x);
            cur_skip(&c, "free", (size_t)free - 2u * c.len_w);
            continue;
        }
        cur_cstr(&c, "name", &name);
        if (cur_ok(&c) && c.pos % 8 != 0)
            cur_skip(&c, "padding",
                     8 - c.pos % 8 < cur_left(&c) ? 8 - c.pos % 8 : cur_left(&c));
    }
    annot_note_range(a, v->head.data_addr, v->head.data_addr + size);
}

static void
part_heap(struct annotate *a, uint64_t addr)
{
    const uint64_t n = (8 + 2u * a->meta->len_w + a->meta->off_w + 7u) / 8u * 8u;
    struct lheap_view v = {0};
    hi5_error err = {0};
    const hi5_status s = lheap_open(a->meta, addr, &v, &err);

    annot_note_range(a, addr, s == HI5_OK || a->seen >= addr + n ? addr + n : a->seen);
    if (s != HI5_OK)
        annot_note_bad(a, err.address != ADDR_NONE ? err.address : addr, &err);
    else if (v.data != NULL)
        part_heap_data(a, &v);
    lheap_close(a->meta, &v);
}

static void
part_gcol(struct annotate *a, uint64_t addr)
{
    struct gheap_object o = {0};
    struct gcol h = {0};
    struct block *b;
    const uint8_t *p;
    struct cur c;

    if (!annot_pin(a, addr, 8u + a->meta->len_w + 8u, "GCOL", &b))
        return;
    c = annot_cursor(a, b, b->size);
    gcol_code(&c, &h);
    if (cur_ok(&c)) {
        meta_unpin(a->meta, b);
        if (!annot_pin(a, addr, h.size, "GCOL", &b))
            return;
        c = annot_cursor(a, b, h.size);
        gcol_code(&c, &h);
    }
    while (cur_ok(&c) && cur_left(&c) >= 8u + a->meta->len_w) {
        gheap_object_code(&c, &o);
        if (!cur_ok(&c) || o.index == 0)
            break;
        if (o.size > cur_left(&c)) {
            cur_fail(&c, HI5_E_CORRUPT, "object size", "it runs past the collection");
            break;
        }
        cur_view(&c, "object", &p, (size_t)o.size);
        if (o.size % 8 != 0 && cur_left(&c) >= 8 - o.size % 8)
            cur_skip(&c, "padding", 8 - (size_t)(o.size % 8));
    }
    if (cur_ok(&c) && cur_left(&c) != 0)
        cur_skip(&c, "free", cur_left(&c));
    annot_done(a, &c, b);
}

/* ---- headers of heaps, trees and free space ---- */

static void
part_heap_header(struct annotate *a, uint64_t addr)
{
    const struct fheap *h;
    hi5_error err = {0};
    const uint64_t before = a->n;

    if (fheap_open(a->meta, addr, &a->file->options.plugins, &a->arena, &h, &err) !=
            HI5_OK &&
        a->n == before)
        annot_note_bad(a, addr, &err);
    annot_note_range(a, addr, a->seen > addr ? a->seen : addr);
}

static void
part_tree2(struct annotate *a, uint64_t addr)
{
    struct bthd h = {0};
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, PART_GUESS, "BTHD", &b))
        return;
    c = annot_cursor(a, b, b->size);
    bthd_code(&c, &h);
    annot_done(a, &c, b);
}

static void
part_manager(struct annotate *a, uint64_t addr)
{
    struct fshd h = {0};
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, PART_GUESS, "FSHD", &b))
        return;
    c = annot_cursor(a, b, b->size);
    fshd_code(&c, &h);
    annot_done(a, &c, b);
}

struct part_sections {
    struct annotate *a;
    uint64_t at; /* of the sections */
    unsigned offset_w;
};

/* The list is decoded by a cursor of its own, which nobody watches. */
static hi5_status
part_section(void *ctx, const struct fs_section *s, size_t at, hi5_error *err)
{
    const struct part_sections *const p = ctx;
    struct annot_field f = {.at = p->at + at,
                            .n = p->offset_w,
                            .value = s->offset,
                            .begin = p->at + at,
                            .structure = "free section",
                            .name = "offset",
                            .section = "III.H"};

    (void)err;
    annot_note(p->a, &f);
    f.at += f.n;
    f.n = 1;
    f.value = s->type;
    f.name = "type";
    annot_note(p->a, &f);
    return p->a->broken;
}

static void
part_section_list(struct annotate *a, uint64_t addr)
{
    const unsigned off_w = a->meta->off_w;
    struct part_sections p = {a, addr + 5 + off_w, 0};
    struct fsse list = {0};
    struct fshd h = {0};
    struct block *b;
    hi5_error err = {0};
    struct cur c;

    if (!annot_pin(a, addr, 9u + off_w, "FSSE", &b))
        return;
    list.header = b->size >= 5u + off_w ? cur_raw_addr(b->bytes + 5, off_w) : ADDR_NONE;
    meta_unpin(a->meta, b);
    a->on = false;
    if (list.header != ADDR_NONE && annot_pin(a, list.header, PART_GUESS, "FSHD", &b)) {
        c = annot_cursor(a, b, b->size);
        fshd_code(&c, &h);
        meta_unpin(a->meta, b);
    }
    a->on = true;
    if (h.used < 9u + off_w)
        h.used = 9u + off_w;
    if (!annot_pin(a, addr, h.used, "FSSE", &b))
        return;
    list.sections_size = (size_t)h.used - (9u + off_w);
    p.offset_w = (h.addr_bits + 7u) / 8;
    c = annot_cursor(a, b, h.used);
    fsse_code(&c, &list);
    if (cur_ok(&c) &&
        fs_sections_each(&h, &list, p.at, h.client == FS_FILE ? 0 : h.addr_bits,
                         part_section, &p, &err) != HI5_OK)
        annot_note_bad(a, p.at, &err);
    annot_done(a, &c, b);
}

/* ---- shared messages ---- */

/* How many indexes make the checksum right? */
static void
part_shared_table(struct annotate *a, uint64_t addr)
{
    struct sohm_table t = {.n = 1};
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, PART_GUESS, "SMTB", &b))
        return;
    a->on = false;
    for (t.n = 1; t.n <= 8; t.n++) {
        c = annot_cursor(a, b, b->size);
        smtb_code(&c, &t);
        if (cur_ok(&c))
            break;
    }
    a->on = true;
    if (t.n > 8)
        t.n = a->file->sohm.n != 0 ? a->file->sohm.n : 1;
    c = annot_cursor(a, b, b->size);
    smtb_code(&c, &t);
    annot_done(a, &c, b);
}

static void
part_shared_records(struct annotate *a, const struct smli *list, uint64_t addr)
{
    const size_t each = sohm_record_size(a->meta->off_w);

    for (size_t at = 0; at + each <= list->records_size; at += each) {
        struct cur c = meta_cursor_at(a->meta, list->records + at, each, addr + 4 + at,
                                      NULL, NULL);
        struct sohm_record r = {0};

        sohm_record_code(&c, &r);
    }
}

/* How many records make the checksum right? The table says it, if it is there. */
static void
part_shared_list(struct annotate *a, uint64_t addr)
{
    const size_t each = sohm_record_size(a->meta->off_w);
    struct smli list = {0};
    struct block *b;
    size_t n = 0;
    struct cur c;

    if (!annot_pin(a, addr, 8 + PART_RECORDS * (uint64_t)each, "SMLI", &b))
        return;
    for (unsigned i = 0; i < a->file->sohm.n && i < 8; i++)
        if (a->file->sohm.index[i].index == addr)
            n = a->file->sohm.index[i].nmsgs;
    a->on = false;
    for (size_t i = 0; n == 0 && i < PART_RECORDS && 8 + i * each <= b->size; i++) {
        list.records_size = i * each;
        c = annot_cursor(a, b, b->size);
        smli_code(&c, &list);
        if (cur_ok(&c))
            n = i;
    }
    a->on = true;
    list = (struct smli){.records_size = n * each};
    c = annot_cursor(a, b, b->size);
    smli_code(&c, &list);
    if (list.records != NULL)
        part_shared_records(a, &list, addr);
    annot_done(a, &c, b);
}

/* ---- which is it? ---- */

/* A header of version 1 has no signature: believe what decodes. */
static hi5_status
part_header1(struct annotate *a, uint64_t addr, hi5_error *err)
{
    struct arena arena;
    struct ohdr *h;
    hi5_status s;

    a->on = false;
    arena_init(&arena, a->meta->mem);
    s = ohdr_read_some(a->meta, addr, &arena, &h, err);
    if (s != HI5_OK && h != NULL && h->nchunks != 0 && h->nmsgs != 0 &&
        s != HI5_E_NOMEM && s != HI5_E_IO)
        s = HI5_OK;
    arena_done(&arena);
    a->on = true;
    if (s == HI5_E_NOMEM || s == HI5_E_IO)
        return s;
    if (s != HI5_OK)
        return HI5_E_NOTFOUND;
    annot_object(a, addr);
    return HI5_OK;
}

static hi5_status
part_by_mark(struct annotate *a, enum recover_mark m, uint64_t addr, hi5_error *err)
{
    static void (*const plain[MARK_KINDS])(struct annotate *, uint64_t) = {
        [MARK_SUPERBLOCK] = part_superblock,
        [MARK_OHDR] = annot_object,
        [MARK_TREE] = part_tree,
        [MARK_SNOD] = part_snod,
        [MARK_HEAP] = part_heap,
        [MARK_GCOL] = part_gcol,
        [MARK_FRHP] = part_heap_header,
        [MARK_BTHD] = part_tree2,
        [MARK_FSHD] = part_manager,
        [MARK_FSSE] = part_section_list,
        [MARK_SMTB] = part_shared_table,
        [MARK_SMLI] = part_shared_list,
        [MARK_MDCI] = part_cache_image,
    };

    if (m < MARK_KINDS && plain[m] != NULL) {
        plain[m](a, addr);
        return HI5_OK;
    }
    switch (m) {
    case MARK_BTIN:
    case MARK_BTLF:
        return annot_bt2_node(a, addr, err);
    case MARK_FHDB:
    case MARK_FHIB:
        return annot_heap_block(a, addr, err);
    case MARK_FAHD:
    case MARK_FADB:
    case MARK_EAHD:
    case MARK_EAIB:
    case MARK_EASB:
    case MARK_EADB:
        return annot_array(a, m, addr, err);
    case MARK_OCHK:
        return HI5_E_NOTFOUND;
    default:
        return part_header1(a, addr, err);
    }
}

HI5_INT hi5_status
annot_decode(struct annotate *a, uint64_t addr, hi5_error *err)
{
    const size_t n = meta_clip(a->meta, addr, RECOVER_LOOK);
    enum recover_mark m;
    struct block *b;

    if (n == 0)
        return err_plain(err, HI5_E_NOTFOUND, "0x%llx is not inside the file",
                         (unsigned long long)addr);
    TRY(meta_pin(a->meta, addr, n, "file", &b, err));
    m = recover_mark_of(b->bytes, n);
    meta_unpin(a->meta, b);
    return part_by_mark(a, m, addr, err);
}
