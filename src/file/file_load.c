/*
 * file_load.c - what a file says about itself: superblock and extension
 */
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include "base/journal.h"
#include "file/directory.h"
#include "format/ohdr.h"
#include "format/sohm_edit.h"
#include <string.h>

#define FILE_MEMORY_LEAST ((uint64_t)160 << 20)
#define FILE_MEMORY_PER_BYTE 64u

/* ---- the superblock extension ---- */

static hi5_status
load_sohm(hi5_file *f, struct cur *c, hi5_error *err)
{
    struct msg_sohm m;

    msg_sohm_code(c, &m);
    if (!cur_ok(c))
        return c->status;
    f->sohm.n = m.nindexes;
    f->shared.table_addr = m.addr;
    f->shared.table = &f->sohm;
    return sohm_load(&f->meta, m.addr, &f->sohm, err);
}

static hi5_status
load_cache_image(hi5_file *f, struct cur *c, hi5_error *err)
{
    struct msg_mdci m;
    struct overlay *overlays;
    size_t n;

    msg_mdci_code(c, &m);
    if (!cur_ok(c))
        return c->status;
    if (m.addr == ADDR_NONE || m.size == 0)
        return HI5_OK; /* no image */
    TRY(mdci_load(&f->meta, m.addr, m.size, &f->arena, &overlays, &n, err));
    f->meta.overlays = overlays;
    f->meta.noverlays = n;
    meta_drop(&f->meta, 0, UINT64_MAX);
    f->cache_image = true;
    f->image = m;
    return HI5_OK;
}

static hi5_status
load_btree_k(hi5_file *f, struct cur *c)
{
    struct msg_btree_k m = {0};

    msg_btree_k_code(c, &m);
    if (!cur_ok(c))
        return c->status;
    f->super.chunk_k = m.chunk;
    f->super.internal_k = m.group_internal;
    f->super.leaf_k = m.group_leaf;
    return HI5_OK;
}

/* The free-space settings of a file that a library changed without knowing the message
 * are stale: the defaults hold. */
static hi5_status
load_fsinfo(hi5_file *f, struct cur *c, unsigned flags)
{
    struct msg_fsinfo m;

    msg_fsinfo_code(c, &m);
    if (!cur_ok(c))
        return c->status;
    if (!(flags & MSG_F_WAS_UNKNOWN))
        f->fsinfo = m;
    return HI5_OK;
}

static hi5_status
load_extension_message(hi5_file *f, const struct ohdr_msg *m, hi5_error *err)
{
    struct cur c = meta_cursor_at(&f->meta, m->body, m->size, m->addr, &f->arena, err);
    struct msg_driver d;

    switch (m->type) {
    case MSG_SOHM:
        return load_sohm(f, &c, err);
    case MSG_BTREE_K:
        return load_btree_k(f, &c);
    case MSG_FSINFO:
        return load_fsinfo(f, &c, m->flags);
    case MSG_MDCI:
        return load_cache_image(f, &c, err);
    case MSG_DRIVER:
        msg_driver_code(&c, &d);
        if (cur_ok(&c))
            memcpy(f->driver_name, d.name, sizeof f->driver_name);
        return c.status;
    default:
        return HI5_OK;
    }
}

static hi5_status
load_extension(hi5_file *f, hi5_error *err)
{
    struct arena a;
    struct ohdr *h;
    hi5_status s;

    arena_init(&a, &f->mem);
    s = ohdr_read(&f->meta, f->super.extension, &a, &h, err);
    for (size_t i = 0; s == HI5_OK && i < h->nmsgs; i++)
        s = load_extension_message(f, &h->msg[i], err);
    arena_done(&a);
    return err_path(err, s, NULL, "superblock extension") == HI5_OK ? HI5_OK : s;
}

/* ---- the driver block of old superblocks ---- */

static hi5_status
load_driver_block(hi5_file *f, hi5_error *err)
{
    struct driver_block d;
    struct block *b;
    struct cur c;

    TRY(meta_pin(&f->meta, f->super.driver, meta_clip(&f->meta, f->super.driver, 1024),
                 "driver information block", &b, err));
    c = meta_cursor(&f->meta, b, b->size, NULL, err);
    driver_block_code(&c, &d);
    if (cur_ok(&c))
        memcpy(f->driver_name, d.name, sizeof f->driver_name);
    meta_unpin(&f->meta, b);
    return c.status;
}

/* ---- all of it ---- */

/* The stored end counts from the start of the file, user block included; in a file that
 * got or lost a user block, from where the superblock believed it to be. */
static uint64_t
load_end(const hi5_file *f, uint64_t at)
{
    if (f->super.eof == ADDR_NONE)
        return f->file_size;
    return f->super.eof + at - f->super.base;
}

static hi5_status
load_check_end(hi5_file *f, uint64_t end, hi5_error *err)
{
    if (end <= f->file_size)
        return HI5_OK;
    if (f->options.salvage || (f->super.version >= 3 && (f->super.flags & 4) != 0)) {
        file_warn(f, "the file is shorter than recorded: %llu bytes, not %llu",
                  (unsigned long long)f->file_size, (unsigned long long)end);
        return HI5_OK;
    }
    return err_set(err, HI5_E_TRUNCATED, ADDR_NONE, "superblock", "end of file", "II.A",
                   "the file is truncated: %llu bytes, %llu expected",
                   (unsigned long long)f->file_size, (unsigned long long)end);
}

/* What is spread over several files has no one end. */
static void
load_warn_trailing(hi5_file *f, uint64_t end)
{
    if (end < f->file_size && f->driver_name[0] == '\0')
        file_warn(f, "%llu bytes follow the end of the file as recorded",
                  (unsigned long long)(f->file_size - end));
}

/* The validator goes on without a part that is damaged. */
static hi5_status
load_optional(const hi5_file *f, hi5_status s, hi5_error *err)
{
    if (f->meta.watch == NULL || s == HI5_E_NOMEM || s == HI5_E_IO)
        return s;
    err_clear(err);
    return HI5_OK;
}

/* EVIL-24: a small file cannot need much memory, unless it means to take it. What it
 * stores decompresses, and what it says of itself takes more room when decoded. */
HI5_INT uint64_t
file_memory(const hi5_limits *limits, uint64_t size)
{
    const uint64_t most = meta_limits(limits).memory;
    uint64_t n;

    if (limits->memory != 0 || !ckd_mul64(size, FILE_MEMORY_PER_BYTE, &n) ||
        !ckd_add64(n, FILE_MEMORY_LEAST, &n))
        return most;
    return n < most ? n : most;
}

/* The bytes that are there: between the parts of a file that is split is nothing. */
static uint64_t
load_stored(const hi5_file *f)
{
    uint64_t start, size, n = 0;
    size_t i;

    for (i = 0; io_range(&f->meta.io, i, &start, &size); i++)
        n += size;
    return i != 0 ? n : f->file_size;
}

/* The superblock of the file as it is. *end: where it says that the file ends. */
static hi5_status
load_superblock(hi5_file *f, uint64_t *end, hi5_error *err)
{
    uint64_t at;

    TRY(f->meta.io.get_size(f->meta.io.ctx, &f->file_size, err));
    if (!f->options.write) /* a file that is written to is not what it will be */
        f->mem.limit = file_memory(&f->options.limits, load_stored(f));
    f->meta.base = 0;
    f->meta.eof = f->file_size;
    TRY(superblock_find(&f->meta, &f->super, &at, err));
    *end = load_end(f, at);
    return HI5_OK;
}

/* Finish a commit that was cut short. Its journal lies behind the end of the file as the
 * superblock has it before and after the commit, or the superblock is one of the things
 * that were being changed. *found: the file is another one now. */
static hi5_status
load_journal(hi5_file *f, hi5_status s, uint64_t end, bool *found, hi5_error *err)
{
    const bool write = f->options.write && f->meta.io.truncate != NULL;

    *found = false;
    if (s == HI5_OK && end == f->file_size && f->super.eof != ADDR_NONE)
        return HI5_OK;
    if (s == HI5_E_NOMEM || s == HI5_E_IO)
        return s;
    TRY(journal_recover(&f->meta.io, f->options.allocator, write, found, err));
    if (*found)
        meta_drop(&f->meta, 0, UINT64_MAX);
    return HI5_OK;
}

/* What a journal replaces is not judged by the validator. */
static hi5_status
load_start(hi5_file *f, uint64_t *end, hi5_error *err)
{
    struct cur_watch *const watch = f->meta.watch;
    hi5_status s;
    bool found;

    f->meta.watch = NULL;
    s = load_superblock(f, end, err);
    TRY(load_journal(f, s, *end, &found, err));
    f->meta.watch = watch;
    return found || watch != NULL ? load_superblock(f, end, err) : s;
}

HI5_INT hi5_status
file_load(hi5_file *f, hi5_error *err)
{
    uint64_t end = 0;

    f->fsinfo = (struct msg_fsinfo){.version = 1, .threshold = 1, .page_size = 4096};
    TRY(load_start(f, &end, err));
    TRY(load_check_end(f, end, err));
    f->shared = (struct shared_env){&f->meta, NULL, &f->options.plugins, ADDR_NONE};
    if (f->super.version >= 3 && (f->super.flags & 5) != 0)
        file_warn(f, "the file was not closed properly, or is being written: "
                     "consistency flags 0x%02x", (unsigned)f->super.flags);
    if (f->super.version < 2 && f->super.driver != ADDR_NONE)
        TRY(load_optional(f, load_driver_block(f, err), err));
    if (f->super.version >= 2 && f->super.extension != ADDR_NONE)
        TRY(load_optional(f, load_extension(f, err), err));
    load_warn_trailing(f, end);
    TRY(gheap_create(&f->meta, &f->gheap, err));
    return dirs_create(f, &f->dirs, err);
}

/* ---- asking ---- */

void
hi5_file_get_info(const hi5_file *f, hi5_file_info *info)
{
    const struct superblock *s = &f->super;

    *info = (hi5_file_info){
        .superblock_version = s->version,
        .offset_size = s->off_w,
        .length_size = s->len_w,
        .base_address = f->meta.base,
        .userblock_size = f->meta.base,
        .end_of_file = s->eof,
        .file_size = f->file_size,
        .root_address = s->root,
        .extension_address = s->version >= 2 ? s->extension : ADDR_NONE,
        .consistency_flags = s->flags,
        .group_leaf_k = s->leaf_k,
        .group_internal_k = s->internal_k,
        .chunk_k = s->chunk_k,
        .fspace_strategy = f->fsinfo.strategy,
        .fspace_persist = f->fsinfo.persist != 0,
        .fspace_threshold = f->fsinfo.threshold,
        .fspace_page_size = f->fsinfo.page_size,
        .sohm_indexes = f->sohm.n,
        .cache_image = f->cache_image,
    };
    memcpy(info->driver_name, f->driver_name, sizeof info->driver_name);
}

const char *
hi5_file_path(const hi5_file *f)
{
    return f->path;
}

uint64_t
hi5_file_number(const hi5_file *f)
{
    return f->number;
}

hi5_status
hi5_file_read_bytes(hi5_file *f, uint64_t address, void *buf, size_t n, hi5_error *err)
{
    return err_path(err, meta_read(&f->meta, address, buf, n, err), f->path, NULL);
}
