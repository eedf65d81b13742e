/*
 * test_earray.c - the extensible array chunk index                 [FMT VII.D]
 */
#include "btree/earray.h"
#include "image.h"

Suite *suite_earray(void);

struct params {
    unsigned client, max_bits, index_entries, min_entries, min_pointers, page_bits;
};
static const struct params usual = {0, 32, 4, 16, 4, 10};

/* What libhdf5 1.10 wrote, with the parameters it always uses. [FMT VII.D] */
static const struct {
    unsigned ndata, entries, start, npages;
} supers[] = {
    {1, 16, 0, 0},          {1, 32, 16, 0},        {2, 32, 48, 0},
    {2, 64, 112, 0},        {4, 64, 240, 0},       {4, 128, 496, 0},
    {8, 128, 1008, 0},      {8, 256, 2032, 0},     {16, 256, 4080, 0},
    {16, 512, 8176, 0},     {32, 512, 16368, 0},   {32, 1024, 32752, 0},
    {64, 1024, 65520, 0},   {64, 2048, 131056, 2}, {128, 2048, 262128, 2},
    {128, 4096, 524272, 4},
};

static void
put_header(struct image *im, const struct params *p, unsigned entry_size,
           uint64_t index)
{
    const size_t start = im->at;

    image_text(im, "EAHD");
    image_uint(im, 1, 0);
    image_uint(im, 1, p->client);
    image_uint(im, 1, entry_size);
    image_uint(im, 1, p->max_bits);
    image_uint(im, 1, p->index_entries);
    image_uint(im, 1, p->min_entries);
    image_uint(im, 1, p->min_pointers);
    image_uint(im, 1, p->page_bits);
    for (int i = 0; i < 6; i++)
        image_len(im, 0);
    image_addr(im, index);
    image_sum(im, start);
}

/* The statistics are 0 here throughout: nothing may depend on them. */

static size_t
put_prefix(struct image *im, const char *signature)
{
    const size_t start = im->at;

    image_text(im, signature);
    image_uint(im, 2, 0);
    image_addr(im, 64);
    return start;
}

static bool
any_between(const uint64_t *slot, unsigned n, uint64_t from, uint64_t to)
{
    for (unsigned i = 0; i < n; i++)
        if (slot[i] >= from && slot[i] < to)
            return true;
    return false;
}

/* Entries of slots [from, to): a slot in the list has address 9000 + slot. */
static void
put_entries(struct image *im, const uint64_t *slot, unsigned n, uint64_t from,
            uint64_t to)
{
    for (uint64_t s = from; s < to; s++)
        image_addr(im, any_between(slot, n, s, s + 1) ? 9000 + s : UINT64_MAX);
}

/* The data block with the slots from `from` on; UINT64_MAX if none of them is set. */
static uint64_t
put_data(struct image *im, const uint64_t *slot, unsigned n, unsigned u, uint64_t from)
{
    const uint64_t entries = supers[u].entries;
    const uint64_t addr = im->size;
    size_t start;

    if (!any_between(slot, n, from, from + entries))
        return UINT64_MAX;
    image_seek(im, im->size);
    start = put_prefix(im, "EADB");
    image_uint(im, 4, from - 4);
    if (supers[u].npages == 0)
        put_entries(im, slot, n, from, from + entries);
    image_sum(im, start);
    for (uint64_t p = 0; p < supers[u].npages; p++) {
        const uint64_t at = from + 1024 * p;
        start = im->at;
        if (any_between(slot, n, at, at + 1024)) {
            put_entries(im, slot, n, at, at + 1024);
            image_sum(im, start);
        } else {
            for (int i = 0; i < 1024 * 8 + 4; i++)
                image_uint(im, 1, 0x5a);
        }
    }
    return addr;
}

static uint64_t
put_super(struct image *im, const uint64_t *slot, unsigned n, unsigned u)
{
    const uint64_t first = 4 + supers[u].start, each = supers[u].entries;
    uint64_t data[128];
    uint8_t bits[64] = {0};
    size_t start, addr;

    if (!any_between(slot, n, first, first + each * supers[u].ndata))
        return UINT64_MAX;
    for (unsigned b = 0; b < supers[u].ndata; b++)
        data[b] = put_data(im, slot, n, u, first + b * each);
    for (unsigned i = 0; i < supers[u].ndata * supers[u].npages; i++)
        if (any_between(slot, n, first + 1024u * i, first + 1024u * (i + 1)))
            bits[i / 8] |= (uint8_t)(0x80u >> i % 8);
    addr = im->size;
    image_seek(im, im->size);
    start = put_prefix(im, "EASB");
    image_uint(im, 4, supers[u].start);
    for (unsigned i = 0; i < supers[u].ndata * ((supers[u].npages + 7) / 8); i++)
        image_uint(im, 1, bits[i]);
    for (unsigned b = 0; b < supers[u].ndata; b++)
        image_addr(im, data[b]);
    image_sum(im, start);
    return addr;
}

/* An array with the usual parameters, header at 64, in which these slots are set. */
static void
put_array(struct image *im, const uint64_t *slot, unsigned n)
{
    const uint64_t index = 64 + 72;
    uint64_t data[6], super[25];
    unsigned ndata = 0;
    size_t start;

    put_header(im, &usual, 8, index);
    image_seek(im, index + 298);
    for (unsigned u = 0; u < 4; u++)
        for (unsigned b = 0; b < supers[u].ndata; b++)
            data[ndata++] =
                put_data(im, slot, n, u, 4 + supers[u].start + b * supers[u].entries);
    for (unsigned i = 0; i < 25; i++)
        super[i] = i < 10 ? put_super(im, slot, n, 4 + i) : UINT64_MAX;
    im->at = index;
    start = put_prefix(im, "EAIB");
    put_entries(im, slot, n, 0, 4);
    for (unsigned i = 0; i < 6; i++)
        image_addr(im, data[i]);
    for (unsigned i = 0; i < 25; i++)
        image_addr(im, super[i]);
    image_sum(im, start);
    ck_assert_uint_eq(im->at, index + 298);
}

struct seen {
    const uint64_t *slot;
    unsigned n;
};

static hi5_status
see(void *ctx, uint64_t slot, const uint8_t *entry, hi5_error *err)
{
    struct seen *const s = ctx;

    (void)err;
    ck_assert_uint_eq(slot, s->slot[s->n]);
    ck_assert_uint_eq(cur_raw_addr(entry, 8), 9000 + slot);
    s->n++;
    return HI5_OK;
}

START_TEST(geometry)
{
    const struct eahd h = {.max_bits = 32,
                           .index_entries = 4,
                           .min_entries = 16,
                           .min_pointers = 4,
                           .page_bits = 10};
    unsigned first = 0;

    ck_assert_uint_eq(ea_nsuper(&h), 29);
    ck_assert_uint_eq(ea_ndirect(&h), 4);
    for (unsigned u = 0; u < sizeof supers / sizeof *supers; u++) {
        const struct ea_super s = ea_super(&h, u);
        ck_assert_uint_eq(s.ndata, supers[u].ndata);
        ck_assert_uint_eq(s.entries, supers[u].entries);
        ck_assert_uint_eq(s.start, supers[u].start);
        ck_assert_uint_eq(s.first, first);
        ck_assert_uint_eq(s.npages, supers[u].npages);
        first += supers[u].ndata;
    }
}
END_TEST

/* CHUNK-33: on both sides of each block boundary, each slot by itself; what is
 * between is not there. Beyond 131060 blocks have pages. */
static const uint64_t edges[] = {
    0,     3,      4,      19,     20,     51,     52,    83,    84,    115,
    116,   179,    180,    243,    244,    307,    308,   499,   500,   1011,
    1012,  2035,   2036,   4083,   4084,   8179,   8180,  16371, 16372, 65523,
    65524, 131059, 131060, 132083, 132084, 133108, 262131};

START_TEST(one_slot)
{
    const uint64_t slot = edges[_i];
    struct seen s = {&slot, 0};
    struct image im;
    const struct ea *a;
    uint8_t entry[8];

    image_init(&im, 8, 8);
    put_array(&im, &slot, 1);
    image_open(&im);
    ck_ok(ea_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_ok(ea_each(a, see, &s, &im.err), &im.err);
    ck_assert_uint_eq(s.n, 1);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        const hi5_status status = ea_get(a, edges[i], entry, &im.err);
        if (edges[i] == slot) {
            ck_assert_int_eq(status, HI5_OK);
            ck_assert_uint_eq(cur_raw_addr(entry, 8), 9000 + slot);
        } else {
            ck_assert(status == HI5_E_NOTFOUND ||
                      (status == HI5_OK && cur_raw_addr(entry, 8) == ADDR_NONE));
        }
    }
    image_close(&im);
}
END_TEST

START_TEST(all_edges)
{
    const unsigned n = sizeof edges / sizeof *edges;
    struct seen s = {edges, 0};
    struct image im;
    const struct ea *a;
    uint8_t entry[8];

    image_init(&im, 8, 8);
    put_array(&im, edges, n);
    image_open(&im);
    ck_ok(ea_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_ok(ea_each(a, see, &s, &im.err), &im.err);
    ck_assert_uint_eq(s.n, n);
    for (unsigned i = 0; i < n; i++) {
        ck_ok(ea_get(a, edges[i], entry, &im.err), &im.err);
        ck_assert_uint_eq(cur_raw_addr(entry, 8), 9000 + edges[i]);
    }
    image_close(&im);
}
END_TEST

/* CHUNK-34: bits of several blocks share a byte. Block 33 of super block 13, page 1, is
 * bit 67; the pages and blocks before it were never written. */
START_TEST(page_bits_across_blocks)
{
    const uint64_t slot[] = {131060 + 1024 * 67 + 5, 131060 + 1024 * 70};
    struct seen s = {slot, 0};
    struct image im;
    const struct ea *a;
    uint8_t entry[8];

    image_init(&im, 8, 8);
    put_array(&im, slot, 2);
    image_open(&im);
    ck_ok(ea_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_ok(ea_each(a, see, &s, &im.err), &im.err);
    ck_assert_uint_eq(s.n, 2);
    ck_status(ea_get(a, 131060 + 1024 * 66, entry, &im.err), HI5_E_NOTFOUND);
    ck_status(ea_get(a, 131060 + 1024 * 71, entry, &im.err), HI5_E_NOTFOUND);
    ck_ok(ea_get(a, slot[1], entry, &im.err), &im.err);
    image_close(&im);
}
END_TEST

/* CHUNK-37: slots that no block can have. */
START_TEST(beyond_all_blocks)
{
    /* 3 super blocks, of which 2 do not exist as such */
    const struct params small = {0, 6, 4, 16, 2, 10};
    struct image im;
    const struct ea *a;
    uint8_t entry[8];

    image_init(&im, 8, 8);
    put_header(&im, &small, 8, 64 + 72);
    put_prefix(&im, "EAIB");
    put_entries(&im, NULL, 0, 0, 4);
    for (int i = 0; i < 2 * (2 - 1) + 3 - 2; i++)
        image_addr(&im, UINT64_MAX);
    image_sum(&im, 64 + 72);
    put_header(&im, &usual, 8, UINT64_MAX);
    image_open(&im);
    ck_ok(ea_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    for (uint64_t slot = 4; slot < 300; slot++)
        ck_status(ea_get(a, slot, entry, &im.err), HI5_E_NOTFOUND);
    ck_status(ea_get(a, UINT64_MAX, entry, &im.err), HI5_E_NOTFOUND);
    ck_status(ea_get(a, UINT64_MAX / 2, entry, &im.err), HI5_E_NOTFOUND);
    ck_ok(ea_each(a, see, NULL, &im.err), &im.err);

    ck_ok(ea_open(&im.meta, im.size - 72, FA_PLAIN, 8, &im.arena, &a, &im.err),
          &im.err);
    ck_status(ea_get(a, 0, entry, &im.err), HI5_E_NOTFOUND);
    ck_ok(ea_each(a, see, NULL, &im.err), &im.err);
    image_close(&im);
}
END_TEST

/* ---- broken ---- */

static const struct {
    struct params p;
    unsigned entry_size;
    const char *field;
} bad_headers[] = {
    {{2, 32, 4, 16, 4, 10}, 8, "client"},
    {{1, 32, 4, 16, 4, 10}, 8, "entry size"}, /* CHUNK-38 */
    {{1, 32, 4, 16, 4, 10}, 14, "client"},
    {{0, 32, 4, 16, 4, 10}, 12, "entry size"},
    {{0, 0, 4, 16, 4, 10}, 8, "max bits"},
    {{0, 65, 4, 16, 4, 10}, 8, "max bits"},
    {{0, 3, 4, 16, 4, 10}, 8, "max bits"}, /* fewer than log2(16): -1 super blocks */
    {{0, 6, 4, 16, 4, 10}, 8, "max bits"}, /* fewer super blocks than hang directly */
    {{0, 32, 4, 0, 4, 10}, 8, "min block entries"},
    {{0, 32, 4, 17, 4, 10}, 8, "min block entries"},
    {{0, 32, 4, 16, 0, 10}, 8, "min block pointers"},
    {{0, 32, 4, 16, 1, 10}, 8, "min block pointers"},
    {{0, 32, 4, 16, 6, 10}, 8, "min block pointers"},
    {{0, 32, 4, 16, 4, 5}, 8, "page bits"},
    {{0, 32, 4, 16, 4, 64}, 8, "page bits"},
};

START_TEST(bad_header)
{
    struct image im;
    const struct ea *a;

    image_init(&im, 8, 8);
    put_header(&im, &bad_headers[_i].p, bad_headers[_i].entry_size, 64);
    image_open(&im);
    ck_status(ea_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err),
              HI5_E_CORRUPT);
    ck_assert_ptr_null(a);
    ck_assert_str_eq(im.err.structure, "EAHD");
    ck_assert_str_eq(im.err.field, bad_headers[_i].field);
    image_close(&im);
}
END_TEST

static hi5_status
count_only(void *ctx, uint64_t slot, const uint8_t *entry, hi5_error *err)
{
    (void)slot;
    (void)entry;
    (void)err;
    ++*(uint64_t *)ctx;
    return HI5_OK;
}

/* CHUNK-12: each byte of each block, the header's statistics among them. */
START_TEST(flipped_bits)
{
    const uint64_t slot[] = {1, 7, 300};
    struct image im;

    image_init(&im, 8, 8);
    put_array(&im, slot, 3);
    for (size_t at = 64; at < im.size; at++) {
        uint64_t n = 0;
        const struct ea *a;
        hi5_status s;

        im.bytes[at] ^= 0x40;
        image_open(&im);
        s = ea_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err);
        ck_assert_int_eq(s == HI5_OK, at >= 64 + 72);
        if (s == HI5_OK)
            s = ea_each(a, count_only, &n, &im.err);
        ck_assert_msg(s == HI5_E_CHECKSUM || s == HI5_E_CORRUPT, "byte %zu: %d", at, s);
        meta_done(&im.meta);
        arena_done(&im.arena);
        io_close(&im.io);
        im.bytes[at] ^= 0x40;
    }
    image_open(&im);
    image_close(&im);
}
END_TEST

/* CHUNK-38: an index block that the file ends in gives an error, not some chunks. */
START_TEST(cut_index_block)
{
    struct image im;
    const struct ea *a;
    uint64_t n = 0;

    image_init(&im, 8, 8);
    put_header(&im, &usual, 8, 64 + 72);
    put_prefix(&im, "EAIB");
    put_entries(&im, edges, 2, 0, 4);
    image_open(&im);
    ck_ok(ea_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_status(ea_each(a, count_only, &n, &im.err), HI5_E_TRUNCATED);
    ck_at(&im.err, 64 + 72, "EAIB", "end of the file");
    ck_assert_uint_eq(n, 0);
    image_close(&im);
}
END_TEST

/* Super block 4's four data blocks are all the same one; and so on for others. A walk
 * ends when it has seen more bytes than the file has. */
START_TEST(shared_blocks)
{
    struct image im;
    const struct ea *a;
    uint64_t n = 0, data, super;
    size_t start;

    image_init(&im, 8, 8);
    put_header(&im, &usual, 8, 64 + 72);
    data = image_reserve(&im, 298) + 298;
    image_seek(&im, data);
    start = put_prefix(&im, "EADB");
    image_uint(&im, 4, 0);
    for (int i = 0; i < 64; i++)
        image_addr(&im, 5);
    image_sum(&im, start);
    super = im.at;
    start = put_prefix(&im, "EASB");
    image_uint(&im, 4, 240);
    for (int i = 0; i < 4; i++)
        image_addr(&im, data);
    image_sum(&im, start);
    im.at = 64 + 72;
    start = put_prefix(&im, "EAIB");
    for (int i = 0; i < 4 + 6; i++)
        image_addr(&im, UINT64_MAX);
    for (int i = 0; i < 25; i++)
        image_addr(&im, i == 0 ? super : UINT64_MAX);
    image_sum(&im, start);
    image_open(&im);
    ck_ok(ea_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_status(ea_each(a, count_only, &n, &im.err), HI5_E_CORRUPT);
    ck_assert_ptr_nonnull(strstr(im.err.cause, "shared"));
    ck_assert_uint_le(n, 2 * 64);
    image_close(&im);
}
END_TEST

/* EVIL-24: the largest array there can be, in a small file. */
START_TEST(huge_parameters)
{
    const struct params huge = {0, 64, 255, 128, 128, 63};
    struct image im;
    const struct ea *a;
    uint8_t entry[8];
    size_t start;

    image_init(&im, 8, 8);
    put_header(&im, &huge, 8, 64 + 72);
    start = put_prefix(&im, "EAIB");
    for (int i = 0; i < 255; i++)
        image_addr(&im, UINT64_MAX);
    for (int i = 0; i < 2 * 127 + (58 - 14); i++)
        image_addr(&im, 64);
    image_sum(&im, start);
    image_open(&im);
    ck_ok(ea_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_assert_uint_eq(ea_nsuper(ea_header(a)), 58);
    ck_status(ea_get(a, UINT64_MAX - 1, entry, &im.err), HI5_E_TRUNCATED);
    ck_assert_str_eq(im.err.structure, "EASB");
    ck_status(ea_get(a, 255, entry, &im.err), HI5_E_CORRUPT); /* a header for a block */
    ck_assert_uint_lt(im.mem.peak, 1 << 16);
    image_close(&im);
}
END_TEST

Suite *
suite_earray(void)
{
    Suite *const suite = suite_create("earray");
    TCase *const good = tcase_create("good"), *const bad = tcase_create("bad");

    tcase_set_timeout(good, 60);
    tcase_add_test(good, geometry);
    tcase_add_loop_test(good, one_slot, 0, (int)(sizeof edges / sizeof *edges));
    tcase_add_test(good, all_edges);
    tcase_add_test(good, page_bits_across_blocks);
    tcase_add_test(good, beyond_all_blocks);
    suite_add_tcase(suite, good);
    tcase_add_loop_test(bad, bad_header, 0,
                        (int)(sizeof bad_headers / sizeof *bad_headers));
    tcase_add_test(bad, flipped_bits);
    tcase_add_test(bad, cut_index_block);
    tcase_add_test(bad, shared_blocks);
    tcase_add_test(bad, huge_parameters);
    suite_add_tcase(suite, bad);
    return suite;
}
