/*
 * cat.c - `hi5 cat`: the command line, and finding what it names
 *
 * SPDX-License-Identifier: MIT
 */
#include "cat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * The command line
 */

struct cat_options {
    enum cat_format format;
    bool no_header;
    const char *type, *output;
    hi5_open_options open;
};

static const char cat_help[] =
    "Usage: hi5 cat [OPTIONS] 'FILE/PATH[SLICE]'\n"
    "       hi5 cat [OPTIONS] 'FILE/PATH@ATTRIBUTE[SLICE]'\n"
    "\n"
    "Print the values of one dataset or attribute, or a slice of them.\n"
    "\n"
    "A slice is written as in NumPy: for each dimension an index, a range\n"
    "start:stop:step, or a list of indexes, with commas between; \"...\" stands for\n"
    "dimensions left out, and negative indexes count from the end. A single index\n"
    "takes its dimension away. Only what is selected is read, so slices of huge\n"
    "datasets are quick.\n"
    "\n"
    "  -f, --format=FORMAT  how to print it:\n"
    "     text  as NumPy prints arrays, but never abridged (the default)\n"
    "     csv   a line for each row (of one dimension: each value); compounds: a\n"
    "           column for each member, with names\n"
    "     json  nested arrays, compounds as objects, enums by name, complex numbers\n"
    "           as pairs; not-a-number and infinities are the strings \"NaN\",\n"
    "           \"Infinity\" and \"-Infinity\"; bytes that are no UTF-8 are "
    "\"\\udcNN\",\n"
    "           as in Python\n"
    "     npy   a file for numpy.load(): numbers, fixed-length strings, compounds\n"
    "     raw   the elements' bytes and nothing else\n"
    "  -t, --type=TYPE      convert numbers first: i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8,\n"
    "                       with < or > in front for the byte order of npy and raw;\n"
    "                       or int32, uint8, float64, ...\n"
    "  -o, --output=FILE    write to FILE\n"
    "  --no-header          csv: no line with the names of the members\n"
    "  --vfd=NAME           sec2, family, split or multi, for files in several parts\n"
    "  -h, --help           this\n"
    "\n"
    "Examples\n"
    "  hi5 cat run.h5/temperature                       all of it\n"
    "  hi5 cat 'run.h5/images[0, 10:20, ::4]'           a piece of the first image\n"
    "  hi5 cat -f npy -o last.npy 'run.h5/images[-1]'   the last image, for NumPy\n"
    "  hi5 cat -f csv 'run.h5/events[:1000]'            a table\n"
    "  hi5 cat run.h5/images@unit                       an attribute\n"
    "  hi5 cat run.h5/@title                            one of the root group\n"
    "\n"
    "A name that itself holds '[' or '@' is tried as it is first. Quote slices: the\n"
    "shell has its own use for brackets.\n"
    "\n"
    "Exit status: 0, or 1 if anything failed.\n";

enum { OPT_DRIVER = 256, OPT_NO_HEADER };

static const struct cli_option cat_options[] = {
    {'h', 'h', "help", CLI_NOTHING},
    {'f', 'f', "format", CLI_VALUE},
    {'t', 't', "type", CLI_VALUE},
    {'o', 'o', "output", CLI_VALUE},
    {OPT_NO_HEADER, 0, "no-header", CLI_NOTHING},
    {OPT_DRIVER, 0, "vfd", CLI_VALUE},
    {OPT_DRIVER, 0, "vfd-name", CLI_VALUE},
    {0, 0, NULL, CLI_NOTHING},
};

static bool
parse_format(const char *text, enum cat_format *format)
{
    static const char *const names[] = {"text", "csv", "json", "npy", "raw"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            *format = (enum cat_format)i;
            return true;
        }
    return false;
}

static const struct number_name {
    const char *code, *word;
    const hi5_type *type;
} number_names[] = {
    {"i1", "int8", HI5_I8},     {"i2", "int16", HI5_I16},   {"i4", "int32", HI5_I32},
    {"i8", "int64", HI5_I64},   {"u1", "uint8", HI5_U8},    {"u2", "uint16", HI5_U16},
    {"u4", "uint32", HI5_U32},  {"u8", "uint64", HI5_U64},  {"f2", "float16", HI5_F16},
    {"f4", "float32", HI5_F32}, {"f8", "float64", HI5_F64},
};

/* The type that --type asks for; NULL if there is none. `swap`: its byte order is not
 * this machine's. */
static const hi5_type *
parse_type(const char *text, bool *swap)
{
    const uint16_t one = 1;
    char own = *(const unsigned char *)&one ? '<' : '>';

    *swap = (*text == '<' || *text == '>') && *text != own;
    if (strchr("<>=|", *text) && *text)
        text++;
    for (size_t i = 0; i < sizeof number_names / sizeof *number_names; i++)
        if (strcmp(text, number_names[i].code) == 0 ||
            strcmp(text, number_names[i].word) == 0)
            return number_names[i].type;
    return NULL;
}

static bool
set_option(struct cat_options *o, int id, const char *value)
{
    bool swap;

    switch (id) {
    case 'f':
        if (parse_format(value, &o->format))
            return true;
        cli_usage_error("there is no format '%s'", value);
        return false;
    case 't':
        o->type = value;
        if (parse_type(value, &swap))
            return true;
        cli_usage_error("there is no type '%s'", value);
        return false;
    case 'o':
        o->output = value;
        return true;
    case OPT_NO_HEADER:
        o->no_header = true;
        return true;
    case OPT_DRIVER:
        if (cli_driver(value, &o->open.driver))
            return true;
        cli_usage_error("there is no driver '%s'", value);
        return false;
    default:
        return false;
    }
}

/* -----------------------------------------------------------------------------
 * Finding what is named
 */

/* Open OBJECT@ATTRIBUTE, `at` being where the '@' is. */
static hi5_status
open_attribute(struct cat_source *s, const char *path, const char *at, hi5_error *err)
{
    char *object = at > path ? cli_copy_n(path, (size_t)(at - path)) : cli_copy("/");
    hi5_status status = hi5_object_open(s->file, object, &s->object, err);

    free(object);
    if (status)
        return status;
    status = hi5_attribute_open(s->object, at + 1, &s->attribute, err);
    if (status) {
        hi5_object_close(s->object);
        s->object = NULL;
    }
    return status;
}

/* Open `path` as an object, or as OBJECT@ATTRIBUTE. Names may hold more than one '@':
 * the last is tried first. The failure that is told is the first one. */
static hi5_status
open_named(struct cat_source *s, const char *path, hi5_error *err)
{
    hi5_status status = hi5_object_open(s->file, *path ? path : "/", &s->object, err);
    bool told = false;
    hi5_error e;

    for (size_t n = strlen(path); n > 0 && status == HI5_E_NOTFOUND; n--) {
        if (path[n - 1] != '@')
            continue;
        status = open_attribute(s, path, path + n - 1, &e);
        if (status && !told)
            *err = e;
        told = true;
    }
    return status;
}

/* Where the slice at the end of `path` begins; NULL if there is none. A list in it has
 * brackets of its own. */
static const char *
find_slice(const char *path)
{
    size_t n = strlen(path);
    int depth = 0;

    if (n == 0 || path[n - 1] != ']')
        return NULL;
    while (n-- > 0) {
        depth += path[n] == ']';
        depth -= path[n] == '[';
        if (depth == 0)
            return path + n;
    }
    return NULL;
}

/* Find the object or attribute, and the slice if there is one: `path` is taken as it is
 * first, then without the brackets at its end. */
static hi5_status
find(struct cat_source *s, const char *path, const char **slice, hi5_error *err)
{
    const char *bracket = find_slice(path);
    hi5_status status = open_named(s, path, err);

    *slice = NULL;
    if (status == HI5_E_NOTFOUND && bracket) {
        char *name = cli_copy_n(path, (size_t)(bracket - path));
        status = open_named(s, name, err);
        free(name);
        if (status == HI5_OK)
            *slice = bracket;
    }
    return status;
}

static bool
describe(struct cat_source *s)
{
    hi5_attribute_info a;
    hi5_error err;

    if (s->attribute) {
        hi5_attribute_get_info(s->attribute, &a);
        s->type = a.type;
        s->shape = a.shape;
        return true;
    }
    if (hi5_object_kind(s->object) != HI5_KIND_DATASET) {
        cli_error("%s is a %s, which has no values; name a dataset, or an attribute as "
                  "PATH@NAME ('hi5 ls -v' shows them)",
                  s->name,
                  hi5_object_kind(s->object) == HI5_KIND_GROUP ? "group" : "datatype");
        return false;
    }
    if (hi5_object_dataset(s->object, &s->dataset, &err)) {
        cli_fail(*err.path ? NULL : s->name, &err);
        return false;
    }
    s->type = hi5_dataset_type(s->dataset);
    s->shape = *hi5_dataset_shape(s->dataset);
    return true;
}

/* -----------------------------------------------------------------------------
 * Printing it
 */

/* The type to read as: as stored, or numbers converted to `number`, in arrays too. */
static hi5_status
memory_type(const hi5_type *file, const hi5_type *number, hi5_type **memory,
            hi5_error *err)
{
    hi5_type_info info;
    hi5_type *base;
    hi5_status status;

    hi5_type_get_info(file, &info);
    if (!number)
        return hi5_type_memory(file, memory, err);
    if (info.cls != HI5_ARRAY)
        return hi5_type_copy(number, memory, err);
    status = memory_type(info.base, number, &base, err);
    if (status)
        return status;
    status = hi5_type_array(base, info.rank, info.dims, memory, err);
    hi5_type_free(base);
    return status;
}

static void
print_source(struct cat_source *s, const struct cat_options *o, FILE *out)
{
    bool swap = false;
    const hi5_type *number = o->type ? parse_type(o->type, &swap) : NULL;
    hi5_type *memory = NULL;
    hi5_error err;
    hi5_status status = memory_type(s->type, number, &memory, &err);

    s->memory = memory;
    if (status == HI5_OK && (o->format == CAT_NPY || o->format == CAT_RAW))
        status = cat_write(s, o->format == CAT_NPY, swap, out, &err);
    else if (status == HI5_OK && o->format == CAT_CSV)
        status = cat_print_csv(s, !o->no_header, out, &err);
    else if (status == HI5_OK)
        status = cat_print(s, o->format, out, &err);
    if (status)
        cli_fail(*err.path ? NULL : s->name, &err);
    hi5_type_free(memory);
}

static void
print_to(struct cat_source *s, const struct cat_options *o)
{
    FILE *out = stdout;

    if (o->output) {
        out = fopen(o->output, "wb");
        if (!out) {
            cli_error("%s: %s", o->output, strerror(errno));
            return;
        }
    }
    print_source(s, o, out);
    cli_close_output(out, o->output);
}

/* "[0, 1]" without its brackets. */
static char *
inside(const char *slice)
{
    return slice ? cli_copy_n(slice + 1, strlen(slice) - 2) : NULL;
}

static void
cat_argument(const char *arg, const struct cat_options *o)
{
    struct cat_source s = {.name = arg};
    const char *rest, *slice;
    hi5_error err;

    if (cli_open_prefix(arg, &o->open, &s.file, &rest, &err)) {
        cli_fail(*err.path ? NULL : arg, &err);
        return;
    }
    if (find(&s, rest, &slice, &err)) {
        cli_fail(*err.path ? NULL : arg, &err);
    } else {
        char *text = inside(slice);
        if (describe(&s)) {
            if (cat_select(&s, text, &err))
                cli_fail(arg, &err);
            else
                print_to(&s, o);
            cat_select_free(&s);
        }
        free(text);
    }
    if (s.dataset)
        hi5_dataset_close(s.dataset);
    if (s.attribute)
        hi5_attribute_close(s.attribute);
    if (s.object)
        hi5_object_close(s.object);
    hi5_close(s.file, NULL);
}

/* Options may stand before and after what is named. Its index in argv; 0: there is
 * none, or an option was wrong or answered, and `status` is the exit status. */
static int
read_options(struct cat_options *o, int argc, char **argv, int *status)
{
    struct cli_parser p;
    int id, found = 0;
    bool more = true;

    *status = EXIT_FAILURE;
    cli_parse(&p, cat_options, argc, argv);
    for (;;) {
        id = more ? cli_next(&p) : CLI_END;
        if (id == CLI_END && p.index >= argc)
            break;
        if (id == CLI_BAD)
            return 0;
        if (id == 'h') {
            cli_puts(stdout, cat_help);
            *status = cli_finish();
            return 0;
        }
        if (id != CLI_END) {
            if (!set_option(o, id, p.value))
                return 0;
            continue;
        }
        more = more && strcmp(argv[p.index - 1], "--") != 0;
        if (found) {
            cli_usage_error("one dataset or attribute at a time");
            return 0;
        }
        found = p.index++;
    }
    if (!found)
        cli_usage_error("which dataset?");
    return found;
}

int
cmd_cat(int argc, char **argv)
{
    struct cat_options o = {0};
    int status;

    cli_open_options(&o.open);
    int i = read_options(&o, argc, argv, &status);
    if (i == 0)
        return status;
    cat_argument(argv[i], &o);
    return cli_finish();
}
