/*
 * ls_data.c - the values of datasets and attributes, for `hi5 ls --data`
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"
#include "ls_data.h"

#include <stdlib.h>

#define NO_DATA "        Unable to print data."
#define BLOCK_BYTES ((uint64_t)4 << 20)

/* `n` elements; `more` will follow. */
static void
put_elements(struct ls_writer *w, const char *values, uint64_t n, bool more)
{
    if (w->value->kind == VALUE_REFERENCE && !w->ls->hexdump) {
        ls_references(w, values, n);
        return;
    }
    for (uint64_t i = 0; i < n; i++) {
        cli_str_cut(&w->text, 0);
        ls_put_value(w, w->value, values + i * w->value->size);
        if (more || i + 1 < n)
            cli_str_puts(&w->text, w->lines.comma);
        if (w->text.n > 0)
            ls_put(&w->lines, w->text.p);
    }
}

/* -----------------------------------------------------------------------------
 * Datasets and attributes
 */

/* How lines look. h5ls indents by a level less than it counts, and does neither on the
 * first level. */
static void
begin(struct ls_writer *w, struct ls *ls, const hi5_type *type, unsigned level)
{
    hi5_type_info info;
    bool attribute = level > 1;

    hi5_type_get_info(type, &info);
    *w = (struct ls_writer){.ls = ls, .level = level, .indent = level};
    w->characters =
        ls->string && !ls->hexdump && info.cls == HI5_INTEGER && info.size == 1;
    w->lines = (struct ls_lines){
        .margin = 3 * (level - 1),
        .uncounted = level > 1 ? 3 * level : 0,
        .first = ls->simple ? 8 : 9,
        .next = ls->simple ? (attribute ? 8 : 9) : (attribute ? 10 : 9),
        .quote = w->characters ? "\"" : "",
        .comma = w->characters ? ""
                 : ls->simple  ? " "
                               : ",",
        .gap = w->characters ? "" : " ",
        .width = ls->simple || ls->no_wrap ? 65535 : ls->width,
        .per_line = ls->simple || ls->no_wrap ? 1 : 0,
        .whole = !ls->simple,
        .fresh = true,
    };
}

static void
heading(struct ls *ls, unsigned indent)
{
    cli_str_fill(&ls->out, ' ', indent);
    cli_str_puts(&ls->out, "Data:\n");
    ls_flush(ls);
}

static void
end_nested(struct ls_writer *w)
{
    value_free(w->value);
    cli_str_free(&w->text);
}

static void
end(struct ls_writer *w, const hi5_type *type)
{
    end_nested(w);
    cli_puts(stdout, hi5_type_class(type) == HI5_REFERENCE ? "\n\n" : "\n");
}

/* The type to read in: the machine's own numbers, or the bytes of the file. NULL, and
 * no failure, for times, which libhdf5 has no native type for: h5ls prints nothing. */
static hi5_status
memory_type(const struct ls *ls, const hi5_type *type, hi5_type **memory,
            hi5_error *err)
{
    *memory = NULL;
    if (!ls->hexdump && dump_has_time(type))
        return HI5_OK;
    return ls->hexdump ? hi5_type_memory(type, memory, err)
                       : hi5_type_native(type, memory, err);
}

/* Boxes of consecutive elements: as many rows of the dimension cut at as fit. */
struct boxes {
    unsigned rank, cut;
    uint64_t start[HI5_MAX_RANK], count[HI5_MAX_RANK];
    const uint64_t *dims;
};

static uint64_t
box_size(const struct boxes *b)
{
    uint64_t n = 1;

    for (unsigned i = 0; i < b->rank; i++)
        n *= b->count[i];
    return n;
}

static void
first_box(struct boxes *b, const hi5_shape *shape, uint64_t most)
{
    uint64_t n = 1;

    *b = (struct boxes){.rank = shape->rank, .dims = shape->dims};
    for (unsigned i = shape->rank; i-- > 0;) {
        uint64_t room = most / n ? most / n : 1;
        b->count[i] = shape->dims[i] < room ? shape->dims[i] : room;
        if (b->count[i] < shape->dims[i] && b->cut < i)
            b->cut = i;
        n *= b->count[i];
    }
    /* Before the cut: one index at a time. */
    for (unsigned i = 0; i < b->cut; i++)
        b->count[i] = 1;
}

static bool
next_box(struct boxes *b, uint64_t step)
{
    unsigned i = b->cut;

    if (b->rank == 0)
        return false;
    b->start[i] += b->count[i];
    while (b->start[i] >= b->dims[i]) {
        if (i == 0)
            return false;
        b->start[i] = 0;
        b->start[--i]++;
    }
    uint64_t left = b->dims[b->cut] - b->start[b->cut];
    b->count[b->cut] = left < step ? left : step;
    return true;
}

static hi5_status
print_boxes(struct ls_writer *w, hi5_dataset *d, const hi5_type *memory, hi5_error *err)
{
    const hi5_shape *shape = hi5_dataset_shape(d);
    size_t size = hi5_type_size(memory);
    uint64_t left = hi5_shape_count(shape), most = BLOCK_BYTES / (size ? size : 1);
    struct boxes b;
    hi5_status status;

    if (left == 0)
        return HI5_OK;
    status = cli_room(w->file, 1, size, err);
    if (status)
        return status;
    first_box(&b, shape, most ? most : 1);
    uint64_t step = b.count[b.cut];
    char *values = cli_resize(NULL, (size_t)box_size(&b), size);
    do {
        uint64_t n = box_size(&b);
        status = b.rank
                     ? hi5_dataset_read_slab(d, b.start, b.count, memory, values, err)
                     : hi5_dataset_read(d, NULL, memory, values, err);
        if (status)
            break;
        left -= n;
        put_elements(w, values, n, left > 0);
        hi5_reclaim(w->file, memory, (size_t)n, values);
    } while (next_box(&b, step));
    free(values);
    return status;
}

static void
unable(struct ls_writer *w, const hi5_error *err)
{
    ls_put(&w->lines, NO_DATA);
    cli_fail(*err->path ? NULL : w->ls->file_name, err);
}

static void
print_dataset(struct ls_writer *w, hi5_dataset *d)
{
    hi5_type *memory;
    hi5_error err;

    w->file = hi5_object_file(hi5_dataset_object(d));
    if (memory_type(w->ls, hi5_dataset_type(d), &memory, &err)) {
        unable(w, &err);
        return;
    }
    if (!memory)
        return;
    w->value = value_compile(memory);
    if (print_boxes(w, d, memory, &err))
        unable(w, &err);
    hi5_type_free(memory);
}

void
ls_dataset_values(struct ls *ls, hi5_dataset *d)
{
    struct ls_writer w;

    heading(ls, 4);
    begin(&w, ls, hi5_dataset_type(d), 1);
    print_dataset(&w, d);
    end(&w, hi5_dataset_type(d));
}

void
ls_nested_values(const struct ls_writer *outer, hi5_dataset *d)
{
    struct ls_writer w;

    begin(&w, outer->ls, hi5_dataset_type(d), outer->level);
    w.depth = outer->depth;
    w.lines.next = outer->lines.next;
    w.lines.margin = w.lines.uncounted = 3 * outer->level;
    w.lines.column = 1; /* a line is still to be ended */
    print_dataset(&w, d);
    end_nested(&w);
}

static hi5_status
print_attribute(struct ls_writer *w, hi5_attribute *a, const hi5_attribute_info *info,
                const hi5_type *memory, hi5_error *err)
{
    uint64_t n = hi5_shape_count(&info->shape);
    size_t size = hi5_type_size(memory);
    hi5_status status;

    /* h5ls does not take a null dataspace for one without elements. */
    if (info->shape.kind == HI5_NULL && w->value->kind != VALUE_REFERENCE)
        ls_put(&w->lines, NO_DATA);
    if (n == 0)
        return HI5_OK;
    status = cli_room(w->file, n, size, err);
    if (status)
        return status;
    char *values = cli_resize(NULL, (size_t)n, size);
    status = hi5_attribute_read(a, memory, values, err);
    if (status == HI5_OK) {
        put_elements(w, values, n, false);
        hi5_reclaim(w->file, memory, (size_t)n, values);
    }
    free(values);
    return status;
}

void
ls_attribute_values(struct ls *ls, hi5_object *o, hi5_attribute *a)
{
    struct ls_writer w;
    hi5_attribute_info info;
    hi5_type *memory;
    hi5_error err;

    hi5_attribute_get_info(a, &info);
    heading(ls, 8);
    begin(&w, ls, info.type, 3);
    w.file = hi5_object_file(o);
    if (memory_type(ls, info.type, &memory, &err)) {
        unable(&w, &err);
    } else if (memory) {
        w.value = value_compile(memory);
        if (print_attribute(&w, a, &info, memory, &err))
            unable(&w, &err);
        hi5_type_free(memory);
    }
    end(&w, info.type);
}
