/*
 * test_fheap_edit.c - changing fractal heaps                       [FMT III.G, III.H]
 *
 * Random changes against a list of objects. The reader must find each object under its
 * ID; what the header counts must be what there is; and the free-space manager must list
 * just the bytes of direct blocks that no object has.
 */
#include "format/fheap_edit.h"
#include "format/freespace.h"
#include "stagefile.h"

Suite *suite_fheap_edit(void);

enum { OBJECTS = 3000, ID_MOST = 32 };

struct object {
    uint8_t id[ID_MOST];
    uint32_t n, seed; /* n 0: not there */
};

struct heap {
    struct stagefile f;
    struct fheap_edit e;
    struct object o[OBJECTS];
    uint64_t n;
};

static const struct {
    const char *name;
    unsigned off_w, len_w;
    struct fheap_shape shape;
    uint32_t most; /* bytes of an object */
    unsigned objects, changes;
} kinds[] = {
    {"links", 8, 8, {7, 4, 4096, 512, 65536, 32, 1, true}, 300, 3000, 4000},
    {"attributes", 8, 8, {8, 4, 4096, 1024, 65536, 40, 1, true}, 6000, 800, 2500},
    {"small", 8, 8, {7, 2, 100, 64, 128, 16, 1, true}, 110, 120, 3000},
    {"no checksums", 4, 4, {7, 2, 100, 64, 256, 16, 1, false}, 110, 120, 3000},
    {"all rows at once", 8, 8, {7, 4, 200, 64, 256, 20, 0, true}, 300, 500, 3000},
    {"one column", 8, 8, {7, 1, 200, 64, 256, 20, 3, true}, 300, 300, 3000},
    {"IDs say where", 4, 4, {9, 2, 100, 64, 256, 24, 1, true}, 400, 150, 3000},
    {"long IDs", 8, 8, {24, 2, 100, 64, 256, 24, 1, true}, 400, 150, 3000},
    {"wide addresses", 16, 16, {12, 4, 200, 128, 512, 24, 1, true}, 300, 300, 3000},
    {"narrow", 2, 2, {6, 2, 60, 64, 128, 14, 1, true}, 70, 60, 2000},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void
object_bytes(const struct object *o, uint8_t *p)
{
    uint64_t seed = o->seed;

    for (uint32_t i = 0; i < o->n; i++)
        p[i] = (uint8_t)stagefile_random(&seed, 256);
}

static void
heap_open(struct heap *h, unsigned kind)
{
    memset(h->o, 0, sizeof h->o);
    h->n = 0;
    stagefile_open(&h->f, kinds[kind].off_w, kinds[kind].len_w);
    ck_ok(fheap_edit_create(&h->f.meta, &kinds[kind].shape, &h->e, &h->f.err),
          &h->f.err);
}

static void
heap_reopen(struct heap *h)
{
    const uint64_t addr = h->e.h.addr;

    ck_ok(fheap_edit_settle(&h->e, &h->f.err), &h->f.err);
    fheap_edit_close(&h->e);
    stagefile_reopen(&h->f);
    ck_ok(fheap_edit_open(&h->f.meta, addr, &h->e, &h->f.err), &h->f.err);
}

/* Commit, and go on with another handle. */
static void
heap_commit(struct heap *h)
{
    const uint64_t addr = h->e.h.addr;

    ck_ok(fheap_edit_settle(&h->e, &h->f.err), &h->f.err);
    fheap_edit_close(&h->e);
    stagefile_commit(&h->f);
    ck_ok(fheap_edit_open(&h->f.meta, addr, &h->e, &h->f.err), &h->f.err);
}

static void
heap_close(struct heap *h)
{
    fheap_edit_close(&h->e);
    stagefile_close(&h->f);
}

static hi5_status
heap_insert(struct heap *h, unsigned i, uint32_t n, uint32_t seed)
{
    struct object *const o = &h->o[i];
    struct object fresh = {.n = n, .seed = seed};
    static uint8_t bytes[70000];
    hi5_status s;

    object_bytes(&fresh, bytes);
    s = fheap_edit_insert(&h->e, bytes, n, fresh.id, &h->f.err);
    if (s == HI5_OK) {
        *o = fresh;
        h->n++;
    }
    return s;
}

static hi5_status
heap_remove(struct heap *h, unsigned i)
{
    const hi5_status s = fheap_edit_remove(&h->e, h->o[i].id, &h->f.err);

    if (s == HI5_OK) {
        h->o[i].n = 0;
        h->n--;
    }
    return s;
}

static hi5_status
heap_replace(struct heap *h, unsigned i, uint32_t n, uint32_t seed)
{
    struct object fresh = h->o[i];
    static uint8_t bytes[70000];
    bool moved;
    hi5_status s;

    fresh.n = n;
    fresh.seed = seed;
    object_bytes(&fresh, bytes);
    s = fheap_edit_replace(&h->e, fresh.id, bytes, n, &moved, &h->f.err);
    if (s != HI5_OK)
        return s;
    ck_assert(moved || memcmp(fresh.id, h->o[i].id, h->e.h.head.id_len) == 0);
    h->o[i] = fresh;
    return s;
}

/* ---- what the bytes say ---- */

struct tally {
    uint64_t direct, blocks, managed, managed_bytes, huge, huge_bytes, tiny, tiny_bytes;
    uint64_t sections, free;
};

static hi5_status
tally_block(void *ctx, const struct fheap_block *b, const hi5_error *bad,
            hi5_error *err)
{
    struct tally *const t = ctx;

    (void)err;
    ck_assert_msg(bad == NULL, "%s", bad != NULL ? bad->message : "");
    if (b->rows == 0) {
        t->direct += b->size;
        t->free += b->size - b->head;
        t->blocks++;
    }
    return HI5_OK;
}

static hi5_status
tally_section(void *ctx, const struct fs_section *s, size_t at, hi5_error *err)
{
    (void)at;
    (void)err;
    ck_assert_uint_eq(s->type, 0);
    ((struct tally *)ctx)->sections += s->size;
    return HI5_OK;
}

static void
check_objects(struct heap *h, const struct fheap *heap, struct tally *t)
{
    static uint8_t expect[70000];
    struct arena a;

    arena_init(&a, &h->f.mem);
    for (unsigned i = 0; i < OBJECTS; i++) {
        const struct object *const o = &h->o[i];
        const uint8_t *bytes;
        uint64_t addr;
        size_t n;

        if (o->n == 0)
            continue;
        ck_ok(fheap_get(heap, o->id, ID_MOST, &a, &bytes, &n, &addr, &h->f.err),
              &h->f.err);
        object_bytes(o, expect);
        ck_assert_uint_eq(n, o->n);
        ck_assert_mem_eq(bytes, expect, n);
        ck_ok(fheap_edit_get(&h->e, o->id, &a, &bytes, &n, &h->f.err), &h->f.err);
        ck_assert_uint_eq(n, o->n);
        ck_assert_mem_eq(bytes, expect, n);
        *(o->id[0] >> 4 == 0   ? &t->managed
          : o->id[0] >> 4 == 1 ? &t->huge
                               : &t->tiny) += 1;
        *(o->id[0] >> 4 == 0   ? &t->managed_bytes
          : o->id[0] >> 4 == 1 ? &t->huge_bytes
                               : &t->tiny_bytes) += n;
    }
    arena_done(&a);
}

/* Bytes for objects in the direct blocks of `rows` rows, of blocks of any depth. */
static uint64_t
capacity(const struct frhp *h, uint64_t overhead, unsigned rows)
{
    uint64_t sum = 0, size = h->start_block;

    for (unsigned r = 0; r < rows; r++) {
        unsigned below = 1;

        size = r < 2 ? h->start_block : size * 2;
        if (size <= h->max_direct) {
            sum += h->width * (size - overhead);
            continue;
        }
        while (h->width * (h->start_block << (below - 1)) < size)
            below++;
        sum += h->width * capacity(h, overhead, below);
    }
    return sum;
}

static void
check_manager(struct heap *h, const struct frhp *head, struct tally *t)
{
    struct meta *const m = &h->f.meta;
    struct fshd fs = {0};
    struct fsse list = {0};
    struct block *b;
    struct cur c;

    if (head->fs_addr == ADDR_NONE)
        return;
    ck_ok(meta_pin(m, head->fs_addr, 18 + 7u * m->len_w + m->off_w, "", &b, &h->f.err),
          &h->f.err);
    c = meta_cursor(m, b, 18 + 7u * m->len_w + m->off_w, NULL, &h->f.err);
    fshd_code(&c, &fs);
    ck_ok(c.status, &h->f.err);
    meta_unpin(m, b);
    ck_ok(meta_pin(m, fs.sections, fs.used, "", &b, &h->f.err), &h->f.err);
    list.sections_size = (size_t)fs.used - 9u - m->off_w;
    c = meta_cursor(m, b, (size_t)fs.used, NULL, &h->f.err);
    fsse_code(&c, &list);
    ck_ok(c.status, &h->f.err);
    ck_assert_uint_eq(list.header, head->fs_addr);
    ck_ok(fs_sections_each(&fs, &list, fs.sections, head->max_heap_bits, tally_section,
                           t, &h->f.err),
          &h->f.err);
    ck_assert_uint_eq(fs.space, t->sections);
    ck_assert_uint_eq(fs.nghosts, 0);
    meta_unpin(m, b);
}

/* @param settled  the free-space manager is up to date */
static void
heap_check(struct heap *h, bool settled)
{
    const struct fheap *heap;
    const struct frhp *head;
    struct tally t = {0};
    struct arena a;
    uint64_t room;

    arena_init(&a, &h->f.mem);
    ck_ok(fheap_open(&h->f.meta, h->e.h.addr, NULL, &a, &heap, &h->f.err), &h->f.err);
    head = fheap_header(heap);
    ck_ok(fheap_blocks_each(heap, tally_block, &t, &h->f.err), &h->f.err);
    check_objects(h, heap, &t);
    ck_assert_uint_eq(head->man_alloc, t.direct);
    ck_assert_uint_eq(head->man_nobjs, t.managed);
    ck_assert_uint_eq(head->huge_nobjs, t.huge);
    ck_assert_uint_eq(head->huge_size, t.huge_bytes);
    ck_assert_uint_eq(head->tiny_nobjs, t.tiny);
    ck_assert_uint_eq(head->tiny_size, t.tiny_bytes);
    ck_assert((head->huge_bt2 == ADDR_NONE) == (t.huge == 0));
    ck_assert((head->root == ADDR_NONE) == (t.managed == 0));
    if (head->root == ADDR_NONE)
        ck_assert_uint_eq(head->man_size + head->man_iter_off + head->free_space, 0);
    if (head->cur_root_rows > 0) {
        room = capacity(head, fheap_prefix_size(heap) + 2u * (head->flags & 2),
                        head->cur_root_rows);
        ck_assert_uint_eq(head->free_space, room - t.managed_bytes);
        ck_assert_uint_le(head->man_iter_off, head->man_size);
        ck_assert_uint_le(head->man_alloc, head->man_iter_off);
    } else {
        ck_assert_uint_eq(head->free_space, t.free - t.managed_bytes);
        ck_assert_uint_eq(head->man_size, t.direct);
    }
    if (settled) {
        check_manager(h, head, &t);
        ck_assert_uint_eq(t.sections, t.free - t.managed_bytes);
    }
    arena_done(&a);
}

/* ---- tests ---- */

START_TEST(test_random)
{
    struct heap *const h = calloc(1, sizeof *h);
    uint64_t seed = (uint64_t)_i + 100;

    heap_open(h, (unsigned)_i);
    for (unsigned round = 0; round < 8; round++) {
        const uint64_t grow = round % 4 < 2 ? 75 : 25;

        for (unsigned k = 0; k < kinds[_i].changes / 4; k++) {
            const unsigned i = (unsigned)stagefile_random(&seed, kinds[_i].objects);
            uint32_t n = (uint32_t)stagefile_random(&seed, kinds[_i].most) + 1;

            if (stagefile_random(&seed, 4) != 0)
                n = n / 8 + 1;
            if (h->o[i].n != 0 && stagefile_random(&seed, 10) == 0)
                ck_ok(heap_replace(h, i,
                                   stagefile_random(&seed, 2) != 0 ? n : h->o[i].n, k),
                      &h->f.err);
            else if (h->o[i].n == 0 && stagefile_random(&seed, 100) < grow)
                ck_ok(heap_insert(h, i, n, k), &h->f.err);
            else if (h->o[i].n != 0 && stagefile_random(&seed, 100) >= grow)
                ck_ok(heap_remove(h, i), &h->f.err);
        }
        if (round % 2 != 0)
            heap_reopen(h);
        heap_check(h, round % 2 != 0);
    }
    for (unsigned i = 0; i < OBJECTS; i++)
        if (h->o[i].n != 0)
            ck_ok(heap_remove(h, i), &h->f.err);
    ck_ok(fheap_edit_settle(&h->e, &h->f.err), &h->f.err);
    heap_check(h, true);
    heap_reopen(h);
    /* All that is left is the header. */
    ck_assert_uint_eq(h->f.meta.eof - h->f.meta.stage->free[POOL_META].bytes, h->f.meta.eof);
    ck_assert_uint_eq(h->e.h.head.root, ADDR_NONE);
    ck_ok(fheap_edit_delete(&h->f.meta, h->e.h.addr, &h->f.err), &h->f.err);
    heap_close(h);
    free(h);
}
END_TEST

/* GRP-14: what libhdf5 does for the same objects (300 links of 17 and 18 bytes). */
START_TEST(test_like_libhdf5)
{
    struct heap *const h = calloc(1, sizeof *h);
    const struct frhp *const head = &h->e.h.head;

    heap_open(h, 0);
    for (unsigned i = 0; i < 10; i++)
        ck_ok(heap_insert(h, i, 13, i), &h->f.err);
    ck_assert_uint_eq(head->man_size, 512);
    ck_assert_uint_eq(head->man_alloc, 512);
    ck_assert_uint_eq(head->man_iter_off, 0);
    ck_assert_uint_eq(head->free_space, 361);
    for (unsigned i = 10; i < 300; i++)
        ck_ok(heap_insert(h, i, i < 100 ? 14 : 15, i), &h->f.err);
    ck_assert_uint_eq(head->man_size, 16384);
    ck_assert_uint_eq(head->man_alloc, 5120);
    ck_assert_uint_eq(head->man_iter_off, 5120);
    ck_assert_uint_eq(head->free_space, 11658);
    ck_assert_uint_eq(head->cur_root_rows, 4);
    for (unsigned i = 299; i >= 100; i--)
        ck_ok(heap_remove(h, i), &h->f.err);
    ck_assert_uint_eq(head->man_size, 4096);
    ck_assert_uint_eq(head->man_alloc, 1536);
    ck_assert_uint_eq(head->man_iter_off, 1536);
    ck_assert_uint_eq(head->free_space, 2538);
    ck_assert_uint_eq(head->cur_root_rows, 2);
    heap_check(h, false);
    heap_close(h);
    free(h);
}
END_TEST

/* ATTR-22: nested indirect blocks; then an object that makes it skip small blocks. */
START_TEST(test_large)
{
    struct heap *const h = calloc(1, sizeof *h);

    heap_open(h, 0);
    ck_ok(heap_insert(h, 0, 4000, 0), &h->f.err);
    ck_assert_uint_eq(h->e.h.head.man_alloc, 4096);
    heap_check(h, false);
    for (unsigned i = 1; i < OBJECTS; i++)
        ck_ok(heap_insert(h, i, i % 10 == 0 ? 4096 : 450, i), &h->f.err);
    ck_assert_uint_gt(h->e.h.head.cur_root_rows, 9);
    heap_check(h, false);
    heap_reopen(h);
    heap_check(h, true);
    for (unsigned i = 1; i < OBJECTS; i += 2)
        ck_ok(heap_remove(h, i), &h->f.err);
    for (unsigned i = 0; i < OBJECTS; i += 2)
        ck_ok(heap_remove(h, i), &h->f.err);
    heap_check(h, false);
    heap_close(h);
    free(h);
}
END_TEST

/* Adding and removing the same again and again does not make the file larger. FREE-07 */
START_TEST(test_steady)
{
    struct heap *const h = calloc(1, sizeof *h);
    uint64_t size = 0;

    heap_open(h, 0);
    for (unsigned i = 0; i < 500; i++)
        ck_ok(heap_insert(h, i, 40, i), &h->f.err);
    for (unsigned round = 0; round < 40; round++) {
        for (unsigned i = 0; i < 200; i++)
            ck_ok(heap_remove(h, (i * 7 + round) % 500), &h->f.err);
        heap_commit(h);
        for (unsigned i = 0; i < 200; i++)
            ck_ok(heap_insert(h, (i * 7 + round) % 500, 40, i), &h->f.err);
        heap_commit(h);
        if (round < 10)
            size = h->f.n > size ? h->f.n : size;
        ck_assert_uint_le(h->f.n, size);
    }
    heap_check(h, true);
    heap_close(h);
    free(h);
}
END_TEST

START_TEST(test_delete)
{
    struct heap *const h = calloc(1, sizeof *h);

    for (unsigned kind = 0; kind < KINDS; kind++) {
        heap_open(h, kind);
        for (unsigned i = 0; i < kinds[kind].objects; i++)
            ck_ok(heap_insert(h, i, i * 37 % kinds[kind].most + 1, i), &h->f.err);
        ck_ok(fheap_edit_settle(&h->e, &h->f.err), &h->f.err);
        fheap_edit_close(&h->e);
        ck_ok(fheap_edit_delete(&h->f.meta, h->e.h.addr, &h->f.err), &h->f.err);
        ck_assert_uint_eq(h->f.meta.eof - h->f.meta.stage->free[POOL_META].bytes, STAGEFILE_START);
        stagefile_close(&h->f);
    }
    free(h);
}
END_TEST

/* FREE-15, EVIL-21: sections that cannot be are not used. */
START_TEST(test_bad_sections)
{
    struct heap *const h = calloc(1, sizeof *h);
    struct staged *b;
    struct fshd fs = {0};
    struct cur c;

    heap_open(h, 2);
    for (unsigned i = 0; i < 20; i++)
        ck_ok(heap_insert(h, i, 30, i), &h->f.err);
    for (unsigned i = 0; i < 20; i += 3)
        ck_ok(heap_remove(h, i), &h->f.err);
    heap_reopen(h);
    ck_ok(stage_edit(&h->f.meta, h->e.h.head.fs_addr, 82, "", &b, &h->f.err),
          &h->f.err);
    c = meta_cursor_at(&h->f.meta, b->bytes, 82, 0, NULL, &h->f.err);
    fshd_code(&c, &fs);
    ck_ok(c.status, &h->f.err);
    ck_ok(stage_edit(&h->f.meta, fs.sections, (size_t)fs.allocated, "", &b, &h->f.err),
          &h->f.err);
    /* The last section moves to where there is no block; the one before it comes twice:
     * behind a count of one byte and a size of one byte, offsets take two. */
    memcpy(b->bytes + fs.used - 4 - 3, "\xf0\x7f", 2);
    memcpy(b->bytes + fs.used - 4 - 6, b->bytes + fs.used - 4 - 9, 2);
    stage_changed(b, (size_t)fs.used - 4, (size_t)fs.used - 4);
    for (unsigned i = 0; i < 20; i += 3)
        ck_ok(heap_insert(h, i, 30, i + 50), &h->f.err);
    for (unsigned i = 20; i < 60; i++)
        ck_ok(heap_insert(h, i, i % 30 + 8, i), &h->f.err);
    ck_ok(fheap_edit_settle(&h->e, &h->f.err), &h->f.err);
    heap_check(h, false);
    heap_close(h);
    free(h);
}
END_TEST

/* A damaged manager is as good as none. */
START_TEST(test_bad_manager)
{
    struct heap *const h = calloc(1, sizeof *h);

    heap_open(h, 0);
    for (unsigned i = 0; i < 100; i++)
        ck_ok(heap_insert(h, i, 30, i), &h->f.err);
    heap_reopen(h);
    h->f.bytes[h->e.h.head.fs_addr + 20] ^= 0x40;
    for (unsigned i = 100; i < 200; i++)
        ck_ok(heap_insert(h, i, 30, i), &h->f.err);
    heap_reopen(h);
    heap_check(h, false);
    heap_close(h);
    free(h);
}
END_TEST

START_TEST(test_refused)
{
    struct heap *const h = calloc(1, sizeof *h);
    uint8_t id[ID_MOST] = {0}, byte = 0;
    bool moved;

    heap_open(h, 0);
    ck_status(fheap_edit_insert(&h->e, &byte, 0, id, &h->f.err), HI5_E_ARG);
    ck_status(fheap_edit_remove(&h->e, id, &h->f.err), HI5_E_CORRUPT); /* no blocks */
    for (unsigned i = 0; i < 10; i++)
        ck_ok(heap_insert(h, i, 100, i), &h->f.err);
    memcpy(id, h->o[3].id, sizeof id);
    id[5] = 0xff; /* its length */
    ck_status(fheap_edit_remove(&h->e, id, &h->f.err), HI5_E_CORRUPT);
    memset(id, 0, sizeof id);
    id[1] = 20; /* in the header of the block */
    id[5] = 1;
    ck_status(fheap_edit_remove(&h->e, id, &h->f.err), HI5_E_CORRUPT);
    id[0] = 0x30;
    ck_status(fheap_edit_remove(&h->e, id, &h->f.err), HI5_E_CORRUPT);
    ck_status(fheap_edit_replace(&h->e, id, &byte, 1, &moved, &h->f.err),
              HI5_E_CORRUPT);
    id[0] = 0x10;
    ck_status(fheap_edit_remove(&h->e, id, &h->f.err), HI5_E_CORRUPT);
    memcpy(id, h->o[3].id, sizeof id);
    ck_ok(heap_remove(h, 3), &h->f.err);
    ck_status(fheap_edit_remove(&h->e, id, &h->f.err), HI5_E_CORRUPT);
    ck_at(&h->f.err, h->e.h.addr, "fractal heap", "that is free space");
    heap_check(h, false);
    heap_close(h);
    free(h);
}
END_TEST

/* The address space ends. */
START_TEST(test_full)
{
    struct heap *const h = calloc(1, sizeof *h);
    hi5_status s = HI5_OK;
    unsigned i = 0;

    heap_open(h, 2); /* 64 KiB of address space */
    for (; i < OBJECTS && s == HI5_OK; i++)
        s = heap_insert(h, i, 90, i);
    ck_assert_int_eq(s, HI5_E_RANGE);
    ck_at(&h->f.err, h->e.h.addr, "FRHP", "the heap is full");
    ck_assert_uint_gt(i, 150); /* few blocks are large enough */
    heap_check(h, false);
    ck_ok(heap_remove(h, 5), &h->f.err);
    ck_ok(heap_insert(h, 5, 90, 7), &h->f.err);
    heap_check(h, false);
    heap_close(h);
    free(h);
}
END_TEST

static hi5_status
no_memory_changes(struct heap *h)
{
    hi5_status s = HI5_OK;

    for (unsigned i = 60; i < 120 && s == HI5_OK; i++)
        s = heap_insert(h, i, i * 7 % 300 + 1, i);
    for (unsigned i = 0; i < 120 && s == HI5_OK; i += 2)
        s = heap_remove(h, i);
    for (unsigned i = 1; i < 120 && s == HI5_OK; i += 6)
        s = heap_replace(h, i, i % 100 + 1, i + 1);
    return s != HI5_OK ? s : fheap_edit_settle(&h->e, &h->f.err);
}

/* The n-th allocation fails: an error, no leak; what was committed is still there. */
START_TEST(test_no_memory)
{
    struct heap *const h = calloc(1, sizeof *h);
    struct object *const before = malloc(sizeof h->o);
    uint64_t n = 0;

    for (uint64_t at = 1;; at++) {
        hi5_status s;

        heap_open(h, 2);
        for (unsigned i = 0; i < 60; i++)
            ck_ok(heap_insert(h, i, i * 5 % 130 + 1, i), &h->f.err);
        heap_reopen(h);
        memcpy(before, h->o, sizeof h->o);
        h->f.calls = 0;
        h->f.fail_at = at;
        s = no_memory_changes(h);
        h->f.fail_at = 0;
        fheap_edit_close(&h->e);
        if (s != HI5_OK) {
            ck_assert_int_eq(s, HI5_E_NOMEM);
            stage_abort(&h->f.meta);
            memcpy(h->o, before, sizeof h->o);
            h->n = 60;
            n++;
        }
        ck_ok(fheap_edit_open(&h->f.meta, h->e.h.addr, &h->e, &h->f.err), &h->f.err);
        heap_check(h, true);
        heap_close(h);
        if (s == HI5_OK)
            break;
    }
    ck_assert_uint_gt(n, 30);
    free(before);
    free(h);
}
END_TEST

Suite *
suite_fheap_edit(void)
{
    Suite *const s = suite_create("fheap_edit");
    TCase *const c = tcase_create("fheap_edit");

    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, test_random, 0, KINDS);
    tcase_add_test(c, test_like_libhdf5);
    tcase_add_test(c, test_large);
    tcase_add_test(c, test_steady);
    tcase_add_test(c, test_delete);
    tcase_add_test(c, test_bad_sections);
    tcase_add_test(c, test_bad_manager);
    tcase_add_test(c, test_refused);
    tcase_add_test(c, test_full);
    tcase_add_test(c, test_no_memory);
    suite_add_tcase(s, c);
    return s;
}
