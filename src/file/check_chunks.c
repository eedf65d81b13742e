/*
 * check_chunks.c - chunks: where they are, and whether they decode   [FMT VII]
 *
 * Whatever kind of index there is, each chunk that it leads to comes to
 * check_chunk_found. The two B-trees are walked here, arrays in check_arrays.c.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "btree/btree2.h"
#include "file/check.h"
#include <string.h>

/* ---- one chunk ---- */

static bool
chunk_is_edge(const hi5_dataset *d, const uint64_t *scaled)
{
    for (unsigned i = 0; i < d->grid.rank; i++)
        if (scaled[i] >= d->shape.dims[i] / d->grid.chunk[i])
            return true;
    return false;
}

static void
chunk_text(const hi5_dataset *d, const struct cix_chunk *c, char *out, size_t size)
{
    struct {
        char *p;
        size_t left;
    } o = {out, size};

    for (unsigned i = 0; i < d->grid.rank && o.left > 24; i++) {
        uint64_t v = c->scaled[i] * d->grid.chunk[i];
        char digits[24];
        size_t n = 0;

        do
            digits[n++] = (char)('0' + v % 10);
        while ((v /= 10) != 0);
        *o.p++ = i == 0 ? '[' : ',';
        o.left -= n + 1;
        while (n > 0)
            *o.p++ = digits[--n];
    }
    *o.p++ = ']';
    *o.p = '\0';
}

enum chunk_field { CHUNK_ADDRESS, CHUNK_SIZE, CHUNK_MASK, CHUNK_PLACE };

/* Where this field of a chunk's entry at `addr` is. */
static uint64_t
chunk_field_at(const struct check_grid *g, uint64_t addr, enum chunk_field field)
{
    const struct cix_params *const p = &g->d->grid;
    const unsigned off_w = g->k->meta->off_w, rest = p->filtered ? 4 : 0;
    const unsigned size_w =
        p->filtered
            ? cix_size_width(p->layout_version, p->chunk_bytes, g->k->meta->len_w)
            : 0;

    if (p->kind == HI5_INDEX_SINGLE || p->kind == HI5_INDEX_IMPLICIT)
        return field == CHUNK_ADDRESS ? g->x->at.layout : addr;
    if (p->kind == HI5_INDEX_BTREE1)
        return addr + (field == CHUNK_SIZE    ? 0
                       : field == CHUNK_MASK  ? 4
                       : field == CHUNK_PLACE ? 8
                                              : 8 + 8 * (p->rank + 1));
    return addr + (field == CHUNK_ADDRESS ? 0
                   : field == CHUNK_SIZE  ? off_w
                   : field == CHUNK_MASK  ? off_w + size_w
                                          : off_w + size_w + rest);
}

/* Places: each once, and inside the extent. */
static void
chunk_check_place(struct check_grid *g, const struct cix_chunk *c, uint64_t addr,
                  const char *name)
{
    const hi5_dataset *const d = g->d;
    uint64_t hash = 0;
    bool outside = false;

    for (unsigned i = 0; i < d->grid.rank; i++) {
        hash = (hash ^ c->scaled[i]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
        if (d->shape.dims[i] <= c->scaled[i] * d->grid.chunk[i])
            outside = true;
    }
    if (check_set_add(g->k, &g->places, hash))
        check_report(g->k, d->grid.kind == HI5_INDEX_BTREE1 ? "B1-007" : "B2-013",
                     chunk_field_at(g, addr, CHUNK_PLACE), g->what, "coordinate",
                     "a second chunk at %s", name);
    if (outside)
        check_report(g->k, "CI-003", chunk_field_at(g, addr, CHUNK_PLACE), g->what,
                     "coordinate", "the chunk at %s is outside the extent", name);
}

/* Size and filter mask. */
static bool
chunk_check_shape(struct check_grid *g, const struct cix_chunk *c, uint64_t addr,
                  const char *name)
{
    const hi5_dataset *const d = g->d;
    const bool old = d->grid.kind == HI5_INDEX_BTREE1;
    const bool raw_edge = d->layout.version >= 4 && (d->layout.flags & 1) != 0 &&
                          chunk_is_edge(d, c->scaled);

    if (c->size == 0) {
        check_report(g->k, old ? "B1-008" : "B2-013",
                     chunk_field_at(g, addr, CHUNK_SIZE), g->what, "chunk size",
                     "the chunk at %s has no bytes", name);
        return false;
    }
    if ((d->pipeline.n == 0 || raw_edge) && c->size != d->grid.chunk_bytes) {
        check_report(g->k, old ? "B1-008" : "CI-002",
                     chunk_field_at(g, addr, CHUNK_SIZE), g->what, "chunk size",
                     "the unfiltered chunk at %s has %llu bytes, not %llu", name,
                     (unsigned long long)c->size,
                     (unsigned long long)d->grid.chunk_bytes);
        return false;
    }
    if (d->pipeline.n < 32 && c->mask >> d->pipeline.n != 0)
        check_report_as(g->k, old ? "B1-008" : "CI-004", HI5_WARNING,
                        chunk_field_at(g, addr, CHUNK_MASK), g->what, "filter mask",
                        "0x%lx for %u filters: the chunk at %s", (unsigned long)c->mask,
                        d->pipeline.n, name);
    return true;
}

/* Elements of a decoded chunk that are inside the extent, row by row. */
static void
chunk_values(struct check_grid *g, const struct cix_chunk *c)
{
    const hi5_dataset *const d = g->d;
    const unsigned last = d->grid.rank - 1;
    const size_t each = d->type->size;
    const uint64_t base = d->pipeline.n == 0 ? c->addr : ADDR_NONE;
    uint64_t at[HI5_MAX_RANK] = {0}, n[HI5_MAX_RANK], stride[HI5_MAX_RANK];
    unsigned i;

    for (i = 0; i <= last; i++) {
        const uint64_t from = c->scaled[i] * d->grid.chunk[i];
        const uint64_t left = d->shape.dims[i] > from ? d->shape.dims[i] - from : 0;
        n[i] = left < d->grid.chunk[i] ? left : d->grid.chunk[i];
        if (n[i] == 0)
            return;
    }
    stride[last] = each;
    for (i = last; i > 0; i--)
        stride[i - 1] = stride[i] * d->grid.chunk[i];
    do {
        uint64_t offset = 0;

        for (i = 0; i < last; i++)
            offset += at[i] * stride[i];
        check_values(g->k, d->type, g->decoded + offset, n[last],
                     base == ADDR_NONE ? ADDR_NONE : base + offset);
        for (i = last; i-- > 0;) {
            if (++at[i] < n[i])
                break;
            at[i] = 0;
        }
    } while (i < last && !check_broken(g->k));
}

/* Read and decode a chunk that is known to be inside the file. */
static hi5_status
grid_decode(struct check_grid *g, const struct cix_chunk *c, hi5_error *err)
{
    hi5_dataset *const d = g->d;
    const bool raw_edge = d->layout.version >= 4 && (d->layout.flags & 1) != 0 &&
                          chunk_is_edge(d, c->scaled);

    if (c->size > g->room) {
        mem_free(g->work.mem, g->stored, g->room);
        g->room = 0;
        g->stored =
            c->size <= SIZE_MAX ? mem_alloc(g->work.mem, (size_t)c->size) : NULL;
        if (g->stored == NULL)
            return mem_fail(g->work.mem, c->size, err);
        g->room = (size_t)c->size;
    }
    TRY(meta_read(g->k->meta, c->addr, g->stored, (size_t)c->size, err));
    return pipe_decode(&d->pipeline, &d->file->options.plugins,
                       raw_edge ? UINT32_MAX : c->mask, g->stored, (size_t)c->size,
                       g->decoded, (size_t)d->grid.chunk_bytes, &g->work, err);
}

static void
grid_too_large(const struct check_header *x, const hi5_dataset *d)
{
    check_report_as(
        x->k, "CI-005", HI5_NOTE, x->layout_addr, "data layout message",
        "chunk dimension",
        "chunks of %llu bytes were not decoded: the limits on memory are lower",
        (unsigned long long)d->grid.chunk_bytes);
}

/* Is there a filter that this build cannot undo? Those behind it can be undone still. */
static bool
grid_lacks_filter(const struct check *k, const hi5_dataset *d, unsigned *id)
{
    for (unsigned i = 0; i < d->pipeline.n; i++) {
        *id = d->pipeline.filter[i].id;
        if (!hi5_filter_available(*id) && k->file->options.plugins.n == 0)
            return true;
    }
    return false;
}

static void
chunk_check_data(struct check_grid *g, const struct cix_chunk *c, const char *name)
{
    struct check *const k = g->k;
    hi5_error err = {0};
    unsigned id;

    if (g->decoded == NULL || check_broken(k))
        return;
    if (grid_decode(g, c, &err) != HI5_OK) {
        if (err.status == HI5_E_NOMEM || err.status == HI5_E_IO)
            check_failed(k, &err);
        else if (err.status == HI5_E_LIMIT)
            grid_too_large(g->x, g->d);
        else if (g->x->bad_filter != NULL)
            check_bad_filter(g->x, HI5_ERROR);
        else if (err.status != HI5_E_FILTER || !grid_lacks_filter(k, g->d, &id))
            check_report(k, "CI-005", c->addr, "chunk", "", "the chunk at %s: %s", name,
                         err.cause);
        return;
    }
    if (g->d->type->has_vlen || g->d->type->has_ref)
        chunk_values(g, c);
}

HI5_INT void
check_chunk_found(struct check_grid *g, const struct cix_chunk *c, uint64_t addr)
{
    const bool old = g->d->grid.kind == HI5_INDEX_BTREE1;
    char name[128];

    if (c->addr == ADDR_NONE)
        return;
    g->k->result->chunks++;
    g->nchunks++;
    chunk_text(g->d, c, name, sizeof name);
    chunk_check_place(g, c, addr, name);
    if (!chunk_check_shape(g, c, addr, name))
        return;
    if (!ckd_inside(c->addr, c->size, g->k->meta->eof)) {
        check_report(g->k, old ? "B1-009" : "CI-001",
                     chunk_field_at(g, addr, CHUNK_ADDRESS), g->what, "chunk address",
                     "%llu bytes at 0x%llx, for %s, are not inside the file",
                     (unsigned long long)c->size, (unsigned long long)c->addr, name);
        return;
    }
    check_claim(g->k, c->addr, c->size, "chunk", HI5_USE_DATA);
    chunk_check_data(g, c, name);
}

/* ---- version-1 B-tree ---- */

static int
grid_compare1(void *ctx, const uint8_t *a, const uint8_t *b)
{
    const struct check_grid *const g = ctx;

    for (unsigned i = 0; i <= g->d->grid.rank; i++) {
        const uint64_t x = cur_raw_uint(a + 8 + 8 * i, 8);
        const uint64_t y = cur_raw_uint(b + 8 + 8 * i, 8);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static void
grid_key1(void *ctx, const uint8_t *key, uint64_t addr, bool last)
{
    const struct check_grid *const g = ctx;
    const unsigned rank = g->d->grid.rank;

    if (last)
        return;
    for (unsigned i = 0; i < rank; i++)
        if (cur_raw_uint(key + 8 + 8 * i, 8) % g->d->grid.chunk[i] != 0) {
            check_report(g->k, "B1-007", addr + 8 + 8 * i, "TREE", "key",
                         "offset %llu in dimension %u is no multiple of %llu",
                         (unsigned long long)cur_raw_uint(key + 8 + 8 * i, 8), i,
                         (unsigned long long)g->d->grid.chunk[i]);
            return;
        }
    if (cur_raw_uint(key + 8 + 8 * rank, 8) != 0)
        check_report(g->k, "B1-007", addr + 8 + 8 * rank, "TREE", "key",
                     "the offset inside an element is not zero");
}

static void
grid_child1(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next_key,
            uint64_t addr)
{
    struct check_grid *const g = ctx;
    struct cix_chunk c = {.addr = child};

    (void)next_key;
    c.size = cur_raw_uint(key, 4);
    c.mask = (uint32_t)cur_raw_uint(key + 4, 4);
    for (unsigned i = 0; i < g->d->grid.rank; i++)
        c.scaled[i] = cur_raw_uint(key + 8 + 8 * i, 8) / g->d->grid.chunk[i];
    check_chunk_found(g, &c, addr);
}

/* ---- version-2 B-tree ---- */

static size_t
grid_record_size(const struct check_grid *g, unsigned *size_w)
{
    const struct cix_params *const p = &g->d->grid;

    *size_w = p->filtered
                  ? cix_size_width(p->layout_version, p->chunk_bytes, g->k->meta->len_w)
                  : 0;
    return g->k->meta->off_w + (p->filtered ? *size_w + 4u : 0) + 8u * p->rank;
}

static int
grid_compare2(void *ctx, const uint8_t *a, const uint8_t *b)
{
    const struct check_grid *const g = ctx;
    unsigned size_w;
    const size_t at = grid_record_size(g, &size_w) - 8u * g->d->grid.rank;

    for (unsigned i = 0; i < g->d->grid.rank; i++) {
        const uint64_t x = cur_raw_uint(a + at + 8 * i, 8);
        const uint64_t y = cur_raw_uint(b + at + 8 * i, 8);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static void
grid_record2(void *ctx, const uint8_t *record, uint64_t addr)
{
    struct check_grid *const g = ctx;
    unsigned size_w;
    const size_t size = grid_record_size(g, &size_w);
    struct cur c = meta_cursor_at(g->k->meta, record, size, addr, NULL, NULL);
    struct cix_chunk chunk = {.size = g->d->grid.chunk_bytes};

    cix_entry_code(&c, &chunk, size_w, g->d->grid.rank);
    for (unsigned i = 0; i < g->d->grid.rank; i++)
        if (chunk.scaled[i] > UINT64_MAX / g->d->grid.chunk[i]) {
            check_report(g->k, "B2-013", addr, "BTLF", "coordinate",
                         "%llu is beyond any extent",
                         (unsigned long long)chunk.scaled[i]);
            return;
        }
    if (cur_ok(&c))
        check_chunk_found(g, &chunk, addr);
}

/* ---- all indexes ---- */

static hi5_status
grid_direct(void *ctx, const struct cix_chunk *c, hi5_error *err)
{
    struct check_grid *const g = ctx;

    (void)err;
    check_chunk_found(g, c, g->x->layout_addr);
    return check_broken(g->k) ? g->k->broken : HI5_OK;
}

/* Places `from` to `to` of an implicit index, where no chunk is yet. */
static void
grid_claim_places(struct check_grid *g, uint64_t from, uint64_t to)
{
    const struct cix_params *const p = &g->d->grid;

    if (from < to)
        check_claim(g->k, p->addr + from * p->chunk_bytes, (to - from) * p->chunk_bytes,
                    "chunks to come", HI5_USE_DATA);
}

/* An implicit index has room for all chunks that there can ever be. What is behind each row
 * of those that there are is one piece. */
static void
grid_claim_rest(struct check_grid *g)
{
    const struct cix_params *const p = &g->d->grid;
    const unsigned last = p->rank - 1;
    uint64_t n = 1, bytes, at[HI5_MAX_RANK] = {0}, row = 0, from = 0;
    bool more = !check_broken(g->k);

    for (unsigned i = 0; i < p->rank; i++)
        if (!ckd_mul64(n, p->max[i] / p->chunk[i] + (p->max[i] % p->chunk[i] != 0), &n))
            return;
    if (p->addr == ADDR_NONE || !ckd_mul64(n, p->chunk_bytes, &bytes) ||
        !ckd_inside(p->addr, bytes, g->k->meta->eof))
        return; /* it may have been cut short where nothing is to be read */
    while (more && cix_slot(g->d->cix, at, &row)) { /* not even one where a dimension is 0 */
        grid_claim_places(g, from, row);
        from = row + p->dims[last] / p->chunk[last] + (p->dims[last] % p->chunk[last] != 0);
        more = false;
        for (unsigned i = last; !more && i-- > 0;) {
            more = ++at[i] * p->chunk[i] < p->dims[i];
            at[i] = more ? at[i] : 0;
        }
    }
    grid_claim_places(g, from, n);
}

static void
grid_walk(struct check_grid *g)
{
    const hi5_dataset *const d = g->d;
    const struct check_bt1 b1 = {.tree = {.meta = g->k->meta,
                                          .type = BT1_CHUNK,
                                          .root = d->grid.addr,
                                          .k = d->grid.k,
                                          .rank = d->grid.rank},
                                 .what = "group",
                                 .compare = grid_compare1,
                                 .key = grid_key1,
                                 .child = grid_child1,
                                 .ctx = g};
    const struct check_bt2 b2 = {grid_compare2, grid_record2, g};
    hi5_error err = {0};
    uint64_t total;
    unsigned size_w;

    switch (d->grid.kind) {
    case HI5_INDEX_BTREE1:
        g->what = "TREE";
        check_btree1(g->k, &b1);
        break;
    case HI5_INDEX_BTREE2:
        g->what = "BTLF";
        check_btree2(g->k, d->grid.addr,
                     d->grid.filtered ? BT2_CHUNK_FILTERED : BT2_CHUNK,
                     grid_record_size(g, &size_w), &b2, &total);
        break;
    case HI5_INDEX_FIXED_ARRAY:
    case HI5_INDEX_EXTENSIBLE_ARRAY:
        check_chunk_arrays(g);
        break;
    case HI5_INDEX_SINGLE:
    case HI5_INDEX_IMPLICIT:
        g->what = "data layout message";
        if (cix_each(d->cix, grid_direct, g, &err) != HI5_OK)
            check_failed(g->k, &err);
        else if (d->grid.kind == HI5_INDEX_IMPLICIT)
            grid_claim_rest(g);
        break;
    }
}

/* Is there a reason to decode chunks, and can it be done? */
static bool
grid_wants_data(const struct check_header *x, const hi5_dataset *d)
{
    struct check *const k = x->k;
    const bool leads = d->type->has_vlen || d->type->has_ref;
    unsigned id;

    if (grid_lacks_filter(k, d, &id) && k->data && hi5_filter_known_name(id) != NULL)
        check_report_as(k, "MS-054", HI5_NOTE, x->pline_addr, "filter pipeline message",
                        "filter id",
                        "chunks were not decoded: this build has no %s, "
                        "filter %u",
                        hi5_filter_known_name(id), id);
    if ((!k->data || d->pipeline.n == 0) && !(leads && (k->data || k->space_only)))
        return false;
    if (d->grid.chunk_bytes <= k->meta->limits.chunk_bytes &&
        d->grid.chunk_bytes <= SIZE_MAX)
        return true;
    grid_too_large(x, d);
    return false;
}

HI5_INT void
check_chunks(struct check_header *x, hi5_dataset *d)
{
    struct check *const k = x->k;
    struct check_grid g = {.k = k, .x = x, .d = d, .work = {.mem = &d->file->mem}};
    const size_t n = (size_t)d->grid.chunk_bytes;

    if (d->cix == NULL)
        return;
    if (grid_wants_data(x, d)) {
        g.decoded = mem_alloc(g.work.mem, n);
        if (g.decoded == NULL)
            grid_too_large(x, d);
    }
    grid_walk(&g);
    mem_free(g.work.mem, g.decoded, g.decoded != NULL ? n : 0);
    mem_free(g.work.mem, g.stored, g.room);
    pipe_work_done(&g.work);
    check_set_done(k, &g.places);
}
