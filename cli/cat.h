/*
 * cat.h - the parts of `hi5 cat`
 *
 * cat.c parses the command line and finds what is to be printed, cat_slice.c reads it
 * block by block, cat_text.c prints text and JSON, cat_csv.c CSV, cat_npy.c .npy and
 * raw bytes; cat_value.c prints a value.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_CAT_H
#define HI5_CAT_H

#include "cli.h"
#include "names.h"
#include "value.h"

/** The indexes selected along one dimension. */
struct cat_dim {
    uint64_t n;
    uint64_t start, stride; /* unless there is a list */
    uint64_t *list;         /* [n], ascending */
    bool dropped;           /* a single index, which takes the dimension away */
};

/** What is printed: a dataset or an attribute, and what of it. */
struct cat_source {
    hi5_file *file;
    hi5_object *object;
    hi5_dataset *dataset; /* or NULL, and then: */
    hi5_attribute *attribute;
    const char *name;     /* for messages */
    const hi5_type *type; /* in the file; borrowed */
    hi5_shape shape;
    struct cat_dim dims[HI5_MAX_RANK];
    bool all;       /* everything is selected */
    uint64_t total; /* elements selected */
    unsigned rank;  /* of the result, without the dropped dimensions */
    uint64_t shape_out[HI5_MAX_RANK];
    const hi5_type *memory; /* what it is read as */
};

/** Select by NumPy slice; NULL: all. */
hi5_status cat_select(struct cat_source *s, const char *slice, hi5_error *err);
void cat_select_free(struct cat_source *s);

/** Called with the next `n` elements of s->memory. */
typedef void (*cat_block_fn)(void *ctx, const void *values, uint64_t n);
/** Read what is selected, in row-major order, in blocks of a few MiB. */
hi5_status
cat_each_block(struct cat_source *s, cat_block_fn fn, void *ctx, hi5_error *err);

enum cat_format { CAT_TEXT, CAT_CSV, CAT_JSON, CAT_NPY, CAT_RAW };

/** Print as text or JSON. */
hi5_status
cat_print(struct cat_source *s, enum cat_format format, FILE *out, hi5_error *err);
/** Print as CSV. @param header  with the names of the members, if there are any */
hi5_status cat_print_csv(struct cat_source *s, bool header, FILE *out, hi5_error *err);

/** How values are written. JSON has neither not-a-number nor infinities: they are the
 *  strings "NaN", "Infinity" and "-Infinity". */
struct cat_writer {
    enum cat_format format; /* CAT_TEXT, CAT_CSV, CAT_JSON */
    struct names names;
    const char *name; /* of the source, for messages */
};

/** Append a value. */
void cat_put_value(struct cat_writer *w, struct cli_str *out, const struct value *v,
                   const void *at);
/** Append a string as it is, but for what would upset a terminal. */
void cat_put_bare(struct cli_str *out, const char *text, size_t n);

/** Write bytes, with the header of a .npy file in front if `npy`. `swap`: in the byte
 *  order that is not this machine's. */
hi5_status
cat_write(struct cat_source *s, bool npy, bool swap, FILE *out, hi5_error *err);

#endif
