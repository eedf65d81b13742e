/*
 * report.h - what check and map share: JSON strings, sizes for people
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_REPORT_H
#define HI5_REPORT_H

#include "cli.h"

/** A JSON string with its quotes. Bytes that are not UTF-8 become \udcXX. */
void report_json_string(FILE *out, const char *text);
/** Text of a file on a terminal: no control characters. */
void report_text(FILE *out, const char *text);
/** The same inside HTML or SVG. */
void report_html(FILE *out, const char *text);
/** "17", "4.0 KiB", ...; static for the call after the next. */
const char *report_size(uint64_t bytes);

#endif
