/*
 * msg_ref.c - what a reference of the newer kind refers to         [FMT VIII.C]
 *
 * Elements of references since 1.12 either hold the address of an object, or point at
 * an object of a global heap that has the rest: a selection, an attribute's name, a
 * file's name.
 */
#include "format/messages.h"
#include "format/msg_select.h"
#include <string.h>

static const char ref_name[] = "reference";

/* A counted string, without NUL in the file. */
static void
ref_string_code(struct cur *c, const char *field, const char *length_field,
                const char **s)
{
    const size_t len = !cur_reading(c) && *s != NULL ? strlen(*s) : 0;
    uint16_t n = (uint16_t)len;
    const uint8_t *p = (const uint8_t *)*s;

    cur_require(c, len <= UINT16_MAX, length_field, "the name is too long");
    cur_u16(c, length_field, &n);
    cur_view(c, field, &p, n);
    if (!cur_reading(c) || !cur_ok(c))
        return;
    *s = arena_str(c->arena, p, n);
    if (*s == NULL)
        cur_fail(c, mem_fail(c->arena->mem, n, NULL), field, "no memory");
}

/*
 * Referenced object                                                [FMT VIII.C]
 *
 *   size  field
 *      1  token size         O
 *      n  token              the address of the object's header
 *      2  file name length   external
 *      n  file name          external; no NUL
 *      4  selection size     region
 *      4  rank               region; of the selection, and not counted by its size
 *      n  selection          region; serialized
 *      2  name length        attribute
 *      n  name               attribute; no NUL
 */
HI5_INT void
ref_object_code(struct cur *c, struct ref_object *r, hi5_ref_kind kind, bool external)
{
    uint8_t token = c->off_w;
    uint32_t size;

    cur_begin(c, ref_name, "VIII.C");
    if (cur_reading(c))
        *r = (struct ref_object){0};
    cur_u8(c, "token size", &token);
    cur_require(c, token == c->off_w, "token size", "not the size of an address");
    cur_addr(c, "token", &r->address);
    if (external)
        ref_string_code(c, "file name", "file name length", &r->file);
    if (kind == HI5_REF_REGION2) {
        cur_require(c, r->selection_len <= UINT32_MAX, "selection size", "too large");
        size = (uint32_t)r->selection_len;
        cur_u32(c, "selection size", &size);
        cur_u32(c, "rank", &r->rank);
        cur_expect(c, r->rank <= HI5_MAX_RANK, "rank", "more than 32");
        cur_view(c, "selection", &r->selection, size);
        if (cur_reading(c))
            r->selection_len = cur_ok(c) ? size : 0;
    }
    if (kind == HI5_REF_ATTRIBUTE)
        ref_string_code(c, "attribute name", "attribute name length", &r->attribute);
}
