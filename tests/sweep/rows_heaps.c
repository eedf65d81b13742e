/*
 * rows_heaps.c - superblock, driver block, cache image, symbol tables, heaps, shared
 * messages: bytes that libhdf5 1.10.8 wrote, unless a row says otherwise
 */
#include "format/fheap.h"
#include "format/gheap.h"
#include "format/lheap.h"
#include "format/shared.h"
#include "format/superblock.h"
#include "format/symtab.h"
#include "sweep.h"

static void
row_superblock(struct cur *c, void *s)
{
    superblock_code(c, s);
}

static void
row_driver_block(struct cur *c, void *s)
{
    driver_block_code(c, s);
}

static void
row_driver_multi(struct cur *c, void *s)
{
    driver_multi_code(c, s);
}

static void
row_mdci(struct cur *c, void *s)
{
    mdci_code(c, s);
}

static void
row_mdci_entry(struct cur *c, void *s)
{
    mdci_entry_code(c, s);
}

static void
row_ste(struct cur *c, void *s)
{
    ste_code(c, s);
}

static void
row_snod(struct cur *c, void *s)
{
    snod_code(c, s);
}

static void
row_lheap(struct cur *c, void *s)
{
    lheap_code(c, s);
}

static void
row_gcol(struct cur *c, void *s)
{
    gcol_code(c, s);
}

static void
row_gheap_object(struct cur *c, void *s)
{
    gheap_object_code(c, s);
}

static void
row_frhp(struct cur *c, void *s)
{
    frhp_code(c, s);
}

static void
row_smtb(struct cur *c, void *s)
{
    ((struct sohm_table *)s)->n = 2;
    smtb_code(c, s);
}

extern const struct sweep_row sweep_rows_heaps[];
const struct sweep_row sweep_rows_heaps[] = {
    {"superblock 0", row_superblock,
     "894844460d0a1a0a 00 00 00 00 00 08 08 00 0400 1000 00000000"
     "0000000000000000 ffffffffffffffff 4008000000000000 ffffffffffffffff"
     "0000000000000000 6000000000000000 01000000 00000000 8800000000000000"
     "a802000000000000",
     8, 8, sizeof(struct superblock), false, false, false},
    {"superblock 0, O 4, L 2", row_superblock,
     "894844460d0a1a0a 00 00 00 00 00 04 02 00 0400 1000 00000000"
     "00000000 ffffffff 62120000 ffffffff"
     "0000 46000000 01000000 00000000 6e000000 40010000 0000000000000000",
     8, 8, sizeof(struct superblock), false, false, false},
    /* the scratch-pad has no room for two addresses, and is not written */
    {"superblock 0, O 16, by hand", row_superblock,
     "894844460d0a1a0a 00 00 00 00 00 10 08 00 0400 1000 00000000"
     "00000000000000000000000000000000 ffffffffffffffffffffffffffffffff"
     "102e0000000000000000000000000000 ffffffffffffffffffffffffffffffff"
     "0000000000000000 88000000000000000000000000000000 01000000 00000000"
     "00000000000000000000000000000000",
     8, 8, sizeof(struct superblock), false, false, false},
    {"superblock 1, K 7", row_superblock,
     "894844460d0a1a0a 01 00 00 00 00 08 08 00 0400 1000 00000000 0700 0000"
     "0000000000000000 ffffffffffffffff 2403000000000000 ffffffffffffffff"
     "0000000000000000 6400000000000000 01000000 00000000 8c00000000000000"
     "ac02000000000000",
     8, 8, sizeof(struct superblock), false, false, false},
    {"superblock 2", row_superblock,
     "894844460d0a1a0a 02 08 08 00 0000000000000000 ffffffffffffffff"
     "c300000000000000 3000000000000000 ab5fed36",
     8, 8, sizeof(struct superblock), true, false, false},
    {"superblock 3, O 2, L 4", row_superblock,
     "894844460d0a1a0a 03 02 04 00 0000 ffff 0020 1800 c08d8504", 8, 8,
     sizeof(struct superblock), true, false, false},
    {"superblock 3, O 16", row_superblock,
     "894844460d0a1a0a 03 10 08 00 00000000000000000000000000000000"
     "ffffffffffffffffffffffffffffffff ac210000000000000000000000000000"
     "50000000000000000000000000000000 4874c8bb",
     8, 8, sizeof(struct superblock), true, false, false},
    {"driver block, family", row_driver_block,
     "00 000000 08000000 4e43534166616d69 0008000000000000", 8, 8,
     sizeof(struct driver_block), false, false, false},
    {"driver block, split", row_driver_block,
     "00 000000 38000000 4e4353416d756c74 0101030301010000 0000000000000000"
     "c005000000000000 ffffffffffffff7f a00f000000000000 25732d6d2e683500"
     "25732d722e683500",
     8, 8, sizeof(struct driver_block), false, false, false},
    {"driver multi, split", row_driver_multi,
     "0101030301010000 0000000000000000 c005000000000000 ffffffffffffff7f"
     "a00f000000000000 25732d6d2e683500 25732d722e683500",
     8, 8, sizeof(struct driver_multi), false, false, false},
    {"driver multi, own members, by hand", row_driver_multi,
     "0002000000000000 0000000000000000 0100000000000000 0000000000000010"
     "0200000000000000 0000000000000020 0300000000000000 0000000000000030"
     "0400000000000000 0000000000000040 0500000000000000 0000000000000050"
     "0600000000000000 25732d732e683500 25732d622e683500 25732d722e683500"
     "25732d672e683500 25732d6c2e683500 25732d6f626a65632e68350000000000",
     8, 8, sizeof(struct driver_multi), false, false, false},
    {"MDCI", row_mdci, "4d444349 00 00 7801000000000000 02000000", 8, 8,
     sizeof(struct mdci), false, false, false},
    {"cache image entry, by hand", row_mdci_entry,
     "05 03 01 00 0000 0000 0200 ffffffff 40000000 0300 10000000 20000000 aabbcc", 4, 2,
     sizeof(struct mdci_entry), false, false, false},
    {"symbol table entry", row_ste,
     "1000000000000000 ffffffffffffffff 02000000 00000000 18000000 00000000"
     "0000000000000000",
     8, 8, sizeof(struct ste), false, false, false},
    {"symbol table entry, object", row_ste,
     "2000000000000000 2807000000000000 00000000 00000000 00000000 00000000"
     "0000000000000000",
     8, 8, sizeof(struct ste), false, false, false},
    /* U-STE-1: the name's offset is two bytes here */
    {"symbol table entry, O 4, L 2", row_ste,
     "0800 a0010000 01000000 00000000 c8010000 9a020000 0000000000000000", 4, 2,
     sizeof(struct ste), false, false, false},
    {"SNOD", row_snod, "534e4f44 01 00 0300", 8, 8, sizeof(struct snod), false, false,
     false},
    {"HEAP", row_lheap,
     "48454150 00 000000 5800000000000000 2800000000000000 c802000000000000", 8, 8,
     sizeof(struct lheap), false, false, false},
    {"HEAP, O 4, L 2", row_lheap, "48454150 00 000000 5000 1000 50010000", 4, 2,
     sizeof(struct lheap), false, false, false},
    {"HEAP, O 2, L 2, by hand", row_lheap, "48454150 00 000000 5000 0100 5001 0000", 2,
     2, sizeof(struct lheap), false, false, false},
    {"GCOL", row_gcol, "47434f4c 01 000000 0010000000000000", 8, 8, sizeof(struct gcol),
     false, false, false},
    {"GCOL, L 4", row_gcol, "47434f4c 01 000000 00100000 00000000", 4, 4,
     sizeof(struct gcol), false, false, false},
    {"global heap object", row_gheap_object, "0200 0000 00000000 0300000000000000", 8,
     8, sizeof(struct gheap_object), false, false, false},
    {"global heap object, L 4", row_gheap_object,
     "0200 0000 00000000 03000000 00000000", 4, 4, sizeof(struct gheap_object), false,
     false, false},
    {"FRHP, links", row_frhp,
     "46524850 00 0700 0000 02 00100000 0000000000000000 ffffffffffffffff"
     "7402000000000000 6103000000000000 0010000000000000 0010000000000000"
     "0010000000000000 6400000000000000 0000000000000000 0000000000000000"
     "0000000000000000 0000000000000000 0400 0002000000000000 0000010000000000"
     "2000 0100 f423000000000000 0200 d1100da2",
     8, 8, sizeof(struct frhp), true, false, false},
    {"FRHP, attributes, huge only", row_frhp,
     "46524850 00 0800 0000 02 00100000 1500000000000000 7f23010000000000"
     "0000000000000000 ffffffffffffffff 0000000000000000 0000000000000000"
     "0000000000000000 0000000000000000 458f080000000000 1500000000000000"
     "0000000000000000 0000000000000000 0400 0004000000000000 0000010000000000"
     "2800 0100 ffffffffffffffff 0000 f53e4186",
     8, 8, sizeof(struct frhp), true, false, false},
    {"FRHP, O 4, L 2", row_frhp,
     "46524850 00 0700 0000 02 00100000 0000 ffffffff ce04 0c020000 0008 0004 0004 1e00"
     "0000 0000 0000 0000 0400 0002 0000 2000 0100 66040000 0100 012df9e0",
     4, 2, sizeof(struct frhp), true, false, false},
    {"FRHP, deflate", row_frhp,
     "46524850 00 0700 0c00 02 00100000 0100000000000000 6761010000000000"
     "b0cc020000000000 1503000000000000 0000040000000000 0040010000000000"
     "0040010000000000 b80b000000000000 9c13000000000000 0100000000000000"
     "0000000000000000 0000000000000000 0400 0002000000000000 0000010000000000"
     "2000 0100 2e9f010000000000 0800 0000000000000000 00000000"
     "020101000100010006000000 33fa687d",
     8, 8, sizeof(struct frhp), true, false, false},
    {"SMTB", row_smtb,
     "534d5442 00 00 2a08 08000000 3200 2800 0300 6002000000000000 ba05000000000000"
     "00 00 0010 08000000 3200 2800 0c00 9e06000000000000 f809000000000000 e694292d",
     8, 8, sizeof(struct sohm_table), true, false, false},
    {0},
};
