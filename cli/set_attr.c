/*
 * set_attr.c - `hi5 set-attr` and `hi5 extend`: an attribute's value, a dataset's extent
 *
 * SPDX-License-Identifier: MIT
 */
#include "edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * set-attr
 */

static const char set_attr_help[] =
    "Usage: hi5 set-attr [OPTIONS] FILE/PATH@NAME VALUE...\n"
    "\n"
    "Set an attribute of an object, in place of the one of that name, if there is one.\n"
    "\n"
    "  -t, --type=TYPE    i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8; str, a string of any length;\n"
    "                     s16, one of 16 bytes. By default i8 if all values are whole\n"
    "                     numbers, f8 if all are numbers, else str\n"
    "  -s, --shape=N,...  the values fill an array of this shape, row by row; by default\n"
    "                     one value is a scalar, several are an array of one dimension\n"
    "  -h, --help         this\n"
    "\n"
    "Examples\n"
    "  hi5 set-attr run.h5/images@unit counts\n"
    "  hi5 set-attr -t f4 run.h5/@origin 0 0.5 1e-3\n"
    "\n"
    "'--' in front of values lets them begin with a minus.\n";

static const struct cli_option set_attr_options[] = {
    {'t', 't', "type", CLI_VALUE},
    {'s', 's', "shape", CLI_VALUE},
    {'h', 'h', "help", CLI_NOTHING},
    {0, 0, NULL, CLI_NOTHING},
};

static bool
text_is_whole(const char *text)
{
    char *end;

    errno = 0;
    (void)strtoll(text, &end, 10);
    return *text != '\0' && *end == '\0' && errno == 0;
}

static bool
text_is_number(const char *text)
{
    char *end;

    (void)strtod(text, &end);
    return *text != '\0' && *end == '\0';
}

static const struct value_type {
    const char *name;
    const hi5_type *type;
    char how;                  /* i, u, f */
} value_types[] = {
    {"i1", HI5_I8, 'i'}, {"i2", HI5_I16, 'i'}, {"i4", HI5_I32, 'i'}, {"i8", HI5_I64, 'i'},
    {"u1", HI5_U8, 'u'}, {"u2", HI5_U16, 'u'}, {"u4", HI5_U32, 'u'}, {"u8", HI5_U64, 'u'},
    {"f2", HI5_F16, 'f'}, {"f4", HI5_F32, 'f'}, {"f8", HI5_F64, 'f'},
};

/* What is to be written. */
struct value {
    const struct value_type *number; /* or NULL: strings */
    size_t fixed;              /* strings of so many bytes; 0: of any length */
    hi5_shape shape;
    size_t n;
    char **text;               /* [n] */
};

static bool
value_type_of(struct value *v, const char *name)
{
    bool whole = true, number = true;
    uint64_t size;

    for (size_t i = 0; i < v->n; i++) {
        whole = whole && text_is_whole(v->text[i]);
        number = number && text_is_number(v->text[i]);
    }
    if (name == NULL)
        name = whole ? "i8" : number ? "f8" : "str";
    for (size_t i = 0; i < sizeof value_types / sizeof *value_types; i++)
        if (strcmp(name, value_types[i].name) == 0)
            v->number = &value_types[i];
    if (v->number != NULL || strcmp(name, "str") == 0)
        return true;
    if (*name != 's' || !cli_number(name + 1, &size) || size == 0 || size > 1 << 20)
        return false;
    v->fixed = (size_t)size;
    return true;
}

/* "2,3", and so many values. */
static bool
value_shape_of(struct value *v, const char *text)
{
    char *const copy = cli_copy(text != NULL ? text : "");
    char *part = copy;
    uint64_t n = 1;
    bool ok = true;

    v->shape = (hi5_shape){.kind = HI5_SIMPLE};
    if (text == NULL) {
        v->shape.kind = v->n == 1 ? HI5_SCALAR : HI5_SIMPLE;
        v->shape.rank = v->n == 1 ? 0 : 1;
        v->shape.dims[0] = v->n;
    }
    while (text != NULL && ok && part != NULL) {
        char *const comma = strchr(part, ',');

        if (comma != NULL)
            *comma = '\0';
        ok = v->shape.rank < HI5_MAX_RANK &&
             cli_number(part, &v->shape.dims[v->shape.rank]) &&
             v->shape.dims[v->shape.rank] <= SIZE_MAX / (n + 1);
        n *= ok ? v->shape.dims[v->shape.rank++] : 0;
        part = comma != NULL ? comma + 1 : NULL;
    }
    free(copy);
    return ok && (text == NULL || n == v->n);
}

/* Numbers as the widest of their kind; the library converts them. */
static hi5_status
value_write_numbers(hi5_object *o, const char *name, const struct value *v, hi5_error *err)
{
    void *const all = cli_alloc((v->n + 1) * 8);
    const char how = v->number->how;
    hi5_status s = HI5_OK;

    for (size_t i = 0; i < v->n && s == HI5_OK; i++) {
        char *end = v->text[i];

        errno = 0;
        if (how == 'i')
            ((int64_t *)all)[i] = strtoll(v->text[i], &end, 0);
        else if (how == 'u')
            ((uint64_t *)all)[i] = strtoull(v->text[i], &end, 0);
        else
            ((double *)all)[i] = strtod(v->text[i], &end);
        if (*end != '\0' || end == v->text[i] || (errno != 0 && how != 'f') ||
            (how == 'u' && strchr(v->text[i], '-') != NULL)) {
            cli_error("'%s' is no value of type %s", v->text[i], v->number->name);
            s = HI5_E_ARG;
        }
    }
    if (s == HI5_OK)
        s = hi5_attribute_write(o, name, v->number->type, &v->shape,
                                how == 'i' ? HI5_I64 : how == 'u' ? HI5_U64 : HI5_F64, all,
                                err);
    else
        err->message[0] = '\0';
    free(all);
    return s;
}

static hi5_status
value_write_text(hi5_object *o, const char *name, const struct value *v, hi5_error *err)
{
    hi5_type *type = NULL;
    hi5_status s;

    s = v->fixed != 0
            ? hi5_type_string(v->fixed, HI5_NULL_PADDED, HI5_UTF8, &type, err)
            : hi5_type_vlen_string(HI5_NULL_TERMINATED, HI5_UTF8, &type, err);
    for (size_t i = 0; i < v->n && s == HI5_OK && v->fixed != 0; i++)
        if (strlen(v->text[i]) > v->fixed) {
            cli_error("'%s' has more than %zu bytes", v->text[i], v->fixed);
            err->message[0] = '\0';
            s = HI5_E_ARG;
        }
    if (s == HI5_OK)
        s = hi5_attribute_write(o, name, type, &v->shape, HI5_STR, v->text, err);
    hi5_type_free(type);
    return s;
}

int
cmd_set_attr(int argc, char **argv)
{
    const char *type = NULL, *shape = NULL, *path, *name;
    struct edit_file e = {NULL, NULL};
    struct value v = {NULL, 0, {0}, 0, NULL};
    struct cli_parser p;
    hi5_object *o = NULL;
    hi5_error err = {0};
    hi5_status s;
    char *object;
    int id;

    cli_parse(&p, set_attr_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return 1;
        if (id == 'h') {
            cli_puts(stdout, set_attr_help);
            return 0;
        }
        *(id == 't' ? &type : &shape) = p.value;
    }
    if (argc - p.index < 2)
        return cli_usage_error("which attribute, and what value?");
    v.text = argv + p.index + 1;
    v.n = (size_t)(argc - p.index - 1);
    if (v.n > 1 && strcmp(v.text[0], "--") == 0) {
        v.text++;
        v.n--;
    }
    if (!value_type_of(&v, type))
        return cli_usage_error("there is no type '%s'", type);
    if (!value_shape_of(&v, shape))
        return cli_usage_error("%zu values do not fill the shape '%s'", v.n, shape);
    if (!edit_at(&e, argv[p.index], &path))
        return 1;
    object = edit_attribute(path, &name);
    if (object == NULL) {
        edit_done(&e);
        return cli_usage_error("'%s' is not FILE/PATH@NAME", argv[p.index]);
    }
    s = hi5_object_open(e.f, object, &o, &err);
    if (s == HI5_OK)
        s = v.number != NULL ? value_write_numbers(o, name, &v, &err)
                             : value_write_text(o, name, &v, &err);
    if (s != HI5_OK && err.message[0] != '\0')
        cli_fail(NULL, &err);
    hi5_object_close(o);
    free(object);
    edit_done(&e);
    return 0;
}

/* -----------------------------------------------------------------------------
 * extend
 */

static const char extend_help[] =
    "Usage: hi5 extend FILE/DATASET N,...\n"
    "\n"
    "Change the extent of a dataset, within its maximum: a number for each dimension, or\n"
    "+N or -N for so many more or less. New elements have the fill value; what is cut off\n"
    "is gone, and its chunks are given back.\n"
    "\n"
    "  -v, --verbose  tell the old and the new extent\n"
    "  -h, --help     this\n"
    "\n"
    "Example\n"
    "  hi5 extend run.h5/images +10,480,640\n";

static const struct cli_option extend_options[] = {
    {'v', 'v', "verbose", CLI_NOTHING},
    {'h', 'h', "help", CLI_NOTHING},
    {0, 0, NULL, CLI_NOTHING},
};

/* What `text` makes of a shape; false if it cannot be understood. */
static bool
extend_dims(const hi5_shape *shape, const char *text, uint64_t *dims)
{
    char *const copy = cli_copy(text);
    char *part = copy;
    unsigned i = 0;
    bool ok = true;

    for (; part != NULL && ok; i++) {
        char *const comma = strchr(part, ',');
        const char sign = *part;
        uint64_t n = 0;

        if (comma != NULL)
            *comma = '\0';
        ok = i < shape->rank && cli_number(part + (sign == '+' || sign == '-'), &n);
        if (!ok)
            break;
        dims[i] = sign == '+' ? shape->dims[i] + n : sign == '-' ? shape->dims[i] - n : n;
        ok = (sign != '-' || n <= shape->dims[i]) && (sign != '+' || dims[i] >= n);
        part = comma != NULL ? comma + 1 : NULL;
    }
    free(copy);
    return ok && i == shape->rank;
}

static void
extend_print(const char *before, const uint64_t *dims, unsigned rank, const char *after)
{
    cli_puts(stdout, before);
    for (unsigned i = 0; i < rank; i++)
        cli_printf(stdout, "%s%llu", i != 0 ? "," : "", (unsigned long long)dims[i]);
    cli_puts(stdout, after);
}

int
cmd_extend(int argc, char **argv)
{
    struct edit_file e = {NULL, NULL};
    uint64_t dims[HI5_MAX_RANK];
    struct cli_parser p;
    hi5_dataset *d = NULL;
    unsigned given;
    const char *path;
    hi5_shape was;
    hi5_error err;
    int status;

    if (!cli_flags(&p, extend_options, extend_help, argc, argv, &given, &status))
        return status;
    if (argc - p.index != 2)
        return cli_usage_error("which dataset, and what extent?");
    if (!edit_at(&e, argv[p.index], &path))
        return 1;
    if (hi5_dataset_open(e.f, path, &d, &err) != HI5_OK) {
        cli_fail(NULL, &err);
    } else if (was = *hi5_dataset_shape(d), !extend_dims(&was, argv[p.index + 1], dims)) {
        cli_error("'%s' is no extent of %u dimensions", argv[p.index + 1], was.rank);
    } else if (hi5_dataset_resize(d, dims, &err) != HI5_OK) {
        cli_fail(NULL, &err);
    } else if (given & CLI_FLAG('v')) {
        extend_print(argv[p.index], was.dims, 0, ": ");
        extend_print("", was.dims, was.rank, " -> ");
        extend_print("", dims, was.rank, "\n");
    }
    hi5_dataset_close(d);
    edit_done(&e);
    return 0;
}
