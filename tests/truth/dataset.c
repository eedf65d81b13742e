/*
 * dataset.c - the lines of datasets, groups and attributes
 */
#include "truth.h"

/* Larger values are skipped. */
#define MAX_BYTES ((uint64_t)256 << 20)

void
put_error(struct walk *w, struct text *out, const char *key, const hi5_error *err)
{
    text_add(out, ",\"%s\":", key);
    text_add_json(out, err->message);
    w->errors++;
}

/* The values of a dataset or of an attribute; one of d and a is NULL. */
static void
put_values(struct walk *w, struct text *out, hi5_dataset *d, hi5_attribute *a,
           const hi5_type *type, const hi5_shape *shape)
{
    const uint64_t n = hi5_shape_count(shape);
    hi5_type *memory = NULL;
    hi5_error err;
    unsigned char *buf;
    char hex[65];
    size_t each;

    text_add(out, ",\"sha256\":");
    if (shape->kind == HI5_NULL) {
        text_add(out, "null");
        return;
    }
    if (hi5_type_memory(type, &memory, &err)) {
        text_add(out, "null");
        put_error(w, out, "error", &err);
        return;
    }
    each = hi5_type_size(memory);
    if (each > 0 && n > MAX_BYTES / each) {
        text_add(out, "null,\"skipped\":\"too large\"");
        hi5_type_free(memory);
        return;
    }
    buf = or_exit(calloc((size_t)n + 1, each ? each : 1));
    if (d != NULL ? hi5_dataset_read(d, NULL, memory, buf, &err)
                  : hi5_attribute_read(a, memory, buf, &err)) {
        text_add(out, "null");
        put_error(w, out, "error", &err);
    } else {
        hash_values(w, hex, memory, (size_t)n, buf);
        text_add(out, "\"%s\"", hex);
        hi5_reclaim(w->f, memory, (size_t)n, buf);
    }
    free(buf);
    hi5_type_free(memory);
}

static void
put_extent(struct text *out, const char *key, const hi5_shape *s, const uint64_t *dims)
{
    text_add(out, ",\"%s\":", key);
    if (s->kind == HI5_NULL) {
        text_add(out, "null");
        return;
    }
    text_add(out, "[");
    for (unsigned i = 0; i < s->rank; i++)
        if (dims[i] == HI5_UNLIMITED)
            text_add(out, "%s-1", i ? "," : "");
        else
            text_add(out, "%s%" PRIu64, i ? "," : "", dims[i]);
    text_add(out, "]");
}

struct attribute_lines {
    struct walk *w;
    uint64_t file;
    struct line {
        char *name;
        struct text text;
    } * v;
    size_t n, room;
};

static hi5_status
keep_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct attribute_lines *const l = ctx;
    hi5_attribute_info i;
    struct line *line;

    (void)err;
    if (l->n == l->room) {
        l->room = l->room ? 2 * l->room : 16;
        l->v = or_exit(realloc(l->v, l->room * sizeof(*l->v)));
    }
    line = &l->v[l->n++];
    *line = (struct line){0};
    if (a == NULL) {
        line->name = copy_string("?");
        text_add(&line->text, "{\"name\":\"?\"");
        put_error(l->w, &line->text, "error", bad);
    } else {
        hi5_attribute_get_info(a, &i);
        line->name = copy_string(i.name);
        text_add(&line->text, "{\"name\":");
        text_add_json(&line->text, i.name);
        if (i.utf8)
            text_add(&line->text, ",\"cset\":\"utf8\"");
        if (i.has_order)
            text_add(&line->text, ",\"corder\":%" PRIu32, i.order);
        put_type(l->w, &line->text, i.type, l->file);
        put_extent(&line->text, "shape", &i.shape, i.shape.dims);
        put_values(l->w, &line->text, NULL, a, i.type, &i.shape);
    }
    text_add(&line->text, "}");
    return HI5_OK;
}

static int
by_line_name(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->name, ((const struct line *)b)->name);
}

void
put_attributes(struct walk *w, struct text *out, hi5_object *o, uint64_t file)
{
    struct attribute_lines l = {.w = w, .file = file};
    hi5_error err;

    if (hi5_attribute_each(o, HI5_NATIVE, false, keep_attribute, &l, &err))
        put_error(w, out, "attrs_error", &err);
    if (l.n > 0)
        qsort(l.v, l.n, sizeof(*l.v), by_line_name);
    text_add(out, ",\"attrs\":[");
    for (size_t i = 0; i < l.n; i++) {
        text_add(out, i ? "," : "");
        text_add_bytes(out, l.v[i].text.s, l.v[i].text.n);
        text_free(&l.v[i].text);
        free(l.v[i].name);
    }
    text_add(out, "]");
    free(l.v);
}

struct chunk_totals {
    uint64_t chunks, bytes, masked;
};

static hi5_status
count_chunk(void *ctx, const hi5_chunk *chunk, hi5_error *err)
{
    struct chunk_totals *const t = ctx;

    (void)err;
    t->chunks++;
    t->bytes += chunk->size;
    t->masked += chunk->mask != 0;
    return HI5_OK;
}

static void
put_chunks(struct walk *w, struct text *out, hi5_dataset *d, const hi5_layout *l)
{
    static const char *const names[] = {"btree1", "single", "none",
                                        "farray", "earray", "btree2"};
    struct chunk_totals t = {0};
    hi5_error err;

    text_add(out, ",\"chunk\":[");
    for (unsigned i = 0; i < l->rank; i++)
        text_add(out, "%s%" PRIu64, i ? "," : "", l->chunk[i]);
    text_add(out, "],\"index\":\"%s\"", (unsigned)l->index < 6 ? names[l->index] : "?");
    if (hi5_dataset_each_chunk(d, count_chunk, &t, &err))
        put_error(w, out, "chunks_error", &err);
    else
        text_add(out,
                 ",\"nchunks\":%" PRIu64 ",\"stored\":%" PRIu64 ",\"masked\":%" PRIu64,
                 t.chunks, t.bytes, t.masked);
}

static void
put_selection(struct text *out, const hi5_selection *s)
{
    uint64_t v[4][HI5_MAX_RANK];
    struct sha256 h;
    char hex[65];

    switch (hi5_selection_get_kind(s)) {
    case HI5_SELECTION_ALL:
        text_add(out, "\"all\"");
        return;
    case HI5_SELECTION_NONE:
        text_add(out, "\"none\"");
        return;
    default:
        break;
    }
    if (hi5_selection_get_regular(s, v[0], v[1], v[2], v[3])) {
        text_add(out, "{\"hyper\":[");
        for (unsigned q = 0; q < 4; q++) {
            text_add(out, q ? ",[" : "[");
            for (unsigned i = 0; i < hi5_selection_rank(s); i++)
                if (v[q][i] == HI5_UNLIMITED)
                    text_add(out, "%s-1", i ? "," : "");
                else
                    text_add(out, "%s%" PRIu64, i ? "," : "", v[q][i]);
            text_add(out, "]");
        }
        text_add(out, "]}");
        return;
    }
    sha256_init(&h);
    hash_selection(&h, s);
    sha256_hex(&h, hex);
    text_add(out, "{\"sel_sha256\":\"%s\"}", hex);
}

static void
put_mappings(struct text *out, const hi5_dataset *d)
{
    hi5_mapping m;

    text_add(out, ",\"vds\":[");
    for (size_t i = 0; hi5_dataset_mapping(d, i, &m); i++) {
        text_add(out, i ? ",{\"file\":" : "{\"file\":");
        text_add_json(out, m.file);
        text_add(out, ",\"dset\":");
        text_add_json(out, m.dataset);
        text_add(out, ",\"vspace\":");
        put_selection(out, m.virt);
        text_add(out, ",\"srcspace\":");
        put_selection(out, m.source);
        text_add(out, "}");
    }
    text_add(out, "]");
}

static void
put_externals(struct text *out, const hi5_dataset *d)
{
    const char *name;
    uint64_t offset, size;

    for (size_t i = 0; hi5_dataset_external(d, i, &name, &offset, &size); i++) {
        text_add(out, i ? ",{\"file\":" : ",\"external\":[{\"file\":");
        text_add_json(out, name);
        text_add(out, ",\"offset\":%" PRIu64 ",\"size\":", offset);
        if (size == HI5_UNLIMITED)
            text_add(out, "-1}");
        else
            text_add(out, "%" PRIu64 "}", size);
    }
    if (hi5_dataset_external(d, 0, &name, &offset, &size))
        text_add(out, "]");
}

static void
put_filters(struct text *out, const hi5_dataset *d)
{
    hi5_filter f;

    text_add(out, ",\"filters\":[");
    for (size_t i = 0; hi5_dataset_filter(d, i, &f); i++) {
        text_add(out, "%s[%u,%u,[", i ? "," : "", f.id, f.flags);
        for (unsigned k = 0; k < f.nvalues; k++)
            text_add(out, "%s%" PRIu32, k ? "," : "", f.values[k]);
        text_add(out, "]]");
    }
    text_add(out, "]");
}

/* A user's fill value: its bytes, or a hash where it is long or has parts elsewhere. */
static void
put_fill_value(struct walk *w, struct text *out, hi5_dataset *d)
{
    const hi5_type *const type = hi5_dataset_type(d);
    hi5_type *memory = NULL;
    hi5_error err;
    unsigned char *v = NULL;
    struct sha256 h;
    char hex[65];

    if (hi5_type_memory(type, &memory, &err)) {
        put_error(w, out, "error", &err);
        return;
    }
    v = or_exit(calloc(1, hi5_type_size(memory) + 1));
    if (hi5_dataset_read_fill(d, memory, v, &err)) {
        put_error(w, out, "error", &err);
    } else if (!has_parts_elsewhere(type) && hi5_type_size(type) <= 64) {
        text_add(out, ",\"value\":\"");
        for (size_t i = 0; i < hi5_type_size(type); i++)
            text_add(out, "%02x", v[i]);
        text_add(out, "\"");
    } else {
        sha256_init(&h);
        hash_value(w, &h, memory, v);
        sha256_hex(&h, hex);
        text_add(out, ",\"value_sha256\":\"%s\"", hex);
        hi5_reclaim(w->f, memory, 1, v);
    }
    free(v);
    hi5_type_free(memory);
}

static void
put_fill(struct walk *w, struct text *out, hi5_dataset *d)
{
    static const char *const status[] = {"undefined", "default", "user"};
    static const char *const alloc[] = {"default", "early", "late", "incr"};
    static const char *const time[] = {"alloc", "never", "ifset"};
    hi5_fill f;

    hi5_dataset_get_fill(d, &f);
    text_add(out, ",\"fill\":{\"status\":\"%s\",\"alloc\":\"%s\",\"time\":\"%s\"",
             (unsigned)f.status < 3 ? status[f.status] : "?",
             f.alloc_time < 4 ? alloc[f.alloc_time] : "?",
             f.write_time < 3 ? time[f.write_time] : "?");
    if (f.status == HI5_FILL_USER)
        put_fill_value(w, out, d);
    text_add(out, "}");
}

void
put_dataset(struct walk *w, struct text *out, hi5_object *o, uint64_t file)
{
    static const char *const names[] = {"compact", "contiguous", "chunked", "virtual"};
    hi5_dataset *d;
    hi5_layout l;
    hi5_error err;

    if (hi5_object_dataset(o, &d, &err)) {
        put_error(w, out, "error", &err);
        return;
    }
    put_extent(out, "shape", hi5_dataset_shape(d), hi5_dataset_shape(d)->dims);
    put_extent(out, "maxshape", hi5_dataset_shape(d), hi5_dataset_shape(d)->max);
    put_type(w, out, hi5_dataset_type(d), file);
    hi5_dataset_get_layout(d, &l);
    text_add(out, ",\"layout\":\"%s\"", (unsigned)l.kind < 4 ? names[l.kind] : "?");
    if (l.kind == HI5_CHUNKED)
        put_chunks(w, out, d, &l);
    if (l.kind == HI5_VIRTUAL)
        put_mappings(out, d);
    put_externals(out, d);
    put_filters(out, d);
    put_fill(w, out, d);
    put_values(w, out, d, NULL, hi5_dataset_type(d), hi5_dataset_shape(d));
    hi5_dataset_close(d);
}

void
put_group(struct walk *w, struct text *out, hi5_object *o)
{
    static const char *const names[] = {"symtab", "compact", "dense"};
    hi5_group *g = NULL;
    hi5_group_info i;
    hi5_error err;

    if (hi5_object_group(o, &g, &err) || hi5_group_get_info(g, &i, &err))
        put_error(w, out, "error", &err);
    else
        text_add(
            out, ",\"nlinks\":%" PRIu64 ",\"maxcorder\":%" PRId64 ",\"storage\":\"%s\"",
            i.links, i.max_order, (unsigned)i.storage < 3 ? names[i.storage] : "?");
    hi5_group_close(g);
}
