/*
 * check_group.c - groups: symbol tables and link messages     [FMT III.B, III.C, III.D]
 */
#include "base/ckd.h"
#include "base/lookup3.h"
#include "file/check.h"
#include "format/symtab.h"
#include <stdio.h>
#include <string.h>

/* ---- links ---- */

/* Is it UTF-8, without overlong forms and surrogates? */
static bool
link_is_utf8(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        const uint8_t c = p[i++];
        unsigned more = c < 0x80 ? 0 : c < 0xc2 ? 9 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

        if (more > 3 || c > 0xf4 || more > n - i)
            return false;
        if ((c == 0xe0 && p[i] < 0xa0) || (c == 0xed && p[i] > 0x9f) ||
            (c == 0xf0 && p[i] < 0x90) || (c == 0xf4 && p[i] > 0x8f))
            return false;
        for (; more > 0; more--)
            if ((p[i++] & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static void
link_check_name(struct check *k, const struct msg_link *l, uint64_t addr,
                const char *structure)
{
    const size_t n = (size_t)l->name_len;

    if (memchr(l->name, 0, n) != NULL)
        check_report_as(k, "MS-031", HI5_WARNING, addr, structure, "name",
                        "there is a NUL in the name");
    if (memchr(l->name, '/', n) != NULL)
        check_report_as(k, "MS-031", HI5_WARNING, addr, structure, "name",
                        "there is a '/' in '%.*s'", (int)(n < 100 ? n : 100),
                        (const char *)l->name);
    if (n == 1 && l->name[0] == '.')
        check_report_as(k, "MS-031", HI5_WARNING, addr, structure, "name",
                        "no path leads to a link called '.'");
    if (l->charset == HI5_UTF8 && !link_is_utf8(l->name, n))
        check_report(k, "MS-034", addr, structure, "name",
                     "the name is marked UTF-8, but is not");
}

/* path + "/" + name, at most a page long; longer ones are cut. */
static void
link_path(char *out, size_t size, const char *group, const struct msg_link *l)
{
    const size_t n = l->name_len < 1024 ? (size_t)l->name_len : 1024;

    snprintf(out, size, "%s%s%.*s", group, strcmp(group, "/") == 0 ? "" : "/", (int)n,
             (const char *)l->name);
}

/* Is this object the current one, or a group above it? Parents come first in the list. */
static bool
link_is_above(const struct check *k, const struct check_object *o)
{
    const struct check_object *const all = k->objects.p;
    const size_t wanted = (size_t)(o - all);

    for (size_t i = k->done; i > wanted; i = all[i].parent)
        if (all[i].parent >= i)
            return false;
        else if (all[i].parent == wanted)
            return true;
    return wanted == k->done || wanted == 0;
}

HI5_INT void
check_link(struct check *k, const char *group, const struct msg_link *l, uint64_t addr,
           const char *structure)
{
    const char *const field =
        strcmp(structure, "link message") == 0 ? "address" : "object header address";
    struct check_object *o;
    char path[4096];
    bool fresh;

    link_check_name(k, l, addr, structure);
    if (l->kind != HI5_LINK_HARD)
        return;
    if (l->address == ADDR_NONE || l->address >= k->meta->eof) {
        check_report(k, "MS-032", check_where(k, addr, field), structure, field,
                     "the link '%.*s' leads to 0x%llx, which is outside the file",
                     (int)(l->name_len < 100 ? l->name_len : 100),
                     (const char *)l->name, (unsigned long long)l->address);
        return;
    }
    link_path(path, sizeof path, group, l);
    o = check_object_at(k, l->address, path, &fresh);
    if (o == NULL)
        return;
    o->links++;
    if (!fresh && link_is_above(k, o))
        check_report(k, "GR-008", check_where(k, addr, field), structure, field,
                     "the link '%.*s' leads back to %s",
                     (int)(l->name_len < 100 ? l->name_len : 100),
                     (const char *)l->name, o->path);
}

/* ---- local heaps ---- */

/* A block of the free list. */
static bool
lheap_free_block(struct check *k, const struct lheap_view *v, uint64_t at,
                 uint64_t *next, uint64_t *size)
{
    const unsigned w = k->meta->len_w;
    const uint64_t there = v->data->size, addr = v->head.data_addr + at;

    if (!ckd_inside(at, 2u * w, there)) {
        check_report(k, "LH-003", addr, "HEAP", "free list",
                     "a free block at offset %llu is outside the data segment",
                     (unsigned long long)at);
        return false;
    }
    *next = cur_raw_addr(v->data->bytes + at, w);
    *size = cur_raw_addr(v->data->bytes + at + w, w);
    if (!ckd_inside(at, *size, v->head.data_size) || *size < 2u * w) {
        check_report(k, "LH-003", addr + w, "HEAP", "free list",
                     "a free block of %llu bytes at offset %llu of %llu",
                     (unsigned long long)*size, (unsigned long long)at,
                     (unsigned long long)v->head.data_size);
        return false;
    }
    return true;
}

/* Walk the free list. `blocks` gets offset and size of each block. */
static void
lheap_check_free(struct check *k, const struct lheap_view *v, struct check_list *blocks)
{
    uint64_t at = v->head.free_head, sum = 0;

    if (at != LHEAP_NO_FREE && at >= v->head.data_size)
        return; /* the head says so itself */
    while (at != LHEAP_NO_FREE && v->data != NULL && !check_broken(k)) {
        uint64_t next = 0, size = 0, *b;

        if (!lheap_free_block(k, v, at, &next, &size))
            return;
        sum += size;
        if (sum > v->head.data_size) {
            check_report(k, "LH-003", v->head.data_addr + at, "HEAP", "free list",
                         "free blocks overlap, or the list has no end");
            return;
        }
        b = check_list_add(k, blocks, 2 * sizeof *b);
        if (b != NULL) {
            b[0] = at;
            b[1] = size;
        }
        at = next;
    }
}

/* LH-005, U-LH-3 */
static void
lheap_check_first(struct check *k, const struct lheap_view *v,
                  const struct check_list *blocks)
{
    const uint64_t *const b = blocks->p;
    bool taken = v->data != NULL && v->data->size != 0 && v->data->bytes[0] == 0;

    if (v->head.data_size == 0)
        return;
    for (size_t i = 0; i < blocks->n; i++)
        taken &= b[2 * i] != 0;
    if (!taken)
        check_report(k, "LH-005", v->head.data_addr, "local heap data segment", "name",
                     "the heap does not begin with the empty string");
}

/* Open and claim a local heap. */
static bool
lheap_check(struct check *k, uint64_t addr, struct lheap_view *v,
            struct check_list *free)
{
    const size_t head = (8 + 2u * k->meta->len_w + k->meta->off_w + 7u) / 8u * 8u;
    hi5_error err = {0};

    if (lheap_open(k->meta, addr, v, &err) != HI5_OK) {
        if (strcmp(err.field, "data segment address") == 0)
            err.address = check_where(k, addr, "data segment address");
        check_failed(k, &err);
        return false;
    }
    if (check_set_add(k, &k->nodes, addr))
        check_report_as(k, "SB-030", HI5_ERROR, addr, "HEAP", "",
                        "two groups use this heap");
    check_claim(k, addr, head, "HEAP", HI5_USE_METADATA);
    if (v->head.data_size != 0)
        check_claim(k, v->head.data_addr, v->head.data_size, "heap data",
                    HI5_USE_METADATA);
    lheap_check_free(k, v, free);
    lheap_check_first(k, v, free);
    return true;
}

HI5_INT void
check_local_heap(struct check *k, uint64_t addr)
{
    struct check_list free = {0};
    struct lheap_view v;

    if (lheap_check(k, addr, &v, &free))
        lheap_close(k->meta, &v);
    check_list_done(k, &free, 2 * sizeof(uint64_t));
}

/* ---- symbol tables ---- */

struct stab_check {
    struct check_header *x;
    struct lheap_view names;
    struct check_list free; /* free blocks of the heap */
    unsigned leaf_k;
    size_t ste_size;
    const char *last; /* the name before */
};

static const char *
stab_string(struct stab_check *s, uint64_t offset)
{
    const char *name;

    return lheap_string(&s->names, offset, &name, NULL) == HI5_OK ? name : NULL;
}

static int
stab_compare(void *ctx, const uint8_t *a, const uint8_t *b)
{
    struct stab_check *const s = ctx;
    const unsigned w = s->x->k->meta->len_w;
    const char *const x = stab_string(s, cur_raw_addr(a, w));
    const char *const y = stab_string(s, cur_raw_addr(b, w));

    if (x == NULL || y == NULL)
        return -1; /* reported with the key */
    return strcmp(x, y);
}

static void
stab_key(void *ctx, const uint8_t *key, uint64_t addr, bool last)
{
    struct stab_check *const s = ctx;
    const uint64_t offset = cur_raw_addr(key, s->x->k->meta->len_w);

    (void)last;
    if (stab_string(s, offset) == NULL)
        check_report(s->x->k, "B1-006", addr, "TREE", "key",
                     "offset %llu is no name in the heap", (unsigned long long)offset);
}

/* LH-004 */
static void
stab_check_free(struct stab_check *s, uint64_t offset, uint64_t addr)
{
    const uint64_t *const b = s->free.p;

    for (size_t i = 0; i < s->free.n; i++)
        if (offset >= b[2 * i] && offset - b[2 * i] < b[2 * i + 1]) {
            check_report(s->x->k, "LH-004", addr, "symbol table entry",
                         "link name offset",
                         "offset %llu is in a free block of the heap",
                         (unsigned long long)offset);
            return;
        }
}

static void
stab_check_order(struct stab_check *s, const char *name, const uint8_t *lower,
                 const uint8_t *upper, uint64_t addr)
{
    const unsigned w = s->x->k->meta->len_w;
    const char *const low = stab_string(s, cur_raw_addr(lower, w));
    const char *const high = stab_string(s, cur_raw_addr(upper, w));

    if (s->last != NULL && strcmp(s->last, name) >= 0)
        check_report(s->x->k, "GR-006", addr, "symbol table entry", "link name offset",
                     "'%.100s' is not greater than '%.100s' before it", name, s->last);
    else if (low != NULL && strcmp(name, low) <= 0 && low[0] != '\0')
        check_report(s->x->k, "GR-006", addr, "symbol table entry", "link name offset",
                     "'%.100s' is not greater than the tree's key '%.100s'", name, low);
    else if (high != NULL && strcmp(name, high) > 0)
        check_report(s->x->k, "GR-006", addr, "symbol table entry", "link name offset",
                     "'%.100s' is greater than the tree's key '%.100s'", name, high);
    s->last = name;
}

HI5_INT void
check_cached_stab(struct check *k, const struct ste *e, const char *rule, uint64_t addr,
                  const char *structure)
{
    const struct ohdr_msg *m;
    struct msg_stab stab;
    hi5_status status;
    struct arena a;
    struct ohdr *h;
    struct cur c;

    if (e->cache != STE_STAB || e->header >= k->meta->eof)
        return;
    arena_init(&a, &k->mem);
    k->mute = true; /* what is wrong there is reported there */
    status = ohdr_read(k->meta, e->header, &a, &h, NULL);
    if (status == HI5_E_NOMEM)
        check_no_memory(k, 0);
    if (status == HI5_OK && (m = ohdr_first(h, MSG_STAB)) != NULL) {
        c = meta_cursor_at(k->meta, m->body, m->size, m->addr, NULL, NULL);
        msg_stab_code(&c, &stab);
        k->mute = false;
        if (cur_ok(&c) && (stab.btree != e->btree || stab.heap != e->heap))
            check_report(k, rule, addr, structure, "scratch-pad",
                         "tree 0x%llx and heap 0x%llx, but the group says 0x%llx and "
                         "0x%llx",
                         (unsigned long long)e->btree, (unsigned long long)e->heap,
                         (unsigned long long)stab.btree, (unsigned long long)stab.heap);
    }
    k->mute = false;
    arena_done(&a);
}

static void
stab_entry(struct stab_check *s, const uint8_t *bytes, uint64_t addr,
           const uint8_t *lower, const uint8_t *upper)
{
    struct check *const k = s->x->k;
    struct cur c = meta_cursor_at(k->meta, bytes, s->ste_size, addr, NULL, NULL);
    struct msg_link l = {.kind = HI5_LINK_HARD};
    hi5_error err = {0};
    const char *name;
    struct ste e;

    ste_code(&c, &e);
    if (!cur_ok(&c))
        return;
    if (lheap_string(&s->names, e.name_off, &name, &err) != HI5_OK) {
        check_report(k, "GR-003", addr, "symbol table entry", "link name offset", "%s",
                     err.cause);
        return;
    }
    if (name[0] == '\0') {
        check_report(k, "GR-003", addr, "symbol table entry", "link name offset",
                     "the link has no name");
        return;
    }
    stab_check_order(s, name, lower, upper, addr);
    stab_check_free(s, e.name_off, addr);
    check_cached_stab(s->x->k, &e, "GR-004", addr + s->ste_size - 16,
                      "symbol table entry");
    if (e.cache == STE_SOFT) {
        if (stab_string(s, e.value_off) == NULL)
            check_report(k, "MS-033", addr, "symbol table entry", "link value offset",
                         "the target of '%.100s' is not in the heap", name);
        return;
    }
    l.name = (const uint8_t *)name;
    l.name_len = strlen(name);
    l.address = e.header;
    check_link(k, k->path, &l, addr, "symbol table entry");
}

static void
stab_node(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next_key,
          uint64_t addr)
{
    struct stab_check *const s = ctx;
    struct check *const k = s->x->k;
    const size_t size = 8 + 2u * (size_t)s->leaf_k * s->ste_size;
    const size_t there = meta_clip(k->meta, child, size);
    struct snod head = {0};
    struct block *b;
    struct cur c;

    if (check_set_add(k, &k->nodes, child)) {
        check_report(k, "B1-003", addr, "TREE", "child",
                     "the symbol table node 0x%llx has been reached before",
                     (unsigned long long)child);
        return;
    }
    if (!check_pin(k, child, there > 8 ? there : 8, "SNOD", &b))
        return;
    c = meta_cursor(k->meta, b, there, NULL, NULL);
    snod_code(&c, &head);
    if (cur_ok(&c)) {
        check_claim(k, child, there, "SNOD", HI5_USE_METADATA);
        if (head.nsyms > 2 * s->leaf_k)
            check_report(k, "GR-005", child + 6, "SNOD", "number of symbols",
                         "%u, but a node has room for %u", (unsigned)head.nsyms,
                         2 * s->leaf_k);
        else if (8 + head.nsyms * s->ste_size > there)
            check_report(k, "GR-005", child + 6, "SNOD", "number of symbols",
                         "the entries run past the end of the file");
        else if (there < size)
            check_report(k, "SB-031", child, "SNOD", "",
                         "%zu bytes from here run past the end of the file, 0x%llx", size,
                         (unsigned long long)k->meta->eof);
        for (unsigned i = 0;
             i < head.nsyms && !check_broken(k) && 8 + (i + 1) * s->ste_size <= there;
             i++)
            stab_entry(s, b->bytes + 8 + i * s->ste_size, child + 8 + i * s->ste_size,
                       key, next_key);
    }
    meta_unpin(k->meta, b);
}

static void
group_symbol_table(struct check_header *x)
{
    struct check *const k = x->k;
    struct stab_check s = {.x = x,
                           .leaf_k = k->file->super.leaf_k,
                           .ste_size = k->meta->len_w + k->meta->off_w + 24u};
    const struct check_bt1 b = {.tree = {.meta = k->meta,
                                         .type = BT1_GROUP,
                                         .root = x->stab.btree,
                                         .k = k->file->super.internal_k},
                                .what = "chunked dataset",
                                .compare = stab_compare,
                                .key = stab_key,
                                .child = stab_node,
                                .ctx = &s};

    if (x->stab.btree == ADDR_NONE)
        check_report(k, "MS-071", x->stab_addr, "symbol table message", "B-tree",
                     "it is undefined");
    if (x->stab.heap == ADDR_NONE) {
        check_report(k, "MS-071", x->stab_addr + k->meta->off_w, "symbol table message",
                     "local heap", "it is undefined");
        return;
    }
    if (!lheap_check(k, x->stab.heap, &s.names, &s.free))
        return;
    if (x->stab.btree != ADDR_NONE)
        check_btree1(k, &b);
    lheap_close(k->meta, &s.names);
    check_list_done(k, &s.free, 2 * sizeof(uint64_t));
}

/* ---- link messages ---- */

static void
group_compact(struct check_header *x)
{
    struct check *const k = x->k;
    const bool tracked = (x->link_info.flags & 1) != 0;
    struct check_set names = {0}, orders = {0};
    const struct ohdr_msg *m;
    size_t i = 0;

    while ((m = ohdr_next(x->h, MSG_LINK, &i)) != NULL && !check_broken(k)) {
        struct cur c = meta_cursor_at(k->meta, m->body, m->size, m->addr, NULL, NULL);
        struct msg_link l;

        msg_link_code(&c, &l);
        if (!cur_ok(&c))
            continue;
        if (check_set_add(k, &names,
                          (uint64_t)lookup3(l.name, (size_t)l.name_len, 1) << 32 |
                              lookup3(l.name, (size_t)l.name_len, 0)))
            check_report(
                k, "MS-031", m->addr, "link message", "name", "a second link '%.*s'",
                (int)(l.name_len < 100 ? l.name_len : 100), (const char *)l.name);
        if (tracked && l.has_order && check_set_add(k, &orders, l.order))
            check_report(k, "GR-011", check_where(k, m->addr, "creation order"),
                         "link message", "creation order",
                         "a second link with order %llu", (unsigned long long)l.order);
        if (tracked && l.has_order && l.order >= x->link_info.max_order)
            check_report(k, "MS-008", x->at.link_order, "link info message",
                         "next order", "%llu, but a link has order %llu",
                         (unsigned long long)x->link_info.max_order,
                         (unsigned long long)l.order);
        check_link(k, k->path, &l, m->addr, "link message");
    }
    check_set_done(k, &names);
    check_set_done(k, &orders);
}

HI5_INT void
check_group(struct check_header *x)
{
    if (x->has_link_info && x->link_info.fheap != ADDR_NONE &&
        x->link_info.name_bt2 != ADDR_NONE)
        check_dense_links(x);
    else if (x->has_link_info && x->link_info.fheap == ADDR_NONE)
        group_compact(x);
    else if (x->has_stab)
        group_symbol_table(x);
    if (x->has_link_info && x->has_stab)
        group_symbol_table(x);
}
