/*
 * msg_fsinfo.c - the file space info message                       [FMT IV.A.2.x]
 *
 * In the superblock extension: how free space is found and whether it is remembered.
 * Version 1 came with 1.10. Test releases before it wrote version 0, first in a form of
 * its own, later in that of version 1; only the length tells the two apart.
 */
#include "format/messages.h"

static const char fsinfo_name[] = "file space info message";

#define FSINFO_OLD_MANAGERS 6u
#define FSINFO_MANAGERS 12u

static void
fsinfo_managers_code(struct cur *c, struct msg_fsinfo *m, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        cur_addr(c, "free-space manager", &m->manager[i]);
}

/*
 * Version 0                                                        [FMT IV.A.2.x]
 *
 *   size  field
 *      1  strategy         1 all, remembered; 2 all; 3 aggregators; 4 none
 *      L  threshold        least size of free space that is remembered
 *    6*O  managers         strategy 1
 */
static void
fsinfo_old_code(struct cur *c, struct msg_fsinfo *m)
{
    static const uint8_t today[] = {0, 0, 0, 2, 3};
    uint8_t strategy = 0;

    cur_read_only(c);
    cur_u8(c, "strategy", &strategy);
    cur_require(c, strategy >= 1 && strategy <= 4, "strategy", "not 1 to 4");
    if (!cur_ok(c))
        return;
    m->strategy = today[strategy];
    m->persist = strategy == 1;
    cur_len(c, "threshold", &m->threshold);
    if (m->persist)
        fsinfo_managers_code(c, m, FSINFO_OLD_MANAGERS);
}

/* Is a version-0 message with `n` bytes behind the version byte laid out like
 * version 1? Both forms may be padded to a multiple of 8, as version-1 headers do. */
static bool
fsinfo_like_new(const struct cur *c, size_t n)
{
    const size_t old = 1u + c->len_w + FSINFO_OLD_MANAGERS * c->off_w;
    const size_t old_padded = (1 + old + 7) / 8 * 8 - 1;
    const size_t least = 2 + 2u * c->len_w + 2 + c->off_w;

    return n >= least && n != old && n != old_padded;
}

/*
 * Version 1                                                        [FMT IV.A.2.x]
 *
 *   size  field
 *      1  strategy              0 free lists and aggregators, 1 pages, 2 aggregators,
 *                               3 none
 *      1  persist               free space is remembered in the file
 *      L  threshold             least size of free space that is
 *      L  page size
 *      2  page end threshold
 *      O  end of allocation     when the managers were written
 *   12*O  managers              persist
 */
static void
fsinfo_new_code(struct cur *c, struct msg_fsinfo *m)
{
    cur_u8(c, "strategy", &m->strategy);
    cur_expect(c, m->strategy <= 3, "strategy", "not 0 to 3");
    cur_u8(c, "persist", &m->persist);
    cur_expect(c, m->persist <= 1, "persist", "neither 0 nor 1");
    cur_len(c, "threshold", &m->threshold);
    cur_len(c, "page size", &m->page_size);
    cur_expect(c, m->page_size >= 512 && m->page_size <= (uint64_t)1 << 30, "page size",
               "not 512 to 2^30");
    cur_u16(c, "page end threshold", &m->page_end_threshold);
    cur_addr(c, "end of allocation", &m->eoa);
    if (m->persist)
        fsinfo_managers_code(c, m, FSINFO_MANAGERS);
}

HI5_INT void
msg_fsinfo_code(struct cur *c, struct msg_fsinfo *m)
{
    cur_begin(c, fsinfo_name, "IV.A.2.x");
    if (cur_reading(c)) {
        *m = (struct msg_fsinfo){.page_size = 4096, .eoa = ADDR_NONE};
        for (unsigned i = 0; i < FSINFO_MANAGERS; i++)
            m->manager[i] = ADDR_NONE;
    }
    msg_version_code(c, &m->version, 0, 1);
    if (!cur_ok(c))
        return;
    if (m->version == 0 && (!cur_reading(c) || !fsinfo_like_new(c, cur_left(c))))
        fsinfo_old_code(c, m);
    else
        fsinfo_new_code(c, m);
}
