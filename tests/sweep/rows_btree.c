/*
 * rows_btree.c - golden bytes of B-tree nodes and array blocks
 *
 * Where O and L are 8 the bytes were written by libhdf5 1.10.8; the others follow from
 * the specification.
 */
#include "btree/btree1.h"
#include "btree/btree2.h"
#include "btree/chunk_index.h"
#include "btree/earray.h"
#include "sweep.h"

extern const struct sweep_row sweep_rows_btree[];

static void
tree_row(struct cur *c, void *s)
{
    tree_code(c, s);
}

static void
chunk_key_row(struct cur *c, void *s)
{
    bt1_chunk_key_code(c, s, 2);
}

static void
bthd_row(struct cur *c, void *s)
{
    bthd_code(c, s);
}

static void
btin_row(struct cur *c, void *s)
{
    struct bt2_image *n = s;

    n->records_size = 11;
    n->pointers_size = 2 * 9;
    bt2_image_code(c, n);
}

static void
btlf_plain_row(struct cur *c, void *s)
{
    struct bt2_image *n = s;

    n->leaf = true;
    n->records_size = 2 * 24;
    bt2_image_code(c, n);
}

static void
btlf_filtered_row(struct cur *c, void *s)
{
    struct bt2_image *n = s;

    n->leaf = true;
    n->records_size = 2 * 30;
    bt2_image_code(c, n);
}

static void
fahd_row(struct cur *c, void *s)
{
    fahd_code(c, s);
}

static void
fadb_plain_row(struct cur *c, void *s)
{
    struct fadb *d = s;

    d->entries_size = 15 * 8;
    fadb_code(c, d);
}

static void
fadb_filtered_row(struct cur *c, void *s)
{
    struct fadb *d = s;

    d->entries_size = 5 * 14;
    fadb_code(c, d);
}

static void
fadb_paged_row(struct cur *c, void *s)
{
    struct fadb *d = s;

    d->bitmap_size = 1;
    fadb_code(c, d);
}

static void
page_row(struct cur *c, void *s)
{
    struct fa_page *p = s;

    p->size = 2 * 8;
    fa_page_code(c, p);
}

static void
eahd_row(struct cur *c, void *s)
{
    eahd_code(c, s);
}

static void
eaib_row(struct cur *c, void *s)
{
    struct eaib *b = s;

    b->entries_size = 4 * 8;
    b->data_size = 6 * 8;
    b->super_size = 25 * 8;
    eaib_code(c, b);
}

static void
easb_row(struct cur *c, void *s)
{
    struct easb *b = s;

    b->offset_w = 4;
    b->data_size = 4 * 8;
    easb_code(c, b);
}

static void
easb_paged_row(struct cur *c, void *s)
{
    struct easb *b = s;

    b->offset_w = 4;
    b->bitmap_size = 64;
    b->data_size = 64 * 8;
    easb_code(c, b);
}

static void
eadb_row(struct cur *c, void *s)
{
    struct eadb *b = s;

    b->offset_w = 4;
    b->entries_size = 16 * 8;
    eadb_code(c, b);
}

static void
eadb_paged_row(struct cur *c, void *s)
{
    struct eadb *b = s;

    b->offset_w = 4;
    eadb_code(c, b);
}

static void
entry_plain_row(struct cur *c, void *s)
{
    cix_entry_code(c, s, 0, 0);
}

static void
entry_filtered_row(struct cur *c, void *s)
{
    cix_entry_code(c, s, 2, 0);
}

static void
record_plain_row(struct cur *c, void *s)
{
    cix_entry_code(c, s, 0, 2);
}

static void
record_filtered_row(struct cur *c, void *s)
{
    cix_entry_code(c, s, 2, 2);
}

const struct sweep_row sweep_rows_btree[] = {
    {"TREE groups", tree_row,
     "54524545 00000100 ffffffff ffffffff ffffffff ffffffff",
     8, 8, sizeof(struct tree), false},
    {"TREE chunks", tree_row,
     "54524545 01000300 ffffffff ffffffff ffffffff ffffffff",
     8, 8, sizeof(struct tree), false},
    {"TREE O=4", tree_row,
     "54524545 01020500 34120000 ffffffff",
     4, 4, sizeof(struct tree), false},
    {"TREE O=2", tree_row,
     "54524545 00010500 ffff0004",
     2, 2, sizeof(struct tree), false},
    {"chunk key", chunk_key_row,
     "01000000 00000000 00000000 00000000 06000000 00000000 00000000 00000000",
     8, 8, sizeof(struct bt1_chunk_key), false},
    {"BTHD chunks", bthd_row,
     "42544844 000a0008 00001800 00006428 00100000 00000000 02000200 00000000 "
     "0000e2f7 ca2f",
     8, 8, sizeof(struct bthd), true},
    {"BTHD links", bthd_row,
     "42544844 00050002 00000b00 01006428 00200000 00000000 01003c00 00000000 "
     "0000f61f 32fb",
     8, 8, sizeof(struct bthd), true},
    {"BTHD O=4 L=2", bthd_row,
     "42544844 00050002 00000b00 00006428 77070000 03000300 6dae6a7f",
     4, 2, sizeof(struct bthd), true},
    {"BTHD empty", bthd_row,
     "42544844 00080002 00001100 00006428 ffff0000 00000000 eee2bdc2",
     2, 4, sizeof(struct bthd), true},
    {"BTIN", btin_row,
     "4254494e 00052957 5eb500a5 0100000a 00f00400 00000000 00210022 00000000 "
     "00001aec e66b58",
     8, 8, sizeof(struct bt2_image), true},
    {"BTLF plain", btlf_plain_row,
     "42544c46 000a0008 00000000 00000000 00000000 00000000 00000000 00000908 "
     "00000000 00000200 00000000 00000100 00000000 0000ffa3 15a3",
     8, 8, sizeof(struct bt2_image), true},
    {"BTLF filtered", btlf_filtered_row,
     "42544c46 000b1208 00000000 00000100 00000000 00000000 00000000 00000000 "
     "00000000 13080000 00000000 03000000 00000200 00000000 00000100 00000000 "
     "00009067 dff6",
     8, 8, sizeof(struct bt2_image), true},
    {"FAHD plain", fahd_row,
     "46414844 0000080a 0f000000 00000000 fb010000 00000000 c67e39ee",
     8, 8, sizeof(struct fahd), true},
    {"FAHD filtered", fahd_row,
     "46414844 00010e0a 05000000 00000000 bd030000 00000000 aa0c009e",
     8, 8, sizeof(struct fahd), true},
    {"FAHD O=4 L=2", fahd_row,
     "46414844 0000040a e803ffff ffff66e3 9e0d",
     4, 2, sizeof(struct fahd), true},
    {"FADB plain", fadb_plain_row,
     "46414442 0000df01 00000000 00000008 00000000 0000ffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffff1008 00000000 0000ffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffebe7 006e",
     8, 8, sizeof(struct fadb), true},
    {"FADB filtered", fadb_filtered_row,
     "46414442 0001a103 00000000 0000ffff ffffffff ffff0000 00000000 20080000 "
     "00000000 02000100 0000ffff ffffffff ffff0000 00000000 ffffffff ffffffff "
     "00000000 00002208 00000000 00000500 00000000 c888199d",
     8, 8, sizeof(struct fadb), true},
    {"FADB paged", fadb_paged_row,
     "46414442 00003105 00000000 00002059 0d56c2",
     8, 8, sizeof(struct fadb), true},
    {"array page", page_row,
     "00080000 00000000 ffffffff ffffffff 398d76ed",
     8, 8, sizeof(struct fa_page), true},
    {"EAHD plain", eahd_row,
     "45414844 00000820 0410040a 01000000 00000000 36000000 00000000 02000000 "
     "00000000 ac020000 00000000 fb000000 00000000 54000000 00000000 27020000 "
     "00000000 b3643873",
     8, 8, sizeof(struct eahd), true},
    {"EAHD filtered", eahd_row,
     "45414844 00010e20 0410040a 00000000 00000000 00000000 00000000 01000000 "
     "00000000 f6000000 00000000 06000000 00000000 14000000 00000000 00100000 "
     "00000000 162c0311",
     8, 8, sizeof(struct eahd), true},
    {"EAHD O=4 L=4", eahd_row,
     "45414844 00000420 0410040a 00000000 00000000 00000000 00000000 00000000 "
     "04000000 ffffffff ee71644e",
     4, 4, sizeof(struct eahd), true},
    {"EAIB", eaib_row,
     "45414942 0000df01 00000000 00000008 00000000 0000ffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffff5103 00000000 0000ffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffe703 "
     "00000000 0000ffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffff7c45 ee76",
     8, 8, sizeof(struct eaib), true},
    {"EASB", easb_row,
     "45415342 0000df01 00000000 0000f000 00001d04 00000000 0000ffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffa354 3f17",
     8, 8, sizeof(struct easb), true},
    {"EASB paged", easb_paged_row,
     "45415342 00009707 00000000 0000f0ff 01000100 00000000 00000000 00000000 "
     "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
     "00000000 00000000 00000000 00000000 0000ffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffd416 00000000 0000ffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffb920 861a",
     8, 8, sizeof(struct easb), true},
    {"EADB", eadb_row,
     "45414442 0000df01 00000000 00000000 0000ffff ffffffff ffff0108 00000000 "
     "0000ffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
     "ffffffff ffffffff ffffffff ffffffff ffff05c2 a58c",
     8, 8, sizeof(struct eadb), true},
    {"EADB paged", eadb_paged_row,
     "45414442 00009707 00000000 0000f017 0200d626 1547",
     8, 8, sizeof(struct eadb), true},
    {"entry plain", entry_plain_row,
     "00080000 00000000",
     8, 8, sizeof(struct cix_chunk), false},
    {"entry filtered", entry_filtered_row,
     "20080000 00000000 02000100 0000",
     8, 8, sizeof(struct cix_chunk), false},
    {"record plain", record_plain_row,
     "09080000 00000000 02000000 00000000 01000000 00000000",
     8, 8, sizeof(struct cix_chunk), false},
    {"record filtered", record_filtered_row,
     "13080000 00000000 03000000 00000200 00000000 00000100 00000000 0000",
     8, 8, sizeof(struct cix_chunk), false},
    {0},
};
