/*
 * dump_options.c - the command line of `hi5 dump`, after h5dump's
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Options without a letter in h5dump, or whose letter is not the id. */
enum {
    OPT_PAGE_BUFFER = 256,
    OPT_S3,
    OPT_HDFS,
    OPT_VOL,
    OPT_VFD_VALUE,
    OPT_VFD_NAME,
    OPT_VFD_INFO
};

static const struct cli_option dump_options[] = {
    {'a', 'a', "attribute", CLI_VALUE},
    {'b', 'b', "binary", CLI_MAYBE},
    {'c', 'c', "count", CLI_VALUE},
    {'d', 'd', "dataset", CLI_VALUE},
    {'e', 'e', "escape", CLI_NOTHING},
    {'f', 'f', "filedriver", CLI_VALUE},
    {'g', 'g', "group", CLI_VALUE},
    {'h', 'h', "help", CLI_NOTHING},
    {'i', 'i', "object-ids", CLI_NOTHING},
    {'k', 'k', "block", CLI_VALUE},
    {'l', 'l', "soft-link", CLI_VALUE},
    {'m', 'm', "format", CLI_VALUE},
    {'n', 'n', "contents", CLI_MAYBE},
    {'o', 'o', "output", CLI_MAYBE},
    {'p', 'p', "properties", CLI_NOTHING},
    {'q', 'q', "sort_by", CLI_VALUE},
    {'r', 'r', "string", CLI_NOTHING},
    {'s', 's', "start", CLI_VALUE},
    {'t', 't', "datatype", CLI_VALUE},
    {'u', 'u', "use-dtd", CLI_NOTHING},
    {'v', 'v', "vds-view-first-missing", CLI_NOTHING},
    {'w', 'w', "width", CLI_VALUE},
    {'x', 'x', "xml", CLI_NOTHING},
    {'y', 'y', "noindex", CLI_NOTHING},
    {'z', 'z', "sort_order", CLI_VALUE},
    {'A', 'A', "onlyattr", CLI_MAYBE},
    {'B', 'B', "superblock", CLI_NOTHING},
    {'B', 0, "boot-block", CLI_NOTHING},
    {'C', 'C', "no-compact-subset", CLI_NOTHING},
    {'D', 'D', "xml-dtd", CLI_VALUE},
    {'E', 'E', "enable-error-stack", CLI_MAYBE},
    {'F', 'F', "form", CLI_VALUE},
    {'G', 'G', "vds-gap-size", CLI_VALUE},
    {'H', 'H', "header", CLI_NOTHING},
    {'M', 'M', "packed-bits", CLI_VALUE},
    {'M', 0, "packedbits", CLI_VALUE},
    {'N', 'N', "any_path", CLI_VALUE},
    {'O', 'O', "ddl", CLI_MAYBE},
    {'R', 'R', "region", CLI_NOTHING},
    {'S', 'S', "stride", CLI_VALUE},
    {'V', 'V', "version", CLI_NOTHING},
    {'X', 'X', "xml-ns", CLI_VALUE},
    {OPT_PAGE_BUFFER, 'K', "page-buffer-size", CLI_VALUE},
    {OPT_S3, 0, "s3-cred", CLI_VALUE},
    {OPT_HDFS, 0, "hdfs-attrs", CLI_VALUE},
    {OPT_VOL, 0, "vol-value", CLI_VALUE},
    {OPT_VOL, 0, "vol-name", CLI_VALUE},
    {OPT_VOL, 0, "vol-info", CLI_VALUE},
    {OPT_VFD_VALUE, 0, "vfd-value", CLI_VALUE},
    {OPT_VFD_NAME, 0, "vfd-name", CLI_VALUE},
    {OPT_VFD_INFO, 0, "vfd-info", CLI_VALUE},
    {0, 0, NULL, CLI_NOTHING},
};

/* -----------------------------------------------------------------------------
 * Values of options
 */

/* The decimal numbers in `text`, whatever stands between them, up to ';' or ']'. */
void
dump_parse_list(const char *text, struct dump_list *list)
{
    *list = (struct dump_list){0};
    while (*text && *text != ';' && *text != ']') {
        if (!isdigit((unsigned char)*text)) {
            text++;
            continue;
        }
        char *end;
        uint64_t value = strtoull(text, &end, 10);
        if (list->n < HI5_MAX_RANK)
            list->v[list->n] = value;
        list->n++;
        text = end;
    }
    list->given = list->n > 0;
}

struct dump_subset *
dump_parse_subset(char *name)
{
    char *text = strrchr(name, '[');

    if (!text)
        return NULL;
    struct dump_subset *s = cli_alloc(sizeof *s);
    struct dump_list *const lists[] = {&s->start, &s->stride, &s->count, &s->block};
    *text++ = '\0';
    for (int i = 0; i < 4; i++) {
        dump_parse_list(text, lists[i]);
        text += strcspn(text, ";");
        text += *text == ';';
    }
    return s;
}

/* "OFFSET,LENGTH" at `*text`, which is moved behind it. */
static bool
parse_pair(const char *list, const char **text, struct dump_mask *m)
{
    unsigned long v[2];

    for (int i = 0; i < 2; i++) {
        char *end;
        if (!isdigit((unsigned char)**text))
            return !cli_usage_error("Bad mask list (%s)", list);
        v[i] = strtoul(*text, &end, 10);
        *text = end;
        if (i == 0 && *(*text)++ != ',')
            return !cli_usage_error("Bad mask list (%s): a comma is missing", list);
    }
    if (v[0] > 63)
        return !cli_usage_error("packed bits: the offset %lu must be between 0 and 63",
                                v[0]);
    if (v[1] == 0)
        return !cli_usage_error("packed bits: the length must be positive");
    if (v[1] > 64 - v[0])
        return !cli_usage_error(
            "packed bits: offset+length %lu is too large, at most 64", v[0] + v[1]);
    m->offset = (unsigned)v[0];
    m->length = (unsigned)v[1];
    m->bits = v[1] == 64 ? UINT64_MAX : (UINT64_C(1) << v[1]) - 1;
    return true;
}

/* "OFFSET,LENGTH,OFFSET,LENGTH..." */
static bool
parse_masks(struct dump_options *o, const char *list)
{
    const char *text = list;

    o->nmasks = 0;
    while (*text) {
        struct dump_mask m;
        if (!parse_pair(list, &text, &m))
            return false;
        if (o->nmasks == DUMP_MASKS)
            return !cli_usage_error("Too many masks requested (at most %d) in (%s)",
                                    DUMP_MASKS, list);
        o->masks[o->nmasks++] = m;
        if (*text == ',' && *++text == '\0')
            return !cli_usage_error("Bad mask list (%s): it ends in a comma", list);
    }
    return o->nmasks > 0 || !cli_usage_error("Bad mask list (%s)", list);
}

/* The format goes to printf, with one double: it must not ask for more. */
static bool
check_format(const char *format)
{
    int conversions = 0;

    for (const char *p = format; *p; p++) {
        if (*p != '%' || *++p == '%')
            continue;
        p += strspn(p, "-+ #0");
        size_t width = strspn(p, "0123456789");
        p += width;
        size_t precision = *p == '.' ? strspn(++p, "0123456789") : 0;
        p += precision;
        p += *p == 'l';
        if (!*p || !strchr("aAeEfFgG", *p) || width > 4 || precision > 4 ||
            ++conversions > 1)
            return false;
    }
    return true;
}

static bool
parse_binary(struct dump_options *o, const char *form)
{
    static const struct {
        const char *name;
        enum dump_binary form;
    } forms[] = {
        {"NATIVE", DUMP_NATIVE}, {"MEMORY", DUMP_NATIVE}, {"FILE", DUMP_FILE},
        {"LE", DUMP_LITTLE},     {"BE", DUMP_BIG},
    };

    o->binary = DUMP_NATIVE;
    for (size_t i = 0; form && i < sizeof forms / sizeof *forms; i++)
        if (strcmp(form, forms[i].name) == 0) {
            o->binary = forms[i].form;
            return true;
        }
    return !form ||
           !cli_usage_error("-b takes NATIVE, FILE, LE or BE, not \"%s\"", form);
}

static bool
parse_driver(struct dump_options *o, const char *name)
{
    if (strcmp(name, "onion") == 0) {
        cli_error("unable to open: the onion driver is not supported");
        return false;
    }
    return cli_driver(name, &o->driver) ||
           !cli_usage_error("there is no driver \"%s\"", name);
}

/* The numbers that HDF5 gives to its drivers. */
static bool
parse_driver_value(struct dump_options *o, const char *text)
{
    static const hi5_driver drivers[] = {
        HI5_DRIVER_PLAIN,  /* sec2 */
        HI5_DRIVER_PLAIN,  /* core */
        HI5_DRIVER_PLAIN,  /* log */
        HI5_DRIVER_FAMILY, /* family */
        HI5_DRIVER_MULTI,  /* multi */
        HI5_DRIVER_PLAIN,  /* stdio */
    };
    uint64_t value;

    if (!cli_number(text, &value) || value >= sizeof drivers / sizeof *drivers)
        return !cli_usage_error("there is no driver of value %s", text);
    o->driver = drivers[value];
    return true;
}

static bool
parse_choice(char option, const char *value, const char *no, const char *yes,
             bool *chosen)
{
    *chosen = strcmp(value, yes) == 0;
    return *chosen || strcmp(value, no) == 0 ||
           !cli_usage_error("-%c takes %s or %s, not \"%s\"", option, no, yes, value);
}

/* -----------------------------------------------------------------------------
 * Output files
 */

static void
close_stream(FILE *f)
{
    if (f && f != stdout)
        cli_close_output(f, NULL);
}

/* A name of NULL means that this output is not wanted. */
static bool
open_stream(FILE **f, const char *name)
{
    close_stream(*f);
    *f = NULL;
    if (name && !(*f = fopen(name, "wb"))) {
        cli_error("unable to open output file \"%s\": %s", name, strerror(errno));
        return false;
    }
    return true;
}

static bool
open_data_output(struct dump_options *o, const char *name)
{
    if (o->binary == DUMP_TEXT && o->attribute_data && !o->data &&
        !open_stream(&o->attribute_out, name))
        return false;
    /* -A prints no data: the file is for the attributes then. */
    if (o->binary == DUMP_TEXT && !o->data)
        return true;
    o->data_name = name;
    return open_stream(&o->data_out, name);
}

/* -----------------------------------------------------------------------------
 * The command line
 */

static void
add_request(struct dump_options *o, enum dump_want want, const char *name)
{
    o->requests = cli_resize(o->requests, o->nrequests + 1, sizeof *o->requests);
    struct dump_request *r = &o->requests[o->nrequests++];

    *r = (struct dump_request){.want = want, .name = cli_copy(name)};
    if (want == DUMP_DATASET && o->compact_subset)
        r->subset = dump_parse_subset(r->name);
    o->some = true;
}

/* The dataset that -s, -S, -c, -k or -M are about. */
static struct dump_request *
last_dataset(struct dump_options *o, int option)
{
    struct dump_request *r = o->nrequests ? &o->requests[o->nrequests - 1] : NULL;

    if (r && r->want == DUMP_DATASET)
        return r;
    cli_usage_error("option -%c can only be used after --dataset", option);
    return NULL;
}

static bool
add_subset(struct dump_options *o, int option, const char *text)
{
    struct dump_request *r = last_dataset(o, option);

    if (!r)
        return false;
    if (!r->subset)
        r->subset = cli_alloc(sizeof *r->subset);
    dump_parse_list(text, option == 's'   ? &r->subset->start
                          : option == 'S' ? &r->subset->stride
                          : option == 'c' ? &r->subset->count
                                          : &r->subset->block);
    return true;
}

/* Options that only set a flag. */
static const struct {
    int option;
    size_t flag; /* where it is in struct dump_options */
    bool value;
} dump_flags[] = {
    {'e', offsetof(struct dump_options, escape), true},
    {'i', offsetof(struct dump_options, ids), true},
    {'p', offsetof(struct dump_options, properties), true},
    {'r', offsetof(struct dump_options, characters), true},
    {'y', offsetof(struct dump_options, indices), false},
    {'B', offsetof(struct dump_options, superblock), true},
    {'C', offsetof(struct dump_options, compact_subset), false},
    {'R', offsetof(struct dump_options, regions), true},
};

/* Options that name an object. */
static const struct {
    int option;
    enum dump_want want;
} dump_wants[] = {
    {'a', DUMP_ATTRIBUTE}, {'d', DUMP_DATASET},  {'g', DUMP_GROUP},
    {'l', DUMP_LINK},      {'t', DUMP_DATATYPE}, {'N', DUMP_ANY},
};

/* How the values are shown; true if this was such an option. */
static bool
take_amount(struct dump_options *o, int option, const char *value)
{
    switch (option) {
    case 'H':
        o->data = o->attribute_data = false;
        return true;
    case 'A':
        if (!value) {
            o->data = false;
            o->attribute_data = true;
        } else if (atoi(value) == 0) {
            o->attributes = false;
        }
        return true;
    case 'n':
        o->contents = true;
        o->contents_attributes = value && atoi(value) > 0;
        return true;
    case 'w':
        o->width = atoi(value) > 0 ? (unsigned)atoi(value) : 65535;
        return true;
    case 'v':
        o->vds_view = HI5_VDS_FIRST_MISSING;
        return true;
    case 'E':
        o->errors = !value || atoi(value) > 0;
        return true;
    default:
        return false;
    }
}

static bool
take_xml(struct dump_options *o, int option, const char *value)
{
    switch (option) {
    case 'x':
    case 'u':
        o->xml = true;
        o->dtd = option == 'u';
        if (o->dtd)
            o->xml_prefix = "";
        return true;
    case 'D':
        o->xml_uri = value;
        return true;
    case 'X':
        o->xml_prefix = strcmp(value, ":") == 0 ? "" : value;
        return true;
    default:
        return false;
    }
}

/* Options whose values may be wrong; false if it is. */
static bool
take_checked(struct dump_options *o, int option, const char *value)
{
    switch (option) {
    case 's':
    case 'S':
    case 'c':
    case 'k':
        return add_subset(o, option, value);
    case 'M':
        return last_dataset(o, option) && parse_masks(o, value);
    case 'q':
        return parse_choice('q', value, "name", "creation_order", &o->by_creation);
    case 'z':
        return parse_choice('z', value, "ascending", "descending", &o->descending);
    case 'b':
        return parse_binary(o, value) &&
               (!o->data_name || open_data_output(o, o->data_name));
    case 'o':
        return open_data_output(o, value);
    case 'O':
        return open_stream(&o->out, value);
    case 'm':
        o->float_format = value;
        o->width = 0;
        return check_format(value) ||
               !cli_usage_error("-m takes a format for one double, not \"%s\"", value);
    case 'f':
    case OPT_VFD_NAME:
        return parse_driver(o, value);
    case OPT_VFD_VALUE:
        return parse_driver_value(o, value);
    case 'G':
        return cli_number(value, &o->vds_gap) ||
               !cli_usage_error("-G takes a number, not \"%s\"", value);
    default:
        return true; /* accepted, but without effect here */
    }
}

static bool
take_option(struct dump_options *o, int option, const char *value)
{
    for (size_t i = 0; i < sizeof dump_flags / sizeof *dump_flags; i++)
        if (dump_flags[i].option == option) {
            memcpy((char *)o + dump_flags[i].flag, &dump_flags[i].value, sizeof(bool));
            return true;
        }
    for (size_t i = 0; i < sizeof dump_wants / sizeof *dump_wants; i++)
        if (dump_wants[i].option == option) {
            add_request(o, dump_wants[i].want, value);
            return true;
        }
    return take_amount(o, option, value) || take_xml(o, option, value) ||
           take_checked(o, option, value);
}

/* Some options take the next argument as a value if it does not look like an option and
 * is not the last one, which is the file. Only their letters do: --output FILE is not
 * --output=FILE. */
static const char *
optional_value(struct cli_parser *p, int option, bool is_long)
{
    bool may = option < 256 && strchr("bnoAEO", option);

    if (p->value || is_long || !may || (p->cluster && *p->cluster))
        return p->value;
    if (p->index + 1 < p->argc && p->argv[p->index][0] != '-')
        return p->argv[p->index++];
    return NULL;
}

static void
set_defaults(struct dump_options *o)
{
    *o = (struct dump_options){
        .data = true,
        .attribute_data = true,
        .attributes = true,
        .indices = true,
        .compact_subset = true,
        .xml_prefix = "hdf5:",
        .width = 80,
        .out = stdout,
        .data_out = stdout,
        .attribute_out = stdout,
    };
}

/* Things that do not go together. */
static bool
check_options(const struct dump_options *o, int argc)
{
    if (o->first_file >= argc)
        return !cli_usage_error("missing file name");
    if (o->binary != DUMP_TEXT && !o->data_name)
        return !cli_usage_error("binary output requires a file name: -o FILE");
    if (o->xml && (o->some || o->superblock || o->ids || o->characters ||
                   o->data_out != stdout || o->contents))
        return !cli_usage_error(
            "XML is printed of whole files only, without -B, -i, -n, "
            "-o and -r");
    if (o->xml && o->xml_uri && !o->dtd && *o->xml_prefix)
        return !cli_usage_error("-D cannot be used with a namespace: add -X : or -u");
    return true;
}

bool
dump_parse(struct dump_options *o, int argc, char **argv)
{
    struct cli_parser p;
    int option;

    set_defaults(o);
    cli_parse(&p, dump_options, argc, argv);
    for (;;) {
        const char *arg = p.index < argc ? argv[p.index] : "";
        bool is_long = !(p.cluster && *p.cluster) && strncmp(arg, "--", 2) == 0;

        option = cli_next(&p);
        if (option == CLI_END)
            break;
        if (option == CLI_BAD)
            return false;
        if (option == 'h' || option == 'V') {
            if (option == 'h')
                dump_help(stdout);
            else
                cli_printf(stdout, "hi5 dump %s\n", hi5_version());
            return false;
        }
        if (!take_option(o, option, optional_value(&p, option, is_long)))
            return false;
    }
    o->first_file = p.index;
    return check_options(o, argc);
}

void
dump_options_end(struct dump_options *o)
{
    /* What ends the last line of values, if nothing else does. */
    if (!o->out && o->data_out == stdout)
        cli_puts(stdout, "\n");
    close_stream(o->out);
    close_stream(o->data_out);
    close_stream(o->attribute_out);
    for (size_t i = 0; i < o->nrequests; i++) {
        free(o->requests[i].name);
        free(o->requests[i].subset);
    }
    free(o->requests);
}
