/*
 * test_symtab_edit.c - changing old-style groups          [FMT III.A.1, III.B, III.C]
 *
 * Random links added and removed beside a plain sorted list. The group is read back by
 * the reader, and its nodes and its heap are looked at one by one.
 */
#include "format/symtab_edit.h"
#include "editfile.h"
#include <stdio.h>

Suite *suite_symtab_edit(void);

enum { MOST = 4000, NAME = 48 };

struct link {
    char name[NAME];
    char value[NAME];          /* a soft link's; else empty */
    uint64_t address;
};

struct model {
    struct symtab t;
    struct symtab_edit e;
    size_t n;
    struct link link[MOST];    /* sorted */
};

static void
begin(struct editfile *f, struct model *m, unsigned leaf_k, unsigned internal_k)
{
    memset(m, 0, sizeof *m);
    m->t = (struct symtab){
        .meta = &f->meta, .leaf_k = leaf_k, .internal_k = internal_k};
    ck_ok(symtab_create(&f->meta, internal_k, 0, &m->t.where, &f->err), &f->err);
    symtab_edit_init(&m->e, &m->t);
}

static size_t
place(const struct model *m, const char *name, bool *found)
{
    size_t low = 0, high = m->n;

    while (low < high) {
        const size_t mid = (low + high) / 2;
        if (strcmp(m->link[mid].name, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *found = low < m->n && strcmp(m->link[low].name, name) == 0;
    return low;
}

/* ---- reading back ---- */

struct reading {
    const struct model *m;
    size_t n;
};

static bool
same(const struct link *a, const struct msg_link *l)
{
    if (l->name_len != strlen(a->name) || memcmp(l->name, a->name, strlen(a->name)) != 0)
        return false;
    if (a->value[0] == '\0')
        return l->kind == HI5_LINK_HARD && l->address == a->address;
    return l->kind == HI5_LINK_SOFT && l->value_len == strlen(a->value) &&
           memcmp(l->value, a->value, l->value_len) == 0;
}

static hi5_status
see(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct reading *const r = ctx;

    (void)err;
    if (r->n >= r->m->n || !same(&r->m->link[r->n], l))
        return HI5_E_TYPE;
    r->n++;
    return HI5_OK;
}

static bool
matches(const struct model *m)
{
    struct reading r = {m, 0};
    hi5_error err;

    return symtab_each(&m->t, see, &r, &err) == HI5_OK && r.n == m->n;
}

/* The heap's bytes: 1 a string, 2 a free block. */
struct looking {
    const struct model *m;
    struct lheap_view heap;
    uint8_t *what;
    size_t n;
    uint64_t upper;            /* the key behind the node before */
};

static void
claim(struct looking *l, uint64_t at, uint64_t n, uint8_t what)
{
    ck_assert_uint_le(at + n, l->heap.head.data_size);
    for (uint64_t i = at; i < at + n; i++) {
        if (l->what[i] != 0)
            ck_abort_msg("byte %d of the heap is used twice", (int)i);
        l->what[i] = what;
    }
}

static void
claim_string(struct looking *l, uint64_t at)
{
    hi5_error err;
    const char *s;

    ck_ok(lheap_string(&l->heap, at, &s, &err), &err);
    ck_assert_uint_eq(at % 8, 0);
    claim(l, at, (strlen(s) + 8) / 8 * 8, 1);
}

/* GRP-02, GRP-03, GRP-05: the keys around a node are the names at its ends. */
static hi5_status
look_node(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next,
          hi5_error *err)
{
    struct looking *const l = ctx;
    struct meta *const meta = l->m->t.meta;
    const size_t entry = meta->len_w + meta->off_w + 24u;
    const size_t size = 8 + 2 * l->m->t.leaf_k * entry;
    uint8_t *const p = malloc(size);
    struct cur c;
    struct snod h;
    struct ste e = {0};
    size_t stale = 0;

    ck_ok(meta_copy(meta, child, size, "", p, err), err);
    c = meta_cursor_at(meta, p, size, child, NULL, err);
    snod_code(&c, &h);
    ck_assert_uint_ge(h.nsyms, 1);
    ck_assert_uint_le(h.nsyms, 2 * l->m->t.leaf_k);
    for (unsigned i = 0; i < h.nsyms; i++) {
        ste_code(&c, &e);
        claim_string(l, e.name_off);
        if (e.cache == STE_SOFT) {
            claim_string(l, e.value_off);
            ck_assert_uint_eq(e.header, ADDR_NONE);
        }
    }
    ck_ok(c.status, err);
    ck_assert_uint_eq(cur_raw_addr(key, meta->len_w), l->upper);
    ck_assert_uint_eq(cur_raw_addr(next, meta->len_w), e.name_off);
    l->upper = e.name_off;
    for (size_t i = 8 + h.nsyms * entry; i < size; i++)
        stale += p[i] != 0;
    ck_assert_uint_eq(stale, 0);
    l->n += h.nsyms;
    free(p);
    return HI5_OK;
}

/* LH-003, LH-004, GRP-06 */
static void
look_heap(struct looking *l)
{
    const struct lheap *const h = &l->heap.head;
    uint64_t at = h->free_head;

    claim(l, 0, 8, 1);
    ck_assert_mem_eq(l->heap.data->bytes, "\0\0\0\0\0\0\0\0", 8);
    while (at != LHEAP_NO_FREE) {
        const unsigned w = l->m->t.meta->len_w;
        uint64_t size;

        ck_assert_uint_le(at + 2 * w, h->data_size);
        size = cur_raw_uint(l->heap.data->bytes + at + w, w < 8 ? w : 8);
        ck_assert_uint_ge(size, (2 * w + 7) / 8 * 8);
        claim(l, at, size, 2);
        at = cur_raw_uint(l->heap.data->bytes + at, w < 8 ? w : 8);
    }
}

static void
check_same(struct editfile *f, const struct model *m)
{
    const struct bt1 tree = {
        .meta = m->t.meta, .type = BT1_GROUP, .root = m->t.where.btree,
        .k = m->t.internal_k};
    struct looking l = {.m = m};

    ck_assert_msg(matches(m), "%zu links", m->n);
    ck_ok(lheap_open(m->t.meta, m->t.where.heap, &l.heap, &f->err), &f->err);
    l.what = calloc(1, l.heap.head.data_size + 1);
    look_heap(&l);
    ck_ok(bt1_each(&tree, look_node, &l, &f->err), &f->err);
    ck_assert_uint_eq(l.n, m->n);
    free(l.what);
    lheap_close(m->t.meta, &l.heap);
}

static void
check_find(struct editfile *f, const struct model *m, const char *name)
{
    struct msg_link l;
    bool found;
    const size_t i = place(m, name, &found);
    const hi5_status s =
        symtab_find(&m->t, name, strlen(name), &f->arena, &l, &f->err);

    ck_assert_int_eq(s, found ? HI5_OK : HI5_E_NOTFOUND);
    if (found)
        ck_assert(same(&m->link[i], &l));
    arena_done(&f->arena);
}

/* ---- changes ---- */

/* Names of all lengths, many of them beginnings of others. GRP-01, GRP-31 */
static void
make_link(struct editfile *f, struct link *l)
{
    static const char letters[] = "aaaab\xc3\xff" "Z0";
    const unsigned n = 1 + editfile_random(f, editfile_random(f, 5) == 0 ? 40 : 9);

    memset(l, 0, sizeof *l);
    for (unsigned i = 0; i < n; i++)
        l->name[i] = letters[editfile_random(f, 9)];
    l->address = 50 + editfile_random(f, 60000);
    if (editfile_random(f, 4) == 0)
        for (unsigned i = 1 + editfile_random(f, 20); i-- > 0;)
            l->value[i] = (char)('a' + i % 26);
}

static hi5_status
put(struct editfile *f, struct model *m, const struct link *l)
{
    struct msg_link link = {.kind = HI5_LINK_HARD, .address = l->address,
                            .name = (const uint8_t *)l->name, .name_len = strlen(l->name)};
    bool found;
    const size_t i = place(m, l->name, &found);
    hi5_status s;

    if (l->value[0] != '\0') {
        link.kind = HI5_LINK_SOFT;
        link.value = (const uint8_t *)l->value;
        link.value_len = (uint16_t)strlen(l->value);
    }
    s = symtab_insert(&m->e, &link, NULL, &f->err);
    if (found) { /* GRP-20 */
        ck_assert(s == HI5_E_EXISTS || s == HI5_E_NOMEM);
        return s == HI5_E_EXISTS ? HI5_OK : s;
    }
    ck_assert_uint_lt(m->n, MOST);
    memmove(&m->link[i + 1], &m->link[i], (m->n++ - i) * sizeof *l);
    m->link[i] = *l;
    return s;
}

static hi5_status
take_out(struct editfile *f, struct model *m, size_t i)
{
    const struct link l = m->link[i];

    memmove(&m->link[i], &m->link[i + 1], (--m->n - i) * sizeof l);
    return symtab_remove(&m->e, l.name, strlen(l.name), &f->err);
}

static const unsigned widths[][2] = {{8, 8}, {4, 4}, {4, 2}, {8, 4}, {16, 8}, {2, 8}};

/* GRP-32, GRP-07 */
START_TEST(random_changes)
{
    static const unsigned leaf[] = {1, 2, 4, 4}, internal[] = {1, 2, 3, 16};
    struct model *const m = malloc(sizeof *m);
    struct editfile f;
    struct link l;

    editfile_open(&f, widths[_i % 6][0], widths[_i % 6][1], (unsigned)_i);
    begin(&f, m, leaf[_i % 4], internal[_i / 2 % 4]);
    check_same(&f, m);
    for (unsigned i = 0; i < 400; i++) {
        const unsigned more = i / 100 % 2 == 0 ? 8 : 2;

        make_link(&f, &l);
        if (m->n == 0 || editfile_random(&f, 10) < more)
            ck_ok(put(&f, m, &l), &f.err);
        else
            ck_ok(take_out(&f, m, editfile_random(&f, (unsigned)m->n)), &f.err);
        make_link(&f, &l);
        check_find(&f, m, l.name);
        if (editfile_random(&f, 30) == 0)
            check_same(&f, m);
        if (editfile_random(&f, 40) == 0)
            editfile_commit(&f);
        if (editfile_random(&f, 40) == 0 && _i % 2 == 0) {
            editfile_reopen(&f);
            symtab_edit_init(&m->e, &m->t);
        }
    }
    check_same(&f, m);
    if (_i % 3 == 0)
        while (m->n > 0)
            ck_ok(take_out(&f, m, editfile_random(&f, (unsigned)m->n)), &f.err);
    check_same(&f, m);
    ck_ok(symtab_free_all(&m->t, &f.err), &f.err);
    editfile_commit(&f);
    stage_trim(&f.meta);
    if (_i % 2 != 0)
        ck_assert_uint_eq(f.meta.eof, 48);
    editfile_close(&f);
    free(m);
}
END_TEST

/* Names in order, as many as need a tree of two levels; then half of them go. */
START_TEST(in_order)
{
    struct model *const m = malloc(sizeof *m);
    struct editfile f;

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, 4, 16);
    for (unsigned i = 0; i < MOST; i++) {
        struct link l = {.address = 100 + i};
        snprintf(l.name, NAME, "link_%06u", _i == 0 ? i : MOST - i);
        ck_ok(put(&f, m, &l), &f.err);
    }
    check_same(&f, m);
    editfile_commit(&f);
    for (unsigned i = 0; i < MOST / 2; i++)
        ck_ok(take_out(&f, m, i), &f.err);
    check_same(&f, m);
    editfile_close(&f);
    free(m);
}
END_TEST

/* Links that come and go do not make the file grow. FREE-02 */
START_TEST(constant_size)
{
    struct model *const m = malloc(sizeof *m);
    struct editfile f;
    uint64_t size = 0;

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, 4, 16);
    for (unsigned cycle = 0; cycle < 40; cycle++) {
        for (unsigned i = 0; i < 100; i++) {
            struct link l = {.address = 100 + i};
            snprintf(l.name, NAME, "%0*u", 1 + (int)(i % 30), i);
            ck_ok(put(&f, m, &l), &f.err);
        }
        check_same(&f, m);
        while (m->n > (_i == 0 ? 0 : 10))
            ck_ok(take_out(&f, m, editfile_random(&f, (unsigned)m->n)), &f.err);
        check_same(&f, m);
        editfile_commit(&f);
        if (cycle == 20)
            size = f.meta.eof;
        else if (cycle > 20)
            ck_assert_uint_eq(f.meta.eof, size);
    }
    editfile_close(&f);
    free(m);
}
END_TEST

/* What libhdf5 makes of a new group: 88 bytes of names, 80 of them free. U-LH-4 */
START_TEST(new_group)
{
    struct model *const m = malloc(sizeof *m);
    struct lheap h;
    struct editfile f;
    uint8_t bytes[24];

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, 4, 16);
    ck_ok(lheap_read(&f.meta, m->t.where.heap, &h, &f.err), &f.err);
    ck_assert_uint_eq(h.data_size, 88);
    ck_assert_uint_eq(h.free_head, 8);
    ck_assert_uint_eq(h.data_addr, m->t.where.heap + 32);
    ck_ok(meta_copy(&f.meta, h.data_addr, 24, "", bytes, &f.err), &f.err);
    ck_assert_mem_eq(bytes, "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\120\0\0\0\0\0\0\0", 24);
    editfile_close(&f);
    free(m);
}
END_TEST

/* A group's addresses are kept beside the link that leads to it. U-STE-3 */
START_TEST(cached)
{
    static const uint8_t entry[] = {8, 0, 0, 0, 0, 0, 0, 0, 0x77, 0, 0, 0, 0, 0, 0, 0,
                                    1, 0, 0, 0, 0, 0, 0, 0, 0x88, 0, 0, 0, 0, 0, 0, 0,
                                    0x99, 0, 0, 0, 0, 0, 0, 0};
    const struct msg_link l = {.kind = HI5_LINK_HARD, .address = 0x77,
                               .name = (const uint8_t *)"group", .name_len = 5};
    const struct msg_stab stab = {0x88, 0x99};
    struct model *const m = malloc(sizeof *m);
    struct editfile f;
    uint8_t got[8 + 40];

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, 4, 16);
    ck_ok(symtab_insert(&m->e, &l, &stab, &f.err), &f.err);
    ck_ok(meta_copy(&f.meta, bt1_child_at(&m->e.tree), sizeof got, "", got, &f.err),
          &f.err);
    ck_assert_mem_eq(got, "SNOD\1\0\1\0", 8);
    ck_assert_mem_eq(got + 8, entry, 40);
    editfile_close(&f);
    free(m);
}
END_TEST

START_TEST(refused)
{
    struct msg_link l = {.kind = HI5_LINK_EXTERNAL, .name = (const uint8_t *)"a\0b",
                         .name_len = 1};
    struct model *const m = malloc(sizeof *m);
    struct editfile f;

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, 4, 16);
    ck_status(symtab_insert(&m->e, &l, NULL, &f.err), HI5_E_UNSUPPORTED);
    l.kind = HI5_LINK_HARD;
    l.name_len = 3;
    ck_status(symtab_insert(&m->e, &l, NULL, &f.err), HI5_E_ARG);
    l.name_len = 0;
    ck_status(symtab_insert(&m->e, &l, NULL, &f.err), HI5_E_ARG);
    l.name_len = 1;
    l.kind = HI5_LINK_SOFT;
    ck_status(symtab_insert(&m->e, &l, NULL, &f.err), HI5_E_ARG);
    ck_status(symtab_remove(&m->e, "a", 1, &f.err), HI5_E_NOTFOUND);
    check_same(&f, m);
    editfile_close(&f);
    free(m);
}
END_TEST

/* GRP-02: a heap without the empty string at 0 has nothing for the first key. Found by
 * fuzzing: the next link made the tree unsound. LH-005 */
START_TEST(no_first_key)
{
    const struct msg_link l = {.kind = HI5_LINK_HARD, .name = (const uint8_t *)"b",
                               .name_len = 1, .address = 100};
    struct model *const m = malloc(sizeof *m);
    struct lheap_edit h;
    struct editfile f;

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, 4, 16);
    ck_ok(lheap_edit_open(&f.meta, m->t.where.heap, &h, &f.err), &f.err);
    h.data->bytes[0] = 'c';
    ck_status(symtab_insert(&m->e, &l, NULL, &f.err), HI5_E_CORRUPT);
    h.data->bytes[0] = 0;
    check_same(&f, m);
    h.head.free_head = 0;
    ck_assert(!lheap_begins_empty(&h));
    memset(h.data->bytes, 0, 16);
    h.data->bytes[0] = 1; /* the last */
    h.data->bytes[8] = (uint8_t)h.head.data_size;
    for (int i = 0; i < 40; i++) { /* until it grows, too */
        uint64_t offset;
        ck_ok(lheap_add(&h, "text", 4, &offset, &f.err), &f.err);
        ck_assert_uint_ne(offset, 0);
    }
    h.data->bytes[0] = 0;
    ck_assert(lheap_begins_empty(&h));
    editfile_close(&f);
    free(m);
}
END_TEST

/* Names that are not in order, as some writers left them (GRP-01), and a free list that
 * overlaps itself (FREE-15), as they are in a file. */
START_TEST(damaged)
{
    struct link l = {.name = "c", .address = 100};
    struct model *const m = malloc(sizeof *m);
    struct staged *b;
    struct editfile f;
    struct lheap h;

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, 4, 16);
    ck_ok(put(&f, m, &l), &f.err);
    l.name[0] = 'a';
    ck_ok(put(&f, m, &l), &f.err);
    ck_ok(lheap_read(&f.meta, m->t.where.heap, &h, &f.err), &f.err);
    ck_ok(stage_edit(&f.meta, h.data_addr, h.data_size, "", &b, &f.err), &f.err);
    ck_assert_uint_eq(h.free_head, 24);
    b->bytes[24] = 48;
    b->bytes[24 + 8] = 32;
    b->bytes[48] = 1;
    b->bytes[48 + 8] = 40;
    editfile_reopen(&f);
    symtab_edit_init(&m->e, &m->t);
    l.name[0] = 'b';
    ck_ok(put(&f, m, &l), &f.err);
    check_same(&f, m);
    ck_ok(stage_edit(&f.meta, bt1_child_at(&m->e.tree), 8 + 8 * 40, "", &b, &f.err),
          &f.err);
    memcpy(b->bytes + 8, b->bytes + 48, 40);
    editfile_reopen(&f);
    symtab_edit_init(&m->e, &m->t);
    ck_status(symtab_remove(&m->e, "b", 1, &f.err), HI5_E_CORRUPT);
    ck_assert_str_eq(f.err.structure, "SNOD");
    editfile_close(&f);
    free(m);
}
END_TEST

/* A full node with names that are greater than the tree says: one that belongs between them
 * is not behind all of them. EVIL-04 */
START_TEST(beyond_its_key)
{
    struct model *const m = malloc(sizeof *m);
    struct link l = {.name = "b", .address = 100};
    struct staged *node, *tree;
    struct editfile f;

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, 4, 16);
    for (; l.name[0] <= 'i'; l.name[0]++)
        ck_ok(put(&f, m, &l), &f.err);
    ck_ok(stage_edit(&f.meta, bt1_child_at(&m->e.tree), 8 + 8 * 40, "", &node, &f.err),
          &f.err);
    ck_ok(stage_edit(&f.meta, m->t.where.btree, 24 + 33 * 8 + 32 * 8, "", &tree, &f.err),
          &f.err);
    memcpy(tree->bytes + 24 + 16, node->bytes + 8 + 2 * 40, 8); /* "d" */
    editfile_reopen(&f);
    symtab_edit_init(&m->e, &m->t);
    strcpy(l.name, "e1");
    ck_ok(put(&f, m, &l), &f.err);
    l.name[1] = '2';
    ck_ok(put(&f, m, &l), &f.err);
    editfile_close(&f);
    free(m);
}
END_TEST

START_TEST(failing_allocations)
{
    struct model *const m = malloc(sizeof *m), *const old = malloc(sizeof *m),
                 *const saved = malloc(sizeof *m);
    unsigned failures = 0;
    struct editfile f;
    struct link l;

    editfile_open(&f, 8, 8, (unsigned)_i);
    begin(&f, m, 2, 2);
    editfile_commit(&f);
    *saved = *m;
    for (unsigned i = 0; i < 400; i++) {
        hi5_status s;

        if (editfile_random(&f, 3) == 0) {
            editfile_commit(&f);
            *saved = *m;
        }
        *old = *m;
        make_link(&f, &l);
        f.fail_in = (long)editfile_random(&f, 10);
        s = m->n == 0 || editfile_random(&f, 3) != 0
                ? put(&f, m, &l)
                : take_out(&f, m, editfile_random(&f, (unsigned)m->n));
        f.fail_in = -1;
        if (s == HI5_OK)
            continue;
        ck_assert_int_eq(s, HI5_E_NOMEM);
        failures++;
        stage_abort(&f.meta);
        *m = *saved;
        symtab_edit_init(&m->e, &m->t);
        check_same(&f, m);
    }
    check_same(&f, m);
    ck_assert_uint_gt(failures, 20);
    editfile_close(&f);
    free(m);
    free(old);
    free(saved);
}
END_TEST

Suite *
suite_symtab_edit(void)
{
    Suite *const s = suite_create("symtab_edit");
    TCase *const t = tcase_create("symtab_edit");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, random_changes, 0, 16);
    tcase_add_loop_test(t, in_order, 0, 2);
    tcase_add_loop_test(t, constant_size, 0, 2);
    tcase_add_test(t, new_group);
    tcase_add_test(t, cached);
    tcase_add_test(t, refused);
    tcase_add_test(t, no_first_key);
    tcase_add_test(t, damaged);
    tcase_add_test(t, beyond_its_key);
    tcase_add_loop_test(t, failing_allocations, 0, 6);
    suite_add_tcase(s, t);
    return s;
}
