/*
 * io.h - byte sources: the only place that touches the file system
 *
 * Each function makes a hi5_io. On failure nothing is open. A source made here may be
 * read by any number of threads at once. `a` is the caller's allocator, copied; NULL is
 * libc's.
 */
#ifndef HI5_IO_H
#define HI5_IO_H

#include "base/mem.h"
#include <hi5.h>

/** A regular file, read with pread. HI5_E_NOTFOUND if there is none; devices, pipes and
 *  folders are refused. */
HI5_INT hi5_status io_open_file(const hi5_allocator *a, const char *path, hi5_io *io,
                                hi5_error *err);

/** A regular file to read and write. @param create  what to do if there is none, or one */
enum io_create {
    IO_EXISTING,               /* HI5_E_NOTFOUND if there is none */
    IO_CREATE,                 /* make it if there is none */
    IO_TRUNCATE,               /* make it, or empty the one that is there */
    IO_EXCLUSIVE               /* HI5_E_EXISTS if there is one */
};
/** @param lock  take a lock on it as libhdf5 does: HI5_E_STATE if somebody else has one;
 *  systems and file systems without locks do not matter. */
HI5_INT hi5_status io_write_file(const hi5_allocator *a, const char *path,
                                 enum io_create create, bool lock, hi5_io *io,
                                 hi5_error *err);
/** A family to read and write: `path` has a %d for the number of each file, which has
 *  `member` bytes. All of them are locked. Members come and go as the size changes. */
HI5_INT hi5_status io_write_family(const hi5_allocator *a, const char *path,
                                   uint64_t member, enum io_create create, bool lock,
                                   hi5_io *io, hi5_error *err);
/** The size of the members of such a source; 0 for others. */
HI5_INT uint64_t io_family_member(const hi5_io *io);
/** Does the path have one printf %d in it ("%d", "%05d"), and no other directive? */
HI5_INT bool io_family_is(const char *path);
/** The name of member i; false if it is too long. The template is the caller's text: it is
 *  expanded here, not given to printf. */
HI5_INT bool io_family_name(char *out, size_t cap, const char *path, unsigned i);

/** Bytes in memory that grow; `n` bytes at `bytes` are copied. */
HI5_INT hi5_status io_write_memory(const hi5_allocator *a, const void *bytes, size_t n,
                                   hi5_io *io, hi5_error *err);
/** The bytes of such a source; NULL for others. Valid until it is written again. */
HI5_INT const uint8_t *io_memory_bytes(const hi5_io *io, size_t *n);

/** Remove a file; false if that cannot be done. */
HI5_INT bool io_remove(const char *path);
/** Wait until the disk knows which files there are in the folder of `path`. */
HI5_INT hi5_status io_sync_folder(const char *path, hi5_error *err);

/** The time, in seconds since 1970. */
HI5_INT int64_t io_now(void);

/** The name, owned by the arena, under which a file is made that will take the place of the
 *  one at `path`: "PATH.hi5-new". NULL: memory. */
HI5_INT char *io_beside(struct arena *a, const char *path);
/** Let the file at `from` take the place of the one at `to`, if there is one, at once and
 *  with its permissions. @param durable  wait for the disk */
HI5_INT hi5_status io_replace(const char *from, const char *to, bool durable,
                              hi5_error *err);
/** Give a file a name that nothing has: HI5_E_EXISTS. */
HI5_INT hi5_status io_place(const char *from, const char *to, hi5_error *err);
/** Do two names lead to the same file? */
HI5_INT bool io_same(const char *a, const char *b);
/** pread until all is there. */
HI5_INT hi5_status io_fd_read(int fd, uint64_t offset, void *buf, size_t n,
                              hi5_error *err);

/** Bytes in memory, borrowed. */
HI5_INT hi5_status io_open_memory(const hi5_allocator *a, const void *bytes, size_t n,
                                  hi5_io *io, hi5_error *err);

/** One range of an address space that is spread over several sources. */
struct io_part {
    uint64_t start; /* address of the part's first byte */
    uint64_t size;  /* bytes of address space it serves */
    hi5_io io;
};

/** Several sources as one (family, split, multi). The parts are copied; their `io`
 *  is closed with the whole, or here on failure. */
HI5_INT hi5_status io_open_parts(const hi5_allocator *a, const struct io_part *parts,
                                 size_t n, hi5_io *io, hi5_error *err);

/** How many of the `n` bytes at `offset` the source has in one piece: less than n only
 *  where the parts of a whole leave a gap. */
HI5_INT size_t io_clip(const hi5_io *io, uint64_t offset, size_t n);

/** Part i of a whole, by address; false beyond the last, and for sources of one piece. */
HI5_INT bool io_range(const hi5_io *io, size_t i, uint64_t *start, uint64_t *size);

/* Bytes of a source in the address space of this process. */
struct io_map {
    const uint8_t *bytes;
    void *pages;               /* NULL: the bytes were there before */
    size_t length;             /* of the pages */
};
/** Map `n` bytes at `offset`. Whoever makes a mapped file shorter makes access to what is
 *  gone a fatal signal. HI5_E_STATE: the source is not such that it can be done.
 *  @param m  owned: io_unmap; valid even when the source is closed, except for memory */
HI5_INT hi5_status io_map(const hi5_io *io, uint64_t offset, size_t n, struct io_map *m,
                          hi5_error *err);
HI5_INT void io_unmap(struct io_map *m);

HI5_INT void io_close(hi5_io *io);

HI5_INT bool io_exists(const char *path);

/** The path from the root; owned by the caller (mem_unbox), or NULL. */
HI5_INT char *io_full_path(struct mem *mem, const char *path);

/** Resolve symbolic links; a path owned by the caller (mem_unbox), or NULL. */
HI5_INT char *io_real_path(struct mem *mem, const char *path);

/** HI5_OK if `path`, all symbolic links followed, lies in `folder`. */
HI5_INT hi5_status io_check_confined(struct mem *mem, const char *path,
                                     const char *folder, hi5_error *err);

#endif
