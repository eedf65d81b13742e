/*
 * check_values.c - elements that lead elsewhere             [FMT IV.A.2.d, III.E, VIII]
 *
 * Variable-length data and references name heap objects and object headers: these must
 * be there. Heap objects of variable-length data are looked into, each once.
 */
#include "base/ckd.h"
#include "file/check.h"
#include "format/msg_select.h"
#include "space/convert.h"
#include <string.h>

/* ---- variable-length data ---- */

/* Has this heap object been looked into for this object of the file? */
static bool
values_seen(struct check *k, const hi5_type *t, uint64_t collection, uint32_t index)
{
    uint64_t x = collection * 0x9e3779b97f4a7c15u ^ (uint64_t)index << 40;

    x ^= (uint64_t)(uintptr_t)t * 0xff51afd7ed558ccdu;
    x += (uint64_t)k->done * 0xc4ceb9fe1a85ec53u;
    return check_set_add(k, &k->nodes, x | (uint64_t)1 << 63);
}

static void
values_vlen(struct check *k, const hi5_type *t, const uint8_t *p, uint64_t addr)
{
    const unsigned off_w = k->meta->off_w;
    const uint64_t n = cur_raw_uint(p, 4), collection = cur_raw_addr(p + 4, off_w);
    const uint32_t index = (uint32_t)cur_raw_uint(p + 4 + off_w, 4);
    const uint8_t *bytes;
    hi5_error err = {0};
    uint64_t need, where;
    void *held;
    size_t size;

    if (collection == 0 || collection == ADDR_NONE || (n == 0 && index == 0)) {
        if (n != 0) /* VLEN-05 */
            check_report(k, "GH-004", addr, "variable-length element", "collection",
                         "%llu elements, but no heap address", (unsigned long long)n);
        return;
    }
    if (!check_gheap_use(k, collection, index, &where)) {
        if (n != 0)
            check_report(k, "GH-004", addr == ADDR_NONE ? addr : addr + 4,
                         "variable-length element", "heap ID",
                         "%llu elements in object %lu of the collection at 0x%llx, "
                         "which is not there",
                         (unsigned long long)n, (unsigned long)index,
                         (unsigned long long)collection);
        return;
    }
    if (where == ADDR_NONE) /* the collection is damaged, which has been said */
        return;
    if (!check_gheap_hold(k, collection, index, k->filling))
        check_report(k, "GH-006", addr == ADDR_NONE ? addr : addr + 4,
                     "variable-length element", "heap ID",
                     "another element has object %lu of the collection at 0x%llx, too",
                     (unsigned long)index, (unsigned long long)collection);
    if (gheap_get(k->file->gheap, collection, index, &bytes, &size, &held, &err) !=
        HI5_OK) {
        check_failed(k, &err);
        return;
    }
    if (!ckd_mul64(n, t->base->size, &need))
        need = UINT64_MAX;
    if (need > size)
        check_report(k, "GH-004", addr, "variable-length element", "length",
                     "%llu elements of %zu bytes, but object %lu has %zu",
                     (unsigned long long)n, t->base->size, (unsigned long)index, size);
    else if (need != size && !t->base->has_ref) /* VLEN-20; of references the width varies */
        check_refused(k, 112, 0, addr, "variable-length element", "length",
                      "its heap object has more bytes");
    if (need <= size && (t->base->has_vlen || t->base->has_ref) &&
        !values_seen(k, t, collection, index))
        check_values(k, t->base, bytes, n, where);
    gheap_release(k->file->gheap, held);
}

/* ---- references ---- */

static void
values_target(struct check *k, uint64_t object, uint64_t addr)
{
    struct check_target *t;

    if (check_object_find(k, object) != NULL)
        return;
    t = check_list_add(k, &k->targets, sizeof *t);
    if (t != NULL)
        *t = (struct check_target){object, addr, k->path};
}

/* Does a header begin there? */
static bool
values_is_object(struct check *k, uint64_t addr)
{
    struct arena a;
    struct ohdr *h;
    hi5_status s;

    if (check_object_find(k, addr) != NULL)
        return true;
    arena_init(&a, &k->mem);
    k->mute = true;
    s = ohdr_read(k->meta, addr, &a, &h, NULL);
    k->mute = false;
    arena_done(&a);
    return s == HI5_OK;
}

/* The heap object of a reference, and which object it names. */
static bool
values_heap_object(struct check *k, const hi5_reference *r, uint64_t addr,
                   uint64_t where, uint64_t *object)
{
    struct ref_object o;
    const uint8_t *bytes;
    hi5_error err = {0};
    struct arena a;
    struct cur c;
    void *held;
    size_t n;

    if (gheap_get(k->file->gheap, r->address, r->index, &bytes, &n, &held, &err) !=
        HI5_OK) {
        check_failed(k, &err);
        return false;
    }
    if (r->kind < HI5_REF_OBJECT2) {
        *object = n >= k->meta->off_w ? cur_raw_addr(bytes, k->meta->off_w) : ADDR_NONE;
        gheap_release(k->file->gheap, held);
        return true;
    }
    if (r->size != n)
        check_report(k, "RF-003", addr, "reference", "size",
                     "%llu bytes, but heap object %lu has %zu",
                     (unsigned long long)r->size, (unsigned long)r->index, n);
    arena_init(&a, &k->mem);
    c = meta_cursor_at(k->meta, bytes, n, where, &a, NULL);
    ref_object_code(&c, &o, (hi5_ref_kind)r->kind, r->external != 0);
    *object = o.address;
    arena_done(&a);
    gheap_release(k->file->gheap, held);
    return cur_ok(&c);
}

/* A reference whose parts are in the heap. */
static void
values_heap_reference(struct check *k, const hi5_reference *r, uint64_t addr)
{
    hi5_target target = {0};
    hi5_error err = {0};
    uint64_t where, object = ADDR_NONE;
    hi5_status s;

    if (!check_gheap_use(k, r->address, r->index, &where)) {
        check_report(k, "GH-004", addr, "reference", "heap ID",
                     "object %lu of the collection at 0x%llx is not there",
                     (unsigned long)r->index, (unsigned long long)r->address);
        return;
    }
    if (where == ADDR_NONE || !values_heap_object(k, r, addr, where, &object) ||
        r->external)
        return;
    values_target(k, object, addr);
    if (!values_is_object(k, object))
        return;
    k->mute = true; /* what is wrong is said once, with the reference */
    s = hi5_resolve(k->file, r, &target, &err);
    k->mute = false;
    if (s != HI5_OK) {
        if (err.structure == NULL || err.structure[0] == '\0') {
            err.structure = "reference";
            err.field = "object";
        }
        err.address = where;
        check_failed_as(k, "RF-002", &err);
        return;
    }
    if (target.selection != NULL && !sel_fits(target.selection))
        check_report_as(k, "RF-002", HI5_WARNING, where, "reference", "selection",
                        "it is not inside the dataset's extent");
    hi5_target_free(&target);
}

static void
values_references(struct check *k, const hi5_type *t, const uint8_t *p, uint64_t n,
                  uint64_t addr)
{
    struct conv_env env = object_conv_env(k->file);
    const struct conv *conv;
    hi5_error err = {0};
    hi5_reference r;
    struct arena a;

    arena_init(&a, &k->mem);
    if (conv_open(t, HI5_REF, &env, &a, &conv, &err) != HI5_OK) {
        check_failed(k, &err);
        n = 0;
    }
    for (uint64_t i = 0; i < n && !check_broken(k); i++, p += t->size) {
        const uint64_t at = addr == ADDR_NONE ? ADDR_NONE : addr + i * t->size;

        memset(&r, 0, sizeof r);
        if (conv_run(conv, p, &r, 1, &err) != HI5_OK) {
            err.address = at;
            check_failed_as(k, "RF-003", &err);
            continue;
        }
        if (t->ref_kind >= HI5_REF_OBJECT2 && (p[1] & 0xfe) != 0)
            check_report(k, "RF-003", at, "reference", "flags", "0x%02x are not known",
                         (unsigned)p[1]);
        if (r.in_heap)
            values_heap_reference(k, &r, at);
        else if (r.address != 0)
            values_target(k, r.address, at);
    }
    arena_done(&a);
}

/* ---- both ---- */

/* The depth of recursion is that of the type, which is bounded. */
HI5_INT void
check_values(struct check *k, const hi5_type *t, const uint8_t *p, uint64_t n,
             uint64_t addr)
{
    if (t->cls == HI5_REFERENCE) {
        values_references(k, t, p, n, addr);
        return;
    }
    for (uint64_t i = 0; i < n && !check_broken(k); i++, p += t->size) {
        const uint64_t at = addr == ADDR_NONE ? ADDR_NONE : addr + i * t->size;

        if (t->cls == HI5_VLEN)
            values_vlen(k, t, p, at);
        else if (t->cls == HI5_ARRAY && (t->base->has_vlen || t->base->has_ref))
            check_values(k, t->base, p, type_array_count(t), at);
        for (unsigned j = 0; t->cls == HI5_COMPOUND && j < t->members; j++) {
            const hi5_member *const m = &t->member[j];
            if (m->type->has_vlen || m->type->has_ref)
                check_values(k, m->type, p + m->offset, 1,
                             at == ADDR_NONE ? ADDR_NONE : at + m->offset);
        }
    }
}

/* ---- when all objects are known ---- */

/* What no link leads to was deleted. Its bytes may still be there, or others. */
HI5_INT void
check_targets(struct check *k)
{
    for (size_t i = 0; i < k->targets.n && !check_broken(k); i++) {
        const struct check_target t = ((struct check_target *)k->targets.p)[i];

        if (check_object_find(k, t.object) != NULL)
            continue;
        k->path = t.path;
        check_report(k, "RF-001", t.addr, "reference", "address",
                     values_is_object(k, t.object)
                         ? "no link leads to the object at 0x%llx"
                         : "there is no object at 0x%llx",
                     (unsigned long long)t.object);
    }
    k->path = "";
}
