/*
 * base.c - random numbers, memory that lasts for one case, a file in memory
 */
#include "roundtrip.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t rt_state, rt_case;

uint64_t
rt_random(uint64_t below)
{
    rt_state ^= rt_state << 13;
    rt_state ^= rt_state >> 7;
    rt_state ^= rt_state << 17;
    return below != 0 ? (rt_state >> 11) % below : 0;
}

void
rt_seed(uint64_t seed)
{
    rt_case = seed;
    rt_state = (seed + 1) * 0x9e3779b97f4a7c15u | 1;
    for (unsigned i = 0; i < 5; i++)
        rt_random(0);
}

/* ---- memory of one case ---- */

struct rt_block {
    struct rt_block *next;
};
static struct rt_block *rt_blocks;

void *
rt_keep(size_t n)
{
    struct rt_block *const b = calloc(1, sizeof *b + n + 8);

    if (b == NULL)
        exit(1);
    b->next = rt_blocks;
    rt_blocks = b;
    return b + 1;
}

void *
rt_copy(const void *p, size_t n)
{
    void *const to = rt_keep(n);

    if (n != 0)
        memcpy(to, p, n);
    return to;
}

void
rt_drop(void)
{
    while (rt_blocks != NULL) {
        struct rt_block *const b = rt_blocks;
        rt_blocks = b->next;
        free(b);
    }
}

bool rt_quiet;

bool
rt_bad(const char *format, ...)
{
    va_list args;

    if (rt_quiet)
        return false;
    va_start(args, format);
    fprintf(stderr, "case %llu: ", (unsigned long long)rt_case);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    return false;
}

bool rt_tracing;

void
rt_trace(const char *format, ...)
{
    va_list args;

    if (!rt_tracing)
        return;
    va_start(args, format);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
}

/* ---- a file in memory that outlives its handle ---- */

static hi5_status
file_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct rt_file *const f = ctx;

    (void)err;
    if (offset > f->n || n > f->n - offset)
        return HI5_E_TRUNCATED;
    if (n != 0)
        memcpy(buf, f->bytes + offset, n);
    return HI5_OK;
}

static hi5_status
file_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct rt_file *)ctx)->n;
    return HI5_OK;
}

static hi5_status
file_truncate(void *ctx, uint64_t size, hi5_error *err)
{
    struct rt_file *const f = ctx;

    (void)err;
    if (size > f->room) {
        unsigned char *const p = realloc(f->bytes, 2 * (size_t)size);
        if (p == NULL)
            return HI5_E_NOMEM;
        f->bytes = p;
        f->room = 2 * (size_t)size;
    }
    if (size > f->n)
        memset(f->bytes + f->n, 0, (size_t)size - f->n);
    f->n = (size_t)size;
    return HI5_OK;
}

static hi5_status
file_write(void *ctx, uint64_t offset, const void *buf, size_t n, hi5_error *err)
{
    struct rt_file *const f = ctx;

    if (offset + n > f->n && file_truncate(ctx, offset + n, err) != HI5_OK)
        return HI5_E_NOMEM;
    if (n != 0)
        memcpy(f->bytes + offset, buf, n);
    return HI5_OK;
}

static hi5_status
file_sync(void *ctx, hi5_error *err)
{
    (void)ctx;
    (void)err;
    return HI5_OK;
}

void
rt_file_open(struct rt_file *f)
{
    *f = (struct rt_file){0};
    f->io = (hi5_io){.size = sizeof f->io, .ctx = f, .read_at = file_read,
                     .get_size = file_size, .write_at = file_write,
                     .truncate = file_truncate, .sync = file_sync};
}
