/*
 * msg_attr.c - the attribute message                               [FMT IV.A.2.m]
 *
 * A small dataset attached to an object: as a message in its header, or, with many or
 * large attributes, the same bytes as an object of its fractal heap. Datatype and
 * dataspace are messages inside the message, or pointers to shared ones; they are left
 * as bytes here, to be resolved by who knows the file.
 */
#include "format/messages.h"
#include <string.h>

static const char attr_name[] = "attribute message";

enum attr_flag { ATTR_F_TYPE_SHARED = 0x01, ATTR_F_SPACE_SHARED = 0x02 };

static uint64_t
attr_here(const struct cur *c)
{
    return c->addr == ADDR_NONE ? ADDR_NONE : c->addr + c->pos;
}

/* A part of version 1 is padded to a multiple of 8. */
static void
attr_pad(struct cur *c, const struct msg_attr *m, size_t n)
{
    if (m->version == 1 && n % 8 != 0)
        cur_skip(c, "padding", 8 - n % 8);
}

static void
attr_name_code(struct cur *c, struct msg_attr *m)
{
    const uint8_t *p = (const uint8_t *)m->name, *nul;

    if (!cur_reading(c))
        cur_require(c, m->name_len == strlen(m->name) + 1, "name length",
                    "not the length of the name and its NUL");
    cur_view(c, "name", &p, m->name_len);
    if (cur_reading(c)) {
        nul = cur_ok(c) && m->name_len != 0 ? memchr(p, 0, m->name_len) : NULL;
        cur_require(c, nul != NULL, "name", "it has no terminating NUL");
        m->name = cur_ok(c) ? (const char *)p : "";
        cur_expect(c, nul == NULL || nul - p + 1 == m->name_len, "name length",
                   "the name ends before it");
        cur_expect(c, m->name_len != 1, "name length", "the name is empty");
    }
    attr_pad(c, m, m->name_len);
}

/*
 * Attribute message                                                [FMT IV.A.2.m]
 *
 *   size  field
 *      1  version            1 to 3
 *      1  flags              version 1: reserved; 1 datatype shared, 2 dataspace shared
 *      2  name length        with its NUL
 *      2  datatype length
 *      2  dataspace length
 *      1  character set      version 3: of the name
 *      n  name               version 1 pads name, datatype and dataspace to 8 bytes
 *      n  datatype           a datatype message, or a shared message
 *      n  dataspace          a dataspace message, or a shared message
 *      n  data               all the rest
 */
HI5_INT void
msg_attr_code(struct cur *c, struct msg_attr *m)
{
    cur_begin(c, attr_name, "IV.A.2.m");
    if (cur_reading(c))
        *m = (struct msg_attr){.name = ""};
    msg_version_code(c, &m->version, 1, 3);
    if (m->version == 1) {
        cur_require(c, m->flags == 0, "flags",
                    "version 1 cannot point at shared parts");
        cur_reserved(c, 1);
    } else {
        cur_u8(c, "flags", &m->flags);
        cur_expect(c, m->flags <= (ATTR_F_TYPE_SHARED | ATTR_F_SPACE_SHARED), "flags",
                   "unknown flags");
    }
    cur_u16(c, "name length", &m->name_len);
    cur_u16(c, "datatype length", &m->type_len);
    cur_u16(c, "dataspace length", &m->space_len);
    if (m->version == 3) {
        cur_u8(c, "character set", &m->charset);
        cur_expect(c, m->charset <= HI5_UTF8, "character set",
                   "neither ASCII nor UTF-8");
    }
    attr_name_code(c, m);
    m->type_addr = attr_here(c);
    cur_view(c, "datatype", &m->type, m->type_len);
    attr_pad(c, m, m->type_len);
    m->space_addr = attr_here(c);
    cur_view(c, "dataspace", &m->space, m->space_len);
    attr_pad(c, m, m->space_len);
    m->data_addr = attr_here(c);
    if (cur_reading(c))
        m->data_len = cur_left(c);
    cur_view(c, "data", &m->data, m->data_len);
}
