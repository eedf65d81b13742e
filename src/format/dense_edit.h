/*
 * dense_edit.h - changing links and attributes in fractal heaps      [FMT IV.A.2.c, .v]
 *
 * A `struct dense_edit` is one group's links, or one object's attributes, open for
 * changes. It may be kept between calls, until the stage forgets changes (stage_abort);
 * nobody else may change them meanwhile. Close it when done, and settle it before each
 * commit. Readers (dense_links_each, ...) see each change at once.
 *
 * Counting creation order, and going over to messages in the header and back, is the
 * caller's: the info messages are only given addresses here.
 *
 * HI5_E_ARG, EXISTS, NOTFOUND and UNSUPPORTED mean that nothing was changed. After any
 * other failure a change may be half done (stage_break).
 */
#ifndef HI5_DENSE_EDIT_H
#define HI5_DENSE_EDIT_H

#include "btree/btree2_edit.h"
#include "format/dense.h"
#include "format/fheap_edit.h"
#include "format/messages.h"
#include "format/shared.h"

struct dense_kind;

struct dense_edit {
    struct meta *meta;
    const struct dense_kind *kind;
    const struct shared_env *env; /* attributes: where shared ones are */
    struct fheap_edit heap;
    struct bt2_edit names, orders;
    bool ordered; /* there is `orders` */
    bool sorted;  /* names of equal hash are known to be in order */
};

HI5_INT void dense_edit_close(struct dense_edit *d);
/** Before each commit. */
HI5_INT hi5_status dense_edit_settle(struct dense_edit *d, hi5_error *err);
/** How many there are. */
HI5_INT uint64_t dense_edit_count(const struct dense_edit *d);

/* ---- links ---- */

/** New storage, without links; by creation order too if info->flags has 2. Its addresses
 *  go into `info`. */
HI5_INT hi5_status dense_edit_create_links(struct meta *m, struct msg_link_info *info,
                                           struct dense_edit *d, hi5_error *err);
HI5_INT hi5_status dense_edit_open_links(struct meta *m,
                                         const struct msg_link_info *info,
                                         struct dense_edit *d, hi5_error *err);
/** HI5_E_EXISTS if there is one of this name. */
HI5_INT hi5_status dense_edit_add_link(struct dense_edit *d, const struct msg_link *l,
                                       hi5_error *err);
/** @param a  gets the parts of *l */
HI5_INT hi5_status dense_edit_find_link(struct dense_edit *d, const char *name,
                                        size_t n, struct arena *a, struct msg_link *l,
                                        hi5_error *err);
/** @param l  gets what it was; its parts go to `a` */
HI5_INT hi5_status dense_edit_remove_link(struct dense_edit *d, const char *name,
                                          size_t n, struct arena *a, struct msg_link *l,
                                          hi5_error *err);
/** Put another link in the place of one; it may have another name (HI5_E_EXISTS). */
HI5_INT hi5_status dense_edit_replace_link(struct dense_edit *d, const char *name,
                                           size_t n, const struct msg_link *l,
                                           hi5_error *err);
/** Give up all of it, and reset the addresses in `info`. It must not be open. */
HI5_INT hi5_status dense_edit_delete_links(struct meta *m, struct msg_link_info *info,
                                           hi5_error *err);

/* ---- attributes ---- */

/* An attribute that has been taken out. */
struct dense_gone {
    bool shared;   /* it was in the heap of shared messages, and still is: */
    uint8_t id[8]; /* under this ID, with one reference less to count */
    uint32_t order;
};

/** @param env  has to last as long as `d` */
HI5_INT hi5_status dense_edit_create_attrs(const struct shared_env *env,
                                           struct msg_attr_info *info,
                                           struct dense_edit *d, hi5_error *err);
HI5_INT hi5_status dense_edit_open_attrs(const struct shared_env *env,
                                         const struct msg_attr_info *info,
                                         struct dense_edit *d, hi5_error *err);
/** @param body   an attribute message; its name is the attribute's
 *  @param order  0xffff where creation order is not tracked */
HI5_INT hi5_status dense_edit_add_attr(struct dense_edit *d, const uint8_t *body,
                                       size_t size, uint32_t order, hi5_error *err);
/** The bytes are in `a`. */
HI5_INT hi5_status dense_edit_find_attr(struct dense_edit *d, const char *name,
                                        struct arena *a, struct dense_attr *out,
                                        hi5_error *err);
HI5_INT hi5_status dense_edit_remove_attr(struct dense_edit *d, const char *name,
                                          struct dense_gone *gone, hi5_error *err);
/** Put another one in its place, which keeps its creation order (ATTR-09); it may have
 *  another name (HI5_E_EXISTS). */
HI5_INT hi5_status dense_edit_replace_attr(struct dense_edit *d, const char *name,
                                           const uint8_t *body, size_t size,
                                           struct dense_gone *gone, hi5_error *err);
/** @param fn  gets each that is shared, unless NULL */
typedef hi5_status (*dense_gone_fn)(void *ctx, const struct dense_gone *gone,
                                    hi5_error *err);
HI5_INT hi5_status dense_edit_delete_attrs(struct meta *m, struct msg_attr_info *info,
                                           dense_gone_fn fn, void *ctx, hi5_error *err);

#endif
