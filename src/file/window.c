/*
 * window.c - small reads that follow one another share large ones
 */
#include "file/window.h"
#include "base/err.h"

HI5_INT void
window_init(struct window *w, struct mem *mem, fetch_fn fetch, void *ctx,
            uint64_t end_of_data)
{
    *w = (struct window){.fetch = fetch, .ctx = ctx, .mem = mem,
                         .end_of_data = end_of_data, .end = UINT64_MAX};
}

HI5_INT void
window_done(struct window *w)
{
    mem_free(w->mem, w->p, w->p != NULL ? WINDOW_MOST : 0);
    w->p = NULL;
}

static bool
window_is_near(const struct window *w, uint64_t offset)
{
    return offset >= w->end && offset - w->end <= WINDOW_NEAR;
}

HI5_INT bool
window_helps(const struct window *w, uint64_t offset)
{
    return window_is_near(w, offset) || (offset >= w->start && offset < w->end);
}

HI5_INT hi5_status
window_get(struct window *w, uint64_t offset, size_t need, const uint8_t **p,
           hi5_error *err)
{
    size_t n;

    if (w->p != NULL && offset >= w->start && offset - w->start <= w->n &&
        need <= w->n - (size_t)(offset - w->start)) {
        *p = w->p + (offset - w->start);
        return HI5_OK;
    }
    if (w->p == NULL) {
        w->p = mem_alloc(w->mem, WINDOW_MOST);
        if (w->p == NULL)
            return mem_fail(w->mem, WINDOW_MOST, err);
    }
    w->next = window_helps(w, offset) ? w->next * 2 : need;
    if (w->next > WINDOW_MOST)
        w->next = WINDOW_MOST;
    n = w->next > need ? w->next : need;
    if (offset < w->end_of_data && n > w->end_of_data - offset)
        n = (size_t)(w->end_of_data - offset);
    if (n < need)
        n = need; /* the source says what is wrong */
    w->n = 0;
    if (w->fetch(w->ctx, offset, w->p, n, NULL) != HI5_OK) {
        n = need; /* the source may end behind what is needed */
        TRY(w->fetch(w->ctx, offset, w->p, n, err));
    }
    w->start = offset;
    w->n = n;
    w->end = offset + n;
    *p = w->p;
    return HI5_OK;
}
