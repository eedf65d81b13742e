/*
 * directory.c - groups that paths lead through, remembered
 *
 * A table of names is an accelerator: it has the hard links only, and says nothing of what
 * it does not have, so that everything else, errors included, comes from the group
 * itself. It is made when a group has been asked for a good part of its names, so that
 * making it costs no more than the searches before.
 */
#include "file/directory.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

#define DIR_BUDGET (8u << 20)
#define DIR_BUCKETS 64u
#define DIR_COST 2048u           /* bytes of a group without its header, about */
#define DIR_LARGEST (256u << 10) /* bytes of a header that is kept */
#define DIR_PATIENCE 32u         /* searches before there is any table */
#define DIR_SHARE 64u            /* links for each search that has been done */
#define DIR_PROBES 64u           /* the most places that a name may be in */

/* What a slot knows of a name. A short one is all there: its bytes, the first one lowest.
 * Of a longer one there are DIR_LONG, 31 bits of the hash, and where it is in `names`. */
#define DIR_SHORT 7u
#define DIR_LONG ((uint64_t)1 << 63)
#define DIR_FREE 0u

struct dir_slot {
    uint64_t key;              /* DIR_FREE: nothing is here */
    uint64_t address;          /* ADDR_NONE: ask the group */
};

/* Immutable once others can see it. A name is in the first free slot from the one that
 * its hash says. */
struct dir_table {
    struct dir_slot *slot;
    size_t nslots;             /* a power of two */
    char *names;               /* each with its NUL */
    size_t names_n, names_room;
};

/* Immutable but for what the lock of `dirs` guards. */
struct dir {
    uint64_t addr;
    struct arena arena;
    struct ohdr *head;
    struct links links;
    uint64_t bytes;            /* of the header */
    uint64_t cost;             /* guarded, from here on */
    uint64_t searches;
    struct dir_table *table;
    bool tried;                /* to make a table */
    bool listed;
    unsigned refs;
    struct dir *chain, *newer, *older;
};

struct dirs {
    hi5_file *file;
    struct mutex lock;
    uint64_t cost, budget;
    uint64_t epoch;            /* counts dirs_drop */
    struct dir *newest, *oldest;
    struct dir *bucket[DIR_BUCKETS];
};

/* ---- tables ---- */

static void
dir_table_free(struct mem *mem, struct dir_table *t)
{
    if (t == NULL)
        return;
    mem_free(mem, t->names, t->names_room);
    mem_free(mem, t->slot, t->nslots * sizeof *t->slot);
    mem_free(mem, t, sizeof *t);
}

static uint64_t
dir_table_cost(const struct dir_table *t)
{
    return sizeof *t + t->names_room + t->nslots * sizeof *t->slot;
}

static uint32_t
dir_hash(const char *s, size_t n)
{
    uint64_t h = n * 0x9e3779b97f4a7c15u, word;

    for (; n >= 8; n -= 8, s += 8) {
        memcpy(&word, s, 8);
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, s, n);
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 32);
}

/* The key of a name, but for where that is. */
static uint64_t
dir_key(uint32_t hash, const char *name, size_t n)
{
    return n <= DIR_SHORT ? cur_raw_uint((const uint8_t *)name, (unsigned)n)
                          : DIR_LONG | (uint64_t)hash << 32;
}

static bool
dir_slot_is(const struct dir_table *t, const struct dir_slot *s, uint64_t key,
            const char *name, size_t n)
{
    const size_t at = (uint32_t)s->key;

    if ((key & DIR_LONG) == 0)
        return s->key == key;
    return (s->key ^ key) >> 32 == 0 && t->names_n - at > n &&
           memcmp(t->names + at, name, n) == 0 && t->names[at + n] == '\0';
}

static const struct dir_slot *
dir_table_find(const struct dir_table *t, uint32_t hash, const char *name, size_t n)
{
    const uint64_t key = dir_key(hash, name, n);
    size_t i = hash & (t->nslots - 1);

    for (; t->slot[i].key != DIR_FREE; i = (i + 1) & (t->nslots - 1))
        if (dir_slot_is(t, &t->slot[i], key, name, n))
            return &t->slot[i];
    return NULL;
}

/* ---- making a table ---- */

/* Links as they come. */
struct dir_entry {
    uint64_t address;          /* ADDR_NONE: ask the group */
    uint32_t hash;
    uint32_t name;             /* where in names */
};

struct dir_making {
    struct mem *mem;
    struct dir_table *t;       /* names are there already */
    struct dir_entry *entry;
    size_t n, room;
    uint64_t most;             /* links that are worth it */
    uint64_t budget;           /* bytes */
    bool sorted;               /* names are to ascend: else a search finds other ones */
};

/* Anything out of the ordinary ends it: there will be no table. */
static hi5_status
dir_making_one(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct dir_making *const w = ctx;
    struct dir_table *const t = w->t;
    const size_t n = (size_t)l->name_len;
    char *names;
    struct dir_entry *entry;

    (void)err;
    if (w->n >= w->most || n == 0 || n > UINT16_MAX || memchr(l->name, 0, n) != NULL ||
        dir_table_cost(t) + w->room * sizeof *entry > w->budget)
        return HI5_E_LIMIT;
    names = mem_grow(w->mem, t->names, &t->names_room, t->names_n + n + 1, 1);
    if (names == NULL)
        return HI5_E_NOMEM;
    t->names = names;
    entry = mem_grow(w->mem, w->entry, &w->room, w->n + 1, sizeof *entry);
    if (entry == NULL)
        return HI5_E_NOMEM;
    w->entry = entry;
    memcpy(names + t->names_n, l->name, n);
    names[t->names_n + n] = '\0';
    if (w->sorted && w->n != 0 &&
        strcmp(names + entry[w->n - 1].name, names + t->names_n) >= 0)
        return HI5_E_CORRUPT;
    entry[w->n++] = (struct dir_entry){
        l->kind == HI5_LINK_HARD ? l->address : ADDR_NONE,
        dir_hash(names + t->names_n, n), (uint32_t)t->names_n};
    t->names_n += n + 1;
    return HI5_OK;
}

/* Put an entry in its slot. One of a name that is there already makes that lead nowhere.
 * False: too many are in the way. */
static bool
dir_table_put(struct dir_table *t, const struct dir_entry *e)
{
    const char *const name = t->names + e->name;
    const size_t n = strlen(name);
    const uint64_t key = dir_key(e->hash, name, n);
    size_t i = e->hash & (t->nslots - 1);

    for (unsigned probes = 0; probes < DIR_PROBES; probes++) {
        struct dir_slot *const s = &t->slot[i];
        if (s->key == DIR_FREE) {
            *s = (struct dir_slot){n <= DIR_SHORT ? key : key | e->name, e->address};
            return true;
        }
        if (dir_slot_is(t, s, key, name, n)) {
            s->address = ADDR_NONE;
            return true;
        }
        i = (i + 1) & (t->nslots - 1);
    }
    return false;
}

static bool
dir_table_fill(struct dir_making *w)
{
    struct dir_table *const t = w->t;
    size_t n = 64;

    while (n / 4 * 3 <= w->n)
        n *= 2;
    t->slot = mem_zalloc(w->mem, n, sizeof *t->slot);
    if (t->slot == NULL)
        return false;
    t->nslots = n;
    for (size_t k = 0; k < w->n; k++)
        if (!dir_table_put(t, &w->entry[k]))
            return false;
    return true;
}

static struct dir_table *
dir_table_make(struct mem *mem, const struct dir *d, uint64_t most, uint64_t budget)
{
    struct dir_making w = {.mem = mem, .t = mem_zalloc(mem, 1, sizeof *w.t),
                           .most = most, .budget = budget,
                           .sorted = d->links.storage == HI5_STORAGE_SYMBOL_TABLE};
    bool good;

    if (w.t == NULL)
        return NULL;
    good = links_each(&d->links, dir_making_one, &w, NULL) == HI5_OK &&
           dir_table_fill(&w);
    mem_free(mem, w.entry, w.room * sizeof *w.entry);
    if (good)
        return w.t;
    dir_table_free(mem, w.t);
    return NULL;
}

/* ---- groups ---- */

static void
dir_free(struct dirs *ds, struct dir *d)
{
    struct arena a = d->arena;

    dir_table_free(&ds->file->mem, d->table);
    arena_done(&a);
}

static hi5_status
dir_load(struct dirs *ds, uint64_t addr, struct dir **out, hi5_error *err)
{
    hi5_file *const f = ds->file;
    struct arena a;
    struct dir *d;
    hi5_status s;

    arena_init(&a, &f->mem);
    d = arena_zalloc(&a, 1, sizeof *d);
    if (d == NULL)
        return mem_fail(&f->mem, sizeof *d, err);
    d->arena = a;
    d->addr = addr;
    d->refs = 1;
    s = ohdr_read(&f->meta, addr, &d->arena, &d->head, err);
    if (s == HI5_OK) {
        for (size_t i = 0; i < d->head->nchunks; i++)
            d->bytes += d->head->chunk[i].size;
        s = links_of(f, d->head, &d->links, err);
    }
    if (s == HI5_OK)
        s = links_open(&d->links, &d->arena, err);
    if (s != HI5_OK) {
        dir_free(ds, d);
        return s;
    }
    d->cost = DIR_COST + 2 * d->bytes;
    *out = d;
    return HI5_OK;
}

/* ---- the list; these are called with the lock held ---- */

static struct dir **
dirs_bucket(struct dirs *ds, uint64_t addr)
{
    return &ds->bucket[(addr * 0x9e3779b97f4a7c15u >> 32) % DIR_BUCKETS];
}

static void
dirs_lru_out(struct dirs *ds, struct dir *d)
{
    if (d->newer != NULL)
        d->newer->older = d->older;
    else
        ds->newest = d->older;
    if (d->older != NULL)
        d->older->newer = d->newer;
    else
        ds->oldest = d->newer;
}

static void
dirs_lru_in(struct dirs *ds, struct dir *d)
{
    d->newer = NULL;
    d->older = ds->newest;
    if (ds->newest != NULL)
        ds->newest->newer = d;
    else
        ds->oldest = d;
    ds->newest = d;
}

static struct dir *
dirs_find(struct dirs *ds, uint64_t addr)
{
    struct dir *d = *dirs_bucket(ds, addr);

    while (d != NULL && d->addr != addr)
        d = d->chain;
    if (d != NULL && d != ds->newest) {
        dirs_lru_out(ds, d);
        dirs_lru_in(ds, d);
    }
    return d;
}

/* Take one off the list. It lives on while it is in use. */
static void
dirs_unlist(struct dirs *ds, struct dir *d)
{
    struct dir **p = dirs_bucket(ds, d->addr);

    while (*p != d)
        p = &(*p)->chain;
    *p = d->chain;
    dirs_lru_out(ds, d);
    ds->cost -= d->cost;
    d->listed = false;
    if (d->refs == 0)
        dir_free(ds, d);
}

static void
dirs_evict(struct dirs *ds)
{
    while (ds->cost > ds->budget && ds->oldest != ds->newest)
        dirs_unlist(ds, ds->oldest);
}

static void
dirs_list(struct dirs *ds, struct dir *d)
{
    struct dir **const p = dirs_bucket(ds, d->addr);

    d->chain = *p;
    *p = d;
    d->listed = true;
    dirs_lru_in(ds, d);
    ds->cost += d->cost;
    dirs_evict(ds);
}

/* Let somebody use a group. Searches are counted here, since each use is for one. */
static void
dirs_use(struct dirs *ds, struct dir *d, struct dir_use *u)
{
    d->refs++;
    d->searches++;
    *u = (struct dir_use){.dir = d};
    if (d->listed && !d->tried && d->searches >= DIR_PATIENCE &&
        d->searches >= d->links.about / DIR_SHARE && ds->budget != 0)
        u->make_table = d->tried = true;
}

/* ---- end of what needs the lock ---- */

HI5_INT hi5_status
dirs_create(hi5_file *f, struct dirs **ds, hi5_error *err)
{
    const uint64_t cache = f->meta.limits.cache / 2;

    *ds = mem_zalloc(&f->mem, 1, sizeof **ds);
    if (*ds == NULL)
        return mem_fail(&f->mem, sizeof **ds, err);
    (*ds)->file = f;
    (*ds)->budget = cache < DIR_BUDGET ? cache : DIR_BUDGET;
    mutex_init(&(*ds)->lock);
    return HI5_OK;
}

HI5_INT void
dirs_drop(struct dirs *ds, uint64_t addr)
{
    struct dir *d, *newer;

    mutex_lock(&ds->lock);
    ds->epoch++;
    for (d = ds->oldest; d != NULL; d = newer) {
        newer = d->newer;
        if (addr == ADDR_NONE || d->addr == addr)
            dirs_unlist(ds, d);
    }
    mutex_unlock(&ds->lock);
}

HI5_INT void
dirs_destroy(struct dirs *ds)
{
    if (ds == NULL)
        return;
    dirs_drop(ds, ADDR_NONE);
    mutex_done(&ds->lock);
    mem_free(&ds->file->mem, ds, sizeof *ds);
}

HI5_INT uint64_t
dirs_follow(struct dirs *ds, uint64_t addr, const char *name, size_t n, uint64_t *bytes)
{
    const uint32_t hash = dir_hash(name, n);
    const struct dir_slot *slot = NULL;
    uint64_t to = ADDR_NONE;
    const struct dir *d;

    mutex_lock(&ds->lock);
    d = dirs_find(ds, addr);
    if (d != NULL && d->table != NULL)
        slot = dir_table_find(d->table, hash, name, n);
    if (slot != NULL) {
        to = slot->address;
        *bytes = d->bytes;
    }
    mutex_unlock(&ds->lock);
    return to;
}

HI5_INT hi5_status
dir_open(struct dirs *ds, uint64_t addr, struct dir_use *u, hi5_error *err)
{
    struct dir *d, *fresh = NULL;
    uint64_t epoch;

    mutex_lock(&ds->lock);
    epoch = ds->epoch;
    d = dirs_find(ds, addr);
    if (d != NULL)
        dirs_use(ds, d, u);
    mutex_unlock(&ds->lock);
    if (d != NULL)
        return HI5_OK;
    TRY(dir_load(ds, addr, &fresh, err));
    *u = (struct dir_use){.dir = fresh};
    if (fresh->bytes > DIR_LARGEST || ds->file->meta.watch != NULL)
        return HI5_OK; /* not listed: gone when it is closed */
    mutex_lock(&ds->lock);
    if (epoch == ds->epoch && dirs_find(ds, addr) == NULL)
        dirs_list(ds, fresh);
    mutex_unlock(&ds->lock);
    return HI5_OK;
}

/* Make the table, and let it be found if the group is still on the list. */
static void
dir_add_table(struct dirs *ds, struct dir *d, uint64_t most)
{
    struct mem *const mem = &ds->file->mem;
    struct dir_table *t = dir_table_make(mem, d, most, ds->budget / 2);

    if (t == NULL)
        return;
    mutex_lock(&ds->lock);
    if (d->listed) {
        d->table = t;
        d->cost += dir_table_cost(t);
        ds->cost += dir_table_cost(t);
        t = NULL;
        dirs_evict(ds);
    }
    mutex_unlock(&ds->lock);
    dir_table_free(mem, t);
}

HI5_INT void
dir_close(struct dirs *ds, struct dir_use *u)
{
    struct dir *const d = u->dir;
    bool gone;

    if (u->make_table)
        dir_add_table(ds, d, 1024 + DIR_PATIENCE * DIR_SHARE + 2 * d->links.about);
    mutex_lock(&ds->lock);
    gone = --d->refs == 0 && !d->listed;
    mutex_unlock(&ds->lock);
    if (gone)
        dir_free(ds, d);
}

HI5_INT uint64_t
dir_header_bytes(const struct dir_use *u)
{
    return u->dir->bytes;
}

HI5_INT const struct links *
dir_links(const struct dir_use *u)
{
    return &u->dir->links;
}
