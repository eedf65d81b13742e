/*
 * dump_xml_dataset.c - datasets and attributes in XML
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>

/* -----------------------------------------------------------------------------
 * Attributes
 */

static void
put_time(struct dump_xml *x, unsigned level)
{
    dump_xml_line(x, level, "<%sData>", x->ns);
    dump_xml_line(x, level, "<!-- Time data not yet implemented. -->");
    dump_xml_line(x, level, "<%sNoData/>", x->ns);
    dump_xml_line(x, level, "</%sData>", x->ns);
}

static void
put_attribute(struct dump_xml *x, hi5_attribute *a, unsigned level)
{
    hi5_attribute_info info;

    hi5_attribute_get_info(a, &info);
    struct dump_source source = {
        .attribute = a, .file = x->d->current, .type = info.type, .shape = &info.shape};
    char *name = dump_xml_escape(info.name);
    hi5_type_info t;

    hi5_type_get_info(info.type, &t);
    dump_xml_line(x, level, "<%sAttribute Name=\"%s\">", x->ns, name);
    dump_xml_space(x, &info.shape, level + 1);
    dump_xml_type_of(x, info.type, level + 1);
    if (!x->d->o.attribute_data || info.shape.kind == HI5_NULL) {
        dump_xml_line(x, level + 1, "<%sData>", x->ns);
        dump_xml_line(x, level + 2, "<%sNoData/>", x->ns);
        dump_xml_line(x, level + 1, "</%sData>", x->ns);
    } else if (t.cls == HI5_TIME) {
        put_time(x, level + 2);
    } else if (t.cls == HI5_REFERENCE) {
        dump_xml_references(x, &source, level + 1);
    } else {
        if (t.cls == HI5_COMPOUND)
            dump_xml_line(x, level + 1,
                          "<!-- Note: format of compound data not specified -->");
        if (t.cls == HI5_VLEN && !t.is_vlen_string)
            dump_xml_line(x, level + 1,
                          "<!-- Note: format of VL data not specified -->");
        dump_xml_data(x, &source, level + 1);
    }
    dump_xml_line(x, level, "</%sAttribute>", x->ns);
    free(name);
}

struct attribute_list {
    struct dump_xml *x;
    unsigned level;
};

static hi5_status
each_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct attribute_list *list = ctx;

    (void)err;
    if (a)
        put_attribute(list->x, a, list->level);
    else
        dump_trouble(list->x->d, "error getting attribute information", bad);
    return HI5_OK;
}

void
dump_xml_attributes(struct dump_xml *x, hi5_object *o, const hi5_object_info *info,
                    unsigned level)
{
    struct attribute_list list = {x, level};
    bool by_creation = x->d->o.by_creation && info->attribute_order_tracked;
    hi5_error err;

    if (hi5_attribute_each(o, by_creation ? HI5_BY_CREATION : HI5_BY_NAME,
                           x->d->o.descending, each_attribute, &list, &err) != HI5_OK)
        dump_trouble(x->d, "error getting attribute information", &err);
}

/* -----------------------------------------------------------------------------
 * Datasets
 */

static void
put_filter(struct dump_xml *x, const hi5_filter *f, unsigned level)
{
    unsigned first = f->nvalues > 0 ? f->values[0] : 0;

    switch (f->id) {
    case 1:
        dump_xml_line(x, level, "<%sDeflate Level=\"%d\"/>", x->ns,
                      f->nvalues ? (int)first : 6);
        break;
    case 2:
        dump_xml_line(x, level, "<%sShuffle />", x->ns);
        break;
    case 3:
        dump_xml_line(x, level, "<%sFletcher32 />", x->ns);
        break;
    case 4:
        dump_xml_line(
            x, level,
            "<%sSZIP Pixels_per_block=\"%d\" %sCoding=\"%s\" ByteOrder=\"%s\" "
            "%s/>",
            x->ns, f->nvalues > 1 ? (int)f->values[1] : -1,
            first & 2   ? "Mode =\"Hardware\" "
            : first & 1 ? "Mode =\"K13\" "
                        : "",
            first & 4    ? "Entropy"
            : first & 32 ? "NN"
                         : "",
            first & 8    ? "LSB"
            : first & 16 ? "MSB"
                         : "",
            first & 128 ? "Header=\"Raw\"" : "");
        break;
    default:
        break; /* the schema has no others */
    }
}

static void
put_chunked(struct dump_xml *x, const hi5_dataset *set, const hi5_layout *layout,
            unsigned level)
{
    hi5_filter f;

    dump_xml_line(x, level, "<%sStorageLayout>", x->ns);
    dump_xml_line(x, level + 1, "<%sChunkedLayout Ndims=\"%u\">", x->ns, layout->rank);
    for (unsigned i = 0; i < layout->rank; i++)
        dump_xml_line(x, level + 2, "<%sChunkDimension DimSize=\"%llu\" />", x->ns,
                      (unsigned long long)layout->chunk[i]);
    dump_xml_line(x, level + 2, "<%sRequiredFilter>", x->ns);
    for (size_t i = 0; hi5_dataset_filter(set, i, &f); i++)
        put_filter(x, &f, level + 4);
    dump_xml_line(x, level + 2, "</%sRequiredFilter>", x->ns);
    dump_xml_line(x, level + 1, "</%sChunkedLayout>", x->ns);
    dump_xml_line(x, level, "</%sStorageLayout>", x->ns);
}

static void
put_layout(struct dump_xml *x, const hi5_dataset *set, unsigned level)
{
    hi5_layout layout;

    hi5_dataset_get_layout(set, &layout);
    if (layout.kind == HI5_CHUNKED) {
        put_chunked(x, set, &layout, level);
    } else if (layout.kind != HI5_VIRTUAL) {
        dump_xml_line(x, level, "<%sStorageLayout>", x->ns);
        dump_xml_line(x, level + 1, "<%s%sLayout/>", x->ns,
                      layout.kind == HI5_COMPACT ? "Compact" : "Contiguous");
        dump_xml_line(x, level, "</%sStorageLayout>", x->ns);
    }
}

static const char *
unwritten_fill(hi5_class class)
{
    switch (class) {
    case HI5_STRING:
        return "String fill values";
    case HI5_ARRAY:
        return "Array fill values";
    case HI5_TIME:
        return "Time fill";
    case HI5_COMPOUND:
        return "Compound fill";
    case HI5_VLEN:
        return "VL fill";
    default:
        return NULL;
    }
}

/* One value of a class that has a simple form. */
static void
put_fill_value(struct dump_xml *x, hi5_dataset *set, unsigned level)
{
    hi5_type *native = dump_native(x->d, hi5_dataset_type(set));
    struct dump_value v = {.d = x->d, .file = x->d->current, .flat = true};
    hi5_error err;

    if (!native)
        return;
    if (cli_room(x->d->current, 1, hi5_type_size(native), &err) != HI5_OK) {
        dump_trouble(x->d, "unable to print the fill value", &err);
        hi5_type_free(native);
        return;
    }
    void *value = cli_alloc(hi5_type_size(native));
    if (hi5_dataset_read_fill(set, native, value, &err) == HI5_OK)
        dump_value(&v, native, value);
    else
        dump_trouble(x->d, "unable to print the fill value", &err);
    dump_xml_line(x, level, "<%sDataFromFile>", x->ns);
    dump_xml_line(x, level, "\"%s\"", cli_str_text(&v.out));
    dump_xml_line(x, level, "</%sDataFromFile>", x->ns);
    cli_str_free(&v.out);
    free(value);
    hi5_type_free(native);
}

static void
put_fill(struct dump_xml *x, hi5_dataset *set, unsigned level)
{
    static const char *const write[] = {"FillOnAlloc", "FillNever", "FillIfSet"};
    static const char *const allocate[] = {"?", "Early", "Late", "Incremental"};
    hi5_type_info t;
    hi5_fill fill;

    hi5_dataset_get_fill(set, &fill);
    hi5_type_get_info(hi5_dataset_type(set), &t);
    dump_xml_line(x, level, "<%sFillValueInfo FillTime=\"%s\" AllocationTime=\"%s\">",
                  x->ns, fill.write_time < 3 ? write[fill.write_time] : "?",
                  fill.alloc_time < 4 ? allocate[fill.alloc_time] : "?");
    dump_xml_line(x, level + 1, "<%sFillValue>", x->ns);
    if (fill.status == HI5_FILL_UNDEFINED ||
        (fill.status == HI5_FILL_DEFAULT && fill.write_time == 2)) {
        dump_xml_line(x, level + 2, "<%sNoFill/>", x->ns);
    } else {
        const char *unwritten = unwritten_fill(t.is_vlen_string ? HI5_STRING : t.cls);
        dump_xml_line(x, level + 2, "<%sData>", x->ns);
        if (unwritten) {
            dump_xml_line(x, level + 3, "<!-- %s not yet implemented. -->", unwritten);
            dump_xml_line(x, level + 3, "<%sNoData />", x->ns);
        } else {
            put_fill_value(x, set, level + 3);
        }
        dump_xml_line(x, level + 2, "</%sData>", x->ns);
    }
    dump_xml_line(x, level + 1, "</%sFillValue>", x->ns);
    dump_xml_line(x, level, "</%sFillValueInfo>", x->ns);
}

static void
put_values(struct dump_xml *x, const struct dump_source *source, unsigned level)
{
    uint64_t stored = 0;
    hi5_type_info t;
    hi5_error err;

    if (hi5_dataset_storage(source->set, &stored, &err) != HI5_OK)
        dump_trouble(x->d, "unable to tell the storage size", &err);
    hi5_type_get_info(source->type, &t);
    if (!x->d->o.data || stored == 0) {
        dump_xml_line(x, level + 1, "<%sData>", x->ns);
        dump_xml_line(x, level + 2, "<%sNoData/>", x->ns);
        dump_xml_line(x, level + 1, "</%sData>", x->ns);
    } else if (t.cls == HI5_TIME) {
        put_time(x, level + 1);
    } else if (t.cls == HI5_REFERENCE) {
        dump_xml_references(x, source, level);
    } else {
        if (t.cls == HI5_COMPOUND)
            dump_xml_line(x, level,
                          "<!-- Note: format of compound data not specified -->");
        if (t.cls == HI5_VLEN && !t.is_vlen_string)
            dump_xml_line(x, level ? level - 1 : 0,
                          "<!-- Note: format of VL data not specified -->");
        dump_xml_data(x, source, level + 1);
    }
}

void
dump_xml_dataset(struct dump_xml *x, hi5_object *o, const hi5_object_info *info,
                 const char *name, unsigned level)
{
    hi5_dataset *set;
    hi5_error err;

    if (hi5_object_dataset(o, &set, &err) != HI5_OK) {
        cli_fail(name, &err);
        return;
    }
    struct dump_source source = {.set = set,
                                 .file = x->d->current,
                                 .type = hi5_dataset_type(set),
                                 .shape = hi5_dataset_shape(set)};
    struct dump_place p = dump_xml_place(x, name);
    const char *before = x->d->place;

    x->d->place = p.raw_path;
    dump_xml_line(x, level,
                  "<%sDataset Name=\"%s\" OBJ-XID=\"%s\" H5Path= \"%s\" Parents=\"%s\" "
                  "H5ParentPaths=\"%s\">",
                  x->ns, p.name, p.id, p.path, p.parent_id, p.parent);
    put_layout(x, set, level + 1);
    put_fill(x, set, level + 1);
    dump_xml_space(x, source.shape, level + 1);
    dump_xml_type_of(x, source.type, level + 1);
    dump_xml_attributes(x, o, info, level + 1);
    put_values(x, &source, level);
    dump_xml_line(x, level, "</%sDataset>", x->ns);
    x->d->place = before;
    dump_place_free(&p);
    hi5_dataset_close(set);
}

/* A dataset that was printed before. */
void
dump_xml_dataset_pointer(struct dump_xml *x, const struct dump_entry *known,
                         const char *name, unsigned level)
{
    struct dump_place p = dump_xml_place(x, name);
    char *id = dump_xml_id(x, known->name), *path = dump_xml_escape(known->name);

    dump_xml_line(
        x, level,
        "<%sDataset Name=\"%s\" OBJ-XID=\"%s-%u\" H5Path=\"%s\" Parents=\"%s\" "
        "H5ParentPaths=\"%s\">",
        x->ns, p.name, p.id, x->next_pointer++, p.path, p.parent_id, p.parent);
    dump_xml_line(x, level + 1, "<%sDatasetPtr OBJ-XID=\"%s\" H5Path=\"%s\"/>", x->ns,
                  id, path);
    dump_xml_line(x, level, "</%sDataset>", x->ns);
    dump_place_free(&p);
    free(id);
    free(path);
}
