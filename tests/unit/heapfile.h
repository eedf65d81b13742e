/*
 * heapfile.h - fractal heaps and the B-trees beside them, put together for tests
 *
 * The small geometry: two columns, blocks of 64, direct blocks up to 128 bytes. Rows
 * begin at 0, 128, 256 (direct), 512, 1024, 2048, ... (indirect); a row's blocks are 64,
 * 64, 128, 256, 512, 1024, ... bytes of address space; an indirect block in row 3 has 2
 * rows, in row 4 has 3, in row 5 has 4.
 */
#ifndef HEAPFILE_H
#define HEAPFILE_H

#include "format/fheap.h"
#include "memfile.h"

static inline struct frhp
heapfile_small(uint64_t root, unsigned rows)
{
    return (struct frhp){.id_len = 7,
                         .flags = 2,
                         .max_managed = 100,
                         .width = 2,
                         .start_block = 64,
                         .max_direct = 128,
                         .max_heap_bits = 16,
                         .start_root_rows = 1,
                         .root = root,
                         .cur_root_rows = (uint16_t)rows,
                         .huge_bt2 = HI5_NO_ADDRESS,
                         .fs_addr = HI5_NO_ADDRESS};
}

static inline void
heapfile_header(struct memfile *f, size_t at, struct frhp *h)
{
    struct cur c = cur_writer(f->bytes + at, f->n - at, &f->err);

    c.off_w = f->meta.off_w;
    c.len_w = f->meta.len_w;
    frhp_code(&c, h);
    ck_ok(c.status, &f->err);
}

/* The prefix of a block; offsets in the heap take two bytes. Where it ends comes back. */
static inline size_t
heapfile_block(struct memfile *f, size_t at, const char *signature, uint64_t heap,
               uint64_t start)
{
    at = memfile_text(f, at, signature);
    at = memfile_uint(f, at, 1, 0);
    at = memfile_uint(f, at, f->meta.off_w, heap);
    return memfile_uint(f, at, 2, start);
}

/* A direct block: `bytes` at `offset` of the heap. */
static inline void
heapfile_direct(struct memfile *f, size_t at, uint64_t heap, uint64_t start,
                size_t size, uint64_t offset, const void *bytes, size_t n)
{
    const size_t sum = heapfile_block(f, at, "FHDB", heap, start);

    memcpy(f->bytes + at + (offset - start), bytes, n);
    memfile_uint(f, sum, 4, 0);
    memfile_uint(f, sum, 4, lookup3(f->bytes + at, size, 0));
}

/* A version-2 B-tree: header at `at`, one leaf at `at` + 64 with `n` records. */
static inline void
heapfile_tree(struct memfile *f, size_t at, unsigned type, unsigned size,
              const void *records, unsigned n)
{
    const size_t leaf = at + 64;
    size_t p = memfile_text(f, at, "BTHD");

    p = memfile_uint(f, p, 1, 0);
    p = memfile_uint(f, p, 1, type);
    p = memfile_uint(f, p, 4, 512);
    p = memfile_uint(f, p, 2, size);
    p = memfile_uint(f, p, 2, 0);
    p = memfile_hex(f, p, "6428");
    p = memfile_uint(f, p, f->meta.off_w, leaf);
    p = memfile_uint(f, p, 2, n);
    p = memfile_uint(f, p, f->meta.len_w, n);
    memfile_sum(f, at, p);
    p = memfile_text(f, leaf, "BTLF");
    p = memfile_uint(f, p, 1, 0);
    p = memfile_uint(f, p, 1, type);
    memcpy(f->bytes + p, records, (size_t)size * n);
    memfile_sum(f, leaf, p + (size_t)size * n);
}

#endif
