/*
 * text.h - a string that grows, and JSON strings; for test programs, which may exit
 * when memory runs out
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

struct text {
    char *s; /* NUL-terminated; NULL as long as nothing has been added */
    size_t n, room;
};

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void
text_add(struct text *t, const char *format, ...);
void text_add_bytes(struct text *t, const char *s, size_t n);
/** Add as a JSON string. UTF-8 stays; what is not UTF-8 becomes \udcXX, as Python's
 *  surrogateescape has it. */
void text_add_json(struct text *t, const char *s);
void text_free(struct text *t);

#endif
