/*
 * test_lheap_edit.c - changing local heaps                         [FMT III.D]
 */
#include "format/lheap_edit.h"
#include "editfile.h"

Suite *suite_lheap_edit(void);

enum { MOST = 400, LONG = 60 };

struct model {
    uint64_t addr;
    size_t n;
    struct held {
        uint64_t offset;
        char s[LONG];
    } held[MOST];
};

/* Strings are as they were put in; no byte is in two of them, or in them and on the free
 * list. LH-003, LH-004 */
static void
check_same(struct editfile *f, const struct model *m)
{
    const unsigned w = f->meta.len_w;
    struct lheap_view v;
    uint64_t steps = 0;
    size_t twice = 0;
    uint8_t *used;

    ck_ok(lheap_open(&f->meta, m->addr, &v, &f->err), &f->err);
    used = calloc(1, v.head.data_size);
    for (size_t i = 0; i < m->n; i++) {
        const uint64_t at = m->held[i].offset;
        const char *s;

        ck_ok(lheap_string(&v, at, &s, &f->err), &f->err);
        ck_assert_str_eq(s, m->held[i].s);
        ck_assert_uint_eq(at % 8, 0);
        ck_assert_uint_ge(at, 8);
        for (size_t k = 0; k <= strlen(s); k++)
            twice += used[at + k]++ != 0;
    }
    for (uint64_t at = v.head.free_head, size; at != LHEAP_NO_FREE;
         at = cur_raw_uint(v.data->bytes + at, w < 8 ? w : 8)) {
        ck_assert_uint_le(at + 2 * w, v.head.data_size);
        size = cur_raw_uint(v.data->bytes + at + w, w < 8 ? w : 8);
        ck_assert_uint_le(at + size, v.head.data_size);
        ck_assert_uint_ge(size, (2 * w + 7) / 8 * 8); /* U-LH-2 */
        ck_assert_uint_lt(steps++, MOST);
        for (size_t k = 0; k < size; k++)
            twice += used[at + k]++ != 0;
    }
    ck_assert_uint_eq(twice, 0);
    ck_assert_uint_eq(cur_raw_uint(v.data->bytes, 8), 0); /* GRP-06 */
    free(used);
    lheap_close(&f->meta, &v);
}

static hi5_status
add(struct editfile *f, struct model *m)
{
    struct held *const x = &m->held[m->n];
    const unsigned n = 1 + editfile_random(f, editfile_random(f, 3) == 0 ? LONG - 2 : 9);
    struct lheap_edit h;
    hi5_status s;

    memset(x, 0, sizeof *x);
    for (unsigned i = 0; i < n; i++)
        x->s[i] = (char)('a' + editfile_random(f, 26));
    s = lheap_edit_open(&f->meta, m->addr, &h, &f->err);
    if (s == HI5_OK)
        s = lheap_add(&h, x->s, n, &x->offset, &f->err);
    m->n += s == HI5_OK;
    return s;
}

static hi5_status
drop(struct editfile *f, struct model *m, size_t i)
{
    struct lheap_edit h;
    const hi5_status s = lheap_edit_open(&f->meta, m->addr, &h, &f->err);

    if (s != HI5_OK)
        return s;
    lheap_drop(&h, m->held[i].offset);
    m->held[i] = m->held[--m->n];
    return HI5_OK;
}

static const unsigned widths[][2] = {{8, 8}, {4, 4}, {4, 2}, {8, 4}, {8, 16}};

START_TEST(random_changes) /* GRP-07, GRP-08, FREE-15 */
{
    struct model *const m = calloc(1, sizeof *m);
    struct editfile f;

    editfile_open(&f, widths[_i % 5][0], widths[_i % 5][1], (unsigned)_i);
    ck_ok(lheap_create(&f.meta, 8 * editfile_random(&f, 20), &m->addr, &f.err), &f.err);
    for (unsigned i = 0; i < 600; i++) {
        const unsigned more = i / 100 % 2 == 0 ? 8 : 2;

        if (m->n == 0 || (m->n < MOST && editfile_random(&f, 10) < more))
            ck_ok(add(&f, m), &f.err);
        else
            ck_ok(drop(&f, m, editfile_random(&f, (unsigned)m->n)), &f.err);
        if (editfile_random(&f, 10) == 0)
            check_same(&f, m);
        if (editfile_random(&f, 30) == 0)
            editfile_reopen(&f);
    }
    check_same(&f, m);
    editfile_close(&f);
    free(m);
}
END_TEST

START_TEST(failing_allocations)
{
    struct model *const m = calloc(1, sizeof *m);
    unsigned failures = 0;
    struct editfile f;

    editfile_open(&f, 8, 8, (unsigned)_i);
    ck_ok(lheap_create(&f.meta, 0, &m->addr, &f.err), &f.err);
    for (unsigned i = 0; i < 300; i++) {
        hi5_status s;

        if (editfile_random(&f, 4) == 0)
            editfile_reopen(&f);
        f.fail_in = editfile_random(&f, 4);
        if (m->n == 0 || editfile_random(&f, 3) != 0)
            s = add(&f, m);
        else
            s = drop(&f, m, editfile_random(&f, (unsigned)m->n));
        f.fail_in = -1;
        failures += s != HI5_OK;
        ck_assert(s == HI5_OK || s == HI5_E_NOMEM);
        check_same(&f, m);
    }
    ck_assert_uint_gt(failures, 10);
    editfile_close(&f);
    free(m);
}
END_TEST

/* A heap without a data segment gets one. LH-002 */
START_TEST(no_data)
{
    struct model *const m = calloc(1, sizeof *m);
    struct lheap none = {0, LHEAP_NO_FREE, ADDR_NONE};
    struct staged *b;
    struct editfile f;
    struct cur c;

    editfile_open(&f, 8, 8, 1);
    ck_ok(stage_new(&f.meta, 32, &b, &f.err), &f.err);
    c = stage_cursor(&f.meta, b, 0, &f.err);
    lheap_code(&c, &none);
    m->addr = b->block.addr;
    for (unsigned i = 0; i < 20; i++)
        ck_ok(add(&f, m), &f.err);
    check_same(&f, m);
    editfile_close(&f);
    free(m);
}
END_TEST

/* The next string begins where padding would be: that name is not given back. FREE-14 */
START_TEST(packed)
{
    struct lheap_edit h;
    struct lheap_free got;
    struct editfile f;
    uint64_t addr, at;
    const char *s;
    struct cur c;

    editfile_open(&f, 8, 8, 1);
    ck_ok(lheap_create(&f.meta, 64, &addr, &f.err), &f.err);
    ck_ok(lheap_edit_open(&f.meta, addr, &h, &f.err), &f.err);
    ck_ok(lheap_add(&h, "abcdefghijkl", 12, &at, &f.err), &f.err);
    ck_assert_uint_eq(at, 8);
    h.data->bytes[8 + 3] = 0;
    lheap_drop(&h, 8);
    lheap_drop(&h, 12);
    lheap_drop(&h, 0);
    ck_ok(lheap_string(&h.view, 12, &s, &f.err), &f.err);
    ck_assert_str_eq(s, "efghijkl");
    ck_assert_uint_eq(h.head.free_head, 24);
    c = cur_reader(h.data->bytes + 24, 40, &f.err);
    lheap_free_code(&c, &got);
    ck_assert_uint_eq(got.next, LHEAP_NO_FREE);
    ck_assert_uint_eq(got.size, 40);
    editfile_close(&f);
}
END_TEST

Suite *
suite_lheap_edit(void)
{
    Suite *const s = suite_create("lheap_edit");
    TCase *const t = tcase_create("lheap_edit");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, random_changes, 0, 10);
    tcase_add_loop_test(t, failing_allocations, 0, 4);
    tcase_add_test(t, no_data);
    tcase_add_test(t, packed);
    suite_add_tcase(s, t);
    return s;
}
