/*
 * test_msg_vds.c - the mappings of virtual datasets [FMT III.F]
 */
#include "format/msg_select.h"
#include "try_msg.h"

static const hi5_shape shape = {
    .kind = HI5_SIMPLE, .rank = 2, .dims = {4, 6}, .max = {4, 6}};

#define ALL "03000000 01000000 00000000 00000000"
#define CODE vds_block_decode(&c, &f.mem, &shape, &e, &n)

/* Put a checksum behind the bytes, and decode. */
static hi5_status
decode(struct memfile *f, const char *hex, struct vds_entry **e, size_t *n)
{
    const size_t end = memfile_sum(f, TRY_AT, memfile_hex(f, TRY_AT, hex));
    struct cur c = meta_cursor_at(&f->meta, f->bytes + TRY_AT, end - TRY_AT, TRY_AT,
                                  &f->arena, &f->err);

    return vds_block_decode(&c, &f->mem, &shape, e, n);
}

static void
free_all(struct vds_entry *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hi5_selection_free(e[i].source);
        hi5_selection_free(e[i].virt);
    }
}

/* As libhdf5 1.10.8 writes it. */
static const char version_0_hex[] =
    "00 0200000000000000 7372632e683500 2f7800 03000000010000000000000000000000"
    "02000000 01000000 00000000 18000000 02000000 01000000 00000000 00000000"
    "01000000 05000000 2e00 666100 03000000010000000000000000000000"
    "02000000 01000000 00000000 18000000 02000000 01000000 02000000 00000000"
    "03000000 05000000 5cc47ec8";

START_TEST(version_0)
{
    struct memfile f;
    struct vds_entry *e;
    size_t n;
    uint64_t low[2], high[2];

    try_open(&f);
    TRY_GET(&f, version_0_hex, CODE);
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(e[0].file, "src.h5");
    ck_assert_str_eq(e[0].dataset, "/x");
    ck_assert_int_eq(hi5_selection_get_kind(e[0].source), HI5_SELECTION_ALL);
    ck_assert(hi5_selection_bounds(e[0].virt, low, high));
    ck_assert_uint_eq(low[0], 0);
    ck_assert_uint_eq(high[0], 1);
    ck_assert_uint_eq(high[1], 5);
    ck_assert_str_eq(e[1].file, ".");
    ck_assert_str_eq(e[1].dataset, "fa");
    ck_assert(hi5_selection_bounds(e[1].virt, low, high));
    ck_assert_uint_eq(low[0], 2);
    ck_assert_uint_eq(sel_extent(e[1].virt)[0], 4);
    free_all(e, n);
    ck_ok(decode(&f, "00 0000000000000000", &e, &n), &f.err);
    ck_assert_uint_eq(n, 0);
    memfile_close(&f);
}
END_TEST

/* HDF5 2.0: from the specification */
START_TEST(version_1)
{
    struct memfile f;
    struct vds_entry *e;
    size_t n;

    try_open(&f);
    ck_ok(decode(&f,
                 "01 0400000000000000"
                 "00 612e683500 2f6400" ALL ALL
                 "03 0000000000000000 0000000000000000" ALL ALL "04 2f6500" ALL ALL
                 "01 0000000000000000 2f6600" ALL ALL,
                 &e, &n),
          &f.err);
    ck_assert_uint_eq(n, 4);
    ck_assert_str_eq(e[0].file, "a.h5");
    ck_assert_str_eq(e[1].file, "a.h5");
    ck_assert_str_eq(e[1].dataset, "/d");
    ck_assert_str_eq(e[2].file, ".");
    ck_assert_str_eq(e[2].dataset, "/e");
    ck_assert_str_eq(e[3].file, "a.h5");
    ck_assert_str_eq(e[3].dataset, "/f");
    free_all(e, n);
    memfile_close(&f);
}
END_TEST

START_TEST(refused)
{
    struct memfile f;
    struct vds_entry *e;
    size_t n;

    try_open(&f);
    for (size_t i = 0; i < 140; i++) { /* each byte is covered by the checksum */
        struct cur c = try_cursor(&f, version_0_hex);
        f.bytes[TRY_AT + i] ^= 0x20;
        ck_assert_int_ne(CODE, HI5_OK);
        ck_assert_ptr_null(e);
        c = meta_cursor_at(&f.meta, f.bytes + TRY_AT, i, TRY_AT, &f.arena, &f.err);
        f.bytes[TRY_AT + i] ^= 0x20;
        ck_assert_int_ne(CODE, HI5_OK); /* each length is too short */
    }
    ck_status(decode(&f, "02 0000000000000000", &e, &n), HI5_E_UNSUPPORTED);
    ck_at(&f.err, TRY_AT, "virtual dataset block", "version");
    ck_status(decode(&f, "00 ffffffffffffff7f 2e00", &e, &n), HI5_E_TRUNCATED);
    ck_assert_str_eq(f.err.field, "entries");
    ck_status(decode(&f,
                     "00 0100000000000000 61616161616161616161616161616161616161616161"
                     "616161616161616161616161616161",
                     &e, &n),
              HI5_E_TRUNCATED);
    ck_assert_str_eq(f.err.field, "source file");
    ck_status(decode(&f, "01 0100000000000000 08 2e00 2e00" ALL ALL, &e, &n),
              HI5_E_CORRUPT);
    ck_at(&f.err, TRY_AT + 9, "virtual dataset block", "unknown flags");
    /* a name from this entry, from a later one, from one that borrows its own */
    ck_status(
        decode(&f, "01 0100000000000000 01 0000000000000000 2e00" ALL ALL, &e, &n),
        HI5_E_CORRUPT);
    ck_at(&f.err, TRY_AT + 10, "virtual dataset block", "not earlier");
    ck_status(decode(&f,
                     "01 0200000000000000 04 2f6500" ALL ALL
                     "01 0000000000000000 2e00" ALL ALL,
                     &e, &n),
              HI5_E_CORRUPT);
    ck_at(&f.err, TRY_AT + 46, "virtual dataset block", "no name of its own");
    /* the second selection has another rank; the first must not leak */
    ck_status(decode(&f,
                     "00 0100000000000000 2e00 2f6400" ALL
                     "02000000 03000000 01 02 01000000 0000 0100 0100 0100",
                     &e, &n),
              HI5_E_CORRUPT);
    ck_assert_str_eq(f.err.field, "rank");
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_vds, version_0, version_1, refused)
