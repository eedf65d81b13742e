/*
 * write_batch.c - chunks that are put together, filtered and stored, several at a time
 *
 * Threads take chunk after chunk. What is ready is stored in order, by one of them at a
 * time, while the others go on.
 */
#include "base/err.h"
#include "file/write_chunk.h"

#define BATCH_BYTES (32u << 20) /* of chunks that are filtered at the same time */
#define BATCH_LEAST (2u << 20) /* that are worth it */
#define BATCH_MOST 64u
#define BATCH_COPIED (64u << 10) /* bytes of a chunk: copying them is worth a thread */

HI5_INT unsigned
batch_threads(const struct dataset_edit *e, bool gathered)
{
    const struct file_options *const o = &e->object->file->options;
    const bool work =
        e->pipeline.n != 0 || (gathered && e->grid.chunk_bytes >= BATCH_COPIED);

    return work ? threads_asked(o->threads) : 1;
}

HI5_INT void
batch_init(struct chunk_batch *b, struct dataset_edit *e, batch_gather_fn gather,
           const void *ctx)
{
    *b = (struct chunk_batch){.e = e, .threads = batch_threads(e, gather != NULL),
                              .gather = gather, .ctx = ctx};
}

HI5_INT hi5_status
batch_open(struct chunk_batch *b, hi5_error *err)
{
    const struct dataset_edit *const e = b->e;
    struct mem *const mem = &e->object->file->mem;
    const size_t nominal = (size_t)e->grid.chunk_bytes;
    size_t room = b->threads > 1 ? b->threads * 4u : 1;

    if (b->room != 0)
        return HI5_OK;
    while (b->threads > 1 && room < BATCH_MOST / 2 &&
           room * nominal < BATCH_LEAST)
        room *= 2; /* starting threads takes its time */
    while (room > b->threads && room * nominal > BATCH_BYTES)
        room--;
    if (room > BATCH_MOST)
        room = BATCH_MOST;
    b->chunk = mem_zalloc(mem, room, sizeof *b->chunk);
    b->bytes = b->chunk != NULL ? mem_alloc(mem, room * nominal) : NULL;
    if (b->bytes == NULL) {
        mem_free(mem, b->chunk, room * sizeof *b->chunk);
        return mem_fail(mem, room * nominal, err);
    }
    b->room = room;
    mutex_init(&b->lock);
    for (size_t i = 0; i < room; i++) {
        b->chunk[i].bytes = b->bytes + i * nominal;
        b->chunk[i].work.mem = mem;
    }
    return HI5_OK;
}

HI5_INT void
batch_close(struct chunk_batch *b)
{
    struct mem *const mem = &b->e->object->file->mem;

    if (b->room == 0)
        return;
    mutex_done(&b->lock);
    for (size_t i = 0; i < b->room; i++)
        encode_work_done(&b->chunk[i].work);
    mem_free(mem, b->bytes, b->room * (size_t)b->e->grid.chunk_bytes);
    mem_free(mem, b->chunk, b->room * sizeof *b->chunk);
}

static void
batch_encode(const struct chunk_batch *b, struct batch_chunk *c)
{
    if (c->from == NULL && b->gather != NULL)
        b->gather(b->ctx, c->scaled, c->bytes);
    c->status = chunk_filter(b->e, c->scaled, c->from != NULL ? c->from : c->bytes,
                             &c->work, &c->out, &c->size, &c->mask, &c->err);
}

static void
batch_store(struct chunk_batch *b, const struct batch_chunk *c)
{
    if (b->status != HI5_OK)
        return;
    b->status = c->status;
    if (c->status != HI5_OK)
        b->err = c->err;
    else
        b->status = chunk_store(b->e, c->scaled, c->out, c->size, c->mask, &b->err);
}

/* Store what is ready, in order, unless another thread is at it, which goes on then. */
static void
batch_store_ready(struct chunk_batch *b, struct batch_chunk *done)
{
    mutex_lock(&b->lock);
    done->ready = true;
    if (b->storing || b->waits) {
        mutex_unlock(&b->lock);
        return;
    }
    b->storing = true;
    while (b->stored < b->n && b->chunk[b->stored].ready) {
        mutex_unlock(&b->lock);
        batch_store(b, &b->chunk[b->stored]);
        mutex_lock(&b->lock);
        b->stored++;
    }
    b->storing = false;
    mutex_unlock(&b->lock);
}

static void
batch_work(void *arg, unsigned i)
{
    struct chunk_batch *const b = arg;

    (void)i;
    for (;;) {
        size_t k;

        mutex_lock(&b->lock);
        k = b->taken;
        b->taken += k < b->n;
        mutex_unlock(&b->lock);
        if (k == b->n)
            return;
        batch_encode(b, &b->chunk[k]);
        batch_store_ready(b, &b->chunk[k]);
    }
}

/* Has a thread anything to do but storing? */
static bool
batch_is_work(const struct chunk_batch *b)
{
    if (b->threads == 1 || b->n == 1)
        return false;
    if (b->e->pipeline.n != 0)
        return true;
    for (size_t i = 0; i < b->n; i++)
        if (b->chunk[i].from == NULL && b->gather != NULL)
            return true;
    return false;
}

HI5_INT hi5_status
batch_flush(struct chunk_batch *b, hi5_error *err)
{
    const struct file_options *const o = &b->e->object->file->options;

    if (b->n == 0)
        return HI5_OK;
    b->taken = b->stored = 0;
    b->status = HI5_OK;
    for (size_t i = 0; i < b->n; i++)
        b->chunk[i].ready = false;
    if (!batch_is_work(b))
        batch_work(b, 0);
    else if (o->run != NULL)
        o->run(o->run_ctx, b->threads, batch_work, b);
    else
        threads_run(&b->e->object->file->late, b->threads, batch_work, b);
    for (; b->stored < b->n; b->stored++)
        batch_store(b, &b->chunk[b->stored]);
    b->n = 0;
    if (b->status != HI5_OK && err != NULL)
        *err = b->err;
    return b->status;
}
