/*
 * diff_names.c - what is below a group, by name
 *
 * Depth first, the links of a group by the bytes of their names. Each link is listed; a
 * group that several lead to is entered by the first. Links that are followed are listed
 * if nothing of the same name has been followed before, and what is below them is.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/diff.h"
#include <string.h>

/* Something still to be listed. Those of a group are pushed last first. */
struct dnames_job {
    const char *path; /* full */
    const char *name; /* of the link; NULL: the object itself */
    hi5_file *file;   /* of the group that has the link, or of the object */
    uint64_t address; /* hard links: of the object */
    uint64_t group;   /* of the group that has the link */
    unsigned kind;    /* of the link */
    unsigned visit;   /* which traversal this is part of */
};

/* An object that a traversal has entered. */
struct dnames_seen {
    const hi5_file *file;
    uint64_t address;
    unsigned visit; /* 0: a free slot */
};

/* A name that was followed. */
struct dnames_target {
    unsigned kind;
    const char *file, *path;
};

struct dnames {
    struct diff *d;
    struct diff_names *out;
    unsigned side;
    struct dnames_job *jobs;
    size_t njobs, jobs_room;
    struct dnames_seen *seen;
    size_t nseen, seen_room;
    struct dnames_target *targets;
    size_t ntargets, targets_room;
    unsigned visits;
    const struct dnames_job *group; /* whose links are being pushed */
};

/* Room for one more in a list that grows; NULL ends the comparison. */
static void *
dnames_grow(struct diff *d, void *p, size_t n, size_t *room, size_t size)
{
    const size_t more = *room != 0 ? 2 * *room : 32;
    void *q;

    if (n < *room)
        return p;
    q = more <= SIZE_MAX / size ? mem_resize(d->mem, p, *room * size, more * size)
                                : NULL;
    if (q == NULL) {
        hi5_error why;
        diff_break(d, mem_fail(d->mem, more * size, &why), &why);
        return NULL;
    }
    *room = more;
    return q;
}

static bool
dnames_add(struct dnames *x, const char *path, enum diff_kind kind, hi5_file *f,
           uint64_t address)
{
    struct diff_names *const out = x->out;
    void *const p = dnames_grow(x->d, out->p, out->n, &out->room, sizeof *out->p);

    if (p == NULL)
        return false;
    out->p = p;
    out->p[out->n++] = (struct diff_name){path, kind, f, address};
    return true;
}

static bool
dnames_push(struct dnames *x, const struct dnames_job *job)
{
    void *const p =
        dnames_grow(x->d, x->jobs, x->njobs, &x->jobs_room, sizeof *x->jobs);

    if (p == NULL)
        return false;
    x->jobs = p;
    x->jobs[x->njobs++] = *job;
    return true;
}

/* ---- objects that have been entered ---- */

static size_t
dnames_slot(const struct dnames *x, const hi5_file *f, uint64_t address, unsigned visit)
{
    uint64_t h = (address ^ (uint64_t)visit << 40 ^ (uint64_t)(uintptr_t)f) *
                 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(h >> 20) & (x->seen_room - 1);

    while (x->seen[i].visit != 0 &&
           (x->seen[i].file != f || x->seen[i].address != address ||
            x->seen[i].visit != visit))
        i = (i + 1) & (x->seen_room - 1);
    return i;
}

/* Enter a group; false if this traversal has, or there is no memory. */
static bool
dnames_enter(struct dnames *x, const hi5_file *f, uint64_t address, unsigned visit)
{
    size_t i;

    if (2 * x->nseen >= x->seen_room) {
        struct dnames_seen *const old = x->seen;
        const size_t n = x->seen_room;

        x->seen_room = n != 0 ? 2 * n : 64;
        x->seen = mem_zalloc(x->d->mem, x->seen_room, sizeof *x->seen);
        if (x->seen == NULL) {
            hi5_error why;
            x->seen = old;
            x->seen_room = n;
            diff_break(x->d, mem_fail(x->d->mem, n, &why), &why);
            return false;
        }
        for (size_t k = 0; k < n; k++)
            if (old[k].visit != 0)
                x->seen[dnames_slot(x, old[k].file, old[k].address, old[k].visit)] =
                    old[k];
        mem_free(x->d->mem, old, n * sizeof *old);
    }
    i = dnames_slot(x, f, address, visit);
    if (x->seen[i].visit != 0)
        return false;
    x->seen[i] = (struct dnames_seen){f, address, visit};
    x->nseen++;
    return true;
}

/* ---- links ---- */

static const char *
dnames_join(struct dnames *x, const char *group, const char *name)
{
    const size_t g = strcmp(group, "/") == 0 ? 0 : strlen(group), n = strlen(name);
    char *const p = arena_alloc(&x->d->arena, g + n + 2);

    if (p == NULL) {
        hi5_error why;
        diff_break(x->d, mem_fail(x->d->mem, g + n, &why), &why);
        return NULL;
    }
    memcpy(p, group, g);
    p[g] = '/';
    memcpy(p + g + 1, name, n + 1);
    return p;
}

static hi5_status
dnames_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct dnames *const x = ctx;
    const struct dnames_job group = *x->group;
    struct dnames_job job = {.file = group.file,
                             .address = l->address,
                             .group = group.address,
                             .kind = l->kind,
                             .visit = group.visit};

    (void)err;
    job.path = dnames_join(x, group.path, l->name);
    if (job.path == NULL)
        return x->d->broken;
    job.name = job.path + strlen(job.path) - strlen(l->name);
    return dnames_push(x, &job) ? HI5_OK : x->d->broken;
}

/* Tell that what is at `path` cannot be listed. */
static void
dnames_failed(struct dnames *x, const char *path, const hi5_error *why)
{
    x->out->failed = true;
    diff_failed(x->d, x->side == 0 ? path : NULL, x->side == 1 ? path : NULL, NULL,
                why);
}

/* Push the links of a group, last first. */
static void
dnames_push_links(struct dnames *x, const struct dnames_job *job, hi5_object *o)
{
    hi5_group *g;
    hi5_error why;
    hi5_status s;

    x->group = job;
    s = hi5_object_group(o, &g, &why);
    if (s == HI5_OK) {
        s = hi5_group_each(g, HI5_BY_NAME, true, dnames_link, x, &why);
        hi5_group_close(g);
    }
    if (s != HI5_OK && x->d->broken == HI5_OK)
        dnames_failed(x, job->path, &why);
}

/* List an object, and prepare for what is below it. */
static void
dnames_object(struct dnames *x, const struct dnames_job *job, hi5_object *o)
{
    static const enum diff_kind kinds[] = {DIFF_UNKNOWN, DIFF_GROUP, DIFF_DATASET,
                                           DIFF_DATATYPE};
    const hi5_kind kind = hi5_object_kind(o);
    struct dnames_job at = *job;

    if (!diff_hold(x->d, o->file) ||
        !dnames_add(x, job->path, (unsigned)kind < 4 ? kinds[kind] : DIFF_UNKNOWN,
                    o->file, o->head->addr))
        return;
    at.file = o->file;
    at.address = o->head->addr;
    if (kind == HI5_KIND_GROUP && dnames_enter(x, at.file, at.address, job->visit))
        dnames_push_links(x, &at, o);
}

static bool
dnames_followed(struct dnames *x, unsigned kind, const char *file, const char *path)
{
    void *p;

    for (size_t i = 0; i < x->ntargets; i++)
        if (x->targets[i].kind == kind && strcmp(x->targets[i].path, path) == 0 &&
            strcmp(x->targets[i].file, file) == 0)
            return true;
    p = dnames_grow(x->d, x->targets, x->ntargets, &x->targets_room,
                    sizeof *x->targets);
    if (p == NULL)
        return true;
    x->targets = p;
    x->targets[x->ntargets++] =
        (struct dnames_target){kind, arena_str(&x->d->arena, file, strlen(file)),
                               arena_str(&x->d->arena, path, strlen(path))};
    return false;
}

/* Follow a soft or external link. */
static void
dnames_follow(struct dnames *x, const struct dnames_job *job)
{
    hi5_object *from = NULL, *o = NULL;
    hi5_group *g = NULL;
    hi5_link l = {.name = NULL};
    hi5_error why;
    hi5_status s = hi5_object_open_address(job->file, job->group, &from, &why);

    if (s == HI5_OK)
        s = hi5_object_group(from, &g, &why);
    if (s == HI5_OK)
        s = hi5_group_get_link(g, job->name, &l, &why);
    if (s != HI5_OK) {
        dnames_failed(x, job->path, &why);
    } else if (hi5_object_open_at(g, job->name, &o, NULL) != HI5_OK) {
        (void)dnames_add(x, job->path, job->kind == HI5_LINK_SOFT ? DIFF_SOFT : DIFF_UD,
                         NULL, 0);
        if (x->d->o.no_dangling)
            x->d->result->failures++;
    } else if (!dnames_followed(x, l.kind, l.file != NULL ? l.file : "",
                                l.target != NULL ? l.target : "")) {
        struct dnames_job at = *job;
        at.visit = ++x->visits;
        dnames_object(x, &at, o);
    }
    hi5_object_close(o);
    if (g != NULL)
        hi5_link_free(g, &l);
    hi5_group_close(g);
    hi5_object_close(from);
}

static void
dnames_do(struct dnames *x, const struct dnames_job *job)
{
    hi5_object *o;
    hi5_error why;

    if (job->kind == HI5_LINK_HARD) {
        if (hi5_object_open_address(job->file, job->address, &o, &why) != HI5_OK) {
            dnames_failed(x, job->path, &why);
            return;
        }
        dnames_object(x, job, o);
        hi5_object_close(o);
    } else if (!x->d->o.follow_links) {
        (void)dnames_add(x, job->path, job->kind == HI5_LINK_SOFT ? DIFF_SOFT : DIFF_UD,
                         NULL, 0);
    } else if (job->kind == HI5_LINK_SOFT || job->kind == HI5_LINK_EXTERNAL) {
        dnames_follow(x, job);
    } else {
        err_plain(&why, HI5_E_UNSUPPORTED,
                  "a user-defined link of class %u cannot be "
                  "followed",
                  job->kind);
        dnames_failed(x, job->path, &why);
    }
}

HI5_INT void
diff_list(struct diff *d, unsigned side, struct diff_names *out)
{
    struct dnames x = {.d = d, .out = out, .side = side, .visits = 1};
    const struct dnames_job root = {
        .path = d->root[side], .file = d->file[side], .visit = 1};
    hi5_object *o;
    hi5_error why;

    if (hi5_object_open(d->file[side], d->root[side], &o, &why) != HI5_OK) {
        dnames_failed(&x, d->root[side], &why);
        return;
    }
    dnames_object(&x, &root, o);
    hi5_object_close(o);
    while (x.njobs != 0 && d->broken == HI5_OK) {
        const struct dnames_job job = x.jobs[--x.njobs];
        dnames_do(&x, &job);
    }
    mem_free(d->mem, x.jobs, x.jobs_room * sizeof *x.jobs);
    mem_free(d->mem, x.seen, x.seen_room * sizeof *x.seen);
    mem_free(d->mem, x.targets, x.targets_room * sizeof *x.targets);
}

HI5_INT void
diff_names_free(struct diff *d, struct diff_names *names)
{
    mem_free(d->mem, names->p, names->room * sizeof *names->p);
    *names = (struct diff_names){NULL, 0, 0, false};
}

HI5_INT bool
diff_excluded(const char *path, enum diff_kind kind, const char *const *list,
              bool *was_group, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const size_t len = strlen(list[i]);

        if (strcmp(list[i], path) == 0) {
            was_group[i] |= kind == DIFF_GROUP;
            return true;
        }
        if (was_group[i] && strncmp(list[i], path, len) == 0 && path[len] == '/')
            return true;
    }
    return false;
}
