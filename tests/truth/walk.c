/*
 * walk.c - find the objects of a file, each by its primary path
 */
#include "truth.h"

#include <stdio.h>

#define MAX_DEPTH 1500u

void *
or_exit(void *p)
{
    if (p == NULL) {
        fputs("truth: out of memory\n", stderr);
        exit(2);
    }
    return p;
}

char *
copy_string(const char *s)
{
    return strcpy(or_exit(malloc(strlen(s) + 1)), s);
}

static char *
join_path(const char *folder, const char *name)
{
    struct text t = {0};

    text_add(&t, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
    return t.s;
}

struct record *
add_record(struct walk *w, char *path)
{
    struct record *r;

    if (w->n == w->room) {
        w->room = w->room ? 2 * w->room : 256;
        w->records = or_exit(realloc(w->records, w->room * sizeof(*w->records)));
    }
    r = &w->records[w->n++];
    *r = (struct record){.path = path, .same = NOT_FOUND};
    return r;
}

static void
record_error(struct walk *w, struct record *r, const hi5_error *err)
{
    r->error = copy_string(err->message);
    w->errors++;
}

static size_t
slot_of(const struct walk *w, uint64_t file, uint64_t address)
{
    uint64_t h = (address ^ file << 48) * UINT64_C(0x9e3779b97f4a7c15);

    return (size_t)(h >> 20) % w->slots;
}

static void
enter(struct walk *w, size_t i)
{
    const struct record *const r = &w->records[i];
    size_t at = slot_of(w, r->file, r->address);

    while (w->table[at] != NOT_FOUND)
        at = (at + 1) % w->slots;
    w->table[at] = (long)i;
}

static void
remember(struct walk *w, size_t i)
{
    if (2 * (w->n + 1) > w->slots) {
        w->slots = 4 * (w->n + 256);
        w->table = or_exit(realloc(w->table, w->slots * sizeof(*w->table)));
        for (size_t k = 0; k < w->slots; k++)
            w->table[k] = NOT_FOUND;
        for (size_t k = 0; k < i; k++)
            if (w->records[k].address != HI5_NO_ADDRESS && w->records[k].kind != 0 &&
                w->records[k].same == NOT_FOUND)
                enter(w, k);
    }
    enter(w, i);
}

long
find_object(const struct walk *w, uint64_t file, uint64_t address)
{
    size_t at;

    if (w->slots == 0)
        return NOT_FOUND;
    for (at = slot_of(w, file, address); w->table[at] != NOT_FOUND;
         at = (at + 1) % w->slots) {
        const struct record *const r = &w->records[w->table[at]];

        if (r->file == file && r->address == address)
            return w->table[at];
    }
    return NOT_FOUND;
}

struct links {
    struct record *v;
    size_t n, room;
};

/* Keep a link as a record whose path is its name. */
static hi5_status
keep_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct links *const l = ctx;
    struct record *r;
    struct sha256 hash;

    (void)err;
    if (l->n == l->room) {
        l->room = l->room ? 2 * l->room : 16;
        l->v = or_exit(realloc(l->v, l->room * sizeof(*l->v)));
    }
    r = &l->v[l->n++];
    *r = (struct record){.path = copy_string(link->name),
                         .link_kind = link->kind,
                         .is_link = true,
                         .utf8 = link->utf8,
                         .has_order = link->has_order,
                         .order = link->order,
                         .same = NOT_FOUND,
                         .address = link->address};
    if (link->target != NULL)
        r->target = copy_string(link->target);
    if (link->file != NULL)
        r->file_name = copy_string(link->file);
    r->data_size = link->data_size;
    sha256_init(&hash);
    if (link->data_size > 0)
        sha256_add(&hash, link->data, link->data_size);
    sha256_hex(&hash, r->data_hash);
    return HI5_OK;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct record *)a)->path, ((const struct record *)b)->path);
}

static void
visit_group(struct walk *w, hi5_object *o, const char *path, unsigned depth);

/* Complete record i, a hard link; go down if it is a group not met before. */
void
visit_object(struct walk *w, size_t i, unsigned depth)
{
    struct record *r = &w->records[i];
    hi5_object *o;
    hi5_object_info info;
    hi5_error err;

    if (hi5_object_open_address(w->f, r->address, &o, &err)) {
        record_error(w, r, &err);
        return;
    }
    r->kind = hi5_object_kind(o);
    if (hi5_object_get_info(o, &info, &err)) {
        r->kind = HI5_KIND_UNKNOWN;
        record_error(w, r, &err);
    } else {
        r->file = info.file_number;
        r->address = info.address;
        r->same = find_object(w, r->file, r->address);
        if (r->same == NOT_FOUND) {
            remember(w, i);
            if (r->kind == HI5_KIND_GROUP)
                visit_group(w, o, r->path, depth + 1);
        }
    }
    hi5_object_close(o);
}

static void
visit_group(struct walk *w, hi5_object *o, const char *path, unsigned depth)
{
    struct links l = {0};
    hi5_group *g = NULL;
    hi5_error err;

    if (depth > MAX_DEPTH)
        return;
    if (hi5_object_group(o, &g, &err) ||
        hi5_group_each(g, HI5_NATIVE, false, keep_link, &l, &err))
        record_error(w, add_record(w, copy_string(path)), &err);
    hi5_group_close(g);
    if (l.n > 0)
        qsort(l.v, l.n, sizeof(*l.v), by_name);
    for (size_t i = 0; i < l.n; i++) {
        char *const full = join_path(path, l.v[i].path);
        struct record *const r = add_record(w, full);

        free(l.v[i].path);
        *r = l.v[i];
        r->path = full;
        if (r->link_kind == HI5_LINK_HARD)
            visit_object(w, w->n - 1, depth);
    }
    free(l.v);
}

void
free_walk(struct walk *w)
{
    for (size_t i = 0; i < w->n; i++) {
        free(w->records[i].path);
        free(w->records[i].target);
        free(w->records[i].file_name);
        free(w->records[i].error);
    }
    free(w->records);
    free(w->table);
    hi5_close(w->f, NULL);
}
