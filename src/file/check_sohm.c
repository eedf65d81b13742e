/*
 * check_sohm.c - shared messages: their table, indexes and users         [FMT III.I]
 *
 * Whoever uses a message of a heap is noted during the walk over the objects. The
 * records of the indexes must then lead to messages with the hash that they give, and
 * count as many users as there are.
 */
#include "base/lookup3.h"
#include "btree/btree2.h"
#include "file/check.h"
#include "format/fheap.h"
#include "format/sohm.h"
#include <stdlib.h>

#define SOHM_COPIES 16u /* with this added, an index is one of copies, by hash */

/* ---- users ---- */

/* The index that a message of this type belongs to, or 8. */
static unsigned
sohm_index_of(const struct check *k, unsigned type)
{
    const struct sohm_table *const t = k->file->shared.table;
    const unsigned bit = 1u << (type == MSG_FILL_OLD ? MSG_FILL : type);
    unsigned i = 0;

    while (t != NULL && i < t->n && i < 8 && (t->index[i].msg_flags & bit) == 0)
        i++;
    return t != NULL && i < t->n ? i : 8;
}

HI5_INT void
check_sohm_use(struct check *k, unsigned type, const uint8_t *id)
{
    struct check_sohm_use *const u =
        type < 16 ? check_list_add(k, &k->sohm_uses, sizeof *u) : NULL;

    if (u != NULL)
        *u = (struct check_sohm_use){cur_raw_uint(id, 8), sohm_index_of(k, type)};
}

HI5_INT void
check_sohm_message(struct check *k, unsigned type, const uint8_t *body, size_t n)
{
    if (n >= 10 && body[0] == 3 && body[1] == 1) /* version 3, in the heap */
        check_sohm_use(k, type, body + 2);
}

/* Bytes of a header's own copy that its hash is of. */
static size_t
sohm_copy_size(const struct check *k, const struct ohdr *h, const struct ohdr_msg *m)
{
    return h->version == 1 ? sohm_message_size(k->meta, m->type, m->body, m->size)
                           : m->size;
}

/* NOTE(lib): the first user keeps its own copy, and is counted nevertheless. */
HI5_INT void
check_sohm_copy(struct check *k, const struct ohdr *h, const struct ohdr_msg *m)
{
    struct check_sohm_use *u;

    u = m->type < 16 ? check_list_add(k, &k->sohm_uses, sizeof *u) : NULL;
    if (u != NULL)
        *u = (struct check_sohm_use){lookup3(m->body, sohm_copy_size(k, h, m), m->type),
                                     SOHM_COPIES + sohm_index_of(k, m->type)};
}

static int
sohm_use_order(const void *a, const void *b)
{
    const struct check_sohm_use *const x = a, *const y = b;

    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* How often the message was used; the uses are sorted. */
static uint64_t
sohm_uses(const struct check *k, unsigned index, uint64_t id)
{
    const struct check_sohm_use key = {id, index};
    const struct check_sohm_use *const u = k->sohm_uses.p;
    size_t lo = 0, hi = k->sohm_uses.n;
    uint64_t n = 0;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (sohm_use_order(&u[mid], &key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    while (lo + n < k->sohm_uses.n && sohm_use_order(&u[lo + n], &key) == 0)
        n++;
    return n;
}

/* ---- records ---- */

struct sohm_check {
    struct check *k;
    const struct sohm_index *index;
    const struct fheap *heap; /* NULL: it cannot be opened, or there is none */
    unsigned i;
    uint64_t managed, errors;
};

/* NOTE(lib): the hash begins with the type of the message, which a record in the heap
 * does not say: it is one of those that the index is for. Old fill values are of the index
 * for new ones, under a type of their own. */
static bool
sohm_hash_fits(unsigned types, const uint8_t *body, size_t n, uint32_t hash)
{
    types |= (types & 1u << MSG_FILL) != 0 ? 1u << MSG_FILL_OLD : 0;
    for (unsigned type = 0; type < MSG_KNOWN; type++)
        if ((types & 1u << type) != 0 && lookup3(body, n, type) == hash)
            return true;
    return false;
}

static void
sohm_check_uses(struct sohm_check *s, const struct sohm_record *r, uint64_t addr)
{
    const struct check *const k = s->k;
    const uint64_t uses = sohm_uses(k, s->i, cur_raw_uint(r->heap_id, 8)) +
                          sohm_uses(k, SOHM_COPIES + s->i, r->hash);
    const bool sure = !k->incomplete;

    if (r->refcount < uses || (r->refcount > uses && sure))
        check_report(s->k, "SO-003", addr + 5, "shared message record",
                     "reference count", "%lu, but there are %llu users",
                     (unsigned long)r->refcount, (unsigned long long)uses);
}

static void
sohm_check_heap(struct sohm_check *s, const struct sohm_record *r, uint64_t addr)
{
    const uint8_t *body;
    hi5_error err = {0};
    struct arena a;
    uint64_t where;
    size_t n;

    if (s->heap == NULL)
        return;
    arena_init(&a, &s->k->mem);
    if (fheap_get(s->heap, r->heap_id, 8, &a, &body, &n, &where, &err) != HI5_OK) {
        check_fheap_object_failed(s->k, &err, addr + 9, s->errors);
    } else {
        s->managed += r->heap_id[0] >> 4 == 0;
        if (sohm_hash_fits(s->index->msg_flags, body, n, r->hash))
            sohm_check_uses(s, r, addr);
        else
            check_report(s->k, "B2-011", addr + 1, "shared message record", "hash",
                         "0x%08lx is not the hash of the message",
                         (unsigned long)r->hash);
    }
    arena_done(&a);
}

/* A message that is still where it was first written: in an object header. */
static void
sohm_check_header(struct sohm_check *s, const struct sohm_record *r, uint64_t addr)
{
    struct check *const k = s->k;
    bool there = false, fits = false;
    struct arena a;
    struct ohdr *h;

    if (r->header >= k->meta->eof) {
        check_report(k, "B2-011", addr + 9, "shared message record",
                     "object header address", "0x%llx is not inside the file",
                     (unsigned long long)r->header);
        return;
    }
    if (!msg_sharable(r->type)) {
        check_report(k, "B2-011", addr + 6, "shared message record", "message type",
                     "a %s message cannot be shared", msg_name(r->type));
        return;
    }
    arena_init(&a, &k->mem);
    k->mute = true; /* what is wrong there is reported there */
    if (ohdr_read(k->meta, r->header, &a, &h, NULL) == HI5_OK)
        for (size_t i = 0; i < h->nmsgs; i++) {
            there |= h->msg[i].type == r->type;
            if (h->msg[i].type == r->type)
                fits |= lookup3(h->msg[i].body, sohm_copy_size(k, h, &h->msg[i]),
                                r->type) == r->hash;
        }
    k->mute = false;
    arena_done(&a);
    if (!there)
        check_report(k, "B2-011", addr + 9, "shared message record",
                     "object header address", "there is no %s message at 0x%llx",
                     msg_name(r->type), (unsigned long long)r->header);
    else if (!fits)
        check_report(k, "B2-011", addr + 1, "shared message record", "hash",
                     "0x%08lx is not the hash of the message", (unsigned long)r->hash);
}

static void
sohm_record(void *ctx, const uint8_t *record, uint64_t addr)
{
    struct sohm_check *const s = ctx;
    struct cur c = meta_cursor_at(
        s->k->meta, record, sohm_record_size(s->k->meta->off_w), addr, NULL, NULL);
    struct sohm_record r = {0};

    sohm_record_code(&c, &r);
    if (!cur_ok(&c))
        return;
    if (r.place == 0)
        sohm_check_heap(s, &r, addr);
    else
        sohm_check_header(s, &r, addr);
}

/* ---- indexes ---- */

static int
sohm_compare(void *ctx, const uint8_t *a, const uint8_t *b)
{
    const uint64_t x = cur_raw_uint(a + 1, 4), y = cur_raw_uint(b + 1, 4);

    (void)ctx;
    return x <= y ? -1 : 1; /* equal hashes: by the messages' bytes */
}

static void
sohm_list(struct sohm_check *s)
{
    struct check *const k = s->k;
    const struct sohm_index *const x = s->index;
    const size_t size = sohm_record_size(k->meta->off_w);
    struct smli list = {.records_size = x->nmsgs * size};
    struct block *b;
    struct cur c;

    check_claim(k, x->index, 8 + (uint64_t)x->list_max * size, "SMLI",
                HI5_USE_METADATA);
    if (!check_pin(k, x->index, 8 + list.records_size, "SMLI", &b))
        return;
    c = meta_cursor(k->meta, b, 8 + list.records_size, NULL, NULL);
    smli_code(&c, &list);
    for (size_t i = 0; i < x->nmsgs && cur_ok(&c) && !check_broken(k); i++)
        sohm_record(s, list.records + i * size, x->index + 4 + i * size);
    meta_unpin(k->meta, b);
}

/* `at`: where the table has this index. */
static void
sohm_index(struct check *k, unsigned i, const struct sohm_index *x, uint64_t at)
{
    struct sohm_check s = {.k = k, .index = x, .i = i};
    const struct check_bt2 b = {sohm_compare, sohm_record, &s};
    uint64_t total = x->nmsgs;
    struct arena a;

    s.errors = k->result->errors;
    arena_init(&a, &k->mem);
    if (x->heap != ADDR_NONE)
        check_fheap(k, x->heap, &a, &s.heap);
    if (x->index != ADDR_NONE && x->type == 0)
        sohm_list(&s);
    else if (x->index != ADDR_NONE)
        check_btree2(k, x->index, BT2_SHARED_MESSAGE, sohm_record_size(k->meta->off_w),
                     &b, &total);
    if (total != x->nmsgs && total != CHECK_LOST)
        check_report(k, "SO-002", at + 12, "SMTB", "number of messages",
                     "%u, but the tree has %llu", (unsigned)x->nmsgs,
                     (unsigned long long)total);
    if (s.heap != NULL && k->result->errors == s.errors)
        check_fheap_settle(k, x->heap, s.heap, s.managed);
    arena_done(&a);
}

HI5_INT void
check_sohm(struct check *k)
{
    const struct sohm_table *const t = k->file->shared.table;
    unsigned seen = 0;

    if (t == NULL)
        return;
    k->path = "shared messages";
    k->role = CHECK_SHARED;
    if (k->sohm_uses.n > 1)
        qsort(k->sohm_uses.p, k->sohm_uses.n, sizeof(struct check_sohm_use),
              sohm_use_order);
    for (unsigned i = 0; i < t->n && i < 8 && !check_broken(k); i++) {
        const struct sohm_index *const x = &t->index[i];
        const uint64_t at = k->sohm + 4 + i * (14u + 2u * k->meta->off_w);

        if ((x->msg_flags & ~0x182au) != 0)
            check_report_as(
                k, "SO-001", HI5_WARNING, at + 2, "SMTB", "message type flags",
                "0x%04x has types that cannot be shared", (unsigned)x->msg_flags);
        if ((seen & x->msg_flags) != 0)
            check_report(k, "SO-001", at + 2, "SMTB", "message type flags",
                         "two indexes are for the same type");
        seen |= x->msg_flags;
        sohm_index(k, i, x, at);
    }
    k->role = CHECK_OBJECT;
    k->path = "";
}
