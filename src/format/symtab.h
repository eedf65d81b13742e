/*
 * symtab.h - old-style groups: symbol tables                       [FMT III.B, III.C]
 */
#ifndef HI5_SYMTAB_H
#define HI5_SYMTAB_H

#include "format/lheap.h"
#include "format/messages.h"

enum ste_cache { STE_NONE = 0, STE_STAB = 1, STE_SOFT = 2 };

/* Symbol table entry. */
struct ste {
    uint64_t name_off, header;
    uint32_t cache;            /* enum ste_cache */
    uint64_t btree, heap;      /* STE_STAB */
    uint32_t value_off;        /* STE_SOFT */
};
HI5_INT void ste_code(struct cur *c, struct ste *e);

/* Symbol table node; entries follow. */
struct snod {
    uint16_t nsyms;
};
HI5_INT void snod_code(struct cur *c, struct snod *n);

/* A group's symbol table. */
struct symtab {
    struct meta *meta;
    struct msg_stab where;
    unsigned leaf_k, internal_k;
    const struct lheap *heap;  /* NULL: its header is to be read */
};

/** Called for each link, by name; views are valid during the call. */
typedef hi5_status (*link_fn)(void *ctx, const struct msg_link *l, hi5_error *err);
/** A link that cannot be read does not keep the others from coming; its failure is
 *  returned when all the others have come. */
HI5_INT hi5_status symtab_each(const struct symtab *t, link_fn fn, void *ctx,
                               hi5_error *err);
/** HI5_E_NOTFOUND if there is no such name. Views of *l go to `a`. */
HI5_INT hi5_status symtab_find(const struct symtab *t, const char *name, size_t n,
                               struct arena *a, struct msg_link *l, hi5_error *err);

#endif
