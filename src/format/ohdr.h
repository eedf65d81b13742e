/*
 * ohdr.h - object headers                                          [FMT IV.A.1]
 */
#ifndef HI5_OHDR_H
#define HI5_OHDR_H

#include "format/messages.h"

/* The start of a header. */
struct ohdr_prefix {
    uint8_t version, flags;
    uint16_t declared;         /* version 1: number of messages */
    uint32_t refcount;         /* version 1; else 1 */
    uint32_t atime, mtime, ctime, btime; /* version 2, flag OHDR_F_TIMES */
    uint16_t max_compact, min_dense;     /* 8 and 6 if not stored */
    uint64_t chunk0;           /* bytes of messages that follow */
};

enum ohdr_flag {
    OHDR_F_SIZE_WIDTH = 0x03, /* log2 of the width of the chunk size */
    OHDR_F_ORDER_TRACKED = 0x04,
    OHDR_F_ORDER_INDEXED = 0x08,
    OHDR_F_PHASE_CHANGE = 0x10,
    OHDR_F_TIMES = 0x20
};

/** The prefix up to the first message. GET: by the signature, version 1 or 2. */
HI5_INT void ohdr_prefix_code(struct cur *c, struct ohdr_prefix *p);

/* One message where it is: decoded on demand. */
struct ohdr_msg {
    uint16_t type;
    uint8_t flags;
    uint16_t order;            /* creation index, if the header tracks it */
    const uint8_t *body;       /* in the header's arena */
    size_t size;
    uint64_t addr;             /* of the body */
};

struct ohdr_chunk {
    uint64_t addr, size;       /* with prefix, signature and checksum */
};

/** What precedes a message's body: type, size, flags, order. */
HI5_INT void ohdr_msg_head_code(struct cur *c, struct ohdr_msg *m, unsigned version,
                                unsigned flags);

/* A whole header. */
struct ohdr {
    uint64_t addr;
    uint8_t version, flags;
    uint32_t refcount;         /* from the prefix or the message; 1 by default */
    int64_t atime, mtime, ctime, btime; /* version 2, flag 0x20 */
    uint16_t max_compact, min_dense;    /* attributes; 8 and 6 by default */
    uint32_t declared;         /* version 1: messages as counted in the prefix */
    size_t nmsgs;
    struct ohdr_msg *msg;      /* NIL and continuation included, in order of reading */
    uint32_t types;            /* bit t mod 32: there is a message of a type t */
    size_t nchunks;
    struct ohdr_chunk *chunk;
    struct ohdr_chunk first;   /* where there is no other, which is usual */
    bool flawed;               /* version 1: message count in the prefix is wrong */
};

/** Read and decode a header and its continuations. Everything goes to `a`. */
HI5_INT hi5_status ohdr_read(struct meta *m, uint64_t addr, struct arena *a,
                             struct ohdr **out, hi5_error *err);

/** The same; but when it fails, *out holds what was decoded until then (NULL without
 *  memory). For the validator, which goes on with that. */
HI5_INT hi5_status ohdr_read_some(struct meta *m, uint64_t addr, struct arena *a,
                                  struct ohdr **out, hi5_error *err);

/** Take over what the prefix says of the whole. */
HI5_INT void ohdr_set_prefix(struct ohdr *h, const struct ohdr_prefix *p);

/** Count the message behind those that are listed. */
static inline void
ohdr_list(struct ohdr *h)
{
    h->types |= (uint32_t)1 << h->msg[h->nmsgs].type % 32;
    h->nmsgs++;
}

/** The first message of a type at or after *i (advanced behind it), or NULL. */
HI5_INT const struct ohdr_msg *ohdr_next(const struct ohdr *h, unsigned type, size_t *i);
HI5_INT const struct ohdr_msg *ohdr_first(const struct ohdr *h, unsigned type);

/** Group, dataset, datatype, or unknown, from the messages that are there. */
HI5_INT hi5_kind ohdr_kind(const struct ohdr *h);

#endif
