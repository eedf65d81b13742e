/*
 * convert.c - elements of one type into elements of another
 *
 * conv_open builds a tree of steps (conv_step.h) from the two types; conv_run runs it.
 * Numbers are done by conv_num.c and conv_fast.c, strings by conv_str.c, what lives in
 * heaps by conv_vlen.c and conv_ref.c, enumerations by conv_enum.c; compounds and arrays
 * here.
 *
 * There are conversions between: integers, floats and, as a source, enumerations, which
 * then count as their base; enumerations by name; bitfields; strings, fixed and not;
 * opaque types of one size; times that differ at most in byte order; compounds by member
 * name; arrays of equally many elements; complex numbers, also from and to a compound or
 * array of two; sequences; and from references of a file. As in libhdf5 there is none
 * between bitfields and integers, and none from integers to enumerations.
 */
#include "space/convert.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/simd.h"
#include "space/conv_step.h"
#include <stdlib.h>
#include <string.h>

#define CONV_STREAM_PART 8192u  /* bytes converted before they are copied */
#define CONV_STREAM_LEAST 2048u /* fewer are not worth it */

struct conv {
    struct conv_env env;
    const struct conv_step *root;
};

static hi5_status conv_build_step(struct conv_build *b, const hi5_type *src,
                                  const hi5_type *dst, const struct conv_step **out);

HI5_INT hi5_status
conv_none(const struct conv_build *b, const hi5_type *src, const hi5_type *dst,
          const char *why)
{
    return err_plain(b->err, HI5_E_TYPE,
                     "no conversion from %s of %llu bytes to %s of %llu bytes%s%s",
                     type_class_name(src->cls), (unsigned long long)src->size,
                     type_class_name(dst->cls), (unsigned long long)dst->size,
                     why != NULL ? ": " : "", why != NULL ? why : "");
}

/* ---- compounds ---- */

/* Elements are done in blocks, so that each stays in cache for all its members. */
#define CONV_BLOCK_BYTES 16384u

static hi5_status
conv_run_parts(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    for (size_t k = 0; k < s->parts; k++) {
        struct conv_io part = *io;
        part.src += s->part[k].src_off;
        part.dst += s->part[k].dst_off;
        TRY(conv_step_run(s->part[k].step, &part, err));
    }
    for (size_t k = 0; k < s->gaps; k++)
        conv_fast_zero(io->dst + s->gap[k].off, io->ds, s->gap[k].n, io->n);
    return HI5_OK;
}

static hi5_status
conv_run_compound(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    const size_t block = 1 + CONV_BLOCK_BYTES / (s->src_size + s->dst_size);
    struct conv_io part = *io;

    for (size_t left = io->n; left > 0; left -= part.n) {
        part.n = left < block ? left : block;
        TRY(conv_run_parts(s, &part, err));
        part.src += part.n * part.ss;
        part.dst += part.n * part.ds;
    }
    return HI5_OK;
}

static int
conv_by_name(const void *a, const void *b)
{
    const hi5_member *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static int
conv_by_offset(const void *a, const void *b)
{
    const hi5_member *const *x = a, *const *y = b;

    return (*x)->offset < (*y)->offset ? -1 : (*x)->offset > (*y)->offset;
}

/* The members of t in the order `by`; NULL for want of memory. */
static const hi5_member **
conv_sorted(struct arena *a, const hi5_type *t, int (*by)(const void *, const void *))
{
    const hi5_member **m = arena_zalloc(a, t->members, sizeof *m);

    if (m == NULL)
        return NULL;
    for (uint32_t i = 0; i < t->members; i++)
        m[i] = &t->member[i];
    qsort(m, t->members, sizeof *m, by);
    return m;
}

static bool
conv_members_inside(const hi5_type *t)
{
    for (uint32_t i = 0; i < t->members; i++)
        if (!ckd_inside(t->member[i].offset, t->member[i].type->size, t->size))
            return false;
    return true;
}

/* Append a part; copies that go on where the last one ends become one. */
static hi5_status
conv_add_part(struct conv_build *b, struct conv_part *part, size_t *n,
              const struct conv_part *new)
{
    struct conv_part *last = *n > 0 ? &part[*n - 1] : NULL;
    struct conv_step *merged;
    size_t size;

    if (last == NULL || !last->step->copy || !new->step->copy ||
        new->src_off != last->src_off + last->step->src_size ||
        new->dst_off != last->dst_off + last->step->dst_size) {
        part[(*n)++] = *new;
        return HI5_OK;
    }
    size = last->step->src_size + new->step->src_size;
    merged = arena_zalloc(b->arena, 1, sizeof *merged);
    if (merged == NULL)
        return mem_fail(b->arena->mem, sizeof *merged, b->err);
    *merged = (struct conv_step){.run = conv_fast_copy,
                                 .env = b->env,
                                 .copy = true,
                                 .src_size = size,
                                 .dst_size = size};
    last->step = merged;
    return HI5_OK;
}

/* What no member of dst covers is zeroed: nothing of the caller's memory, or of the
 * file's, is to show there by chance. */
static hi5_status
conv_find_gaps(struct conv_build *b, const hi5_type *dst, struct conv_step *s)
{
    const hi5_member **m = conv_sorted(b->arena, dst, conv_by_offset);
    struct conv_gap *gap =
        arena_zalloc(b->arena, (size_t)dst->members + 1, sizeof *gap);
    size_t end = 0;

    if (m == NULL || gap == NULL)
        return mem_fail(b->arena->mem, dst->members * sizeof *gap, b->err);
    for (uint32_t i = 0; i < dst->members; i++) {
        if (m[i]->offset > end)
            gap[s->gaps++] = (struct conv_gap){end, m[i]->offset - end};
        if (m[i]->offset + m[i]->type->size > end)
            end = m[i]->offset + m[i]->type->size;
    }
    if (dst->size > end)
        gap[s->gaps++] = (struct conv_gap){end, dst->size - end};
    s->gap = gap;
    return HI5_OK;
}

static hi5_status
conv_build_compound(struct conv_build *b, const hi5_type *src, const hi5_type *dst,
                    struct conv_step *s)
{
    const hi5_member **by_name = conv_sorted(b->arena, src, conv_by_name);
    struct conv_part *part = arena_zalloc(b->arena, dst->members, sizeof *part);
    size_t n = 0;

    if (by_name == NULL || part == NULL)
        return mem_fail(b->arena->mem, dst->members * sizeof *part, b->err);
    if (!conv_members_inside(src) || !conv_members_inside(dst))
        return conv_none(b, src, dst, "members outside of their compound");
    for (uint32_t i = 0; i < dst->members; i++) {
        const hi5_member *const key = &dst->member[i];
        const hi5_member *const *from =
            bsearch(&key, by_name, src->members, sizeof *by_name, conv_by_name);
        struct conv_part new;

        if (from == NULL)
            continue;
        new.src_off = (*from)->offset;
        new.dst_off = key->offset;
        TRY(conv_build_step(b, (*from)->type, key->type, &new.step));
        s->owns |= new.step->owns;
        TRY(conv_add_part(b, part, &n, &new));
    }
    if (n == 0)
        return conv_none(b, src, dst, "they have no member in common");
    s->run = conv_run_compound;
    s->part = part;
    s->parts = n;
    return conv_find_gaps(b, dst, s);
}

/* ---- arrays and complex numbers ---- */

static hi5_status
conv_run_array(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    const struct conv_step *base = s->child;
    struct conv_io in = {io->src, base->src_size, io->dst, base->dst_size, s->count};

    if (io->ss == s->src_size && io->ds == s->dst_size) {
        in.n = io->n * s->count; /* no gaps: all the elements are one array */
        return conv_step_run(base, &in, err);
    }
    for (size_t i = 0; i < io->n; i++) {
        in.src = io->src + i * io->ss;
        in.dst = io->dst + i * io->ds;
        TRY(conv_step_run(base, &in, err));
    }
    return HI5_OK;
}

/* Is `name` the beginning of "real" or "imaginary", and at least one letter? */
static bool
conv_is_part_name(const char *name, const char *full)
{
    return name[0] != '\0' && strncmp(name, full, strlen(name)) == 0;
}

/* The base type if t is complex, or may stand for one: two equal floats without padding,
 * in a compound the real one first (TYPE-14). Else NULL. */
static const hi5_type *
conv_complex_base(const hi5_type *t)
{
    const hi5_type *base = NULL;

    if (t->cls == HI5_COMPLEX || (t->cls == HI5_ARRAY && type_array_count(t) == 2)) {
        base = t->base;
    } else if (t->cls == HI5_COMPOUND && t->members == 2) {
        const hi5_member *m = t->member;
        if (conv_is_part_name(m[0].name, "real") && m[0].offset == 0 &&
            conv_is_part_name(m[1].name, "imaginary") &&
            m[1].offset == m[0].type->size && hi5_type_equal(m[0].type, m[1].type))
            base = m[0].type;
    }
    return base != NULL && base->cls == HI5_FLOAT && t->size == 2 * base->size ? base
                                                                               : NULL;
}

static hi5_status
conv_build_repeat(struct conv_build *b, const hi5_type *src, const hi5_type *dst,
                  size_t count, struct conv_step *s)
{
    size_t from, to;

    TRY(conv_build_step(b, src, dst, &s->child));
    if (count == 0 || !ckd_mul_size(src->size, count, &from) || from != s->src_size ||
        !ckd_mul_size(dst->size, count, &to) || to != s->dst_size)
        return conv_none(b, src, dst, "an array's size is not that of its elements");
    s->run = conv_run_array;
    s->count = count;
    s->owns = s->child->owns;
    return HI5_OK;
}

/* ---- strings, sequences, references ---- */

static bool
conv_in_file(const hi5_type *t, unsigned off_w)
{
    const size_t size = type_file_size(t->cls, t->ref_kind, off_w);

    return !t->in_memory &&
           (t->size == size || (t->cls == HI5_REFERENCE && t->size > size));
}

/* May elements be put into a file as `dst` has them? */
static bool
conv_may_put(const struct conv_build *b, const hi5_type *dst)
{
    return b->env->heap_put != NULL && conv_in_file(dst, b->env->off_w);
}

static bool
conv_is_text(const hi5_type *t)
{
    return t->cls == HI5_STRING || (t->cls == HI5_VLEN && t->is_vlen_string);
}

static hi5_status
conv_build_text(struct conv_build *b, const hi5_type *src, const hi5_type *dst,
                struct conv_step *s)
{
    const bool from_heap = src->cls == HI5_VLEN, to_heap = dst->cls == HI5_VLEN;

    if ((from_heap && src->in_memory) || (to_heap && !dst->in_memory && !from_heap)) {
        if (to_heap && !conv_may_put(b, dst))
            return conv_none(b, src, dst, "the destination is not in memory form");
        s->run = to_heap ? conv_put_text : conv_put_fixed;
        return HI5_OK;
    }
    if (from_heap && !conv_in_file(src, b->env->off_w))
        return conv_none(b, src, dst, "the source is not in the form of a file");
    if (to_heap && !dst->in_memory)
        return conv_none(b, src, dst, "the destination is not in memory form");
    if (from_heap)
        s->run = to_heap ? conv_str_vlen : conv_str_from_vlen;
    else
        s->run = to_heap ? conv_str_to_vlen : conv_str_fixed;
    s->owns = to_heap;
    return HI5_OK;
}

static hi5_status
conv_build_vlen(struct conv_build *b, const hi5_type *src, const hi5_type *dst,
                struct conv_step *s)
{
    if (src->is_vlen_string || dst->is_vlen_string)
        return conv_none(b, src, dst, "one is a string, the other a sequence");
    if (src->in_memory && conv_may_put(b, dst)) {
        s->run = conv_put_vlen;
        return conv_build_step(b, src->base, dst->base, &s->child);
    }
    if (!conv_in_file(src, b->env->off_w))
        return conv_none(b, src, dst, "the source is not in the form of a file");
    if (!dst->in_memory)
        return conv_none(b, src, dst, "the destination is not in memory form");
    TRY(conv_build_step(b, src->base, dst->base, &s->child));
    s->run = conv_vlen_run;
    s->owns = true;
    return HI5_OK;
}

static hi5_status
conv_build_reference(struct conv_build *b, const hi5_type *src, const hi5_type *dst,
                     struct conv_step *s)
{
    if (src->in_memory && conv_may_put(b, dst)) {
        s->run = conv_put_ref;
        return HI5_OK;
    }
    if (!dst->in_memory)
        return conv_none(b, src, dst, "the destination is not in memory form");
    if (src->in_memory) {
        s->run = conv_fast_copy;
        s->copy = true;
    } else if (conv_in_file(src, b->env->off_w)) {
        s->run = conv_ref_run;
    } else {
        return conv_none(b, src, dst, "the source is not in the form of a file");
    }
    return HI5_OK;
}

/* ---- any ---- */

static bool
conv_is_number(const hi5_type *t)
{
    return t->cls == HI5_INTEGER || t->cls == HI5_FLOAT;
}

static hi5_status
conv_build_number(struct conv_build *b, const hi5_type *src, const hi5_type *dst,
                  struct conv_step *s)
{
    if (conv_fast_is_swap(src, dst)) {
        conv_fast_choose_swap(s);
        return HI5_OK;
    }
    if (src->cls == HI5_TIME)
        return conv_none(b, src, dst, NULL);
    if (!conv_num_can(src) || !conv_num_can(dst)) /* TYPE-08 */
        return conv_none(b, src, dst, "a number wider than 16 bytes, or an odd layout");
    conv_fast_choose(s);
    return HI5_OK;
}

/* Types of which neither is equal bytes to the other. */
static hi5_status
conv_build_pair(struct conv_build *b, const hi5_type *src, const hi5_type *dst,
                struct conv_step *s)
{
    const hi5_type *from = conv_complex_base(src), *to = conv_complex_base(dst);

    if (from != NULL && to != NULL &&
        (src->cls == HI5_COMPLEX || dst->cls == HI5_COMPLEX))
        return conv_build_repeat(b, from, to, 2, s);
    if (conv_is_text(src) && conv_is_text(dst))
        return conv_build_text(b, src, dst, s);
    if ((conv_is_number(src) && conv_is_number(dst)) ||
        (src->cls == dst->cls && (src->cls == HI5_BITFIELD || src->cls == HI5_TIME)))
        return conv_build_number(b, src, dst, s);
    if (src->cls != dst->cls)
        return conv_none(b, src, dst, NULL);
    switch (src->cls) {
    case HI5_COMPOUND:
        return conv_build_compound(b, src, dst, s);
    case HI5_ENUM:
        return conv_enum_build(b, src, dst, s);
    case HI5_REFERENCE:
        return conv_build_reference(b, src, dst, s);
    case HI5_VLEN:
        return conv_build_vlen(b, src, dst, s);
    case HI5_ARRAY:
        if (type_array_count(src) != type_array_count(dst))
            return conv_none(b, src, dst, "their dimensions differ");
        return conv_build_repeat(b, src->base, dst->base, type_array_count(src), s);
    default:
        return conv_none(b, src, dst, NULL);
    }
}

/* What tells a raw type from all opaque ones: where its tag is. */
static const char conv_raw_tag[] = "as stored";

HI5_INT hi5_type
conv_raw_type(const hi5_type *t)
{
    return (hi5_type){.cls = HI5_OPAQUE, .size = t->size, .committed = ADDR_NONE,
                      .tag = conv_raw_tag};
}

static hi5_status
conv_build_step(struct conv_build *b, const hi5_type *src, const hi5_type *dst,
                const struct conv_step **out)
{
    struct conv_step *s;

    /* TYPE-31, TYPE-36: as a number, an enumeration is its base. */
    if (src->cls == HI5_ENUM && conv_is_number(dst) && src->size == src->base->size)
        return conv_build_step(b, src->base, dst, out);
    if (src->size == 0 || dst->size == 0)
        return conv_none(b, src, dst, "there are no elements of size 0"); /* TYPE-32 */
    s = arena_zalloc(b->arena, 1, sizeof *s);
    if (s == NULL)
        return mem_fail(b->arena->mem, sizeof *s, b->err);
    *s = (struct conv_step){.src = src,
                            .dst = dst,
                            .env = b->env,
                            .src_size = src->size,
                            .dst_size = dst->size};
    *out = s;
    if (!type_same_bytes(src, dst) &&
        !(dst->tag == conv_raw_tag && src->size == dst->size))
        return conv_build_pair(b, src, dst, s);
    s->run = conv_fast_copy; /* TYPE-25: with all its padding */
    s->copy = true;
    return HI5_OK;
}

HI5_INT hi5_status
conv_open(const hi5_type *src, const hi5_type *dst, const struct conv_env *env,
          struct arena *a, const struct conv **out, hi5_error *err)
{
    struct conv *c = arena_zalloc(a, 1, sizeof *c);
    struct conv_build b = {a, NULL, err};

    *out = NULL;
    if (c == NULL)
        return mem_fail(a->mem, sizeof *c, err);
    c->env = *env;
    b.env = &c->env;
    TRY(conv_build_step(&b, src, dst, &c->root));
    *out = c;
    return HI5_OK;
}

HI5_INT bool
conv_is_copy(const struct conv *c)
{
    return c->root->copy;
}

/* ---- what the caller gets to own ---- */

static void conv_free(const hi5_type *memory, struct mem_batch *b, uint8_t *p, size_t ds,
                      size_t n);

/* Free (b not NULL) or only forget `n` strings or sequences that lie ds bytes apart. */
static void
conv_drop(const hi5_type *t, struct mem_batch *b, uint8_t *p, size_t ds, size_t n)
{
    const hi5_vlen none = {0, NULL};
    char *const null = NULL;
    hi5_vlen v;
    char *s;

    if (t->is_vlen_string) {
        for (size_t i = 0; i < n; i++, p += ds) {
            memcpy(&s, p, sizeof s);
            if (b != NULL)
                mem_batch_unbox(b, s);
            memcpy(p, &null, sizeof null);
        }
        return;
    }
    for (size_t i = 0; i < n; i++, p += ds) {
        memcpy(&v, p, sizeof v);
        if (b != NULL && v.p != NULL)
            conv_free(t->base, b, v.p, t->base->size, v.n);
        if (b != NULL)
            mem_batch_unbox(b, v.p);
        memcpy(p, &none, sizeof none);
    }
}

/* Free what `n` elements that lie ds bytes apart own. */
static void
conv_free(const hi5_type *memory, struct mem_batch *b, uint8_t *p, size_t ds, size_t n)
{
    if (!memory->has_vlen)
        return;
    switch (memory->cls) {
    case HI5_VLEN:
        if (memory->in_memory)
            conv_drop(memory, b, p, ds, n);
        break;
    case HI5_ARRAY:
        for (size_t i = 0; i < n; i++)
            conv_free(memory->base, b, p + i * ds, memory->base->size,
                      type_array_count(memory));
        break;
    case HI5_COMPOUND:
        for (uint32_t k = 0; k < memory->members; k++)
            conv_free(memory->member[k].type, b, p + memory->member[k].offset, ds, n);
        break;
    default:
        break;
    }
}

HI5_INT void
conv_reclaim(const hi5_type *memory, struct mem *m, void *buf, size_t n)
{
    struct mem_batch b = {m, 0};

    conv_free(memory, &b, buf, memory->size, n);
    mem_batch_done(&b);
}

/* The same for what a step writes; members that it does not write stay as they are. */
static void
conv_drop_all(const struct conv_step *s, const struct conv_io *io, struct mem_batch *b)
{
    struct conv_io in = *io;

    if (!s->owns)
        return;
    for (size_t k = 0; k < s->parts; k++) {
        in.dst = io->dst + s->part[k].dst_off;
        conv_drop_all(s->part[k].step, &in, b);
    }
    if (s->parts > 0)
        return;
    if (s->dst->cls == HI5_VLEN) {
        conv_drop(s->dst, b, io->dst, io->ds, io->n);
        return;
    }
    in.ds = s->child->dst_size;
    in.n = s->count;
    for (size_t i = 0; i < io->n; i++) {
        in.dst = io->dst + i * io->ds;
        conv_drop_all(s->child, &in, b);
    }
}

HI5_INT hi5_status
conv_run(const struct conv *c, const void *src, void *dst, size_t n, hi5_error *err)
{
    return conv_run_apart(c, src, c->root->src_size, dst, n, err);
}

/* Numbers are converted in a cache, and then copied past it. */
HI5_INT hi5_status
conv_run_stream(const struct conv *c, const void *src, void *dst, size_t n,
                hi5_error *err)
{
    const size_t from = c->root->src_size, to = c->root->dst_size;
    const uint8_t *p = src;
    uint8_t *q = dst, part[CONV_STREAM_PART];
    size_t k;

    if (c->root->path.n == 0 || n * to < CONV_STREAM_LEAST)
        return conv_run(c, src, dst, n, err);
    for (; n > 0; n -= k, p += k * from, q += k * to) {
        k = n < sizeof part / to ? n : sizeof part / to;
        TRY(conv_run(c, p, part, k, err));
        simd_stream(q, part, k * to);
    }
    simd_stream_end();
    return HI5_OK;
}

HI5_INT hi5_status
conv_run_apart(const struct conv *c, const void *src, size_t apart, void *dst, size_t n,
               hi5_error *err)
{
    const struct conv_step *root = c->root;
    const struct conv_io io = {src, apart, dst, root->dst_size, n};
    hi5_status status;

    if (n == 0)
        return HI5_OK;
    conv_drop_all(root, &io, NULL); /* so that all of dst can be reclaimed */
    status = conv_step_run(root, &io, err);
    if (status != HI5_OK && root->owns) {
        struct mem_batch b = {c->env.mem, 0};
        conv_drop_all(root, &io, &b);
        mem_batch_done(&b);
    }
    return status;
}
