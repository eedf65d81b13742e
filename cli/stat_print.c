/*
 * stat_print.c - statistics as h5stat 1.10.8 prints them, and as JSON
 *
 * SPDX-License-Identifier: MIT
 */
#include "ls.h"
#include "report.h"
#include "stat.h"

typedef unsigned long long ull;

/* "label: number", indented. */
static void
put(const char *label, uint64_t n)
{
    cli_printf(stdout, "%s: %llu\n", label, (ull)n);
}

/* The bins from 1 to 9 on; returns their sum. */
static uint64_t
put_bins(const uint64_t *bins, const char *begin, const char *end)
{
    uint64_t sum = 0, power = 1;

    for (unsigned i = 1; i < STAT_BINS; i++) {
        if (bins[i])
            cli_printf(stdout, "%s %llu - %llu%s: %llu\n", begin, (ull)power,
                       (ull)(power * 10 - 1), end, (ull)bins[i]);
        sum += bins[i];
        power *= 10;
    }
    return sum;
}

static void
print_file(const struct stat *s)
{
    cli_puts(stdout, "File information\n");
    put("\t# of unique groups", s->groups);
    put("\t# of unique datasets", s->datasets);
    put("\t# of unique named datatypes", s->datatypes);
    put("\t# of unique links", s->links);
    put("\t# of unique other", s->others);
    put("\tMax. # of links to object", s->max_links);
    put("\tMax. # of objects in group", s->max_fanout);
}

static void
put_headers(const char *label, const struct stat_headers *h)
{
    cli_printf(stdout, "%s: %llu/%llu\n", label, (ull)h->total, (ull)h->unused);
}

static void
print_file_metadata(const struct stat *s)
{
    cli_puts(stdout, "File space information for file metadata (in bytes):\n");
    put("\tSuperblock", s->storage.superblock);
    put("\tSuperblock extension", s->storage.extension);
    put("\tUser block", s->storage.userblock);
    cli_puts(stdout, "\tObject headers: (total/unused)\n");
    put_headers("\t\tGroups", &s->group_headers);
    put_headers("\t\tDatasets(exclude compact data)", &s->dataset_headers);
    put_headers("\t\tDatatypes", &s->datatype_headers);
    cli_puts(stdout, "\tGroups:\n");
    put("\t\tB-tree/List", s->sums.link_index);
    put("\t\tHeap", s->sums.link_heap);
    cli_puts(stdout, "\tAttributes:\n");
    put("\t\tB-tree/List", s->sums.attribute_index);
    put("\t\tHeap", s->sums.attribute_heap);
    cli_puts(stdout, "\tChunked datasets:\n");
    put("\t\tIndex", s->sums.chunk_index - s->uncounted);
    cli_puts(stdout, "\tDatasets:\n");
    put("\t\tHeap", s->sums.external_heap);
    cli_puts(stdout, "\tShared Messages:\n");
    put("\t\tHeader", s->storage.shared_header);
    put("\t\tB-tree/List", s->storage.shared_index);
    put("\t\tHeap", s->storage.shared_heap);
    cli_puts(stdout, "\tFree-space managers:\n");
    put("\t\tHeader", s->storage.free_managers);
    put("\t\tAmount of free space", s->storage.free);
}

static void
print_groups(const struct stat *s)
{
    uint64_t sum = 0;

    cli_printf(stdout, "Small groups (with 0 to %llu links):\n",
               (ull)(s->few_links - 1));
    for (uint64_t i = 0; i < s->few_links; i++) {
        if (s->small_groups[i])
            cli_printf(stdout, "\t# of groups with %llu link(s): %llu\n", (ull)i,
                       (ull)s->small_groups[i]);
        sum += s->small_groups[i];
    }
    put("\tTotal # of small groups", sum);
    cli_puts(stdout, "Group bins:\n");
    sum = s->group_bins[0];
    if (sum)
        put("\t# of groups with 0 link", sum);
    sum += put_bins(s->group_bins, "\t# of groups with", " links");
    put("\tTotal # of groups", sum);
}

static void
print_group_metadata(const struct stat *s)
{
    cli_puts(stdout, "File space information for groups' metadata (in bytes):\n");
    put_headers("\tObject headers (total/unused)", &s->group_headers);
    put("\tB-tree/List", s->sums.link_index);
    put("\tHeap", s->sums.link_heap);
}

static void
print_dims(const struct stat *s)
{
    uint64_t sum = 0;

    cli_puts(stdout, "Dataset dimension information:\n");
    put("\tMax. rank of datasets", s->max_rank);
    cli_puts(stdout, "\tDataset ranks:\n");
    for (unsigned i = 0; i < HI5_MAX_RANK; i++)
        if (s->ranks[i])
            cli_printf(stdout, "\t\t# of dataset with rank %u: %llu\n", i,
                       (ull)s->ranks[i]);
    cli_puts(stdout, "1-D Dataset information:\n");
    put("\tMax. dimension size of 1-D datasets", s->max_dims);
    cli_printf(stdout, "\tSmall 1-D datasets (with dimension sizes 0 to %llu):\n",
               (ull)(s->few_elements - 1));
    for (uint64_t i = 0; i < s->few_elements; i++) {
        if (s->small_datasets[i])
            cli_printf(stdout, "\t\t# of datasets with dimension sizes %llu: %llu\n",
                       (ull)i, (ull)s->small_datasets[i]);
        sum += s->small_datasets[i];
    }
    put("\t\tTotal # of small datasets", sum);
    if (s->one_dimension == 0)
        return;
    cli_puts(stdout, "\t1-D Dataset dimension bins:\n");
    sum = s->dims_bins[0];
    if (sum)
        put("\t\t# of datasets with dimension size 0", sum);
    sum += put_bins(s->dims_bins, "\t\t# of datasets with dimension size", "");
    put("\t\tTotal # of datasets", sum);
}

static void
print_datasets(const struct stat *s)
{
    static const char *const filters[] = {"NO",          "GZIP",        "SHUFFLE",
                                          "FLETCHER32",  "SZIP",        "NBIT",
                                          "SCALEOFFSET", "USER-DEFINED"};
    static const char *const layouts[] = {"COMPACT", "CONTIG", "CHUNKED", "VIRTUAL"};

    if (s->datasets == 0)
        return;
    print_dims(s);
    cli_puts(stdout, "Dataset storage information:\n");
    put("\tTotal raw data size", s->sums.data);
    put("\tTotal external raw data size", s->external_bytes);
    cli_puts(stdout, "Dataset layout information:\n");
    for (unsigned i = 0; i < 4; i++)
        cli_printf(stdout, "\tDataset layout counts[%s]: %llu\n", layouts[i],
                   (ull)s->layouts[i]);
    put("\tNumber of external files ", s->externals);
    cli_puts(stdout, "Dataset filters information:\n\tNumber of datasets with:\n");
    for (unsigned i = 0; i < STAT_FILTERS; i++)
        cli_printf(stdout, "\t\t%s filter: %llu\n", filters[i], (ull)s->filters[i]);
}

static void
print_dataset_metadata(const struct stat *s)
{
    cli_puts(stdout, "File space information for datasets' metadata (in bytes):\n");
    put_headers("\tObject headers (total/unused)", &s->dataset_headers);
    put("\tIndex for Chunked datasets", s->sums.chunk_index - s->uncounted);
    put("\tHeap", s->sums.external_heap);
}

static void
print_datatypes(const struct stat *s)
{
    uint64_t sum = 0;

    if (s->ntypes == 0)
        return;
    cli_puts(stdout, "Dataset datatype information:\n");
    put("\t# of unique datatypes used by datasets", s->ntypes);
    for (size_t i = 0; i < s->ntypes; i++) {
        const struct stat_type *t = &s->types[i];

        /* h5stat counts two more bytes: it encodes what kind of message it is, too. */
        cli_printf(stdout,
                   "\tDataset datatype #%zu:\n"
                   "\t\tCount (total/named) = (%llu/%llu)\n"
                   "\t\tSize (desc./elmt) = (%zu/%llu)\n",
                   i, (ull)t->count, (ull)t->named, t->encoded + 2,
                   (ull)ls_type_size(t->type));
        sum += t->count;
    }
    put("\tTotal dataset datatype count", sum);
}

static void
print_attributes(const struct stat *s)
{
    uint64_t sum = 0;

    cli_printf(stdout, "Small # of attributes (objects with 1 to %llu attributes):\n",
               (ull)s->few_attributes);
    for (uint64_t i = 1; i <= s->few_attributes; i++) {
        if (s->small_attributes[i])
            cli_printf(stdout, "\t# of objects with %llu attributes: %llu\n", (ull)i,
                       (ull)s->small_attributes[i]);
        sum += s->small_attributes[i];
    }
    put("\tTotal # of objects with small # of attributes", sum);
    cli_puts(stdout, "Attribute bins:\n");
    sum = put_bins(s->attribute_bins, "\t# of objects with", " attributes");
    put("\tTotal # of objects with attributes", sum);
    put("\tMax. # of attributes to objects", s->max_attributes);
}

static void
print_free(const struct stat *s)
{
    uint64_t sum = 0;

    cli_printf(stdout, "Free-space persist: %s\n",
               s->info.fspace_persist ? "TRUE" : "FALSE");
    cli_printf(stdout, "Free-space section threshold: %llu bytes\n",
               (ull)s->info.fspace_threshold);
    cli_printf(stdout, "Small size free-space sections (< %d bytes):\n", STAT_SMALL);
    for (unsigned i = 0; i < STAT_SMALL; i++) {
        if (s->small_sections[i])
            cli_printf(stdout, "\t# of sections of size %u: %llu\n", i,
                       (ull)s->small_sections[i]);
        sum += s->small_sections[i];
    }
    put("\tTotal # of small size sections", sum);
    cli_puts(stdout, "Free-space section bins:\n");
    sum = put_bins(s->section_bins, "\t# of sections of size", "");
    put("\tTotal # of sections", sum);
}

static uint64_t
metadata(const struct stat *s)
{
    const hi5_file_storage *f = &s->storage;
    const hi5_object_storage *o = &s->sums;

    return f->superblock + f->extension + f->userblock + s->group_headers.total +
           s->dataset_headers.total + s->datatype_headers.total + o->link_index +
           o->link_heap + o->attribute_index + o->attribute_heap + o->chunk_index +
           o->external_heap + f->shared_header + f->shared_index + f->shared_heap +
           f->free_managers;
}

static void
print_summary(const struct stat *s)
{
    static const char *const strategies[] = {
        "H5F_FSPACE_STRATEGY_FSM_AGGR", "H5F_FSPACE_STRATEGY_PAGE",
        "H5F_FSPACE_STRATEGY_AGGR", "H5F_FSPACE_STRATEGY_NONE"};
    const uint64_t meta = metadata(s) - s->uncounted;
    const uint64_t known = meta + s->sums.data + s->storage.free;
    uint64_t rest;

    cli_printf(stdout, "File space management strategy: %s\n",
               s->info.fspace_strategy < 4 ? strategies[s->info.fspace_strategy]
                                           : "unknown");
    cli_printf(stdout, "File space page size: %llu bytes\n",
               (ull)s->info.fspace_page_size);
    cli_puts(stdout, "Summary of file space information:\n");
    cli_printf(stdout, "  File metadata: %llu bytes\n", (ull)meta);
    cli_printf(stdout, "  Raw data: %llu bytes\n", (ull)s->sums.data);
    cli_printf(stdout, "  Amount/Percent of tracked free space: %llu bytes/%3.1f%%\n",
               (ull)s->storage.free,
               (double)s->storage.free / (double)s->file_size * 100.0);
    if (s->file_size < known) {
        rest = known - s->file_size;
        cli_printf(stdout,
                   "  ??? File has %llu more bytes accounted for than its size! ???\n",
                   (ull)rest);
    } else {
        rest = s->file_size - known;
        cli_printf(stdout, "  Unaccounted space: %llu bytes\n", (ull)rest);
    }
    cli_printf(stdout, "Total space: %llu bytes\n", (ull)(known + rest));
    if (s->externals)
        cli_printf(stdout, "External raw data: %llu bytes\n", (ull)s->external_bytes);
}

void
stat_print(const struct stat *s, unsigned what)
{
    static const struct {
        unsigned what;
        bool not_with_all; /* what it says is elsewhere, too */
        void (*print)(const struct stat *s);
    } parts[] = {
        {STAT_FILE, false, print_file},
        {STAT_FILE_METADATA, false, print_file_metadata},
        {STAT_GROUPS, false, print_groups},
        {STAT_GROUP_METADATA, true, print_group_metadata},
        {STAT_DATASETS, false, print_datasets},
        {STAT_DATATYPES, false, print_datatypes},
        {STAT_DATASET_METADATA, true, print_dataset_metadata},
        {STAT_ATTRIBUTES, false, print_attributes},
        {STAT_FREE, false, print_free},
        {STAT_SUMMARY, false, print_summary},
    };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (what & parts[i].what || (what == 0 && !parts[i].not_with_all))
            parts[i].print(s);
}

/* -----------------------------------------------------------------------------
 * JSON
 */

static void
json(const char *key, uint64_t n, bool first)
{
    cli_printf(stdout, "%s\"%s\":%llu", first ? "" : ",", key, (ull)n);
}

static void
json_array(const char *key, const uint64_t *p, size_t n)
{
    while (n > 0 && p[n - 1] == 0)
        n--;
    cli_printf(stdout, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++)
        cli_printf(stdout, "%s%llu", i ? "," : "", (ull)p[i]);
    cli_puts(stdout, "]");
}

static void
json_counts(const struct stat *s)
{
    cli_puts(stdout, ",\n\"counts\":{");
    json("groups", s->groups, true);
    json("datasets", s->datasets, false);
    json("datatypes", s->datatypes, false);
    json("links", s->links, false);
    json("others", s->others, false);
    json("max_links", s->max_links, false);
    json("max_fanout", s->max_fanout, false);
    json("max_attributes", s->max_attributes, false);
    json("max_dims", s->max_dims, false);
    json("external_files", s->externals, false);
    json_array("ranks", s->ranks, HI5_MAX_RANK + 1);
    json_array("layouts", s->layouts, 4);
    json_array("filters", s->filters, STAT_FILTERS);
    json_array("group_bins", s->group_bins, STAT_BINS);
    json_array("attribute_bins", s->attribute_bins, STAT_BINS);
    json_array("dims_bins", s->dims_bins, STAT_BINS);
    json_array("free_bins", s->section_bins, STAT_BINS);
    cli_puts(stdout, "}");
}

static void
json_bytes(const struct stat *s)
{
    const hi5_file_storage *f = &s->storage;

    cli_puts(stdout, ",\n\"bytes\":{");
    json("file", s->file_size, true);
    json("metadata", metadata(s), false);
    json("data", s->sums.data, false);
    json("external_data", s->external_bytes, false);
    json("superblock", f->superblock, false);
    json("extension", f->extension, false);
    json("userblock", f->userblock, false);
    json("group_headers", s->group_headers.total, false);
    json("group_headers_unused", s->group_headers.unused, false);
    json("dataset_headers", s->dataset_headers.total, false);
    json("dataset_headers_unused", s->dataset_headers.unused, false);
    json("datatype_headers", s->datatype_headers.total, false);
    json("datatype_headers_unused", s->datatype_headers.unused, false);
    json("link_index", s->sums.link_index, false);
    json("link_heap", s->sums.link_heap, false);
    json("attribute_index", s->sums.attribute_index, false);
    json("attribute_heap", s->sums.attribute_heap, false);
    json("chunk_index", s->sums.chunk_index, false);
    json("external_heap", s->sums.external_heap, false);
    json("shared_header", f->shared_header, false);
    json("shared_index", f->shared_index, false);
    json("shared_heap", f->shared_heap, false);
    json("free_managers", f->free_managers, false);
    json("free", f->free, false);
    cli_puts(stdout, "}");
}

void
stat_json(const struct stat *s)
{
    cli_puts(stdout, "{\"file\":");
    report_json_string(stdout, s->file_name);
    json_counts(s);
    json_bytes(s);
    cli_puts(stdout, ",\n\"types\":[");
    for (size_t i = 0; i < s->ntypes; i++)
        cli_printf(stdout,
                   "%s{\"datasets\":%llu,\"committed\":%llu,\"encoded\":%zu,"
                   "\"size\":%zu}",
                   i ? "," : "", (ull)s->types[i].count, (ull)s->types[i].named,
                   s->types[i].encoded, hi5_type_size(s->types[i].type));
    cli_printf(stdout, "],\n\"failures\":%llu}\n", (ull)s->failures);
}
