/*
 * annotate_object.c - object headers and their messages, field by field [FMT IV.A]
 */
#include "base/err.h"
#include "file/annotate.h"

/* The messages that stand alone. */
static void
anobj_other(struct annotate *a, struct cur *c, unsigned type)
{
    union {
        struct msg_link_info link_info;
        struct msg_group_info group;
        struct msg_link link;
        struct msg_stab stab;
        struct msg_attr_info attr_info;
        struct msg_sohm sohm;
        struct msg_btree_k btree_k;
        struct msg_driver driver;
        struct msg_fsinfo fsinfo;
        struct msg_mdci mdci;
        const char *text;
        int64_t time;
    } m;

    (void)a;
    switch (type) {
    case MSG_LINK_INFO:
        msg_link_info_code(c, &m.link_info);
        break;
    case MSG_GROUP_INFO:
        msg_group_info_code(c, &m.group);
        break;
    case MSG_LINK:
        msg_link_code(c, &m.link);
        break;
    case MSG_STAB:
        msg_stab_code(c, &m.stab);
        break;
    case MSG_ATTR_INFO:
        msg_attr_info_code(c, &m.attr_info);
        break;
    case MSG_COMMENT:
        msg_comment_code(c, &m.text);
        break;
    case MSG_MTIME_OLD:
        msg_mtime_old_code(c, &m.time);
        break;
    case MSG_MTIME:
        msg_mtime_code(c, &m.time);
        break;
    case MSG_SOHM:
        msg_sohm_code(c, &m.sohm);
        break;
    case MSG_BTREE_K:
        msg_btree_k_code(c, &m.btree_k);
        break;
    case MSG_DRIVER:
        msg_driver_code(c, &m.driver);
        break;
    case MSG_FSINFO:
        msg_fsinfo_code(c, &m.fsinfo);
        break;
    case MSG_MDCI:
        msg_mdci_code(c, &m.mdci);
        break;
    default: /* nothing in it, or decoded with the header */
        if (type == MSG_CONT || type == MSG_REFCOUNT)
            break;
        cur_begin(c, msg_name(type), "IV.A.2");
        cur_skip(c, "content", cur_left(c));
        break;
    }
}

static void
anobj_type(struct annotate *a, bool is_shared, const uint8_t *body, size_t n,
           uint64_t addr)
{
    const hi5_type *t;
    hi5_error err = {0};
    const size_t before = a->n;

    if (object_decode_type(a->file, is_shared, body, n, addr, &a->arena, &t, &err) !=
            HI5_OK &&
        a->n == before)
        annot_note_bad(a, addr, &err);
}

/* An attribute, and the two messages in it. */
static void
anobj_attribute(struct annotate *a, struct cur *c)
{
    struct msg_attr m;
    struct ohdr_msg where = {.type = MSG_SPACE};
    struct msg_space space;
    struct cur s;
    hi5_error err = {0};

    msg_attr_code(c, &m);
    if (m.type != NULL)
        anobj_type(a, (m.flags & 1) != 0, m.type, m.type_len, m.type_addr);
    if (m.space == NULL)
        return;
    where.flags = m.flags & 2 ? MSG_F_SHARED : 0;
    where.body = m.space;
    where.size = m.space_len;
    where.addr = m.space_addr;
    if (object_message(a->file, &where, &a->arena, &s, NULL, &err) == HI5_OK)
        msg_space_code(&s, &space);
}

static void
anobj_dataset(struct annotate *a, struct cur *c, unsigned type)
{
    struct msg_space space;
    struct msg_fill fill;
    struct msg_efl efl;
    struct msg_layout layout;
    struct pipeline pline;

    switch (type) {
    case MSG_SPACE:
        msg_space_code(c, &space);
        break;
    case MSG_FILL_OLD:
        msg_fill_old_code(c, &fill);
        break;
    case MSG_FILL:
        msg_fill_code(c, &fill);
        break;
    case MSG_EFL:
        msg_efl_code(c, &efl);
        break;
    case MSG_LAYOUT:
        msg_layout_code(c, &layout);
        break;
    case MSG_PLINE:
        msg_pline_code(c, &pline);
        break;
    case MSG_ATTR:
        anobj_attribute(a, c);
        break;
    default:
        anobj_other(a, c, type);
        break;
    }
}

static void
anobj_message(struct annotate *a, const struct ohdr_msg *m)
{
    hi5_error err = {0};
    struct cur c;

    if (m->type == MSG_TYPE) {
        anobj_type(a, (m->flags & MSG_F_SHARED) != 0, m->body, m->size, m->addr);
        return;
    }
    if (object_message(a->file, m, &a->arena, &c, NULL, &err) != HI5_OK)
        annot_note_bad(a, m->addr, &err);
    else
        anobj_dataset(a, &c, m->type);
    if (err.status == HI5_OK && cur_ok(&c) && c.pos != 0 && cur_left(&c) != 0)
        cur_skip(&c, "padding", cur_left(&c));
}

HI5_INT void
annot_object(struct annotate *a, uint64_t addr)
{
    struct ohdr *h;
    hi5_error err = {0};
    const hi5_status s = ohdr_read_some(a->meta, addr, &a->arena, &h, &err);

    if (s != HI5_OK && a->n == 0)
        annot_note_bad(a, addr, &err);
    if (h == NULL || h->nchunks == 0) {
        annot_note_range(a, addr, a->seen > addr ? a->seen : addr);
        return;
    }
    for (size_t i = 0; i < h->nchunks; i++)
        annot_note_range(a, h->chunk[i].addr, h->chunk[i].addr + h->chunk[i].size);
    for (size_t i = 0; i < h->nmsgs && a->broken == HI5_OK; i++)
        anobj_message(a, &h->msg[i]);
}
