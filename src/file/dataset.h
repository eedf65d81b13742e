/*
 * dataset.h - datasets in memory
 */
#ifndef HI5_DATASET_H
#define HI5_DATASET_H

#include "base/io.h"
#include "btree/chunk_table.h"
#include "file/chunk_cache.h"
#include "file/object.h"
#include "space/select.h"

/* A piece of external raw data. */
struct dataset_external {
    const char *name;
    uint64_t offset, size;     /* size HI5_UNLIMITED: to the end */
};

struct vds;

#define AHEAD_PAGE (128u * 1024u) /* bytes of data in one piece fetched at once */
#define AHEAD_PAGES 4u            /* of them that are kept */
#define AHEAD_BOXES 32u           /* boxes of chunks fetched at once, at most */
#define AHEAD_PART 4u             /* of the cache, what these may take: 1 in so many */

/* What the last reads were, for those that follow one another: file/read_ahead.c. */
struct ahead {
    /* Data in one piece: where the last small read ended, how many came in order. */
    _Atomic(uint64_t) end;
    atomic_uint small;
    /* Chunks: */
    struct mutex lock;         /* guards the rest */
    uint64_t low[HI5_MAX_RANK], width[HI5_MAX_RANK]; /* the last box; width 0: none */
    unsigned along, run;       /* the dimension they go on in, how many boxes so far */
    uint64_t boxes;            /* fetched the last time; 0: none */
    uint64_t beyond[HI5_MAX_RANK]; /* the first box behind these */
};
HI5_INT void ahead_init(struct ahead *a);
HI5_INT void ahead_done(struct ahead *a);

struct hi5_dataset {
    hi5_object *object;
    hi5_file *file;            /* the object's */
    struct arena arena;
    const hi5_type *type;
    hi5_shape shape;
    struct msg_layout layout;
    hi5_status fill_status;    /* of decoding the fill value message */
    struct msg_fill fill;
    struct pipeline pipeline;
    size_t nexternals;
    struct dataset_external *external;
    struct cix_params grid;    /* chunked */
    const struct cix *cix;     /* chunked; NULL if there are no elements or chunks */
    struct vds *vds;           /* virtual */
    struct dataset_edit *edit; /* what is pending of it; or NULL */
    hi5_dataset *twin;         /* as it is now, if the file has been written since */
    uint64_t version;          /* of the file's edits that the twin has seen */
    uint64_t seen;             /* and that the shape has */
    const hi5_dataset *above;  /* the virtual dataset that this is a source of */
    uint64_t *work;            /* left for what this was opened for; NULL: anything */
    struct chunk_cache cache;  /* of chunks, or of pages of data in one piece */
    struct ahead ahead;
    /* Chunked: see chunk_find. */
    atomic_size_t searches;    /* for chunks, in no order, so far */
    uint64_t table_pays;       /* after how many of them */
    atomic_bool table_tried;
    _Atomic(const struct cix_table *) table;
    struct io_map map;         /* of the data; guarded by file->lock. bytes NULL: none */
};

/* Who needs a dataset as a source, and how much work may still be done for the call that
 * it all comes from: file/vds.c. */
struct vds_use {
    const hi5_dataset *above;
    uint64_t *work;
};

/** A dataset handle for an object. @param use  who needs it as a source, or NULL */
HI5_INT hi5_status dataset_open(hi5_object *o, const struct vds_use *use,
                                hi5_dataset **d, hi5_error *err);

/** What a layout says of the chunks of a dataset of this shape, whose elements have `each`
 *  bytes; all but `filtered` and `k`. chunk_bytes UINT64_MAX: as many, or more. */
HI5_INT void dataset_grid(const struct msg_layout *l, const hi5_shape *shape, size_t each,
                          struct cix_params *g);

/** The dataset as it is now, as object_current. */
HI5_INT hi5_status dataset_current(hi5_dataset *d, hi5_dataset **now, hi5_error *err);
/** The shape as it is now, whoever changed it. */
HI5_INT const hi5_shape *dataset_edit_shape(const hi5_dataset *d);
/** Close what dataset_current opened, and what is pending. */
HI5_INT void dataset_edit_leave(hi5_dataset *d);

/* What is to be read, checked and complete. */
struct read_request {
    const hi5_selection *selection;
    const hi5_type *memory;
    struct mem *give;          /* account of variable-length data given to the caller */
    uint8_t *buf;              /* clear if memory has variable-length parts */
    hi5_error *err;
    uint64_t *work;            /* vds_use; NULL: nothing virtual on the way yet */
    const hi5_transfer *how;   /* or NULL */
};
HI5_INT hi5_status dataset_read(hi5_dataset *d, const struct read_request *q);

/** Fill `n` elements at `buf` with the fill value. */
HI5_INT hi5_status dataset_fill(hi5_dataset *d, const struct read_request *q, void *buf,
                                uint64_t n);
/** The same, even for a fill value that is never to be written. */
HI5_INT hi5_status dataset_fill_value(hi5_dataset *d, const struct read_request *q,
                                      void *buf, uint64_t n);

/** Bytes of all elements in the file's type; fails if too many to count. */
HI5_INT hi5_status dataset_bytes(const hi5_dataset *d, uint64_t *n, hi5_error *err);

/* ---- virtual datasets (file/vds.c) ---- */

HI5_INT hi5_status vds_open(hi5_dataset *d, hi5_error *err);
HI5_INT void vds_close(hi5_dataset *d);
HI5_INT hi5_status vds_read(hi5_dataset *d, const struct read_request *q);
/** Could mapping i be read, all of it? Sources are opened, their elements left alone. A
 *  source that is missing is no failure. */
HI5_INT hi5_status vds_probe(hi5_dataset *d, size_t i, hi5_error *err);
HI5_INT bool vds_mapping(const hi5_dataset *d, size_t i, hi5_mapping *m);
HI5_INT size_t vds_count(const hi5_dataset *d);

#endif
