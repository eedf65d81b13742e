/*
 * annotate.h - what the files of the annotated dump share
 *
 * The codecs are watched: each field that a cursor passes is noted, with its address. A
 * field that encloses others (the body of a message, the messages of a header) is known
 * by its range alone, so that nesting follows from addresses.
 */
#ifndef HI5_ANNOTATE_H
#define HI5_ANNOTATE_H

#include "file/recover.h"

/* A field that a codec has passed. */
struct annot_field {
    uint64_t at, n;
    uint64_t value;
    uint64_t begin; /* of its structure */
    const char *structure, *name, *section;
    size_t order;
    const char *bad; /* what is wrong with it; or NULL */
    bool stopped;    /* the decoder went no further */
};

/* Bytes that belong to what is asked for. */
struct annot_range {
    uint64_t at, end;
};

struct annotate {
    struct cur_watch watch; /* first: codecs come back by it */
    hi5_file *file;
    struct meta *meta;
    struct arena arena;
    struct annot_field *field;
    size_t n, room;
    struct annot_range *range;
    size_t nranges, range_room;
    bool on;       /* note what is passed */
    uint64_t only; /* of a cursor that begins here; ADDR_NONE: of any */
    uint64_t seen; /* the last field ends here */
    hi5_annotation_fn fn;
    void *ctx;
    hi5_status broken; /* the machine failed */
    hi5_error why;
};

/** Note a field that no cursor can tell about. */
HI5_INT void annot_note(struct annotate *a, const struct annot_field *f);
HI5_INT void annot_note_range(struct annotate *a, uint64_t at, uint64_t end);
/** Something is wrong at `at`, and nothing was decoded there. */
HI5_INT void annot_note_bad(struct annotate *a, uint64_t at, const hi5_error *err);

/** Decode what begins at `addr`, and note its ranges. HI5_E_NOTFOUND: nothing that
 *  can be told by looking at it. */
HI5_INT hi5_status annot_decode(struct annotate *a, uint64_t addr, hi5_error *err);
/** The object header at `addr` (annotate_object.c). */
HI5_INT void annot_object(struct annotate *a, uint64_t addr);
/** The blocks of fixed and extensible arrays (annotate_array.c). */
HI5_INT hi5_status annot_array(struct annotate *a, enum recover_mark m, uint64_t addr,
                               hi5_error *err);
/** Nodes of version-2 B-trees, and blocks of fractal heaps (annotate_block.c). */
HI5_INT hi5_status annot_bt2_node(struct annotate *a, uint64_t addr, hi5_error *err);
HI5_INT hi5_status annot_heap_block(struct annotate *a, uint64_t addr, hi5_error *err);

/* Small tools of these files. */

/** Pin `n` bytes, or as many as there are; a failure is noted. */
HI5_INT bool annot_pin(struct annotate *a, uint64_t addr, uint64_t n, const char *what,
                       struct block **b);
/** A watched cursor over all of a block that was pinned with annot_pin. */
HI5_INT struct cur annot_cursor(struct annotate *a, const struct block *b, uint64_t n);
/** The structure at addr has been decoded so far; unpin. */
HI5_INT void annot_done(struct annotate *a, const struct cur *c, struct block *b);

/** What a value means, in words; "" if there is nothing to say. */
HI5_INT void annot_meaning(struct annotate *a, const struct annot_field *f,
                           const uint8_t *bytes, size_t n, char *out, size_t size);

#endif
