/*
 * msg_misc.c - the small messages                                  [FMT IV.A.2]
 *
 * Those that are a few fields long and stand in no larger context: what is known of all
 * messages, the links to other structures of the file, times, counts, and what the
 * superblock extension holds.
 */
#include "base/ckd.h"
#include "format/messages.h"
#include <string.h>

HI5_INT const char *
msg_name(unsigned id)
{
    static const char *const names[MSG_KNOWN] = {
        "NIL",
        "dataspace",
        "link info",
        "datatype",
        "old fill value",
        "fill value",
        "link",
        "external file list",
        "data layout",
        "bogus",
        "group info",
        "filter pipeline",
        "attribute",
        "comment",
        "old modification time",
        "shared message table",
        "continuation",
        "symbol table",
        "modification time",
        "B-tree K values",
        "driver info",
        "attribute info",
        "reference count",
        "file space info",
        "metadata cache image",
    };

    return id < MSG_KNOWN ? names[id] : "unknown";
}

HI5_INT bool
msg_sharable(unsigned id)
{
    return id == MSG_SPACE || id == MSG_TYPE || id == MSG_FILL_OLD || id == MSG_FILL ||
           id == MSG_PLINE || id == MSG_ATTR;
}

HI5_INT void
msg_version_code(struct cur *c, uint8_t *v, unsigned low, unsigned high)
{
    cur_u8(c, "version", v);
    if (cur_ok(c) && *v > high)
        cur_fail(c, HI5_E_UNSUPPORTED, "version", "%u is newer than %u, the last known",
                 *v, high);
    if (cur_ok(c) && *v < low)
        cur_fail(c, HI5_E_CORRUPT, "version", "there is no version %u", *v);
}

/* The version of messages that have only one. */
static void
msg_only_version(struct cur *c, unsigned version)
{
    uint8_t v = (uint8_t)version;

    msg_version_code(c, &v, version, version);
}

/*
 * Link info message                                                [FMT IV.A.2.c]
 *
 *   size  field
 *      1  version          0
 *      1  flags            1 creation order tracked, 2 and indexed
 *      8  next order       flag 1: what the next link gets
 *      O  fractal heap     of links; undefined: links are messages
 *      O  name index       version-2 B-tree
 *      O  order index      flag 2: version-2 B-tree
 */
HI5_INT void
msg_link_info_code(struct cur *c, struct msg_link_info *m)
{
    cur_begin(c, "link info message", "IV.A.2.c");
    if (cur_reading(c))
        *m = (struct msg_link_info){.order_bt2 = ADDR_NONE};
    msg_only_version(c, 0);
    cur_u8(c, "flags", &m->flags);
    cur_require(c, m->flags <= 3, "flags", "unknown flags");
    cur_expect(c, m->flags != 2, "flags", "an index of an order that is not tracked");
    if (m->flags & 1) {
        cur_u64(c, "next order", &m->max_order);
        cur_require(c, m->max_order <= INT64_MAX, "next order", "it is negative");
    }
    cur_addr(c, "fractal heap", &m->fheap);
    cur_addr(c, "name index", &m->name_bt2);
    cur_expect(c, (m->fheap == ADDR_NONE) == (m->name_bt2 == ADDR_NONE), "name index",
               "heap and index do not go together");
    if (m->flags & 2)
        cur_addr(c, "order index", &m->order_bt2);
}

/*
 * Group info message                                               [FMT IV.A.2.k]
 *
 *   size  field
 *      1  version           0
 *      1  flags             1 phase change, 2 estimates are stored
 *      2  most compact      flag 1; links
 *      2  least dense       flag 1
 *      2  estimated links   flag 2
 *      2  estimated name    flag 2; bytes
 */
HI5_INT void
msg_group_info_code(struct cur *c, struct msg_group_info *m)
{
    cur_begin(c, "group info message", "IV.A.2.k");
    if (cur_reading(c))
        *m = (struct msg_group_info){
            .max_compact = 8, .min_dense = 6, .est_entries = 4, .est_name = 8};
    msg_only_version(c, 0);
    cur_u8(c, "flags", &m->flags);
    cur_require(c, m->flags <= 3, "flags", "unknown flags");
    if (m->flags & 1) {
        cur_u16(c, "most compact links", &m->max_compact);
        cur_u16(c, "least dense links", &m->min_dense);
        cur_expect(c, m->max_compact >= m->min_dense, "least dense links",
                   "more than the most compact ones");
    }
    if (m->flags & 2) {
        cur_u16(c, "estimated links", &m->est_entries);
        cur_u16(c, "estimated name length", &m->est_name);
    }
}

/*
 * External file list message                                       [FMT IV.A.2.h]
 *
 *   size  field
 *      1  version          1
 *      3  reserved
 *      2  slots allocated
 *      2  slots used
 *      O  local heap       holds the names
 *         slots            each: L name offset, L offset in the file, L size
 *
 * Slots that are allocated but not used may be missing at the end.
 */
HI5_INT void
msg_efl_code(struct cur *c, struct msg_efl *m)
{
    size_t unused;

    cur_begin(c, "external file list message", "IV.A.2.h");
    msg_only_version(c, 1);
    cur_reserved(c, 3);
    cur_u16(c, "slots allocated", &m->nalloc);
    cur_u16(c, "slots used", &m->nused);
    cur_require(c, m->nused <= m->nalloc, "slots used", "more than are allocated");
    cur_expect(c, m->nused != 0, "slots used", "there are none");
    cur_addr(c, "local heap", &m->heap);
    cur_require(c, m->heap != ADDR_NONE, "local heap", "its address is undefined");
    cur_need(c, "slots used", m->nused, 3 * (size_t)c->len_w);
    if (cur_reading(c))
        m->slot = cur_alloc(c, m->nused, sizeof *m->slot);
    for (unsigned i = 0; i < m->nused && cur_ok(c); i++) {
        cur_len(c, "name offset", &m->slot[i].name_off);
        cur_len(c, "offset", &m->slot[i].offset);
        cur_len(c, "size", &m->slot[i].size);
        cur_expect(c, i + 1u == m->nused || m->slot[i].size != UINT64_MAX, "size",
                   "unlimited before the last slot");
    }
    unused = 3 * (size_t)c->len_w * (size_t)(m->nalloc - m->nused);
    if (cur_ok(c) && (!cur_reading(c) || unused <= cur_left(c)))
        cur_skip(c, "unused slots", unused);
}

/*
 * Comment message                                                  [FMT IV.A.2.n]
 *
 *   size  field
 *      n  text      NUL-terminated; the end of the message will do
 */
HI5_INT void
msg_comment_code(struct cur *c, const char **s)
{
    const uint8_t *p = NULL;
    const size_t n = cur_left(c);

    cur_begin(c, "comment message", "IV.A.2.n");
    if (!cur_reading(c) || !cur_ok(c) || memchr(c->in + c->pos, 0, n) != NULL) {
        cur_cstr(c, "text", s);
        return;
    }
    cur_view(c, "text", &p, n);
    cur_expect(c, false, "text", "it has no terminating NUL");
    *s = c->arena != NULL && p != NULL ? arena_str(c->arena, p, n) : NULL;
    if (*s == NULL)
        cur_fail(c, HI5_E_NOMEM, "text", "no memory");
}

/* Days since 1970 of the first of a month of the Gregorian calendar, and back; months
 * are counted from 0 here. A year begins in March, so that leap days come last. */
static int64_t
mtime_days(int64_t year, int64_t month)
{
    const int64_t m = (month + 10) % 12, y = year - (m >= 10);
    const int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 -
           719468;
}

/* Fourteen digits, YYYYMMDDhhmmss, to and from seconds since 1970. */
static int64_t
mtime_from_digits(const uint8_t d[14])
{
    int64_t f[7], year;

    for (size_t i = 0; i < 7; i++)
        f[i] = 10 * (d[2 * i] - '0') + (d[2 * i + 1] - '0');
    year = 100 * f[0] + f[1];
    /* Months and days out of range carry over, as mktime has it. */
    return (mtime_days(year + (f[2] + 11) / 12 - 1, (f[2] + 11) % 12) + f[3] - 1) *
               86400 +
           f[4] * 3600 + f[5] * 60 + f[6];
}

static void
mtime_to_digits(int64_t t, uint8_t d[14])
{
    const int64_t days = (t >= 0 ? t : t - 86399) / 86400, rest = t - days * 86400;
    int64_t year = 1970 + days / 366, month = 0, f[7];

    while (mtime_days(year + 1, 0) <= days)
        year++;
    while (month < 11 && mtime_days(year, month + 1) <= days)
        month++;
    f[0] = year / 100;
    f[1] = year % 100;
    f[2] = month + 1;
    f[3] = days - mtime_days(year, month) + 1;
    f[4] = rest / 3600;
    f[5] = rest / 60 % 60;
    f[6] = rest % 60;
    for (size_t i = 0; i < 7; i++) {
        d[2 * i] = (uint8_t)('0' + f[i] / 10);
        d[2 * i + 1] = (uint8_t)('0' + f[i] % 10);
    }
}

/*
 * Old modification time message                                    [FMT IV.A.2.o]
 *
 *   size  field
 *     14  digits      YYYYMMDDhhmmss, UTC
 *      2  reserved
 */
HI5_INT void
msg_mtime_old_code(struct cur *c, int64_t *t)
{
    uint8_t d[14] = {0};

    cur_begin(c, "old modification time message", "IV.A.2.o");
    if (!cur_reading(c)) {
        cur_require(c, *t >= 0 && *t < mtime_days(10000, 0) * 86400, "digits",
                    "before 1970, or after 9999");
        if (cur_ok(c))
            mtime_to_digits(*t, d);
    }
    cur_bytes(c, "digits", d, sizeof d);
    for (size_t i = 0; i < sizeof d; i++)
        cur_require(c, d[i] >= '0' && d[i] <= '9', "digits", "they are not digits");
    if (cur_reading(c))
        *t = cur_ok(c) ? mtime_from_digits(d) : 0;
    cur_reserved(c, 2);
}

/*
 * Modification time message                                        [FMT IV.A.2.s]
 *
 *   size  field
 *      1  version      1
 *      3  reserved
 *      4  seconds      since 1970, UTC
 */
HI5_INT void
msg_mtime_code(struct cur *c, int64_t *t)
{
    uint64_t seconds = cur_reading(c) ? 0 : (uint64_t)*t;

    cur_begin(c, "modification time message", "IV.A.2.s");
    msg_only_version(c, 1);
    cur_reserved(c, 3);
    cur_uint(c, "seconds", 4, &seconds);
    *t = (int64_t)seconds;
}

/*
 * Shared message table message                                     [FMT IV.A.2.p]
 *
 *   size  field
 *      1  version      0
 *      O  address      of the table
 *      1  indexes      1 to 8
 */
HI5_INT void
msg_sohm_code(struct cur *c, struct msg_sohm *m)
{
    cur_begin(c, "shared message table message", "IV.A.2.p");
    msg_only_version(c, 0);
    cur_addr(c, "address", &m->addr);
    cur_require(c, m->addr != ADDR_NONE, "address", "it is undefined");
    cur_u8(c, "indexes", &m->nindexes);
    cur_require(c, m->nindexes >= 1 && m->nindexes <= 8, "indexes", "not 1 to 8");
}

/*
 * Continuation message                                             [FMT IV.A.2.q]
 *
 *   size  field
 *      O  address      of the chunk
 *      L  size         version 2: signature and checksum included
 */
HI5_INT void
msg_cont_code(struct cur *c, struct msg_cont *m)
{
    cur_begin(c, "continuation message", "IV.A.2.q");
    cur_addr(c, "address", &m->addr);
    cur_len(c, "size", &m->size);
}

/*
 * Symbol table message                                             [FMT IV.A.2.r]
 *
 *   size  field
 *      O  B-tree       of the group's links, version 1
 *      O  local heap   of their names
 */
HI5_INT void
msg_stab_code(struct cur *c, struct msg_stab *m)
{
    cur_begin(c, "symbol table message", "IV.A.2.r");
    cur_addr(c, "B-tree", &m->btree);
    cur_addr(c, "local heap", &m->heap);
}

/*
 * B-tree K values message                                          [FMT IV.A.2.t]
 *
 *   size  field
 *      1  version           0
 *      2  chunk K           half of the entries of a node of chunks
 *      2  group internal K
 *      2  group leaf K
 */
HI5_INT void
msg_btree_k_code(struct cur *c, struct msg_btree_k *m)
{
    cur_begin(c, "B-tree K values message", "IV.A.2.t");
    msg_only_version(c, 0);
    cur_u16(c, "chunk K", &m->chunk);
    cur_require(c, m->chunk != 0, "chunk K", "it is zero");
    cur_u16(c, "group internal K", &m->group_internal);
    cur_require(c, m->group_internal != 0, "group internal K", "it is zero");
    cur_u16(c, "group leaf K", &m->group_leaf);
    cur_require(c, m->group_leaf != 0, "group leaf K", "it is zero");
}

/*
 * Driver info message                                              [FMT IV.A.2.u]
 *
 *   size  field
 *      1  version      0
 *      8  name         of the driver
 *      2  length
 *      n  data         the driver's own
 */
HI5_INT void
msg_driver_code(struct cur *c, struct msg_driver *m)
{
    cur_begin(c, "driver info message", "IV.A.2.u");
    msg_only_version(c, 0);
    cur_bytes(c, "name", m->name, 8);
    m->name[8] = '\0';
    cur_u16(c, "length", &m->len);
    cur_require(c, m->len != 0, "length", "it is zero");
    cur_view(c, "data", &m->data, m->len);
}

/*
 * Attribute info message                                           [FMT IV.A.2.v]
 *
 *   size  field
 *      1  version          0
 *      1  flags            1 creation order tracked, 2 and indexed
 *      2  next order       flag 1: what the next attribute gets
 *      O  fractal heap     of attributes; undefined: attributes are messages
 *      O  name index       version-2 B-tree
 *      O  order index      flag 2: version-2 B-tree
 */
HI5_INT void
msg_attr_info_code(struct cur *c, struct msg_attr_info *m)
{
    cur_begin(c, "attribute info message", "IV.A.2.v");
    if (cur_reading(c))
        *m = (struct msg_attr_info){.order_bt2 = ADDR_NONE};
    msg_only_version(c, 0);
    cur_u8(c, "flags", &m->flags);
    cur_require(c, m->flags <= 3, "flags", "unknown flags");
    cur_expect(c, m->flags != 2, "flags", "an index of an order that is not tracked");
    if (m->flags & 1)
        cur_u16(c, "next order", &m->max_order);
    cur_addr(c, "fractal heap", &m->fheap);
    cur_addr(c, "name index", &m->name_bt2);
    cur_expect(c, (m->fheap == ADDR_NONE) == (m->name_bt2 == ADDR_NONE), "name index",
               "heap and index do not go together");
    if (m->flags & 2)
        cur_addr(c, "order index", &m->order_bt2);
}

/*
 * Reference count message                                          [FMT IV.A.2.w]
 *
 *   size  field
 *      1  version      0
 *      4  count
 */
HI5_INT void
msg_refcount_code(struct cur *c, uint32_t *count)
{
    cur_begin(c, "reference count message", "IV.A.2.w");
    msg_only_version(c, 0);
    cur_u32(c, "count", count);
    cur_expect(c, *count >= 2, "count", "less than 2 needs no message");
}

/*
 * Metadata cache image message                                     [FMT IV.A.2.y]
 *
 *   size  field
 *      1  version      0
 *      O  address      of the image
 *      L  size
 */
HI5_INT void
msg_mdci_code(struct cur *c, struct msg_mdci *m)
{
    cur_begin(c, "metadata cache image message", "IV.A.2.y");
    msg_only_version(c, 0);
    cur_addr(c, "address", &m->addr);
    cur_len(c, "size", &m->size);
}
