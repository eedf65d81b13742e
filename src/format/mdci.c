/*
 * mdci.c - metadata cache images                                   [FMT IV.A.2.y]
 *
 * A file may be closed with the contents of libhdf5's metadata cache saved in one block,
 * which a message in the superblock extension points at. What is in the image may never
 * have been written to its own place (U-MD-3), so a reader has to lay it over the file.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "format/superblock.h"
#include <stdlib.h>

/*
 * Metadata Cache Image                                             [FMT IV.A.2.y]
 *
 *   size  field
 *      4  signature            "MDCI"
 *      1  version              0
 *      1  flags
 *      L  image data length    of the whole block, signature and checksum included
 *      4  number of entries
 *      -  entries
 *      4  checksum             of everything above
 */
HI5_INT void
mdci_code(struct cur *c, struct mdci *h)
{
    cur_begin(c, "MDCI", "IV.A.2.y");
    cur_signature(c, "MDCI");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "flags", &h->flags);
    cur_len(c, "image data length", &h->size);
    cur_u32(c, "number of entries", &h->nentries);
}

/* An entry without parents and image. */
static size_t
mdci_entry_least(const struct cur *c)
{
    return 14u + c->off_w + c->len_w;
}

/*
 * Cache Entry                                                      [FMT IV.A.2.y]
 *
 *   size  field
 *      1  entry type           libhdf5's cache client
 *      1  flags                1 dirty, 2 in LRU, 4 is parent, 8 is child
 *      1  ring
 *      1  age
 *      2  flush dependency children
 *      2  dirty ones of them
 *      2  flush dependency parents
 *      4  index in LRU         signed
 *      O  entry address
 *      L  entry length
 *    n*O  parents' addresses
 *      -  entry image
 */
HI5_INT void
mdci_entry_code(struct cur *c, struct mdci_entry *e)
{
    size_t size = 0;

    cur_begin(c, "cache image entry", "IV.A.2.y");
    cur_u8(c, "entry type", &e->type);
    cur_u8(c, "flags", &e->flags);
    cur_u8(c, "ring", &e->ring);
    cur_u8(c, "age", &e->age);
    cur_u16(c, "flush dependency children", &e->children);
    cur_u16(c, "dirty flush dependency children", &e->dirty_children);
    cur_u16(c, "flush dependency parents", &e->nparents);
    cur_u32(c, "index in LRU", &e->lru_rank);
    cur_addr(c, "entry address", &e->addr);
    cur_len(c, "entry length", &e->size);
    cur_view(c, "parents' addresses", &e->parents, (size_t)e->nparents * c->off_w);
    cur_need(c, "entry length", e->size, 1);
    cur_require(c, ckd_size(e->size, &size), "entry length", "too large");
    cur_view(c, "entry image", &e->image, size);

    cur_require(c, e->size > 0, "entry length", "zero");
    cur_require(c, ckd_inside(e->addr, e->size, c->eof), "entry address",
                "the entry is not inside the file");
}

static int
mdci_order(const void *a, const void *b)
{
    const struct overlay *const x = a, *const y = b;

    return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* EVIL-23 */
static void
mdci_decode(struct cur *c, struct overlay **out, size_t *n)
{
    struct mdci_entry e;
    struct overlay *o;
    struct mdci h;

    mdci_code(c, &h);
    cur_require(c, h.size == c->size, "image data length", "not what the message says");
    cur_need(c, "number of entries", h.nentries, mdci_entry_least(c));
    o = cur_alloc(c, h.nentries, sizeof *o);
    for (uint32_t i = 0; i < h.nentries && cur_ok(c); i++) {
        mdci_entry_code(c, &e);
        if (cur_ok(c))
            o[i] = (struct overlay){e.addr, (size_t)e.size, e.image};
    }
    c->structure = "MDCI"; /* the checksum is of the whole block, not of an entry */
    c->start = 0;
    cur_checksum(c);
    if (!cur_ok(c))
        return;
    qsort(o, h.nentries, sizeof *o, mdci_order);
    for (uint32_t i = 1; i < h.nentries; i++)
        cur_require(c, o[i].addr - o[i - 1].addr >= o[i - 1].size, "entry address",
                    "entries overlap");
    *out = o;
    *n = h.nentries;
}

HI5_INT hi5_status
mdci_load(struct meta *m, uint64_t addr, uint64_t size, struct arena *a,
          struct overlay **overlays, size_t *n, hi5_error *err)
{
    uint8_t *bytes;
    struct cur c;

    *overlays = NULL;
    *n = 0;
    if (!ckd_inside(addr, size, m->eof) || size > SIZE_MAX)
        return err_set(err, HI5_E_TRUNCATED, addr, "MDCI", "", "IV.A.2.y",
                       "%llu bytes run past the end of the file",
                       (unsigned long long)size);
    bytes = arena_alloc(a, (size_t)size);
    if (bytes == NULL)
        return mem_fail(m->mem, size, err);
    TRY(meta_read(m, addr, bytes, (size_t)size, err));
    c = meta_cursor_at(m, bytes, (size_t)size, addr, a, err);
    mdci_decode(&c, overlays, n);
    if (!cur_ok(&c)) {
        *overlays = NULL;
        *n = 0;
    }
    return c.status;
}
