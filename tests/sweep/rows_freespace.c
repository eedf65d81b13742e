/*
 * rows_freespace.c - free-space managers and indexes of shared messages: bytes that
 * libhdf5 1.10.8 wrote
 */
#include "format/freespace.h"
#include "format/sohm.h"
#include "sweep.h"

static void
row_fshd(struct cur *c, void *s)
{
    fshd_code(c, s);
}

static void
row_fsse_file(struct cur *c, void *s)
{
    ((struct fsse *)s)->sections_size = 36;
    fsse_code(c, s);
}

static void
row_fsse_heap(struct cur *c, void *s)
{
    ((struct fsse *)s)->sections_size = 9;
    fsse_code(c, s);
}

static void
row_sohm_record(struct cur *c, void *s)
{
    sohm_record_code(c, s);
}

static void
row_smli(struct cur *c, void *s)
{
    ((struct smli *)s)->records_size = 9 * 17;
    smli_code(c, s);
}

const struct sweep_row sweep_rows_freespace[] = {
    {"FSHD, file", row_fshd,
     "465348440001f1060000000000000200000000000000020000000000000000000000"
     "000000000300500078003f00ffffffffffffff7fda03000000000000350000000000"
     "000035000000000000002a5ab015",
     8, 8, sizeof(struct fshd), true, false, false},
    {"FSHD, heap", row_fshd,
     "46534844000033010000000000000100000000000000010000000000000000000000"
     "00000000040050007800200000000100000000003d120000000000001a0000000000"
     "00001a00000000000000c2a648e0",
     8, 8, sizeof(struct fshd), true, false, false},
    {"FSSE, file", row_fsse_file,
     "46535345008803000000000000014102000000000000bf0d0000000000000001b004"
     "0000000000000008000000000000008b3d204e",
     8, 8, sizeof(struct fsse), true, false, false},
    {"FSSE, heap", row_fsse_heap,
     "4653534500d40200000000000001330100cd000000006fe45fe4", 8, 8, sizeof(struct fsse),
     true, false, false},
    {"shared message record, heap", row_sohm_record,
     "00 35476231 04000000 0016000000002800", 8, 8, sizeof(struct sohm_record), false,
     false, false},
    {"shared message record, header, by hand", row_sohm_record,
     "01 35476231 00 0c 0300 600a000000000000", 8, 8, sizeof(struct sohm_record), false,
     false, false},
    {"shared message record, O 4, by hand", row_sohm_record,
     "01 35476231 00 03 0000 600a0000 00000000", 4, 4, sizeof(struct sohm_record),
     false, false, false},
    {"SMLI", row_smli,
     "534d4c490035476231040000000016000000002800006960886f0c00000000520000"
     "00007800008b3329f00d000000003e000000000c00005f73c5d60d000000004a0000"
     "00000800004a1c461f0400000000ca00000000280000be6066cd0400000000f20000"
     "00002800007b99644504000000001a01000000280000dd371e6a0400000000420100"
     "000028000060d0f75604000000006a010000002800940747f8",
     8, 8, sizeof(struct smli), true, false, false},
    {0},
};
