/*
 * h5.c - libhdf5 reads what hi5 edited, and edits it in turn
 */
#include "editmodel.h"
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define H5_MOST (1u << 20) /* bytes of values that are compared */

static hi5_error h5_err;

static bool
h5_failed(const char *what, const char *path)
{
    if (!rt_quiet)
        H5Eprint2(H5E_DEFAULT, stderr);
    return rt_bad("libhdf5: %s %s", what, path);
}

static hid_t
h5_image(const struct rt_file *f)
{
    const hid_t p = H5Pcreate(H5P_FILE_ACCESS);
    void *const bytes = rt_copy(f->bytes, f->n);
    hid_t x;

    H5Pset_fapl_core(p, 1 << 16, 0);
    H5Pset_file_image(p, bytes, f->n);
    x = H5Fopen("image", H5F_ACC_RDONLY, p);
    H5Pclose(p);
    return x;
}

/* ---- values: as stored, where that does not name a place in the file ---- */

static bool
h5_is_plain(const hi5_type *t)
{
    return !hi5_type_has_vlen(t) && !hi5_type_has_reference(t);
}

static bool
h5_same_bytes(const char *path, const char *name, const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n) == 0 || rt_bad("libhdf5: %s %s: other values", path, name);
}

static bool
h5_attribute(hid_t x, hi5_object *o, const char *path, const hi5_attribute_info *info)
{
    const size_t n = (size_t)hi5_shape_count(&info->shape) * hi5_type_size(info->type);
    const hid_t a = H5Aopen(x, info->name, H5P_DEFAULT), t = H5Aget_type(a);
    hi5_attribute *mine;
    void *ours, *theirs;
    bool ok = true;

    if (a < 0 || t < 0)
        return h5_failed("H5Aopen", info->name);
    if (h5_is_plain(info->type) && n != 0 && n < H5_MOST) {
        ours = rt_keep(n);
        theirs = rt_keep(n);
        ok = hi5_attribute_open(o, info->name, &mine, &h5_err) == HI5_OK;
        ok = ok && hi5_attribute_read(mine, info->type, ours, &h5_err) == HI5_OK;
        if (!ok)
            rt_bad("%s %s: %s", path, info->name, h5_err.message);
        ok = ok && (H5Aread(a, t, theirs) >= 0 || h5_failed("H5Aread", info->name));
        ok = ok && h5_same_bytes(path, info->name, ours, theirs, n);
        hi5_attribute_close(mine);
    }
    H5Tclose(t);
    H5Aclose(a);
    return ok;
}

struct h5_attributes {
    hid_t x;
    hi5_object *o;
    const char *path;
    unsigned n;
    bool ok;
};

static hi5_status
h5_next_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct h5_attributes *const w = ctx;
    hi5_attribute_info info;

    (void)err;
    if (a == NULL)
        return bad->status;
    hi5_attribute_get_info(a, &info);
    w->n++;
    w->ok = w->ok && h5_attribute(w->x, w->o, w->path, &info);
    return HI5_OK;
}

static bool
h5_can_read(hid_t d)
{
    const hid_t p = H5Dget_create_plist(d);
    bool can = true;

    for (int i = 0; i < H5Pget_nfilters(p) && can; i++) {
        size_t n = 0;
        unsigned flags, about;
        const H5Z_filter_t id =
            H5Pget_filter2(p, (unsigned)i, &flags, &n, NULL, 0, NULL, &about);
        can = H5Zfilter_avail(id) > 0;
    }
    can = can && H5Pget_external_count(p) == 0 && H5Pget_layout(p) != H5D_VIRTUAL;
    H5Pclose(p);
    return can;
}

static bool
h5_dataset(hid_t x, hi5_object *o, const char *path)
{
    hi5_dataset *d;
    size_t n;
    void *ours, *theirs;
    bool ok = true;
    hid_t t;

    if (hi5_object_dataset(o, &d, &h5_err) != HI5_OK)
        return rt_bad("%s: %s", path, h5_err.message);
    n = (size_t)hi5_shape_count(hi5_dataset_shape(d)) * hi5_type_size(hi5_dataset_type(d));
    if (h5_is_plain(hi5_dataset_type(d)) && n != 0 && n < H5_MOST && h5_can_read(x)) {
        ours = rt_keep(n);
        theirs = rt_keep(n);
        t = H5Dget_type(x);
        if (hi5_dataset_read(d, NULL, hi5_dataset_type(d), ours, &h5_err) != HI5_OK)
            ok = rt_bad("%s: %s", path, h5_err.message);
        if (ok && H5Dread(x, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, theirs) < 0)
            ok = h5_failed("H5Dread", path);
        ok = ok && h5_same_bytes(path, "", ours, theirs, n);
        H5Tclose(t);
    }
    hi5_dataset_close(d);
    return ok;
}

/* ---- the tree ---- */

struct h5_walk {
    hid_t file;
    hi5_file *f;
    char path[2048];
    unsigned depth;
    uint64_t *seen;            /* addresses */
    size_t n, room;
    bool ok;
};

static bool h5_object(struct h5_walk *w, hi5_object *o, uint64_t address);

static bool
h5_seen(struct h5_walk *w, uint64_t address)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->seen[i] == address)
            return true;
    if (w->n == w->room) {
        uint64_t *const p = rt_keep((w->room * 2 + 64) * sizeof *p);
        if (w->n != 0)
            memcpy(p, w->seen, w->n * sizeof *p);
        w->seen = p;
        w->room = w->room * 2 + 64;
    }
    w->seen[w->n++] = address;
    return false;
}

static hi5_status
h5_next_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct h5_walk *const w = ctx;
    const size_t n = strlen(w->path);
    H5L_info_t info;
    hi5_object *o;

    if (!w->ok || strchr(l->name, '/') != NULL || n + strlen(l->name) + 2 > sizeof w->path)
        return HI5_OK;
    snprintf(w->path + n, sizeof w->path - n, "/%s", l->name);
    if (H5Lget_info(w->file, w->path, &info, H5P_DEFAULT) < 0)
        w->ok = h5_failed("H5Lget_info", w->path);
    else if ((unsigned)info.type != l->kind)
        w->ok = rt_bad("libhdf5: %s: another kind of link", w->path);
    if (w->ok && l->kind == HI5_LINK_HARD) {
        if (hi5_object_open_address(w->f, l->address, &o, err) != HI5_OK)
            w->ok = rt_bad("%s: %s", w->path, err->message);
        else
            w->ok = h5_object(w, o, l->address);
        hi5_object_close(o);
    }
    w->path[n] = '\0';
    return HI5_OK;
}

static bool
h5_group(struct h5_walk *w, hid_t x, hi5_object *o)
{
    hi5_group_info ours;
    H5G_info_t theirs;
    hi5_group *g;

    if (hi5_object_group(o, &g, &h5_err) != HI5_OK)
        return rt_bad("%s: %s", w->path, h5_err.message);
    if (H5Gget_info(x, &theirs) < 0)
        w->ok = h5_failed("H5Gget_info", w->path);
    else if (hi5_group_get_info(g, &ours, &h5_err) != HI5_OK)
        w->ok = rt_bad("%s: %s", w->path, h5_err.message);
    else if (theirs.nlinks != ours.links)
        w->ok = rt_bad("libhdf5: %s: %llu links, not %llu", w->path,
                       (unsigned long long)theirs.nlinks, (unsigned long long)ours.links);
    if (w->ok && w->depth < 60) {
        w->depth++;
        if (hi5_group_each(g, HI5_BY_NAME, false, h5_next_link, w, &h5_err) != HI5_OK)
            w->ok = rt_bad("%s: %s", w->path, h5_err.message);
        w->depth--;
    }
    hi5_group_close(g);
    return w->ok;
}

static bool
h5_object(struct h5_walk *w, hi5_object *o, uint64_t address)
{
    const char *const path = w->path[0] != '\0' ? w->path : "/";
    struct h5_attributes a = {.o = o, .path = path, .ok = true};
    H5O_info_t info;

    if (h5_seen(w, address))
        return true;
    if (hi5_object_kind(o) == HI5_KIND_UNKNOWN)
        return true;
    a.x = H5Oopen(w->file, path, H5P_DEFAULT);
    if (a.x < 0 || H5Oget_info2(a.x, &info, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS) < 0)
        return h5_failed("H5Oopen", path);
    if (hi5_attribute_each(o, HI5_BY_NAME, false, h5_next_attribute, &a, &h5_err) != HI5_OK)
        a.ok = rt_bad("%s: %s", path, h5_err.message);
    if (a.ok && info.num_attrs != a.n)
        a.ok = rt_bad("libhdf5: %s: %llu attributes, not %u", path,
                      (unsigned long long)info.num_attrs, a.n);
    if (a.ok && hi5_object_kind(o) == HI5_KIND_DATASET)
        a.ok = h5_dataset(a.x, o, path);
    if (a.ok && hi5_object_kind(o) == HI5_KIND_GROUP)
        a.ok = h5_group(w, a.x, o);
    H5Oclose(a.x);
    return a.ok;
}

bool
em_h5_same(const struct rt_file *f, hi5_file *x)
{
    struct h5_walk w = {.file = h5_image(f), .f = x, .ok = true};
    hi5_file_info info;
    hi5_object *root;

    if (w.file < 0)
        return h5_failed("H5Fopen", "");
    if (hi5_object_open(x, "/", &root, &h5_err) != HI5_OK)
        return rt_bad("%s", h5_err.message);
    hi5_file_get_info(x, &info);
    w.ok = h5_object(&w, root, info.root_address);
    hi5_object_close(root);
    H5Fclose(w.file);
    return w.ok;
}

/* ---- libhdf5 edits ---- */

static bool
h5_store(const struct rt_file *f, const char *path)
{
    FILE *const p = fopen(path, "wb");
    const bool ok = p != NULL && fwrite(f->bytes, 1, f->n, p) == f->n;

    return p != NULL && fclose(p) == 0 && ok;
}

static bool
h5_fetch(struct rt_file *f, const char *path)
{
    FILE *const p = fopen(path, "rb");
    long n;

    if (p == NULL)
        return false;
    fseek(p, 0, SEEK_END);
    n = ftell(p);
    rewind(p);
    if (n < 0 || f->io.truncate(f->io.ctx, (uint64_t)n, NULL) != HI5_OK ||
        fread(f->bytes, 1, (size_t)n, p) != (size_t)n) {
        fclose(p);
        return false;
    }
    fclose(p);
    return true;
}

/* It cannot delete a group that has a link of a class that it does not know. */
static bool
h5_may_go(hid_t x, const char *name)
{
    H5L_info_t l;
    H5O_info_t o;

    if (H5Lget_info(x, name, &l, H5P_DEFAULT) < 0 || l.type != H5L_TYPE_HARD)
        return false;
    return H5Oget_info_by_name2(x, name, &o, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
           o.type == H5O_TYPE_DATASET;
}

/* Attributes, links and a dataset come; some link of the root goes, and some attribute. */
static bool
h5_change(hid_t x)
{
    const hsize_t dims[2] = {30, 30}, chunk[2] = {7, 11};
    const hid_t space = H5Screate_simple(2, dims, NULL), p = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    static int value[900];
    char name[32], gone[256];
    hid_t g, d, a;
    H5G_info_t info;
    bool ok;

    H5Pset_chunk(p, 2, chunk);
    g = H5Gcreate2(x, "by libhdf5", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    d = H5Dcreate2(g, "data", H5T_NATIVE_INT, space, H5P_DEFAULT, p, H5P_DEFAULT);
    ok = g >= 0 && d >= 0 &&
         H5Dwrite(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0;
    for (unsigned i = 0; i < 12 && ok; i++) {
        snprintf(name, sizeof name, "number %u", i);
        a = H5Acreate2(i % 2 != 0 ? g : x, name, H5T_NATIVE_INT, scalar, H5P_DEFAULT,
                       H5P_DEFAULT);
        ok = a >= 0 && H5Awrite(a, H5T_NATIVE_INT, value) >= 0;
        H5Aclose(a);
        ok = ok && H5Lcreate_soft("/somewhere", g, name, H5P_DEFAULT, H5P_DEFAULT) >= 0;
    }
    H5Dclose(d);
    H5Gclose(g);
    H5Gget_info(x, &info);
    for (hsize_t i = 0, left = 3; i < info.nlinks && left > 0 && ok; i++)
        if (H5Lget_name_by_idx(x, "/", H5_INDEX_NAME, H5_ITER_INC, i, gone, sizeof gone,
                               H5P_DEFAULT) >= 0 &&
            h5_may_go(x, gone)) {
            ok = H5Ldelete(x, gone, H5P_DEFAULT) >= 0;
            left--;
        }
    H5Pclose(p);
    H5Sclose(space);
    H5Sclose(scalar);
    return ok;
}

/* An error of its own that libhdf5 1.10 makes with heaps, now and then, also of files that
 * nobody else wrote. It cannot go on then. */
static herr_t
h5_is_pinned(unsigned n, const H5E_error2_t *e, void *found)
{
    (void)n;
    *(bool *)found |= e->desc != NULL && strstr(e->desc, "Pinned entry count") != NULL;
    return 0;
}

enum { H5_CHANGED = 0, H5_FAILED = 1, H5_PINNED = 3 };

static int
h5_child(const char *path)
{
    bool pinned = false;
    const hid_t x = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);

    if (x < 0)
        return h5_failed("H5Fopen", "to change it"), H5_FAILED;
    if (h5_change(x) && H5Fclose(x) >= 0)
        return H5_CHANGED;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, h5_is_pinned, &pinned);
    return pinned ? H5_PINNED : (h5_failed("changing", path), H5_FAILED);
}

bool
em_h5_edit(struct rt_file *f, bool *done)
{
    char path[64];
    int status = 0;
    pid_t child;
    bool ok;

    snprintf(path, sizeof path, "/tmp/editmodel-%ld.h5", (long)getpid());
    if (!h5_store(f, path))
        return rt_bad("%s: cannot be written", path);
    child = fork();
    if (child == 0)
        _exit(h5_child(path));
    ok = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         (WEXITSTATUS(status) == H5_CHANGED || WEXITSTATUS(status) == H5_PINNED);
    *done = ok && WEXITSTATUS(status) == H5_CHANGED;
    if (!ok)
        rt_bad("libhdf5 cannot change it");
    ok = ok && (!*done || h5_fetch(f, path) || rt_bad("%s: cannot be read", path));
    remove(path);
    return ok;
}
