/*
 * editing.c - open a file for writing, follow a script, and keep what becomes of it
 *
 * The file is in memory, on a disk that can die in the middle of a write, with an
 * allocator that can fail; what it is afterwards is judged by others.
 */
#include "editing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EDITING_STEPS 40u
#define EDITING_MOST ((size_t)64 << 20) /* bytes that the disk has */
#define EDITING_SECTOR 512u
#define EDITING_MEMORY (128u << 20)

/* ---- the disk ---- */

static hi5_status
editing_disk_failed(hi5_error *err)
{
    if (err != NULL) {
        memset(err, 0, sizeof *err);
        err->status = HI5_E_IO;
        strcpy(err->message, "the disk fails");
    }
    return HI5_E_IO;
}

/* Does this write fail? */
static bool
editing_disk_ends(struct editing_disk *d)
{
    if (!d->dead && d->writes_left != 0 && --d->writes_left == 0)
        d->dead = true;
    return d->dead;
}

static hi5_status
editing_disk_cut(struct editing_disk *d, uint64_t size, hi5_error *err)
{
    if (size > EDITING_MOST)
        return editing_disk_failed(err);
    if (size > d->room) {
        d->room = 2 * (size_t)size;
        d->bytes = realloc(d->bytes, d->room);
        if (d->bytes == NULL)
            exit(2);
    }
    if (size > d->n)
        memset(d->bytes + d->n, 0, (size_t)size - d->n);
    d->n = (size_t)size;
    return HI5_OK;
}

static hi5_status
editing_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct editing_disk *const d = ctx;

    if (offset > d->n || n > d->n - offset) {
        editing_disk_failed(err);
        if (err != NULL)
            err->status = HI5_E_TRUNCATED;
        return HI5_E_TRUNCATED;
    }
    if (n != 0)
        memcpy(buf, d->bytes + offset, n);
    return HI5_OK;
}

static hi5_status
editing_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct editing_disk *)ctx)->n;
    return HI5_OK;
}

/* A write that fails may have done a part of its work: whole sectors. */
static hi5_status
editing_write(void *ctx, uint64_t offset, const void *buf, size_t n, hi5_error *err)
{
    struct editing_disk *const d = ctx;
    const bool dead = d->dead, ends = editing_disk_ends(d);
    size_t some = dead ? 0 : n;

    if (ends && !dead) {
        const uint64_t end = (offset + n / 2) / EDITING_SECTOR * EDITING_SECTOR;
        some = end > offset ? (size_t)(end - offset) : 0;
    }
    if (some != 0) {
        if (offset > EDITING_MOST || some > EDITING_MOST - offset)
            return editing_disk_failed(err);
        if (offset + some > d->n && editing_disk_cut(d, offset + some, err) != HI5_OK)
            return HI5_E_IO;
        memcpy(d->bytes + offset, buf, some);
    }
    return ends ? editing_disk_failed(err) : HI5_OK;
}

static hi5_status
editing_truncate(void *ctx, uint64_t size, hi5_error *err)
{
    struct editing_disk *const d = ctx;

    return editing_disk_ends(d) ? editing_disk_failed(err)
                                : editing_disk_cut(d, size, err);
}

static hi5_io
editing_io(struct editing *x)
{
    return (hi5_io){.size = sizeof(hi5_io), .ctx = &x->disk, .read_at = editing_read,
                    .get_size = editing_size, .write_at = editing_write,
                    .truncate = editing_truncate};
}

/* ---- memory ---- */

static void *
editing_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    struct editing *const x = ctx;

    if (new_size != 0 && x->allocations_left != 0 && --x->allocations_left == 0)
        return NULL;
    return x->outer.resize(x->outer.ctx, p, old_size, new_size);
}

/* ---- the script ---- */

unsigned
editing_byte(struct editing *x)
{
    if (x->left == 0)
        return 0;
    x->left--;
    return *x->p++;
}

unsigned
editing_below(struct editing *x, unsigned n)
{
    return editing_byte(x) % n;
}

uint64_t
editing_random(struct editing *x)
{
    uint64_t r = x->state += 0x9e3779b97f4a7c15u;

    r = (r ^ r >> 30) * 0xbf58476d1ce4e5b9u;
    r = (r ^ r >> 27) * 0x94d049bb133111ebu;
    return r ^ r >> 31;
}

void
editing_wrong(struct editing *x, const char *what, const char *more)
{
    if (x->e->wrong[0] == '\0')
        snprintf(x->e->wrong, sizeof x->e->wrong, "%s: %s", what, more);
}

/* Was the file given up for what is the caller's fault? */
static bool
editing_harmed(const char *message)
{
    static const hi5_status faults[] = {HI5_E_NOTFOUND, HI5_E_EXISTS, HI5_E_TYPE,
                                        HI5_E_ARG, HI5_E_STATE};
    bool harmed = false;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        char words[64];
        snprintf(words, sizeof words, "failed half way (%s)", hi5_status_name(faults[i]));
        harmed |= strstr(message, words) != NULL;
    }
    return harmed;
}

bool
editing_did(struct editing *x, hi5_status s, const hi5_error *err, const char *what)
{
    x->e->steps++;
    x->e->done += s == HI5_OK;
    if (x->e->talk)
        printf("  %s: %s\n", what, s == HI5_OK ? "done" : err->message);
    if (s == HI5_E_INTERNAL)
        editing_wrong(x, what, err->message);
    if (s == HI5_E_STATE && x->e->sound && !x->faulty && editing_harmed(err->message))
        editing_wrong(x, "what was refused did harm", err->message);
    if (s == HI5_E_NOMEM || s == HI5_E_IO || s == HI5_E_STATE)
        x->faulty = true;
    return s == HI5_OK;
}

/* ---- paths ---- */

const char *
editing_path(struct editing *x)
{
    return x->npaths != 0 ? x->path[editing_below(x, x->npaths)] : "/";
}

void
editing_know(struct editing *x, const char *path)
{
    if (x->npaths < EDITING_PATHS && strlen(path) < EDITING_PATH)
        strcpy(x->path[x->npaths++], path);
}

/* In a group, or below what is none; some names are long, some taken. */
void
editing_new_path(struct editing *x, char *path, size_t size)
{
    const char *const in = editing_path(x);
    const unsigned how = editing_byte(x), n = how % 16;

    if (how < 0x80)
        snprintf(path, size, "%s/n%u", strcmp(in, "/") == 0 ? "" : in, x->made++);
    else if (how < 0xf0)
        snprintf(path, size, "%s/n%u", strcmp(in, "/") == 0 ? "" : in, n);
    else
        snprintf(path, size, "%s/a%0*u", strcmp(in, "/") == 0 ? "" : in,
                 (int)(10 + 40 * n), x->made++);
}

/* The links of a group. */
struct editing_links {
    struct editing *x;
    unsigned group;
};

static hi5_status
editing_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    const struct editing_links *const y = ctx;
    const char *const in = y->x->path[y->group];
    char path[2 * EDITING_PATH];

    (void)err;
    if (l->kind != HI5_LINK_HARD || strlen(l->name) >= EDITING_PATH)
        return HI5_OK;
    snprintf(path, sizeof path, "%s/%s", strcmp(in, "/") == 0 ? "" : in, l->name);
    editing_know(y->x, path);
    return y->x->npaths < EDITING_PATHS ? HI5_OK : HI5_E_STATE;
}

void
editing_look(struct editing *x)
{
    struct editing_links y = {x, 0};
    hi5_error err;
    hi5_group *g;

    x->npaths = 0;
    editing_know(x, "/");
    for (; y.group < x->npaths && x->npaths < EDITING_PATHS && x->f != NULL; y.group++)
        if (hi5_group_open(x->f, x->path[y.group], &g, &err) == HI5_OK) {
            const hi5_status s =
                hi5_group_each(g, HI5_BY_NAME, false, editing_link, &y, &err);
            if (s == HI5_E_INTERNAL)
                editing_wrong(x, "links", err.message);
            hi5_group_close(g);
        }
}

/* ---- the file ---- */

void
editing_let_go(struct editing *x)
{
    hi5_object_close(x->object);
    hi5_dataset_close(x->dataset);
    x->object = NULL;
    x->dataset = NULL;
}

static bool
editing_open(struct editing *x)
{
    const hi5_io io = editing_io(x);
    hi5_error err;
    const hi5_status s = hi5_open_io(&io, "edited.h5", &x->open, &x->f, &err);

    editing_did(x, s, &err, "open");
    return s == HI5_OK;
}

static void
editing_close(struct editing *x)
{
    hi5_error err;

    if (x->f != NULL)
        editing_did(x, hi5_close(x->f, &err), &err, "close");
    x->f = NULL;
    editing_let_go(x); /* after the file: handles may be closed in any order */
    x->disk.writes_left = x->allocations_left = 0;
    x->disk.dead = false;
}

void
editing_reopen(struct editing *x)
{
    editing_close(x);
    x->faulty = false;
    if (editing_open(x))
        editing_look(x);
}

void
editing_new_file(struct editing *x, hi5_open_options *open, hi5_create_options *o)
{
    static const unsigned char widths[] = {0, 0, 4, 2};
    static const hi5_shared_index shared[] = {
        {HI5_SHARE_TYPE | HI5_SHARE_SPACE, 8}, {HI5_SHARE_FILL | HI5_SHARE_FILTERS, 1}};
    const unsigned first = editing_byte(x);
    unsigned how = editing_byte(x);

    *open = x->open;
    open->compat = (hi5_compat)(first % (HI5_COMPAT_LATEST + 1));
    *o = (hi5_create_options){.size = sizeof *o, .open = open};
    o->track_order = how & 1;
    o->index_order = (how & 3) == 3;
    o->userblock = how & 4 ? 512 : 0;
    o->offset_size = widths[how >> 3 & 3];
    o->length_size = widths[how >> 5 & 3];
    o->group_leaf_k = o->group_internal_k = o->chunk_k = how & 0x80 ? 2 : 0;
    if (first < 0x40)
        return;
    how = editing_byte(x);
    o->shared = shared;
    o->nshared = how % 4 < 3 ? how % 4 : 1;
    o->shared_list_max = how & 4 ? 3 : 0;
    o->shared_btree_min = how & 4 ? 2 : 0;
    o->fs_strategy = (hi5_fspace)(how >> 3 & 3);
    o->fs_persist = how & 32;
    o->fs_page_size = o->fs_strategy == HI5_FSPACE_PAGE ? 512 : 0;
    open->alignment = how & 64 ? 64 : 0;
    open->alignment_threshold = how & 128 ? 100 : 0;
}

static bool
editing_create(struct editing *x)
{
    const hi5_io io = editing_io(x);
    hi5_open_options open;
    hi5_create_options o;
    hi5_error err;

    editing_new_file(x, &open, &o);
    x->open.compat = open.compat;
    x->open.alignment = open.alignment;
    x->open.alignment_threshold = open.alignment_threshold;
    return editing_did(x, hi5_create_io(&io, "edited.h5", &o, &x->f, &err), &err,
                       "create");
}

void
mut_edit(const struct mut_file *f, const hi5_open_options *open, const uint8_t *script,
         size_t n, struct mut_edited *e)
{
    struct editing x = {.p = script, .left = n, .open = *open, .e = e};
    const hi5_limits limits = {.size = sizeof limits, .memory = EDITING_MEMORY};
    const hi5_allocator allocator = {&x, editing_resize};
    const size_t size = f->nparts != 0 ? f->part[0].n : f->n;
    hi5_error err;

    if (open->limits == NULL) /* a file that is written may take as much as it likes */
        x.open.limits = &limits;
    x.outer = *open->allocator;
    x.open.allocator = &allocator;
    x.open.others = HI5_OTHERS_FORBID;
    x.open.write = true;
    if (f->members || editing_disk_cut(&x.disk, size, &err) != HI5_OK)
        return;
    if (size != 0)
        memcpy(x.disk.bytes, f->bytes, size);
    if (f->n == 0 ? editing_create(&x) : editing_open(&x)) {
        editing_look(&x);
        for (unsigned i = 0; i < EDITING_STEPS && x.left != 0 && x.f != NULL; i++)
            editing_step(&x, editing_byte(&x) % EDITING_CODES);
        editing_close(&x);
    }
    e->f = (struct mut_file){.path = f->path, .bytes = x.disk.bytes, .n = x.disk.n};
}
