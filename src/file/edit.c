/*
 * edit.c - a file that is being written: calls, commits, the superblock
 */
#include "file/edit.h"
#include "base/err.h"
#include "base/io.h"
#include "file/directory.h"
#include "file/gheap_edit.h"
#include <string.h>

#define EDIT_COMMIT_BYTES (256u << 20)
#define EDIT_SUPERBLOCK 512u /* more than any superblock takes */

/* What hi5 does not keep up to date, and what it cannot write, is only read. */
static hi5_status
edit_check_file(const hi5_file *f, hi5_error *err)
{
    const char *what = NULL;

    if (f->meta.io.write_at == NULL || f->meta.io.truncate == NULL)
        what = "its byte source cannot be written";
    else if (f->cache_image)
        what = "it has a metadata cache image";
    else if (f->fsinfo.persist != 0 || f->fsinfo.strategy == 1)
        what = "it keeps track of its free space";
    else if (f->sohm.n != 0)
        what = "it shares messages";
    else if (f->driver_name[0] != '\0')
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
    e = mem_zalloc(&f->mem, 1, sizeof *e);
    if (e == NULL)
        return mem_fail(&f->mem, sizeof *e, err);
    e->file = f;
    e->compat = edit_compat(f);
    e->times = f->options.times;
    e->commit_bytes =
        f->options.commit_bytes != 0 ? f->options.commit_bytes : EDIT_COMMIT_BYTES;
    f->edit = e;
    return HI5_OK;
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
    if (s.eof == f->super.eof && s.flags == f->super.flags)
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

HI5_INT hi5_status
edit_commit(hi5_file *f, bool durable, hi5_error *err)
{
    struct stage *const st = f->meta.stage;
    hi5_status s;

    TRY(stage_check(&f->meta, err));
    TRY(edit_settle(f, err));
    s = edit_groups_settle(f, err);
    if (s != HI5_OK)
        return stage_break(&f->meta, s);
    stage_trim(&f->meta);
    if (st->n == 0 && st->npages == 0 && st->written == 0 && f->meta.eof == st->committed)
        return durable && f->meta.io.sync != NULL ? f->meta.io.sync(f->meta.io.ctx, err)
                                                  : HI5_OK;
    TRY(edit_put_superblock(f, err));
    TRY(stage_commit(&f->meta, durable, err));
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
    edit_groups_drop(f);
    datasets_drop(f);
    gheap_edit_close(f);
    stage_abort(&f->meta);
    s->eof = s->base + f->meta.eof;
    meta_drop(&f->meta, 0, UINT64_MAX);
    dirs_drop(f->dirs, ADDR_NONE);
    gheap_forget(f->gheap);
    f->edit->version++;
    return HI5_OK;
}

/* ---- what new headers have in common ---- */

HI5_INT uint32_t
edit_now(void)
{
    return (uint32_t)io_now();
}

HI5_INT struct ohdr_prefix
edit_prefix(const struct edit *e, bool tracked, bool indexed)
{
    struct ohdr_prefix p = {.version = 2, .refcount = 1, .max_compact = 8, .min_dense = 6};

    if (e->compat == HI5_COMPAT_EARLIEST && !tracked)
        p.version = 1;
    if (tracked)
        p.flags |= OHDR_F_ORDER_TRACKED;
    if (indexed)
        p.flags |= OHDR_F_ORDER_INDEXED;
    if (e->times && p.version == 2) {
        p.flags |= OHDR_F_TIMES;
        p.atime = p.mtime = p.ctime = p.btime = edit_now();
    }
    return p;
}

HI5_INT hi5_status
edit_message(const struct meta *m, struct arena *a, unsigned type, unsigned flags,
             edit_code_fn code, void *from, struct ohdr_put *out, hi5_error *err)
{
    struct cur c = cur_sizer(err);
    uint8_t *body;

    c.off_w = m->off_w;
    c.len_w = m->len_w;
    code(&c, from);
    if (!cur_ok(&c))
        return c.status;
    body = arena_alloc(a, c.pos);
    if (body == NULL)
        return mem_fail(a->mem, c.pos, err);
    *out = (struct ohdr_put){.type = (uint16_t)type, .flags = (uint8_t)flags,
                             .body = body, .size = c.pos};
    c = cur_writer(body, c.pos, err);
    c.off_w = m->off_w;
    c.len_w = m->len_w;
    code(&c, from);
    return c.status;
}
