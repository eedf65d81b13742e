/*
 * cur.c - the cursor: one field list, five uses
 */
#include "base/cur.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/lookup3.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Fuzzers must get past checksums; this is the macro that they all define for it. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define CUR_ANY_CHECKSUM 1
#else
#define CUR_ANY_CHECKSUM 0
#endif

/* Every field is named, as in meta_cursor_at: none need be cleared first. */
static struct cur
cur_make(enum cur_op op, const void *in, void *out, size_t n, hi5_error *err)
{
    return (struct cur){
        .in = in, .out = out, .pos = 0, .size = n, .op = op, .status = HI5_OK,
        .off_w = 8, .len_w = 8, .addr = ADDR_NONE, .eof = UINT64_MAX, .start = 0,
        .field_at = 0, .structure = "", .section = "", .arena = NULL, .err = err,
        .watch = NULL,
    };
}

HI5_INT struct cur
cur_reader(const void *in, size_t n, hi5_error *err)
{
    return cur_make(CUR_GET, in, NULL, n, err);
}

HI5_INT struct cur
cur_writer(void *out, size_t n, hi5_error *err)
{
    return cur_make(CUR_PUT, NULL, out, n, err);
}

HI5_INT struct cur
cur_sizer(hi5_error *err)
{
    return cur_make(CUR_SIZE, NULL, NULL, SIZE_MAX, err);
}

static uint64_t
cur_address(const struct cur *c, size_t at)
{
    return c->addr == ADDR_NONE ? ADDR_NONE : c->addr + at;
}

HI5_INT void
cur_fail(struct cur *c, hi5_status s, const char *field, const char *fmt, ...)
{
    char what[256];
    va_list ap;

    if (!cur_ok(c))
        return;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    if (c->watch != NULL && c->watch->finding != NULL)
        c->watch->finding(c->watch, c, field, c->field_at, true, what);
    c->status = err_set(c->err, s, cur_address(c, c->field_at), c->structure, field,
                        c->section, "%s", what);
    c->size = c->pos;
}

/* The only bounds check in the library. */
static bool
cur_step(struct cur *c, const char *field, size_t n)
{
    if (!cur_ok(c))
        return false;
    c->field_at = c->pos;
    if (n > c->size - c->pos) {
        cur_fail(c, HI5_E_TRUNCATED, field,
                 c->op == CUR_PUT ? "the structure does not fit its space"
                                  : "the structure runs past its end");
        return false;
    }
    return true;
}

/* A number that fits its `n` bytes, to be encoded or only measured: is it done with
 * nobody looking? */
static inline bool
cur_quick_put(struct cur *c, unsigned n, uint64_t v)
{
    if (c->op == CUR_GET || c->watch != NULL || n > c->size - c->pos)
        return false;
    c->field_at = c->pos;
    if (c->op == CUR_PUT)
        cur_raw_store(c->out + c->pos, n, v);
    c->pos += n;
    return true;
}

static void
cur_passed(struct cur *c, const char *field, size_t n, uint64_t value)
{
    c->pos += n;
    if (c->watch != NULL && c->watch->field != NULL && cur_ok(c))
        c->watch->field(c->watch, c, field, c->field_at, n, value);
}

static bool
cur_fits(uint64_t v, unsigned width)
{
    return width >= 8 || v >> (8 * width) == 0;
}

HI5_INT void
cur_uint_any(struct cur *c, const char *field, unsigned width, uint64_t *v)
{
    if (width - 1 < 8 && c->op != CUR_GET && cur_fits(*v, width) &&
        cur_quick_put(c, width, *v))
        return;
    if (!cur_step(c, field, width)) {
        if (c->op == CUR_GET)
            *v = 0;
        return;
    }
    if (c->op == CUR_GET) {
        *v = cur_raw_uint(c->in + c->pos, width);
    } else if (!cur_fits(*v, width)) {
        cur_fail(c, HI5_E_RANGE, field, "%llu does not fit %u bytes",
                 (unsigned long long)*v, width);
        return;
    } else if (c->op == CUR_PUT) {
        for (unsigned i = 0; i < width; i++)
            c->out[c->pos + i] = (uint8_t)(*v >> (8 * i));
    }
    cur_passed(c, field, width, *v);
}

/* A narrow number on its way through cur_uint_any; on GET, *v may hold nothing yet. */
#define CUR_NARROW(c, field, v, type)                       \
    do {                                                    \
        uint64_t wide_ = (c)->op == CUR_GET ? 0 : *(v);     \
        cur_uint_any((c), (field), sizeof(type), &wide_);   \
        *(v) = (type)wide_;                                 \
    } while (0)

HI5_INT void
cur_u8_any(struct cur *c, const char *field, uint8_t *v)
{
    CUR_NARROW(c, field, v, uint8_t);
}

HI5_INT void
cur_u16_any(struct cur *c, const char *field, uint16_t *v)
{
    CUR_NARROW(c, field, v, uint16_t);
}

HI5_INT void
cur_u32_any(struct cur *c, const char *field, uint32_t *v)
{
    CUR_NARROW(c, field, v, uint32_t);
}

/* Are the n bytes at p all `byte`? */
static bool
cur_uniform(const uint8_t *p, size_t n, uint8_t byte)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != byte)
            return false;
    return true;
}

HI5_INT uint64_t
cur_raw_wide(const uint8_t *p, unsigned width)
{
    return cur_uniform(p, width, 0xff) ? ADDR_NONE
                                       : cur_raw_uint(p, width < 8 ? width : 8);
}

/* A number as wide as an address or a length: all-ones means UINT64_MAX at any width.
 * Widths of 16 and 32 are legal; values beyond 64 bits are not possible in practice. */
HI5_INT void
cur_wide_any(struct cur *c, const char *field, unsigned width, unsigned taken,
             uint64_t *v)
{
    if (width == 8 && cur_quick_put(c, 8, *v))
        return;
    if (!cur_step(c, field, width)) {
        if (c->op == CUR_GET)
            *v = 0;
        return;
    }
    if (c->op == CUR_GET) {
        const uint8_t *p = c->in + c->pos;
        *v = cur_raw_addr(p, width);
        if (width > 8 && *v != UINT64_MAX && !cur_uniform(p + 8, width - 8, 0)) {
            *v = 0;
            cur_fail(c, HI5_E_UNSUPPORTED, field, "a value of more than 64 bits");
            return;
        }
    } else if (*v != UINT64_MAX && !cur_fits(*v + taken, width)) {
        cur_fail(c, HI5_E_RANGE, field, "%llu does not fit %u bytes",
                 (unsigned long long)*v, width);
        return;
    } else if (c->op == CUR_PUT) {
        for (unsigned i = 0; i < width; i++)
            c->out[c->pos + i] = *v == UINT64_MAX ? 0xff
                                 : i < 8          ? (uint8_t)(*v >> (8 * i))
                                                  : 0;
    }
    cur_passed(c, field, width, *v);
}

HI5_INT void
cur_signature_any(struct cur *c, const char sig[4])
{
    if (!cur_step(c, "signature", 4))
        return;
    if (c->op == CUR_PUT)
        memcpy(c->out + c->pos, sig, 4);
    if (c->op == CUR_GET && memcmp(c->in + c->pos, sig, 4) != 0) {
        cur_fail(c, HI5_E_CORRUPT, "signature", "expected \"%.4s\"", sig);
        return;
    }
    cur_passed(c, "signature", 4, 0);
}

HI5_INT void
cur_reserved_any(struct cur *c, size_t n)
{
    if (!cur_step(c, "reserved", n))
        return;
    if (c->op == CUR_PUT)
        memset(c->out + c->pos, 0, n);
    if (c->op == CUR_GET && c->watch != NULL)
        cur_expect(c, cur_uniform(c->in + c->pos, n, 0), "reserved",
                   "reserved bytes are not zero");
    cur_passed(c, "reserved", n, 0);
}

HI5_INT void
cur_skip_any(struct cur *c, const char *field, size_t n)
{
    if (!cur_step(c, field, n))
        return;
    if (c->op == CUR_PUT)
        memset(c->out + c->pos, 0, n);
    cur_passed(c, field, n, 0);
}

HI5_INT void
cur_pad(struct cur *c, size_t to)
{
    const size_t over = (c->pos - c->start) % to;

    if (over != 0)
        cur_skip(c, "padding", to - over);
}

HI5_INT void
cur_bytes(struct cur *c, const char *field, void *p, size_t n)
{
    if (!cur_step(c, field, n)) {
        if (c->op == CUR_GET && n != 0)
            memset(p, 0, n);
        return;
    }
    if (c->op == CUR_GET && n != 0)
        memcpy(p, c->in + c->pos, n);
    if (c->op == CUR_PUT && n != 0)
        memcpy(c->out + c->pos, p, n);
    cur_passed(c, field, n, 0);
}

HI5_INT void
cur_view_any(struct cur *c, const char *field, const uint8_t **p, size_t n)
{
    if (!cur_step(c, field, n)) {
        if (c->op == CUR_GET)
            *p = NULL;
        return;
    }
    if (c->op == CUR_GET)
        *p = c->in + c->pos;
    if (c->op == CUR_PUT && n != 0)
        memcpy(c->out + c->pos, *p, n);
    cur_passed(c, field, n, 0);
}

HI5_INT void
cur_cstr(struct cur *c, const char *field, const char **s)
{
    const uint8_t *p;
    size_t n;

    if (c->op == CUR_GET) {
        *s = "";
        if (!cur_step(c, field, 0))
            return;
        p = c->size > c->pos ? memchr(c->in + c->pos, 0, c->size - c->pos) : NULL;
        if (p == NULL) {
            cur_fail(c, HI5_E_TRUNCATED, field, "the string has no terminating NUL");
            return;
        }
        n = (size_t)(p - (c->in + c->pos)) + 1;
        *s = (const char *)(c->in + c->pos);
        cur_passed(c, field, n, 0);
        return;
    }
    p = (const uint8_t *)*s;
    cur_view(c, field, &p, strlen(*s) + 1);
}

HI5_INT struct cur
cur_sub(struct cur *c, const char *field, size_t n)
{
    struct cur s = *c;

    if (!cur_step(c, field, n)) {
        s.status = c->status;
        s.size = s.pos;
        return s;
    }
    s.in = c->in + c->pos;
    s.addr = cur_address(c, c->pos);
    s.pos = s.start = s.field_at = 0;
    s.size = n;
    c->pos += n;
    return s;
}

HI5_INT void
cur_join(struct cur *c, const struct cur *sub)
{
    if (!cur_ok(c) || cur_ok(sub))
        return;
    c->status = sub->status;
    c->size = c->pos;
}

HI5_INT void
cur_need(struct cur *c, const char *field, uint64_t count, size_t each)
{
    uint64_t n;

    if (c->op != CUR_GET || !cur_ok(c))
        return;
    if (!ckd_mul64(count, each, &n) || n > cur_left(c))
        cur_fail(c, HI5_E_TRUNCATED, field, "%llu do not fit what is left",
                 (unsigned long long)count);
}

HI5_INT void *
cur_alloc(struct cur *c, uint64_t count, size_t size)
{
    void *p = NULL;
    uint64_t n;

    if (!cur_ok(c))
        return NULL;
    if (!ckd_mul64(count, size, &n) || n > SIZE_MAX) {
        cur_fail(c, HI5_E_LIMIT, "", "too large for this machine");
        return NULL;
    }
    if (c->arena != NULL)
        p = arena_zalloc(c->arena, (size_t)count, size);
    if (p == NULL) {
        if (c->arena == NULL)
            cur_fail(c, HI5_E_INTERNAL, "", "the cursor has no arena");
        else
            cur_fail(c, mem_fail(c->arena->mem, n, NULL), "", "no memory for %llu bytes",
                     (unsigned long long)n);
    }
    return p;
}

HI5_INT void
cur_checksum(struct cur *c)
{
    const size_t n = c->pos - c->start;
    uint32_t sum;
    uint64_t stored;

    if (!cur_step(c, "checksum", 4))
        return;
    if (c->op == CUR_SIZE) {
        cur_passed(c, "checksum", 4, 0);
        return;
    }
    sum = lookup3((c->op == CUR_GET ? c->in : c->out) + c->start, n, 0);
    stored = sum;
    cur_uint(c, "checksum", 4, &stored);
    if (cur_ok(c) && stored != sum && !CUR_ANY_CHECKSUM)
        cur_fail(c, HI5_E_CHECKSUM, "checksum", "0x%08llx stored, 0x%08lx computed",
                 (unsigned long long)stored, (unsigned long)sum);
}

HI5_INT void
cur_expect(struct cur *c, bool truth, const char *field, const char *what)
{
    if (!truth && cur_ok(c) && c->watch != NULL && c->watch->finding != NULL)
        c->watch->finding(c->watch, c, field, c->field_at, false, what);
}

HI5_INT void
cur_read_only(struct cur *c)
{
    if (c->op != CUR_GET)
        cur_fail(c, HI5_E_UNSUPPORTED, "", "this old form is read, not written");
}
