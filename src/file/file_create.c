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
#include "format/sohm_edit.h"
#include <string.h>

#define FAMILY_LEAST 1024u /* the superblock and its driver block are in one file */
#define CREATE_DRIVER 24u /* bytes of the driver block of a family */
#define FAMILY_USUAL 0x7fffffffu /* as h5py has it */

/* FREE-18: a user block of other than whole pages does not go with pages. */
static hi5_status
create_check_space(const hi5_create_options *o, hi5_error *err)
{
    const uint64_t page = o->fs_page_size != 0 ? o->fs_page_size : 4096;

    if ((unsigned)o->fs_strategy > HI5_FSPACE_NONE)
        return err_plain(err, HI5_E_ARG, "unknown file space strategy");
    if (page < 512 || page > (uint64_t)1 << 30)
        return err_plain(err, HI5_E_ARG, "file space pages of %llu bytes; they can have 512 "
                         "to 2^30", (unsigned long long)page);
    if (o->fs_strategy == HI5_FSPACE_PAGE && o->userblock % page != 0)
        return err_plain(err, HI5_E_ARG, "a user block of %llu bytes is not a multiple of "
                         "the page size, %llu", (unsigned long long)o->userblock,
                         (unsigned long long)page);
    return HI5_OK;
}

/* The rules of H5Pset_shared_mesg_index and _phase_change. */
static hi5_status
create_check_shared(const hi5_create_options *o, hi5_error *err)
{
    unsigned seen = 0;

    if (o->nshared > SOHM_INDEXES)
        return err_plain(err, HI5_E_ARG, "%zu indexes of shared messages; there can be %u",
                         o->nshared, SOHM_INDEXES);
    for (size_t i = 0; i < o->nshared; i++) {
        const unsigned kinds = o->shared[i].kinds;

        if (kinds == 0 || (kinds & ~(unsigned)HI5_SHARE_ALL) != 0)
            return err_plain(err, HI5_E_ARG, "index %zu of shared messages has none, or "
                             "some that cannot be shared: 0x%x", i, kinds);
        if ((kinds & seen) != 0)
            return err_plain(err, HI5_E_ARG, "two indexes of shared messages have the same "
                             "kind: 0x%x", kinds & seen);
        seen |= kinds;
    }
    if (o->shared_list_max > SOHM_LIST_MOST ||
        o->shared_btree_min > o->shared_list_max + 1)
        return err_plain(err, HI5_E_ARG, "a list of %u shared messages, a B-tree of %u; a "
                         "list can have %u, and a B-tree as many as a list and one",
                         o->shared_list_max, o->shared_btree_min, SOHM_LIST_MOST);
    return HI5_OK;
}

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
    if (o->member_size != 0 && o->member_size < FAMILY_LEAST)
        return err_plain(err, HI5_E_ARG, "members of %llu bytes; they have at least %u",
                         (unsigned long long)o->member_size, FAMILY_LEAST);
    if (o->group_leaf_k > 32767 || o->group_internal_k > 32767 || o->chunk_k > 32767)
        return err_plain(err, HI5_E_ARG, "K is more than 32767");
    TRY(create_check_space(o, err));
    TRY(create_check_shared(o, err));
    return o->root != NULL ? group_check_options(o->root, err) : HI5_OK;
}

/* What the file says of its free space. As with libhdf5, only files whose space is managed
 * remember it. */
static struct msg_fsinfo
create_space(const hi5_create_options *o)
{
    const bool managed =
        o->fs_strategy == HI5_FSPACE_FSM_AGGR || o->fs_strategy == HI5_FSPACE_PAGE;

    return space_message(o->fs_strategy, managed && o->fs_persist,
                         managed && o->fs_threshold != 0 ? o->fs_threshold : 1,
                         o->fs_page_size != 0 ? o->fs_page_size : 4096);
}

/* Is there anything to say? */
static bool
create_says_space(const struct msg_fsinfo *m)
{
    return m->strategy != HI5_FSPACE_FSM_AGGR || m->persist || m->threshold != 1 ||
           m->page_size != 4096;
}

static struct superblock
create_superblock(const hi5_create_options *o, hi5_compat compat)
{
    const uint16_t chunk_k = o->chunk_k != 0 ? (uint16_t)o->chunk_k : 32;
    const struct msg_fsinfo space = create_space(o);
    const bool extended = create_says_space(&space) || o->nshared != 0; /* U-SB-9 */

    return (struct superblock){
        .version = compat == HI5_COMPAT_EARLIEST && !extended ? (chunk_k != 32)
                   : compat <= HI5_COMPAT_V18                 ? 2
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

/* What a superblock says beside itself of a family: how large each file is. */
struct create_family {
    uint64_t member;           /* 0: it is none */
    uint8_t size[8];
};

static struct create_family
create_family(const hi5_io *io)
{
    struct create_family f = {.member = io_family_member(io)};

    for (unsigned i = 0; i < 8; i++)
        f.size[i] = (uint8_t)(f.member >> 8 * i);
    return f;
}

/* The table of shared messages, which has none yet. */
static hi5_status
create_shared(struct meta *m, const hi5_create_options *o, struct msg_sohm *put,
              hi5_error *err)
{
    const bool usual = o->shared_list_max == 0 && o->shared_btree_min == 0;
    const unsigned most = usual ? 50 : o->shared_list_max;
    struct sohm_table t = {.n = (unsigned)o->nshared};

    for (unsigned i = 0; i < t.n; i++)
        t.index[i] = (struct sohm_index){
            .type = most == 0,
            .msg_flags = (uint16_t)o->shared[i].kinds,
            .min_size = o->shared[i].min_size,
            .list_max = (uint16_t)most,
            .btree_min = (uint16_t)(usual       ? 40
                                    : most == 0 ? 0
                                                : o->shared_btree_min),
            .index = ADDR_NONE,
            .heap = ADDR_NONE};
    put->nindexes = (uint8_t)t.n;
    return sohm_create(m, &t, &put->addr, err);
}

/* Superblocks from version 2 on say what is not usual in an extension. */
static hi5_status
create_extension(struct meta *m, struct superblock *s, const hi5_create_options *o,
                 hi5_error *err)
{
    const struct create_family family = create_family(&m->io);
    struct msg_btree_k k = {s->chunk_k, s->internal_k, s->leaf_k};
    struct msg_driver d = {.name = "NCSAfami", .len = 8, .data = family.size};
    struct msg_fsinfo space = create_space(o);
    const struct ohdr_prefix p = {.version = 2, .refcount = 1, .max_compact = 8,
                                  .min_dense = 6};
    struct msg_sohm shared;
    struct ohdr_put put[4];
    hi5_status st = HI5_OK;
    struct arena a;
    size_t n = 0;

    if (s->version < 2)
        return HI5_OK;
    arena_init(&a, m->mem);
    if (o->nshared != 0) {
        st = create_shared(m, o, &shared, err);
        if (st == HI5_OK)
            st = edit_message(m, &a, MSG_SOHM, MSG_F_CONSTANT | MSG_F_DONT_SHARE, &shared,
                              &put[n++], err);
    }
    if (st == HI5_OK && (k.chunk != 32 || k.group_internal != 16 || k.group_leaf != 4))
        st = edit_message(m, &a, MSG_BTREE_K, MSG_F_DONT_SHARE, &k, &put[n++], err);
    if (st == HI5_OK && family.member != 0)
        st = edit_message(m, &a, MSG_DRIVER, MSG_F_DONT_SHARE, &d, &put[n++], err);
    if (st == HI5_OK && create_says_space(&space)) /* U-FSI-5 */
        st = edit_message(m, &a, MSG_FSINFO, MSG_F_DONT_SHARE | MSG_F_MARK, &space,
                          &put[n++], err);
    if (st == HI5_OK && n != 0)
        st = ohdr_create(m, &p, put, n, 0, &s->extension, err);
    arena_done(&a);
    return st;
}

/* Older ones lead to a block, which is right behind them. */
static hi5_status
create_driver_block(struct meta *m, const struct superblock *s, hi5_error *err)
{
    const struct create_family family = create_family(&m->io);
    struct driver_block d = {.name = "NCSAfami", .size = 8, .data = family.size};
    struct staged *b;
    struct cur c;

    if (s->driver == ADDR_NONE)
        return HI5_OK;
    TRY(stage_new_at(m, s->driver, CREATE_DRIVER, &b, err));
    c = stage_cursor(m, b, 0, err);
    driver_block_code(&c, &d);
    return c.status;
}

/* The root group and the superblock that leads to it. The superblock is written last: it
 * counts as committed space. */
static hi5_status
create_content(struct meta *m, const struct edit *e, const hi5_create_options *o,
               struct superblock *s, size_t superblock_size, hi5_error *err)
{
    hi5_group_options group = {.size = sizeof group};
    struct msg_stab stab = {ADDR_NONE, ADDR_NONE};
    struct staged *b;
    struct cur c;

    if (e->root != NULL)
        group = e->root->group;
    else if (o->root != NULL)
        group = *o->root;
    group.track_order |= o->track_order;
    group.index_order |= o->index_order;
    TRY(group_make(m, e, s, &group, &s->root, &stab, err));
    TRY(create_extension(m, s, o, err));
    TRY(create_driver_block(m, s, err));
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

/* A first page holds more than what is in a new file. */
#define CREATE_HOLES 8u

struct create_rest {
    size_t n;
    struct space_hole hole[CREATE_HOLES];
};

/* With pages, superblock and root group are on the first ones, which are metadata's. */
static hi5_status
create_first_page(struct meta *m, uint64_t page, hi5_error *err)
{
    const uint64_t from = m->eof;

    stage_keep_apart(m, page);
    m->eof = page;
    return stage_found(m, POOL_META, from, page - from, err);
}

static void
create_note_rest(const struct meta *m, struct create_rest *rest)
{
    uint64_t start = 0, size;

    for (unsigned i = 0; i < POOLS; i++)
        for (uint64_t at = 0; rest->n < CREATE_HOLES; at = start + size) {
            extents_has(&m->stage->free[i], at, &start, &size);
            if (size == 0)
                break;
            rest->hole[rest->n++] = (struct space_hole){(enum stage_pool)i, start, size};
        }
}

static hi5_status
create_blank(const hi5_io *io, const hi5_create_options *o,
             const struct file_options *open, struct create_rest *rest, hi5_error *err)
{
    const hi5_compat compat =
        open->compat != HI5_COMPAT_DEFAULT ? open->compat : HI5_COMPAT_V18;
    const struct edit e = {.compat = compat, .times = open->times, .root = open->root};
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
    if (io_family_member(io) != 0 && s.version < 2) {
        s.driver = size.pos;
        m.eof += CREATE_DRIVER;
    }
    st = stage_open(&m, m.eof, err);
    if (st == HI5_OK && o->fs_strategy == HI5_FSPACE_PAGE)
        st = create_first_page(&m, create_space(o).page_size, err);
    if (st == HI5_OK)
        st = create_content(&m, &e, o, &s, size.pos, err);
    if (st == HI5_OK)
        create_note_rest(&m, rest);
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
    struct create_rest rest = {0};
    hi5_status s = create_blank(io, o, open, &rest, err);

    if (s != HI5_OK) {
        io_close(io);
        return err_path(err, s, name, NULL);
    }
    TRY(file_open_io(io, name, open, NULL, 0, f, err));
    s = space_begin(*f, rest.hole, rest.n, err);
    if (s == HI5_OK)
        s = space_settle(*f, err);
    if (s == HI5_OK)
        s = edit_commit(*f, false, err);
    if (s != HI5_OK) {
        hi5_close(*f, NULL);
        *f = NULL;
    }
    return s;
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

HI5_INT hi5_status
file_create(const char *path, const hi5_create_options *options,
            const struct edit_root *root, hi5_file **f, hi5_error *err)
{
    hi5_create_options o;
    struct file_options open;
    hi5_io io;
    uint64_t size = 0;

    *f = NULL;
    err_clear(err);
    TRY(create_options(options, &o, &open, err));
    open.root = root;
    if (open.driver == HI5_DRIVER_FAMILY && o.userblock != 0)
        return err_plain(err, HI5_E_UNSUPPORTED, "a family with a user block, of which "
                         "releases of libhdf5 disagree where it is");
    TRY(file_write_driver(&open, path, o.member_size != 0 ? o.member_size : FAMILY_USUAL,
                          o.exclusive ? IO_EXCLUSIVE
                          : o.keep    ? IO_CREATE
                                      : IO_TRUNCATE,
                          &io, err));
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
hi5_create(const char *path, const hi5_create_options *options, hi5_file **f,
           hi5_error *err)
{
    return file_create(path, options, NULL, f, err);
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
