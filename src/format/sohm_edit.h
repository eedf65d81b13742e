/*
 * sohm_edit.h - changing the indexes of shared messages             [FMT III.I]
 *
 * A file may have a table of shared messages (SOHM): messages of some types and sizes
 * that are stored once, in a heap, and counted. Who writes messages asks whether there is
 * such a one (sohm_share); who removes messages, or objects with all their messages, says
 * so for each (sohm_release).
 *
 * The table is e->table, in memory, and at e->table_addr in the file. A file without one
 * (e->table NULL) shares nothing: then all of this does nothing.
 *
 * HI5_E_CORRUPT: the indexes do not have what they should, or cannot be read. A change may
 * be half done after any failure (stage_break).
 */
#ifndef HI5_SOHM_EDIT_H
#define HI5_SOHM_EDIT_H

#include "format/ohdr_edit.h"
#include "format/shared.h"

/* What is left of a message that nobody uses any more. */
struct sohm_gone {
    const uint8_t *body;       /* in the caller's arena; NULL: others still use it */
    size_t size;
};

/** One use less of a message.
 *
 *  Call it for each message that leaves a header, whatever its flags: those that are not
 *  shared, and those that point to a committed datatype (whose count is the caller's),
 *  are left alone. Call it before the message is removed, and for an object that is
 *  deleted, before its header is given up.
 *
 *  An attribute's type and dataspace may be shared messages, too: after the attribute
 *  itself is gone - it was not shared, or gone->body is not NULL - release both of them,
 *  each as a message of its own (MSG_TYPE with MSG_F_SHARED if msg_attr.flags has 1,
 *  MSG_SPACE if it has 2), with `header` ADDR_NONE.
 *
 *  @param header  of the object whose message it is; ADDR_NONE: it is none of a header's
 *                 (a part of an attribute, a dense attribute)
 *  @param gone    may be NULL; what the message itself leads to (variable-length data,
 *                 an attribute's parts) has to go as well */
HI5_INT hi5_status sohm_release(const struct shared_env *e, uint64_t header,
                                const struct ohdr_msg *m, struct arena *a,
                                struct sohm_gone *gone, hi5_error *err);
/** The same for a message that is known by its ID in the heap of shared messages: that of
 *  a dense attribute (struct dense_gone). */
HI5_INT hi5_status sohm_release_id(const struct shared_env *e, unsigned type,
                                   const uint8_t id[8], struct arena *a,
                                   struct sohm_gone *gone, hi5_error *err);

/** One use more of a message in the heap. */
HI5_INT hi5_status sohm_use_id(const struct shared_env *e, unsigned type,
                               const uint8_t id[8], hi5_error *err);

/** A message is about to be stored: share it if the table says so. Then *put becomes
 *  either a pointer to the one that is stored (MSG_F_SHARED; one use more), or it stays
 *  what it is for now and others can share it (MSG_F_SHAREABLE): sohm_enter has to follow.
 *  @param in_header  it may stay where it is until a second one comes: it is one of a
 *                    header's messages, not an attribute, nor a part of one */
HI5_INT hi5_status sohm_share(const struct shared_env *e, bool in_header,
                              struct ohdr_put *put, struct arena *a, hi5_error *err);
/** The header that `put` has become part of; nothing unless it is MSG_F_SHAREABLE. */
HI5_INT hi5_status sohm_enter(const struct shared_env *e, uint64_t header,
                              const struct ohdr_put *put, hi5_error *err);

/** Are messages of this type shared, if they are large enough? */
HI5_INT bool sohm_covers(const struct shared_env *e, unsigned type);

/** A table without messages; it gets an address. */
HI5_INT hi5_status sohm_create(struct meta *m, const struct sohm_table *t,
                               uint64_t *addr, hi5_error *err);
/** The table as the file has it, with t->n set. */
HI5_INT hi5_status sohm_load(struct meta *m, uint64_t addr, struct sohm_table *t,
                             hi5_error *err);

#endif
