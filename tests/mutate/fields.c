/*
 * fields.c - find every field of every structure of a file, and every checksum
 *
 * The validator's walk passes each field through a watch. Bytes of metadata that no
 * field covers (tables that are decoded in bulk) and samples of the data become fields
 * of their own, from the validator's map of the file.
 */
#include "mutate.h"

#include "base/lookup3.h"
#include "base/io.h"
#include "file/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_DATA 24u /* places in one extent of data */

/* Metadata that was decoded from a copy: a cache image. */
struct fields_moved {
    uint64_t from, n, to;
};

struct fields {
    struct cur_watch watch; /* first */
    struct mut_file *f;
    struct fields_moved moved[64];
    size_t nmoved;
    uint64_t entry; /* address of the cache image entry being decoded */
};

static void *
fields_more(void *p, size_t n, size_t *room, size_t each)
{
    if (n < *room)
        return p;
    *room = *room != 0 ? *room * 2 : 1024;
    p = realloc(p, *room * each);
    if (p == NULL)
        exit(2);
    return p;
}

void
mut_field_add(struct mut_file *f, const struct mut_field *field)
{
    f->field = fields_more(f->field, f->nfields, &f->field_room, sizeof *f->field);
    f->field[f->nfields++] = *field;
}

void
mut_sum_add(struct mut_file *f, const struct mut_sum *sum)
{
    f->sum = fields_more(f->sum, f->nsums, &f->sum_room, sizeof *f->sum);
    f->sum[f->nsums++] = *sum;
}

static void
fields_add(struct fields *w, const char *structure, const char *field, uint64_t offset,
           size_t n)
{
    mut_field_add(w->f, &(struct mut_field){.structure = structure, .field = field,
                                            .offset = offset, .n = (uint32_t)n});
}

/* Where in the file an address is; UINT64_MAX: nowhere. */
static uint64_t
fields_place(const struct fields *w, uint64_t addr, size_t n)
{
    for (size_t i = 0; i < w->nmoved; i++)
        if (addr >= w->moved[i].from && addr - w->moved[i].from < w->moved[i].n)
            return addr - w->moved[i].from + w->moved[i].to;
    if (w->f->members)
        return mut_several_place(w->f, addr + w->f->base, n);
    if (addr > w->f->n || w->f->base > w->f->n - addr ||
        n > w->f->n - addr - w->f->base)
        return UINT64_MAX;
    return addr + w->f->base;
}

static void
fields_sum(struct fields *w, const struct cur *c, uint64_t start, size_t at)
{
    struct mut_file *const f = w->f;
    const bool whole = strcmp(c->structure, "FHDB") == 0;
    const size_t end = whole ? c->size : at;

    if (fields_place(w, c->addr + c->start, end - c->start) == start)
        mut_sum_add(f, &(struct mut_sum){.from = start, .to = start + (end - c->start),
                                         .at = start + (at - c->start), .zeroed = whole});
}

static void
fields_watch(struct cur_watch *watch, const struct cur *c, const char *field, size_t at,
             size_t n, uint64_t value)
{
    struct fields *const w = (struct fields *)watch;
    uint64_t start, place;

    if (c->addr == ADDR_NONE || n == 0)
        return;
    if (strcmp(field, "entry address") == 0)
        w->entry = value;
    if (strcmp(field, "entry image") == 0 && w->nmoved < 64)
        w->moved[w->nmoved++] = (struct fields_moved){w->entry, n, c->addr + at};
    place = fields_place(w, c->addr + at, n);
    start = fields_place(w, c->addr + c->start, 1);
    if (place == UINT64_MAX || start == UINT64_MAX)
        return;
    if (n <= 8 && value != 0 && value != cur_raw_uint(w->f->bytes + place, (unsigned)n) &&
        value != UINT64_MAX)
        return; /* it came from elsewhere */
    fields_add(w, c->structure, field, place, n);
    if (strcmp(field, "checksum") == 0 && n == 4)
        fields_sum(w, c, start, at);
}

static bool
fields_finding(struct cur_watch *watch, const struct cur *c, const char *field, size_t at,
               bool fatal, const char *what)
{
    (void)watch, (void)c, (void)field, (void)at, (void)fatal, (void)what;
    return true;
}

/* ---- sorting ---- */

static int
fields_by_kind(const void *a, const void *b)
{
    const struct mut_field *const x = a, *const y = b;
    int order = strcmp(x->structure, y->structure);

    if (order == 0)
        order = strcmp(x->field, y->field);
    if (order == 0)
        order = (x->offset > y->offset) - (x->offset < y->offset);
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

static int
fields_by_size(const void *a, const void *b)
{
    const struct mut_sum *const x = a, *const y = b;
    const uint64_t n = x->to - x->from, m = y->to - y->from;

    if (n != m)
        return n < m ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static int
fields_by_number(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Drop what was decoded twice, and number the kinds. */
static void
fields_settle(struct mut_file *f)
{
    size_t n = 0;

    if (f->nfields == 0)
        return;
    qsort(f->field, f->nfields, sizeof *f->field, fields_by_kind);
    f->kind = calloc(f->nfields + 1, sizeof *f->kind);
    if (f->kind == NULL)
        exit(2);
    for (size_t i = 0; i < f->nfields; i++) {
        if (n != 0 && fields_by_kind(&f->field[n - 1], &f->field[i]) == 0)
            continue;
        if (n == 0 || strcmp(f->field[n - 1].structure, f->field[i].structure) != 0 ||
            strcmp(f->field[n - 1].field, f->field[i].field) != 0)
            f->kind[f->nkinds++] = n;
        f->field[n] = f->field[i];
        f->field[n++].kind = (uint32_t)(f->nkinds - 1);
    }
    f->nfields = n;
    f->kind[f->nkinds] = n;
    if (f->nsums != 0)
        qsort(f->sum, f->nsums, sizeof *f->sum, fields_by_size);
    n = 0;
    for (size_t i = 0; i < f->nsums; i++)
        if (n == 0 || fields_by_size(&f->sum[n - 1], &f->sum[i]) != 0) {
            f->sum[n] = f->sum[i];
            memcpy(f->sum[n].was, f->bytes + f->sum[n].at, 4);
            n++;
        }
    f->nsums = n;
    if (f->naddresses != 0)
        qsort(f->address, f->naddresses, sizeof *f->address, fields_by_number);
}

/* ---- what no field covers ---- */

struct fields_rest {
    struct fields *w;
    uint8_t *covered; /* a byte for each byte of the file */
    size_t room;
};

static void
fields_extent(void *ctx, const hi5_extent *e)
{
    struct fields_rest *const r = ctx;
    struct mut_file *const f = r->w->f;
    uint64_t step = e->size / FIELDS_DATA / 8 * 8;

    const uint64_t from =
        f->members ? mut_several_place(f, e->offset, (size_t)e->size) : e->offset;

    if (from > f->n || e->size > f->n - from)
        return;
    if (e->use == HI5_USE_METADATA && e->offset >= f->base) {
        f->address = fields_more(f->address, f->naddresses, &r->room, sizeof *f->address);
        f->address[f->naddresses++] = e->offset - f->base;
    }
    if (e->use == HI5_USE_DATA)
        for (uint64_t i = 0; i < e->size; i += step >= 8 ? step : 8)
            fields_add(r->w, "data", "(data)", from + i,
                       e->size - i < 8 ? (size_t)(e->size - i) : 8);
    for (uint64_t i = from; e->use == HI5_USE_METADATA && i < from + e->size;) {
        size_t n = 0;

        while (n < 8 && i + n < from + e->size && !r->covered[i + n])
            n++;
        if (n != 0)
            fields_add(r->w, "metadata", "(uncovered)", i, n);
        i += n != 0 ? n : 1;
    }
}

static void
fields_uncovered(struct fields *w, const hi5_open_options *open)
{
    struct mut_file *const f = w->f;
    struct fields_rest r = {w, calloc(f->n + 1, 1), 0};
    hi5_map_totals totals;

    if (r.covered == NULL)
        exit(2);
    for (size_t i = 0; i < f->nfields; i++)
        memset(r.covered + f->field[i].offset, 1, f->field[i].n);
    if (hi5_map(f->path, open, fields_extent, &r, &totals, NULL) != HI5_OK)
        f->naddresses = 0;
    free(r.covered);
}

/* ---- all of it ---- */

static bool
fields_load(struct mut_file *f)
{
    FILE *const in = fopen(f->path, "rb");
    long n = -1;

    if (in != NULL && fseek(in, 0, SEEK_END) == 0)
        n = ftell(in);
    if (n >= 0)
        f->bytes = malloc((size_t)n + 1);
    if (f->bytes != NULL && fseek(in, 0, SEEK_SET) == 0)
        f->n = fread(f->bytes, 1, (size_t)n, in);
    if (in != NULL)
        fclose(in);
    if (f->bytes == NULL || f->n != (size_t)n)
        return false;
    return true;
}

static bool
fields_map(struct mut_file *f, const char *path, const hi5_open_options *open, bool others)
{
    struct fields w = {.watch = {fields_watch, fields_finding}, .f = f};
    hi5_check_result result;
    hi5_error err;
    hi5_file_info info;
    hi5_file *file;
    hi5_io io;

    *f = (struct mut_file){.path = path};
    if (!(fields_load(f) || mut_several_members(f)) || mut_source(f, &io) != HI5_OK) {
        fprintf(stderr, "mutate: cannot read %s\n", path);
        return false;
    }
    if (hi5_open_io(&io, path, open, &file, &err) != HI5_OK)
        return false;
    hi5_file_get_info(file, &info);
    f->base = info.base_address;
    (void)hi5_close(file, NULL);
    if (mut_source(f, &io) != HI5_OK ||
        check_watched(&io, path, open, &w.watch, &result, &err) != HI5_OK) {
        fprintf(stderr, "mutate: %s: %s\n", path, err.message);
        return false;
    }
    f->errors = result.errors;
    fields_uncovered(&w, open);
    if (others && !f->members)
        mut_several_others(f, open);
    if (others)
        mut_several_sizes(f);
    fields_settle(f);
    return f->nfields != 0;
}

bool
mut_map(struct mut_file *f, const char *path, const hi5_open_options *open)
{
    return fields_map(f, path, open, true);
}

bool
mut_map_one(struct mut_file *f, const char *path, const hi5_open_options *open)
{
    return fields_map(f, path, open, false);
}

void
mut_unmap(struct mut_file *f)
{
    free(f->bytes);
    free(f->field);
    free(f->kind);
    free(f->sum);
    free(f->address);
    mut_several_done(f);
    *f = (struct mut_file){0};
}

static bool
fields_in_sum(const struct mut_sum *s, uint64_t at, size_t n)
{
    return at < s->to && at + n > s->from;
}

void
mut_sums_back(struct mut_file *f, uint64_t at, size_t n)
{
    for (size_t i = 0; i < f->nsums; i++)
        if (fields_in_sum(&f->sum[i], at, n))
            memcpy(f->bytes + f->sum[i].at, f->sum[i].was, 4);
}

void
mut_sums(struct mut_file *f, uint64_t at, size_t n)
{
    for (size_t i = 0; i < f->nsums; i++) {
        const struct mut_sum *const s = &f->sum[i];
        uint32_t sum;

        if (!fields_in_sum(s, at, n))
            continue;
        if (s->zeroed)
            memset(f->bytes + s->at, 0, 4);
        sum = lookup3(f->bytes + s->from, (size_t)(s->to - s->from), 0);
        for (unsigned k = 0; k < 4; k++)
            f->bytes[s->at + k] = (uint8_t)(sum >> 8 * k);
    }
}
