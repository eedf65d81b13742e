/*
 * test_pit_store.c - pitfalls of contiguous, compact and external data: STORE-xx of
 * docs/pitfalls.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_store(void);

enum { MSG_LAYOUT = 8, MSG_EXTERNAL = 7 };

/* A source that hands out raw data pieces, and keeps their names. */
struct pieces {
    char names[256];
    unsigned opened, closed;
    uint64_t farthest;
};

static hi5_status
piece_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    struct pieces *const p = ctx;

    (void)err;
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)buf)[i] = (unsigned char)(offset + i);
    if (offset + n > p->farthest)
        p->farthest = offset + n;
    return HI5_OK;
}

static hi5_status
piece_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)ctx, (void)err;
    *size = 1ull << 40;
    return HI5_OK;
}

static void
piece_close(void *ctx)
{
    ((struct pieces *)ctx)->closed++;
}

static hi5_status
open_piece(void *ctx, hi5_other_kind kind, const char *name, hi5_io *io, hi5_error *err)
{
    struct pieces *const p = ctx;
    const size_t n = strlen(p->names);

    (void)err;
    ck_assert_int_eq(kind, HI5_OTHER_RAW_DATA);
    snprintf(p->names + n, sizeof(p->names) - n, "%.40s;", name);
    p->opened++;
    *io = (hi5_io){.size = sizeof(*io),
                   .ctx = p,
                   .read_at = piece_read,
                   .get_size = piece_size,
                   .close = piece_close};
    return HI5_OK;
}

/* STORE-01, STORE-03: external data are read from where the list says, beyond 2 GiB
 * and 4 GiB, too; a forbidden or a missing file is an error that has its name. */
START_TEST(external)
{
    struct patch p = patch_load("good/external.h5");
    const hi5_message m = patch_message(&p, "pieces", MSG_EXTERNAL);
    struct pieces pieces = {.opened = 0};
    hi5_open_options options = {.size = sizeof(options),
                                .others = HI5_OTHERS_CALL,
                                .others_open = open_piece,
                                .others_ctx = &pieces};
    const uint64_t far = (5ull << 30) + 7;
    unsigned char v[120];
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    /* version, 3 reserved, 2 counts, heap; slots: name, offset, size */
    ck_assert_uint_eq(patch_get(&p, m.address + 16 + 8, 8), 10);
    patch_put(&p, m.address + 16 + 8, 8, far);
    ck_ok(hi5_open_memory(p.b, p.n, &options, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "pieces", &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, hi5_dataset_type(d), v, &err), &err);
    for (unsigned i = 0; i < 120; i++)
        ck_assert_uint_eq(v[i], (unsigned char)(i < 50   ? far + i
                                                : i < 90 ? i - 50
                                                         : 100 + i - 90));
    ck_assert_ptr_nonnull(strstr(pieces.names, "external-1.raw;"));
    ck_assert_ptr_nonnull(strstr(pieces.names, "external-2.raw;"));
    ck_assert_uint_eq(pieces.farthest, far + 50);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    ck_assert_uint_eq(pieces.opened, pieces.closed);
    options.others = HI5_OTHERS_FORBID;
    ck_ok(hi5_open_memory(p.b, p.n, &options, &f, &err), &err);
    ck_status(read_numbers(f, "pieces", NULL, &err), HI5_E_STATE);
    ck_assert_ptr_nonnull(strstr(err.message, "external-1.raw"));
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* STORE-04, STORE-06: found with a prefix given at opening; the last piece may be of any length; the dataset can grow into it. */
START_TEST(open_end)
{
    hi5_open_options options = {.size = sizeof(options), .raw_prefix = "${ORIGIN}"};
    unsigned char raw[400];
    int64_t v[30];
    uint32_t x = 12345;
    hi5_file *f;
    hi5_dataset *d;
    const char *name;
    uint64_t offset, size;
    hi5_error err;

    for (int i = 0; i < 400; i++) {
        x = x * 1664525u + 1013904223u;
        raw[i] = (unsigned char)(x >> 24);
    }
    ck_ok(hi5_open(fixture("good/external.h5"), &options, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "open end", &d, &err), &err);
    ck_assert_uint_eq(hi5_dataset_shape(d)->max[0], HI5_UNLIMITED);
    ck_assert(hi5_dataset_external(d, 1, &name, &offset, &size));
    ck_assert_uint_eq(size, HI5_UNLIMITED);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I64, v, &err), &err);
    /* the first piece has just these 60 bytes */
    for (int i = 0; i < 30; i++)
        ck_assert_int_eq(v[i], (int16_t)(raw[30 + 2 * i] << 8 | raw[31 + 2 * i]));
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* STORE-07: no address: the fill value. */
START_TEST(not_allocated)
{
    for (int k = 0; k < 2; k++) {
        struct patch p = patch_load(k ? "good/layouts-new.h5" : "good/layouts-old.h5");
        int64_t v[70];
        hi5_error err;

        ck_ok(patch_read(&p, "contiguous, unwritten", v, &err), &err);
        for (int i = 0; i < 70; i++)
            ck_assert_int_eq(v[i], 0);
        patch_free(&p);
    }
}
END_TEST

/* STORE-08: compact data of 140 bytes; one less, one more, none. */
START_TEST(compact_size)
{
    static const unsigned sizes[] = {139, 141, 0};

    for (int k = 0; k < 6; k++) {
        struct patch p =
            patch_load(k & 1 ? "good/layouts-new.h5" : "good/layouts-old.h5");
        const uint64_t at = patch_object(&p, "compact");
        const hi5_message m = patch_message(&p, "compact", MSG_LAYOUT);
        hi5_error err;

        ck_assert_uint_eq(patch_get(&p, m.address + 2, 2), 140);
        patch_put(&p, m.address + 2, 2, sizes[k / 2]);
        patch_fix(&p, at);
        ck_assert_int_ne(patch_read(&p, "compact", NULL, &err), HI5_OK);
        ck_assert_str_eq(err.structure, "data layout message");
        ck_assert_msg(err.status == HI5_E_CORRUPT || err.status == HI5_E_TRUNCATED,
                      "%s", error_text(&err)); /* one more is not in the message */
        patch_free(&p);
    }
}
END_TEST

/* STORE-09: read as often as one likes. */
START_TEST(twice)
{
    static const char *const names[] = {"compact", "contiguous", "single", "b-tree"};
    hi5_file *const f = open_fixture("good/layouts-new.h5");

    for (int k = 0; k < 4; k++) {
        hi5_dataset *d;
        hi5_error err;

        ck_ok(hi5_dataset_open(f, names[k], &d, &err), &err);
        for (int round = 0; round < 3; round++) {
            int32_t v[70] = {-1};

            ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
            for (int i = 0; i < 70; i++)
                ck_assert_int_eq(v[i], i);
        }
        hi5_dataset_close(d);
    }
    hi5_close(f, NULL);
}
END_TEST

/* STORE-10: a version-3 message written anew as version 1 or 2: the dimensions come
 * after the address, and no size is stored. */
START_TEST(old_versions)
{
    for (unsigned version = 1; version <= 2; version++) {
        struct patch p = patch_load("good/layouts-old.h5");
        hi5_message m = patch_message(&p, "contiguous", MSG_LAYOUT);
        uint64_t data = patch_get(&p, m.address + 2, 8);
        int64_t v[70];
        hi5_error err;

        /* 8, the address, and three dimensions of 4 do not fit: rank 2 is enough,
         * since the element size is for chunks. */
        ck_assert_uint_ge(m.size, 24);
        memset(p.b + m.address, 0, m.size);
        p.b[m.address] = (unsigned char)version;
        p.b[m.address + 1] = 2;
        p.b[m.address + 2] = 1;
        patch_put(&p, m.address + 8, 8, data);
        patch_put(&p, m.address + 16, 4, 10);
        patch_put(&p, m.address + 20, 4, 7);
        ck_ok(patch_read(&p, "contiguous", v, &err), &err);
        for (int i = 0; i < 70; i++)
            ck_assert_int_eq(v[i], i);
        patch_free(&p);
    }
}
END_TEST

/* STORE-14: dataspace and datatype say how much there is to read, within the file; the
 * stored size, which live files have had wrong, does not. */
START_TEST(contiguous_size)
{
    static const uint64_t sizes[] = {281, 100000, 279, 0};

    for (int k = 0; k < 8; k++) {
        struct patch p =
            patch_load(k & 1 ? "good/layouts-new.h5" : "good/layouts-old.h5");
        const uint64_t at = patch_object(&p, "contiguous");
        const hi5_message m = patch_message(&p, "contiguous", MSG_LAYOUT);
        int64_t v[70];
        hi5_error err;

        ck_assert_uint_eq(patch_get(&p, m.address + 10, 8), 280);
        patch_put(&p, m.address + 10, 8, sizes[k / 2]);
        patch_fix(&p, at);
        ck_ok(patch_read(&p, "contiguous", v, &err), &err);
        for (int i = 0; i < 70; i++)
            ck_assert_int_eq(v[i], i);
        patch_put(&p, m.address + 2, 8, p.n - 279); /* a byte too far */
        patch_fix(&p, at);
        ck_status(patch_read(&p, "contiguous", v, &err), HI5_E_TRUNCATED);
        patch_free(&p);
    }
}
END_TEST

/* STORE-15: no elements, no storage; nothing is read, wherever the address points. */
START_TEST(without_elements)
{
    for (int k = 0; k < 2; k++) {
        struct patch p = patch_load(k ? "good/layouts-new.h5" : "good/layouts-old.h5");
        const uint64_t at = patch_object(&p, "contiguous, zero-sized");
        const hi5_message m = patch_message(&p, "contiguous, zero-sized", MSG_LAYOUT);
        int64_t v[1];
        hi5_error err;

        ck_assert_uint_eq(patch_get(&p, m.address + 2, 8), UINT64_MAX);
        ck_assert_uint_eq(patch_get(&p, m.address + 10, 8), 0);
        ck_ok(patch_read(&p, "contiguous, zero-sized", v, &err), &err);
        patch_put(&p, m.address + 2, 8, p.n + 4096);
        patch_fix(&p, at);
        ck_ok(patch_read(&p, "contiguous, zero-sized", v, &err), &err);
        patch_free(&p);
    }
}
END_TEST

Suite *
suite_pit_store(void)
{
    Suite *const suite = suite_create("pit_store");
    TCase *const tc = tcase_create("pit_store");

    tcase_add_test(tc, external);
    tcase_add_test(tc, open_end);
    tcase_add_test(tc, not_allocated);
    tcase_add_test(tc, compact_size);
    tcase_add_test(tc, twice);
    tcase_add_test(tc, old_versions);
    tcase_add_test(tc, contiguous_size);
    tcase_add_test(tc, without_elements);
    suite_add_tcase(suite, tc);
    return suite;
}
