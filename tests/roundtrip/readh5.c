/*
 * readh5.c - is what libhdf5 reads what the model says?
 */
#include "roundtrip.h"
#include <hdf5.h>
#include <lzf.h>
#include <stdlib.h>
#include <string.h>

/* ---- the LZF filter, which libhdf5 knows only as a plug-in ---- */

static size_t
h5_lzf(unsigned flags, size_t n, const unsigned values[], size_t nbytes, size_t *size,
       void **buf)
{
    const size_t room = n > 2 && values[2] != 0 ? values[2] : *size;
    unsigned char *const out = malloc(room);
    const unsigned got = lzf_decompress(*buf, (unsigned)nbytes, out, (unsigned)room);

    if (!(flags & H5Z_FLAG_REVERSE) || got == 0) {
        free(out);
        return 0;
    }
    free(*buf);
    *buf = out;
    *size = room;
    return got;
}

void
rt_h5_begin(void)
{
    static const H5Z_class2_t lzf = {H5Z_CLASS_T_VERS, 32000, 0, 1, "lzf", NULL, NULL,
                                     h5_lzf};

    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5Zregister(&lzf);
}

unsigned
rt_h5_release(void)
{
    unsigned major, minor, patch;

    if (H5get_libversion(&major, &minor, &patch) < 0)
        return 0;
    return major >= 2 ? 200 : minor >= 14 ? 114 : 100 + minor;
}

static bool
h5_failed(const char *what, const char *path)
{
    H5Eprint2(H5E_DEFAULT, stderr);
    return rt_bad("libhdf5: %s %s", what, path);
}

/* ---- types ---- */

static hid_t h5_memory(hid_t file, const struct rt_type *t);

static hid_t
h5_memory_compound(hid_t file, const struct rt_type *t)
{
    const hid_t c = H5Tcreate(H5T_COMPOUND, t->h5_size);

    if (H5Tget_nmembers(file) != (int)t->n)
        rt_bad("libhdf5: %d members", H5Tget_nmembers(file));
    for (unsigned i = 0; i < t->n; i++) {
        const int k = H5Tget_member_index(file, t->member[i].name);
        const hid_t m = k == (int)i ? H5Tget_member_type(file, i) : -1;
        const hid_t own = m >= 0 ? h5_memory(m, t->member[i].type) : -1;

        if (own < 0 || H5Tinsert(c, t->member[i].name, t->member[i].h5_offset, own) < 0) {
            H5Tclose(c);
            return -1;
        }
        if (!t->moves && H5Tget_member_offset(file, i) != t->member[i].offset)
            rt_bad("libhdf5: member %s has another offset", t->member[i].name);
        H5Tclose(own);
        H5Tclose(m);
    }
    return c;
}

static hid_t
h5_memory_of_base(hid_t file, const struct rt_type *t)
{
    const hid_t super = H5Tget_super(file), own = h5_memory(super, t->base);
    hsize_t dims[2] = {t->dims[0], t->dims[1]}, there[H5S_MAX_RANK] = {0};
    hid_t x = -1;

    if (own >= 0 && t->kind == RT_VLEN)
        x = H5Tvlen_create(own);
    else if (own >= 0 && H5Tget_array_ndims(file) == (int)t->rank &&
             H5Tget_array_dims2(file, there) >= 0 &&
             memcmp(there, dims, t->rank * sizeof *dims) == 0)
        x = H5Tarray_create2(own, t->rank, dims);
    H5Tclose(own);
    H5Tclose(super);
    return x;
}

static bool
h5_number(hid_t x, const struct rt_type *t)
{
    if (H5Tget_size(x) != t->size || H5Tget_precision(x) != 8 * t->size ||
        H5Tget_offset(x) != 0)
        return false;
    if (t->size > 1 && H5Tget_order(x) != (t->be ? H5T_ORDER_BE : H5T_ORDER_LE))
        return false;
    if (t->kind == RT_INTEGER)
        return H5Tget_sign(x) == (t->is_signed ? H5T_SGN_2 : H5T_SGN_NONE);
    if (t->kind == RT_FLOAT) {
        size_t sign, exp, exp_size, man, man_size;
        return H5Tget_fields(x, &sign, &exp, &exp_size, &man, &man_size) >= 0 &&
               exp_size == t->exp_size && sign == 8 * t->size - 1;
    }
    return true;
}

/* Complex numbers came with 2.0. */
static hid_t
h5_complex(hid_t file, const struct rt_type *t)
{
    const hid_t base = H5Tget_super(file);
    const bool same = H5Tget_size(file) == t->size && h5_number(base, t->base);

    H5Tclose(base);
    return same ? H5Tcopy(file) : -1;
}

static hid_t
h5_reference_type(hid_t file, const struct rt_type *t)
{
    hid_t own = t->ref_kind == HI5_REF_OBJECT   ? H5T_STD_REF_OBJ
                : t->ref_kind == HI5_REF_REGION ? H5T_STD_REF_DSETREG
                                                : -1;

#if H5_VERSION_GE(1, 12, 0)
    if (own < 0)
        own = H5T_STD_REF;
#endif
    /* One in a committed sequence is not equal to any. */
    return own >= 0 && H5Tget_class(file) == H5T_REFERENCE ? H5Tcopy(own) : -1;
}

/* The type in memory that has the model's layout; -1 if the file's is not that of the
 * model. */
static hid_t
h5_memory(hid_t file, const struct rt_type *t)
{
    static const H5T_class_t cls[] = {
        H5T_INTEGER, H5T_FLOAT, H5T_BITFIELD, H5T_OPAQUE, H5T_STRING, H5T_ENUM,
        H5T_COMPOUND, H5T_ARRAY, H5T_VLEN, H5T_STRING, H5T_REFERENCE,
        (H5T_class_t)HI5_COMPLEX};

    if (H5Tget_class(file) != cls[t->kind])
        return -1;
    switch (t->kind) {
    case RT_INTEGER:
    case RT_FLOAT:
    case RT_BITFIELD:
        return h5_number(file, t) ? H5Tcopy(file) : -1;
    case RT_STRING:
        if (H5Tget_size(file) != t->size || (int)H5Tget_strpad(file) != (int)t->pad ||
            (int)H5Tget_cset(file) != (int)t->charset)
            return -1;
        return H5Tcopy(file);
    case RT_ENUM:
        return H5Tget_nmembers(file) == (int)t->n && H5Tget_size(file) == t->size
                   ? H5Tcopy(file)
                   : -1;
    case RT_COMPOUND:
        return h5_memory_compound(file, t);
    case RT_ARRAY:
    case RT_VLEN:
        return h5_memory_of_base(file, t);
    case RT_VLEN_STRING:
        return H5Tis_variable_str(file) > 0 && (int)H5Tget_cset(file) == (int)t->charset
                   ? H5Tcopy(file)
                   : -1;
    case RT_REFERENCE:
        return h5_reference_type(file, t);
    case RT_COMPLEX:
        return h5_complex(file, t);
    case RT_OPAQUE:
        break;
    }
    return H5Tget_size(file) == t->size ? H5Tcopy(file) : -1;
}

static bool
h5_space(hid_t s, const hi5_shape *shape)
{
    static const H5S_class_t cls[] = {H5S_SCALAR, H5S_SIMPLE, H5S_NULL};
    hsize_t dims[H5S_MAX_RANK] = {0}, max[H5S_MAX_RANK] = {0};

    if (H5Sget_simple_extent_type(s) != cls[shape->kind])
        return false;
    if (shape->kind != HI5_SIMPLE)
        return true;
    if (H5Sget_simple_extent_dims(s, dims, max) != (int)shape->rank)
        return false;
    for (unsigned i = 0; i < shape->rank; i++)
        if (dims[i] != shape->dims[i] || max[i] != shape->max[i])
            return false;
    return true;
}

/* ---- references ---- */

/* Where the objects of the model are. */
struct h5_place {
    hid_t file;
    const haddr_t *address;
};

/* Is what a space selects what the model says? */
static bool
h5_region(hid_t space, const struct rt_ref *want)
{
    hsize_t dims[H5S_MAX_RANK], *list = rt_keep((want->n + 1) * 2 * sizeof dims);
    const int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    const hssize_t n = H5Sget_select_npoints(space), blocks = H5Sget_select_hyper_nblocks(space);
    uint64_t size = 1, all = 0;
    bool *in;

    if (rank < 0 || n != (hssize_t)want->n ||
        (int)H5Sget_select_type(space) != (int)want->selection)
        return false;
    if (want->selection == HI5_SELECTION_ALL || n == 0)
        return true;
    if (want->selection == HI5_SELECTION_POINTS) {
        H5Sget_select_elem_pointlist(space, 0, (hsize_t)n, list);
        for (hssize_t i = 0; i < n; i++) {
            uint64_t at = 0;
            for (int k = 0; k < rank; k++)
                at = at * dims[k] + list[i * rank + k];
            if (at != want->element[i])
                return false;
        }
        return true;
    }
    for (int k = 0; k < rank; k++)
        size *= dims[k];
    in = rt_keep(size);
    for (size_t i = 0; i < want->n; i++)
        in[want->element[i]] = true;
    H5Sget_select_hyper_blocklist(space, 0, (hsize_t)blocks, list);
    for (hssize_t i = 0; i < blocks; i++)
        for (uint64_t at = 0; at < size; at++) {
            const hsize_t *const low = list + 2 * i * rank, *const high = low + rank;
            uint64_t rest = at;
            bool inside = true;
            for (int k = rank; k-- > 0; rest /= dims[k])
                inside = inside && rest % dims[k] >= low[k] && rest % dims[k] <= high[k];
            if (inside && !in[at])
                return false;
            all += inside;
        }
    return all == want->n;
}

static bool
h5_target(const struct h5_place *place, hid_t object, const struct rt_ref *want)
{
    H5O_info_t info;
    const bool same = object >= 0 && H5Oget_info2(object, &info, H5O_INFO_BASIC) >= 0 &&
                      info.addr == place->address[want->object];

    H5Oclose(object);
    return same;
}

/* Of one byte alone: 0, or from 1.12 on at times 0xff. */
static bool
h5_null(const unsigned char *b, size_t n)
{
    return (b[0] == 0 || b[0] == 0xff) && memcmp(b, b + 1, n - 1) == 0;
}

static bool
h5_old_reference(const struct h5_place *place, const struct rt_type *t,
                 const struct rt_ref *want, const unsigned char *b)
{
    const H5R_type_t kind =
        t->ref_kind == HI5_REF_OBJECT ? H5R_OBJECT : H5R_DATASET_REGION;
    bool same;
    hid_t space;

    if (want == NULL)
        return h5_null(b, t->h5_size);
    if (!h5_target(place, H5Rdereference2(place->file, H5P_DEFAULT, kind, b), want))
        return false;
    if (kind == H5R_OBJECT)
        return true;
    space = H5Rget_region(place->file, kind, b);
    same = space >= 0 && h5_region(space, want);
    H5Sclose(space);
    return same;
}

#if H5_VERSION_GE(1, 12, 0)
static bool
h5_new_reference(const struct h5_place *place, const struct rt_ref *want,
                 const unsigned char *b)
{
    H5R_ref_t r;
    char name[64] = "";
    H5R_type_t kind;
    hid_t space;
    bool same;

    memcpy(&r, b, sizeof r);
    kind = H5Rget_type(&r);
    if (want == NULL)
        return kind == H5R_BADTYPE || h5_null(b, sizeof r);
    if (!h5_target(place, H5Ropen_object(&r, H5P_DEFAULT, H5P_DEFAULT), want))
        return false;
    if (want->attribute != NULL)
        return kind == H5R_ATTR && H5Rget_attr_name(&r, name, sizeof name) > 0 &&
               strcmp(name, want->attribute) == 0;
    if (want->kind == HI5_REF_OBJECT)
        return kind == H5R_OBJECT2;
    space = H5Ropen_region(&r, H5P_DEFAULT, H5P_DEFAULT);
    same = kind == H5R_DATASET_REGION2 && space >= 0 && h5_region(space, want);
    H5Sclose(space);
    return same;
}
#endif

static bool
h5_reference(void *ctx, const struct rt_type *t, const struct rt_ref *want,
             const unsigned char *b)
{
#if H5_VERSION_GE(1, 12, 0)
    if (t->ref_kind == HI5_REF_OBJECT2)
        return h5_new_reference(ctx, want, b);
#endif
    return h5_old_reference(ctx, t, want, b);
}

static bool
h5_values(const struct h5_place *place, const char *path, const struct rt_type *t,
          uint64_t n, const unsigned char *a, const unsigned char *b)
{
    struct h5_place at = *place;
    const struct rt_compare how = {true, h5_reference, &at};

    for (uint64_t i = 0; i < n; i++)
        if (!rt_same(&how, t, a + i * t->size, b + i * t->h5_size))
            return rt_bad("libhdf5: %s: element %llu of %llu differs (kind %d)", path,
                          (unsigned long long)i, (unsigned long long)n, t->kind);
    return true;
}

static void
h5_reclaim(hid_t memory, hid_t space, void *v)
{
#if H5_VERSION_GE(1, 12, 0)
    H5Treclaim(memory, space, H5P_DEFAULT, v);
#else
    H5Dvlen_reclaim(memory, space, H5P_DEFAULT, v);
#endif
}

/* ---- attributes ---- */

static bool
h5_attribute(const struct h5_place *place, hid_t o, const struct rt_attribute *a)
{
    const uint64_t n = hi5_shape_count(&a->shape);
    unsigned char *const v = rt_keep((size_t)n * a->type->h5_size + 1);
    const hid_t x = H5Aopen(o, a->name, H5P_DEFAULT);
    hid_t space, type, memory;
    bool ok;

    if (x < 0)
        return h5_failed("H5Aopen", a->name);
    space = H5Aget_space(x);
    type = H5Aget_type(x);
    memory = h5_memory(type, a->type);
    ok = h5_space(space, &a->shape) || rt_bad("libhdf5: @%s: shape", a->name);
    ok = ok && (memory >= 0 || rt_bad("libhdf5: @%s: type", a->name));
    ok = ok && (a->shape.kind == HI5_NULL || H5Aread(x, memory, v) >= 0 ||
                h5_failed("H5Aread", a->name));
    ok = ok && h5_values(place, a->name, a->type, n, a->value, v);
    if (ok && n != 0 && a->type->moves)
        h5_reclaim(memory, space, v);
    H5Tclose(memory);
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(x);
    return ok;
}

static bool
h5_attributes(const struct h5_place *place, hid_t x, const struct rt_object *o)
{
    H5O_info_t info;

    if (H5Oget_info2(x, &info, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS) < 0)
        return h5_failed("H5Oget_info", o->path);
    if (info.num_attrs != o->nattributes || info.rc != o->hard)
        return rt_bad("libhdf5: %s: %llu attributes, not %u; %u links, not %u", o->path,
                      (unsigned long long)info.num_attrs, o->nattributes, info.rc, o->hard);
    for (unsigned i = 0; i < o->nattributes; i++) {
        char name[64] = "";
        if (!h5_attribute(place, x, &o->attribute[i]))
            return rt_bad("libhdf5: of %s", o->path);
        if (o->attribute[i].replaced)
            return true; /* the others are not told in the order of the model */
        if (o->attribute_order &&
            (H5Aget_name_by_idx(x, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name,
                                sizeof name, H5P_DEFAULT) < 0 ||
             strcmp(name, o->attribute[i].name) != 0))
            return rt_bad("libhdf5: %s: attributes by order of creation: %s, not %s",
                          o->path, name, o->attribute[i].name);
    }
    return true;
}

/* ---- datasets ---- */

static bool
h5_properties(hid_t d, const struct rt_object *o)
{
    const hid_t p = H5Dget_create_plist(d);
    hsize_t chunk[H5S_MAX_RANK] = {0};
    bool ok = (int)H5Pget_layout(p) == (int)o->layout &&
              H5Pget_nfilters(p) == (int)o->nfilters;

    if (ok && o->layout == HI5_CHUNKED) {
        ok = H5Pget_chunk(p, H5S_MAX_RANK, chunk) == (int)o->shape.rank;
        for (unsigned i = 0; ok && i < o->shape.rank; i++)
            ok = chunk[i] == o->chunk[i];
    }
    for (unsigned i = 0; ok && i < o->nfilters; i++) {
        size_t n = 0;
        unsigned flags, config;
        ok = H5Pget_filter2(p, i, &flags, &n, NULL, 0, NULL, &config) == o->filter[i];
    }
    H5Pclose(p);
    return ok || rt_bad("libhdf5: %s: properties", o->path);
}

static bool
h5_fill(hid_t d, hid_t memory, const struct rt_object *o)
{
    const hid_t p = H5Dget_create_plist(d);
    const struct rt_compare how = {.b_is_h5 = true}; /* there are no references */
    unsigned char *const v = rt_keep(o->type->size);
    const bool ok = o->fill == NULL || (H5Pget_fill_value(p, memory, v) >= 0 &&
                                        rt_same(&how, o->type, o->fill, v));

    H5Pclose(p);
    return ok || rt_bad("libhdf5: %s: fill value", o->path);
}

static bool
h5_dataset(const struct h5_place *place, hid_t d, const struct rt_object *o)
{
    unsigned char *const v = rt_keep((size_t)o->n * o->type->h5_size + 1);
    const hid_t space = H5Dget_space(d), type = H5Dget_type(d);
    const hid_t memory = h5_memory(type, o->type);
    bool ok = h5_space(space, &o->shape) || rt_bad("libhdf5: %s: shape", o->path);

    ok = ok && (memory >= 0 || rt_bad("libhdf5: %s: type", o->path));
    ok = ok && ((H5Tcommitted(type) > 0) == (o->committed != 0) ||
                rt_bad("libhdf5: %s: committed type", o->path));
    ok = ok && h5_properties(d, o) && h5_fill(d, memory, o);
    ok = ok && (o->n == 0 || H5Dread(d, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, v) >= 0 ||
                h5_failed("H5Dread", o->path));
    ok = ok && h5_values(place, o->path, o->type, o->n, o->value, v);
    if (ok && o->n != 0 && o->type->moves)
        h5_reclaim(memory, space, v);
    H5Tclose(memory);
    H5Tclose(type);
    H5Sclose(space);
    return ok;
}

/* ---- groups ---- */

static bool
h5_link(hid_t g, const struct rt_link *l, const haddr_t *address)
{
    const char *file = NULL, *target = NULL;
    unsigned flags;
    char value[128];
    H5L_info_t info;

    if (H5Lget_info(g, l->name, &info, H5P_DEFAULT) < 0)
        return h5_failed("H5Lget_info", l->name);
    if ((int)info.type != (int)l->kind)
        return rt_bad("libhdf5: link %s: kind", l->name);
    if (l->kind == HI5_LINK_HARD)
        return info.u.address == address[l->object] ||
               rt_bad("libhdf5: link %s: address", l->name);
    if (H5Lget_val(g, l->name, value, sizeof value, H5P_DEFAULT) < 0)
        return h5_failed("H5Lget_val", l->name);
    if (l->kind == HI5_LINK_SOFT)
        return strcmp(value, l->target) == 0 || rt_bad("libhdf5: link %s", l->name);
    return (H5Lunpack_elink_val(value, info.u.val_size, &flags, &file, &target) >= 0 &&
            strcmp(file, l->file) == 0 && strcmp(target, l->target) == 0) ||
           rt_bad("libhdf5: external link %s", l->name);
}

static bool
h5_group(hid_t g, const struct rt_object *o, const haddr_t *address)
{
    H5G_info_t info;

    if (H5Gget_info(g, &info) < 0 || info.nlinks != o->nlinks)
        return rt_bad("libhdf5: %s: links", o->path);
    for (unsigned i = 0; i < o->nlinks; i++) {
        char name[64] = "";
        if (!h5_link(g, &o->link[i], address))
            return false;
        if (o->order &&
            (H5Lget_name_by_idx(g, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name,
                                sizeof name, H5P_DEFAULT) < 0 ||
             strcmp(name, o->link[i].name) != 0))
            return rt_bad("libhdf5: %s: links by order of creation", o->path);
    }
    return true;
}

static bool
h5_object(const struct h5_place *place, hid_t x, const struct rt_object *o)
{
    hid_t memory;

    if (!h5_attributes(place, x, o))
        return false;
    switch (o->kind) {
    case HI5_KIND_GROUP:
        return H5Iget_type(x) == H5I_GROUP && h5_group(x, o, place->address);
    case HI5_KIND_DATASET:
        return H5Iget_type(x) == H5I_DATASET && h5_dataset(place, x, o);
    default:
        memory = H5Iget_type(x) == H5I_DATATYPE ? h5_memory(x, o->type) : -1;
        H5Tclose(memory);
        return memory >= 0 || rt_bad("libhdf5: %s: type", o->path);
    }
}

static hid_t
h5_open(const struct rt_file *f)
{
    const hid_t p = H5Pcreate(H5P_FILE_ACCESS);
    void *const bytes = rt_copy(f->bytes, f->n);
    hid_t x;

    H5Pset_fapl_core(p, 1 << 16, 0);
    H5Pset_fclose_degree(p, H5F_CLOSE_STRONG);
    H5Pset_file_image(p, bytes, f->n);
    x = H5Fopen("image", H5F_ACC_RDONLY, p);
    H5Pclose(p);
    return x;
}

bool
rt_read_h5(const struct rt_file *file, const struct rt_model *m)
{
    const hid_t f = h5_open(file);
    haddr_t address[RT_OBJECTS] = {0};
    const struct h5_place place = {f, address};
    hid_t x[RT_OBJECTS];
    H5O_info_t info;
    bool ok = true;
    unsigned n = 0;

    if (f < 0)
        return h5_failed("H5Fopen", "");
    for (; n < m->n && ok; n++) {
        x[n] = H5Oopen(f, n != 0 ? m->object[n]->path : "/", H5P_DEFAULT);
        if (x[n] < 0 || H5Oget_info2(x[n], &info, H5O_INFO_BASIC) < 0)
            ok = h5_failed("H5Oopen", m->object[n]->path);
        else
            address[n] = info.addr;
    }
    for (unsigned i = 0; i < n && ok; i++)
        ok = h5_object(&place, x[i], m->object[i]);
    while (n > 0)
        H5Oclose(x[--n]);
    H5Fclose(f);
    return ok;
}
