/*
 * matlab.c - a MAT-file of version 7.3: HDF5 behind a header in a user block
 *
 *      matlab FILE
 *
 * Attributes say which of MATLAB's classes a dataset is. Its arrays are column-major: the
 * dimensions are turned round. readmat.c has libmatio read them.
 */
#include <hi5.h>
#include <stdio.h>
#include <string.h>

static int
text(hi5_object *o, const char *name, const char *value, hi5_error *err)
{
    hi5_type *t = NULL;
    const int failed =
        hi5_type_string(strlen(value), HI5_NULL_TERMINATED, HI5_ASCII, &t, err) ||
        hi5_attribute_write(o, name, t, NULL, NULL, value, err);

    hi5_type_free(t);
    return failed;
}

/* A variable of rank 2. `decode`: what MATLAB_int_decode says, or 0 for none. */
static int
put(hi5_file *f, const char *path, const char *class, const hi5_type *type,
    uint64_t rows, uint64_t columns, int32_t decode, const void *values, hi5_error *err)
{
    const uint64_t dims[] = {columns, rows};
    hi5_dataset *d = NULL;
    const int failed =
        hi5_dataset_create(f, path, type, 2, dims, NULL, &d, err) ||
        hi5_dataset_write(d, NULL, type, values, err) ||
        text(hi5_dataset_object(d), "MATLAB_class", class, err) ||
        (decode != 0 && hi5_attribute_write(hi5_dataset_object(d), "MATLAB_int_decode",
                                            HI5_I32, NULL, NULL, &decode, err));

    hi5_dataset_close(d);
    return failed;
}

static int
put_compressed(hi5_file *f, hi5_error *err)
{
    const uint64_t dims[] = {40, 50}, chunk[] = {16, 16};
    const hi5_dataset_options o = {.size = sizeof(o), .chunk = chunk, .deflate = 3};
    static float values[40][50];
    hi5_dataset *d = NULL;
    int failed;

    for (int i = 0; i < 40 * 50; i++)
        values[i / 50][i % 50] = (float)i;
    failed = hi5_dataset_create(f, "/compressed", HI5_F32, 2, dims, &o, &d, err) ||
             hi5_dataset_write(d, NULL, HI5_F32, values, err) ||
             text(hi5_dataset_object(d), "MATLAB_class", "single", err);
    hi5_dataset_close(d);
    return failed;
}

/* The order of a struct's fields: their names as sequences of letters. */
static int
put_fields(hi5_object *o, hi5_error *err)
{
    char age[] = "age", name[] = "name";
    const hi5_vlen names[] = {{3, age}, {4, name}};
    const hi5_shape two = {HI5_SIMPLE, 1, {2}, {2}};
    hi5_type *letter = NULL, *t = NULL;
    const int failed =
        hi5_type_string(1, HI5_NULL_TERMINATED, HI5_ASCII, &letter, err) ||
        hi5_type_vlen(letter, &t, err) ||
        hi5_attribute_write(o, "MATLAB_fields", t, &two, NULL, names, err);

    hi5_type_free(letter);
    hi5_type_free(t);
    return failed;
}

/* A struct is a group; its fields are its members. */
static int
put_struct(hi5_file *f, hi5_error *err)
{
    const int16_t age = 42;
    const uint16_t name[] = {'A', 'd', 'a'};
    hi5_group *g = NULL;
    const int failed = hi5_group_create(f, "/person", NULL, &g, err) ||
                       text(hi5_group_object(g), "MATLAB_class", "struct", err) ||
                       put_fields(hi5_group_object(g), err) ||
                       put(f, "/person/age", "int16", HI5_I16, 1, 1, 0, &age, err) ||
                       put(f, "/person/name", "char", HI5_U16, 1, 3, 2, name, err);

    hi5_group_close(g);
    return failed;
}

static int
refer(hi5_file *f, const char *path, hi5_reference *r, hi5_error *err)
{
    hi5_object *o = NULL;
    const int failed =
        hi5_object_open(f, path, &o, err) || hi5_reference_object(o, r, err);

    hi5_object_close(o);
    return failed;
}

/* A cell array is one of references. */
static int
put_cell(hi5_file *f, hi5_error *err)
{
    const double first[] = {1, 2}, second = -3;
    hi5_reference r[2];

    memset(r, 0, sizeof(r));
    return put(f, "/#refs#/a", "double", HI5_F64, 1, 2, 0, first, err) ||
           put(f, "/#refs#/b", "double", HI5_F64, 1, 1, 0, &second, err) ||
           refer(f, "/#refs#/a", &r[0], err) || refer(f, "/#refs#/b", &r[1], err) ||
           put(f, "/cell", "cell", HI5_REF, 1, 2, 0, r, err);
}

/* The 512 bytes in front are the program's own. */
static int
put_header(const char *path)
{
    static const char title[] =
        "MATLAB 7.3 MAT-file, Platform: hi5, Created on: Thu Jan  1 "
        "00:00:00 1970 HDF5 schema 1.00 .";
    char block[128];
    FILE *file = fopen(path, "r+b");
    int failed = file == NULL;

    memset(block, ' ', 116);
    memcpy(block, title, sizeof(title) - 1);
    memset(block + 116, 0, 8);
    memcpy(block + 124, "\0\2IM", 4);
    failed = failed || fwrite(block, sizeof(block), 1, file) != 1;
    return (file != NULL && fclose(file) != 0) || failed;
}

int
main(int argc, char **argv)
{
    const double magic[3][2] = {{1, 2}, {3, 4}, {5, 6}};
    const uint16_t hello[] = {'h', 'e', 'l', 'l', 0xf6};
    const uint8_t truth[] = {1, 0, 1};
    hi5_open_options open = {.size = sizeof(open), .compat = HI5_COMPAT_EARLIEST};
    const hi5_create_options create = {
        .size = sizeof(create), .open = &open, .userblock = 512};
    hi5_file *f = NULL;
    hi5_error err;
    int failed;

    if (argc != 2)
        return fprintf(stderr, "usage: matlab FILE\n"), 2;
    failed = hi5_create(argv[1], &create, &f, &err) ||
             put(f, "/magic", "double", HI5_F64, 2, 3, 0, magic, &err) ||
             put(f, "/hello", "char", HI5_U16, 1, 5, 2, hello, &err) ||
             put(f, "/truth", "logical", HI5_U8, 3, 1, 1, truth, &err) ||
             put_compressed(f, &err) || put_struct(f, &err) || put_cell(f, &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    if (hi5_close(f, failed ? NULL : &err) && !failed) {
        fprintf(stderr, "%s\n", err.message);
        failed = 1;
    }
    return failed || put_header(argv[1]);
}
