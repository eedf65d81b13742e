/*
 * rows_messages.c - object headers and their messages: bytes that libhdf5 1.10.8 wrote;
 * of what it no longer writes, or does not yet, bytes made from the specification
 */
#include "format/msg_select.h"
#include "format/ohdr.h"
#include "sweep.h"

static void
row_ohdr_prefix(struct cur *c, void *s)
{
    ohdr_prefix_code(c, s);
}

static void
row_head_1(struct cur *c, void *s)
{
    ohdr_msg_head_code(c, s, 1, 0);
}

static void
row_head_2(struct cur *c, void *s)
{
    ohdr_msg_head_code(c, s, 2, 0);
}

static void
row_head_2_order(struct cur *c, void *s)
{
    ohdr_msg_head_code(c, s, 2, OHDR_F_ORDER_TRACKED);
}

static void
row_space(struct cur *c, void *s)
{
    msg_space_code(c, s);
}

static void
row_link_info(struct cur *c, void *s)
{
    msg_link_info_code(c, s);
}

static void
row_type(struct cur *c, void *s)
{
    msg_type_code(c, s, 64);
}

static void
row_fill_old(struct cur *c, void *s)
{
    msg_fill_old_code(c, s);
}

static void
row_fill(struct cur *c, void *s)
{
    msg_fill_code(c, s);
}

static void
row_link(struct cur *c, void *s)
{
    msg_link_code(c, s);
}

static void
row_efl(struct cur *c, void *s)
{
    msg_efl_code(c, s);
}

static void
row_layout(struct cur *c, void *s)
{
    msg_layout_code(c, s);
}

static void
row_group_info(struct cur *c, void *s)
{
    msg_group_info_code(c, s);
}

static void
row_pline(struct cur *c, void *s)
{
    msg_pline_code(c, s);
}

static void
row_attr(struct cur *c, void *s)
{
    msg_attr_code(c, s);
}

static void
row_comment(struct cur *c, void *s)
{
    msg_comment_code(c, s);
}

static void
row_mtime_old(struct cur *c, void *s)
{
    msg_mtime_old_code(c, s);
}

static void
row_sohm(struct cur *c, void *s)
{
    msg_sohm_code(c, s);
}

static void
row_cont(struct cur *c, void *s)
{
    msg_cont_code(c, s);
}

static void
row_stab(struct cur *c, void *s)
{
    msg_stab_code(c, s);
}

static void
row_mtime(struct cur *c, void *s)
{
    msg_mtime_code(c, s);
}

static void
row_btree_k(struct cur *c, void *s)
{
    msg_btree_k_code(c, s);
}

static void
row_driver(struct cur *c, void *s)
{
    msg_driver_code(c, s);
}

static void
row_attr_info(struct cur *c, void *s)
{
    msg_attr_info_code(c, s);
}

static void
row_refcount(struct cur *c, void *s)
{
    msg_refcount_code(c, s);
}

static void
row_fsinfo(struct cur *c, void *s)
{
    msg_fsinfo_code(c, s);
}

static void
row_mdci(struct cur *c, void *s)
{
    msg_mdci_code(c, s);
}

static void
row_shared(struct cur *c, void *s)
{
    msg_shared_code(c, s);
}

static void
row_ref_object(struct cur *c, void *s)
{
    ref_object_code(c, s, HI5_REF_OBJECT2, false);
}

static void
row_ref_region(struct cur *c, void *s)
{
    ref_object_code(c, s, HI5_REF_REGION2, false);
}

static void
row_ref_attribute(struct cur *c, void *s)
{
    ref_object_code(c, s, HI5_REF_ATTRIBUTE, true);
}

extern const struct sweep_row sweep_rows_messages[];

const struct sweep_row sweep_rows_messages[] = {
    {"object header 1", row_ohdr_prefix,
     "0100010001000000 1800000000000000",
     8, 8, sizeof(struct ohdr_prefix)},
    {"object header 2, order, times", row_ohdr_prefix,
     "4f484452 02 24 dc1c006b dc1c006b dc1c006b dc1c006b 16",
     8, 8, sizeof(struct ohdr_prefix)},
    {"object header 2, phase change", row_ohdr_prefix,
     "4f484452 02 10 0500 0200 00",
     8, 8, sizeof(struct ohdr_prefix)},
    {"object header 2, wide", row_ohdr_prefix,
     "4f484452 02 03 0400000000000000",
     8, 8, sizeof(struct ohdr_prefix)},
    {"message 1", row_head_1,
     "1100 1000 00 000000",
     8, 8, sizeof(struct ohdr_msg)},
    {"message 2", row_head_2,
     "03 0c00 05",
     8, 8, sizeof(struct ohdr_msg)},
    {"message 2, order", row_head_2_order,
     "0c 0c00 00 0700",
     8, 8, sizeof(struct ohdr_msg)},
    {"dataspace 1", row_space,
     "0102010000000000 0400000000000000 0600000000000000 ffffffffffffffff "
     "0600000000000000",
     8, 8, sizeof(struct msg_space)},
    {"dataspace 1, scalar", row_space,
     "0100000000000000",
     8, 8, sizeof(struct msg_space)},
    {"dataspace 2", row_space,
     "02010101 0200000000000000 0200000000000000",
     8, 8, sizeof(struct msg_space)},
    {"dataspace 2, null", row_space,
     "02000002",
     8, 8, sizeof(struct msg_space)},
    {"dataspace 2, L 2", row_space,
     "02010101 0200 ffff",
     4, 2, sizeof(struct msg_space)},
    {"dataspace 1, L 4", row_space,
     "0101000000000000 02000000",
     4, 4, sizeof(struct msg_space)},
    {"link info", row_link_info,
     "0003 0400000000000000 ffffffffffffffff ffffffffffffffff ffffffffffffffff",
     8, 8, sizeof(struct msg_link_info)},
    {"link info, dense", row_link_info,
     "0000 a604000000000000 3805000000000000",
     8, 8, sizeof(struct msg_link_info)},
    {"link info, O 4", row_link_info,
     "0002 10000000 20000000 30000000",
     4, 4, sizeof(struct msg_link_info)},
    {"integer", row_type,
     "10080000 04000000 0000 2000",
     8, 8, sizeof(const hi5_type *)},
    {"odd integer", row_type,
     "10020000 04000000 1000 0b00",
     8, 8, sizeof(const hi5_type *)},
    {"float", row_type,
     "11211f00 04000000 0000 2000 170800177f000000",
     8, 8, sizeof(const hi5_type *)},
    {"VAX float", row_type,
     "31611f00 04000000 0000 2000 1708001781000000",
     8, 8, sizeof(const hi5_type *)},
    {"long double", row_type,
     "11004f00 10000000 0000 5000 400f0040ff3f0000",
     8, 8, sizeof(const hi5_type *)},
    {"time", row_type,
     "12000000 04000000 2000",
     8, 8, sizeof(const hi5_type *)},
    {"string", row_type,
     "13020000 0a000000",
     8, 8, sizeof(const hi5_type *)},
    {"bitfield", row_type,
     "14010000 02000000 0000 1000",
     8, 8, sizeof(const hi5_type *)},
    {"opaque", row_type,
     "15080000 04000000 7461670000000000",
     8, 8, sizeof(const hi5_type *)},
    {"compound 1", row_type,
     "16020000 0c000000 7800000000000000 00000000 00000000 00000000 00000000 "
     "00000000000000000000000000000000 11203f0008000000 00004000340b0034ff030000 "
     "636f756e74000000 08000000 00000000 00000000 00000000 "
     "00000000000000000000000000000000 1009000004000000 00002000",
     8, 8, sizeof(const hi5_type *)},
    {"compound 1, dimensions", row_type,
     "16010000 18000000 6100000000000000 00000000 02000000 00000000 00000000 "
     "02000000 03000000 00000000 00000000 1008000004000000 00002000",
     8, 8, sizeof(const hi5_type *)},
    {"compound 2", row_type,
     "26030000 18000000 7800000000000000 00000000 11203f0008000000 "
     "00004000340b0034ff030000 636f756e74000000 08000000 1009000004000000 "
     "00002000 6172000000000000 0c000000 2a00000006000000 02000000 02000000 "
     "03000000 00000000 01000000 1008000001000000 00000800",
     8, 8, sizeof(const hi5_type *)},
    {"compound 3", row_type,
     "36030000 18000000 7800 00 11203f0008000000 00004000340b0034ff030000 "
     "636f756e7400 08 1009000004000000 00002000 617200 0c 3a00000006000000 02 "
     "02000000 03000000 1008000001000000 00000800",
     8, 8, sizeof(const hi5_type *)},
    {"object reference", row_type,
     "17000000 08000000",
     8, 8, sizeof(const hi5_type *)},
    {"region reference", row_type,
     "17010000 0c000000",
     8, 8, sizeof(const hi5_type *)},
    {"reference", row_type,
     "47120000 12000000",
     8, 8, sizeof(const hi5_type *)},
    {"enum 1", row_type,
     "18020000 02000000 1009000002000000 00001000 5245440000000000 "
     "475245454e000000 00010002",
     8, 8, sizeof(const hi5_type *)},
    {"enum 3", row_type,
     "38020000 02000000 1009000002000000 00001000 52454400 475245454e00 00010002",
     8, 8, sizeof(const hi5_type *)},
    {"sequence", row_type,
     "19000000 10000000 1000000002000000 00001000",
     8, 8, sizeof(const hi5_type *)},
    {"string, O 4", row_type,
     "19010100 0c000000 1000000001000000 00000800",
     4, 4, sizeof(const hi5_type *)},
    {"array 2", row_type,
     "2a000000 06000000 02000000 02000000 03000000 00000000 01000000 "
     "1008000001000000 00000800",
     8, 8, sizeof(const hi5_type *)},
    {"array 3", row_type,
     "3a000000 06000000 02 02000000 03000000 1008000001000000 00000800",
     8, 8, sizeof(const hi5_type *)},
    {"complex", row_type,
     "5b010000 10000000 51203f0008000000 00004000340b0034ff030000",
     8, 8, sizeof(const hi5_type *)},
    {"old fill value", row_fill_old,
     "04000000 f7ffffff",
     8, 8, sizeof(struct msg_fill)},
    {"fill value 1", row_fill,
     "01020201 04000000 f7ffffff",
     8, 8, sizeof(struct msg_fill), .read_only = true},
    {"fill value 2", row_fill,
     "02030201 04000000 f7ffffff",
     8, 8, sizeof(struct msg_fill)},
    {"fill value 2, default", row_fill,
     "02020201 00000000",
     8, 8, sizeof(struct msg_fill)},
    {"fill value 2, undefined", row_fill,
     "02020100",
     8, 8, sizeof(struct msg_fill)},
    {"fill value 3", row_fill,
     "032b 04000000 f7ffffff",
     8, 8, sizeof(struct msg_fill)},
    {"fill value 3, default", row_fill,
     "030a",
     8, 8, sizeof(struct msg_fill)},
    {"hard link", row_link,
     "0104 0200000000000000 04 68617264 280b000000000000",
     8, 8, sizeof(struct msg_link)},
    {"soft link", row_link,
     "010c 01 0000000000000000 04 736f6674 0300 2f6561",
     8, 8, sizeof(struct msg_link)},
    {"external link", row_link,
     "010c 40 0100000000000000 03 657874 0900 00 6f2e683500 2f7800",
     8, 8, sizeof(struct msg_link)},
    {"link, UTF-8", row_link,
     "011c 01 0300000000000000 01 02 c3a9 0200 2f61",
     8, 8, sizeof(struct msg_link)},
    {"hard link, O 4", row_link,
     "0100 01 61 280b0000",
     4, 4, sizeof(struct msg_link)},
    {"external file list", row_efl,
     "01000000 0200 0200 e006000000000000 0800000000000000 0000000000000000 "
     "4000000000000000 1000000000000000 0800000000000000 ffffffffffffffff",
     8, 8, sizeof(struct msg_efl)},
    {"layout 1, contiguous", row_layout,
     "0102010000000000 0008000000000000 0a000000 04000000",
     8, 8, sizeof(struct msg_layout)},
    {"layout 2, chunked", row_layout,
     "0203020000000000 8000000000000000 02000000 03000000 04000000",
     8, 8, sizeof(struct msg_layout)},
    {"layout 2, compact", row_layout,
     "0201000000000000 04000000 04000000 01020304",
     8, 8, sizeof(struct msg_layout)},
    {"layout 3, compact", row_layout,
     "0300 0400 01020304",
     8, 8, sizeof(struct msg_layout)},
    {"layout 3, contiguous", row_layout,
     "0301 ffffffffffffffff 6000000000000000",
     8, 8, sizeof(struct msg_layout)},
    {"layout 3, chunked", row_layout,
     "0302 03 2813000000000000 04000000 06000000 04000000",
     8, 8, sizeof(struct msg_layout)},
    {"layout 3, O 4, L 2", row_layout,
     "0301 00080000 6000",
     4, 2, sizeof(struct msg_layout)},
    {"layout 4, single", row_layout,
     "0402 00 03 01 040604 01 ffffffffffffffff",
     8, 8, sizeof(struct msg_layout)},
    {"layout 4, single filtered", row_layout,
     "0402 02 03 01 040604 01 0c00000000000000 00000000 7810000000000000",
     8, 8, sizeof(struct msg_layout)},
    {"layout 4, implicit", row_layout,
     "0402 00 03 01 020304 02 0010000000000000",
     8, 8, sizeof(struct msg_layout)},
    {"layout 4, fixed array", row_layout,
     "0402 00 03 01 020304 03 0a ffffffffffffffff",
     8, 8, sizeof(struct msg_layout)},
    {"layout 4, extensible array", row_layout,
     "0402 00 03 01 040304 04 200404100a 6e07000000000000",
     8, 8, sizeof(struct msg_layout)},
    {"layout 4, B-tree", row_layout,
     "0402 00 03 01 020304 05 00080000 64 28 ffffffffffffffff",
     8, 8, sizeof(struct msg_layout)},
    {"layout 4, virtual", row_layout,
     "0403 0030000000000000 01000000",
     8, 8, sizeof(struct msg_layout)},
    {"layout 5, large chunk", row_layout,
     "0502 00 02 05 0000000001 0400000000 02 0010000000000000",
     8, 8, sizeof(struct msg_layout)},
    {"group info", row_group_info,
     "0000",
     8, 8, sizeof(struct msg_group_info)},
    {"group info, all", row_group_info,
     "0003 0c00 0a00 0300 1400",
     8, 8, sizeof(struct msg_group_info)},
    {"filter pipeline 1", row_pline,
     "0103000000000000 0200080001000100 73687566666c6500 04000000 00000000 "
     "0100080001000100 6465666c61746500 06000000 00000000 2c01100001000300 "
     "6d792066696c74657200000000000000 01000000 02000000 03000000 00000000",
     8, 8, sizeof(struct pipeline)},
    {"filter pipeline 2", row_pline,
     "0203 020001000100 04000000 010001000100 06000000 2c010a0001000300 "
     "6d792066696c74657200 01000000 02000000 03000000",
     8, 8, sizeof(struct pipeline)},
    {"filter pipeline 3", row_pline,
     "0301 010000000100 06000000 0300 613d31",
     8, 8, sizeof(struct pipeline), .read_only = true},
    {"attribute 1", row_attr,
     "0100 0400 0c00 0800 6f6e650000000000 100800000400000000002000 00000000 "
     "0100000000000000 07000000 00000000",
     8, 8, sizeof(struct msg_attr), .open_ended = true},
    {"attribute 2", row_attr,
     "0201 0700 0a00 0400 73686172656400 02022003000000000000 02000000 2a",
     8, 8, sizeof(struct msg_attr), .open_ended = true},
    {"attribute 3", row_attr,
     "0300 0400 0c00 0400 00 6f6e6500 100800000400000000002000 02000000 07000000",
     8, 8, sizeof(struct msg_attr), .open_ended = true},
    {"comment", row_comment,
     "6120636f6d6d656e7400",
     8, 8, sizeof(const char *), .open_ended = true},
    {"old modification time", row_mtime_old,
     "31393939313233313233353935380000",
     8, 8, sizeof(int64_t)},
    {"shared message table", row_sohm,
     "00 6100000000000000 01",
     8, 8, sizeof(struct msg_sohm)},
    {"continuation", row_cont,
     "2007000000000000 6800000000000000",
     8, 8, sizeof(struct msg_cont)},
    {"continuation, O 2, L 4", row_cont,
     "2007 68000000",
     2, 4, sizeof(struct msg_cont)},
    {"symbol table", row_stab,
     "8800000000000000 a802000000000000",
     8, 8, sizeof(struct msg_stab)},
    {"modification time", row_mtime,
     "01000000 dc1c006b",
     8, 8, sizeof(int64_t)},
    {"B-tree K", row_btree_k,
     "00 2800 1400 0600",
     8, 8, sizeof(struct msg_btree_k)},
    {"driver info", row_driver,
     "00 4e43534166616d69 0800 0010000000000000",
     8, 8, sizeof(struct msg_driver)},
    {"attribute info", row_attr_info,
     "0003 0100 ffffffffffffffff ffffffffffffffff ffffffffffffffff",
     8, 8, sizeof(struct msg_attr_info)},
    {"attribute info, dense", row_attr_info,
     "0000 a604000000000000 3805000000000000",
     8, 8, sizeof(struct msg_attr_info)},
    {"reference count", row_refcount,
     "00 02000000",
     8, 8, sizeof(uint32_t)},
    {"file space info 0", row_fsinfo,
     "00 01 0200000000000000 1000000000000000 ffffffffffffffff 2000000000000000 "
     "ffffffffffffffff ffffffffffffffff 3000000000000000",
     8, 8, sizeof(struct msg_fsinfo), .read_only = true},
    {"file space info 1", row_fsinfo,
     "01 01 00 0100000000000000 0010000000000000 0000 ffffffffffffffff",
     8, 8, sizeof(struct msg_fsinfo)},
    {"file space info 1, persistent", row_fsinfo,
     "01 01 01 0100000000000000 0010000000000000 0000 0050000000000000 "
     "0050000000000000 ffffffffffffffff 292e000000000000 ffffffffffffffff "
     "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff "
     "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff",
     8, 8, sizeof(struct msg_fsinfo)},
    {"metadata cache image", row_mdci,
     "00 0010000000000000 2000000000000000",
     8, 8, sizeof(struct msg_mdci)},
    {"shared message 1", row_shared,
     "0100000000000000 1000000000000000 9005000000000000 "
     "000000000000000000000000000000000000000000000000",
     8, 8, sizeof(struct msg_shared), .read_only = true, .open_ended = true},
    {"shared message 2", row_shared,
     "0202 2003000000000000",
     8, 8, sizeof(struct msg_shared)},
    {"shared message 3, heap", row_shared,
     "0301 0016000000007e02",
     8, 8, sizeof(struct msg_shared)},
    {"shared message 3, O 4", row_shared,
     "0302 20030000",
     4, 4, sizeof(struct msg_shared)},
    {"reference to an object", row_ref_object,
     "08 280b000000000000",
     8, 8, sizeof(struct ref_object)},
    {"reference to a region", row_ref_region,
     "08 280b000000000000 10000000 02000000 03000000010000000000000000000000",
     8, 8, sizeof(struct ref_object)},
    {"reference to an attribute", row_ref_attribute,
     "08 280b000000000000 0900 6c61746573742e6835 0300 617474",
     8, 8, sizeof(struct ref_object)},
    {0},
};
