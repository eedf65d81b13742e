/*
 * msg_pline.c - the filter pipeline message                        [FMT IV.A.2.l]
 *
 * The filters of a chunked dataset, or of a fractal heap, in the order of writing.
 */
#include "format/messages.h"
#include <string.h>

static const char pline_name[] = "filter pipeline message";

#define PLINE_FIRST_NAMED 256u /* from version 2, smaller ids have no name */

/* The name as it is stored: with its NUL, and in version 1 padded to 8 bytes. */
static uint16_t
pline_name_size(struct cur *c, unsigned version, const hi5_filter *f)
{
    size_t n = f->name != NULL ? strlen(f->name) + 1 : 0;

    if (version == 1)
        n = (n + 7) / 8 * 8;
    cur_require(c, n <= UINT16_MAX, "name length", "the name of a filter is too long");
    return cur_ok(c) ? (uint16_t)n : 0;
}

static void
pline_name_code(struct cur *c, hi5_filter *f, size_t n)
{
    const uint8_t *p = (const uint8_t *)f->name, *nul;
    const size_t len = f->name != NULL && !cur_reading(c) ? strlen(f->name) : 0;

    if (n == 0)
        return;
    if (!cur_reading(c)) {
        cur_view(c, "name", &p, len);
        cur_skip(c, "padding", n - len);
        return;
    }
    cur_view(c, "name", &p, n);
    if (!cur_ok(c))
        return;
    nul = memchr(p, 0, n);
    cur_expect(c, nul != NULL, "name", "it has no terminating NUL");
    f->name = arena_str(c->arena, p, nul != NULL ? (size_t)(nul - p) : n);
    if (f->name == NULL)
        cur_fail(c, mem_fail(c->arena->mem, n, NULL), "name", "no memory");
}

static void
pline_values_code(struct cur *c, hi5_filter *f, uint16_t n)
{
    uint32_t *fresh = NULL;

    cur_need(c, "client values", n, 4);
    if (cur_reading(c) && n != 0) {
        fresh = cur_alloc(c, n, sizeof *fresh);
        f->values = fresh;
    }
    for (unsigned i = 0; i < n && cur_ok(c); i++) {
        uint32_t v = cur_reading(c) ? 0 : f->values[i];
        cur_u32(c, "client value", &v);
        if (fresh != NULL)
            fresh[i] = v;
    }
    if (cur_ok(c))
        f->nvalues = n;
}

/*
 * Filter description                                               [FMT IV.A.2.l]
 *
 *   size  field
 *      2  id
 *      2  name length     version 1; later only ids of 256 and more; 0: no name
 *      2  flags           1 optional
 *      2  client values   how many
 *      n  name            with its NUL; version 1: padded to a multiple of 8
 *    4*m  client values
 *      4  padding         version 1, odd number of values
 *      2  text length     version 3, unreleased: settings as text, read over
 *      n  text
 */
static void
pline_filter_code(struct cur *c, hi5_filter *f, unsigned version)
{
    uint16_t name_n = 0, nvalues = (uint16_t)f->nvalues, text_n = 0;

    cur_u16(c, "filter id", &f->id);
    if (version == 1 || f->id >= PLINE_FIRST_NAMED) {
        if (!cur_reading(c))
            name_n = pline_name_size(c, version, f);
        cur_u16(c, "name length", &name_n);
        cur_require(c, version != 1 || name_n % 8 == 0, "name length",
                    "not a multiple of 8");
    }
    cur_u16(c, "filter flags", &f->flags);
    cur_u16(c, "number of client values", &nvalues);
    pline_name_code(c, f, name_n);
    pline_values_code(c, f, nvalues);
    if (version == 1 && nvalues % 2 != 0)
        cur_reserved(c, 4);
    if (version == 3) {
        cur_u16(c, "text length", &text_n);
        cur_skip(c, "text", text_n);
    }
}

/*
 * Filter pipeline message                                          [FMT IV.A.2.l]
 *
 *   size  field
 *      1  version     1 or 2; 3 is unreleased
 *      1  filters     up to 32
 *      6  reserved    version 1
 *         filters     see above
 */
HI5_INT void
msg_pline_code(struct cur *c, struct pipeline *p)
{
    uint8_t n = (uint8_t)p->n;

    cur_begin(c, pline_name, "IV.A.2.l");
    if (cur_reading(c))
        *p = (struct pipeline){0};
    msg_version_code(c, &p->version, 1, 3);
    if (p->version == 3)
        cur_read_only(c);
    cur_u8(c, "filters", &n);
    cur_require(c, n <= PIPE_MOST, "filters", "more than 32");
    if (p->version == 1)
        cur_reserved(c, 6);
    cur_need(c, "filters", n, p->version == 1 ? 8 : 6);
    if (cur_reading(c) && n != 0)
        p->filter = cur_alloc(c, n, sizeof *p->filter);
    for (unsigned i = 0; i < n && cur_ok(c); i++)
        pline_filter_code(c, &p->filter[i], p->version);
    if (cur_reading(c))
        p->n = cur_ok(c) ? n : 0;
}
