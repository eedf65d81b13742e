/*
 * tiles.c - images that are read in tiles are stored in tiles
 *
 *      tiles images.h5
 *
 * One hundred images of 480 by 640 pixels. Whoever wants 64 by 64 pixels of one of them
 * reads one chunk, not ten thousand rows.
 */
#include <hi5.h>
#include <stdio.h>

#define IMAGES 100
#define HEIGHT 480
#define WIDTH 640

static unsigned char image[HEIGHT][WIDTH], tile[64][64];

int
main(int argc, char **argv)
{
    const uint64_t dims[] = {IMAGES, HEIGHT, WIDTH}, chunk[] = {1, 64, 64};
    const uint64_t count[] = {1, HEIGHT, WIDTH}, corner[] = {72, 128, 192};
    const uint64_t small[] = {1, 64, 64};
    const hi5_dataset_options options = {
        .size = sizeof(options), .chunk = chunk, .lzf = true, .fletcher32 = true};
    hi5_dataset *d = NULL;
    hi5_file *f = NULL;
    hi5_error err;
    int failed;

    if (argc != 2)
        return fprintf(stderr, "usage: tiles FILE\n"), 2;
    failed = hi5_create(argv[1], NULL, &f, &err) ||
             hi5_dataset_create(f, "/images", HI5_U8, 3, dims, &options, &d, &err);
    for (uint64_t i = 0; !failed && i < IMAGES; i++) {
        const uint64_t start[] = {i, 0, 0};

        for (unsigned y = 0; y < HEIGHT; y++)
            for (unsigned x = 0; x < WIDTH; x++)
                image[y][x] = (unsigned char)(x / 8 + y / 16 + i);
        failed = hi5_dataset_write_slab(d, start, count, HI5_U8, image, &err) != HI5_OK;
    }
    if (!failed) {
        failed = hi5_dataset_read_slab(d, corner, small, HI5_U8, tile, &err) != HI5_OK;
        if (!failed)
            printf("%d %d\n", tile[0][0], tile[63][63]);
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
