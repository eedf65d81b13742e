/*
 * test_msg_misc.c - the small messages [FMT IV.A.2]
 */
#include "try_msg.h"

START_TEST(names)
{
    ck_assert_str_eq(msg_name(MSG_NIL), "NIL");
    ck_assert_str_eq(msg_name(MSG_LAYOUT), "data layout");
    ck_assert_str_eq(msg_name(MSG_MDCI), "metadata cache image");
    ck_assert_str_eq(msg_name(MSG_KNOWN), "unknown");
    ck_assert_str_eq(msg_name(~0u), "unknown");
    ck_assert(msg_sharable(MSG_TYPE) && msg_sharable(MSG_ATTR));
    ck_assert(!msg_sharable(MSG_LAYOUT) && !msg_sharable(MSG_KNOWN));
}
END_TEST

START_TEST(link_info)
{
    struct memfile f;
    struct msg_link_info m;
    const char *const all = "00 03 0400000000000000 ffffffffffffffff ffffffffffffffff"
                            "ffffffffffffffff";
    const char *const dense = "00 00 a604000000000000 3805000000000000";

    try_open(&f);
    TRY_GET(&f, all, msg_link_info_code(&c, &m));
    ck_assert_uint_eq(m.max_order, 4);
    ck_assert_uint_eq(m.fheap, ADDR_NONE);
    ck_assert_uint_eq(m.order_bt2, ADDR_NONE);
    TRY_PUT(&f, all, msg_link_info_code(&c, &m));
    TRY_GET(&f, dense, msg_link_info_code(&c, &m));
    ck_assert_uint_eq(m.fheap, 0x4a6);
    ck_assert_uint_eq(m.name_bt2, 0x538);
    ck_assert_uint_eq(m.order_bt2, ADDR_NONE);
    TRY_PUT(&f, dense, msg_link_info_code(&c, &m));
    TRY_BAD(&f, "00 04", msg_link_info_code(&c, &m), HI5_E_CORRUPT, 1, "flags");
    TRY_BAD(&f, "00 01 00000000000000ff", msg_link_info_code(&c, &m), HI5_E_CORRUPT, 2,
            "next order");
    TRY_BAD(&f, "01 00", msg_link_info_code(&c, &m), HI5_E_UNSUPPORTED, 0, "version");
    TRY_FOUND(&f, "00 02 ffffffffffffffff ffffffffffffffff ffffffffffffffff",
              msg_link_info_code(&c, &m), 1, "flags");
    TRY_FOUND(&f, "00 00 ffffffffffffffff 1000000000000000", msg_link_info_code(&c, &m),
              1, "name index");
    TRY_SHORT(&f, all, msg_link_info_code(&c, &m)); /* EVIL-15 */
    memfile_close(&f);
}
END_TEST

START_TEST(attribute_info)
{
    struct memfile f;
    struct msg_attr_info m;
    const char *const all = "00 03 0100 ffffffffffffffff ffffffffffffffff"
                            "ffffffffffffffff";

    try_open(&f);
    TRY_GET(&f, all, msg_attr_info_code(&c, &m));
    ck_assert_uint_eq(m.max_order, 1);
    ck_assert_uint_eq(m.fheap, ADDR_NONE);
    TRY_PUT(&f, all, msg_attr_info_code(&c, &m));
    TRY_GET(&f, "00 01 0300 1000000000000000 2000000000000000",
            msg_attr_info_code(&c, &m));
    ck_assert_uint_eq(m.max_order, 3);
    ck_assert_uint_eq(m.name_bt2, 0x20);
    ck_assert_uint_eq(m.order_bt2, ADDR_NONE);
    TRY_BAD(&f, "00 08", msg_attr_info_code(&c, &m), HI5_E_CORRUPT, 1, "flags");
    TRY_SHORT(&f, all, msg_attr_info_code(&c, &m));
    memfile_close(&f);
}
END_TEST

START_TEST(group_info)
{
    struct memfile f;
    struct msg_group_info m;

    try_open(&f);
    TRY_GET(&f, "0000", msg_group_info_code(&c, &m));
    ck_assert_uint_eq(m.max_compact, 8);
    ck_assert_uint_eq(m.min_dense, 6);
    ck_assert_uint_eq(m.est_entries, 4);
    ck_assert_uint_eq(m.est_name, 8);
    TRY_PUT(&f, "0000", msg_group_info_code(&c, &m));
    TRY_GET(&f, "0003 0c00 0a00 0300 1400", msg_group_info_code(&c, &m));
    ck_assert_uint_eq(m.max_compact, 12);
    ck_assert_uint_eq(m.min_dense, 10);
    ck_assert_uint_eq(m.est_entries, 3);
    ck_assert_uint_eq(m.est_name, 20);
    TRY_PUT(&f, "00030c000a0003001400", msg_group_info_code(&c, &m));
    TRY_BAD(&f, "0004", msg_group_info_code(&c, &m), HI5_E_CORRUPT, 1, "flags");
    TRY_FOUND(&f, "0001 0500 0600", msg_group_info_code(&c, &m), 1,
              "least dense links");
    TRY_SHORT(&f, "0003 0c00 0a00 0300 1400", msg_group_info_code(&c, &m));
    memfile_close(&f);
}
END_TEST

START_TEST(external_files)
{
    struct memfile f;
    struct msg_efl m;
    const char *const two = "01 000000 0200 0200 e006000000000000"
                            "0800000000000000 0000000000000000 4000000000000000"
                            "1000000000000000 0800000000000000 ffffffffffffffff";

    try_open(&f);
    TRY_GET(&f, two, msg_efl_code(&c, &m));
    ck_assert_uint_eq(m.heap, 0x6e0);
    ck_assert_uint_eq(m.nused, 2);
    ck_assert_uint_eq(m.slot[0].name_off, 8);
    ck_assert_uint_eq(m.slot[0].size, 64);
    ck_assert_uint_eq(m.slot[1].offset, 8);
    ck_assert_uint_eq(m.slot[1].size, UINT64_MAX);
    TRY_PUT(&f, two, msg_efl_code(&c, &m));
    /* allocated slots may be missing */
    TRY_GET(&f, "01 000000 0300 0000 e006000000000000", msg_efl_code(&c, &m));
    ck_assert_uint_eq(m.nalloc, 3);
    TRY_BAD(&f, "01 000000 0100 0200", msg_efl_code(&c, &m), HI5_E_CORRUPT, 6,
            "slots used");
    TRY_BAD(&f, "01 000000 ffff ffff e006000000000000 00", msg_efl_code(&c, &m),
            HI5_E_TRUNCATED, 8, "slots used");
    TRY_BAD(&f, "01 000000 0100 0100 ffffffffffffffff", msg_efl_code(&c, &m),
            HI5_E_CORRUPT, 8, "local heap");
    TRY_SHORT(&f, two, msg_efl_code(&c, &m));
    memfile_close(&f);
}
END_TEST

START_TEST(comment)
{
    struct memfile f;
    const char *s;

    try_open(&f);
    TRY_GET(&f, "6120636f6d6d656e7400", msg_comment_code(&c, &s));
    ck_assert_str_eq(s, "a comment");
    TRY_PUT(&f, "6120636f6d6d656e7400", msg_comment_code(&c, &s));
    TRY_FOUND(&f, "616263", msg_comment_code(&c, &s), 1, "text");
    ck_assert_str_eq(s, "abc");
    memfile_close(&f);
}
END_TEST

/* OH-15 */
START_TEST(modification_times)
{
    struct memfile f;
    int64_t t;

    try_open(&f);
    TRY_GET(&f, "01000000 dc1c006b", msg_mtime_code(&c, &t));
    ck_assert_int_eq(t, 0x6b001cdc);
    TRY_PUT(&f, "01000000dc1c006b", msg_mtime_code(&c, &t));
    TRY_GET(&f, "01000000 ffffffff", msg_mtime_code(&c, &t)); /* until 2106 */
    ck_assert_int_eq(t, 4294967295);
    TRY_BAD(&f, "02", msg_mtime_code(&c, &t), HI5_E_UNSUPPORTED, 0, "version");
    /* 1999-12-31 23:59:58, 2000-03-01 00:00:00, 1970-01-01 00:00:00 */
    TRY_GET(&f, "3139393931323331323335393538 0000", msg_mtime_old_code(&c, &t));
    ck_assert_int_eq(t, 946684798);
    TRY_PUT(&f, "31393939313233313233353935380000", msg_mtime_old_code(&c, &t));
    TRY_GET(&f, "3230303030333031303030303030 0000", msg_mtime_old_code(&c, &t));
    ck_assert_int_eq(t, 951868800);
    TRY_PUT(&f, "32303030303330313030303030300000", msg_mtime_old_code(&c, &t));
    TRY_GET(&f, "3139373030313031303030303030 0000", msg_mtime_old_code(&c, &t));
    ck_assert_int_eq(t, 0);
    TRY_PUT(&f, "31393730303130313030303030300000", msg_mtime_old_code(&c, &t));
    TRY_BAD(&f, "31393730303130313030303030 2f 0000", msg_mtime_old_code(&c, &t),
            HI5_E_CORRUPT, 0, "digits");
    TRY_SHORT(&f, "31393730303130313030303030300000", msg_mtime_old_code(&c, &t));
    memfile_close(&f);
}
END_TEST

START_TEST(pointers)
{
    struct memfile f;
    struct msg_cont cont;
    struct msg_stab stab;
    struct msg_mdci mdci;
    struct msg_sohm sohm;

    try_open(&f);
    TRY_GET(&f, "2007000000000000 6800000000000000", msg_cont_code(&c, &cont));
    ck_assert_uint_eq(cont.addr, 0x720);
    ck_assert_uint_eq(cont.size, 0x68);
    TRY_GET(&f, "8800000000000000 a802000000000000", msg_stab_code(&c, &stab));
    ck_assert_uint_eq(stab.btree, 0x88);
    ck_assert_uint_eq(stab.heap, 0x2a8);
    TRY_GET(&f, "00 0010000000000000 2000000000000000", msg_mdci_code(&c, &mdci));
    ck_assert_uint_eq(mdci.addr, 0x1000);
    ck_assert_uint_eq(mdci.size, 0x20);
    TRY_GET(&f, "00 6100000000000000 01", msg_sohm_code(&c, &sohm));
    ck_assert_uint_eq(sohm.addr, 0x61);
    ck_assert_uint_eq(sohm.nindexes, 1);
    TRY_BAD(&f, "00 6100000000000000 00", msg_sohm_code(&c, &sohm), HI5_E_CORRUPT, 9,
            "indexes");
    TRY_BAD(&f, "00 6100000000000000 09", msg_sohm_code(&c, &sohm), HI5_E_CORRUPT, 9,
            "indexes");
    TRY_BAD(&f, "00 ffffffffffffffff 01", msg_sohm_code(&c, &sohm), HI5_E_CORRUPT, 1,
            "address");
    TRY_SHORT(&f, "2007000000000000 6800000000000000", msg_cont_code(&c, &cont));
    TRY_SHORT(&f, "8800000000000000 a802000000000000", msg_stab_code(&c, &stab));
    TRY_SHORT(&f, "00 0010000000000000 2000000000000000", msg_mdci_code(&c, &mdci));
    memfile_close(&f);
}
END_TEST

START_TEST(extension)
{
    struct memfile f;
    struct msg_btree_k k;
    struct msg_driver d;
    uint32_t count;

    try_open(&f);
    TRY_GET(&f, "00 2800 1400 0600",
            msg_btree_k_code(&c, &k)); /* chunk first, leaf last */
    ck_assert_uint_eq(k.chunk, 40);
    ck_assert_uint_eq(k.group_internal, 20);
    ck_assert_uint_eq(k.group_leaf, 6);
    TRY_BAD(&f, "00 2800 0000 0600", msg_btree_k_code(&c, &k), HI5_E_CORRUPT, 3,
            "group internal K");
    TRY_GET(&f, "00 4e43534166616d69 0800 0010000000000000", msg_driver_code(&c, &d));
    ck_assert_str_eq(d.name, "NCSAfami");
    ck_assert_uint_eq(d.len, 8);
    TRY_PUT(&f, "004e43534166616d6908000010000000000000", msg_driver_code(&c, &d));
    TRY_BAD(&f, "00 4e43534166616d69 0000", msg_driver_code(&c, &d), HI5_E_CORRUPT, 9,
            "length");
    TRY_BAD(&f, "00 4e43534166616d69 0900 0010000000000000", msg_driver_code(&c, &d),
            HI5_E_TRUNCATED, 11, "data");
    TRY_GET(&f, "00 02000000", msg_refcount_code(&c, &count));
    ck_assert_uint_eq(count, 2);
    TRY_FOUND(&f, "00 01000000", msg_refcount_code(&c, &count), 1, "count");
    TRY_SHORT(&f, "00 2800 1400 0600", msg_btree_k_code(&c, &k));
    TRY_SHORT(&f, "00 02000000", msg_refcount_code(&c, &count));
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_misc, names, link_info, attribute_info, group_info, external_files,
          comment, modification_times, pointers, extension)
