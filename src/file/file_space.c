/*
 * file_space.c - free space that a file remembers                  [FMT III.H, IV.A.2.x]
 *
 * There is a manager for each kind of space that libhdf5's drivers tell apart. With those
 * for plain files that is one for metadata, one for raw data, and, with pages, one for
 * whatever is larger than a page (U-FSI-4).
 */
#include "file/file_space.h"
#include "base/ckd.h"
#include "base/err.h"
#include "file/check.h"
#include "file/edit.h"
#include "format/freespace_edit.h"
#include <string.h>

enum {
    SPACE_SMALL = 6,           /* managers of small sections come first */
    SPACE_META = 0,
    SPACE_RAW = 2,
    SPACE_HEAPS = 3,
    SPACE_LARGE = 6,
    SPACE_TRIES = 24,
    SPACE_FIT = 8              /* tries that use holes */
};

/* FMT III.H: types of a file's sections. */
enum { SECTION_SIMPLE, SECTION_SMALL, SECTION_LARGE };

/* Where the sections of each pool go. */
static const unsigned space_slot[POOLS] = {SPACE_META, SPACE_RAW, SPACE_LARGE};

HI5_INT struct msg_fsinfo
space_message(unsigned strategy, bool persist, uint64_t threshold, uint64_t page_size)
{
    struct msg_fsinfo m = {.version = 1, .strategy = (uint8_t)strategy,
                           .persist = persist, .threshold = threshold,
                           .page_size = page_size, .eoa = ADDR_NONE};

    for (unsigned i = 0; i < SPACE_MANAGERS; i++)
        m.manager[i] = ADDR_NONE;
    return m;
}

static bool
space_has_pages(const hi5_file *f)
{
    return f->fsinfo.strategy == HI5_FSPACE_PAGE;
}

static void
space_forget(struct file_space *s)
{
    for (unsigned i = 0; i < SPACE_MANAGERS; i++)
        s->manager[i] = (struct fs_manager){ADDR_NONE, ADDR_NONE, 0};
}

HI5_INT hi5_status
space_open(hi5_file *f, hi5_error *err)
{
    const uint64_t page = f->fsinfo.page_size;

    if (space_has_pages(f) && (page == 0 || f->meta.base % page != 0))
        return err_plain(err, HI5_E_UNSUPPORTED, "cannot write to this file: its user "
                         "block is not a multiple of its page size");
    if (space_has_pages(f))
        stage_keep_apart(&f->meta, page);
    else if (f->fsinfo.persist)
        stage_keep_apart(&f->meta, 0);
    f->edit->space.info = f->fsinfo;
    space_forget(&f->edit->space);
    return HI5_OK;
}

/* ---- reading the managers ---- */

struct space_reader {
    hi5_file *file;
    unsigned slot;
};

static hi5_status
space_section(void *ctx, const struct fs_section *s, size_t at, hi5_error *err)
{
    const struct space_reader *const r = ctx;
    const uint64_t page = r->file->fsinfo.page_size;
    enum stage_pool pool = r->slot == SPACE_RAW || r->slot == SPACE_HEAPS ? POOL_RAW
                                                                          : POOL_META;

    (void)at;
    if (r->slot >= SPACE_SMALL || s->type == SECTION_LARGE)
        pool = POOL_LARGE;
    if (!space_has_pages(r->file))
        pool = pool == POOL_LARGE ? POOL_META : pool;
    else if (pool != POOL_LARGE && s->size < page &&
             s->offset % page + s->size > page)
        return HI5_OK; /* FREE-15: it is in two pages */
    return stage_found(&r->file->meta, pool, s->offset, s->size, err);
}

HI5_INT hi5_status
space_load(hi5_file *f, hi5_error *err)
{
    struct file_space *const s = &f->edit->space;

    for (unsigned i = 0; i < SPACE_MANAGERS && f->fsinfo.persist; i++) {
        struct space_reader r = {f, i};
        hi5_status status;

        if (f->fsinfo.manager[i] == ADDR_NONE)
            continue;
        status = fs_load(&f->meta, f->fsinfo.manager[i], FS_FILE, 0, &s->manager[i],
                         space_section, &r, err);
        if (status == HI5_E_NOMEM || status == HI5_E_LIMIT || status == HI5_E_IO)
            return status;
        if (status != HI5_OK) /* damaged: as if it were empty, and its space is lost */
            err_clear(err);
    }
    s->moves = f->meta.stage->moves;
    s->loaded = true;
    return HI5_OK;
}

/* ---- what nothing leads to ---- */

struct space_map {
    hi5_file *file;
    struct mem *mem;
    hi5_extent *x;
    size_t n, room;
    bool failed;
};

static void
space_map_one(void *ctx, const hi5_extent *x)
{
    struct space_map *const m = ctx;
    hi5_extent *const p = mem_grow(m->mem, m->x, &m->room, m->n + 1, sizeof *p);

    m->failed |= p == NULL;
    if (p == NULL)
        return;
    m->x = p;
    p[m->n++] = *x;
}

static bool
space_is_raw(const hi5_extent *x)
{
    return x->use == HI5_USE_DATA || strcmp(x->structure, "GCOL") == 0;
}

/* The pool for a piece of a page: what else is on that page tells. */
static enum stage_pool
space_map_pool(const struct space_map *m, size_t i, uint64_t at)
{
    const uint64_t page = m->file->fsinfo.page_size, start = at - at % page;

    for (size_t k = i; k-- > 0 && m->x[k].offset + m->x[k].size > start;)
        if (m->x[k].use != HI5_USE_FREE && m->x[k].use != HI5_USE_LOST)
            return m->x[k].count == 1 && m->x[k].size >= page ? POOL_LARGE
                   : space_is_raw(&m->x[k])                   ? POOL_RAW
                                                              : POOL_META;
    for (size_t k = i + 1; k < m->n && m->x[k].offset < start + page; k++)
        if (m->x[k].use != HI5_USE_FREE && m->x[k].use != HI5_USE_LOST)
            return space_is_raw(&m->x[k]) ? POOL_RAW : POOL_META;
    return POOL_LARGE;
}

static hi5_status
space_map_take(const struct space_map *m, size_t i, hi5_error *err)
{
    hi5_file *const f = m->file;
    const uint64_t page = f->fsinfo.page_size, base = f->meta.base;
    const uint64_t end = m->x[i].offset + m->x[i].size;

    if (!space_has_pages(f))
        return stage_found(&f->meta, POOL_META, m->x[i].offset - base, m->x[i].size, err);
    for (uint64_t at = m->x[i].offset, n; at < end; at += n) {
        n = page - at % page < end - at ? page - at % page : end - at;
        TRY(stage_found(&f->meta, n == page ? POOL_LARGE : space_map_pool(m, i, at),
                        at - base, n, err));
    }
    return HI5_OK;
}

HI5_INT hi5_status
space_reclaim(hi5_file *f, hi5_error *err)
{
    struct space_map m = {.file = f, .mem = &f->mem};
    bool sound = false, some = false;
    hi5_status s = space_load(f, err);

    if (s == HI5_OK)
        s = check_map_io(&f->meta.io, f->options.allocator, space_map_one, &m, &sound,
                         err);
    if (s == HI5_OK && m.failed)
        s = mem_fail(&f->mem, m.n * sizeof *m.x, err);
    if (s == HI5_OK && !sound)
        s = err_plain(err, HI5_E_STATE, "cannot tell what space is used: hi5_check finds "
                      "something that is wrong, or that is not understood");
    for (size_t i = 0; i < m.n && s == HI5_OK; i++)
        if (m.x[i].use == HI5_USE_LOST && m.x[i].offset >= f->meta.base) {
            some = true;
            s = space_map_take(&m, i, err);
        }
    mem_free(&f->mem, m.x, m.room * sizeof *m.x);
    f->edit->space.moves -= some; /* the file does not know of it */
    return s;
}

HI5_INT hi5_status
space_begin(hi5_file *f, const struct space_hole *hole, size_t n, hi5_error *err)
{
    TRY(space_load(f, err));
    for (size_t i = 0; i < n; i++)
        TRY(stage_found(&f->meta, hole[i].pool, hole[i].addr, hole[i].size, err));
    f->edit->space.moves -= n != 0; /* the file does not know of them */
    return HI5_OK;
}

/* ---- writing them ---- */

/* The sections of one manager. */
struct space_list {
    struct fs_range *r;
    size_t n, room;
};

static uint64_t
space_piece(const hi5_file *f, enum stage_pool pool, uint64_t at, uint64_t end)
{
    const uint64_t page = f->fsinfo.page_size;
    const uint64_t left = page - at % page;

    return space_has_pages(f) && pool != POOL_LARGE && left < end - at ? left : end - at;
}

static hi5_status
space_list_add(const hi5_file *f, struct space_list *l, enum stage_pool pool,
               uint64_t start, uint64_t size, hi5_error *err)
{
    const uint8_t type = !space_has_pages(f)  ? SECTION_SIMPLE
                         : pool == POOL_LARGE ? SECTION_LARGE
                                              : SECTION_SMALL;
    struct mem *const mem = f->meta.mem;

    for (uint64_t at = start, n; at < start + size; at += n) {
        n = space_piece(f, pool, at, start + size);
        if (n < f->fsinfo.threshold)
            continue; /* not worth being remembered: the file says so */
        struct fs_range *const r = mem_grow(mem, l->r, &l->room, l->n + 1, sizeof *r);
        if (r == NULL)
            return mem_fail(mem, (l->n + 1) * sizeof *r, err);
        l->r = r;
        r[l->n++] = (struct fs_range){n, at, type};
    }
    return HI5_OK;
}

static void
space_lists_done(const hi5_file *f, struct space_list list[POOLS])
{
    for (unsigned i = 0; i < POOLS; i++) {
        mem_free(f->meta.mem, list[i].r, list[i].room * sizeof *list[i].r);
        list[i] = (struct space_list){0};
    }
}

/* What is free in the state that is going to be committed. */
static hi5_status
space_collect(hi5_file *f, struct space_list list[POOLS], hi5_error *err)
{
    struct extents free[POOLS];
    hi5_status s;

    for (unsigned i = 0; i < POOLS; i++) {
        extents_init(&free[i], f->meta.mem);
        list[i].n = 0;
    }
    s = stage_will_be_free(&f->meta, free, err);
    for (unsigned i = 0; i < POOLS; i++) {
        uint64_t start = 0, size;

        for (uint64_t at = 0;
             s == HI5_OK && (extents_has(&free[i], at, &start, &size), size != 0);
             at = start + size)
            s = space_list_add(f, &list[i], (enum stage_pool)i, start, size, err);
        fs_sort(list[i].r, list[i].n);
        extents_done(&free[i]);
    }
    return s;
}

/* U-FSM-2, U-FSM-4 */
static struct fshd
space_head(const hi5_file *f)
{
    const unsigned bits = 8u * f->meta.off_w - 1, len = 8u * f->meta.len_w - 1;

    return (struct fshd){.client = FS_FILE,
                         .nclasses = 3,
                         .shrink = 80,
                         .expand = 120,
                         .addr_bits = (uint16_t)bits,
                         .max_section = ((uint64_t)1 << (bits < len ? bits : len)) - 1};
}

static hi5_status
space_drop(hi5_file *f, struct fs_manager *g, hi5_error *err)
{
    struct meta *const m = &f->meta;
    const struct fs_manager old = *g;

    *g = (struct fs_manager){ADDR_NONE, ADDR_NONE, 0};
    if (old.list != ADDR_NONE)
        TRY(stage_free(m, old.list, old.list_size, err));
    return old.head != ADDR_NONE ? stage_free(m, old.head, fshd_size(m), err) : HI5_OK;
}

static hi5_status
space_drop_all(hi5_file *f, hi5_error *err)
{
    for (unsigned i = 0; i < SPACE_MANAGERS; i++)
        TRY(space_drop(f, &f->edit->space.manager[i], err));
    stage_trim(&f->meta);
    return HI5_OK;
}

static hi5_status
space_take(hi5_file *f, bool last, uint64_t n, uint64_t *addr, hi5_error *err)
{
    return last ? stage_alloc_last(&f->meta, STAGE_META, n, addr, err)
                : stage_alloc(&f->meta, STAGE_META, n, addr, err);
}

/* How large the list of these sections is; 0: there are none, and no manager. */
static hi5_status
space_measure(const hi5_file *f, const struct space_list *l, size_t *need, hi5_error *err)
{
    const struct fshd h = space_head(f);

    *need = 0;
    return l->n != 0 ? fs_list_size(&f->meta, &h, l->r, l->n, need, err) : HI5_OK;
}

/* Do the managers have just the space that their sections need? If not, `need` says what
 * that would be. */
static hi5_status
space_fits(hi5_file *f, struct space_list list[POOLS], size_t need[POOLS], bool *fits,
           hi5_error *err)
{
    TRY(space_collect(f, list, err));
    *fits = true;
    for (unsigned i = 0; i < POOLS; i++) {
        TRY(space_measure(f, &list[i], &need[i], err));
        *fits &= f->edit->space.manager[space_slot[i]].list_size == need[i];
    }
    return HI5_OK;
}

static hi5_status
space_place(hi5_file *f, struct fs_manager *g, size_t need, bool last, hi5_error *err)
{
    if (need == 0)
        return HI5_OK;
    TRY(space_take(f, last, fshd_size(&f->meta), &g->head, err));
    TRY(space_take(f, last, need, &g->list, err));
    g->list_size = need;
    return HI5_OK;
}

/* The space of the managers is no free space, but where it is taken decides what is free,
 * and so how large they are: try until that comes out even (FREE-07). In holes it may go
 * back and forth; at the end of the file it hardly does, but then the file grows. */
static hi5_status
space_place_all(hi5_file *f, struct space_list list[POOLS], hi5_error *err)
{
    struct file_space *const s = &f->edit->space;
    size_t need[POOLS];
    bool fits = false;

    TRY(space_drop_all(f, err));
    TRY(space_fits(f, list, need, &fits, err));
    for (unsigned i = 0; i < SPACE_TRIES && !fits; i++) {
        TRY(space_drop_all(f, err));
        for (unsigned k = 0; k < POOLS; k++)
            TRY(space_place(f, &s->manager[space_slot[k]], need[k], i >= SPACE_FIT, err));
        TRY(space_fits(f, list, need, &fits, err));
    }
    if (fits)
        return HI5_OK;
    for (unsigned k = 0; k < POOLS; k++)
        list[k].n = 0; /* rather than something wrong */
    return space_drop_all(f, err);
}

static hi5_status
space_write_manager(hi5_file *f, const struct fs_manager *g,
                    const struct space_list *l, hi5_error *err)
{
    struct meta *const m = &f->meta;
    struct fshd h = space_head(f);
    struct staged *head, *list;

    if (l->n == 0)
        return HI5_OK;
    TRY(stage_new_at(m, g->head, fshd_size(m), &head, err));
    TRY(stage_new_at(m, g->list, (size_t)g->list_size, &list, err));
    return fs_put(m, &h, l->r, l->n, head, list, err);
}

/* The message has the same size each time, so that this moves nothing. */
static hi5_status
space_put_message(hi5_file *f, hi5_error *err)
{
    const struct ohdr_which which = {.type = MSG_FSINFO};
    struct meta *const m = &f->meta;
    const uint64_t at = f->super.extension;
    struct ohdr_msg now;
    struct ohdr_put put;
    struct arena a;
    hi5_status s;

    TRY(ohdr_look(m, at, &which, &now, err));
    arena_init(&a, m->mem);
    s = edit_message(m, &a, MSG_FSINFO, now.flags, &f->fsinfo, &put, err);
    put.order = now.order;
    if (s == HI5_OK)
        s = ohdr_replace(m, at, &which, &put, err);
    arena_done(&a);
    return s;
}

static hi5_status
space_write(hi5_file *f, struct space_list list[POOLS], hi5_error *err)
{
    const struct file_space *const s = &f->edit->space;

    TRY(space_place_all(f, list, err));
    for (unsigned i = 0; i < POOLS; i++)
        TRY(space_write_manager(f, &s->manager[space_slot[i]], &list[i], err));
    for (unsigned i = 0; i < SPACE_MANAGERS; i++)
        f->fsinfo.manager[i] = s->manager[i].head;
    f->fsinfo.eoa = f->meta.eof; /* U-FSI-3 */
    return space_put_message(f, err);
}

HI5_INT hi5_status
space_settle(hi5_file *f, hi5_error *err)
{
    struct file_space *const s = &f->edit->space;
    struct space_list list[POOLS] = {{0}};
    hi5_status status;

    if (!f->fsinfo.persist || !s->loaded || s->moves == f->meta.stage->moves)
        return HI5_OK;
    if (f->fsinfo.version == 0) { /* of test releases: the message becomes longer */
        f->fsinfo.version = 1;
        TRY(space_put_message(f, err));
    }
    status = space_write(f, list, err);
    space_lists_done(f, list);
    s->moves = f->meta.stage->moves;
    return status;
}

HI5_INT void
space_committed(hi5_file *f)
{
    f->edit->space.info = f->fsinfo;
}

/* The managers are those of the committed state again, and so is what is free; only where
 * their lists are has to be read once more. */
HI5_INT void
space_abort(hi5_file *f)
{
    f->fsinfo = f->edit->space.info;
    space_forget(&f->edit->space);
    f->edit->space.loaded = false;
}
