/*
 * freespace.c - free-space managers                                [FMT III.H]
 *
 * They list the free parts of a file, or of a fractal heap's address space. The file
 * space info message points at those of the file, a heap's header at its own. A manager
 * is a header (FSHD), which points at a list of sections (FSSE) sorted by size.
 */
#include "format/freespace.h"
#include "base/ckd.h"
#include "base/err.h"

/*
 * Free-space Manager Header                                        [FMT III.H]
 *
 *   size  field
 *      4  signature            "FSHD"
 *      1  version              0
 *      1  client               0 fractal heap, 1 file
 *      L  total space          sum of all sections
 *      L  sections
 *      L  serialized sections  those in the list
 *      L  ghost sections       the others
 *      2  section classes
 *      2  shrink percent
 *      2  expand percent
 *      2  address space size   log2
 *      L  largest section      that there can be
 *      O  section list address undefined: no list
 *      L  section list used
 *      L  section list allocated
 *      4  checksum
 */
HI5_INT void
fshd_code(struct cur *c, struct fshd *h)
{
    cur_begin(c, "FSHD", "III.H");
    cur_signature(c, "FSHD");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "client", &h->client);
    cur_len(c, "total space", &h->space);
    cur_len(c, "sections", &h->nsections);
    cur_len(c, "serialized sections", &h->nserial);
    cur_len(c, "ghost sections", &h->nghosts);
    cur_u16(c, "section classes", &h->nclasses);
    cur_u16(c, "shrink percent", &h->shrink);
    cur_u16(c, "expand percent", &h->expand);
    cur_u16(c, "address space size", &h->addr_bits);
    cur_len(c, "largest section", &h->max_section);
    cur_addr(c, "section list address", &h->sections);
    cur_len(c, "section list used", &h->used);
    cur_len(c, "section list allocated", &h->allocated);
    cur_checksum(c);

    cur_require(c, h->client <= FS_FILE, "client", "neither heap nor file");
    /* U-FSM-6 */
    cur_require(c, h->addr_bits >= 1 && h->addr_bits <= 64, "address space size",
                "not 1 to 64 bits");
    cur_require(c, h->used <= h->allocated, "section list used",
                "more than is allocated");
    cur_expect(c, h->nghosts <= h->nsections && h->nserial == h->nsections - h->nghosts,
               "sections", "not the serialized and the ghost sections together");
}

/*
 * Free-space Section List                                          [FMT III.H]
 *
 *   size  field
 *      4  signature            "FSSE"
 *      1  version              0
 *      O  header address
 *         for each size that there is:
 *      ?    sections           of this size; as wide as the serialized sections need
 *      ?    size               as wide as the largest section needs
 *           for each of them:
 *      ?      offset           ceil(address space size / 8)
 *      1      type
 *      ?      data             of fractal heaps: none, or where an indirect block is
 *      4  checksum             the last 4 of the bytes used (U-FSM-1)
 */
HI5_INT void
fsse_code(struct cur *c, struct fsse *s)
{
    cur_begin(c, "FSSE", "III.H");
    cur_signature(c, "FSSE");
    cur_const(c, "version", 1, 0);
    cur_addr(c, "header address", &s->header);
    cur_view(c, "sections", &s->sections, s->sections_size);
    cur_checksum(c);
}

/* U-FSM-5: what follows a section's type. EVIL-21: other types are refused. */
static size_t
fs_data_size(struct cur *c, const struct fshd *h, uint8_t type, unsigned heap_bits)
{
    if (h->client == FS_FILE) {
        cur_require(c, type <= 2, "type", "not a type of a file's sections");
        return 0;
    }
    cur_require(c, type <= 1, "type", "not a type that heaps store");
    return type == 1 ? (heap_bits + 7u) / 8u + 6 : 0;
}

/* Sections of one size. */
static void
fs_set_code(struct cur *c, const struct fshd *h, unsigned heap_bits, unsigned size_w,
            fs_section_fn fn, void *ctx)
{
    const unsigned offset_w = (h->addr_bits + 7u) / 8u;
    struct fs_section s;
    uint64_t n = 0;

    cur_uint(c, "sections", ckd_enc_size(h->nserial), &n);
    cur_uint(c, "size", size_w, &s.size);
    cur_require(c, n != 0 && s.size != 0, "size", "no sections, or of no size");
    cur_need(c, "sections", n, offset_w + 1u);
    for (uint64_t i = 0; i < n && cur_ok(c); i++) {
        const size_t at = c->pos;

        cur_uint(c, "offset", offset_w, &s.offset);
        cur_u8(c, "type", &s.type);
        cur_skip(c, "data", cur_ok(c) ? fs_data_size(c, h, s.type, heap_bits) : 0);
        if (cur_ok(c))
            c->status = fn(ctx, &s, at, c->err);
    }
}

static hi5_status
fs_count(void *ctx, const struct fs_section *s, size_t at, hi5_error *err)
{
    (void)s;
    (void)at;
    (void)err;
    ++*(uint64_t *)ctx;
    return HI5_OK;
}

/* NOTE(lib): libhdf5 1.8 and before wrote sizes in ceil(log2(largest section) / 8) bytes,
 * one less than later releases when that is a power of 256. Which it is, the number of
 * sections tells. */
static unsigned
fs_size_width(const struct fshd *h, const struct fsse *s, unsigned heap_bits)
{
    const unsigned w = ckd_enc_size(h->max_section);

    for (unsigned i = 0; i < 2 && ckd_log2(h->max_section) % 8 == 0 && w > i + 1; i++) {
        struct cur c = cur_reader(s->sections, s->sections_size, NULL);
        uint64_t n = 0;

        while (cur_ok(&c) && cur_left(&c) > 0)
            fs_set_code(&c, h, heap_bits, w - i, fs_count, &n);
        if (cur_ok(&c) && n == h->nserial)
            return w - i;
    }
    return w;
}

HI5_INT hi5_status
fs_sections_each(const struct fshd *h, const struct fsse *s, uint64_t addr,
                 unsigned heap_bits, fs_section_fn fn, void *ctx, hi5_error *err)
{
    const unsigned size_w = fs_size_width(h, s, heap_bits);
    struct cur c = cur_reader(s->sections, s->sections_size, err);

    c.addr = addr;
    cur_begin(&c, "free section", "III.H");
    while (cur_ok(&c) && cur_left(&c) > 0)
        fs_set_code(&c, h, heap_bits, size_w, fn, ctx);
    return c.status;
}
