/*
 * driver.c - how a file is spread over several                     [FMT II.B]
 *
 * Superblocks of version 0 and 1 point at a driver information block; newer files have a
 * driver info message in the superblock extension, with the same payload.
 */
#include "format/superblock.h"
#include <string.h>

#define DRIVER_MOST 1024u /* the whole block */

/*
 * Driver Information Block                                         [FMT II.B]
 *
 *   size  field
 *      1  version              0
 *      3  reserved
 *      4  driver information size
 *      8  driver identification    "NCSAfami", "NCSAmult"; no NUL
 *      -  driver information
 */
HI5_INT void
driver_block_code(struct cur *c, struct driver_block *d)
{
    cur_begin(c, "driver information block", "II.B");
    cur_const(c, "version", 1, 0);
    cur_reserved(c, 3);
    cur_u32(c, "driver information size", &d->size);
    cur_require(c, d->size <= DRIVER_MOST - 16, "driver information size",
                "the block exceeds 1024 bytes");
    cur_bytes(c, "driver identification", d->name, 8);
    d->name[8] = '\0';
    if (cur_ok(c))
        cur_view(c, "driver information", &d->data, d->size);
}

/* The usage type whose file holds `type`; 0 in the map means its own. */
static unsigned
driver_multi_member(const struct driver_multi *d, unsigned type)
{
    return d->map[type] != 0 ? d->map[type] : type;
}

/* The distinct members, in the order in which the map first names them. */
static unsigned
driver_multi_members(const struct driver_multi *d, unsigned member[6])
{
    unsigned n = 0, seen = 0;

    for (unsigned type = 1; type <= 6; type++) {
        const unsigned m = driver_multi_member(d, type);

        if ((seen & 1u << m) == 0)
            member[n++] = m;
        seen |= 1u << m;
    }
    return n;
}

/*
 * Multi driver information                                         [FMT II.B]
 *
 *   size  field
 *      6  member mapping       for usage types 1 to 6 (superblock, B-tree, raw data,
 *                              global heap, local heap, object header): the usage type
 *                              whose member holds it
 *      2  reserved
 *         for each member that the map names, in that order (U-DRV-2):
 *      8    address of member file
 *      8    end of address for member file
 *         for each of them:
 *      -    name of member file     with "%s"; NULs to a multiple of 8
 */
HI5_INT void
driver_multi_code(struct cur *c, struct driver_multi *d)
{
    unsigned member[6], n;

    cur_begin(c, "multi driver information", "II.B");
    d->map[0] = 0;
    for (unsigned type = 1; type <= 6; type++) {
        cur_u8(c, "member mapping", &d->map[type]);
        cur_require(c, d->map[type] <= 6, "member mapping", "not a usage type");
    }
    cur_reserved(c, 2);
    if (!cur_ok(c))
        return;
    n = driver_multi_members(d, member);
    for (unsigned i = 0; i < n; i++) {
        cur_u64(c, "address of member file", &d->start[member[i]]);
        cur_u64(c, "end of address for member file", &d->eoa[member[i]]);
    }
    for (unsigned i = 0; i < n && cur_ok(c); i++) {
        cur_cstr(c, "name of member file", &d->name[member[i]]);
        cur_pad(c, 8);
    }
}
