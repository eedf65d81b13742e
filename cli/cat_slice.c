/*
 * cat_slice.c - NumPy slices, and reading what they select block by block
 *
 * The library parses the slice. It is then taken apart by dimension: that gives the
 * shape of the result, and lets us read it in pieces that are consecutive in it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cat.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((uint64_t)4 << 20)
#define CHUNK_ROW_BYTES ((uint64_t)128 << 20) /* worth it to decode each chunk once */
#define BLOCK_LISTS 4096 /* elements of variable length, whose size is not known */

/* -----------------------------------------------------------------------------
 * Selecting
 */

/* Fail the way the library does. */
static hi5_status
slice_error(hi5_error *err, const char *cause)
{
    *err = (hi5_error){.status = HI5_E_ARG,
                       .address = HI5_NO_ADDRESS,
                       .structure = "",
                       .field = "",
                       .section = ""};
    snprintf(err->cause, sizeof err->cause, "%s", cause);
    snprintf(err->message, sizeof err->message, "%s", cause);
    return HI5_E_ARG;
}

static hi5_status
collect_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    struct cat_dim *d = ctx;

    if (n > (1u << 24) || d->n + n > (1u << 24))
        return slice_error(err, "the list of indexes is too long");
    d->list = cli_resize(d->list, (size_t)(d->n + n), sizeof *d->list);
    for (uint64_t i = 0; i < n; i++)
        d->list[d->n++] = first + i;
    return HI5_OK;
}

/* What one part of a slice selects of a dimension. */
static hi5_status
select_dim(struct cat_dim *d, uint64_t extent, const char *text, hi5_error *err)
{
    hi5_shape shape = {
        .kind = HI5_SIMPLE, .rank = 1, .dims = {extent}, .max = {extent}};
    hi5_selection *s;
    uint64_t start, stride, count, block;
    hi5_status status = hi5_selection_create(&shape, &s, err);

    if (status)
        return status;
    *d = (struct cat_dim){0};
    status = hi5_selection_parse(s, text, &d->dropped, err);
    if (status == HI5_OK && hi5_selection_count(s) > 0) {
        d->n = hi5_selection_count(s);
        if (d->n == extent) {
            d->stride = 1;
        } else if (hi5_selection_get_regular(s, &start, &stride, &count, &block) &&
                   (block == 1 || count == 1 || stride == block)) {
            d->start = start;
            d->stride = block == 1 && count > 1 ? stride : 1;
        } else {
            d->n = 0;
            status = hi5_selection_each_run(s, collect_run, d, err);
        }
    }
    hi5_selection_free(s);
    return status;
}

/* The parts of a slice, between the commas that are not in a list. */
struct slice_parts {
    char *text[HI5_MAX_RANK + 1];
    unsigned n;
    int ellipsis; /* which part is "..."; -1 if none */
};

static void
free_parts(struct slice_parts *p)
{
    for (unsigned i = 0; i < p->n; i++)
        free(p->text[i]);
}

static bool
add_part(struct slice_parts *p, const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    if (p->n == HI5_MAX_RANK + 1)
        return false;
    p->text[p->n] = cli_copy_n(from, (size_t)(to - from));
    if (strcmp(p->text[p->n], "...") == 0)
        p->ellipsis = (int)p->n;
    p->n++;
    return true;
}

static bool
split_slice(struct slice_parts *p, const char *text)
{
    const char *from = text;
    int depth = 0;

    p->n = 0;
    p->ellipsis = -1;
    for (const char *at = text;; at++) {
        depth += *at == '[';
        depth -= *at == ']';
        if (*at != '\0' && !(*at == ',' && depth == 0))
            continue;
        bool blank = strspn(from, " \t") >= (size_t)(at - from);
        if (!(blank && *at == '\0') && !add_part(p, from, at))
            return false;
        if (*at == '\0')
            return true;
        from = at + 1;
    }
}

/* Let the library judge the slice as a whole: its message names the part at fault. */
static hi5_status
check_slice(const struct cat_source *s, const char *slice, hi5_error *err)
{
    hi5_selection *whole;
    hi5_status status = hi5_selection_create(&s->shape, &whole, err);

    if (status)
        return status;
    status = hi5_selection_parse(whole, slice, NULL, err);
    hi5_selection_free(whole);
    return status;
}

/* The part that dimension `i` of `rank` is selected by. "..." stands for as many ":" as
 * are missing, and without it they are missing at the end. */
static const char *
part_of(const struct slice_parts *p, unsigned given, unsigned rank, unsigned i)
{
    unsigned before = p->ellipsis >= 0 ? (unsigned)p->ellipsis : given;

    if (i < before)
        return p->text[i];
    return i < rank - (given - before) ? ":" : p->text[i - (rank - given) + 1];
}

static hi5_status
select_dims(struct cat_source *s, const struct slice_parts *p, hi5_error *err)
{
    unsigned rank = s->shape.rank, given = p->n - (p->ellipsis >= 0 ? 1 : 0);

    if (given > rank)
        return slice_error(err,
                           "the slice has more parts than the shape has dimensions");
    for (unsigned i = 0; i < rank; i++) {
        hi5_status status =
            select_dim(&s->dims[i], s->shape.dims[i], part_of(p, given, rank, i), err);
        if (status)
            return status;
    }
    return HI5_OK;
}

hi5_status
cat_select(struct cat_source *s, const char *slice, hi5_error *err)
{
    struct slice_parts parts = {{NULL}, 0, -1};
    hi5_status status = HI5_OK;

    if (slice && strcmp(slice, "()") == 0)
        slice = NULL;
    if (slice && s->shape.kind == HI5_NULL)
        return slice_error(err, "it has no elements to select");
    if (slice && s->shape.rank > 0) {
        status = check_slice(s, slice, err);
        if (status)
            return status;
    }
    if (slice && !split_slice(&parts, slice))
        status = slice_error(err, "the slice has too many parts");
    else
        status = select_dims(s, &parts, err);
    free_parts(&parts);
    if (status)
        return status;

    s->all = true;
    s->total = s->shape.kind == HI5_NULL ? 0 : 1;
    s->rank = 0;
    for (unsigned i = 0; i < s->shape.rank; i++) {
        const struct cat_dim *d = &s->dims[i];
        if (d->n != s->shape.dims[i])
            s->all = false;
        if (d->n && s->total > UINT64_MAX / d->n)
            return slice_error(err, "too many elements to count");
        s->total *= d->n;
        if (!d->dropped)
            s->shape_out[s->rank++] = d->n;
    }
    return HI5_OK;
}

void
cat_select_free(struct cat_source *s)
{
    for (unsigned i = 0; i < s->shape.rank; i++)
        free(s->dims[i].list);
}

/* -----------------------------------------------------------------------------
 * Reading
 */

static uint64_t
dim_index(const struct cat_dim *d, uint64_t i)
{
    return d->list ? d->list[i] : d->start + i * d->stride;
}

/* A piece of the result: one index in each dimension before `split`, `count` indexes in
 * that one, and all in the ones behind. */
struct piece {
    unsigned split;
    uint64_t index[HI5_MAX_RANK], count;
};

/* How indexes [from, from + n) of a dimension begin: as many as one hyperslab holds. */
static uint64_t
regular_run(const struct cat_dim *d, uint64_t from, uint64_t n)
{
    uint64_t k = 1;

    if (!d->list)
        return n;
    while (k < n && d->list[from + k] == d->list[from] + k)
        k++;
    return k;
}

/* Add all hyperslabs of a piece to the selection: one, unless dimensions are given as
 * lists; then one for each combination of their runs. */
static hi5_status
select_piece(const struct cat_source *s, const struct piece *p, hi5_selection *sel,
             hi5_error *err)
{
    unsigned rank = s->shape.rank;
    uint64_t from[HI5_MAX_RANK], end[HI5_MAX_RANK], start[HI5_MAX_RANK],
        stride[HI5_MAX_RANK], count[HI5_MAX_RANK];
    hi5_select_op op = HI5_SELECT_SET;

    for (unsigned i = 0; i < rank; i++) {
        from[i] = i <= p->split ? p->index[i] : 0;
        end[i] = i < p->split    ? from[i] + 1
                 : i == p->split ? from[i] + p->count
                                 : s->dims[i].n;
    }
    uint64_t at[HI5_MAX_RANK];
    memcpy(at, from, sizeof at);
    for (;;) {
        for (unsigned i = 0; i < rank; i++) {
            const struct cat_dim *d = &s->dims[i];
            count[i] = regular_run(d, at[i], end[i] - at[i]);
            start[i] = dim_index(d, at[i]);
            stride[i] = d->list || d->stride == 0 ? 1 : d->stride;
        }
        hi5_status status =
            hi5_selection_hyperslab(sel, op, start, stride, count, NULL, err);
        if (status)
            return status;
        op = HI5_SELECT_OR;
        unsigned i = rank;
        while (i > 0) {
            i--;
            at[i] += count[i];
            if (at[i] < end[i])
                break;
            at[i] = from[i];
            if (i == 0)
                return HI5_OK;
        }
    }
}

static uint64_t
product(const struct cat_source *s, unsigned first)
{
    uint64_t n = 1;

    for (unsigned i = first; i < s->shape.rank; i++)
        n *= s->dims[i].n;
    return n;
}

/* Where to cut, so that a piece has about `most` elements. Chunks that would be decoded
 * again for each piece are reason enough to make it larger. */
static void
plan(const struct cat_source *s, uint64_t most, struct piece *p)
{
    uint64_t row;
    hi5_layout l;

    p->split = 0;
    while (p->split + 1 < s->shape.rank && product(s, p->split + 1) > most)
        p->split++;
    row = product(s, p->split + 1);
    p->count = most / row ? most / row : 1;
    if (s->dataset) {
        hi5_dataset_get_layout(s->dataset, &l);
        uint64_t size = hi5_type_size(s->memory);
        if (l.kind == HI5_CHUNKED && p->split < l.rank &&
            l.chunk[p->split] > p->count &&
            row <= CHUNK_ROW_BYTES / size / l.chunk[p->split])
            p->count = l.chunk[p->split];
        else if (l.kind == HI5_CHUNKED && p->split < l.rank && l.chunk[p->split])
            p->count -= p->count > l.chunk[p->split] ? p->count % l.chunk[p->split] : 0;
    }
}

static uint64_t
piece_count(const struct cat_source *s, const struct piece *p)
{
    return p->count * product(s, p->split + 1);
}

static hi5_status
read_pieces(struct cat_source *s, struct piece *p, hi5_selection *sel, void *buf,
            cat_block_fn fn, void *ctx, hi5_error *err)
{
    uint64_t step = p->count;

    for (;;) {
        const struct cat_dim *d = &s->dims[p->split];
        uint64_t left = d->n - p->index[p->split];

        p->count = left < step ? left : step;
        hi5_status status = select_piece(s, p, sel, err);
        if (status == HI5_OK)
            status = hi5_dataset_read(s->dataset, sel, s->memory, buf, err);
        if (status)
            return status;
        uint64_t n = piece_count(s, p);
        fn(ctx, buf, n);
        hi5_reclaim(s->file, s->memory, (size_t)n, buf);

        p->index[p->split] += p->count;
        unsigned i = p->split;
        while (p->index[i] >= s->dims[i].n) {
            if (i == 0)
                return HI5_OK;
            p->index[i] = 0;
            p->index[--i]++;
        }
    }
}

static hi5_status
read_dataset(struct cat_source *s, cat_block_fn fn, void *ctx, hi5_error *err)
{
    uint64_t size = hi5_type_size(s->memory), most = BLOCK_BYTES / (size ? size : 1);
    struct piece p = {0};
    hi5_selection *sel;
    hi5_status status;

    if (hi5_type_has_vlen(s->memory))
        most = BLOCK_LISTS;
    if (most == 0)
        most = 1;
    status = cli_room(s->file, 1, size, err);
    if (status)
        return status;
    if (s->shape.rank == 0) {
        void *one = cli_alloc((size_t)size);
        status = hi5_dataset_read(s->dataset, NULL, s->memory, one, err);
        if (status == HI5_OK) {
            fn(ctx, one, 1);
            hi5_reclaim(s->file, s->memory, 1, one);
        }
        free(one);
        return status;
    }
    plan(s, most, &p);
    if (p.count > s->dims[p.split].n)
        p.count = s->dims[p.split].n;
    status = hi5_selection_create(&s->shape, &sel, err);
    if (status)
        return status;
    void *buf = cli_resize(NULL, (size_t)piece_count(s, &p), (size_t)size);
    status = read_pieces(s, &p, sel, buf, fn, ctx, err);
    free(buf);
    hi5_selection_free(sel);
    return status;
}

/* Attributes are small: read whole, then pick. */
static hi5_status
read_attribute(struct cat_source *s, cat_block_fn fn, void *ctx, hi5_error *err)
{
    size_t size = hi5_type_size(s->memory);
    uint64_t n = hi5_shape_count(&s->shape), index[HI5_MAX_RANK] = {0};
    hi5_status status = cli_room(s->file, n, size, err);

    if (status)
        return status;
    char *all = cli_resize(NULL, (size_t)n, size);
    status = hi5_attribute_read(s->attribute, s->memory, all, err);
    if (status) {
        free(all);
        return status;
    }
    if (s->all) {
        fn(ctx, all, n);
    } else {
        for (uint64_t k = 0; k < s->total; k++) {
            uint64_t at = 0;
            for (unsigned i = 0; i < s->shape.rank; i++)
                at = at * s->shape.dims[i] + dim_index(&s->dims[i], index[i]);
            fn(ctx, all + at * size, 1);
            for (unsigned i = s->shape.rank; i-- > 0;) {
                if (++index[i] < s->dims[i].n)
                    break;
                index[i] = 0;
            }
        }
    }
    hi5_reclaim(s->file, s->memory, (size_t)n, all);
    free(all);
    return HI5_OK;
}

hi5_status
cat_each_block(struct cat_source *s, cat_block_fn fn, void *ctx, hi5_error *err)
{
    if (s->total == 0)
        return HI5_OK;
    return s->dataset ? read_dataset(s, fn, ctx, err) : read_attribute(s, fn, ctx, err);
}
