/*
 * err.h - filling in a hi5_error
 *
 * err_set() says what went wrong where it went wrong; the layers above add the object's
 * path with err_path() and touch nothing else.
 */
#ifndef HI5_ERR_H
#define HI5_ERR_H

#include "base/cc.h"
#include <hi5.h>

/** Hand a failure on. Only for functions that own nothing at that point. */
#define TRY(expr)                                                                        \
    do {                                                                                 \
        const hi5_status try_status_ = (expr);                                           \
        if (try_status_ != HI5_OK)                                                       \
            return try_status_;                                                          \
    } while (0)

/** Fill in everything but the path. structure, field and section must be static strings
 *  (or NULL). @return status, for `return err_set(...)` */
HI5_INT hi5_status err_set(hi5_error *err, hi5_status status, uint64_t address,
                           const char *structure, const char *field, const char *section,
                           const char *fmt, ...) CC_PRINTF(7, 8);

/** The same for failures that no place in the file explains. */
HI5_INT hi5_status err_plain(hi5_error *err, hi5_status status, const char *fmt, ...)
    CC_PRINTF(3, 4);

HI5_INT hi5_status err_nomem(hi5_error *err);

/** Name the object, "file: path", unless a deeper layer has named one already. */
HI5_INT hi5_status err_path(hi5_error *err, hi5_status status, const char *file,
                            const char *path);

HI5_INT void err_clear(hi5_error *err);

#endif
