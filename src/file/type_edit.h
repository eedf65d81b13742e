/*
 * type_edit.h - datatypes on their way into a file
 */
#ifndef HI5_TYPE_EDIT_H
#define HI5_TYPE_EDIT_H

#include "file/edit.h"

/** A caller's type as `f` stores it. A committed type of this file stays one.
 *  @param a  the result lives here */
HI5_INT hi5_status type_stored(hi5_file *f, const hi5_type *given, struct arena *a,
                               const hi5_type **out, hi5_error *err);

/** The message for a type that type_stored made: itself, or a pointer to the committed
 *  one, which is then used once more. `body` goes to `a`. */
HI5_INT hi5_status type_put(hi5_file *f, const hi5_type *t, struct arena *a,
                            struct ohdr_put *put, hi5_error *err);

#endif
