/*
 * journal.h - the changes of a commit, kept safe while they are applied
 *
 * A commit changes bytes that the committed state uses. Before it touches the first of
 * them it writes all new bytes behind the end of the file, a table of where they belong,
 * and a trailer that ends the file. Only then are they put in place, and the file is cut
 * back. Whoever opens a file and finds a whole journal finishes that commit (or, reading
 * only, sees the file as if it had been finished). A journal that is not whole means
 * nothing: the file itself has not been touched.
 *
 * The journal is in the file, not beside it: it cannot get lost, and cannot be mistaken
 * for another file's. To other readers it is bytes behind the end of the file.
 */
#ifndef HI5_JOURNAL_H
#define HI5_JOURNAL_H

#include "base/mem.h"
#include <hi5.h>

/* One change; places are bytes from the start of the file. */
struct journal_entry {
    uint64_t target, size;
    uint64_t source;           /* where the new bytes are in the file; ignored by
                                  journal_write if `bytes` is given */
    const uint8_t *bytes;      /* or NULL: at `source` already */
    uint32_t sum;
};

/** Write a journal at `at`, which is behind everything, for a file that is to be `size`
 *  bytes long when it has been applied. */
HI5_INT hi5_status journal_write(const hi5_io *io, struct mem *mem, uint64_t at,
                                 uint64_t size, struct journal_entry *e, size_t n,
                                 hi5_error *err);
/** Put each change in place. */
HI5_INT hi5_status journal_apply(const hi5_io *io, const struct journal_entry *e,
                                 size_t n, hi5_error *err);

/** Look for a whole journal, and finish its commit. With `write` the file is changed and
 *  cut back; without, *io is replaced by a source that shows the finished state (it owns
 *  the old one). *found tells if there was one. On failure *io stays as it was. */
HI5_INT hi5_status journal_recover(hi5_io *io, const hi5_allocator *a, bool write,
                                   bool *found, hi5_error *err);

#endif
