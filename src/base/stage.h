/*
 * stage.h - what has been changed since the last commit
 *
 * A file that is written has a stage. Two rules make every commit whole or nothing:
 *
 *   - Bytes that the committed state uses are never touched before the commit: changed
 *     blocks of it wait here, and go to the file through the journal.
 *   - New blocks and raw data go to space that the committed state does not use (fresh
 *     space), and may be written at any time.
 *
 * A structure is changed in its staged block: stage_new for one in fresh space,
 * stage_edit for one that exists. Its checksum is left to the stage: say where it is
 * (sum_at) and what it covers (sum_of); it is computed when the block is written or
 * read. Readers (meta_pin, meta_read) see the staged state.
 *
 * Pointers to staged blocks and their bytes are valid as long as stage->txn is the same,
 * which it is until the call of the public API that is under way ends (stage_rest), or
 * until stage_free of that block.
 *
 * A failure in the middle of a change leaves the stage broken: nothing can be committed
 * any more, and the file on disk stays as it was (stage_break).
 */
#ifndef HI5_STAGE_H
#define HI5_STAGE_H

#include "base/extents.h"
#include "base/meta.h"

struct staged {
    struct block block;        /* addr, size, bytes: as meta_pin gives it */
    uint8_t *bytes;            /* block.bytes, to be changed */
    size_t sum_at, sum_of;     /* checksum: its place; how many bytes from the first it
                                  covers (if it lies within, as zeros). sum_of 0: none */
    bool fresh;                /* in fresh space */
    bool trusted;              /* decoded and found right since it was loaded; new blocks
                                  are */
    bool summed;               /* the checksum is up to date */
    size_t listed;             /* the stage's own */
    struct stage_slab *slab;   /* where it lies; NULL: in memory of its own */
};

/* What a range of the file is for. STAGE_RAW: all elements of a dataset, which may be
 * mapped: if there are many, they are aligned. STAGE_CHUNK: some. STAGE_HEAP: a global
 * heap, which libhdf5 keeps with raw data. */
enum stage_kind { STAGE_META, STAGE_RAW, STAGE_CHUNK, STAGE_HEAP };

/* Where free space is kept. A file that keeps raw data and metadata apart (stage->apart)
 * has a pool for each, else all is in the first. In a file with pages, what is smaller
 * than a page lies in one page, which has only one kind; whatever is larger begins with a
 * page. POOL_LARGE is what begins or ends so: whole pages, and the rest of the last page
 * of something large. */
enum stage_pool { POOL_META, POOL_RAW, POOL_LARGE, POOLS };

struct stage_slot {
    uint64_t addr;
    struct staged *b;
};

/* Raw bytes of the committed state that are to change. */
struct stage_page;

struct stage {
    struct meta *meta;
    hi5_status broken;         /* why it is; or HI5_OK */
    uint64_t txn;              /* another number whenever blocks have left the stage */
    uint64_t committed;        /* end of the committed state */
    uint64_t physical;         /* bytes the source has */
    bool packed;               /* without gaps, even for the sake of alignment, but for: */
    uint64_t align, align_least; /* what the caller wants, of pieces of so many bytes */
    bool apart;                /* raw data and metadata have space of their own */
    uint64_t page_bytes;       /* the file has pages of so many bytes; 0: it has none */
    uint64_t moves;            /* counts what is given out, and given up */
    struct extents free[POOLS];  /* below meta->eof, used by nobody */
    struct extents fresh[POOLS]; /* below `committed`, taken since the last commit */
    struct extents given[POOLS]; /* given up, but the committed state uses it */
    struct stage_slot *slots;
    size_t nslots;
    struct stage_slab *slab;   /* where small blocks are put now; or NULL */
    struct staged **list;      /* [n] */
    size_t n, list_room;
    uint64_t fresh_bytes, old_bytes; /* of staged blocks */
    struct stage_page **page;  /* [npages], by address */
    size_t npages, page_room;
    struct extents raw;        /* which bytes of the pages are to change */
    uint8_t *tail;             /* small pieces of fresh raw data, side by side, that wait */
    uint64_t tail_addr;        /* to be written together; NULL: there never were any */
    size_t tail_used;
    uint64_t written;          /* raw bytes since the last commit */
    uint64_t changes;          /* counts everything that is done to the stage */
    bool durable;              /* every commit */
    bool torn;                 /* a commit failed while it was put in place: its journal
                                  must stay, for whoever opens the file next */
};

/** Make `m` writable: what is below its eof is the committed state; `committed` 0: there
 *  is none yet, and everything is fresh. */
HI5_INT hi5_status stage_open(struct meta *m, uint64_t committed, hi5_error *err);
HI5_INT void stage_close(struct meta *m);

/* ---- space ---- */

#define STAGE_ALIGN 8u         /* addresses of large raw data are multiples of this */
#define STAGE_ALIGNED 4096u    /* bytes of such data */

/** Keep kinds apart, and to pages (`page` 0: there are none), from now on. */
HI5_INT void stage_keep_apart(struct meta *m, uint64_t page);

/** `n` bytes of space that nobody uses; meta->eof grows where there is no hole. */
HI5_INT hi5_status stage_alloc(struct meta *m, enum stage_kind kind, uint64_t n,
                               uint64_t *addr, hi5_error *err);
/** The same at the end of the file, in a page of its own where there are pages. */
HI5_INT hi5_status stage_alloc_last(struct meta *m, enum stage_kind kind, uint64_t n,
                                    uint64_t *addr, hi5_error *err);
/** Give up space of metadata, and the staged block that begins there: all of what was
 *  allocated at once. */
HI5_INT hi5_status stage_free(struct meta *m, uint64_t addr, uint64_t n,
                              hi5_error *err);
/** The same for space that was allocated, or is used, as any but STAGE_META. */
HI5_INT hi5_status stage_free_raw(struct meta *m, uint64_t addr, uint64_t n,
                                  hi5_error *err);
/** Forget the staged block at `addr`, if there is one, whose space is part of something
 *  that is about to be given up. */
HI5_INT void stage_forget(struct meta *m, uint64_t addr);
/** This space, below what is committed, was never used: let it be free. */
HI5_INT hi5_status stage_found(struct meta *m, enum stage_pool pool, uint64_t addr,
                               uint64_t n, hi5_error *err);
/** What will be free once the staged state is committed, by pools, in sets that have been
 *  initialised and are empty. */
HI5_INT hi5_status stage_will_be_free(const struct meta *m, struct extents free[POOLS],
                                      hi5_error *err);
/** Is the space at `addr` fresh? */
HI5_INT bool stage_is_fresh(const struct meta *m, uint64_t addr);
/** Has any of it been given up since the last commit? */
HI5_INT bool stage_is_free(const struct meta *m, uint64_t addr, uint64_t n);

/* ---- metadata ---- */

/** A block of `n` zero bytes in new space of its own. */
HI5_INT hi5_status stage_new(struct meta *m, size_t n, struct staged **b,
                             hi5_error *err);
/** The same in space that stage_alloc gave. */
HI5_INT hi5_status stage_new_at(struct meta *m, uint64_t addr, size_t n,
                                struct staged **b, hi5_error *err);
/** The block of `n` bytes at `addr`, to be changed. Where !b->trusted, decode it and
 *  find it right first (the bytes are the file's), then set b->trusted. A block must
 *  always be asked for with the same address and size. */
HI5_INT hi5_status stage_edit(struct meta *m, uint64_t addr, size_t n, const char *what,
                              struct staged **b, hi5_error *err);
/** The staged block that begins at exactly `addr`, or NULL: what is trusted need not be
 *  decoded again to be changed again. */
HI5_INT struct staged *stage_find(const struct meta *m, uint64_t addr);
/** The same for who only looks: nothing counts as changed. */
HI5_INT struct staged *stage_look(const struct meta *m, uint64_t addr);
/** The block of exactly `n` bytes at `addr` if it is staged, only to be looked at; its
 *  checksum may not be up to date. NULL if it is not, or not trusted. */
HI5_INT const struct staged *stage_peek(const struct meta *m, uint64_t addr, size_t n);
/** It has been changed: the checksum covers `of` bytes and is at `at`; of 0: none. Call
 *  it after the last change of a block, or whenever the sums move. */
static inline void
stage_changed(struct staged *b, size_t at, size_t of)
{
    b->sum_at = at;
    b->sum_of = of;
    b->summed = false;
}
/** A cursor that writes into a staged block from `pos`; eof and widths are the file's. */
HI5_INT struct cur stage_cursor(const struct meta *m, struct staged *b, size_t pos,
                                hi5_error *err);

/* ---- raw data ---- */

/** Write `n` bytes at `addr`: at once where space is fresh, else with the next commit. */
HI5_INT hi5_status stage_write(struct meta *m, uint64_t addr, const void *buf, size_t n,
                               hi5_error *err);

/* ---- commits ---- */

/** Something failed half way: no commit any more. @return s */
HI5_INT hi5_status stage_break(struct meta *m, hi5_status s);
/** HI5_E_STATE if it is broken. */
HI5_INT hi5_status stage_check(const struct meta *m, hi5_error *err);

/** Between calls of the public API: write out fresh blocks if there are many. */
HI5_INT hi5_status stage_rest(struct meta *m, hi5_error *err);
/** Would it be time for a commit? */
HI5_INT bool stage_is_full(const struct meta *m);

/** Make the staged state the committed one; see base/journal.h. The caller has staged the
 *  superblock with meta->eof in it (stage_trim came before). If it fails before anything
 *  of the committed state was touched, the stage is as it was, and it may be tried again;
 *  else the stage is broken, and whoever opens the file next finishes the commit. */
HI5_INT hi5_status stage_commit(struct meta *m, bool durable, hi5_error *err);
/** Let the file end where the last used byte is. */
HI5_INT void stage_trim(struct meta *m);
/** Forget everything since the last commit. */
HI5_INT void stage_abort(struct meta *m);

/* ---- for meta.c ---- */

/** The staged block at exactly `addr`, its checksum up to date, pinned; NULL if there is
 *  none of at least `n` bytes. */
HI5_INT struct block *stage_pin(const struct meta *m, uint64_t addr, size_t n);
/** Copy the first `n` bytes of it; false if there is none. */
HI5_INT bool stage_copy(const struct meta *m, uint64_t addr, void *buf, size_t n);
/** How many of `n` bytes there are at `addr`: no more than a staged block has. */
HI5_INT size_t stage_clip(const struct meta *m, uint64_t addr, size_t n);
/** meta_read for a file with a stage: what was never written is zeros. */
HI5_INT hi5_status stage_read(const struct meta *m, uint64_t addr, void *buf, size_t n,
                              hi5_error *err);

/* ---- between stage_space.c, stage.c and stage_commit.c ---- */

HI5_INT void stage_space_init(struct stage *s, struct mem *mem);
HI5_INT void stage_space_done(struct stage *s);
/** Space is free in a pool; a page that becomes whole goes to POOL_LARGE.
 *  stage_reserve_space() came before. */
HI5_INT void stage_add_free(const struct stage *s, struct extents free[POOLS],
                            enum stage_pool pool, uint64_t addr, uint64_t n);
HI5_INT bool stage_reserve_space(struct stage *s);
/** After a commit: what was given up is free. */
HI5_INT void stage_settle_space(struct stage *s);
/** What was taken since the last commit is free again. */
HI5_INT void stage_abort_space(struct stage *s);
HI5_INT void stage_take_out(struct stage *s, struct staged *b);

struct journal_entry;
/** Bring a block's checksum up to date. */
HI5_INT void stage_sum(struct staged *b);
/** Write the raw data that waits. */
HI5_INT hi5_status stage_flush_tail(const struct meta *m, hi5_error *err);
/** Write to the source at once. */
HI5_INT hi5_status stage_put(const struct meta *m, uint64_t addr, const void *buf,
                             size_t n, hi5_error *err);
/** Forget all blocks in fresh space. */
HI5_INT void stage_drop_fresh(struct stage *s);
/** Forget all blocks and pages. */
HI5_INT void stage_drop_all(struct stage *s);
/** The first raw bytes that are to change at or above `addr`, as many as lie in one page;
 *  false if there are none. */
HI5_INT bool stage_raw_entry(const struct stage *s, uint64_t addr,
                             struct journal_entry *e);

#endif
