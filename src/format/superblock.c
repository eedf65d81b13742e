/*
 * superblock.c - where everything begins                           [FMT II.A]
 *
 * The superblock is at offset 0, or at 512, 1024, ... behind a user block. It says how
 * wide offsets and lengths are, and where the root group is.
 */
#include "format/superblock.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

static const uint8_t superblock_signature[8] = {0x89, 'H',  'D',  'F',
                                                0x0d, 0x0a, 0x1a, 0x0a};

/* More than any superblock takes: widths of 32 make 288 bytes of version 1. */
#define SUPERBLOCK_MOST 512u
#define SUPERBLOCK_FLAGS 0x07u

/* U-SB-2 */
static bool
superblock_width_ok(unsigned width)
{
    return width == 2 || width == 4 || width == 8 || width == 16 || width == 32;
}

static void
superblock_widths(struct cur *c, struct superblock *s)
{
    cur_u8(c, "size of offsets", &s->off_w);
    cur_require(c, superblock_width_ok(s->off_w), "size of offsets",
                "not 2, 4, 8, 16 or 32");
    cur_u8(c, "size of lengths", &s->len_w);
    cur_require(c, superblock_width_ok(s->len_w), "size of lengths",
                "not 2, 4, 8, 16 or 32");
    if (!cur_ok(c))
        return;
    c->off_w = s->off_w;
    c->len_w = s->len_w;
}

/*
 * Superblock, versions 0 and 1, from the version on                [FMT II.A]
 *
 *   size  field
 *      1  version              0, 1
 *      1  version of the free-space storage       0
 *      1  version of the root symbol table entry  0
 *      1  reserved
 *      1  version of the shared header messages   0
 *      1  size of offsets (O)
 *      1  size of lengths (L)
 *      1  reserved
 *      2  group leaf node K
 *      2  group internal node K
 *      4  file consistency flags
 *         version 1 only (OPEN-09):
 *      2    indexed storage internal node K
 *      2    reserved
 *      O  base address
 *      O  free-space info address    undefined
 *      O  end of file address        from the start of the file, not from the base
 *      O  driver information block address
 *      -  root group symbol table entry
 */
static void
superblock_code_old(struct cur *c, struct superblock *s)
{
    cur_const(c, "version of the free-space storage", 1, 0);
    cur_const(c, "version of the root entry", 1, 0);
    cur_reserved(c, 1);
    cur_const(c, "version of the shared header messages", 1, 0);
    superblock_widths(c, s);
    cur_reserved(c, 1);
    cur_u16(c, "group leaf node K", &s->leaf_k);
    cur_u16(c, "group internal node K", &s->internal_k);
    cur_u32(c, "file consistency flags", &s->flags);
    if (s->version == 1) {
        cur_u16(c, "indexed storage internal node K", &s->chunk_k);
        cur_reserved(c, 2);
    } else if (cur_reading(c)) {
        s->chunk_k = 32; /* OPEN-10 */
    }
    cur_addr(c, "base address", &s->base);
    cur_addr(c, "free-space info address", &s->fsinfo);
    cur_addr(c, "end of file address", &s->eof);
    cur_addr(c, "driver information block address", &s->driver);
    if (cur_ok(c)) {
        const size_t start = c->start;

        ste_code(c, &s->root_entry);
        c->structure = "superblock";
        c->section = "II.A";
        c->start = start;
    }
    if (cur_reading(c)) {
        s->root = s->root_entry.header;
        s->extension = ADDR_NONE; /* OPEN-26, U-EXT-1 */
    }
}

/*
 * Superblock, versions 2 and 3, from the version on                [FMT II.A]
 *
 *   size  field
 *      1  version              2, 3
 *      1  size of offsets (O)
 *      1  size of lengths (L)
 *      1  file consistency flags     1 open for write, 4 by a SWMR writer
 *      O  base address
 *      O  superblock extension address
 *      O  end of file address        from the start of the file, not from the base
 *      O  root group object header address
 *      4  checksum
 */
static void
superblock_code_new(struct cur *c, struct superblock *s)
{
    uint64_t flags = s->flags;

    superblock_widths(c, s);
    cur_uint(c, "file consistency flags", 1, &flags);
    cur_addr(c, "base address", &s->base);
    cur_addr(c, "superblock extension address", &s->extension);
    cur_addr(c, "end of file address", &s->eof);
    cur_addr(c, "root group object header address", &s->root);
    cur_checksum(c);
    if (!cur_reading(c))
        return;
    s->flags = (uint32_t)flags;
    s->leaf_k = 4; /* OPEN-10; the extension may say otherwise */
    s->internal_k = 16;
    s->chunk_k = 32;
    s->fsinfo = s->driver = ADDR_NONE;
    s->root_entry =
        (struct ste){.header = s->root, .btree = ADDR_NONE, .heap = ADDR_NONE};
}

/*
 * Superblock                                                       [FMT II.A]
 *
 *   size  field
 *      8  signature            89 'H' 'D' 'F' 0d 0a 1a 0a
 *      -  by version, as above
 */
HI5_INT void
superblock_code(struct cur *c, struct superblock *s)
{
    uint8_t sig[8];

    memcpy(sig, superblock_signature, sizeof sig);
    cur_begin(c, "superblock", "II.A");
    cur_bytes(c, "signature", sig, sizeof sig);
    cur_require(c, memcmp(sig, superblock_signature, sizeof sig) == 0, "signature",
                "not the signature of an HDF5 file");
    cur_u8(c, "version", &s->version);
    if (cur_ok(c) && s->version > 3) /* OPEN-14 */
        cur_fail(c, HI5_E_UNSUPPORTED, "version", "%u; there are versions 0 to 3",
                 (unsigned)s->version);
    if (!cur_ok(c))
        return;
    if (s->version < 2)
        superblock_code_old(c, s);
    else
        superblock_code_new(c, s);

    cur_require(c, s->leaf_k != 0, "group leaf node K", "zero"); /* U-SB-3 */
    cur_require(c, s->internal_k != 0, "group internal node K", "zero");
    cur_require(c, s->chunk_k != 0, "indexed storage internal node K", "zero");
    cur_require(c, (s->flags & ~SUPERBLOCK_FLAGS) == 0, "file consistency flags",
                s->version < 2 ? "reserved bits are set in a version that has no flags"
                               : "reserved bits are set");
    cur_require(c, s->base != ADDR_NONE, "base address", "undefined");
    cur_require(c, s->root != ADDR_NONE, "root group object header address",
                "undefined");
    cur_expect(c, s->version >= 2 || s->flags == 0, "file consistency flags",
               "set in a version that has none");
}

/* OPEN-07: 0, then 512 and its doublings. */
static hi5_status
superblock_search(struct meta *m, uint64_t *at, hi5_error *err)
{
    uint8_t sig[8];

    for (uint64_t where = 0; ckd_inside(where, sizeof sig, m->eof);
         where = where == 0 ? 512 : where * 2) {
        TRY(meta_copy(m, where, sizeof sig, "superblock", sig, err));
        if (memcmp(sig, superblock_signature, sizeof sig) == 0) {
            *at = where;
            return HI5_OK;
        }
        if (where > UINT64_MAX / 4)
            break;
    }
    return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "superblock", "signature", "II.A",
                   "not an HDF5 file: there is no signature at 0, 512, 1024, ...");
}

HI5_INT hi5_status
superblock_find(struct meta *m, struct superblock *s, uint64_t *at, hi5_error *err)
{
    uint8_t bytes[SUPERBLOCK_MOST];
    struct cur c;
    size_t n;

    memset(s, 0, sizeof *s);
    TRY(superblock_search(m, at, err));
    n = meta_clip(m, *at, sizeof bytes);
    TRY(meta_copy(m, *at, n, "superblock", bytes, err));
    if (*at != 0)
        meta_drop(m, 0, UINT64_MAX); /* addresses are other ones from here on */
    m->base = *at; /* U-SB-6: not what is stored */
    m->eof -= *at;
    c = meta_cursor_at(m, bytes, n, 0, NULL, err);
    superblock_code(&c, s);
    TRY(c.status);
    m->off_w = s->off_w;
    m->len_w = s->len_w;
    return HI5_OK;
}
