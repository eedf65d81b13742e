/*
 * ohdr_edit.h - changing object headers where they are             [FMT IV.A.1]
 *
 * All work in staged blocks, on headers of either version, whoever wrote them. The
 * header stays where it is, but its messages do not: any change may move any of them,
 * within a chunk or from one to another. Whoever has decoded the header decodes it again.
 *
 * What fails before the header has begun to change leaves it as it was. Only the lack of
 * memory while old space is given back can come later; the caller then breaks the stage.
 */
#ifndef HI5_OHDR_EDIT_H
#define HI5_OHDR_EDIT_H

#include "base/stage.h"
#include "format/ohdr.h"

/* A message to be put in a header. */
struct ohdr_put {
    uint16_t type;
    uint8_t flags;             /* enum msg_flag */
    uint16_t order;            /* creation index, where the header tracks it */
    const void *body;          /* without padding */
    size_t size;
};

/* Which messages are meant: those of a type, or one of them. */
struct ohdr_which {
    uint16_t type;
    uint64_t addr;             /* of its body, as ohdr_msg has it; 0: any */
    bool (*match)(void *ctx, const struct ohdr_msg *m); /* NULL: any */
    void *ctx;
};

/** A new header. Of `p`, the version, flags, times, phase change values and (version 1)
 *  reference count are taken; the width of the size is chosen here.
 *  @param room  bytes that the messages have at least; what they do not need is free for
 *               more. There is always room to continue the header elsewhere. */
HI5_INT hi5_status ohdr_create(struct meta *m, const struct ohdr_prefix *p,
                               const struct ohdr_put *put, size_t n, size_t room,
                               uint64_t *addr, hi5_error *err);

/** The same, at the end of the file, and it ends there at a multiple of STAGE_ALIGN: for
 *  what is to follow. Headers of version 1 are as they are. */
HI5_INT hi5_status ohdr_create_aligned(struct meta *m, const struct ohdr_prefix *p,
                                       const struct ohdr_put *put, size_t n, size_t room,
                                       uint64_t *addr, hi5_error *err);

/** ohdr_read of a header that is known, all of it staged; *out NULL if it is not. */
HI5_INT hi5_status ohdr_known(struct meta *m, uint64_t addr, struct arena *a,
                              struct ohdr **out, hi5_error *err);

/** ohdr_read for who is going to change the object, or to delete it: refused where that
 *  must not be, and where its space is not its own any more. */
HI5_INT hi5_status ohdr_read_to_change(struct meta *m, uint64_t addr, struct arena *a,
                                       struct ohdr **out, hi5_error *err);

/** What a message takes in a header of this version and with these flags. */
HI5_INT size_t ohdr_put_size(unsigned version, unsigned flags, size_t body);

/** The first message that is meant, with its body in the staged header: valid until the
 *  header is changed. HI5_E_NOTFOUND, and no error filled in, if there is none. */
HI5_INT hi5_status ohdr_look(struct meta *m, uint64_t addr,
                             const struct ohdr_which *which, struct ohdr_msg *out,
                             hi5_error *err);

HI5_INT hi5_status ohdr_add(struct meta *m, uint64_t addr, const struct ohdr_put *put,
                            hi5_error *err);
/** Put a message in the place of the first that is meant. HI5_E_NOTFOUND like ohdr_look. */
HI5_INT hi5_status ohdr_replace(struct meta *m, uint64_t addr,
                                const struct ohdr_which *which,
                                const struct ohdr_put *put, hi5_error *err);
/** Remove all messages that are meant, and chunks that have no other. HI5_E_NOTFOUND like
 *  ohdr_look. */
HI5_INT hi5_status ohdr_remove(struct meta *m, uint64_t addr,
                               const struct ohdr_which *which, hi5_error *err);

/** Set the reference count. Version 2 has a message only where it is not 1; a count of 0,
 *  which means that the object is about to go, is not stored there. */
HI5_INT hi5_status ohdr_set_refcount(struct meta *m, uint64_t addr, uint32_t count,
                                     hi5_error *err);
/** Add to it; *now is what it has become. HI5_E_RANGE beyond its ends. */
HI5_INT hi5_status ohdr_add_refs(struct meta *m, uint64_t addr, int by, uint32_t *now,
                                 hi5_error *err);

/** The object has changed at `now`, seconds since 1970: told where the header keeps
 *  times (U-OH-7), else nothing. */
HI5_INT hi5_status ohdr_touch(struct meta *m, uint64_t addr, uint32_t now,
                              hi5_error *err);

/** Give back the space of all its chunks. */
HI5_INT hi5_status ohdr_free(struct meta *m, const struct ohdr *h, hi5_error *err);

#endif
