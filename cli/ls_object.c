/*
 * ls_object.c - one object, for `hi5 ls`: its line, attributes, storage, type
 *
 * SPDX-License-Identifier: MIT
 */
#include "ls.h"

#include <string.h>
#include <time.h>

void
ls_flush(struct ls *ls)
{
    if (ls->out.n > 0)
        cli_write(stdout, ls->out.p, ls->out.n);
    cli_str_cut(&ls->out, 0);
}

/* -----------------------------------------------------------------------------
 * Names
 */

/* How a character is written: itself, or escaped, as h5ls does in the C locale. */
static size_t
escaped(char c, bool spaces, char text[5])
{
    static const char special[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *at = c ? strchr(special, c) : NULL;
    unsigned char u = (unsigned char)c;

    if (at || (c == ' ' && spaces)) {
        text[0] = '\\';
        text[1] = at ? letter[at - special] : c;
        return 2;
    }
    if (u >= 0x20 && u < 0x7f) {
        text[0] = c;
        return 1;
    }
    text[0] = '\\';
    text[1] = (char)('0' + (u >> 6));
    text[2] = (char)('0' + (u >> 3 & 7));
    text[3] = (char)('0' + (u & 7));
    return 4;
}

size_t
ls_escape(struct cli_str *out, const char *text, bool spaces)
{
    size_t total = 0;

    for (const char *p = text; *p; p++) {
        char s[5];
        size_t n = escaped(*p, spaces, s);
        if (out)
            cli_str_add(out, s, n);
        total += n;
    }
    return total;
}

void
ls_name(struct ls *ls, const char *path, const char *note)
{
    size_t skip = ls->name_start <= strlen(path) ? ls->name_start : 0;
    struct cli_str whole = {0};

    if (ls->show_file_name) {
        cli_str_puts(&whole, ls->file_name);
        cli_str_putc(&whole, '/');
    }
    cli_str_puts(&whole, path + skip);

    const char *name = cli_str_text(&whole);
    const char *last = strrchr(name, '/');
    size_t n = ls_escape(&ls->out, ls->full || !last ? name : last + 1, true);
    size_t width = n < 24 ? 24 - n : 0, length = strlen(note);
    if (length < width)
        cli_str_fill(&ls->out, ' ', width - length);
    cli_str_puts(&ls->out, note);
    cli_str_putc(&ls->out, ' ');
    cli_str_free(&whole);
}

/* -----------------------------------------------------------------------------
 * Attributes
 */

struct attribute_job {
    struct ls *ls;
    hi5_object *object;
};

static void
put_label(struct ls *ls, const char *label)
{
    cli_str_printf(&ls->out, "    %-10s ", label);
}

static hi5_status
attribute_line(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct attribute_job *job = ctx;
    struct ls *ls = job->ls;
    hi5_attribute_info info;

    (void)err;
    if (!a) {
        cli_fail(ls->file_name, bad);
        return HI5_OK;
    }
    hi5_attribute_get_info(a, &info);
    cli_str_puts(&ls->out, "    Attribute: ");
    ls_escape(&ls->out, info.name, true);
    if (info.shape.kind == HI5_SIMPLE) {
        cli_str_puts(&ls->out, " {");
        for (unsigned i = 0; i < info.shape.rank; i++)
            cli_str_printf(&ls->out, "%s%llu", i ? ", " : "",
                           (unsigned long long)info.shape.dims[i]);
        cli_str_puts(&ls->out, "}\n");
    } else {
        cli_str_puts(&ls->out, info.shape.kind == HI5_SCALAR ? " scalar\n" : " null\n");
    }
    cli_str_printf(&ls->out, "        %-10s ", "Type:");
    ls_type(ls, &ls->out, info.type, hi5_type_committed(info.type), 15);
    cli_str_putc(&ls->out, '\n');
    if (ls->data)
        ls_attribute_values(ls, job->object, a);
    ls_flush(ls);
    return HI5_OK;
}

static void
list_attributes(struct ls *ls, hi5_object *o)
{
    struct attribute_job job = {ls, o};
    hi5_error err;

    if (hi5_attribute_each(o, HI5_BY_NAME, false, attribute_line, &job, &err))
        cli_fail(NULL, &err);
}

/* -----------------------------------------------------------------------------
 * What all objects have
 */

static void
put_time(struct ls *ls, int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm *tm = ls->simple ? gmtime(&t) : localtime(&t);
    char text[128];

    /* C libraries differ in what they call the zone of gmtime(). */
    if (!tm || (int64_t)t != seconds ||
        strftime(text, sizeof text,
                 ls->simple ? "%Y-%m-%d %H:%M:%S GMT" : "%Y-%m-%d %H:%M:%S %Z",
                 tm) == 0)
        return;
    put_label(ls, "Modified:");
    cli_str_puts(&ls->out, text);
    cli_str_putc(&ls->out, '\n');
}

static void
put_details(struct ls *ls, const hi5_object_info *info)
{
    put_label(ls, "Location:");
    cli_str_printf(&ls->out, "%lu:%llu\n", ls->object_file,
                   (unsigned long long)info->address);
    put_label(ls, "Links:");
    cli_str_printf(&ls->out, "%lu\n", (unsigned long)info->reference_count);
    if (info->has_times && info->mtime > 0)
        put_time(ls, info->mtime);
    if (info->comment && *info->comment) {
        put_label(ls, "Comment:");
        cli_str_putc(&ls->out, '"');
        ls_escape(&ls->out, info->comment, false);
        cli_str_puts(&ls->out, "\"\n");
    }
}

/* -----------------------------------------------------------------------------
 * Datasets
 */

static void
put_shape(struct ls *ls, const hi5_shape *s)
{
    cli_str_puts(&ls->out, " {");
    for (unsigned i = 0; i < s->rank; i++) {
        cli_str_printf(&ls->out, "%s%llu", i ? ", " : "",
                       (unsigned long long)s->dims[i]);
        if (s->max[i] == HI5_UNLIMITED)
            cli_str_puts(&ls->out, "/Inf");
        else if (s->max[i] != s->dims[i] || ls->verbose > 0)
            cli_str_printf(&ls->out, "/%llu", (unsigned long long)s->max[i]);
    }
    if (s->kind == HI5_SCALAR)
        cli_str_puts(&ls->out, "SCALAR");
    else if (s->kind == HI5_NULL)
        cli_str_puts(&ls->out, "NULL");
    cli_str_putc(&ls->out, '}');
}

static void
put_chunks(struct ls *ls, const hi5_layout *l, uint64_t element)
{
    uint64_t bytes = element;

    put_label(ls, "Chunks:");
    cli_str_putc(&ls->out, '{');
    for (unsigned i = 0; i < l->rank; i++) {
        cli_str_printf(&ls->out, "%s%llu", i ? ", " : "",
                       (unsigned long long)l->chunk[i]);
        bytes *= l->chunk[i];
    }
    cli_str_printf(&ls->out, "} %llu bytes\n", (unsigned long long)bytes);
}

static void
put_external_rule(struct ls *ls, size_t longest)
{
    cli_str_printf(&ls->out, "        %4s %10s %10s %10s ", "----", "----------",
                   "----------", "----------");
    cli_str_fill(&ls->out, '-', longest);
    cli_str_putc(&ls->out, '\n');
}

static void
put_external(struct ls *ls, hi5_dataset *d, size_t n)
{
    const char *name;
    uint64_t offset, size, total = 0;
    size_t longest = 0;

    for (size_t i = 0; hi5_dataset_external(d, i, &name, &offset, &size); i++) {
        size_t length = ls_escape(NULL, name, true);
        longest = length > longest ? length : longest;
    }
    put_label(ls, "Extern:");
    cli_str_printf(&ls->out, "%zu external file%s\n", n, n == 1 ? "" : "s");
    cli_str_printf(&ls->out, "        %4s %10s %10s %10s %s\n", "ID", "DSet-Addr",
                   "File-Addr", "Bytes", "File");
    put_external_rule(ls, longest);
    for (size_t i = 0; hi5_dataset_external(d, i, &name, &offset, &size); i++) {
        cli_str_printf(&ls->out, "        #%03zu %10llu %10llu ", i,
                       (unsigned long long)total, (unsigned long long)offset);
        if (size == HI5_UNLIMITED)
            cli_str_printf(&ls->out, "%10s ", "INF");
        else
            cli_str_printf(&ls->out, "%10llu ", (unsigned long long)size);
        ls_escape(&ls->out, name, true);
        cli_str_putc(&ls->out, '\n');
        total += size;
    }
    put_external_rule(ls, longest);
}

static void
put_mappings(struct ls *ls, hi5_dataset *d, size_t n)
{
    hi5_mapping m;

    put_label(ls, "Maps:");
    cli_str_printf(&ls->out, "{%zu} Source {\n", n);
    for (size_t i = 0; hi5_dataset_mapping(d, i, &m); i++) {
        cli_str_printf(&ls->out, "    %-10s        ", " ");
        ls_escape(&ls->out, m.file, true);
        cli_str_puts(&ls->out, "   ");
        ls_escape(&ls->out, m.dataset, true);
        cli_str_putc(&ls->out, '\n');
    }
    cli_str_printf(&ls->out, "     %-10s}\n", " ");
}

static void
put_storage(struct ls *ls, hi5_dataset *d, const char *path)
{
    uint64_t element = ls_type_size(hi5_dataset_type(d));
    uint64_t total = hi5_shape_count(hi5_dataset_shape(d)) * element, used = 0;
    hi5_type_info type;
    hi5_error err;

    put_label(ls, "Storage:");
    hi5_type_get_info(hi5_dataset_type(d), &type);
    if (type.cls == HI5_VLEN && !type.is_vlen_string) {
        cli_str_puts(&ls->out, "information not available\n");
        return;
    }
    if (type.cls == HI5_REFERENCE) {
        cli_str_puts(&ls->out, "reference information not available\n");
        return;
    }
    if (hi5_dataset_storage(d, &used, &err))
        cli_fail(*err.path ? NULL : path, &err);
    cli_str_printf(&ls->out, "%llu logical byte%s, %llu allocated byte%s",
                   (unsigned long long)total, total == 1 ? "" : "s",
                   (unsigned long long)used, used == 1 ? "" : "s");
    if (used > 0)
        cli_str_printf(&ls->out, ", %1.2f%% utilization",
                       (double)total * 100.0 / (double)used);
    cli_str_putc(&ls->out, '\n');
}

static void
put_filters(struct ls *ls, hi5_dataset *d)
{
    hi5_filter f;

    for (size_t i = 0; hi5_dataset_filter(d, i, &f); i++) {
        char label[32];

        snprintf(label, sizeof label, "Filter-%zu:", i);
        put_label(ls, label);
        cli_str_printf(&ls->out, "%s-%u %s {", f.name && *f.name ? f.name : "method",
                       (unsigned)f.id, f.flags & 1 ? "OPT" : "");
        for (unsigned k = 0; k < f.nvalues; k++)
            cli_str_printf(&ls->out, "%s%lu", k ? ", " : "",
                           (unsigned long)f.values[k]);
        cli_str_puts(&ls->out, "}\n");
    }
}

struct chunk_job {
    struct ls *ls;
    unsigned rank;
    bool header;
};

static hi5_status
chunk_line(void *ctx, const hi5_chunk *c, hi5_error *err)
{
    struct chunk_job *job = ctx;
    struct cli_str *out = &job->ls->out;

    (void)err;
    if (!job->header)
        cli_str_puts(out,
                     "           Flags    Bytes     Address          Logical Offset\n"
                     "        ========== ======== ========== "
                     "==============================\n");
    job->header = true;
    cli_str_printf(out, "        0x%08lx %8llu %10llu [", (unsigned long)c->mask,
                   (unsigned long long)c->size, (unsigned long long)c->address);
    for (unsigned i = 0; i < job->rank; i++)
        cli_str_printf(out, "%llu, ", (unsigned long long)c->offset[i]);
    cli_str_puts(out, "0]\n"); /* the element's own bytes count as a dimension */
    ls_flush(job->ls);
    return HI5_OK;
}

static void
put_addresses(struct ls *ls, hi5_dataset *d, const hi5_layout *l)
{
    struct chunk_job job = {ls, l->rank, false};
    hi5_error err;

    if (l->kind == HI5_CONTIGUOUS) {
        put_label(ls, "Address:");
        cli_str_printf(&ls->out, "%llu\n", (unsigned long long)l->address);
    } else if (l->kind == HI5_CHUNKED) {
        cli_str_printf(&ls->out, "    Address: %llu\n", (unsigned long long)l->address);
        if (l->address != HI5_NO_ADDRESS &&
            hi5_dataset_each_chunk(d, chunk_line, &job, &err))
            cli_fail(NULL, &err);
    }
}

static void
put_dataset(struct ls *ls, hi5_dataset *d, const char *path)
{
    const hi5_type *type = hi5_dataset_type(d);
    hi5_layout l;

    if (ls->verbose > 0) {
        hi5_dataset_get_layout(d, &l);
        if (l.kind == HI5_CHUNKED)
            put_chunks(ls, &l, ls_type_size(type));
        else if (l.kind == HI5_CONTIGUOUS && l.externals > 0)
            put_external(ls, d, l.externals);
        else if (l.kind == HI5_VIRTUAL && l.mappings > 0)
            put_mappings(ls, d, l.mappings);
        put_storage(ls, d, path);
        put_filters(ls, d);
        put_label(ls, "Type:");
        ls_type(ls, &ls->out, type, hi5_type_committed(type), 15);
        cli_str_putc(&ls->out, '\n');
        if (ls->address)
            put_addresses(ls, d, &l);
    }
    if (ls->data)
        ls_dataset_values(ls, d);
}

/* -----------------------------------------------------------------------------
 * Any object
 */

static void
put_kind(struct ls *ls, hi5_kind kind)
{
    static const char *const names[] = {"Unknown type(-1)", "Group", "Dataset", "Type"};

    if (ls->at_target)
        cli_str_putc(&ls->out, '{');
    cli_str_puts(&ls->out, names[(unsigned)kind < 4 ? kind : HI5_KIND_UNKNOWN]);
}

static void
put_object(struct ls *ls, hi5_object *o, const hi5_object_info *info, const char *path)
{
    hi5_dataset *d = NULL;
    hi5_error err;

    if (info->kind == HI5_KIND_DATASET && hi5_object_dataset(o, &d, &err)) {
        cli_fail(*err.path ? NULL : path, &err);
        cli_str_puts(&ls->out, " *ERROR*\n");
        return;
    }
    if (d)
        put_shape(ls, hi5_dataset_shape(d));
    if (!ls->at_target || ls->verbose > 0)
        cli_str_putc(&ls->out, '\n');
    if (ls->verbose > 0) {
        list_attributes(ls, o);
        put_details(ls, info);
    }
    if (d)
        put_dataset(ls, d, path);
    if (info->kind == HI5_KIND_DATATYPE && ls->verbose > 0 && hi5_object_type(o)) {
        put_label(ls, "Type:");
        ls_type(ls, &ls->out, hi5_object_type(o), info->address, 15);
        cli_str_putc(&ls->out, '\n');
    }
    if (d)
        hi5_dataset_close(d);
}

void
ls_object(struct ls *ls, hi5_object *o, const hi5_object_info *info, const char *path,
          const char *same_as)
{
    ls->object_file = ls_file_number(ls, info->file_number);
    if (!ls->at_target)
        ls_name(ls, path, "");
    put_kind(ls, info->kind);
    if (same_as) {
        cli_str_puts(&ls->out, ", same as ");
        ls_escape(&ls->out, same_as, true);
        if (!ls->at_target)
            cli_str_putc(&ls->out, '\n');
    } else {
        put_object(ls, o, info, path);
    }
    if (ls->at_target)
        cli_str_puts(&ls->out, "}\n");
    ls->at_target = false;
    ls_flush(ls);
}
