/*
 * msg_link.c - the link message                                    [FMT IV.A.2.g]
 *
 * One link of a group of the new style: as a message in the group's header, or, in a
 * large group, the same bytes as an object of its fractal heap.
 */
#include "base/ckd.h"
#include "format/messages.h"
#include <string.h>

static const char link_name[] = "link message";

enum link_flag {
    LINK_F_NAME_WIDTH = 0x03, /* log2 of the width of the name's length */
    LINK_F_ORDER = 0x04,
    LINK_F_KIND = 0x08,
    LINK_F_CHARSET = 0x10,
    LINK_F_KNOWN = 0x1f
};

/* The least flags that say all there is to say. */
static uint8_t
link_flags(const struct msg_link *m)
{
    const unsigned w = ckd_enc_size(m->name_len);
    unsigned f = w == 1 ? 0 : w == 2 ? 1 : w <= 4 ? 2 : 3;

    if (m->has_order)
        f |= LINK_F_ORDER;
    if (m->kind != HI5_LINK_HARD || m->flags & LINK_F_KIND)
        f |= LINK_F_KIND;
    if (m->charset != HI5_ASCII || m->flags & LINK_F_CHARSET)
        f |= LINK_F_CHARSET;
    if ((m->flags & LINK_F_NAME_WIDTH) > (f & LINK_F_NAME_WIDTH))
        f = (f & ~(unsigned)LINK_F_NAME_WIDTH) | (m->flags & LINK_F_NAME_WIDTH);
    return (uint8_t)f;
}

/*
 * Value of an external link                                        [FMT IV.A.2.g]
 *
 *   size  field
 *      1  version and flags   high and low four bits; both 0
 *      n  file                NUL-terminated
 *      n  path                NUL-terminated; of the object in that file
 */
static void
link_check_external(struct cur *c, const struct msg_link *m)
{
    const uint8_t *v = m->value, *nul = NULL;
    const size_t n = m->value_len;

    if (!cur_ok(c) || c->op == CUR_SIZE)
        return;
    cur_require(c, n >= 3, "value", "too short for an external link");
    if (cur_ok(c)) {
        cur_expect(c, v[0] == 0, "value", "unknown version or flags");
        nul = memchr(v + 1, 0, n - 1);
    }
    cur_require(c, nul != NULL && memchr(nul + 1, 0, n - (size_t)(nul + 1 - v)) != NULL,
                "value", "the names of file and object are not terminated");
}

/* What the link leads to.
 *
 *   size  field
 *      O  address        hard: of an object header
 *      2  value length   others
 *      n  value          soft: a path, without NUL
 */
static void
link_target_code(struct cur *c, struct msg_link *m)
{
    if (m->kind == HI5_LINK_HARD) {
        cur_addr(c, "address", &m->address);
        return;
    }
    cur_u16(c, "value length", &m->value_len);
    cur_require(c, m->kind != HI5_LINK_SOFT || m->value_len != 0, "value length",
                "a soft link to nothing");
    cur_view(c, "value", &m->value, m->value_len);
    if (m->kind == HI5_LINK_EXTERNAL)
        link_check_external(c, m);
}

/*
 * Link message                                                     [FMT IV.A.2.g]
 *
 *   size    field
 *      1    version          1
 *      1    flags            0-1 width of the name length; 4 creation order, 8 kind,
 *                            0x10 character set are stored
 *      1    kind             0 hard (if not stored), 1 soft, 64 external, from 65 on
 *                            user-defined
 *      8    creation order
 *      1    character set    0 ASCII (if not stored), 1 UTF-8
 *  1 2 4 8  name length
 *      n    name             no NUL
 *      ?    target           see above
 */
HI5_INT void
msg_link_code(struct cur *c, struct msg_link *m)
{
    uint8_t version = 1;

    cur_begin(c, link_name, "IV.A.2.g");
    if (cur_reading(c))
        *m = (struct msg_link){.address = ADDR_NONE};
    else
        m->flags = link_flags(m);
    msg_version_code(c, &version, 1, 1);
    cur_u8(c, "flags", &m->flags);
    cur_require(c, m->flags <= LINK_F_KNOWN, "flags", "unknown flags");
    if (m->flags & LINK_F_KIND)
        cur_u8(c, "kind", &m->kind);
    cur_require(c, m->kind <= HI5_LINK_SOFT || m->kind >= HI5_LINK_EXTERNAL, "kind",
                "a reserved kind of link");
    m->has_order = (m->flags & LINK_F_ORDER) != 0;
    if (m->has_order)
        cur_u64(c, "creation order", &m->order);
    if (m->flags & LINK_F_CHARSET)
        cur_u8(c, "character set", &m->charset);
    cur_expect(c, m->charset <= HI5_UTF8, "character set", "neither ASCII nor UTF-8");
    cur_uint(c, "name length", 1u << (m->flags & LINK_F_NAME_WIDTH), &m->name_len);
    cur_require(c, m->name_len != 0, "name length", "the name is empty");
    cur_need(c, "name length", m->name_len, 1);
    cur_view(c, "name", &m->name, cur_ok(c) ? (size_t)m->name_len : 0);
    link_target_code(c, m);
}
