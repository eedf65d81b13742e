/*
 * symtab_edit.h - changing old-style groups                [FMT III.B, III.C]
 *
 * The B-tree and the heap stay where they are: the symbol table message, and what is
 * cached of it elsewhere, remain right.
 */
#ifndef HI5_SYMTAB_EDIT_H
#define HI5_SYMTAB_EDIT_H

#include "btree/btree1_edit.h"
#include "format/lheap_edit.h"
#include "format/symtab.h"

/* A group being changed. It owns nothing; see struct bt1_edit for when it must be begun
 * anew. */
struct symtab_edit {
    struct meta *meta;
    struct msg_stab where;
    unsigned leaf_k;
    struct bt1_edit tree;
};

/** An empty group's B-tree and heap. @param names  bytes of the heap; 0: as libhdf5 */
HI5_INT hi5_status symtab_create(struct meta *m, unsigned internal_k, uint64_t names,
                                 struct msg_stab *where, hi5_error *err);
HI5_INT void symtab_edit_init(struct symtab_edit *e, const struct symtab *t);

/** Add a hard or soft link. HI5_E_EXISTS if there is one of that name.
 *  @param stab  of a hard link to an old-style group, to be cached; NULL: nothing is */
HI5_INT hi5_status symtab_insert(struct symtab_edit *e, const struct msg_link *l,
                                 const struct msg_stab *stab, hi5_error *err);
/** HI5_E_NOTFOUND if there is no such name. */
HI5_INT hi5_status symtab_remove(struct symtab_edit *e, const char *name, size_t n,
                                 hi5_error *err);
/** Give back the space of the B-tree, its nodes, and the heap; not of what links lead to. */
HI5_INT hi5_status symtab_free_all(const struct symtab *t, hi5_error *err);

#endif
