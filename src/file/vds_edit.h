/*
 * vds_edit.h - virtual datasets, made
 */
#ifndef HI5_VDS_EDIT_H
#define HI5_VDS_EDIT_H

#include "file/file.h"

/** May there be a dataset of this shape that is made of these mappings? */
HI5_INT hi5_status vds_check(const hi5_shape *shape, const hi5_mapping *mapping, size_t n,
                             hi5_error *err);
/** Put the mappings, checked, into the global heap. None: address ADDR_NONE. */
HI5_INT hi5_status vds_put(hi5_file *f, const hi5_mapping *mapping, size_t n,
                           uint64_t *addr, uint32_t *index, hi5_error *err);

#endif
