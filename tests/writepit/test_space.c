/*
 * test_space.c - files that remember their free space, or have pages: written by hi5, read
 * and changed by libhdf5, and by hi5 again
 */
#define _POSIX_C_SOURCE 200809L
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What a file may say of its space. */
static const struct {
    hi5_fspace strategy;
    bool persist;
    uint64_t threshold, page;
} space_kind[] = {
    {HI5_FSPACE_FSM_AGGR, true, 1, 4096}, {HI5_FSPACE_PAGE, true, 1, 4096},
    {HI5_FSPACE_PAGE, true, 1, 512},      {HI5_FSPACE_FSM_AGGR, true, 100, 4096},
    {HI5_FSPACE_PAGE, true, 1, 65536},    {HI5_FSPACE_PAGE, false, 1, 4096},
    {HI5_FSPACE_AGGR, false, 1, 4096},    {HI5_FSPACE_NONE, false, 1, 4096},
};
#define SPACE_KINDS (sizeof space_kind / sizeof *space_kind)
#define SPACE_KEPT 5 /* the first ones, which remember */

static uint64_t
space_file_size(void)
{
    struct stat st;

    ck_assert_int_eq(stat(wp_path(), &st), 0);
    return (uint64_t)st.st_size;
}

static void *
space_bytes(uint64_t *n)
{
    FILE *const f = fopen(wp_path(), "rb");
    void *bytes;

    *n = space_file_size();
    bytes = malloc((size_t)*n + 1);
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fread(bytes, 1, (size_t)*n, f), *n);
    fclose(f);
    return bytes;
}

static void
space_copy(const char *name)
{
    char path[64], buf[4096];
    FILE *from, *to;
    size_t n;

    snprintf(path, sizeof path, "good/%s", name);
    from = fopen(fixture(path), "rb");
    to = fopen(wp_path(), "wb");
    ck_assert(from != NULL && to != NULL);
    while ((n = fread(buf, 1, sizeof buf, from)) != 0)
        ck_assert_uint_eq(fwrite(buf, 1, n, to), n);
    fclose(from);
    fclose(to);
}

static uint64_t
space_page(void)
{
    hi5_file_info info;
    hi5_file *f;

    ck_ok(hi5_open(wp_path(), NULL, &f, &wp_err), &wp_err);
    hi5_file_get_info(f, &info);
    ck_ok(hi5_close(f, &wp_err), &wp_err);
    return info.fspace_page_size;
}

/* What an audit may find lost: pieces that are not worth being remembered, everything
 * where nothing is, and what libhdf5 has lost (`most`). */
static uint64_t
space_check(unsigned kind, uint64_t most)
{
    hi5_check_result r;
    hi5_error err;

    ck_ok(hi5_check(wp_path(), NULL, NULL, NULL, NULL, &r, &err), &err);
    ck_assert(r.readable);
    ck_assert_uint_eq(r.errors, 0);
    ck_assert_uint_eq(r.map.overlaps, 0);
    if (kind < SPACE_KEPT && space_kind[kind].threshold == 1) {
        ck_assert_uint_eq(r.warnings, 0);
        ck_assert_uint_le(r.map.lost, most);
    }
    if (space_kind[kind].strategy == HI5_FSPACE_PAGE)
        ck_assert_uint_eq(space_file_size() % space_page(), 0);
    return r.map.lost;
}

/* FREE-08: no page has both kinds, and nothing small is in two. */
struct space_audit {
    uint64_t page, last; /* where the last piece ended */
    bool data;
};

static void
space_extent(void *ctx, const hi5_extent *x)
{
    struct space_audit *const a = ctx;
    const bool data = x->use == HI5_USE_DATA || strcmp(x->structure, "GCOL") == 0;

    if (x->use == HI5_USE_FREE || x->use == HI5_USE_LOST || x->size == 0)
        return;
    if (a->last != 0 && (a->last - 1) / a->page == x->offset / a->page)
        ck_assert_msg(data == a->data, "0x%llx: %s on a page of the other kind",
                      (unsigned long long)x->offset, x->structure);
    a->data = data;
    a->last = x->offset + x->size;
}

static void
space_audit(unsigned kind, uint64_t most)
{
    struct space_audit a = {.page = space_page()};
    hi5_map_totals totals;
    hi5_error err;

    space_check(kind, most);
    if (space_kind[kind].strategy == HI5_FSPACE_PAGE)
        ck_ok(hi5_map(wp_path(), NULL, space_extent, &a, &totals, &err), &err);
}

/* ---- what is in the file ---- */

enum { SPACE_SETS = 12, SPACE_MOST = 400 };

struct space_model {
    unsigned kind;
    uint64_t state;
    int rows[SPACE_SETS]; /* of dataset i; 0: there is none */
    int first[SPACE_SETS];
    int attrs[SPACE_SETS];
    bool fixed; /* no text in the heap: libhdf5 loses it */
};

static unsigned
space_random(struct space_model *m, unsigned below)
{
    m->state = m->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(m->state >> 33) % below;
}

static hi5_create_options
space_options(unsigned kind)
{
    return (hi5_create_options){.size = sizeof(hi5_create_options),
                                .fs_strategy = space_kind[kind].strategy,
                                .fs_persist = space_kind[kind].persist,
                                .fs_threshold = space_kind[kind].threshold,
                                .fs_page_size = space_kind[kind].page};
}

static const char *
space_name(unsigned i)
{
    static char name[16];

    snprintf(name, sizeof name, "d%u", i);
    return name;
}

static void
space_values(const struct space_model *m, unsigned i, int *values)
{
    for (int k = 0; k < m->rows[i] * 8; k++)
        values[k] = m->first[i] + k;
}

/* Datasets of three kinds of layout, one with text. */
static void
space_make(struct space_model *m, hi5_file *f, unsigned i)
{
    const uint64_t rows = 1 + space_random(m, SPACE_MOST);
    const uint64_t chunk[] = {16, 8}, max[] = {HI5_UNLIMITED, 8};
    const hi5_dataset_options chunked = {.size = sizeof chunked,
                                         .chunk = chunk,
                                         .max = max,
                                         .shuffle = i % 2 != 0,
                                         .deflate = i % 2 != 0 ? 3 : 0};
    int values[SPACE_MOST * 8];
    hi5_dataset *d;

    m->rows[i] = (int)rows;
    m->first[i] = (int)space_random(m, 1000000);
    m->attrs[i] = 0;
    space_values(m, i, values);
    d = wp_dataset(f, space_name(i), HI5_I32, 2, WP_DIMS(rows, 8),
                   i % 3 != 0 ? &chunked : NULL);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, values, &wp_err), &wp_err);
    hi5_dataset_close(d);
}

static void
space_annotate(struct space_model *m, hi5_file *f, unsigned i)
{
    char name[32], text[300];
    const hi5_type *type = HI5_STR;
    hi5_type *fixed = NULL;
    hi5_object *o;

    if (m->fixed) {
        ck_ok(hi5_type_string(300, HI5_NULL_TERMINATED, HI5_ASCII, &fixed, &wp_err),
              &wp_err);
        type = fixed;
    }
    ck_ok(hi5_object_open(f, space_name(i), &o, &wp_err), &wp_err);
    for (unsigned k = 0; k < 4; k++) {
        snprintf(name, sizeof name, "a%d", m->attrs[i]++);
        memset(text, 'a' + (int)(k + i) % 26, sizeof text);
        text[20 + space_random(m, 270)] = '\0';
        if (k % 2 != 0)
            wp_put(o, name, m->first[i] + m->attrs[i]);
        else
            ck_ok(hi5_attribute_write(o, name, type, NULL, type,
                                      m->fixed ? text : (const void *)&(char *){text},
                                      &wp_err),
                  &wp_err);
    }
    hi5_object_close(o);
    hi5_type_free(fixed);
}

static void
space_resize(struct space_model *m, hi5_file *f, unsigned i)
{
    const int rows = 1 + (int)space_random(m, (unsigned)m->rows[i]);
    hi5_dataset *d;

    if (i % 3 == 0)
        return;
    ck_ok(hi5_dataset_open(f, space_name(i), &d, &wp_err), &wp_err);
    ck_ok(hi5_dataset_resize(d, WP_DIMS((uint64_t)rows, 8), &wp_err), &wp_err);
    hi5_dataset_close(d);
    m->rows[i] = rows;
}

static void
space_step(struct space_model *m, hi5_file *f)
{
    const unsigned i = space_random(m, SPACE_SETS);

    if (m->rows[i] == 0) {
        space_make(m, f, i);
        return;
    }
    switch (space_random(m, 4)) {
    case 0:
        ck_ok(hi5_link_delete(f, space_name(i), &wp_err), &wp_err);
        m->rows[i] = 0;
        break;
    case 1:
        space_resize(m, f, i);
        break;
    default:
        space_annotate(m, f, i);
    }
}

/* ---- libhdf5's turn ---- */

static void
space_verify(const struct space_model *m, hid_t h)
{
    int values[SPACE_MOST * 8];

    for (unsigned i = 0; i < SPACE_SETS; i++) {
        if (m->rows[i] == 0) {
            ck_assert_int_eq(H5Lexists(h, space_name(i), H5P_DEFAULT), 0);
            continue;
        }
        space_values(m, i, values);
        wp_ints(h, space_name(i), (size_t)m->rows[i] * 8, values);
        for (int k = 1; k < m->attrs[i]; k += 2) {
            const hid_t d = H5Dopen2(h, space_name(i), H5P_DEFAULT);
            char name[32];

            snprintf(name, sizeof name, "a%d", k);
            ck_assert_int_eq(wp_get(d, name), m->first[i] + k + 1);
            H5Dclose(d);
        }
    }
}

static void
space_foreign_step(struct space_model *m, hid_t h)
{
    const unsigned i = space_random(m, SPACE_SETS);
    const hsize_t dims[] = {1 + space_random(m, SPACE_MOST), 8};
    int values[SPACE_MOST * 8];
    hid_t s, d;

    if (m->rows[i] != 0) {
        ck_assert(H5Ldelete(h, space_name(i), H5P_DEFAULT) >= 0);
        m->rows[i] = 0;
        return;
    }
    if (i % 3 != 0)
        return; /* hi5 makes those that grow */
    m->rows[i] = (int)dims[0];
    m->first[i] = (int)space_random(m, 1000000);
    m->attrs[i] = 0;
    space_values(m, i, values);
    s = H5Screate_simple(2, dims, NULL);
    d = H5Dcreate2(h, space_name(i), H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT,
                   H5P_DEFAULT);
    ck_assert(H5Dwrite(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(d);
    H5Sclose(s);
}

static void
space_says(unsigned kind, hid_t h)
{
    const hid_t p = H5Fget_create_plist(h);
    H5F_fspace_strategy_t strategy;
    hsize_t threshold, page;
    hbool_t persist;

    ck_assert(H5Pget_file_space_strategy(p, &strategy, &persist, &threshold) >= 0);
    ck_assert(H5Pget_file_space_page_size(p, &page) >= 0);
    ck_assert_int_eq((int)strategy, (int)space_kind[kind].strategy);
    ck_assert_int_eq(persist, space_kind[kind].persist);
    ck_assert_uint_eq(threshold, space_kind[kind].threshold);
    ck_assert_uint_eq(page, space_kind[kind].page);
    H5Pclose(p);
}

/* Rounds of changes by hi5 and libhdf5 in turn. _i: kind, and target. */
START_TEST(in_turns)
{
    const unsigned kind = (unsigned)_i % SPACE_KINDS;
    const hi5_create_options o = space_options(kind);
    struct space_model m = {.kind = kind,
                            .state = (uint64_t)_i + 1,
                            .fixed = _i >= (int)(SPACE_KINDS * WP_TARGETS)};
    hi5_file *f = wp_create(_i / (int)SPACE_KINDS % WP_TARGETS, &o);
    uint64_t lost = 0;
    hid_t h;

    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < 12; i++) {
            space_step(&m, f);
            if (space_random(&m, 5) == 0)
                ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
        }
        ck_ok(hi5_close(f, &wp_err), &wp_err);
        space_audit(kind, lost);
        h = H5Fopen(wp_path(), round % 2 != 0 ? H5F_ACC_RDWR : H5F_ACC_RDONLY,
                    H5P_DEFAULT);
        ck_assert(h >= 0);
        space_says(kind, h);
        space_verify(&m, h);
        for (unsigned i = 0; round % 2 != 0 && i < 6; i++)
            space_foreign_step(&m, h);
        wp_end(h);
        if (round % 2 != 0) {
            lost = m.fixed ? space_check(kind, UINT64_MAX) : UINT64_MAX;
            h = H5Fopen(wp_path(), H5F_ACC_RDONLY, H5P_DEFAULT);
            space_verify(&m, h);
            wp_end(h);
        }
        f = wp_reopen();
    }
    ck_ok(hi5_close(f, &wp_err), &wp_err);
}
END_TEST

/* FREE-05, FREE-07: what goes leaves space that comes back, in the same session and in
 * others: the file settles at a size. (libhdf5 1.10.8 loses the rest of the pages that its
 * managers are on, each time.) */
START_TEST(size_settles)
{
    const unsigned kind = (unsigned)_i % SPACE_KEPT;
    const bool foreign = _i >= SPACE_KEPT;
    const hi5_create_options o = space_options(kind);
    struct space_model m = {.kind = kind};
    uint64_t size = 0;
    hi5_file *f = wp_create(WP_V18, &o);

    for (unsigned i = 0; i < 4; i++)
        space_make(&m, f, i);
    ck_ok(hi5_close(f, &wp_err), &wp_err);
    for (unsigned round = 0; round < 32; round++) {
        f = wp_reopen();
        m.state = 7;
        for (unsigned i = 4; i < SPACE_SETS; i++)
            space_make(&m, f, i);
        if (round % 2 != 0)
            ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
        if (foreign) {
            hid_t h;

            ck_ok(hi5_close(f, &wp_err), &wp_err);
            h = H5Fopen(wp_path(), H5F_ACC_RDWR, H5P_DEFAULT);
            space_verify(&m, h);
            for (unsigned i = 4; i < SPACE_SETS; i++)
                ck_assert(H5Ldelete(h, space_name(i), H5P_DEFAULT) >= 0);
            wp_end(h);
        } else {
            for (unsigned i = 4; i < SPACE_SETS; i++)
                ck_ok(hi5_link_delete(f, space_name(i), &wp_err), &wp_err);
            ck_ok(hi5_close(f, &wp_err), &wp_err);
        }
        for (unsigned i = 4; i < SPACE_SETS; i++)
            m.rows[i] = 0;
        space_audit(kind, foreign ? UINT64_MAX : 0);
        if (round > 7 && round < 16 && space_file_size() > size)
            size = space_file_size();
        if (round >= 16 && !(foreign && space_kind[kind].strategy == HI5_FSPACE_PAGE))
            ck_assert_uint_le(space_file_size(), size + size / 4);
    }
}
END_TEST

/* FREE-07: a thousand small commits do not make it grow. */
START_TEST(many_commits)
{
    const unsigned kind = (unsigned)_i;
    const hi5_create_options o = space_options(kind);
    struct space_model m = {.kind = kind, .state = 3};
    hi5_file *f = wp_create(WP_V110, &o);
    uint64_t size = 0;
    hi5_object *root;

    space_make(&m, f, 0);
    ck_ok(hi5_object_open(f, "/", &root, &wp_err), &wp_err);
    for (unsigned i = 0; i < 1000; i++) {
        char text[120];

        memset(text, 'x', sizeof text);
        text[i % 100 + 1] = '\0';
        ck_ok(hi5_attribute_write_string(root, "note", text, &wp_err), &wp_err);
        ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
        if (i == 100)
            size = space_file_size();
        if (i > 100)
            ck_assert_uint_le(space_file_size(), size);
    }
    hi5_object_close(root);
    ck_ok(hi5_close(f, &wp_err), &wp_err);
    space_audit(kind, 0);
}
END_TEST

/* EDIT-01: opened, closed, nothing changed. */
START_TEST(untouched)
{
    static const char *const names[] = {"fspace-fsm.h5",         "fspace-page.h5",
                                        "fspace-page-forget.h5", "fspace-aggr.h5",
                                        "fspace-none.h5",        "cache-image.h5"};
    hi5_file *f;
    uint64_t n, now;
    void *before, *after;

    space_copy(names[_i]);
    before = space_bytes(&n);
    f = wp_reopen();
    ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
    ck_ok(hi5_close(f, &wp_err), &wp_err);
    after = space_bytes(&now);
    ck_assert_uint_eq(now, n);
    ck_assert_mem_eq(after, before, n);
    free(before);
    free(after);
}
END_TEST

/* The fixtures of libhdf5, changed and changed back. */
START_TEST(foreign_files)
{
    static const struct {
        const char *name;
        unsigned kind;
    } all[] = {{"fspace-fsm.h5", 0},
               {"fspace-page.h5", 1},
               {"fspace-page-forget.h5", 5},
               {"fspace-aggr.h5", 6},
               {"fspace-none.h5", 7}};
    struct space_model m = {.kind = all[_i].kind, .state = 11};

    space_copy(all[_i].name);
    for (unsigned round = 0; round < 5; round++) {
        hi5_file *const f = wp_reopen();
        hid_t h;

        for (unsigned i = 0; i < 10; i++)
            space_step(&m, f);
        ck_ok(hi5_close(f, &wp_err), &wp_err);
        space_audit(m.kind, UINT64_MAX);
        h = H5Fopen(wp_path(), H5F_ACC_RDWR, H5P_DEFAULT);
        ck_assert(h >= 0);
        space_verify(&m, h);
        for (unsigned i = 0; i < 3; i++)
            space_foreign_step(&m, h);
        wp_end(h);
    }
}
END_TEST

static void
space_same_ints(hid_t a, hid_t b, const char *path)
{
    int x[30], y[30];
    const hid_t d = H5Dopen2(a, path, H5P_DEFAULT), e = H5Dopen2(b, path, H5P_DEFAULT);

    ck_assert(H5Dread(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
    ck_assert(H5Dread(e, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, y) >= 0);
    ck_assert_mem_eq(x, y, sizeof x);
    H5Dclose(d);
    H5Dclose(e);
}

/* U-MD-3: metadata that is only in the cache image is not lost when the file is changed:
 * little of it, much of it, or what the image has itself. */
START_TEST(cache_image)
{
    hi5_file_info info;
    hi5_file *f;
    hi5_object *o;
    hid_t h, was;

    space_copy("cache-image.h5");
    f = wp_reopen();
    hi5_file_get_info(f, &info);
    ck_assert(info.cache_image);
    ck_ok(hi5_object_open(f, _i == 0 ? "/" : "/group", &o, &wp_err), &wp_err);
    wp_put(o, "more", 5);
    if (_i == 3) {
        ck_ok(hi5_abort(f, &wp_err), &wp_err);
        hi5_object_close(o);
        ck_ok(hi5_object_open(f, "/group", &o, &wp_err), &wp_err);
        wp_put(o, "more", 5);
    }
    if (_i >= 2)
        ck_ok(hi5_attribute_delete(o, "answer", &wp_err), &wp_err);
    hi5_object_close(o);
    ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
    hi5_file_get_info(f, &info);
    ck_assert(!info.cache_image);
    hi5_dataset_close(wp_dataset(f, "group/new", HI5_I32, 1, WP_DIMS(10), NULL));
    ck_ok(hi5_close(f, &wp_err), &wp_err);
    space_check(7, 0);
    was = H5Fopen(fixture("good/cache-image.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
    h = H5Fopen(wp_path(), H5F_ACC_RDWR, H5P_DEFAULT);
    ck_assert(was >= 0 && h >= 0);
    space_same_ints(was, h, "/contiguous");
    space_same_ints(was, h, "/chunked");
    ck_assert(H5Lexists(h, "/group/strings", H5P_DEFAULT) > 0);
    ck_assert(H5Lexists(h, "/group/new", H5P_DEFAULT) > 0);
    o = NULL;
    {
        const hid_t g = H5Gopen2(h, _i == 0 ? "/" : "/group", H5P_DEFAULT);

        ck_assert_int_eq(wp_get(g, "more"), 5);
        if (_i != 0)
            ck_assert_int_eq(H5Aexists(g, "answer"), _i < 2);
        H5Gclose(g);
    }
    H5Fclose(was);
    wp_end(h);
}
END_TEST

/* What is given up by a change that is taken back is not free. */
START_TEST(taken_back)
{
    const unsigned kind = (unsigned)_i;
    const hi5_create_options o = space_options(kind);
    struct space_model m = {.kind = kind, .state = 5}, was;
    hi5_file *f = wp_create(WP_V18, &o);
    hid_t h;

    for (unsigned i = 0; i < 20; i++)
        space_step(&m, f);
    for (unsigned round = 0; round < 6; round++) {
        ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
        was = m;
        for (unsigned i = 0; i < 10; i++)
            space_step(&m, f);
        ck_ok(hi5_abort(f, &wp_err), &wp_err);
        was.state = m.state;
        m = was;
        for (unsigned i = 0; i < 3; i++)
            space_step(&m, f);
    }
    ck_ok(hi5_close(f, &wp_err), &wp_err);
    space_audit(kind, 0);
    h = H5Fopen(wp_path(), H5F_ACC_RDONLY, H5P_DEFAULT);
    space_verify(&m, h);
    wp_end(h);
}
END_TEST

/* FREE-03: what libhdf5, or a file without free-space managers, has forgotten is found and
 * used again. */
START_TEST(reclaimed)
{
    static const unsigned kinds[] = {7, 5, 1};
    const unsigned kind = kinds[_i];
    const hi5_open_options open = {.size = sizeof open, .write = true, .reclaim = true};
    const hi5_create_options o = space_options(kind);
    struct space_model m = {.kind = kind, .state = 4};
    hi5_file *f = wp_create(WP_V110, &o);
    uint64_t size = 0;

    for (unsigned round = 0; round < 12; round++) {
        hid_t h;

        m.state = 4;
        for (unsigned i = 0; i < SPACE_SETS; i++)
            space_make(&m, f, i);
        ck_ok(hi5_close(f, &wp_err), &wp_err);
        space_audit(kind, UINT64_MAX);
        h = H5Fopen(wp_path(), H5F_ACC_RDWR, H5P_DEFAULT);
        space_verify(&m, h);
        for (unsigned i = 1; i < SPACE_SETS; i++)
            ck_assert(H5Ldelete(h, space_name(i), H5P_DEFAULT) >= 0);
        ck_assert(H5Ldelete(h, space_name(0), H5P_DEFAULT) >= 0);
        wp_end(h);
        memset(m.rows, 0, sizeof m.rows);
        if (round < 3 && space_file_size() > size)
            size = space_file_size();
        ck_assert_uint_le(space_file_size(), size + size / 4);
        ck_ok(hi5_open(wp_path(), &open, &f, &wp_err), &wp_err);
    }
    ck_ok(hi5_close(f, &wp_err), &wp_err);
}
END_TEST

/* Nothing is given out where the audit finds something wrong. */
START_TEST(not_reclaimed)
{
    const hi5_open_options open = {.size = sizeof open, .write = true, .reclaim = true};
    hi5_file *f;
    char *bytes;
    uint64_t n;
    FILE *to;

    space_copy("layouts-v18.h5");
    bytes = space_bytes(&n);
    for (uint64_t i = 0; i + 4 < n; i++)
        if (memcmp(bytes + i, "TREE", 4) == 0) {
            memset(bytes + i, 0, 4);
            break;
        }
    to = fopen(wp_path(), "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, (size_t)n, to), n);
    fclose(to);
    free(bytes);
    ck_status(hi5_open(wp_path(), &open, &f, &wp_err), HI5_E_STATE);
}
END_TEST

/* FREE-18, and what cannot be. */
START_TEST(refused)
{
    hi5_create_options o = {
        .size = sizeof o, .fs_strategy = HI5_FSPACE_PAGE, .userblock = 512};
    hi5_file *f;

    ck_status(hi5_create(wp_path(), &o, &f, &wp_err), HI5_E_ARG);
    o.userblock = 0;
    o.fs_page_size = 511;
    ck_status(hi5_create(wp_path(), &o, &f, &wp_err), HI5_E_ARG);
    o.fs_page_size = ((uint64_t)1 << 30) + 1;
    ck_status(hi5_create(wp_path(), &o, &f, &wp_err), HI5_E_ARG);
    o.fs_page_size = 0;
    o.fs_strategy = (hi5_fspace)4;
    ck_status(hi5_create(wp_path(), &o, &f, &wp_err), HI5_E_ARG);
}
END_TEST

/* FREE-18: a user block of whole pages, or in front of a file without them. */
START_TEST(userblock)
{
    const unsigned kind = _i == 0 ? 0 : 2;
    hi5_create_options o = space_options(kind);
    struct space_model m = {.kind = kind, .state = 9};
    hi5_file *f;

    o.userblock = 1024;
    f = wp_create(WP_V18, &o);
    for (unsigned round = 0; round < 4; round++) {
        hid_t h;

        for (unsigned i = 0; i < 10; i++)
            space_step(&m, f);
        ck_ok(hi5_close(f, &wp_err), &wp_err);
        space_audit(kind, round == 0 ? 0 : UINT64_MAX);
        h = H5Fopen(wp_path(), H5F_ACC_RDWR, H5P_DEFAULT);
        ck_assert(h >= 0);
        space_verify(&m, h);
        space_foreign_step(&m, h);
        wp_end(h);
        f = wp_reopen();
    }
    ck_ok(hi5_close(f, &wp_err), &wp_err);
}
END_TEST

/* What is as large as the threshold begins at a multiple in the file, whatever is in front
 * of the superblock; also where something was deleted. */
START_TEST(aligned)
{
    hi5_open_options open = {.size = sizeof open, .alignment = _i % 2 != 0 ? 4096 : 1000,
                             .alignment_threshold = _i >= 18 ? 1 : 600};
    const hi5_create_options options = {
        .size = sizeof options, .open = &open, .userblock = _i % 12 < 6 ? 0 : 512,
        .fs_persist = _i >= 12};
    hi5_file *f = wp_create(_i / 2 % 3, &options);
    char name[16];
    hid_t h;

    for (unsigned turn = 0; turn < 2; turn++) {
        for (unsigned i = 0; i < 9; i++) {
            hi5_dataset *d;

            snprintf(name, sizeof name, "%u-%u", turn, i);
            d = wp_dataset(f, name, HI5_U8, 1, WP_DIMS(100 + i * 100),
                           WP_OPTIONS(.alloc_time = HI5_ALLOC_EARLY));
            hi5_dataset_close(d);
        }
        wp_close(f);
        open.write = true;
        ck_ok(hi5_open(wp_path(), &open, &f, &wp_err), &wp_err);
        for (unsigned i = turn; i < 9 && turn == 0; i += 2) {
            snprintf(name, sizeof name, "%u-%u", turn, i);
            ck_ok(hi5_link_delete(f, name, &wp_err), &wp_err);
        }
    }
    h = wp_read(f);
    for (unsigned i = 0; i < 18; i++) {
        hid_t d;

        if (i < 9 && i % 2 == 0)
            continue;
        snprintf(name, sizeof name, "%u-%u", i / 9, i % 9);
        d = H5Dopen2(h, name, H5P_DEFAULT);
        ck_assert(d >= 0);
        if (i % 9 >= 5)
            ck_assert_uint_eq(H5Dget_offset(d) % open.alignment, 0);
        H5Dclose(d);
    }
    wp_end(h);
}
END_TEST

Suite *suite_space(void);

Suite *
suite_space(void)
{
    Suite *const s = suite_create("writepit space");
    TCase *const c = tcase_create("space");

    tcase_add_loop_test(c, in_turns, 0, (int)(SPACE_KINDS * WP_TARGETS * 2));
    tcase_add_loop_test(c, size_settles, 0, 2 * SPACE_KEPT);
    tcase_add_loop_test(c, many_commits, 0, SPACE_KEPT);
    tcase_add_loop_test(c, untouched, 0, 6);
    tcase_add_loop_test(c, cache_image, 0, 4);
    tcase_add_loop_test(c, foreign_files, 0, 5);
    tcase_add_loop_test(c, taken_back, 0, (int)SPACE_KINDS);
    tcase_add_loop_test(c, reclaimed, 0, 3);
    tcase_add_test(c, not_reclaimed);
    tcase_add_test(c, refused);
    tcase_add_loop_test(c, userblock, 0, 2);
    tcase_add_loop_test(c, aligned, 0, 24);
    wp_case(s, c);
    return s;
}
