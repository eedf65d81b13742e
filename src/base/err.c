/*
 * err.c - filling in a hi5_error
 */
#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const err_names[] = {
    "ok", "I/O error", "out of memory", "limit exceeded", "truncated", "corrupt",
    "checksum mismatch", "unsupported", "filter error", "not found", "exists",
    "type mismatch", "out of range", "bad argument", "not possible now",
    "internal error",
};

const char *
hi5_status_name(hi5_status s)
{
    const size_t i = (size_t)s;
    return i < sizeof err_names / sizeof *err_names ? err_names[i] : "unknown status";
}

const char *
hi5_version(void)
{
    return HI5_VERSION;
}

/* Append to a bounded string; what does not fit is cut. */
static size_t
err_append(char *s, size_t cap, size_t at, const char *fmt, ...) CC_PRINTF(4, 5);

static size_t
err_append(char *s, size_t cap, size_t at, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(s + at, cap - at, fmt, ap);
    va_end(ap);
    if (n < 0)
        return at;
    return (size_t)n < cap - at ? at + (size_t)n : cap - 1;
}

/* "run.h5: /grid/temp: corrupt FAHD at 0x1cf: page bits: too many [FMT VII.C]" */
static void
err_compose(hi5_error *e)
{
    char *const m = e->message;
    const size_t cap = sizeof e->message;
    size_t at = 0;

    if (e->structure == NULL) /* a callback's own */
        e->structure = "";
    if (e->field == NULL)
        e->field = "";
    if (e->section == NULL)
        e->section = "";
    m[0] = '\0';
    if (e->path[0] != '\0')
        at = err_append(m, cap, at, "%s: ", e->path);
    if (e->structure[0] != '\0')
        at = err_append(m, cap, at, "%s in %s", hi5_status_name(e->status), e->structure);
    if (e->address != HI5_NO_ADDRESS)
        at = err_append(m, cap, at, "%sat 0x%llx", e->structure[0] != '\0' ? " " : "",
                        (unsigned long long)e->address);
    if (e->structure[0] != '\0' || e->address != HI5_NO_ADDRESS)
        at = err_append(m, cap, at, ": ");
    if (e->field[0] != '\0')
        at = err_append(m, cap, at, "%s: ", e->field);
    at = err_append(m, cap, at, "%s", e->cause);
    if (e->section[0] != '\0')
        err_append(m, cap, at, " [FMT %s]", e->section);
}

HI5_INT void
err_clear(hi5_error *err)
{
    if (err == NULL)
        return;
    err->status = HI5_OK;
    err->address = HI5_NO_ADDRESS;
    err->structure = err->field = err->section = "";
    err->path[0] = err->cause[0] = err->message[0] = '\0';
}

static void
err_vset(hi5_error *err, hi5_status status, const char *fmt, va_list ap)
{
    err_clear(err);
    err->status = status;
    vsnprintf(err->cause, sizeof err->cause, fmt, ap);
}

HI5_INT hi5_status
err_set(hi5_error *err, hi5_status status, uint64_t address, const char *structure,
        const char *field, const char *section, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL)
        return status;
    va_start(ap, fmt);
    err_vset(err, status, fmt, ap);
    va_end(ap);
    err->address = address;
    err->structure = structure != NULL ? structure : "";
    err->field = field != NULL ? field : "";
    err->section = section != NULL ? section : "";
    err_compose(err);
    return status;
}

HI5_INT hi5_status
err_plain(hi5_error *err, hi5_status status, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL)
        return status;
    va_start(ap, fmt);
    err_vset(err, status, fmt, ap);
    va_end(ap);
    err_compose(err);
    return status;
}

HI5_INT hi5_status
err_nomem(hi5_error *err)
{
    return err_plain(err, HI5_E_NOMEM, "out of memory");
}

HI5_INT hi5_status
err_path(hi5_error *err, hi5_status status, const char *file, const char *path)
{
    if (err == NULL || status == HI5_OK || err->path[0] != '\0')
        return status;
    if (file != NULL && file[0] != '\0' && path != NULL && path[0] != '\0')
        err_append(err->path, sizeof err->path, 0, "%s: %s", file, path);
    else if (file != NULL && file[0] != '\0')
        err_append(err->path, sizeof err->path, 0, "%s", file);
    else if (path != NULL)
        err_append(err->path, sizeof err->path, 0, "%s", path);
    err_compose(err);
    return status;
}
