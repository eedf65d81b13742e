/*
 * diff_chunks.c - leaving out chunks that are stored with the same bytes
 *
 * Two datasets with the same datatype, chunks and filters: a chunk whose stored bytes
 * are the same in both holds the same elements, and need not be decoded. The chunks of
 * both are listed, sorted by their place, and matched. What neither has is the fill
 * value in both.
 *
 * A band is a row of chunks along the first dimension. Elements of a band follow one
 * another in row-major order, so that differences can be told in order band by band.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/diff.h"
#include "space/type.h"
#include <stdlib.h>
#include <string.h>

#define DIFF_CHUNKS ((size_t)1 << 20) /* that are listed of a dataset at most */
#define DIFF_MISSES 8u /* chunks in a row that differ: from then on look at few */

struct dchunk {
    uint64_t index; /* among all chunks, row-major */
    uint64_t address, size;
    uint32_t mask;
};

struct dchunk_list {
    struct dchunk *p;
    size_t n, room;
};

struct dchunks {
    struct diff_data *x;
    uint64_t chunk[HI5_MAX_RANK], grid[HI5_MAX_RANK];
    uint64_t band; /* chunks in a band */
    struct dchunk_list list[2];
    struct dchunk_list *into; /* while they are listed */
    size_t at[2];             /* the next of each */
    bool one_file;            /* both datasets are in one file */
    unsigned misses, skipped;
    uint8_t *raw[2];
    size_t raw_size;
    uint64_t *suspects; /* of the band at hand: indexes of chunks to compare */
    size_t nsuspects, suspects_room;
};

/* ---- are they stored in the same way? ---- */

static bool
dchunk_same_filters(hi5_dataset *a, hi5_dataset *b)
{
    for (size_t i = 0;; i++) {
        hi5_filter f, g;
        const bool has = hi5_dataset_filter(a, i, &f);

        if (has != hi5_dataset_filter(b, i, &g))
            return false;
        if (!has)
            return true;
        if (f.id != g.id || f.nvalues != g.nvalues)
            return false;
        if (f.nvalues != 0 &&
            memcmp(f.values, g.values, f.nvalues * sizeof *f.values) != 0)
            return false;
    }
}

static bool
dchunk_same_fill(const hi5_dataset *a, const hi5_dataset *b)
{
    hi5_fill f, g;

    hi5_dataset_get_fill(a, &f);
    hi5_dataset_get_fill(b, &g);
    if (f.value == NULL || g.value == NULL)
        return f.value == NULL && g.value == NULL;
    return f.size == g.size && memcmp(f.value, g.value, f.size) == 0;
}

static bool
dchunk_alike(const struct diff_data *x)
{
    hi5_dataset *const a = x->set[0], *const b = x->set[1];
    hi5_layout l[2];

    for (unsigned i = 0; i < 2; i++)
        hi5_dataset_get_layout(x->set[i], &l[i]);
    return x->rank > 0 && l[0].kind == HI5_CHUNKED && l[1].kind == HI5_CHUNKED &&
           l[0].unfiltered_edges == l[1].unfiltered_edges &&
           memcmp(l[0].chunk, l[1].chunk, x->rank * sizeof *l[0].chunk) == 0 &&
           hi5_type_equal(a->type, b->type) && !a->type->has_vlen &&
           !a->type->has_ref && dchunk_same_filters(a, b) && dchunk_same_fill(a, b);
}

/* ---- the lists ---- */

static hi5_status
dchunk_note(void *ctx, const hi5_chunk *c, hi5_error *err)
{
    struct dchunks *const k = ctx;
    struct dchunk_list *const l = k->into;
    struct mem *const mem = k->x->r->d->mem;
    uint64_t index = 0;

    for (unsigned i = 0; i < k->x->rank; i++) {
        if (c->offset[i] >= k->x->dims[i])
            return HI5_OK;
        index = index * k->grid[i] + c->offset[i] / k->chunk[i];
    }
    if (l->n == l->room) {
        const size_t more = l->room != 0 ? 2 * l->room : 64;
        struct dchunk *const p =
            more <= DIFF_CHUNKS
                ? mem_resize(mem, l->p, l->room * sizeof *p, more * sizeof *p)
                : NULL;
        if (p == NULL)
            return err_plain(err, HI5_E_LIMIT, "too many chunks to list");
        l->p = p;
        l->room = more;
    }
    l->p[l->n++] = (struct dchunk){index, c->address, c->size, c->mask};
    return HI5_OK;
}

static int
dchunk_order(const void *a, const void *b)
{
    const struct dchunk *const x = a, *const y = b;

    return (x->index > y->index) - (x->index < y->index);
}

/* List the chunks of both; false if there are too many, or they cannot be listed: then
 * reading will say why. */
static bool
dchunk_list(struct dchunks *k)
{
    for (unsigned i = 0; i < 2; i++) {
        struct dchunk_list *const l = &k->list[i];
        bool sorted = true;

        k->into = l;
        if (hi5_dataset_each_chunk(k->x->set[i], dchunk_note, k, NULL) != HI5_OK)
            return false;
        for (size_t j = 1; j < l->n && sorted; j++)
            sorted = l->p[j - 1].index < l->p[j].index;
        if (!sorted)
            qsort(l->p, l->n, sizeof *l->p, dchunk_order);
        for (size_t j = 1; j < l->n; j++)
            if (l->p[j - 1].index == l->p[j].index)
                return false;
    }
    return true;
}

/* ---- stored bytes ---- */

static bool
dchunk_raw_room(struct dchunks *k, uint64_t n)
{
    struct mem *const mem = k->x->r->d->mem;
    size_t size;

    if (n <= k->raw_size)
        return true;
    for (unsigned i = 0; i < 2; i++) {
        mem_free(mem, k->raw[i], k->raw_size);
        k->raw[i] = NULL;
    }
    k->raw_size = 0;
    if (!ckd_size(n, &size))
        return false;
    k->raw[0] = mem_alloc(mem, size);
    k->raw[1] = k->raw[0] != NULL ? mem_alloc(mem, size) : NULL;
    if (k->raw[1] == NULL) {
        mem_free(mem, k->raw[0], size);
        k->raw[0] = NULL;
        return false;
    }
    k->raw_size = size;
    return true;
}

/* Are the stored bytes the same? Where many in a row are not, only some are looked at:
 * the rest is as good as different. */
static bool
dchunk_same_bytes(struct dchunks *k, const struct dchunk *a, const struct dchunk *b)
{
    const struct dchunk *const c[2] = {a, b};
    bool same;

    if (a->size != b->size || a->mask != b->mask)
        return false;
    if (k->one_file && a->address == b->address)
        return true;
    if (k->misses >= DIFF_MISSES && k->skipped++ % DIFF_MISSES != 0)
        return false;
    if (!dchunk_raw_room(k, a->size))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        const hi5_chunk raw = {.address = c[i]->address, .size = c[i]->size};
        if (hi5_dataset_read_raw_chunk(k->x->set[i], &raw, k->raw[i], NULL) != HI5_OK)
            return false;
    }
    same = memcmp(k->raw[0], k->raw[1], (size_t)a->size) == 0;
    k->misses = same ? 0 : k->misses + 1;
    return same;
}

/* ---- bands ---- */

static bool
dchunk_suspect(struct dchunks *k, uint64_t index)
{
    struct mem *const mem = k->x->r->d->mem;

    if (k->nsuspects == k->suspects_room) {
        const size_t more = k->suspects_room != 0 ? 2 * k->suspects_room : 64;
        uint64_t *const p = mem_resize(mem, k->suspects, k->suspects_room * sizeof *p,
                                       more * sizeof *p);
        if (p == NULL) {
            hi5_error why;
            diff_break(k->x->r->d, mem_fail(mem, more * sizeof *p, &why), &why);
            return false;
        }
        k->suspects = p;
        k->suspects_room = more;
    }
    k->suspects[k->nsuspects++] = index;
    return true;
}

/* Find out which chunks of the next band there is are to be compared.
 * @param band  which it is; false if there is none */
static bool
dchunk_next_band(struct dchunks *k, uint64_t *band)
{
    bool any = false;

    k->nsuspects = 0;
    for (;;) {
        const struct dchunk *const a =
            k->at[0] < k->list[0].n ? &k->list[0].p[k->at[0]] : NULL;
        const struct dchunk *const b =
            k->at[1] < k->list[1].n ? &k->list[1].p[k->at[1]] : NULL;
        const struct dchunk *const c =
            a == NULL || (b != NULL && b->index < a->index) ? b : a;
        const bool both = a != NULL && b != NULL && a->index == b->index;

        if (c == NULL || (any && c->index / k->band != *band))
            return any;
        any = true;
        *band = c->index / k->band;
        k->at[0] += c == a || both;
        k->at[1] += c == b || both;
        if (both && dchunk_same_bytes(k, a, b))
            k->x->r->d->result->chunks_same++;
        else if (!dchunk_suspect(k, c->index))
            return false;
    }
}

/* The box of elements of chunk `index`. */
static void
dchunk_box(const struct dchunks *k, uint64_t index, uint64_t *start, uint64_t *count)
{
    for (unsigned i = k->x->rank; i-- > 0;) {
        const uint64_t c = index % k->grid[i];
        const uint64_t left = k->x->dims[i] - c * k->chunk[i];

        index /= k->grid[i];
        start[i] = c * k->chunk[i];
        count[i] = left < k->chunk[i] ? left : k->chunk[i];
    }
}

/* Compare the suspects one by one, in the order of their places. */
static void
dchunk_singly(struct dchunks *k)
{
    uint64_t start[HI5_MAX_RANK], count[HI5_MAX_RANK];
    const uint64_t budget = k->x->budget;

    k->x->budget = UINT64_MAX;
    for (size_t i = 0; i < k->nsuspects && !k->x->failed && !diff_enough(k->x->r);
         i++) {
        dchunk_box(k, k->suspects[i], start, count);
        diff_box(k->x, start, count);
    }
    k->x->budget = budget;
}

/* Compare the elements of a band in order. */
static void
dchunk_in_order(struct dchunks *k, uint64_t band)
{
    struct diff_data *const x = k->x;
    struct diff_run *const r = x->r;
    uint64_t start[HI5_MAX_RANK] = {0}, count[HI5_MAX_RANK], all = 1;
    const bool tell = r->tell;
    const uint64_t found = r->count;

    memcpy(count, x->dims, x->rank * sizeof *count);
    start[0] = band * k->chunk[0];
    count[0] =
        x->dims[0] - start[0] < k->chunk[0] ? x->dims[0] - start[0] : k->chunk[0];
    for (unsigned i = 0; i < x->rank; i++)
        if (!ckd_mul64(all, count[i], &all))
            all = UINT64_MAX;
    if (all / 4 <= x->budget) {
        const uint64_t budget = x->budget;
        x->budget = all > budget ? all : budget;
        diff_box(x, start, count);
        x->budget = budget;
        return;
    }
    /* Too much to be read at once: is there anything to be told? */
    r->tell = false;
    dchunk_singly(k);
    r->tell = tell;
    if (r->count == found)
        return;
    r->count = found;
    diff_box(x, start, count);
}

HI5_INT bool
diff_chunks(struct diff_data *x)
{
    struct mem *const mem = x->r->d->mem;
    const bool in_order = x->r->tell || x->r->d->o.most != 0;
    struct dchunks k = {
        .x = x, .one_file = x->set[0]->file == x->set[1]->file, .band = 1};
    hi5_layout l;
    uint64_t band;
    bool able = dchunk_alike(x);

    hi5_dataset_get_layout(x->set[0], &l);

    for (unsigned i = 0; i < x->rank && able; i++) {
        k.chunk[i] = l.chunk[i];
        able = k.chunk[i] != 0 && x->dims[i] != 0;
        k.grid[i] = able ? (x->dims[i] - 1) / k.chunk[i] + 1 : 1;
        if (i > 0)
            able = able && ckd_mul64(k.band, k.grid[i], &k.band);
    }
    able = able && k.band <= UINT64_MAX / k.grid[0] && dchunk_list(&k);
    while (able && !x->failed && !diff_enough(x->r) && dchunk_next_band(&k, &band)) {
        if (k.nsuspects != 0 && in_order)
            dchunk_in_order(&k, band);
        else
            dchunk_singly(&k);
    }
    for (unsigned i = 0; i < 2; i++) {
        mem_free(mem, k.list[i].p, k.list[i].room * sizeof *k.list[i].p);
        mem_free(mem, k.raw[i], k.raw_size);
    }
    mem_free(mem, k.suspects, k.suspects_room * sizeof *k.suspects);
    return able;
}
