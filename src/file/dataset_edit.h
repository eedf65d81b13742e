/*
 * dataset_edit.h - datasets that are being written
 *
 * While a dataset is written its extent and layout are kept here, as are chunks that are
 * not complete; datasets_settle brings header, index and chunks up to date. All handles
 * of one dataset share one of these; it lives as long as one of them does.
 */
#ifndef HI5_DATASET_EDIT_H
#define HI5_DATASET_EDIT_H

#include "btree/cix_edit.h"
#include "file/dataset.h"
#include "file/edit.h"

/* A decoded chunk that has been changed. */
struct dirty_chunk;

struct dataset_edit {
    hi5_object *object;        /* held */
    struct dataset_edit *next; /* of the file's */
    unsigned users;            /* handles */
    bool stale;                /* hi5_abort came in between */
    const hi5_type *type;      /* as stored */
    struct arena arena;
    hi5_shape shape;
    struct msg_layout layout;
    struct pipeline pipeline;
    struct msg_fill fill;
    bool shape_changed, layout_changed;
    const uint64_t *next_dims; /* while it is resized: what chunks are stored for */
    uint8_t *compact;          /* the data of a compact dataset, to be changed */
    /* How elements of this type were converted when a box was last written; NULL: none. */
    const struct conv *path;
    hi5_type path_memory;
    struct arena path_arena;
    struct cix_params grid;    /* chunked */
    struct cix_edit *index;
    bool was_empty, stored_any; /* the index, at first; a chunk since then */
    uint64_t last_stored[HI5_MAX_RANK]; /* the last in order of those */
    /* Changed chunks: file/write_chunk.c. */
    struct dirty_chunk *newest, *oldest;
    struct dirty_chunk *spare; /* not in use */
    struct dirty_chunk **slot;
    size_t nslots, ndirty;
    uint64_t dirty_bytes;
};

/** What is pending of the dataset whose object is `o`, to be closed. Closing the last
 *  settles it; what fails then has broken the stage. */
HI5_INT hi5_status dataset_edit_open(hi5_object *o, struct dataset_edit **out,
                                     hi5_error *err);
HI5_INT hi5_status dataset_edit_close(struct dataset_edit *e, hi5_error *err);
/** Close it without settling: the dataset is gone. Other users find that out. */
HI5_INT void dataset_edit_forget(struct dataset_edit *e);
/** Put the fill value into the header, in the place of one as large. */
HI5_INT hi5_status dataset_edit_put_fill(struct dataset_edit *e, hi5_error *err);
/** What is pending of the dataset that `d` is a handle of. */
HI5_INT hi5_status dataset_edit_get(hi5_dataset *d, struct dataset_edit **out,
                                    hi5_error *err);

/* ---- file/dataset_create.c ---- */

/** Version and, for chunks, index of a new layout whose cls, and for chunks dim, are set. */
HI5_INT void layout_choose(const hi5_file *f, const hi5_shape *s, bool filtered,
                           unsigned alloc_time, struct msg_layout *l);
/** Chunks for elements of `size` bytes, as h5py guesses them. */
HI5_INT void layout_guess_chunk(const hi5_shape *shape, size_t size, uint64_t *chunk);

/* ---- file/write_chunk.c ---- */

struct vlen_old;

/* What is to be written, checked and complete. */
struct write_request {
    const hi5_selection *selection; /* inside the extent; NULL: everything, contiguous */
    const hi5_type *memory;
    const struct conv *path;   /* from memory to the stored type */
    bool keeps;                /* elements keep some of what they had */
    struct vlen_old *old;      /* what they had is noted here; NULL: nothing in the heap */
    const uint8_t *buf;
    hi5_error *err;
};
HI5_INT hi5_status write_chunks(struct dataset_edit *e, const struct write_request *q);
/** Store a chunk that has been filtered, instead of what there may be of it. */
HI5_INT hi5_status chunk_write_stored(struct dataset_edit *e, const uint64_t *scaled,
                                      const uint8_t *bytes, size_t n, uint32_t mask,
                                      hi5_error *err);
/** Store all changed chunks. */
HI5_INT hi5_status chunks_settle(struct dataset_edit *e, hi5_error *err);
HI5_INT void chunks_drop(struct dataset_edit *e);
/** Give all chunks the fill value that the extent has, and the extent `old` had not (NULL:
 *  there was none). */
HI5_INT hi5_status chunks_fill(struct dataset_edit *e, const uint64_t *old,
                               hi5_error *err);
/** Early allocation: the index, and all chunks with the fill value. */
HI5_INT hi5_status chunks_allocate(struct dataset_edit *e, hi5_error *err);
/** The extent is to become `dims`: chunks outside go, and what is cut off of others gets
 *  the fill value. */
HI5_INT hi5_status chunks_resize(struct dataset_edit *e, const uint64_t *dims,
                                 hi5_error *err);

#endif
