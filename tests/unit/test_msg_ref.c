/*
 * test_msg_ref.c - what references of the newer kind refer to [FMT VIII.C]
 */
#include "format/msg_select.h"
#include "try_msg.h"

START_TEST(kinds)
{
    const char *const object = "08 280b000000000000";
    const char *const attribute = "08 280b000000000000 0300 617474";
    const char *const region = "08 280b000000000000 10000000 02000000"
                               "03000000010000000000000000000000";
    const char *const external =
        "08 280b000000000000 0900 6c61746573742e6835 0300 617474";
    struct memfile f;
    struct ref_object r;

    try_open(&f);
    TRY_GET(&f, object, ref_object_code(&c, &r, HI5_REF_OBJECT2, false));
    ck_assert_uint_eq(r.address, 0xb28);
    ck_assert_ptr_null(r.file);
    ck_assert_ptr_null(r.attribute);
    TRY_PUT(&f, object, ref_object_code(&c, &r, HI5_REF_OBJECT2, false));
    TRY_GET(&f, attribute, ref_object_code(&c, &r, HI5_REF_ATTRIBUTE, false));
    ck_assert_str_eq(r.attribute, "att");
    TRY_PUT(&f, attribute, ref_object_code(&c, &r, HI5_REF_ATTRIBUTE, false));
    TRY_GET(&f, region, ref_object_code(&c, &r, HI5_REF_REGION2, false));
    ck_assert_uint_eq(r.rank, 2);
    ck_assert_uint_eq(r.selection_len, 16);
    ck_assert_uint_eq(r.selection[0], 3);
    TRY_PUT(&f, region, ref_object_code(&c, &r, HI5_REF_REGION2, false));
    TRY_GET(&f, external, ref_object_code(&c, &r, HI5_REF_ATTRIBUTE, true));
    ck_assert_str_eq(r.file, "latest.h5");
    ck_assert_str_eq(r.attribute, "att");
    TRY_PUT(&f, external, ref_object_code(&c, &r, HI5_REF_ATTRIBUTE, true));
    memfile_close(&f);
}
END_TEST

/* EVIL-20 */
START_TEST(refused)
{
    struct memfile f;
    struct ref_object r;

    try_open(&f);
    TRY_BAD(&f, "04 280b0000", ref_object_code(&c, &r, HI5_REF_OBJECT2, false),
            HI5_E_CORRUPT, 0, "token size");
    TRY_BAD(&f, "ff 280b0000", ref_object_code(&c, &r, HI5_REF_OBJECT2, false),
            HI5_E_CORRUPT, 0, "token size");
    TRY_BAD(&f, "08 280b000000000000 ffff 61",
            ref_object_code(&c, &r, HI5_REF_ATTRIBUTE, false), HI5_E_TRUNCATED, 11,
            "attribute name");
    TRY_BAD(&f, "08 280b000000000000 ffffffff 02000000 03",
            ref_object_code(&c, &r, HI5_REF_REGION2, false), HI5_E_TRUNCATED, 17,
            "selection");
    ck_assert_uint_eq(r.selection_len, 0);
    TRY_SHORT(&f, "08 280b000000000000 0900 6c61746573742e6835 0300 617474",
              ref_object_code(&c, &r, HI5_REF_ATTRIBUTE, true));
    TRY_SHORT(&f, "08 280b000000000000 01000000 02000000 03",
              ref_object_code(&c, &r, HI5_REF_REGION2, false));
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_ref, kinds, refused)
