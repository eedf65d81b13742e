/*
 * meta.h - a file's metadata as addressable blocks
 *
 * A `struct meta` is what every decoder needs to know of the file it works in: the byte
 * source, the widths of offsets and lengths, and where the file ends. Addresses given to
 * it are the format's own, relative to the base address; this is the one place that adds
 * the base.
 *
 * Blocks are cached: pinned ones stay, unpinned ones may be dropped when the cache
 * exceeds its budget. A pinned block's bytes never change. Metadata that exists in a
 * cache image replaces what the file has at its address.
 *
 * Small things are seldom alone: they are fetched in aligned pages, which a table of
 * bounded size remembers. What is looked at once is copied out of a page (meta_copy),
 * what is looked at again and again becomes a block.
 */
#ifndef HI5_META_H
#define HI5_META_H

#include "base/cur.h"
#include "base/mem.h"
#include "base/threads.h"
#include <hi5.h>
#include <stdatomic.h>

/** A cached piece of the file. */
struct block {
    uint64_t addr;
    size_t size;
    const uint8_t *bytes;
    atomic_bool checked; /* set by a decoder once the checksum was found right */
    /* The cache's own: */
    unsigned pins;
    bool listed;
    struct block *newer, *older;
};

struct meta_slot {
    uint64_t addr;
    struct block *block;       /* NULL: free */
};

/* An aligned piece of the file, or a part of it. */
struct meta_page {
    uint64_t addr;
    size_t from, to;           /* the part of META_PAGE bytes that is there */
    uint64_t age;              /* how many pages had been listed before */
    uint8_t *bytes;            /* what begins at `from`; NULL: the slot is free */
    size_t room;               /* META_PAGE bytes, or META_SECTOR */
};

/** Bytes of a metadata cache image that stand for the file's own. */
struct overlay {
    uint64_t addr;
    size_t size;
    const uint8_t *bytes;
};

struct stage;

struct meta {
    hi5_io io;
    struct mem *mem;
    hi5_limits limits; /* every member set */
    uint64_t base;     /* where address 0 is */
    uint64_t eof;      /* first address beyond the file */
    uint8_t off_w, len_w;
    struct cur_watch *watch;
    const struct overlay *overlays; /* by address, disjoint */
    size_t noverlays;
    /* The cache. */
    struct mutex lock;
    struct meta_slot *slots;
    size_t nslots, nblocks;    /* nslots: a power of two */
    uint64_t cached, budget;
    struct block *newest, *oldest;
    /* Pages: the one at address a is in slot a / META_PAGE mod npages, or nowhere. */
    struct meta_page *pages;
    size_t npages, most_pages; /* powers of two; most 0: there are to be none */
    size_t displaced;          /* pages that gave way since the table grew */
    uint64_t listed_pages;     /* in all */
    uint8_t *spare[2];         /* bytes of a sector and of a page that gave way */
    uint64_t epoch;            /* counts meta_drop: what was read before is stale */
    struct stage *stage;       /* what has been changed; NULL: the file is only read */
};

/** off_w and len_w 8, base 0, no cache yet, limits as given (0: default). */
HI5_INT void meta_init(struct meta *m, struct mem *mem, const hi5_io *io,
                       const hi5_limits *limits);
/** Drops the cache; does not close the source. No block may be pinned. */
HI5_INT void meta_done(struct meta *m);

/** The default for every limit that is 0. */
HI5_INT hi5_limits meta_limits(const hi5_limits *l);

/** Read bytes as they are: raw data. Fails if they are not all inside the file. */
HI5_INT hi5_status meta_read(const struct meta *m, uint64_t addr, void *buf, size_t n,
                             hi5_error *err);

/** As many of `n` bytes at `addr` as the file has. */
HI5_INT size_t meta_clip(const struct meta *m, uint64_t addr, size_t n);

/** Copy metadata that is not worth a block: `n` bytes at `addr`. Fails like meta_pin. */
HI5_INT hi5_status meta_copy(struct meta *m, uint64_t addr, size_t n, const char *what,
                             void *buf, hi5_error *err);
/** The same for at least `least` bytes, and up to `n` if that costs nothing. */
HI5_INT hi5_status meta_some(struct meta *m, uint64_t addr, size_t least, size_t n,
                             const char *what, void *buf, size_t *got, hi5_error *err);

/** Forget what is cached of the `n` bytes at `addr` (n UINT64_MAX: of everything from
 *  there on): they have changed, or overlays have. Blocks that are pinned live on as they
 *  are, for those who have them. */
HI5_INT void meta_drop(struct meta *m, uint64_t addr, uint64_t n);

/** Bytes of the source have changed, or what stands for them: forget the pages that have
 *  some. Blocks stay: who changes one says so by himself. */
HI5_INT void meta_changed(struct meta *m, uint64_t addr, uint64_t n);

/** Forget one block, by its address; costs O(1). */
HI5_INT void meta_forget(struct meta *m, uint64_t addr);

/** Get the `n` bytes at `addr`; `what` names the structure for errors. The block may be
 *  longer than asked for. Unpin it when done. */
HI5_INT hi5_status meta_pin(struct meta *m, uint64_t addr, size_t n, const char *what,
                            struct block **b, hi5_error *err);
HI5_INT void meta_unpin(struct meta *m, struct block *b);

/** A cursor over the first `n` bytes of a pinned block. What cur_view and cur_cstr give
 *  out is valid as long as the block is pinned. */
HI5_INT struct cur meta_cursor(const struct meta *m, const struct block *b, size_t n,
                               struct arena *arena, hi5_error *err);
/** The same over bytes that are elsewhere (a message body, a heap object). */
HI5_INT struct cur meta_cursor_at(const struct meta *m, const void *bytes, size_t n,
                                  uint64_t addr, struct arena *arena, hi5_error *err);

#endif
