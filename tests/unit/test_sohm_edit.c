/*
 * test_sohm_edit.c - changing the indexes of shared messages [FMT III.I]
 */
#include "format/sohm_edit.h"
#include "base/lookup3.h"
#include "btree/btree2.h"
#include "format/sohm.h"
#include "stagefile.h"

Suite *suite_sohm_edit(void);

enum { MESSAGES = 30 };

/* Dataspaces, and how often each is used. */
struct model {
    struct stagefile f;
    struct sohm_table table;
    struct shared_env env;
    struct arena arena;
    uint32_t uses[MESSAGES];
    uint8_t id[MESSAGES][8];
    uint64_t header[MESSAGES]; /* one that has a copy of its own; or ADDR_NONE */
};

static void
model_env(struct model *m)
{
    m->env = (struct shared_env){&m->f.meta, &m->table, NULL, m->env.table_addr};
}

static void
model_open(struct model *m, unsigned width, unsigned list_max, unsigned btree_min)
{
    memset(m, 0, sizeof *m);
    m->table =
        (struct sohm_table){.n = 1,
                            .index[0] = {.type = list_max == 0,
                                         .msg_flags = 1u << MSG_SPACE | 1u << MSG_ATTR,
                                         .min_size = 5,
                                         .list_max = (uint16_t)list_max,
                                         .btree_min = (uint16_t)btree_min,
                                         .index = ADDR_NONE,
                                         .heap = ADDR_NONE}};
    for (unsigned i = 0; i < MESSAGES; i++)
        m->header[i] = ADDR_NONE;
    stagefile_open(&m->f, width, width);
    ck_ok(sohm_create(&m->f.meta, &m->table, &m->env.table_addr, &m->f.err), &m->f.err);
    model_env(m);
    arena_init(&m->arena, m->f.meta.mem);
}

static void
model_close(struct model *m)
{
    arena_done(&m->arena);
    stagefile_close(&m->f);
}

/* Message number i, a dataspace of version 2. */
static size_t
message_of(const struct model *m, unsigned i, uint8_t *body)
{
    memset(body, 0, 32);
    body[0] = 2;
    body[1] = (uint8_t)(1 + i % 3);
    body[3] = 1;
    for (unsigned k = 0; k < body[1]; k++)
        cur_raw_store(body + 4 + k * m->f.meta.len_w, m->f.meta.len_w, i + 1);
    return 4u + body[1] * m->f.meta.len_w;
}

static struct ohdr_put
put_of(const struct model *m, unsigned i, uint8_t *body)
{
    return (struct ohdr_put){
        .type = MSG_SPACE, .body = body, .size = message_of(m, i, body)};
}

/* The ID that a pointer to the heap holds. */
static void
model_keep_id(struct model *m, unsigned i, const struct ohdr_put *put)
{
    const uint8_t *const p = put->body;

    ck_assert_uint_eq(put->size, 10);
    ck_assert_uint_eq(p[0], 3);
    ck_assert_uint_eq(p[1], 1);
    if (m->uses[i] - (m->header[i] != ADDR_NONE) > 0)
        ck_assert_mem_eq(m->id[i], p + 2, 8);
    memcpy(m->id[i], p + 2, 8);
}

static void
model_share(struct model *m, unsigned i, bool in_header)
{
    uint8_t body[32];
    struct ohdr_put put = put_of(m, i, body);
    const struct ohdr_prefix p = {
        .version = 2, .refcount = 1, .max_compact = 8, .min_dense = 6};

    ck_ok(sohm_share(&m->env, in_header, &put, &m->arena, &m->f.err), &m->f.err);
    if (m->uses[i] == 0 && in_header) {
        ck_assert_uint_eq(put.flags, MSG_F_SHAREABLE);
        ck_ok(ohdr_create(&m->f.meta, &p, &put, 1, 0, &m->header[i], &m->f.err),
              &m->f.err);
        ck_ok(sohm_enter(&m->env, m->header[i], &put, &m->f.err), &m->f.err);
    } else {
        ck_assert_uint_eq(put.flags, MSG_F_SHARED);
        model_keep_id(m, i, &put);
    }
    m->uses[i]++;
}

/* The header's own copy. */
static void
model_release_copy(struct model *m, unsigned i, struct sohm_gone *gone)
{
    uint8_t body[32];
    const struct ohdr_msg msg = {.type = MSG_SPACE,
                                 .flags = MSG_F_SHAREABLE,
                                 .body = body,
                                 .size = message_of(m, i, body)};
    struct ohdr *h;

    ck_ok(sohm_release(&m->env, m->header[i], &msg, &m->arena, gone, &m->f.err),
          &m->f.err);
    ck_ok(ohdr_read_to_change(&m->f.meta, m->header[i], &m->arena, &h, &m->f.err), &m->f.err);
    ck_ok(ohdr_free(&m->f.meta, h, &m->f.err), &m->f.err);
    m->header[i] = ADDR_NONE;
}

static void
model_release_shared(struct model *m, unsigned i, struct sohm_gone *gone)
{
    uint8_t body[10] = {3, 1};
    const struct ohdr_msg msg = {
        .type = MSG_SPACE, .flags = MSG_F_SHARED, .body = body, .size = sizeof body};

    memcpy(body + 2, m->id[i], 8);
    ck_ok(sohm_release(&m->env, ADDR_NONE, &msg, &m->arena, gone, &m->f.err),
          &m->f.err);
}

static void
model_release(struct model *m, unsigned i, bool copy)
{
    struct sohm_gone gone;
    uint8_t body[32];

    if (m->uses[i] == 0)
        return;
    if (m->header[i] != ADDR_NONE && (copy || m->uses[i] == 1))
        model_release_copy(m, i, &gone);
    else
        model_release_shared(m, i, &gone);
    m->uses[i]--;
    ck_assert_int_eq(gone.body != NULL, m->uses[i] == 0);
    if (gone.body != NULL) {
        ck_assert_uint_eq(gone.size, message_of(m, i, body));
        ck_assert_mem_eq(gone.body, body, gone.size);
    }
}

/* ---- what the file has, by the readers ---- */

struct found {
    const struct model *m;
    unsigned n, in_heap;
    uint32_t last;
};

static void
found_one(struct found *f, const uint8_t *record)
{
    const struct meta *const meta = &f->m->f.meta;
    struct cur c = meta_cursor_at(meta, record, sohm_record_size(meta->off_w),
                                  ADDR_NONE, NULL, NULL);
    struct sohm_record r = {0};
    unsigned i;

    sohm_record_code(&c, &r);
    ck_assert(cur_ok(&c));
    for (i = 0; i < MESSAGES; i++) {
        uint8_t body[32];
        const size_t n = message_of(f->m, i, body);

        if (lookup3(body, n, MSG_SPACE) == r.hash)
            break;
    }
    ck_assert_uint_lt(i, MESSAGES);
    f->n++;
    if (r.place == 0) {
        ck_assert_uint_eq(r.refcount, f->m->uses[i]);
        ck_assert_mem_eq(r.heap_id, f->m->id[i], 8);
    } else {
        ck_assert_uint_eq(f->m->uses[i], 1);
        ck_assert_uint_eq(r.header, f->m->header[i]);
    }
}

static hi5_status
found_record(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct found *const f = ctx;
    const uint32_t hash = (uint32_t)cur_raw_uint(record + 1, 4);

    (void)err;
    ck_assert(f->n == 0 || f->last <= hash);
    f->last = hash;
    found_one(f, record);
    return HI5_OK;
}

static void
found_list(struct found *f, const struct sohm_index *x)
{
    struct meta *const meta = (struct meta *)(uintptr_t)&f->m->f.meta;
    const size_t size = sohm_record_size(meta->off_w);
    struct smli list = {.records_size = x->nmsgs * size};
    hi5_error err;
    struct block *b;
    struct cur c;

    ck_ok(meta_pin(meta, x->index, 8 + list.records_size, "SMLI", &b, &err), &err);
    c = meta_cursor(meta, b, 8 + list.records_size, NULL, &err);
    smli_code(&c, &list);
    ck_ok(c.status, &err);
    for (size_t i = 0; i < x->nmsgs; i++)
        found_one(f, list.records + i * size);
    meta_unpin(meta, b);
}

static void
model_check(struct model *m)
{
    struct sohm_table t = {.n = 1};
    struct found f = {.m = m};
    const struct bt2 *tree;
    unsigned used = 0;

    ck_ok(sohm_load(&m->f.meta, m->env.table_addr, &t, &m->f.err), &m->f.err);
    for (unsigned i = 0; i < MESSAGES; i++) {
        uint8_t body[32], pointer[10] = {3, 1};
        const size_t n = message_of(m, i, body);
        const uint8_t *out;
        uint64_t addr, committed;
        size_t out_n;

        used += m->uses[i] != 0;
        if (m->uses[i] - (m->header[i] != ADDR_NONE) == 0)
            continue;
        memcpy(pointer + 2, m->id[i], 8);
        ck_ok(shared_body(&m->env, MSG_SPACE, true, pointer, sizeof pointer, 0,
                          &m->arena, &out, &out_n, &addr, &committed, &m->f.err),
              &m->f.err);
        ck_assert_uint_eq(out_n, n);
        ck_assert_mem_eq(out, body, n);
    }
    ck_assert_uint_eq(t.index[0].nmsgs, used);
    ck_assert_int_eq(t.index[0].index == ADDR_NONE, used == 0);
    ck_assert_int_eq(t.index[0].heap == ADDR_NONE, used == 0);
    if (used == 0)
        return;
    if (t.index[0].type == 0) {
        ck_assert_uint_le(used, t.index[0].list_max);
        found_list(&f, &t.index[0]);
    } else {
        ck_assert_uint_ge(used, t.index[0].btree_min);
        ck_ok(bt2_open(&m->f.meta, t.index[0].index, BT2_SHARED_MESSAGE,
                       sohm_record_size(m->f.meta.off_w), &m->arena, &tree, &m->f.err),
              &m->f.err);
        ck_ok(bt2_each(tree, false, found_record, &f, &m->f.err), &m->f.err);
    }
    ck_assert_uint_eq(f.n, used);
}

/* ---- tests ---- */

/* U-SOHM-4, U-SOHM-6: the first stays in its header; with the second both are counted. */
START_TEST(first_and_second)
{
    struct model m;

    model_open(&m, 8, 50, 40);
    model_share(&m, 0, true);
    model_check(&m);
    model_share(&m, 0, true);
    model_check(&m);
    model_share(&m, 0, false);
    model_check(&m);
    model_release(&m, 0, true);
    model_check(&m);
    model_release(&m, 0, false);
    model_release(&m, 0, false);
    model_check(&m);
    ck_assert_uint_eq(m.table.index[0].index, ADDR_NONE);
    model_close(&m);
}
END_TEST

/* Cutoffs: more than list_max makes a tree, fewer than btree_min a list again. */
START_TEST(cutoffs)
{
    struct model m;

    model_open(&m, 8, 5, 3);
    for (unsigned i = 0; i < 5; i++)
        model_share(&m, i, i % 2 == 0);
    ck_assert_uint_eq(m.table.index[0].type, 0);
    model_share(&m, 5, true);
    ck_assert_uint_eq(m.table.index[0].type, 1);
    model_check(&m);
    for (unsigned i = 0; i < 3; i++)
        model_release(&m, i, true);
    ck_assert_uint_eq(m.table.index[0].type, 1);
    model_check(&m);
    model_release(&m, 3, true);
    ck_assert_uint_eq(m.table.index[0].type, 0);
    model_check(&m);
    model_close(&m);
}
END_TEST

START_TEST(what_is_not_shared)
{
    struct model m;
    uint8_t body[32];
    struct ohdr_put put;
    struct sohm_gone gone;
    const struct ohdr_msg stranger = {
        .type = MSG_SPACE, .flags = MSG_F_SHAREABLE, .body = body, .size = 20};

    model_open(&m, 8, 50, 40);
    put = put_of(&m, 0, body);
    put.flags = MSG_F_DONT_SHARE;
    ck_ok(sohm_share(&m.env, true, &put, &m.arena, &m.f.err), &m.f.err);
    ck_assert_uint_eq(put.flags, MSG_F_DONT_SHARE);
    put.flags = 0;
    put.size = 4; /* less than the table asks for */
    ck_ok(sohm_share(&m.env, true, &put, &m.arena, &m.f.err), &m.f.err);
    ck_assert_uint_eq(put.flags, 0);
    put.size = 20;
    put.type = MSG_TYPE; /* no index is for it */
    ck_ok(sohm_share(&m.env, true, &put, &m.arena, &m.f.err), &m.f.err);
    ck_assert_uint_eq(put.flags, 0);
    ck_assert(!sohm_covers(&m.env, MSG_TYPE));
    ck_assert(sohm_covers(&m.env, MSG_ATTR));
    ck_ok(sohm_release(&m.env, 99, &stranger, &m.arena, &gone, &m.f.err), &m.f.err);
    ck_assert_ptr_null(gone.body);
    model_close(&m);
}
END_TEST

/* A copy whose bytes are not those that were hashed is known by its header. */
START_TEST(by_place)
{
    struct model m;
    uint8_t body[32];
    const struct ohdr_msg msg = {.type = MSG_SPACE, .flags = MSG_F_SHAREABLE,
                                 .body = body, .size = 20};

    model_open(&m, 8, _i == 0 ? 50 : 0, 0);
    for (unsigned i = 0; i < 4; i++)
        model_share(&m, i, true);
    message_of(&m, 9, body);
    ck_ok(sohm_release(&m.env, m.header[2], &msg, &m.arena, NULL, &m.f.err), &m.f.err);
    m.uses[2] = 0;
    m.header[2] = ADDR_NONE;
    model_check(&m);
    model_close(&m);
}
END_TEST

static const struct {
    unsigned width, list_max, btree_min;
} shapes[] = {{8, 50, 40}, {8, 0, 0}, {8, 5, 3}, {4, 8, 9}, {2, 4, 1}, {8, 3, 0}};

START_TEST(random_uses)
{
    uint64_t seed = (uint64_t)_i + 1;
    struct model m;

    model_open(&m, shapes[_i].width, shapes[_i].list_max, shapes[_i].btree_min);
    for (unsigned step = 0; step < 600; step++) {
        const unsigned i = (unsigned)stagefile_random(&seed, MESSAGES);

        if (stagefile_random(&seed, 100) < (step % 300 < 150 ? 65 : 25))
            model_share(&m, i, stagefile_random(&seed, 2) != 0);
        else
            model_release(&m, i, stagefile_random(&seed, 2) != 0);
        if (step % 50 == 49) {
            model_check(&m);
            arena_done(&m.arena);
            stagefile_reopen(&m.f);
            model_env(&m);
            arena_init(&m.arena, m.f.meta.mem);
            model_check(&m);
        }
    }
    for (unsigned i = 0; i < MESSAGES; i++)
        while (m.uses[i] != 0)
            model_release(&m, i, true);
    model_check(&m);
    model_close(&m);
}
END_TEST

Suite *
suite_sohm_edit(void)
{
    Suite *const s = suite_create("sohm_edit");
    TCase *const t = tcase_create("sohm_edit");

    tcase_add_test(t, first_and_second);
    tcase_add_test(t, cutoffs);
    tcase_add_test(t, what_is_not_shared);
    tcase_add_loop_test(t, by_place, 0, 2);
    tcase_add_loop_test(t, random_uses, 0, (int)(sizeof shapes / sizeof shapes[0]));
    suite_add_tcase(s, t);
    return s;
}
