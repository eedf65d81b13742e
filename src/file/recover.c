/*
 * recover.c - what can be saved of a damaged file
 *
 * From the root, and then from whatever nothing leads to, objects are told one after
 * the other, each once, with how much of them can be read.
 */
#include "file/recover.h"
#include "base/err.h"
#include "base/io.h"
#include <stdio.h>
#include <string.h>

#define RECOVER_PATH 65536u

/* ---- telling ---- */

/* Tell of an object, and count it. */
static void
recover_tell(struct recover *r, hi5_salvaged *s, hi5_error *err)
{
    hi5_recovery *const t = r->result;
    hi5_error why;

    err_clear(&why);
    t->whole += s->state == HI5_WHOLE;
    t->partial += s->state == HI5_PARTIAL;
    t->lost += s->state == HI5_LOST;
    t->groups += s->kind == HI5_KIND_GROUP;
    t->datasets += s->kind == HI5_KIND_DATASET;
    t->datatypes += s->kind == HI5_KIND_DATATYPE;
    t->found += s->found;
    t->attributes += s->attributes;
    t->attributes_lost += s->attributes_lost;
    if (r->fn == NULL || check_broken(&r->k))
        return;
    r->k.broken = r->fn(r->ctx, s, &why);
    if (check_broken(&r->k)) {
        r->k.why = why;
        if (err != NULL)
            *err = why;
    }
}

/* ---- attributes ---- */

struct recover_attributes {
    struct recover *r;
    hi5_salvaged *s;
    hi5_error *why;
};

/* An attribute counts if its value can be read. */
static hi5_status
recover_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    const struct recover_attributes *const x = ctx;
    struct mem *const mem = &x->r->file->mem;
    hi5_attribute_info info;
    hi5_type *memory = NULL;
    hi5_error why = {0};
    hi5_status s = HI5_E_CORRUPT;
    uint8_t *buf;
    uint64_t n;

    (void)err;
    x->s->attributes++;
    if (bad != NULL) {
        why = *bad;
    } else {
        hi5_attribute_get_info(a, &info);
        n = hi5_shape_count(&info.shape);
        s = hi5_type_memory(info.type, &memory, &why);
        if (s == HI5_OK) {
            buf = mem_zalloc(mem, (size_t)n, hi5_type_size(memory));
            s = buf != NULL ? hi5_attribute_read(a, memory, buf, &why)
                            : mem_fail(mem, info.size, &why);
            if (s == HI5_OK)
                hi5_reclaim(x->r->file, memory, (size_t)n, buf);
            mem_free(mem, buf, buf != NULL ? (size_t)n * hi5_type_size(memory) : 0);
        }
        hi5_type_free(memory);
    }
    if (s != HI5_OK) {
        x->s->attributes_lost++;
        if (x->why->status == HI5_OK)
            *x->why = why;
    }
    return HI5_OK;
}

static void
recover_read_attributes(struct recover *r, hi5_object *o, hi5_salvaged *s,
                        hi5_error *why)
{
    struct recover_attributes x = {r, s, why};
    hi5_error err = {0};
    hi5_object_info info;

    if (hi5_attribute_each(o, HI5_NATIVE, false, recover_attribute, &x, &err) == HI5_OK)
        return;
    if (why->status == HI5_OK)
        *why = err;
    /* The index of dense ones is broken: how many there should be may still be
     * known. */
    if (hi5_object_get_info(o, &info, NULL) == HI5_OK &&
        info.attributes > s->attributes) {
        s->attributes_lost += info.attributes - s->attributes;
        s->attributes = info.attributes;
    } else {
        s->attributes_lost++;
        s->attributes++;
    }
}

/* ---- links ---- */

struct recover_children {
    struct recover *r;
    const char *path; /* of the group */
    uint64_t n;
};

/* Look at what a link leads to, later. */
static hi5_status
recover_child(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct recover_children *const x = ctx;
    struct recover *const r = x->r;
    const size_t before = strcmp(x->path, "/") == 0 ? 0 : strlen(x->path);
    struct recover_object *const o = recover_object_at(r, l->address);
    struct recover_task *t;
    char *path;

    (void)err;
    x->n++;
    if (l->kind != HI5_LINK_HARD || check_broken(&r->k) || (o != NULL && o->told) ||
        l->name_len > RECOVER_PATH || before > RECOVER_PATH)
        return r->k.broken;
    if (o != NULL)
        o->told = true;
    path = arena_alloc(&r->arena, before + 1 + (size_t)l->name_len + 1);
    t = path != NULL ? check_list_add(&r->k, &r->tasks, sizeof *t) : NULL;
    if (t == NULL) {
        check_no_memory(&r->k, before + l->name_len);
        return r->k.broken;
    }
    memcpy(path, x->path, before);
    path[before] = '/';
    memcpy(path + before + 1, l->name, (size_t)l->name_len);
    path[before + 1 + (size_t)l->name_len] = '\0';
    *t = (struct recover_task){l->address, path, false};
    return HI5_OK;
}

/* ---- objects ---- */

/* A group: its links, and where they are broken what is left of them. */
static void
recover_group(struct recover *r, const struct ohdr *h, hi5_salvaged *s, hi5_error *why)
{
    struct recover_children x = {r, s->path, 0};
    hi5_error err = {0}, links = {0};

    recover_links(r, h, recover_child, &x, &links, &err);
    s->good = s->parts = x.n;
    if (links.status == HI5_OK)
        return;
    s->state = HI5_PARTIAL;
    if (why->status == HI5_OK)
        *why = links;
}

static void
recover_open_object(struct recover *r, const struct ohdr *h, hi5_salvaged *s,
                    hi5_error *why)
{
    hi5_object *o = NULL;

    if (object_open(r->file, s->address, s->path, &o, why) != HI5_OK) {
        s->state = s->kind == HI5_KIND_GROUP ? HI5_PARTIAL : HI5_LOST;
    } else {
        recover_read_attributes(r, o, s, why);
        if (s->kind == HI5_KIND_DATASET)
            recover_dataset(r, o, s, why);
        s->verified |= s->kind != HI5_KIND_DATASET && h->version == 2;
    }
    s->object = o;
}

/* Is the reason for a loss the machine, not the file? */
static void
recover_blame(struct recover *r, const hi5_error *why)
{
    if ((why->status == HI5_E_NOMEM || why->status == HI5_E_IO) &&
        !check_broken(&r->k)) {
        r->k.broken = why->status;
        r->k.why = *why;
    }
}

HI5_INT hi5_status
recover_root_links(struct recover *r, link_fn fn, void *ctx, hi5_error *err)
{
    const struct superblock *const b = &r->file->super;
    const struct symtab t = {.meta = r->meta,
                             .where = {b->root_entry.btree, b->root_entry.heap},
                             .leaf_k = b->leaf_k,
                             .internal_k = b->internal_k};

    if (b->version >= 2 || b->root_entry.cache != STE_STAB)
        return HI5_OK;
    return symtab_each(&t, fn, ctx, err);
}

/* The root of an old file without its header: the superblock has its symbol table. */
static void
recover_root_copy(struct recover *r, hi5_salvaged *s, hi5_error *why)
{
    const struct superblock *const b = &r->file->super;
    struct recover_children x = {r, s->path, 0};

    if (s->address != b->root || b->version >= 2 || b->root_entry.cache != STE_STAB)
        return;
    (void)!recover_root_links(r, recover_child, &x, why->status == HI5_OK ? why : NULL);
    s->parts = s->good = x.n;
    s->kind = HI5_KIND_GROUP;
    if (x.n != 0)
        s->state = HI5_PARTIAL;
}

static void
recover_object(struct recover *r, const struct recover_task *t, bool found)
{
    const struct recover_object *const known = recover_object_at(r, t->addr);
    hi5_salvaged s = {.path = t->path,
                      .address = t->addr,
                      .found = found,
                      .state = HI5_WHOLE,
                      .reason = ""};
    hi5_error why = {0}, err = {0};
    struct arena a;
    struct ohdr *h;

    arena_init(&a, r->meta->mem);
    recover_write_next(r);
    if (ohdr_read_some(r->meta, t->addr, &a, &h, &why) != HI5_OK)
        s.state = HI5_LOST;
    recover_blame(r, &why);
    if (h == NULL || h->nchunks == 0 || h->nmsgs == 0) {
        s.kind = known != NULL                                     ? known->kind
                 : r->root_known && t->addr == r->file->super.root ? HI5_KIND_GROUP
                                                                   : HI5_KIND_UNKNOWN;
        s.state = HI5_LOST;
        recover_root_copy(r, &s, &why);
    } else {
        s.kind = ohdr_kind(h);
        if (s.kind == HI5_KIND_GROUP) {
            s.state = s.state == HI5_LOST ? HI5_PARTIAL : s.state;
            recover_group(r, h, &s, &why);
        }
        if (s.kind == HI5_KIND_UNKNOWN)
            s.state = HI5_LOST;
        if (s.kind == HI5_KIND_GROUP || s.state != HI5_LOST)
            recover_open_object(r, h, &s, &why);
    }
    s.verified &= s.state == HI5_WHOLE;
    recover_blame(r, &why);
    if (s.state == HI5_WHOLE && s.attributes_lost != 0 && s.kind != HI5_KIND_DATASET)
        s.state = HI5_PARTIAL;
    if (why.status != HI5_OK)
        s.reason = why.message;
    else if (s.state == HI5_LOST && s.reason[0] == '\0')
        s.reason = "its header does not tell what it is";
    recover_write(r, t, &s, &why);
    recover_tell(r, &s, &err);
    hi5_object_close(s.object);
    arena_done(&a);
}

/* ---- the walk ---- */

static void
recover_progress(const struct recover *r, size_t done)
{
    if (r->options.progress != NULL)
        r->options.progress(r->options.progress_ctx, false, done,
                            done > r->objects.n ? done : r->objects.n);
}

static void
recover_tasks(struct recover *r, size_t *done, bool found)
{
    for (; *done < r->tasks.n && !check_broken(&r->k); ++*done) {
        const struct recover_task t = ((struct recover_task *)r->tasks.p)[*done];

        recover_progress(r, *done);
        recover_object(r, &t, found);
    }
}

static void
recover_begin(struct recover *r, uint64_t addr, const char *path, bool top)
{
    struct recover_object *const o = recover_object_at(r, addr);
    struct recover_task *const t = check_list_add(&r->k, &r->tasks, sizeof *t);
    const char *const kept = arena_str(&r->arena, path, strlen(path));

    if (o != NULL)
        o->told = true;
    if (kept == NULL)
        check_no_memory(&r->k, strlen(path));
    if (t != NULL)
        *t = (struct recover_task){addr, kept != NULL ? kept : "", top};
}

/* What nothing leads to: first those that nothing at all leads to, then rings. */
static void
recover_rest(struct recover *r, size_t *done, bool rings)
{
    const struct recover_object *const o = r->objects.p;

    for (size_t i = 0; i < r->objects.n && !check_broken(&r->k); i++) {
        char path[64];

        if (o[i].told || (o[i].linked && !rings))
            continue;
        snprintf(path, sizeof path, "/lost+found/0x%llx",
                 (unsigned long long)o[i].addr);
        recover_begin(r, o[i].addr, path, true);
        recover_tasks(r, done, true);
    }
}

static void
recover_walk(struct recover *r)
{
    const uint64_t whole = r->result->lost;
    size_t done = 0;

    if (r->root_known && r->file->super.root < r->meta->eof) {
        recover_begin(r, r->file->super.root, "/", false);
        if (!check_broken(&r->k)) {
            const struct recover_task t = *(struct recover_task *)r->tasks.p;
            recover_object(r, &t, false);
            r->result->root = r->result->lost == whole;
            done = 1;
        }
        recover_tasks(r, &done, false);
    }
    recover_rest(r, &done, false);
    recover_rest(r, &done, true);
}

/* ---- the whole ---- */

/* A symbol table node that a walk decodes has an owner. */
static void
recover_watch(struct cur_watch *w, const struct cur *c, const char *field, size_t at,
              size_t n, uint64_t value)
{
    struct recover *const r = (struct recover *)w;

    (void)at;
    (void)n;
    (void)value;
    if (r->noting && strcmp(c->structure, "SNOD") == 0 &&
        strcmp(field, "number of symbols") == 0)
        check_set_add(&r->k, &r->claimed, c->addr);
}

static void
recover_sum(struct recover *r)
{
    hi5_recovery *const t = r->result;
    const struct superblock *const s = &r->file->super;
    const uint64_t end = s->eof == ADDR_NONE ? 0 : s->eof + r->meta->base - s->base;

    t->base_address = r->meta->base;
    t->offset_size = r->meta->off_w;
    t->length_size = r->meta->len_w;
    t->missing = t->superblock && end > r->size ? end - r->size : 0;
}

static hi5_status
recover_run(struct recover *r, hi5_error *err)
{
    r->result->file_size = r->size;
    TRY(recover_open(r, err));
    r->result->file_size = r->size;
    recover_sum(r);
    TRY(recover_find(r, err));
    r->meta->watch = NULL; /* with nobody watching, checksums are computed once */
    TRY(recover_write_open(r, err));
    recover_walk(r);
    if (check_broken(&r->k) && err != NULL)
        *err = r->k.why;
    return recover_write_close(r, r->k.broken, err);
}

static void
recover_end(struct recover *r)
{
    if (r->file != NULL) {
        r->file->meta.watch = NULL;
        file_unref(r->file);
    }
    check_set_done(&r->k, &r->claimed);
    check_list_done(&r->k, &r->found, sizeof(struct recover_found));
    check_list_done(&r->k, &r->objects, sizeof(struct recover_object));
    check_list_done(&r->k, &r->nodes, sizeof(struct recover_node));
    check_list_done(&r->k, &r->tasks, sizeof(struct recover_task));
    arena_done(&r->arena);
    mem_done(&r->k.mem);
    io_close(&r->io);
}

/* Everything but the source; `io` is closed in any case. */
static hi5_status
recover_source(const hi5_io *io, const char *name, const hi5_open_options *open,
               const hi5_recover_options *options, hi5_salvaged_fn fn, void *ctx,
               hi5_recovery *result, hi5_error *err)
{
    struct recover r = {.watch = {recover_watch, NULL},
                        .fn = fn,
                        .ctx = ctx,
                        .result = result,
                        .io = *io};
    hi5_status s;

    *result = (hi5_recovery){0};
    mem_init(&r.k.mem, open != NULL ? open->allocator : NULL,
             meta_limits(open != NULL ? open->limits : NULL).memory);
    arena_init(&r.arena, &r.k.mem);
    s = file_read_options(open, &r.open, err);
    r.open.watch = &r.watch;
    r.open.salvage = true;
    r.open.threads = 1;
    r.open.others = HI5_OTHERS_FORBID;
    if (s == HI5_OK && options != NULL && options->size != sizeof *options)
        s = err_plain(err, HI5_E_ARG, "hi5_recover_options.size is %zu, expected %zu",
                      options->size, sizeof *options);
    if (options != NULL)
        r.options = *options;
    if (s == HI5_OK)
        s = recover_run(&r, err);
    err_path(err, s, name, NULL);
    recover_end(&r);
    return s;
}

hi5_status
hi5_recover_io(const hi5_io *io, const char *name, const hi5_open_options *open,
               const hi5_recover_options *options, hi5_salvaged_fn fn, void *ctx,
               hi5_recovery *result, hi5_error *err)
{
    err_clear(err);
    return recover_source(io, name, open, options, fn, ctx, result, err);
}

hi5_status
hi5_recover(const char *path, const hi5_open_options *open,
            const hi5_recover_options *options, hi5_salvaged_fn fn, void *ctx,
            hi5_recovery *result, hi5_error *err)
{
    struct file_options o;
    hi5_io io;

    err_clear(err);
    *result = (hi5_recovery){0};
    TRY(file_read_options(open, &o, err));
    if (options != NULL && options->size == sizeof *options && options->to != NULL &&
        io_same(path, options->to))
        return err_plain(err, HI5_E_EXISTS, "'%s' is the damaged file itself",
                         options->to);
    if (file_open_driver(o.allocator, path, o.driver, &io, err) != HI5_OK)
        TRY(io_open_file(o.allocator, path, &io, err));
    return recover_source(&io, path, open, options, fn, ctx, result, err);
}

hi5_status
hi5_recover_memory(const void *bytes, size_t n, const hi5_open_options *open,
                   const hi5_recover_options *options, hi5_salvaged_fn fn, void *ctx,
                   hi5_recovery *result, hi5_error *err)
{
    hi5_io io;

    err_clear(err);
    *result = (hi5_recovery){0};
    TRY(io_open_memory(open != NULL ? open->allocator : NULL, bytes, n, &io, err));
    return recover_source(&io, NULL, open, options, fn, ctx, result, err);
}
