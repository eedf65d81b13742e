/*
 * test_pit_ref.c - pitfalls of references, committed types and shared messages: REF-xx
 * of docs/pitfalls.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_ref(void);

enum { MSG_TYPE = 3, MSG_LINK = 6, MSG_LAYOUT = 8 };

static const char *const files[] = {"good/types-old.h5", "good/types-new.h5"};

static hi5_status
open_status(const struct patch *p, const char *path, hi5_error *err)
{
    hi5_file *const f = patch_open(p);
    hi5_dataset *d;
    const hi5_status s = hi5_dataset_open(f, path, &d, err);

    hi5_dataset_close(d);
    hi5_close(f, NULL);
    return s;
}

static uint64_t
committed_of(const struct patch *p, const char *path)
{
    hi5_file *const f = patch_open(p);
    hi5_dataset *d;
    hi5_error err;
    uint64_t address;

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    address = hi5_type_committed(hi5_dataset_type(d));
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    return address;
}

/* REF-03: a message whose flags say that it is shared holds a pointer, of version 2 or
 * 3, or 1 with its reserved bytes; without the flag it is no such thing. */
START_TEST(committed_types)
{
    static const char path[] = "committed/dataset";

    for (int k = 0; k < 2; k++) {
        struct patch p = patch_load(files[k]);
        const uint64_t header = patch_object(&p, path);
        const uint64_t type = patch_object(&p, "committed/compound");
        const hi5_message m = patch_message(&p, path, MSG_TYPE);
        hi5_error err;

        ck_assert_uint_eq(m.flags & 2, 2);
        ck_assert_uint_eq(committed_of(&p, path), type);
        for (unsigned version = 2; version <= 3; version++) {
            p.b[m.address] = (unsigned char)version;
            p.b[m.address + 1] = version == 3 ? 2 : 0;
            patch_put(&p, m.address + 2, 8, type);
            patch_fix(&p, header);
            ck_assert_uint_eq(committed_of(&p, path), type);
        }
        if (m.size >= 24) {
            memset(p.b + m.address, 0, m.size);
            p.b[m.address] = 1;
            patch_put(&p, m.address + 16, 8, type);
            ck_assert_uint_eq(committed_of(&p, path), type);
        }
        p.b[m.address] = 4;
        patch_fix(&p, header);
        ck_fails(open_status(&p, path, &err), &err, HI5_E_UNSUPPORTED, "shared message",
                 "version");
        p.b[m.address] = 3;
        p.b[m.address + 1] = 2;
        patch_put(&p, m.address + 2, 8, 0); /* not the header of a datatype */
        patch_fix(&p, header);
        ck_assert_int_ne(open_status(&p, path, &err), HI5_OK);
        patch_put(&p, m.address + 2, 8, patch_object(&p, "committed"));
        patch_fix(&p, header);
        ck_assert_int_ne(open_status(&p, path, &err), HI5_OK);
        patch_free(&p);
    }
}
END_TEST

static hi5_status
count_types(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct {
        hi5_file *f;
        unsigned n;
    } *const x = ctx;
    hi5_object *o;

    ck_ok(hi5_object_open_address(x->f, link->address, &o, err), err);
    x->n += hi5_object_kind(o) == HI5_KIND_DATATYPE;
    hi5_object_close(o);
    return HI5_OK;
}

/* REF-04: committed types are listed, have attributes, and are the same under a second
 * name. */
START_TEST(types_are_objects)
{
    for (int k = 0; k < 2; k++) {
        struct {
            hi5_file *f;
            unsigned n;
        } x = {open_fixture(files[k]), 0};
        hi5_group *g;
        hi5_object *o;
        hi5_object_info i, j;
        hi5_attribute *a;
        int32_t v;
        hi5_error err;

        ck_ok(hi5_group_open(x.f, "committed", &g, &err), &err);
        ck_ok(hi5_group_each(g, HI5_BY_NAME, false, count_types, &x, &err), &err);
        ck_assert_uint_eq(x.n, 2);
        hi5_group_close(g);
        ck_ok(hi5_object_open(x.f, "committed/compound", &o, &err), &err);
        ck_ok(hi5_attribute_open(o, "attribute of a type", &a, &err), &err);
        ck_ok(hi5_attribute_read(a, HI5_I32, &v, &err), &err);
        ck_assert_int_eq(v, 5);
        hi5_attribute_close(a);
        hi5_object_close(o);
        ck_ok(hi5_object_open(x.f, "committed/enum", &o, &err), &err);
        ck_ok(hi5_object_get_info(o, &i, &err), &err);
        hi5_object_close(o);
        ck_ok(hi5_object_open(x.f, "second name", &o, &err), &err);
        ck_ok(hi5_object_get_info(o, &j, &err), &err);
        hi5_object_close(o);
        ck_assert_uint_eq(i.address, j.address);
        ck_assert_uint_eq(i.reference_count, 3); /* two names, one user */
        hi5_close(x.f, NULL);
    }
}
END_TEST

static void
read_references(hi5_file *f, const char *path, hi5_reference *r)
{
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_REF, r, &err), &err);
    hi5_dataset_close(d);
}

/* REF-09, REF-11, REF-12: references to regions stay that, are not read as numbers, and
 * are told apart; two to one object find the same one. */
START_TEST(old_references)
{
    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(k ? "good/refs-new.h5" : "good/refs-old.h5");
        hi5_reference o[5], r[8];
        hi5_target a, b;
        hi5_dataset *d;
        int64_t v[8];
        hi5_error err;

        read_references(f, "objects", o);
        read_references(f, "regions", r);
        for (int i = 0; i < 7; i++) {
            ck_assert_int_eq(r[i].kind, HI5_REF_REGION);
            for (int j = 0; j < 7; j++)
                ck_assert((memcmp(&r[i], &r[j], sizeof(*r)) == 0) == (i == j));
        }
        ck_assert_int_ne(memcmp(&o[0], &o[1], sizeof(*o)), 0);
        ck_assert_int_eq(memcmp(&o[1], &o[2], sizeof(*o)), 0);
        ck_ok(hi5_resolve(f, &o[1], &a, &err), &err);
        ck_ok(hi5_resolve(f, &o[2], &b, &err), &err);
        ck_assert_uint_eq(a.address, b.address);
        ck_assert_int_eq(a.kind, HI5_REF_OBJECT);
        ck_assert_ptr_null(a.selection);
        hi5_target_free(&a);
        hi5_target_free(&b);
        ck_status(hi5_resolve(f, &o[4], &a, &err), HI5_E_NOTFOUND); /* null */
        ck_ok(hi5_dataset_open(f, "regions", &d, &err), &err);
        ck_status(hi5_dataset_read(d, NULL, HI5_I64, v, &err), HI5_E_TYPE);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* REF-10: nothing selected; a selection that was within the dataset until it shrank:
 * the region is what was stored, and reading it is refused. */
START_TEST(regions)
{
    hi5_file *f = open_fixture("good/refs-old.h5");
    hi5_reference r[8];
    hi5_target t;
    hi5_dataset *d;
    hi5_object *o;
    int32_t v[10];
    hi5_error err;

    read_references(f, "regions", r);
    ck_ok(hi5_resolve(f, &r[0], &t, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(t.selection), 0);
    ck_ok(hi5_object_open_address(t.file, t.address, &o, &err), &err);
    ck_ok(hi5_object_dataset(o, &d, &err), &err);
    v[0] = -77;
    ck_ok(hi5_dataset_read(d, t.selection, HI5_I32, v, &err), &err);
    ck_assert_int_eq(v[0], -77);
    hi5_dataset_close(d);
    hi5_object_close(o);
    hi5_target_free(&t);
    hi5_close(f, NULL);

    f = open_fixture("good/pit-refs.h5");
    read_references(f, "regions", r);
    ck_ok(hi5_dataset_open(f, "shrunk", &d, &err), &err);
    ck_assert_uint_eq(hi5_dataset_shape(d)->dims[0], 5);
    ck_ok(hi5_resolve(f, &r[1], &t, &err), &err); /* elements 4 to 7 */
    ck_assert_uint_eq(hi5_selection_count(t.selection), 4);
    ck_status(hi5_dataset_read(d, t.selection, HI5_I32, v, &err), HI5_E_RANGE);
    hi5_target_free(&t);
    ck_ok(hi5_resolve(f, &r[2], &t, &err), &err); /* 0 to 3 */
    ck_ok(hi5_dataset_read(d, t.selection, HI5_I32, v, &err), &err);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(v[i], i);
    hi5_target_free(&t);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* REF-08: references in sequences: as they are stored, whatever machine reads them. */
START_TEST(in_sequences)
{
    for (int k = 0; k < 2; k++) {
        struct patch p = patch_load(k ? "good/refs-new.h5" : "good/refs-old.h5");
        static const char *const targets[] = {"/", "/target"};
        hi5_file *const f = patch_open(&p);
        hi5_dataset *d;
        hi5_type *t;
        hi5_vlen v[3];
        hi5_error err;

        ck_ok(hi5_type_vlen(HI5_REF, &t, &err), &err);
        ck_ok(hi5_dataset_open(f, "in sequences", &d, &err), &err);
        ck_ok(hi5_dataset_read(d, NULL, t, v, &err), &err);
        for (size_t i = 0; i < 3; i++) {
            ck_assert_uint_eq(v[i].n, i);
            for (size_t j = 0; j < i; j++) {
                hi5_target target;

                ck_ok(hi5_resolve(f, (hi5_reference *)v[i].p + j, &target, &err), &err);
                ck_assert_uint_eq(target.address, patch_object(&p, targets[j]));
                hi5_target_free(&target);
            }
        }
        hi5_reclaim(f, t, 3, v);
        hi5_type_free(t);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* REF-12: a dataset that refers to itself. */
START_TEST(itself)
{
    struct patch p = patch_load("good/pit-refs.h5");
    hi5_file *const f = patch_open(&p);
    hi5_reference r[2];
    hi5_target t;
    hi5_error err;

    read_references(f, "itself", r);
    ck_ok(hi5_resolve(f, &r[0], &t, &err), &err);
    ck_assert_uint_eq(t.address, patch_object(&p, "itself"));
    hi5_target_free(&t);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* One element of a reference of 1.12: an object inside, all else in the heap. */
static void
put_element(struct patch *p, uint64_t at, unsigned kind, unsigned flags, uint64_t vlen)
{
    memset(p->b + at, 0, 18);
    p->b[at] = (unsigned char)kind;
    p->b[at + 1] = (unsigned char)flags;
    memcpy(p->b + at + 2, p->b + vlen, 16); /* size, collection, index */
}

/* REF-13: references of 1.12: an object, a region, an attribute, an object in another
 * file, and null. */
START_TEST(new_references)
{
    struct patch p = patch_load("good/pit-refs-1.12.h5");
    const uint64_t header = patch_object(&p, "references");
    const hi5_message type = patch_message(&p, "references", MSG_TYPE);
    const uint64_t refs =
        patch_get(&p, patch_message(&p, "references", MSG_LAYOUT).address + 2, 8);
    const uint64_t bodies =
        patch_get(&p, patch_message(&p, "bodies", MSG_LAYOUT).address + 2, 8);
    const uint64_t heap = patch_get(&p, bodies + 4, 8);
    const uint64_t target = patch_object(&p, "target");
    struct patch other = patch_load("good/links-target.h5");
    const uint64_t there = patch_object(&other, "there/data");
    const hi5_open_options options = {.size = sizeof(options)};
    uint64_t at = heap + 16, low[1], high[1];
    hi5_file *f;
    hi5_reference r[5];
    hi5_target t;
    hi5_error err;

    ck_assert_mem_eq(p.b + heap, "GCOL", 4);
    for (int i = 0; i < 3; i++) { /* the tokens */
        patch_put(&p, at + 16 + 1, 8, i < 2 ? target : there);
        at += 16 + (patch_get(&p, at + 8, 8) + 7) / 8 * 8;
    }
    patch_put(&p, type.address, 4,
              0x47 | 0x12 << 8); /* version 4, kind 2, encoding 1 */
    patch_fix(&p, header);
    memset(p.b + refs, 0, 5 * 18);
    p.b[refs] = 2;
    p.b[refs + 2] = 8;
    patch_put(&p, refs + 3, 8, target);
    put_element(&p, refs + 18, 3, 0, bodies);
    put_element(&p, refs + 36, 4, 0, bodies + 16);
    put_element(&p, refs + 54, 2, 1, bodies + 32);
    ck_ok(hi5_open_memory(p.b, p.n, &options, &f, &err), &err);
    read_references(f, "references", r);
    ck_ok(hi5_resolve(f, &r[0], &t, &err), &err);
    ck_assert_int_eq(t.kind, HI5_REF_OBJECT2);
    ck_assert_uint_eq(t.address, target);
    hi5_target_free(&t);
    ck_ok(hi5_resolve(f, &r[1], &t, &err), &err);
    ck_assert_int_eq(t.kind, HI5_REF_REGION2);
    ck_assert_uint_eq(t.address, target);
    ck_assert(hi5_selection_bounds(t.selection, low, high));
    ck_assert(low[0] == 2 && high[0] == 4);
    hi5_target_free(&t);
    ck_ok(hi5_resolve(f, &r[2], &t, &err), &err);
    ck_assert_int_eq(t.kind, HI5_REF_ATTRIBUTE);
    ck_assert_str_eq(t.attribute, "note");
    hi5_target_free(&t);
    ck_status(hi5_resolve(f, &r[4], &t, &err), HI5_E_NOTFOUND);
    ck_assert_uint_eq(r[3].external, 1);
    hi5_close(f, NULL);
    patch_free(&p);
    patch_free(&other);
}
END_TEST

/* REF-14: messages in the heap of shared messages, indexed by a list or by a tree: not
 * an address, though it has the size of one. */
START_TEST(shared_messages)
{
    static const char *const sohm[] = {"good/sohm-list.h5", "good/sohm-btree.h5"};

    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(sohm[k]);

        for (int i = 0; i < 12; i++) {
            char name[16];
            hi5_dataset *d;
            hi5_attribute *a;
            hi5_filter filter;
            int32_t v[64], fill;
            hi5_error err;

            snprintf(name, sizeof(name), "ints%02d", i);
            ck_ok(hi5_dataset_open(f, name, &d, &err), &err);
            ck_assert_uint_eq(hi5_dataset_shape(d)->dims[0], 3u + (unsigned)i / 2);
            ck_assert_uint_eq(hi5_type_committed(hi5_dataset_type(d)), HI5_NO_ADDRESS);
            ck_ok(hi5_dataset_read_fill(d, HI5_I32, &fill, &err), &err);
            ck_assert_int_eq(fill, -7);
            ck_assert(hi5_dataset_filter(d, 0, &filter));
            ck_assert_uint_eq(filter.values[0], (unsigned)i % 3 + 1);
            ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
            ck_assert_int_eq(v[7], 7);
            hi5_dataset_close(d);
            snprintf(name, sizeof(name), "pairs%02d", i);
            ck_ok(hi5_dataset_open(f, name, &d, &err), &err);
            ck_ok(hi5_attribute_open(hi5_dataset_object(d), "another", &a, &err), &err);
            ck_ok(hi5_attribute_read(a, HI5_I32, v, &err), &err);
            ck_assert_int_eq(v[0], i);
            hi5_attribute_close(a);
            hi5_dataset_close(d);
        }
        hi5_close(f, NULL);
    }
}
END_TEST

/* REF-17: what a dimension scale needs can be followed both ways. */
START_TEST(dimension_scales)
{
    hi5_file *const f = open_fixture("good/h5py.h5");
    hi5_dataset *d, *x;
    hi5_attribute *a;
    hi5_attribute_info i;
    hi5_type *memory;
    hi5_vlen list;
    hi5_target t;
    hi5_object_info xi;
    hi5_error err;
    char **s;
    size_t n;

    ck_ok(hi5_dataset_open(f, "x", &x, &err), &err);
    ck_ok(hi5_object_get_info(hi5_dataset_object(x), &xi, &err), &err);
    ck_ok(hi5_attribute_open(hi5_dataset_object(x), "CLASS", &a, &err), &err);
    ck_ok(hi5_attribute_read_strings(a, &s, &n, &err), &err);
    ck_assert_str_eq(s[0], "DIMENSION_SCALE");
    hi5_free(f, s);
    hi5_attribute_close(a);
    ck_ok(hi5_dataset_open(f, "big-endian", &d, &err), &err);
    ck_ok(hi5_attribute_open(hi5_dataset_object(d), "DIMENSION_LIST", &a, &err), &err);
    hi5_attribute_get_info(a, &i);
    ck_ok(hi5_type_memory(i.type, &memory, &err), &err);
    ck_ok(hi5_attribute_read(a, memory, &list, &err), &err);
    ck_assert_uint_eq(list.n, 1);
    ck_ok(hi5_resolve(f, list.p, &t, &err), &err);
    ck_assert_uint_eq(t.address, xi.address);
    hi5_target_free(&t);
    hi5_reclaim(f, memory, 1, &list);
    hi5_type_free(memory);
    hi5_attribute_close(a);
    hi5_dataset_close(d);
    hi5_dataset_close(x);
    hi5_close(f, NULL);
}
END_TEST

/* REF-18: layouts and links cannot be shared; a flag that says so is a defect. */
START_TEST(not_sharable)
{
    static const struct {
        const char *file, *path;
        unsigned type;
    } all[] = {{"good/sb3.h5", "contiguous", MSG_LAYOUT},
               {"good/sb3.h5", "group", MSG_LINK},
               {"good/sb0.h5", "contiguous", MSG_LAYOUT}};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct patch p = patch_load(all[i].file);
        const uint64_t at = patch_object(&p, all[i].path);
        const hi5_message m = patch_message(&p, all[i].path, all[i].type);
        const uint64_t flags = m.address - (i < 2 ? 1 : 4);
        hi5_error err;

        ck_assert_uint_eq(p.b[flags], m.flags);
        p.b[flags] = 2;
        patch_fix(&p, at);
        ck_fails(patch_object_open(&p, all[i].path, &err), &err, HI5_E_CORRUPT,
                 i < 2 ? "OHDR" : "object header", "flags");
        patch_free(&p);
    }
}
END_TEST

Suite *
suite_pit_ref(void)
{
    Suite *const suite = suite_create("pit_ref");
    TCase *const tc = tcase_create("pit_ref");

    tcase_add_test(tc, committed_types);
    tcase_add_test(tc, types_are_objects);
    tcase_add_test(tc, old_references);
    tcase_add_test(tc, regions);
    tcase_add_test(tc, in_sequences);
    tcase_add_test(tc, itself);
    tcase_add_test(tc, new_references);
    tcase_add_test(tc, shared_messages);
    tcase_add_test(tc, dimension_scales);
    tcase_add_test(tc, not_sharable);
    suite_add_tcase(suite, tc);
    return suite;
}
