/*
 * errors.c - assertions that print a hi5_error; see support.h
 */
#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *
error_text(const hi5_error *err)
{
    static char text[2048];

    if (!err || err->status == HI5_OK)
        return "(no error)";
    snprintf(text, sizeof(text),
             "%s (structure \"%s\", field \"%s\", address 0x%" PRIx64 ")", err->message,
             err->structure ? err->structure : "NULL", err->field ? err->field : "NULL",
             err->address);
    return text;
}

void
check_at(const hi5_error *err, uint64_t address, const char *structure,
         const char *words, const char *file, int line)
{
    ck_assert_msg(err->address == address,
                  "%s:%d: address 0x%" PRIx64 ", not 0x%" PRIx64 ": %s", file, line,
                  err->address, address, error_text(err));
    ck_assert_msg(strcmp(err->structure, structure) == 0,
                  "%s:%d: structure is not \"%s\": %s", file, line, structure,
                  error_text(err));
    ck_assert_msg(strstr(err->message, words) != NULL, "%s:%d: \"%s\" is not in: %s",
                  file, line, words, error_text(err));
}
