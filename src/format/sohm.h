/*
 * sohm.h - indexes of shared messages                              [FMT III.I]
 */
#ifndef HI5_SOHM_H
#define HI5_SOHM_H

#include "base/meta.h"

/* A shared message: in the heap, or still in the only header that has it. */
struct sohm_record {
    uint8_t place; /* 0 heap, 1 object header */
    uint32_t hash;
    uint32_t refcount;  /* heap */
    uint8_t heap_id[8]; /* heap */
    uint8_t type;       /* header: of the message */
    uint16_t order;     /* header: which of these messages */
    uint64_t header;    /* header: address */
};
HI5_INT void sohm_record_code(struct cur *c, struct sohm_record *r);
/** Bytes of a record. */
HI5_INT size_t sohm_record_size(unsigned off_w);

/** How many of `n` bytes of a sharable message in a version-1 header are not padding: what
 *  its codec reads. The hash is of these. */
HI5_INT size_t sohm_message_size(const struct meta *m, unsigned type,
                                 const uint8_t *body, size_t n);

/* A list of records; who codes says how many there are. */
struct smli {
    size_t records_size;
    const uint8_t *records;
};
HI5_INT void smli_code(struct cur *c, struct smli *l);

#endif
