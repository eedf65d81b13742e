/*
 * file_driver.c - one address space from several files: family, split, multi
 */
#include "base/err.h"
#include "base/io.h"
#include "base/journal.h"
#include "file/file.h"
#include "format/ohdr.h"
#include <stdio.h>
#include <string.h>

#define DRIVER_PATH 4096u
#define DRIVER_MEMBERS 100000u

/* ---- what a file says about its driver ---- */

struct driver_info {
    char name[9];
    const uint8_t *data;       /* in the arena */
    size_t n;
};

static hi5_status
driver_info_block(struct meta *m, uint64_t addr, struct arena *a, struct driver_info *i,
                  hi5_error *err)
{
    struct driver_block db;
    struct block *b;
    struct cur c;

    TRY(meta_pin(m, addr, meta_clip(m, addr, 1024), "driver block", &b, err));
    c = meta_cursor(m, b, b->size, a, err);
    driver_block_code(&c, &db);
    if (cur_ok(&c)) {
        memcpy(i->name, db.name, sizeof i->name);
        i->n = db.size;
        i->data = arena_copy(a, db.data, db.size);
        if (i->data == NULL)
            c.status = mem_fail(a->mem, db.size, err);
    }
    meta_unpin(m, b);
    return c.status;
}

static hi5_status
driver_info_message(struct meta *m, uint64_t addr, struct arena *a, struct driver_info *i,
                    bool *found, hi5_error *err)
{
    const struct ohdr_msg *msg;
    struct msg_driver md;
    struct ohdr *h;
    struct cur c;

    TRY(ohdr_read(m, addr, a, &h, err));
    msg = ohdr_first(h, MSG_DRIVER);
    if (msg == NULL)
        return HI5_OK;
    c = meta_cursor_at(m, msg->body, msg->size, msg->addr, a, err);
    msg_driver_code(&c, &md);
    if (!cur_ok(&c))
        return c.status;
    memcpy(i->name, md.name, sizeof i->name);
    i->data = md.data;
    i->n = md.len;
    *found = true;
    return HI5_OK;
}

static hi5_status
driver_info_read(struct meta *m, struct arena *a, struct driver_info *i, hi5_error *err)
{
    struct superblock sb;
    bool found = false;
    uint64_t at;

    TRY(m->io.get_size(m->io.ctx, &m->eof, err));
    TRY(superblock_find(m, &sb, &at, err));
    if (sb.version < 2 && sb.driver != ADDR_NONE)
        return driver_info_block(m, sb.driver, a, i, err);
    if (sb.version >= 2 && sb.extension != ADDR_NONE)
        TRY(driver_info_message(m, sb.extension, a, i, &found, err));
    return found ? HI5_OK
                 : err_plain(err, HI5_E_CORRUPT, "the file does not say how it is split");
}

/* ---- family ---- */

/* A list of parts that grows. */
struct driver_parts {
    const hi5_allocator *alloc;
    struct io_part *part;
    size_t n, room;
};

static hi5_status
driver_add(struct driver_parts *p, uint64_t start, hi5_io *io, hi5_error *err)
{
    uint64_t size;
    hi5_status s = io->get_size(io->ctx, &size, err);

    if (s == HI5_OK && p->n == p->room) {
        const size_t room = p->room != 0 ? p->room * 2 : 8;
        struct io_part *q = mem_raw(p->alloc, p->part, p->room * sizeof *q,
                                    room * sizeof *q);
        if (q == NULL) {
            s = err_nomem(err);
        } else {
            p->part = q;
            p->room = room;
        }
    }
    if (s != HI5_OK) {
        io_close(io);
        return s;
    }
    p->part[p->n++] = (struct io_part){start, size, *io};
    return HI5_OK;
}

/* Hand the parts over, or close them. */
static hi5_status
driver_finish(struct driver_parts *p, hi5_status s, hi5_io *io, hi5_error *err)
{
    if (s == HI5_OK)
        s = io_open_parts(p->alloc, p->part, p->n, io, err);
    else
        for (size_t i = 0; i < p->n; i++)
            io_close(&p->part[i].io);
    if (p->part != NULL)
        mem_raw(p->alloc, p->part, p->room * sizeof *p->part, 0);
    return s;
}

static hi5_status
driver_family(const hi5_allocator *alloc, const char *path, hi5_io *io, hi5_error *err)
{
    struct driver_parts p = {.alloc = alloc};
    char name[DRIVER_PATH];
    hi5_status s = HI5_OK;

    if (!io_family_is(path))
        return err_plain(err, HI5_E_ARG, "'%s' is not a family: it needs one %%d", path);
    for (unsigned i = 0; s == HI5_OK && i < DRIVER_MEMBERS; i++) {
        hi5_io member;
        if (!io_family_name(name, sizeof name, path, i))
            s = err_plain(err, HI5_E_ARG, "the name is too long");
        else if (i > 0 && !io_exists(name))
            break;
        if (s == HI5_OK)
            s = io_open_file(alloc, name, &member, err);
        if (s == HI5_OK)
            s = driver_add(&p, i > 0 ? i * p.part[0].size : 0, &member, err);
    }
    return driver_finish(&p, s, io, err);
}

/* How large the members of a family are that is to be written. */
static hi5_status
driver_family_size(const hi5_allocator *alloc, const char *path, uint64_t *size,
                   hi5_error *err)
{
    struct driver_info i = {.n = 0};
    uint64_t start;
    hi5_io io;
    struct mem mem;
    struct meta m;
    struct arena a;
    bool unfinished;
    hi5_status s;

    TRY(driver_family(alloc, path, &io, err));
    if (io_range(&io, 1, size, &start)) { /* the second begins where the first ends */
        io_close(&io);
        return HI5_OK;
    }
    s = journal_recover(&io, alloc, false, &unfinished, err);
    mem_init(&mem, alloc, meta_limits(NULL).memory);
    meta_init(&m, &mem, &io, NULL);
    arena_init(&a, &mem);
    if (s == HI5_OK)
        s = driver_info_read(&m, &a, &i, err);
    if (s == HI5_OK && (strcmp(i.name, "NCSAfami") != 0 || i.n < 8 ||
                        (*size = cur_raw_uint(i.data, 8)) == 0))
        s = err_plain(err, HI5_E_CORRUPT, "the file does not say how large the members "
                      "of its family are");
    arena_done(&a);
    meta_done(&m);
    mem_done(&mem);
    io_close(&io);
    return s;
}

/* ---- split and multi ----
 *
 * Usage types: 1 superblock, 2 B-tree, 3 raw data, 4 global heap, 5 local heap, 6 object
 * header. The map tells which type's member file holds each. */

/* Fill in the template of a member ("%s-m.h5"). */
static bool
driver_multi_name(char *out, size_t cap, const char *template, const char *base)
{
    const char *at = strstr(template, "%s");
    int k;

    if (at == NULL)
        k = snprintf(out, cap, "%s", template);
    else
        k = snprintf(out, cap, "%.*s%s%s", (int)(at - template), template, base, at + 2);
    return k >= 0 && (size_t)k < cap;
}

static hi5_status
driver_multi_parse(struct meta *m, const struct driver_info *i, struct arena *a,
                   struct driver_multi *d, hi5_error *err)
{
    struct cur c = meta_cursor_at(m, i->data, i->n, ADDR_NONE, a, err);

    driver_multi_code(&c, d); /* names point into the data */
    return c.status;
}

/* Read the map out of the member that has the superblock. */
static hi5_status
driver_multi_map(struct meta *m, struct arena *a, struct driver_multi *d, hi5_error *err)
{
    struct driver_info i;

    TRY(driver_info_read(m, a, &i, err));
    return driver_multi_parse(m, &i, a, d, err);
}

static hi5_status
driver_multi_parts(const struct driver_multi *d, const char *base,
                   const hi5_allocator *alloc, hi5_io *io, hi5_error *err)
{
    struct driver_parts p = {.alloc = alloc};
    char name[DRIVER_PATH];
    hi5_status s = HI5_OK;
    bool done[7] = {false};

    for (unsigned t = 1; s == HI5_OK && t <= 6; t++) {
        const unsigned who = d->map[t] != 0 ? d->map[t] : t;
        hi5_io member;
        if (who > 6 || done[who] || d->name[who] == NULL)
            continue;
        done[who] = true;
        if (!driver_multi_name(name, sizeof name, d->name[who], base))
            s = err_plain(err, HI5_E_ARG, "the name is too long");
        if (s == HI5_OK)
            s = io_open_file(alloc, name, &member, err);
        if (s == HI5_OK)
            s = driver_add(&p, d->start[who], &member, err);
    }
    for (size_t i = 0; i < p.n; i++) /* a member ends where the next begins */
        for (size_t k = 0; k < p.n; k++)
            if (p.part[k].start > p.part[i].start &&
                p.part[k].start - p.part[i].start < p.part[i].size)
                p.part[i].size = p.part[k].start - p.part[i].start;
    return driver_finish(&p, s, io, err);
}

static hi5_status
driver_multi(const hi5_allocator *alloc, const char *path, const char *suffix,
             hi5_io *io, hi5_error *err)
{
    struct driver_multi d = {{0}, {0}, {0}, {NULL}};
    char name[DRIVER_PATH];
    hi5_io first;
    struct mem mem;
    struct meta m;
    struct arena a;
    hi5_status s;

    if ((size_t)snprintf(name, sizeof name, "%s%s", path, suffix) >= sizeof name)
        return err_plain(err, HI5_E_ARG, "the name is too long");
    TRY(io_open_file(alloc, name, &first, err));
    mem_init(&mem, alloc, meta_limits(NULL).memory);
    meta_init(&m, &mem, &first, NULL);
    arena_init(&a, &mem);
    s = driver_multi_map(&m, &a, &d, err);
    if (s == HI5_OK)
        s = driver_multi_parts(&d, path, alloc, io, err);
    arena_done(&a);
    meta_done(&m);
    mem_done(&mem);
    io_close(&first);
    return s;
}

/* ---- choosing ---- */

static bool
driver_has(const char *path, const char *suffix)
{
    char name[DRIVER_PATH];

    return (size_t)snprintf(name, sizeof name, "%s%s", path, suffix) < sizeof name &&
           io_exists(name);
}

HI5_INT hi5_status
file_open_driver(const hi5_allocator *alloc, const char *path, hi5_driver driver,
                 hi5_io *io, hi5_error *err)
{
    hi5_status s;

    if (driver == HI5_DRIVER_AUTO) {
        s = io_open_file(alloc, path, io, err);
        if (s != HI5_E_NOTFOUND)
            return s;
        if (io_family_is(path))
            driver = HI5_DRIVER_FAMILY;
        else if (driver_has(path, "-m.h5"))
            driver = HI5_DRIVER_SPLIT;
        else if (driver_has(path, "-s.h5"))
            driver = HI5_DRIVER_MULTI;
        else
            return s;
        err_clear(err);
    }
    switch (driver) {
    case HI5_DRIVER_FAMILY:
        return driver_family(alloc, path, io, err);
    case HI5_DRIVER_SPLIT:
        return driver_multi(alloc, path, "-m.h5", io, err);
    case HI5_DRIVER_MULTI:
        return driver_multi(alloc, path, "-s.h5", io, err);
    case HI5_DRIVER_AUTO:
    case HI5_DRIVER_PLAIN:
        break;
    }
    return io_open_file(alloc, path, io, err);
}

HI5_INT hi5_status
file_write_driver(const struct file_options *o, const char *path, uint64_t member,
                  enum io_create create, hi5_io *io, hi5_error *err)
{
    const bool lock = !o->no_lock, old = create == IO_EXISTING;
    char name[DRIVER_PATH];
    hi5_driver driver = o->driver;

    if (driver == HI5_DRIVER_SPLIT || driver == HI5_DRIVER_MULTI)
        return err_plain(err, HI5_E_UNSUPPORTED, "split and multi files are only read");
    if (driver != HI5_DRIVER_FAMILY) {
        const hi5_status s = io_write_file(o->allocator, path, create, lock, io, err);
        if (s != HI5_E_NOTFOUND || driver != HI5_DRIVER_AUTO || !old || !io_family_is(path))
            return s;
        err_clear(err);
    }
    if (!io_family_is(path))
        return err_plain(err, HI5_E_ARG, "'%s' is not a family: it needs one %%d", path);
    if (old || (create == IO_CREATE && io_family_name(name, sizeof name, path, 0) &&
                io_exists(name)))
        TRY(driver_family_size(o->allocator, path, &member, err));
    return io_write_family(o->allocator, path, member, create, lock, io, err);
}
