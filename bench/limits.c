/*
 * limits.c - the least that the machine must do
 *
 * What a perfect library would take: one copy of the result, one pread or pwrite of the
 * bytes, or the codec alone on all chunks, with one warm chunk of scratch.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <fcntl.h>
#include <lzf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#ifdef HI5_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif
#ifdef HI5_HAVE_AEC
#include <libaec.h>
#endif

#define PIECE (1u << 20)

/* Bytes to copy from, as many as the result has; kept from one workload to the next. */
static const uint8_t *
warm_bytes(size_t n)
{
    static uint8_t *bytes;
    static size_t have;

    if (have < n) {
        free(bytes);
        bytes = need(n);
        memset(bytes, 1, n);
        have = n;
    }
    return bytes;
}

void
limit_memcpy(struct job *j)
{
    const uint8_t *from = warm_bytes(j->size);

    memcpy(j->buf, from, j->size);
}

static void
pread_all(const char *path, uint8_t *buf, size_t room, size_t n)
{
    const int fd = open(path, O_RDONLY);
    size_t at = 0;

    if (fd < 0)
        die("%s cannot be opened", path);
    while (at < n) {
        const size_t piece = n - at < PIECE ? n - at : PIECE;
        const size_t to = room >= n ? at : 0;
        const ssize_t got = pread(fd, buf + to, piece, (off_t)at);
        if (got <= 0)
            break;
        at += (size_t)got;
    }
    close(fd);
}

void
limit_pread(struct job *j)
{
    pread_all(j->path, j->buf, j->size, j->size);
}

void
limit_file(struct job *j)
{
    static uint8_t piece[PIECE];
    struct stat st;

    if (stat(j->path, &st) != 0)
        die("%s has no size", j->path);
    pread_all(j->path, piece, sizeof piece, (size_t)st.st_size);
}

void
limit_open(struct job *j)
{
    uint8_t page[4096];

    pread_all(j->path, page, sizeof page, sizeof page);
}

/* 4-byte elements: points, or a regular selection, from memory laid out as the file. */
void
limit_gather(struct job *j)
{
    const uint8_t *from = warm_bytes((size_t)(j->dims[0] * j->dims[1] * 4));
    uint8_t *to = j->buf;

    if (j->points != NULL) {
        for (uint64_t i = 0; i < j->n; i++, to += 4)
            memcpy(to, from + (j->points[2 * i] * j->dims[1] + j->points[2 * i + 1]) * 4,
                   4);
        return;
    }
    for (uint64_t r = 0; r < j->count[0]; r++) {
        const uint8_t *row = from + ((j->start[0] + r * j->stride[0]) * j->dims[1] +
                                     j->start[1]) * 4;
        for (uint64_t c = 0; c < j->count[1]; c++, to += 4)
            memcpy(to, row + c * j->stride[1] * 4, 4);
    }
}

/* ---- codecs ---- */

static size_t
stored_each(hid_t plist, hid_t type, hsize_t *chunk)
{
    THEIRS(H5Pget_chunk(plist, 2, chunk));
    return (size_t)(chunk[0] * chunk[1]) * H5Tget_size(type);
}

void
stored_load(struct job *j)
{
    struct stored *s = &j->stored;
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t p = THEIRS(H5Dget_create_plist(d)), t = THEIRS(H5Dget_type(d));
    size_t nvalues = sizeof s->values / sizeof *s->values;
    hsize_t chunk[2], at[2], size;
    unsigned flags;
    uint32_t mask;

    s->each = stored_each(p, t, chunk);
    H5Pget_filter2(p, (unsigned)(H5Pget_nfilters(p) - 1), &flags, &nvalues, s->values, 0,
                   NULL, NULL);
    s->bytes = need((size_t)H5Dget_storage_size(d));
    s->at = need(sizeof *s->at *
                 (size_t)((j->dims[0] / chunk[0]) * (j->dims[1] / chunk[1]) + 1));
    s->at[0] = 0;
    for (at[0] = 0; at[0] < j->dims[0]; at[0] += chunk[0])
        for (at[1] = 0; at[1] < j->dims[1]; at[1] += chunk[1]) {
            THEIRS(H5Dget_chunk_storage_size(d, at, &size));
            THEIRS(H5Dread_chunk(d, H5P_DEFAULT, at, &mask, s->bytes + s->at[s->n]));
            s->at[s->n + 1] = s->at[s->n] + (size_t)size;
            s->n++;
        }
    H5Tclose(t);
    H5Pclose(p);
    H5Dclose(d);
    H5Fclose(f);
}

struct span {
    const struct stored *s;
    size_t first, end;
};

#ifdef HI5_HAVE_LIBDEFLATE
static void
inflate_span(const struct span *p)
{
    struct libdeflate_decompressor *z = libdeflate_alloc_decompressor();
    uint8_t *out = need(p->s->each);
    size_t n;

    for (size_t i = p->first; i < p->end; i++)
        if (libdeflate_zlib_decompress(z, p->s->bytes + p->s->at[i],
                                       p->s->at[i + 1] - p->s->at[i], out, p->s->each,
                                       &n) != LIBDEFLATE_SUCCESS)
            die("a chunk cannot be inflated");
    free(out);
    libdeflate_free_decompressor(z);
}
#else
static void
inflate_span(const struct span *p)
{
    uint8_t *out = need(p->s->each);

    for (size_t i = p->first; i < p->end; i++) {
        uLongf n = (uLongf)p->s->each;
        if (uncompress(out, &n, p->s->bytes + p->s->at[i],
                       (uLong)(p->s->at[i + 1] - p->s->at[i])) != Z_OK)
            die("a chunk cannot be inflated");
    }
    free(out);
}
#endif

void
limit_inflate(struct job *j)
{
    const struct span all = {&j->stored, 0, j->stored.n};

    inflate_span(&all);
}

static void *
inflate_thread(void *p)
{
    inflate_span(p);
    return NULL;
}

void
limit_inflate_2(struct job *j)
{
    const size_t half = j->stored.n / 2;
    struct span a = {&j->stored, 0, half}, b = {&j->stored, half, j->stored.n};
    pthread_t t;

    if (pthread_create(&t, NULL, inflate_thread, &a) != 0)
        die("a thread cannot be started");
    inflate_span(&b);
    pthread_join(t, NULL);
}

void
limit_lzf(struct job *j)
{
    const struct stored *s = &j->stored;
    uint8_t *out = need(s->each);

    for (size_t i = 0; i < s->n; i++)
        if (lzf_decompress(s->bytes + s->at[i], (unsigned)(s->at[i + 1] - s->at[i]), out,
                           (unsigned)s->each) == 0)
            die("a chunk of lzf cannot be decoded");
    free(out);
}

/* Pixels of 16 bits, in whole blocks: plain streams of the coder behind 4 bytes. */
void
limit_szip(struct job *j)
{
#ifdef HI5_HAVE_AEC
    const struct stored *s = &j->stored;
    uint8_t *out = need(s->each);

    for (size_t i = 0; i < s->n; i++) {
        struct aec_stream z = {0};
        z.bits_per_sample = s->values[2];
        z.block_size = s->values[1];
        z.rsi = (s->values[3] + s->values[1] - 1) / s->values[1];
        z.flags = (s->values[0] & 32 ? (unsigned)AEC_DATA_PREPROCESS : 0u) |
                  (s->values[0] & 16 ? (unsigned)AEC_DATA_MSB : 0u);
        z.next_in = s->bytes + s->at[i] + 4;
        z.avail_in = s->at[i + 1] - s->at[i] - 4;
        z.next_out = out;
        z.avail_out = s->each;
        if (aec_buffer_decode(&z) != AEC_OK)
            die("a chunk of szip cannot be decoded");
    }
    free(out);
#else
    limit_memcpy(j);
#endif
}

/* ---- writing ---- */

static void
pwrite_all(const char *path, const uint8_t *from, size_t n)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
    size_t at = 0;

    if (fd < 0)
        die("%s cannot be written", path);
    while (at < n) {
        const size_t piece = n - at < PIECE ? n - at : PIECE;
        const ssize_t put = pwrite(fd, from + at, piece, (off_t)at);
        if (put <= 0)
            die("%s cannot be written", path);
        at += (size_t)put;
    }
    close(fd);
}

void
limit_pwrite(struct job *j)
{
    pwrite_all(written_path(j), j->source, j->source_size);
}

void
limit_rewrite(struct job *j)
{
    pwrite_all(written_path(j), warm_bytes(j->written), j->written);
}

#define DEFLATE_LEVEL 4

static void
deflate_span(const struct span *p)
{
    const size_t room = p->s->each + p->s->each / 8 + 64;
    uint8_t *out = need(room);
#ifdef HI5_HAVE_LIBDEFLATE
    struct libdeflate_compressor *z = libdeflate_alloc_compressor(DEFLATE_LEVEL);
#endif

    for (size_t i = p->first; i < p->end; i++) {
        const uint8_t *in = p->s->bytes + p->s->at[i];
#ifdef HI5_HAVE_LIBDEFLATE
        if (libdeflate_zlib_compress(z, in, p->s->each, out, room) == 0)
            die("a chunk cannot be deflated");
#else
        uLongf n = (uLongf)room;
        if (compress2(out, &n, in, (uLong)p->s->each, DEFLATE_LEVEL) != Z_OK)
            die("a chunk cannot be deflated");
#endif
    }
#ifdef HI5_HAVE_LIBDEFLATE
    libdeflate_free_compressor(z);
#endif
    free(out);
}

void
limit_deflate(struct job *j)
{
    const struct span all = {&j->stored, 0, j->stored.n};

    deflate_span(&all);
}

static void *
deflate_thread(void *p)
{
    deflate_span(p);
    return NULL;
}

void
limit_deflate_2(struct job *j)
{
    const size_t half = j->stored.n / 2;
    struct span a = {&j->stored, 0, half}, b = {&j->stored, half, j->stored.n};
    pthread_t t;

    if (pthread_create(&t, NULL, deflate_thread, &a) != 0)
        die("a thread cannot be started");
    deflate_span(&b);
    pthread_join(t, NULL);
}

void
limit_lzf_encode(struct job *j)
{
    const struct stored *s = &j->stored;
    uint8_t *out = need(s->each);

    for (size_t i = 0; i < s->n; i++)
        lzf_compress(s->bytes + s->at[i], (unsigned)s->each, out, (unsigned)s->each);
    free(out);
}
