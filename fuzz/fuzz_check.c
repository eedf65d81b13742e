/*
 * fuzz_check.c - check any bytes as a file, then read them: the cross oracle
 *
 * What must hold: no crash, no sanitizer report, no HI5_E_INTERNAL, no more memory than
 * the limit, no leak; and if the validator finds no error, everything reads.
 */
#include "mutate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_MEMORY (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_fail(const char *what, const struct mut_reading *r)
{
    fprintf(stderr, "%s: %s: %s\n", what, r->what, r->first.message);
    abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t live;
    const hi5_limits limits = {.size = sizeof limits, .memory = FUZZ_MEMORY,
                               .chunk_bytes = 16u << 20};
    const hi5_allocator allocator = mut_counted(&live);
    const hi5_open_options open = {.size = sizeof open, .limits = &limits,
                                   .allocator = &allocator,
                                   .others = HI5_OTHERS_FORBID, .threads = 1};
    struct mut_file f = {.path = "fuzz.h5", .n = size};
    struct mut_verdict v = {.status = HI5_OK};
    struct mut_reading r;

    f.bytes = malloc(size != 0 ? size : 1);
    if (f.bytes == NULL)
        abort();
    memcpy(f.bytes, data, size);
    mut_check(&f, &open, &v);
    mut_read(&f, &open, &r);
    free(f.bytes);
    if (r.internal || v.status == HI5_E_INTERNAL)
        fuzz_fail("an internal error", &r);
    if (!mut_agree(&v, &r))
        fuzz_fail("unreadable, and no error is found", &r);
    if (live != 0)
        fuzz_fail("memory leaked", &r);
    return 0;
}
