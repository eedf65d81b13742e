/*
 * check_file.c - the superblock and the driver                   [FMT II.A, II.B]
 */
#include "base/ckd.h"
#include "base/io.h"
#include "file/check.h"
#include <string.h>

#define FILE_SUPERBLOCK_MOST 512u

/* ---- superblock ---- */

/* Members of a multi file have ends of their own; the superblock tells of the first, or,
 * by libhdf5 1.6, of all: then the first alone is cut short, as readers say, too. */
static bool
file_has_members(const struct check *k)
{
    return strcmp(k->file->driver_name, "NCSAmult") == 0;
}

/* As load_check_end has it. */
static uint64_t
file_end(const struct check *k)
{
    const struct superblock *const s = &k->file->super;

    return s->eof - s->base + k->meta->base;
}

HI5_INT uint64_t
check_stored_end(const struct check *k)
{
    return k->file->super.eof == ADDR_NONE || file_has_members(k) ? UINT64_MAX
                                                                  : file_end(k);
}

static void
file_check_end(struct check *k)
{
    const uint64_t at = check_where(k, 0, "end of file address");
    const struct superblock *const s = &k->file->super;
    const uint64_t end = file_end(k), size = k->file->file_size;
    const bool writing = s->version >= 3 && (s->flags & 4) != 0;

    if (s->base > s->eof) {
        check_report(k, "SB-013", check_where(k, 0, "base address"), "superblock",
                     "base address", "0x%llx is beyond the end of the file",
                     (unsigned long long)s->base);
        return;
    }
    if (s->eof == ADDR_NONE)
        check_report_as(k, "SB-014", HI5_WARNING, at, "superblock",
                        "end of file address", "it is undefined");
    else if (end > size)
        check_report_as(k, "SB-014", writing ? HI5_WARNING : HI5_ERROR, at,
                        "superblock", "end of file address",
                        "%llu, but the file has %llu bytes", (unsigned long long)end,
                        (unsigned long long)size);
    else if (end < size && !file_has_members(k))
        check_report(k, "SB-015", at, "superblock", "end of file address",
                     "%llu bytes follow the end", (unsigned long long)(size - end));
}

static void
file_check_flags(struct check *k)
{
    const uint64_t at = check_where(k, 0, "file consistency flags");
    const struct superblock *const s = &k->file->super;

    if (s->version >= 3 && (s->flags & 5) != 0) {
        check_report(k, "SB-010", at, "superblock", "file consistency flags",
                     "0x%02lx: the file was not closed properly, or is being written",
                     (unsigned long)s->flags);
        check_refused(k, 110, 0, at, "superblock", "file consistency flags",
                      "the file is marked as open");
    }
}

/* Where an old superblock has the root group's symbol table entry. */
static uint64_t
file_root_entry(const struct check *k)
{
    return 24u + (k->file->super.version == 1 ? 4u : 0u) + 4u * k->meta->off_w;
}

static void
file_check_root(struct check *k)
{
    const struct superblock *const s = &k->file->super;

    if (s->root == 0 || s->root >= k->meta->eof)
        check_report(k, "SB-017", check_where(k, 0, "root group object header address"),
                     "superblock", "root group object header address",
                     "0x%llx is not inside the file", (unsigned long long)s->root);
    if (s->version < 2 && s->root_entry.name_off != 0)
        check_report_as(k, "SB-024", HI5_NOTE, file_root_entry(k), "superblock",
                        "link name offset", "the root entry has the name at %llu",
                        (unsigned long long)s->root_entry.name_off);
    if (s->version < 2 && s->fsinfo != ADDR_NONE)
        check_report(k, "SB-016", check_where(k, 0, "free-space info address"),
                     "superblock", "free-space info address",
                     "0x%llx, but it was never defined what is there",
                     (unsigned long long)s->fsinfo);
}

/* SB-025: what the root entry caches. */
static void
file_check_root_cache(struct check *k)
{
    if (k->file->super.version < 2)
        check_cached_stab(k, &k->file->super.root_entry, "SB-025",
                          file_root_entry(k) + k->meta->len_w + k->meta->off_w + 8u,
                          "superblock");
}

/* ---- the driver ---- */

/* Does the member for data of kind i reach into that for kind j? */
static bool
file_members_meet(const struct driver_multi *d, unsigned i, unsigned j)
{
    return d->name[i] != NULL && d->name[j] != NULL && d->start[i] <= d->start[j] &&
           (d->start[i] == d->start[j] || d->start[j] - d->start[i] < d->eoa[i]);
}

static void
file_check_multi(struct check *k, const uint8_t *data, size_t n, uint64_t addr)
{
    struct cur c = meta_cursor_at(k->meta, data, n, addr, NULL, NULL);
    struct driver_multi d = {.name = {NULL}};
    unsigned seen[7] = {0}, nseen = 0;

    driver_multi_code(&c, &d);
    for (unsigned i = 1; i <= 6 && cur_ok(&c); i++) {
        const unsigned m = d.map[i] != 0 ? d.map[i] : i;
        bool known = false, meets = false;

        for (unsigned j = 0; j < nseen; j++) {
            known |= seen[j] == m;
            meets |=
                file_members_meet(&d, seen[j], m) || file_members_meet(&d, m, seen[j]);
        }
        if (known)
            continue;
        if (meets)
            check_report(k, "SB-022", addr + 8 + 16 * nseen, "multi driver information",
                         "address of member file",
                         "0x%llx: two members have the same addresses",
                         (unsigned long long)d.start[m]);
        seen[nseen++] = m;
    }
}

/* SB-023: the size of members, if the file was opened as a family. */
static void
file_check_family(struct check *k, const uint8_t *data, size_t n, uint64_t addr)
{
    const uint64_t size = n >= 8 ? cur_raw_uint(data, 8) : 0;
    uint64_t start, first = 0;

    if (size == 0 || (io_range(&k->meta->io, 0, &start, &first) &&
                      io_range(&k->meta->io, 1, &start, &first) && start != size))
        check_report(k, "SB-023", addr, "family driver information", "member size",
                     "%llu bytes", (unsigned long long)size);
}

HI5_INT void
check_driver(struct check *k, const char *name, uint64_t name_addr,
             const char *structure, const uint8_t *data, size_t n, uint64_t addr)
{
    if (strcmp(name, "NCSAmult") == 0)
        file_check_multi(k, data, n, addr);
    else if (strcmp(name, "NCSAfami") == 0)
        file_check_family(k, data, n, addr);
    else if (strcmp(name, "Subfilin") != 0)
        check_report(k, "SB-021", name_addr, structure, "driver identification",
                     "the driver '%.8s' is not known", name);
}

static void
file_check_driver(struct check *k)
{
    const uint64_t addr = k->file->super.driver;
    struct driver_block d;
    struct block *b;
    struct cur c;

    if (k->file->super.version >= 2 || addr == ADDR_NONE)
        return;
    if (addr >= k->meta->eof) {
        check_report(k, "SB-019", check_where(k, 0, "driver information block address"),
                     "superblock", "driver information block address",
                     "0x%llx is not in the file", (unsigned long long)addr);
        return;
    }
    if (!check_pin(k, addr, meta_clip(k->meta, addr, 1024), "driver information block",
                   &b))
        return;
    c = meta_cursor(k->meta, b, b->size, NULL, NULL);
    driver_block_code(&c, &d);
    if (cur_ok(&c)) {
        check_claim(k, addr, c.pos, "driver information block", HI5_USE_METADATA);
        check_driver(k, d.name, addr + 8, "driver information block", d.data, d.size,
                     addr + 16);
    }
    meta_unpin(k->meta, b);
}

HI5_INT void
check_file(struct check *k)
{
    const struct superblock *const s = &k->file->super;
    const size_t n = meta_clip(k->meta, 0, FILE_SUPERBLOCK_MOST);
    struct superblock again = {0};
    struct block *b;
    struct cur c;

    if (!check_pin(k, 0, n, "superblock", &b))
        return;
    c = meta_cursor(k->meta, b, n, NULL, NULL);
    superblock_code(&c, &again);
    meta_unpin(k->meta, b);
    check_claim(k, 0, c.pos, "superblock", HI5_USE_METADATA);
    if (s->base != k->meta->base && s->base <= s->eof)
        check_report(k, "SB-012", check_where(k, 0, "base address"), "superblock",
                     "base address", "0x%llx, but the signature is at 0x%llx",
                     (unsigned long long)s->base, (unsigned long long)k->meta->base);
    if (s->base != 0 && (s->base < 512 || !ckd_is_pow2(s->base)))
        check_report(k, "SB-029", check_where(k, 0, "base address"), "superblock",
                     "base address", "a user block of %llu bytes",
                     (unsigned long long)s->base);
    file_check_end(k);
    file_check_flags(k);
    file_check_root(k);
    file_check_root_cache(k);
    file_check_driver(k);
}
