/*
 * check.c - the validator: entry points, and how findings are reported
 */
#include "file/check.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CHECK_FINDINGS 10000u

/* ---- sets and lists ---- */

static uint64_t
check_scramble(uint64_t x)
{
    x ^= x >> 31;
    x *= 0x9e3779b97f4a7c15u;
    return x ^ x >> 29;
}

HI5_INT bool
check_set_has(const struct check_set *s, uint64_t number)
{
    const uint64_t x = check_scramble(number);

    if (x == 0)
        return s->zero;
    for (size_t i = (size_t)x; s->room != 0; i++) {
        const uint64_t have = s->slot[i & (s->room - 1)];
        if (have == 0 || have == x)
            return have == x;
    }
    return false;
}

static void
check_set_put(struct check_set *s, uint64_t x)
{
    size_t i = (size_t)x;

    while (s->slot[i & (s->room - 1)] != 0)
        i++;
    s->slot[i & (s->room - 1)] = x;
}

static bool
check_set_grow(struct check *k, struct check_set *s)
{
    struct check_set big = {.room = s->room != 0 ? s->room * 2 : 64};

    big.slot = mem_zalloc(&k->mem, big.room, sizeof *big.slot);
    if (big.slot == NULL) {
        check_no_memory(k, big.room * sizeof *big.slot);
        return false;
    }
    for (size_t i = 0; i < s->room; i++)
        if (s->slot[i] != 0)
            check_set_put(&big, s->slot[i]);
    mem_free(&k->mem, s->slot, s->room * sizeof *s->slot);
    s->slot = big.slot;
    s->room = big.room;
    return true;
}

HI5_INT bool
check_set_add(struct check *k, struct check_set *s, uint64_t number)
{
    const uint64_t x = check_scramble(number);

    if (check_set_has(s, number))
        return true;
    if (x == 0) {
        s->zero = true;
        return false;
    }
    if (2 * s->n >= s->room && !check_set_grow(k, s))
        return false;
    check_set_put(s, x);
    s->n++;
    return false;
}

HI5_INT void
check_set_done(struct check *k, struct check_set *s)
{
    mem_free(&k->mem, s->slot, s->room * sizeof *s->slot);
    *s = (struct check_set){0};
}

HI5_INT void *
check_list_add(struct check *k, struct check_list *l, size_t each)
{
    if (l->n == l->room) {
        const size_t room = l->room != 0 ? l->room * 2 : 64;
        size_t bytes;
        void *p = NULL;

        if (ckd_mul_size(room, each, &bytes))
            p = mem_resize(&k->mem, l->p, l->room * each, bytes);
        if (p == NULL) {
            check_no_memory(k, (uint64_t)room * each);
            return NULL;
        }
        l->p = p;
        l->room = room;
    }
    return (uint8_t *)l->p + each * l->n++;
}

HI5_INT void
check_list_done(struct check *k, struct check_list *l, size_t each)
{
    mem_free(&k->mem, l->p, l->room * each);
    *l = (struct check_list){0};
}

/* ---- reporting ---- */

HI5_INT void
check_no_memory(struct check *k, uint64_t n)
{
    if (!check_broken(k))
        k->broken = mem_fail(&k->mem, n, &k->why);
}

static uint64_t
check_hash(uint64_t h, const char *s)
{
    while (*s != '\0')
        h = (h ^ (unsigned char)*s++) * 0x100000001b3u;
    return h;
}

/* Findings are the same if rule, place and field are, and both or none are errors. What
 * has no place is told apart by its object and its text. */
static bool
check_seen(struct check *k, const hi5_finding *f)
{
    uint64_t h = check_hash(0xcbf29ce484222325u, f->rule);

    h = check_hash(h ^ check_scramble(f->address), f->field) ^
        (f->severity == HI5_ERROR);
    if (f->address == ADDR_NONE)
        h = check_hash(check_hash(h, f->path), f->message);
    return check_set_add(k, &k->seen, h);
}

static void
check_emit(struct check *k, const hi5_finding *f)
{
    if (k->mute || check_seen(k, f))
        return;
    if (f->severity == HI5_ERROR)
        k->result->errors++;
    else if (f->severity == HI5_WARNING)
        k->result->warnings++;
    else
        k->result->notes++;
    if (k->fn != NULL && k->reported++ < k->options.findings)
        k->fn(k->ctx, f);
}

static void
check_vreport(struct check *k, const char *id, const hi5_severity *severity,
              uint64_t addr, const char *structure, const char *field, const char *fmt,
              va_list ap)
{
    const hi5_rule *rule = check_rule(id);
    char text[512];

    vsnprintf(text, sizeof text, fmt, ap);
    check_emit(k,
               &(hi5_finding){.rule = rule->id,
                              .severity = severity != NULL ? *severity : rule->severity,
                              .path = k->path,
                              .structure = structure,
                              .field = field,
                              .section = rule->section,
                              .address = addr,
                              .message = text});
}

HI5_INT void
check_report(struct check *k, const char *rule, uint64_t addr, const char *structure,
             const char *field, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    check_vreport(k, rule, NULL, addr, structure, field, fmt, ap);
    va_end(ap);
}

HI5_INT void
check_report_as(struct check *k, const char *rule, hi5_severity severity, uint64_t addr,
                const char *structure, const char *field, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    check_vreport(k, rule, &severity, addr, structure, field, fmt, ap);
    va_end(ap);
}

static void
check_reader_said(struct check *k, const char *rule, const hi5_error *err)
{
    const char *const structure = err->structure != NULL ? err->structure : "";
    const char *const field = err->field != NULL ? err->field : "";
    hi5_severity severity = HI5_ERROR;

    if (err->status == HI5_E_NOMEM || err->status == HI5_E_IO) {
        if (!check_broken(k)) {
            k->broken = err->status;
            k->why = *err;
        }
        return;
    }
    if (rule == NULL)
        rule = check_match(structure, field, err->cause, true, &severity);
    check_emit(k,
               &(hi5_finding){.rule = check_rule(rule)->id,
                              .severity = severity,
                              .path = k->path,
                              .structure = structure,
                              .field = field,
                              .section = err->section != NULL && *err->section != '\0'
                                             ? err->section
                                             : check_rule(rule)->section,
                              .address = err->address,
                              .message = err->cause});
}

HI5_INT void
check_failed(struct check *k, const hi5_error *err)
{
    check_reader_said(k, NULL, err);
}

HI5_INT void
check_shared_failed(struct check *k, const uint8_t *body, size_t n, uint64_t addr,
                    hi5_error *err)
{
    if (n != 0 && strcmp(err->structure, "shared message") == 0 &&
        (err->address < addr || err->address - addr >= n))
        err->address = addr + (body[0] == 1 ? 8u + k->meta->len_w : 2u);
    check_failed(k, err);
}

HI5_INT void
check_failed_as(struct check *k, const char *rule, const hi5_error *err)
{
    check_reader_said(k, rule, err);
}

/* ---- what codecs say ---- */

static bool
check_field_find(const struct check *k, uint64_t structure, const char *field,
                 uint64_t *addr)
{
    const struct check_fields *const f = &k->fields;

    for (unsigned i = f->n; i-- > 0 && f->n - i <= CHECK_FIELDS;) {
        const unsigned j = i % CHECK_FIELDS;
        if (f->at[j].structure == structure && strcmp(f->at[j].field, field) == 0) {
            *addr = f->at[j].addr;
            return true;
        }
    }
    return false;
}

HI5_INT uint64_t
check_where(const struct check *k, uint64_t addr, const char *field)
{
    uint64_t found;

    return check_field_find(k, addr, field, &found) ? found : addr;
}

/* Where the structure had this field; `at` if it was not passed yet. */
static uint64_t
check_field_address(const struct check *k, const struct cur *c, const char *field,
                    size_t at)
{
    uint64_t found;

    const unsigned newest = (k->fields.n - 1) % CHECK_FIELDS;

    if (c->addr == ADDR_NONE)
        return ADDR_NONE;
    if (k->fields.n == 0 || k->fields.at[newest].addr != c->addr + at)
        return c->addr + at; /* it is just being decoded */
    if (check_field_find(k, c->addr + c->start, field, &found))
        return found;
    return c->addr + at;
}

static bool
check_watch_finding(struct cur_watch *w, const struct cur *c, const char *field,
                    size_t at, bool fatal, const char *what)
{
    struct check *const k = (struct check *)w;
    hi5_severity severity = fatal ? HI5_ERROR : HI5_WARNING;
    const char *rule;
    hi5_finding f;

    if (k->mute || k->sums != NULL)
        return true;
    rule = check_match(c->structure, field, what, fatal, &severity);
    f = (hi5_finding){.rule = check_rule(rule)->id,
                      .severity = severity,
                      .path = k->path,
                      .structure = c->structure,
                      .field = field,
                      .section = c->section,
                      .address = check_field_address(k, c, field, at),
                      .message = what};
    check_emit(k, &f);
    /* The reader will say so, too, and may have a less exact idea of the place. */
    f.address = c->addr == ADDR_NONE ? ADDR_NONE : c->addr + at;
    check_seen(k, &f);
    return true;
}

static void
check_watch_field(struct cur_watch *w, const struct cur *c, const char *field,
                  size_t at, size_t n, uint64_t value)
{
    struct check *const k = (struct check *)w;
    const unsigned i = k->fields.n++ % CHECK_FIELDS;

    if (k->also != NULL)
        k->also->field(k->also, c, field, at, n, value);
    k->fields.at[i].field = field;
    k->fields.at[i].structure = c->addr + c->start;
    k->fields.at[i].addr = c->addr + at;
    if (field[0] == 'v' || field[0] == 's' || field[0] == 'c')
        check_needs((struct check *)w, c, field, at, value);
}

HI5_INT bool
check_pin(struct check *k, uint64_t addr, uint64_t n, const char *what,
          struct block **b)
{
    hi5_error err = {0};
    hi5_status s;
    size_t size;

    *b = NULL;
    if (addr == ADDR_NONE || !ckd_inside(addr, n, k->meta->eof) ||
        !ckd_size(n, &size)) {
        check_report(k, "SB-031", addr, what, "",
                     addr == ADDR_NONE ? "its address is undefined"
                                       : "its %llu bytes run past the end of the file, "
                                         "0x%llx",
                     (unsigned long long)n, (unsigned long long)k->meta->eof);
        return false;
    }
    s = meta_pin(k->meta, addr, size, what, b, &err);
    if (s != HI5_OK)
        check_failed(k, &err);
    return s == HI5_OK;
}

/* ---- the whole ---- */

static void
check_walk(struct check *k)
{
    bool fresh;

    check_file(k);
    if (k->file->super.root != 0 && k->file->super.root < k->meta->eof)
        check_object_at(k, k->file->super.root, "/", &fresh);
    else
        k->incomplete = true;
    check_objects(k);
    check_unlinked(k);
    check_targets(k);
    check_extension(k);
    check_sohm(k);
    check_scales(k);
    check_gheap_settle(k);
    check_reference_counts(k);
    check_space_settle(k);
}

static void
check_begin(struct check *k, const hi5_open_options *open,
            const hi5_check_options *options, hi5_finding_fn fn, void *ctx,
            hi5_check_result *result)
{
    const hi5_limits limits = meta_limits(open != NULL ? open->limits : NULL);

    *k = (struct check){.watch = {check_watch_field, check_watch_finding},
                        .fn = fn,
                        .ctx = ctx,
                        .result = result,
                        .path = "",
                        .data = true};
    *result = (hi5_check_result){.needs_release = 106, .needs_spec = 10};
    if (options != NULL)
        k->options = *options;
    if (k->options.findings == 0)
        k->options.findings = CHECK_FINDINGS;
    k->data = !k->options.no_data;
    mem_init(&k->mem, open != NULL ? open->allocator : NULL, limits.memory);
    arena_init(&k->arena, &k->mem);
}

HI5_INT void
check_end(struct check *k)
{
    struct check_collection *c = k->collections.p;

    for (size_t i = 0; i < k->collections.n; i++)
        check_list_done(k, &c[i].objects, sizeof(struct check_gobject));
    if (k->file != NULL) {
        k->file->meta.watch = NULL;
        file_unref(k->file);
    }
    check_space_done(k);
    check_set_done(k, &k->seen);
    check_set_done(k, &k->nodes);
    check_set_done(k, &k->attributes);
    check_set_done(k, &k->scale_objects);
    check_list_done(k, &k->scales, sizeof(struct check_scale));
    check_list_done(k, &k->sohm_uses, sizeof(struct check_sohm_use));
    check_list_done(k, &k->objects, sizeof(struct check_object));
    check_list_done(k, &k->index, sizeof(size_t));
    check_list_done(k, &k->collections, sizeof(struct check_collection));
    check_list_done(k, &k->targets, sizeof(struct check_target));
    check_list_done(k, &k->shares, sizeof(uint64_t));
    arena_done(&k->arena);
    mem_done(&k->mem);
}

/* After the file was opened, or was not. */
static hi5_status
check_run(struct check *k, hi5_status opened, hi5_error *err)
{
    if (opened == HI5_OK) {
        k->meta = &k->file->meta;
        k->mem.limit = k->file->mem.limit;
        k->result->readable = true;
        check_walk(k);
    } else if (opened == HI5_E_CORRUPT || opened == HI5_E_TRUNCATED ||
               opened == HI5_E_CHECKSUM || opened == HI5_E_UNSUPPORTED ||
               opened == HI5_E_LIMIT) {
        check_failed(k, &k->why);
        k->why = (hi5_error){0};
    } else {
        k->broken = opened;
    }
    if (check_broken(k) && err != NULL)
        *err = k->why;
    return k->broken;
}

static hi5_status
check_options_of(struct check *k, const hi5_open_options *open,
                 const hi5_check_options *options, struct file_options *o,
                 hi5_error *err)
{
    err_clear(err);
    TRY(file_read_options(open, o, err));
    if (options != NULL && options->size != sizeof *options)
        return err_plain(err, HI5_E_ARG, "hi5_check_options.size is %zu, expected %zu",
                         options->size, sizeof *options);
    o->watch = &k->watch;
    o->salvage = true;
    return HI5_OK;
}

static hi5_status
check_source(hi5_io *io, const char *name, const struct file_options *o,
             struct check *k)
{
    return file_open_io(io, name, o, NULL, 0, &k->file, &k->why);
}

hi5_status
hi5_check(const char *path, const hi5_open_options *open,
          const hi5_check_options *options, hi5_finding_fn fn, void *ctx,
          hi5_check_result *result, hi5_error *err)
{
    struct file_options o;
    struct check k;
    hi5_status s;

    check_begin(&k, open, options, fn, ctx, result);
    s = check_options_of(&k, open, options, &o, err);
    if (s == HI5_OK)
        s = check_run(&k, file_open(path, &o, NULL, 0, &k.file, &k.why), err);
    check_end(&k);
    return s;
}

/* Check `io` with a check that has been begun. */
static hi5_status
check_io(struct check *k, const hi5_io *io, const char *name,
         const hi5_open_options *open, const hi5_check_options *options, hi5_error *err)
{
    hi5_io copy = *io;
    struct file_options o;
    hi5_status s;

    s = check_options_of(k, open, options, &o, err);
    if (s != HI5_OK)
        io_close(&copy);
    else
        s = check_run(k, check_source(&copy, name, &o, k), err);
    check_end(k);
    return s;
}

hi5_status
hi5_check_io(const hi5_io *io, const char *name, const hi5_open_options *open,
             const hi5_check_options *options, hi5_finding_fn fn, void *ctx,
             hi5_check_result *result, hi5_error *err)
{
    struct check k;

    check_begin(&k, open, options, fn, ctx, result);
    return check_io(&k, io, name, open, options, err);
}

HI5_INT hi5_status
check_watched(const hi5_io *io, const char *name, const hi5_open_options *open,
              struct cur_watch *also, hi5_check_result *result, hi5_error *err)
{
    struct check k;

    check_begin(&k, open, NULL, NULL, NULL, result);
    k.also = also;
    return check_io(&k, io, name, open, NULL, err);
}

hi5_status
hi5_check_memory(const void *bytes, size_t n, const hi5_open_options *open,
                 const hi5_check_options *options, hi5_finding_fn fn, void *ctx,
                 hi5_check_result *result, hi5_error *err)
{
    hi5_io io;

    *result = (hi5_check_result){0};
    TRY(io_open_memory(open != NULL ? open->allocator : NULL, bytes, n, &io, err));
    return hi5_check_io(&io, NULL, open, options, fn, ctx, result, err);
}

HI5_INT hi5_status
check_map_io(const hi5_io *io, const hi5_allocator *a, hi5_extent_fn fn, void *ctx,
             bool *sound, hi5_error *err)
{
    const hi5_open_options open = {.size = sizeof open, .allocator = a};
    hi5_check_result result;
    struct file_options o;
    hi5_io copy = *io;
    struct check k;
    hi5_status s;

    copy.close = NULL;
    check_begin(&k, &open, NULL, NULL, NULL, &result);
    s = check_options_of(&k, &open, NULL, &o, err);
    if (s == HI5_OK)
        s = check_run(&k, check_source(&copy, NULL, &o, &k), err);
    *sound = s == HI5_OK && result.readable && !k.incomplete && !k.strange &&
             result.errors == 0 && result.warnings == 0 && result.map.overlaps == 0;
    if (*sound)
        check_space_each(&k, fn, ctx);
    check_end(&k);
    return s;
}

hi5_status
hi5_map(const char *path, const hi5_open_options *open, hi5_extent_fn fn, void *ctx,
        hi5_map_totals *totals, hi5_error *err)
{
    hi5_check_result result;
    struct file_options o;
    struct check k;
    hi5_status s;

    check_begin(&k, open, NULL, NULL, NULL, &result);
    k.space_only = true;
    *totals = (hi5_map_totals){0};
    s = check_options_of(&k, open, NULL, &o, err);
    if (s == HI5_OK) {
        s = file_open(path, &o, NULL, 0, &k.file, err);
        if (s == HI5_OK)
            s = check_run(&k, s, err);
    }
    if (s == HI5_OK && fn != NULL)
        check_space_each(&k, fn, ctx);
    *totals = result.map;
    check_end(&k);
    return s;
}
