/*
 * edit.c - a file that is being written: calls, commits, the superblock
 */
#include "file/edit.h"
#include "base/err.h"
#include "base/io.h"
#include "file/directory.h"
#include "file/gheap_edit.h"
#include "format/sohm_edit.h"
#include <string.h>

#define EDIT_COMMIT_BYTES (256u << 20)
#define EDIT_FEW 256u /* bytes of a message that is small */

/* What hi5 does not keep up to date, and what it cannot write, is only read. */
static hi5_status
edit_check_file(const hi5_file *f, hi5_error *err)
{
    const char *what = NULL;

    if (f->meta.io.write_at == NULL || f->meta.io.truncate == NULL)
        what = "its byte source cannot be written";
    else if (strcmp(f->driver_name, "NCSAfami") == 0
                 ? io_family_member(&f->meta.io) == 0
                 : f->driver_name[0] != '\0')
        what = "it is spread over several files";
    else if (f->meta.off_w > 8 || f->meta.len_w > 8)
        what = "its addresses or lengths have more than 8 bytes";
    if (what == NULL)
        return HI5_OK;
    return err_plain(err, HI5_E_UNSUPPORTED, "cannot write to this file: %s", what);
}

static hi5_compat
edit_compat(const hi5_file *f)
{
    if (f->options.compat != HI5_COMPAT_DEFAULT)
        return f->options.compat;
    return f->super.version < 2    ? HI5_COMPAT_EARLIEST
           : f->super.version == 2 ? HI5_COMPAT_V18
                                   : HI5_COMPAT_V110;
}

HI5_INT hi5_status
edit_open(hi5_file *f, hi5_error *err)
{
    struct edit *e;

    TRY(edit_check_file(f, err));
    f->meta.eof = f->super.eof != ADDR_NONE ? f->super.eof - f->super.base
                                            : f->file_size - f->meta.base;
    TRY(stage_open(&f->meta, f->meta.eof, err));
    f->meta.stage->durable = f->options.durable;
    f->meta.stage->align = f->options.align;
    f->meta.stage->align_least = f->options.align_least;
    e = mem_zalloc(&f->mem, 1, sizeof *e);
    if (e == NULL)
        return mem_fail(&f->mem, sizeof *e, err);
    e->file = f;
    e->compat = edit_compat(f);
    e->times = f->options.times;
    e->commit_bytes =
        f->options.commit_bytes != 0 ? f->options.commit_bytes : EDIT_COMMIT_BYTES;
    f->edit = e;
    TRY(space_open(f, err));
    return f->options.reclaim ? space_reclaim(f, err) : HI5_OK;
}

HI5_INT void
edit_close(hi5_file *f)
{
    struct edit *const e = f->edit;

    if (e != NULL) {
        edit_groups_drop(f);
        edit_pattern_drop(f);
        datasets_drop(f);
        gheap_edit_close(f);
        mem_free(&f->mem, e, sizeof *e);
    }
    f->edit = NULL;
    stage_close(&f->meta);
}

HI5_INT hi5_status
edit_begin(hi5_file *f, hi5_error *err)
{
    if (f->edit == NULL)
        return err_plain(err, HI5_E_STATE, "the file was opened for reading only");
    if (f->edit->closed)
        return err_plain(err, HI5_E_STATE, "the file has been closed");
    TRY(stage_check(&f->meta, err));
    if (!f->edit->space.loaded)
        TRY(space_load(f, err));
    if (f->edit->depth++ == 0)
        f->edit->begun = f->meta.stage->changes;
    return HI5_OK;
}

HI5_INT hi5_status
edit_end(hi5_file *f, hi5_status s, hi5_error *err)
{
    struct edit *const e = f->edit;
    struct stage *const st = f->meta.stage;

    if (st->changes != e->begun)
        e->version++;
    if (--e->depth != 0 || st->changes == e->begun)
        return s;
    if (s != HI5_OK)
        return stage_break(&f->meta, s);
    TRY(stage_rest(&f->meta, err));
    if (st->written + st->fresh_bytes >= e->commit_bytes || stage_is_full(&f->meta))
        return edit_commit(f, false, err);
    return HI5_OK;
}

HI5_INT void
edit_unseen(hi5_file *f, uint64_t before)
{
    if (f->meta.stage->changes != before)
        f->edit->version++;
    if (f->edit->begun == before)
        f->edit->begun = f->meta.stage->changes;
}

HI5_INT hi5_status
edit_settle(hi5_file *f, hi5_error *err)
{
    uint64_t before;
    hi5_status s;

    if (f->edit == NULL || f->edit->datasets == NULL)
        return HI5_OK;
    TRY(stage_check(&f->meta, err));
    before = f->meta.stage->changes;
    s = datasets_settle(f, err);
    if (s != HI5_OK)
        return stage_break(&f->meta, s);
    edit_unseen(f, before);
    return HI5_OK;
}

/* ---- commits ---- */

/* The superblock with what has changed of it: where the file ends. */
static hi5_status
edit_put_superblock(hi5_file *f, hi5_error *err)
{
    struct superblock s = f->super;
    struct cur size = cur_sizer(err), c;
    struct staged *b;

    s.flags &= ~5u;
    s.eof = s.base + f->meta.eof;
    if (f->edit->root_is_new)
        s.root_entry = (struct ste){.header = s.root, .btree = ADDR_NONE,
                                    .heap = ADDR_NONE, .cache = STE_NONE};
    if (s.eof == f->super.eof && s.flags == f->super.flags &&
        s.root_entry.cache == f->super.root_entry.cache &&
        stage_find(&f->meta, 0) == NULL) /* that of a commit that failed */
        return HI5_OK;
    superblock_code(&size, &s);
    if (!cur_ok(&size))
        return size.status;
    TRY(stage_edit(&f->meta, 0, size.pos, "superblock", &b, err));
    c = stage_cursor(&f->meta, b, 0, err);
    superblock_code(&c, &s);
    if (cur_ok(&c))
        f->super = s;
    return c.status;
}

/* ---- the metadata cache image ---- */

/* With the first commit a cache image goes: its message, and its block. */
static hi5_status
edit_drop_image(hi5_file *f, hi5_error *err)
{
    const struct ohdr_which which = {.type = MSG_MDCI};

    if (!f->cache_image || f->edit->image_dropped)
        return HI5_OK;
    f->edit->image_dropped = true;
    TRY(ohdr_remove(&f->meta, f->super.extension, &which, err));
    return stage_free(&f->meta, f->image.addr, f->image.size, err);
}

/* What of it is to be written: all that has not been staged, which was read through it, nor
 * given up. */
static bool
edit_image_left(const hi5_file *f, struct extents *left)
{
    const struct stage *const st = f->meta.stage;
    uint64_t start = 0, size;

    for (size_t i = 0; i < f->meta.noverlays; i++)
        if (!extents_add(left, f->meta.overlays[i].addr, f->meta.overlays[i].size))
            return false;
    for (size_t i = 0; i < st->n; i++)
        if (!extents_cut(left, st->list[i]->block.addr, st->list[i]->block.size))
            return false;
    for (unsigned i = 0; i < POOLS; i++)
        for (uint64_t at = 0; extents_has(&st->given[i], at, &start, &size), size != 0;
             at = start + size)
            if (!extents_cut(left, start, size))
                return false;
    return true;
}

/* U-MD-3: what is in it is the truth, and may be nowhere else. Each entry goes to its
 * place, when nothing is staged any more that could be read through it. */
static hi5_status
edit_write_image(hi5_file *f, hi5_error *err)
{
    struct extents left;
    hi5_status s = HI5_OK;

    if (!f->cache_image)
        return HI5_OK;
    extents_init(&left, &f->mem);
    if (!edit_image_left(f, &left))
        s = mem_fail(&f->mem, sizeof left, err);
    for (size_t i = 0; i < f->meta.noverlays && s == HI5_OK; i++) {
        const struct overlay *const o = &f->meta.overlays[i];
        const uint64_t end = o->addr + o->size;
        uint64_t start = 0, size;

        for (uint64_t at = o->addr; s == HI5_OK && at < end; at = start + size) {
            uint64_t to;

            extents_has(&left, at, &start, &size);
            if (size == 0 || start >= end)
                break;
            to = start + size < end ? start + size : end;
            start = at > start ? at : start;
            size = to - start;
            s = stage_write(&f->meta, start, o->bytes + (start - o->addr), (size_t)size,
                            err);
        }
    }
    extents_done(&left);
    return s;
}

static void
edit_image_gone(hi5_file *f)
{
    f->edit->image_dropped = false;
    if (!f->cache_image)
        return;
    f->cache_image = false;
    f->meta.overlays = NULL;
    f->meta.noverlays = 0;
    meta_drop(&f->meta, 0, UINT64_MAX);
}

/* What a commit adds to what has been changed. */
static hi5_status
edit_finish(hi5_file *f, hi5_error *err)
{
    TRY(edit_drop_image(f, err));
    TRY(space_settle(f, err));
    TRY(edit_put_superblock(f, err));
    return edit_write_image(f, err);
}

HI5_INT hi5_status
edit_commit(hi5_file *f, bool durable, hi5_error *err)
{
    struct stage *const st = f->meta.stage;
    struct superblock was;
    hi5_status s;

    TRY(stage_check(&f->meta, err));
    TRY(edit_settle(f, err));
    s = edit_groups_settle(f, err);
    if (s != HI5_OK)
        return stage_break(&f->meta, s);
    if (st->n != 0 || st->txn != 1) { /* what nothing was done to is not trimmed either */
        if (!f->edit->space.loaded)
            TRY(space_load(f, err));
        stage_trim(&f->meta);
    }
    if (st->n == 0 && st->npages == 0 && st->written == 0 && f->meta.eof == st->committed)
        return durable && f->meta.io.sync != NULL ? f->meta.io.sync(f->meta.io.ctx, err)
                                                  : HI5_OK;
    was = f->super;
    s = edit_finish(f, err);
    if (s != HI5_OK)
        return stage_break(&f->meta, s);
    s = stage_commit(&f->meta, durable, err);
    if (s != HI5_OK) { /* what the file says is what it said */
        f->super.eof = was.eof;
        f->super.flags = was.flags;
        f->super.root_entry = was.root_entry;
        return s;
    }
    space_committed(f);
    edit_image_gone(f);
    objects_committed(f);
    f->edit->root_is_new = false;
    f->file_size = f->meta.base + f->meta.eof;
    return HI5_OK;
}

hi5_status
hi5_flush(hi5_file *f, hi5_durability durability, hi5_error *err)
{
    hi5_status s;

    err_clear(err);
    if (f->edit == NULL)
        return err_plain(err, HI5_E_STATE, "the file was opened for reading only");
    s = edit_commit(f, durability == HI5_DURABLE, err);
    return err_path(err, s, f->path, NULL);
}

hi5_status
hi5_abort(hi5_file *f, hi5_error *err)
{
    struct superblock *const s = &f->super;

    err_clear(err);
    if (f->edit == NULL)
        return err_plain(err, HI5_E_STATE, "the file was opened for reading only");
    if (f->meta.stage->torn)
        return err_plain(err, HI5_E_STATE, "a commit failed while it was put in place; "
                         "opening the file anew finishes it");
    objects_abort(f);
    edit_groups_drop(f);
    datasets_drop(f);
    gheap_edit_close(f);
    stage_abort(&f->meta);
    f->edit->root_is_new = false;
    space_abort(f);
    f->edit->image_dropped = false;
    s->eof = s->base + f->meta.eof;
    meta_drop(&f->meta, 0, UINT64_MAX);
    dirs_drop(f->dirs, ADDR_NONE);
    gheap_forget(f->gheap);
    f->edit->version++;
    if (f->shared.table != NULL)
        return sohm_load(&f->meta, f->shared.table_addr, &f->sohm, err);
    return HI5_OK;
}

/* ---- what new headers have in common ---- */

HI5_INT uint32_t
edit_now(void)
{
    return (uint32_t)io_now();
}

HI5_INT hi5_status
edit_check_header(const struct edit_header *h, hi5_error *err)
{
    if (h->indexed && !h->tracked)
        return err_plain(err, HI5_E_ARG, "an order that is not tracked cannot be indexed");
    if (h->max_compact > 65535 || h->min_dense > 65535 ||
        h->max_compact < h->min_dense)
        return err_plain(err, HI5_E_ARG, "phase change: at most %u compact attributes, at "
                         "least %u dense ones", h->max_compact, h->min_dense);
    return HI5_OK;
}

HI5_INT struct ohdr_prefix
edit_prefix(const struct edit *e, const struct edit_header *h)
{
    static const struct edit_header usual;
    struct ohdr_prefix p = {.version = 2, .refcount = 1, .max_compact = 8, .min_dense = 6};

    if (e->root != NULL)
        return e->root->prefix;
    if (h == NULL)
        h = &usual;
    if (e->compat == HI5_COMPAT_EARLIEST && !h->tracked) {
        p.version = 1;
        return p;
    }
    if (h->tracked)
        p.flags |= OHDR_F_ORDER_TRACKED;
    if (h->indexed)
        p.flags |= OHDR_F_ORDER_INDEXED;
    if ((h->max_compact != 0 || h->min_dense != 0) &&
        (h->max_compact != p.max_compact || h->min_dense != p.min_dense)) {
        p.flags |= OHDR_F_PHASE_CHANGE;
        p.max_compact = (uint16_t)h->max_compact;
        p.min_dense = (uint16_t)h->min_dense;
    }
    if (e->times || h->times) {
        p.flags |= OHDR_F_TIMES;
        p.atime = p.mtime = p.ctime = p.btime = edit_now();
    }
    return p;
}

HI5_INT bool
edit_has_mtime(const struct edit *e, const struct edit_header *h,
               const struct ohdr_prefix *p)
{
    return p->version == 1 && (e->times || h->times);
}

HI5_INT struct msg_space
edit_space(const struct edit *e, const hi5_shape *shape)
{
    const bool old = e->compat == HI5_COMPAT_EARLIEST && shape->kind != HI5_NULL;

    return (struct msg_space){
        .version = old ? 1 : 2, .flags = shape->rank != 0, .shape = *shape};
}

HI5_INT hi5_charset
edit_charset(const void *name, size_t n)
{
    const uint8_t *const p = name;

    for (size_t i = 0; i < n; i++)
        if (p[i] >= 0x80)
            return HI5_UTF8;
    return HI5_ASCII;
}

/* The messages that are made here, each by its codec. */
static void
edit_code(struct cur *c, unsigned type, unsigned depth, void *from)
{
    switch (type) {
    case MSG_SPACE:
        msg_space_code(c, from);
        break;
    case MSG_LINK_INFO:
        msg_link_info_code(c, from);
        break;
    case MSG_TYPE:
        msg_type_code(c, from, depth);
        break;
    case MSG_FILL_OLD:
        msg_fill_old_code(c, from);
        break;
    case MSG_FILL:
        msg_fill_code(c, from);
        break;
    case MSG_LINK:
        msg_link_code(c, from);
        break;
    case MSG_EFL:
        msg_efl_code(c, from);
        break;
    case MSG_LAYOUT:
        msg_layout_code(c, from);
        break;
    case MSG_GROUP_INFO:
        msg_group_info_code(c, from);
        break;
    case MSG_PLINE:
        msg_pline_code(c, from);
        break;
    case MSG_ATTR:
        msg_attr_code(c, from);
        break;
    case MSG_STAB:
        msg_stab_code(c, from);
        break;
    case MSG_SOHM:
        msg_sohm_code(c, from);
        break;
    case MSG_BTREE_K:
        msg_btree_k_code(c, from);
        break;
    case MSG_COMMENT:
        msg_comment_code(c, from);
        break;
    case MSG_MTIME:
        msg_mtime_code(c, from);
        break;
    case MSG_DRIVER:
        msg_driver_code(c, from);
        break;
    case MSG_ATTR_INFO:
        msg_attr_info_code(c, from);
        break;
    case MSG_FSINFO:
        msg_fsinfo_code(c, from);
        break;
    default:
        cur_fail(c, HI5_E_INTERNAL, "message type", "%u is not written", type);
    }
}

static hi5_status
edit_code_with(struct cur *c, const struct meta *m, unsigned type, unsigned flags,
               void *from)
{
    c->off_w = m->off_w;
    c->len_w = m->len_w;
    if (flags & MSG_F_SHARED)
        msg_shared_code(c, from);
    else
        edit_code(c, type, m->limits.depth, from);
    return c->status;
}

/* Most messages are small, and need not be measured first. */
HI5_INT hi5_status
edit_message(const struct meta *m, struct arena *a, unsigned type, unsigned flags,
             void *from, struct ohdr_put *out, hi5_error *err)
{
    uint8_t few[EDIT_FEW], *body;
    struct cur c = cur_writer(few, sizeof few, NULL);
    const bool done = edit_code_with(&c, m, type, flags, from) == HI5_OK;
    size_t n;

    if (!done) {
        c = cur_sizer(err);
        TRY(edit_code_with(&c, m, type, flags, from));
    }
    n = c.pos;
    body = arena_alloc(a, n);
    if (body == NULL)
        return mem_fail(a->mem, n, err);
    *out = (struct ohdr_put){.type = (uint16_t)type, .flags = (uint8_t)flags,
                             .body = body, .size = n};
    if (done) {
        memcpy(body, few, n);
        return HI5_OK;
    }
    c = cur_writer(body, n, err);
    return edit_code_with(&c, m, type, flags, from);
}
