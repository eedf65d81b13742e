/*
 * recover_scan.c - finding structures by their signatures
 *
 * A window goes over the file; each place where a signature stands is told. Object
 * headers of version 1 have none, but a prefix and a first message with so many fixed
 * bytes that little else looks like one. Who asks must decode before believing.
 */
#include "base/err.h"
#include "base/io.h"
#include "file/recover.h"
#include <string.h>

#define SCAN_WINDOW (256u << 10)

static const char *const scan_names[MARK_KINDS] = {
    "superblock", "OHDR", "OCHK", "TREE",          "SNOD", "HEAP", "GCOL",
    "FRHP",       "FHDB", "FHIB", "BTHD",          "BTIN", "BTLF", "FAHD",
    "FADB",       "EAHD", "EAIB", "EASB",          "EADB", "FSHD", "FSSE",
    "SMTB",       "SMLI", "MDCI", "object header",
};

HI5_INT const char *
recover_mark_name(enum recover_mark m)
{
    return (unsigned)m < MARK_KINDS ? scan_names[m] : "";
}

/* Prefix [FMT IV.A.1.a] and head of the first message. */
static bool
scan_header1(const uint8_t *p, size_t n)
{
    uint64_t chunk, size;

    if (n < 24 || p[0] != 1 || p[1] != 0)
        return false;
    chunk = cur_raw_uint(p + 8, 4);
    size = cur_raw_uint(p + 18, 2);
    return cur_raw_uint(p + 2, 2) != 0 && cur_raw_uint(p + 4, 4) < 1u << 24 &&
           chunk >= 8 && chunk % 8 == 0 && cur_raw_uint(p + 12, 4) == 0 &&
           cur_raw_uint(p + 16, 2) < MSG_KNOWN && size % 8 == 0 && size + 8 <= chunk &&
           p[21] == 0 && p[22] == 0 && p[23] == 0;
}

HI5_INT enum recover_mark
recover_mark_of(const uint8_t *p, size_t n)
{
    static const uint8_t superblock[8] = {0x89, 'H', 'D', 'F', 0x0d, 0x0a, 0x1a, 0x0a};

    if (n < 4)
        return MARK_KINDS;
    if (p[0] == 0x89 && n >= 8 && memcmp(p, superblock, 8) == 0)
        return MARK_SUPERBLOCK;
    if (p[0] == 1 && scan_header1(p, n))
        return MARK_HEADER1;
    if (p[0] < 'B' || p[0] > 'T')
        return MARK_KINDS;
    for (unsigned i = MARK_OHDR; i < MARK_HEADER1; i++)
        if (memcmp(p, scan_names[i], 4) == 0)
            return (enum recover_mark)i;
    return MARK_KINDS;
}

/* Nearly all bytes begin nothing. */
static bool
scan_may_begin(uint8_t b)
{
    return b == 1 || b == 0x89 || b == 'O' || b == 'T' || b == 'S' || b == 'H' ||
           b == 'G' || b == 'F' || b == 'B' || b == 'E' || b == 'M';
}

/* Look at every place from which `n` of the `there` bytes begin. */
static hi5_status
scan_window(const uint8_t *p, size_t n, size_t there, uint64_t at, recover_mark_fn fn,
            void *ctx, hi5_error *err)
{
    for (size_t i = 0; i < n; i++) {
        enum recover_mark m;

        if (!scan_may_begin(p[i]))
            continue;
        m = recover_mark_of(p + i, there - i);
        if (m != MARK_KINDS)
            TRY(fn(ctx, m, at + i, p + i, there - i, err));
    }
    return HI5_OK;
}

HI5_INT hi5_status
recover_scan(const struct meta *m, recover_mark_fn fn, recover_progress_fn progress,
             void *ctx, hi5_error *err)
{
    uint8_t *const p = mem_alloc(m->mem, SCAN_WINDOW);
    hi5_status s = HI5_OK;

    if (p == NULL)
        return mem_fail(m->mem, SCAN_WINDOW, err);
    for (uint64_t at = 0; s == HI5_OK && at < m->eof;) {
        const size_t there = meta_clip(m, at, SCAN_WINDOW);
        size_t n = there == SCAN_WINDOW ? there - RECOVER_LOOK : there;

        if (there == 0) { /* a gap between members of a file */
            at += SCAN_WINDOW;
            continue;
        }
        s = meta_read(m, at, p, there, err);
        if (s == HI5_OK)
            s = scan_window(p, n, there, at, fn, ctx, err);
        at += n;
        if (progress != NULL)
            progress(ctx, at);
    }
    mem_free(m->mem, p, SCAN_WINDOW);
    return s;
}
