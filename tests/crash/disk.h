/*
 * disk.h - a file in memory that notes what is done to it, fails when it is told to, and can
 * be put together again as a loss of power leaves it
 */
#ifndef DISK_H
#define DISK_H

#include <hi5.h>

uint64_t crash_random(uint64_t *state, uint64_t below);

enum disk_kind { DISK_WRITE, DISK_TRUNCATE, DISK_SYNC };
struct disk_op {
    enum disk_kind kind;
    uint64_t at;               /* or the new size */
    size_t n;
    unsigned char *bytes;
};
struct disk {
    unsigned char *bytes;
    size_t n, room;
    bool noting;
    struct disk_op *op;        /* [nops] */
    size_t nops, room_ops;
    uint64_t calls, fail_at;   /* the call that fails; 0: none */
    bool fail_on;              /* and all that come after it */
    hi5_io io;
};
void disk_open(struct disk *d);
void disk_close(struct disk *d);
void disk_put(struct disk *d, uint64_t at, const void *bytes, size_t n);
void disk_cut(struct disk *d, uint64_t size);
/** Note what has been done to a file elsewhere. */
void disk_note(struct disk *d, enum disk_kind kind, uint64_t at, const void *bytes, size_t n);

/** What is on a disk that had `base` (NULL: nothing) after the first `end` operations that
 *  `log` notes; with `state`, those since the last sync are there in part, torn at
 *  sectors. *out is to be closed. */
void disk_after(struct disk *out, const struct disk *base, const struct disk *log,
                size_t end, uint64_t *state);
/** Let `base` have what is surely on the disk, and forget how it came there. */
void disk_fold(struct disk *base, struct disk *log);

#endif
