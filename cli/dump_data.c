/*
 * dump_data.c - the values of a dataset or an attribute
 *
 * Datasets are read in boxes of at most DUMP_BLOCK bytes, whatever their size. A subset
 * is printed row by row, as h5dump does, each row beginning a line.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

hi5_type *
dump_native(const struct dump *d, const hi5_type *t)
{
    hi5_type *native;
    hi5_error err;

    if (dump_has_time(t))
        return NULL;
    if (hi5_type_native(t, &native, &err) != HI5_OK) {
        dump_trouble(d, "unable to print data", &err);
        return NULL;
    }
    return native;
}

/* What values are read as: in C's types for text, or what -b says. NULL if there is no
 * such type: then nothing is printed. */
static hi5_type *
memory_type(struct dump *d, const hi5_type *t)
{
    hi5_class class = hi5_type_class(t);
    hi5_type *memory = NULL;
    hi5_error err;

    if (d->o.binary == DUMP_FILE) {
        if (hi5_type_memory(t, &memory, &err) != HI5_OK)
            dump_trouble(d, "unable to print data", &err);
        return memory;
    }
    memory = dump_native(d, t);
    if (memory && (d->o.binary == DUMP_LITTLE || d->o.binary == DUMP_BIG) &&
        !((class == HI5_INTEGER || class == HI5_FLOAT || class == HI5_BITFIELD) &&
          hi5_type_size(memory) == hi5_type_size(t))) {
        hi5_type_free(memory);
        memory = NULL;
    }
    return memory;
}

/* Deal with `n` elements that have been read; `comma`: more will come. */
static void
print_elements(struct dump_reader *r, hi5_file *file, const void *values, uint64_t n,
               bool comma)
{
    struct dump_value v = {.d = r->d,
                           .file = file,
                           .indent = r->l->indent,
                           .characters = r->characters,
                           .flat = r->flat};
    const char *p = values;

    if (r->sink) {
        r->sink(r->ctx, values, n);
        return;
    }
    if (r->d->o.binary != DUMP_TEXT && r->d->o.data_out) {
        dump_write_binary(r->d, r->memory, values, n);
        return;
    }
    if (!r->l->out)
        return;
    for (uint64_t i = 0; i < n; i++, p += r->size) {
        cli_str_cut(&v.out, 0);
        dump_value(&v, r->memory, p);
        if (comma || i + 1 < n)
            cli_str_puts(&v.out, r->s->comma);
        dump_element(r->l, r->s, cli_str_text(&v.out));
    }
    cli_str_free(&v.out);
}

/* A buffer for `n` elements, or NULL, reported. */
static void *
value_buffer(const struct dump *d, uint64_t n, size_t size)
{
    hi5_error err;

    if (cli_room(d->current, n, size, &err) == HI5_OK && size)
        return cli_alloc((size_t)n * size);
    dump_trouble(d, "not enough memory for the values", size ? &err : NULL);
    return NULL;
}

bool
dump_read_some(struct dump_reader *r, const hi5_selection *selection)
{
    uint64_t n = selection ? hi5_selection_count(selection) : 1;
    hi5_file *file = hi5_object_file(hi5_dataset_object(r->set));
    hi5_error err;

    if (n == 0)
        return true;
    void *values = value_buffer(r->d, n, r->size);
    if (!values)
        return false;
    bool read = hi5_dataset_read(r->set, selection, r->memory, values, &err) == HI5_OK;
    if (read) {
        print_elements(r, file, values, n, r->comma);
        hi5_reclaim(file, r->memory, (size_t)n, values);
    } else {
        dump_trouble(r->d, "unable to print data", &err);
    }
    free(values);
    return read;
}

/* How many elements a box has; DUMP_MOST + 1 if they are more than that. */
static uint64_t
count_elements(unsigned rank, const uint64_t *count)
{
    uint64_t n = 1;

    for (unsigned i = 0; i < rank; i++)
        if (count[i] == 0)
            return 0;
    for (unsigned i = 0; i < rank; i++) {
        if (count[i] > DUMP_MOST / n)
            return DUMP_MOST + 1;
        n *= count[i];
    }
    return n;
}

/* The largest box that fits into a block, the last dimensions first. */
static uint64_t
choose_strip(unsigned rank, const uint64_t *count, size_t size, uint64_t *strip)
{
    uint64_t bytes = size, n = 1;

    for (unsigned i = rank; i-- > 0;) {
        uint64_t most = DUMP_BLOCK / bytes;
        most = most ? most : 1;
        strip[i] = count[i] < most ? count[i] : most;
        bytes *= strip[i];
        n *= strip[i];
    }
    return n;
}

/* Read and print one strip; `from` counts from the beginning of the box. */
static bool
read_strip(struct dump_reader *r, unsigned rank, const uint64_t *start,
           const uint64_t *from, const uint64_t *strip, bool last, void *values)
{
    uint64_t at[HI5_MAX_RANK], n = 1;
    hi5_file *file = hi5_object_file(hi5_dataset_object(r->set));
    hi5_error err;

    for (unsigned i = 0; i < rank; i++) {
        at[i] = start[i] + from[i];
        n *= strip[i];
    }
    if (hi5_dataset_read_slab(r->set, at, strip, r->memory, values, &err) != HI5_OK) {
        dump_trouble(r->d, "unable to print data", &err);
        return false;
    }
    print_elements(r, file, values, n, r->comma || !last);
    hi5_reclaim(file, r->memory, (size_t)n, values);
    return true;
}

/* Move on to the next strip; false at the end. */
static bool
advance(unsigned rank, const uint64_t *count, const uint64_t *strip, uint64_t *from)
{
    for (unsigned i = rank; i-- > 0;) {
        from[i] += strip[i];
        if (from[i] < count[i])
            return true;
        from[i] = 0;
    }
    return false;
}

bool
dump_read_box(struct dump_reader *r, const uint64_t *start, const uint64_t *count)
{
    unsigned rank = hi5_dataset_shape(r->set)->rank;
    uint64_t strip[HI5_MAX_RANK], now[HI5_MAX_RANK], from[HI5_MAX_RANK] = {0};

    if (rank == 0)
        return dump_read_some(r, NULL);
    uint64_t n = count_elements(rank, count);
    if (n == 0)
        return true;
    if (n > DUMP_MOST) {
        dump_trouble(r->d, "too many values: choose some with -s and -c", NULL);
        return false;
    }

    void *values =
        value_buffer(r->d, choose_strip(rank, count, r->size, strip), r->size);
    if (!values)
        return false;
    bool more = true, read = true;
    while (more && read) {
        uint64_t next[HI5_MAX_RANK];
        for (unsigned i = 0; i < rank; i++)
            now[i] = count[i] - from[i] < strip[i] ? count[i] - from[i] : strip[i];
        memcpy(next, from, sizeof next);
        more = advance(rank, count, strip, next);
        read = read_strip(r, rank, start, from, now, !more, values);
        memcpy(from, next, sizeof from);
    }
    free(values);
    return read;
}

/* -----------------------------------------------------------------------------
 * Subsets
 */

/* Read what a subset selects of one line along the last dimension, in pieces. */
static bool
read_run(struct dump_reader *r, const struct dump_subset *subset, uint64_t *start)
{
    const hi5_shape *shape = hi5_dataset_shape(r->set);
    uint64_t stride[HI5_MAX_RANK], count[HI5_MAX_RANK], block[HI5_MAX_RANK];
    unsigned last = shape->rank - 1;
    uint64_t blocks = subset->count.v[last], length = subset->block.v[last];
    uint64_t most = DUMP_BLOCK / r->size ? DUMP_BLOCK / r->size : 1;
    uint64_t first = start[last];
    bool comma = r->comma, read = true;
    hi5_selection *s;
    hi5_error err;

    for (unsigned i = 0; i <= last; i++)
        stride[i] = count[i] = block[i] = 1;
    stride[last] = subset->stride.v[last];
    if (length == 0 || blocks == 0)
        return true;
    if (hi5_selection_create(shape, &s, &err) != HI5_OK) {
        dump_trouble(r->d, "unable to print data", &err);
        return false;
    }
    for (uint64_t i = 0, within = 0; i < blocks && read;) {
        uint64_t several = within == 0 && length <= most ? most / length : 1;
        count[last] = blocks - i < several ? blocks - i : several;
        block[last] = length - within < most ? length - within : most;
        start[last] = first + i * stride[last] + within;
        within += block[last];
        if (within == length) {
            i += count[last];
            within = 0;
        }
        r->comma = comma || i < blocks;
        if (hi5_selection_hyperslab(s, HI5_SELECT_SET, start, stride, count, block,
                                    &err)) {
            dump_trouble(r->d, "unable to print data", &err);
            read = false;
        } else {
            read = dump_read_some(r, s);
        }
    }
    r->comma = comma;
    start[last] = first;
    hi5_selection_free(s);
    return read;
}

/* The lines of one row: the blocks of the dimensions before it are part of it. */
static bool
read_row(struct dump_reader *r, const struct dump_subset *subset, const uint64_t *start)
{
    const hi5_shape *shape = hi5_dataset_shape(r->set);
    unsigned outer = shape->rank > 2 ? shape->rank - 2 : 0;
    uint64_t at[HI5_MAX_RANK], from[HI5_MAX_RANK] = {0}, one[HI5_MAX_RANK];
    bool comma = r->comma, more = true, read = true;
    uint64_t position = 0;

    for (unsigned i = 0; i < shape->rank; i++) {
        at[i] = start[i];
        one[i] = 1;
        position += start[i] * r->l->weight[i];
    }
    dump_line_seek(r->l, position);
    r->l->fresh = true;
    while (more && read) {
        for (unsigned i = 0; i < outer; i++)
            at[i] = start[i] + from[i];
        more = advance(outer, subset->block.v, one, from);
        r->comma = comma || more;
        read = read_run(r, subset, at);
    }
    r->comma = comma;
    r->l->continued = true;
    return read;
}

static bool
read_subset(struct dump_reader *r, const struct dump_subset *subset)
{
    unsigned rank = hi5_dataset_shape(r->set)->rank;
    unsigned outer = rank > 2 ? rank - 2 : 0, row = rank > 1 ? rank - 2 : 0;
    uint64_t step[HI5_MAX_RANK] = {0}, one[HI5_MAX_RANK], start[HI5_MAX_RANK];
    uint64_t block = subset->block.v[row];
    uint64_t rows = rank > 1 ? subset->count.v[row] * block : 1;

    for (unsigned i = 0; i < rank; i++) {
        one[i] = 1;
        if (subset->count.v[i] == 0 || subset->block.v[i] == 0)
            return true;
    }
    do {
        for (unsigned i = 0; i < rank; i++)
            start[i] = subset->start.v[i] + step[i] * subset->stride.v[i];
        for (uint64_t k = 0; k < rows; k++) {
            if (rank > 1)
                start[row] = subset->start.v[row] + k / block * subset->stride.v[row] +
                             k % block;
            r->comma = k + 1 < rows;
            if (!read_row(r, subset, start))
                return false;
        }
    } while (advance(outer, subset->count.v, one, step));
    return true;
}

static void
subset_list(struct dump *d, struct dump_line *l, const char *what,
            const struct dump_list *list, unsigned rank)
{
    struct cli_str text = {0};

    for (unsigned i = 0; i < rank; i++)
        cli_str_printf(&text, "%s%llu", i ? ", " : "", (unsigned long long)list->v[i]);
    dump_head(d, l, "%s ( %s );", what, cli_str_text(&text));
    cli_str_free(&text);
}

static void
subset_heading(struct dump *d, struct dump_line *l, const struct dump_subset *subset,
               unsigned rank)
{
    dump_head(d, l, "SUBSET {");
    l->indent++;
    subset_list(d, l, "START", &subset->start, rank);
    subset_list(d, l, "STRIDE", &subset->stride, rank);
    subset_list(d, l, "COUNT", &subset->count, rank);
    subset_list(d, l, "BLOCK", &subset->block, rank);
}

/* -----------------------------------------------------------------------------
 * Datasets and attributes
 */

static void
read_dataset(struct dump_reader *r, const struct dump_source *source,
             const struct dump_subset *subset)
{
    static const uint64_t origin[HI5_MAX_RANK];

    r->l->out = r->d->o.data_out;
    if (source->shape->kind == HI5_NULL)
        return;
    if (subset && source->shape->rank > 0)
        read_subset(r, subset);
    else
        dump_read_box(r, origin, source->shape->dims);
}

bool
dump_read_attribute(struct dump_reader *r, const struct dump_source *source)
{
    uint64_t n = hi5_shape_count(source->shape);
    hi5_attribute_info info;
    hi5_error err;

    hi5_attribute_get_info(source->attribute, &info);
    size_t size = hi5_type_size(source->type);
    if (n == 0 || size == 0)
        return true;
    if (n > info.size / size) {
        dump_trouble(r->d, "an attribute has less data than its shape asks for", NULL);
        return false;
    }
    void *values = value_buffer(r->d, n, r->size);
    if (!values)
        return false;
    bool read =
        hi5_attribute_read(source->attribute, r->memory, values, &err) == HI5_OK;
    if (read) {
        print_elements(r, source->file, values, n, false);
        hi5_reclaim(source->file, r->memory, (size_t)n, values);
    } else {
        dump_trouble(r->d, "unable to print data", &err);
    }
    free(values);
    return read;
}

/* All values except references, which print_references does. */
static void
print_values(struct dump *d, const struct dump_line *at,
             const struct dump_source *source, const struct dump_subset *subset)
{
    struct dump_line l = *at;
    struct dump_style style = dump_plain(d);
    bool characters = d->o.characters && hi5_type_class(source->type) == HI5_INTEGER &&
                      hi5_type_size(source->type) == 1;
    struct dump_reader r = {
        .d = d, .l = &l, .s = &style, .set = source->set, .characters = characters};

    style.outdented = d->o.indices;
    style.prefix = d->o.indices ? DUMP_INDEX : DUMP_BARE;
    l.fresh = true;
    if (characters) {
        style.prefix = DUMP_QUOTE;
        l.indent++;
        dump_break(&l, &style, 0, 0);
        style.comma = style.gap = "";
        style.line_end = "\"";
    }
    dump_line_extent(&l, source->shape->rank, source->shape->dims);
    r.memory = memory_type(d, source->type);
    if (r.memory) {
        r.size = hi5_type_size(r.memory);
        dump_line_seek(&l, 0);
        if (source->set) {
            read_dataset(&r, source, subset);
        } else {
            l.out = d->o.attribute_out;
            dump_read_attribute(&r, source);
        }
        hi5_type_free(r.memory);
    }
    if (characters && d->o.out)
        cli_puts(d->o.out, "\"");
}

void
dump_data(struct dump *d, struct dump_line *l, const struct dump_source *source,
          const struct dump_subset *subset)
{
    subset = source->set ? subset : NULL;
    if (subset)
        subset_heading(d, l, subset, source->shape->rank);
    dump_head(d, l, "DATA {");
    if (hi5_type_class(source->type) == HI5_REFERENCE) {
        /* h5dump forgets to go back if they cannot be read. */
        l->indent++;
        if (dump_references(d, l, source, subset))
            l->indent--;
    } else {
        print_values(d, l, source, subset);
    }
    dump_long_head(d, l, "}");
    if (subset) {
        l->indent--;
        dump_long_head(d, l, "}");
    }
}
