/*
 * freespace.h - free-space managers                                [FMT III.H]
 */
#ifndef HI5_FREESPACE_H
#define HI5_FREESPACE_H

#include "base/meta.h"

enum fs_client { FS_FRACTAL_HEAP = 0, FS_FILE = 1 };

struct fshd {
    uint8_t client;
    uint64_t space, nsections, nserial, nghosts;
    uint16_t nclasses, shrink, expand, addr_bits;
    uint64_t max_section;
    uint64_t sections, used, allocated; /* FSSE: address, bytes used, bytes it takes */
};
HI5_INT void fshd_code(struct cur *c, struct fshd *h);

/* Sections of one size come together in the list. */
struct fs_section {
    uint64_t offset, size;
    uint8_t type;
};

/* The section list: who codes sets what the header says. */
struct fsse {
    uint64_t header;
    size_t sections_size; /* bytes between header address and checksum */
    const uint8_t *sections;
};
HI5_INT void fsse_code(struct cur *c, struct fsse *s);

/** Called for each section, in the order of the list. `at`: where in the sections. */
typedef hi5_status (*fs_section_fn)(void *ctx, const struct fs_section *s, size_t at,
                                    hi5_error *err);
/** Decode the bytes of a section list.
 *  @param heap_bits  of a fractal heap's address space; 0 for a file's manager */
HI5_INT hi5_status fs_sections_each(const struct fshd *h, const struct fsse *s,
                                    uint64_t addr, unsigned heap_bits, fs_section_fn fn,
                                    void *ctx, hi5_error *err);

#endif
