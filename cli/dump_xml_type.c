/*
 * dump_xml_type.c - datatypes, dataspaces and values in XML
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

static const char *
order_name(const hi5_type_info *t, bool vax_allowed)
{
    return t->order == HI5_LE                   ? "LE"
           : t->order == HI5_BE                 ? "BE"
           : t->order == HI5_VAX && vax_allowed ? "VAX"
                                                : "ERROR_UNKNOWN";
}

/* <AtomicType> around one line; each class has its own. */
static void
atomic(struct dump_xml *x, unsigned level, const char *line)
{
    dump_xml_line(x, level, "<%sAtomicType>", x->ns);
    dump_xml_line(x, level + 1, "<%s%s", x->ns, line);
    dump_xml_line(x, level, "</%sAtomicType>", x->ns);
}

static void
put_number(struct dump_xml *x, const hi5_type_info *t, unsigned level)
{
    struct cli_str line = {0};

    if (t->cls == HI5_INTEGER)
        cli_str_printf(&line,
                       "IntegerType ByteOrder=\"%s\" Sign=\"%s\" Size=\"%zu\" />",
                       order_name(t, false), t->is_signed ? "true" : "false", t->size);
    else if (t->cls == HI5_BITFIELD)
        cli_str_printf(&line, "BitfieldType ByteOrder=\"%s\" Size=\"%zu\"/>",
                       order_name(t, false), t->size);
    else
        cli_str_printf(
            &line,
            "FloatType ByteOrder=\"%s\" Size=\"%zu\" SignBitLocation=\"%u\" "
            "ExponentBits=\"%u\" ExponentLocation=\"%u\" MantissaBits=\"%u\" "
            "MantissaLocation=\"%u\" />",
            order_name(t, true), t->size, t->sign_pos, t->exp_size, t->exp_pos,
            t->man_size, t->man_pos);
    atomic(x, level, cli_str_text(&line));
    cli_str_free(&line);
}

static void
put_string(struct dump_xml *x, const hi5_type_info *t, unsigned level)
{
    static const char *const pads[] = {"NULLTERM", "NULLPAD", "SPACEPAD"};
    struct cli_str line = {0};

    cli_str_printf(&line, "StringType Cset=\"%s\" StrSize=\"",
                   t->charset == HI5_ASCII ? "H5T_CSET_ASCII" : "unknown_cset");
    if (t->is_vlen_string)
        cli_str_puts(&line, "H5T_VARIABLE");
    else
        cli_str_printf(&line, "%zu", t->size);
    cli_str_printf(&line, "\" StrPad=\"H5T_STR_%s\"/>",
                   (unsigned)t->string_pad < 3 ? pads[t->string_pad] : "ERROR");
    atomic(x, level, cli_str_text(&line));
    cli_str_free(&line);
}

static void
put_opaque(struct dump_xml *x, const hi5_type_info *t, unsigned level)
{
    struct cli_str line = {0};

    cli_str_printf(&line, "OpaqueType Tag=\"%s\" Size=\"%zu\"/>", t->tag ? t->tag : "",
                   t->size);
    atomic(x, level, cli_str_text(&line));
    cli_str_free(&line);
}

static void
put_reference(struct dump_xml *x, unsigned level)
{
    dump_xml_line(x, level, "<%sAtomicType>", x->ns);
    dump_xml_line(x, level + 1, "<%sReferenceType>", x->ns);
    dump_xml_line(x, level + 2, "<%sObjectReferenceType />", x->ns);
    dump_xml_line(x, level + 1, "</%sReferenceType>", x->ns);
    dump_xml_line(x, level, "</%sAtomicType>", x->ns);
}

/* A type within another one. */
static void
put_inner(struct dump_xml *x, const hi5_type *t, unsigned level)
{
    dump_xml_line(x, level, "<%sDataType>", x->ns);
    dump_xml_type(x, t, level + 1);
    dump_xml_line(x, level, "</%sDataType>", x->ns);
}

static void
put_compound(struct dump_xml *x, const hi5_type *t, unsigned level)
{
    hi5_member m;

    dump_xml_line(x, level, "<%sCompoundType>", x->ns);
    for (unsigned i = 0; hi5_type_member(t, i, &m); i++) {
        char *name = dump_xml_escape(m.name);
        dump_xml_line(x, level + 1, "<%sField FieldName=\"%s\">", x->ns, name);
        put_inner(x, m.type, level + 2);
        dump_xml_line(x, level + 1, "</%sField>", x->ns);
        free(name);
    }
    dump_xml_line(x, level, "</%sCompoundType>", x->ns);
}

static void
put_enum(struct dump_xml *x, const hi5_type *t, const hi5_type_info *info,
         unsigned level)
{
    const char *name;
    const void *value;
    hi5_type_info base;

    hi5_type_get_info(info->base, &base);
    dump_xml_line(x, level, "<%sAtomicType>", x->ns);
    dump_xml_line(x, level + 1, "<%sEnumType Nelems=\"%u\">", x->ns, info->members);
    dump_xml_line(x, level + 1, "<%sDataType>", x->ns);
    dump_xml_type(x, info->base, level + 1);
    dump_xml_line(x, level + 1, "</%sDataType>", x->ns);
    for (unsigned i = 0; hi5_type_enum_member(t, i, &name, &value); i++) {
        struct cli_str text = {0};
        char *escaped = dump_xml_escape(name);
        dump_put_enum_value(&text, &base, value);
        dump_xml_line(x, level + 2, "<%sEnumElement>", x->ns);
        dump_xml_line(x, level + 3, "%s", escaped);
        dump_xml_line(x, level + 2, "</%sEnumElement>", x->ns);
        dump_xml_line(x, level + 2, "<%sEnumValue>", x->ns);
        dump_xml_line(x, level + 3, "%s", cli_str_text(&text));
        dump_xml_line(x, level + 2, "</%sEnumValue>", x->ns);
        cli_str_free(&text);
        free(escaped);
    }
    dump_xml_line(x, level + 1, "</%sEnumType>", x->ns);
    dump_xml_line(x, level, "</%sAtomicType>", x->ns);
}

static void
put_array(struct dump_xml *x, const hi5_type_info *t, unsigned level)
{
    dump_xml_line(x, level, "<%sArrayType Ndims=\"%u\">", x->ns, t->rank);
    for (unsigned i = 0; i < t->rank; i++)
        dump_xml_line(x, level + 1, "<%sArrayDimension DimSize=\"%lu\"/>", x->ns,
                      (unsigned long)t->dims[i]);
    put_inner(x, t->base, level + 1);
    dump_xml_line(x, level, "</%sArrayType>", x->ns);
}

void
dump_xml_type(struct dump_xml *x, const hi5_type *t, unsigned level)
{
    hi5_type_info info;

    hi5_type_get_info(t, &info);
    switch (info.cls) {
    case HI5_INTEGER:
    case HI5_FLOAT:
    case HI5_BITFIELD:
        put_number(x, &info, level);
        break;
    case HI5_TIME:
        dump_xml_line(x, level, "<%sAtomicType>", x->ns);
        dump_xml_line(x, level + 1, "<%sTimeType />", x->ns);
        dump_xml_line(x, level + 1, "<!-- H5T_TIME: not yet implemented -->");
        dump_xml_line(x, level, "</%sAtomicType>", x->ns);
        break;
    case HI5_STRING:
        put_string(x, &info, level);
        break;
    case HI5_OPAQUE:
        put_opaque(x, &info, level);
        break;
    case HI5_COMPOUND:
        put_compound(x, t, level);
        break;
    case HI5_REFERENCE:
        put_reference(x, level);
        break;
    case HI5_ENUM:
        put_enum(x, t, &info, level);
        break;
    case HI5_VLEN:
        if (info.is_vlen_string) {
            put_string(x, &info, level);
            break;
        }
        dump_xml_line(x, level, "<%sVLType>", x->ns);
        put_inner(x, info.base, level + 1);
        dump_xml_line(x, level, "</%sVLType>", x->ns);
        break;
    case HI5_ARRAY:
        put_array(x, &info, level);
        break;
    case HI5_COMPLEX:
        dump_xml_line(x, level, "<!-- unknown datatype -->");
        break;
    }
}

void
dump_xml_type_of(struct dump_xml *x, const hi5_type *t, unsigned level)
{
    uint64_t address = hi5_type_committed(t);

    if (address == HI5_NO_ADDRESS) {
        put_inner(x, t, level);
        return;
    }
    const struct dump_entry *known =
        dump_find(&x->d->table, hi5_file_number(x->d->current), address);
    if (!known) {
        dump_xml_line(x, level, "<!-- h5dump error: unknown committed type. -->");
        return;
    }
    char *id = dump_xml_id(x, known->name), *path = dump_xml_escape(known->name);
    if (known->named)
        dump_xml_line(x, level, "<%sNamedDataTypePtr OBJ-XID=\"%s\" H5Path=\"%s\" />",
                      x->ns, id, path);
    else
        dump_xml_line(x, level, "<%sNamedDataTypePtr OBJ-XID=\"%s\"/>", x->ns, id);
    free(id);
    free(path);
}

void
dump_xml_space(struct dump_xml *x, const hi5_shape *shape, unsigned level)
{
    dump_xml_line(x, level, "<%sDataspace>", x->ns);
    switch (shape->kind) {
    case HI5_SCALAR:
        dump_xml_line(x, level + 1, "<%sScalarDataspace />", x->ns);
        break;
    case HI5_NULL:
        dump_xml_line(x, level + 1, "<!-- unknown dataspace -->");
        break;
    case HI5_SIMPLE:
        dump_xml_line(x, level + 1, "<%sSimpleDataspace Ndims=\"%u\">", x->ns,
                      shape->rank);
        for (unsigned i = 0; i < shape->rank; i++) {
            unsigned long long now = shape->dims[i];
            unsigned long long max = shape->max[i] ? shape->max[i] : now;
            if (shape->max[i] == HI5_UNLIMITED)
                dump_xml_line(
                    x, level + 2,
                    "<%sDimension  DimSize=\"%llu\" MaxDimSize=\"UNLIMITED\"/>", x->ns,
                    now);
            else
                dump_xml_line(x, level + 2,
                              "<%sDimension  DimSize=\"%llu\" MaxDimSize=\"%llu\"/>",
                              x->ns, now, max);
        }
        dump_xml_line(x, level + 1, "</%sSimpleDataspace>", x->ns);
        break;
    }
    dump_xml_line(x, level, "</%sDataspace>", x->ns);
}

/* -----------------------------------------------------------------------------
 * Values
 */

/* What print_text and print_paths need. */
struct xml_values {
    struct dump_xml *x;
    hi5_file *file;
    hi5_type_info type;
    unsigned level;
};

/* A value of character data, quoted; `n` bytes at most, up to a NUL. */
static void
put_text(struct xml_values *v, const char *s, size_t n)
{
    static const char special[] = "\\\"'<>&";
    static const char *const escaped[] = {"\\\\", "\\\"", "&apos;",
                                          "&lt;", "&gt;", "&amp;"};
    struct cli_str text = {0};

    for (size_t i = 0; i < n && s[i]; i++) {
        const char *found = strchr(special, s[i]);
        if (found)
            cli_str_puts(&text, escaped[found - special]);
        else
            cli_str_putc(&text, s[i]);
    }
    dump_xml_line(v->x, v->level, "\"%s\"", cli_str_text(&text));
    cli_str_free(&text);
}

static void
print_text(void *ctx, const void *values, uint64_t n)
{
    struct xml_values *v = ctx;
    const char *p = values;

    for (uint64_t i = 0; i < n; i++, p += v->type.size) {
        const char *s = p;
        if (v->type.is_vlen_string)
            memcpy(&s, p, sizeof s);
        if (!s)
            dump_xml_line(v->x, v->level, "NULL");
        else
            put_text(v, s, v->type.is_vlen_string ? strlen(s) : v->type.size);
    }
}

/* Object references, as paths. */
static void
print_paths(void *ctx, const void *values, uint64_t n)
{
    struct xml_values *v = ctx;
    const char *p = values;

    for (uint64_t i = 0; i < n; i++, p += sizeof(hi5_reference)) {
        const struct dump_entry *known = NULL;
        hi5_reference r;
        hi5_target t;
        memcpy(&r, p, sizeof r);
        if (hi5_resolve(v->file, &r, &t, NULL) == HI5_OK) {
            known = dump_find(&v->x->d->table, hi5_file_number(t.file), t.address);
            hi5_target_free(&t);
        }
        const char *path = known ? known->name : "NULL";
        put_text(v, path, strlen(path));
    }
}

/* All values, each on a line. */
static bool
print_all(struct dump_xml *x, const struct dump_source *source, unsigned level,
          void (*sink)(void *ctx, const void *values, uint64_t n))
{
    static const uint64_t origin[HI5_MAX_RANK];
    struct dump_style style = {.width = 65535,
                               .per_line = 1,
                               .whole = true,
                               .comma = "",
                               .gap = " ",
                               .line_end = ""};
    struct dump_line l = {.out = x->out, .indent = level, .column = 1, .fresh = true};
    struct xml_values v = {.x = x, .file = source->file, .level = level};
    struct dump_reader r = {.d = x->d,
                            .l = &l,
                            .s = &style,
                            .set = source->set,
                            .flat = true,
                            .sink = sink,
                            .ctx = &v};

    if (source->shape->kind == HI5_NULL)
        return true;
    r.memory = dump_native(x->d, source->type);
    if (!r.memory)
        return false;
    hi5_type_get_info(r.memory, &v.type);
    r.size = v.type.size;
    bool read = source->set ? dump_read_box(&r, origin, source->shape->dims)
                            : dump_read_attribute(&r, source);
    hi5_type_free(r.memory);
    return read;
}

void
dump_xml_data(struct dump_xml *x, const struct dump_source *source, unsigned level)
{
    hi5_type_info t;

    hi5_type_get_info(source->type, &t);
    dump_xml_line(x, level, "<%sData>", x->ns);
    dump_xml_line(x, level + 1, "<%sDataFromFile>", x->ns);
    bool text = t.cls == HI5_STRING || t.is_vlen_string;
    if (!print_all(x, source, level + 1, text ? print_text : NULL))
        dump_xml_line(x, level + 2, "Unable to print data.");
    dump_xml_line(x, level + 1, "</%sDataFromFile>", x->ns);
    dump_xml_line(x, level, "</%sData>", x->ns);
}

void
dump_xml_references(struct dump_xml *x, const struct dump_source *source,
                    unsigned level)
{
    hi5_type_info t;

    hi5_type_get_info(source->type, &t);
    dump_xml_line(x, level, "<%sData>", x->ns);
    if (t.ref_kind != HI5_REF_OBJECT) {
        dump_xml_line(x, level, "<!-- Note: Region references not supported -->");
        dump_xml_line(x, level, "<%sNoData />", x->ns);
    } else {
        dump_xml_line(x, level, "<%sDataFromFile>", x->ns);
        print_all(x, source, level + 1, print_paths);
        dump_xml_line(x, level, "</%sDataFromFile>", x->ns);
    }
    dump_xml_line(x, level, "</%sData>", x->ns);
}
