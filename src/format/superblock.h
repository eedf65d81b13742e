/*
 * superblock.h - the superblock, the driver block, the cache image    [FMT II]
 */
#ifndef HI5_SUPERBLOCK_H
#define HI5_SUPERBLOCK_H

#include "base/meta.h"
#include "format/symtab.h"

struct superblock {
    uint8_t version;
    uint8_t off_w, len_w;
    uint32_t flags;
    uint16_t leaf_k, internal_k, chunk_k; /* 4, 16, 32 where not stored */
    uint64_t base, extension, eof, driver, root, fsinfo;
    struct ste root_entry;     /* versions 0 and 1 */
};
/** Sets the cursor's widths as soon as it knows them. */
HI5_INT void superblock_code(struct cur *c, struct superblock *s);

/** Find the signature at 0, 512, 1024, ..., and decode. *at: where it was, which is the
 *  real base address. `m` gets that as its base, its widths, and as eof what there is
 *  behind the base. `s` is as stored: if s->base differs from *at (a user block came or
 *  went), the real end of file is s->eof - s->base + *at. HI5_E_CORRUPT if it is not an
 *  HDF5 file. */
HI5_INT hi5_status superblock_find(struct meta *m, struct superblock *s, uint64_t *at,
                                   hi5_error *err);

/* Driver information block of versions 0 and 1. */
struct driver_block {
    char name[9];
    uint32_t size;
    const uint8_t *data;
};
HI5_INT void driver_block_code(struct cur *c, struct driver_block *d);

/* What the payload of NCSAmult says. */
struct driver_multi {
    uint8_t map[7];            /* [usage type 1..6] -> usage type that holds it */
    uint64_t start[7], eoa[7]; /* [usage type], where map points at it */
    const char *name[7];       /* template with %s */
};
HI5_INT void driver_multi_code(struct cur *c, struct driver_multi *d);

/* Metadata cache image. */
struct mdci {
    uint8_t flags;
    uint64_t size;             /* of the whole block */
    uint32_t nentries;
};
HI5_INT void mdci_code(struct cur *c, struct mdci *h);

struct mdci_entry {
    uint8_t type, flags, ring, age;
    uint16_t children, dirty_children, nparents;
    uint32_t lru_rank;         /* signed in the file */
    uint64_t addr, size;
    const uint8_t *parents;    /* [nparents] addresses */
    const uint8_t *image;      /* [size] */
};
HI5_INT void mdci_entry_code(struct cur *c, struct mdci_entry *e);

/** Decode a metadata cache image block at `addr`; the overlays, sorted by address, go to
 *  `a`. */
HI5_INT hi5_status mdci_load(struct meta *m, uint64_t addr, uint64_t size,
                             struct arena *a, struct overlay **overlays, size_t *n,
                             hi5_error *err);

#endif
