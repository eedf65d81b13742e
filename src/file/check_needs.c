/*
 * check_needs.c - which releases of libhdf5 know what is in the file
 *
 * Versions and signatures that came with a release call for that release and the
 * edition of the specification that describes it. What a release refuses though the
 * specification allows it is reported by whoever finds it.
 */
#include "file/check.h"
#include <stdio.h>
#include <string.h>

struct needs_row {
    const char *structure, *field;
    uint64_t least; /* this value, or a greater one */
    uint16_t release, spec;
};

static const struct needs_row needs_rows[] = {
    {"superblock", "version", 2, 108, 20},
    {"superblock", "version", 3, 110, 30},
    {"OHDR", "version", 2, 108, 20},
    {"dataspace message", "version", 2, 108, 20},
    {"datatype message", "class and version", 0x30, 108, 20},
    {"datatype message", "class and version", 0x40, 112, 30},
    {"datatype message", "class and version", 0x50, 200, 40},
    {"fill value message", "version", 3, 108, 20},
    {"data layout message", "version", 4, 110, 30},
    {"data layout message", "version", 5, 200, 40},
    {"filter pipeline message", "version", 2, 108, 20},
    {"filter pipeline message", "version", 3, 200, 40},
    {"attribute message", "version", 3, 108, 20},
    {"link message", "version", 1, 108, 20},
    {"link info message", "version", 0, 108, 20},
    {"group info message", "version", 0, 108, 20},
    {"attribute info message", "version", 0, 108, 20},
    {"shared message table message", "version", 0, 108, 20},
    {"file space info message", "version", 0, 110, 30},
    {"metadata cache image message", "version", 0, 110, 30},
    {"shared message", "version", 3, 108, 20},
    {"BTHD", "signature", 0, 108, 20},
    {"FRHP", "signature", 0, 108, 20},
    {"FSHD", "signature", 0, 108, 20},
    {"SMTB", "signature", 0, 108, 20},
    {"FAHD", "signature", 0, 110, 30},
    {"EAHD", "signature", 0, 110, 30},
    {"virtual dataset block", "version", 0, 110, 30},
    {"virtual dataset block", "version", 1, 200, 40},
    {"selection", "version", 2, 110, 30}, /* hyperslabs; points: see below */
    {"selection", "version", 3, 112, 30},
};

static const char *
needs_release_name(unsigned release)
{
    return release == 106   ? "1.6"
           : release == 108 ? "1.8"
           : release == 110 ? "1.10"
           : release == 112 ? "1.12"
           : release == 114 ? "1.14"
                            : "2.0";
}

/* The edition that describes what the edition that was asked for does not. */
static void
needs_report(struct check *k, const struct needs_row *r, const struct cur *c, size_t at,
             uint64_t value)
{
    const uint64_t addr = c->addr == ADDR_NONE ? ADDR_NONE : c->addr + at;
    char what[32] = "it";

    if (r->field[0] != 's')
        snprintf(what, sizeof what, "version %llu", (unsigned long long)value);
    if (k->options.spec != 0 && r->spec > k->options.spec)
        check_report(k, "SP-001", addr, c->structure, r->field,
                     "%s came with edition %u.%u", what, r->spec / 10u, r->spec % 10u);
    if (k->options.release != 0 && r->release > k->options.release)
        check_report(k, "LD-001", addr, c->structure, r->field,
                     "%s came with libhdf5 %s", what, needs_release_name(r->release));
}

HI5_INT void
check_needs(struct check *k, const struct cur *c, const char *field, size_t at,
            uint64_t value)
{
    const struct needs_row *found = NULL;
    uint64_t key = value;

    if (!cur_reading(c))
        return;
    if (field[0] == 'c')
        key &= 0xf0; /* the version is above the class */
    /* Version 2 of points came with version 3 of hyperslabs. The type is the field before. */
    if (value == 2 && at >= 4 && strcmp(c->structure, "selection") == 0 &&
        c->in[at - 4] == HI5_SELECTION_POINTS)
        key = 3;
    for (size_t i = 0; i < sizeof needs_rows / sizeof *needs_rows; i++) {
        const struct needs_row *const r = &needs_rows[i];
        if (key >= r->least && strcmp(r->field, field) == 0 &&
            strcmp(r->structure, c->structure) == 0)
            found = r;
    }
    if (found == NULL)
        return;
    if (found->release > k->result->needs_release)
        k->result->needs_release = found->release;
    if (found->spec > k->result->needs_spec)
        k->result->needs_spec = found->spec;
    needs_report(k, found, c, at, field[0] == 'c' ? value >> 4 : value);
}

HI5_INT void
check_refused(struct check *k, unsigned first, unsigned last, uint64_t addr,
              const char *structure, const char *field, const char *why)
{
    const unsigned asked = k->options.release;

    if (asked != 0 && asked >= first && (last == 0 || asked <= last))
        check_report(k, "LD-002", addr, structure, field, "libhdf5 %s refuses this: %s",
                     needs_release_name(asked), why);
}
