/*
 * msg_layout.c - the data layout message                           [FMT IV.A.2.i]
 *
 * Where the raw data of a dataset is: in the message (compact), in one piece
 * (contiguous), in chunks found through an index, or in other datasets (virtual).
 * Versions 1 and 2 are history, 3 is what most files have, 4 came with the indexes of
 * 1.10, 5 is 4 with larger chunks.
 */
#include "base/ckd.h"
#include "format/messages.h"

#define LAYOUT_NDIMS (HI5_MAX_RANK + 1u)

enum layout_flag { LAYOUT_F_RAW_EDGES = 0x01, LAYOUT_F_SINGLE_FILTERED = 0x02 };

static const char layout_name[] = "data layout message";

/* Chunk dimensions are what everything divides by, and chunks are decoded whole. */
static void
layout_check_chunk(struct cur *c, const struct msg_layout *m)
{
    uint64_t bytes = 1;

    for (unsigned i = 0; i < m->ndims && cur_ok(c); i++) {
        cur_require(c, ckd_mul64(bytes, m->dim[i], &bytes), "chunk dimension",
                    "the size of a chunk exceeds 64 bits");
    }
    cur_require(c, m->version > 4 || bytes <= UINT32_MAX, "chunk dimension",
                "a chunk of 4 GiB or more, which only version 5 has");
}

static void
layout_ndims_code(struct cur *c, struct msg_layout *m, unsigned least)
{
    cur_u8(c, "dimensionality", &m->ndims);
    cur_require(c, m->ndims >= least && m->ndims <= LAYOUT_NDIMS, "dimensionality",
                "out of range");
}

static void
layout_dims_code(struct cur *c, struct msg_layout *m, unsigned width)
{
    for (unsigned i = 0; i < m->ndims && cur_ok(c); i++) {
        cur_uint(c, m->cls == HI5_CHUNKED ? "chunk dimension" : "dimension", width,
                 &m->dim[i]);
        cur_require(c, m->cls != HI5_CHUNKED || m->dim[i] != 0, "chunk dimension",
                    "it is zero");
    }
}

/* The data of a compact dataset, behind their size. */
static void
layout_data_code(struct cur *c, struct msg_layout *m)
{
    if (cur_reading(c))
        m->data_addr = c->addr == ADDR_NONE ? ADDR_NONE : c->addr + c->pos;
    cur_view(c, "data", &m->data, (size_t)m->size);
}

/*
 * Versions 1 and 2                                                 [FMT IV.A.2.i]
 *
 *   size      field
 *      1      version          1, or 2: space may not be allocated yet
 *      1      dimensionality   of the dataset, the element size counted too
 *      1      class            0 compact, 1 contiguous, 2 chunked
 *      5      reserved
 *      O      address          not compact: of the data, or of the B-tree
 *   4*ndims   dimensions       of the dataset, or of a chunk; the last: element size
 *      4      size             compact
 *      size   data             compact
 */
static void
layout_old_code(struct cur *c, struct msg_layout *m)
{
    uint32_t size = (uint32_t)m->size;

    layout_ndims_code(c, m, 1);
    cur_u8(c, "class", &m->cls);
    cur_require(c, m->cls <= HI5_CHUNKED, "class",
                "neither compact, contiguous nor chunked");
    cur_require(c, m->cls != HI5_CHUNKED || m->ndims >= 2, "dimensionality",
                "chunks without dimensions");
    cur_reserved(c, 5);
    if (m->cls != HI5_COMPACT)
        cur_addr(c, "address", &m->addr);
    layout_dims_code(c, m, 4);
    if (m->cls == HI5_CHUNKED)
        layout_check_chunk(c, m);
    if (m->cls == HI5_COMPACT) {
        cur_u32(c, "size", &size);
        m->size = size;
        layout_data_code(c, m);
    }
}

/*
 * Chunked, version 3                                               [FMT IV.A.2.i]
 *
 *   size      field
 *      1      dimensionality   rank + 1
 *      O      address          of the version-1 B-tree
 *   4*ndims   dimensions       of a chunk; the last is the element size
 */
static void
layout_chunk3_code(struct cur *c, struct msg_layout *m)
{
    layout_ndims_code(c, m, 2);
    cur_addr(c, "address", &m->addr);
    layout_dims_code(c, m, 4);
    layout_check_chunk(c, m);
    if (cur_reading(c))
        m->index = HI5_INDEX_BTREE1;
}

/*
 * Parameters of a chunk index                                      [FMT IV.A.2.i]
 *
 *   single chunk       L size, 4 filter mask     flag 0x02 only
 *   implicit           none
 *   fixed array        1 page bits
 *   extensible array   1 max bits, 1 index block elements, 1 least pointers of a super
 *                      block, 1 least elements of a data block, 1 page bits (the header
 *                      of the array has the middle ones in another order)
 *   B-tree version 2   4 node size, 1 split percent, 1 merge percent
 */
static void
layout_index_code(struct cur *c, struct msg_layout *m)
{
    switch (m->index) {
    case HI5_INDEX_SINGLE:
        if (m->flags & LAYOUT_F_SINGLE_FILTERED) {
            cur_len(c, "filtered size", &m->single_size);
            cur_u32(c, "filter mask", &m->single_mask);
        }
        break;
    case HI5_INDEX_IMPLICIT:
        break;
    case HI5_INDEX_FIXED_ARRAY:
        cur_u8(c, "page bits", &m->fa_page_bits);
        cur_require(c, m->fa_page_bits != 0, "page bits", "they are zero");
        break;
    case HI5_INDEX_EXTENSIBLE_ARRAY:
        cur_u8(c, "max bits", &m->ea_max_bits);
        cur_require(c, m->ea_max_bits != 0, "max bits", "they are zero");
        cur_u8(c, "index block elements", &m->ea_index_elements);
        cur_require(c, m->ea_index_elements != 0, "index block elements",
                    "there are none");
        cur_u8(c, "super block pointers", &m->ea_min_pointers);
        cur_require(c, m->ea_min_pointers != 0, "super block pointers",
                    "there are none");
        cur_u8(c, "data block elements", &m->ea_min_elements);
        cur_require(c, m->ea_min_elements != 0, "data block elements",
                    "there are none");
        cur_u8(c, "page bits", &m->ea_page_bits);
        cur_require(c, m->ea_page_bits != 0, "page bits", "they are zero");
        break;
    case HI5_INDEX_BTREE2:
        cur_u32(c, "node size", &m->bt2_node_size);
        cur_u8(c, "split percent", &m->bt2_split);
        cur_u8(c, "merge percent", &m->bt2_merge);
        break;
    default:
        cur_fail(c, HI5_E_CORRUPT, "index type", "%u is no chunk index of this version",
                 m->index);
        break;
    }
}

/* The bytes that hold the largest of the dimensions. */
static unsigned
layout_enc_w(const struct msg_layout *m)
{
    unsigned w = 1;

    for (unsigned i = 0; i < m->ndims && i < LAYOUT_NDIMS; i++)
        if (ckd_enc_size(m->dim[i]) > w)
            w = ckd_enc_size(m->dim[i]);
    return w;
}

/*
 * Chunked, versions 4 and 5                                        [FMT IV.A.2.i]
 *
 *   size      field
 *      1      flags            0x01 partial edge chunks are not filtered; 0x02 the
 *                              single chunk is filtered
 *      1      dimensionality   rank + 1
 *      1      width w          of a dimension: the least that holds them all
 *   w*ndims   dimensions       of a chunk; the last is the element size
 *      1      index type       1 to 5
 *      ?      parameters       see above
 *      O      address          of the index, or of the single chunk
 *
 * HDF5 2.0 refuses a width that is larger than needed; other writers make some, earlier
 * libraries read them, and so do we. We write the least.
 */
static void
layout_chunk4_code(struct cur *c, struct msg_layout *m)
{
    cur_u8(c, "flags", &m->flags);
    cur_require(c, (m->flags & ~(LAYOUT_F_RAW_EDGES | LAYOUT_F_SINGLE_FILTERED)) == 0,
                "flags", "unknown flags");
    layout_ndims_code(c, m, 2);
    if (!cur_reading(c))
        m->enc_w = (uint8_t)layout_enc_w(m);
    cur_u8(c, "dimension width", &m->enc_w);
    cur_require(c, m->enc_w >= 1 && m->enc_w <= 8, "dimension width",
                "not 1 to 8 bytes");
    layout_dims_code(c, m, m->enc_w);
    layout_check_chunk(c, m);
    if (cur_ok(c))
        cur_expect(c, m->enc_w == layout_enc_w(m), "dimension width",
                   "more than needed; HDF5 2.0 refuses this");
    cur_u8(c, "index type", &m->index);
    cur_expect(c,
               m->index == HI5_INDEX_SINGLE || !(m->flags & LAYOUT_F_SINGLE_FILTERED),
               "flags", "filtered single chunk, but another index");
    layout_index_code(c, m);
    cur_addr(c, "address", &m->addr);
}

/*
 * Versions 3 to 5                                                  [FMT IV.A.2.i]
 *
 *   size  field
 *      1  version
 *      1  class     0 compact, 1 contiguous, 2 chunked, 3 virtual (from version 4)
 *   compact:        2 size, data
 *   contiguous:     O address, L size
 *   chunked:        see above
 *   virtual:        O address of a global heap collection, 4 index in it
 */
HI5_INT void
msg_layout_code(struct cur *c, struct msg_layout *m)
{
    uint16_t size;

    cur_begin(c, layout_name, "IV.A.2.i");
    if (cur_reading(c))
        *m = (struct msg_layout){.addr = ADDR_NONE, .data_addr = ADDR_NONE};
    msg_version_code(c, &m->version, 1, 5);
    if (!cur_ok(c))
        return;
    if (m->version < 3) {
        layout_old_code(c, m);
        return;
    }
    cur_u8(c, "class", &m->cls);
    if (m->cls == HI5_COMPACT) {
        cur_require(c, m->size <= UINT16_MAX, "size", "compact data of 64 KiB or more");
        size = (uint16_t)m->size;
        cur_u16(c, "size", &size);
        m->size = size;
        layout_data_code(c, m);
    } else if (m->cls == HI5_CONTIGUOUS) {
        cur_addr(c, "address", &m->addr);
        cur_len(c, "size", &m->size);
    } else if (m->cls == HI5_CHUNKED && m->version == 3) {
        layout_chunk3_code(c, m);
    } else if (m->cls == HI5_CHUNKED) {
        layout_chunk4_code(c, m);
    } else {
        cur_require(c, m->cls == HI5_VIRTUAL && m->version >= 4, "class",
                    "not a class of this version");
        cur_addr(c, "address", &m->addr);
        cur_u32(c, "heap index", &m->heap_index);
    }
}
