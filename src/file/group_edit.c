/*
 * group_edit.c - new groups
 */
#include "base/err.h"
#include "file/edit.h"
#include "format/symtab_edit.h"
#include <string.h>

/* ---- new groups ---- */

static bool
group_is_new_style(const struct edit *e, const hi5_group_options *o)
{
    return e->compat != HI5_COMPAT_EARLIEST || o->track_order || o->max_compact != 0 ||
           o->min_dense != 0;
}

/* Room for as many links as are expected, as libhdf5 leaves it. */
static size_t
group_room(const struct meta *m, const struct msg_group_info *g, bool ordered,
           const struct ohdr_put *put)
{
    const size_t head = 4;
    const size_t link = head + 1u + 1u + (ordered ? 8u : 0u) + 1u + g->est_name + m->off_w;
    const size_t room = head + put[0].size + head + put[1].size + g->est_entries * link;

    return room < 32768 ? room : 32768;
}

static hi5_status
group_make_new(struct meta *m, const struct ohdr_prefix *p, const hi5_group_options *o,
               const struct edit_root *root, struct arena *a, uint64_t *addr,
               hi5_error *err)
{
    struct msg_link_info info = {.fheap = ADDR_NONE, .name_bt2 = ADDR_NONE,
                                 .order_bt2 = ADDR_NONE};
    struct msg_group_info g = {.max_compact = 8, .min_dense = 6, .est_entries = 4,
                               .est_name = 8};
    struct ohdr_put put[2];
    size_t room = 0;

    info.flags = (uint8_t)((o->track_order ? 1 : 0) | (o->index_order ? 2 : 0));
    if (o->max_compact != 0 || o->min_dense != 0) {
        g.flags |= 1;
        g.max_compact = (uint16_t)o->max_compact;
        g.min_dense = (uint16_t)o->min_dense;
    }
    if (o->estimated_entries != 0 || o->estimated_name != 0) {
        g.flags |= 2;
        g.est_entries = o->estimated_entries != 0 ? (uint16_t)o->estimated_entries : 4;
        g.est_name = o->estimated_name != 0 ? (uint16_t)o->estimated_name : 8;
    }
    TRY(edit_message(m, a, MSG_LINK_INFO, 0, &info, &put[0], err));
    TRY(edit_message(m, a, MSG_GROUP_INFO, MSG_F_CONSTANT, &g, &put[1],
                     err));
    if (root != NULL)
        room = root->room + ohdr_put_size(p->version, p->flags, put[0].size) +
               ohdr_put_size(p->version, p->flags, put[1].size);
    else if (p->version == 2)
        room = group_room(m, &g, o->track_order, put);
    return ohdr_create(m, p, put, 2, room, addr, err);
}

static hi5_status
group_make_old(struct meta *m, const struct ohdr_prefix *p, const struct superblock *super,
               const struct edit_root *root, struct arena *a, uint64_t *addr,
               struct msg_stab *stab, hi5_error *err)
{
    struct msg_stab where;
    struct ohdr_put put;
    size_t room = 0;

    TRY(symtab_create(m, super->internal_k, root != NULL ? root->names : 0, &where, err));
    TRY(edit_message(m, a, MSG_STAB, 0, &where, &put, err));
    if (stab != NULL)
        *stab = where;
    if (root != NULL && root->rest != 0)
        room = root->rest + ohdr_put_size(p->version, p->flags, put.size);
    return ohdr_create(m, p, &put, 1, room, addr, err);
}

static struct edit_header
group_header(const hi5_group_options *o)
{
    return (struct edit_header){
        .tracked = o->track_attribute_order, .indexed = o->index_attribute_order,
        .times = o->times, .max_compact = o->max_compact_attributes,
        .min_dense = o->min_dense_attributes};
}

HI5_INT hi5_status
group_make(struct meta *m, const struct edit *e, const struct superblock *super,
           const hi5_group_options *o, uint64_t *addr, struct msg_stab *stab,
           hi5_error *err)
{
    const struct edit_header h = group_header(o);
    const struct ohdr_prefix p = edit_prefix(e, &h);
    struct arena a;
    hi5_status s;

    arena_init(&a, m->mem);
    if (group_is_new_style(e, o))
        s = group_make_new(m, &p, o, e->root, &a, addr, err);
    else
        s = group_make_old(m, &p, super, e->root, &a, addr, stab, err);
    arena_done(&a);
    return s;
}

/* ---- thousands of groups: with the usual options their headers are all the same ---- */

struct edit_pattern {
    size_t n, sum_at, sum_of;
    uint8_t bytes[];
};

HI5_INT void
edit_pattern_drop(hi5_file *f)
{
    struct edit_pattern *const p = f->edit->pattern;

    if (p != NULL)
        mem_free(&f->mem, p, sizeof *p + p->n);
    f->edit->pattern = NULL;
}

static bool
group_is_usual(const struct edit *e, const hi5_group_options *o)
{
    return group_is_new_style(e, o) && !e->times && !o->times && !o->track_order &&
           !o->index_order && !o->track_attribute_order && !o->index_attribute_order &&
           o->max_compact == 0 && o->min_dense == 0 && o->estimated_entries == 0 &&
           o->estimated_name == 0 && o->max_compact_attributes == 0 &&
           o->min_dense_attributes == 0;
}

/* Keep the header that has just been made, if there is memory for it. */
static void
group_keep_pattern(hi5_file *f, uint64_t addr)
{
    struct staged *const b = stage_find(&f->meta, addr);
    struct edit_pattern *p;

    if (b == NULL || (p = mem_alloc(&f->mem, sizeof *p + b->block.size)) == NULL)
        return;
    stage_sum(b);
    *p = (struct edit_pattern){b->block.size, b->sum_at, b->sum_of};
    memcpy(p->bytes, b->bytes, p->n);
    f->edit->pattern = p;
}

static hi5_status
group_make_alike(hi5_file *f, uint64_t *addr, hi5_error *err)
{
    const struct edit_pattern *const p = f->edit->pattern;
    struct staged *b;

    TRY(stage_new(&f->meta, p->n, &b, err));
    memcpy(b->bytes, p->bytes, p->n);
    stage_changed(b, p->sum_at, p->sum_of);
    b->summed = true;
    *addr = b->block.addr;
    return HI5_OK;
}

HI5_INT hi5_status
group_new(hi5_file *f, const hi5_group_options *o, uint64_t *addr,
              struct msg_stab *stab, hi5_error *err)
{
    const bool usual = group_is_usual(f->edit, o);

    if (usual && f->edit->pattern != NULL)
        return group_make_alike(f, addr, err);
    TRY(group_make(&f->meta, f->edit, &f->super, o, addr, stab, err));
    if (usual)
        group_keep_pattern(f, *addr);
    return HI5_OK;
}

/* ---- public ---- */

HI5_INT hi5_status
group_check_options(const hi5_group_options *o, hi5_error *err)
{
    const struct edit_header h = group_header(o);

    if (o->size != sizeof *o)
        return err_plain(err, HI5_E_ARG, "hi5_group_options.size is %zu, expected %zu",
                         o->size, sizeof *o);
    if (o->index_order && !o->track_order)
        return err_plain(err, HI5_E_ARG, "an order that is not tracked cannot be indexed");
    if (o->max_compact > 65535 || o->min_dense > 65535 ||
        o->max_compact + 1 < o->min_dense)
        return err_plain(err, HI5_E_ARG, "phase change: at most %u compact links, at "
                         "least %u dense ones", o->max_compact, o->min_dense);
    if (o->estimated_entries > 65535 || o->estimated_name > 65535)
        return err_plain(err, HI5_E_ARG, "an estimate is more than 65535");
    return edit_check_header(&h, err);
}

static hi5_status
group_create(hi5_file *f, uint64_t from, const char *path, const hi5_group_options *o,
             uint64_t *addr, hi5_error *err)
{
    struct msg_stab stab = {ADDR_NONE, ADDR_NONE};
    struct msg_link l = {.kind = HI5_LINK_HARD};
    uint64_t group;

    TRY(edit_place(f, from, path, !o->no_parents, &group, &l, err));
    TRY(group_new(f, o, &l.address, &stab, err));
    *addr = l.address;
    return edit_link(f, group, &l, &stab, err);
}

static hi5_status
group_create_open(hi5_file *f, uint64_t from, const char *path,
                  const hi5_group_options *options, hi5_group **g, hi5_error *err)
{
    const hi5_group_options usual = {.size = sizeof usual};
    const hi5_group_options *const o = options != NULL ? options : &usual;
    hi5_object *object;
    uint64_t addr = 0;
    hi5_status s;

    err_clear(err);
    if (g != NULL)
        *g = NULL;
    TRY(group_check_options(o, err));
    TRY(edit_begin(f, err));
    s = edit_end(f, group_create(f, from, path, o, &addr, err), err);
    if (s != HI5_OK)
        return err_path(err, s, f->path, path);
    if (g == NULL)
        return HI5_OK;
    TRY(object_open(f, addr, path, &object, err));
    s = hi5_object_group(object, g, err);
    hi5_object_close(object);
    return s;
}

hi5_status
hi5_group_create(hi5_file *f, const char *path, const hi5_group_options *options,
                 hi5_group **g, hi5_error *err)
{
    return group_create_open(f, f->super.root, path, options, g, err);
}

hi5_status
hi5_group_create_at(hi5_group *parent, const char *path, const hi5_group_options *options,
                    hi5_group **g, hi5_error *err)
{
    const hi5_object *const o = hi5_group_object(parent);

    err_clear(err);
    if (object_here(o, err) != HI5_OK)
        return object_error(o, HI5_E_STATE, err);
    return group_create_open(o->file, o->head->addr, path, options, g, err);
}
