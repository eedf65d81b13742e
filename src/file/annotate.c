/*
 * annotate.c - one structure of a file, field by field
 *
 * Noting what codecs pass, putting it in order, and telling it. Who decodes what is
 * found in annotate_part.c, annotate_object.c and their like.
 */
#include "file/annotate.h"
#include "base/ckd.h"
#include "base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNOT_BYTES 4096u
#define ANNOT_DEPTH 32u

/* ---- noting ---- */

static void
annot_no_memory(struct annotate *a, uint64_t n)
{
    if (a->broken == HI5_OK)
        a->broken = mem_fail(a->meta->mem, n, &a->why);
}

/* Room for one more in an array that doubles. */
static void *
annot_grow(struct annotate *a, void *p, size_t n, size_t *room, size_t each)
{
    const size_t more = *room != 0 ? *room * 2 : 256;
    void *grown;

    if (n < *room)
        return p;
    grown = mem_resize(a->meta->mem, p, *room * each, more * each);
    if (grown == NULL) {
        annot_no_memory(a, more * each);
        return NULL;
    }
    *room = more;
    return grown;
}

HI5_INT void
annot_note(struct annotate *a, const struct annot_field *f)
{
    struct annot_field *const p =
        annot_grow(a, a->field, a->n, &a->room, sizeof *a->field);

    if (p == NULL)
        return;
    a->field = p;
    p[a->n] = *f;
    p[a->n].order = a->n;
    a->n++;
    a->seen = f->at + f->n;
}

HI5_INT void
annot_note_range(struct annotate *a, uint64_t at, uint64_t end)
{
    struct annot_range *const p =
        annot_grow(a, a->range, a->nranges, &a->range_room, sizeof *a->range);

    if (p == NULL)
        return;
    a->range = p;
    p[a->nranges++] = (struct annot_range){at, end};
}

static const char *
annot_keep(struct annotate *a, const char *text)
{
    const char *const kept = arena_str(&a->arena, text, strlen(text));

    if (kept == NULL)
        annot_no_memory(a, strlen(text));
    return kept != NULL ? kept : "";
}

HI5_INT void
annot_note_bad(struct annotate *a, uint64_t at, const hi5_error *err)
{
    if (err->status == HI5_E_NOMEM || err->status == HI5_E_IO) {
        if (a->broken == HI5_OK) {
            a->broken = err->status;
            a->why = *err;
        }
        return;
    }
    annot_note(a, &(struct annot_field){.at = at,
                                        .begin = at,
                                        .structure = err->structure,
                                        .name = err->field,
                                        .section = err->section,
                                        .bad = annot_keep(a, err->cause),
                                        .stopped = true});
}

/* ---- the watch ---- */

static bool
annot_wanted(const struct annotate *a, const struct cur *c)
{
    return a->on && c->addr != ADDR_NONE && a->broken == HI5_OK &&
           (a->only == ADDR_NONE || a->only == c->addr);
}

static void
annot_passed(struct cur_watch *w, const struct cur *c, const char *field, size_t at,
             size_t n, uint64_t value)
{
    struct annotate *const a = (struct annotate *)w;

    if (annot_wanted(a, c) && n != 0)
        annot_note(a, &(struct annot_field){.at = c->addr + at,
                                            .n = n,
                                            .value = value,
                                            .begin = c->addr + c->start,
                                            .structure = c->structure,
                                            .name = field,
                                            .section = c->section});
}

/* A complaint belongs to the field that it names, if that one has been passed. */
static bool
annot_found(struct cur_watch *w, const struct cur *c, const char *field, size_t at,
            bool fatal, const char *what)
{
    struct annotate *const a = (struct annotate *)w;
    const uint64_t begin = c->addr + c->start;

    if (!annot_wanted(a, c))
        return true;
    for (size_t i = a->n; i-- > 0 && a->n - i < 256;) {
        struct annot_field *const f = &a->field[i];
        if (f->begin == begin && strcmp(f->name, field) == 0) {
            if (f->bad == NULL)
                f->bad = annot_keep(a, what);
            f->stopped |= fatal;
            return true;
        }
    }
    annot_note(a, &(struct annot_field){.at = c->addr + at,
                                        .begin = begin,
                                        .structure = c->structure,
                                        .name = field,
                                        .section = c->section,
                                        .bad = annot_keep(a, what),
                                        .stopped = fatal});
    return true;
}

/* ---- small tools ---- */

HI5_INT bool
annot_pin(struct annotate *a, uint64_t addr, uint64_t n, const char *what,
          struct block **b)
{
    const size_t there = meta_clip(a->meta, addr, n < SIZE_MAX ? (size_t)n : SIZE_MAX);
    hi5_error err = {0};

    *b = NULL;
    if (meta_pin(a->meta, addr, there != 0 ? there : 1, what, b, &err) == HI5_OK)
        return true;
    annot_note_bad(a, addr, &err);
    return false;
}

HI5_INT struct cur
annot_cursor(struct annotate *a, const struct block *b, uint64_t n)
{
    return meta_cursor(a->meta, b, n < b->size ? (size_t)n : b->size, &a->arena, NULL);
}

HI5_INT void
annot_done(struct annotate *a, const struct cur *c, struct block *b)
{
    annot_note_range(a, c->addr, c->addr + c->pos);
    meta_unpin(a->meta, b);
}

/* ---- telling ---- */

/* By address; what encloses first; else as they came. */
static int
annot_order(const void *x, const void *y)
{
    const struct annot_field *const a = x, *const b = y;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->n != b->n && a->n != 0 && b->n != 0)
        return a->n > b->n ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Codecs may run over the same bytes more than once. */
static bool
annot_same(const struct annot_field *a, const struct annot_field *b)
{
    return a->at == b->at && a->n == b->n && strcmp(a->name, b->name) == 0 &&
           (b->bad == NULL || (a->bad != NULL && strcmp(a->bad, b->bad) == 0));
}

static void
annot_sort(struct annotate *a)
{
    size_t n = 0;

    if (a->n > 1)
        qsort(a->field, a->n, sizeof *a->field, annot_order);
    for (size_t i = 0; i < a->n; i++) {
        bool known = false;

        for (size_t j = n; j-- > 0 && a->field[j].at == a->field[i].at && !known;)
            known = annot_same(&a->field[j], &a->field[i]);
        if (!known)
            a->field[n++] = a->field[i];
    }
    a->n = n;
}

/* The fields that enclose the place that has been reached. */
struct annot_telling {
    struct annotate *a;
    unsigned depth;
    uint64_t end[ANNOT_DEPTH];
    const struct annot_field *of[ANNOT_DEPTH];
    uint64_t at; /* all before has been told */
};

/* Is it a number? Codecs give the value of whatever they read as one. */
static bool
annot_is_number(const struct annot_field *f, const uint8_t *p, size_t n)
{
    if (f->n == 0 || f->n > 8 || n < f->n || strcmp(f->name, "signature") == 0 ||
        strcmp(f->name, "reserved") == 0 || strcmp(f->name, "padding") == 0)
        return false;
    return cur_raw_uint(p, (unsigned)f->n) == f->value ||
           (f->value == UINT64_MAX && cur_raw_wide(p, (unsigned)f->n) == UINT64_MAX);
}

static void
annot_tell(struct annot_telling *t, const struct annot_field *f, bool encloses)
{
    struct annotate *const a = t->a;
    const size_t want = f->n < ANNOT_BYTES ? (size_t)f->n : ANNOT_BYTES;
    const size_t n = meta_clip(a->meta, f->at, want);
    char meaning[256] = "";
    struct block *b = NULL;
    hi5_annotation out = {.address = f->at,
                          .size = f->n,
                          .depth = t->depth,
                          .encloses = encloses,
                          .structure = f->structure,
                          .field = f->name,
                          .section = f->section,
                          .meaning = meaning,
                          .bad = f->bad,
                          .stopped = f->stopped};

    if (n != 0 && meta_pin(a->meta, f->at, n, f->structure, &b, NULL) == HI5_OK) {
        out.bytes = b->bytes;
        out.nbytes = n;
        out.is_number = !encloses && annot_is_number(f, b->bytes, n);
        out.value = out.is_number ? f->value : 0;
        if (!encloses)
            annot_meaning(a, f, b->bytes, n, meaning, sizeof meaning);
    }
    a->fn(a->ctx, &out);
    meta_unpin(a->meta, b);
}

/* Bytes before `to` that no codec has passed. */
static void
annot_tell_gap(struct annot_telling *t, uint64_t to, const char *structure)
{
    if (t->at < to)
        annot_tell(t,
                   &(struct annot_field){.at = t->at,
                                         .n = to - t->at,
                                         .value = 1,
                                         .structure = structure,
                                         .name = "",
                                         .section = ""},
                   false);
    t->at = t->at < to ? to : t->at;
}

/* Leave the enclosing fields that do not reach to `at`. */
static void
annot_leave(struct annot_telling *t, uint64_t at)
{
    while (t->depth > 0 && t->end[t->depth - 1] <= at) {
        annot_tell_gap(t, t->end[t->depth - 1], t->of[t->depth - 1]->structure);
        t->depth--;
    }
}

static void
annot_tell_field(struct annot_telling *t, const struct annot_field *f,
                 const struct annot_field *next)
{
    const bool encloses =
        next != NULL && f->n != 0 && next->at + next->n <= f->at + f->n &&
        next->at < f->at + f->n && next->n != 0 && t->depth < ANNOT_DEPTH;

    annot_leave(t, f->n != 0 ? f->at : f->at + 1);
    annot_tell_gap(t, f->at, f->structure);
    annot_tell(t, f, encloses);
    if (encloses) {
        t->end[t->depth] = f->at + f->n;
        t->of[t->depth++] = f;
    } else if (f->at + f->n > t->at) {
        t->at = f->at + f->n;
    }
}

static void
annot_tell_range(struct annotate *a, const struct annot_range *r)
{
    struct annot_telling t = {.a = a, .at = r->at};
    const char *structure = "";
    size_t i = 0;

    while (i < a->n && a->field[i].at < r->at)
        i++;
    for (; i < a->n && a->field[i].at + a->field[i].n <= r->end &&
           (a->field[i].at < r->end || a->field[i].n == 0);
         i++) {
        structure = a->field[i].structure;
        annot_tell_field(&t, &a->field[i], i + 1 < a->n ? &a->field[i + 1] : NULL);
    }
    annot_leave(&t, UINT64_MAX);
    annot_tell_gap(&t, r->end, structure);
}

/* A range that lies in one before it has been told. */
static void
annot_tell_all(struct annotate *a)
{
    annot_sort(a);
    for (size_t i = 0; i < a->nranges; i++) {
        bool told = false;

        for (size_t j = 0; j < i; j++)
            told |=
                a->range[i].at >= a->range[j].at && a->range[i].end <= a->range[j].end;
        if (!told || i == 0)
            annot_tell_range(a, &a->range[i]);
    }
}

/* ---- what no signature tells: who owns it? ---- */

struct annot_owner {
    uint64_t at;
    char structure[32], path[1024];
};

static void
annot_owner_found(void *ctx, const hi5_extent *e)
{
    struct annot_owner *const o = ctx;

    if (o->at < e->offset || o->at - e->offset >= e->size)
        return;
    snprintf(o->structure, sizeof o->structure, "%s", e->structure);
    snprintf(o->path, sizeof o->path, "%s", e->path);
}

static hi5_status
annot_find_object(struct annotate *a, const char *object, uint64_t *addr,
                  hi5_error *err)
{
    hi5_file *f;

    if (strcmp(object, "superblock extension") == 0) {
        *addr = a->file->super.extension;
        return HI5_OK;
    }
    TRY(path_find(a->file, a->file->super.root, object, &f, addr, err));
    if (f != a->file)
        err_plain(err, HI5_E_NOTFOUND, "'%s' is in another file", object);
    file_unref(f);
    return f == a->file ? HI5_OK : HI5_E_NOTFOUND;
}

/* A piece of an object header, or the heap of a group, through their object. */
static hi5_status
annot_by_owner(struct annotate *a, const char *path, const hi5_open_options *open,
               uint64_t addr, hi5_error *err)
{
    struct annot_owner o = {.at = a->meta->base + addr};
    hi5_map_totals totals;
    uint64_t object;

    TRY(hi5_map(path, open, annot_owner_found, &o, &totals, err));
    if ((strcmp(o.structure, "OCHK") == 0 ||
         strcmp(o.structure, "header continuation") == 0) &&
        annot_find_object(a, o.path, &object, err) == HI5_OK) {
        a->on = true;
        annot_object(a, object);
        for (size_t i = 0; i < a->nranges; i++)
            if (a->range[i].at == addr) {
                a->range[0] = a->range[i];
                a->nranges = 1;
                return HI5_OK;
            }
        a->n = a->nranges = 0;
    }
    if (o.structure[0] == '\0')
        return err_plain(err, HI5_E_NOTFOUND, "0x%llx is not inside the file",
                         (unsigned long long)addr);
    return err_plain(
        err, HI5_E_NOTFOUND, "no structure begins at 0x%llx: it is in %s%s%s",
        (unsigned long long)addr,
        strcmp(o.structure, "lost") == 0 ? "bytes that nothing leads to" : o.structure,
        o.path[0] != '\0' ? " of " : "", o.path);
}

/* ---- the whole ---- */

static hi5_status
annot_open(struct annotate *a, const char *path, const hi5_open_options *open,
           hi5_error *err)
{
    struct file_options o;

    TRY(file_read_options(open, &o, err));
    o.watch = &a->watch;
    o.salvage = true;
    TRY(file_open(path, &o, NULL, 0, &a->file, err));
    a->meta = &a->file->meta;
    arena_init(&a->arena, a->meta->mem);
    return HI5_OK;
}

static hi5_status
annot_run(struct annotate *a, const char *path, const hi5_open_options *open,
          const char *object, uint64_t address, hi5_error *err)
{
    hi5_status s;

    if (object != NULL)
        TRY(annot_find_object(a, object, &address, err));
    a->on = true;
    s = HI5_OK;
    if (object != NULL)
        annot_object(a, address);
    else
        s = annot_decode(a, address, err);
    if (s == HI5_E_NOTFOUND && a->broken == HI5_OK) {
        a->on = false;
        s = annot_by_owner(a, path, open, address, err);
    }
    a->on = false;
    if (a->broken != HI5_OK && err != NULL)
        *err = a->why;
    if (s == HI5_OK && a->broken == HI5_OK)
        annot_tell_all(a);
    return a->broken != HI5_OK ? a->broken : s;
}

hi5_status
hi5_annotate(const char *path, const hi5_open_options *open, const char *object,
             uint64_t address, hi5_annotation_fn fn, void *ctx, hi5_error *err)
{
    struct annotate a = {
        .watch = {annot_passed, annot_found}, .only = ADDR_NONE, .fn = fn, .ctx = ctx};
    hi5_status s;

    err_clear(err);
    TRY(annot_open(&a, path, open, err));
    s = annot_run(&a, path, open, object, address, err);
    err_path(err, s, path, NULL);
    mem_free(a.meta->mem, a.field, a.room * sizeof *a.field);
    mem_free(a.meta->mem, a.range, a.range_room * sizeof *a.range);
    arena_done(&a.arena);
    a.meta->watch = NULL;
    file_unref(a.file);
    return s;
}
