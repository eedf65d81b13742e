/*
 * recover_open.c - opening a file whose superblock may be gone
 *
 * Structures point at each other. So the places of signatures tell how wide addresses
 * are, and where address 0 is: with the right guess addresses lead to signatures of the
 * right kind, with a wrong one they do not. A superblock made from the best guess is
 * then laid over the file's first bytes, and the file is opened like any other.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include "btree/btree2.h"
#include "btree/earray.h"
#include "file/recover.h"
#include "format/freespace.h"
#include "format/ohdr.h"
#include <string.h>

#define ROPEN_SAMPLE 1024u /* marks of which each guess is tried */
#define ROPEN_HEADERS 256u /* object headers, decoded whole */
#define ROPEN_MARKS (16u << 20)

/* ---- marks ---- */

/* The first mark at or behind `at`. */
static size_t
ropen_lower(const struct recover *r, uint64_t at)
{
    const struct recover_found *const f = r->found.p;
    size_t lo = 0, hi = r->found.n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (f[mid].at < at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

HI5_INT enum recover_mark
recover_at(const struct recover *r, uint64_t at)
{
    const struct recover_found *const f = r->found.p;
    const size_t i = ropen_lower(r, at);

    return i < r->found.n && f[i].at == at ? f[i].mark : MARK_KINDS;
}

static hi5_status
ropen_mark(void *ctx, enum recover_mark m, uint64_t addr, const uint8_t *p, size_t n,
           hi5_error *err)
{
    struct recover *const r = ctx;
    struct recover_found *f;

    if (r->found.n >= ROPEN_MARKS)
        return HI5_OK;
    f = check_list_add(&r->k, &r->found, sizeof *f);
    if (f == NULL) {
        if (err != NULL)
            *err = r->k.why;
        return r->k.broken;
    }
    *f = (struct recover_found){addr, m, 0};
    if ((m == MARK_TREE || m == MARK_SNOD) && n >= 8)
        f->n = (uint32_t)cur_raw_uint(p + 6, 2);
    if (m == MARK_MDCI && n >= 10)
        f->n = (uint32_t)cur_raw_uint(p + 6, 4);
    return HI5_OK;
}

static void
ropen_progress(void *ctx, uint64_t at)
{
    const struct recover *const r = ctx;

    if (r->options.progress != NULL)
        r->options.progress(r->options.progress_ctx, true, at < r->size ? at : r->size,
                            r->size);
}

/* ---- guesses ---- */

struct ropen_guess {
    uint64_t base;
    uint8_t off_w, len_w;
    int64_t score;
};

/* One address in a structure, and what it should lead to. */
struct ropen_clue {
    enum recover_mark mark;
    uint8_t at, times_off, times_len; /* where: at + times_off * O + times_len * L */
    enum recover_mark to, or_to;
};

static const struct ropen_clue ropen_clues[] = {
    {MARK_FHDB, 5, 0, 0, MARK_FRHP, MARK_FRHP},
    {MARK_FHIB, 5, 0, 0, MARK_FRHP, MARK_FRHP},
    {MARK_FADB, 6, 0, 0, MARK_FAHD, MARK_FAHD},
    {MARK_EAIB, 6, 0, 0, MARK_EAHD, MARK_EAHD},
    {MARK_EASB, 6, 0, 0, MARK_EAHD, MARK_EAHD},
    {MARK_EADB, 6, 0, 0, MARK_EAHD, MARK_EAHD},
    {MARK_FAHD, 8, 0, 1, MARK_FADB, MARK_FADB},
    {MARK_EAHD, 12, 0, 6, MARK_EAIB, MARK_EAIB},
    {MARK_FSSE, 5, 0, 0, MARK_FSHD, MARK_FSHD},
    {MARK_BTHD, 16, 0, 0, MARK_BTLF, MARK_BTIN},
    {MARK_TREE, 8, 2, 1, MARK_SNOD, MARK_TREE},
    {MARK_SNOD, 8, 0, 1, MARK_HEADER1, MARK_OHDR},
    {MARK_HEADER1, 24, 0, 0, MARK_TREE, MARK_OHDR},
    {MARK_HEADER1, 24, 1, 0, MARK_HEAP, MARK_HEAP},
};

/* Does the clue apply to what is at `p`? */
static bool
ropen_clue_fits(const struct ropen_clue *c, const uint8_t *p, size_t n)
{
    if (n < 24 || (c->mark == MARK_TREE && p[4] != BT1_GROUP) ||
        ((c->mark == MARK_TREE || c->mark == MARK_SNOD) && p[6] == 0 && p[7] == 0))
        return false;
    return c->mark != MARK_HEADER1 || (p[16] == MSG_STAB && p[17] == 0);
}

/* Is the address that the clue speaks of right? 2: yes, -1: no, 0: there is none. */
static int
ropen_clue_holds(const struct recover *r, const struct ropen_guess *g,
                 const struct ropen_clue *c, const uint8_t *p, size_t n)
{
    const size_t at =
        c->at + (size_t)c->times_off * g->off_w + (size_t)c->times_len * g->len_w;
    enum recover_mark to;
    uint64_t addr;

    if (at + g->off_w > n)
        return 0;
    addr = cur_raw_addr(p + at, g->off_w);
    if (addr == ADDR_NONE)
        return 0;
    if (addr == 0 || addr > r->size - g->base)
        return -1;
    to = recover_at(r, g->base + addr);
    return to != MARK_KINDS && (to == c->to || to == c->or_to) ? 2 : -1;
}

/* A heap's data segment mostly follows its header. */
static bool
ropen_heap_holds(const struct ropen_guess *g, uint64_t at, const uint8_t *p, size_t n)
{
    const size_t head = (8u + 2u * g->len_w + g->off_w + 7u) / 8 * 8;

    return head <= n &&
           cur_raw_addr(p + 8 + 2u * g->len_w, g->off_w) + g->base == at + head;
}

/* Headers with a checksum: it is right only if the widths are. */
static int64_t
ropen_sum_holds(const struct ropen_guess *g, enum recover_mark m, const uint8_t *p,
                size_t n)
{
    struct cur c = cur_reader(p, n, NULL);
    struct fahd fixed;
    struct eahd ext;
    struct bthd tree;
    struct fshd space;

    c.off_w = g->off_w;
    c.len_w = g->len_w;
    switch (m) {
    case MARK_FAHD:
        fahd_code(&c, &fixed);
        break;
    case MARK_EAHD:
        eahd_code(&c, &ext);
        break;
    case MARK_BTHD:
        bthd_code(&c, &tree);
        break;
    case MARK_FSHD:
        fshd_code(&c, &space);
        break;
    default:
        return 0;
    }
    return cur_ok(&c) ? 8 : -8;
}

/* The end of what is not in its place: marks in a cache image tell nothing. */
static uint64_t
ropen_skip(const struct recover_found *f, uint64_t end)
{
    return f->mark == MARK_MDCI && f->at >= end ? f->at + f->n : end;
}

static hi5_status
ropen_score_marks(const struct recover *r, const struct meta *raw,
                  struct ropen_guess *g, hi5_error *err)
{
    const struct recover_found *const f = r->found.p;
    const size_t step = r->found.n / ROPEN_SAMPLE + 1;
    uint8_t p[RECOVER_LOOK];
    uint64_t end = 0;

    g->score = 0;
    for (size_t i = 0; i < r->found.n; i += step) {
        const size_t there = meta_clip(raw, f[i].at, sizeof p);

        end = ropen_skip(&f[i], end);
        if (f[i].mark == MARK_OHDR || f[i].mark == MARK_SUPERBLOCK ||
            f[i].at < g->base || f[i].at < end)
            continue;
        TRY(meta_read(raw, f[i].at, p, there, err));
        g->score += ropen_sum_holds(g, f[i].mark, p, there);
        if (f[i].mark == MARK_HEAP)
            g->score += 2 * ropen_heap_holds(g, f[i].at, p, there);
        for (size_t j = 0; j < sizeof ropen_clues / sizeof *ropen_clues; j++)
            if (ropen_clues[j].mark == f[i].mark &&
                ropen_clue_fits(&ropen_clues[j], p, there))
                g->score += ropen_clue_holds(r, g, &ropen_clues[j], p, there);
    }
    return HI5_OK;
}

/* What the messages of a header lead to. */
static int64_t
ropen_score_header(const struct recover *r, const struct meta *m, const struct ohdr *h)
{
    int64_t score = 0;

    for (size_t i = 0; i < h->nmsgs; i++) {
        const struct ohdr_msg *const x = &h->msg[i];
        struct cur c = meta_cursor_at(m, x->body, x->size, x->addr, NULL, NULL);
        uint64_t addr = ADDR_NONE;
        struct msg_link l;
        struct msg_link_info info;
        struct msg_layout layout = {0};

        if (x->flags & MSG_F_SHARED)
            continue;
        if (x->type == MSG_LINK) {
            msg_link_code(&c, &l);
            addr = l.kind == HI5_LINK_HARD ? l.address : ADDR_NONE;
        } else if (x->type == MSG_LINK_INFO) {
            msg_link_info_code(&c, &info);
            addr = info.fheap;
        } else if (x->type == MSG_LAYOUT) {
            msg_layout_code(&c, &layout);
            if (layout.cls == HI5_CHUNKED && (layout.version < 4 || layout.index > 2))
                addr = layout.addr;
        }
        if (!cur_ok(&c))
            score -= 3;
        else if (addr != ADDR_NONE && addr != 0 && addr < m->eof)
            score += recover_at(r, m->base + addr) != MARK_KINDS ? 2 : -1;
    }
    return score + 2 * (int64_t)(h->nchunks - 1);
}

/* What is cached was read from another base. */
static void
ropen_raw_again(struct meta *raw, uint64_t eof)
{
    struct mem *const mem = raw->mem;
    const hi5_io io = raw->io;

    meta_done(raw);
    meta_init(raw, mem, &io, NULL);
    raw->eof = eof;
}

/* Headers of version 2 have checksums, whatever the widths; what they hold tells
 * more. */
static void
ropen_score_headers(const struct recover *r, struct meta *raw, struct ropen_guess *g)
{
    const struct recover_found *const f = r->found.p;
    const size_t step = r->found.n / ROPEN_HEADERS + 1;
    const uint64_t eof = raw->eof;
    uint64_t end = 0;

    raw->base = g->base;
    raw->eof = eof - g->base;
    raw->off_w = g->off_w;
    raw->len_w = g->len_w;
    for (size_t i = 0; i < r->found.n; i += step) {
        struct arena a;
        struct ohdr *h;

        end = ropen_skip(&f[i], end);
        if (f[i].mark != MARK_OHDR || f[i].at < g->base || f[i].at < end)
            continue;
        arena_init(&a, raw->mem);
        if (ohdr_read(raw, f[i].at - g->base, &a, &h, NULL) == HI5_OK)
            g->score += ropen_score_header(r, raw, h);
        arena_done(&a);
    }
    ropen_raw_again(raw, eof);
}

/* Try widths, and places for address 0. The usual ones come first, and win a draw. */
static hi5_status
ropen_guess(struct recover *r, struct meta *raw, struct ropen_guess *best,
            hi5_error *err)
{
    static const uint8_t widths[][2] = {{8, 8}, {4, 4}, {8, 4}, {4, 8}, {2, 2},
                                        {2, 4}, {4, 2}, {2, 8}, {8, 2}};

    for (uint64_t base = 0; base < r->size; base = base == 0 ? 512 : base * 2) {
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
            struct ropen_guess g = {base, widths[i][0], widths[i][1], 0};

            TRY(ropen_score_marks(r, raw, &g, err));
            ropen_score_headers(r, raw, &g);
            if (g.score > best->score || best->off_w == 0)
                *best = g;
        }
        if (base > UINT64_MAX / 4)
            break;
    }
    return HI5_OK;
}

/* ---- the byte source with a superblock laid over it ---- */

static hi5_status
ropen_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct recover *const r = ctx;
    const struct recover_patch *const p = &r->patch;
    uint64_t from, to;

    TRY(r->io.read_at(r->io.ctx, offset, buf, n, err));
    from = offset > p->at ? offset : p->at;
    to = offset + n < p->at + p->n ? offset + n : p->at + p->n;
    if (from < to)
        memcpy((uint8_t *)buf + (from - offset), p->bytes + (from - p->at),
               (size_t)(to - from));
    return HI5_OK;
}

static hi5_status
ropen_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct recover *)ctx)->size;
    return HI5_OK;
}

static hi5_status
ropen_file(struct recover *r, hi5_error *err)
{
    hi5_io io = r->io;

    io.close = NULL;
    if (r->patch.n != 0)
        io = (hi5_io){
            .size = sizeof io, .ctx = r, .read_at = ropen_read, .get_size = ropen_size};
    TRY(file_open_io(&io, NULL, &r->open, NULL, 0, &r->file, err));
    r->meta = &r->file->meta;
    return HI5_OK;
}

/* A superblock of version 2: it fits where any other was. */
static hi5_status
ropen_make(struct recover *r, const struct ropen_guess *g, uint64_t extension,
           hi5_error *err)
{
    struct superblock s = {.version = 2,
                           .off_w = g->off_w,
                           .len_w = g->len_w,
                           .base = g->base,
                           .extension = extension,
                           .eof = r->size,
                           .leaf_k = 4,
                           .internal_k = 16,
                           .chunk_k = 32};
    struct cur c = cur_writer(r->patch.bytes, sizeof r->patch.bytes, err);

    if (g->off_w < 8 && s.eof >> (8 * g->off_w) != 0)
        s.eof = ADDR_NONE;
    superblock_code(&c, &s);
    r->patch.at = g->base;
    r->patch.n = c.pos;
    return c.status;
}

/* The header of the superblock extension: it has messages that no object has. */
static uint64_t
ropen_extension(struct recover *r, struct meta *raw, const struct ropen_guess *g)
{
    const struct recover_found *const f = r->found.p;
    uint64_t found = ADDR_NONE;

    raw->base = g->base;
    raw->eof = r->size - g->base;
    raw->off_w = g->off_w;
    raw->len_w = g->len_w;
    for (size_t i = 0; i < r->found.n && found == ADDR_NONE; i++) {
        struct arena a;
        struct ohdr *h;

        if ((f[i].mark != MARK_OHDR && f[i].mark != MARK_HEADER1) || f[i].at < g->base)
            continue;
        arena_init(&a, raw->mem);
        if (ohdr_read(raw, f[i].at - g->base, &a, &h, NULL) == HI5_OK &&
            ohdr_kind(h) == HI5_KIND_UNKNOWN &&
            (ohdr_first(h, MSG_SOHM) != NULL || ohdr_first(h, MSG_BTREE_K) != NULL ||
             ohdr_first(h, MSG_FSINFO) != NULL || ohdr_first(h, MSG_MDCI) != NULL ||
             ohdr_first(h, MSG_DRIVER) != NULL))
            found = f[i].at - g->base;
        arena_done(&a);
    }
    return found;
}

/* How many entries nodes have room for: at least for those that there are. */
static void
ropen_raise_k(struct recover *r)
{
    const struct recover_found *const f = r->found.p;
    struct superblock *const s = &r->file->super;

    for (size_t i = 0; i < r->found.n; i++) {
        const uint64_t room = (r->size - f[i].at) / (2u * r->meta->off_w);
        const uint32_t k = (f[i].n + 1) / 2;
        uint8_t type = 0;

        if (f[i].n > room || k > 32767 || f[i].at < r->meta->base)
            continue;
        if (f[i].mark == MARK_SNOD && k > s->leaf_k)
            s->leaf_k = (uint16_t)k;
        if (f[i].mark != MARK_TREE ||
            meta_read(r->meta, f[i].at - r->meta->base + 4, &type, 1, NULL) != HI5_OK)
            continue;
        if (type == BT1_GROUP && k > s->internal_k)
            s->internal_k = (uint16_t)k;
        if (type == BT1_CHUNK && k > s->chunk_k)
            s->chunk_k = (uint16_t)k;
    }
}

/* ---- the whole ---- */

static bool
ropen_machine(hi5_status s)
{
    return s == HI5_E_NOMEM || s == HI5_E_IO || s == HI5_E_ARG || s == HI5_E_INTERNAL;
}

/* Superblocks of version 2 have a checksum; the others can be anything, and what is
 * found may speak against one. */
static hi5_status
ropen_doubt(struct recover *r, struct meta *raw, const struct ropen_guess *best,
            hi5_error *err)
{
    struct ropen_guess g = {r->meta->base, r->meta->off_w, r->meta->len_w, 0};

    if (r->file->super.version >= 2 || best->score < 4)
        return HI5_OK;
    TRY(ropen_score_marks(r, raw, &g, err));
    ropen_score_headers(r, raw, &g);
    if (2 * g.score >= best->score)
        return HI5_OK;
    file_unref(r->file);
    r->file = NULL;
    return HI5_E_CORRUPT;
}

static hi5_status
ropen_run(struct recover *r, struct meta *raw, hi5_error *err)
{
    struct ropen_guess best = {0};
    hi5_status s, guessed = HI5_OK;

    TRY(recover_scan(raw, ropen_mark, ropen_progress, r, err));
    s = ropen_file(r, err);
    if (ropen_machine(s))
        return s;
    if (s != HI5_OK || r->file->super.version < 2)
        guessed = ropen_guess(r, raw, &best, err);
    if (guessed == HI5_OK && s == HI5_OK)
        s = ropen_doubt(r, raw, &best, err);
    if (guessed != HI5_OK)
        return guessed;
    r->result->superblock = r->root_known = s == HI5_OK;
    if (s == HI5_OK)
        return s;
    if (r->found.n == 0 || best.off_w == 0)
        return err_plain(err, HI5_E_CORRUPT,
                         "nothing in it looks like a part of an HDF5 file");
    TRY(ropen_make(r, &best, ropen_extension(r, raw, &best), err));
    s = ropen_file(r, err);
    if (s == HI5_OK)
        ropen_raise_k(r);
    else if (!ropen_machine(s))
        s = err_plain(err, HI5_E_CORRUPT, "too little of the file is left");
    return s;
}

HI5_INT hi5_status
recover_open(struct recover *r, hi5_error *err)
{
    struct meta raw;
    hi5_status s;

    TRY(r->io.get_size(r->io.ctx, &r->size, err));
    meta_init(&raw, &r->k.mem, &r->io, NULL);
    raw.eof = r->size;
    s = ropen_run(r, &raw, err);
    meta_done(&raw);
    return s;
}
