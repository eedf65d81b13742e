/*
 * write_chunk.h - what the files that write chunks share
 */
#ifndef HI5_WRITE_CHUNK_H
#define HI5_WRITE_CHUNK_H

#include "base/threads.h"
#include "file/write.h"
#include "filters/encode.h"

struct dirty_chunk {
    struct dirty_chunk *newer, *older, *chain;
    uint64_t hash;
    uint64_t taken;            /* elements, each counted whenever it was written */
    uint8_t *bytes;            /* e->grid.chunk_bytes */
    uint64_t scaled[];         /* [rank] */
};

/** The changed chunk at `scaled`, or NULL. */
HI5_INT struct dirty_chunk *dirty_find(const struct dataset_edit *e,
                                       const uint64_t *scaled);
HI5_INT void dirty_drop(struct dataset_edit *e, struct dirty_chunk *k);
/** All of it has been written, most likely: store it, if that is best done now. */
HI5_INT hi5_status dirty_complete(struct dataset_edit *e, struct dirty_chunk *k,
                                  hi5_error *err);
/** The changed chunk at `scaled`; what it has now is loaded. */
HI5_INT hi5_status chunk_get(struct dataset_edit *e, const uint64_t *scaled,
                             struct dirty_chunk **out, hi5_error *err);
/** Filter one chunk. What has become too large for the index is stored as it was. */
HI5_INT hi5_status chunk_filter(const struct dataset_edit *e, const uint64_t *scaled,
                                const uint8_t *bytes, struct encode_work *work,
                                const uint8_t **out, size_t *n, uint32_t *mask,
                                hi5_error *err);
/** Put a filtered chunk into the file, in new space unless what it has is fresh, too. */
HI5_INT hi5_status chunk_store(struct dataset_edit *e, const uint64_t *scaled,
                               const uint8_t *bytes, size_t n, uint32_t mask,
                               hi5_error *err);
/** The elements of a chunk that is about to be replaced, or to go; fill values where it
 *  cannot be read.
 *  @param changed  the chunk as it waits, or NULL
 *  @param own      some of it stays: fill values have objects of their own
 *  @param bytes    e->grid.chunk_bytes */
HI5_INT hi5_status chunk_recall(struct dataset_edit *e, const uint64_t *scaled,
                                const struct dirty_chunk *changed, uint8_t *bytes,
                                bool own, hi5_error *err);

/* Put the elements of a chunk together; the threads call it. */
typedef void (*batch_gather_fn)(const void *ctx, const uint64_t *scaled, uint8_t *bytes);

/* ---- file/write_batch.c ---- */

/* Chunks on their way through the filters. */
struct chunk_batch {
    struct dataset_edit *e;
    size_t n, room;
    struct batch_chunk {
        uint64_t scaled[HI5_MAX_RANK];
        uint8_t *bytes;        /* room for the elements */
        const uint8_t *from;   /* they are here instead; or NULL */
        const uint8_t *out;
        size_t size;
        uint32_t mask;
        struct encode_work work;
        hi5_status status;
        hi5_error err;
        bool ready;            /* to be stored */
    } *chunk;
    unsigned threads;
    uint8_t *bytes;
    batch_gather_fn gather;    /* for chunks without `from`; NULL: they are there */
    const void *ctx;
    bool waits;                /* gather reads the file that is written: nothing is stored
                                  before all is gathered */
    /* While threads are at work. They store, too, one at a time and in order. */
    struct mutex lock;         /* guards what follows, and chunk[].ready */
    size_t taken, stored;
    bool storing;              /* one of them is; it alone uses: */
    hi5_status status;
    hi5_error err;
};

/** How many threads there are for chunks; `gathered`: they are put together, too. */
HI5_INT unsigned batch_threads(const struct dataset_edit *e, bool gathered);
HI5_INT void batch_init(struct chunk_batch *b, struct dataset_edit *e,
                        batch_gather_fn gather, const void *ctx);
/** Room for chunks, when the first one comes. */
HI5_INT hi5_status batch_open(struct chunk_batch *b, hi5_error *err);
/** Filter and store those there are. */
HI5_INT hi5_status batch_flush(struct chunk_batch *b, hi5_error *err);
HI5_INT void batch_close(struct chunk_batch *b);

/* ---- file/write_box.c ---- */

/** Write a box inside the extent, which is not empty; q->selection is not looked at.
 *  Neither q->keeps nor q->old is set. */
HI5_INT hi5_status write_box(struct dataset_edit *e, const struct write_request *q,
                             const uint64_t *start, const uint64_t *count);
/** The same, if that is what q selects; else *done is false. */
HI5_INT hi5_status write_box_selected(struct dataset_edit *e,
                                      const struct write_request *q, bool *done);

#endif
