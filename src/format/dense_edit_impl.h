/*
 * dense_edit_impl.h - what the files that change dense links and attributes share
 */
#ifndef HI5_DENSE_EDIT_IMPL_H
#define HI5_DENSE_EDIT_IMPL_H

#include "format/dense_edit.h"

enum {
    DENSE_EDIT_NODE = 512,
    DENSE_EDIT_RECORD = 17 /* the longest */
};

/* Where parts of the records are, see dense.c. */
struct dense_kind {
    bool links;
    const char *what;
    enum bt2_type by_name, by_order;
    uint8_t id_len, name_size, order_size; /* of an ID, and of the records */
    uint8_t id, hash;                      /* in records by name */
    uint8_t order_id, key;                 /* in those by order */
    uint8_t key_w;
    uint64_t start_block;
    uint16_t heap_bits;
};

enum { DENSE_EDIT_FLAGS = 8, DENSE_EDIT_ORDER = 9 }; /* attributes, in both records */

/* One link or attribute: its message, and what the indexes say of it. */
struct dense_item {
    const char *name;
    size_t n;
    const uint8_t *body;
    size_t size;
    uint64_t order;
};

/* A search for a name, and the record that it led to. */
struct dense_seek {
    struct dense_edit *d;
    const char *name;
    size_t n;
    uint32_t hash;
    struct arena arena;
    const uint8_t *body;           /* the message that was looked at last: in the arena, or */
    size_t size;                   /* in the heap, until that changes */
    bool found;                    /* what s->record stands for has this name */
    const struct dense_item *item; /* to be added, then */
    bool met;                      /* a name with the same hash */
    bool by_number;                /* GRP-17: record `number`, found by a walk */
    uint64_t number, at;
    uint8_t record[DENSE_EDIT_RECORD]; /* in the index by name */
};

/** dense_seek_done() it. */
HI5_INT struct dense_seek
dense_seek_for(struct dense_edit *d, const char *name, size_t n);
HI5_INT void dense_seek_done(struct dense_seek *s);
/** Find the name: s->record gets its record, s->body its message. */
HI5_INT hi5_status dense_seek_run(struct dense_seek *s, hi5_error *err);
/** The name in a message; it may come to be in `a`. */
HI5_INT hi5_status dense_name_of(const struct dense_edit *d, const uint8_t *body,
                                 size_t size, struct arena *a, const char **name,
                                 size_t *n, hi5_error *err);

HI5_INT hi5_status dense_add(struct dense_edit *d, const struct dense_item *item,
                             hi5_error *err);
/** Remove what s->record stands for, whose creation order is `order`. */
HI5_INT hi5_status dense_remove(struct dense_seek *s, uint64_t order, hi5_error *err);
/** @param order  of the old one, which was found */
HI5_INT hi5_status dense_replace(struct dense_seek *s, const struct dense_item *item,
                                 uint64_t order, hi5_error *err);

HI5_INT hi5_status dense_create(struct meta *m, bool links, bool ordered,
                                struct dense_edit *d, hi5_error *err);
HI5_INT hi5_status dense_open(struct meta *m, bool links, uint64_t heap, uint64_t names,
                              uint64_t orders, struct dense_edit *d, hi5_error *err);
/** @param fn  gets each record by name, unless NULL */
HI5_INT hi5_status dense_delete(struct meta *m, bool links, uint64_t heap,
                                uint64_t names, uint64_t orders, bt2_fn fn, void *ctx,
                                hi5_error *err);

#endif
