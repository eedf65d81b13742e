/*
 * file_space.h - free space that a file remembers                  [FMT III.H, IV.A.2.x]
 *
 * A file may keep its free space in managers (`persist`). Before the first change they
 * are read, and what they list is free space of the stage. Each commit gives up the old
 * managers and writes others, which are right for the state that is committed: what that
 * state gives up is free there, and the space of the managers themselves is not.
 *
 * A file with pages (strategy PAGE) keeps raw data and metadata on different pages,
 * whether it remembers its free space or not.
 */
#ifndef HI5_FILE_SPACE_H
#define HI5_FILE_SPACE_H

#include "base/stage.h"
#include "file/file.h"
#include "format/freespace_edit.h"

#define SPACE_MANAGERS 12u

struct file_space {
    bool loaded;
    uint64_t moves;            /* of the stage, when the managers were right */
    struct fs_manager manager[SPACE_MANAGERS];
    struct msg_fsinfo info;    /* what the file says */
};

/** The file is opened for writing. */
HI5_INT hi5_status space_open(hi5_file *f, hi5_error *err);
/** Before the first change: learn what is free. */
HI5_INT hi5_status space_load(hi5_file *f, hi5_error *err);
struct space_hole {
    enum stage_pool pool;
    uint64_t addr, size;
};
/** Option `reclaim`: find what nothing leads to, in the file as it is on disk, and let it be
 *  free. Before the first change. */
HI5_INT hi5_status space_reclaim(hi5_file *f, hi5_error *err);
/** A new file has been made; in its first pages these `n` pieces are free. */
HI5_INT hi5_status space_begin(hi5_file *f, const struct space_hole *hole, size_t n,
                               hi5_error *err);
/** Before a commit, when nothing else is given out or given up any more: write the
 *  managers, if there is something new. */
HI5_INT hi5_status space_settle(hi5_file *f, hi5_error *err);
/** It has been committed. */
HI5_INT void space_committed(hi5_file *f);
/** Forget what was settled since the last commit. */
HI5_INT void space_abort(hi5_file *f);

/** The message for a new file. */
HI5_INT struct msg_fsinfo space_message(unsigned strategy, bool persist,
                                        uint64_t threshold, uint64_t page_size);

#endif
