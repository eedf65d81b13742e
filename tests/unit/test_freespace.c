/*
 * test_freespace.c - free-space managers [FMT III.H]
 */
#include "format/freespace.h"
#include "memfile.h"

Suite *suite_freespace(void);

/* Bytes written as hex; blanks are skipped. */
static size_t
unhex(const char *hex, uint8_t *bytes, size_t room)
{
    size_t n = 0;

    for (; *hex != '\0'; hex++) {
        if (*hex == ' ')
            continue;
        ck_assert_uint_lt(n, room);
        bytes[n++] = (uint8_t)(memfile_digit(hex[0]) << 4 | memfile_digit(hex[1]));
        hex++;
    }
    return n;
}

/* Sections as they are met. */
struct seen {
    unsigned n;
    struct fs_section s[16];
};

static hi5_status
see(void *ctx, const struct fs_section *s, size_t at, hi5_error *err)
{
    struct seen *const seen = ctx;

    (void)at;
    (void)err;
    if (seen->n < 16)
        seen->s[seen->n] = *s;
    seen->n++;
    return HI5_OK;
}

static hi5_status
walk(const struct fshd *h, const char *hex, unsigned heap_bits, struct seen *seen,
     hi5_error *err)
{
    uint8_t bytes[256];
    struct fsse list = {0};

    list.sections_size = unhex(hex, bytes, sizeof bytes);
    list.sections = bytes;
    *seen = (struct seen){0};
    return fs_sections_each(h, &list, 1000, heap_bits, see, seen, err);
}

/* Two sections of a file, as libhdf5 1.10.8 writes them. */
START_TEST(sections_of_a_file) /* U-FSM-1, U-FSM-2 */
{
    const struct fshd h = {.client = FS_FILE,
                           .nserial = 2,
                           .nsections = 2,
                           .space = 0x6f1,
                           .addr_bits = 63,
                           .max_section = INT64_MAX};
    struct seen seen;
    hi5_error err = {0};

    ck_ok(walk(&h,
               "01 4102000000000000 bf0d000000000000 01"
               "01 b004000000000000 0008000000000000 00",
               0, &seen, &err),
          &err);
    ck_assert_uint_eq(seen.n, 2);
    ck_assert_uint_eq(seen.s[0].size, 0x241);
    ck_assert_uint_eq(seen.s[0].offset, 0xdbf);
    ck_assert_uint_eq(seen.s[0].type, 1);
    ck_assert_uint_eq(seen.s[1].size, 0x4b0);
    ck_assert_uint_eq(seen.s[1].offset, 0x800);
    ck_assert_uint_eq(seen.s[1].type, 0);
}
END_TEST

/* The largest section of a heap is a power of 256: 1.10 writes sizes in 3 bytes, earlier
 * releases in 2. */
START_TEST(both_widths_of_sizes)
{
    const struct fshd h = {.client = FS_FRACTAL_HEAP,
                           .nserial = 1,
                           .nsections = 1,
                           .addr_bits = 32,
                           .max_section = 65536};
    struct seen seen;
    hi5_error err = {0};

    ck_ok(walk(&h, "01 330100 cd000000 00", 32, &seen, &err), &err);
    ck_assert_uint_eq(seen.s[0].size, 0x133);
    ck_assert_uint_eq(seen.s[0].offset, 0xcd);
    ck_ok(walk(&h, "01 6701 99000000 00", 32, &seen, &err), &err);
    ck_assert_uint_eq(seen.s[0].size, 0x167);
    ck_assert_uint_eq(seen.s[0].offset, 0x99);
}
END_TEST

START_TEST(rows_have_data) /* U-FSM-5 */
{
    const struct fshd h = {.client = FS_FRACTAL_HEAP,
                           .nserial = 2,
                           .nsections = 2,
                           .addr_bits = 40,
                           .max_section = 65536};
    struct seen seen;
    hi5_error err = {0};

    ck_ok(walk(&h,
               "01 c70300 3900000000 00"
               "01 ea0300 0004000000 01 0000000000 0100 0b00 0102",
               40, &seen, &err),
          &err);
    ck_assert_uint_eq(seen.n, 2);
    ck_assert_uint_eq(seen.s[1].type, 1);
    ck_assert_uint_eq(seen.s[1].offset, 1024);
}
END_TEST

START_TEST(types_are_checked) /* EVIL-21 */
{
    const struct fshd file = {.client = FS_FILE,
                              .nserial = 1,
                              .nsections = 1,
                              .addr_bits = 16,
                              .max_section = 255};
    const struct fshd heap = {.client = FS_FRACTAL_HEAP,
                              .nserial = 1,
                              .nsections = 1,
                              .addr_bits = 16,
                              .max_section = 255};
    struct seen seen;
    hi5_error err = {0};

    ck_status(walk(&file, "01 20 0002 ff", 0, &seen, &err), HI5_E_CORRUPT);
    ck_at(&err, 1004, "free section", "not a type");
    ck_status(walk(&heap, "01 20 0002 03", 16, &seen, &err), HI5_E_CORRUPT);
    ck_status(walk(&file, "00 20 0002 00", 0, &seen, &err), HI5_E_CORRUPT);
    ck_status(walk(&file, "02 20 0002 00", 0, &seen, &err), HI5_E_TRUNCATED);
    ck_status(walk(&file, "01 00 0002 00", 0, &seen, &err), HI5_E_CORRUPT);
}
END_TEST

/* U-FSM-6: the width of addresses must be one that exists. */
START_TEST(header_is_checked)
{
    struct fshd h = {.client = FS_FILE, .addr_bits = 63, .max_section = 1};
    uint8_t bytes[128];
    hi5_error err = {0};
    struct cur c = cur_writer(bytes, sizeof bytes, &err);

    fshd_code(&c, &h);
    ck_assert(cur_ok(&c));
    ck_assert_uint_eq(c.pos, 18 + 7 * 8 + 8);
    h.addr_bits = 65535;
    c = cur_writer(bytes, sizeof bytes, &err);
    fshd_code(&c, &h);
    ck_assert_int_eq(c.status, HI5_E_CORRUPT);
    ck_assert_str_eq(err.field, "address space size");
    h.addr_bits = 63;
    h.client = 2;
    c = cur_writer(bytes, sizeof bytes, &err);
    fshd_code(&c, &h);
    ck_assert_str_eq(err.field, "client");
}
END_TEST

Suite *
suite_freespace(void)
{
    Suite *s = suite_create("freespace");
    TCase *t = tcase_create("freespace");

    tcase_add_test(t, sections_of_a_file);
    tcase_add_test(t, both_widths_of_sizes);
    tcase_add_test(t, rows_have_data);
    tcase_add_test(t, types_are_checked);
    tcase_add_test(t, header_is_checked);
    suite_add_tcase(s, t);
    return s;
}
