/*
 * conv_str.c - strings: fixed and variable-length, any way round
 *
 * The text of a fixed string ends at the first NUL, or, if padded with blanks, before
 * the trailing ones; it may fill its field without a terminator. A `char *` ends at the
 * first NUL, as do the bytes in a heap, where some writers include one. Character sets
 * are not looked at: ASCII is UTF-8, and bytes are handed on as they are.
 */
#include "base/err.h"
#include "space/conv_step.h"
#include <string.h>

static size_t
str_until_nul(const uint8_t *p, size_t n)
{
    const uint8_t *nul = n != 0 ? memchr(p, 0, n) : NULL;

    return nul != NULL ? (size_t)(nul - p) : n;
}

HI5_INT size_t
conv_str_length(const hi5_type *t, const uint8_t *p) /* TYPE-18, TYPE-19 */
{
    size_t n = t->size;

    if (t->string_pad != HI5_SPACE_PADDED)
        return str_until_nul(p, n);
    while (n > 0 && p[n - 1] == ' ')
        n--;
    return n;
}

/* Cut or pad `n` bytes of text; a null-terminated string always gets its NUL. */
HI5_INT void
conv_str_put(const hi5_type *t, const uint8_t *text, size_t n, uint8_t *dst)
{
    if (n > t->size)
        n = t->size;
    if (n != 0)
        memcpy(dst, text, n);
    memset(dst + n, t->string_pad == HI5_SPACE_PADDED ? ' ' : 0, t->size - n);
    if (t->string_pad == HI5_NULL_TERMINATED)
        dst[t->size - 1] = 0;
}

/* Give the caller `n` bytes of text as a char * at `dst`. */
static hi5_status
str_give(struct conv_heap *h, const uint8_t *text, size_t n, uint8_t *dst,
         hi5_error *err)
{
    void *p;
    char *s;

    TRY(conv_heap_box(h, n + 1, &p, err));
    s = p;
    if (n != 0)
        memcpy(s, text, n);
    s[n] = '\0';
    memcpy(dst, &s, sizeof s);
    return HI5_OK;
}

HI5_INT hi5_status
conv_str_fixed(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    (void)err;
    for (size_t i = 0; i < io->n; i++) {
        const uint8_t *p = io->src + i * io->ss;
        conv_str_put(s->dst, p, conv_str_length(s->src, p), io->dst + i * io->ds);
    }
    return HI5_OK;
}

HI5_INT hi5_status
conv_str_to_vlen(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    struct conv_heap h = conv_heap_start(s->env);
    hi5_status status = HI5_OK;

    for (size_t i = 0; status == HI5_OK && i < io->n; i++) {
        const uint8_t *p = io->src + i * io->ss;
        status = str_give(&h, p, conv_str_length(s->src, p), io->dst + i * io->ds, err);
    }
    conv_heap_end(&h);
    return status;
}

/* One string of a heap. @param fixed  not NULL: into this, else to the caller */
static hi5_status
str_from_heap(struct conv_heap *h, const uint8_t *src, const hi5_type *fixed,
              uint8_t *dst, hi5_error *err)
{
    struct conv_slot slot;
    const uint8_t *text = NULL;
    size_t n = 0;

    TRY(conv_vlen_slot(h->env, src, &slot, err));
    if (slot.length != 0) {
        TRY(conv_heap_bytes(h, &slot, 1, &text, err));
        n = str_until_nul(text, slot.length);
    }
    if (fixed != NULL)
        conv_str_put(fixed, text, n, dst);
    else if (!slot.null) /* VLEN-20: null and empty differ */
        return str_give(h, text, n, dst, err);
    return HI5_OK;
}

static hi5_status
str_all_from_heap(const struct conv_step *s, const struct conv_io *io,
                  const hi5_type *fixed, hi5_error *err)
{
    struct conv_heap h = conv_heap_start(s->env);
    hi5_status status = HI5_OK;

    for (size_t i = 0; status == HI5_OK && i < io->n; i++)
        status =
            str_from_heap(&h, io->src + i * io->ss, fixed, io->dst + i * io->ds, err);
    conv_heap_end(&h);
    return status;
}

HI5_INT hi5_status
conv_str_from_vlen(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    return str_all_from_heap(s, io, s->dst, err);
}

/* Destinations are null already (conv_run), so that null strings need nothing. */
HI5_INT hi5_status
conv_str_vlen(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    return str_all_from_heap(s, io, NULL, err);
}
