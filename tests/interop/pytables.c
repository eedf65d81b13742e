/*
 * pytables.c - a file as PyTables makes it: what it wants to know is in attributes
 *
 *      pytables FILE
 *
 * A table, an array, and an array that can grow, with CLASS, VERSION, TITLE and so on as
 * strings of fixed length. pytables.py reads them, and adds rows.
 */
#include <hi5.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct particle {
    char name[16];
    int32_t id;
    double energy;
    float momentum[3];
};
#define ROWS 1000

static int
text(hi5_object *o, const char *name, const char *value, hi5_error *err)
{
    const size_t n = strlen(value);
    hi5_type *t = NULL;
    const int failed =
        hi5_type_string(n + (n == 0), HI5_NULL_TERMINATED, HI5_ASCII, &t, err) ||
        hi5_attribute_write(o, name, t, NULL, NULL, value, err);

    hi5_type_free(t);
    return failed;
}

static int
node(hi5_object *o, const char *class, const char *version, const char *title,
     hi5_error *err)
{
    return text(o, "CLASS", class, err) || text(o, "VERSION", version, err) ||
           text(o, "TITLE", title, err);
}

static int
particle_type(hi5_type **t, hi5_error *err)
{
    const uint32_t three = 3;
    hi5_type *name = NULL, *momentum = NULL;
    int failed = hi5_type_string(16, HI5_NULL_TERMINATED, HI5_ASCII, &name, err) ||
                 hi5_type_array(HI5_F32, 1, &three, &momentum, err);

    if (!failed) {
        const hi5_member members[] = {
            {"name", offsetof(struct particle, name), name},
            {"id", offsetof(struct particle, id), HI5_I32},
            {"energy", offsetof(struct particle, energy), HI5_F64},
            {"momentum", offsetof(struct particle, momentum), momentum},
        };

        failed =
            hi5_type_compound(sizeof(struct particle), members, 4, t, err) != HI5_OK;
    }
    hi5_type_free(name);
    hi5_type_free(momentum);
    return failed;
}

static int
put_table(hi5_file *f, hi5_error *err)
{
    static const char *const fields[] = {"name", "id", "energy", "momentum"};
    static struct particle rows[ROWS];
    const uint64_t n = ROWS, max = HI5_UNLIMITED, chunk = 128;
    const int64_t nrows = ROWS;
    const hi5_dataset_options o = {
        .size = sizeof(o), .max = &max, .chunk = &chunk, .shuffle = true, .deflate = 5};
    hi5_dataset *d = NULL;
    hi5_type *t = NULL;
    int failed;

    for (int i = 0; i < ROWS; i++) {
        snprintf(rows[i].name, sizeof(rows[i].name), "particle %d", i);
        rows[i].id = i;
        rows[i].energy = i * 0.5;
        rows[i].momentum[2] = (float)-i;
    }
    failed = particle_type(&t, err) ||
             hi5_dataset_create(f, "/detector/particles", t, 1, &n, &o, &d, err) ||
             hi5_dataset_write(d, NULL, t, rows, err) ||
             node(hi5_dataset_object(d), "TABLE", "2.7", "Particles seen", err) ||
             hi5_attribute_write(hi5_dataset_object(d), "NROWS", HI5_I64, NULL, NULL,
                                 &nrows, err);
    for (int i = 0; !failed && i < 4; i++) {
        char name[32];

        snprintf(name, sizeof(name), "FIELD_%d_NAME", i);
        failed = text(hi5_dataset_object(d), name, fields[i], err);
    }
    hi5_dataset_close(d);
    hi5_type_free(t);
    return failed;
}

static int
put_arrays(hi5_file *f, hi5_error *err)
{
    const int16_t values[2][3] = {{1, 2, 3}, {-4, -5, -6}};
    const uint64_t dims[] = {2, 3}, max[] = {HI5_UNLIMITED, 3}, chunk[] = {4, 3};
    const int32_t growing = 0;
    const hi5_dataset_options o = {.size = sizeof(o), .max = max, .chunk = chunk};
    hi5_dataset *a = NULL, *e = NULL;
    const int failed =
        hi5_dataset_create(f, "/array", HI5_I16, 2, dims, NULL, &a, err) ||
        hi5_dataset_write(a, NULL, HI5_I16, values, err) ||
        node(hi5_dataset_object(a), "ARRAY", "2.4", "Fixed", err) ||
        text(hi5_dataset_object(a), "FLAVOR", "numpy", err) ||
        hi5_dataset_create(f, "/growing", HI5_I16, 2, dims, &o, &e, err) ||
        hi5_dataset_write(e, NULL, HI5_I16, values, err) ||
        node(hi5_dataset_object(e), "EARRAY", "1.1", "Growing", err) ||
        hi5_attribute_write(hi5_dataset_object(e), "EXTDIM", HI5_I32, NULL, NULL,
                            &growing, err);

    hi5_dataset_close(a);
    hi5_dataset_close(e);
    return failed;
}

static int
put_groups(hi5_file *f, hi5_error *err)
{
    hi5_object *root = NULL;
    hi5_group *g = NULL;
    const int failed = hi5_object_open(f, "/", &root, err) ||
                       node(root, "GROUP", "1.0", "Written without PyTables", err) ||
                       text(root, "PYTABLES_FORMAT_VERSION", "2.1", err) ||
                       hi5_group_create(f, "/detector", NULL, &g, err) ||
                       node(hi5_group_object(g), "GROUP", "1.0", "The detector", err);

    hi5_object_close(root);
    hi5_group_close(g);
    return failed;
}

int
main(int argc, char **argv)
{
    hi5_open_options open = {.size = sizeof(open), .compat = HI5_COMPAT_EARLIEST};
    const hi5_create_options create = {.size = sizeof(create), .open = &open};
    hi5_file *f = NULL;
    hi5_error err;
    int failed;

    if (argc != 2)
        return fprintf(stderr, "usage: pytables FILE\n"), 2;
    failed = hi5_create(argv[1], &create, &f, &err) || put_groups(f, &err) ||
             put_table(f, &err) || put_arrays(f, &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    if (hi5_close(f, failed ? NULL : &err) && !failed) {
        fprintf(stderr, "%s\n", err.message);
        failed = 1;
    }
    return failed;
}
