/*
 * stat_count.c - counting what is in a file
 *
 * Each object is counted once, in the order in which a walk by name meets it first.
 *
 * SPDX-License-Identifier: MIT
 */
#include "stat.h"

#include <stdlib.h>
#include <string.h>

/* Something still to be looked at; the objects of a group are pushed last first. */
struct job {
    uint64_t address;
};

struct counter {
    struct stat *s;
    hi5_file *file;
    struct job *jobs;
    size_t njobs, jobs_room;
    uint64_t *seen; /* a hash table of addresses, one more than they are */
    size_t nseen, seen_room;
};

/* -----------------------------------------------------------------------------
 * Small tools
 */

/* Number of decimal digits; 0 for 0. */
static unsigned
digits(uint64_t n)
{
    unsigned d = 0;

    for (; n > 0; n /= 10)
        d++;
    return d;
}

static bool
is_new(struct counter *c, uint64_t address)
{
    size_t i;

    if (2 * c->nseen >= c->seen_room) {
        uint64_t *old = c->seen;
        const size_t n = c->seen_room;

        c->seen_room = n ? 2 * n : 64;
        c->seen = cli_alloc(c->seen_room * sizeof *c->seen);
        c->nseen = 0;
        for (size_t k = 0; k < n; k++)
            if (old[k])
                (void)is_new(c, old[k] - 1);
        free(old);
    }
    i = (size_t)(address * 0x9e3779b97f4a7c15u >> 20) & (c->seen_room - 1);
    for (; c->seen[i]; i = (i + 1) & (c->seen_room - 1))
        if (c->seen[i] == address + 1)
            return false;
    c->seen[i] = address + 1;
    c->nseen++;
    return true;
}

static void
failed(struct counter *c, const hi5_error *err)
{
    c->s->failures++;
    cli_fail(NULL, err);
}

/* -----------------------------------------------------------------------------
 * Objects
 */

static void
count_headers(struct stat_headers *h, const hi5_object_storage *u)
{
    h->total += u->header;
    h->unused += u->header_unused;
}

static void
count_attributes(struct stat *s, uint64_t n)
{
    if (n <= s->few_attributes)
        s->small_attributes[n]++;
    if (n > s->max_attributes)
        s->max_attributes = n;
    s->attribute_bins[digits(n)]++;
}

static hi5_status
push_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct counter *c = ctx;

    (void)err;
    if (l->kind == HI5_LINK_SOFT || l->kind == HI5_LINK_EXTERNAL) {
        c->s->links++;
    } else if (l->kind != HI5_LINK_HARD) {
        c->s->others++;
    } else {
        if (c->njobs == c->jobs_room) {
            c->jobs_room = c->jobs_room ? 2 * c->jobs_room : 64;
            c->jobs = cli_resize(c->jobs, c->jobs_room, sizeof *c->jobs);
        }
        c->jobs[c->njobs++] = (struct job){l->address};
    }
    return HI5_OK;
}

static void
count_group(struct counter *c, hi5_object *o)
{
    struct stat *s = c->s;
    hi5_group_info info;
    hi5_group *g;
    hi5_error err;

    s->groups++;
    if (hi5_object_group(o, &g, &err)) {
        failed(c, &err);
        return;
    }
    if (hi5_group_get_info(g, &info, &err)) {
        failed(c, &err);
    } else {
        if (info.links < s->few_links)
            s->small_groups[info.links]++;
        if (info.links > s->max_fanout)
            s->max_fanout = info.links;
        s->group_bins[digits(info.links)]++;
    }
    if (hi5_group_each(g, HI5_BY_NAME, true, push_link, c, &err))
        failed(c, &err);
    hi5_group_close(g);
}

/* For h5stat, all variable-length strings are of one type. */
static bool
same_type(const hi5_type *a, const hi5_type *b)
{
    hi5_type_info x, y;

    hi5_type_get_info(a, &x);
    hi5_type_get_info(b, &y);
    return (x.is_vlen_string && y.is_vlen_string) || hi5_type_equal(a, b);
}

static void
count_type(struct stat *s, const hi5_type *t)
{
    size_t i = 0;
    hi5_error err;

    while (i < s->ntypes && !same_type(s->types[i].type, t))
        i++;
    if (i == s->ntypes) {
        if (s->ntypes == s->types_room) {
            s->types_room = s->types_room ? 2 * s->types_room : 16;
            s->types = cli_resize(s->types, s->types_room, sizeof *s->types);
        }
        s->types[i] = (struct stat_type){.encoded = hi5_type_encoded_size(t)};
        if (hi5_type_copy(t, &s->types[i].type, &err)) {
            cli_fail(NULL, &err);
            return;
        }
        s->ntypes++;
    }
    s->types[i].count++;
    s->types[i].named += hi5_type_committed(t) != HI5_NO_ADDRESS;
}

static void
count_shape(struct stat *s, const hi5_shape *shape)
{
    const unsigned rank = shape->rank;

    if (rank > s->max_rank)
        s->max_rank = rank;
    s->ranks[rank]++;
    if (rank != 1)
        return;
    s->one_dimension++;
    if (shape->dims[0] > s->max_dims)
        s->max_dims = shape->dims[0];
    if (shape->dims[0] < s->few_elements)
        s->small_datasets[shape->dims[0]]++;
    s->dims_bins[digits(shape->dims[0])]++;
}

static void
count_dataset(struct counter *c, hi5_object *o, hi5_object_storage *u)
{
    struct stat *s = c->s;
    hi5_dataset *d;
    hi5_layout l;
    hi5_filter f;
    hi5_error err;

    s->datasets++;
    if (hi5_object_dataset(o, &d, &err)) {
        failed(c, &err);
        return;
    }
    hi5_dataset_get_layout(d, &l);
    s->layouts[(unsigned)l.kind < 4 ? l.kind : 3]++;
    if (l.kind == HI5_CHUNKED && l.index == HI5_INDEX_EXTENSIBLE_ARRAY &&
        u->chunk_index > 0)
        s->uncounted += (uint64_t)STAT_SUPER_BLOCKS * s->info.offset_size;
    if (l.kind == HI5_COMPACT)
        u->header -= u->data; /* which the header has in it */
    s->externals += l.externals;
    if (l.externals) {
        s->external_bytes += u->data;
        u->data = 0;
    }
    count_shape(s, hi5_dataset_shape(d));
    count_type(s, hi5_dataset_type(d));
    s->filters[0] += l.filters == 0;
    for (size_t i = 0; hi5_dataset_filter(d, i, &f); i++)
        s->filters[f.id < STAT_FILTERS - 1 ? f.id : STAT_FILTERS - 1]++;
    hi5_dataset_close(d);
}

static void
add_storage(hi5_object_storage *sum, const hi5_object_storage *u)
{
    sum->link_index += u->link_index;
    sum->link_heap += u->link_heap;
    sum->attribute_index += u->attribute_index;
    sum->attribute_heap += u->attribute_heap;
    sum->chunk_index += u->chunk_index;
    sum->external_heap += u->external_heap;
    sum->data += u->data;
}

static void
count_object(struct counter *c, hi5_object *o)
{
    struct stat *s = c->s;
    hi5_object_info info;
    hi5_object_storage u = {0};
    hi5_error err;

    if (hi5_object_get_storage(o, &u, &err) || hi5_object_get_info(o, &info, &err)) {
        failed(c, &err);
        return;
    }
    if (info.reference_count > s->max_links)
        s->max_links = info.reference_count;
    switch (info.kind) {
    case HI5_KIND_GROUP:
        count_group(c, o);
        count_headers(&s->group_headers, &u);
        break;
    case HI5_KIND_DATASET:
        count_dataset(c, o, &u);
        count_headers(&s->dataset_headers, &u);
        break;
    case HI5_KIND_DATATYPE:
        s->datatypes++;
        count_headers(&s->datatype_headers, &u);
        break;
    default:
        s->others++;
        return;
    }
    count_attributes(s, info.attributes);
    add_storage(&s->sums, &u);
}

/* -----------------------------------------------------------------------------
 * The file
 */

static void
count_section(void *ctx, uint64_t address, uint64_t size)
{
    struct stat *s = ctx;

    (void)address;
    if (size < STAT_SMALL)
        s->small_sections[size]++;
    s->section_bins[digits(size)]++;
}

void
stat_count(struct stat *s, hi5_file *f)
{
    struct counter c = {.s = s, .file = f};
    hi5_error err;

    s->small_groups = cli_alloc(s->few_links * sizeof *s->small_groups);
    s->small_attributes =
        cli_alloc((s->few_attributes + 1) * sizeof *s->small_attributes);
    s->small_datasets = cli_alloc(s->few_elements * sizeof *s->small_datasets);
    hi5_file_get_info(f, &s->info);
    s->file_size = s->info.file_size;
    if (hi5_file_get_storage(f, &s->storage, count_section, s, &err))
        failed(&c, &err);
    (void)push_link(
        &c, &(hi5_link){.kind = HI5_LINK_HARD, .address = s->info.root_address}, &err);
    while (c.njobs > 0) {
        const struct job job = c.jobs[--c.njobs];
        hi5_object *o;

        if (!is_new(&c, job.address))
            continue;
        if (hi5_object_open_address(f, job.address, &o, &err)) {
            failed(&c, &err);
            continue;
        }
        count_object(&c, o);
        hi5_object_close(o);
    }
    free(c.jobs);
    free(c.seen);
}

void
stat_free(struct stat *s)
{
    for (size_t i = 0; i < s->ntypes; i++)
        hi5_type_free(s->types[i].type);
    free(s->types);
    free(s->small_groups);
    free(s->small_attributes);
    free(s->small_datasets);
}
