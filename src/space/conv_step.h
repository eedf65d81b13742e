/*
 * conv_step.h - the parts of a conversion path
 *
 * A path is a tree of steps: one for each pair of types that must be converted on its
 * own. A step converts `n` elements that lie ss and ds bytes apart, so that a compound
 * can run each of its members over many elements at once.
 */
#ifndef HI5_CONV_STEP_H
#define HI5_CONV_STEP_H

#include "base/cur.h"
#include "space/conv_kernel.h"
#include "space/conv_num.h"
#include "space/convert.h"

struct conv_step;

/* Where elements come from and go to. */
struct conv_io {
    const uint8_t *src;
    size_t ss;
    uint8_t *dst;
    size_t ds;
    size_t n;
};
typedef hi5_status (*conv_step_fn)(const struct conv_step *s, const struct conv_io *io,
                                   hi5_error *err);

/* A member of a compound, or a run of them that is just copied. */
struct conv_part {
    size_t src_off, dst_off;
    const struct conv_step *step;
};

/* Bytes of a compound that no member covers. */
struct conv_gap {
    size_t off, n;
};

/* Numbers of C's types: loops that packed elements go through, one after the other. */
struct conv_path {
    unsigned n;
    bool odd; /* first, integers that C has not are brought into 8 bytes */
    kernel_fn kernel[4];
};

struct conv_step {
    conv_step_fn run;
    const hi5_type *src, *dst; /* NULL for a run of members */
    const struct conv_env *env;
    size_t src_size, dst_size;
    bool copy; /* the same bytes */
    bool owns; /* gives variable-length data to the caller */

    struct conv_path path;         /* numbers */
    const struct conv_step *child; /* vlen, array, complex */
    size_t count;                  /* array, complex: elements in one */
    size_t parts, gaps;            /* compound */
    const struct conv_part *part;
    const struct conv_gap *gap;
    size_t names;               /* enum: members of src, ordered by their bytes */
    const uint8_t *key, *value; /* [names] of src_size, dst_size */
};

/* What building a path needs. */
struct conv_build {
    struct arena *arena;
    const struct conv_env *env;
    hi5_error *err;
};

static inline hi5_status
conv_step_run(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    return s->run(s, io, err);
}

/** HI5_E_TYPE, naming both types. @param why  may be NULL */
HI5_INT hi5_status conv_none(const struct conv_build *b, const hi5_type *src,
                             const hi5_type *dst, const char *why);

/** Ask the caller about an exception. `result` is what would be stored, of at most
 *  CONV_ASK_BYTES as is `value`; it may come back changed. */
#define CONV_ASK_BYTES 16u
HI5_INT hi5_status conv_ask(const struct conv_step *s, hi5_exception what,
                            const uint8_t *value, uint8_t *result, hi5_error *err);

/* conv_enum.c */
HI5_INT hi5_status conv_enum_build(struct conv_build *b, const hi5_type *src,
                                   const hi5_type *dst, struct conv_step *s);

/* conv_fast.c: choose s->run for types that conv_num_can() */
HI5_INT void conv_fast_choose(struct conv_step *s);
/** The same for types of which conv_fast_is_swap() is true. */
HI5_INT void conv_fast_choose_swap(struct conv_step *s);
/** Do only the byte orders differ, so that reversing each element converts? */
HI5_INT bool conv_fast_is_swap(const hi5_type *a, const hi5_type *b);
HI5_INT hi5_status conv_fast_copy(const struct conv_step *s, const struct conv_io *io,
                                  hi5_error *err);
/** Zero `size` bytes of each of `n` elements that lie ds bytes apart. */
HI5_INT void conv_fast_zero(uint8_t *dst, size_t ds, size_t size, size_t n);

/* conv_str.c */
HI5_INT hi5_status conv_str_fixed(const struct conv_step *s, const struct conv_io *io,
                                  hi5_error *err);
HI5_INT hi5_status conv_str_to_vlen(const struct conv_step *s, const struct conv_io *io,
                                    hi5_error *err);
HI5_INT hi5_status conv_str_from_vlen(const struct conv_step *s,
                                      const struct conv_io *io, hi5_error *err);
HI5_INT hi5_status conv_str_vlen(const struct conv_step *s, const struct conv_io *io,
                                 hi5_error *err);

/** The bytes of text in a fixed string. */
HI5_INT size_t conv_str_length(const hi5_type *t, const uint8_t *p);
/** Cut or pad `n` bytes of text to a fixed string. */
HI5_INT void conv_str_put(const hi5_type *t, const uint8_t *text, size_t n, uint8_t *dst);

/* conv_put.c: from memory forms to those of a file */
HI5_INT hi5_status conv_put_fixed(const struct conv_step *s, const struct conv_io *io,
                                  hi5_error *err);
HI5_INT hi5_status conv_put_text(const struct conv_step *s, const struct conv_io *io,
                                 hi5_error *err);
HI5_INT hi5_status conv_put_vlen(const struct conv_step *s, const struct conv_io *io,
                                 hi5_error *err);
HI5_INT hi5_status conv_put_ref(const struct conv_step *s, const struct conv_io *io,
                                hi5_error *err);

/* conv_vlen.c */
struct conv_slot {
    uint32_t length; /* in base elements; 0: nothing in the heap is looked at */
    uint64_t collection;
    uint32_t index;
    bool null; /* not even empty */
};
/** HI5_E_CORRUPT: there are base elements, but no place. */
HI5_INT hi5_status conv_vlen_astray(const struct conv_slot *slot, hi5_error *err);

/*
 * Variable-length element                                          [FMT IV.A.2.d]
 *
 *   size  field
 *      4  length               base elements; strings: bytes
 *      O  collection           address of a global heap collection
 *      4  index                of the object in it
 *
 * An empty element has length 0. Its address is 0 when it was never written, or written
 * from a null pointer; some writers put all-ones (VLEN-04, VLEN-17); the address of an
 * object of size 0 tells an empty string.
 */
static inline hi5_status
conv_vlen_slot(const struct conv_env *env, const uint8_t *p, struct conv_slot *slot,
               hi5_error *err)
{
    const uint64_t collection = cur_raw_addr(p + 4, env->off_w);

    slot->length = (uint32_t)cur_raw_uint(p, 4);
    slot->collection = collection;
    slot->index = (uint32_t)cur_raw_uint(p + 4 + env->off_w, 4);
    slot->null = collection == 0 || collection == ADDR_NONE;
    if (slot->null && slot->length != 0) /* VLEN-05 */
        return conv_vlen_astray(slot, err);
    return HI5_OK;
}

/** HI5_E_CORRUPT: the object of `n` bytes in the heap is too short for `slot`. */
HI5_INT hi5_status conv_vlen_short(const struct conv_slot *slot, size_t each, uint64_t n,
                                   hi5_error *err);

/* What a run over many elements keeps from one to the next. Start from
 * conv_heap_start(env), and end with conv_heap_end. */
struct conv_heap {
    const struct conv_env *env;
    void *held; /* a collection */
    struct mem_batch boxes;
};
HI5_INT struct conv_heap conv_heap_start(const struct conv_env *env);
HI5_INT void conv_heap_end(struct conv_heap *h);
/** The bytes of an element, at least length * each, until the next call. length > 0. */
HI5_INT hi5_status conv_heap_bytes(struct conv_heap *h, const struct conv_slot *slot,
                                   size_t each, const uint8_t **bytes, hi5_error *err);
/** `n` bytes that the caller will own. */
HI5_INT hi5_status conv_heap_box(struct conv_heap *h, size_t n, void **p,
                                 hi5_error *err);
HI5_INT hi5_status conv_vlen_run(const struct conv_step *s, const struct conv_io *io,
                                 hi5_error *err);

/* conv_ref.c */
HI5_INT hi5_status conv_ref_run(const struct conv_step *s, const struct conv_io *io,
                                hi5_error *err);

#endif
