/*
 * ls.h - the parts of `hi5 ls`
 *
 * ls.c parses the command line, ls_walk.c walks the groups, ls_object.c prints an
 * object, ls_type.c describes datatypes, ls_data.c prints data, ls_value.c a value and
 * ls_ref.c references. What is printed is what h5ls of HDF5 1.17 prints: scripts rely
 * on it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_LS_H
#define HI5_LS_H

#include "cli.h"
#include "names.h"

/** A symbolic link that was followed, so that it is not followed again. */
struct ls_followed {
    unsigned kind;
    char *target;
};

/** The number that is shown for a file; see ls_file_number. */
struct ls_number {
    uint64_t file;
    unsigned long shown;
};

struct ls {
    /* Options, after h5ls's */
    unsigned verbose, width;
    bool address, data, label, string, full, recursive, follow, no_dangling,
        follow_external, literal, hexdump, simple, no_wrap;

    /* The argument at hand */
    const char *file_name;
    hi5_file *file;
    bool show_file_name; /* there are several */
    bool show_root;
    size_t base_len;   /* of the path given; 0 for the root */
    size_t name_start; /* how much of a path is left out when printing it */
    bool at_target;    /* the next object is the target of a link just printed */
    unsigned depth;    /* links being followed */

    struct ls_followed *followed;
    size_t nfollowed, cap_followed;
    bool dangling;

    struct ls_number *numbers; /* files that are open, the first one first */
    size_t nnumbers, cap_numbers;
    unsigned long last_number;
    unsigned long object_file; /* the one that holds the object at hand, as shown */

    struct names names; /* of the objects that references lead to */
    struct cli_str out; /* text not yet written */
};

/** Write what has gathered in ls->out. */
void ls_flush(struct ls *ls);

/** Append `text` with the special characters escaped; returns how many characters that
 *  makes. `out` NULL: only count. */
size_t ls_escape(struct cli_str *out, const char *text, bool spaces);
/** Append the name of the object at `path`, padded; `note` ends the padding. */
void ls_name(struct ls *ls, const char *path, const char *note);

/** The number h5ls would show for this file. */
unsigned long ls_file_number(const struct ls *ls, uint64_t file);
/** A file has been opened, the library having opened `opens` since the last one. */
void ls_push_number(struct ls *ls, uint64_t file, unsigned long opens);

/** List what is at `path`: what a group holds, or an object. */
void ls_path(struct ls *ls, const char *path);
/** List the link at `path`, unless it is a hard link; false if it was not listed. */
bool ls_named_link(struct ls *ls, const char *path);

/** Print an object: its line and, if asked for, all about it.
 *  @param same_as  the path under which it was printed before, or NULL */
void ls_object(struct ls *ls, hi5_object *o, const hi5_object_info *info,
               const char *path, const char *same_as);

/** Append the description of a datatype whose text begins in column `indent`.
 *  @param committed  address of the committed datatype that it is, or HI5_NO_ADDRESS */
void ls_type(const struct ls *ls, struct cli_str *out, const hi5_type *type,
             uint64_t committed, unsigned indent);
/** The size that libhdf5 gives an element in memory; what h5ls counts with. */
uint64_t ls_type_size(const hi5_type *type);

/** Print the values of a dataset, or of an attribute of one. */
void ls_dataset_values(struct ls *ls, hi5_dataset *d);
void ls_attribute_values(struct ls *ls, hi5_object *o, hi5_attribute *a);

/** Append a reference that is part of a value. */
void ls_reference(struct ls *ls, hi5_file *file, struct cli_str *out, hi5_ref_kind kind,
                  const void *at);

#endif
