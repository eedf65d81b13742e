/*
 * report.c - what check and map share: JSON strings, sizes for people
 *
 * SPDX-License-Identifier: MIT
 */
#include "report.h"

#include <string.h>

/* The length of a valid UTF-8 sequence at p, or 0. */
static size_t
utf8_length(const unsigned char *p)
{
    size_t n = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

    if (*p > 0xf4 || (*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
        (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

void
report_json_string(FILE *out, const char *text)
{
    cli_puts(out, "\"");
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t n = utf8_length(p);

        if (n == 0)
            cli_printf(out, "\\udc%02x", *p++);
        else if (*p < 0x20 || *p == 0x7f)
            cli_printf(out, "\\u%04x", *p++);
        else if (*p == '"' || *p == '\\')
            cli_printf(out, "\\%c", *p++);
        else {
            cli_write(out, p, n);
            p += n;
        }
    }
    cli_puts(out, "\"");
}

void
report_text(FILE *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7f)
            cli_printf(out, "\\%03o", c);
        else
            cli_write(out, p, 1);
    }
}

void
report_html(FILE *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t n = utf8_length(p);

        if (n == 0 || *p < 0x20 || *p == 0x7f)
            cli_printf(out, "\\%03o", *p++);
        else if (strchr("<>&\"'", *p) != NULL)
            cli_printf(out, "&#%u;", *p++);
        else {
            cli_write(out, p, n);
            p += n;
        }
    }
}

const char *
report_size(uint64_t bytes)
{
    static const char *const unit[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    static char text[2][32];
    static unsigned which;
    char *s = text[which = !which];
    double v = (double)bytes;
    int u = -1;

    while (v >= 1024 && u < 5) {
        v /= 1024;
        u++;
    }
    if (u < 0)
        snprintf(s, sizeof text[0], "%llu B", (unsigned long long)bytes);
    else
        snprintf(s, sizeof text[0], "%.1f %s", v, unit[u]);
    return s;
}
