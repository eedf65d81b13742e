/*
 * test_farray.c - the fixed array chunk index                      [FMT VII.C]
 */
#include "btree/farray.h"
#include "image.h"

Suite *suite_farray(void);

static void
put_header(struct image *im, unsigned client, unsigned entry_size, unsigned page_bits,
           uint64_t n, uint64_t data)
{
    const size_t start = im->at;

    image_text(im, "FAHD");
    image_uint(im, 1, 0);
    image_uint(im, 1, client);
    image_uint(im, 1, entry_size);
    image_uint(im, 1, page_bits);
    image_len(im, n);
    image_addr(im, data);
    image_sum(im, start);
}

/* Entry i: address 7000 + i; of filtered ones also size i and mask 2 i, in 2 and 4
 * bytes. Every fifth is not set. */
static void
put_entries(struct image *im, unsigned client, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        const bool set = i % 5 != 4;
        image_addr(im, set ? 7000 + i : UINT64_MAX);
        if (client == FA_FILTERED) {
            image_uint(im, 2, set ? i : 0);
            image_uint(im, 4, set ? 2 * i : 0);
        }
    }
}

/* An array at address 64 of which only the pages in `used`, a string of 0 and 1, have
 * been written; the others are garbage. */
static void
put_array(struct image *im, unsigned client, unsigned page_bits, unsigned n,
          const char *used)
{
    const unsigned entry = im->off_w + (client == FA_FILTERED ? 6 : 0);
    const unsigned page = 1u << page_bits,
                   npages = n > page ? (n + page - 1) / page : 0;
    const size_t head = 4 + 4 + im->len_w + im->off_w + 4;
    size_t start;

    put_header(im, client, entry, page_bits, n, 64 + head);
    start = im->at;
    image_text(im, "FADB");
    image_uint(im, 1, 0);
    image_uint(im, 1, client);
    image_addr(im, 64);
    if (npages == 0)
        put_entries(im, client, 0, n);
    for (unsigned i = 0; i < npages; i += 8) {
        unsigned bits = 0;
        for (unsigned j = i; j < i + 8 && j < npages; j++)
            bits |= used[j] == '1' ? 0x80u >> (j - i) : 0;
        image_uint(im, 1, bits);
    }
    image_sum(im, start);
    for (unsigned i = 0; i < npages; i++) {
        const unsigned end = (i + 1) * page < n ? (i + 1) * page : n;
        start = im->at;
        if (used[i] == '1') {
            put_entries(im, client, i * page, end);
            image_sum(im, start);
        } else {
            for (unsigned j = 0; j < (end - i * page) * entry + 4; j++)
                image_uint(im, 1, 0x5a);
        }
    }
}

struct seen {
    unsigned n, client, off_w;
    uint64_t last;
};

static hi5_status
see(void *ctx, uint64_t slot, const uint8_t *entry, hi5_error *err)
{
    struct seen *const s = ctx;

    (void)err;
    ck_assert(s->n == 0 || slot > s->last);
    ck_assert_uint_eq(cur_raw_addr(entry, s->off_w), 7000 + slot);
    if (s->client == FA_FILTERED) {
        ck_assert_uint_eq(cur_raw_uint(entry + s->off_w, 2), slot);
        ck_assert_uint_eq(cur_raw_uint(entry + s->off_w + 2, 4), 2 * slot);
    }
    s->last = slot;
    s->n++;
    return HI5_OK;
}

/* CHUNK-30, CHUNK-31: sizes around a page; gaps; more than eight pages. */
static const struct {
    unsigned client, off_w, page_bits, n;
    const char *used;
} arrays[] = {
    {0, 8, 10, 1, ""},           {0, 8, 10, 1023, ""},
    {0, 8, 10, 1024, ""},        {0, 8, 10, 1025, "11"},
    {1, 8, 10, 1025, "11"},      {1, 4, 10, 1024, ""},
    {0, 8, 10, 3000, "111"},     {0, 8, 10, 3000, "001"},
    {0, 8, 10, 3000, "101"},     {1, 8, 10, 3000, "010"},
    {0, 2, 2, 37, "0100000101"}, {0, 4, 2, 37, "1111111111"},
    {1, 8, 3, 80, "0000000001"}, {0, 8, 2, 64, "0000000000000000"},
};

START_TEST(get_and_each)
{
    const unsigned client = arrays[_i].client, off_w = arrays[_i].off_w;
    const unsigned size = off_w + (client ? 6 : 0), n = arrays[_i].n;
    const unsigned page = 1u << arrays[_i].page_bits;
    struct seen all = {0, client, off_w, 0}, one = {0, client, off_w, 0};
    struct image im;
    const struct fa *a;
    uint8_t entry[64];

    image_init(&im, off_w, 8);
    put_array(&im, client, arrays[_i].page_bits, n, arrays[_i].used);
    image_open(&im);
    ck_ok(fa_open(&im.meta, 64, (enum fa_client)client, size, &im.arena, &a, &im.err),
          &im.err);
    ck_assert_uint_eq(fa_header(a)->nentries, n);
    ck_ok(fa_each(a, see, &all, &im.err), &im.err);
    for (unsigned i = 0; i < n; i++) {
        if (n > page && arrays[_i].used[i / page] == '0') {
            ck_status(fa_get(a, i, entry, &im.err), HI5_E_NOTFOUND);
            continue;
        }
        ck_ok(fa_get(a, i, entry, &im.err), &im.err);
        if (i % 5 == 4)
            ck_assert_uint_eq(cur_raw_addr(entry, off_w), ADDR_NONE);
        else
            see(&one, i, entry, &im.err);
    }
    ck_assert_uint_eq(all.n, one.n);
    ck_status(fa_get(a, n, entry, &im.err), HI5_E_NOTFOUND);
    ck_status(fa_get(a, UINT64_MAX, entry, &im.err), HI5_E_NOTFOUND);
    image_close(&im);
}
END_TEST

START_TEST(nothing_written)
{
    struct image im;
    struct seen all = {0};
    const struct fa *a;
    uint8_t entry[8];

    /* far more entries than the file has bytes: legal as long as there is no block */
    image_init(&im, 8, 8);
    put_header(&im, 0, 8, 10, UINT64_C(1) << 60, UINT64_MAX);
    image_open(&im);
    ck_ok(fa_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_ok(fa_each(a, see, &all, &im.err), &im.err);
    ck_assert_uint_eq(all.n, 0);
    ck_status(fa_get(a, 5, entry, &im.err), HI5_E_NOTFOUND);
    image_close(&im);
}
END_TEST

/* The most significant bit is the first page. */
START_TEST(bitmap)
{
    const uint8_t bits[2] = {0x20, 0x81};

    for (unsigned i = 0; i < 16; i++)
        ck_assert_int_eq(fa_page_used(bits, i), i == 2 || i == 8 || i == 15);
}
END_TEST

/* CHUNK-38 is the second row: entries too small for an address, a size and a mask. */
static const struct {
    unsigned client, entry_size, page_bits;
    uint64_t n, data;
    const char *field;
} bad_headers[] = {
    {2, 14, 10, 5, 64, "client"},          {1, 8, 10, 5, 64, "entry size"},
    {0, 7, 10, 5, 64, "entry size"},       {0, 9, 10, 5, 64, "entry size"},
    {1, 14, 10, 5, 64, "client"},          {0, 8, 64, 5, 64, "page bits"},
    {0, 8, 255, 5, 64, "page bits"},       {0, 8, 10, UINT64_C(1) << 60, 64, "entries"},
    {0, 8, 10, UINT64_MAX, 64, "entries"},
};

START_TEST(bad_header)
{
    struct image im;
    const struct fa *a;

    image_init(&im, 8, 8);
    put_header(&im, bad_headers[_i].client, bad_headers[_i].entry_size,
               bad_headers[_i].page_bits, bad_headers[_i].n, bad_headers[_i].data);
    image_open(&im);
    ck_status(fa_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err),
              HI5_E_CORRUPT);
    ck_assert_ptr_null(a);
    ck_assert_str_eq(im.err.structure, "FAHD");
    ck_assert_str_eq(im.err.field, bad_headers[_i].field);
    ck_assert_str_eq(im.err.section, "VII.C");
    image_close(&im);
}
END_TEST

/* CHUNK-12: every byte that is used is protected. */
START_TEST(flipped_bits)
{
    for (int paged = 0; paged < 2; paged++) {
        struct image im;

        image_init(&im, 8, 8);
        put_array(&im, 0, paged ? 2 : 10, 10, "111");
        for (size_t at = 64; at < im.size; at++) {
            struct seen all = {.off_w = 8};
            const struct fa *a;
            hi5_status s;

            im.bytes[at] ^= 4;
            image_open(&im);
            s = fa_open(&im.meta, 64, FA_PLAIN, 8, &im.arena, &a, &im.err);
            ck_assert_int_eq(s == HI5_OK, at >= 64 + 28);
            if (s == HI5_OK)
                s = fa_each(a, see, &all, &im.err);
            ck_assert_msg(s == HI5_E_CHECKSUM || s == HI5_E_CORRUPT, "byte %zu: %d", at,
                          s);
            meta_done(&im.meta);
            arena_done(&im.arena);
            io_close(&im.io);
            im.bytes[at] ^= 4;
        }
        image_open(&im);
        image_close(&im);
    }
}
END_TEST

/* The block belongs to another array; it is cut short by the end of the file. */
START_TEST(bad_block)
{
    struct image im;
    struct seen all = {.off_w = 8};
    const struct fa *a;
    uint8_t entry[8];
    size_t other;

    image_init(&im, 8, 8);
    put_array(&im, 0, 10, 20, "");
    other = im.at;
    put_header(&im, 0, 8, 10, 20, 64 + 28);
    put_header(&im, 0, 8, 10, 20, im.size - 40);
    put_header(&im, 0, 8, 2, 20, 64 + 28);
    put_header(&im, 0, 8, 10, 20, UINT64_MAX - 5);
    image_open(&im);
    ck_ok(fa_open(&im.meta, other, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_status(fa_each(a, see, &all, &im.err), HI5_E_CORRUPT);
    ck_assert_str_eq(im.err.structure, "FADB");
    ck_assert_str_eq(im.err.field, "header address");
    ck_ok(fa_open(&im.meta, other + 28, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_status(fa_get(a, 0, entry, &im.err), HI5_E_TRUNCATED);
    ck_at(&im.err, other - 12, "FADB", "end of the file");
    ck_ok(fa_open(&im.meta, other + 56, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_status(fa_get(a, 0, entry, &im.err), HI5_E_CHECKSUM); /* entries for a bitmap */
    ck_ok(fa_open(&im.meta, other + 84, FA_PLAIN, 8, &im.arena, &a, &im.err), &im.err);
    ck_status(fa_each(a, see, &all, &im.err), HI5_E_TRUNCATED);
    ck_assert_uint_eq(all.n, 0);
    image_close(&im);
}
END_TEST

Suite *
suite_farray(void)
{
    Suite *const suite = suite_create("farray");
    TCase *const good = tcase_create("good"), *const bad = tcase_create("bad");

    tcase_add_loop_test(good, get_and_each, 0, (int)(sizeof arrays / sizeof *arrays));
    tcase_add_test(good, nothing_written);
    tcase_add_test(good, bitmap);
    suite_add_tcase(suite, good);
    tcase_add_loop_test(bad, bad_header, 0,
                        (int)(sizeof bad_headers / sizeof *bad_headers));
    tcase_add_test(bad, flipped_bits);
    tcase_add_test(bad, bad_block);
    suite_add_tcase(suite, bad);
    return suite;
}
