/*
 * msg_vds.c - the mappings of a virtual dataset                    [FMT III.F]
 *
 * The data layout message of a virtual dataset points at an object of a global heap: a
 * list of mappings, each saying that one selection of this dataset is another one of a
 * dataset elsewhere.
 */
#include "base/ckd.h"
#include "base/lookup3.h"
#include "format/messages.h"
#include "format/msg_select.h"
#include <string.h>

static const char vds_name[] = "virtual dataset block";

enum vds_flag {
    VDS_F_SHARED_FILE = 0x01,    /* the file's name is that of an earlier entry */
    VDS_F_SHARED_DATASET = 0x02, /* the same of the dataset's name */
    VDS_F_SAME_FILE = 0x04,      /* this file; no name is stored */
    VDS_F_KNOWN = 0x07
};

/* The mappings that are being decoded or encoded. */
struct vds_pass {
    struct mem *mem;           /* decoding: of the selections */
    const hi5_shape *virt;     /* decoding */
    hi5_compat compat;         /* encoding */
    uint8_t version;
    struct vds_entry *e;
    uint8_t *flags;
};

/* A name: a string of its own, or the number of an earlier entry that has one. */
static void
vds_name_code(struct cur *c, const char *field, bool shared, const struct vds_entry *e,
              const uint8_t *flags, uint64_t i, bool is_file, const char **name)
{
    const unsigned not_own =
        is_file ? VDS_F_SHARED_FILE | VDS_F_SAME_FILE : VDS_F_SHARED_DATASET;
    uint64_t origin = 0;

    if (!shared) {
        cur_cstr(c, field, name);
        return;
    }
    cur_len(c, field, &origin);
    cur_require(c, origin < i, field, "shared with an entry that is not earlier");
    if (!cur_ok(c))
        return;
    cur_require(c, (flags[origin] & not_own) == 0, field,
                "shared with an entry that has no name of its own");
    *name = is_file ? e[origin].file : e[origin].dataset;
}

/*
 * Mapping                                                          [FMT III.F]
 *
 *   size  field
 *      1  flags               version 1
 *      n  source file         NUL-terminated; version 1: flag 1 L entry number, flag 4
 *                             missing. "." is the file itself
 *      n  source dataset      NUL-terminated; version 1, flag 2: L entry number
 *      ?  source selection
 *      ?  virtual selection
 */
static void
vds_entry_code(struct cur *c, struct vds_pass *p, uint64_t i)
{
    struct vds_entry *const e = p->e;
    uint8_t *const flags = p->flags;

    cur_begin(c, vds_name, "III.F");
    if (p->version == 1) {
        cur_u8(c, "flags", &flags[i]);
        cur_require(c, (flags[i] & ~VDS_F_KNOWN) == 0, "flags", "unknown flags");
        if (!cur_ok(c))
            return;
    }
    if (flags[i] & VDS_F_SAME_FILE)
        e[i].file = ".";
    else
        vds_name_code(c, "source file", (flags[i] & VDS_F_SHARED_FILE) != 0, e, flags,
                      i, true, &e[i].file);
    vds_name_code(c, "source dataset", (flags[i] & VDS_F_SHARED_DATASET) != 0, e, flags,
                  i, false, &e[i].dataset);
    if (!cur_ok(c))
        return;
    if (cur_reading(c)) {
        if (select_decode(c, p->mem, NULL, &e[i].source) == HI5_OK)
            select_decode(c, p->mem, p->virt, &e[i].virt);
    } else {
        select_encode(c, e[i].source, p->compat);
        select_encode(c, e[i].virt, p->compat);
    }
}

/*
 * Virtual dataset block                                            [FMT III.F]
 *
 *   size  field
 *      1  version     0 or 1
 *      L  entries
 *      ?  mappings    see above
 *      4  checksum    of everything above; the last bytes of the heap object
 */
HI5_INT hi5_status
vds_block_decode(struct cur *c, struct mem *mem, const hi5_shape *virt,
                 struct vds_entry **entries, size_t *n)
{
    struct vds_pass p = {.mem = mem, .virt = virt};
    struct cur sum;
    uint64_t count = 0, done = 0;

    *entries = NULL;
    *n = 0;
    cur_begin(c, vds_name, "III.F");
    cur_read_only(c);
    sum = *c;
    sum.watch = NULL;
    cur_skip(&sum, "mappings", cur_left(&sum) > 4 ? cur_left(&sum) - 4 : 0);
    msg_version_code(c, &p.version, 0, 1);
    cur_len(c, "entries", &count);
    if (cur_ok(c))
        cur_checksum(&sum);
    cur_join(c, &sum);
    /* Two empty names, or a flag and an entry number, and two selections. */
    cur_need(c, "entries", count, 2 + 16 + 16);
    p.e = cur_alloc(c, count, sizeof *p.e);
    p.flags = cur_alloc(c, count, 1);
    for (done = 0; done < count && cur_ok(c); done++)
        vds_entry_code(c, &p, done);
    cur_begin(c, vds_name, "III.F");
    cur_skip(c, "checksum", 4);
    cur_expect(c, cur_left(c) == 0, "checksum", "bytes behind the block");
    if (cur_ok(c)) {
        *entries = p.e;
        *n = (size_t)count;
        return HI5_OK;
    }
    for (uint64_t i = 0; i < done; i++) {
        hi5_selection_free(p.e[i].source);
        hi5_selection_free(p.e[i].virt);
    }
    return c->status;
}

/* Version 1, but for its flag for this file, is not made use of: every entry has its own
 * names. */
HI5_INT void
vds_block_encode(struct cur *c, struct vds_entry *entries, size_t n, hi5_compat compat)
{
    struct vds_pass p = {.compat = compat, .version = compat >= HI5_COMPAT_V200};
    const size_t start = c->pos;
    uint64_t count = n;
    uint8_t flags = 0;
    uint32_t sum = 0;

    cur_begin(c, vds_name, "III.F");
    msg_version_code(c, &p.version, 0, 1);
    cur_len(c, "entries", &count);
    p.flags = &flags;
    for (size_t i = 0; i < n && cur_ok(c); i++) {
        p.e = &entries[i];
        flags = p.version == 1 && strcmp(p.e->file, ".") == 0 ? VDS_F_SAME_FILE : 0;
        vds_entry_code(c, &p, 0);
    }
    cur_begin(c, vds_name, "III.F");
    if (cur_ok(c) && c->op == CUR_PUT)
        sum = lookup3(c->out + start, c->pos - start, 0);
    cur_u32(c, "checksum", &sum);
}
