/*
 * in_memory.c - read a file that is in memory, with limits on what it may cost
 *
 *      in_memory fixtures/good/demo.h5 /sample/temperature
 *
 * For files from strangers: nothing else is opened, and no more than 64 MiB is used,
 * whatever the file says.
 */
#include <hi5.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char bytes[1 << 20];

int
main(int argc, char **argv)
{
    const hi5_limits limits = {.size = sizeof(limits), .memory = (uint64_t)64 << 20};
    const hi5_open_options options = {
        .size = sizeof(options), .limits = &limits, .others = HI5_OTHERS_FORBID};
    hi5_file *f = NULL;
    hi5_dataset *d = NULL;
    hi5_error err;
    double values[64];
    uint64_t n;
    FILE *in;
    size_t size;
    int failed = 1;

    if (argc != 3 || (in = fopen(argv[1], "rb")) == NULL)
        return fprintf(stderr, "usage: in_memory FILE DATASET\n"), 2;
    size = fread(bytes, 1, sizeof(bytes), in);
    fclose(in);
    if (hi5_open_memory(bytes, size, &options, &f, &err) ||
        hi5_dataset_open(f, argv[2], &d, &err)) {
        fprintf(stderr, "%s\n", err.message);
    } else if ((n = hi5_shape_count(hi5_dataset_shape(d))) > 64) {
        fprintf(stderr, "more than 64 values\n");
    } else if (hi5_dataset_read(d, NULL, HI5_F64, values, &err)) {
        fprintf(stderr, "%s\n", err.message);
    } else {
        for (uint64_t i = 0; i < n; i++)
            printf("%g\n", values[i]);
        failed = 0;
    }
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    return failed;
}
