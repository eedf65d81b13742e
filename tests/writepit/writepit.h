/*
 * writepit.h - what the suites of the writer's pitfalls share
 *
 * Each test writes a file with hi5, for one of the targets that the installed libhdf5
 * knows, or has libhdf5 write one that hi5 then changes. The validator must find nothing
 * in it; values and properties are what libhdf5 then reads.
 */
#ifndef WRITEPIT_H
#define WRITEPIT_H

#include <hdf5.h>
#include "support.h"

#define WP_TARGETS 3 /* EARLIEST, V18, V110 */
#define WP_EARLIEST 0
#define WP_V18 1
#define WP_V110 2

/** The options of a dataset, the rest being defaults. */
#define WP_OPTIONS(...)                                                                \
    (&(hi5_dataset_options){.size = sizeof(hi5_dataset_options), __VA_ARGS__})
#define WP_DIMS(...) ((const uint64_t[]){__VA_ARGS__})

extern hi5_error wp_err;

/** The file that all tests of a process use; and another one beside it. */
const char *wp_path(void);
const char *wp_other(void);

/** A new file for target 0 to 2. `options` may be NULL; its `open` is filled in. */
hi5_file *wp_create(int target, const hi5_create_options *options);
/** The file again, to be changed. */
hi5_file *wp_reopen(void);
/** Close it, and find nothing wrong with it. */
void wp_close(hi5_file *f);
void wp_check(const char *path);
/** Close it, check it, and let libhdf5 open it to be read, or changed. */
hid_t wp_read(hi5_file *f);
hid_t wp_change(hi5_file *f);
/** A new file of libhdf5's, at wp_path() or wp_other(), in the same format. */
hid_t wp_foreign(int target, const char *path);
/** libhdf5's close, which must leave nothing open. */
void wp_end(hid_t h);

hi5_dataset *
wp_dataset(hi5_file *f, const char *path, const hi5_type *type, unsigned rank,
           const uint64_t *dims, const hi5_dataset_options *options);
/** libhdf5 reads these `n` elements as int. */
void wp_ints(hid_t h, const char *path, size_t n, const int *wanted);
/** An attribute that is a scalar int, written by hi5, or read by libhdf5. */
void wp_put(hi5_object *o, const char *name, int value);
int wp_get(hid_t object, const char *name);
/** How many chunks libhdf5 finds. */
hsize_t wp_chunks(hid_t d);
/** Messages of one type in an object's header of both files have the same bytes. */
void wp_same_message(const char *object, unsigned type);

/** A suite of tests, each run for all targets or once. */
#define WP_EACH(c, test) tcase_add_loop_test(c, test, 0, WP_TARGETS)
void wp_case(Suite *s, TCase *c);

#endif
