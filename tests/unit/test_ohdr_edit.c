/*
 * test_ohdr_edit.c - changing object headers                       [FMT IV.A.1]
 *
 * Random changes beside a plain list of messages; after each the header is decoded, as
 * anybody would, and compared.
 */
#include "format/ohdr_edit.h"
#include "editfile.h"

Suite *suite_ohdr_edit(void);

enum { MOST = 300, BODY = 2000 };

struct thing {
    uint16_t type, order;
    uint8_t flags;
    size_t size;
    uint8_t body[BODY];
};

/* What a header should be. */
struct model {
    uint64_t addr;
    unsigned version, flags;
    uint32_t refs;
    size_t n;
    struct thing thing[MOST];
};

static const struct ohdr_which anything[] = {
    {.type = MSG_ATTR}, {.type = MSG_SPACE}, {.type = MSG_LAYOUT}, {.type = 0x40}};

/* Unknown messages keep their flags. U-OH-19, EDIT-09 */
static void
make_thing(struct editfile *f, const struct model *m, struct thing *t, size_t most)
{
    static const uint8_t flags[] = {0, MSG_F_CONSTANT, MSG_F_DONT_SHARE};
    const unsigned kind = editfile_random(f, 8);

    memset(t, 0, sizeof *t);
    t->type = anything[kind < 4 ? 0 : kind < 7 ? kind - 4 : 3].type;
    t->flags = flags[editfile_random(f, 3)];
    if (t->type == 0x40)
        t->flags = MSG_F_MARK | MSG_F_WAS_UNKNOWN;
    t->size = editfile_random(f, (unsigned)most);
    if (m->flags & OHDR_F_ORDER_TRACKED)
        t->order = (uint16_t)editfile_random(f, 65536);
    for (size_t i = 0; i < t->size; i++)
        t->body[i] = (uint8_t)editfile_random(f, 256);
}

static struct ohdr_put
put_thing(const struct thing *t)
{
    return (struct ohdr_put){t->type, t->flags, t->order, t->body, t->size};
}

/* Is it the message that has been decoded? Version 1 pads. */
static bool
same(const struct model *m, const struct thing *t, const struct ohdr_msg *msg)
{
    const size_t size = m->version == 1 ? (t->size + 7) / 8 * 8 : t->size;

    return t->type == msg->type && t->flags == msg->flags && t->order == msg->order &&
           size == msg->size && memcmp(t->body, msg->body, size) == 0;
}

/* OH-13, and the gap: only where there is no NIL message (U-OH-9). */
static void
check_prefix(struct editfile *f, const struct ohdr *h)
{
    uint8_t bytes[64];
    struct ohdr_prefix p;
    struct cur c;
    const size_t n = meta_clip(&f->meta, h->addr, sizeof bytes);

    ck_ok(meta_copy(&f->meta, h->addr, n, "", bytes, &f->err), &f->err);
    c = cur_reader(bytes, n, &f->err);
    ohdr_prefix_code(&c, &p);
    ck_ok(c.status, &f->err);
    if (h->version == 2) {
        ck_assert_uint_eq(p.flags & 3,
                          p.chunk0 < 256 ? 0u : p.chunk0 < 65536 ? 1u : 2u);
    } else {
        ck_assert_uint_eq(p.declared, h->nmsgs);
        ck_assert_uint_eq(p.chunk0 % 8, 0);
    }
}

/* Neighbours that are both NIL are one, unless that were too large. OH-016, OH-11 */
static void
check_nils(const struct ohdr *h)
{
    for (size_t i = 1; i < h->nmsgs; i++)
        if (h->msg[i - 1].type == MSG_NIL && h->msg[i].type == MSG_NIL &&
            h->msg[i - 1].addr + h->msg[i - 1].size + 8 >= h->msg[i].addr &&
            h->msg[i - 1].addr < h->msg[i].addr)
            ck_assert_uint_ge(h->msg[i - 1].size + h->msg[i].size, 65000);
}

static bool
matches(struct editfile *f, const struct model *m)
{
    bool found[MOST] = {false};
    struct ohdr *h;
    size_t n = 0, i;

    f->meta.watch = &f->watch;
    ck_ok(ohdr_read(&f->meta, m->addr, &f->arena, &h, &f->err), &f->err);
    ck_assert_uint_eq(h->version, m->version);
    ck_assert(!h->flawed);
    check_prefix(f, h);
    check_nils(h);
    f->meta.watch = NULL;
    if (h->refcount != m->refs)
        return false;
    for (size_t k = 0; k < h->nmsgs; k++) {
        const unsigned type = h->msg[k].type;
        if (type == MSG_NIL || type == MSG_CONT || type == MSG_REFCOUNT)
            continue;
        n++;
        for (i = 0; i < m->n && (found[i] || !same(m, &m->thing[i], &h->msg[k])); i++)
            ;
        if (i == m->n)
            return false;
        found[i] = true;
    }
    return n == m->n;
}

static void
check_same(struct editfile *f, const struct model *m)
{
    ck_assert_msg(matches(f, m), "%zu messages", m->n);
    arena_done(&f->arena);
}

static void
begin(struct editfile *f, struct model *m, unsigned version, unsigned flags, size_t n,
      size_t room)
{
    const struct ohdr_prefix p = {.version = (uint8_t)version, .flags = (uint8_t)flags,
                                  .refcount = 1, .max_compact = 8, .min_dense = 6};
    struct ohdr_put put[16];

    memset(m, 0, sizeof *m);
    m->version = version;
    m->flags = flags;
    m->refs = 1;
    for (m->n = 0; m->n < n; m->n++) {
        make_thing(f, m, &m->thing[m->n], 60);
        put[m->n] = put_thing(&m->thing[m->n]);
    }
    ck_ok(ohdr_create(&f->meta, &p, put, n, room, &m->addr, &f->err), &f->err);
    check_same(f, m);
}

/* ---- one change, to the header and to the model ---- */

static bool
is_body(void *ctx, const struct ohdr_msg *msg)
{
    const struct thing *const t = ctx;

    return msg->size >= t->size && memcmp(msg->body, t->body, t->size) == 0 &&
           msg->order == t->order && msg->flags == t->flags;
}

static hi5_status
change_add(struct editfile *f, struct model *m)
{
    struct thing *const t = &m->thing[m->n];
    struct ohdr_put put;

    make_thing(f, m, t, editfile_random(f, 10) == 0 ? BODY : 100);
    put = put_thing(t);
    m->n++;
    return ohdr_add(&f->meta, m->addr, &put, &f->err);
}

/* Messages that are equal are both meant when they are to be removed. */
static hi5_status
change_remove(struct editfile *f, struct model *m, unsigned i)
{
    struct thing t = m->thing[i];
    const struct ohdr_which which = {.type = t.type, .match = is_body, .ctx = &t};
    size_t n = 0;

    for (size_t k = 0; k < m->n; k++) {
        const struct thing *const o = &m->thing[k];
        const struct ohdr_msg msg = {.type = o->type, .flags = o->flags,
                                     .order = o->order, .body = o->body,
                                     .size = m->version == 1 ? (o->size + 7) / 8 * 8
                                                             : o->size};
        if (o->type != t.type || !is_body(&t, &msg))
            m->thing[n++] = m->thing[k];
    }
    m->n = n;
    return ohdr_remove(&f->meta, m->addr, &which, &f->err);
}

static hi5_status
change_replace(struct editfile *f, struct model *m, unsigned i)
{
    struct ohdr_which which = {.type = m->thing[i].type};
    const struct ohdr_msg *msg;
    struct thing fresh;
    struct ohdr_put put;
    struct ohdr *h;
    size_t k = 0;

    ck_ok(ohdr_read(&f->meta, m->addr, &f->arena, &h, &f->err), &f->err);
    while ((msg = ohdr_next(h, m->thing[i].type, &k)) != NULL)
        if (same(m, &m->thing[i], msg))
            break;
    ck_assert_ptr_nonnull(msg);
    which.addr = msg->addr;
    arena_done(&f->arena);
    make_thing(f, m, &fresh, editfile_random(f, 10) == 0 ? BODY : 100);
    if (editfile_random(f, 3) == 0 && fresh.size < m->thing[i].size)
        fresh.size = m->thing[i].size; /* the rest is zeros */
    m->thing[i] = fresh;
    put = put_thing(&fresh);
    return ohdr_replace(&f->meta, m->addr, &which, &put, &f->err);
}

static hi5_status
change(struct editfile *f, struct model *m, unsigned most)
{
    const unsigned what = editfile_random(f, 20);

    if (what == 0) {
        m->refs = 1 + editfile_random(f, 3);
        return ohdr_set_refcount(&f->meta, m->addr, m->refs, &f->err);
    }
    if (m->n == 0 || (what < 9 && m->n < most))
        return change_add(f, m);
    if (what < 14)
        return change_replace(f, m, editfile_random(f, (unsigned)m->n));
    return change_remove(f, m, editfile_random(f, (unsigned)m->n));
}

static const unsigned widths[][2] = {{8, 8}, {4, 4}, {2, 2}, {8, 2}, {4, 8}, {16, 8}};
static const unsigned kinds[][2] = {{1, 0}, {2, 0}, {2, 0x04}, {2, 0x0c}, {2, 0x30}, {2, 0x34}};

/* OH-04, OH-10, EDIT-09 */
START_TEST(random_changes)
{
    const unsigned *const w = widths[_i % 6], *const kind = kinds[_i / 6 % 6];
    struct model *const m = malloc(sizeof *m);
    struct editfile f;
    struct ohdr *h;

    editfile_open(&f, w[0], w[1], (unsigned)_i);
    begin(&f, m, kind[0], kind[1], editfile_random(&f, 6), editfile_random(&f, 300));
    for (unsigned i = 0; i < 150; i++) {
        const hi5_status s = change(&f, m, 3 + (unsigned)_i % 30);

        ck_ok(s, &f.err);
        if (editfile_random(&f, 3) == 0)
            check_same(&f, m);
        if (editfile_random(&f, 10) == 0)
            editfile_commit(&f);
        if (editfile_random(&f, 10) == 0 && _i % 2 == 0)
            editfile_reopen(&f);
    }
    check_same(&f, m);
    ck_ok(ohdr_read_to_change(&f.meta, m->addr, &f.arena, &h, &f.err), &f.err);
    ck_ok(ohdr_free(&f.meta, h, &f.err), &f.err);
    ck_assert(ohdr_read_to_change(&f.meta, m->addr, &f.arena, &h, NULL) != HI5_OK);
    arena_done(&f.arena);
    editfile_commit(&f);
    /* All that was ever taken has been given back; who reopens does not know. */
    stage_trim(&f.meta);
    if (_i % 2 != 0)
        ck_assert_uint_eq(f.meta.eof, 48);
    editfile_close(&f);
    free(m);
}
END_TEST

/* A change that fails for want of memory has not begun; unless it was only the space of
 * the old chunk that could not be given back. */
START_TEST(failing_allocations)
{
    const unsigned *const kind = kinds[_i % 6];
    struct model *const m = malloc(sizeof *m), *const old = malloc(sizeof *m);
    unsigned failures = 0;
    struct editfile f;

    editfile_open(&f, 8, 8, (unsigned)_i);
    begin(&f, m, kind[0], kind[1], 3, 100);
    for (unsigned i = 0; i < 300; i++) {
        const long fail_in = (long)editfile_random(&f, 12);
        hi5_status s;

        if (editfile_random(&f, 3) == 0)
            editfile_reopen(&f);
        *old = *m;
        if (editfile_random(&f, 2) == 0 && m->n < 40 && m->n != 0) {
            f.fail_in = fail_in;
            s = change_add(&f, m);
        } else if (m->n != 0) {
            f.fail_in = fail_in;
            s = change_remove(&f, m, editfile_random(&f, (unsigned)m->n));
        } else {
            s = change_add(&f, m);
        }
        f.fail_in = -1;
        if (s == HI5_OK)
            continue;
        ck_assert_int_eq(s, HI5_E_NOMEM);
        failures++;
        if (matches(&f, old))
            *m = *old;
        check_same(&f, m);
    }
    ck_assert_uint_gt(failures, 5);
    editfile_close(&f);
    free(m);
    free(old);
}
END_TEST

/* Attributes by the dozen do not make dozens of chunks. OH-04 */
START_TEST(many_attributes)
{
    const unsigned *const kind = kinds[_i];
    struct model *const m = malloc(sizeof *m);
    struct editfile f;
    struct ohdr *h;

    editfile_open(&f, 8, 8, 7);
    begin(&f, m, kind[0], kind[1], 5, 256);
    for (unsigned i = 0; i < 200; i++)
        ck_ok(change_add(&f, m), &f.err);
    check_same(&f, m);
    ck_ok(ohdr_read(&f.meta, m->addr, &f.arena, &h, &f.err), &f.err);
    ck_assert_uint_le(h->nchunks, 2);
    /* OH-16: one rewrite removes them all, and the chunk with them. */
    ck_ok(ohdr_remove(&f.meta, m->addr, &anything[0], &f.err), &f.err);
    ck_ok(ohdr_read(&f.meta, m->addr, &f.arena, &h, &f.err), &f.err);
    ck_assert_ptr_null(ohdr_first(h, MSG_ATTR));
    ck_status(ohdr_remove(&f.meta, m->addr, &anything[0], &f.err), HI5_E_NOTFOUND);
    editfile_close(&f);
    free(m);
}
END_TEST

/* OH-09, OH-11 */
START_TEST(large_messages)
{
    const struct ohdr_prefix p = {.version = (uint8_t)(1 + _i), .refcount = 1};
    uint8_t *const body = calloc(1, 70000);
    struct ohdr_put put = {.type = MSG_ATTR, .body = body, .size = 65536};
    struct editfile f;
    struct ohdr *h;
    uint64_t addr;

    editfile_open(&f, 8, 8, 7);
    ck_ok(ohdr_create(&f.meta, &p, NULL, 0, 200000, &addr, &f.err), &f.err);
    ck_ok(ohdr_read(&f.meta, addr, &f.arena, &h, &f.err), &f.err);
    ck_assert_uint_eq(h->nmsgs, 4);
    ck_status(ohdr_add(&f.meta, addr, &put, &f.err), HI5_E_LIMIT);
    ck_assert_str_eq(f.err.field, "message size");
    ck_status(ohdr_create(&f.meta, &p, &put, 1, 0, &addr, &f.err), HI5_E_LIMIT);
    put.size = 65535 - 7;
    for (unsigned i = 0; i < 40; i++) {
        body[0] = (uint8_t)i;
        ck_ok(ohdr_add(&f.meta, addr, &put, &f.err), &f.err);
    }
    editfile_reopen(&f);
    ck_ok(ohdr_read(&f.meta, addr, &f.arena, &h, &f.err), &f.err);
    put.size = 0;
    for (size_t i = 0; i < h->nmsgs; i++)
        put.size += h->msg[i].type == MSG_ATTR && h->msg[i].size == 65528;
    ck_assert_uint_eq(put.size, 40);
    /* libhdf5 makes one NIL message of what is free in a chunk: it must not be too large. */
    for (size_t i = 1; i < h->nchunks; i++)
        ck_assert_uint_le(h->chunk[i].size, 65535 + 16);
    editfile_close(&f);
    free(body);
}
END_TEST

/* Flags that no reader takes are refused before anything changes; what must be known to
 * change an object keeps it from being changed. OH-07 */
START_TEST(flags)
{
    const struct ohdr_prefix p = {.version = (uint8_t)(1 + _i), .refcount = 1};
    struct ohdr_put put[] = {{.type = 0x40, .flags = MSG_F_MARK},
                             {.type = MSG_LAYOUT, .flags = MSG_F_SHARED},
                             {.type = 0x41, .flags = MSG_F_FAIL_IF_WRITABLE}};
    struct editfile f;
    struct ohdr *h;
    uint64_t addr;

    editfile_open(&f, 8, 8, 7);
    ck_ok(ohdr_create(&f.meta, &p, put, 1, 0, &addr, &f.err), &f.err);
    ck_status(ohdr_add(&f.meta, addr, &put[1], &f.err), HI5_E_CORRUPT);
    ck_ok(ohdr_read(&f.meta, addr, &f.arena, &h, &f.err), &f.err);
    ck_assert_uint_eq(ohdr_first(h, 0x40)->flags, MSG_F_MARK | MSG_F_WAS_UNKNOWN);
    ck_ok(ohdr_add(&f.meta, addr, &put[2], &f.err), &f.err);
    editfile_reopen(&f);
    ck_status(ohdr_set_refcount(&f.meta, addr, 2, &f.err), HI5_E_UNSUPPORTED);
    editfile_close(&f);
}
END_TEST

/* OH-14, U-OH-15 */
START_TEST(reference_counts)
{
    const struct ohdr_prefix p = {.version = (uint8_t)(1 + _i), .refcount = 1};
    struct editfile f;
    struct ohdr *h;
    uint64_t addr;
    uint32_t n;

    editfile_open(&f, 8, 8, 7);
    ck_ok(ohdr_create(&f.meta, &p, NULL, 0, 0, &addr, &f.err), &f.err);
    ck_ok(ohdr_add_refs(&f.meta, addr, 0, &n, &f.err), &f.err);
    ck_assert_uint_eq(n, 1);
    ck_ok(ohdr_add_refs(&f.meta, addr, 2, &n, &f.err), &f.err);
    ck_assert_uint_eq(n, 3);
    ck_ok(ohdr_read(&f.meta, addr, &f.arena, &h, &f.err), &f.err);
    ck_assert_uint_eq(h->refcount, 3);
    ck_assert_int_eq(ohdr_first(h, MSG_REFCOUNT) != NULL, _i == 1);
    if (_i == 1)
        ck_assert_uint_eq(ohdr_first(h, MSG_REFCOUNT)->flags, MSG_F_DONT_SHARE);
    ck_status(ohdr_add_refs(&f.meta, addr, -4, &n, &f.err), HI5_E_RANGE);
    ck_ok(ohdr_add_refs(&f.meta, addr, -2, &n, &f.err), &f.err);
    ck_assert_uint_eq(n, 1);
    ck_ok(ohdr_read(&f.meta, addr, &f.arena, &h, &f.err), &f.err);
    ck_assert_uint_eq(h->refcount, 1);
    ck_assert_ptr_null(ohdr_first(h, MSG_REFCOUNT));
    editfile_close(&f);
}
END_TEST

/* OH-08, U-OH-7 */
START_TEST(times)
{
    static const uint8_t old[] = {1, 0, 0, 0, 9, 0, 0, 0};
    const struct ohdr_prefix p = {.version = 2, .flags = 0x30, .atime = 1, .mtime = 2,
                                  .ctime = 3, .btime = 4, .max_compact = 11,
                                  .min_dense = 5};
    const struct ohdr_prefix p1 = {.version = 1, .refcount = 1};
    const struct ohdr_put put = {.type = MSG_MTIME, .body = old, .size = sizeof old};
    struct editfile f;
    struct ohdr *h;
    uint64_t addr;

    editfile_open(&f, 8, 8, 7);
    ck_ok(ohdr_create(&f.meta, &p, NULL, 0, 0, &addr, &f.err), &f.err);
    ck_ok(ohdr_touch(&f.meta, addr, 0xfffffff0u, &f.err), &f.err);
    ck_ok(ohdr_read(&f.meta, addr, &f.arena, &h, &f.err), &f.err);
    ck_assert_int_eq(h->atime, 0xfffffff0);
    ck_assert_int_eq(h->mtime, 2);
    ck_assert_int_eq(h->ctime, 0xfffffff0);
    ck_assert_int_eq(h->btime, 4);
    ck_assert_uint_eq(h->max_compact, 11);
    ck_assert_uint_eq(h->min_dense, 5);
    ck_ok(ohdr_create(&f.meta, &p1, &put, 1, 0, &addr, &f.err), &f.err);
    ck_ok(ohdr_touch(&f.meta, addr, 0x01020304, &f.err), &f.err);
    ck_ok(ohdr_read(&f.meta, addr, &f.arena, &h, &f.err), &f.err);
    ck_assert_mem_eq(ohdr_first(h, MSG_MTIME)->body, "\1\0\0\0\4\3\2\1", 8);
    editfile_close(&f);
}
END_TEST

/* The bytes of a header, by the book: OH-01, OH-02, OH-06, U-OH-9. */
START_TEST(bytes)
{
    static const uint8_t expect[] = "OHDR\2\4\x18"
                                    "\x40\x02\x00\x01\x05\x00" "ab"
                                    "\x00\x0a\x00\x00\x00\x00" "\0\0\0\0\0\0\0\0\0\0";
    const struct ohdr_prefix p = {.version = 2, .flags = 0x04};
    const struct ohdr_put put = {0x40, 0x01, 5, "ab", 2};
    uint8_t got[sizeof expect - 1 + 4];
    struct editfile f;
    uint64_t addr;

    editfile_open(&f, 8, 8, 7);
    ck_ok(ohdr_create(&f.meta, &p, &put, 1, 24, &addr, &f.err), &f.err);
    ck_ok(meta_copy(&f.meta, addr, sizeof got, "", got, &f.err), &f.err);
    ck_assert_mem_eq(got, expect, sizeof expect - 1);
    ck_ok(ohdr_create(&f.meta, &p, &put, 1, 27 - 13, &addr, &f.err), &f.err);
    editfile_close(&f);
}
END_TEST

Suite *
suite_ohdr_edit(void)
{
    Suite *const s = suite_create("ohdr_edit");
    TCase *const t = tcase_create("ohdr_edit");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, bytes);
    tcase_add_loop_test(t, random_changes, 0, 72);
    tcase_add_loop_test(t, failing_allocations, 0, 12);
    tcase_add_loop_test(t, many_attributes, 0, 6);
    tcase_add_loop_test(t, large_messages, 0, 2);
    tcase_add_loop_test(t, flags, 0, 2);
    tcase_add_loop_test(t, reference_counts, 0, 2);
    tcase_add_test(t, times);
    suite_add_tcase(s, t);
    return s;
}
