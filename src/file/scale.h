/*
 * scale.h - dimension scales, between the files that know them
 */
#ifndef HI5_SCALE_H
#define HI5_SCALE_H

#include "file/object.h"

/** A new dataset has scales, as its DIMENSION_LIST says: enter it in the lists of those. What
 *  is no such list is left alone. */
HI5_INT hi5_status scale_enter(hi5_object *o, hi5_error *err);

#endif
