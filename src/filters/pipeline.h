/*
 * pipeline.h - undoing the filters of a chunk                     [FMT IV.A.2.l]
 *
 * A pipeline is a list of filters in the order of writing; reading undoes them from the
 * last to the first. Bit i of a chunk's mask says that filter i was skipped for it.
 */
#ifndef HI5_PIPELINE_H
#define HI5_PIPELINE_H

#include "base/mem.h"
#include <hi5.h>

enum filter_id {
    FILTER_DEFLATE = 1,
    FILTER_SHUFFLE = 2,
    FILTER_FLETCHER32 = 3,
    FILTER_SZIP = 4,
    FILTER_NBIT = 5,
    FILTER_SCALEOFFSET = 6,
    FILTER_BZIP2 = 307,
    FILTER_LZF = 32000,
    FILTER_BLOSC = 32001,
    FILTER_LZ4 = 32004,
    FILTER_BITSHUFFLE = 32008,
    FILTER_ZFP = 32013,
    FILTER_ZSTD = 32015,
    FILTER_FCIDECOMP = 32018,
    FILTER_BLOSC2 = 32026
};

#define PIPE_MOST 32u /* filters in one pipeline */

/* A decoded filter pipeline message. */
struct pipeline {
    uint8_t version;
    unsigned n;
    hi5_filter *filter; /* [n] */
};

/* Filters that the caller of hi5_open brought along. */
struct pipe_plugins {
    const hi5_filter_plugin *plugin;
    size_t n;
};

/* Scratch buffers that one thread reuses from chunk to chunk; start from {mem}. */
struct pipe_work {
    struct mem *mem;
    uint8_t *buf[2];
    size_t size[2];
};
HI5_INT void pipe_work_done(struct pipe_work *w);

/** Decode one chunk (or fractal heap block).
 *  @param mask     bit i set: filter i was not applied
 *  @param src, n   the stored bytes
 *  @param dst      exactly `nominal` bytes; anything else is HI5_E_FILTER
 *  An unavailable filter is HI5_E_FILTER, naming id and known name. */
HI5_INT hi5_status pipe_decode(const struct pipeline *p, const struct pipe_plugins *plugins,
                               uint32_t mask, const void *src, size_t n, void *dst,
                               size_t nominal, struct pipe_work *w, hi5_error *err);

#endif
