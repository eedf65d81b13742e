/*
 * file.c - opening and closing files
 */
#include "file/directory.h"
#include "base/err.h"
#include "base/io.h"
#include "file/edit.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- sets ---- */

static struct file_set *
file_set_new(void)
{
    struct file_set *set = mem_raw(NULL, NULL, 0, sizeof *set);

    if (set == NULL)
        return NULL;
    *set = (struct file_set){0};
    mutex_init(&set->lock);
    set->refs = 1;
    set->next_number = 1;
    return set;
}

static void
file_set_unref(struct file_set *set)
{
    bool last;

    mutex_lock(&set->lock);
    last = --set->refs == 0;
    mutex_unlock(&set->lock);
    if (!last)
        return;
    mutex_done(&set->lock);
    mem_raw(NULL, set, sizeof *set, 0);
}

static void
file_set_join(struct file_set *set, hi5_file *f)
{
    mutex_lock(&set->lock);
    set->refs++;
    f->set = set;
    f->number = set->next_number++;
    f->next = set->first;
    set->first = f;
    mutex_unlock(&set->lock);
}

static void
file_set_leave(hi5_file *f)
{
    struct file_set *const set = f->set;
    hi5_file **p;

    mutex_lock(&set->lock);
    for (p = &set->first; *p != NULL; p = &(*p)->next)
        if (*p == f) {
            *p = f->next;
            break;
        }
    mutex_unlock(&set->lock);
    file_set_unref(set);
}

/* ---- references ---- */

HI5_INT void
file_ref(hi5_file *f)
{
    atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
}

static void
file_destroy(hi5_file *f)
{
    const hi5_allocator alloc = f->mem.alloc;

    threads_late_done(&f->late);
    edit_close(f);
    dirs_destroy(f->dirs);
    mem_unbox(&f->mem, f->full_path);
    mem_unbox(&f->mem, f->real_path);
    gheap_destroy(f->gheap);
    meta_done(&f->meta);
    io_close(&f->meta.io);
    arena_done(&f->arena);
    mutex_done(&f->lock);
    mem_done(&f->mem);
    mem_raw(&alloc, f, sizeof *f, 0);
}

/* Take a reference unless the last one is just being given up. */
static bool
file_try_ref(hi5_file *f)
{
    unsigned n = atomic_load(&f->refs);

    while (n != 0)
        if (atomic_compare_exchange_weak(&f->refs, &n, n + 1))
            return true;
    return false;
}

HI5_INT void
file_unref(hi5_file *f)
{
    if (f == NULL ||
        atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (f->set != NULL)
        file_set_leave(f);
    file_destroy(f);
}

hi5_status
hi5_close(hi5_file *f, hi5_error *err)
{
    hi5_status s = HI5_OK;

    err_clear(err);
    if (f != NULL && f->edit != NULL && !f->edit->closed) {
        s = err_path(err, edit_commit(f, false, err), f->path, NULL);
        f->edit->closed = true;
    }
    file_unref(f);
    return s;
}

HI5_INT void
file_warn(hi5_file *f, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    char *copy;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    mutex_lock(&f->lock);
    for (size_t i = 0; i < f->nwarnings; i++)
        if (strcmp(f->warning[i], text) == 0) {
            mutex_unlock(&f->lock);
            return;
        }
    if (f->nwarnings < FILE_WARNINGS) {
        copy = arena_str(&f->arena, text, strlen(text));
        if (copy != NULL)
            f->warning[f->nwarnings++] = copy;
    }
    mutex_unlock(&f->lock);
}

const char *
hi5_file_warning(const hi5_file *f, size_t i)
{
    hi5_file *const own = (hi5_file *)(uintptr_t)f; /* the lock of what stays as it is */
    const char *text;

    mutex_lock(&own->lock);
    text = i < f->nwarnings ? f->warning[i] : NULL;
    mutex_unlock(&own->lock);
    return text;
}

/* ---- opening ---- */

static hi5_status
file_new(const struct file_options *o, hi5_file **out, hi5_error *err)
{
    hi5_file *f = mem_raw(o->allocator, NULL, 0, sizeof *f);

    *out = f;
    if (f == NULL)
        return err_nomem(err);
    *f = (hi5_file){0};
    mem_init(&f->mem, o->allocator, meta_limits(&o->limits).memory);
    mutex_init(&f->lock);
    threads_late_init(&f->late, o->allocator);
    arena_init(&f->arena, &f->mem);
    f->refs = 1;
    f->path = "";
    return HI5_OK;
}

/* A string copied into the file's arena; NULL stays NULL. */
static bool
file_keep(hi5_file *f, const char *s, const char **out)
{
    *out = s != NULL ? arena_str(&f->arena, s, strlen(s)) : NULL;
    return s == NULL || *out != NULL;
}

static hi5_status
file_keep_options(hi5_file *f, const struct file_options *o, hi5_error *err)
{
    bool ok;

    f->options = *o;
    if (o->allocator != NULL) {
        f->options.allocator_copy = *o->allocator;
        f->options.allocator = &f->options.allocator_copy;
    }
    ok = file_keep(f, o->others_folder, &f->options.others_folder);
    for (unsigned i = 0; i < 4; i++)
        ok = ok && file_keep(f, o->prefix[i], &f->options.prefix[i]);
    if (o->plugins.n != 0) {
        f->options.plugins.plugin =
            arena_copy(&f->arena, o->plugins.plugin,
                       o->plugins.n * sizeof *o->plugins.plugin);
        ok = ok && f->options.plugins.plugin != NULL;
    }
    return ok ? HI5_OK : mem_fail(&f->mem, 0, err);
}

/* Most files never meet another one, so links in the path of the first of a set are not
 * resolved before it does. The lock of the set guards real_path. */
static void
file_resolve(hi5_file *f)
{
    char *real = NULL;
    bool first = false, todo = true;

    if (f->set != NULL) {
        mutex_lock(&f->set->lock);
        todo = !f->resolved;
        mutex_unlock(&f->set->lock);
    }
    if (todo && f->full_path != NULL)
        real = io_real_path(&f->mem, f->full_path);
    if (f->set != NULL)
        mutex_lock(&f->set->lock);
    if (!f->resolved) {
        f->real_path = real;
        f->resolved = first = true;
    }
    if (f->set != NULL)
        mutex_unlock(&f->set->lock);
    if (!first)
        mem_unbox(&f->mem, real);
}

HI5_INT bool
file_is_same(hi5_file *a, hi5_file *b)
{
    if (a == b)
        return true;
    if (a->full_path == NULL || b->full_path == NULL)
        return false;
    if (strcmp(a->full_path, b->full_path) == 0)
        return true;
    file_resolve(a);
    file_resolve(b);
    return a->real_path != NULL && b->real_path != NULL &&
           strcmp(a->real_path, b->real_path) == 0;
}

HI5_INT hi5_status
file_open_io(hi5_io *io, const char *name, const struct file_options *o,
             struct file_set *set, unsigned hops, hi5_file **out, hi5_error *err)
{
    const bool write = o->write && set == NULL; /* others are only read */
    hi5_file *f = NULL;
    hi5_status s;

    *out = NULL;
    s = file_new(o, &f, err);
    if (s != HI5_OK) {
        io_close(io);
        return err_path(err, s, name, NULL);
    }
    meta_init(&f->meta, &f->mem, io, &o->limits);
    f->hops = hops;
    if (set == NULL)
        f->meta.watch = o->watch;
    s = file_keep_options(f, o, err);
    f->options.write = write;
    if (s == HI5_OK && !file_keep(f, name != NULL ? name : "", &f->path))
        s = mem_fail(&f->mem, 0, err);
    if (s == HI5_OK && f->path != NULL && f->path[0] != '\0') {
        f->full_path = io_full_path(&f->mem, f->path);
        if (set != NULL)
            file_resolve(f);
    }
    if (s == HI5_OK)
        s = file_load(f, err);
    if (s == HI5_OK && write)
        s = edit_open(f, err);
    if (s == HI5_OK && set == NULL) {
        struct file_set *fresh = file_set_new();
        if (fresh == NULL) {
            s = err_nomem(err);
        } else {
            file_set_join(fresh, f);
            file_set_unref(fresh);
        }
    } else if (s == HI5_OK) {
        file_set_join(set, f);
    }
    if (s != HI5_OK) {
        err_path(err, s, name, NULL);
        file_unref(f);
        return s;
    }
    *out = f;
    return HI5_OK;
}

HI5_INT hi5_status
file_open(const char *path, const struct file_options *o, struct file_set *set,
          unsigned hops, hi5_file **out, hi5_error *err)
{
    hi5_io io;

    *out = NULL;
    if (o->write && set == NULL)
        TRY(file_write_driver(o, path, 0, IO_EXISTING, &io, err));
    else
        TRY(file_open_driver(o->allocator, path, o->driver, &io, err));
    return file_open_io(&io, path, o, set, hops, out, err);
}

HI5_INT hi5_status
file_read_options(const hi5_open_options *in, struct file_options *o, hi5_error *err)
{
    *o = (struct file_options){0};
    if (in == NULL)
        return HI5_OK;
    if (in->size != sizeof *in)
        return err_plain(err, HI5_E_ARG, "hi5_open_options.size is %zu, expected %zu",
                         in->size, sizeof *in);
    if (in->limits != NULL && in->limits->size != sizeof *in->limits)
        return err_plain(err, HI5_E_ARG, "hi5_limits.size is %zu, expected %zu",
                         in->limits->size, sizeof *in->limits);
    if (in->others == HI5_OTHERS_CONFINE && in->others_folder == NULL)
        return err_plain(err, HI5_E_ARG, "HI5_OTHERS_CONFINE without others_folder");
    if (in->others == HI5_OTHERS_CALL && in->others_open == NULL)
        return err_plain(err, HI5_E_ARG, "HI5_OTHERS_CALL without others_open");
    o->allocator = in->allocator;
    if (in->limits != NULL)
        o->limits = *in->limits;
    o->driver = in->driver;
    o->others = in->others;
    o->others_folder = in->others_folder;
    o->others_open = in->others_open;
    o->others_ctx = in->others_ctx;
    o->prefix[HI5_OTHER_EXTERNAL_LINK] = in->external_prefix;
    o->prefix[HI5_OTHER_VDS_SOURCE] = in->vds_prefix;
    o->prefix[HI5_OTHER_RAW_DATA] = in->raw_prefix;
    o->vds_view = in->vds_view;
    o->vds_gap = in->vds_gap;
    o->plugins = (struct pipe_plugins){in->filters, in->nfilters};
    o->salvage = in->salvage;
    o->threads = in->threads;
    o->run = in->run;
    o->run_ctx = in->run_ctx;
    o->chunk_cache = in->chunk_cache;
    o->write = in->write;
    o->times = in->times;
    o->durable = in->durable;
    o->no_lock = in->no_lock;
    o->compat = in->compat;
    o->reclaim = in->reclaim;
    o->commit_bytes = in->commit_bytes;
    o->align = in->alignment;
    o->align_least = in->alignment_threshold;
    return HI5_OK;
}

hi5_status
hi5_open(const char *path, const hi5_open_options *options, hi5_file **f, hi5_error *err)
{
    struct file_options o;

    *f = NULL;
    err_clear(err);
    TRY(file_read_options(options, &o, err));
    return file_open(path, &o, NULL, 0, f, err);
}

hi5_status
hi5_open_io(const hi5_io *io, const char *name, const hi5_open_options *options,
            hi5_file **f, hi5_error *err)
{
    struct file_options o;
    hi5_io copy;
    hi5_status s;

    *f = NULL;
    err_clear(err);
    if (io == NULL || io->size != sizeof *io || io->read_at == NULL ||
        io->get_size == NULL)
        return err_plain(err, HI5_E_ARG, "hi5_io: size, read_at and get_size are needed");
    copy = *io;
    s = file_read_options(options, &o, err);
    if (s != HI5_OK) {
        io_close(&copy);
        return s;
    }
    return file_open_io(&copy, name, &o, NULL, 0, f, err);
}

hi5_status
hi5_open_memory(const void *bytes, size_t n, const hi5_open_options *options,
                hi5_file **f, hi5_error *err)
{
    struct file_options o;
    hi5_io io;

    *f = NULL;
    err_clear(err);
    TRY(file_read_options(options, &o, err));
    TRY(io_open_memory(o.allocator, bytes, n, &io, err));
    return file_open_io(&io, NULL, &o, NULL, 0, f, err);
}

/* ---- other files ---- */

/* Reuse a file of the set that is the same one on disk. */
static hi5_file *
file_set_find(struct file_set *set, const char *real_path)
{
    hi5_file *found = NULL;

    mutex_lock(&set->lock);
    for (hi5_file *f = set->first; f != NULL && found == NULL; f = f->next)
        if (f->real_path != NULL && strcmp(f->real_path, real_path) == 0 &&
            file_try_ref(f))
            found = f;
    mutex_unlock(&set->lock);
    return found;
}

/* Open one candidate path, reusing what is open. HI5_E_NOTFOUND if it does not exist. */
static hi5_status
file_open_candidate(hi5_file *f, const char *path, hi5_file **out, hi5_error *err)
{
    struct file_options o = f->options;
    char *real;

    if (o.others == HI5_OTHERS_CONFINE)
        TRY(io_check_confined(&f->mem, path, o.others_folder, err));
    real = io_real_path(&f->mem, path);
    *out = real != NULL ? file_set_find(f->set, real) : NULL;
    mem_unbox(&f->mem, real);
    if (*out != NULL)
        return HI5_OK;
    o.driver = HI5_DRIVER_AUTO;
    return file_open(path, &o, f->set, f->hops + 1, out, err);
}

/* Something that tries one path. */
struct file_search {
    hi5_file *from;
    bool raw, write;           /* any bytes, not HDF5; to be written */
    hi5_file *file;
    hi5_io io;
    hi5_error *err;
};

static hi5_status
file_try(struct file_search *s, const char *path)
{
    if (!s->raw)
        return file_open_candidate(s->from, path, &s->file, s->err);
    if (s->from->options.others == HI5_OTHERS_CONFINE)
        TRY(io_check_confined(&s->from->mem, path, s->from->options.others_folder,
                              s->err));
    if (s->write)
        return io_write_file(s->from->options.allocator, path, IO_CREATE, false, &s->io,
                             s->err);
    return io_open_file(s->from->options.allocator, path, &s->io, s->err);
}

/* folder + "/" + name, tried if it exists; "${ORIGIN}" in folder is the folder of the
 * file that asks. */
static hi5_status
file_try_in(struct file_search *s, const char *folder, size_t n, const char *name)
{
    static const char origin[] = "${ORIGIN}";
    const char *const self = s->from->path;
    const char *const slash = strrchr(self, '/');
    char path[4096];
    int k;

    if (n >= sizeof origin - 1 && strncmp(folder, origin, sizeof origin - 1) == 0)
        k = snprintf(path, sizeof path, "%.*s%.*s/%s",
                     slash != NULL ? (int)(slash - self) : 1,
                     slash != NULL ? self : ".", (int)(n - (sizeof origin - 1)),
                     folder + sizeof origin - 1, name);
    else
        k = snprintf(path, sizeof path, "%.*s%s%s", (int)n, folder,
                     n > 0 && folder[n - 1] != '/' ? "/" : "", name);
    if (k < 0 || (size_t)k >= sizeof path)
        return err_plain(s->err, HI5_E_NOTFOUND, "the path of '%s' is too long", name);
    return file_try(s, path);
}

/* Each folder of a prefix list, ':' between. */
static hi5_status
file_try_prefixes(struct file_search *s, const char *list, const char *name)
{
    hi5_status st = HI5_E_NOTFOUND;

    while (list != NULL && *list != '\0' && st == HI5_E_NOTFOUND) {
        const char *end = strchr(list, ':');
        const size_t n = end != NULL ? (size_t)(end - list) : strlen(list);
        if (n != 0)
            st = file_try_in(s, list, n, name);
        list = end != NULL ? end + 1 : NULL;
    }
    return st;
}

/* The folder part of a path, tried with `name`. */
static hi5_status
file_try_beside(struct file_search *s, const char *path, const char *name)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    if (slash == NULL)
        return HI5_E_NOTFOUND;
    return file_try_in(s, path, (size_t)(slash - path) + 1, name);
}

/* Where libhdf5 looks for HDF5 files: an absolute name as it is, then its last part like
 * a relative one; the prefixes; beside the file as it was opened; the working folder;
 * beside the file that symbolic links lead to. */
static hi5_status
file_search(struct file_search *s, hi5_other_kind kind, const char *name)
{
    const hi5_file *f = s->from;
    hi5_status st = HI5_E_NOTFOUND;

    if (name[0] == '/') {
        st = file_try(s, name);
        if (st != HI5_E_NOTFOUND)
            return st;
        name = strrchr(name, '/') + 1;
    }
    st = file_try_prefixes(s, f->options.prefix[kind], name);
    if (st == HI5_E_NOTFOUND)
        st = file_try_beside(s, f->path, name);
    if (st == HI5_E_NOTFOUND)
        st = file_try(s, name);
    if (st == HI5_E_NOTFOUND)
        st = file_try_beside(s, f->real_path, name);
    return st;
}

/* Raw data has one place: the prefix, or the working folder. */
static hi5_status
file_search_raw(struct file_search *s, const char *name)
{
    const char *prefix = s->from->options.prefix[HI5_OTHER_RAW_DATA];

    if (name[0] == '/' || prefix == NULL || prefix[0] == '\0' ||
        strcmp(prefix, ".") == 0)
        return file_try(s, name);
    return file_try_in(s, prefix, strlen(prefix), name);
}

static hi5_status
file_may_open(const hi5_file *f, const char *name, hi5_error *err)
{
    if (f->options.others == HI5_OTHERS_FORBID)
        return err_plain(err, HI5_E_STATE, "file '%s' is named here, but opening other "
                         "files is forbidden", name);
    if (f->hops >= f->meta.limits.file_hops)
        return err_plain(err, HI5_E_LIMIT, "file '%s' is reached through more than %u "
                         "files", name, (unsigned)f->meta.limits.file_hops);
    return HI5_OK;
}

HI5_INT hi5_status
file_open_other(hi5_file *f, hi5_other_kind kind, const char *name, hi5_file **out,
                hi5_error *err)
{
    struct file_search s = {.from = f, .err = err};
    hi5_io io = {0};

    *out = NULL;
    TRY(file_may_open(f, name, err));
    file_resolve(f);
    if (f->options.others == HI5_OTHERS_CALL) {
        TRY(f->options.others_open(f->options.others_ctx, kind, name, &io, err));
        return file_open_io(&io, name, &f->options, f->set, f->hops + 1, out, err);
    }
    TRY(file_search(&s, kind == HI5_OTHER_REFERENCE ? HI5_OTHER_EXTERNAL_LINK : kind,
                    name));
    *out = s.file;
    return HI5_OK;
}

HI5_INT hi5_status
file_open_raw(hi5_file *f, const char *name, bool write, hi5_io *io, hi5_error *err)
{
    struct file_search s = {.from = f, .raw = true, .write = write, .err = err};

    TRY(file_may_open(f, name, err));
    if (f->options.others == HI5_OTHERS_CALL)
        return f->options.others_open(f->options.others_ctx, HI5_OTHER_RAW_DATA, name, io,
                                      err);
    TRY(file_search_raw(&s, name));
    *io = s.io;
    return HI5_OK;
}
