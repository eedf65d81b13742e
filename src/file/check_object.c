/*
 * check_object.c - the validator's walk over objects                [FMT IV.A.1]
 *
 * Objects are looked at once each, in the order in which links lead to them. What is
 * known of an object (its first path, the links to it) stays; everything decoded for it
 * goes when the next one comes.
 */
#include "base/ckd.h"
#include "file/check.h"
#include <string.h>

/* ---- the list of objects, and a hash table over it by address ---- */

static size_t
object_slot(const struct check *k, uint64_t addr)
{
    const size_t *const index = k->index.p;
    const struct check_object *const o = k->objects.p;
    size_t i = (size_t)(addr * 0x9e3779b97f4a7c15u >> 20);

    for (;; i++) {
        const size_t at = i & (k->index.room - 1);
        if (index[at] == 0 || o[index[at] - 1].addr == addr)
            return at;
    }
}

static bool
object_rehash(struct check *k)
{
    const size_t room = k->index.room != 0 ? k->index.room * 4 : 256;
    const struct check_object *const o = k->objects.p;
    size_t *const fresh = mem_zalloc(&k->mem, room, sizeof *fresh);

    if (fresh == NULL) {
        check_no_memory(k, room * sizeof *fresh);
        return false;
    }
    check_list_done(k, &k->index, sizeof(size_t));
    k->index = (struct check_list){fresh, 0, room};
    for (size_t i = 0; i < k->objects.n; i++)
        fresh[object_slot(k, o[i].addr)] = i + 1;
    return true;
}

HI5_INT struct check_object *
check_object_find(struct check *k, uint64_t addr)
{
    size_t at;

    if (k->index.room == 0)
        return NULL;
    at = ((size_t *)k->index.p)[object_slot(k, addr)];
    return at != 0 ? (struct check_object *)k->objects.p + (at - 1) : NULL;
}

HI5_INT struct check_object *
check_object_at(struct check *k, uint64_t addr, const char *path, bool *fresh)
{
    struct check_object *o = check_object_find(k, addr);

    *fresh = o == NULL;
    if (o != NULL)
        return o;
    if (2 * (k->objects.n + 1) > k->index.room && !object_rehash(k))
        return NULL;
    o = check_list_add(k, &k->objects, sizeof *o);
    if (o == NULL)
        return NULL;
    *o = (struct check_object){.addr = addr, .counted = true, .parent = k->done};
    o->path = arena_str(&k->arena, path, strlen(path));
    if (o->path == NULL) {
        check_no_memory(k, strlen(path));
        o->path = "";
    }
    ((size_t *)k->index.p)[object_slot(k, addr)] = k->objects.n;
    return o;
}

/* ---- one object ---- */

static void
object_claim(struct check_header *x)
{
    const struct ohdr *const h = x->h;

    for (size_t i = 0; i < h->nchunks; i++)
        check_claim(x->k, h->chunk[i].addr, h->chunk[i].size,
                    h->version == 1 ? i == 0 ? "object header" : "header continuation"
                    : i == 0        ? "OHDR"
                                    : "OCHK",
                    HI5_USE_METADATA);
}

/* OH-019: which messages may be there more than once. */
static bool
object_may_repeat(unsigned type)
{
    return type == MSG_NIL || type == MSG_CONT || type == MSG_LINK ||
           type == MSG_ATTR || type == MSG_BOGUS;
}

static void
object_check_counts(struct check_header *x)
{
    const struct ohdr *const h = x->h;

    if (h->version == 1 && h->nmsgs > h->declared)
        check_report(x->k, "OH-003", h->addr + 2, "object header", "messages",
                     "%zu messages, but the prefix says %lu", h->nmsgs,
                     (unsigned long)h->declared);
    else if (h->version == 1 && h->nmsgs < h->declared)
        check_report_as(x->k, "OH-003", HI5_WARNING, h->addr + 2, "object header",
                        "messages", "%zu messages, but the prefix says %lu", h->nmsgs,
                        (unsigned long)h->declared);
}

/* What an object of its kind needs (OH-020). */
static void
object_check_needed(struct check_header *x)
{
    const struct ohdr *const h = x->h;
    struct check *const k = x->k;

    if (x->kind == HI5_KIND_DATASET && x->count[MSG_LAYOUT] == 0)
        check_report(k, "OH-020", h->addr, "object header", "",
                     "a dataset without a layout message");
    if (x->kind == HI5_KIND_DATASET &&
        (x->count[MSG_STAB] != 0 || x->count[MSG_LINK_INFO] != 0))
        check_report(k, "OH-020", h->addr, "object header", "",
                     "a dataset with messages of a group");
    if (x->kind == HI5_KIND_UNKNOWN && x->count[MSG_LAYOUT] != 0)
        check_report(k, "OH-020", h->addr, "object header", "",
                     "a layout message, but no dataspace or no datatype");
    else if (x->kind == HI5_KIND_UNKNOWN)
        check_report(k, "OH-020", h->addr, "object header", "",
                     "neither a group, a dataset nor a datatype: %zu messages",
                     h->nmsgs);
    if (x->kind == HI5_KIND_GROUP && x->count[MSG_STAB] != 0 &&
        x->count[MSG_LINK_INFO] != 0)
        check_report_as(k, "OH-020", HI5_WARNING, h->addr, "object header", "",
                        "both a symbol table and a link info message");
}

/* Attributes in the header: names, and orders of creation. */
static void
object_check_attributes(struct check_header *x)
{
    const struct ohdr *const h = x->h;
    const bool tracked = h->version == 2 && (h->flags & OHDR_F_ORDER_TRACKED) != 0;
    struct check_set names = {0}, orders = {0};
    size_t i = 0;
    const struct ohdr_msg *m;

    while ((m = ohdr_next(h, MSG_ATTR, &i)) != NULL && !check_broken(x->k)) {
        const char *name = NULL;
        uint64_t hash = 5381;
        struct cur c;
        hi5_error err = {0};

        if (object_message(x->k->file, m, &x->arena, &c, NULL, &err) != HI5_OK) {
            check_failed(x->k, &err);
            continue;
        }
        check_attribute(x, c.in, c.size, c.addr, &name);
        if (name == NULL)
            continue;
        for (const char *p = name; *p != '\0'; p++)
            hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
        if (check_set_add(x->k, &names, hash))
            check_report(x->k, "MS-060",
                         c.addr == ADDR_NONE ? m->addr : c.addr + (c.in[0] < 3 ? 8 : 9),
                         "attribute message", "name", "a second attribute '%.100s'",
                         name);
        if (tracked && check_set_add(x->k, &orders, m->order))
            check_report(x->k, "OH-024", m->addr - 2, "object header", "creation order",
                         "a second attribute with order %u", (unsigned)m->order);
        if (tracked && x->has_attr_info && x->attr_info.flags & 1 &&
            m->order >= x->attr_info.max_order && x->attr_info.max_order != 0)
            check_report(x->k, "OH-024", x->at.attr_order, "attribute info message",
                         "next order", "%u, but an attribute has order %u",
                         (unsigned)x->attr_info.max_order, (unsigned)m->order);
    }
    check_set_done(x->k, &names);
    check_set_done(x->k, &orders);
}

static void
object_check_attr_info(struct check_header *x)
{
    const struct ohdr *const h = x->h;
    const bool tracked = (h->flags & OHDR_F_ORDER_TRACKED) != 0;

    if (h->version == 2 && x->count[MSG_ATTR] != 0 && x->count[MSG_ATTR_INFO] == 0)
        check_report(x->k, "MS-062", h->addr, "OHDR", "",
                     "attributes, but no attribute info message");
    if (!x->has_attr_info)
        return;
    if (h->version == 2 && ((x->attr_info.flags & 1) != 0) != tracked)
        check_report_as(x->k, "MS-061", HI5_WARNING, x->attr_info_addr + 1,
                        "attribute info message", "flags",
                        "order is %stracked here, but not in the header",
                        x->attr_info.flags & 1 ? "" : "not ");
    if (x->attr_info.fheap != ADDR_NONE && x->attr_info.name_bt2 != ADDR_NONE)
        check_dense_attributes(x);
}

/* The library asks no clock; nothing was written after the year 2100 yet. */
static void
object_check_times(struct check_header *x)
{
    const struct ohdr *const h = x->h;
    static const char *const names[] = {"access time", "modification time",
                                        "change time", "birth time"};
    const int64_t times[] = {h->atime, h->mtime, h->ctime, h->btime};

    for (unsigned i = 0; i < 4; i++)
        if (h->version == 2 && (h->flags & OHDR_F_TIMES) != 0 && times[i] > 4102444800)
            check_report(x->k, "OH-025", h->addr + 6 + 4 * i, "OHDR", names[i],
                         "after the year 2100");
}

static void
object_check_messages(struct check_header *x)
{
    const struct ohdr *const h = x->h;

    for (size_t i = 0; i < h->nmsgs && !check_broken(x->k); i++) {
        const struct ohdr_msg *const m = &h->msg[i];

        if (m->type < MSG_KNOWN && ++x->count[m->type] == 2 &&
            !object_may_repeat(m->type))
            check_report(x->k, "OH-019", check_message_head(h, m), "object header",
                         "message type", "a second %s message", msg_name(m->type));
        if (m->type == MSG_NIL && i != 0 && h->msg[i - 1].type == MSG_NIL &&
            h->msg[i - 1].addr + h->msg[i - 1].size < m->addr &&
            m->addr - h->msg[i - 1].addr - h->msg[i - 1].size <= 8)
            check_report(x->k, "OH-016", m->addr, "NIL message", "",
                         "two NIL messages follow one another");
        check_message(x, m);
    }
}

HI5_INT void
check_object_once(struct check *k, size_t i)
{
    struct check_object *o = (struct check_object *)k->objects.p + i;
    struct check_header x = {.k = k, .errors = k->result->errors};
    hi5_error err = {0};
    hi5_status s;

    k->path = o->path;
    arena_init(&x.arena, &k->mem);
    s = ohdr_read_some(k->meta, o->addr, &x.arena, &x.h, &err);
    if (s != HI5_OK)
        check_failed(k, &err);
    if (x.h != NULL && x.h->nchunks != 0) {
        x.kind = ohdr_kind(x.h);
        o->kind = x.kind;
        o->stored = x.h->refcount;
        o->version = x.h->version;
        o->count_addr = x.h->version == 1 ? o->addr + 4 : o->addr;
        for (size_t j = 0; j < x.h->nmsgs; j++)
            if (x.h->msg[j].type == MSG_REFCOUNT)
                o->count_addr = x.h->msg[j].addr + 1;
        o->decoded = s == HI5_OK;
        object_claim(&x);
        object_check_messages(&x);
        object_check_times(&x);
        if (s == HI5_OK) {
            object_check_counts(&x);
            object_check_needed(&x);
        }
        check_messages_agree(&x);
        object_check_attributes(&x);
        k->role = CHECK_ATTRIBUTES;
        object_check_attr_info(&x);
        if (x.kind == HI5_KIND_GROUP) {
            k->role = CHECK_LINKS;
            check_netcdf_group(&x);
            check_group(&x);
        }
        k->role = CHECK_DATA;
        if (x.kind == HI5_KIND_DATASET)
            check_dataset(&x);
        k->role = CHECK_OBJECT;
        check_bad_filter(&x, HI5_WARNING);
    }
    k->incomplete |= k->result->errors != x.errors || s != HI5_OK;
    arena_done(&x.arena);
    k->result->objects++;
}

HI5_INT void
check_objects(struct check *k)
{
    for (; k->done < k->objects.n && !check_broken(k); k->done++) {
        if (k->options.progress != NULL)
            k->options.progress(k->options.progress_ctx, k->done, k->objects.n);
        check_object_once(k, k->done);
    }
    k->path = "";
}

/* ---- when all links are known ---- */

HI5_INT void
check_shares(struct check *k, uint64_t addr)
{
    uint64_t *const p =
        addr != ADDR_NONE ? check_list_add(k, &k->shares, sizeof *p) : NULL;

    if (p != NULL)
        *p = addr;
}

HI5_INT void
check_unlinked(struct check *k)
{
    for (size_t i = 0; i < k->shares.n && !check_broken(k); i++) {
        const uint64_t addr = ((uint64_t *)k->shares.p)[i];
        bool fresh;

        if (addr < k->meta->eof)
            check_object_at(k, addr, "(a committed datatype without a link)", &fresh);
    }
    check_objects(k);
}

/* NOTE(lib): whoever uses a committed datatype counts as a link to it. */
static void
object_count_shares(struct check *k)
{
    for (size_t i = 0; i < k->shares.n; i++) {
        struct check_object *const o =
            check_object_find(k, ((uint64_t *)k->shares.p)[i]);
        if (o != NULL)
            o->links++;
    }
}

HI5_INT void
check_reference_counts(struct check *k)
{
    const struct check_object *const all = k->objects.p;

    object_count_shares(k);
    for (size_t i = 0; i < k->objects.n; i++) {
        const struct check_object *const o = &all[i];

        if (!o->decoded || !o->counted || o->addr == k->file->super.root)
            continue;
        k->path = o->path;
        if (o->stored == 0 && o->links != 0)
            check_report(k, "OH-023", o->count_addr, "object header", "reference count",
                         "0, but there are %lu hard links", (unsigned long)o->links);
        else if (o->stored < o->links || (o->stored > o->links && !k->incomplete))
            check_report(k, "OH-022", o->count_addr, "object header", "reference count",
                         "%lu, but there are %lu hard links", (unsigned long)o->stored,
                         (unsigned long)o->links);
    }
    k->path = "";
}
