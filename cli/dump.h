/*
 * dump.h - the parts of `hi5 dump`
 *
 * dump_options.c parses the command line, dump.c opens the files, dump_named.c handles
 * objects given by name and dump_object.c everything found by walking; both print
 * through dump_type.c, dump_props.c, dump_data.c, dump_value.c, dump_ref.c and
 * dump_binary.c, onto lines that dump_line.c breaks. dump_table.c knows the name of
 * every object. What is printed is what h5dump of HDF5 1.17 prints, since scripts (and
 * people) read it: the oddities of its layout are kept on purpose.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_DUMP_H
#define HI5_DUMP_H

#include "cli.h"

#define DUMP_STEP 3        /* columns of one level of indentation */
#define DUMP_MASKS 8       /* packed bits: at most so many at once */
#define DUMP_DEPTH 1000    /* nesting of groups */
#define DUMP_NESTED 8      /* references to references, and so on */
#define DUMP_LIST 10000000 /* blocks of a selection that are listed at most */
#define DUMP_MOST ((uint64_t)1 << 40) /* values of one dataset that are printed */
#define DUMP_BLOCK ((uint64_t)32 << 20) /* bytes of values read at once */

/* -----------------------------------------------------------------------------
 * Options
 */

/** One of the lists that -s, -S, -c and -k give; n may exceed what v holds. */
struct dump_list {
    bool given;
    unsigned n;
    uint64_t v[HI5_MAX_RANK];
};

struct dump_subset {
    struct dump_list start, stride, count, block;
};

enum dump_want {
    DUMP_ATTRIBUTE, DUMP_DATASET, DUMP_GROUP, DUMP_LINK, DUMP_DATATYPE, DUMP_ANY
};

/** An object asked for by name. */
struct dump_request {
    enum dump_want want;
    char *name;
    struct dump_subset *subset; /* or NULL */
};

enum dump_binary {
    DUMP_TEXT, DUMP_NATIVE, DUMP_FILE, DUMP_LITTLE, DUMP_BIG
};

/** Bits `offset` to `offset + length - 1` of each integer. */
struct dump_mask {
    unsigned offset, length;
    uint64_t bits;
};

struct dump_options {
    bool data, attribute_data, attributes; /* what of the values is shown */
    bool ids, characters, superblock, properties, contents, contents_attributes;
    bool indices, escape, regions, compact_subset, errors;
    bool by_creation, descending;
    unsigned width;            /* of a line; 0: unlimited, one element on each */
    const char *float_format;  /* of -m; or NULL */
    enum dump_binary binary;
    struct dump_mask masks[DUMP_MASKS];
    unsigned nmasks;
    struct dump_request *requests; /* none: everything */
    size_t nrequests;
    bool some;                 /* objects were asked for by name */
    hi5_driver driver;
    hi5_vds_view vds_view;
    uint64_t vds_gap;
    bool xml, dtd;             /* XML, with a DTD rather than a schema */
    const char *xml_uri;       /* of -D; or NULL */
    const char *xml_prefix;    /* "hdf5:" */
    /* Where the text goes; NULL: nowhere. */
    FILE *out, *data_out, *attribute_out;
    const char *data_name;     /* of data_out, unless it is stdout */
    int first_file;            /* index of the first file in argv */
};

/** Fill in `o`; true to go on. False: it is done, or failed as cli_failed() tells. */
bool dump_parse(struct dump_options *o, int argc, char **argv);
/** Close the files that the options opened, and free the rest. */
void dump_options_end(struct dump_options *o);
void dump_help(FILE *out);

/* One structure of a file, field by field (dump_bytes.c). */

bool dump_wants_bytes(int argc, char **argv);
int dump_bytes(int argc, char **argv);
/** "[start;stride;count;block]" at the end of `name` is cut off and returned. */
struct dump_subset *dump_parse_subset(char *name);
void dump_parse_list(const char *text, struct dump_list *list);

/* -----------------------------------------------------------------------------
 * Objects and their names
 */

struct dump_entry {
    uint64_t file, address;    /* identity */
    hi5_kind kind;
    char *name;                /* the first path; of a nameless datatype: of a dataset
                                  that uses it */
    bool named, shown;
    bool several;              /* hard links */
};

/** Every object of the files seen so far, by identity. */
struct dump_table {
    struct dump_entry *objects;
    size_t n, cap;
    size_t *slots;             /* hash table of index + 1 */
    size_t nslots;
    uint64_t *files;           /* whose objects are in it */
    size_t nfiles;
};

struct dump_entry *dump_find(const struct dump_table *t, uint64_t file,
                             uint64_t address);
struct dump_entry *dump_enter(struct dump_table *t, uint64_t file, uint64_t address,
                               hi5_kind kind, const char *name);
void dump_table_free(struct dump_table *t);

struct dump_link {
    char *name;
    unsigned kind;             /* hi5_link_kind */
    uint64_t address;
    char *target, *file;       /* or NULL */
};

struct dump_links {
    struct dump_link *v;
    size_t n, cap;
};

/** One link met while walking, or the root group (link NULL). */
struct dump_visit {
    const char *path;
    const struct dump_link *link;
    hi5_object *object;        /* of hard links that lead somewhere; else NULL */
    hi5_object_info info;      /* of the object */
    const char *seen;          /* its first path, if met before */
};

typedef void (*dump_visit_fn)(void *ctx, const struct dump_visit *v);

/* -----------------------------------------------------------------------------
 * Lines
 *
 * Text goes to lines element by element. A line begins with indentation and, in data,
 * the index of its first element; it ends when the next element does not fit.
 */

enum dump_prefix { DUMP_BARE, DUMP_INDEX, DUMP_QUOTE };

struct dump_style {
    size_t width;
    size_t per_line;           /* elements on one line at most; 0: what fits */
    enum dump_prefix prefix;
    bool outdented;            /* prefixes stand one level left of the indentation */
    bool whole;                /* an element that fits on a line is not split */
    bool first_fits;           /* the first element is not moved to a new line */
    const char *comma;         /* after an element, if another one follows */
    const char *gap;           /* before an element that continues a line */
    const char *line_end;
};

struct dump_line {
    FILE *out;                 /* NULL: print nothing */
    unsigned indent;           /* levels */
    size_t column, prefix;     /* so far in this line; of them at its beginning */
    bool fresh;                /* a new line is due */
    bool split;                /* the last element took several lines */
    bool continued;            /* elements have been printed before the first one */
    unsigned rank;             /* of what the index counts */
    uint64_t weight[HI5_MAX_RANK]; /* elements in one step of each dimension */
    uint64_t row;              /* elements in a row: it ends the line; 0: no rows */
    uint64_t position;         /* of the first element in the extent */
    uint64_t local;            /* elements printed since `position` */
    uint64_t in_row, in_line;  /* elements since the last row, the last line */
};

/* -----------------------------------------------------------------------------
 * State
 */

struct dump {
    struct dump_options o;
    const char *file_name;     /* as given */
    const char *place;         /* path of the object at hand, for messages; or NULL */
    hi5_file *file;
    hi5_file *current;         /* the same, or what an external link leads to */
    bool elsewhere;            /* inside an external link */
    bool quiet;                /* failures are not reported now */
    bool as_stored;            /* links come in the order in which they are stored */
    unsigned depth;            /* groups entered */
    struct { uint64_t file, address; } inside[DUMP_NESTED];
    unsigned nested;           /* datasets of references being printed: `inside` */
    struct dump_table table;
    struct dump_table stored;  /* the same, for a walk in stored order */
    hi5_object **held;         /* in other files; keeps their numbers valid */
    size_t nheld;
    struct dump_mask mask;     /* of the packed bits shown now; o.nmasks tells if */
};

/** Report a failure with the object at hand. `err` may be NULL. */
void dump_trouble(const struct dump *d, const char *what, const hi5_error *err);
/** The path of an object, by which it was met first, or `name`. */
const char *dump_path_of(const struct dump *d, const hi5_object_info *info,
                         const char *name);

/** The style for headings. */
struct dump_style dump_plain(const struct dump *d);
/** A context that prints headings `level` levels deep. */
struct dump_line dump_line_at(const struct dump *d, unsigned level);

/** End the line and begin the next one, if it is due. */
void dump_break(struct dump_line *l, const struct dump_style *s, uint64_t element,
                unsigned section);
/** Print `text` as an element; false if a row ended before it. */
bool dump_put(struct dump_line *l, const struct dump_style *s, const char *text);
/** A heading on a new line. */
void dump_head(const struct dump *d, struct dump_line *l, const char *format, ...)
    CLI_PRINTF(3, 4);
/** Text on the line at hand. */
void dump_more(const struct dump *d, struct dump_line *l, const char *text);
/** A heading that always has a line of its own, however long it is. */
void dump_long_head(const struct dump *d, struct dump_line *l, const char *format, ...)
    CLI_PRINTF(3, 4);
/** Count elements from `position` in an extent of `dims`. */
void dump_line_extent(struct dump_line *l, unsigned rank, const uint64_t *dims);
void dump_line_seek(struct dump_line *l, uint64_t position);
/** Print one element of data, counting it. */
void dump_element(struct dump_line *l, const struct dump_style *s, const char *text);

/* dump_table.c */

/** Walk over everything below the root of `f`, parents first, as h5dump does. */
void dump_walk(struct dump *d, hi5_file *f, dump_visit_fn visit, void *ctx);
/** Enter the objects of `f` into the table, once. */
void dump_index(struct dump *d, hi5_file *f, uint64_t number);
/** The path that a reference shows: of several hard links, the one stored first. "" if
 *  there is none. */
const char *dump_name_of(struct dump *d, hi5_file *f, const struct dump_entry *entry);
/** The links of a group in the order asked for. */
void dump_list_links(struct dump *d, hi5_group *g, struct dump_links *links);
void dump_links_free(struct dump_links *links);

/* dump_object.c: `level` is where the heading stands */

/** Whatever it is. */
void dump_object(struct dump *d, hi5_object *o, const char *name, unsigned level);
void dump_group(struct dump *d, hi5_object *o, const char *name, unsigned level);
void dump_dataset(struct dump *d, hi5_object *o, const char *name,
                  const struct dump_subset *subset, unsigned level);
void dump_datatype(struct dump *d, hi5_object *o, const char *name, unsigned level);
/** A committed datatype that has no name, by a dataset that uses it. */
void dump_nameless(struct dump *d, const struct dump_entry *t, const char *name,
                   unsigned level);
void dump_attributes(struct dump *d, hi5_object *o, unsigned level);
/** `a` NULL: it could not be opened. */
void dump_attribute(struct dump *d, struct dump_line *l, const char *name,
                    hi5_attribute *a);

/* dump_named.c */

void dump_requests(struct dump *d);
void dump_named_dataset(struct dump *d, hi5_object *o, const char *name,
                        struct dump_subset *subset, unsigned level);

/* dump_type.c */

/** Append the type in DDL. What does not fit on one line is printed meanwhile, and
 *  `text` then holds the last line. A committed type appears by name if `by_name`. */
void dump_type(struct dump *d, struct dump_line *l, struct cli_str *text,
               const hi5_type *t, bool by_name);
void dump_type_heading(struct dump *d, struct dump_line *l, const hi5_type *t);
void dump_space_heading(struct dump *d, struct dump_line *l, const hi5_shape *shape);

/** Append the value of an enumeration's member, in decimal. */
void dump_put_enum_value(struct cli_str *text, const hi5_type_info *base,
                         const unsigned char *p);

/* dump_props.c */

void dump_superblock(struct dump *d);
void dump_properties(struct dump *d, struct dump_line *l, hi5_dataset *set);
void dump_object_id(struct dump *d, struct dump_line *l, uint64_t address);

/** Append the blocks or the points of a selection, as a list that may be split. */
void dump_put_blocks(const struct dump *d, struct cli_str *text,
                     const hi5_selection *s);
void dump_put_points(struct cli_str *text, const hi5_selection *s);

/* dump_value.c */

/** How values are written. */
struct dump_value {
    struct dump *d;
    hi5_file *file;            /* where references lead */
    unsigned indent;           /* levels, of lines inside the value */
    bool characters;           /* one-byte integers are characters */
    bool flat;                 /* on one line, with blanks only, as XML has it */
    bool array_ended;          /* an array was written just before */
    struct cli_str out;
};

/** Append the value of native type `t` at `p`. */
void dump_value(struct dump_value *v, const hi5_type *t, const void *p);
/** Has it a part of class time? h5dump does not print such values. */
bool dump_has_time(const hi5_type *t);

/* dump_data.c */

/** What is printed: a dataset, or an attribute (set NULL). */
struct dump_source {
    hi5_dataset *set;
    hi5_attribute *attribute;
    hi5_file *file;
    const hi5_type *type;      /* of the file */
    const hi5_shape *shape;
};

void dump_data(struct dump *d, struct dump_line *l, const struct dump_source *source,
               const struct dump_subset *subset);
/** The type to read values in. @param t  owned: hi5_type_free; NULL on failure */
hi5_type *dump_native(const struct dump *d, const hi5_type *t);

/** Prints elements as they are read from a dataset. */
struct dump_reader {
    struct dump *d;
    struct dump_line *l;
    const struct dump_style *s;
    hi5_dataset *set;
    hi5_type *memory;          /* what they are read as */
    size_t size;               /* of one, in memory */
    bool characters, flat;     /* as in struct dump_value */
    bool comma;                /* something follows the last element */
    /* What to do with the elements instead of printing them; or NULL. */
    void (*sink)(void *ctx, const void *values, uint64_t n);
    void *ctx;
};

/** Print the box of `count` elements from `start`. False if it could not be read, which
 *  has been reported. */
bool dump_read_box(struct dump_reader *r, const uint64_t *start, const uint64_t *count);
/** Print the elements of a selection that is small. */
bool dump_read_some(struct dump_reader *r, const hi5_selection *selection);

/* dump_ref.c */

/** Append what a reference refers to. */
void dump_reference_text(struct dump_value *v, const hi5_type *t,
                         const hi5_reference *r);
/** Print the references that `source` holds, each with what it refers to; `at` is
 *  indented for them. False if they could not be read. */
bool dump_references(struct dump *d, struct dump_line *at,
                     const struct dump_source *source,
                     const struct dump_subset *subset);

/** The same for all values of an attribute. */
bool dump_read_attribute(struct dump_reader *r, const struct dump_source *source);

/* dump_xml.c, dump_xml_dataset.c, dump_xml_type.c */

struct dump_xml {
    struct dump *d;
    FILE *out;
    const char *ns;            /* before the name of each element */
    bool begun;                /* a line has been printed, and not ended */
    struct cli_str path;       /* of the group at hand; "" for the root */
    uint64_t last_fake;        /* the last number given to what has no address */
    unsigned next_pointer;
};

/** What every element says of where its object is. */
struct dump_place {
    char *name;                /* escaped */
    char *path, *raw_path;     /* the first one escaped */
    char *parent;              /* escaped */
    char *id, *parent_id;
};

/** The file as XML. */
void dump_as_xml(struct dump *d);
/** A line of its own. */
void dump_xml_line(struct dump_xml *x, unsigned level, const char *format, ...)
    CLI_PRINTF(3, 4);
/** The number that names what is at `path`, or one made up for it: owned, free(). */
char *dump_xml_id(struct dump_xml *x, const char *path);
/** The place of a member of the group at hand. */
struct dump_place dump_xml_place(struct dump_xml *x, const char *name);
void dump_place_free(struct dump_place *p);
/** A path or name in an attribute's value: owned, free(). */
char *dump_xml_escape(const char *text);
void dump_xml_attributes(struct dump_xml *x, hi5_object *o, const hi5_object_info *info,
                         unsigned level);
void dump_xml_dataset(struct dump_xml *x, hi5_object *o, const hi5_object_info *info,
                      const char *name, unsigned level);
/** A dataset that was printed before. */
void dump_xml_dataset_pointer(struct dump_xml *x, const struct dump_entry *known,
                              const char *name, unsigned level);
void dump_xml_type(struct dump_xml *x, const hi5_type *t, unsigned level);
/** The type in its element, or a pointer to a committed one. */
void dump_xml_type_of(struct dump_xml *x, const hi5_type *t, unsigned level);
void dump_xml_space(struct dump_xml *x, const hi5_shape *shape, unsigned level);
void dump_xml_data(struct dump_xml *x, const struct dump_source *source,
                   unsigned level);
void dump_xml_references(struct dump_xml *x, const struct dump_source *source,
                         unsigned level);

/* dump_binary.c */

/** Write `n` values, as -b asks. */
void dump_write_binary(struct dump *d, const hi5_type *t, const void *values,
                       uint64_t n);

#endif
