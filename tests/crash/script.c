/*
 * script.c - the busy writer, and what its file contains
 */
#include "crash.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- digests ---- */

struct digest {
    hi5_file *file;
    uint64_t sum;
    unsigned depth;
};

static void
digest_add(struct digest *d, const void *p, size_t n)
{
    const unsigned char *const b = p;

    for (size_t i = 0; i < n; i++)
        d->sum = (d->sum ^ b[i]) * 0x100000001b3u;
}

static void
digest_text(struct digest *d, const char *s)
{
    digest_add(d, s, strlen(s) + 1);
}

/* Strings by what they say; other types of the script hold no pointers. */
static void
digest_values(struct digest *d, const hi5_type *t, size_t n, unsigned char *v)
{
    if (!hi5_type_has_vlen(t)) {
        digest_add(d, v, n * hi5_type_size(t));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        char *s;
        memcpy(&s, v + i * sizeof s, sizeof s);
        digest_text(d, s != NULL ? s : "");
    }
    hi5_reclaim(d->file, HI5_STR, n, v);
}

static hi5_status
digest_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct digest *const d = ctx;
    hi5_attribute_info info;
    unsigned char *v;
    hi5_status s;
    size_t n;

    if (a == NULL) {
        *err = *bad;
        return bad->status;
    }
    hi5_attribute_get_info(a, &info);
    n = (size_t)hi5_shape_count(&info.shape);
    v = calloc(n + 1, hi5_type_size(info.type) + 16);
    s = hi5_attribute_read(a, NULL, v, err);
    if (s == HI5_OK) {
        digest_text(d, info.name);
        digest_values(d, info.type, n, v);
    }
    free(v);
    return s;
}

static hi5_status
digest_dataset(struct digest *d, hi5_object *o, hi5_error *err)
{
    const hi5_shape *shape;
    unsigned char *v;
    hi5_dataset *x;
    hi5_status s = hi5_object_dataset(o, &x, err);
    size_t n;

    if (s != HI5_OK)
        return s;
    shape = hi5_dataset_shape(x);
    n = (size_t)hi5_shape_count(shape);
    digest_add(d, shape->dims, shape->rank * sizeof *shape->dims);
    v = calloc(n + 1, hi5_type_size(hi5_dataset_type(x)) + 16);
    s = hi5_dataset_read(x, NULL, NULL, v, err);
    if (s == HI5_OK)
        digest_values(d, hi5_dataset_type(x), n, v);
    free(v);
    hi5_dataset_close(x);
    return s;
}

static hi5_status digest_object(struct digest *d, hi5_object *o, hi5_error *err);

static hi5_status
digest_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct digest *const d = ctx;
    hi5_object *o;
    hi5_status s;

    digest_text(d, l->name);
    if (l->kind != HI5_LINK_HARD) {
        digest_text(d, l->target);
        return HI5_OK;
    }
    s = hi5_object_open_address(d->file, l->address, &o, err);
    if (s == HI5_OK && d->depth < 4)
        s = digest_object(d, o, err);
    hi5_object_close(o);
    return s;
}

static hi5_status
digest_object(struct digest *d, hi5_object *o, hi5_error *err)
{
    hi5_status s = hi5_attribute_each(o, HI5_BY_NAME, false, digest_attribute, d, err);
    hi5_group *g;

    if (s != HI5_OK || hi5_object_kind(o) == HI5_KIND_DATASET)
        return s != HI5_OK ? s : digest_dataset(d, o, err);
    s = hi5_object_group(o, &g, err);
    if (s != HI5_OK)
        return s;
    d->depth++;
    s = hi5_group_each(g, HI5_BY_NAME, false, digest_link, d, err);
    d->depth--;
    hi5_group_close(g);
    return s;
}

uint64_t
crash_digest(hi5_file *f, hi5_error *err)
{
    struct digest d = {.file = f, .sum = 0xcbf29ce484222325u};
    hi5_object *o;
    hi5_status s = hi5_object_open(f, "/", &o, err);

    if (s == HI5_OK)
        s = digest_object(&d, o, err);
    hi5_object_close(o);
    return s == HI5_OK ? d.sum | 1 : 0;
}

/* ---- the script ---- */

#define SCRIPT_NAMES 12u

struct script {
    hi5_file *f;
    uint64_t state;
    unsigned made;             /* names of things that are always new */
    hi5_error *err;
};

static hi5_status
script_dataset(struct script *s, const char *path, hi5_dataset **d)
{
    const uint64_t dims[] = {3, 20}, max[] = {HI5_UNLIMITED, 20}, chunk[] = {4, 7};
    hi5_dataset_options o = {.size = sizeof o};
    hi5_status st = hi5_dataset_open(s->f, path, d, s->err);

    if (st != HI5_E_NOTFOUND)
        return st;
    if (crash_random(&s->state, 3) != 0) {
        o.max = max;
        o.chunk = chunk;
        o.deflate = (unsigned)crash_random(&s->state, 2);
    }
    return hi5_dataset_create(s->f, path, HI5_F32, 2, dims, &o, d, s->err);
}

/* Write, append, or cut a dataset, which is made if it is not there. */
static hi5_status
script_data(struct script *s)
{
    const uint64_t start[] = {crash_random(&s->state, 3), crash_random(&s->state, 10)};
    const uint64_t count[] = {1, 1 + crash_random(&s->state, 10)};
    uint64_t dims[] = {1 + crash_random(&s->state, 12), 20};
    float v[40];
    hi5_layout l;
    hi5_dataset *d;
    char path[32];
    hi5_status st;

    snprintf(path, sizeof path, "/d%d", (int)crash_random(&s->state, SCRIPT_NAMES));
    for (unsigned i = 0; i < 40; i++)
        v[i] = (float)crash_random(&s->state, 1000);
    st = script_dataset(s, path, &d);
    if (st != HI5_OK)
        return st;
    hi5_dataset_get_layout(d, &l);
    if (l.kind != HI5_CHUNKED)
        st = hi5_dataset_write_slab(d, start, count, HI5_F32, v, s->err);
    else if (crash_random(&s->state, 3) == 0)
        st = hi5_dataset_resize(d, dims, s->err);
    else
        st = hi5_dataset_append(d, 2, HI5_F32, v, s->err);
    hi5_dataset_close(d);
    return st;
}

static hi5_status
script_strings(struct script *s)
{
    const uint64_t two = 2;
    const char *text[2] = {"a string", "another one, which is somewhat longer"};
    hi5_dataset *d;
    char path[32];
    hi5_status st;

    snprintf(path, sizeof path, "/text%u", s->made++);
    st = hi5_dataset_create(s->f, path, HI5_STR, 1, &two, NULL, &d, s->err);
    if (st == HI5_OK)
        st = hi5_dataset_write(d, NULL, HI5_STR, text, s->err);
    hi5_dataset_close(d);
    return st;
}

static hi5_status
script_links(struct script *s)
{
    const unsigned n = 1 + (unsigned)crash_random(&s->state, 6);
    hi5_status st = HI5_OK;
    char path[48];

    for (unsigned i = 0; i < n && st == HI5_OK; i++) {
        snprintf(path, sizeof path, "/g%d/l%u", (int)crash_random(&s->state, 2), s->made++);
        st = crash_random(&s->state, 2)
                 ? hi5_link_soft(s->f, path, "/nowhere", s->err)
                 : hi5_group_create(s->f, path, NULL, NULL, s->err);
    }
    return st;
}

static hi5_status
script_attribute(struct script *s)
{
    const int32_t value = (int32_t)crash_random(&s->state, 1000000);
    const bool text = crash_random(&s->state, 3) == 0;
    char name[24];
    hi5_object *o;
    hi5_status st = hi5_object_open(s->f, "/", &o, s->err);

    if (st != HI5_OK)
        return st;
    snprintf(name, sizeof name, "a%d", (int)crash_random(&s->state, SCRIPT_NAMES));
    if (crash_random(&s->state, 4) == 0) {
        st = hi5_attribute_delete(o, name, s->err);
        st = st == HI5_E_NOTFOUND ? HI5_OK : st;
    } else {
        st = text ? hi5_attribute_write_string(o, name, "some text", s->err)
                  : hi5_attribute_write(o, name, HI5_I32, NULL, NULL, &value, s->err);
    }
    hi5_object_close(o);
    return st;
}

/* Some name that something may have. */
static void
script_path(struct script *s, char *path, size_t n)
{
    const unsigned old = (unsigned)crash_random(&s->state, s->made + 1u);

    switch (crash_random(&s->state, 5)) {
    case 0:
        snprintf(path, n, "/text%u", old);
        break;
    case 1:
        snprintf(path, n, "/g%d/l%u", (int)crash_random(&s->state, 2), old);
        break;
    case 2:
        snprintf(path, n, "/other%u", old);
        break;
    case 3:
        snprintf(path, n, "/g%d", (int)crash_random(&s->state, 2));
        break;
    default:
        snprintf(path, n, "/d%d", (int)crash_random(&s->state, SCRIPT_NAMES));
    }
}

/* Delete, move, link again, or copy what is there, if anything is. */
static hi5_status
script_change(struct script *s)
{
    char from[48], to[48];
    hi5_object *o;
    hi5_status st;

    script_path(s, from, sizeof from);
    snprintf(to, sizeof to, "/other%u", s->made++);
    switch (crash_random(&s->state, 5)) {
    case 0:
        st = hi5_link_move(s->f, from, to, s->err);
        break;
    case 1:
        st = hi5_link_copy(s->f, from, to, s->err);
        break;
    case 2:
        st = hi5_object_open(s->f, from, &o, s->err);
        if (st == HI5_OK)
            st = hi5_copy(o, s->f, to, NULL, s->err);
        hi5_object_close(o);
        break;
    default:
        st = hi5_link_delete(s->f, from, s->err);
    }
    return st == HI5_E_NOTFOUND ? HI5_OK : st;
}

static hi5_status
script_step(struct script *s)
{
    switch (crash_random(&s->state, 11)) {
    case 8:
    case 9:
    case 10:
        return script_change(s);
    case 0:
        return script_strings(s);
    case 1:
        return script_links(s);
    case 2:
    case 3:
        return script_attribute(s);
    default:
        return script_data(s);
    }
}

hi5_status
crash_script(hi5_file *f, uint64_t seed, unsigned commits, hi5_durability durability,
             crash_commit_fn fn, void *ctx, hi5_error *err)
{
    struct script s = {.f = f, .state = seed, .err = err};

    for (unsigned i = 0; i < commits; i++) {
        hi5_status st = HI5_OK;

        for (uint64_t n = 1 + crash_random(&s.state, 8); n > 0 && st == HI5_OK; n--)
            st = script_step(&s);
        if (st == HI5_OK)
            st = hi5_flush(f, durability, err);
        if (st != HI5_OK)
            return st;
        if (!fn(ctx))
            return HI5_OK;
    }
    return HI5_OK;
}

/* ---- what is right ---- */

struct states {
    struct disk *disk;
    uint64_t *digest;
    unsigned n;
    bool good;
};

static bool
states_note(void *ctx)
{
    struct states *const s = ctx;
    hi5_error err;

    s->digest[++s->n] = crash_look(s->disk->bytes, s->disk->n, &err);
    if (s->digest[s->n] == 0)
        fprintf(stderr, "after commit %u: %s\n", s->n, err.message);
    return s->good = s->digest[s->n] != 0;
}

void
crash_space(uint64_t seed, hi5_create_options *o)
{
    static const hi5_fspace strategy[] = {HI5_FSPACE_FSM_AGGR, HI5_FSPACE_PAGE,
                                          HI5_FSPACE_PAGE};
    static const uint64_t page[] = {4096, 512, 4096};
    const unsigned i = (unsigned)(seed / 2 % 3);

    if (seed % 2 == 0)
        return;
    o->fs_strategy = strategy[i];
    o->fs_persist = seed % 7 != 0;
    o->fs_page_size = page[i];
}

bool
crash_states(uint64_t seed, unsigned commits, uint64_t *digest)
{
    struct disk d;
    struct states s = {&d, digest, 0, false};
    hi5_file *f;
    hi5_error err;

    disk_open(&d);
    if (hi5_create_io(&d.io, "script", NULL, &f, &err) == HI5_OK) {
        digest[0] = crash_look(d.bytes, d.n, &err);
        if (crash_script(f, seed, commits, HI5_SAFE, states_note, &s, &err) != HI5_OK ||
            hi5_close(f, &err) != HI5_OK)
            s.good = false;
    }
    if (!s.good)
        fprintf(stderr, "the script: %s\n", err.message);
    disk_close(&d);
    return s.good;
}

static void
look_finding(void *ctx, const hi5_finding *f)
{
    if (f->severity == HI5_ERROR)
        *(hi5_error *)ctx = (hi5_error){.status = HI5_E_CORRUPT};
    if (f->severity == HI5_ERROR)
        snprintf(((hi5_error *)ctx)->message, sizeof((hi5_error *)ctx)->message,
                 "hi5_check: %s: %s", f->path, f->message);
}

uint64_t
crash_look(const void *bytes, size_t n, hi5_error *err)
{
    hi5_open_options o = {.size = sizeof o, .threads = 1};
    hi5_check_result r;
    hi5_error checked = {0};
    hi5_file *f;
    uint64_t digest;

    if (hi5_open_memory(bytes, n, &o, &f, err) != HI5_OK)
        return 0;
    digest = crash_digest(f, err);
    hi5_close(f, NULL);
    if (digest == 0 ||
        hi5_check_memory(bytes, n, &o, NULL, look_finding, &checked, &r, err) != HI5_OK)
        return 0;
    if (r.errors == 0)
        return digest;
    *err = checked;
    return 0;
}
