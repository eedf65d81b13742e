/*
 * value.c - hash values: fixed-size ones as they are, the others as
 *           fixtures/README.md says
 */
#include "truth.h"

/* Selections with more are not hashed. */
#define MAX_BLOCKS 2000000u
#define MAX_RUNS 20000000u

struct run {
    uint64_t first, n;
};

struct runs {
    struct run *v;
    size_t n, room;
};

static hi5_status
keep_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    struct runs *const r = ctx;

    (void)err;
    if (r->n > 0 && r->v[r->n - 1].first + r->v[r->n - 1].n == first) {
        r->v[r->n - 1].n += n;
        return HI5_OK;
    }
    if (r->n >= MAX_RUNS)
        return HI5_E_LIMIT;
    if (r->n == r->room) {
        r->room = r->room ? 2 * r->room : 64;
        r->v = or_exit(realloc(r->v, r->room * sizeof(*r->v)));
    }
    r->v[r->n++] = (struct run){first, n};
    return HI5_OK;
}

static void
hash_points(struct sha256 *h, const hi5_selection *s)
{
    const uint64_t n = hi5_selection_count(s);
    uint64_t at[HI5_MAX_RANK];

    if (n > MAX_RUNS) {
        sha256_u8(h, 0xee);
        return;
    }
    sha256_u64(h, n);
    for (uint64_t i = 0; i < n && hi5_selection_point(s, i, at); i++)
        for (unsigned k = 0; k < hi5_selection_rank(s); k++)
            sha256_u64(h, at[k]);
}

void
hash_selection(struct sha256 *h, const hi5_selection *s)
{
    const hi5_selection_kind kind = hi5_selection_get_kind(s);
    struct runs r = {0};
    hi5_error err;

    sha256_u8(h, (unsigned)kind);
    sha256_u64(h, hi5_selection_rank(s));
    if (kind == HI5_SELECTION_POINTS)
        hash_points(h, s);
    if (kind != HI5_SELECTION_HYPERSLABS)
        return;
    if (hi5_selection_blocks(s) > MAX_BLOCKS ||
        hi5_selection_each_run(s, keep_run, &r, &err)) {
        sha256_u8(h, 0xee);
    } else {
        sha256_u64(h, r.n);
        for (size_t i = 0; i < r.n; i++) {
            sha256_u64(h, r.v[i].first);
            sha256_u64(h, r.v[i].n);
        }
    }
    free(r.v);
}

/* The object at the other end: 1 and its primary path, 2 if it has none, 3 if it
 * cannot be opened. */
static bool
hash_object(const struct walk *w, struct sha256 *h, hi5_file *f, uint64_t address)
{
    hi5_object *o;
    hi5_object_info info;
    hi5_error err;
    long r;

    if (hi5_object_open_address(f, address, &o, &err)) {
        sha256_u8(h, 3);
        return false;
    }
    if (hi5_object_get_info(o, &info, &err)) {
        hi5_object_close(o);
        sha256_u8(h, 3);
        return false;
    }
    hi5_object_close(o);
    r = find_object(w, info.file_number, info.address);
    if (r == NOT_FOUND) {
        sha256_u8(h, 2);
        return true;
    }
    sha256_u8(h, 1);
    sha256_u64(h, strlen(w->records[r].path));
    sha256_add(h, w->records[r].path, strlen(w->records[r].path));
    return true;
}

/* An old reference leaves out the selection when there is no object; a new one has
 * it in itself. */
static void
hash_reference(const struct walk *w, struct sha256 *h, hi5_ref_kind of_type,
               const hi5_reference *r)
{
    static const hi5_reference null;
    const bool std = of_type != HI5_REF_OBJECT && of_type != HI5_REF_REGION;
    hi5_target t = {0};
    hi5_error err;
    hi5_status status;

    status = hi5_resolve(w->f, r, &t, &err);
    if (status == HI5_E_NOTFOUND &&
        (memcmp(&r->in_heap, &null.in_heap, sizeof(*r) - 1) == 0 || r->address == 0 ||
         r->address == HI5_NO_ADDRESS)) {
        sha256_u8(h, 0);
        return;
    }
    if (std)
        sha256_u8(h, 0x10u | (unsigned)(r->kind - HI5_REF_OBJECT2));
    if (status) {
        sha256_u8(h, 3);
        if (std && r->kind != HI5_REF_OBJECT2)
            sha256_u8(h, 0xee);
        return;
    }
    if (!hash_object(w, h, t.file, t.address) && !std) {
        hi5_target_free(&t);
        return;
    }
    if (r->kind == HI5_REF_REGION || r->kind == HI5_REF_REGION2) {
        if (t.selection != NULL)
            hash_selection(h, t.selection);
        else
            sha256_u8(h, 0xee);
    }
    if (r->kind == HI5_REF_ATTRIBUTE && t.attribute != NULL) {
        sha256_u64(h, strlen(t.attribute));
        sha256_add(h, t.attribute, strlen(t.attribute));
    }
    hi5_target_free(&t);
}

static void
hash_vlen(const struct walk *w, struct sha256 *h, const hi5_type_info *i,
          const unsigned char *v)
{
    hi5_vlen seq;
    const char *s;

    if (i->is_vlen_string) {
        memcpy(&s, v, sizeof(s));
        sha256_u64(h, s != NULL ? strlen(s) : 0);
        if (s != NULL)
            sha256_add(h, s, strlen(s));
        return;
    }
    memcpy(&seq, v, sizeof(seq));
    sha256_u64(h, seq.n);
    if (!has_parts_elsewhere(i->base)) {
        if (seq.n > 0)
            sha256_add(h, seq.p, seq.n * hi5_type_size(i->base));
        return;
    }
    for (size_t k = 0; k < seq.n; k++)
        hash_value(w, h, i->base,
                   (const unsigned char *)seq.p + k * hi5_type_size(i->base));
}

static void
hash_array(const struct walk *w, struct sha256 *h, const hi5_type_info *i,
           const unsigned char *v)
{
    const size_t each = hi5_type_size(i->base);

    if (!has_parts_elsewhere(i->base) || each == 0)
        sha256_add(h, v, i->size);
    else
        for (size_t at = 0; at + each <= i->size; at += each)
            hash_value(w, h, i->base, v + at);
}

/* One element in its memory form. */
void
hash_value(const struct walk *w, struct sha256 *h, const hi5_type *type,
           const unsigned char *v)
{
    hi5_type_info i;
    hi5_member m;
    hi5_reference r;

    hi5_type_get_info(type, &i);
    switch (i.cls) {
    case HI5_VLEN:
        hash_vlen(w, h, &i, v);
        break;
    case HI5_ARRAY:
        hash_array(w, h, &i, v);
        break;
    case HI5_COMPOUND:
        for (unsigned k = 0; hi5_type_member(type, k, &m); k++)
            hash_value(w, h, m.type, v + m.offset);
        break;
    case HI5_REFERENCE:
        memcpy(&r, v, sizeof(r));
        hash_reference(w, h, i.ref_kind, &r);
        break;
    default:
        sha256_add(h, v, i.size);
    }
}

void
hash_values(const struct walk *w, char hex[65], const hi5_type *memory, size_t n,
            const unsigned char *buf)
{
    const size_t each = hi5_type_size(memory);
    struct sha256 h;

    sha256_init(&h);
    if (!has_parts_elsewhere(memory))
        sha256_add(&h, buf, n * each);
    else
        for (size_t i = 0; i < n; i++)
            hash_value(w, &h, memory, buf + i * each);
    sha256_hex(&h, hex);
}
