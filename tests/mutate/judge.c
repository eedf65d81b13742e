/*
 * judge.c - the cross oracle: if the validator finds no error, everything reads
 *
 * Not held against the validator: what it tells of, if only as a warning or a note, and
 * reading refuses because this build lacks a filter, or has no code for it, or its limits
 * are too low; other files that are missing, or whose datasets do not suit a mapping.
 *
 * Editing does no harm to a file without errors. Not held against the writer: files where
 * two things claim the same bytes, or have them, of which the validator warns; virtual datasets
 * whose sources were made smaller; and references to what was deleted.
 */
#include "mutate.h"

#include "base/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
judge_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    size_t *const live = ctx;
    void *q = NULL;

    if (new_size == 0)
        free(p);
    else if (new_size >> 30 != 0 || (q = realloc(p, new_size)) == NULL)
        return NULL;
    *live += new_size - old_size;
    return q;
}

hi5_allocator
mut_counted(size_t *live)
{
    *live = 0;
    return (hi5_allocator){live, judge_resize};
}

hi5_status
mut_source(const struct mut_file *f, hi5_io *io)
{
    if (f->nparts != 0)
        return mut_several_source(f, io);
    return io_open_memory(NULL, f->bytes, f->n, io, NULL);
}

static void
judge_finding(void *ctx, const hi5_finding *f)
{
    struct mut_verdict *const v = ctx;

    v->risky |= strcmp(f->rule, "SB-030") == 0 || strcmp(f->rule, "LH-004") == 0 ||
                strcmp(f->rule, "GH-006") == 0;
    if (f->severity == HI5_ERROR &&
        (strcmp(f->rule, "VD-002") == 0 || strncmp(f->rule, "RF-", 3) == 0))
        v->dangling++;
    else if (f->severity == HI5_ERROR && v->first[0] == '\0')
        snprintf(v->first, sizeof v->first, "%s: %s: %s %s at 0x%llx: %s", f->rule, f->path,
                 f->structure, f->field, (unsigned long long)f->address, f->message);
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
    const hi5_open_options o = mut_options(f, open);
    hi5_check_result result = {0};
    hi5_error err;
    hi5_io io;

    if (mut_source(f, &io) != HI5_OK) {
        v->errors = 1; /* there is no such file any more */
        return;
    }
    v->status = hi5_check_io(&io, f->path, &o, NULL, judge_finding, v, &result, &err);
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

bool
mut_edit_holds(const struct mut_file *f, const hi5_open_options *open,
               const struct mut_verdict *v, const uint8_t *script, size_t n,
               struct mut_edited *e)
{
    struct mut_verdict after = {.talk = e->talk};
    struct mut_reading r = {0};

    e->sound = v->status == HI5_OK && v->errors == 0 && !v->risky;
    mut_edit(f, open, script, n, e);
    if (e->wrong[0] == '\0' && e->done != 0 && e->sound) {
        mut_check(&e->f, open, &after);
        mut_read(&e->f, open, &r);
        if (after.errors != after.dangling)
            snprintf(e->wrong, sizeof e->wrong, "edited, and no longer sound: %s",
                     after.first);
        else if (after.status != HI5_OK && after.status != HI5_E_LIMIT)
            snprintf(e->wrong, sizeof e->wrong, "edited, and the validator gives up");
        else if (r.internal || !mut_agree(&after, &r))
            snprintf(e->wrong, sizeof e->wrong, "edited, and unreadable: %s: %s", r.what,
                     r.first.message);
    }
    free(e->f.bytes);
    e->f = (struct mut_file){0};
    return e->wrong[0] == '\0';
}
