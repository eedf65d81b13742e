/*
 * external_edit.h - datasets whose data is in other files          [FMT IV.A.2.h]
 */
#ifndef HI5_EXTERNAL_EDIT_H
#define HI5_EXTERNAL_EDIT_H

#include "file/edit.h"

/** The list of external files of a new dataset of `bytes` bytes, its names in a local heap of
 *  their own. @param a  the slots live here */
HI5_INT hi5_status external_make(hi5_file *f, const hi5_external *list, size_t n,
                                 uint64_t bytes, struct arena *a, struct msg_efl *out,
                                 hi5_error *err);

#endif
