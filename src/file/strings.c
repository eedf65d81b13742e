/*
 * strings.c - string elements made easy: an array of char *
 *
 * The block handed out holds n + 1 pointers (the last NULL), then the strings.
 */
#include "file/strings.h"
#include "base/ckd.h"
#include "base/err.h"
#include "space/conv_step.h"
#include <string.h>

/* How much of a fixed-length element is the string. */
static size_t
strings_length(const hi5_type *t, const char *p)
{
    const char *end;
    size_t n = t->size;

    if (t->string_pad == HI5_SPACE_PADDED) {
        while (n > 0 && p[n - 1] == ' ')
            n--;
        return n;
    }
    if (t->string_pad == HI5_NULL_PADDED) {
        while (n > 0 && p[n - 1] == '\0')
            n--;
        return n;
    }
    end = memchr(p, 0, n);
    return end != NULL ? (size_t)(end - p) : n;
}

/* Lay the strings out behind the pointers. `item` gives the i-th and its length. */
static hi5_status
strings_pack(struct mem *mem, const hi5_type *t, const char *buf, size_t n, char ***out,
             hi5_error *err)
{
    const bool var = t->cls == HI5_VLEN;
    uint64_t bytes = ((uint64_t)n + 1) * sizeof(char *);
    size_t size;
    char **list, *at = NULL;

    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            list = ckd_size(bytes, &size) ? mem_box(mem, size) : NULL;
            if (list == NULL)
                return mem_fail(mem, bytes, err);
            *out = list;
            at = (char *)(list + n + 1);
            list[n] = NULL;
        }
        for (size_t i = 0; i < n; i++) {
            const char *p = buf + i * t->size;
            size_t k;
            if (var) {
                memcpy(&p, buf + i * sizeof p, sizeof p);
                k = p != NULL ? strlen(p) : 0;
            } else {
                k = strings_length(t, p);
            }
            if (pass == 0) {
                bytes += (uint64_t)k + 1;
                continue;
            }
            (*out)[i] = at;
            if (k != 0)
                memcpy(at, p, k);
            at[k] = '\0';
            at += k + 1;
        }
    }
    return HI5_OK;
}

/* ---- variable-length ones, straight from their heaps ---- */

/* Elements as they are in the file, and where they go. */
struct strings_pack {
    hi5_file *file;
    struct conv_env env;
    const uint8_t *slots;
    size_t n, each;
    struct gheap_view heap;
    char *at, *end;            /* where the next string goes, and the end of the block */
};

/* How much room they take, if each is as long as its element says. */
static hi5_status
strings_measure(const struct strings_pack *p, uint64_t *bytes, hi5_error *err)
{
    struct conv_slot slot;

    *bytes = ((uint64_t)p->n + 1) * sizeof(char *);
    for (size_t i = 0; i < p->n; i++) {
        TRY(conv_vlen_slot(&p->env, p->slots + i * p->each, &slot, err));
        if (!ckd_add64(*bytes, (uint64_t)slot.length + 1, bytes))
            return mem_fail(&p->file->mem, UINT64_MAX, err);
    }
    return HI5_OK;
}

/* The bytes of one that is not empty. */
static hi5_status
strings_find(struct strings_pack *p, const struct conv_slot *slot, const uint8_t **bytes,
             hi5_error *err)
{
    struct gheap *const g = p->file->gheap;
    uint64_t n;

    if (slot->collection == p->heap.addr &&
        gheap_view_find(&p->heap, &p->file->meta, slot->index, bytes, &n) &&
        n >= slot->length)
        return HI5_OK;
    TRY(gheap_look(g, slot->collection, slot->index, &p->heap, err));
    if (!gheap_view_find(&p->heap, &p->file->meta, slot->index, bytes, &n))
        return err_plain(err, HI5_E_INTERNAL, "a heap object is gone");
    if (n >= slot->length)
        return HI5_OK;
    return conv_vlen_short(slot, 1, n, err);
}

#define STRINGS_STEP 32u /* bytes copied at once where there is room */

/* Copy a string, which ends at its first NUL. */
static void
strings_put(struct strings_pack *p, const uint8_t *text, size_t n)
{
    const uint8_t *const end = p->heap.bytes + p->heap.there;
    const uint8_t *const nul = memchr(text, 0, n);

    if (nul != NULL)
        n = (size_t)(nul - text);
    if (n <= STRINGS_STEP && (size_t)(end - text) >= STRINGS_STEP &&
        (size_t)(p->end - p->at) >= STRINGS_STEP)
        memcpy(p->at, text, STRINGS_STEP);
    else
        memcpy(p->at, text, n);
    p->at += n;
    *p->at++ = '\0';
}

static hi5_status
strings_pack_all(struct strings_pack *p, char **list, hi5_error *err)
{
    struct conv_slot slot;
    const uint8_t *text = NULL;
    hi5_status s = HI5_OK;

    for (size_t i = 0; s == HI5_OK && i < p->n; i++) {
        list[i] = p->at;
        s = conv_vlen_slot(&p->env, p->slots + i * p->each, &slot, err);
        if (s == HI5_OK && slot.length == 0) {
            *p->at++ = '\0';
        } else if (s == HI5_OK) {
            s = strings_find(p, &slot, &text, err);
            if (s == HI5_OK)
                strings_put(p, text, slot.length);
        }
    }
    gheap_release(p->file->gheap, p->heap.held);
    return s;
}

/* Lay strings out behind their pointers, without a copy of each in between. */
static hi5_status
strings_from_heap(hi5_file *f, const hi5_type *t, const uint8_t *slots, size_t n,
                  char ***out, hi5_error *err)
{
    struct strings_pack p = {.file = f, .env = object_conv_env(f), .slots = slots, .n = n,
                             .each = t->size, .heap = {.addr = ADDR_NONE}};
    uint64_t bytes;
    size_t size;
    char **list;
    hi5_status s;

    TRY(strings_measure(&p, &bytes, err));
    list = ckd_size(bytes, &size) ? mem_box(&f->mem, size) : NULL;
    if (list == NULL)
        return mem_fail(&f->mem, bytes, err);
    p.at = (char *)(list + n + 1);
    p.end = (char *)list + size;
    list[n] = NULL;
    s = strings_pack_all(&p, list, err);
    if (s == HI5_OK)
        *out = list;
    else
        mem_unbox(&f->mem, list);
    return s;
}

/* ---- any ---- */

HI5_INT hi5_status
strings_read(hi5_file *f, const hi5_type *t, uint64_t n, bool own, strings_source read,
             void *ctx, char ***strings, size_t *count, hi5_error *err)
{
    const bool var = t->cls == HI5_VLEN && t->is_vlen_string;
    const hi5_type raw = conv_raw_type(t);
    const hi5_type *memory = !var ? t : own ? &raw : HI5_STR;
    const size_t each = memory->size;
    uint64_t bytes;
    size_t size;
    char *buf;
    hi5_status s;

    if (!var && t->cls != HI5_STRING)
        return err_plain(err, HI5_E_TYPE, "the elements are not strings");
    if (!ckd_mul64(n, each, &bytes) || !ckd_size(bytes, &size))
        return err_plain(err, HI5_E_LIMIT, "%llu strings are too many",
                         (unsigned long long)n);
    buf = mem_alloc(&f->mem, size);
    if (buf == NULL)
        return mem_fail(&f->mem, bytes, err);
    if (memory == &raw) /* what has never been written may be left alone */
        memset(buf, 0, size);
    s = read(ctx, memory, buf, err);
    if (s == HI5_OK && memory == &raw) {
        s = strings_from_heap(f, t, (const uint8_t *)buf, (size_t)n, strings, err);
    } else if (s == HI5_OK) {
        s = strings_pack(&f->mem, var ? HI5_STR : t, buf, (size_t)n, strings, err);
        hi5_reclaim(f, memory, (size_t)n, buf);
    }
    mem_free(&f->mem, buf, size);
    if (s == HI5_OK)
        *count = (size_t)n;
    return s;
}
