/*
 * diff_print.c - differences as h5diff 1.10.8 prints them
 *
 * Scripts read this, so it is the same byte for byte. That goes for what looks odd, too:
 * of two strings, the characters of the shorter one, or else of the second one, stand in
 * the first column.
 *
 * SPDX-License-Identifier: MIT
 */
#include "diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * Names
 */

static const char *
type_of_item(hi5_diff_item item)
{
    switch (item) {
    case HI5_DIFF_GROUPS:
        return "H5G_GROUP";
    case HI5_DIFF_DATASETS:
        return "H5G_DATASET";
    case HI5_DIFF_DATATYPES:
        return "H5G_TYPE";
    case HI5_DIFF_SOFT_LINKS:
        return "H5G_LINK";
    case HI5_DIFF_EXTERNAL_LINKS:
    case HI5_DIFF_USER_LINKS:
        return "H5G_UDLINK";
    default:
        return "unknown type";
    }
}

static const char *
name_of_item(hi5_diff_item item)
{
    static const char *const names[] = {
        "group",         "dataset",           "datatype",  "link",
        "external link", "user defined link", "attribute",
    };

    return (unsigned)item < 7 ? names[item] : "object";
}

static const char *
class_name(const hi5_type *t)
{
    static const char *const names[] = {
        "H5T_INTEGER",  "H5T_FLOAT",  "H5T_TIME",     "H5T_STRING",
        "H5T_BITFIELD", "H5T_OPAQUE", "H5T_COMPOUND", "H5T_REFERENCE",
        "H5T_ENUM",     "H5T_VLEN",   "H5T_ARRAY",
    };
    hi5_type_info info;

    hi5_type_get_info(t, &info);
    if (info.cls == HI5_VLEN && info.is_vlen_string)
        return "H5T_STRING";
    return (unsigned)info.cls < 11 ? names[info.cls] : "Invalid class";
}

/* The name of a number type that has one: "H5T_STD_I32LE". */
static void
print_number_type(const hi5_type *t)
{
    hi5_type_info i;
    const char *order;
    size_t bits;

    hi5_type_get_info(t, &i);
    bits = 8 * i.size;
    order = i.order == HI5_BE && i.size >= 1 ? "BE" : "LE";
    if (i.cls == HI5_INTEGER && i.precision == bits && i.size <= 8 &&
        (i.size & (i.size - 1)) == 0) {
        if (i.size ==
            1) /* the order of one byte is not looked at: the first name fits */
            order = "BE";
        cli_printf(stdout, "H5T_STD_%c%zu%s", i.is_signed ? 'I' : 'U', bits, order);
    } else if (i.cls == HI5_INTEGER) {
        cli_puts(stdout, "undefined integer");
    } else if ((i.size == 4 && i.exp_size == 8 && i.man_size == 23 &&
                i.precision == bits && i.order != HI5_VAX) ||
               (i.size == 8 && i.exp_size == 11 && i.man_size == 52 &&
                i.precision == bits && i.order != HI5_VAX)) {
        cli_printf(stdout, "H5T_IEEE_F%zu%s", bits, order);
    } else {
        cli_puts(stdout, "undefined float");
    }
}

static void
print_dims(const hi5_shape *s, const uint64_t *dims)
{
    if (s->rank == 0) {
        cli_puts(stdout, "H5S_SCALAR");
        return;
    }
    for (unsigned k = 0; k < s->rank; k++)
        cli_printf(stdout, "%s%llu", k ? "x" : "[", (unsigned long long)dims[k]);
    cli_puts(stdout, "]");
}

/* What h5diff calls the two in its messages. */
static const char *
name_of(const struct diff_cli *d, const hi5_diff_event *e, unsigned i)
{
    if (e->depth > 0 && d->column[i])
        return d->column[i];
    return e->attribute ? e->attribute : e->path[i];
}

static void
print_pair(const struct diff_cli *d, const char *what, const char *a, const char *b)
{
    if (d->level >= 1)
        cli_puts(stdout, "\n");
    cli_printf(stdout, "%-7s: <%s> and <%s>\n", what, a, b);
}

static void
print_found(uint64_t count)
{
    cli_printf(stdout, "%llu differences found\n", (unsigned long long)count);
}

/* -----------------------------------------------------------------------------
 * What is in the two
 */

static void
print_name(struct diff_cli *d, const hi5_diff_event *e)
{
    d->grouped = true;
    if (!d->verbose)
        return;
    if (!d->listing) {
        if (d->level > 2)
            cli_printf(stdout, "file1: %s\nfile2: %s\n", d->file_name[0],
                       d->file_name[1]);
        cli_printf(stdout, "\n%s\n---------------------------------------\n",
                   d->roots ? "file1     file2" : "group1   group2");
        d->listing = true;
    }
    cli_printf(stdout, "%5c %6c    %-15s\n", e->in[0] ? 'x' : ' ', e->in[1] ? 'x' : ' ',
               e->path[0]);
}

static void
print_attribute_name(struct diff_cli *d, const hi5_diff_event *e)
{
    if (d->level != 2)
        return;
    if (!d->attributes)
        cli_puts(stdout, "   obj1   obj2\n --------------------------------------\n");
    d->attributes = true;
    cli_printf(stdout, "%5c %6c    %-15s\n", e->in[0] ? 'x' : ' ', e->in[1] ? 'x' : ' ',
               e->attribute);
}

static void
print_attributes(struct diff_cli *d, const hi5_diff_event *e)
{
    if (d->level == 2 && !d->attributes)
        cli_puts(stdout, "   obj1   obj2\n --------------------------------------\n");
    if (d->level >= 1)
        cli_printf(stdout,
                   "Attributes status:  %llu common, %llu only in obj1, %llu only in "
                   "obj2\n",
                   (unsigned long long)e->count, (unsigned long long)e->length[0],
                   (unsigned long long)e->length[1]);
    d->attributes = false;
}

/* -----------------------------------------------------------------------------
 * Pairs
 */

static void
print_begin(struct diff_cli *d, const hi5_diff_event *e)
{
    if (e->same || !(d->verbose || d->report) || e->depth > 0)
        return;
    if (e->item == HI5_DIFF_DATASETS)
        print_pair(d, "dataset", e->path[0], e->path[1]);
    else if (e->item == HI5_DIFF_VALUES_OF_ATTRIBUTES)
        cli_printf(stdout, "attribute: <%s of <%s>> and <%s of <%s>>\n", e->attribute,
                   e->path[0], e->attribute, e->path[1]);
}

static void
print_end(struct diff_cli *d, const hi5_diff_event *e)
{
    const bool told = d->verbose || d->report;
    const bool values =
        e->item == HI5_DIFF_DATASETS || e->item == HI5_DIFF_VALUES_OF_ATTRIBUTES;

    if (d->quiet || e->depth > 0)
        return;
    if (e->same) {
        if (told) {
            print_pair(d, name_of_item(e->item), e->path[0], e->path[1]);
            print_found(0);
        }
        return;
    }
    if (values && told) {
        print_found(e->count);
        return;
    }
    if (!d->verbose && e->count == 0)
        return;
    if (e->item == HI5_DIFF_VALUES_OF_ATTRIBUTES)
        cli_printf(stdout, "attribute: <%s of <%s>> and <%s of <%s>>\n", e->attribute,
                   e->path[0], e->attribute, e->path[1]);
    else
        print_pair(d, name_of_item(e->item), e->path[0], e->path[1]);
    if (d->verbose || values)
        print_found(e->count);
}

static void
print_dangling(struct diff_cli *d, const hi5_diff_event *e)
{
    const bool both = e->in[0] && e->in[1];

    if (d->options.no_dangling) {
        if (d->verbose)
            cli_printf(stdout, "Warning: <%s> is a dangling link.\n",
                       e->path[e->in[0] ? 0 : 1]);
        return;
    }
    for (unsigned i = 0; i < 2; i++) /* alone, both are told, too */
        if (e->in[i] && d->verbose && (!both || !d->grouped))
            cli_printf(stdout, "obj%u <%s> is a dangling link.\n", i + 1, e->path[i]);
    if (both && d->verbose)
        print_pair(d, "dangling link", e->path[0], e->path[1]);
    if (both ? d->verbose : !d->quiet)
        print_found(e->count);
}

/* -----------------------------------------------------------------------------
 * What cannot be compared, and what is worth a note
 */

static void
print_shapes(const hi5_diff_event *e, const char *a, const char *b)
{
    const hi5_shape *const s = e->shape[0], *const t = e->shape[1];

    cli_printf(stdout, "Not comparable: <%s> has rank %u, dimensions ", a, s->rank);
    print_dims(s, s->dims);
    cli_puts(stdout, ", max dimensions ");
    print_dims(s, e->attribute ? s->dims : s->max);
    cli_printf(stdout, "\nand <%s> has rank %u, dimensions ", b, t->rank);
    print_dims(t, t->dims);
    cli_puts(stdout, ", max dimensions ");
    print_dims(t, e->attribute ? t->dims : t->max);
    cli_puts(stdout, "\n");
}

static const char *
sign_name(const hi5_type *t)
{
    hi5_type_info i;

    hi5_type_get_info(t, &i);
    return i.is_signed ? "H5T_SGN_2" : "H5T_SGN_NONE";
}

static void
print_not_comparable(const hi5_diff_event *e, const char *a, const char *b)
{
    hi5_type_info t, u;

    switch (e->reason) {
    case HI5_DIFF_KINDS:
        cli_printf(stdout,
                   "Not comparable: <%s> is of type %s and <%s> is of type %s\n", a,
                   type_of_item(e->items[0]), b, type_of_item(e->items[1]));
        break;
    case HI5_DIFF_CLASSES:
        cli_printf(stdout,
                   e->member ? "Not comparable: <%s> has a class %s and <%s> has a "
                               "class %s\n"
                             : "Not comparable: <%s> is of class %s and <%s> is of "
                               "class %s\n",
                   a, class_name(e->type[0]), b, class_name(e->type[1]));
        break;
    case HI5_DIFF_TIMES:
        cli_printf(stdout, "Not comparable: <%s> and <%s> are of class H5T_TIME\n", a,
                   b);
        break;
    case HI5_DIFF_RANKS:
    case HI5_DIFF_SHAPES:
        print_shapes(e, a, b);
        break;
    case HI5_DIFF_STRINGS:
        cli_printf(stdout, "Not comparable: <%s> or <%s> is of mixed string type\n", a,
                   b);
        break;
    case HI5_DIFF_MEMBERS:
        hi5_type_get_info(e->type[0], &t);
        hi5_type_get_info(e->type[1], &u);
        cli_printf(stdout, "Not comparable: <%s> has %u members <%s> has %u members \n",
                   a, t.members, b, u.members);
        break;
    case HI5_DIFF_SIGNS:
        cli_printf(stdout, "Not comparable: <%s> has sign %s and <%s> has sign %s\n", a,
                   sign_name(e->type[0]), b, sign_name(e->type[1]));
        break;
    case HI5_DIFF_ARRAYS:
        cli_printf(stdout, "Not comparable: <%s> or <%s> has arrays of another size\n",
                   a, b);
        break;
    case HI5_DIFF_EMPTY:
        cli_printf(stdout, "Not comparable: <%s> or <%s> is an empty dataset\n", a, b);
        break;
    default:
        break;
    }
}

static void
print_incomparable(struct diff_cli *d, const hi5_diff_event *e)
{
    const char *const a = name_of(d, e, 0), *const b = name_of(d, e, 1);

    if (e->reason == HI5_DIFF_REFERRED) { /* h5diff ends no line here */
        cli_printf(stdout, "Different object types referenced: <%s> and <%s>",
                   d->column[0], d->column[1]);
        return;
    }
    if (e->reason == HI5_DIFF_REFERENCES) {
        if (d->verbose)
            cli_printf(stdout,
                       "Warning: Comparison not possible of object types referenced: "
                       "<%s> and <%s>\n",
                       d->column[0], d->column[1]);
    } else if (e->reason == HI5_DIFF_FILTER) {
        if (d->verbose)
            cli_warn("dataset <%s> cannot be read, filter %u is not available",
                     e->path[e->in[0] ? 0 : 1], e->filter);
    } else if (d->verbose || d->list) {
        print_not_comparable(e, a, b);
    }
}

static void
print_note(struct diff_cli *d, const hi5_diff_event *e)
{
    const char *const name[2] = {name_of(d, e, 0), name_of(d, e, 1)};

    if (e->reason == HI5_DIFF_VIRTUALS && (d->verbose || d->list))
        cli_printf(stdout, "Warning: <%s> or <%s> is a virtual dataset\n", name[0],
                   name[1]);
    if (!d->verbose)
        return;
    if (e->reason == HI5_DIFF_TYPES) {
        const hi5_class c = hi5_type_class(e->type[0]);

        cli_puts(stdout, "Warning: different storage datatype\n");
        for (unsigned i = 0; i < 2 && (c == HI5_INTEGER || c == HI5_FLOAT); i++) {
            cli_printf(stdout, "<%s> has file datatype ", name[i]);
            print_number_type(e->type[i]);
            cli_puts(stdout, "\n");
        }
    } else if (e->reason == HI5_DIFF_MAXIMA) {
        cli_puts(stdout, "Warning: different maximum dimensions\n");
        for (unsigned i = 0; i < 2; i++) {
            cli_printf(stdout, "<%s> has max dimensions ", name[i]);
            print_dims(e->shape[i], e->shape[i]->max);
            cli_puts(stdout, "\n");
        }
    }
}

/* -----------------------------------------------------------------------------
 * Values
 */

/* The last component of a path. */
static const char *
base_name(const char *path)
{
    size_t n = strlen(path);

    while (n > 0 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    return path + n;
}

/* What heads the columns: names of datasets, or "attribute of <object>". */
static void
set_columns(struct diff_cli *d, const hi5_diff_event *e)
{
    for (unsigned i = 0; i < 2; i++) {
        struct cli_str s = {0};

        if (e->depth > 0)
            cli_str_puts(&s, d->column[i] ? base_name(d->column[i]) : "");
        else if (e->attribute)
            cli_str_printf(&s, "%s of <%s>", e->attribute, e->path[i]);
        else
            cli_str_puts(&s, base_name(e->path[i]));
        (void)cli_str_text(&s);
        free(d->column[i]);
        d->column[i] = s.p ? s.p : cli_copy("");
    }
    d->header = true;
}

static void
print_header(struct diff_cli *d, const hi5_diff_event *e, bool relative)
{
    const hi5_shape *const s = e->shape[0];

    cli_printf(stdout, "%-16s", "size:");
    print_dims(s, s->dims);
    cli_printf(stdout, "%-11s", "");
    print_dims(s, s->dims);
    cli_puts(stdout, "\n");
    if (relative)
        cli_printf(stdout,
                   "%-15s %-15s %-15s %-15s %-15s\n---------------------------------"
                   "---------------------------------------\n",
                   "position", d->column[0], d->column[1], "difference", "relative");
    else
        cli_printf(stdout,
                   "%-15s %-15s %-15s %-20s\n---------------------------------"
                   "---------------------------\n",
                   "position", d->column[0], d->column[1], "difference");
    d->header = false;
}

/* @param character  of a scalar string: which; else -1 */
static void
print_position(struct diff_cli *d, const hi5_diff_event *e, long long character)
{
    const unsigned rank = e->shape[0]->rank;

    if (d->header)
        print_header(d, e, e->has_relative);
    if (rank > 0) {
        cli_puts(stdout, "[ ");
        for (unsigned k = 0; k < rank; k++)
            cli_printf(stdout, "%llu ", (unsigned long long)e->position[k]);
        cli_puts(stdout, "]");
    } else if (character >= 0) {
        cli_printf(stdout, "[ %lld]", character);
    } else {
        cli_puts(stdout, "      ");
    }
    cli_puts(stdout, "          ");
}

static void
print_character(char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t", escaped[] = "\"\\bfnrt";
    const char *const at = c ? strchr(plain, c) : NULL;

    if (at)
        cli_printf(stdout, "\\%c", escaped[at - plain]);
    else if (c >= 0x20 && c < 0x7f)
        cli_printf(stdout, "%c", c);
    else
        cli_printf(stdout, "\\%03o", (unsigned)(int)(signed char)c);
}

static void
print_string_value(struct diff_cli *d, const hi5_diff_event *e)
{
    const unsigned first = e->length[0] < e->length[1] ? 0 : 1;

    print_position(d, e, (long long)e->byte);
    cli_puts(stdout, "  ");
    print_character(*(const char *)e->value[first]);
    cli_puts(stdout, "            ");
    print_character(*(const char *)e->value[1 - first]);
    cli_puts(stdout, "\n");
}

static uint64_t
unsigned_value(const void *p, size_t size)
{
    uint64_t x64;
    uint32_t x32;
    uint16_t x16;

    switch (size) {
    case 1:
        return *(const uint8_t *)p;
    case 2:
        memcpy(&x16, p, sizeof x16);
        return x16;
    case 4:
        memcpy(&x32, p, sizeof x32);
        return x32;
    default:
        memcpy(&x64, p, sizeof x64);
        return x64;
    }
}

static int64_t
signed_value(const void *p, size_t size)
{
    const uint64_t sign = (uint64_t)1 << (size < 8 ? 8 * size - 1 : 63);

    return (int64_t)((unsigned_value(p, size) ^ sign) - sign);
}

/* What follows the three columns of an integer. */
static void
print_relative(const hi5_diff_event *e)
{
    if (e->no_relative)
        cli_puts(stdout, " not comparable");
    else if (e->has_relative)
        cli_printf(stdout, " %-14f", e->relative);
    cli_puts(stdout, "\n");
}

static void
print_integer(const hi5_diff_event *e, size_t size, bool is_signed)
{
    if (is_signed) {
        const int64_t a = signed_value(e->value[0], size);
        const int64_t b = signed_value(e->value[1], size);
        const uint64_t gap =
            a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;

        cli_printf(stdout, "%-15lld %-15lld %-15llu", (long long)a, (long long)b,
                   (unsigned long long)gap);
    } else {
        const uint64_t a = unsigned_value(e->value[0], size);
        const uint64_t b = unsigned_value(e->value[1], size);

        cli_printf(stdout, "%-15llu %-15llu %-15llu", (unsigned long long)a,
                   (unsigned long long)b, (unsigned long long)(a > b ? a - b : b - a));
    }
    print_relative(e);
}

/* The distance as h5diff has it: of a NaN, the sign is turned. */
#define DIFF_DISTANCE(x) ((x) >= 0 ? (x) : -(x))

static void
print_double(const hi5_diff_event *e, double a, double b, double gap, double relative)
{
    if (e->no_relative)
        cli_printf(stdout, "%-15.10g %-15.10g %-15.10g not comparable\n", a, b, gap);
    else if (e->has_relative)
        cli_printf(stdout, "%-15.10g %-15.10g %-15.10g %-14.10g\n", a, b, gap,
                   relative);
    else
        cli_printf(stdout, "%-15g %-15g %-15g\n", a, b, gap);
}

/* A half, as a float: exactly. */
static float
half_value(const void *p)
{
    const unsigned h = (unsigned)unsigned_value(p, 2);
    const unsigned exp = h >> 10 & 31, man = h & 1023;
    const float sign = h >> 15 ? -1.0f : 1.0f;

    if (exp == 31)
        return man ? sign * NAN : sign * INFINITY;
    return sign *
           (exp ? ldexpf((float)(man + 1024), (int)exp - 25) : ldexpf((float)man, -24));
}

static void
print_float(const hi5_diff_event *e, size_t size)
{
    if (size == 8) {
        double a, b;
        memcpy(&a, e->value[0], sizeof a);
        memcpy(&b, e->value[1], sizeof b);
        print_double(e, a, b, DIFF_DISTANCE(a - b), fabs(1 - b / a));
    } else if (size <= 4) {
        float a, b;
        if (size == 4) {
            memcpy(&a, e->value[0], sizeof a);
            memcpy(&b, e->value[1], sizeof b);
        } else {
            a = half_value(e->value[0]);
            b = half_value(e->value[1]);
        }
        print_double(e, (double)a, (double)b, (double)DIFF_DISTANCE(a - b),
                     (double)fabsf(1 - b / a));
    } else {
        long double a, b;
        memcpy(&a, e->value[0], sizeof a);
        memcpy(&b, e->value[1], sizeof b);
        const long double gap = DIFF_DISTANCE(a - b);
        if (e->no_relative)
            cli_printf(stdout, "%-15.10Lg %-15.10Lg %-15.10Lg not comparable\n", a, b,
                       gap);
        else if (e->has_relative)
            cli_printf(stdout, "%-15.10Lg %-15.10Lg %-15.10Lg %-14.10Lg\n", a, b, gap,
                       fabsl(1 - b / a));
        else
            cli_printf(stdout, "%-15Lg %-15Lg %-15Lg\n", a, b, gap);
    }
}

static void
print_value(struct diff_cli *d, const hi5_diff_event *e)
{
    hi5_type_info t;

    hi5_type_get_info(e->type[0], &t);
    if (t.cls == HI5_STRING || t.cls == HI5_VLEN) {
        print_string_value(d, e);
        return;
    }
    print_position(d, e, -1);
    if (t.cls == HI5_ENUM) {
        const char *const a = hi5_type_enum_name(e->type[0], e->value[0]);
        const char *const b = hi5_type_enum_name(e->type[0], e->value[1]);
        cli_printf(stdout, "%-16s %-17s\n", a ? a : "**INVALID VALUE**",
                   b ? b : "**INVALID VALUE**");
    } else if (t.cls == HI5_INTEGER && t.size <= 8) {
        print_integer(e, t.size, t.is_signed);
    } else if (t.cls == HI5_FLOAT && (t.size <= 8 || t.size == sizeof(long double))) {
        print_float(e, t.size);
    } else {
        print_integer(e, 1, false);
    }
}

/* Of sequences alone; what strings have more is seen from their characters. */
static void
print_length(struct diff_cli *d, const hi5_diff_event *e)
{
    hi5_type_info t;
    char a[32], b[32];

    hi5_type_get_info(e->type[0], &t);
    if (t.cls != HI5_VLEN || t.is_vlen_string)
        return;
    print_position(d, e, -1);
    (void)snprintf(a, sizeof a, "length %llu", (unsigned long long)e->length[0]);
    (void)snprintf(b, sizeof b, "length %llu", (unsigned long long)e->length[1]);
    cli_printf(stdout, "%-16s %-17s\n", a, b);
}

/* -----------------------------------------------------------------------------
 * Regions
 */

struct corners {
    char *text; /* of blocks, one after the other, NUL between */
    size_t n, at;
    struct cli_str s;
};

static hi5_status
note_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    struct corners *c = ctx;

    (void)err;
    cli_str_puts(&c->s, "           (");
    for (unsigned k = 0; k < c->n; k++)
        cli_str_printf(&c->s, "%s%llu", k ? "," : "", (unsigned long long)low[k]);
    cli_str_puts(&c->s, ")-(");
    for (unsigned k = 0; k < c->n; k++)
        cli_str_printf(&c->s, "%s%llu", k ? "," : "", (unsigned long long)high[k]);
    cli_str_puts(&c->s, ")");
    cli_str_putc(&c->s, '\0');
    return HI5_OK;
}

static void
print_blocks(const hi5_diff_event *e)
{
    struct corners c[2] = {{0}, {0}};
    const uint64_t n = hi5_selection_blocks(e->region[0]);

    cli_printf(stdout,
               "Referenced dataset      %llu            %llu\n"
               "------------------------------------------------------------\n"
               "Region blocks\n",
               (unsigned long long)e->object[0], (unsigned long long)e->object[1]);
    for (unsigned i = 0; i < 2; i++) {
        c[i].n = hi5_selection_rank(e->region[i]);
        if (hi5_selection_each_block(e->region[i], note_block, &c[i], NULL))
            cli_str_cut(&c[i].s, 0);
    }
    for (uint64_t i = 0; i < n && c[0].at < c[0].s.n && c[1].at < c[1].s.n; i++) {
        cli_printf(stdout, "block #%llu%s%s\n", (unsigned long long)i,
                   c[0].s.p + c[0].at, c[1].s.p + c[1].at);
        for (unsigned k = 0; k < 2; k++)
            c[k].at += strlen(c[k].s.p + c[k].at) + 1;
    }
    cli_str_free(&c[0].s);
    cli_str_free(&c[1].s);
}

static void
print_points(const hi5_diff_event *e)
{
    const unsigned rank = hi5_selection_rank(e->region[0]);
    uint64_t p[2][HI5_MAX_RANK];

    cli_puts(stdout, "Region points\n");
    for (uint64_t i = 0; hi5_selection_point(e->region[0], i, p[0]) &&
                         hi5_selection_point(e->region[1], i, p[1]);
         i++) {
        if (memcmp(p[0], p[1], rank * sizeof *p[0]) == 0)
            continue;
        cli_printf(stdout, "point #%llu", (unsigned long long)i);
        for (unsigned side = 0; side < 2; side++) {
            cli_puts(stdout, "              (");
            for (unsigned k = 0; k < rank; k++)
                cli_printf(stdout, "%s%llu", k ? "," : "",
                           (unsigned long long)p[side][k]);
            cli_puts(stdout, ")");
        }
        cli_puts(stdout, "\n");
    }
}

/* -----------------------------------------------------------------------------
 * All of it
 */

static void
print_failure(struct diff_cli *d, const hi5_diff_event *e)
{
    d->missing = e->path[0] ? 0 : 1;
    if (e->attribute)
        cli_fail(e->attribute, e->error);
    else
        cli_fail(NULL, e->error);
}

hi5_status
diff_print(void *ctx, const hi5_diff_event *e, hi5_error *err)
{
    struct diff_cli *d = ctx;
    const bool values = (d->report || d->verbose) && !d->quiet;

    (void)err;
    if (d->listing && e->what != HI5_DIFF_NAME) {
        cli_puts(stdout, "\n"); /* the end of the list of names */
        d->listing = false;
    }
    switch (e->what) {
    case HI5_DIFF_NAME:
        print_name(d, e);
        break;
    case HI5_DIFF_BEGIN:
        print_begin(d, e);
        break;
    case HI5_DIFF_END:
        print_end(d, e);
        break;
    case HI5_DIFF_ELEMENTS:
        set_columns(d, e);
        break;
    case HI5_DIFF_VALUE:
        if (values)
            print_value(d, e);
        break;
    case HI5_DIFF_LENGTH:
        if (values)
            print_length(d, e);
        break;
    case HI5_DIFF_REGION:
        if (d->verbose && hi5_selection_get_kind(e->region[0]) == HI5_SELECTION_POINTS)
            print_points(e);
        else if (d->verbose)
            print_blocks(e);
        break;
    case HI5_DIFF_INCOMPARABLE:
        print_incomparable(d, e);
        break;
    case HI5_DIFF_NOTE:
        print_note(d, e);
        break;
    case HI5_DIFF_ATTRIBUTE:
        print_attribute_name(d, e);
        break;
    case HI5_DIFF_ATTRIBUTES:
        print_attributes(d, e);
        break;
    case HI5_DIFF_DANGLING:
        print_dangling(d, e);
        break;
    case HI5_DIFF_FAILED:
        print_failure(d, e);
        break;
    case HI5_DIFF_NULL:
        break;
    }
    return HI5_OK;
}

void
diff_print_end(const struct diff_cli *d, const hi5_diff_result *r)
{
    if (d->listing)
        cli_puts(stdout, "\n");
    if (d->quiet || r->failures || !r->incomparable || d->list)
        return;
    cli_printf(stdout,
               "--------------------------------\n"
               "Some objects are not comparable\n"
               "--------------------------------\n"
               "Use -c for a list of objects%s.\n",
               d->verbose ? " without details of differences" : "");
}
