/*
 * mem.h - the only place that allocates
 *
 * A `struct mem` is one file's account: the caller's allocator, how much is in use, and
 * the most that may be. Everything decoded for one object lives in an arena, which is
 * dropped whole; there are no free functions for decoded structures.
 *
 * Invariant: mem->used is the sum of the sizes of all live blocks, and of the credit of
 * batches, and never exceeds mem->limit. A request beyond the limit fails like a NULL
 * from the allocator, but mem_fail() can tell the two apart.
 */
#ifndef HI5_MEM_H
#define HI5_MEM_H

#include "base/cc.h"
#include "base/threads.h"
#include <hi5.h>
#ifndef HI5_NO_THREADS
#include <stdatomic.h>
#endif

/* Bytes, counted by any number of threads. */
#ifdef HI5_NO_THREADS
typedef size_t mem_count;
#else
typedef atomic_size_t mem_count;
#endif

struct mem {
    hi5_allocator alloc;
    uint64_t limit;
    mem_count used, peak;
};

HI5_INT void mem_init(struct mem *m, const hi5_allocator *a, uint64_t limit);
HI5_INT void mem_done(struct mem *m);

/** `n` bytes, not cleared; NULL on failure. n = 0 gives a pointer too. */
HI5_INT void *mem_alloc(struct mem *m, size_t n);
/** `count` * `size` zero bytes. */
HI5_INT void *mem_zalloc(struct mem *m, size_t count, size_t size);
/** Resize a block of `old` bytes; on failure NULL, and the block stays. */
HI5_INT void *mem_resize(struct mem *m, void *p, size_t old, size_t n);
/** An array of at least `need` elements of `size` bytes: that at `p`, which has *room, or a
 *  larger one; *room follows. On failure NULL, and the array stays. */
HI5_INT void *mem_grow(struct mem *m, void *p, size_t *room, size_t need, size_t size);
HI5_INT void mem_free(struct mem *m, void *p, size_t n);

/** Blocks that remember their size, for what callers own (hi5_free). */
HI5_INT void *mem_box(struct mem *m, size_t n);
HI5_INT void mem_unbox(struct mem *m, void *p);

/* Many small boxes that one call gives or frees: the account sees only their sum, and
 * that now and then. What is in `credit` is in mem->used, but in no block. Start from
 * {mem}; mem_batch_done gives back the credit. */
struct mem_batch {
    struct mem *mem;
    size_t credit;
};
HI5_INT void *mem_batch_box(struct mem_batch *b, size_t n);
HI5_INT void mem_batch_unbox(struct mem_batch *b, void *p);
HI5_INT void mem_batch_done(struct mem_batch *b);

/** Fill in the error of a failed allocation of `n` bytes: NOMEM or LIMIT. */
HI5_INT hi5_status mem_fail(struct mem *m, uint64_t n, hi5_error *err);

/** Allocate (old == 0), resize, or free (n == 0) outside of any account: for what exists
 *  before an account does, or outlives it. NULL: libc. */
HI5_INT void *mem_raw(const hi5_allocator *a, void *p, size_t old, size_t n);

/** The library's own account for things that belong to no file (types built by the
 *  caller): libc's allocator, no limit. Returned by value so that there is no global. */
HI5_INT void mem_init_libc(struct mem *m);

struct arena_block;
struct arena {
    struct mem *mem;
    struct arena_block *blocks; /* newest first */
};

HI5_INT void arena_init(struct arena *a, struct mem *m);
HI5_INT void arena_done(struct arena *a);
/** `n` bytes aligned for any type, not cleared; NULL on failure. */
HI5_INT void *arena_alloc(struct arena *a, size_t n);
HI5_INT void *arena_zalloc(struct arena *a, size_t count, size_t size);
HI5_INT void *arena_copy(struct arena *a, const void *p, size_t n);
/** A NUL-terminated copy of `n` bytes. */
HI5_INT char *arena_str(struct arena *a, const void *s, size_t n);

#endif
