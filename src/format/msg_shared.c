/*
 * msg_shared.c - what a shared message has for a body              [FMT IV.A.2]
 *
 * A message with flag 0x02 holds a pointer in place of its body: to the header of a
 * committed datatype, or into the heap of shared messages.
 */
#include "format/messages.h"

enum { SHARED_IN_HEAP = 1 };

/*
 * Version 1                                                        [FMT IV.A.2]
 *
 *   size  field
 *      6  reserved
 *      L  name offset      this and what follows is a whole symbol table entry, of
 *      O  address          which only the address means something; the specification
 *     24  rest             forgets the name offset
 */
static void
shared_old_code(struct cur *c, struct msg_shared *m)
{
    size_t rest;

    cur_read_only(c);
    cur_skip(c, "reserved", 6);
    cur_skip(c, "name offset", c->len_w);
    cur_addr(c, "address", &m->addr);
    rest = cur_left(c);
    if (cur_reading(c))
        cur_skip(c, "symbol table entry", rest < 24 ? rest : 24);
}

/*
 * Shared message                                                   [FMT IV.A.2]
 *
 *   size  field
 *      1  version      1 to 3
 *      1  type         version 3: 1 in the heap, 2 committed; else meaningless
 *      8  heap id      version 3, type 1
 *      O  address      else: of an object header
 */
HI5_INT void
msg_shared_code(struct cur *c, struct msg_shared *m)
{
    cur_begin(c, "shared message", "IV.A.2");
    if (cur_reading(c))
        *m = (struct msg_shared){.addr = ADDR_NONE};
    msg_version_code(c, &m->version, 1, 3);
    cur_u8(c, "type", &m->type);
    m->in_heap = m->version == 3 && m->type == SHARED_IN_HEAP;
    if (m->version == 1)
        shared_old_code(c, m);
    else if (m->in_heap)
        cur_bytes(c, "heap id", m->heap_id, sizeof m->heap_id);
    else
        cur_addr(c, "address", &m->addr);
    if (!m->in_heap)
        cur_require(c, m->addr != ADDR_NONE, "address", "it is undefined");
}
