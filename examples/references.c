/*
 * references.c - an index of datasets: references that survive renaming
 *
 *      references runs.h5
 */
#include <hi5.h>
#include <stdio.h>
#include <string.h>

#define RUNS 3

static int
make_run(hi5_file *f, int i, hi5_reference *r, hi5_error *err)
{
    const uint64_t n = 4;
    const int values[] = {i, i * i, i * i * i, -i};
    hi5_dataset *d = NULL;
    char path[32];
    int failed;

    snprintf(path, sizeof(path), "/runs/run%d", i);
    if (hi5_dataset_create(f, path, HI5_I32, 1, &n, NULL, &d, err))
        return 1;
    failed = hi5_dataset_write(d, NULL, HI5_I32, values, err) ||
             hi5_reference_object(hi5_dataset_object(d), r, err);
    hi5_dataset_close(d);
    return failed;
}

/* Follow one and show what is there. */
static int
show(hi5_file *f, const hi5_reference *r, hi5_error *err)
{
    hi5_target t;
    hi5_object *o = NULL;
    hi5_dataset *d = NULL;
    int values[4], failed;

    if (hi5_resolve(f, r, &t, err))
        return 1;
    failed = hi5_object_open_address(t.file, t.address, &o, err) ||
             hi5_object_dataset(o, &d, err) ||
             hi5_dataset_read(d, NULL, HI5_I32, values, err);
    if (!failed)
        printf("%d %d %d %d\n", values[0], values[1], values[2], values[3]);
    hi5_dataset_close(d);
    hi5_object_close(o);
    hi5_target_free(&t);
    return failed;
}

int
main(int argc, char **argv)
{
    const uint64_t n = RUNS;
    hi5_reference r[RUNS];
    hi5_dataset *index = NULL;
    hi5_file *f = NULL;
    hi5_error err;
    int failed;

    if (argc != 2)
        return fprintf(stderr, "usage: references FILE\n"), 2;
    memset(r, 0, sizeof(r));
    failed = hi5_create(argv[1], NULL, &f, &err) != HI5_OK;
    for (int i = 0; !failed && i < RUNS; i++)
        failed = make_run(f, i + 1, &r[i], &err);
    failed = failed || hi5_dataset_create(f, "/best", HI5_REF, 1, &n, NULL, &index, &err) ||
             hi5_dataset_write(index, NULL, HI5_REF, r, &err) ||
             hi5_dataset_read(index, NULL, HI5_REF, r, &err) || show(f, &r[1], &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    hi5_dataset_close(index);
    if (hi5_close(f, failed ? NULL : &err) && !failed) {
        fprintf(stderr, "%s\n", err.message);
        failed = 1;
    }
    return failed;
}
