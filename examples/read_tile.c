/*
 * read_tile.c - the smallest useful program: read a box of a dataset
 *
 *      read_tile fixtures/good/demo.h5 /detector/images
 *
 * Whatever the file stores (here: 16-bit integers in shuffled, deflated chunks), the
 * numbers arrive as floats.
 */
#include <hi5.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
    hi5_file *f = NULL;
    hi5_dataset *d = NULL;
    hi5_error err;
    float tile[4][6];
    int failed = 1;
    const uint64_t start[] = {0, 8, 8}, count[] = {1, 4, 6};

    if (argc != 3)
        return fprintf(stderr, "usage: read_tile FILE DATASET\n"), 2;
    if (hi5_open(argv[1], NULL, &f, &err) || hi5_dataset_open(f, argv[2], &d, &err) ||
        hi5_dataset_read_slab(d, start, count, HI5_F32, tile, &err)) {
        fprintf(stderr, "%s\n", err.message);
    } else {
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 6; x++)
                printf("%g%c", (double)tile[y][x], x < 5 ? ' ' : '\n');
        failed = 0;
    }
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    return failed;
}
