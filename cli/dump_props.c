/*
 * dump_props.c - what -p, -B and -i print: how things are stored
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

/* Filters that h5dump knows by name. */
enum {
    FILTER_DEFLATE = 1,
    FILTER_SHUFFLE = 2,
    FILTER_FLETCHER32 = 3,
    FILTER_SZIP = 4,
    FILTER_NBIT = 5,
    FILTER_SCALEOFFSET = 6,
    FILTER_RESERVED = 256
};

/* Bits of szip's first parameter. */
enum {
    SZIP_K13 = 1,
    SZIP_CHIP = 2,
    SZIP_ENTROPY = 4,
    SZIP_LSB = 8,
    SZIP_MSB = 16,
    SZIP_NEAREST = 32,
    SZIP_RAW = 128
};

void
dump_superblock(struct dump *d)
{
    static const char *const strategies[] = {"FSM_AGGR", "PAGE", "AGGR", "NONE"};
    hi5_file_info f;

    if (!d->o.out)
        return;
    hi5_file_get_info(d->file, &f);
    cli_printf(d->o.out, "\nSUPER_BLOCK {\n   SUPERBLOCK_VERSION %u\n",
               f.superblock_version);
    cli_puts(d->o.out, "   FREELIST_VERSION 0\n   SYMBOLTABLE_VERSION 0\n"
                       "   OBJECTHEADER_VERSION 0\n");
    cli_printf(d->o.out, "   OFFSET_SIZE %u\n   LENGTH_SIZE %u\n", f.offset_size,
               f.length_size);
    cli_printf(d->o.out, "   BTREE_RANK %u\n   BTREE_LEAF %u\n   ISTORE_K %u\n",
               f.group_internal_k, f.group_leaf_k, f.chunk_k);
    if (f.fspace_strategy < sizeof strategies / sizeof *strategies)
        cli_printf(d->o.out, "   FILE_SPACE_STRATEGY H5F_FSPACE_STRATEGY_%s\n",
                   strategies[f.fspace_strategy]);
    else
        cli_puts(d->o.out, "   FILE_SPACE_STRATEGY Unknown strategy\n");
    cli_printf(d->o.out, "   FREE_SPACE_PERSIST %s\n",
               f.fspace_persist ? "TRUE" : "FALSE");
    cli_printf(d->o.out, "   FREE_SPACE_SECTION_THRESHOLD %llu\n",
               (unsigned long long)f.fspace_threshold);
    cli_printf(d->o.out, "   FILE_SPACE_PAGE_SIZE %llu\n",
               (unsigned long long)f.fspace_page_size);
    cli_printf(d->o.out, "   USER_BLOCK {\n      USERBLOCK_SIZE %llu\n   }\n}",
               (unsigned long long)f.userblock_size);
}

void
dump_object_id(struct dump *d, struct dump_line *l, uint64_t address)
{
    /* h5dump prints a number of its own; the address says at least where it is. */
    dump_head(d, l, "OBJECTID { %llu }", (unsigned long long)address);
}

/* -----------------------------------------------------------------------------
 * Selections of virtual datasets
 */

static void
put_tuple(struct cli_str *text, unsigned rank, const uint64_t *v)
{
    for (unsigned i = 0; i < rank; i++) {
        cli_str_putc(text, i ? ',' : '(');
        if (v[i] == HI5_UNLIMITED)
            cli_str_puts(text, "H5S_UNLIMITED");
        else
            cli_str_printf(text, "%llu", (unsigned long long)v[i]);
    }
    cli_str_putc(text, ')');
}

static void
put_slab(struct cli_str *text, const struct dump_line *l, const hi5_selection *s)
{
    static const char *const names[] = {"   START ", "STRIDE ", "COUNT ", "BLOCK "};
    uint64_t v[4][HI5_MAX_RANK];

    if (!hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]))
        return;
    for (int i = 0; i < 4; i++) {
        if (i > 0) {
            cli_str_putc(text, '\n');
            cli_str_fill(text, ' ', (size_t)l->indent * DUMP_STEP);
        }
        cli_str_puts(text, names[i]);
        put_tuple(text, hi5_selection_rank(s), v[i]);
    }
}

struct block_list {
    struct cli_str *text;
    unsigned rank;
    bool any;
};

static hi5_status
put_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    struct block_list *list = ctx;

    (void)err;
    if (list->any)
        cli_str_puts(list->text, ",\001 ");
    list->any = true;
    put_tuple(list->text, list->rank, low);
    cli_str_putc(list->text, '-');
    put_tuple(list->text, list->rank, high);
    return HI5_OK;
}

void
dump_put_blocks(const struct dump *d, struct cli_str *text, const hi5_selection *s)
{
    struct block_list list = {.text = text, .rank = hi5_selection_rank(s)};
    hi5_error err;

    if (hi5_selection_blocks(s) > DUMP_LIST)
        dump_trouble(d, "a selection has too many blocks to list", NULL);
    else if (hi5_selection_each_block(s, put_block, &list, &err) != HI5_OK)
        dump_trouble(d, "a selection is not listed", &err);
}

void
dump_put_points(struct cli_str *text, const hi5_selection *s)
{
    uint64_t point[HI5_MAX_RANK];

    for (uint64_t i = 0; hi5_selection_point(s, i, point); i++) {
        if (i > 0)
            cli_str_puts(text, ",\001 ");
        put_tuple(text, hi5_selection_rank(s), point);
    }
}

static void
put_hyperslabs(struct dump *d, struct dump_line *l, const hi5_selection *s)
{
    struct dump_style plain = dump_plain(d);
    struct cli_str text = {0};

    if (hi5_selection_is_regular(s)) {
        dump_head(d, l, "SELECTION REGULAR_HYPERSLAB { ");
        put_slab(&text, l, s);
    } else {
        dump_head(d, l, "SELECTION IRREGULAR_HYPERSLAB { ");
        l->indent++;
        l->fresh = true;
        dump_break(l, &plain, 0, 0);
        dump_put_blocks(d, &text, s);
        l->indent--;
    }
    dump_more(d, l, cli_str_text(&text));
    cli_str_free(&text);
    dump_head(d, l, "}");
}

static void
put_selection(struct dump *d, struct dump_line *l, const hi5_selection *s)
{
    struct cli_str text = {0};

    switch (hi5_selection_get_kind(s)) {
    case HI5_SELECTION_NONE:
        dump_head(d, l, "SELECTION NONE");
        break;
    case HI5_SELECTION_ALL:
        dump_head(d, l, "SELECTION ALL");
        break;
    case HI5_SELECTION_POINTS:
        cli_str_puts(&text, "POINT { ");
        dump_put_points(&text, s);
        cli_str_puts(&text, " }");
        dump_more(d, l, cli_str_text(&text));
        cli_str_free(&text);
        break;
    case HI5_SELECTION_HYPERSLABS:
        put_hyperslabs(d, l, s);
        break;
    }
}

static void
put_mappings(struct dump *d, struct dump_line *l, const hi5_dataset *set)
{
    hi5_mapping m;

    for (size_t i = 0; hi5_dataset_mapping(set, i, &m); i++) {
        dump_head(d, l, "MAPPING %zu { ", i);
        l->indent++;
        dump_head(d, l, "VIRTUAL {");
        l->indent++;
        put_selection(d, l, m.virt);
        l->indent--;
        dump_head(d, l, "}");
        dump_head(d, l, "SOURCE {");
        l->indent++;
        dump_head(d, l, "FILE \"%s\"", m.file);
        dump_head(d, l, "DATASET \"%s\"", m.dataset);
        put_selection(d, l, m.source);
        l->indent--;
        dump_head(d, l, "}");
        l->indent--;
        dump_head(d, l, "}");
    }
}

/* -----------------------------------------------------------------------------
 * Storage layout
 */

/* The bytes that an element takes in memory, by which h5dump reckons the compression:
 * variable-length data is a pointer, or a length and a pointer, wherever it occurs. */
static uint64_t
size_in_memory(const hi5_type *t)
{
    hi5_type_info info;
    hi5_member m;
    uint64_t size, stored;

    hi5_type_get_info(t, &info);
    size = info.size;
    switch (info.cls) {
    case HI5_VLEN:
        return info.is_vlen_string ? 8 : 16;
    case HI5_REFERENCE:
        return info.ref_kind == HI5_REF_OBJECT || info.ref_kind == HI5_REF_REGION ? size
                                                                                  : 64;
    case HI5_ARRAY:
        stored = hi5_type_size(info.base);
        return stored ? size / stored * size_in_memory(info.base) : 0;
    case HI5_COMPOUND:
        for (unsigned i = 0; hi5_type_member(t, i, &m); i++)
            size += size_in_memory(m.type) - hi5_type_size(m.type);
        return size;
    default:
        return size;
    }
}

static void
put_chunks(struct dump *d, struct dump_line *l, hi5_dataset *set,
           const hi5_layout *layout, uint64_t stored)
{
    const hi5_shape *shape = hi5_dataset_shape(set);
    struct cli_str text = {0};

    cli_str_puts(&text, "CHUNKED ( ");
    for (unsigned i = 0; i < layout->rank; i++)
        cli_str_printf(&text, "%s%llu", i ? ", " : "",
                       (unsigned long long)layout->chunk[i]);
    cli_str_puts(&text, " )");
    dump_head(d, l, "%s", cli_str_text(&text));
    cli_str_free(&text);

    if (layout->filters > 0 && shape->rank > 0) {
        uint64_t bytes = size_in_memory(hi5_dataset_type(set));
        for (unsigned i = 0; i < shape->rank; i++)
            bytes *= shape->dims[i];
        dump_head(d, l, "SIZE %llu (%.3f:1 COMPRESSION)", (unsigned long long)stored,
                  stored ? (double)bytes / (double)stored : 0.0);
    } else {
        dump_head(d, l, "SIZE %llu", (unsigned long long)stored);
    }
}

static void
put_externals(struct dump *d, struct dump_line *l, const hi5_dataset *set)
{
    const char *name;
    uint64_t offset, size;

    dump_head(d, l, "CONTIGUOUS");
    dump_head(d, l, "EXTERNAL {");
    l->indent++;
    for (size_t i = 0; hi5_dataset_external(set, i, &name, &offset, &size); i++)
        dump_head(d, l, "FILENAME %s SIZE %llu OFFSET %lld", name,
                  (unsigned long long)size, (long long)offset);
    l->indent--;
    dump_head(d, l, "}");
}

static void
put_contiguous(struct dump *d, struct dump_line *l, const hi5_layout *layout,
               uint64_t stored)
{
    hi5_file_info f;

    hi5_file_get_info(d->current, &f);
    dump_head(d, l, "CONTIGUOUS");
    dump_head(d, l, "SIZE %llu", (unsigned long long)stored);
    if (layout->address == HI5_NO_ADDRESS)
        dump_head(d, l, "OFFSET HADDR_UNDEF");
    else
        dump_head(d, l, "OFFSET %llu",
                  (unsigned long long)(layout->address + f.base_address));
}

static void
put_layout(struct dump *d, struct dump_line *l, hi5_dataset *set,
           const hi5_layout *layout)
{
    uint64_t stored = 0;
    hi5_error err;

    if (hi5_dataset_storage(set, &stored, &err) != HI5_OK)
        dump_trouble(d, "unable to tell the storage size", &err);
    dump_head(d, l, "STORAGE_LAYOUT {");
    l->indent++;
    switch (layout->kind) {
    case HI5_COMPACT:
        dump_head(d, l, "COMPACT");
        dump_head(d, l, "SIZE %llu", (unsigned long long)stored);
        break;
    case HI5_CONTIGUOUS:
        if (layout->externals > 0)
            put_externals(d, l, set);
        else
            put_contiguous(d, l, layout, stored);
        break;
    case HI5_CHUNKED:
        put_chunks(d, l, set, layout, stored);
        break;
    case HI5_VIRTUAL:
        put_mappings(d, l, set);
        break;
    }
    l->indent--;
    dump_head(d, l, "}");
}

/* -----------------------------------------------------------------------------
 * Filters
 */

static void
put_szip(struct dump *d, struct dump_line *l, const hi5_filter *f)
{
    unsigned options = f->nvalues > 0 ? f->values[0] : 0;

    dump_head(d, l, "COMPRESSION SZIP {");
    l->indent++;
    dump_head(d, l, "PIXELS_PER_BLOCK %d", f->nvalues > 1 ? (int)f->values[1] : 0);
    dump_head(d, l, "%s",
              options & SZIP_CHIP  ? "MODE HARDWARE"
              : options & SZIP_K13 ? "MODE K13"
                                   : "");
    dump_head(d, l, "%s",
              options & SZIP_ENTROPY   ? "CODING ENTROPY"
              : options & SZIP_NEAREST ? "CODING NEAREST NEIGHBOUR"
                                       : "");
    dump_head(d, l, "%s",
              options & SZIP_LSB   ? "BYTE_ORDER LSB"
              : options & SZIP_MSB ? "BYTE_ORDER MSB"
                                   : "");
    if (options & SZIP_RAW)
        dump_head(d, l, "HEADER RAW");
    l->indent--;
    dump_head(d, l, "}");
}

static void
put_other_filter(struct dump *d, struct dump_line *l, const hi5_filter *f)
{
    const char *name = f->name                   ? f->name
                       : f->id < FILTER_RESERVED ? "Unknown library filter"
                                                 : "Unknown user-defined filter";

    dump_head(d, l, "USER_DEFINED_FILTER {");
    l->indent++;
    dump_head(d, l, "FILTER_ID %u", f->id);
    if (*name)
        dump_head(d, l, "COMMENT %s", name);
    if (f->nvalues > 0) {
        struct cli_str text = {0};
        for (unsigned i = 0; i < f->nvalues; i++)
            cli_str_printf(&text, "%d ", (int)f->values[i]);
        dump_head(d, l, "PARAMS { %s}", cli_str_text(&text));
        cli_str_free(&text);
    }
    l->indent--;
    dump_head(d, l, "}");
}

static void
put_filter(struct dump *d, struct dump_line *l, const hi5_filter *f)
{
    int first = f->nvalues > 0 ? (int)f->values[0] : 0;

    switch (f->id) {
    case FILTER_DEFLATE:
        dump_head(d, l, "COMPRESSION DEFLATE { LEVEL %d }", first);
        break;
    case FILTER_SHUFFLE:
        dump_head(d, l, "PREPROCESSING SHUFFLE");
        break;
    case FILTER_FLETCHER32:
        dump_head(d, l, "CHECKSUM FLETCHER32");
        break;
    case FILTER_SZIP:
        put_szip(d, l, f);
        break;
    case FILTER_NBIT:
        dump_head(d, l, "COMPRESSION NBIT");
        break;
    case FILTER_SCALEOFFSET:
        dump_head(d, l, "COMPRESSION SCALEOFFSET { MIN BITS %d }", first);
        break;
    default:
        put_other_filter(d, l, f);
    }
}

static void
put_filters(struct dump *d, struct dump_line *l, const hi5_dataset *set, size_t n)
{
    hi5_filter f;

    dump_head(d, l, "FILTERS {");
    l->indent++;
    for (size_t i = 0; hi5_dataset_filter(set, i, &f); i++)
        put_filter(d, l, &f);
    if (n == 0)
        dump_head(d, l, "NONE");
    l->indent--;
    dump_head(d, l, "}");
}

/* -----------------------------------------------------------------------------
 * Fill value, allocation
 */

static void
put_fill_value(struct dump *d, struct dump_line *l, hi5_dataset *set,
               struct cli_str *text)
{
    struct dump_value v = {.d = d, .file = d->current, .indent = l->indent - 1};
    hi5_type *native = dump_native(d, hi5_dataset_type(set));
    hi5_error err;

    if (!native)
        return;
    if (cli_room(d->current, 1, hi5_type_size(native), &err) != HI5_OK) {
        dump_trouble(d, "unable to print the fill value", &err);
        hi5_type_free(native);
        return;
    }
    void *value = cli_alloc(hi5_type_size(native));
    if (hi5_dataset_read_fill(set, native, value, &err) != HI5_OK) {
        dump_trouble(d, "unable to print the fill value", &err);
    } else {
        dump_value(&v, native, value);
        cli_str_puts(text, cli_str_text(&v.out));
        hi5_reclaim(d->current, native, 1, value);
    }
    cli_str_free(&v.out);
    free(value);
    hi5_type_free(native);
}

static void
put_fill(struct dump *d, struct dump_line *l, hi5_dataset *set, const hi5_fill *fill)
{
    static const char *const times[] = {"ALLOC", "NEVER", "IFSET"};
    struct cli_str text = {0};

    dump_head(d, l, "FILLVALUE {");
    l->indent++;
    if (fill->write_time < 3)
        dump_head(d, l, "FILL_TIME H5D_FILL_TIME_%s", times[fill->write_time]);
    else
        dump_head(d, l, "FILL_TIME INVALID");
    cli_str_puts(&text, "VALUE  ");
    if (fill->status == HI5_FILL_USER)
        put_fill_value(d, l, set, &text);
    else
        cli_str_puts(&text, fill->status == HI5_FILL_DEFAULT
                                ? "H5D_FILL_VALUE_DEFAULT"
                                : "H5D_FILL_VALUE_UNDEFINED");
    dump_head(d, l, "%s", cli_str_text(&text));
    cli_str_free(&text);
    l->indent--;
    dump_head(d, l, "}");
}

static void
put_allocation(struct dump *d, struct dump_line *l, const hi5_fill *fill)
{
    static const char *const times[] = {"EARLY", "LATE", "INCR"};

    dump_head(d, l, "ALLOCATION_TIME {");
    l->indent++;
    if (fill->alloc_time >= 1 && fill->alloc_time <= 3)
        dump_head(d, l, "H5D_ALLOC_TIME_%s", times[fill->alloc_time - 1]);
    else
        dump_head(d, l, "INVALID");
    l->indent--;
    dump_head(d, l, "}");
}

void
dump_properties(struct dump *d, struct dump_line *l, hi5_dataset *set)
{
    hi5_layout layout;
    hi5_fill fill;

    hi5_dataset_get_layout(set, &layout);
    hi5_dataset_get_fill(set, &fill);
    put_layout(d, l, set, &layout);
    if (layout.kind != HI5_VIRTUAL)
        put_filters(d, l, set, layout.filters);
    put_fill(d, l, set, &fill);
    if (layout.kind != HI5_VIRTUAL)
        put_allocation(d, l, &fill);
}
