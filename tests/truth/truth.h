/*
 * truth.h - what the parts of the program share
 *
 * walk.c finds the objects, type.c spells their types, value.c hashes their values,
 * dataset.c describes datasets and attributes, truth.c prints the lines.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include "hi5.h"
#include "sha256.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NOT_FOUND = -1 };

/* One line to be: a link, and the object if it is a hard link. */
struct record {
    char *path;
    unsigned link_kind;
    bool is_link, utf8, has_order;
    int64_t order;
    hi5_kind kind;
    long same;              /* the record with the primary path, or NOT_FOUND */
    uint64_t file, address; /* identity of the object */
    char *target, *file_name;
    size_t data_size;
    char data_hash[65];
    char *error;
};

/* Everything known about the file being described. */
struct walk {
    hi5_file *f;
    struct record *records;
    size_t n, room;
    long *table; /* open addressing: identity -> record */
    size_t slots;
    int errors;
};

/* walk.c */
void *or_exit(void *p);
char *copy_string(const char *s);
struct record *add_record(struct walk *w, char *path);
void visit_object(struct walk *w, size_t i, unsigned depth);
/** The record of an object that has been met, or NOT_FOUND. */
long find_object(const struct walk *w, uint64_t file, uint64_t address);
void free_walk(struct walk *w);

/* type.c */
void add_type(struct text *t, const hi5_type *type);
/** "dtype", and the committed type it is, if it is one. */
void put_type(const struct walk *w, struct text *out, const hi5_type *type,
              uint64_t file);
/** Variable-length data or references: parts that are not in the element itself. */
bool has_parts_elsewhere(const hi5_type *type);

/* value.c */
void hash_selection(struct sha256 *h, const hi5_selection *s);
/** One element in its memory form, part by part: padding is left out. */
void hash_value(const struct walk *w, struct sha256 *h, const hi5_type *type,
                const unsigned char *v);
void hash_values(const struct walk *w, char hex[65], const hi5_type *memory, size_t n,
                 const unsigned char *buf);

/* dataset.c */
void put_error(struct walk *w, struct text *out, const char *key, const hi5_error *err);
void put_group(struct walk *w, struct text *out, hi5_object *o);
void put_dataset(struct walk *w, struct text *out, hi5_object *o, uint64_t file);
void put_attributes(struct walk *w, struct text *out, hi5_object *o, uint64_t file);

#endif
