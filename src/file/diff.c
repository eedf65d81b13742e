/*
 * diff.c - comparing two files, or an object of each
 *
 * The names below two groups are matched; each pair of the same name is compared: links
 * by where they point, datatypes as such, datasets by their elements, and whatever has
 * attributes by those.
 */
#include "file/diff.h"
#include "base/err.h"
#include <string.h>

/* ---- telling ---- */

HI5_INT void
diff_break(struct diff *d, hi5_status s, const hi5_error *why)
{
    if (d->broken != HI5_OK)
        return;
    d->broken = s;
    if (d->err != NULL)
        *d->err = *why;
}

HI5_INT void
diff_tell(struct diff *d, const hi5_diff_event *e)
{
    hi5_error why = {0};
    hi5_status s;

    if (d->fn == NULL || d->broken != HI5_OK)
        return;
    s = d->fn(d->ctx, e, &why);
    if (s != HI5_OK)
        diff_break(d, s, &why);
}

HI5_INT void
diff_failed(struct diff *d, const char *path0, const char *path1, const char *attribute,
            const hi5_error *why)
{
    const hi5_diff_event e = {.what = HI5_DIFF_FAILED,
                              .path = {path0, path1},
                              .attribute = attribute,
                              .error = why};

    d->result->failures++;
    diff_tell(d, &e);
}

HI5_INT bool
diff_hold(struct diff *d, hi5_file *f)
{
    for (size_t i = d->nfiles; i-- > 0;)
        if (d->files[i] == f)
            return true;
    if (d->nfiles == d->files_room) {
        const size_t more = d->files_room != 0 ? 2 * d->files_room : 4;
        hi5_file **const p =
            mem_resize(d->mem, d->files, d->files_room * sizeof(*p), more * sizeof(*p));
        if (p == NULL) {
            hi5_error why;
            diff_break(d, mem_fail(d->mem, more * sizeof(*p), &why), &why);
            return false;
        }
        d->files = p;
        d->files_room = more;
    }
    file_ref(f);
    d->files[d->nfiles++] = f;
    return true;
}

/* ---- pairs ---- */

static const hi5_diff_item diff_items[] = {
    [DIFF_GROUP] = HI5_DIFF_GROUPS,       [DIFF_DATASET] = HI5_DIFF_DATASETS,
    [DIFF_DATATYPE] = HI5_DIFF_DATATYPES, [DIFF_SOFT] = HI5_DIFF_SOFT_LINKS,
    [DIFF_UD] = HI5_DIFF_EXTERNAL_LINKS,  [DIFF_UNKNOWN] = HI5_DIFF_UNKNOWNS,
};

static bool
diff_is_link(const struct diff_name *n)
{
    return n->kind == DIFF_SOFT || n->kind == DIFF_UD;
}

static hi5_diff_event
diff_pair_event(const struct diff_name *const n[2], hi5_diff_what what)
{
    return (hi5_diff_event){.what = what,
                            .item = diff_items[n[0]->kind],
                            .items = {diff_items[n[0]->kind], diff_items[n[1]->kind]},
                            .path = {n[0]->path, n[1]->path}};
}

/* Tell of a pair that there is nothing more to say about. */
static void
diff_tell_pair(struct diff *d, const struct diff_name *const n[2], hi5_diff_item item,
               bool same, uint64_t count)
{
    hi5_diff_event e = diff_pair_event(n, HI5_DIFF_BEGIN);

    e.item = item;
    e.same = same;
    e.count = count;
    diff_tell(d, &e);
    e.what = HI5_DIFF_END;
    diff_tell(d, &e);
    d->result->differences += count;
}

static void
diff_dataset_pair(struct diff *d, const struct diff_name *const n[2],
                  hi5_object *const o[2])
{
    const struct diff_active active = {
        NULL, {o[0]->file, o[1]->file}, {o[0]->head->addr, o[1]->head->addr}};
    struct diff_run r = {.d = d,
                         .path = {n[0]->path, n[1]->path},
                         .file = {o[0]->file, o[1]->file},
                         .tell = d->o.values};
    hi5_diff_event e = diff_pair_event(n, HI5_DIFF_BEGIN);
    hi5_dataset *a = NULL, *b = NULL;
    hi5_error why;

    diff_tell(d, &e);
    if (hi5_object_dataset(o[0], &a, &why) == HI5_OK &&
        hi5_object_dataset(o[1], &b, &why) == HI5_OK) {
        d->active = &active;
        diff_datasets(&r, a, b);
        d->active = NULL;
    } else {
        diff_failed(d, n[0]->path, n[1]->path, NULL, &why);
    }
    hi5_dataset_close(a);
    hi5_dataset_close(b);
    e.what = HI5_DIFF_END;
    e.count = r.count;
    diff_tell(d, &e);
    d->result->differences += r.count;
}

static void
diff_object_pair(struct diff *d, const struct diff_name *const n[2],
                 hi5_object *const o[2])
{
    const char *const path[2] = {n[0]->path, n[1]->path};

    switch (n[0]->kind) {
    case DIFF_DATASET:
        diff_dataset_pair(d, n, o);
        break;
    case DIFF_DATATYPE:
        diff_tell_pair(d, n, HI5_DIFF_DATATYPES, false,
                       !hi5_type_equal(o[0]->type, o[1]->type));
        break;
    default:
        diff_tell_pair(d, n, HI5_DIFF_GROUPS, false, 0);
    }
    if (!diff_excluded(path[0], n[0]->kind, d->o.exclude_attributes, d->was_group_attr,
                       d->o.nexclude_attributes))
        d->result->differences += diff_attributes(d, path, o);
}

/* ---- links ---- */

/* The link that a path ends with. @param g  owned, as is what *l points to */
static hi5_status
diff_get_link(hi5_file *f, const char *path, hi5_group **g, hi5_link *l, hi5_error *err)
{
    const char *const slash = strrchr(path, '/');
    const size_t n = slash != path ? (size_t)(slash - path) : 1;
    char *const parent = mem_alloc(&f->mem, n + 1);
    hi5_status s;

    *g = NULL;
    if (parent == NULL)
        return mem_fail(&f->mem, n, err);
    memcpy(parent, path, n);
    parent[n] = '\0';
    s = hi5_group_open(f, parent, g, err);
    mem_free(&f->mem, parent, n + 1);
    if (s == HI5_OK)
        s = hi5_group_get_link(*g, slash + 1, l, err);
    if (s != HI5_OK) {
        hi5_group_close(*g);
        *g = NULL;
    }
    return s;
}

static bool
diff_text_differs(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") != 0;
}

/* User-defined links are opaque: class and length are all there is to compare. */
static hi5_diff_item
diff_compare_links(const hi5_link *a, const hi5_link *b, uint64_t *count)
{
    if (a->kind == HI5_LINK_SOFT) {
        *count = diff_text_differs(a->target, b->target);
        return HI5_DIFF_SOFT_LINKS;
    }
    if (a->kind == HI5_LINK_EXTERNAL && b->kind == HI5_LINK_EXTERNAL) {
        *count = diff_text_differs(a->file, b->file) ||
                 diff_text_differs(a->target, b->target) ||
                 a->external_flags != b->external_flags;
        return HI5_DIFF_EXTERNAL_LINKS;
    }
    *count = a->kind != b->kind || a->data_size != b->data_size;
    return HI5_DIFF_USER_LINKS;
}

static void
diff_link_pair(struct diff *d, const struct diff_name *const n[2])
{
    hi5_group *g[2] = {NULL, NULL};
    hi5_link l[2];
    hi5_error why;
    hi5_status s = diff_get_link(d->file[0], n[0]->path, &g[0], &l[0], &why);

    if (s == HI5_OK)
        s = diff_get_link(d->file[1], n[1]->path, &g[1], &l[1], &why);
    if (s == HI5_OK) {
        uint64_t count;
        const hi5_diff_item item = diff_compare_links(&l[0], &l[1], &count);
        diff_tell_pair(d, n, item, false, count);
    } else {
        diff_failed(d, n[0]->path, n[1]->path, NULL, &why);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (g[i] != NULL)
            hi5_link_free(g[i], &l[i]);
        hi5_group_close(g[i]);
    }
}

/* Links that are followed, and of which at least one leads nowhere. */
static void
diff_dangling(struct diff *d, const struct diff_name *const n[2], bool a, bool b)
{
    hi5_diff_event e = diff_pair_event(n, HI5_DIFF_DANGLING);

    e.in[0] = a;
    e.in[1] = b;
    if (d->o.no_dangling)
        d->result->failures++;
    else
        e.count = a != b;
    d->result->differences += e.count;
    diff_tell(d, &e);
}

/* ---- pairs of whatever kind ---- */

static void
diff_pair(struct diff *d, const struct diff_name *const n[2])
{
    hi5_object *o[2] = {NULL, NULL};
    hi5_error why;

    d->result->objects++;
    if (d->o.follow_links && (diff_is_link(n[0]) || diff_is_link(n[1]))) {
        diff_dangling(d, n, diff_is_link(n[0]), diff_is_link(n[1]));
        return;
    }
    if (n[0]->kind != n[1]->kind || n[0]->kind == DIFF_UNKNOWN) {
        hi5_diff_event e = diff_pair_event(n, HI5_DIFF_INCOMPARABLE);
        e.reason = HI5_DIFF_KINDS;
        d->result->incomparable++;
        diff_tell(d, &e);
        return;
    }
    if (diff_is_link(n[0])) {
        diff_link_pair(d, n);
        return;
    }
    if (n[0]->address == n[1]->address && file_is_same(n[0]->file, n[1]->file)) {
        diff_tell_pair(d, n, diff_items[n[0]->kind], true, 0);
        return;
    }
    if (hi5_object_open_address(n[0]->file, n[0]->address, &o[0], &why) == HI5_OK &&
        hi5_object_open_address(n[1]->file, n[1]->address, &o[1], &why) == HI5_OK)
        diff_object_pair(d, n, o);
    else
        diff_failed(d, n[0]->path, n[1]->path, NULL, &why);
    hi5_object_close(o[0]);
    hi5_object_close(o[1]);
}

/* ---- groups ---- */

/* Names as they are below what is compared. */
static const char *
diff_below(const struct diff *d, unsigned side, const struct diff_name *n)
{
    return strcmp(d->root[side], "/") == 0 ? n->path : n->path + strlen(d->root[side]);
}

/* The next name of the two, in order, that is not left out.
 * @param i     the next of each, which moves on
 * @param pair  NULL for the one that does not have it */
static bool
diff_next(struct diff *d, const struct diff_names *names, size_t *i,
          const struct diff_name *pair[2])
{
    for (;;) {
        const struct diff_name *const a = i[0] < names[0].n ? &names[0].p[i[0]] : NULL;
        const struct diff_name *const b = i[1] < names[1].n ? &names[1].p[i[1]] : NULL;
        int c;

        if (a == NULL && b == NULL)
            return false;
        c = a == NULL   ? 1
            : b == NULL ? -1
                        : strcmp(diff_below(d, 0, a), diff_below(d, 1, b));
        pair[0] = c <= 0 ? a : NULL;
        pair[1] = c >= 0 ? b : NULL;
        i[0] += c <= 0;
        i[1] += c >= 0;
        if (!diff_excluded(c <= 0 ? diff_below(d, 0, a) : diff_below(d, 1, b),
                           (c <= 0 ? a : b)->kind, d->o.exclude, d->was_group,
                           d->o.nexclude))
            return true;
    }
}

static void
diff_group_pair(struct diff *d)
{
    struct diff_names names[2] = {{0}, {0}};
    const struct diff_name *pair[2];
    size_t i[2] = {0, 0};

    for (unsigned k = 0; k < 2 && d->broken == HI5_OK; k++)
        diff_list(d, k, &names[k]);
    while (d->broken == HI5_OK && diff_next(d, names, i, pair)) {
        const unsigned k = pair[0] != NULL ? 0 : 1;
        hi5_diff_event e = {.what = HI5_DIFF_NAME,
                            .path = {diff_below(d, k, pair[k])},
                            .item = diff_items[pair[k]->kind],
                            .in = {pair[0] != NULL, pair[1] != NULL}};
        diff_tell(d, &e);
        d->result->only[0] += !e.in[1];
        d->result->only[1] += !e.in[0];
    }
    d->result->other_names |= d->result->only[0] != 0 || d->result->only[1] != 0;
    i[0] = i[1] = 0;
    memset(d->was_group, 0, d->o.nexclude * sizeof *d->was_group);
    while (d->broken == HI5_OK && diff_next(d, names, i, pair))
        if (pair[0] != NULL && pair[1] != NULL)
            diff_pair(d, pair);
    diff_names_free(d, &names[0]);
    diff_names_free(d, &names[1]);
}

/* ---- what is to be compared ---- */

/* Look at one of the two paths. A link that leads nowhere: HI5_OK, and a link. */
static hi5_status
diff_find(struct diff *d, unsigned side, struct diff_name *n, hi5_error *err)
{
    static const enum diff_kind kinds[] = {DIFF_UNKNOWN, DIFF_GROUP, DIFF_DATASET,
                                           DIFF_DATATYPE};
    const char *const path = d->root[side];
    unsigned kind = HI5_LINK_HARD;
    hi5_group *g = NULL;
    hi5_object *o;
    hi5_link l;
    hi5_status s;

    *n = (struct diff_name){.path = path, .kind = DIFF_GROUP};
    if (strcmp(path, "/") != 0) {
        TRY(diff_get_link(d->file[side], path, &g, &l, err));
        kind = l.kind;
        hi5_link_free(g, &l);
        hi5_group_close(g);
    }
    if (kind != HI5_LINK_HARD)
        n->kind = kind == HI5_LINK_SOFT ? DIFF_SOFT : DIFF_UD;
    if (kind != HI5_LINK_HARD && !d->o.follow_links)
        return HI5_OK;
    s = hi5_object_open(d->file[side], path, &o, err);
    if (s != HI5_OK)
        return kind == HI5_LINK_HARD ? s : HI5_OK;
    if (!diff_hold(d, o->file)) {
        s = d->broken;
    } else {
        n->kind = (unsigned)o->kind < 4 ? kinds[o->kind] : DIFF_UNKNOWN;
        n->file = o->file;
        n->address = o->head->addr;
    }
    hi5_object_close(o);
    return s;
}

static hi5_status
diff_run_all(struct diff *d, hi5_error *err)
{
    struct diff_name n[2];
    const struct diff_name *const pair[2] = {&n[0], &n[1]};

    for (unsigned i = 0; i < 2; i++) {
        hi5_diff_event e = {.what = HI5_DIFF_FAILED, .error = err};
        hi5_error why;
        const hi5_status s = diff_find(d, i, &n[i], &why);

        if (s == HI5_OK)
            continue;
        if (err != NULL)
            *err = why;
        d->result->failures++;
        e.path[i] = d->root[i];
        e.error = &why;
        diff_tell(d, &e);
        return s;
    }
    if (!d->o.values && n[0].file != NULL && n[1].file != NULL &&
        n[0].address == n[1].address && file_is_same(n[0].file, n[1].file))
        return HI5_OK;
    if (n[0].kind == DIFF_GROUP && n[1].kind == DIFF_GROUP)
        diff_group_pair(d);
    else
        diff_pair(d, pair);
    return d->broken;
}

/* An absolute path without a slash at its end. */
static const char *
diff_root(struct diff *d, const char *path)
{
    size_t n;
    char *p;

    while (path[0] == '/')
        path++;
    n = strlen(path);
    while (n > 0 && path[n - 1] == '/')
        n--;
    p = arena_alloc(&d->arena, n + 2);
    if (p != NULL) {
        p[0] = '/';
        memcpy(p + 1, path, n);
        p[n + 1] = '\0';
    }
    return p;
}

static hi5_status
diff_options(struct diff *d, const hi5_diff_options *o, hi5_error *err)
{
    if (o != NULL) {
        if (o->size < sizeof(size_t))
            return err_plain(err, HI5_E_ARG, "hi5_diff_options.size is not set");
        memcpy(&d->o, o, o->size < sizeof d->o ? o->size : sizeof d->o);
    }
    if (d->o.memory == 0)
        d->o.memory = DIFF_MEMORY;
    if ((d->o.use_delta && !(d->o.delta >= 0)) ||
        (d->o.use_relative && !(d->o.relative >= 0)))
        return err_plain(err, HI5_E_ARG, "a tolerance below zero");
    if (d->o.epsilon && (d->o.use_delta || d->o.use_relative))
        return err_plain(err, HI5_E_ARG, "epsilon and another tolerance");
    if (d->o.no_dangling && !d->o.follow_links)
        return err_plain(err, HI5_E_ARG, "no_dangling without follow_links");
    if ((d->o.selection[0] == NULL) != (d->o.selection[1] == NULL))
        return err_plain(err, HI5_E_ARG, "a selection of one of the two");
    d->was_group = arena_zalloc(&d->arena, d->o.nexclude + 1, sizeof *d->was_group);
    d->was_group_attr = arena_zalloc(&d->arena, d->o.nexclude_attributes + 1,
                                     sizeof *d->was_group_attr);
    if (d->was_group == NULL || d->was_group_attr == NULL)
        return mem_fail(d->mem, d->o.nexclude, err);
    return HI5_OK;
}

hi5_status
hi5_diff(hi5_file *a, const char *path_a, hi5_file *b, const char *path_b,
         const hi5_diff_options *options, hi5_diff_fn fn, void *ctx,
         hi5_diff_result *result, hi5_error *err)
{
    struct diff d = {.fn = fn,
                     .ctx = ctx,
                     .result = result,
                     .err = err,
                     .mem = &a->mem,
                     .file = {a, b}};
    hi5_diff_result unwanted;
    hi5_status s;

    err_clear(err);
    if (result == NULL)
        d.result = &unwanted;
    *d.result = (hi5_diff_result){0};
    arena_init(&d.arena, &a->mem);
    s = diff_options(&d, options, err);
    if (s == HI5_OK) {
        d.root[0] = diff_root(&d, path_a != NULL ? path_a : "/");
        d.root[1] = path_b != NULL ? diff_root(&d, path_b) : d.root[0];
        s = d.root[0] != NULL && d.root[1] != NULL ? diff_run_all(&d, err)
                                                   : mem_fail(&a->mem, 0, err);
    }
    for (size_t i = 0; i < d.nfiles; i++)
        file_unref(d.files[i]);
    mem_free(d.mem, d.files, d.files_room * sizeof(*d.files));
    arena_done(&d.arena);
    return s;
}
