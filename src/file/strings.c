/*
 * strings.c - string elements made easy: an array of char *
 *
 * The block handed out holds n + 1 pointers (the last NULL), then the strings.
 */
#include "file/strings.h"
#include "base/ckd.h"
#include "base/err.h"
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

HI5_INT hi5_status
strings_read(hi5_file *f, const hi5_type *t, uint64_t n, strings_source read, void *ctx,
             char ***strings, size_t *count, hi5_error *err)
{
    const bool var = t->cls == HI5_VLEN && t->is_vlen_string;
    const hi5_type *memory = var ? HI5_STR : t;
    const size_t each = var ? sizeof(char *) : t->size;
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
    s = read(ctx, memory, buf, err);
    if (s == HI5_OK) {
        s = strings_pack(&f->mem, var ? HI5_STR : t, buf, (size_t)n, strings, err);
        hi5_reclaim(f, memory, (size_t)n, buf);
    }
    mem_free(&f->mem, buf, size);
    if (s == HI5_OK)
        *count = (size_t)n;
    return s;
}
