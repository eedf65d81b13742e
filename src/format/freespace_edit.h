/*
 * freespace_edit.h - free-space managers that are changed          [FMT III.H]
 */
#ifndef HI5_FREESPACE_EDIT_H
#define HI5_FREESPACE_EDIT_H

#include "base/stage.h"
#include "format/freespace.h"

/* Sections of file and heap managers that are written have nothing but these. */
struct fs_range {
    uint64_t size, offset;
    uint8_t type;
};

/* Where a manager is; ADDR_NONE: there is none. */
struct fs_manager {
    uint64_t head, list, list_size;
};

/** Bytes of a manager's header. */
HI5_INT size_t fshd_size(const struct meta *m);

/** Read the manager at `addr`, each section of it. *g, which says that there is none, gets
 *  what of it was found, also if the rest is damaged.
 *  @param heap_bits  as for fs_sections_each */
HI5_INT hi5_status fs_load(struct meta *m, uint64_t addr, unsigned client,
                           unsigned heap_bits, struct fs_manager *g, fs_section_fn fn,
                           void *ctx, hi5_error *err);

/** Put ranges into the order of a list: by size, then by offset. */
HI5_INT void fs_sort(struct fs_range *r, size_t n);
/** Bytes of the list of `n` > 0 ranges that are sorted, for a manager whose h->addr_bits
 *  and h->max_section are set. */
HI5_INT hi5_status fs_list_size(const struct meta *m, const struct fshd *h,
                                const struct fs_range *r, size_t n, size_t *size,
                                hi5_error *err);
/** Write header and list into blocks of just their size. Of *h, client, classes, percents,
 *  addr_bits and max_section are set, the rest follows from the ranges. NOTE(lib): libhdf5
 *  cannot change a list whose allocated size is not the used one ("size of entry
 *  changed"). */
HI5_INT hi5_status fs_put(struct meta *m, struct fshd *h, const struct fs_range *r,
                          size_t n, struct staged *head, struct staged *list,
                          hi5_error *err);

#endif
