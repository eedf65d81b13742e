/*
 * messages.h - the object header messages, decoded                 [FMT IV.A.2]
 *
 * One struct and one codec per message. Messages are found in format/msg_*.c: space,
 * type, layout, fill, pline, link, attr, misc. Views (const uint8_t *, const char *)
 * point into the message's bytes.
 */
#ifndef HI5_MESSAGES_H
#define HI5_MESSAGES_H

#include "base/meta.h"
#include "filters/pipeline.h"
#include "space/type.h"

enum msg_id {
    MSG_NIL = 0x00, MSG_SPACE = 0x01, MSG_LINK_INFO = 0x02, MSG_TYPE = 0x03,
    MSG_FILL_OLD = 0x04, MSG_FILL = 0x05, MSG_LINK = 0x06, MSG_EFL = 0x07,
    MSG_LAYOUT = 0x08, MSG_BOGUS = 0x09, MSG_GROUP_INFO = 0x0a, MSG_PLINE = 0x0b,
    MSG_ATTR = 0x0c, MSG_COMMENT = 0x0d, MSG_MTIME_OLD = 0x0e, MSG_SOHM = 0x0f,
    MSG_CONT = 0x10, MSG_STAB = 0x11, MSG_MTIME = 0x12, MSG_BTREE_K = 0x13,
    MSG_DRIVER = 0x14, MSG_ATTR_INFO = 0x15, MSG_REFCOUNT = 0x16, MSG_FSINFO = 0x17,
    MSG_MDCI = 0x18,
    MSG_KNOWN = 0x19 /* first unknown type */
};

enum msg_flag {
    MSG_F_CONSTANT = 0x01, MSG_F_SHARED = 0x02, MSG_F_DONT_SHARE = 0x04,
    MSG_F_FAIL_IF_WRITABLE = 0x08, MSG_F_MARK = 0x10, MSG_F_WAS_UNKNOWN = 0x20,
    MSG_F_SHAREABLE = 0x40, MSG_F_FAIL_ALWAYS = 0x80
};

/** "dataspace", "link info", ...; "unknown" beyond the last. */
HI5_INT const char *msg_name(unsigned id);

/** May a message of this type be stored elsewhere (flags 0x02 and 0x40)? */
HI5_INT bool msg_sharable(unsigned id);

/** A version byte from `low` to `high`. Below is corrupt; above is a newer format, and
 *  unsupported. */
HI5_INT void msg_version_code(struct cur *c, uint8_t *v, unsigned low, unsigned high);

/* 0x01 dataspace */
struct msg_space {
    uint8_t version, flags;
    hi5_shape shape;
};
HI5_INT void msg_space_code(struct cur *c, struct msg_space *m);

/* 0x02 link info */
struct msg_link_info {
    uint8_t flags;             /* 1 order tracked, 2 indexed */
    uint64_t max_order;        /* if tracked: next to give (signed in the file) */
    uint64_t fheap, name_bt2, order_bt2;
};
HI5_INT void msg_link_info_code(struct cur *c, struct msg_link_info *m);

/* 0x03 datatype: GET builds *t in the cursor's arena; depth from limits */
HI5_INT void msg_type_code(struct cur *c, const hi5_type **t, unsigned max_depth);

/* 0x04, 0x05 fill value */
struct msg_fill {
    uint8_t version;           /* 0: the old message */
    uint8_t alloc_time, write_time;
    hi5_fill_status status;
    uint32_t size;
    const uint8_t *value;
};
HI5_INT void msg_fill_old_code(struct cur *c, struct msg_fill *m);
HI5_INT void msg_fill_code(struct cur *c, struct msg_fill *m);

/* 0x06 link. From symbol tables too, then without flags. */
struct msg_link {
    uint8_t flags;
    uint8_t kind;              /* hi5_link_kind or user-defined class */
    bool has_order;
    uint64_t order;            /* signed in the file */
    uint8_t charset;
    uint64_t name_len;
    const uint8_t *name;       /* no NUL */
    uint64_t address;          /* hard */
    uint16_t value_len;        /* soft, external, user-defined */
    const uint8_t *value;      /* no NUL at the end of a soft link's */
};
HI5_INT void msg_link_code(struct cur *c, struct msg_link *m);

/* 0x07 external file list */
struct msg_efl_slot {
    uint64_t name_off, offset, size; /* size UINT64_MAX: unlimited */
};
struct msg_efl {
    uint16_t nalloc, nused;
    uint64_t heap;
    struct msg_efl_slot *slot; /* [nused] */
};
HI5_INT void msg_efl_code(struct cur *c, struct msg_efl *m);

/* 0x08 data layout */
struct msg_layout {
    uint8_t version;
    uint8_t cls;               /* hi5_layout_kind */
    uint64_t addr;             /* contiguous: data; chunked: index; virtual: heap */
    uint64_t size;             /* compact, contiguous; v1 and v2 contiguous: 0 */
    const uint8_t *data;       /* compact */
    uint64_t data_addr;        /* compact: where in the file */
    uint8_t ndims;             /* chunked: rank + 1 (v1, v2: as stored) */
    uint64_t dim[HI5_MAX_RANK + 1]; /* chunked: the last is the element size */
    uint8_t flags, enc_w;      /* v4, v5 chunked */
    uint8_t index;             /* hi5_chunk_index */
    uint64_t single_size;
    uint32_t single_mask;
    uint8_t fa_page_bits;
    uint8_t ea_max_bits, ea_index_elements, ea_min_pointers, ea_min_elements,
        ea_page_bits;
    uint32_t bt2_node_size;
    uint8_t bt2_split, bt2_merge;
    uint32_t heap_index;       /* virtual */
};
HI5_INT void msg_layout_code(struct cur *c, struct msg_layout *m);

/* 0x0a group info */
struct msg_group_info {
    uint8_t flags;
    uint16_t max_compact, min_dense, est_entries, est_name; /* defaults if not stored */
};
HI5_INT void msg_group_info_code(struct cur *c, struct msg_group_info *m);

/* 0x0b filter pipeline: filters and their values go to the cursor's arena */
HI5_INT void msg_pline_code(struct cur *c, struct pipeline *p);

/* 0x0c attribute: the parts as bytes; type and space may be shared-message bodies */
struct msg_attr {
    uint8_t version, flags;    /* flags: 1 type shared, 2 space shared */
    uint8_t charset;
    uint16_t name_len;         /* with its NUL */
    uint16_t type_len, space_len;
    const char *name;
    const uint8_t *type, *space;
    uint64_t type_addr, space_addr; /* in the file */
    const uint8_t *data;       /* all the rest of the message */
    size_t data_len;
    uint64_t data_addr;
};
HI5_INT void msg_attr_code(struct cur *c, struct msg_attr *m);

/* 0x0d comment */
HI5_INT void msg_comment_code(struct cur *c, const char **s);

/* 0x0e, 0x12 modification time: seconds since 1970 */
HI5_INT void msg_mtime_old_code(struct cur *c, int64_t *t);
HI5_INT void msg_mtime_code(struct cur *c, int64_t *t);

/* 0x0f shared message table (superblock extension) */
struct msg_sohm {
    uint64_t addr;
    uint8_t nindexes;
};
HI5_INT void msg_sohm_code(struct cur *c, struct msg_sohm *m);

/* 0x10 continuation */
struct msg_cont {
    uint64_t addr, size;
};
HI5_INT void msg_cont_code(struct cur *c, struct msg_cont *m);

/* 0x11 symbol table */
struct msg_stab {
    uint64_t btree, heap;
};
HI5_INT void msg_stab_code(struct cur *c, struct msg_stab *m);

/* 0x13 B-tree K values (superblock extension) */
struct msg_btree_k {
    uint16_t chunk, group_internal, group_leaf;
};
HI5_INT void msg_btree_k_code(struct cur *c, struct msg_btree_k *m);

/* 0x14 driver info (superblock extension) */
struct msg_driver {
    char name[9];
    uint16_t len;
    const uint8_t *data;
};
HI5_INT void msg_driver_code(struct cur *c, struct msg_driver *m);

/* 0x15 attribute info */
struct msg_attr_info {
    uint8_t flags;             /* 1 order tracked, 2 indexed */
    uint16_t max_order;
    uint64_t fheap, name_bt2, order_bt2;
};
HI5_INT void msg_attr_info_code(struct cur *c, struct msg_attr_info *m);

/* 0x16 reference count */
HI5_INT void msg_refcount_code(struct cur *c, uint32_t *count);

/* 0x17 file space info (superblock extension) */
struct msg_fsinfo {
    uint8_t version, strategy; /* strategy as in version 1: 0 to 3 */
    uint8_t persist;
    uint64_t threshold, page_size;
    uint16_t page_end_threshold;
    uint64_t eoa;
    uint64_t manager[12];      /* free-space managers; ADDR_NONE: none */
};
HI5_INT void msg_fsinfo_code(struct cur *c, struct msg_fsinfo *m);

/* 0x18 metadata cache image (superblock extension) */
struct msg_mdci {
    uint64_t addr, size;
};
HI5_INT void msg_mdci_code(struct cur *c, struct msg_mdci *m);

/* The body of a shared message */
struct msg_shared {
    uint8_t version, type;     /* version 3, type 1: in the SOHM heap */
    bool in_heap;
    uint64_t addr;             /* of the committed object's header */
    uint8_t heap_id[8];
};
HI5_INT void msg_shared_code(struct cur *c, struct msg_shared *m);

#endif
