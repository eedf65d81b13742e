/*
 * vds.h - what virtual datasets are made of (for file/vds*.c)
 */
#ifndef HI5_VDS_H
#define HI5_VDS_H

#include "file/dataset.h"
#include "format/msg_select.h"

#define VDS_NAME 4096u

/* What one call may spend on sources that are virtual themselves: without a bound, four
 * levels of a thousand mappings each are 10^12 sources to open. In units of some ten
 * nanoseconds; what is asked for in bytes earns more of them. */
#define VDS_WORK ((uint64_t)1 << 27)
#define VDS_WORK_OPEN 1000u    /* one source opened */
#define VDS_WORK_BYTES 16u     /* bytes read or filled, for one */
#define VDS_WORK_AGAIN 8u      /* how often each byte asked for may be read */

struct vds_map {
    struct vds_entry entry;
    int virt_dim, source_dim;  /* unlimited dimension, or -1 */
    bool printf_style;         /* names hold %b: one source for each block */
    uint64_t blocks;           /* printf-style: how many there are */
};

struct vds {
    size_t n;
    struct vds_map *map;
};

/** Expand %b in the name of a file or dataset to the block number and %% to %; false if
 *  that does not fit VDS_NAME bytes. */
HI5_INT bool vds_expand(char *out, const char *template, uint64_t block);

/** Take from the work that is left, if `d` is the source of another dataset: what a
 *  dataset itself says is in proportion to the file. */
HI5_INT hi5_status vds_spend(const hi5_dataset *d, uint64_t *work, uint64_t cost,
                             hi5_error *err);

/** Open a source. HI5_E_NOTFOUND if there is no such file or object.
 *  @param out  owned: hi5_dataset_close */
HI5_INT hi5_status vds_open_source(hi5_dataset *d, const char *file, const char *name,
                                   uint64_t *work, hi5_dataset **out, hi5_error *err);

/** How many selected coordinates an unlimited dimension has before `end`. */
HI5_INT uint64_t vds_slices(const hi5_selection *s, unsigned dim, uint64_t end);
/** The extent that just holds `slices` selected coordinates; with `trail`, also what
 *  comes before the next one. */
HI5_INT uint64_t vds_extent(const hi5_selection *s, unsigned dim, uint64_t slices,
                            bool trail);

/* Runs of what is wanted, by their place in the virtual dataset. */
struct vds_wanted {
    struct mem *mem;
    struct sel_run *run;       /* [room] */
    size_t n, room;
};
HI5_INT hi5_status vds_wanted_add(struct vds_wanted *w, const struct sel_run *r,
                                  hi5_error *err);
HI5_INT void vds_wanted_sort(struct vds_wanted *w);
HI5_INT void vds_wanted_done(struct vds_wanted *w);

/** List what is selected, sorted by place. */
HI5_INT hi5_status vds_list_runs(const hi5_selection *s, struct vds_wanted *w,
                                 hi5_error *err);
/** Intersect the virtual side of a mapping with what is wanted: for each common run, `at`
 *  is its place in the order of the mapping, `pos` its place in the caller's buffer. */
HI5_INT hi5_status vds_common(const hi5_selection *virt, const struct vds_wanted *wanted,
                              struct vds_wanted *common, hi5_error *err);
/** The part of a mapping's source that the common runs take, `n` elements, as a selection
 *  of `shape`; NULL: all of it.
 *  @param out  owned: hi5_selection_free */
HI5_INT hi5_status vds_narrow(const hi5_selection *source, const hi5_shape *shape,
                              const struct vds_wanted *common, uint64_t n,
                              struct mem *mem, hi5_selection **out, hi5_error *err);

#endif
