/*
 * table.c - records: an array of C structs as a dataset
 *
 *      table table.h5
 *
 * The struct's own offsets describe it. Later only one of its members is changed.
 */
#include <hi5.h>
#include <stddef.h>
#include <stdio.h>

struct reading {
    double time;
    const char *station;       /* a string of any length */
    float pressure;
    int quality;
};

int
main(int argc, char **argv)
{
    const hi5_member members[] = {
        {"time", offsetof(struct reading, time), HI5_F64},
        {"station", offsetof(struct reading, station), HI5_STR},
        {"pressure", offsetof(struct reading, pressure), HI5_F32},
        {"quality", offsetof(struct reading, quality), HI5_I32},
    };
    const struct reading readings[] = {
        {0, "Zugspitze", 705.5f, 1}, {10, "List auf Sylt", 1013.2f, 0}, {20, "Brocken", 880, 1}};
    const uint64_t n = 3;
    const int better[] = {2, 2, 2};
    hi5_type *type = NULL;
    hi5_dataset *d = NULL;
    hi5_file *f = NULL;
    hi5_error err;
    int failed;

    if (argc != 2)
        return fprintf(stderr, "usage: table FILE\n"), 2;
    failed = hi5_create(argv[1], NULL, &f, &err) ||
             hi5_type_compound(sizeof(struct reading), members, 4, &type, &err) ||
             hi5_dataset_create(f, "/readings", type, 1, &n, NULL, &d, &err) ||
             hi5_dataset_write(d, NULL, type, readings, &err) ||
             hi5_dataset_write_field(d, "quality", NULL, HI5_I32, better, &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    hi5_type_free(type);
    hi5_dataset_close(d);
    if (hi5_close(f, failed ? NULL : &err) && !failed) {
        fprintf(stderr, "%s\n", err.message);
        failed = 1;
    }
    return failed;
}
