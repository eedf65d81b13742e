/*
 * journal.c - the changes of a commit, kept safe while they are applied
 *
 *   new bytes     of each change, one after the other
 *   table         32 bytes for each change: target, size, source, checksum, 0
 *   trailer       64 bytes, the last of the file:
 *                   size  field
 *                     16  "hi5 journal 1\0\0\0"
 *                      8  table, from the start of the file
 *                      8  number of changes
 *                      8  size of the file when all is done
 *                      8  size of the file with the journal
 *                      4  checksum of the table
 *                      8  0
 *                      4  checksum of the trailer so far
 *
 * Each change has a checksum of its bytes, so that every byte that recovery puts in place
 * is known to be what was meant.
 */
#include "base/journal.h"
#include "base/ckd.h"
#include "base/cur.h"
#include "base/err.h"
#include "base/io.h"
#include "base/lookup3.h"
#include <string.h>

#define JOURNAL_TRAILER 64u
#define JOURNAL_ENTRY 32u
#define JOURNAL_PIECE (256u << 10)

static const uint8_t journal_magic[16] = "hi5 journal 1\0\0";

struct journal_trailer {
    uint64_t table, n, size, end;
    uint32_t table_sum;
};

static void
journal_trailer_code(struct cur *c, struct journal_trailer *t)
{
    uint8_t magic[sizeof journal_magic];

    cur_begin(c, "journal trailer", "");
    memcpy(magic, journal_magic, sizeof magic);
    cur_bytes(c, "magic", magic, sizeof magic);
    cur_require(c, memcmp(magic, journal_magic, sizeof magic) == 0, "magic",
                "not a journal");
    cur_u64(c, "table", &t->table);
    cur_u64(c, "changes", &t->n);
    cur_u64(c, "size", &t->size);
    cur_u64(c, "end", &t->end);
    cur_u32(c, "table checksum", &t->table_sum);
    cur_reserved(c, 8);
    cur_checksum(c);
}

static void
journal_entry_code(struct cur *c, struct journal_entry *e)
{
    cur_u64(c, "target", &e->target);
    cur_u64(c, "size", &e->size);
    cur_u64(c, "source", &e->source);
    cur_u32(c, "checksum", &e->sum);
    cur_reserved(c, 4);
}

/* ---- writing ---- */

/* The checksum of bytes that are too many to have at once: a chain over pieces. */
static uint32_t
journal_sum(uint32_t sum, const uint8_t *p, size_t n)
{
    return lookup3(p, n, sum);
}

/* Call for each piece of a change's new bytes. */
typedef hi5_status (*journal_piece_fn)(void *ctx, uint64_t at, const uint8_t *p,
                                       size_t n, hi5_error *err);

static hi5_status
journal_pieces(const hi5_io *io, const struct journal_entry *e, uint8_t *scratch,
               journal_piece_fn fn, void *ctx, hi5_error *err)
{
    for (uint64_t at = 0; at < e->size;) {
        const size_t n = e->size - at < JOURNAL_PIECE ? (size_t)(e->size - at)
                                                      : JOURNAL_PIECE;
        const uint8_t *p = scratch;

        if (e->bytes != NULL)
            p = e->bytes + at;
        else
            TRY(io->read_at(io->ctx, e->source + at, scratch, n, err));
        TRY(fn(ctx, at, p, n, err));
        at += n;
    }
    return HI5_OK;
}

static hi5_status
journal_add_sum(void *ctx, uint64_t at, const uint8_t *p, size_t n, hi5_error *err)
{
    (void)at;
    (void)err;
    *(uint32_t *)ctx = journal_sum(*(uint32_t *)ctx, p, n);
    return HI5_OK;
}

/* Bytes on their way to the end of the file. */
struct journal_out {
    const hi5_io *io;
    uint8_t *buf;
    size_t used, room;
    uint64_t at;
};

static hi5_status
journal_out_flush(struct journal_out *o, hi5_error *err)
{
    if (o->used != 0)
        TRY(o->io->write_at(o->io->ctx, o->at, o->buf, o->used, err));
    o->at += o->used;
    o->used = 0;
    return HI5_OK;
}

static hi5_status
journal_out_put(struct journal_out *o, const uint8_t *p, size_t n, hi5_error *err)
{
    while (n > 0) {
        const size_t k = n < o->room - o->used ? n : o->room - o->used;
        memcpy(o->buf + o->used, p, k);
        o->used += k;
        p += k;
        n -= k;
        if (o->used == o->room)
            TRY(journal_out_flush(o, err));
    }
    return HI5_OK;
}

static hi5_status
journal_put_bytes(struct journal_out *o, struct journal_entry *e, size_t n,
                  uint8_t *scratch, hi5_error *err)
{
    for (size_t i = 0; i < n; i++) {
        e[i].sum = 0;
        TRY(journal_pieces(o->io, &e[i], scratch, journal_add_sum, &e[i].sum, err));
        if (e[i].bytes == NULL)
            continue;
        e[i].source = o->at + o->used;
        TRY(journal_out_put(o, e[i].bytes, (size_t)e[i].size, err));
    }
    return HI5_OK;
}

static hi5_status
journal_put_table(struct journal_out *o, struct journal_entry *e, size_t n,
                  uint64_t size, hi5_error *err)
{
    uint8_t bytes[JOURNAL_TRAILER];
    struct journal_trailer t = {.table = o->at + o->used, .n = n, .size = size};
    struct cur c;

    for (size_t i = 0; i < n; i++) {
        c = cur_writer(bytes, JOURNAL_ENTRY, err);
        journal_entry_code(&c, &e[i]);
        if (!cur_ok(&c))
            return c.status;
        t.table_sum = journal_sum(t.table_sum, bytes, JOURNAL_ENTRY);
        TRY(journal_out_put(o, bytes, JOURNAL_ENTRY, err));
    }
    t.end = o->at + o->used + JOURNAL_TRAILER;
    c = cur_writer(bytes, JOURNAL_TRAILER, err);
    journal_trailer_code(&c, &t);
    if (!cur_ok(&c))
        return c.status;
    TRY(journal_out_put(o, bytes, JOURNAL_TRAILER, err));
    return journal_out_flush(o, err);
}

HI5_INT hi5_status
journal_write(const hi5_io *io, struct mem *mem, uint64_t at, uint64_t size,
              struct journal_entry *e, size_t n, hi5_error *err)
{
    uint8_t *const buf = mem_alloc(mem, 2 * JOURNAL_PIECE);
    struct journal_out o = {.io = io, .buf = buf, .room = JOURNAL_PIECE, .at = at};
    hi5_status s;

    if (buf == NULL)
        return mem_fail(mem, 2 * JOURNAL_PIECE, err);
    s = journal_put_bytes(&o, e, n, buf + JOURNAL_PIECE, err);
    if (s == HI5_OK)
        s = journal_put_table(&o, e, n, size, err);
    mem_free(mem, buf, 2 * JOURNAL_PIECE);
    return s;
}

/* ---- applying ---- */

struct journal_target {
    const hi5_io *io;
    uint64_t target;
};

static hi5_status
journal_put_piece(void *ctx, uint64_t at, const uint8_t *p, size_t n, hi5_error *err)
{
    const struct journal_target *const t = ctx;

    return t->io->write_at(t->io->ctx, t->target + at, p, n, err);
}

HI5_INT hi5_status
journal_apply(const hi5_io *io, const struct journal_entry *e, size_t n, hi5_error *err)
{
    uint8_t *scratch = NULL;
    hi5_status s = HI5_OK;

    for (size_t i = 0; i < n && s == HI5_OK; i++) {
        struct journal_target t = {io, e[i].target};

        if (e[i].bytes == NULL && scratch == NULL) {
            scratch = mem_raw(NULL, NULL, 0, JOURNAL_PIECE);
            if (scratch == NULL)
                return err_nomem(err);
        }
        s = journal_pieces(io, &e[i], scratch, journal_put_piece, &t, err);
    }
    mem_raw(NULL, scratch, JOURNAL_PIECE, 0);
    return s;
}

/* ---- recovery ---- */

/* A file as it will be when its journal has been applied. */
struct journal_view {
    hi5_allocator alloc;
    hi5_io io;
    uint64_t size;
    size_t n;
    struct journal_entry *e;   /* by target, disjoint */
};

static size_t
journal_view_size(size_t n)
{
    return sizeof(struct journal_view) + n * sizeof(struct journal_entry);
}

static hi5_status
journal_view_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct journal_view *const v = ctx;
    size_t low = 0, high = v->n;

    if (!ckd_inside(offset, n, v->size))
        return err_plain(err, HI5_E_TRUNCATED, "%zu bytes at 0x%llx are beyond the end "
                         "of the file", n, (unsigned long long)offset);
    TRY(v->io.read_at(v->io.ctx, offset, buf, n, err));
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (v->e[mid].target + v->e[mid].size <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < v->n && v->e[low].target < offset + n; low++) {
        const struct journal_entry *const e = &v->e[low];
        const uint64_t from = e->target > offset ? e->target : offset;
        const uint64_t end = e->target + e->size, stop = offset + n;
        const uint64_t to = end < stop ? end : stop;

        TRY(v->io.read_at(v->io.ctx, e->source + (from - e->target),
                          (uint8_t *)buf + (from - offset), (size_t)(to - from), err));
    }
    return HI5_OK;
}

static hi5_status
journal_view_get_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct journal_view *)ctx)->size;
    return HI5_OK;
}

static void
journal_view_close(void *ctx)
{
    struct journal_view *const v = ctx;
    const hi5_allocator a = v->alloc;

    io_close(&v->io);
    mem_raw(&a, v, journal_view_size(v->n), 0);
}

static hi5_status
journal_find(const hi5_io *io, struct journal_trailer *t, bool *found, hi5_error *err)
{
    uint8_t bytes[JOURNAL_TRAILER];
    uint64_t size;
    struct cur c;

    *found = false;
    TRY(io->get_size(io->ctx, &size, err));
    if (size < JOURNAL_TRAILER)
        return HI5_OK;
    if (io->read_at(io->ctx, size - JOURNAL_TRAILER, bytes, sizeof bytes, NULL) != HI5_OK)
        return HI5_OK;
    c = cur_reader(bytes, sizeof bytes, NULL);
    journal_trailer_code(&c, t);
    *found = cur_ok(&c) && t->end == size && t->size <= size && t->table <= size &&
             t->n <= (size - t->table) / JOURNAL_ENTRY &&
             t->n * JOURNAL_ENTRY == size - JOURNAL_TRAILER - t->table;
    return HI5_OK;
}

/* Decode the table; false if anything in it is not as it was written. */
static bool
journal_load(const hi5_io *io, const struct journal_trailer *t, struct journal_entry *e,
             uint8_t *scratch)
{
    uint32_t sum = 0;
    uint64_t before = 0;

    for (size_t i = 0; i < t->n; i++) {
        uint8_t bytes[JOURNAL_ENTRY];
        struct cur c = cur_reader(bytes, sizeof bytes, NULL);
        uint64_t end;

        if (io->read_at(io->ctx, t->table + i * JOURNAL_ENTRY, bytes, sizeof bytes,
                        NULL) != HI5_OK)
            return false;
        sum = journal_sum(sum, bytes, sizeof bytes);
        e[i].bytes = NULL;
        journal_entry_code(&c, &e[i]);
        if (!cur_ok(&c) || e[i].target < before ||
            !ckd_add64(e[i].target, e[i].size, &end) ||
            !ckd_inside(e[i].source, e[i].size, t->table) || end > t->size)
            return false;
        before = end;
    }
    if (sum != t->table_sum)
        return false;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t own = 0;
        if (journal_pieces(io, &e[i], scratch, journal_add_sum, &own, NULL) != HI5_OK ||
            own != e[i].sum)
            return false;
    }
    return true;
}

static hi5_status
journal_finish(const hi5_io *io, const struct journal_view *v, hi5_error *err)
{
    TRY(journal_apply(io, v->e, v->n, err));
    if (io->sync != NULL)
        TRY(io->sync(io->ctx, err));
    return io->truncate(io->ctx, v->size, err);
}

HI5_INT hi5_status
journal_recover(hi5_io *io, const hi5_allocator *a, bool write, bool *found,
                hi5_error *err)
{
    struct journal_trailer t;
    struct journal_view *v;
    uint8_t *scratch;
    hi5_status s = HI5_OK;

    TRY(journal_find(io, &t, found, err));
    if (!*found)
        return HI5_OK;
    v = mem_raw(a, NULL, 0, journal_view_size((size_t)t.n));
    scratch = mem_raw(a, NULL, 0, JOURNAL_PIECE);
    if (v != NULL && scratch != NULL) {
        *v = (struct journal_view){.io = *io, .size = t.size, .n = (size_t)t.n};
        if (a != NULL)
            v->alloc = *a;
        v->e = (struct journal_entry *)(v + 1);
        *found = journal_load(io, &t, v->e, scratch);
    } else {
        s = err_nomem(err);
    }
    mem_raw(a, scratch, JOURNAL_PIECE, 0);
    if (s == HI5_OK && *found && !write) {
        *io = (hi5_io){.size = sizeof *io, .ctx = v, .read_at = journal_view_read,
                       .get_size = journal_view_get_size, .close = journal_view_close};
        return HI5_OK;
    }
    if (s == HI5_OK && *found)
        s = journal_finish(io, v, err);
    mem_raw(a, v, journal_view_size((size_t)t.n), 0);
    return s;
}
