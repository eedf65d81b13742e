/*
 * msg_fill.c - the fill value messages                        [FMT IV.A.2.e, IV.A.2.f]
 *
 * What unwritten elements of a dataset read as, and when space is allocated and
 * filled. The old message 0x04 has the value alone; writers for old readers store both.
 */
#include "format/messages.h"

static const char fill_name[] = "fill value message";

enum fill_flag {
    FILL_F_UNDEFINED = 0x10,
    FILL_F_HAS_VALUE = 0x20,
    FILL_F_KNOWN = 0x3f
};

static void
fill_value_code(struct cur *c, struct msg_fill *m)
{
    cur_u32(c, "size", &m->size);
    cur_view(c, "value", &m->value, m->size);
    if (cur_reading(c) && m->size == 0)
        m->value = NULL;
}

/*
 * Old fill value message                                           [FMT IV.A.2.e]
 *
 *   size  field
 *      4  size      0: undefined, as libhdf5 has it
 *      n  value     in the datatype of the dataset
 */
HI5_INT void
msg_fill_old_code(struct cur *c, struct msg_fill *m)
{
    cur_begin(c, "old fill value message", "IV.A.2.e");
    if (cur_reading(c))
        *m = (struct msg_fill){.alloc_time = 2, .write_time = 2};
    fill_value_code(c, m);
    if (cur_reading(c))
        m->status = m->size != 0 ? HI5_FILL_USER : HI5_FILL_UNDEFINED;
}

/*
 * Versions 1 and 2                                                 [FMT IV.A.2.f]
 *
 *   size  field
 *      1  allocation    1 early, 2 late, 3 incremental
 *      1  writing       0 at allocation, 1 never, 2 if set by the user
 *      1  defined
 *      4  size          version 2: only if defined; 0 default; -1 undefined
 *      n  value
 *
 * Version 1 has a size even when there is no value to say the size of.
 */
static void
fill_old_forms_code(struct cur *c, struct msg_fill *m)
{
    uint8_t defined = m->status != HI5_FILL_UNDEFINED;

    if (m->version == 1)
        cur_read_only(c);
    cur_u8(c, "allocation time", &m->alloc_time);
    cur_u8(c, "write time", &m->write_time);
    cur_u8(c, "defined", &defined);
    if (defined == 0) {
        if (cur_reading(c) && m->version == 1 && cur_left(c) >= 4)
            cur_skip(c, "size", 4);
        return;
    }
    if (cur_reading(c) && cur_left(c) >= 4 &&
        cur_raw_uint(c->in + c->pos, 4) > INT32_MAX) {
        cur_skip(c, "size", 4);
        return;
    }
    fill_value_code(c, m);
    if (cur_reading(c) && cur_ok(c))
        m->status = m->size != 0 ? HI5_FILL_USER : HI5_FILL_DEFAULT;
}

/*
 * Version 3                                                        [FMT IV.A.2.f]
 *
 *   size  field
 *      1  flags     0-1 allocation, 2-3 writing, 4 undefined, 5 a value follows
 *      4  size      flag 0x20
 *      n  value     flag 0x20
 */
static void
fill_new_form_code(struct cur *c, struct msg_fill *m)
{
    uint8_t flags = (uint8_t)((m->alloc_time & 3u) | (m->write_time & 3u) << 2);

    if (m->status == HI5_FILL_UNDEFINED)
        flags |= FILL_F_UNDEFINED;
    if (m->status == HI5_FILL_USER)
        flags |= FILL_F_HAS_VALUE;
    cur_u8(c, "flags", &flags);
    cur_require(c, (flags & ~FILL_F_KNOWN) == 0, "flags", "unknown flags");
    cur_require(c, !(flags & FILL_F_UNDEFINED) || !(flags & FILL_F_HAS_VALUE), "flags",
                "a value, and undefined");
    m->alloc_time = flags & 3;
    m->write_time = flags >> 2 & 3;
    m->status = flags & FILL_F_UNDEFINED   ? HI5_FILL_UNDEFINED
                : flags & FILL_F_HAS_VALUE ? HI5_FILL_USER
                                           : HI5_FILL_DEFAULT;
    if (flags & FILL_F_HAS_VALUE)
        fill_value_code(c, m);
}

/*
 * Fill value message                                               [FMT IV.A.2.f]
 *
 *   size  field
 *      1  version   1 to 3
 *      ?  the rest  see above
 */
HI5_INT void
msg_fill_code(struct cur *c, struct msg_fill *m)
{
    cur_begin(c, fill_name, "IV.A.2.f");
    if (cur_reading(c))
        *m = (struct msg_fill){0};
    msg_version_code(c, &m->version, 1, 3);
    if (!cur_ok(c))
        return;
    if (m->version < 3)
        fill_old_forms_code(c, m);
    else
        fill_new_form_code(c, m);
    cur_expect(c, m->alloc_time >= 1 && m->alloc_time <= 3, "allocation time",
               "not 1 to 3");
    cur_expect(c, m->write_time <= 2, "write time", "not 0 to 2");
}
