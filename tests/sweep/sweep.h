/*
 * sweep.h - the codec sweep: what every on-disk structure has to go through
 *
 * A row names a structure, its _code function and real bytes of it. From that alone
 * the sweep proves: the bytes decode; encoding gives them back; measuring says their
 * number; every truncation is refused; no single flipped bit brings the decoder down,
 * and in a checksummed structure every one of them is noticed.
 *
 * Rows live in rows_<module>.c, one array per file, ended by a row of zeros:
 *
 *      static void
 *      fahd_row(struct cur *c, void *s)
 *      {
 *          fahd_code(c, s);
 *      }
 *
 *      const struct sweep_row sweep_rows_farray[] = {
 *          {"FAHD", fahd_row, "46414844 00 01 0e 0a ...", 8, 8, sizeof(struct fahd), true},
 *          {0},
 *      };
 *
 * The file name is what gets them found: sweep_rows_farray is in rows_farray.c.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cur.h"

struct sweep_row {
    const char *name; /* as it appears in test reports */
    void (*code)(struct cur *c,
                 void *s); /* calls <name>_code; may set up context in s */
    const char *hex;       /* golden bytes; blanks are skipped */
    unsigned off_w, len_w; /* the file's O and L */
    size_t size;           /* of the struct; it is zeroed before GET */
    bool checksummed;      /* every bit flip must be noticed */
    bool read_only;        /* PUT and SIZE are refused by design */
    bool open_ended;       /* a truncation may be legal */
};

#endif
