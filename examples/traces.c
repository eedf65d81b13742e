/*
 * traces.c - time traces that come one by one, and nobody knows how many
 *
 *      traces traces.h5 250
 *
 * The first dimension has no end, so the dataset grows with every trace. What has been
 * flushed is in the file, whatever happens to this program after it.
 */
#include <hi5.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLES 1000

int
main(int argc, char **argv)
{
    const uint64_t dims[] = {0, SAMPLES}, max[] = {HI5_UNLIMITED, SAMPLES};
    const uint64_t chunk[] = {64, SAMPLES};
    const hi5_dataset_options options = {
        .size = sizeof(options), .max = max, .chunk = chunk, .shuffle = true, .deflate = 1};
    float trace[SAMPLES];
    hi5_dataset *d = NULL;
    hi5_file *f = NULL;
    hi5_error err;
    int n, failed;

    if (argc != 3 || (n = atoi(argv[2])) <= 0)
        return fprintf(stderr, "usage: traces FILE HOW-MANY\n"), 2;
    failed = hi5_create(argv[1], NULL, &f, &err) ||
             hi5_dataset_create(f, "/traces", HI5_F32, 2, dims, &options, &d, &err);
    for (int i = 0; !failed && i < n; i++) {
        for (int k = 0; k < SAMPLES; k++)
            trace[k] = (float)(i * k % 97);
        failed = hi5_dataset_append(d, 1, HI5_F32, trace, &err) != HI5_OK;
        if (!failed && i % 100 == 99)
            failed = hi5_flush(f, HI5_SAFE, &err) != HI5_OK;
    }
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    hi5_dataset_close(d);
    if (hi5_close(f, failed ? NULL : &err) && !failed) {
        fprintf(stderr, "%s\n", err.message);
        failed = 1;
    }
    return failed;
}
