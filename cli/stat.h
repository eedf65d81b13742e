/*
 * stat.h - the parts of `hi5 stat`
 *
 * stat.c parses the command line, stat_count.c walks the file and counts, stat_print.c
 * prints what h5stat 1.10.8 prints, or JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_STAT_CLI_H
#define HI5_STAT_CLI_H

#include "cli.h"

enum {
    STAT_BINS = 21,   /* 0, and 1 to 9, 10 to 99, ... */
    STAT_FILTERS = 8, /* none, ids 1 to 6, all others */
    STAT_SMALL = 10,  /* of free sections */
    /* Addresses of super blocks in the index block of an extensible array, with the
     * parameters that libhdf5 always uses: h5stat 1.10.8 does not count them. */
    STAT_SUPER_BLOCKS = 29
};

/* Objects of one kind, headers. */
struct stat_headers {
    uint64_t total, unused;
};

/* A datatype of datasets. */
struct stat_type {
    hi5_type *type; /* a copy */
    uint64_t count, named;
    size_t encoded;
};

struct stat {
    const char *file_name;
    uint64_t file_size;
    hi5_file_info info;
    hi5_file_storage storage;

    uint64_t groups, datasets, datatypes, links, others;
    uint64_t max_links;  /* to an object */
    uint64_t max_fanout; /* of a group */

    /* Thresholds, and counts of what is below: [links], [max_attributes + 1], [dims] */
    uint64_t few_links, few_attributes, few_elements;
    uint64_t *small_groups, *small_attributes, *small_datasets;
    uint64_t group_bins[STAT_BINS], attribute_bins[STAT_BINS], dims_bins[STAT_BINS];
    uint64_t section_bins[STAT_BINS], small_sections[STAT_SMALL];
    uint64_t max_attributes;

    struct stat_headers group_headers, dataset_headers, datatype_headers;
    hi5_object_storage sums; /* of all objects; data: without external */

    unsigned max_rank;
    uint64_t ranks[HI5_MAX_RANK + 1];
    uint64_t uncounted; /* of chunk indexes: what h5stat leaves out */
    uint64_t max_dims;  /* of those of rank 1 */
    uint64_t one_dimension;
    uint64_t layouts[4], filters[STAT_FILTERS];
    uint64_t externals, external_bytes;
    struct stat_type *types;
    size_t ntypes, types_room;
    uint64_t failures;
};

/** Walk through an open file, and count. What cannot be read is told and passed over. */
void stat_count(struct stat *s, hi5_file *f);
void stat_free(struct stat *s);

/* What to print. */
enum {
    STAT_FILE = 1,
    STAT_FILE_METADATA = 2,
    STAT_GROUPS = 4,
    STAT_GROUP_METADATA = 8,
    STAT_DATASETS = 16,
    STAT_DATASET_METADATA = 32,
    STAT_DATATYPES = 64,
    STAT_ATTRIBUTES = 128,
    STAT_FREE = 256,
    STAT_SUMMARY = 512
};
/** @param what  of the above, or 0: all */
void stat_print(const struct stat *s, unsigned what);
void stat_json(const struct stat *s);

#endif
