/*
 * file_create.c - new files
 *
 * A new file is made with a stage of its own, superblock and an empty root group, and
 * committed; then it is opened like any other.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include "file/edit.h"
#include <string.h>

#define CREATE_SUPERBLOCK 96u /* room for the longest that is written: version 1, O = 8 */

static hi5_status
create_check(const hi5_create_options *o, hi5_error *err)
{
    const unsigned w[2] = {o->offset_size, o->length_size};

    if (o->size != sizeof *o)
        return err_plain(err, HI5_E_ARG, "hi5_create_options.size is %zu, expected %zu",
                         o->size, sizeof *o);
    for (unsigned i = 0; i < 2; i++)
        if (w[i] != 0 && w[i] != 2 && w[i] != 4 && w[i] != 8)
            return err_plain(err, HI5_E_ARG, "the size of offsets or lengths is %u; it can "
                             "be 2, 4 or 8", w[i]);
    if (o->userblock != 0 && (o->userblock < 512 || !ckd_is_pow2(o->userblock)))
        return err_plain(err, HI5_E_ARG, "a user block of %llu bytes; it can have 0, 512, "
                         "1024, 2048, ...", (unsigned long long)o->userblock);
    if (o->group_leaf_k > 32767 || o->group_internal_k > 32767 || o->chunk_k > 32767)
        return err_plain(err, HI5_E_ARG, "K is more than 32767");
    return HI5_OK;
}

static struct superblock
create_superblock(const hi5_create_options *o, hi5_compat compat)
{
    const uint16_t chunk_k = o->chunk_k != 0 ? (uint16_t)o->chunk_k : 32;

    return (struct superblock){
        .version = compat == HI5_COMPAT_EARLIEST ? (chunk_k != 32)
                   : compat == HI5_COMPAT_V18    ? 2
                                                 : 3,
        .off_w = o->offset_size != 0 ? (uint8_t)o->offset_size : 8,
        .len_w = o->length_size != 0 ? (uint8_t)o->length_size : 8,
        .leaf_k = o->group_leaf_k != 0 ? (uint16_t)o->group_leaf_k : 4,
        .internal_k = o->group_internal_k != 0 ? (uint16_t)o->group_internal_k : 16,
        .chunk_k = chunk_k,
        .base = o->userblock,
        .extension = ADDR_NONE,
        .driver = ADDR_NONE,
        .fsinfo = ADDR_NONE,
    };
}

/* Superblocks from version 2 on say what is not usual in an extension. */
static void
create_code_k(struct cur *c, void *m)
{
    msg_btree_k_code(c, m);
}

static hi5_status
create_extension(struct meta *m, struct superblock *s, hi5_error *err)
{
    struct msg_btree_k k = {s->chunk_k, s->internal_k, s->leaf_k};
    const struct ohdr_prefix p = {.version = 2, .refcount = 1, .max_compact = 8,
                                  .min_dense = 6};
    struct ohdr_put put;
    struct arena a;
    hi5_status st;

    if (s->version < 2 || (k.chunk == 32 && k.group_internal == 16 && k.group_leaf == 4))
        return HI5_OK;
    arena_init(&a, m->mem);
    st = edit_message(m, &a, MSG_BTREE_K, MSG_F_DONT_SHARE, create_code_k, &k, &put, err);
    if (st == HI5_OK)
        st = ohdr_create(m, &p, &put, 1, 0, &s->extension, err);
    arena_done(&a);
    return st;
}

/* The root group and the superblock that leads to it. The superblock is written last: it
 * counts as committed space. */
static hi5_status
create_content(struct meta *m, const struct edit *e, const hi5_create_options *o,
               struct superblock *s, size_t superblock_size, hi5_error *err)
{
    const hi5_group_options group = {.size = sizeof group, .track_order = o->track_order,
                                     .index_order = o->index_order};
    struct msg_stab stab = {ADDR_NONE, ADDR_NONE};
    struct staged *b;
    struct cur c;

    TRY(group_make(m, e, s, &group, &s->root, &stab, err));
    TRY(create_extension(m, s, err));
    s->root_entry = (struct ste){.header = s->root, .btree = stab.btree,
                                 .heap = stab.heap,
                                 .cache = stab.btree != ADDR_NONE ? STE_STAB : STE_NONE};
    s->eof = s->base + m->eof;
    TRY(stage_new_at(m, 0, superblock_size, &b, err));
    c = stage_cursor(m, b, 0, err);
    superblock_code(&c, s);
    if (!cur_ok(&c))
        return c.status;
    return stage_commit(m, false, err);
}

static hi5_status
create_blank(const hi5_io *io, const hi5_create_options *o,
             const struct file_options *open, hi5_error *err)
{
    const hi5_compat compat =
        open->compat != HI5_COMPAT_DEFAULT ? open->compat : HI5_COMPAT_V18;
    const struct edit e = {.compat = compat, .times = open->times};
    struct superblock s = create_superblock(o, compat), probe = s;
    struct cur size = cur_sizer(err);
    struct mem mem;
    struct meta m;
    hi5_status st;

    probe.root = 0;
    probe.eof = 0;
    probe.root_entry = (struct ste){.btree = ADDR_NONE, .heap = ADDR_NONE};
    superblock_code(&size, &probe);
    if (!cur_ok(&size))
        return size.status;
    TRY(io->truncate(io->ctx, 0, err));
    mem_init(&mem, open->allocator, meta_limits(&open->limits).memory);
    meta_init(&m, &mem, io, &open->limits);
    m.off_w = s.off_w;
    m.len_w = s.len_w;
    m.base = s.base;
    m.eof = size.pos;
    st = stage_open(&m, m.eof, err);
    if (st == HI5_OK)
        st = create_content(&m, &e, o, &s, size.pos, err);
    stage_close(&m);
    meta_done(&m);
    mem_done(&mem);
    return st;
}

/* Fill in `io`, or close it. */
static hi5_status
create_in(hi5_io *io, const char *name, const hi5_create_options *o,
          const struct file_options *open, hi5_file **f, hi5_error *err)
{
    const hi5_status s = create_blank(io, o, open, err);

    if (s != HI5_OK) {
        io_close(io);
        return err_path(err, s, name, NULL);
    }
    return file_open_io(io, name, open, NULL, 0, f, err);
}

static hi5_status
create_options(const hi5_create_options *in, hi5_create_options *o,
               struct file_options *open, hi5_error *err)
{
    *o = (hi5_create_options){.size = sizeof *o};
    if (in != NULL)
        *o = *in;
    TRY(create_check(o, err));
    TRY(file_read_options(o->open, open, err));
    open->write = true;
    return HI5_OK;
}

hi5_status
hi5_create(const char *path, const hi5_create_options *options, hi5_file **f,
           hi5_error *err)
{
    hi5_create_options o;
    struct file_options open;
    hi5_io io;
    uint64_t size = 0;

    *f = NULL;
    err_clear(err);
    TRY(create_options(options, &o, &open, err));
    if (open.driver != HI5_DRIVER_AUTO && open.driver != HI5_DRIVER_PLAIN)
        return err_plain(err, HI5_E_UNSUPPORTED,
                         "files that are spread over several are only read");
    TRY(io_write_file(open.allocator, path,
                      o.exclusive ? IO_EXCLUSIVE
                      : o.keep    ? IO_CREATE
                                  : IO_TRUNCATE,
                      !open.no_lock, &io, err));
    if (o.keep && !o.exclusive) {
        const hi5_status s = io.get_size(io.ctx, &size, err);
        if (s != HI5_OK) {
            io_close(&io);
            return s;
        }
    }
    if (size != 0)
        return file_open_io(&io, path, &open, NULL, 0, f, err);
    return create_in(&io, path, &o, &open, f, err);
}

hi5_status
hi5_create_memory(const hi5_create_options *options, hi5_file **f, hi5_error *err)
{
    hi5_create_options o;
    struct file_options open;
    hi5_io io;

    *f = NULL;
    err_clear(err);
    TRY(create_options(options, &o, &open, err));
    TRY(io_write_memory(open.allocator, NULL, 0, &io, err));
    return create_in(&io, NULL, &o, &open, f, err);
}

hi5_status
hi5_create_io(const hi5_io *io, const char *name, const hi5_create_options *options,
              hi5_file **f, hi5_error *err)
{
    hi5_create_options o;
    struct file_options open;
    hi5_io copy;
    hi5_status s;

    *f = NULL;
    err_clear(err);
    if (io == NULL || io->size != sizeof *io || io->read_at == NULL ||
        io->get_size == NULL || io->write_at == NULL || io->truncate == NULL)
        return err_plain(err, HI5_E_ARG, "hi5_io: size, read_at, get_size, write_at and "
                         "truncate are needed");
    copy = *io;
    s = create_options(options, &o, &open, err);
    if (s != HI5_OK) {
        io_close(&copy);
        return s;
    }
    return create_in(&copy, name, &o, &open, f, err);
}

hi5_status
hi5_file_image(hi5_file *f, const void **bytes, size_t *n, hi5_error *err)
{
    *bytes = NULL;
    *n = 0;
    err_clear(err);
    if (f->edit == NULL || io_memory_bytes(&f->meta.io, n) == NULL)
        return err_plain(err, HI5_E_STATE, "the file is not one made in memory");
    TRY(edit_commit(f, false, err));
    *bytes = io_memory_bytes(&f->meta.io, n);
    return HI5_OK;
}
