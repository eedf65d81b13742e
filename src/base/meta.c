/*
 * meta.c - a file's metadata as addressable blocks
 */
#include "base/meta.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include "base/stage.h"
#include <string.h>

#define META_SLOTS 32u
#define META_PAGE 4096u
#define META_SECTOR 512u /* what is read of a page that stands alone */
#define META_RECENT 16u  /* pages; what was listed longer ago is a coincidence */
#define META_PAGES_FIRST 16u
#define META_PAGES_LEAST 8u /* fewer are not worth having */

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

/* Pages get a quarter of the cache, and little of a small account. */
static size_t
meta_most_pages(const hi5_limits *l)
{
    uint64_t n = l->cache / 4 < l->memory / 16 ? l->cache / 4 : l->memory / 16;
    size_t most = 1;

    n /= META_PAGE;
    if (n < META_PAGES_LEAST)
        return 0;
    while (most <= n / 2 && most <= SIZE_MAX / 4)
        most *= 2;
    return most;
}

HI5_INT void
meta_init(struct meta *m, struct mem *mem, const hi5_io *io, const hi5_limits *limits)
{
    *m = (struct meta){.mem = mem, .limits = meta_limits(limits), .eof = UINT64_MAX,
                       .off_w = 8, .len_w = 8};
    if (io != NULL)
        m->io = *io;
    m->budget = m->limits.cache;
    m->most_pages = meta_most_pages(&m->limits);
    m->budget -= m->most_pages * META_PAGE;
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
    if (m->stage != NULL)
        return stage_read(m, addr, buf, n, err);
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
    if (m->stage != NULL)
        return stage_clip(m, addr, n);
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

/* The page at `addr`, a multiple of META_PAGE, or NULL. */
static const struct meta_page *
meta_page_find(const struct meta *m, uint64_t addr)
{
    const struct meta_page *const p =
        m->npages != 0 ? &m->pages[addr / META_PAGE & (m->npages - 1)] : NULL;

    return p != NULL && p->bytes != NULL && p->addr == addr ? p : NULL;
}

/* A larger table, if it is time for one. Failing is no harm. */
static void
meta_pages_grow(struct meta *m)
{
    const size_t n = m->npages != 0 ? m->npages * 4 : META_PAGES_FIRST;
    const size_t to = n < m->most_pages ? n : m->most_pages;
    struct meta_page *fresh;

    if (m->npages == m->most_pages || m->displaced < m->npages / 4)
        return;
    m->displaced = 0;
    fresh = mem_zalloc(m->mem, to, sizeof *fresh);
    if (fresh == NULL)
        return;
    for (size_t i = 0; i < m->npages; i++)
        if (m->pages[i].bytes != NULL)
            fresh[m->pages[i].addr / META_PAGE & (to - 1)] = m->pages[i];
    mem_free(m->mem, m->pages, m->npages * sizeof *m->pages);
    m->pages = fresh;
    m->npages = to;
}

/* Give away the bytes of a page. */
static void
meta_page_free(struct meta *m, struct meta_page *page)
{
    uint8_t **const spare = &m->spare[page->room == META_PAGE];

    if (*spare == NULL)
        *spare = page->bytes;
    else
        mem_free(m->mem, page->bytes, page->room);
    page->bytes = NULL;
}

/* Remember a page that was read when the cache was of age `epoch`. */
static void
meta_page_list(struct meta *m, struct meta_page page, uint64_t epoch)
{
    struct meta_page *slot;

    meta_pages_grow(m);
    if (m->npages == 0 || epoch != m->epoch) {
        meta_page_free(m, &page);
        return;
    }
    slot = &m->pages[page.addr / META_PAGE & (m->npages - 1)];
    if (slot->bytes != NULL) {
        m->displaced += slot->addr != page.addr;
        meta_page_free(m, slot);
    }
    page.age = m->listed_pages++;
    *slot = page;
}

/* Copy what a remembered page has of [addr, addr + n); how much that is. */
static size_t
meta_page_copy(const struct meta *m, uint64_t addr, void *buf, size_t n)
{
    const size_t at = (size_t)(addr % META_PAGE);
    const struct meta_page *const p = meta_page_find(m, addr - at);

    if (p == NULL || at < p->from || at >= p->to)
        return 0;
    if (n > p->to - at)
        n = p->to - at;
    memcpy(buf, p->bytes + (at - p->from), n);
    return n;
}

static bool
meta_page_recent(const struct meta *m, uint64_t addr)
{
    const struct meta_page *const p = meta_page_find(m, addr);

    return p != NULL && m->listed_pages - p->age <= META_RECENT;
}

/* What to have read for `n` bytes at `at` of a page. Where one thing has been looked at,
 * and nothing around it, the next may be far away: only some of the page is worth it. */
static void
meta_page_choose(struct meta *m, struct meta_page *page, size_t at, size_t n)
{
    page->to = page->room = META_PAGE;
    if (n <= META_SECTOR && meta_page_find(m, page->addr) == NULL &&
        !meta_page_recent(m, page->addr + META_PAGE) &&
        (page->addr == 0 || !meta_page_recent(m, page->addr - META_PAGE))) {
        page->from = at;
        if (at + META_SECTOR < META_PAGE)
            page->to = at + META_SECTOR;
        page->room = META_SECTOR;
    }
    page->bytes = m->spare[page->room == META_PAGE];
    m->spare[page->room == META_PAGE] = NULL;
}

/* ---- end of what needs the lock ---- */

/* Read as it is now: the file's bytes, and the overlays' on top. */
static hi5_status
meta_fetch(const struct meta *m, uint64_t addr, void *buf, size_t n, hi5_error *err)
{
    TRY(meta_read(m, addr, buf, n, err));
    meta_overlay(m, addr, buf, n);
    return HI5_OK;
}

/* The bytes of a page that the file has. What is staged is not in pages. */
static size_t
meta_page_end(const struct meta *m, uint64_t page)
{
    if (m->stage == NULL)
        return meta_clip(m, page, META_PAGE);
    return m->eof - page < META_PAGE ? (size_t)(m->eof - page) : META_PAGE;
}

/* Read a page that has been chosen for what is at `at`. False: it cannot be had. */
static bool
meta_page_load(struct meta *m, struct meta_page *page, size_t at)
{
    const size_t end = meta_page_end(m, page->addr);

    if (page->bytes == NULL)
        page->bytes = mem_alloc(m->mem, page->room);
    if (page->bytes == NULL)
        return false;
    if (page->to > end)
        page->to = end;
    if (at < page->to && meta_fetch(m, page->addr + page->from, page->bytes,
                                    page->to - page->from, NULL) == HI5_OK)
        return true;
    mem_free(m->mem, page->bytes, page->room);
    return false;
}

/* Copy what the page that `addr` is in has from there on. 0: it cannot be had. */
static size_t
meta_page_get(struct meta *m, uint64_t addr, void *buf, size_t n)
{
    const size_t at = (size_t)(addr % META_PAGE);
    struct meta_page page = {.addr = addr - at};
    uint64_t epoch;
    size_t got;

    mutex_lock(&m->lock);
    got = meta_page_copy(m, addr, buf, n);
    if (got == 0)
        meta_page_choose(m, &page, at, n);
    epoch = m->epoch;
    mutex_unlock(&m->lock);
    if (got != 0 || !meta_page_load(m, &page, at))
        return got;
    got = n < page.to - at ? n : page.to - at;
    memcpy(buf, page.bytes + (at - page.from), got);
    mutex_lock(&m->lock);
    meta_page_list(m, page, epoch);
    mutex_unlock(&m->lock);
    return got;
}

/* Staged blocks get their checksums when they are looked at, and count who does: the
 * threads of one read are many. */
static bool
meta_copy_staged(struct meta *m, uint64_t addr, void *buf, size_t n)
{
    bool found;

    if (m->stage == NULL)
        return false;
    mutex_lock(&m->lock);
    found = stage_copy(m, addr, buf, n);
    mutex_unlock(&m->lock);
    return found;
}

static struct block *
meta_pin_staged(struct meta *m, uint64_t addr, size_t n)
{
    struct block *b;

    if (m->stage == NULL)
        return NULL;
    mutex_lock(&m->lock);
    b = stage_pin(m, addr, n);
    mutex_unlock(&m->lock);
    return b;
}

/* Copy n bytes, by way of pages where they are small. */
static hi5_status
meta_get(struct meta *m, uint64_t addr, uint8_t *buf, size_t n, hi5_error *err)
{
    if (meta_copy_staged(m, addr, buf, n))
        return HI5_OK;
    if (n > META_PAGE / 2 || m->most_pages == 0)
        return meta_fetch(m, addr, buf, n, err);
    while (n > 0) {
        const size_t k = meta_page_get(m, addr, buf, n);

        if (k == 0)
            return meta_fetch(m, addr, buf, n, err);
        addr += k;
        buf += k;
        n -= k;
    }
    return HI5_OK;
}

static hi5_status
meta_check_place(const struct meta *m, uint64_t addr, size_t n, const char *what,
                 hi5_error *err)
{
    if (addr == ADDR_NONE)
        return err_set(err, HI5_E_CORRUPT, addr, what, "", "", "its address is undefined");
    if (!ckd_inside(addr, n, m->eof))
        return err_set(err, HI5_E_TRUNCATED, addr, what, "", "",
                       "%zu bytes run past the end of the file, 0x%llx", n,
                       (unsigned long long)m->eof);
    return HI5_OK;
}

HI5_INT hi5_status
meta_copy(struct meta *m, uint64_t addr, size_t n, const char *what, void *buf,
          hi5_error *err)
{
    TRY(meta_check_place(m, addr, n, what, err));
    return meta_get(m, addr, buf, n, err);
}

HI5_INT hi5_status
meta_some(struct meta *m, uint64_t addr, size_t least, size_t n, const char *what,
          void *buf, size_t *got, hi5_error *err)
{
    const size_t in_page = META_PAGE - (size_t)(addr % META_PAGE);

    n = meta_clip(m, addr, n);
    if (n > in_page && m->most_pages != 0)
        n = in_page;
    *got = n > least ? n : least;
    return meta_copy(m, addr, *got, what, buf, err);
}

/* Have two ranges a byte in common? A size may reach beyond 2^64. */
static bool
meta_overlap(uint64_t a, uint64_t na, uint64_t b, uint64_t nb)
{
    return a < b ? b - a < na : a - b < nb;
}

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
    s = meta_get(m, addr, bytes, n, err);
    if (s != HI5_OK) {
        meta_free_block(m, b);
        return s;
    }
    *out = b;
    return HI5_OK;
}

HI5_INT hi5_status
meta_pin(struct meta *m, uint64_t addr, size_t n, const char *what, struct block **out,
         hi5_error *err)
{
    struct block *b;
    uint64_t epoch;

    *out = NULL;
    TRY(meta_check_place(m, addr, n, what, err));
    *out = meta_pin_staged(m, addr, n);
    if (*out != NULL)
        return HI5_OK;
    mutex_lock(&m->lock);
    epoch = m->epoch;
    b = meta_find(m, addr);
    if (b != NULL && b->size >= n) {
        b->pins++;
        if (b != m->newest) {
            meta_lru_out(m, b);
            meta_lru_in(m, b);
        }
        mutex_unlock(&m->lock);
        *out = b;
        return HI5_OK;
    }
    mutex_unlock(&m->lock);
    TRY(meta_load(m, addr, n, &b, err));
    mutex_lock(&m->lock);
    if (epoch == m->epoch)
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
meta_forget(struct meta *m, uint64_t addr)
{
    struct block *b;

    mutex_lock(&m->lock);
    m->epoch++;
    b = meta_find(m, addr);
    if (b != NULL)
        meta_unlist(m, b);
    mutex_unlock(&m->lock);
}

static void
meta_page_drop(struct meta *m, struct meta_page *p, uint64_t addr, uint64_t n)
{
    if (p->bytes != NULL && meta_overlap(p->addr, META_PAGE, addr, n))
        meta_page_free(m, p);
}

/* With the lock held. */
static void
meta_pages_drop(struct meta *m, uint64_t addr, uint64_t n)
{
    const uint64_t first = addr / META_PAGE, last = (addr + (n - 1)) / META_PAGE;

    if (n == 0)
        return;
    if (n > UINT64_MAX - addr || last - first >= m->npages) {
        for (size_t i = 0; i < m->npages; i++)
            meta_page_drop(m, &m->pages[i], addr, n);
        return;
    }
    for (uint64_t i = first; i <= last; i++)
        meta_page_drop(m, &m->pages[i & (m->npages - 1)], addr, n);
}

HI5_INT void
meta_changed(struct meta *m, uint64_t addr, uint64_t n)
{
    mutex_lock(&m->lock);
    m->epoch++;
    meta_pages_drop(m, addr, n);
    mutex_unlock(&m->lock);
}

HI5_INT void
meta_drop(struct meta *m, uint64_t addr, uint64_t n)
{
    struct block *b, *newer;

    mutex_lock(&m->lock);
    m->epoch++;
    for (b = m->oldest; b != NULL; b = newer) {
        newer = b->newer;
        if (meta_overlap(b->addr, b->size, addr, n))
            meta_unlist(m, b);
    }
    meta_pages_drop(m, addr, n);
    mutex_unlock(&m->lock);
}

HI5_INT void
meta_done(struct meta *m)
{
    while (m->oldest != NULL)
        meta_unlist(m, m->oldest);
    for (size_t i = 0; i < m->npages; i++)
        mem_free(m->mem, m->pages[i].bytes, m->pages[i].room);
    mem_free(m->mem, m->pages, m->npages * sizeof *m->pages);
    mem_free(m->mem, m->spare[0], META_SECTOR);
    mem_free(m->mem, m->spare[1], META_PAGE);
    mem_free(m->mem, m->slots, m->nslots * sizeof *m->slots);
    mutex_done(&m->lock);
}

/* Every field is named, so that none need be cleared first: this is called for every
 * structure, message and field of variable size that is decoded. */
HI5_INT struct cur
meta_cursor_at(const struct meta *m, const void *bytes, size_t n, uint64_t addr,
               struct arena *arena, hi5_error *err)
{
    return (struct cur){
        .in = bytes, .out = NULL, .pos = 0, .size = n, .op = CUR_GET, .status = HI5_OK,
        .off_w = m->off_w, .len_w = m->len_w, .addr = addr, .eof = m->eof, .start = 0,
        .field_at = 0, .structure = "", .section = "", .arena = arena, .err = err,
        .watch = m->watch,
    };
}

HI5_INT struct cur
meta_cursor(const struct meta *m, const struct block *b, size_t n, struct arena *arena,
            hi5_error *err)
{
    return meta_cursor_at(m, b->bytes, n <= b->size ? n : b->size, b->addr, arena, err);
}
