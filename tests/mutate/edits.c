/*
 * edits.c - the operations that an editing script is made of
 *
 * A row of the table at the end for each; a script names it by its place, so new ones
 * come last. An operation may be refused: what it must not do is harm the file.
 */
#include "editing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EDITS_MANY 14u /* of a kind, in one step: enough for dense storage */
#define EDITS_RANK 3u
#define EDITS_COPIES 3u /* in one file */

/* ---- what is edited ---- */

/* An object: the one that is held open, or one by its path, which is the caller's. */
static hi5_object *
edits_object(struct editing *x, bool *mine)
{
    const char *const path = editing_path(x);
    hi5_error err;
    hi5_object *o;

    *mine = false;
    if (x->object != NULL && editing_byte(x) % 2 != 0)
        return x->object;
    *mine = editing_did(x, hi5_object_open(x->f, path, &o, &err), &err, "object");
    return o;
}

static void
edits_object_done(hi5_object *o, bool mine)
{
    if (mine)
        hi5_object_close(o);
}

static hi5_dataset *
edits_dataset(struct editing *x, bool *mine)
{
    const unsigned from = editing_byte(x);
    hi5_dataset *d = NULL;
    hi5_error err;

    *mine = false;
    if (x->dataset != NULL && from >= 0x80)
        return x->dataset;
    for (unsigned i = 0; i < x->npaths && d == NULL; i++)
        if (hi5_dataset_open(x->f, x->path[(from + i) % x->npaths], &d, &err) ==
            HI5_E_INTERNAL)
            editing_wrong(x, "dataset", err.message);
    *mine = d != NULL;
    return d;
}

static void
edits_dataset_done(hi5_dataset *d, bool mine)
{
    if (mine)
        hi5_dataset_close(d);
}

static void
edits_hold(struct editing *x)
{
    const char *const path = editing_path(x);
    hi5_error err;
    bool mine;

    editing_let_go(x);
    editing_did(x, hi5_object_open(x->f, path, &x->object, &err), &err, "hold");
    x->dataset = edits_dataset(x, &mine);
}

/* ---- types, shapes, values ---- */

/* A type that somebody else has; it may be a committed one. */
static hi5_status
edits_type_of_object(struct editing *x, hi5_type **out, hi5_error *err)
{
    bool mine;
    hi5_object *const o = edits_object(x, &mine);
    hi5_dataset *d;
    hi5_status s = HI5_E_TYPE;

    if (o != NULL && hi5_object_kind(o) == HI5_KIND_DATATYPE) {
        s = hi5_type_copy(hi5_object_type(o), out, err);
    } else if (o != NULL && hi5_object_dataset(o, &d, err) == HI5_OK) {
        s = hi5_type_copy(hi5_dataset_type(d), out, err);
        hi5_dataset_close(d);
    }
    edits_object_done(o, mine);
    return s;
}

static hi5_status
edits_compound(struct editing *x, hi5_type **out, hi5_error *err)
{
    const hi5_type *const second[] = {HI5_F64, HI5_STR, HI5_REF, HI5_U8};
    const hi5_member m[] = {{"x", 0, HI5_I32},
                            {"y", 8, second[editing_below(x, 4)]},
                            {"z", 32, HI5_I16}};

    return hi5_type_compound(40, m, 2 + editing_below(x, 2), out, err);
}

static hi5_status
edits_type(struct editing *x, hi5_type **out, hi5_error *err)
{
    static const char *const names[] = {"red", "green", "blue"};
    static const int8_t values[] = {1, 2, 4};
    const hi5_type *const plain[] = {HI5_I32, HI5_U8,  HI5_F64, HI5_I16,
                                     HI5_F16, HI5_STR, HI5_REF, HI5_U64};
    const uint32_t two[] = {2, 3};
    const unsigned which = editing_below(x, 20);

    *out = NULL;
    switch (which) {
    case 0:
        return edits_compound(x, out, err);
    case 1:
        return hi5_type_vlen(plain[editing_below(x, 8)], out, err);
    case 2:
        return hi5_type_array(plain[editing_below(x, 8)], 2, two, out, err);
    case 3:
        return hi5_type_string(1 + editing_below(x, 20), HI5_NULL_PADDED, HI5_ASCII, out,
                               err);
    case 4:
        return hi5_type_opaque(1 + editing_below(x, 20), "tag", out, err);
    case 5:
        return hi5_type_enum(HI5_I8, 3, names, values, out, err);
    case 6:
        return hi5_type_complex_pair(HI5_F32, out, err);
    case 7:
        return hi5_type_reference((hi5_ref_kind)editing_below(x, 5), out, err);
    case 8:
        return hi5_type_complex(HI5_F64, out, err);
    case 9:
    case 10:
    case 11:
        return edits_type_of_object(x, out, err);
    default:
        return hi5_type_copy(plain[which % 8], out, err);
    }
}

static hi5_shape
edits_shape(struct editing *x)
{
    hi5_shape s = {.kind = HI5_SIMPLE, .rank = editing_below(x, EDITS_RANK + 2)};

    if (s.rank == 0 || s.rank > EDITS_RANK) {
        s.kind = s.rank == 0 ? HI5_SCALAR : HI5_NULL;
        s.rank = 0;
    }
    for (unsigned i = 0; i < s.rank; i++)
        s.dims[i] = s.max[i] = editing_below(x, 12);
    return s;
}

/* Any values of a type in memory. */
static void
edits_values(struct editing *x, const hi5_type *t, unsigned char *p, size_t n)
{
    static const uint64_t zeros[64];
    static const char *const texts[] = {
        "", "text", "a longer text that is not stored in place, whatever holds it", NULL};
    hi5_type_info info;

    hi5_type_get_info(t, &info);
    for (size_t i = 0; i < n; i++, p += info.size) {
        if (info.cls == HI5_VLEN && info.is_vlen_string) {
            memcpy(p, &texts[editing_random(x) % 4], sizeof texts[0]);
        } else if (info.cls == HI5_VLEN) {
            const size_t each = hi5_type_size(info.base);
            const size_t most = each != 0 ? sizeof zeros / each : 0;
            const hi5_vlen v = {most != 0 ? editing_random(x) % (most + 1) : 0,
                                (void *)(uintptr_t)zeros};
            memcpy(p, &v, sizeof v);
        } else if (info.cls == HI5_REFERENCE) {
            memset(p, 0, info.size);
        } else if (info.cls == HI5_COMPOUND && (hi5_type_has_vlen(t) ||
                                               hi5_type_has_reference(t))) {
            hi5_member m;
            for (unsigned k = 0; hi5_type_member(t, k, &m); k++)
                edits_values(x, m.type, p + m.offset, 1);
        } else if (info.cls == HI5_ARRAY) {
            const size_t each = hi5_type_size(info.base);
            edits_values(x, info.base, p, each != 0 ? info.size / each : 0);
        } else {
            for (size_t k = 0; k < info.size; k++)
                p[k] = (unsigned char)editing_random(x);
        }
    }
}

/* `n` elements as `file` has them in memory; NULL: too many, or no such type. */
static unsigned char *
edits_buffer(struct editing *x, const hi5_type *file, uint64_t n, hi5_type **memory)
{
    unsigned char *buf = NULL;
    hi5_error err;

    *memory = NULL;
    if (hi5_type_memory(file, memory, &err) == HI5_OK &&
        hi5_type_size(*memory) != 0 && n <= EDITING_VALUES / hi5_type_size(*memory)) {
        buf = calloc((size_t)n * hi5_type_size(*memory) + 1, 1);
        if (buf == NULL)
            exit(2);
        edits_values(x, *memory, buf, (size_t)n);
    }
    return buf;
}

static void
edits_buffer_done(unsigned char *buf, hi5_type *memory)
{
    hi5_type_free(memory);
    free(buf);
}

/* ---- attributes ---- */

struct edits_nth {
    unsigned left;
    char *name;
    size_t size;
};

static hi5_status
edits_nth_name(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct edits_nth *const y = ctx;
    hi5_attribute_info info;

    (void)bad, (void)err;
    if (a == NULL)
        return HI5_OK;
    hi5_attribute_get_info(a, &info);
    snprintf(y->name, y->size, "%s", info.name);
    return y->left-- != 0 ? HI5_OK : HI5_E_STATE;
}

/* One that is there, or may be. */
static void
edits_name(struct editing *x, hi5_object *o, char *name, size_t size)
{
    const unsigned how = editing_byte(x);
    struct edits_nth y = {how % 16, name, size};
    hi5_error err;

    snprintf(name, size, "a%u", how % 24);
    if (how < 0xa0 &&
        hi5_attribute_each(o, HI5_NATIVE, false, edits_nth_name, &y, &err) ==
            HI5_E_INTERNAL)
        editing_wrong(x, "attributes", err.message);
}

static void
edits_attribute_write(struct editing *x)
{
    bool mine;
    hi5_object *const o = edits_object(x, &mine);
    const unsigned many = editing_byte(x);
    const hi5_shape shape = edits_shape(x);
    hi5_type *type, *memory;
    unsigned char *buf;
    char name[256];
    hi5_error err;

    if (o == NULL || edits_type(x, &type, &err) != HI5_OK) {
        edits_object_done(o, mine);
        return;
    }
    buf = edits_buffer(x, type, hi5_shape_count(&shape), &memory);
    for (unsigned i = 0; i < (many > 0xc0 ? EDITS_MANY : 1); i++) {
        if (many > 0xc0)
            snprintf(name, sizeof name, "a%u", i);
        else
            edits_name(x, o, name, sizeof name);
        editing_did(x, hi5_attribute_write(o, name, type, &shape, NULL, buf, &err), &err,
                    "write attribute");
    }
    edits_buffer_done(buf, memory);
    hi5_type_free(type);
    edits_object_done(o, mine);
}

static void
edits_attribute_string(struct editing *x)
{
    bool mine;
    hi5_object *const o = edits_object(x, &mine);
    char name[256], text[300];
    hi5_error err;

    if (o == NULL)
        return;
    edits_name(x, o, name, sizeof name);
    snprintf(text, sizeof text, "%0*u", (int)editing_byte(x), x->made);
    editing_did(x, hi5_attribute_write_string(o, name, text, &err), &err,
                "write string attribute");
    edits_object_done(o, mine);
}

static void
edits_attribute_delete(struct editing *x)
{
    bool mine;
    hi5_object *const o = edits_object(x, &mine);
    const unsigned many = editing_byte(x) > 0xc0 ? EDITS_MANY : 1;
    char name[256];
    hi5_error err;

    for (unsigned i = 0; i < many && o != NULL; i++) {
        edits_name(x, o, name, sizeof name);
        editing_did(x, hi5_attribute_delete(o, name, &err), &err, "delete attribute");
    }
    edits_object_done(o, mine);
}

static void
edits_attribute_rename(struct editing *x)
{
    bool mine;
    hi5_object *const o = edits_object(x, &mine);
    char from[256], to[256];
    hi5_error err;

    if (o == NULL)
        return;
    edits_name(x, o, from, sizeof from);
    edits_name(x, o, to, sizeof to);
    if (editing_byte(x) % 4 == 0)
        snprintf(to, sizeof to, "b%0*u", (int)editing_byte(x) % 200, x->made++);
    editing_did(x, hi5_attribute_rename(o, from, to, &err), &err, "rename attribute");
    edits_object_done(o, mine);
}

static void
edits_attribute_modify(struct editing *x)
{
    bool mine;
    hi5_object *const o = edits_object(x, &mine);
    hi5_attribute_info info;
    hi5_attribute *a;
    hi5_type *memory;
    unsigned char *buf;
    char name[256];
    hi5_error err;

    if (o == NULL)
        return;
    edits_name(x, o, name, sizeof name);
    if (editing_did(x, hi5_attribute_open(o, name, &a, &err), &err, "attribute")) {
        hi5_attribute_get_info(a, &info);
        buf = edits_buffer(x, info.type, hi5_shape_count(&info.shape), &memory);
        if (buf != NULL)
            editing_did(x, hi5_attribute_modify(a, memory, buf, &err), &err,
                        "modify attribute");
        edits_buffer_done(buf, memory);
        hi5_attribute_close(a);
    }
    edits_object_done(o, mine);
}

/* ---- groups, links, types ---- */

static void
edits_group_create(struct editing *x)
{
    const unsigned how = editing_byte(x), many = editing_byte(x);
    const hi5_group_options o = {
        .size = sizeof o, .track_order = how & 1, .index_order = (how & 3) == 3,
        .track_attribute_order = how & 4, .index_attribute_order = (how & 12) == 12,
        .max_compact = how & 16 ? 3 : 0, .min_dense = how & 16 ? 2 : 0,
        .estimated_entries = how & 32 ? 100 : 0, .no_parents = how & 64};
    char path[2 * EDITING_PATH];
    hi5_error err;

    for (unsigned i = 0; i < (many > 0xc0 ? EDITS_MANY : 1); i++) {
        editing_new_path(x, path, sizeof path);
        if (editing_did(x, hi5_group_create(x->f, path, &o, NULL, &err), &err,
                        "create group"))
            editing_know(x, path);
    }
}

static void
edits_link(struct editing *x)
{
    const unsigned kind = editing_below(x, 3), many = editing_byte(x);
    char path[2 * EDITING_PATH];
    hi5_error err;
    hi5_status s;

    for (unsigned i = 0; i < (many > 0xc0 ? EDITS_MANY : 1); i++) {
        editing_new_path(x, path, sizeof path);
        if (kind == 0)
            s = hi5_link_hard(x->f, path, editing_path(x), &err);
        else if (kind == 1)
            s = hi5_link_soft(x->f, path, editing_path(x), &err);
        else
            s = hi5_link_external(x->f, path, "nowhere.h5", editing_path(x), &err);
        if (editing_did(x, s, &err, "link") && kind == 0)
            editing_know(x, path);
    }
}

static void
edits_delete(struct editing *x)
{
    const unsigned many = editing_byte(x) > 0xe0 ? EDITS_MANY : 1;
    hi5_error err;

    for (unsigned i = 0; i < many; i++)
        editing_did(x, hi5_link_delete(x->f, editing_path(x), &err), &err, "delete");
}

static void
edits_move(struct editing *x)
{
    const char *const from = editing_path(x);
    char path[2 * EDITING_PATH];
    hi5_error err;

    editing_new_path(x, path, sizeof path);
    if (editing_did(x, hi5_link_move(x->f, from, path, &err), &err, "move"))
        editing_know(x, path);
}

static void
edits_copy_link(struct editing *x)
{
    const char *const from = editing_path(x);
    char path[2 * EDITING_PATH];
    hi5_error err;

    editing_new_path(x, path, sizeof path);
    if (editing_did(x, hi5_link_copy(x->f, from, path, &err), &err, "copy link"))
        editing_know(x, path);
}

static void
edits_comment(struct editing *x)
{
    bool mine;
    hi5_object *const o = edits_object(x, &mine);
    char text[300];
    hi5_error err;

    snprintf(text, sizeof text, "%0*u", 1 + (int)editing_byte(x), x->made);
    if (o != NULL)
        editing_did(x,
                    hi5_object_set_comment(o, editing_byte(x) % 4 != 0 ? text : NULL,
                                           &err),
                    &err, "comment");
    edits_object_done(o, mine);
}

static void
edits_type_commit(struct editing *x)
{
    char path[2 * EDITING_PATH];
    hi5_object *o = NULL;
    hi5_type *type;
    hi5_error err;

    editing_new_path(x, path, sizeof path);
    if (edits_type(x, &type, &err) != HI5_OK)
        return;
    if (editing_did(x, hi5_type_commit(x->f, path, type, &o, &err), &err, "commit type"))
        editing_know(x, path);
    hi5_object_close(o);
    hi5_type_free(type);
}

/* ---- copies ---- */

static hi5_copy_options
edits_copy_options(struct editing *x)
{
    const unsigned how = editing_byte(x);

    return (hi5_copy_options){
        .size = sizeof(hi5_copy_options), .shallow = how & 1, .expand_soft = how & 2,
        .expand_references = how & 4, .null_references = how & 8,
        .no_attributes = how & 16, .preserve_null = how & 32,
        .merge_committed = how & 64, .no_parents = how & 128};
}

static void
edits_copy(struct editing *x)
{
    bool mine;
    hi5_object *const o = edits_object(x, &mine);
    const hi5_copy_options options = edits_copy_options(x);
    char path[2 * EDITING_PATH];
    hi5_error err;

    editing_new_path(x, path, sizeof path);
    if (o != NULL && x->copies++ < EDITS_COPIES &&
        editing_did(x, hi5_copy(o, x->f, path, &options, &err), &err, "copy"))
        editing_know(x, path);
    edits_object_done(o, mine);
}

/* A copy of what is sound is sound. */
static void
edits_copied(struct editing *x, hi5_file *to)
{
    struct mut_verdict v = {.talk = x->e->talk};
    struct mut_file f = {.path = "copy.h5"};
    hi5_open_options open = x->open;
    const void *bytes;
    hi5_error err;

    open.write = false;
    if (!editing_did(x, hi5_file_image(to, &bytes, &f.n, &err), &err, "image") ||
        !x->e->sound || x->faulty)
        return;
    f.bytes = (uint8_t *)(uintptr_t)bytes; /* nobody changes them */
    mut_check(&f, &open, &v);
    if (v.errors != v.dangling)
        editing_wrong(x, "copied, and not sound", v.first);
}

/* To a file that is new, and then again to where something is. */
static void
edits_copy_out(struct editing *x)
{
    bool mine;
    hi5_object *const o = edits_object(x, &mine);
    const hi5_copy_options options = edits_copy_options(x);
    hi5_create_options create;
    hi5_open_options open;
    hi5_file *to = NULL;
    hi5_error err;

    editing_new_file(x, &open, &create);
    if (o != NULL &&
        editing_did(x, hi5_create_memory(&create, &to, &err), &err, "new file") &&
        editing_did(x, hi5_copy(o, to, "/a/b", &options, &err), &err, "copy out") &&
        editing_did(x, hi5_copy(o, to, "/b", &options, &err), &err, "copy again"))
        edits_copied(x, to);
    if (to != NULL)
        editing_did(x, hi5_close(to, &err), &err, "close the new file");
    edits_object_done(o, mine);
}

/* ---- datasets ---- */

/* One or two filters, mostly. */
static void
edits_filters(struct editing *x, hi5_dataset_options *o)
{
    const unsigned how = editing_byte(x);

    switch (how % 8) {
    case 0:
        o->scaleoffset = true;
        o->scale = how & 32 ? 3 : 0;
        break;
    case 1:
        o->nbit = true;
        break;
    case 2:
        o->szip = how & 32 ? 8 : 2;
        o->szip_ec = how & 64;
        break;
    case 3:
        o->lzf = true;
        break;
    default:
        o->deflate = how % 8;
        break;
    }
    o->shuffle = how & 8;
    o->fletcher32 = how & 16;
}

/* Storage, chunks, maxima, filters, fill value. */
static void
edits_dataset_options(struct editing *x, hi5_shape *s, hi5_dataset_options *o,
                      uint64_t *chunk)
{
    const unsigned how = editing_byte(x), times = editing_byte(x);
    unsigned max = 0;

    if (s->rank != 0 && how & 1) {
        max = editing_byte(x);
        o->auto_chunk = (how & 16) != 0;
        o->chunk = o->auto_chunk ? NULL : chunk;
        if (how & 2)
            edits_filters(x, o);
    }
    for (unsigned i = 0; i < s->rank; i++, max /= 4) {
        chunk[i] = how & 1 ? 1 + editing_below(x, 6) : 1;
        s->max[i] = max % 4 == 1 ? HI5_UNLIMITED : s->dims[i] + (max % 4 == 2 ? 5 : 0);
        if (s->max[i] == s->dims[i] && chunk[i] > s->dims[i] && s->dims[i] != 0)
            chunk[i] = s->dims[i];
    }
    o->compact = (how & 5) == 4;
    o->no_fill = how & 8;
    o->track_attribute_order = how & 32;
    o->index_attribute_order = (how & 96) == 96;
    o->alloc_time = o->compact ? HI5_ALLOC_DEFAULT : (hi5_alloc_time)(times % 4);
    o->fill_time = (hi5_fill_time)((times >> 2) % 3);
}

static void
edits_dataset_create(struct editing *x)
{
    hi5_dataset_options o = {.size = sizeof o};
    hi5_shape shape = edits_shape(x);
    uint64_t chunk[HI5_MAX_RANK];
    char path[2 * EDITING_PATH];
    hi5_type *type, *memory;
    unsigned char *fill = NULL;
    hi5_error err;
    hi5_group *root;

    editing_new_path(x, path, sizeof path);
    edits_dataset_options(x, &shape, &o, chunk);
    if (edits_type(x, &type, &err) != HI5_OK)
        return;
    memory = NULL;
    if (editing_byte(x) % 4 == 1 && !o.no_fill)
        fill = edits_buffer(x, type, 1, &memory);
    o.fill = fill;
    if (editing_did(x, hi5_group_open(x->f, "/", &root, &err), &err, "root group") &&
        editing_did(x, hi5_dataset_create_at(root, path, type, &shape, &o, NULL, &err),
                    &err, "create dataset"))
        editing_know(x, path);
    hi5_group_close(root);
    edits_buffer_done(fill, memory);
    hi5_type_free(type);
}

/* A virtual dataset that shows all of another one. */
static void
edits_virtual(struct editing *x)
{
    hi5_dataset_options o = {.size = sizeof o, .nmapping = 1};
    hi5_selection *all = NULL;
    const uint64_t zero[HI5_MAX_RANK] = {0};
    const char *const source = editing_path(x);
    char path[2 * EDITING_PATH];
    hi5_mapping m = {.dataset = source};
    hi5_dataset *d;
    hi5_error err;

    editing_new_path(x, path, sizeof path);
    if (!editing_did(x, hi5_dataset_open(x->f, source, &d, &err), &err, "source"))
        return;
    if (hi5_selection_create(hi5_dataset_shape(d), &all, &err) == HI5_OK &&
        (hi5_dataset_shape(d)->rank == 0 ||
         hi5_selection_hyperslab(all, HI5_SELECT_SET, zero, NULL,
                                 hi5_dataset_shape(d)->dims, NULL, &err) == HI5_OK)) {
        const hi5_shape *const s = hi5_dataset_shape(d);
        m.source = m.virt = all;
        o.mapping = &m;
        if (editing_did(x,
                        hi5_dataset_create(x->f, path, hi5_dataset_type(d), s->rank,
                                           s->dims, &o, NULL, &err),
                        &err, "create virtual dataset"))
            editing_know(x, path);
    }
    hi5_selection_free(all);
    hi5_dataset_close(d);
}

/* Is what is written what is read, bit for bit? */
static bool
edits_exact(hi5_dataset *d)
{
    hi5_type_info info;
    hi5_layout layout;
    hi5_filter f;

    hi5_type_get_info(hi5_dataset_type(d), &info);
    hi5_dataset_get_layout(d, &layout);
    for (size_t i = 0; hi5_dataset_filter(d, i, &f); i++)
        if (f.id == 5 || f.id == 6 || f.id == 32013)
            return false;
    return layout.kind != HI5_VIRTUAL && layout.externals == 0 &&
           (info.cls == HI5_INTEGER || info.cls == HI5_FLOAT) &&
           info.precision == 8 * info.size;
}

static void
edits_compare(struct editing *x, hi5_dataset *d, const uint64_t *start,
              const uint64_t *count, const hi5_type *memory, const unsigned char *wrote,
              uint64_t n)
{
    unsigned char *const got = calloc((size_t)n + 1, hi5_type_size(memory));
    hi5_error err;

    if (got == NULL)
        exit(2);
    if (hi5_dataset_read_slab(d, start, count, memory, got, &err) != HI5_OK) {
        if (err.status != HI5_E_LIMIT) /* which is what the fuzzer set */
            editing_wrong(x, "written, and unreadable", err.message);
    } else if (memcmp(got, wrote, (size_t)n * hi5_type_size(memory)) != 0)
        editing_wrong(x, "written, and other values are read",
                      hi5_object_path(hi5_dataset_object(d)));
    free(got);
}

static void
edits_dataset_write(struct editing *x)
{
    bool mine;
    hi5_dataset *const d = edits_dataset(x, &mine);
    uint64_t start[HI5_MAX_RANK] = {0}, count[HI5_MAX_RANK] = {0}, n = 1;
    hi5_type *memory;
    unsigned char *buf;
    hi5_error err;

    if (d == NULL)
        return;
    for (unsigned i = hi5_dataset_shape(d)->rank; i-- > 0;) {
        const uint64_t dim = hi5_dataset_shape(d)->dims[i];
        start[i] = dim != 0 ? editing_byte(x) * (dim / 256 + 1) % dim : 0;
        count[i] = editing_below(x, 16);
        if (count[i] == 0 || count[i] > dim - start[i])
            count[i] = dim - start[i];
        if (n != 0 && count[i] > EDITING_VALUES / n)
            count[i] = EDITING_VALUES / n;
        n *= count[i];
    }
    if (hi5_dataset_shape(d)->kind == HI5_NULL)
        n = 0;
    buf = edits_buffer(x, hi5_dataset_type(d), n, &memory);
    if (buf != NULL &&
        editing_did(x, hi5_dataset_write_slab(d, start, count, memory, buf, &err), &err,
                    "write") &&
        x->e->sound && !x->faulty && edits_exact(d))
        edits_compare(x, d, start, count, memory, buf, n);
    edits_buffer_done(buf, memory);
    edits_dataset_done(d, mine);
}

static void
edits_points(struct editing *x)
{
    bool mine;
    hi5_dataset *const d = edits_dataset(x, &mine);
    const size_t n = 1 + editing_below(x, 5);
    uint64_t point[6 * HI5_MAX_RANK] = {0};
    hi5_type *memory;
    unsigned char *buf;
    hi5_error err;

    if (d == NULL)
        return;
    for (unsigned i = 0; i < n * hi5_dataset_shape(d)->rank; i++) {
        const uint64_t dim = hi5_dataset_shape(d)->dims[i % hi5_dataset_shape(d)->rank];
        point[i] = dim != 0 ? editing_byte(x) * (dim / 256 + 1) % dim : 0;
    }
    buf = edits_buffer(x, hi5_dataset_type(d), n, &memory);
    if (buf != NULL)
        editing_did(x, hi5_dataset_write_points(d, n, point, memory, buf, &err), &err,
                    "write points");
    edits_buffer_done(buf, memory);
    edits_dataset_done(d, mine);
}

static void
edits_field(struct editing *x)
{
    bool mine;
    hi5_dataset *const d = edits_dataset(x, &mine);
    hi5_member m;
    hi5_type *memory = NULL;
    unsigned char *buf = NULL;
    hi5_error err;

    if (d != NULL && hi5_type_class(hi5_dataset_type(d)) == HI5_COMPOUND &&
        hi5_type_member(hi5_dataset_type(d), editing_below(x, 4), &m))
        buf = edits_buffer(x, m.type, hi5_shape_count(hi5_dataset_shape(d)), &memory);
    if (buf != NULL)
        editing_did(x, hi5_dataset_write_field(d, m.name, NULL, memory, buf, &err), &err,
                    "write field");
    edits_buffer_done(buf, memory);
    edits_dataset_done(d, mine);
}

static void
edits_resize(struct editing *x)
{
    bool mine;
    hi5_dataset *const d = edits_dataset(x, &mine);
    uint64_t dims[HI5_MAX_RANK] = {0};
    hi5_error err;

    if (d == NULL)
        return;
    for (unsigned i = 0; i < hi5_dataset_shape(d)->rank; i++) {
        dims[i] = hi5_dataset_shape(d)->dims[i];
        if (i < EDITS_RANK)
            dims[i] = editing_byte(x) % 4 == 0 ? dims[i] : editing_below(x, 40);
    }
    editing_did(x, hi5_dataset_resize(d, dims, &err), &err, "resize");
    edits_dataset_done(d, mine);
}

static void
edits_append(struct editing *x)
{
    bool mine;
    hi5_dataset *const d = edits_dataset(x, &mine);
    const uint64_t rows = 1 + editing_below(x, 9);
    uint64_t n = rows;
    hi5_type *memory;
    unsigned char *buf;
    hi5_error err;

    if (d == NULL)
        return;
    for (unsigned i = 1; i < hi5_dataset_shape(d)->rank; i++)
        n = n > EDITING_VALUES || hi5_dataset_shape(d)->dims[i] > EDITING_VALUES
                ? EDITING_VALUES + 1u /* too many, which edits_buffer says */
                : n * hi5_dataset_shape(d)->dims[i];
    buf = edits_buffer(x, hi5_dataset_type(d), n, &memory);
    if (buf != NULL)
        editing_did(x, hi5_dataset_append(d, rows, memory, buf, &err), &err, "append");
    edits_buffer_done(buf, memory);
    edits_dataset_done(d, mine);
}

struct edits_chunk {
    unsigned left;
    hi5_chunk chunk;
    bool found;
};

static hi5_status
edits_nth_chunk(void *ctx, const hi5_chunk *c, hi5_error *err)
{
    struct edits_chunk *const y = ctx;

    (void)err;
    y->chunk = *c;
    y->found = true;
    return y->left-- != 0 ? HI5_OK : HI5_E_STATE;
}

/* Put a chunk where another is, unless where it is decides how it is stored. */
static void
edits_raw_chunk(struct editing *x)
{
    bool mine;
    hi5_dataset *const d = edits_dataset(x, &mine);
    struct edits_chunk y = {.left = editing_below(x, 8)}, z = {.left = editing_below(x, 8)};
    unsigned char *bytes;
    hi5_layout layout;
    hi5_error err;

    if (d != NULL)
        hi5_dataset_get_layout(d, &layout);
    if (d != NULL &&
        hi5_dataset_each_chunk(d, edits_nth_chunk, &y, &err) == HI5_E_INTERNAL)
        editing_wrong(x, "chunks", err.message);
    if (y.found && hi5_type_has_vlen(hi5_dataset_type(d)))
        x->e->sound = false; /* two elements have one object of the heap */
    if (y.found && y.chunk.size <= EDITING_VALUES &&
        hi5_dataset_each_chunk(d, edits_nth_chunk, &z, &err) != HI5_E_INTERNAL) {
        bytes = calloc(1, (size_t)y.chunk.size + 1);
        if (bytes == NULL)
            exit(2);
        if (layout.unfiltered_edges)
            z = y;
        if (editing_did(x, hi5_dataset_read_raw_chunk(d, &y.chunk, bytes, &err), &err,
                        "raw chunk"))
            editing_did(x,
                        hi5_dataset_write_raw_chunk(d, z.chunk.offset, y.chunk.mask,
                                                    bytes, (size_t)y.chunk.size, &err),
                        &err, "write raw chunk");
        free(bytes);
    }
    edits_dataset_done(d, mine);
}

/* ---- references, scales ---- */

static void
edits_reference(struct editing *x)
{
    const unsigned kind = editing_below(x, 3);
    bool mine, other;
    hi5_object *const o = edits_object(x, &mine);
    hi5_dataset *const d = edits_dataset(x, &other);
    hi5_selection *all = NULL;
    hi5_reference r = {0};
    hi5_type *type = NULL;
    char name[256];
    hi5_error err;
    hi5_status s = HI5_E_TYPE;

    if (o != NULL)
        edits_name(x, o, name, sizeof name);
    if (kind == 0 && o != NULL)
        s = hi5_reference_object(o, &r, &err);
    else if (kind == 1 && d != NULL &&
             hi5_selection_create(hi5_dataset_shape(d), &all, &err) == HI5_OK)
        s = hi5_reference_region(d, all, &r, &err);
    else if (kind == 2 && o != NULL)
        s = hi5_reference_attribute(o, name, &r, &err);
    if (o != NULL && s == HI5_OK &&
        hi5_type_reference((hi5_ref_kind)r.kind, &type, &err) == HI5_OK)
        editing_did(x, hi5_attribute_write(o, "ref", type, NULL, HI5_REF, &r, &err), &err,
                    "write reference");
    hi5_type_free(type);
    hi5_selection_free(all);
    edits_dataset_done(d, other);
    edits_object_done(o, mine);
}

static void
edits_scale(struct editing *x)
{
    const unsigned how = editing_below(x, 4), dim = editing_below(x, EDITS_RANK);
    bool mine, other;
    hi5_dataset *const d = edits_dataset(x, &mine);
    hi5_dataset *const scale = edits_dataset(x, &other);
    hi5_error err;
    hi5_status s = HI5_OK;

    if (d != NULL && scale != NULL) {
        if (how == 0)
            s = hi5_scale_make(d, x->made++ % 2 ? "scale" : NULL, &err);
        else if (how == 1)
            s = hi5_scale_attach(d, dim, scale, &err);
        else if (how == 2)
            s = hi5_scale_detach(d, dim, scale, &err);
        else
            s = hi5_dimension_label(d, dim, "label", &err);
        editing_did(x, s, &err, "scale");
    }
    edits_dataset_done(scale, other);
    edits_dataset_done(d, mine);
}

/* ---- reading in between ---- */

static hi5_status
edits_read_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct editing *const x = ctx;
    hi5_attribute_info info;
    unsigned char *buf;
    hi5_type *memory;

    (void)bad;
    if (a == NULL)
        return HI5_OK;
    hi5_attribute_get_info(a, &info);
    buf = edits_buffer(x, info.type, hi5_shape_count(&info.shape), &memory);
    if (buf != NULL &&
        editing_did(x, hi5_attribute_read(a, memory, buf, err), err, "read attribute"))
        hi5_reclaim(x->f, memory, (size_t)hi5_shape_count(&info.shape), buf);
    edits_buffer_done(buf, memory);
    return HI5_OK;
}

static void
edits_read(struct editing *x)
{
    bool mine, other;
    hi5_object *const o = edits_object(x, &mine);
    hi5_dataset *const d = edits_dataset(x, &other);
    unsigned char *buf;
    hi5_type *memory;
    hi5_error err;

    if (o != NULL)
        editing_did(x,
                    hi5_attribute_each(o, HI5_BY_NAME, false, edits_read_attribute, x,
                                       &err),
                    &err, "read attributes");
    if (d != NULL) {
        const uint64_t n = hi5_shape_count(hi5_dataset_shape(d));
        buf = edits_buffer(x, hi5_dataset_type(d), n, &memory);
        if (buf != NULL &&
            editing_did(x, hi5_dataset_read(d, NULL, memory, buf, &err), &err, "read"))
            hi5_reclaim(x->f, memory, (size_t)n, buf);
        edits_buffer_done(buf, memory);
    }
    edits_dataset_done(d, other);
    edits_object_done(o, mine);
}

/* ---- commits, faults ---- */

static void
edits_flush(struct editing *x)
{
    hi5_error err;

    editing_did(x, hi5_flush(x->f, HI5_SAFE, &err), &err, "flush");
}

static void
edits_abort(struct editing *x)
{
    hi5_error err;

    if (editing_did(x, hi5_abort(x->f, &err), &err, "abort"))
        editing_look(x);
}

static void
edits_break_disk(struct editing *x)
{
    x->disk.writes_left = 1 + editing_below(x, 24);
    x->faulty = true;
}

static void
edits_break_memory(struct editing *x)
{
    x->allocations_left = 1 + editing_byte(x);
    x->faulty = true;
}

typedef void (*edits_fn)(struct editing *x);

static const edits_fn edits_table[] = {
    edits_hold,
    edits_attribute_write,
    edits_attribute_string,
    edits_attribute_delete,
    edits_attribute_rename,
    edits_attribute_modify,
    edits_group_create,
    edits_link,
    edits_type_commit,
    edits_dataset_create,
    edits_virtual,
    edits_dataset_write,
    edits_points,
    edits_field,
    edits_resize,
    edits_append,
    edits_raw_chunk,
    edits_reference,
    edits_scale,
    edits_read,
    edits_flush,
    edits_abort,
    editing_reopen,
    edits_break_disk,
    edits_break_memory,
    edits_delete,
    edits_move,
    edits_copy_link,
    edits_comment,
    edits_copy,
    edits_copy_out,
};

void
editing_step(struct editing *x, unsigned code)
{
    if (code < sizeof edits_table / sizeof *edits_table)
        edits_table[code](x);
}
