/*
 * judge.c - the cross oracle: if the validator finds no error, everything reads
 *
 * Not held against the validator: what it tells of, if only as a warning or a note, and
 * reading refuses because this build lacks a filter, or has no code for it, or its limits
 * are too low; other files that are missing, or whose datasets do not suit a mapping.
 */
#include "mutate.h"

#include "base/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hi5_status
mut_source(const struct mut_file *f, hi5_io *io)
{
    return io_open_memory(NULL, f->bytes, f->n, io, NULL);
}

static void
judge_finding(void *ctx, const hi5_finding *f)
{
    struct mut_verdict *const v = ctx;

    v->elsewhere |= strcmp(f->rule, "VD-002") == 0 && f->severity == HI5_WARNING;
    if (v->talk)
        printf("  %s %s: %s %s at 0x%llx: %s\n",
               f->severity == HI5_ERROR     ? "error"
               : f->severity == HI5_WARNING ? "warning"
                                            : "note",
               f->rule, f->structure, f->field, (unsigned long long)f->address,
               f->message);
}

void
mut_check(const struct mut_file *f, const hi5_open_options *open, struct mut_verdict *v)
{
    hi5_check_result result = {0};
    hi5_error err;
    hi5_io io;

    if (mut_source(f, &io) != HI5_OK)
        exit(2);
    v->status = hi5_check_io(&io, f->path, open, NULL, judge_finding, v, &result, &err);
    v->errors = result.errors;
    v->warnings = result.warnings;
    v->notes = result.notes;
    if (v->talk && v->status != HI5_OK)
        printf("  check: %s\n", err.message);
}

bool
mut_agree(const struct mut_verdict *v, const struct mut_reading *r)
{
    const hi5_status s = r->first.status;
    const bool said = v->warnings + v->notes != 0;

    return r->failures == 0 || v->errors != 0 || v->elsewhere ||
           v->status == HI5_E_LIMIT || s == HI5_E_NOTFOUND || s == HI5_E_STATE ||
           (said &&
            (s == HI5_E_FILTER || s == HI5_E_LIMIT || s == HI5_E_UNSUPPORTED));
}
