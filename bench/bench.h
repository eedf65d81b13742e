/*
 * bench.h - hi5 and libhdf5 side by side
 *
 * A workload is the same job written twice, against hi5.h and against hdf5.h, and a
 * third time as the least that the machine must do for it: copy, pread, or decode the
 * same bytes. Every run opens its file anew; the page cache is warm. Both sides fill
 * the same buffer, and what they fill it with is compared before anything is timed.
 * Where files are written, libhdf5 fills the buffer from what either has written.
 */
#ifndef BENCH_H
#define BENCH_H

#include <hdf5.h>
#include <hi5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Files of data.c. */
enum data_file {
    DATA_PLAIN,    /* /contiguous, /chunked: 8192^2 f32 */
    DATA_FILTERS,  /* /gzip /lzf /szip /fletcher32: 4096^2 */
    DATA_CONVERT,  /* /f32 /f64 /i16be: 4096^2 */
    DATA_TABLE,    /* /table: 4 M x 72 bytes */
    DATA_STRINGS,  /* /strings: 1 M, variable-length */
    DATA_SMALL,    /* /d/NNNNNN: 20 k datasets with 3 attributes each */
    DATA_GROUPS,   /* /g/NNNNNN: 100 k groups, in symbol tables */
    DATA_DENSE,    /* the same in the newest format: dense links */
    DATA_TREE,     /* 100 k objects, three groups deep */
    DATA_CHUNKS,   /* /d: 8192^2 i16 in 262 k chunks of 16 x 16 */
    DATA_REPACK,   /* /0 to /3: 8192^2 f32, gzip alone: 1 GiB */
    DATA_FILES
};

/* Stored chunks of a dataset, for the codecs alone. */
struct stored {
    uint8_t *bytes;
    size_t *at;                /* [n + 1] */
    size_t n;
    size_t each;               /* bytes of a chunk when decoded */
    uint32_t values[8];        /* the filter's parameters */
};

/* One workload under way. */
struct job {
    const struct workload *w;
    const char *path;
    const hi5_allocator *allocator;
    unsigned threads;          /* of hi5; 0: as many as it likes */
    uint8_t *buf;              /* the caller's, as large as prepare asked for */
    size_t size;
    uint64_t n;                /* how many, where a workload counts something */
    uint64_t dims[2];          /* of the dataset, where it has two dimensions */
    uint64_t start[2], stride[2], count[2];
    uint64_t *points;          /* [n][2] */
    struct stored stored;
    const uint8_t *source;     /* limits: what is copied from */
    size_t source_size;
    size_t written;            /* size of the file that the last run wrote */
    bool verify;               /* this run is checked, not timed */
    uint64_t digest;           /* of results that are not in buf */
};

struct workload {
    const char *name, *group;
    enum data_file data;
    const char *dataset;
    int detail;                /* what tells apart workloads that share functions;
                                  in the group "edit": is a copy of the file at
                                  written_path to be changed? */
    bool (*prepare)(struct job *j); /* false: cannot be done by this build */
    void (*hi5)(struct job *j);
    void (*libhdf5)(struct job *j);
    void (*limit)(struct job *j);
    bool threads;              /* to be compared with one thread and with two */
};

/* Lists, each ending in one without a name. */
extern const struct workload bench_arrays[], bench_picks[], bench_scans[],
    bench_tables[], bench_objects[], bench_write_arrays[], bench_write_objects[],
    bench_edits[];

/* bench.c */
extern double bench_scale;
_Noreturn void die(const char *format, ...);
uint64_t scaled(uint64_t n); /* at the scale of this run, at least 1 */
uint64_t digest_bytes(uint64_t seed, const void *p, size_t n);
uint64_t next_random(uint64_t *state);
void *need(size_t n);        /* memory, or die */

/* hi5 and libhdf5 calls that must succeed. */
void ours(hi5_status s, const hi5_error *err);
hid_t theirs(hid_t id, const char *what);
#define THEIRS(call) theirs((hid_t)(call), #call)

hi5_file *ours_open(const struct job *j);
void ours_close(hi5_file *f);
hi5_dataset *ours_dataset(hi5_file *f, const char *path);
hid_t theirs_open(const struct job *j);

/* The file that is written, next to the one that is read; both sides write the format of
 * libhdf5 1.8. */
const char *written_path(const struct job *j);
hi5_file *ours_create(const struct job *j);
hid_t theirs_create(const struct job *j);
hid_t theirs_written(const struct job *j); /* to be read */

/* data.c */
/* A static string; the file is made if it is not there. */
const char *data_path(enum data_file file, const char *folder);
void data_register_lzf(void);
enum { TABLE_MEMBERS = 10, TABLE_STORED = 72, TABLE_MEMORY = 80 };
struct table_member {
    const char *name;
    size_t stored, memory;     /* offsets */
    size_t size;
    char kind;                 /* f, i, u, s */
};
extern const struct table_member table_members[TABLE_MEMBERS];

/* limits.c */
void limit_memcpy(struct job *j);  /* as many bytes as the result */
void limit_pread(struct job *j);   /* as many bytes as the result, from the file */
void limit_file(struct job *j);    /* the whole file */
void limit_gather(struct job *j);  /* the selected elements, from memory */
void limit_open(struct job *j);    /* open, read the first page, close */
void limit_inflate(struct job *j);
void limit_inflate_2(struct job *j); /* in two threads */
void limit_lzf(struct job *j);
void limit_szip(struct job *j);
void stored_load(struct job *j);   /* fill in j->stored */
void limit_pwrite(struct job *j);  /* j->source, into a file */
void limit_rewrite(struct job *j); /* as many bytes as the last file that was written */
void limit_deflate(struct job *j); /* j->stored, which holds chunks before the codec */
void limit_deflate_2(struct job *j);
void limit_lzf_encode(struct job *j);
#endif
