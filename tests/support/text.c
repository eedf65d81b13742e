/*
 * text.c - a string that grows, and JSON strings
 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
make_room(struct text *t, size_t n)
{
    if (n >= t->room - t->n) {
        t->room = 2 * (t->n + n + 1);
        t->s = realloc(t->s, t->room);
        if (t->s == NULL) {
            fputs("out of memory\n", stderr);
            exit(2);
        }
    }
}

void
text_add_bytes(struct text *t, const char *s, size_t n)
{
    make_room(t, n);
    memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = '\0';
}

void
text_add(struct text *t, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (n < 0)
        return;
    make_room(t, (size_t)n);
    va_start(ap, format);
    vsnprintf(t->s + t->n, (size_t)n + 1, format, ap);
    va_end(ap);
    t->n += (size_t)n;
}

/* The length of the UTF-8 sequence at p, or 0: shortest forms only, no surrogates. */
static size_t
utf8_length(const unsigned char *p)
{
    /* lead bytes from, to; the second byte's range; length */
    static const unsigned char forms[][5] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        const unsigned char *const f = forms[i];

        if (p[0] < f[0] || p[0] > f[1])
            continue;
        if (f[4] > 1 && (p[1] < f[2] || p[1] > f[3]))
            return 0;
        for (size_t k = 2; k < f[4]; k++) /* a NUL ends this too */
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        return f[4];
    }
    return 0;
}

void
text_add_json(struct text *t, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;

    text_add_bytes(t, "\"", 1);
    while (*p != '\0') {
        const size_t n = utf8_length(p);

        if (n == 0)
            text_add(t, "\\udc%02x", *p);
        else if (*p < 0x20 || *p == 0x7f)
            text_add(t, "\\u%04x", *p);
        else if (*p == '"' || *p == '\\')
            text_add(t, "\\%c", *p);
        else
            text_add_bytes(t, (const char *)p, n);
        p += n ? n : 1;
    }
    text_add_bytes(t, "\"", 1);
}

void
text_free(struct text *t)
{
    free(t->s);
    *t = (struct text){0};
}
