/*
 * links.c - a group's links, however they are stored; paths through them
 */
#include "base/err.h"
#include "btree/btree2.h"
#include "file/directory.h"
#include <string.h>

/* Are there a B-tree and a heap where a symbol table message says? */
static bool
links_table_there(const hi5_file *f, const struct msg_stab *w)
{
    char tree[4], heap[4];

    return meta_read(&f->meta, w->btree, tree, sizeof tree, NULL) == HI5_OK &&
           meta_read(&f->meta, w->heap, heap, sizeof heap, NULL) == HI5_OK &&
           memcmp(tree, "TREE", 4) == 0 && memcmp(heap, "HEAP", 4) == 0;
}

/* OPEN-25: a damaged message in the root group: old superblocks have a copy of it. */
static bool
links_take_copy(hi5_file *f, const struct ohdr *h, bool good, struct msg_stab *w)
{
    const struct ste *const e = &f->super.root_entry;
    const struct msg_stab copy = {e->btree, e->heap};

    if (f->super.version >= 2 || h->addr != f->super.root || e->cache != STE_STAB)
        return false;
    if (good && ((w->btree == copy.btree && w->heap == copy.heap) ||
                 links_table_there(f, w) || !links_table_there(f, &copy)))
        return false;
    *w = copy;
    file_warn(f, "the root group's symbol table message is damaged; the superblock's "
                 "copy of it is used");
    return true;
}

HI5_INT hi5_status
links_of(hi5_file *f, const struct ohdr *h, struct links *l, hi5_error *err)
{
    const struct ohdr_msg *info = ohdr_first(h, MSG_LINK_INFO);
    const struct ohdr_msg *stab = ohdr_first(h, MSG_STAB);
    struct cur c;

    *l = (struct links){.head = h, .file = f};
    if (info != NULL) {
        c = meta_cursor_at(&f->meta, info->body, info->size, info->addr, NULL, err);
        msg_link_info_code(&c, &l->info);
        l->storage = l->info.fheap != ADDR_NONE ? HI5_STORAGE_DENSE : HI5_STORAGE_COMPACT;
        return c.status;
    }
    if (stab == NULL)
        return err_set(err, HI5_E_TYPE, h->addr, "object header", "", "",
                       "the object is not a group");
    l->symtab = (struct symtab){.meta = &f->meta, .leaf_k = f->super.leaf_k,
                                .internal_k = f->super.internal_k};
    c = meta_cursor_at(&f->meta, stab->body, stab->size, stab->addr, NULL, err);
    msg_stab_code(&c, &l->symtab.where);
    if (links_take_copy(f, h, cur_ok(&c), &l->symtab.where)) {
        err_clear(err);
        return HI5_OK;
    }
    return c.status;
}

HI5_INT hi5_status
links_open(struct links *l, struct arena *a, hi5_error *err)
{
    struct meta *const m = &l->file->meta;

    if (l->storage == HI5_STORAGE_DENSE) {
        TRY(dense_names_open(m, &l->info, &l->file->options.plugins, a, &l->names, err));
        l->about = bt2_header(l->names.tree)->total;
    } else if (l->storage == HI5_STORAGE_COMPACT) {
        l->about = l->head->nmsgs;
    } else {
        TRY(lheap_read(m, l->symtab.where.heap, &l->heap, err));
        l->symtab.heap = &l->heap;
        l->about = l->heap.data_size / 8; /* names are padded to this */
    }
    return HI5_OK;
}

static hi5_status
links_decode(const struct links *l, const struct ohdr_msg *m, struct msg_link *link,
             hi5_error *err)
{
    struct cur c =
        meta_cursor_at(&l->file->meta, m->body, m->size, m->addr, NULL, err);

    msg_link_code(&c, link);
    return c.status;
}

static hi5_status
links_count_one(void *ctx, const struct msg_link *l, hi5_error *err)
{
    (void)l;
    (void)err;
    ++*(uint64_t *)ctx;
    return HI5_OK;
}

HI5_INT hi5_status
links_count(const struct links *l, uint64_t *n, hi5_error *err)
{
    *n = 0;
    if (l->storage == HI5_STORAGE_DENSE)
        return dense_links_count(&l->file->meta, &l->info, n, err);
    return links_each(l, links_count_one, n, err);
}

/* One malformed link does not hide the others: its error comes last. */
HI5_INT hi5_status
links_each(const struct links *l, link_fn fn, void *ctx, hi5_error *err)
{
    const struct ohdr_msg *m;
    struct msg_link link;
    hi5_status bad = HI5_OK;
    hi5_error why;
    size_t i = 0;

    if (l->storage == HI5_STORAGE_SYMBOL_TABLE)
        return symtab_each(&l->symtab, fn, ctx, err);
    if (l->storage == HI5_STORAGE_DENSE)
        return dense_links_each(&l->file->meta, &l->info, &l->file->options.plugins,
                                false, fn, ctx, err);
    while ((m = ohdr_next(l->head, MSG_LINK, &i)) != NULL) {
        const hi5_status s = links_decode(l, m, &link, bad == HI5_OK ? &why : NULL);

        if (s == HI5_OK)
            TRY(fn(ctx, &link, err));
        else if (bad == HI5_OK)
            bad = s;
    }
    if (bad != HI5_OK && err != NULL)
        *err = why;
    return bad;
}

/* The same: a link that cannot be decoded may be the one, if no other is. */
static hi5_status
links_find_compact(const struct links *l, const char *name, size_t n, struct msg_link *m,
                   hi5_error *err)
{
    const struct ohdr_msg *msg;
    hi5_status bad = HI5_OK;
    size_t i = 0;

    while ((msg = ohdr_next(l->head, MSG_LINK, &i)) != NULL) {
        const hi5_status s = links_decode(l, msg, m, bad == HI5_OK ? err : NULL);

        if (s == HI5_OK && m->name_len == n && memcmp(m->name, name, n) == 0) {
            err_clear(err);
            return HI5_OK;
        }
        if (bad == HI5_OK)
            bad = s;
    }
    return bad != HI5_OK ? bad : HI5_E_NOTFOUND;
}

HI5_INT hi5_status
links_find(const struct links *l, const char *name, size_t n, struct arena *a,
           struct msg_link *m, hi5_error *err)
{
    hi5_status s;

    if (l->storage == HI5_STORAGE_SYMBOL_TABLE)
        s = symtab_find(&l->symtab, name, n, a, m, err);
    else if (l->names.meta != NULL)
        s = dense_names_find(&l->names, name, n, a, m, err);
    else if (l->storage == HI5_STORAGE_DENSE)
        s = dense_links_find(&l->file->meta, &l->info, &l->file->options.plugins, name, n,
                             a, m, err);
    else
        s = links_find_compact(l, name, n, m, err);
    if (s == HI5_E_NOTFOUND)
        return err_plain(err, s, "no link '%.*s'", (int)(n < 200 ? n : 200), name);
    return s;
}

/* ---- paths ---- */

/* Where a lookup has got to. */
struct path_walk {
    hi5_file *file;            /* held */
    uint64_t address;
    unsigned hops;             /* links followed so far, in all */
    uint64_t bytes;            /* of the headers looked into so far */
    struct mem *mem;
    hi5_error *err;
};

/* Bytes of headers that one lookup may look into: a soft link can lead through thousands
 * of groups, the same one again and again, and that with 64 KiB of name. */
#define PATH_BYTES ((uint64_t)128 << 20)

static hi5_status path_walk(struct path_walk *w, const char *path);

static void
path_enter_file(struct path_walk *w, hi5_file *f)
{
    file_unref(w->file);
    w->file = f;
    w->address = f->super.root;
}

static hi5_status
path_hop(struct path_walk *w)
{
    if (++w->hops > w->file->meta.limits.link_hops)
        return err_plain(w->err, HI5_E_LIMIT, "more than %u links follow one another: "
                         "a loop?", (unsigned)w->file->meta.limits.link_hops);
    return HI5_OK;
}

/* External links hold one byte of version and flags, a file name, and a path. */
static hi5_status
path_external(struct path_walk *w, const struct msg_link *l)
{
    const char *const file = (const char *)l->value + 1;
    const char *path;
    hi5_file *f;

    if (l->value_len < 3 || memchr(file, 0, l->value_len - 1u) == NULL)
        return err_plain(w->err, HI5_E_CORRUPT, "an external link without a file name");
    path = file + strlen(file) + 1;
    if (path >= file + l->value_len - 1 ||
        memchr(path, 0, l->value_len - 1u - (size_t)(path - file)) == NULL)
        return err_plain(w->err, HI5_E_CORRUPT, "an external link without a path");
    TRY(file_open_other(w->file, HI5_OTHER_EXTERNAL_LINK, file, &f, w->err));
    path_enter_file(w, f);
    return path_walk(w, path);
}

/* A link that is not a hard one. */
static hi5_status
path_follow(struct path_walk *w, const struct msg_link *l, struct arena *a)
{
    char *target;

    TRY(path_hop(w));
    if (l->kind == HI5_LINK_EXTERNAL)
        return path_external(w, l);
    if (l->kind != HI5_LINK_SOFT)
        return err_plain(w->err, HI5_E_UNSUPPORTED, "a user-defined link of class %u",
                         (unsigned)l->kind);
    target = arena_str(a, l->value, l->value_len);
    if (target == NULL)
        return mem_fail(w->mem, l->value_len, w->err);
    return path_walk(w, target);
}

static hi5_status
path_step_in(struct path_walk *w, const char *name, size_t n, struct arena *a)
{
    hi5_file *const f = w->file;
    struct dir_use group;
    struct msg_link l;
    hi5_status s;

    TRY(dir_open(f->dirs, w->address, &group, w->err));
    w->bytes += dir_header_bytes(&group);
    if (w->bytes > PATH_BYTES)
        s = err_plain(w->err, HI5_E_LIMIT, "the path leads through too many groups");
    else
        s = links_find(dir_links(&group), name, n, a, &l, w->err);
    if (s == HI5_OK && l.kind == HI5_LINK_HARD) {
        w->address = l.address;
    } else if (s == HI5_OK) {
        file_ref(f); /* what follows may leave the file, and l is in the group */
        s = path_follow(w, &l, a);
        dir_close(f->dirs, &group);
        file_unref(f);
        return s;
    }
    dir_close(f->dirs, &group);
    return s;
}

/* One component of a path, `n` bytes long. What was read for it lives as long as it takes
 * to follow what it is a link to. */
static hi5_status
path_step(struct path_walk *w, const char *name, size_t n)
{
    uint64_t known, bytes;
    struct arena a;
    hi5_status s;

    if (n == 1 && name[0] == '.')
        return HI5_OK;
    known = dirs_follow(w->file->dirs, w->address, name, n, &bytes);
    if (known != ADDR_NONE && bytes <= PATH_BYTES - w->bytes) {
        w->address = known;
        w->bytes += bytes;
        return HI5_OK;
    }
    arena_init(&a, w->mem);
    s = path_step_in(w, name, n, &a);
    arena_done(&a);
    return s;
}

/* Recursion is through links only, and path_hop bounds those. */
static hi5_status
path_walk(struct path_walk *w, const char *path)
{
    if (*path == '/')
        w->address = w->file->super.root;
    while (*path != '\0') {
        const size_t n = strcspn(path, "/");
        if (n != 0)
            TRY(path_step(w, path, n));
        path += n;
        path += *path == '/';
    }
    return HI5_OK;
}

HI5_INT hi5_status
path_find(hi5_file *start, uint64_t from, const char *path, hi5_file **f,
          uint64_t *address, hi5_error *err)
{
    struct path_walk w = {start, from, 0, 0, &start->mem, err};
    hi5_status s;

    *f = NULL;
    if (path == NULL)
        return err_plain(err, HI5_E_ARG, "no path is given");
    if (*path == '\0')
        return err_plain(err, HI5_E_NOTFOUND, "the path is empty");
    file_ref(start);
    s = path_walk(&w, path);
    if (s != HI5_OK) {
        file_unref(w.file);
        return s;
    }
    *f = w.file;
    *address = w.address;
    return HI5_OK;
}
