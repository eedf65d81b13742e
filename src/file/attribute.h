/*
 * attribute.h - attributes, between the files that read and write them
 */
#ifndef HI5_ATTRIBUTE_H
#define HI5_ATTRIBUTE_H

#include "file/object.h"

/** The object that an attribute is of, as it was opened. */
HI5_INT hi5_object *attribute_object(const hi5_attribute *a);

/** Its elements as stored: info.size bytes. */
HI5_INT const uint8_t *attribute_bytes(const hi5_attribute *a);

/** hi5_attribute_write, but for the object's name in errors. */
HI5_INT hi5_status attribute_put(hi5_object *o, const char *name, const hi5_type *type,
                                 const hi5_shape *shape, const hi5_type *memory,
                                 const void *buf, hi5_error *err);

#endif
