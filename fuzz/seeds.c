/*
 * seeds.c - make the inputs that the fuzzers start from
 *
 *   seeds FOLDER FILE.h5...
 *
 * FOLDER gets a folder for each target: open and check take files as they are; codec the
 * bytes of the codec sweep; filter the chunks of the files; select a few lists of steps;
 * edit such lists in front of files, and alone.
 */
#define _POSIX_C_SOURCE 200809L /* mkdir */
#include "sweep.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROWS(name) extern const struct sweep_row sweep_rows_##name[];
#include "sweep_rows.h"
#undef ROWS

#define SEEDS_FILE (16u << 10) /* larger files make slow seeds */
#define SEEDS_CHUNKS 3u        /* of one dataset */
#define SEEDS_SCRIPT 60u       /* bytes of an editing script */

static const struct sweep_row *const seeds_tables[] = {
#define ROWS(name) sweep_rows_##name,
#include "sweep_rows.h"
#undef ROWS
    NULL,
};

static const uint16_t seeds_filters[] = {1,     2,     3,     4,     5,
                                         6,     307,   32000, 32001, 32004,
                                         32008, 32013, 32015, 32018, 32026};

struct seeds {
    const char *folder;
    unsigned n;
};

static FILE *
seeds_new(struct seeds *s, const char *target)
{
    char path[1024];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", s->folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%04u", s->folder, target, s->n++);
    f = fopen(path, "wb");
    if (f == NULL) {
        fprintf(stderr, "seeds: cannot write %s\n", path);
        exit(1);
    }
    return f;
}

static void
seeds_codec(struct seeds *s)
{
    unsigned row = 0;

    for (size_t t = 0; seeds_tables[t] != NULL; t++)
        for (const struct sweep_row *r = seeds_tables[t]; r->name != NULL; r++) {
            FILE *const f = seeds_new(s, "codec");
            fputc((int)row++, f);
            fputc(0, f);
            for (const char *p = r->hex; *p != '\0'; p += *p == ' ' ? 1 : 2) {
                const char two[] = {p[0], p[1], '\0'};
                if (*p != ' ')
                    fputc((int)strtoul(two, NULL, 16), f);
            }
            fclose(f);
        }
}

/* ---- chunks ---- */

struct seeds_dataset {
    struct seeds *s;
    hi5_group *g; /* that it is in */
    hi5_dataset *d;
    uint64_t chunk_bytes;
    unsigned left;
};

static void
seeds_pipeline(FILE *f, hi5_dataset *d, int encode)
{
    hi5_filter filter;
    size_t n = 0;

    while (hi5_dataset_filter(d, n, &filter))
        n++;
    fputc((int)(n - 1) | encode, f);
    for (size_t i = 0; i < n && hi5_dataset_filter(d, i, &filter); i++) {
        int at = 0;
        while (at < 14 && seeds_filters[at] != filter.id)
            at++;
        fputc(at, f);
        fputc((int)filter.nvalues, f);
        for (unsigned k = 0; k < filter.nvalues; k++)
            for (unsigned j = 0; j < 4; j++)
                fputc((int)(filter.values[k] >> 8 * j & 0xff), f);
    }
}

static hi5_status
seeds_chunk(void *ctx, const hi5_chunk *c, hi5_error *err)
{
    struct seeds_dataset *const x = ctx;
    char *const bytes = malloc((size_t)c->size + 1);
    FILE *f;

    if (bytes == NULL || x->left-- == 0 ||
        hi5_dataset_read_raw_chunk(x->d, c, bytes, err) != HI5_OK) {
        free(bytes);
        return HI5_E_STATE;
    }
    f = seeds_new(x->s, "filter");
    seeds_pipeline(f, x->d, 0);
    fputc((int)(x->chunk_bytes & 0xff), f);
    fputc((int)(x->chunk_bytes >> 8 & 0xff), f);
    fwrite(bytes, 1, (size_t)c->size, f);
    fclose(f);
    f = seeds_new(x->s, "filter"); /* any bytes will do to be encoded */
    seeds_pipeline(f, x->d, 0x80);
    fwrite("\x3f", 1, 2, f);
    for (uint64_t i = 0; i < x->chunk_bytes && i < c->size; i++)
        fputc(bytes[i / 4], f);
    fclose(f);
    free(bytes);
    return HI5_OK;
}

static hi5_status
seeds_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct seeds_dataset x = *(struct seeds_dataset *)ctx;
    hi5_filter filter;
    hi5_layout layout;
    hi5_object *o;

    x.left = SEEDS_CHUNKS;
    if (hi5_object_open_at(x.g, l->name, &o, err) != HI5_OK)
        return HI5_OK;
    if (hi5_object_dataset(o, &x.d, err) == HI5_OK) {
        hi5_dataset_get_layout(x.d, &layout);
        x.chunk_bytes = hi5_type_size(hi5_dataset_type(x.d));
        for (unsigned i = 0; i < layout.rank; i++)
            x.chunk_bytes *= layout.chunk[i];
        if (layout.kind == HI5_CHUNKED && x.chunk_bytes < 65536 &&
            hi5_dataset_filter(x.d, 0, &filter) && layout.filters <= 3 &&
            hi5_dataset_each_chunk(x.d, seeds_chunk, &x, err) != HI5_OK)
            x.left = 0;
        hi5_dataset_close(x.d);
    }
    hi5_object_close(o);
    return HI5_OK;
}

static void
seeds_chunks(struct seeds *s, const char *path)
{
    struct seeds_dataset x = {.s = s};
    hi5_error err;
    hi5_file *f;

    if (hi5_open(path, NULL, &f, &err) != HI5_OK)
        return;
    if (hi5_group_open(f, "/", &x.g, &err) == HI5_OK) {
        if (hi5_group_each(x.g, HI5_NATIVE, false, seeds_link, &x, &err) != HI5_OK)
            fprintf(stderr, "seeds: %s\n", err.message);
        hi5_group_close(x.g);
    }
    (void)hi5_close(f, NULL);
}

/* ---- files, steps ---- */

static uint32_t
seeds_random(void)
{
    static uint32_t x = 1;

    x = x * 1664525u + 1013904223u;
    return x >> 8;
}

/* Small numbers are operations, most of them. */
static void
seeds_script(FILE *f)
{
    for (unsigned i = 0; i < SEEDS_SCRIPT; i++) {
        const uint32_t r = seeds_random();
        fputc((int)(i % 3 != 0 ? r & 0xff : (r & 0xff) % 29), f);
    }
}

static void
seeds_edit(struct seeds *s, const unsigned char *bytes, size_t n)
{
    FILE *const f = seeds_new(s, "edit");

    seeds_script(f);
    if (n != 0)
        fwrite(bytes, 1, n, f);
    fclose(f);
}

static void
seeds_file(struct seeds *s, const char *path)
{
    static const char *const targets[] = {"open", "check"};
    static unsigned char bytes[SEEDS_FILE];
    FILE *const in = fopen(path, "rb");
    size_t n = 0;

    if (in != NULL) {
        n = fread(bytes, 1, sizeof bytes, in);
        fclose(in);
    }
    for (int i = 0; i < 2 && n > 0 && n < sizeof bytes; i++) {
        FILE *const f = seeds_new(s, targets[i]);
        fwrite(bytes, 1, n, f);
        fclose(f);
    }
    if (n > 0 && n < sizeof bytes)
        seeds_edit(s, bytes, n);
}

static void
seeds_select(struct seeds *s)
{
    static const char *const texts[] = {
        "0:10, ::2, [1,5,9], 3", "...", "-1", "::2, ..., -3:", "[0, 2, 4]",
        "3:1", ":", "0, 1:, [2]"};
    uint32_t x = 1;

    for (unsigned i = 0; i < 32; i++) {
        FILE *const f = seeds_new(s, "select");
        for (unsigned k = 0; k < 20 + 5 * i; k++) {
            x = x * 1664525u + 1013904223u;
            fputc((int)(x >> 24), f);
        }
        fclose(f);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        FILE *const f = seeds_new(s, "select");
        fwrite("\2\6\6\6\0", 1, 5, f);
        fputs(texts[i], f);
        fclose(f);
    }
}

int
main(int argc, char **argv)
{
    struct seeds s = {0};

    if (argc < 3)
        return 2;
    s.folder = argv[1];
    mkdir(s.folder, 0777);
    seeds_codec(&s);
    seeds_select(&s);
    for (int i = 0; i < 32; i++)
        seeds_edit(&s, NULL, 0);
    for (int i = 2; i < argc; i++) {
        seeds_file(&s, argv[i]);
        seeds_chunks(&s, argv[i]);
    }
    return 0;
}
