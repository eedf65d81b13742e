/*
 * test_dense_edit.c - changing links and attributes in heaps       [FMT IV.A.2.c, .v]
 *
 * Random changes against a list of names. The readers must find each one, by name and in
 * the order of either index, and nothing else.
 */
#include "format/dense_edit.h"
#include "base/lookup3.h"
#include "stagefile.h"
#include <stdio.h>

Suite *suite_dense_edit(void);

enum { NAMES = 1500, VALUE_MOST = 6000 };

/* Pairs of one hash. */
static const char *const pairs[] = {
    "n104308", "n159644", "n157060", "n338917", "n188993", "n208347",
    "n180391", "n205480", "n267013", "n289924", "n119652", "n184564",
    "n283406", "n391947", "n36468",  "n85629",
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

struct named {
    bool there;
    uint32_t value; /* what it is follows from it */
    uint64_t order;
};

struct group {
    struct stagefile f;
    struct dense_edit d;
    bool attrs;
    bool no_hard;  /* no hard links, for there is nothing to lead to */
    uint8_t flags; /* of the info message */
    struct msg_link_info links;
    struct msg_attr_info info;
    struct shared_env env;
    struct named v[NAMES];
    uint64_t n, next; /* next: creation order to give */
};

static const char *
name_of(unsigned i)
{
    static char names[4][300];
    static unsigned at;
    char *const s = names[at++ % 4];

    if (i < PAIRS)
        return pairs[i];
    snprintf(s, sizeof names[0], "%.*s%u",
             i % 50 == 0 ? 260 : (int)(i % 7), /* GRP-20 */
             "ooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo"
             "oooooo"
             "ooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo"
             "oooooo"
             "ooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo"
             "oooooo"
             "ooooooooooooooooooooooooooooooooooo",
             i);
    return s;
}

/* Links: hard, soft and external ones. */
static struct msg_link
link_of(const struct group *g, const char *name, uint32_t value, uint64_t order)
{
    static uint8_t text[VALUE_MOST];
    struct msg_link l = {.kind = value % 3 == 0 && !g->no_hard ? HI5_LINK_HARD
                                 : value % 3 != 2              ? HI5_LINK_SOFT
                                                               : HI5_LINK_EXTERNAL,
                         .has_order = (g->flags & 1) != 0,
                         .order = order,
                         .charset = value % 5 == 0 ? HI5_UTF8 : HI5_ASCII,
                         .name_len = strlen(name),
                         .name = (const uint8_t *)name,
                         .address = value,
                         .value_len =
                             (uint16_t)(value % 97 == 0 ? 5000 : value % 30 + 4),
                         .value = text};

    memset(text, 'a' + (int)(value % 26), sizeof text);
    if (l.kind == HI5_LINK_EXTERNAL)
        text[0] = text[2] = text[l.value_len - 1] = 0;
    return l;
}

/* An attribute message of version 3: one string of `data` bytes. */
static size_t
attr_of(const char *name, uint32_t value, uint8_t *p)
{
    const size_t n = strlen(name) + 1, data = value % 97 == 0 ? 5000 : value % 30 + 1;

    memcpy(p, "\3\0\0\0\10\0\4\0\0", 9);
    cur_raw_store(p + 2, 2, n);
    memcpy(p + 9, name, n);
    p += 9 + n;
    memcpy(p, "\23\0\0\0", 4); /* a string type; then a scalar dataspace */
    cur_raw_store(p + 4, 4, data);
    memcpy(p + 8, "\2\0\0\0", 4);
    memset(p + 12, 'a' + (int)(value % 26), data);
    return 9 + n + 12 + data;
}

static void
group_create(struct group *g, bool attrs, unsigned flags, unsigned width)
{
    memset(g->v, 0, sizeof g->v);
    g->n = g->next = 0;
    g->attrs = attrs;
    g->flags = (uint8_t)flags;
    g->links = (struct msg_link_info){.flags = (uint8_t)flags};
    g->info = (struct msg_attr_info){.flags = (uint8_t)flags};
    stagefile_open(&g->f, width, width);
    g->env = (struct shared_env){.meta = &g->f.meta};
    if (attrs)
        ck_ok(dense_edit_create_attrs(&g->env, &g->info, &g->d, &g->f.err), &g->f.err);
    else
        ck_ok(dense_edit_create_links(&g->f.meta, &g->links, &g->d, &g->f.err),
              &g->f.err);
}

static void
group_open(struct group *g)
{
    if (g->attrs)
        ck_ok(dense_edit_open_attrs(&g->env, &g->info, &g->d, &g->f.err), &g->f.err);
    else
        ck_ok(dense_edit_open_links(&g->f.meta, &g->links, &g->d, &g->f.err),
              &g->f.err);
}

static void
group_reopen(struct group *g)
{
    ck_ok(dense_edit_settle(&g->d, &g->f.err), &g->f.err);
    dense_edit_close(&g->d);
    stagefile_reopen(&g->f);
    group_open(g);
}

static void
group_close(struct group *g)
{
    dense_edit_close(&g->d);
    stagefile_close(&g->f);
}

static hi5_status
group_add(struct group *g, unsigned i, uint32_t value)
{
    const uint64_t order = g->flags & 1 ? g->next : 0;
    static uint8_t body[VALUE_MOST];
    hi5_status s;

    if (g->attrs) {
        const size_t n = attr_of(name_of(i), value, body);
        s = dense_edit_add_attr(&g->d, body, n, g->flags & 1 ? (uint32_t)order : 0xffff,
                                &g->f.err);
    } else {
        const struct msg_link l = link_of(g, name_of(i), value, order);
        s = dense_edit_add_link(&g->d, &l, &g->f.err);
    }
    if (s == HI5_OK) {
        g->v[i] = (struct named){true, value, order};
        g->next++;
        g->n++;
    }
    return s;
}

static void
expect_link(const struct group *g, unsigned i, const struct msg_link *l)
{
    const struct msg_link x = link_of(g, name_of(i), g->v[i].value, g->v[i].order);

    ck_assert(g->v[i].there);
    ck_assert_uint_eq(l->name_len, x.name_len);
    ck_assert_mem_eq(l->name, x.name, (size_t)x.name_len);
    ck_assert_uint_eq(l->kind, x.kind);
    ck_assert_uint_eq(l->charset, x.charset);
    ck_assert_uint_eq(l->has_order, x.has_order);
    if (x.has_order)
        ck_assert_uint_eq(l->order, x.order);
    if (x.kind == HI5_LINK_HARD) {
        ck_assert_uint_eq(l->address, x.address);
        return;
    }
    ck_assert_uint_eq(l->value_len, x.value_len);
    ck_assert_mem_eq(l->value, x.value, x.value_len);
}

static void
expect_attr(const struct group *g, unsigned i, const struct dense_attr *a)
{
    static uint8_t body[VALUE_MOST];
    const size_t n = attr_of(name_of(i), g->v[i].value, body);

    ck_assert(g->v[i].there);
    ck_assert_uint_eq(a->size, n);
    ck_assert_mem_eq(a->body, body, n);
    ck_assert_uint_eq(a->order, g->flags & 1 ? g->v[i].order : 0xffff);
}

static hi5_status
group_remove(struct group *g, unsigned i)
{
    const char *const name = name_of(i);
    struct dense_gone gone;
    struct msg_link l;
    struct arena a;
    hi5_status s;

    arena_init(&a, &g->f.mem);
    if (g->attrs)
        s = dense_edit_remove_attr(&g->d, name, &gone, &g->f.err);
    else
        s = dense_edit_remove_link(&g->d, name, strlen(name), &a, &l, &g->f.err);
    if (s == HI5_OK) {
        if (!g->attrs)
            expect_link(g, i, &l);
        else
            ck_assert(!gone.shared);
        g->v[i].there = false;
        g->n--;
    }
    arena_done(&a);
    return s;
}

/* Let `i` have another value, and the name of `to`. */
static hi5_status
group_replace(struct group *g, unsigned i, unsigned to, uint32_t value)
{
    char name[300];
    static uint8_t body[VALUE_MOST];
    struct dense_gone gone;
    hi5_status s;

    strcpy(name, name_of(i));
    if (g->attrs) {
        const size_t n = attr_of(name_of(to), value, body);
        s = dense_edit_replace_attr(&g->d, name, body, n, &gone, &g->f.err);
    } else {
        const struct msg_link l = link_of(g, name_of(to), value, g->v[i].order);
        s = dense_edit_replace_link(&g->d, name, strlen(name), &l, &g->f.err);
    }
    if (s == HI5_OK) {
        const uint64_t order = g->v[i].order; /* ATTR-09 */
        g->v[i].there = false;
        g->v[to] = (struct named){true, value, order};
    }
    return s;
}

/* ---- what the bytes say ---- */

struct visit {
    struct group *g;
    bool by_order;
    uint64_t n, last;
};

static unsigned
find_name(const struct group *g, const uint8_t *name, size_t n)
{
    for (unsigned i = 0; i < NAMES; i++) {
        const char *const s = name_of(i);

        if (g->v[i].there && strlen(s) == n && memcmp(s, name, n) == 0)
            return i;
    }
    ck_abort_msg("there is no '%.*s'", (int)n, (const char *)name);
    return 0;
}

static void
visit_order(struct visit *v, unsigned i)
{
    if (v->by_order)
        ck_assert(v->n == 0 || v->g->v[i].order > v->last);
    v->last = v->g->v[i].order;
    v->n++;
}

static hi5_status
visit_link(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct visit *const v = ctx;
    const unsigned i = find_name(v->g, l->name, (size_t)l->name_len);

    (void)err;
    expect_link(v->g, i, l);
    visit_order(v, i);
    return HI5_OK;
}

static hi5_status
visit_attr(void *ctx, const struct dense_attr *a, const hi5_error *bad, hi5_error *err)
{
    struct visit *const v = ctx;
    unsigned i;

    (void)err;
    ck_assert_msg(bad == NULL, "%s", bad != NULL ? bad->message : "");
    i = find_name(v->g, a->body + 9, strlen((const char *)a->body + 9));
    expect_attr(v->g, i, a);
    visit_order(v, i);
    return HI5_OK;
}

static void
group_check_each(struct group *g, bool by_order)
{
    struct visit v = {g, by_order && g->flags & 2, 0, 0};

    if (g->attrs)
        ck_ok(dense_attrs_each(&g->env, &g->info, by_order, visit_attr, &v, &g->f.err),
              &g->f.err);
    else
        ck_ok(dense_links_each(&g->f.meta, &g->links, NULL, by_order, visit_link, &v,
                               &g->f.err),
              &g->f.err);
    ck_assert_uint_eq(v.n, g->n);
}

static hi5_status
group_find(struct group *g, unsigned i, bool reader)
{
    const char *const name = name_of(i);
    struct dense_attr attr;
    struct msg_link l;
    struct arena a;
    hi5_status s;

    arena_init(&a, &g->f.mem);
    if (g->attrs)
        s = reader ? dense_attrs_find(&g->env, &g->info, name, &a, &attr, &g->f.err)
                   : dense_edit_find_attr(&g->d, name, &a, &attr, &g->f.err);
    else
        s = reader ? dense_links_find(&g->f.meta, &g->links, NULL, name, strlen(name),
                                      &a, &l, &g->f.err)
                   : dense_edit_find_link(&g->d, name, strlen(name), &a, &l, &g->f.err);
    if (s == HI5_OK && g->attrs)
        expect_attr(g, i, &attr);
    else if (s == HI5_OK)
        expect_link(g, i, &l);
    arena_done(&a);
    return s;
}

static void
group_check(struct group *g)
{
    uint64_t n;

    group_check_each(g, false);
    group_check_each(g, true);
    for (unsigned i = 0; i < NAMES; i += i < PAIRS ? 1 : 11) {
        ck_status(group_find(g, i, true), g->v[i].there ? HI5_OK : HI5_E_NOTFOUND);
        ck_status(group_find(g, i, false), g->v[i].there ? HI5_OK : HI5_E_NOTFOUND);
    }
    ck_assert_uint_eq(dense_edit_count(&g->d), g->n);
    if (g->attrs)
        ck_ok(dense_attrs_count(&g->f.meta, &g->info, &n, &g->f.err), &g->f.err);
    else
        ck_ok(dense_links_count(&g->f.meta, &g->links, &n, &g->f.err), &g->f.err);
    ck_assert_uint_eq(n, g->n);
}

/* ---- tests ---- */

static const struct {
    bool attrs;
    unsigned flags, width;
} kinds[] = {{false, 0, 8}, {false, 1, 8}, {false, 3, 8}, {true, 0, 8},
             {true, 1, 8},  {true, 3, 8},  {false, 3, 4}, {true, 3, 4}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void
change_one(struct group *g, uint64_t *seed, unsigned grow)
{
    /* Pairs of one hash get their share. */
    const unsigned most = stagefile_random(seed, 10) == 0 ? PAIRS : NAMES;
    const unsigned i = (unsigned)stagefile_random(seed, most),
                   to = (unsigned)stagefile_random(seed, most);
    const uint32_t value = (uint32_t)stagefile_random(seed, 1000);
    const bool there = g->v[i].there;

    if (stagefile_random(seed, 8) == 0) {
        const bool other = stagefile_random(seed, 2) != 0;
        const unsigned name = other ? to : i;
        const hi5_status wanted = !there                          ? HI5_E_NOTFOUND
                                  : name != i && g->v[name].there ? HI5_E_EXISTS
                                                                  : HI5_OK;

        ck_status(group_replace(g, i, name, value), wanted);
    } else if (stagefile_random(seed, 100) < grow) {
        ck_status(group_add(g, i, value), there ? HI5_E_EXISTS : HI5_OK);
    } else {
        ck_status(group_remove(g, i), there ? HI5_OK : HI5_E_NOTFOUND);
    }
}

/* GRP-27, ATTR-18 */
START_TEST(test_random)
{
    struct group *const g = calloc(1, sizeof *g);
    uint64_t seed = (uint64_t)_i + 500;

    group_create(g, kinds[_i].attrs, kinds[_i].flags, kinds[_i].width);
    for (unsigned round = 0; round < 6; round++) {
        for (unsigned k = 0; k < 700; k++)
            change_one(g, &seed, round % 3 < 2 ? 80 : 25);
        group_check(g);
        if (round % 2 != 0) {
            group_reopen(g);
            group_check(g);
        }
    }
    for (unsigned i = 0; i < NAMES; i++)
        if (g->v[i].there)
            ck_status(group_remove(g, i), HI5_OK);
    group_check(g);
    group_close(g);
    free(g);
}
END_TEST

START_TEST(test_delete)
{
    struct group *const g = calloc(1, sizeof *g);

    for (unsigned k = 0; k < KINDS; k++) {
        group_create(g, kinds[k].attrs, kinds[k].flags, kinds[k].width);
        for (unsigned i = 0; i < NAMES; i++)
            ck_status(group_add(g, i, i), HI5_OK);
        ck_ok(dense_edit_settle(&g->d, &g->f.err), &g->f.err);
        dense_edit_close(&g->d);
        if (g->attrs)
            ck_ok(dense_edit_delete_attrs(&g->f.meta, &g->info, NULL, NULL, &g->f.err),
                  &g->f.err);
        else
            ck_ok(dense_edit_delete_links(&g->f.meta, &g->links, &g->f.err), &g->f.err);
        ck_assert_uint_eq((g->attrs ? g->info.fheap : g->links.fheap), ADDR_NONE);
        ck_assert_uint_eq(g->f.meta.eof - g->f.meta.stage->free[POOL_META].bytes, STAGEFILE_START);
        stagefile_close(&g->f);
    }
    free(g);
}
END_TEST

/* FREE-14: damage anywhere, and nothing is given back. */
START_TEST(test_delete_damaged)
{
    struct group *const g = calloc(1, sizeof *g);

    for (unsigned k = 0; k < 3; k++) {
        uint64_t at;

        group_create(g, false, 3, 8);
        for (unsigned i = 0; i < 300; i++)
            ck_status(group_add(g, i, i), HI5_OK);
        group_reopen(g);
        at = k == 0   ? g->d.names.head.root
             : k == 1 ? g->d.orders.head.root
                      : g->d.heap.h.head.root;
        g->f.bytes[at + 30] ^= 1;
        meta_drop(&g->f.meta, 0, UINT64_MAX);
        dense_edit_close(&g->d);
        ck_status(dense_edit_delete_links(&g->f.meta, &g->links, &g->f.err),
                  HI5_E_CHECKSUM);
        ck_assert_uint_eq(g->f.meta.stage->given[POOL_META].bytes, 0);
        ck_assert_uint_ne(g->links.fheap, ADDR_NONE);
        stagefile_close(&g->f);
    }
    free(g);
}
END_TEST

/* GRP-17: two names of one hash, in the order that h5py's libhdf5 cannot have made. */
START_TEST(test_unordered)
{
    struct group *const g = calloc(1, sizeof *g);
    struct staged *b;
    uint8_t record[11];

    ck_assert_uint_eq(lookup3("n104308", 7, 0), lookup3("n159644", 7, 0));
    group_create(g, false, 0, 8);
    for (unsigned i = 0; i < PAIRS; i++)
        ck_status(group_add(g, i, i), HI5_OK);
    group_reopen(g);
    ck_ok(stage_edit(&g->f.meta, g->d.names.head.root, 512, "", &b, &g->f.err),
          &g->f.err);
    for (unsigned i = 0; i < PAIRS; i += 2) {
        uint8_t *const p = b->bytes + 6 + 11 * i;
        memcpy(record, p, 11);
        memcpy(p, p + 11, 11);
        memcpy(p + 11, record, 11);
    }
    stage_changed(b, 6 + 11 * PAIRS, 6 + 11 * PAIRS);
    b->trusted = true;
    for (unsigned i = 0; i < PAIRS; i++) {
        ck_status(group_find(g, i, false), HI5_OK);
        ck_status(group_add(g, i, 3), HI5_E_EXISTS);
        ck_status(group_replace(g, i, i, 300 + i), HI5_OK);
    }
    group_check_each(g, false);
    for (unsigned i = 0; i < PAIRS; i += 3)
        ck_status(group_remove(g, i), HI5_OK);
    group_check(g);
    group_close(g);
    free(g);
}
END_TEST

START_TEST(test_refused)
{
    struct group *const g = calloc(1, sizeof *g);
    struct msg_link l;

    group_create(g, false, 3, 8);
    ck_status(group_add(g, 20, 1), HI5_OK);
    l = link_of(g, name_of(21), 2, 0); /* an order that has been given */
    ck_status(dense_edit_add_link(&g->d, &l, &g->f.err), HI5_E_CORRUPT);
    ck_at(&g->f.err, g->d.orders.addr, "BTHD", "has another link with order 0");
    l.has_order = false;
    ck_status(dense_edit_add_link(&g->d, &l, &g->f.err), HI5_E_ARG);
    ck_status(group_add(g, 20, 1), HI5_E_EXISTS);
    ck_assert_str_eq(g->f.err.cause, "there is a link of this name already");
    ck_status(group_remove(g, 21), HI5_E_NOTFOUND);
    ck_assert_str_eq(g->f.err.cause, "there is no link of this name");
    group_check(g);
    group_close(g);
    group_create(g, true, 0, 8);
    ck_status(group_add(g, 20, 1), HI5_OK);
    ck_status(group_add(g, 20, 1), HI5_E_EXISTS);
    ck_assert_str_eq(g->f.err.cause, "there is an attribute of this name already");
    group_close(g);
    free(g);
}
END_TEST

/* ---- a whole file ---- */

static uint8_t *
put(uint8_t *p, unsigned width, uint64_t v)
{
    cur_raw_store(p, width, v);
    return p + width;
}

/* A superblock of version 2, and a root header with both info messages. */
static void
put_file(struct stagefile *f, struct staged *root, const struct msg_link_info *links,
         const struct msg_attr_info *attrs)
{
    uint8_t *p = root->bytes, *sb;
    const uint64_t root_addr = root->block.addr;

    memcpy(p, "OHDR\2\4\0", 7); /* attribute creation order is tracked */
    p = put(put(put(put(p + 7, 1, MSG_LINK_INFO), 2, 34), 3, 0), 2, (uint64_t)3 << 8);
    p = put(put(put(put(p, 8, links->max_order), 8, links->fheap), 8, links->name_bt2),
            8, links->order_bt2);
    p = put(put(put(p, 1, MSG_GROUP_INFO), 2, 2), 5, 1);
    p = put(put(put(put(p, 1, MSG_ATTR_INFO), 2, 20), 3, 0), 2, (uint64_t)1 << 8);
    p = put(put(put(p, 2, attrs->max_order), 8, attrs->fheap), 8, attrs->name_bt2);
    root->bytes[6] = (uint8_t)(p - (root->bytes + 7));
    stage_changed(root, (size_t)(p - root->bytes), (size_t)(p - root->bytes));
    stagefile_commit(f);
    sb = f->bytes;
    memcpy(sb, "\211HDF\r\n\032\n\2\10\10", 12);
    put(put(put(put(sb + 12, 8, 0), 8, ADDR_NONE), 8, f->n), 8, root_addr);
    put(sb + 44, 4, lookup3(sb, 44, 0));
}

static void
print_finding(void *ctx, const hi5_finding *finding)
{
    (void)ctx;
    ck_assert_msg(finding->severity == HI5_NOTE, "%s %s: %s", finding->rule,
                  finding->structure, finding->message);
}

/* The validator has nothing to say about what has been changed at random, and libhdf5's
 * rules for fill are kept. */
START_TEST(test_check)
{
    struct group *const g = calloc(1, sizeof *g), *const h = calloc(1, sizeof *h);
    hi5_check_result result = {0};
    uint64_t seed = 77;
    struct staged *root;
    size_t header;

    group_create(g, false, 3, 8);
    g->no_hard = true;
    for (unsigned k = 0; k < 2500; k++)
        change_one(g, &seed, 70);
    *h = *g; /* the same file: attributes beside the links */
    h->attrs = true;
    h->flags = 1;
    h->n = h->next = 0;
    memset(h->v, 0, sizeof h->v);
    h->info = (struct msg_attr_info){.flags = 1};
    h->env.meta = &g->f.meta;
    ck_ok(dense_edit_create_attrs(&h->env, &h->info, &h->d, &g->f.err), &g->f.err);
    for (unsigned k = 0; k < 2500; k++)
        change_one(h, &seed, 70);
    ck_ok(dense_edit_settle(&g->d, &g->f.err), &g->f.err);
    ck_ok(dense_edit_settle(&h->d, &g->f.err), &g->f.err);
    g->links.max_order = g->next;
    h->info.max_order = (uint16_t)h->next;
    header = 7 + (6 + 34) + (6 + 2) + (6 + 20) + 4;
    ck_ok(stage_new(&g->f.meta, header, &root, &g->f.err), &g->f.err);
    put_file(&g->f, root, &g->links, &h->info);
    ck_ok(hi5_check_memory(g->f.bytes, g->f.n, NULL, NULL, print_finding, NULL, &result,
                           &g->f.err),
          &g->f.err);
    ck_assert(result.readable);
    ck_assert_uint_eq(result.objects, 1);
    ck_assert_uint_eq(result.errors + result.warnings, 0);
    dense_edit_close(&h->d);
    group_close(g);
    free(g);
    free(h);
}
END_TEST

static hi5_status
no_memory_changes(struct group *g)
{
    hi5_status s = HI5_OK;

    for (unsigned i = 60; i < 130 && s == HI5_OK; i++)
        s = group_add(g, i, i * 7);
    for (unsigned i = 1; i < 130 && s == HI5_OK; i += 6)
        s = group_replace(g, i, i % 4 == 0 ? i + 700 : i, i + 1);
    for (unsigned i = 0; i < 130 && s == HI5_OK; i += 2)
        s = g->v[i].there ? group_remove(g, i) : HI5_OK;
    return s != HI5_OK ? s : dense_edit_settle(&g->d, &g->f.err);
}

/* The n-th allocation fails: an error, no leak; what was committed is still there. */
START_TEST(test_no_memory)
{
    struct group *const g = calloc(1, sizeof *g);
    struct named *const before = malloc(sizeof g->v);
    uint64_t failures = 0, step = 1;

    for (uint64_t at = 1;; at += step) {
        hi5_status s;

        group_create(g, kinds[_i].attrs, 3, 8);
        for (unsigned i = 0; i < 60; i++)
            ck_status(group_add(g, i, i), HI5_OK);
        group_reopen(g);
        memcpy(before, g->v, sizeof g->v);
        g->f.calls = 0;
        g->f.fail_at = at;
        s = no_memory_changes(g);
        g->f.fail_at = 0;
        dense_edit_close(&g->d);
        if (s != HI5_OK) {
            ck_assert_int_eq(s, HI5_E_NOMEM);
            stage_abort(&g->f.meta);
            memcpy(g->v, before, sizeof g->v);
            g->n = 60;
            failures++;
        }
        group_open(g);
        if (s == HI5_OK || at % 7 == 0)
            group_check(g);
        group_close(g);
        if (s == HI5_OK)
            break;
        step = at < 30 ? 1 : at / 20; /* later ones are all alike */
    }
    ck_assert_uint_gt(failures, 30);
    free(before);
    free(g);
}
END_TEST

Suite *
suite_dense_edit(void)
{
    Suite *const s = suite_create("dense_edit");
    TCase *const c = tcase_create("dense_edit");

    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, test_random, 0, KINDS);
    tcase_add_test(c, test_delete);
    tcase_add_test(c, test_delete_damaged);
    tcase_add_test(c, test_unordered);
    tcase_add_test(c, test_refused);
    tcase_add_test(c, test_check);
    tcase_add_loop_test(c, test_no_memory, 2, 4);
    suite_add_tcase(s, c);
    return s;
}
