/*
 * window.h - small reads that follow one another share large ones
 *
 * A window holds a piece of a byte source. While reads come near the end of the last one
 * it doubles what it gets; a scattered read gets exactly what it needs.
 */
#ifndef HI5_WINDOW_H
#define HI5_WINDOW_H

#include "base/mem.h"

#define WINDOW_MOST (256u * 1024u) /* bytes that a window holds */
#define WINDOW_NEAR (4u * 1024u)   /* a gap that is worth reading over */

/** n bytes at an offset into some data. */
typedef hi5_status (*fetch_fn)(void *ctx, uint64_t offset, void *buf, size_t n,
                               hi5_error *err);

struct window {
    fetch_fn fetch;
    void *ctx;
    struct mem *mem;
    uint64_t end_of_data;
    uint8_t *p;                /* [WINDOW_MOST], once it is needed */
    uint64_t start;
    size_t n;                  /* what is there */
    size_t next;               /* how much to get next time */
    uint64_t end;              /* where the last read ended */
};

HI5_INT void window_init(struct window *w, struct mem *mem, fetch_fn fetch, void *ctx,
                         uint64_t end_of_data);
HI5_INT void window_done(struct window *w);

/** Make `need` bytes at `offset` available, at most WINDOW_MOST. *p is valid until the
 *  next call. */
HI5_INT hi5_status window_get(struct window *w, uint64_t offset, size_t need,
                              const uint8_t **p, hi5_error *err);

/** Would a read at `offset` profit from the window? */
HI5_INT bool window_helps(const struct window *w, uint64_t offset);

#endif
