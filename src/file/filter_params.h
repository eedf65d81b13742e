/*
 * filter_params.h - the filters of a new dataset, with their parameters
 */
#ifndef HI5_FILTER_PARAMS_H
#define HI5_FILTER_PARAMS_H

#include "file/edit.h"

/** From what the options ask for to a pipeline; n 0: no filters.
 *  @param type   as stored
 *  @param chunk  [rank]
 *  @param fill   of the dataset, its value as stored
 *  @param a      the filters live here */
HI5_INT hi5_status filter_params_make(hi5_file *f, const hi5_dataset_options *o,
                                      const hi5_type *type, const struct msg_fill *fill,
                                      const uint64_t *chunk, unsigned rank,
                                      struct arena *a, struct pipeline *p,
                                      hi5_error *err);

#endif
