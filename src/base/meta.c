/*
 * meta.c - a file's metadata as addressable blocks
 */
#include "base/meta.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include <string.h>

#define META_SLOTS 128u

HI5_INT hi5_limits
meta_limits(const hi5_limits *l)
{
    hi5_limits r = {.size = sizeof r, .memory = 1u << 30, .cache = 16u << 20,
                    .chunk_bytes = 1u << 30, .depth = 64, .header_chunks = 4096,
                    .messages = 65536, .link_hops = 16, .file_hops = 8};

    if (l == NULL)
        return r;
    r.memory = l->memory != 0 ? l->memory : r.memory;
    r.cache = l->cache != 0 ? l->cache : r.cache;
    r.chunk_bytes = l->chunk_bytes != 0 ? l->chunk_bytes : r.chunk_bytes;
    r.depth = l->depth != 0 ? l->depth : r.depth;
    r.header_chunks = l->header_chunks != 0 ? l->header_chunks : r.header_chunks;
    r.messages = l->messages != 0 ? l->messages : r.messages;
    r.link_hops = l->link_hops != 0 ? l->link_hops : r.link_hops;
    r.file_hops = l->file_hops != 0 ? l->file_hops : r.file_hops;
    return r;
}

HI5_INT void
meta_init(struct meta *m, struct mem *mem, const hi5_io *io, const hi5_limits *limits)
{
    *m = (struct meta){.mem = mem, .limits = meta_limits(limits), .eof = UINT64_MAX,
                       .off_w = 8, .len_w = 8};
    if (io != NULL)
        m->io = *io;
    m->budget = m->limits.cache;
    mutex_init(&m->lock);
}

HI5_INT hi5_status
meta_read(const struct meta *m, uint64_t addr, void *buf, size_t n, hi5_error *err)
{
    hi5_status s;

    if (!ckd_inside(addr, n, m->eof))
        return err_set(err, HI5_E_TRUNCATED, addr, "file", "", "",
                       "%zu bytes run past the end of the file, 0x%llx", n,
                       (unsigned long long)m->eof);
    s = m->io.read_at(m->io.ctx, m->base + addr, buf, n, err);
    if (s != HI5_OK && err != NULL && err->status != s)
        err_plain(err, s, "the byte source failed");
    return s;
}

HI5_INT size_t
meta_clip(const struct meta *m, uint64_t addr, size_t n)
{
    if (addr >= m->eof)
        return 0;
    if (n > m->eof - addr)
        n = (size_t)(m->eof - addr);
    return io_clip(&m->io, m->base + addr, n);
}

/* Put the parts of the cache image that lie in [addr, addr + n) over `buf`. */
static void
meta_overlay(const struct meta *m, uint64_t addr, uint8_t *buf, size_t n)
{
    for (size_t i = 0; i < m->noverlays; i++) {
        const struct overlay *o = &m->overlays[i];
        uint64_t from, to;

        if (o->addr >= addr + n)
            break;
        if (o->addr + o->size <= addr)
            continue;
        from = o->addr > addr ? o->addr : addr;
        to = o->addr + o->size < addr + n ? o->addr + o->size : addr + n;
        memcpy(buf + (from - addr), o->bytes + (from - o->addr), (size_t)(to - from));
    }
}

/* ---- the cache; every function below here is called with the lock held ---- */

/* The table is open-addressed: a block is in the first free slot from its own on. At most
 * half of the slots are taken. */
static size_t
meta_slot(const struct meta *m, uint64_t addr)
{
    return (size_t)((addr * 0x9e3779b97f4a7c15u) >> 32) & (m->nslots - 1);
}

static struct block *
meta_find(const struct meta *m, uint64_t addr)
{
    if (m->nslots == 0)
        return NULL;
    for (size_t i = meta_slot(m, addr);; i = (i + 1) & (m->nslots - 1))
        if (m->slots[i].block == NULL || m->slots[i].addr == addr)
            return m->slots[i].block;
}

static void
meta_slot_in(struct meta *m, struct block *b)
{
    size_t i = meta_slot(m, b->addr);

    while (m->slots[i].block != NULL)
        i = (i + 1) & (m->nslots - 1);
    m->slots[i] = (struct meta_slot){b->addr, b};
}

/* Empty a block's slot, and move up those behind it that could not have their own. */
static void
meta_slot_out(struct meta *m, const struct block *b)
{
    const size_t mask = m->nslots - 1;
    size_t i = meta_slot(m, b->addr), k;

    while (m->slots[i].block != b)
        i = (i + 1) & mask;
    for (k = (i + 1) & mask; m->slots[k].block != NULL; k = (k + 1) & mask) {
        const size_t home = meta_slot(m, m->slots[k].addr);
        if (((k - home) & mask) >= ((k - i) & mask)) {
            m->slots[i] = m->slots[k];
            i = k;
        }
    }
    m->slots[i] = (struct meta_slot){0, NULL};
}

static void
meta_lru_out(struct meta *m, struct block *b)
{
    if (b->newer != NULL)
        b->newer->older = b->older;
    else if (m->newest == b)
        m->newest = b->older;
    if (b->older != NULL)
        b->older->newer = b->newer;
    else if (m->oldest == b)
        m->oldest = b->newer;
    b->newer = b->older = NULL;
}

static void
meta_lru_in(struct meta *m, struct block *b)
{
    b->newer = NULL;
    b->older = m->newest;
    if (m->newest != NULL)
        m->newest->newer = b;
    m->newest = b;
    if (m->oldest == NULL)
        m->oldest = b;
}

static void
meta_free_block(struct meta *m, struct block *b)
{
    mem_free(m->mem, b, sizeof *b + b->size);
}

/* Take a block out of the cache; it lives on while it is pinned. */
static void
meta_unlist(struct meta *m, struct block *b)
{
    meta_slot_out(m, b);
    meta_lru_out(m, b);
    m->nblocks--;
    m->cached -= b->size;
    b->listed = false;
    if (b->pins == 0)
        meta_free_block(m, b);
}

static void
meta_evict(struct meta *m)
{
    struct block *b = m->oldest;

    while (b != NULL && m->cached > m->budget) {
        struct block *newer = b->newer;
        if (b->pins == 0)
            meta_unlist(m, b);
        b = newer;
    }
}

static bool
meta_rehash(struct meta *m)
{
    const size_t n = m->nslots != 0 ? m->nslots * 4 : META_SLOTS;
    struct meta_slot *const fresh = mem_zalloc(m->mem, n, sizeof *fresh);

    if (fresh == NULL)
        return false;
    mem_free(m->mem, m->slots, m->nslots * sizeof *m->slots);
    m->slots = fresh;
    m->nslots = n;
    for (struct block *b = m->newest; b != NULL; b = b->older)
        meta_slot_in(m, b);
    return true;
}

/* List a fresh block, unless a longer one has been listed meanwhile. */
static void
meta_list(struct meta *m, struct block *b)
{
    struct block *other = meta_find(m, b->addr);

    if (other != NULL && other->size >= b->size)
        return;
    if (other != NULL)
        meta_unlist(m, other);
    if (m->nblocks >= m->nslots / 2 && !meta_rehash(m))
        return;
    meta_slot_in(m, b);
    b->listed = true;
    meta_lru_in(m, b);
    m->nblocks++;
    m->cached += b->size;
    meta_evict(m);
}

/* ---- end of what needs the lock ---- */

static hi5_status
meta_load(struct meta *m, uint64_t addr, size_t n, struct block **out, hi5_error *err)
{
    struct block *b = n <= SIZE_MAX - sizeof *b ? mem_alloc(m->mem, sizeof *b + n) : NULL;
    uint8_t *bytes;
    hi5_status s;

    if (b == NULL)
        return mem_fail(m->mem, (uint64_t)n + sizeof *b, err);
    bytes = (uint8_t *)(b + 1);
    *b = (struct block){.addr = addr, .size = n, .bytes = bytes, .pins = 1};
    s = meta_read(m, addr, bytes, n, err);
    if (s != HI5_OK) {
        meta_free_block(m, b);
        return s;
    }
    meta_overlay(m, addr, bytes, n);
    *out = b;
    return HI5_OK;
}

HI5_INT hi5_status
meta_pin(struct meta *m, uint64_t addr, size_t n, const char *what, struct block **out,
         hi5_error *err)
{
    struct block *b;

    *out = NULL;
    if (addr == ADDR_NONE)
        return err_set(err, HI5_E_CORRUPT, addr, what, "", "", "its address is undefined");
    if (!ckd_inside(addr, n, m->eof))
        return err_set(err, HI5_E_TRUNCATED, addr, what, "", "",
                       "%zu bytes run past the end of the file, 0x%llx", n,
                       (unsigned long long)m->eof);
    mutex_lock(&m->lock);
    b = meta_find(m, addr);
    if (b != NULL && b->size >= n) {
        b->pins++;
        meta_lru_out(m, b);
        meta_lru_in(m, b);
        mutex_unlock(&m->lock);
        *out = b;
        return HI5_OK;
    }
    mutex_unlock(&m->lock);
    TRY(meta_load(m, addr, n, &b, err));
    mutex_lock(&m->lock);
    meta_list(m, b);
    mutex_unlock(&m->lock);
    *out = b;
    return HI5_OK;
}

HI5_INT void
meta_unpin(struct meta *m, struct block *b)
{
    if (b == NULL)
        return;
    mutex_lock(&m->lock);
    if (--b->pins == 0 && !b->listed)
        meta_free_block(m, b);
    else if (m->cached > m->budget)
        meta_evict(m);
    mutex_unlock(&m->lock);
}

HI5_INT void
meta_done(struct meta *m)
{
    while (m->oldest != NULL)
        meta_unlist(m, m->oldest);
    mem_free(m->mem, m->slots, m->nslots * sizeof *m->slots);
    mutex_done(&m->lock);
}

HI5_INT struct cur
meta_cursor_at(const struct meta *m, const void *bytes, size_t n, uint64_t addr,
               struct arena *arena, hi5_error *err)
{
    struct cur c = cur_reader(bytes, n, err);

    c.off_w = m->off_w;
    c.len_w = m->len_w;
    c.addr = addr;
    c.eof = m->eof;
    c.arena = arena;
    c.watch = m->watch;
    return c;
}

HI5_INT struct cur
meta_cursor(const struct meta *m, const struct block *b, size_t n, struct arena *arena,
            hi5_error *err)
{
    return meta_cursor_at(m, b->bytes, n <= b->size ? n : b->size, b->addr, arena, err);
}
