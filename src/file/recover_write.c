/*
 * recover_write.c - the file that is made of what can be saved
 *
 * Objects are copied as they are told, without links: their elements as far as they can
 * be read, the attributes that can. Then groups get their links, those to what is lost
 * left out, and what nothing leads to goes to /lost+found. References come last, as with
 * any copy. The file has a name of its own until all of it is there.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include "file/recover.h"
#include "file/write.h"
#include <stdio.h>
#include <string.h>

#define RWRITE_PIECE ((uint64_t)1 << 20)
#define RWRITE_EMPTY                                                                   \
    ((uint64_t)1 << 30)  /* bytes of a dataset that may be missing, and */
#define RWRITE_TIMES 64u /* how many times those that are there */
#define RWRITE_NOTE "hi5_recovered"
#define RWRITE_NOTE_LINKS "hi5_recovered_links"
#define RWRITE_FOLDER "/lost+found"
#define RWRITE_TRIES 1000u

/* ---- texts ---- */

/* What a text has no room for is left out. */
struct rwrite_text {
    size_t n;
    uint64_t more; /* items */
    char p[2048];
};

HI5_INT void
recover_write_next(struct recover *r)
{
    r->out.failed = r->out.parts = r->out.shown = 0;
    r->out.n = 0;
    r->out.text[0] = '\0';
}

HI5_INT void
recover_write_part(struct recover *r, unsigned rank, const uint64_t *start,
                   const uint64_t *count)
{
    struct recover_out *const out = &r->out;
    char p[HI5_MAX_RANK * 44 + 8];
    size_t n = 0;

    if (out->to == NULL)
        return;
    n += (size_t)snprintf(p, sizeof p, "%s[", out->n != 0 ? ", " : "");
    for (unsigned i = 0; i < rank; i++)
        n += (size_t)snprintf(p + n, sizeof p - n, "%s%llu:%llu", i != 0 ? ", " : "",
                              (unsigned long long)start[i],
                              (unsigned long long)(start[i] + count[i]));
    n += (size_t)snprintf(p + n, sizeof p - n, "]");
    if (out->shown != out->parts++ || n >= sizeof out->text - out->n)
        return;
    out->shown++;
    memcpy(out->text + out->n, p, n + 1);
    out->n += n;
}

/* ---- notes ---- */

static hi5_status
rwrite_note(struct recover_out *out, size_t i, const char *name, const char *text)
{
    hi5_object *o;
    hi5_status s;

    TRY(object_open(out->to, out->copy.entry[i].to, NULL, &o, &out->err));
    s = hi5_attribute_write_string(o, name, text, &out->err);
    hi5_object_close(o);
    return copy_passes(&out->copy, s) ? HI5_OK : s;
}

/* What the parts of a dataset are. */
static const char *
rwrite_unit(hi5_object *o)
{
    hi5_dataset *d = NULL;
    const char *unit = "elements";

    if (o != NULL && dataset_open(o, NULL, &d, NULL) == HI5_OK)
        unit = d->layout.cls == HI5_CHUNKED   ? "chunks"
               : d->layout.cls == HI5_VIRTUAL ? "mappings"
                                              : unit;
    hi5_dataset_close(d);
    return unit;
}

/* What is missing of the object that was just copied. */
static hi5_status
rwrite_note_state(struct recover_out *out, size_t i, const hi5_salvaged *s)
{
    char text[sizeof out->text + 1536];
    size_t n;

    n = (size_t)snprintf(text, sizeof text, "%s",
                         s->state == HI5_WHOLE     ? "whole but for attributes"
                         : s->state == HI5_PARTIAL ? "partial"
                                                   : "lost");
    if (s->kind == HI5_KIND_DATASET && s->state != HI5_WHOLE)
        n += (size_t)snprintf(text + n, sizeof text - n, ": %llu of %llu %s are there",
                              (unsigned long long)s->good, (unsigned long long)s->parts,
                              rwrite_unit(s->object));
    if (s->attributes_lost != 0)
        n += (size_t)snprintf(
            text + n, sizeof text - n, "; %llu of %llu attributes lost",
            (unsigned long long)s->attributes_lost, (unsigned long long)s->attributes);
    if (out->n != 0)
        n += (size_t)snprintf(text + n, sizeof text - n, "; missing: %s", out->text);
    if (out->shown < out->parts)
        n += (size_t)snprintf(text + n, sizeof text - n, ", and %llu more",
                              (unsigned long long)(out->parts - out->shown));
    if (s->reason[0] != '\0')
        snprintf(text + n, sizeof text - n, "; %.900s", s->reason);
    return rwrite_note(out, i, RWRITE_NOTE, text);
}

/* ---- elements of partial datasets ---- */

static hi5_status
rwrite_chunk(void *ctx, const struct cix_chunk *k, hi5_error *err)
{
    struct copy_data *const x = ctx;
    struct recover *const r = x->c->salvage->ctx;
    const hi5_status s = copy_chunk(x, k);

    if (copy_passes(x->c, s)) {
        r->out.failed++;
        return HI5_OK;
    }
    if (s != HI5_OK && err != NULL)
        *err = *x->c->err;
    return s;
}

static hi5_status
rwrite_put(struct copy_data *x, uint64_t at, const uint8_t *buf, size_t n)
{
    struct dataset_edit *const e = x->e;

    if (e->layout.cls == HI5_CONTIGUOUS)
        TRY(stage_write(&x->c->to->meta, e->layout.addr + at, buf, n, x->c->err));
    else
        memcpy(e->compact + (size_t)at, buf, n);
    return copy_progress(x->c, n);
}

/* The first bytes. */
static hi5_status
rwrite_bytes(struct copy_data *x, uint64_t there)
{
    const struct msg_layout *const l = &x->d->layout;
    struct mem *const mem = x->c->mem;
    uint8_t *buf;
    hi5_status s = HI5_OK;

    if (l->cls == HI5_COMPACT)
        return rwrite_put(x, 0, l->data, (size_t)there);
    buf = mem_alloc(mem, RWRITE_PIECE);
    if (buf == NULL)
        return mem_fail(mem, RWRITE_PIECE, x->c->err);
    for (uint64_t at = 0; at < there && s == HI5_OK; at += RWRITE_PIECE) {
        const size_t n =
            (size_t)(there - at < RWRITE_PIECE ? there - at : RWRITE_PIECE);

        s = meta_read(&x->d->file->meta, l->addr + at, buf, n, x->c->err);
        if (s == HI5_OK)
            s = rwrite_put(x, at, buf, n);
    }
    mem_free(mem, buf, RWRITE_PIECE);
    return s;
}

/* Rows of the first dimension, of elements that lead elsewhere. */
static hi5_status
rwrite_rows(struct copy_data *x, uint64_t there)
{
    const hi5_shape *const shape = &x->d->shape;
    struct recover *const r = x->c->salvage->ctx;
    struct mem *const mem = x->c->mem;
    uint64_t start[HI5_MAX_RANK] = {0}, count[HI5_MAX_RANK] = {1}, each = 1;
    size_t row;
    uint8_t *buf;
    hi5_status s = HI5_OK;

    for (unsigned i = 1; i < shape->rank; i++)
        each *= count[i] = shape->dims[i];
    if (!ckd_size(each, &row) || !ckd_mul_size(row, x->e->type->size, &row) ||
        (buf = mem_alloc(mem, row)) == NULL)
        return mem_fail(mem, each, x->c->err);
    for (; s == HI5_OK && (start[0] + 1) * row <= there; start[0]++) {
        s = copy_read_box(x, start, count, each, buf, x->c->err);
        if (s == HI5_OK)
            s = rwrite_put(x, start[0] * row, buf, row);
        else if (copy_passes(x->c, s))
            s = (r->out.failed++, HI5_OK);
    }
    mem_free(mem, buf, row);
    return s;
}

static hi5_status
rwrite_plain(struct copy_data *x)
{
    const struct recover *const r = x->c->salvage->ctx;
    struct dataset_edit *const e = x->e;
    uint64_t bytes = 0, there;
    hi5_status s;

    TRY(dataset_bytes(x->d, &bytes, x->c->err));
    there = recover_bytes(r, x->d, bytes);
    there -= there % x->d->type->size;
    /* NOTE(lib): where there is neither space nor a fill value, reading fails. */
    if (there == 0)
        return e->layout.cls == HI5_CONTIGUOUS &&
                       e->fill.status == HI5_FILL_UNDEFINED && bytes <= RWRITE_EMPTY
                   ? write_allocate(e, false, x->c->err)
                   : HI5_OK;
    if (bytes - there > RWRITE_EMPTY && bytes / RWRITE_TIMES > there)
        return err_plain(x->c->err, HI5_E_LIMIT,
                         "of %llu bytes only %llu are there: it is left empty",
                         (unsigned long long)bytes, (unsigned long long)there);
    if (e->layout.cls == HI5_CONTIGUOUS)
        TRY(write_allocate(e, false, x->c->err));
    else
        write_fill(e, e->compact, hi5_shape_count(&e->shape));
    s = x->convert ? rwrite_rows(x, there) : rwrite_bytes(x, there);
    if (e->layout.cls == HI5_COMPACT)
        e->layout_changed = true;
    return s;
}

static hi5_status
rwrite_elements(void *ctx, struct copy_data *x)
{
    struct recover *const r = ctx;

    switch ((hi5_layout_kind)x->e->layout.cls) {
    case HI5_COMPACT:
    case HI5_CONTIGUOUS:
        return rwrite_plain(x);
    case HI5_CHUNKED:
        if (x->d->cix == NULL || hi5_shape_count(&x->d->shape) == 0)
            return HI5_OK;
        return recover_chunks(r, x->d, rwrite_chunk, x, x->c->err);
    case HI5_VIRTUAL:
        break;
    }
    return HI5_OK;
}

/* ---- objects ---- */

static bool
rwrite_is_root(const struct recover *r, const hi5_salvaged *s)
{
    return r->root_known && s->address == r->file->super.root;
}

/* The root group, which is there; or a group whose header is broken, without what that
 * says of it. */
static hi5_status
rwrite_plain_group(struct recover *r, const hi5_salvaged *s, size_t *i)
{
    struct recover_out *const out = &r->out;
    const hi5_group_options usual = {.size = sizeof usual};
    struct copy_entry e = {
        .from = s->address, .stored = 1, .source = out->source, .kind = HI5_KIND_GROUP};
    struct msg_stab stab;
    hi5_status t;

    if (rwrite_is_root(r, s)) {
        e.to = out->to->super.root;
        e.refs = 1;
        TRY(copy_add(&out->copy, &e, i));
        if (s->object == NULL)
            return HI5_OK;
        t = copy_fill_header(&out->copy, *i, true);
        return copy_passes(&out->copy, t) ? HI5_OK : t;
    }
    TRY(group_new(out->to, &usual, &e.to, &stab, &out->err));
    return copy_add(&out->copy, &e, i);
}

/* Virtual datasets are copied as they are described, whatever their sources say. */
static hi5_status
rwrite_no_file(void *ctx, hi5_other_kind kind, const char *name, hi5_io *io,
               hi5_error *err)
{
    (void)ctx;
    (void)kind;
    (void)io;
    return err_plain(err, HI5_E_NOTFOUND, "'%.100s' is not looked for", name);
}

/* While objects are copied other files are not there, rather than forbidden. */
static void
rwrite_forbid(struct recover *r, bool forbid)
{
    struct file_options *const o = &r->file->options;

    o->others = forbid ? HI5_OTHERS_FORBID : HI5_OTHERS_CALL;
    o->others_open = forbid ? NULL : rwrite_no_file;
}

static hi5_status
rwrite_object(struct recover *r, const hi5_salvaged *s, size_t *i)
{
    struct recover_out *const out = &r->out;
    const bool partial = s->kind == HI5_KIND_DATASET && s->state != HI5_WHOLE;
    const struct copy_entry *e;
    hi5_status t;

    if (s->kind == HI5_KIND_GROUP && (s->object == NULL || rwrite_is_root(r, s)))
        return rwrite_plain_group(r, s, i);
    t = copy_meet(&out->copy, out->source, s->address, partial ? COPY_PARTIAL : 0, i);
    if (t == HI5_OK && s->kind == HI5_KIND_DATATYPE) {
        t = copy_fill_header(&out->copy, *i, false);
        out->copy.entry[*i].flags |= COPY_FILLED;
        return copy_passes(&out->copy, t) ? HI5_OK : t;
    }
    if (t == HI5_OK || !copy_passes(&out->copy, t))
        return t;
    /* Something is wrong with its elements that was not seen when they were read. */
    e = copy_find(&out->copy, out->source, s->address);
    if (e == NULL || e->kind != HI5_KIND_DATASET)
        return HI5_E_NOTFOUND;
    *i = (size_t)(e - out->copy.entry);
    if (partial)
        return HI5_E_LIMIT;
    out->copy.entry[*i].flags |= COPY_PARTIAL;
    t = copy_dataset_later(&out->copy, *i);
    return t == HI5_OK || copy_passes(&out->copy, t) ? HI5_E_LIMIT : t;
}

/* Less was copied than could be read. */
static void
rwrite_correct(const struct recover_out *out, hi5_salvaged *s)
{
    s->verified = false;
    s->good = out->failed < s->good ? s->good - out->failed : 0;
    s->state = out->failed != 0 && s->good != 0 ? HI5_PARTIAL : HI5_LOST;
    if (s->reason[0] == '\0')
        s->reason = "its elements can be read, but not copied";
}

static bool
rwrite_broken(struct recover *r, hi5_status s)
{
    if (s != HI5_OK && !check_broken(&r->k)) {
        r->k.broken = s;
        r->k.why = r->out.err;
    }
    return check_broken(&r->k);
}

HI5_INT void
recover_write(struct recover *r, const struct recover_task *t, hi5_salvaged *s,
              hi5_error *why)
{
    struct recover_out *const out = &r->out;
    hi5_status status;
    size_t i = 0;

    (void)why;
    if (out->to == NULL || check_broken(&r->k))
        return;
    if (s->kind == HI5_KIND_UNKNOWN ||
        (s->object == NULL && (s->kind != HI5_KIND_GROUP || s->state == HI5_LOST))) {
        if (rwrite_is_root(r, s) && !rwrite_broken(r, rwrite_plain_group(r, s, &i)))
            rwrite_broken(r, rwrite_note_state(out, i, s));
        return;
    }
    rwrite_forbid(r, false);
    status = rwrite_object(r, s, &i);
    rwrite_forbid(r, true);
    if (status == HI5_E_NOTFOUND) {
        s->state = HI5_LOST;
        s->reason = s->reason[0] != '\0' ? s->reason : "it cannot be copied";
        return;
    }
    if (status == HI5_E_LIMIT || out->failed != 0)
        rwrite_correct(out, s);
    else if (rwrite_broken(r, status))
        return;
    if (t->top)
        out->copy.entry[i].flags |= COPY_FOUND;
    r->result->written++;
    if (s->state != HI5_WHOLE || s->attributes_lost != 0)
        rwrite_broken(r, rwrite_note_state(out, i, s));
    rwrite_broken(r, stage_rest(&out->to->meta, &out->err));
}

/* ---- links ---- */

struct rwrite_links {
    struct recover *r;
    size_t entry;
    struct rwrite_text lost;
};

static void
rwrite_link_lost(struct rwrite_links *w, const struct msg_link *l)
{
    struct rwrite_text *const t = &w->lost;
    const size_t n = (size_t)(l->name_len < 200 ? l->name_len : 200);

    w->r->result->links_lost++;
    if (n + 3 > sizeof t->p - t->n) {
        t->more++;
        return;
    }
    if (t->n != 0) {
        memcpy(t->p + t->n, ", ", 2);
        t->n += 2;
    }
    memcpy(t->p + t->n, l->name, n);
    t->n += n;
    t->p[t->n] = '\0';
}

/* Can it be a name? */
static bool
rwrite_is_name(const struct msg_link *l)
{
    return l->name_len != 0 && memchr(l->name, '/', (size_t)l->name_len) == NULL &&
           memchr(l->name, '\0', (size_t)l->name_len) == NULL &&
           !(l->name_len == 1 && l->name[0] == '.');
}

static hi5_status
rwrite_link(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct rwrite_links *const w = ctx;
    struct recover_out *const out = &w->r->out;
    struct copy *const c = &out->copy;
    struct msg_link m = *l;
    struct copy_entry *e = NULL;
    bool has;
    hi5_status s;

    (void)err;
    if (!rwrite_is_name(l))
        return HI5_OK;
    s = edit_has_link(c->to, c->entry[w->entry].to, (const char *)l->name,
                      (size_t)l->name_len, &has, c->err);
    if (s != HI5_OK || has)
        return s;
    if (l->kind == HI5_LINK_HARD) {
        e = copy_find(c, out->source, l->address);
        if (e == NULL) {
            rwrite_link_lost(w, l);
            return HI5_OK;
        }
        m.address = e->to;
    }
    m.flags = 0;
    m.has_order = false;
    s = edit_link(c->to, c->entry[w->entry].to, &m, NULL, c->err);
    if (s == HI5_OK && e != NULL)
        e->refs++;
    if (copy_passes(c, s)) {
        rwrite_link_lost(w, l);
        return HI5_OK;
    }
    return s;
}

/* The same from a group that is whole, in its order. */
static hi5_status
rwrite_link_each(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct msg_link m = {.kind = (uint8_t)l->kind,
                         .name = (const uint8_t *)l->name,
                         .name_len = strlen(l->name),
                         .address = l->kind == HI5_LINK_HARD ? l->address : ADDR_NONE,
                         .charset = l->utf8 ? HI5_UTF8 : HI5_ASCII};

    if (l->kind != HI5_LINK_HARD) {
        m.value = l->kind == HI5_LINK_SOFT ? (const uint8_t *)l->target : l->data;
        m.value_len =
            (uint16_t)(l->kind == HI5_LINK_SOFT ? strlen(l->target) : l->data_size);
    }
    return rwrite_link(ctx, &m, err);
}

static hi5_status
rwrite_links_ordered(struct rwrite_links *w, uint64_t addr)
{
    hi5_file *const f = w->r->file;
    hi5_group_info info;
    hi5_group *g = NULL;
    hi5_object *o;
    hi5_status s;

    TRY(object_open(f, addr, NULL, &o, &w->r->out.err));
    s = hi5_object_group(o, &g, &w->r->out.err);
    if (s == HI5_OK)
        s = hi5_group_get_info(g, &info, &w->r->out.err);
    if (s == HI5_OK)
        s = hi5_group_each(g, info.order_tracked ? HI5_BY_CREATION : HI5_NATIVE, false,
                           rwrite_link_each, w, &w->r->out.err);
    hi5_group_close(g);
    hi5_object_close(o);
    return s;
}

/* All other ways. */
static hi5_status
rwrite_links_broken(struct rwrite_links *w, uint64_t addr)
{
    struct recover *const r = w->r;
    hi5_error why = {0}, err = {0};
    struct arena a;
    struct ohdr *h;

    arena_init(&a, r->meta->mem);
    (void)!ohdr_read_some(r->meta, addr, &a, &h, &why);
    if (h != NULL && h->nchunks != 0 && h->nmsgs != 0)
        (void)!recover_links(r, h, rwrite_link, w, &why, &err);
    else if (addr == r->file->super.root)
        (void)!recover_root_links(r, rwrite_link, w, &why);
    arena_done(&a);
    return stage_check(&r->out.to->meta, &r->out.err);
}

static hi5_status
rwrite_links(void *ctx, size_t i)
{
    struct recover *const r = ctx;
    struct rwrite_links w = {.r = r, .entry = i};
    hi5_status s = rwrite_links_ordered(&w, r->out.copy.entry[i].from);

    if (copy_passes(&r->out.copy, s))
        s = rwrite_links_broken(&w, r->out.copy.entry[i].from);
    if (s == HI5_OK && w.lost.n != 0) {
        if (w.lost.more != 0 && sizeof w.lost.p - w.lost.n > 32)
            snprintf(w.lost.p + w.lost.n, sizeof w.lost.p - w.lost.n, ", and %llu more",
                     (unsigned long long)w.lost.more);
        s = rwrite_note(&r->out, i, RWRITE_NOTE_LINKS, w.lost.p);
    }
    return s;
}

/* ---- what nothing leads to ---- */

/* The names of the file may have been taken: it may be one that was saved before. */
static hi5_status
rwrite_place(struct recover_out *out, size_t i)
{
    struct copy *const c = &out->copy;
    struct msg_link l = {.kind = HI5_LINK_HARD};
    char path[96], folder[16] = "", name[16] = "";
    hi5_status s = HI5_E_EXISTS;
    uint64_t group;

    for (unsigned k = 0; k < RWRITE_TRIES; k++) {
        snprintf(path, sizeof path, RWRITE_FOLDER "%s/0x%llx%s", folder,
                 (unsigned long long)c->entry[i].from, name);
        s = edit_place(c->to, c->to->super.root, path, true, &group, &l, c->err);
        if (s == HI5_OK) {
            l.address = c->entry[i].to;
            s = edit_link(c->to, group, &l, NULL, c->err);
            c->entry[i].refs += s == HI5_OK;
            return s;
        }
        if (!copy_passes(c, s))
            return s;
        snprintf(s == HI5_E_EXISTS ? name : folder, sizeof name, "-%u", k + 1);
    }
    return err_plain(c->err, s, "there is no name left in " RWRITE_FOLDER);
}

static hi5_status
rwrite_last(void *ctx)
{
    struct recover *const r = ctx;
    struct copy *const c = &r->out.copy;

    for (size_t i = 0; i < c->n; i++)
        if ((c->entry[i].flags & COPY_FOUND) || c->entry[i].refs == 0)
            TRY(rwrite_place(&r->out, i));
    return HI5_OK;
}

/* ---- the file ---- */

/* A root group as it was, as far as that can be told. */
static bool
rwrite_root(struct recover *r, hi5_compat compat, unsigned off_w,
            struct edit_root *root)
{
    const struct edit e = {.compat = compat};
    hi5_group_info group = {.max_compact = 8, .min_dense = 6};
    hi5_object_info info = {0};
    hi5_object *o;
    hi5_group *g = NULL;

    if (!r->root_known ||
        object_open(r->file, r->file->super.root, "/", &o, NULL) != HI5_OK)
        return false;
    if (o->kind != HI5_KIND_GROUP) {
        hi5_object_close(o);
        return false;
    }
    *root = (struct edit_root){.room = 0};
    (void)!hi5_object_get_info(o, &info, NULL);
    (void)!copy_prefix(&e, o, &info, &root->prefix, NULL);
    if (hi5_object_group(o, &g, NULL) == HI5_OK)
        (void)!hi5_group_get_info(g, &group, NULL);
    root->group =
        (hi5_group_options){.size = sizeof root->group,
                            .track_order = group.order_tracked,
                            .index_order = group.order_indexed,
                            .track_attribute_order = info.attribute_order_tracked};
    if (group.max_compact != 8 || group.min_dense != 6) {
        root->group.max_compact = group.max_compact;
        root->group.min_dense = group.min_dense;
    }
    if (g != NULL)
        (void)!copy_root_make(g, compat, off_w, root, NULL);
    hi5_group_close(g);
    hi5_object_close(o);
    return true;
}

static hi5_compat
rwrite_compat(const struct recover *r)
{
    if (r->options.compat != HI5_COMPAT_DEFAULT)
        return r->options.compat;
    return r->file->super.version < 2    ? HI5_COMPAT_EARLIEST
           : r->file->super.version == 2 ? HI5_COMPAT_V18
                                         : HI5_COMPAT_V110;
}

static hi5_status
rwrite_create(struct recover *r, hi5_error *err)
{
    const struct superblock *const s = &r->file->super;
    const struct file_options *const was = &r->file->options;
    const hi5_open_options open = {.size = sizeof open,
                                   .allocator = was->allocator,
                                   .limits =
                                       was->limits.size != 0 ? &was->limits : NULL,
                                   .compat = rwrite_compat(r),
                                   .threads = 1,
                                   .commit_bytes = HI5_UNLIMITED};
    const hi5_create_options create = {.size = sizeof create,
                                       .open = &open,
                                       .offset_size = s->off_w,
                                       .length_size = s->len_w,
                                       .group_leaf_k = s->leaf_k,
                                       .group_internal_k = s->internal_k,
                                       .chunk_k = s->chunk_k};
    struct edit_root root;
    const bool like = rwrite_root(r, open.compat, create.offset_size, &root);

    return file_create(r->out.path, &create, like ? &root : NULL, &r->out.to, err);
}

HI5_INT hi5_status
recover_write_open(struct recover *r, hi5_error *err)
{
    struct recover_out *const out = &r->out;
    const char *const to = r->options.to;

    if (to == NULL)
        return HI5_OK;
    out->path = io_beside(&r->arena, to);
    if (out->path == NULL)
        return mem_fail(&r->k.mem, strlen(to), err);
    out->there = io_exists(to);
    if (out->there && !r->options.replace)
        return err_plain(err, HI5_E_EXISTS, "there is a file '%s' already", to);
    TRY(rwrite_create(r, err));
    out->options = (hi5_copy_options){.size = sizeof out->options};
    out->salvage = (struct copy_salvage){r, rwrite_elements, rwrite_links, rwrite_last};
    copy_init(&out->copy, out->to, &out->options, &out->err);
    out->copy.salvage = &out->salvage;
    out->copy.alone = true;
    if (!rwrite_broken(r, edit_begin(out->to, &out->err)))
        rwrite_broken(r, copy_source(&out->copy, r->file, &out->source));
    return HI5_OK;
}

static hi5_status
rwrite_finish(struct recover *r, hi5_error *err)
{
    struct recover_out *const out = &r->out;
    hi5_status s = HI5_OK;

    if (r->result->written == 0)
        s = err_plain(&out->err, HI5_E_CORRUPT, "nothing of it can be saved");
    rwrite_forbid(r, false);
    if (s == HI5_OK)
        s = copy_run(&out->copy);
    s = edit_end(out->to, s, &out->err);
    r->result->nulled = out->copy.nulled;
    if (s == HI5_OK)
        s = hi5_flush(out->to, out->there ? HI5_DURABLE : HI5_SAFE, &out->err);
    r->result->new_size = out->to->file_size;
    if (s != HI5_OK && err != NULL)
        *err = out->err;
    return s;
}

HI5_INT hi5_status
recover_write_close(struct recover *r, hi5_status s, hi5_error *err)
{
    struct recover_out *const out = &r->out;

    if (out->to == NULL)
        return s;
    if (s == HI5_OK)
        s = rwrite_finish(r, err);
    else
        (void)!edit_end(out->to, s, NULL);
    copy_done(&out->copy);
    if (s != HI5_OK)
        (void)!hi5_abort(out->to, NULL);
    if (s == HI5_OK)
        s = hi5_close(out->to, err);
    else
        hi5_close(out->to, NULL);
    out->to = NULL;
    if (s == HI5_OK)
        s = out->there ? io_replace(out->path, r->options.to, true, err)
                       : io_place(out->path, r->options.to, err);
    if (s != HI5_OK)
        io_remove(out->path);
    return s;
}
