/*
 * repack.c - a file written anew
 *
 * A copy of the root group into a new file that has been made with a root group like it.
 * The new file grows beside the place that it is to have, and takes it in the end.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include "file/copy.h"
#include "file/filter_params.h"
#include <string.h>

#define REPACK_SPARSE ((uint64_t)1 << 30) /* bytes of a dataset, and */
#define REPACK_TIMES 64u /* how much larger than the file, that it may not be */

/* A dataset that a rule names. */
struct repack_named {
    uint64_t file, addr;       /* the file's number */
    size_t rule;
};

struct repack {
    const hi5_repack_options *o;
    hi5_copy_options copy;
    hi5_file *from, *to;
    struct arena arena;         /* of the old file's account */
    struct repack_named *named; /* [nnamed] */
    size_t nnamed;
    uint64_t skipped;
    bool made; /* the new file */
    hi5_error *err;
};

/* ---- rules ---- */

static hi5_status
repack_check_rule(const hi5_repack_rule *r, hi5_error *err)
{
    if (r->size != sizeof *r)
        return err_plain(err, HI5_E_ARG, "hi5_repack_rule.size is %zu, expected %zu",
                         r->size, sizeof *r);
    if (r->new_layout && (unsigned)r->layout > HI5_CHUNKED)
        return err_plain(err, HI5_E_ARG,
                         "the layout can be compact, contiguous or chunked");
    if (r->rank > HI5_MAX_RANK)
        return err_plain(err, HI5_E_ARG, "chunks of rank %u", r->rank);
    for (unsigned i = 0; i < r->rank; i++)
        if (r->chunk[i] == 0)
            return err_plain(err, HI5_E_ARG, "a chunk of 0 in dimension %u", i);
    for (size_t i = 0; r->new_filters && i < r->nfilters; i++)
        if (!hi5_filter_can_encode(r->filters[i].id))
            return err_plain(err, HI5_E_FILTER, "filter %u (%s) cannot be applied here",
                             (unsigned)r->filters[i].id,
                             hi5_filter_known_name(r->filters[i].id) != NULL
                                 ? hi5_filter_known_name(r->filters[i].id)
                                 : "unknown");
    return HI5_OK;
}

/* Where the named datasets are. */
static hi5_status
repack_find(struct repack *k)
{
    const hi5_repack_options *const o = k->o;
    size_t n = 0;

    for (size_t i = 0; i < o->nrules; i++) {
        TRY(repack_check_rule(&o->rules[i], k->err));
        n += o->rules[i].npaths;
    }
    k->named = arena_zalloc(&k->arena, n + 1, sizeof *k->named);
    if (k->named == NULL)
        return mem_fail(&k->from->mem, n * sizeof *k->named, k->err);
    for (size_t i = 0; i < o->nrules; i++)
        for (size_t p = 0; p < o->rules[i].npaths; p++) {
            struct repack_named *const x = &k->named[k->nnamed++];
            hi5_file *f;

            TRY(path_find(k->from, k->from->super.root, o->rules[i].paths[p], &f,
                          &x->addr, k->err));
            x->file = f->number;
            file_unref(f);
            x->rule = i;
        }
    return HI5_OK;
}

/* What the rules say of a dataset: those that name it, or else those that name none. */
static void
repack_rules_of(const struct repack *k, const hi5_object *o, const hi5_repack_rule **filters,
                const hi5_repack_rule **layout)
{
    *filters = *layout = NULL;
    for (size_t i = 0; i < k->nnamed; i++)
        if (k->named[i].addr == o->head->addr && k->named[i].file == o->file->number) {
            const hi5_repack_rule *const r = &k->o->rules[k->named[i].rule];
            *filters = r->new_filters ? r : *filters;
            *layout = r->new_layout ? r : *layout;
        }
    for (size_t i = k->o->nrules; i-- > 0;) {
        const hi5_repack_rule *const r = &k->o->rules[i];
        if (r->npaths != 0)
            continue;
        *filters = *filters == NULL && r->new_filters ? r : *filters;
        *layout = *layout == NULL && r->new_layout ? r : *layout;
    }
}

static hi5_status
repack_skip(struct repack *k, const hi5_dataset *d, struct copy_plan *plan,
            const char *reason)
{
    k->skipped++;
    plan->new_filters = plan->new_layout = false;
    if (k->o->skipped != NULL)
        k->o->skipped(k->o->skipped_ctx, d->object->head->addr, reason);
    return HI5_OK;
}

/* Why rules do nothing for a dataset; NULL: they do. */
static const char *
repack_no_rules(const hi5_dataset *d)
{
    for (unsigned i = 0; i < d->pipeline.n; i++)
        if (!hi5_filter_available(d->pipeline.filter[i].id))
            return "it has a filter that cannot be undone here";
    if (d->layout.cls == HI5_VIRTUAL)
        return "it is virtual";
    if (d->nexternals != 0)
        return "its data is in external files";
    return NULL;
}

/* Chunks that are not there take no space; data in one piece has all its elements. */
static bool
repack_is_sparse(const hi5_dataset *d, uint64_t bytes)
{
    return d->layout.cls == HI5_CHUNKED && bytes > REPACK_SPARSE &&
           bytes / REPACK_TIMES > d->file->file_size;
}

static const char *
repack_layout(const hi5_dataset *d, const hi5_repack_rule *r, uint64_t bytes,
              bool filters, struct copy_plan *plan)
{
    if (r->layout == HI5_COMPACT && bytes > 65520)
        return "its data does not fit into the header";
    if (r->layout == HI5_CONTIGUOUS && repack_is_sparse(d, bytes))
        return "most of it was never written, and would be then";
    if (r->layout == HI5_CHUNKED && d->shape.rank == 0)
        return "it has no dimensions";
    if (r->layout == HI5_CHUNKED && r->rank != 0 && r->rank != d->shape.rank)
        return "the chunks have another rank";
    for (unsigned i = 0; r->layout == HI5_CHUNKED && !filters && i < d->pipeline.n; i++)
        if (d->pipeline.filter[i].id == FILTER_ZFP)
            return "its filter is for chunks of that shape";
    plan->new_layout = true;
    plan->cls = r->layout;
    plan->rank = r->rank;
    memcpy(plan->chunk, r->chunk != NULL ? r->chunk : plan->chunk,
           r->rank * sizeof *plan->chunk);
    return NULL;
}

/* Can the filters be applied to elements like these? */
static bool
repack_filters_fit(const struct repack *k, const hi5_dataset *d,
                   const hi5_repack_rule *r)
{
    const hi5_dataset_options o = {
        .size = sizeof o, .filters = r->filters, .nfilters = r->nfilters};
    const struct msg_fill fill = {.status = HI5_FILL_UNDEFINED};
    struct pipeline p;
    struct arena a;
    bool fit;

    if (r->nfilters == 0)
        return true;
    arena_init(&a, &k->to->mem);
    fit = filter_params_make(k->to, &o, d->type, &fill, d->shape.dims, d->shape.rank,
                             &a, &p, NULL) == HI5_OK;
    arena_done(&a);
    return fit;
}

static const char *
repack_filters(const struct repack *k, const hi5_dataset *d, const hi5_repack_rule *r,
               uint64_t bytes, struct copy_plan *plan)
{
    const bool chunked =
        plan->new_layout ? plan->cls == HI5_CHUNKED : d->layout.cls == HI5_CHUNKED;

    if (r->nfilters != 0 && d->shape.rank == 0)
        return "it has no dimensions";
    if (r->nfilters != 0 && bytes == 0 && !chunked)
        return "it has no elements";
    if (!repack_filters_fit(k, d, r))
        return "the filters cannot be applied to its elements";
    if (!chunked && r->nfilters == 0)
        return NULL;
    if (!chunked) {
        plan->new_layout = true;
        plan->cls = HI5_CHUNKED;
        plan->rank = 0;
    }
    plan->new_filters = true;
    plan->filter = r->filters;
    plan->nfilters = r->nfilters;
    return NULL;
}

static hi5_status
repack_plan(void *ctx, const hi5_dataset *d, struct copy_plan *plan, hi5_error *err)
{
    struct repack *const k = ctx;
    const hi5_repack_rule *filters, *layout;
    const char *why = NULL;
    uint64_t bytes = 0;

    plan->native = k->o->native && repack_no_rules(d) == NULL;
    repack_rules_of(k, d->object, &filters, &layout);
    if (filters == NULL && layout == NULL)
        return HI5_OK;
    TRY(dataset_bytes(d, &bytes, err));
    why = repack_no_rules(d);
    if (why == NULL && layout != NULL)
        why = repack_layout(d, layout, bytes, filters != NULL && bytes >= k->o->minimum,
                            plan);
    if (why == NULL && filters != NULL && bytes >= k->o->minimum)
        why = repack_filters(k, d, filters, bytes, plan);
    return why != NULL ? repack_skip(k, d, plan, why) : HI5_OK;
}

/* ---- the new file ---- */

/* For which release: as the old file seems to be. */
static hi5_compat
repack_compat(const hi5_file *f, hi5_compat asked)
{
    if (asked != HI5_COMPAT_DEFAULT)
        return asked;
    return f->super.version < 2    ? HI5_COMPAT_EARLIEST
           : f->super.version == 2 ? HI5_COMPAT_V18
                                   : HI5_COMPAT_V110;
}

/* How free space is managed, unless that was not known to the release that the new file is
 * for. Pages do not go with each user block. */
static void
repack_space(const struct repack *k, hi5_compat asked, hi5_create_options *c)
{
    const struct msg_fsinfo *const old = &k->from->fsinfo;
    const unsigned given = k->o->space;

    if (asked != HI5_COMPAT_DEFAULT && asked < HI5_COMPAT_V110 && given == 0)
        return;
    if ((given & HI5_REPACK_PERSIST) == 0)
        c->fs_persist = old->persist;
    if ((given & HI5_REPACK_THRESHOLD) == 0)
        c->fs_threshold = old->threshold;
    if ((given & HI5_REPACK_PAGE_SIZE) == 0)
        c->fs_page_size = old->page_size;
    if ((given & HI5_REPACK_STRATEGY) == 0)
        c->fs_strategy = old->strategy == HI5_FSPACE_PAGE && c->fs_page_size != 0 &&
                                 c->userblock % c->fs_page_size != 0
                             ? HI5_FSPACE_FSM_AGGR
                             : (hi5_fspace)old->strategy;
}

/* The indexes of shared messages, in the arena. */
static hi5_status
repack_shared(struct repack *k, hi5_compat asked, hi5_create_options *c)
{
    const struct sohm_table *const t = &k->from->sohm;
    unsigned left = HI5_SHARE_ALL;
    hi5_shared_index *x;

    if (c->nshared != 0 || t->n == 0 || asked == HI5_COMPAT_EARLIEST)
        return HI5_OK;
    x = arena_zalloc(&k->arena, t->n, sizeof *x);
    if (x == NULL)
        return mem_fail(k->arena.mem, t->n * sizeof *x, k->err);
    for (unsigned i = 0; i < t->n; i++) {
        const unsigned kinds = t->index[i].msg_flags & left;

        left &= ~kinds;
        if (kinds != 0) /* NOTE(lib): h5repack leaves indexes that are for nothing */
            x[c->nshared++] = (hi5_shared_index){kinds, t->index[i].min_size};
    }
    c->shared = x;
    if (t->index[0].list_max <= SOHM_LIST_MOST &&
        t->index[0].btree_min <= t->index[0].list_max + 1u) {
        c->shared_list_max = t->index[0].list_max;
        c->shared_btree_min = t->index[0].list_max != 0 ? t->index[0].btree_min : 1;
    }
    return HI5_OK;
}

static hi5_status
repack_create_options(struct repack *k, hi5_create_options *c, hi5_open_options *open)
{
    const struct superblock *const s = &k->from->super;
    const hi5_compat asked = open->compat;

    open->compat = repack_compat(k->from, asked);
    c->open = open;
    c->exclusive = c->keep =
        false; /* what a process that died has left is in nobody's way */
    c->offset_size = c->offset_size != 0 ? c->offset_size : s->off_w;
    c->length_size = c->length_size != 0 ? c->length_size : s->len_w;
    c->group_leaf_k = c->group_leaf_k != 0 ? c->group_leaf_k : s->leaf_k;
    c->group_internal_k =
        c->group_internal_k != 0 ? c->group_internal_k : s->internal_k;
    c->chunk_k = c->chunk_k != 0 ? c->chunk_k : s->chunk_k;
    if (c->userblock == 0 && (s->base == 0 || (s->base >= 512 && ckd_is_pow2(s->base))))
        c->userblock = s->base;
    repack_space(k, asked, c);
    return repack_shared(k, asked, c);
}

/* A root group as it is in the old file. */
static hi5_status
repack_root(struct repack *k, hi5_compat compat, unsigned off_w, struct edit_root *root)
{
    const struct edit e = {.compat = compat};
    hi5_group_info group;
    hi5_object_info info;
    hi5_object *o;
    hi5_group *g = NULL;
    hi5_status s;

    TRY(object_open(k->from, k->from->super.root, "/", &o, k->err));
    s = hi5_object_get_info(o, &info, k->err);
    if (s == HI5_OK)
        s = hi5_object_group(o, &g, k->err);
    if (s == HI5_OK)
        s = hi5_group_get_info(g, &group, k->err);
    if (s == HI5_OK) {
        *root = (struct edit_root){.room = 0};
        s = copy_prefix(&e, o, &info, &root->prefix, k->err);
        root->group =
            (hi5_group_options){.size = sizeof root->group,
                                .track_order = group.order_tracked,
                                .index_order = group.order_indexed,
                                .track_attribute_order = info.attribute_order_tracked};
        if (group.max_compact != 8 || group.min_dense != 6) {
            root->group.max_compact = group.max_compact;
            root->group.min_dense = group.min_dense;
        }
        if (k->o->max_compact != 0 || k->o->min_dense != 0) {
            root->group.max_compact = k->o->max_compact;
            root->group.min_dense = k->o->min_dense;
        }
        if (s == HI5_OK)
            s = copy_root_make(g, compat, off_w, root, k->err);
    }
    hi5_group_close(g);
    hi5_object_close(o);
    return s;
}

/* The bytes in front. */
static hi5_status
repack_userblock(struct repack *k)
{
    const hi5_repack_options *const o = k->o;
    const uint64_t old = k->from->super.base, now = k->to->super.base;
    const hi5_io *const io = &k->to->meta.io;
    uint64_t n = old < now ? old : now;
    uint8_t piece[4096];

    if (o->userblock != NULL) {
        if (o->userblock_size > now)
            return err_plain(k->err, HI5_E_ARG,
                             "%zu bytes do not fit into a user block of "
                             "%llu",
                             o->userblock_size, (unsigned long long)now);
        return io->write_at(io->ctx, 0, o->userblock, o->userblock_size, k->err);
    }
    for (uint64_t at = 0; at < n; at += sizeof piece) {
        const size_t m = n - at < sizeof piece ? (size_t)(n - at) : sizeof piece;

        TRY(k->from->meta.io.read_at(k->from->meta.io.ctx, at, piece, m, k->err));
        TRY(io->write_at(io->ctx, at, piece, m, k->err));
    }
    return HI5_OK;
}

/* ---- copying ---- */

static void
repack_progress(void *ctx, uint64_t done)
{
    const struct repack *const k = ctx;

    k->o->progress(k->o->progress_ctx,
                   done < k->from->file_size ? done : k->from->file_size,
                   k->from->file_size);
}

static hi5_status
repack_all(struct repack *k, struct copy *c)
{
    struct copy_entry root = {.from = k->from->super.root,
                              .to = k->to->super.root,
                              .refs = 1,
                              .stored = 1,
                              .kind = HI5_KIND_GROUP};
    size_t i;

    TRY(repack_userblock(k));
    TRY(copy_source(c, k->from, &root.source));
    TRY(copy_add(c, &root, &i));
    TRY(copy_fill_header(c, i, true));
    return copy_run(c);
}

static hi5_status
repack_copy(struct repack *k, hi5_repack_result *result)
{
    const hi5_repack_options *const o = k->o;
    struct copy c;
    hi5_status s;

    k->copy = (hi5_copy_options){.size = sizeof k->copy,
                                 .expand_external = o->merge_external};
    if (o->progress != NULL) {
        k->copy.progress = repack_progress;
        k->copy.progress_ctx = k;
    }
    TRY(edit_begin(k->to, k->err));
    k->to->meta.stage->packed = true;
    copy_init(&c, k->to, &k->copy, k->err);
    c.plan = repack_plan;
    c.plan_ctx = k;
    c.alone = true;
    c.max_compact = o->max_compact;
    c.min_dense = o->min_dense;
    c.sorted = o->sorted;
    c.order = o->order;
    c.decreasing = o->decreasing;
    c.prune = o->prune_external;
    s = edit_end(k->to, repack_all(k, &c), k->err);
    result->objects = c.n;
    result->nulled = c.nulled;
    result->skipped = k->skipped;
    copy_done(&c);
    return s;
}

/* ---- the call ---- */

static hi5_status
repack_into(struct repack *k, const char *path, bool there, hi5_repack_result *result)
{
    hi5_create_options create = {.size = sizeof create};
    hi5_open_options open = {0};
    struct edit_root root;
    hi5_status s;

    if (k->o->create != NULL)
        create = *k->o->create;
    if (create.exclusive && there)
        return err_plain(k->err, HI5_E_EXISTS, "there is such a file already");
    if (create.size != sizeof create)
        return err_plain(k->err, HI5_E_ARG,
                         "hi5_create_options.size is %zu, expected %zu", create.size,
                         sizeof create);
    if (create.open != NULL)
        open = *create.open;
    open.size = sizeof open;
    open.commit_bytes = HI5_UNLIMITED; /* it is all or nothing */
    TRY(repack_create_options(k, &create, &open));
    TRY(repack_root(k, open.compat, create.offset_size, &root));
    TRY(file_create(path, &create, &root, &k->to, k->err));
    k->made = true;
    s = repack_copy(k, result);
    if (s == HI5_OK)
        s = hi5_flush(k->to, there ? HI5_DURABLE : HI5_SAFE, k->err);
    result->new_size = k->to->file_size;
    if (s == HI5_OK) {
        s = hi5_close(k->to, k->err);
    } else {
        (void)!hi5_abort(k->to, NULL);
        hi5_close(k->to, NULL);
    }
    k->to = NULL;
    return s;
}

static hi5_status
repack_open(struct repack *k, const char *from, const char *to,
            hi5_repack_result *result)
{
    const bool there = io_exists(to);
    char *path;
    hi5_status s;

    TRY(hi5_open(from, k->o->open, &k->from, k->err));
    arena_init(&k->arena, &k->from->mem);
    result->old_size = k->from->file_size;
    path = io_beside(&k->arena, to);
    s = path != NULL ? repack_find(k) : mem_fail(&k->from->mem, strlen(to), k->err);
    if (s == HI5_OK) {
        s = repack_into(k, path, there, result);
        if (s == HI5_OK)
            s = io_replace(path, to, there, k->err);
        if (s != HI5_OK && k->made)
            io_remove(path);
    }
    arena_done(&k->arena);
    hi5_close(k->from, NULL);
    return s;
}

hi5_status
hi5_repack(const char *from, const char *to, const hi5_repack_options *options,
           hi5_repack_result *result, hi5_error *err)
{
    const hi5_repack_options usual = {.size = sizeof usual};
    struct repack k = {.o = options != NULL ? options : &usual, .err = err};
    hi5_repack_result sum = {0};
    hi5_status s;

    err_clear(err);
    if (k.o->size != sizeof *k.o)
        return err_plain(err, HI5_E_ARG, "hi5_repack_options.size is %zu, expected %zu",
                         k.o->size, sizeof *k.o);
    s = repack_open(&k, from, to, &sum);
    if (result != NULL && s == HI5_OK)
        *result = sum;
    return s;
}
