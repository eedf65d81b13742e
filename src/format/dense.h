/*
 * dense.h - links and attributes in fractal heaps                  [FMT IV.A.2.c, .v]
 */
#ifndef HI5_DENSE_H
#define HI5_DENSE_H

#include "format/shared.h"
#include "format/symtab.h"

/** Each link of a dense group: in the order of the name index (by hash), or by creation
 *  order where that is indexed (`by_order`). */
HI5_INT hi5_status dense_links_each(struct meta *m, const struct msg_link_info *info,
                                    const struct pipe_plugins *plugins, bool by_order,
                                    link_fn fn, void *ctx, hi5_error *err);
HI5_INT hi5_status dense_links_find(struct meta *m, const struct msg_link_info *info,
                                    const struct pipe_plugins *plugins, const char *name,
                                    size_t n, struct arena *a, struct msg_link *l,
                                    hi5_error *err);
/* The same for many names: heap and name index, opened. */
struct dense_names {
    struct meta *meta;
    const struct fheap *heap;
    const struct bt2 *tree;
};
/** @param a  they live here */
HI5_INT hi5_status dense_names_open(struct meta *m, const struct msg_link_info *info,
                                    const struct pipe_plugins *plugins, struct arena *a,
                                    struct dense_names *d, hi5_error *err);
HI5_INT hi5_status dense_names_find(const struct dense_names *d, const char *name,
                                    size_t n, struct arena *a, struct msg_link *l,
                                    hi5_error *err);
/** How many there are: the name index's record count. */
HI5_INT hi5_status dense_links_count(struct meta *m, const struct msg_link_info *info,
                                     uint64_t *n, hi5_error *err);

/* A dense attribute: an attribute message's bytes. */
struct dense_attr {
    const uint8_t *body;
    size_t size;
    uint64_t addr;
    uint32_t order;            /* creation order as recorded */
    bool shared;               /* it is a shared message (SOHM) */
};
/** `bad` (not NULL): this one could not be read; the others still come. */
typedef hi5_status (*dense_attr_fn)(void *ctx, const struct dense_attr *a,
                                    const hi5_error *bad, hi5_error *err);
HI5_INT hi5_status dense_attrs_each(const struct shared_env *e,
                                    const struct msg_attr_info *info, bool by_order,
                                    dense_attr_fn fn, void *ctx, hi5_error *err);
/** HI5_E_NOTFOUND if there is none. The bytes go to `a`. */
HI5_INT hi5_status dense_attrs_find(const struct shared_env *e,
                                    const struct msg_attr_info *info, const char *name,
                                    struct arena *a, struct dense_attr *out,
                                    hi5_error *err);
HI5_INT hi5_status dense_attrs_count(struct meta *m, const struct msg_attr_info *info,
                                     uint64_t *n, hi5_error *err);

#endif
