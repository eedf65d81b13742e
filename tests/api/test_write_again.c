/*
 * test_write_again.c - calls that are refused, and handles that others outlive
 */
#include "support.h"

static hi5_file *
again_file(void)
{
    const hi5_create_options o = {.size = sizeof o};
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_create_memory(&o, &f, &err), &err);
    return f;
}

/* What is refused changes nothing: not even when what it looked at waits to be committed. */
START_TEST(refused_after_changes)
{
    hi5_file *const f = again_file();
    const uint64_t four = 4;
    hi5_object *o;
    hi5_error err;

    ck_ok(hi5_group_create(f, "/g", NULL, NULL, &err), &err);
    ck_ok(hi5_dataset_create(f, "/d", HI5_I32, 1, &four, NULL, NULL, &err), &err);
    ck_ok(hi5_object_open(f, "/g", &o, &err), &err);
    ck_ok(hi5_attribute_write_string(o, "a", "text", &err), &err);
    ck_status(hi5_attribute_rename(o, "b", "c", &err), HI5_E_NOTFOUND);
    ck_ok(hi5_flush(f, HI5_SAFE, &err), &err);
    ck_ok(hi5_attribute_write_string(o, "a2", "text", &err), &err);
    ck_status(hi5_attribute_rename(o, "a", "a2", &err), HI5_E_EXISTS);
    ck_status(hi5_attribute_delete(o, "b", &err), HI5_E_NOTFOUND);
    ck_status(hi5_link_copy(f, "/d", "/d/e", &err), HI5_E_TYPE);
    ck_status(hi5_link_hard(f, "/g", "/d", &err), HI5_E_EXISTS);
    ck_status(hi5_link_delete(f, "/none", &err), HI5_E_NOTFOUND);
    ck_ok(hi5_attribute_rename(o, "a", "c", &err), &err);
    hi5_object_close(o);
    ck_ok(hi5_close(f, &err), &err);
}
END_TEST

/* The shape that a handle tells is the one that it reads and writes. */
START_TEST(shape_by_another)
{
    hi5_file *const f = again_file();
    const uint64_t two = 2, nine = 9, chunk = 4, none = HI5_UNLIMITED;
    const hi5_dataset_options o = {.size = sizeof o, .chunk = &chunk, .max = &none};
    hi5_dataset *one, *other;
    int v[9] = {0};
    hi5_error err;

    ck_ok(hi5_dataset_create(f, "/d", HI5_I32, 1, &two, &o, &one, &err), &err);
    ck_ok(hi5_flush(f, HI5_SAFE, &err), &err);
    ck_ok(hi5_dataset_open(f, "/d", &other, &err), &err);
    ck_ok(hi5_dataset_resize(one, &nine, &err), &err);
    ck_assert_uint_eq(hi5_dataset_shape(other)->dims[0], 9); /* as v has to be */
    ck_ok(hi5_dataset_read(other, NULL, HI5_I32, v, &err), &err);
    hi5_dataset_close(one);
    ck_assert_uint_eq(hi5_dataset_shape(other)->dims[0], 9);
    ck_ok(hi5_abort(f, &err), &err);
    ck_assert_uint_eq(hi5_dataset_shape(other)->dims[0], 2);
    ck_ok(hi5_dataset_read(other, NULL, HI5_I32, v, &err), &err);
    hi5_dataset_close(other);
    ck_ok(hi5_close(f, &err), &err);
}
END_TEST

/* What was made since the last commit is gone when that is forgotten, though something
 * else is made in its place: of another size, here. So is what was made and deleted. In a
 * hole, or at the end of the file. */
START_TEST(forgotten_and_made_again)
{
    hi5_file *const f = again_file();
    const uint64_t many = 15, more = 500;
    const hi5_dataset_options early = {.size = sizeof early,
                                       .alloc_time = HI5_ALLOC_EARLY};
    const double value[15] = {0};
    hi5_dataset *forgotten, *deleted, *d;
    hi5_object *root, *o;
    hi5_group *g;
    hi5_object_info info;
    hi5_error err;

    ck_ok(hi5_object_open(f, "/", &root, &err), &err);
    ck_ok(hi5_dataset_create(f, "/c", HI5_F64, 1, &more, &early, NULL, &err), &err);
    ck_ok(hi5_flush(f, HI5_SAFE, &err), &err);
    if (_i != 0) {
        ck_ok(hi5_group_create(f, "/after", NULL, NULL, &err), &err);
        ck_ok(hi5_flush(f, HI5_SAFE, &err), &err);
        ck_ok(hi5_link_delete(f, "/c", &err), &err);
        ck_ok(hi5_flush(f, HI5_SAFE, &err), &err);
    }
    ck_ok(hi5_dataset_create(f, "/a", HI5_F64, 1, &many, NULL, &forgotten, &err), &err);
    ck_ok(hi5_dataset_create(f, "/b", HI5_F64, 1, &many, NULL, &deleted, &err), &err);
    ck_ok(hi5_object_get_info(hi5_dataset_object(deleted), &info, &err), &err);
    ck_assert((info.address < 4000) == (_i != 0));
    ck_ok(hi5_link_delete(f, "/b", &err), &err);
    ck_ok(hi5_group_create(f, "/g", NULL, &g, &err), &err);
    ck_ok(hi5_abort(f, &err), &err);
    ck_status(hi5_dataset_write(forgotten, NULL, HI5_F64, value, &err), HI5_E_STATE);
    ck_status(hi5_dataset_write(deleted, NULL, HI5_F64, value, &err), HI5_E_STATE);
    ck_ok(hi5_dataset_create(f, "/a", HI5_U8, 1, &many, NULL, &d, &err), &err);
    ck_ok(hi5_dataset_create(f, "/b", HI5_U8, 1, &many, NULL, NULL, &err), &err);
    ck_status(hi5_dataset_write(forgotten, NULL, HI5_F64, value, &err), HI5_E_STATE);
    ck_status(hi5_dataset_write(deleted, NULL, HI5_F64, value, &err), HI5_E_STATE);
    ck_status(hi5_attribute_write_string(hi5_dataset_object(deleted), "a", "text", &err),
              HI5_E_STATE);
    ck_ok(hi5_group_create(f, "/g/g", NULL, NULL, &err), &err);
    ck_status(hi5_object_open_at(g, "g", &o, &err), HI5_E_STATE);
    hi5_group_close(g);
    ck_ok(hi5_dataset_write(d, NULL, HI5_F64, value, &err), &err);
    ck_ok(hi5_object_get_info(root, &info, &err), &err);
    hi5_object_close(root);
    hi5_dataset_close(forgotten);
    hi5_dataset_close(deleted);
    hi5_dataset_close(d);
    ck_ok(hi5_close(f, &err), &err);
}
END_TEST

Suite *suite_write_again(void);

Suite *
suite_write_again(void)
{
    Suite *const s = suite_create("write_again");
    TCase *const c = tcase_create("api");

    tcase_add_test(c, refused_after_changes);
    tcase_add_test(c, shape_by_another);
    tcase_add_loop_test(c, forgotten_and_made_again, 0, 2);
    suite_add_tcase(s, c);
    return s;
}
