/*
 * external_edit.h - datasets whose data is in other files          [FMT IV.A.2.h]
 */
#ifndef HI5_EXTERNAL_EDIT_H
#define HI5_EXTERNAL_EDIT_H

#include "file/edit.h"

/** Can a new dataset have this list? There must be room for as much as it can become; only
 *  its first dimension can.
 *  @param size  of an element */
HI5_INT hi5_status external_check(const hi5_external *list, size_t n,
                                  const hi5_shape *shape, size_t size, hi5_error *err);

/** The list that a dataset's header has, checked before, its names in a local heap.
 *  @param a  the slots live here */
HI5_INT hi5_status external_list(hi5_file *f, const hi5_external *list, size_t n,
                                 struct arena *a, struct msg_efl *out, hi5_error *err);

/** Can the files of this message hold so many bytes? HI5_E_RANGE. */
HI5_INT hi5_status external_holds(const struct meta *m, const struct ohdr_msg *list,
                                  uint64_t bytes, hi5_error *err);

#endif
