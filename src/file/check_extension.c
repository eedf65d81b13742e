/*
 * check_extension.c - what the superblock extension leads to: free space, cache image
 *                                                               [FMT II.C, III.H]
 */
#include "base/ckd.h"
#include "btree/btree2.h"
#include "file/check.h"
#include "format/fheap.h"
#include "format/freespace.h"
#include "format/sohm.h"
#include <string.h>

/* ---- free space ---- */

struct ext_sections {
    struct check *k;
    const struct fshd *head;
    const struct fheap *heap; /* NULL: the file's */
    uint64_t n, sum, addr;
    uint64_t single; /* bytes of sections in blocks that are there */
};

static hi5_status
ext_section(void *ctx, const struct fs_section *s, size_t at, hi5_error *err)
{
    struct ext_sections *const f = ctx;

    (void)err;
    f->n++;
    f->sum += s->size;
    f->single += s->type == 0 ? s->size : 0;
    if (f->heap == NULL) {
        check_claim_free(f->k, s->offset, s->size, f->addr + at);
    } else {
        const unsigned bits = fheap_header(f->heap)->max_heap_bits;
        const uint64_t end = bits < 64 ? (uint64_t)1 << bits : UINT64_MAX;
        if (!ckd_inside(s->offset, s->size, end))
            check_report(f->k, "FS-002", f->addr + at, "free section", "offset",
                         "%llu bytes at 0x%llx are outside the heap",
                         (unsigned long long)s->size, (unsigned long long)s->offset);
    }
    return check_broken(f->k) ? f->k->broken : HI5_OK;
}

/* @return as check_free_space */
static uint64_t
ext_check_sections(struct check *k, const struct fshd *h, uint64_t addr,
                   const struct fheap *owner)
{
    const unsigned off_w = k->meta->off_w,
                   bits = owner != NULL ? fheap_header(owner)->max_heap_bits : 0;
    struct ext_sections f = {k, h, owner, 0, 0, h->sections + 5 + off_w, 0};
    struct fsse list = {0};
    struct block *b;
    hi5_error err = {0};
    struct cur c;

    check_claim(k, h->sections, h->allocated, "FSSE", HI5_USE_METADATA);
    if (h->used < 5u + off_w + 4u) {
        check_report(k, "FS-002", addr, "FSHD", "section list used",
                     "%llu bytes hold no list", (unsigned long long)h->used);
        return CHECK_LOST;
    }
    if (!check_pin(k, h->sections, h->used, "FSSE", &b))
        return CHECK_LOST;
    list.sections_size = (size_t)h->used - (5u + off_w + 4u);
    c = meta_cursor(k->meta, b, (size_t)h->used, NULL, NULL);
    fsse_code(&c, &list);
    if (cur_ok(&c) && list.header != addr)
        check_report(k, "FS-002", h->sections + 5, "FSSE", "header address",
                     "0x%llx, but the header is at 0x%llx",
                     (unsigned long long)list.header, (unsigned long long)addr);
    if (cur_ok(&c) &&
        fs_sections_each(h, &list, f.addr, bits, ext_section, &f, &err) != HI5_OK)
        check_failed(k, &err);
    else if (cur_ok(&c) && f.n != h->nserial)
        check_report(k, "FS-003", addr + 6 + 2u * k->meta->len_w, "FSHD",
                     "serialized sections", "%llu, but the list has %llu",
                     (unsigned long long)h->nserial, (unsigned long long)f.n);
    else if (cur_ok(&c) && h->nghosts == 0 && f.sum != h->space)
        check_report(k, "FS-003", addr + 6, "FSHD", "total space",
                     "%llu bytes, but the sections have %llu",
                     (unsigned long long)h->space, (unsigned long long)f.sum);
    meta_unpin(k->meta, b);
    return cur_ok(&c) && err.status == HI5_OK ? f.single : CHECK_LOST;
}

HI5_INT uint64_t
check_free_space(struct check *k, uint64_t addr, const struct fheap *owner)
{
    const size_t size = 18u + 7u * k->meta->len_w + k->meta->off_w;
    struct fshd h = {0};
    struct block *b;
    struct cur c;

    if (check_set_add(k, &k->nodes, addr)) {
        check_report(k, "FS-001", addr, "FSHD", "",
                     "this manager has been reached before");
        return CHECK_LOST;
    }
    if (!check_pin(k, addr, size, "FSHD", &b))
        return CHECK_LOST;
    c = meta_cursor(k->meta, b, size, NULL, NULL);
    fshd_code(&c, &h);
    meta_unpin(k->meta, b);
    if (!cur_ok(&c))
        return CHECK_LOST;
    check_claim(k, addr, size, "FSHD", HI5_USE_METADATA);
    if (h.client != (owner != NULL ? FS_FRACTAL_HEAP : FS_FILE))
        check_report(k, "FS-001", addr + 5, "FSHD", "client", "not its owner's: %u",
                     (unsigned)h.client);
    return h.sections != ADDR_NONE ? ext_check_sections(k, &h, addr, owner)
                                   : CHECK_LOST;
}

/* ---- the superblock extension ---- */

static void
ext_check_fsinfo(struct check *k, const struct ohdr_msg *m, struct cur *c)
{
    const size_t new_size = 5u + 2u * k->meta->len_w + k->meta->off_w;
    struct msg_fsinfo f;
    uint64_t first;

    msg_fsinfo_code(c, &f);
    if (!cur_ok(c))
        return;
    /* NOTE(lib): what early releases of 1.10 wrote; later ones can ignore it only if
     * somebody who did not know the message has changed the file (U-FSI-7, -8). */
    if (f.version == 0 && c->pos >= new_size)
        check_report_as(k, "MS-068",
                        m->flags & MSG_F_WAS_UNKNOWN ? HI5_WARNING : HI5_ERROR, m->addr,
                        "file space info message", "version",
                        "0, with the fields of version 1");
    first = check_where(k, m->addr, "free-space manager") - 11u * k->meta->off_w;
    for (unsigned i = 0; i < 12; i++) {
        if (f.manager[i] == ADDR_NONE)
            continue;
        if (!f.persist)
            check_report(k, "MS-069", m->addr + 2, "file space info message", "persist",
                         "nothing persists, but there is manager %u", i);
        if (f.manager[i] >= k->meta->eof)
            check_report(k, "MS-069", first + i * k->meta->off_w,
                         "file space info message", "free-space manager",
                         "manager %u is at 0x%llx", i,
                         (unsigned long long)f.manager[i]);
        else if (!(m->flags & MSG_F_WAS_UNKNOWN)) /* stale otherwise: U-FSI-7 */
            check_free_space(k, f.manager[i], NULL);
    }
}

/* Entries of a cache image, which the file has been read through. */
static void
ext_check_image(struct check *k, const struct msg_mdci *m)
{
    struct mdci h = {0};
    struct check_set seen = {0};
    struct block *b;
    struct cur c;

    check_claim(k, m->addr, m->size, "MDCI", HI5_USE_METADATA);
    if (!check_pin(k, m->addr, m->size, "MDCI", &b))
        return;
    c = meta_cursor(k->meta, b, (size_t)m->size, NULL, NULL);
    mdci_code(&c, &h);
    if (cur_ok(&c) && h.size != m->size)
        check_report(k, "MD-001", m->addr, "MDCI", "image data length",
                     "%llu, but the message says %llu", (unsigned long long)h.size,
                     (unsigned long long)m->size);
    for (uint32_t i = 0; i < h.nentries && cur_ok(&c) && !check_broken(k); i++) {
        struct mdci_entry e;

        mdci_entry_code(&c, &e);
        if (cur_ok(&c) && e.type > 40)
            check_report(k, "MD-002", m->addr + c.start, "cache image entry",
                         "entry type", "type %u is not known", (unsigned)e.type);
        if (cur_ok(&c) && check_set_add(k, &seen, e.addr))
            check_report(k, "MD-002", m->addr + c.start, "cache image entry",
                         "entry address", "a second entry for 0x%llx",
                         (unsigned long long)e.addr);
    }
    if (cur_ok(&c)) {
        c.structure = "MDCI";
        c.start = 0;
        cur_checksum(&c);
    }
    check_set_done(k, &seen);
    meta_unpin(k->meta, b);
}

static void
ext_check_driver_message(struct check *k, struct cur *c)
{
    struct msg_driver d;

    msg_driver_code(c, &d);
    if (!cur_ok(c))
        return;
    check_driver(k, d.name, c->addr + 1, "driver info message", d.data, d.len,
                 c->addr + 11);
}

static void
ext_extension_message(struct check *k, const struct ohdr *h, const struct ohdr_msg *m)
{
    struct cur c = meta_cursor_at(k->meta, m->body, m->size, m->addr, NULL, NULL);
    struct msg_btree_k btree_k;
    struct msg_mdci image;
    struct msg_sohm sohm;
    const size_t w = 1 + 1 + 2 + 4 + 2 + 2 + 2 + 2u * k->meta->off_w;

    switch (m->type) {
    case MSG_SOHM:
        msg_sohm_code(&c, &sohm);
        if (cur_ok(&c)) {
            k->sohm = sohm.addr;
            check_claim(k, sohm.addr, 4 + sohm.nindexes * w + 4, "SMTB",
                        HI5_USE_METADATA);
        }
        break;
    case MSG_BTREE_K:
        msg_btree_k_code(&c, &btree_k);
        break;
    case MSG_DRIVER:
        ext_check_driver_message(k, &c);
        break;
    case MSG_FSINFO:
        ext_check_fsinfo(k, m, &c);
        break;
    case MSG_MDCI:
        msg_mdci_code(&c, &image);
        if (cur_ok(&c) && image.addr != ADDR_NONE && image.size != 0)
            ext_check_image(k, &image);
        break;
    case MSG_NIL:
    case MSG_CONT:
    case MSG_REFCOUNT:
        break;
    default:
        check_report(k, "SB-026", check_message_head(h, m), "superblock extension",
                     "message type", "a %s message does not belong here",
                     msg_name(m->type));
        break;
    }
}

HI5_INT void
check_extension(struct check *k)
{
    const uint64_t addr = k->file->super.extension;
    unsigned count[MSG_KNOWN] = {0};
    hi5_error err = {0};
    struct arena a;
    struct ohdr *h;

    if (k->file->super.version < 2 || addr == ADDR_NONE)
        return;
    if (addr >= k->meta->eof || check_object_find(k, addr) != NULL) {
        check_report(k, "SB-018", 12u + k->meta->off_w, "superblock",
                     "superblock extension address",
                     addr >= k->meta->eof ? "0x%llx is not inside the file"
                                          : "0x%llx is an object that links lead to",
                     (unsigned long long)addr);
        return;
    }
    k->path = "superblock extension";
    k->role = CHECK_EXTENSION;
    arena_init(&a, &k->mem);
    if (ohdr_read_some(k->meta, addr, &a, &h, &err) != HI5_OK)
        check_failed(k, &err);
    for (size_t i = 0; h != NULL && i < h->nchunks; i++)
        check_claim(k, h->chunk[i].addr, h->chunk[i].size,
                    h->version == 1 ? "object header"
                    : i == 0        ? "OHDR"
                                    : "OCHK",
                    HI5_USE_METADATA);
    for (size_t i = 0; h != NULL && i < h->nmsgs && !check_broken(k); i++) {
        const struct ohdr_msg *const m = &h->msg[i];

        ext_extension_message(k, h, m);
        if (m->type < MSG_KNOWN && m->type != MSG_NIL && m->type != MSG_CONT &&
            ++count[m->type] == 2)
            check_report(k, "SB-027", check_message_head(h, m), "superblock extension",
                         "message type", "a second %s message", msg_name(m->type));
    }
    arena_done(&a);
    k->path = "";
    k->role = CHECK_OBJECT;
}
